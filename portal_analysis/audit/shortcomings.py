"""From criteria to shortcomings: which portals have which, by a codebook that the researcher can edit.

Hands on ESTIMATES of prevalence out of the portals that could be decided, their sensitivity to the
codebook, and co-occurrence; and the table portal × shortcoming behind them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.audit import crosswalk, intervals
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
from portal_analysis.audit.shares import finish, portal_groups, sum_by_group

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


def shortcomings(
    audit: Audit,
    scheme: str = "article",
    rule: str | None = None,
    threshold: float = 0.5,
    by: str | Sequence[str] | None = None,
    codebook: pd.DataFrame | None = None,
    version: str | None = None,
    interval: str | None = None,
    level: float = 0.95,
    partly: float = 0.0,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    unaudited: str = "undecided",
) -> pd.DataFrame:
    """Count the portals that have each shortcoming, out of those for which it could be decided.

    Parameters
    ----------
    audit : Audit
    scheme : str
        Which list of shortcomings: ``article``, ``reviewers``, or a scheme of the codebook's own.
    rule : {None, "any", "share", "severity"}
        See :data:`RULES`; None shows all three, which is what a reader should see first.
    threshold : float
        For ``share`` and ``severity``, in (0, 1].
    by : str or sequence of str, optional
        Columns of ``portals``, such as ``province_code``.
    codebook : DataFrame, optional
        ``criterion_id, scheme, shortcoming, share, version`` instead of the audit's own. An audit that has none,
        such as one read from reports of tools, is read by
        :func:`~portal_analysis.audit.crosswalk.tool_codebook`.
    version : str, optional
        Which version of the codebook; the highest if not given.
    interval : {None, "incomplete", "superpopulation"}
        As in :func:`portal_analysis.audit.shares.shares`; the unknown portals of ``incomplete`` are the
        undecided.
    level : float
    partly : float
        How much of a defect ``partly`` is, 0–1; 0 counts only what is ``not_met``.
    consensus, roll_up : str
        As in :func:`portal_analysis.audit.shares.shares`.
    unaudited : {"undecided", "ignore"}
        What a criterion means that was not audited on a portal, though it was on others. ``undecided``: a
        portal has the shortcoming only if it would whatever that criterion said, and is free of it only if
        it would be whatever it said; else it is undecided and outside the base. A criterion that could be
        told on no portal (``cant_tell``) leaves them undecided too. ``ignore``: judge by what was audited.

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``shortcoming``; domains ``round``, those of ``by``, ``shortcoming``
        and ``rule``. ``count`` portals have it out of ``base`` decided ones; ``undecided`` and
        ``n_portals`` stand beside. Extras: ``n_criteria`` (measured in that round), ``n_codebook`` (that
        the codebook names), ``bound_low, bound_high`` (if all undecided portals were free of it, or had
        it), ``label_en, label_vi, scheme, codebook`` (version), ``threshold``. A shortcoming that no
        criterion of the round measures, or that could be decided for no portal, has no count, no estimate and
        the flag ``not measured``; it is never 0.

    Raises
    ------
    AuditError
        If the scheme, the version, a rule or a column is unknown, or the codebook is not in order.

    Notes
    -----
    Under ``any``, a portal with a failed criterion is decided even if others were not audited, while one without is
    not; with many gaps ``count / base`` therefore leans upwards. ``bound_low`` and ``bound_high`` hold the truth.
    """
    settings = Settings(scheme, version, threshold, partly, consensus, roll_up, unaudited)
    _check(settings, rule, interval)
    audit = _with_codebook(audit, codebook)
    names = [by] if isinstance(by, str) else list(by or [])
    number, groups = portal_groups(audit, audit.portal_ids(), names)
    listed = shortcoming_list(audit, scheme)
    wanted = RULES if rule is None else (rule,)
    parts = [
        _prevalence(each, listed, has, kind, number, groups)
        for each in defects(audit, settings)
        for kind, has in _portal_has(each, settings).items()
        if kind in wanted
    ]
    rows = _finished(audit, pd.concat(parts, ignore_index=True), settings, interval, level)
    rows = rows.sort_values(["round", "place"], kind="stable").drop(columns="place")
    return finish(audit, rows, ["round", *names, "shortcoming", "rule"])


def portal_shortcomings(
    audit: Audit,
    scheme: str = "article",
    threshold: float = 0.5,
    codebook: pd.DataFrame | None = None,
    version: str | None = None,
    partly: float = 0.0,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    unaudited: str = "undecided",
) -> pd.DataFrame:
    """Say for every portal and round which shortcomings it has, by all three rules.

    Parameters
    ----------
    audit, scheme, threshold, codebook, version, partly, consensus, roll_up, unaudited
        As in :func:`shortcomings`.

    Returns
    -------
    DataFrame
        One row a round, portal and shortcoming: ``n_criteria`` measured in the round, ``n_audited``,
        ``n_failed`` and ``n_unknown`` on the portal, ``defect_share`` and ``defect_severity`` (0–1, of what
        was audited), and ``any, share, severity``: True, False, or missing where it is undecided or not
        measured. Not ESTIMATES.
    """
    settings = Settings(scheme, version, threshold, partly, consensus, roll_up, unaudited)
    _check(settings, None, None)
    audit = _with_codebook(audit, codebook)
    listed, portals = shortcoming_list(audit, scheme), audit.portal_ids()
    parts = [_portal_table(each, settings, listed, portals) for each in defects(audit, settings)]
    return pd.concat(parts, ignore_index=True)


def sensitivity(
    audit: Audit,
    scheme: str = "article",
    rule: str = "any",
    threshold: float = 0.5,
    codebook: pd.DataFrame | None = None,
    partly: float = 0.0,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    unaudited: str = "undecided",
) -> pd.DataFrame:
    """Show how much each prevalence hangs on one criterion, and on which version of the codebook is used.

    Parameters
    ----------
    audit, scheme, threshold, codebook, partly, consensus, roll_up, unaudited
        As in :func:`shortcomings`.
    rule : {"any", "share", "severity"}

    Returns
    -------
    DataFrame
        ESTIMATES with the domains ``round, shortcoming, codebook`` (every version there is) and
        ``left_out`` (a criterion; missing for the whole codebook). The extra ``change`` is the difference
        to the whole codebook of the same version, on 0–1. A shortcoming that only the criterion left out
        measures is ``not measured``.
    """
    base = Settings(scheme, None, threshold, partly, consensus, roll_up, unaudited)
    _check(base, rule, None)
    audit = _with_codebook(audit, codebook)
    number, groups = portal_groups(audit, audit.portal_ids(), [])
    listed = shortcoming_list(audit, scheme)
    parts = []
    for version in versions(audit, scheme):
        settings = Settings(scheme, version, threshold, partly, consensus, roll_up, unaudited)
        for each in defects(audit, settings):
            for left_out, variant in _variants(each):
                rows = _prevalence(
                    variant, listed, _portal_has(variant, settings)[rule], rule, number, groups
                )
                rows["left_out"] = left_out
                parts.append(rows[_concerned(each, left_out)].assign(codebook=version))
    table = pd.concat(parts, ignore_index=True)
    whole = table[table["left_out"].isna()].set_index(["round", "shortcoming", "codebook"])["estimate"]
    key = pd.MultiIndex.from_frame(table[["round", "shortcoming", "codebook"]])
    table["change"] = table["estimate"] - whole.reindex(key).to_numpy()
    return finish(
        audit, table.drop(columns="place"), ["round", "shortcoming", "rule", "codebook", "left_out"]
    )


def co_occurrence(
    audit: Audit,
    scheme: str = "article",
    rule: str = "any",
    threshold: float = 0.5,
    codebook: pd.DataFrame | None = None,
    version: str | None = None,
    partly: float = 0.0,
    consensus: str = "majority",
    roll_up: str = "any-page-fails",
    unaudited: str = "undecided",
) -> pd.DataFrame:
    """Count the portals that have two shortcomings together, for every pair.

    Parameters
    ----------
    audit, scheme, threshold, codebook, version, partly, consensus, roll_up, unaudited
        As in :func:`shortcomings`.
    rule : {"any", "share", "severity"}

    Returns
    -------
    DataFrame
        ESTIMATES with the indicator ``co-occurrence`` and the domains ``round, shortcoming,
        with_shortcoming`` (both orders and the diagonal: a full square). ``count`` portals have both, of
        ``base`` for which both are decided. Extras: ``first_only, second_only, neither``, ``jaccard`` (both
        / at least one), ``phi``, ``p_value`` (Fisher's exact test, two-sided) and ``p_holm`` (Holm over the
        pairs of a round that have one).

    Notes
    -----
    R. Fisher, *Statistical Methods for Research Workers*, 5th ed. 1934, § 21.02; S. Holm, *Scand. J. Statist.* 6
    (1979) 65–70; P. Jaccard, *New Phytologist* 11 (1912) 37–50. A pair in which everybody or nobody has one of the
    two has no test: its p-value would be 1 whatever the portals were like, so it is left missing.
    """
    settings = Settings(scheme, version, threshold, partly, consensus, roll_up, unaudited)
    _check(settings, rule, None)
    audit = _with_codebook(audit, codebook)
    listed = shortcoming_list(audit, scheme)
    parts = [
        _square(each.round, _portal_has(each, settings)[rule], listed) for each in defects(audit, settings)
    ]
    rows = pd.concat(parts, ignore_index=True).assign(rule=rule, scheme=scheme)
    return finish(audit, rows, ["round", "shortcoming", "with_shortcoming"])


# ---------------------------------------------------------------------------------------------- codebook


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


def _with_codebook(audit: Audit, codebook: pd.DataFrame | None) -> Audit:
    """The audit with the codebook given, else its own, else the shipped one for tools; checked like its own."""
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
    return Audit(**tables, source=audit.source, simulated=audit.simulated)


def _version_key(version: str) -> list[tuple[int, int | str]]:
    """Sort ``1.10`` after ``1.9``, and words after numbers."""
    return [(0, int(part)) if part.isdigit() else (1, part) for part in str(version).split(".")]


def _chosen(audit: Audit, settings: Settings) -> pd.DataFrame:
    """The rows of the codebook that are meant, with weights filled."""
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
    chosen = _chosen(audit, settings)
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


def _variants(each: Defects) -> Iterator[tuple[str | None, Defects]]:
    """The codebook as it is, then without each of its criteria."""
    yield None, each
    for criterion in each.criteria:
        yield criterion, each.without(criterion)


def _concerned(each: Defects, left_out: str | None) -> np.ndarray:
    """Which shortcomings a criterion speaks of; all of them if none is left out."""
    if left_out is None:
        return np.ones(each.mapped.shape[1], dtype=bool)
    return each.mapped[each.criteria.index(left_out)] > 0


# ---------------------------------------------------------------------------------------------- rules


def _portal_has(each: Defects, settings: Settings) -> dict[str, np.ndarray]:
    """For each rule, (shortcoming, portal): 1 has it, 0 has not, NaN undecided or not measured."""
    mapped = each.mapped.T
    failed = mapped @ each.failed
    audited, unknown = mapped @ each.audited, mapped @ each.unknown
    strict = settings.unaudited == "undecided"
    free = (audited > 0) & ((unknown == 0) | (not strict))
    found = {"any": np.select([failed > 0, free], [1.0, 0.0], np.nan)}
    for rule, weights in (("share", each.mapped), ("severity", each.weights)):
        low, high = _defect_bounds(each, weights, strict)
        found[rule] = np.select(
            [low >= settings.threshold - 1e-12, high < settings.threshold - 1e-12], [1.0, 0.0], np.nan
        )
    return found


def _defect_bounds(each: Defects, weights: np.ndarray, strict: bool) -> tuple[np.ndarray, np.ndarray]:
    """The mean defect if all that is unknown were met, and if none of it were; NaN where nothing was audited."""
    known = weights.T @ each.audited
    defect = weights.T @ (each.defect * each.audited)
    unknown = weights.T @ each.unknown if strict else np.zeros_like(known)
    total = np.where(known > 0, known + unknown, np.nan)
    return defect / total, (defect + unknown) / total


def _portal_table(
    each: Defects, settings: Settings, listed: pd.DataFrame, portals: list[str]
) -> pd.DataFrame:
    names = listed["shortcoming"].to_numpy(dtype=object)
    table = pd.DataFrame(
        {
            "round": each.round,
            "portal_id": np.tile(np.array(portals, dtype=object), len(names)),
            "shortcoming": np.repeat(names, len(portals)),
        }
    )
    table["n_criteria"] = np.repeat(each.mapped.sum(axis=0).astype(int), len(portals))
    for name, values in (
        ("n_audited", each.audited),
        ("n_failed", each.failed),
        ("n_unknown", each.unknown),
    ):
        table[name] = (each.mapped.T @ values).astype(int).ravel()
    table["defect_share"] = _defect_bounds(each, each.mapped, strict=False)[0].ravel()
    table["defect_severity"] = _defect_bounds(each, each.weights, strict=False)[0].ravel()
    for rule, has in _portal_has(each, settings).items():
        table[rule] = pd.array(has.ravel(), dtype="Float64")
        table[rule] = table[rule].where(~np.isnan(has.ravel())).astype("boolean")
    return table.sort_values(["portal_id", "shortcoming"], kind="stable", ignore_index=True)


def _prevalence(
    each: Defects,
    listed: pd.DataFrame,
    has: np.ndarray,
    rule: str,
    number: np.ndarray,
    groups: pd.DataFrame,
) -> pd.DataFrame:
    """One row a shortcoming and group of portals."""
    n_groups = len(groups)
    states = np.stack([has == 1, has == 0, np.isnan(has)], axis=-1)
    counts = sum_by_group(states, number, n_groups).reshape(-1, 3)
    place = np.repeat(np.arange(len(listed)), n_groups)
    rows = listed.iloc[place].reset_index(drop=True).assign(place=place, round=each.round, rule=rule)
    for name in groups.columns:
        rows[name] = np.tile(groups[name].to_numpy(dtype=object), len(listed))
    n_criteria = each.mapped.sum(axis=0).astype(int)[place]
    rows["indicator"], rows["unit"], rows["counted"] = "shortcoming", "proportion", "portals"
    rows["count"], rows["base"] = counts[:, 0].astype(float), counts[:, :2].sum(axis=1)
    rows["n"], rows["n_portals"] = rows["base"], counts.sum(axis=1)
    rows["undecided"] = np.where(n_criteria > 0, counts[:, 2], 0)
    rows["estimate"] = rows["count"] / rows["base"].where(rows["base"] > 0)
    rows["count"] = rows["count"].where(rows["base"] > 0)
    low, high = intervals.worst_and_best(rows["count"].fillna(0.0), rows["base"], rows["undecided"])
    return rows.assign(n_criteria=n_criteria, bound_low=low, bound_high=high)


def _finished(
    audit: Audit, rows: pd.DataFrame, settings: Settings, interval: str | None, level: float
) -> pd.DataFrame:
    if interval == "superpopulation":
        rows["ci_low"], rows["ci_high"] = intervals.wilson(rows["count"], rows["base"], level)
    if interval == "incomplete":
        rows["ci_low"], rows["ci_high"] = rows["bound_low"], rows["bound_high"]
    chosen = _chosen(audit, settings)
    named = chosen.groupby("shortcoming")["criterion_id"].nunique()
    rows["n_codebook"] = rows["shortcoming"].map(named).fillna(0).astype(int)
    rows["interval"], rows["level"] = interval or "", level if interval == "superpopulation" else np.nan
    return rows.assign(
        scheme=settings.scheme,
        codebook=chosen["version"].iloc[0],
        threshold=np.where(rows["rule"] == "any", np.nan, settings.threshold),
        consensus=settings.consensus,
        roll_up=settings.roll_up,
        unaudited=settings.unaudited,
    )


# ---------------------------------------------------------------------------------------------- together


def _square(when: str, has: np.ndarray, listed: pd.DataFrame) -> pd.DataFrame:
    """Every ordered pair of shortcomings of a round with its fourfold table."""
    names = listed["shortcoming"].tolist()
    rows = []
    for first, one in enumerate(names):
        for second, other in enumerate(names):
            known = ~np.isnan(has[first]) & ~np.isnan(has[second])
            a, b = has[first][known] == 1, has[second][known] == 1
            cells = [int(np.sum(each)) for each in (a & b, a & ~b, ~a & b, ~a & ~b)]
            rows.append((when, one, other, *cells))
    columns = ["round", "shortcoming", "with_shortcoming", "count", "first_only", "second_only", "neither"]
    table = pd.DataFrame(rows, columns=columns).assign(indicator="co-occurrence", unit="proportion")
    table["counted"] = "portals"
    four = table[["count", "first_only", "second_only", "neither"]].astype(float)
    table["base"] = table["n"] = four.sum(axis=1).astype(int)
    table["estimate"] = four["count"] / table["base"].where(table["base"] > 0)
    either = four.drop(columns="neither").sum(axis=1)
    table["jaccard"] = four["count"] / either.where(either > 0)
    tests = [_association(row) for row in four.itertuples(index=False)]
    table["phi"] = [phi for phi, _ in tests]
    table["p_value"] = np.where(
        table["shortcoming"] == table["with_shortcoming"], np.nan, [p for _, p in tests]
    )
    table["p_holm"] = _holm(table)
    four_counts = ["count", "first_only", "second_only", "neither"]
    return table.assign(**{name: four[name].where(table["base"] > 0) for name in four_counts})


def _association(cells: Any) -> tuple[float, float]:
    """Phi and Fisher's exact p of a fourfold table; missing if a margin is empty."""
    from scipy import stats

    both, first, second, neither = cells
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    if margins == 0:
        return np.nan, np.nan
    p_value = stats.fisher_exact([[both, first], [second, neither]]).pvalue
    return (both * neither - first * second) / np.sqrt(margins), float(p_value)


