"""Where assessors disagree, so that a disagreement is settled and not averaged away.

Hands on the list of portal × criterion cells on which votes differ, with every vote and its evidence.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from portal_analysis.audit.consensus import VERDICTS, Votes, decide, tally_votes, votes
from portal_analysis.audit.judgements import Audit

OPINIONS = ("not_met", "partly", "met", "not_applicable")


def disagreements(audit: Audit, consensus: str = "majority", roll_up: str = "any-page-fails") -> pd.DataFrame:
    """List the portals and criteria on which assessors differ, ties first, then the widest splits.

    Parameters
    ----------
    audit : Audit
    consensus, roll_up : str
        As in :func:`portal_analysis.audit.shares.shares`.

    Returns
    -------
    DataFrame
        ``round, criterion_id, portal_id, verdict, tie, votes``, the number of votes for each opinion,
        ``dissent`` (share of votes against the verdict), and one row for each assessor's vote:
        ``assessor_id, vote, evidence, comment`` of that assessor on that cell. Not ESTIMATES: a list to work
        through.
    """
    cast = votes(audit, roll_up)
    cells = _split_cells(cast, consensus)
    names = np.array(VERDICTS, dtype=object)
    ballots = cast.table.merge(cells, on=["pair", "portal"], suffixes=("_vote", ""))
    about = cast.pairs.iloc[ballots["pair"]].reset_index(drop=True)
    listed = pd.DataFrame(
        {
            "round": about["round"].astype(object),
            "criterion_id": about["criterion_id"].astype(object),
            "portal_id": np.array(cast.portals, dtype=object)[ballots["portal"]],
            "verdict": names[ballots["verdict"]],
            "tie": ballots["tie"],
            "votes": ballots["votes"],
            **{name: ballots[name] for name in OPINIONS},
            "dissent": ballots["dissent"],
            "assessor_id": np.array(cast.assessors, dtype=object)[ballots["assessor"]],
            "vote": names[ballots["verdict_vote"]],
        }
    )
    key = ["round", "criterion_id", "portal_id", "assessor_id"]
    listed = listed.merge(_notes(audit, key), on=key, how="left")
    order = ["tie", "dissent", "round", "criterion_id", "portal_id", "assessor_id"]
    return listed.sort_values(order, ascending=[False, False, True, True, True, True], ignore_index=True)


def _split_cells(cast: Votes, consensus: str) -> pd.DataFrame:
    """The cells in which there is more than one opinion."""
    tally = tally_votes(cast)
    verdict, tie = decide(tally, consensus)
    opinions = tally[..., [VERDICTS.index(name) for name in OPINIONS]]
    pair, portal = np.nonzero((opinions > 0).sum(axis=-1) > 1)
    counted = opinions[pair, portal]
    cells = pd.DataFrame({"pair": pair, "portal": portal, "verdict": verdict[pair, portal]})
    cells["tie"] = tie[pair, portal]
    cells["votes"] = counted.sum(axis=1)
    cells[list(OPINIONS)] = counted
    with_verdict = tally[pair, portal, np.minimum(cells["verdict"], tally.shape[-1] - 1)]
    cells["dissent"] = 1 - with_verdict / cells["votes"]
    return cells


def _notes(audit: Audit, key: list[str]) -> pd.DataFrame:
    """Evidence and comments of each vote; those of several pages are joined."""
    noted = audit.judgements[[*key, "evidence", "comment"]].astype(object)
    noted = noted[noted["evidence"].notna() | noted["comment"].notna()]
    if not len(noted):
        return noted
    joined = noted.groupby(key, sort=True)[["evidence", "comment"]]
    return joined.agg(_joined).reset_index()


def _joined(cells: pd.Series) -> str | None:
    return "; ".join(dict.fromkeys(cells.dropna())) or None
