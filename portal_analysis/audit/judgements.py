"""The audit as one value: the long table of judgements and its companions, with every key checked.

Hands on :class:`Audit`. What its tables hold is data (:mod:`portal_analysis.audit.schema`), what ratings mean stands in
:mod:`portal_analysis.audit.ratings`.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis import codebook, datasets
from portal_analysis.arguments import misfits
from portal_analysis.audit.ratings import (
    AUDITED,
    LEVEL_SEPARATOR,
    OUTCOMES,
    outcome_of,
    rate,
    rating_faults,
    scale_table,
    split_levels,
)
from portal_analysis.audit.schema import (
    TABLES,
    AuditError,
    Table,
    checked,
    key_faults,
    only_repeats,
    raise_all,
    shape,
)
from portal_analysis.languages import in_each
from portal_analysis.origins import Origin, of_dataset, remember
from portal_analysis.steps import derived, made_by

__all__ = [
    "ASSESSOR_KINDS",
    "AUDITED",
    "LEVEL_SEPARATOR",
    "MODES",
    "OUTCOMES",
    "REPORTS",
    "RUN_STATUSES",
    "SCALES",
    "TABLES",
    "Audit",
    "AuditError",
    "Table",
    "load_audit",
    "outcome_of",
    "rate",
    "scale_table",
    "shape",
    "split_levels",
]

SCALES = TABLES["criteria"].words("scale")
MODES = TABLES["criteria"].words("mode")
ASSESSOR_KINDS = TABLES["assessors"].words("kind")

RUN_STATUSES = TABLES["runs"].words("status")
"""What became of a visit. ``ok`` saw the page that was meant; ``unknown``: the file does not say.

``error``: the tool failed, or the server answered with an error (``http_status`` says which); ``unreachable``:
no answer; ``not_run``: nobody looked. The rest saw something else: the browser's own error page, another site,
another page of the site, a log-in page, a page that keeps robots out.
"""

REPORTS = TABLES["assessors"].words("reports")
"""What an assessor's files tell: also what is in order, or problems only, so that silence is no pass."""