def _holm(table: pd.DataFrame) -> pd.Series:
    """Holm's adjusted p over the unordered pairs of a round, given to both orders."""
    once = table[(table["shortcoming"] < table["with_shortcoming"]) & table["p_value"].notna()]
    ordered = once.sort_values("p_value", kind="stable")
    factor = np.arange(len(ordered), 0, -1)
    adjusted = np.minimum(np.maximum.accumulate(ordered["p_value"].to_numpy() * factor), 1.0)
    pairs = zip(ordered["shortcoming"], ordered["with_shortcoming"], strict=True)
    found = {frozenset(pair): p for pair, p in zip(pairs, adjusted, strict=True)}
    keys = zip(table["shortcoming"], table["with_shortcoming"], strict=True)
    return pd.Series([found.get(frozenset(key), np.nan) for key in keys], index=table.index)


def _check(settings: Settings, rule: str | None, interval: str | None) -> None:
    faults: list[str] = []
    _refuse(faults, "rule", rule, (*RULES, None))
    _refuse(faults, "unaudited", settings.unaudited, UNAUDITED)
    _refuse(faults, "interval", interval, (*INTERVALS, None))
    if not 0 < settings.threshold <= 1:
        faults.append(f"threshold is {settings.threshold!r}; it lies above 0 and is at most 1")
    if not 0 <= settings.partly <= 1:
        faults.append(f"partly is {settings.partly!r}; it lies between 0 and 1")
    if faults:
        raise AuditError("; ".join(faults))


def _refuse(faults: list[str], name: str, value: Any, allowed: Collection[Any]) -> None:
    if value not in allowed:
        faults.append(f"{name} is {value!r}; it can be {', '.join(map(repr, allowed))}")
