"""Which portal fails on which criterion of a codebook, and what that makes of each shortcoming.

Hands on :class:`Defects` of each round, the rules by which a portal has a shortcoming, and what is chosen of a
codebook.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import is_number
from portal_analysis.audit import crosswalk
from portal_analysis.audit.consensus import (
    CANT_TELL,
    MET,
    NOT_APPLICABLE,
    NOT_MET,
    PARTLY,
    decide,
    expected_criteria,
    tally_votes,
    votes,
)
from portal_analysis.audit.judgements import Audit, AuditError, shape

RULES = ("any", "share", "severity")
"""When a portal has a shortcoming.

* ``any``: at least one of its criteria is ``not_met``.
* ``share``: the mean defect of its criteria (``not_met`` 1, ``partly`` as given, ``met`` 0) reaches the
  threshold.
* ``severity``: the same, each criterion weighted with ``criteria.weight × codebook.share``.
"""

UNAUDITED = ("undecided", "ignore")
INTERVALS = ("incomplete", "superpopulation")


@dataclass(frozen=True, eq=False)
class Defects:
    """The verdicts of one round as the rules need them, and the codebook as matrices.

    ``defect`` is 0–1 for each (criterion, portal); ``failed``, ``audited`` and ``unknown`` are Boolean of
    that shape (unknown: neither audited nor not applicable). ``mapped`` and ``weights`` are (criterion,
    shortcoming).
    """

    round: str
    criteria: list[str]
    defect: np.ndarray
    failed: np.ndarray
    audited: np.ndarray
    unknown: np.ndarray
    mapped: np.ndarray
    weights: np.ndarray

    def without(self, criterion: str) -> Defects:
        """Return the same without one criterion in the codebook."""
        kept = np.array([name != criterion for name in self.criteria])[:, None]
        return Defects(
            self.round,
            self.criteria,
            self.defect,
            self.failed,
            self.audited,
            self.unknown,
            self.mapped * kept,
            self.weights * kept,
        )


@dataclass(frozen=True)
class Settings:
    """How a portal's shortcomings are decided; see :func:`shortcomings`."""

    scheme: str = "article"
    version: str | None = None
    threshold: float = 0.5
    partly: float = 0.5
    consensus: str = "majority"
    roll_up: str = "any-page-fails"
    unaudited: str = "undecided"


def versions(audit: Audit, scheme: str) -> list[str]:
    """Return the versions of the codebook for a scheme, lowest first; ``""`` where none is named.

    Raises
    ------
    AuditError
        If the codebook does not speak of the scheme.
    """
    codebook = audit.codebook.astype(object)
    mine = codebook[codebook["scheme"] == scheme]
    if not len(mine):
        known = sorted(codebook["scheme"].dropna().unique())
        raise AuditError(f"the codebook has no scheme {scheme!r}; it has {known}")
    return sorted(mine["version"].fillna("").unique(), key=_version_key)


def shortcoming_list(audit: Audit, scheme: str) -> pd.DataFrame:
    """Return the shortcomings of a scheme: ``shortcoming, label_en, label_vi``, those not measured included."""
    listed = audit.shortcomings.astype(object)
    listed = listed.loc[listed["scheme"] == scheme, ["shortcoming", "label_en", "label_vi"]]
    codebook = audit.codebook.astype(object)
    named = sorted(codebook.loc[codebook["scheme"] == scheme, "shortcoming"].unique())
    extra = [name for name in named if name not in set(listed["shortcoming"])]
    unlisted = pd.DataFrame({"shortcoming": extra, "label_en": extra, "label_vi": extra}, dtype=object)
    return pd.concat([listed, unlisted], ignore_index=True) if extra else listed.reset_index(drop=True)


def with_codebook(audit: Audit, codebook: pd.DataFrame | None) -> Audit:
    """Return the audit with the codebook given, else its own, else the shipped one for tools; checked like its own."""
    if codebook is None and len(audit.codebook):
        return audit
    rows = shape("codebook", crosswalk.tool_codebook() if codebook is None else codebook)
    judged = {
        *audit.criteria["criterion_id"].astype(object),
        *audit.judgements["criterion_id"].astype(object),
    }
    # The shipped codebook speaks of more criteria than any one audit has; another unknown name is a fault.
    apart = rows["criterion_id"].astype(object).isin(crosswalk.known_criteria() - judged)
    rows = rows[~apart]
    if not len(rows):
        raise AuditError(
            f"the codebook speaks of none of the audit's criteria; they are {sorted(judged)[:5]} …: give "
            "codebook= a table with criterion_id, scheme, shortcoming (tool_codebook() shows one)"
        )
    tables = {**audit.tables(), "codebook": rows}
    listed = crosswalk.shipped_shortcomings(rows)
    if not len(audit.shortcomings) and listed is not None:
        tables["shortcomings"] = listed
    return Audit(**tables, source=audit.source, simulated=audit.simulated, origin=audit.origin)


def _version_key(version: str) -> list[tuple[int, int | str]]:
    """Sort ``1.10`` after ``1.9``, and words after numbers."""
    return [(0, int(part)) if part.isdigit() else (1, part) for part in str(version).split(".")]


