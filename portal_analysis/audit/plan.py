"""The next round: how many pages and assessors a wanted margin takes, what that costs, and a rubric to fill in.

Takes an audit, or a table of criteria; hands on tables and a folder that
:func:`~portal_analysis.audit.readers.read_audit` reads.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import is_number
from portal_analysis.audit.ballots import ballots
from portal_analysis.audit.judgements import LEVEL_SEPARATOR, Audit, AuditError, outcome_of
from portal_analysis.audit.shares import finish
from portal_analysis.sizes import SizeError, rounded_up, size_for_margin

MOST_ASSESSORS = 15
RUBRIC_COLUMNS = (
    "portal_id", "page_id", "criterion_id", "group", "wording_en", "wording_vi", "assessor", "round", "rating",
    "evidence", "comment",
)  # fmt: skip
WIDTHS = {"wording_en": 50, "wording_vi": 50, "evidence": 30, "comment": 30}
UNREADABLE = "too-much-disagreement"
"""Two assessors differ as often as if both guessed: no number of them settles it, the wording has to be mended."""


def pages_for_margin(margin: float, of: float = np.inf, share: float = 0.5, level: float = 0.95) -> int:
    """Return how many random pages of a portal give the share of failing pages within a margin.

    Parameters
    ----------
    margin : float
        Half the width of the interval, as a share: 0.1 is ten points.
    of : float
        Pages of the portal.
    share : float
        The share that is expected; 0.5 is the worst case.
    level : float

    Returns
    -------
    int

    Notes
    -----
    The formula of :func:`portal_analysis.sizes.size_for_margin`.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> pa.pages_for_margin(0.1), pa.pages_for_margin(0.1, of=100)
    (97, 50)
    """
    if not is_number(of) or not of >= 1:
        raise AuditError(f"of is {of!r}; a portal has one page at least")
    try:
        return rounded_up(size_for_margin(margin, share, of, level), of)
    except SizeError as error:
        raise AuditError(str(error)) from error


def assessors_needed(audit: Audit, wrong: float = 0.05, roll_up: str = "any-page-fails") -> pd.DataFrame:
    """Estimate how many assessors each criterion needs for a majority that is seldom wrong.

    Parameters
    ----------
    audit : Audit
        A round in which cells were rated twice.
    wrong : float
        How often the majority may be wrong.
    roll_up : str

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``assessors needed``, domains ``round`` and ``criterion_id``; ``n`` = ``base``
        cells rated twice. Extras: ``disagreement`` of two assessors, ``error`` of one, ``wrong`` of the majority of
        so many. Missing with ``note`` where 15 do not suffice (``too-much-disagreement``); ``not measured`` where
        nobody rated twice.

    Notes
    -----
    Two assessors who each err with probability e, independently and between two levels, differ with ``d = 2 e (1 −
    e)``, so ``e = (1 − √(1 − 2 d)) / 2``; the majority of an odd m is wrong with ``P(B(m, e) > m / 2)`` (M. de
    Condorcet 1785). An error that all share is not seen in disagreement.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> needed = pa.assessors_needed(latest)
    >>> print(needed[["criterion_id", "estimate"]].head(2).to_string(index=False))
         criterion_id  estimate
    disability_access       5.0
        2024_i_compat       3.0
    """
    from scipy import stats

    if not is_number(wrong) or not 0 < wrong < 0.5:
        raise AuditError(f"wrong is {wrong!r}; it lies between 0 and 0.5")
    cast = ballots(audit, roll_up)
    rows = []
    for place, rating in enumerate(cast.rating):
        counts = (rating[..., None] == np.arange(max(int(rating.max()) + 1, 1))).sum(axis=1)
        size = counts.sum(axis=1)
        twice = size > 1
        pairs = (size * (size - 1))[twice]
        same = (counts * (counts - 1)).sum(axis=1)[twice]
        n = int(twice.sum())
        apart = float(1 - (same / pairs).mean()) if n else np.nan
        error = float((1 - np.sqrt(1 - 2 * apart)) / 2) if apart < 0.5 else np.nan
        row = cast.pairs.iloc[place]
        found: dict[str, Any] = {
            "round": row["round"],
            "criterion_id": row["criterion_id"],
            "n": n,
            "base": n,
        }
        found |= {"disagreement": apart, "error": error, "estimate": np.nan, "wrong": np.nan}
        found["note"] = "" if n == 0 else UNREADABLE
        for m in range(1, MOST_ASSESSORS + 1, 2):
            chance = float(stats.binom.sf(m // 2, m, error)) if not np.isnan(error) else np.nan
            if chance <= wrong:
                found |= {"estimate": m, "wrong": chance, "note": ""}
                break
        rows.append(found)
    table = pd.DataFrame(rows).assign(indicator="assessors needed", unit="count", measure="count")
    return finish(audit, table, ["round", "criterion_id"])


def plan_round(
    portals: int,
    criteria: int,
    assessors: Sequence[int] = (1, 2, 3),
    margins: Sequence[float] = (0.05, 0.1, 0.2),
    of: float = np.inf,
    minutes: float = 5.0,
    hourly: float = 0.0,
    share: float = 0.5,
    level: float = 0.95,
) -> pd.DataFrame:
    """Lay out what a round would take, for each number of assessors and each margin.

    Parameters
    ----------
    portals, criteria : int
    assessors : sequence of int
        Assessors a criterion.
    margins : sequence of float
        Of the share of a portal's pages that fail; see :func:`pages_for_margin`.
    of : float
        Pages of a portal.
    minutes : float
        For one criterion on one page.
    hourly : float
        Cost of an hour of an assessor, in any currency.
    share, level : float

    Returns
    -------
    DataFrame
        ``margin, assessors, pages`` (a portal), ``judgements, hours, cost``. Not ESTIMATES: arithmetic of a plan.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> plan = pa.plan_round(portals=63, criteria=12, margins=[0.1], assessors=[2], of=200)
    >>> print(plan[["assessors", "pages", "judgements", "hours"]].to_string(index=False))
     assessors  pages  judgements  hours
             2     66       99792 8316.0
    """
    for name, value in (
        ("portals", portals),
        ("criteria", criteria),
        *(("assessors", one) for one in assessors),
    ):
        if value < 1:
            raise AuditError(f"{name} is {value!r}; it is 1 or more")
    if minutes < 0 or hourly < 0:
        raise AuditError(f"minutes and hourly are {minutes!r} and {hourly!r}; neither is below 0")
    rows = []
    for margin in margins:
        pages = pages_for_margin(margin, of, share, level)
        for each in assessors:
            judgements = portals * criteria * pages * each
            hours = judgements * minutes / 60
            rows.append((margin, each, pages, judgements, hours, hours * hourly))
    return pd.DataFrame(rows, columns=["margin", "assessors", "pages", "judgements", "hours", "cost"])


def write_rubric(
    audit: Audit, folder: str | Path, round: str, assessors: Sequence[str], pages: bool = False
) -> Path:
    """Write a rubric for the next round: a sheet an assessor, the levels to choose from in every cell.

    Parameters
    ----------
    audit : Audit
        Whose portals, criteria and, if ``pages``, pages are to be judged. Criteria of several rounds: those of the
        last.
    folder : str or Path
        Made if it is not there. Gets ``rubric.xlsx`` and ``mapping.json``.
    round : str
        The name of the round to come.
    assessors : sequence of str
        Their ids; each gets a sheet.
    pages : bool
        A row for each page of a portal, or one a portal.

    Returns
    -------
    Path
        The folder; ``read_audit`` of it gives what was filled in, and ``not_tested`` for the rest.

    Raises
    ------
    AuditError
        If there are no assessors, names that no sheet can have, no portals or no criteria.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> latest = pa.load_audit("portal-review-simulated").only(round="2024")
    >>> folder = pa.write_rubric(latest, "sheets", "2025", ["expert 1", "expert 2"])
    >>> print(sorted(path.name for path in folder.iterdir()))
    ['mapping.json', 'rubric.xlsx']
    """
    if isinstance(assessors, str):
        raise AuditError(f"assessors is {assessors!r}; it must be a list of texts, one an assessor")
    names = [str(name) for name in assessors]
    bad = [name for name in names if not name or len(name) > 31 or any(mark in name for mark in "[]:*?/\\'")]
    if not names or bad or len({name.casefold() for name in names}) < len(names):
        raise AuditError(f"assessors are {names}; each needs a name of its own that a sheet can have ({bad})")
    criteria = _criteria_to_come(audit)
    places = _places(audit, pages)
    if not len(criteria) or not len(places):
        raise AuditError("a rubric needs a table of criteria and portals")
    rows = places.merge(criteria, how="cross").assign(round=round, rating="", evidence="", comment="")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write_sheets(rows, names, folder / "rubric.xlsx")
    mapping = {
        "shape": "long",
        "columns": _columns(pages, "wording_en" if criteria["wording_en"].ne("").any() else "wording_vi"),
        "criteria_levels": {row.criterion_id: _meaning(row) for row in criteria.itertuples() if row.levels},
    }
    text = json.dumps(mapping, ensure_ascii=False, indent=1)
    (folder / "mapping.json").write_text(text + "\n", encoding="utf-8")
    return folder


def _columns(pages: bool, wording: str) -> dict[str, str]:
    same = {"portal": "portal_id", "criterion": "criterion_id", "wording": wording}
    own = {name: name for name in ("group", "assessor", "round", "rating", "evidence", "comment")}
    return {**same, **({"page": "page_id"} if pages else {}), **own}


def _criteria_to_come(audit: Audit) -> pd.DataFrame:
    """Return the criteria of the last round, one row each, with text in every cell."""
    table = audit.criteria.astype(object)
    last = audit.rounds()[-1:] or sorted(table["round"].dropna().unique())[-1:]
    table = table[table["round"].isna() | table["round"].isin(last)].drop_duplicates(
        "criterion_id", keep="last"
    )
    columns = ["criterion_id", "group", "wording_en", "wording_vi", "levels", "good_from", "scale"]
    return table[columns].astype(object).where(table[columns].notna(), "").reset_index(drop=True)


def _places(audit: Audit, pages: bool) -> pd.DataFrame:
    if pages and not len(audit.pages):
        raise AuditError("the audit lists no pages; take pages=False")
    if pages:
        return audit.pages[["portal_id", "page_id"]].astype(object).reset_index(drop=True)
    return pd.DataFrame({"portal_id": audit.portal_ids(), "page_id": ""}, dtype=object)


def _meaning(row: Any) -> dict[str, str]:
    """Return what each level of a criterion means, worst first."""
    levels = [part.strip() for part in row.levels.split(LEVEL_SEPARATOR)]
    return {word: str(outcome_of(word, levels, row.good_from or None)) for word in levels}


def _write_sheets(rows: pd.DataFrame, assessors: list[str], path: Path) -> None:
    import xlsxwriter

    columns = [name for name in RUBRIC_COLUMNS if name != "page_id" or rows["page_id"].ne("").any()]
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        wrapped, free = (
            book.add_format({"text_wrap": True, "valign": "top"}),
            book.add_format({"bg_color": "#FFF8DC"}),
        )
        for assessor in assessors:
            sheet = book.add_worksheet(assessor)
            sheet.freeze_panes(1, 0)
            for place, name in enumerate(columns):
                sheet.write_string(0, place, name, head)
                filled = name in ("rating", "evidence", "comment")
                sheet.set_column(place, place, WIDTHS.get(name, 16), free if filled else wrapped)
            for line, row in enumerate(rows.assign(assessor=assessor).itertuples(), start=1):
                for place, name in enumerate(columns):
                    text = str(getattr(row, name))  # a cell of text, never a formula
                    if text:
                        sheet.write_string(line, place, text)
                if row.levels:
                    choices = [one.strip() for one in str(row.levels).split(LEVEL_SEPARATOR)]
                    if sum(map(len, choices)) + len(choices) < 255:
                        spot = columns.index("rating")
                        sheet.data_validation(line, spot, line, spot, {"validate": "list", "source": choices})