FIELDS = {**dict.fromkeys(TABLES, pd.DataFrame | None), "source": str | None, "origin": Origin | None}
"""What an audit may be made of."""


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """Judgements of portals by people and tools, with the tables that say what they are about.

    Reasons to be a class: the tables are only meaningful together, and no function downstream should have to
    check their keys again. A change is a new value: ``dataclasses.replace`` or :meth:`only`.

    Parameters
    ----------
    judgements : DataFrame
        One row a judgement; columns as in :data:`TABLES`. A tidy frame with the required columns is enough.
    criteria, portals, assessors, pages, codebook, shortcomings, feedback, runs : DataFrame, optional
        The companions. One that is absent becomes an empty frame with the right columns, and keys into it
        are not checked. Without ``portals`` the portals are those that were judged, so that portals nobody
        reached cannot be counted as missing.
    source : str
        Id of the dataset; becomes the ``source`` of every estimate.
    simulated : bool
        If true, every estimate carries the flag ``simulated``.
    origin : Origin, optional
        The files or the dataset that it was read from; set by the readers.

    Raises
    ------
    AuditError
        All faults in one: columns that are missing, words that are not allowed, keys that are repeated or
        lead nowhere, ratings that are no level of their criterion or contradict their outcome.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> judged = pd.DataFrame({"portal_id": ["a", "b"], "criterion_id": "k", "assessor_id": "x", "round": "1",
    ...                        "outcome": ["met", "not_met"]})
    >>> found = pa.shares(pa.Audit(judged), at_least="good")
    >>> print(found[["indicator", "count", "base"]].to_string(index=False))
    indicator  count  base
            k    1.0     2
    """

    judgements: pd.DataFrame
    criteria: pd.DataFrame = None  # type: ignore[assignment]
    portals: pd.DataFrame = None  # type: ignore[assignment]
    assessors: pd.DataFrame = None  # type: ignore[assignment]
    pages: pd.DataFrame = None  # type: ignore[assignment]
    codebook: pd.DataFrame = None  # type: ignore[assignment]
    shortcomings: pd.DataFrame = None  # type: ignore[assignment]
    feedback: pd.DataFrame = None  # type: ignore[assignment]
    runs: pd.DataFrame = None  # type: ignore[assignment]
    source: str = ""
    simulated: bool = False
    origin: Origin | None = None

    def __post_init__(self) -> None:
        if wrong := misfits({name: getattr(self, name) for name in FIELDS}, FIELDS):
            raise AuditError.of(wrong)
        faults: list[pd.DataFrame] = []
        for name, table in TABLES.items():
            given = getattr(self, name)
            if given is None:
                object.__setattr__(self, name, table.empty())
                continue
            shaped, found = checked(table, given)
            faults.append(found)
            object.__setattr__(self, name, shaped)
        if all(only_repeats(found) for found in faults):
            faults += [key_faults(self.tables()), *rating_faults(self.judgements, self.criteria)]
        raise_all(faults)
        remember(self.source, self.origin)
        if self.source and datasets.find(self.source) is None:
            codebook.remember(self.source, self.labels)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name, in the order of :data:`TABLES`."""
        return {name: getattr(self, name) for name in TABLES}

    def only(self, **wanted: Any) -> Audit:
        """Return a new audit with the judgements (and runs) that have the wanted values.

        Parameters
        ----------
        **wanted
            Columns of ``judgements``, ``assessors``, ``portals`` or ``criteria`` and the value or list of
            values to keep, for instance ``only(round="2024", kind=["expert", "tool"])``. Portals are
            narrowed only by columns of ``portals``, so that portals without a judgement stay in the
            denominator's ledger.

        Raises
        ------
        AuditError
            If no table has the column.
        """
        tables = self.tables()
        for column, values in wanted.items():
            tables = _narrow(tables, column, list(values) if pd.api.types.is_list_like(values) else [values])
        made = Audit(**tables, source=self.source, simulated=self.simulated, origin=self.origin)
        return derived(made_by(self), "only", wanted, made)

    def portal_ids(self) -> list[str]:
        """Return the portals the audit is about: the table of portals, or all that were judged or visited."""
        if len(self.portals):
            return self.portals["portal_id"].astype(object).tolist()
        seen = pd.concat([self.judgements["portal_id"], self.runs["portal_id"]]).astype(object).dropna()
        return sorted(seen.unique())

    def rounds(self) -> list[str]:
        """Return the rounds in which something was judged, in order."""
        return sorted(self.judgements["round"].astype(object).dropna().unique())

    @property
    def labels(self) -> dict[tuple[str, str | None], dict[str, str]]:
        """What the audit's own files call its criteria, portals and shortcomings.

        ``(column, code)`` → ``{"en": …, "vi": …}``, as :func:`portal_analysis.codebook.labels` gives them: criteria
        under ``indicator`` and ``criterion_id`` by the wording of the last round that has one, portals under
        ``portal_id``, shortcomings under ``shortcoming`` where the audit knows one list only. A name in one language
        stands for both.
        """
        found: dict[tuple[str, str | None], dict[str, str]] = {}
        schemes = self.shortcomings["scheme"].nunique()
        named = (
            (self.criteria, "criterion_id", ("wording_en", "wording_vi"), ("indicator", "criterion_id")),
            (self.portals, "portal_id", ("name_en", "name_vi"), ("portal_id",)),
            (
                self.shortcomings[: 0 if schemes > 1 else None],
                "shortcoming",
                ("label_en", "label_vi"),
                ("shortcoming",),
            ),
        )
        for table, key, names, columns in named:
            for code, english, vietnamese in (
                table[[key, *names]].astype(object).itertuples(index=False, name=None)
            ):
                said = {"en": english, "vi": vietnamese}
                texts = {lang: str(name) for lang, name in said.items() if not pd.isna(name)}
                if texts:
                    found.update({(column, str(code)): in_each(texts) for column in columns})
        return found

    def summary(self) -> pd.DataFrame:
        """Return one row a table: how many rows it has."""
        rows = [(name, len(frame)) for name, frame in self.tables().items()]
        return pd.DataFrame(rows, columns=["table", "rows"])

    def __repr__(self) -> str:
        lines = [f"Audit of {len(self.portal_ids())} portals{' [SIMULATED]' if self.simulated else ''}"]
        lines.append(f"  source: {self.source or '(none)'}; rounds: {', '.join(self.rounds()) or '(none)'}")
        lines.extend(f"  {name}: {rows:,} rows" for name, rows in self.summary().itertuples(index=False))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        marked = " <strong>simulated</strong>" if self.simulated else ""
        source = html.escape(self.source or "(none)")
        head = f"Audit of {len(self.portal_ids())} portals, source {source}{marked}"
        rounds = html.escape(", ".join(self.rounds()) or "(none)")
        rows = "".join(
            f"<tr><th scope='row'>{html.escape(name)}</th><td>{rows:,}</td></tr>"
            for name, rows in self.summary().itertuples(index=False)
        )
        return (
            f"<p>{head}; rounds: {rounds}</p><table><thead><tr><th scope='col'>table</th>"
            f"<th scope='col'>rows</th></tr></thead><tbody>{rows}</tbody></table>"
        )


# ---------------------------------------------------------------------------------------------- narrowing


def _narrow(tables: dict[str, pd.DataFrame], column: str, values: list[Any]) -> dict[str, pd.DataFrame]:
    """Keep what has a wanted value in ``column``, and in the other tables what speaks of it."""
    wanted = {str(value) for value in values}
    if column == "round":
        return _narrow_rounds(tables, wanted)
    keys = {"portals": "portal_id", "criteria": "criterion_id", "assessors": "assessor_id"}
    home = next((name for name in keys if column in tables[name].columns and len(tables[name])), "judgements")
    if column not in tables[home].columns:
        raise AuditError(f"no table of the audit has the column {column!r}")
    if home == "judgements":
        return {**tables, home: _having(tables[home], column, wanted)}
    own = _having(tables[home], column, wanted)
    kept = set(own[keys[home]].astype(object))
    narrowed = {**tables, home: own}
    for name, frame in tables.items():
        if name != home and keys[home] in frame.columns:
            # A run that names no assessor may belong to any of them; one of no portal belongs to none.
            unnamed = frame[keys[home]].isna() & (name == "runs" and home == "assessors")
            narrowed[name] = frame[frame[keys[home]].isin(kept) | unnamed]
    return narrowed


def _narrow_rounds(tables: dict[str, pd.DataFrame], wanted: set[str]) -> dict[str, pd.DataFrame]:
    narrowed = {**tables, "judgements": _having(tables["judgements"], "round", wanted)}
    for name in ("criteria", "runs"):
        frame = tables[name]
        narrowed[name] = frame[frame["round"].isna() | frame["round"].isin(wanted)]
    if len(tables["criteria"]):
        codebook = tables["codebook"]
        left = set(narrowed["criteria"]["criterion_id"].astype(object))
        narrowed["codebook"] = codebook[codebook["criterion_id"].isin(left)]
    return narrowed


def _having(frame: pd.DataFrame, column: str, wanted: set[str]) -> pd.DataFrame:
    return frame[frame[column].astype(object).map(str).isin(wanted)]


# ---------------------------------------------------------------------------------------------- load


def load_audit(name: str | Path) -> Audit:
    """Read a dataset of audits, checked against its codebook and its keys.

    Parameters
    ----------
    name : str or Path
        The id of a dataset of the kind ``audit``, or the path of its folder.

    Returns
    -------
    Audit
        Its ``source`` is the dataset's id. Resources that are no table of an audit are left aside.

    Raises
    ------
    AuditError
        If the dataset is of another kind or its tables do not fit together.
    SourceError, CodebookError
        If the dataset is missing, or its files are not as described.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> audit = pa.load_audit("portal-review-simulated")
    >>> print(audit.simulated, len(audit.portals))
    True 63
    """
    found = datasets.dataset(name)
    if found.kind != "audit":
        raise AuditError(f"dataset {found.id!r} is of the kind {found.kind!r}; load_audit reads kind 'audit'")
    tables = {key: table for key, table in codebook.load(found).items() if key in TABLES}
    if "judgements" not in tables:
        raise AuditError(f"dataset {found.id!r} has no resource 'judgements'; it has {list(found.resources)}")
    origin = of_dataset(found, "load_audit")
    return Audit(**tables, source=found.id, simulated=found.simulated, origin=origin)


def lists_problems_only(audit: Audit) -> list[str]:
    """Return the assessors whose files tell problems only, so that what they are silent on is no pass."""
    assessors = audit.assessors.astype(object)
    return assessors.loc[assessors["reports"] == "problems", "assessor_id"].tolist()