def chosen_codes(audit: Audit, settings: Settings) -> pd.DataFrame:
    """Return the rows of the codebook that are meant, with weights filled."""
    known = versions(audit, settings.scheme)
    version = known[-1] if settings.version is None else settings.version
    if version not in known:
        raise AuditError(f"the codebook of {settings.scheme!r} has no version {version!r}; it has {known}")
    codebook = audit.codebook.astype(object)
    rows = (codebook["scheme"] == settings.scheme) & (codebook["version"].fillna("") == version)
    return codebook[rows].assign(share=audit.codebook["share"].fillna(1.0), version=version)


def defects(audit: Audit, settings: Settings) -> Iterator[Defects]:
    """Yield the verdicts of each round on the criteria of the codebook, in the shape the rules need."""
    cast = votes(audit, settings.roll_up)
    verdict, _ = decide(tally_votes(cast), settings.consensus)
    chosen = chosen_codes(audit, settings)
    listed = shortcoming_list(audit, settings.scheme)["shortcoming"].tolist()
    pairs = expected_criteria(audit)
    weight = pairs["weight"].astype(float).fillna(1.0) if "weight" in pairs else pd.Series(1.0, pairs.index)
    for when in pairs["round"].unique():
        rows = np.flatnonzero((pairs["round"] == when) & pairs["criterion_id"].isin(chosen["criterion_id"]))
        said = verdict[rows]
        # What was looked at and could not be told leaves a portal undecided; what nobody looked at is not measured.
        measured = ((said <= MET) | (said == CANT_TELL)).any(axis=1)
        rows, said = rows[measured], said[measured]
        criteria = pairs["criterion_id"].iloc[rows].tolist()
        mapped, shares = _matrices(chosen, criteria, listed)
        defect = np.select([said == NOT_MET, said == PARTLY], [1.0, settings.partly], 0.0)
        unknown = (said > MET) & (said != NOT_APPLICABLE)
        weights = shares * weight.to_numpy()[rows][:, None]
        yield Defects(str(when), criteria, defect, said == NOT_MET, said <= MET, unknown, mapped, weights)


def _matrices(chosen: pd.DataFrame, criteria: list[str], listed: list[str]) -> tuple[np.ndarray, np.ndarray]:
    row = {name: place for place, name in enumerate(criteria)}
    column = {name: place for place, name in enumerate(listed)}
    mapped = np.zeros((len(criteria), len(listed)))
    shares = np.zeros_like(mapped)
    for name, shortcoming, share in zip(
        chosen["criterion_id"], chosen["shortcoming"], chosen["share"], strict=True
    ):
        if name in row:
            mapped[row[name], column[shortcoming]] = 1.0
            shares[row[name], column[shortcoming]] = float(share)
    return mapped, shares


def variants(each: Defects) -> Iterator[tuple[str | None, Defects]]:
    """Return the codebook as it is, then without each of its criteria."""
    yield None, each
    for criterion in each.criteria:
        yield criterion, each.without(criterion)


def concerned(each: Defects, left_out: str | None) -> np.ndarray:
    """Which shortcomings a criterion speaks of; all of them if none is left out."""
    if left_out is None:
        return np.ones(each.mapped.shape[1], dtype=bool)
    return each.mapped[each.criteria.index(left_out)] > 0


def portal_has(each: Defects, settings: Settings) -> dict[str, np.ndarray]:
    """For each rule, (shortcoming, portal): 1 has it, 0 has not, NaN undecided or not measured."""
    mapped = each.mapped.T
    failed = mapped @ each.failed
    audited, unknown = mapped @ each.audited, mapped @ each.unknown
    strict = settings.unaudited == "undecided"
    free = (audited > 0) & ((unknown == 0) | (not strict))
    found = {"any": np.select([failed > 0, free], [1.0, 0.0], np.nan)}
    for rule, weights in (("share", each.mapped), ("severity", each.weights)):
        low, high = defect_bounds(each, weights, strict)
        found[rule] = np.select(
            [low >= settings.threshold - 1e-12, high < settings.threshold - 1e-12], [1.0, 0.0], np.nan
        )
    return found


def defect_bounds(each: Defects, weights: np.ndarray, strict: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean defect if all that is unknown were met, and if none of it were; NaN where nothing was audited."""
    known = weights.T @ each.audited
    defect = weights.T @ (each.defect * each.audited)
    unknown = weights.T @ each.unknown if strict else np.zeros_like(known)
    total = np.where(known > 0, known + unknown, np.nan)
    return defect / total, (defect + unknown) / total


def check_settings(settings: Settings, rule: str | None, interval: str | None) -> None:
    """Refuse settings of shortcomings that are not known, all of them in one error."""
    faults: list[str] = []
    _refuse(faults, "rule", rule, (*RULES, None))
    _refuse(faults, "unaudited", settings.unaudited, UNAUDITED)
    _refuse(faults, "interval", interval, (*INTERVALS, None))
    if not is_number(settings.threshold) or not 0 < settings.threshold <= 1:
        faults.append(f"threshold is {settings.threshold!r}; it lies above 0 and is at most 1")
    if not is_number(settings.partly) or not 0 <= settings.partly <= 1:
        faults.append(f"partly is {settings.partly!r}; it lies between 0 and 1")
    if faults:
        raise AuditError.of(faults)


def _refuse(faults: list[str], name: str, value: Any, allowed: Collection[Any]) -> None:
    if value not in allowed:
        faults.append(f"{name} is {value!r}; it can be {', '.join(map(repr, allowed))}")
