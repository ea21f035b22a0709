"""The audit as one value: the long table of judgements and its companions, with every key checked.

Hands on :class:`Audit`, the schema of its tables (:data:`TABLES`), and the turn of ratings into outcomes.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from portal_analysis import codebook, datasets

OUTCOMES = ("not_met", "partly", "met", "cant_tell", "not_applicable", "not_tested", "error")
"""What a judgement may say, the three audited ones first and worst first.

The words are those of W3C EARL 1.0 (``failed, passed, cantTell, inapplicable, untested``) with ``partly``
for the middle level of a graded criterion and ``error`` for a look that broke off.
"""

AUDITED = OUTCOMES[:3]
"""The outcomes that enter a denominator; the rest is shown beside, never counted as failed or passed."""

SCALES = ("binary", "ordinal", "count")
MODES = ("manual", "automatic", "semi-automatic")
ASSESSOR_KINDS = ("expert", "disabled user", "minority user", "citizen", "tool")
RUN_STATUSES = (
    "ok",
    "error",
    "unreachable",
    "not_run",
    "unknown",
    "browser_error",
    "off_site",
    "redirected",
    "login",
    "blocked",
)
"""What became of a visit. ``ok`` saw the page that was meant; ``unknown``: the file does not say.

``error``: the tool failed, or the server answered with an error (``http_status`` says which); ``unreachable``:
no answer; ``not_run``: nobody looked. The rest saw something else: the browser's own error page, another site,
another page of the site, a log-in page, a page that keeps robots out.
"""

REPORTS = ("everything", "problems")
"""What an assessor's files tell: also what is in order, or problems only, so that silence is no pass."""

LEVEL_SEPARATOR = "|"
"""Between the levels of a criterion in ``criteria.levels``, worst first: ``red|yellow|green``."""

TEXT = pd.Series(["text"]).dtype
"""The dtype of text columns: ``str`` in pandas 3, ``object`` before."""

FieldType = Literal["text", "code", "number", "integer", "datetime"]


class AuditError(ValueError):
    """The tables of an audit do not fit together.

    Attributes
    ----------
    faults : DataFrame
        Every fault: ``table, row, file, column, found, allowed``; ``row`` counts from 1 below the header.
    """

    def __init__(self, message: str, faults: pd.DataFrame | None = None) -> None:
        super().__init__(message)
        self.faults = _no_faults() if faults is None else faults


@dataclass(frozen=True)
class Field:
    """One column of a table of an audit.

    ``type`` is ``text`` (free text), ``code`` (an identifier or a word from a short list, kept as a
    categorical in the large table), ``number``, ``integer`` or ``datetime`` (naive; stamps with an offset
    are turned into UTC). ``required`` columns must be there and hold no missing cell; ``allowed`` lists the
    words that may stand there.
    """

    name: str
    type: FieldType = "text"
    required: bool = False
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reference:
    """A key into another table: ``columns`` here must be found in ``target_columns`` of ``table``.

    Rows in which any of ``columns`` is missing are not checked, and a table without rows is not checked
    against: it means that the audit came without it.
    """

    columns: tuple[str, ...]
    table: str
    target_columns: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The schema of one table of an audit: its columns in order, its key, its references."""

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return [field.name for field in self.fields]

    def empty(self) -> pd.DataFrame:
        """Return a frame with these columns and dtypes and no row."""
        return shape(self.name, pd.DataFrame(columns=self.columns))


def _fields(*specs: str | Field) -> tuple[Field, ...]:
    """``name`` text · ``name:type`` · a trailing ``!`` marks a required column."""
    made = []
    for spec in specs:
        if isinstance(spec, Field):
            made.append(spec)
            continue
        name, _, kind = spec.rstrip("!").partition(":")
        made.append(Field(name, kind or "text", required=spec.endswith("!")))  # type: ignore[arg-type]
    return tuple(made)


_PORTAL = Reference(("portal_id",), "portals", ("portal_id",))
_SHORTCOMING = Reference(("shortcoming",), "shortcomings", ("shortcoming",))
_PAGE = Reference(("page_id", "portal_id"), "pages", ("page_id", "portal_id"))

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "portals",
            _fields("portal_id:code!", "province_code:code", "name_vi", "name_en", "url"),
            ("portal_id",),
        ),
        Table(
            "criteria",
            _fields(
                "criterion_id:code!",
                "scheme:code",
                "round:code",
                "wording_vi",
                "wording_en",
                "group:code",
                Field("scale", "code", allowed=SCALES),
                "levels",
                "good_from",
                "weight:number",
                Field("mode", "code", allowed=MODES),
                "wcag_sc:code",
                "wcag_level:code",
                "en_301_549:code",
            ),
            ("criterion_id", "round"),
        ),
        Table(
            "codebook",
            _fields(
                "criterion_id:code!", "scheme:code!", "shortcoming:code!", "share:number", "version:code"
            ),
            ("criterion_id", "scheme", "shortcoming", "version"),
            (
                Reference(("criterion_id",), "criteria", ("criterion_id",)),
                Reference(("scheme", "shortcoming"), "shortcomings", ("scheme", "shortcoming")),
            ),
        ),
        Table(
            "shortcomings",
            _fields("scheme:code!", "shortcoming:code!", "label_en", "label_vi"),
            ("scheme", "shortcoming"),
        ),
        Table(
            "assessors",
            _fields(
                "assessor_id:code!",
                Field("kind", "code", required=True, allowed=ASSESSOR_KINDS),
                "tool:code",
                "version:code",
                Field("reports", "code", allowed=REPORTS),
            ),
            ("assessor_id",),
        ),
        Table(
            "pages",
            _fields("page_id:code!", "portal_id:code!", "url", "role:code"),
            ("page_id", "portal_id"),
            (_PORTAL,),
        ),
        Table(
            "judgements",
            _fields(
                "portal_id:code!",
                "page_id:code",
                "criterion_id:code!",
                "assessor_id:code!",
                "round:code!",
                "rating:code",
                Field("outcome", "code", required=True, allowed=OUTCOMES),
                "evidence",
                "comment",
                "rated_at:datetime",
                "source_file:code",
                "source_row:integer",
                "severity:code",
                "elements:integer",
            ),
            ("portal_id", "page_id", "criterion_id", "assessor_id", "round"),
            (
                _PORTAL,
                _PAGE,
                Reference(("criterion_id", "round"), "criteria", ("criterion_id", "round")),
                Reference(("assessor_id",), "assessors", ("assessor_id",)),
            ),
        ),
        Table(
            "feedback",
            _fields(
                "item_id:code!", "date:datetime", "portal_id:code", "text", "coder:code", "shortcoming:code"
            ),
            ("item_id", "coder", "shortcoming"),
            (_PORTAL, _SHORTCOMING),
        ),
        Table(
            "runs",
            _fields(
                "portal_id:code",
                "page_id:code",
                "tool:code",
                "version:code",
                "started_at:datetime",
                "requested_url",
                "final_url",
                "http_status:integer",
                Field("status", "code", required=True, allowed=RUN_STATUSES),
                "message",
                "round:code",
                "assessor_id:code",
                "source_file:code",
            ),
            (),
            (_PORTAL, _PAGE, Reference(("assessor_id",), "assessors", ("assessor_id",))),
        ),
    )
}
"""The tables of an audit by name.

Beyond the design's columns: ``codebook.version`` (several versions may stand side by side),
``shortcomings`` (the lists of shortcomings a codebook speaks of), and in ``runs`` a ``message`` (why a page
was not audited), ``round``, ``assessor_id`` and ``source_file``. A criterion whose ``round`` is missing
holds for every round. A judgement whose ``page_id`` is missing is about the portal as a whole. A feedback
row whose ``shortcoming`` is missing says that the coder read the item and found none. Columns of a
researcher's own may follow; they are kept.
"""


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

    Raises
    ------
    AuditError
        All faults in one: columns that are missing, words that are not allowed, keys that are repeated or
        lead nowhere, ratings that are no level of their criterion or contradict their outcome.
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

    def __post_init__(self) -> None:
        faults: list[pd.DataFrame] = []
        for name, table in TABLES.items():
            given = getattr(self, name)
            if given is None:
                object.__setattr__(self, name, table.empty())
                continue
            shaped, found = _shape(table, given)
            faults.extend(found)
            object.__setattr__(self, name, shaped)
        if not faults:
            for table in TABLES.values():
                faults.extend(_check_keys(table, self.tables()))
            faults.extend(_check_ratings(self.judgements, self.criteria))
        _raise_all(faults)

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
            tables = _narrow(tables, column, [values] if isinstance(values, str) else list(values))
        return Audit(**tables, source=self.source, simulated=self.simulated)

    def portal_ids(self) -> list[str]:
        """Return the portals the audit is about: the table of portals, or all that were judged or visited."""
        if len(self.portals):
            return self.portals["portal_id"].astype(object).tolist()
        seen = pd.concat([self.judgements["portal_id"], self.runs["portal_id"]]).astype(object).dropna()
        return sorted(seen.unique())

    def rounds(self) -> list[str]:
        """Return the rounds in which something was judged, in order."""
        return sorted(self.judgements["round"].astype(object).dropna().unique())

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


# ---------------------------------------------------------------------------------------------- shape


def shape(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame the columns and dtypes of a table of an audit.

    Parameters
    ----------
    name : str
        A name of :data:`TABLES`.
    frame : DataFrame
        Any subset of the columns that holds the required ones; further columns are kept at the end.

    Returns
    -------
    DataFrame
        A new frame.

    Raises
    ------
    AuditError
        All missing columns and all cells that do not fit their column, in one.
    """
    if name not in TABLES:
        raise AuditError(f"no table of an audit is called {name!r}; they are {list(TABLES)}")
    shaped, faults = _shape(TABLES[name], frame)
    _raise_all(faults)
    return shaped


def _shape(table: Table, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    shaped: dict[str, pd.Series] = {}
    faults: list[pd.DataFrame] = []
    given = frame.reset_index(drop=True)
    for field in table.fields:
        if field.name not in given.columns:
            if field.required:
                allowed = "a column of this name"
                faults.append(_fault(table.name, None, field.name, f"columns {list(given.columns)}", allowed))
            given[field.name] = None
            field = replace(field, required=False)  # one fault for the column, not one more for every row
        column, found = _column(table.name, field, given)
        shaped[field.name] = column
        faults.extend(found)
    own = [name for name in given.columns if name not in shaped]
    return pd.concat([pd.DataFrame(shaped), given[own]], axis=1), faults


def _column(table: str, field: Field, frame: pd.DataFrame) -> tuple[pd.Series, list[pd.DataFrame]]:
    raw = frame[field.name]
    column = _CONVERT[field.type](raw)
    faults = []
    blank = _blank(raw)
    lost = column.isna() & ~blank
    if lost.any():
        faults.append(_faults(table, frame, lost, field.name, raw, f"a {field.type}"))
    if field.required and blank.any():
        faults.append(_faults(table, frame, blank, field.name, raw, "a value"))
    if field.allowed:
        column = column.cat.set_categories(list(field.allowed), ordered=field.allowed is OUTCOMES)
        odd = column.isna() & ~blank
        if odd.any():
            faults.append(_faults(table, frame, odd, field.name, raw, "one of " + ", ".join(field.allowed)))
    return column, faults


def _blank(column: pd.Series) -> pd.Series:
    """Missing, or text of nothing but blanks; looked up once per distinct value."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        empty = [not str(value).strip() for value in column.cat.categories]
        lookup = np.append(np.array(empty, dtype=bool), True)
        return pd.Series(lookup[column.cat.codes.to_numpy()], index=column.index)
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return column.isna()
    codes, values = pd.factorize(column)
    lookup = np.append(np.array([not str(value).strip() for value in values], dtype=bool), True)
    return pd.Series(lookup[codes], index=column.index)


def _distinct(column: pd.Series) -> tuple[np.ndarray, list[str | None]]:
    """Return codes and the distinct values as stripped text; integral floats lose their ``.0``."""
    codes, values = pd.factorize(column)
    words: list[str | None] = []
    for value in values:
        if isinstance(value, float | np.floating) and float(value).is_integer():
            value = int(value)
        words.append(str(value).strip() or None)
    return codes, words


def _code(column: pd.Series) -> pd.Series:
    codes, words = _distinct(column)
    categories = sorted({word for word in words if word is not None})
    place = {word: position for position, word in enumerate(categories)}
    lookup = np.array([place.get(word, -1) if word is not None else -1 for word in words] + [-1], dtype=int)
    made = pd.Categorical.from_codes(lookup[codes], categories=pd.Index(categories, dtype=TEXT))
    return pd.Series(made, index=column.index, name=column.name)


def _text(column: pd.Series) -> pd.Series:
    codes, words = _distinct(column)
    lookup = np.array([*words, None], dtype=object)
    return pd.Series(lookup[codes], index=column.index, name=column.name, dtype=TEXT)


def _number(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column.astype(object), errors="coerce").astype(float)


def _integer(column: pd.Series) -> pd.Series:
    numbers = _number(column)
    whole = numbers.where(numbers.isna() | (numbers % 1 == 0))
    return whole.astype("Int64")


def _datetime(column: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column):
        stamps = column
    else:
        codes, words = _distinct(column)
        parsed = pd.to_datetime(
            pd.Series([*words, None], dtype=object), errors="coerce", format="ISO8601", utc=True
        )
        stamps = pd.Series(parsed.to_numpy()[codes], index=column.index, name=column.name)
    if getattr(stamps.dtype, "tz", None) is not None:
        stamps = stamps.dt.tz_convert("UTC").dt.tz_localize(None)
    return stamps.astype("datetime64[us]")


_CONVERT = {"text": _text, "code": _code, "number": _number, "integer": _integer, "datetime": _datetime}


# ---------------------------------------------------------------------------------------------- faults


def _no_faults() -> pd.DataFrame:
    return pd.DataFrame(columns=["table", "row", "file", "column", "found", "allowed"])


def _fault(table: str, row: int | None, column: str, found: str, allowed: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "table": [table],
            "row": [row],
            "file": [""],
            "column": [column],
            "found": [found],
            "allowed": [allowed],
        }
    )


def _faults(
    table: str, frame: pd.DataFrame, where: pd.Series, column: str, found: Iterable[Any], allowed: str
) -> pd.DataFrame:
    """One row a fault of ``where``; ``file`` says ``file:line`` where the table remembers it."""
    rows = np.flatnonzero(where.to_numpy())
    place = [""] * len(rows)
    if "source_file" in frame.columns:
        files = frame["source_file"].astype(object).iloc[rows]
        lines = frame["source_row"].iloc[rows] if "source_row" in frame.columns else [None] * len(rows)
        place = [
            "" if pd.isna(file) else f"{file}" if pd.isna(line) else f"{file} line {line}"
            for file, line in zip(files, lines, strict=True)
        ]
    values = pd.Series(list(found), dtype=object).iloc[rows]
    shown = ["(empty)" if _is_missing(value) else repr(value) for value in values]
    return pd.DataFrame(
        {"table": table, "row": rows + 1, "file": place, "column": column, "found": shown, "allowed": allowed}
    )


def _is_missing(value: Any) -> bool:
    return (
        value is None or (not isinstance(value, list | tuple | dict) and bool(pd.isna(value))) or value == ""
    )


def _raise_all(faults: Sequence[pd.DataFrame]) -> None:
    if not faults:
        return
    table = pd.concat(faults, ignore_index=True)
    kinds = table.groupby(["table", "column", "found", "allowed"], sort=False)
    lines = []
    for (name, column, found, allowed), group in list(kinds)[:30]:
        first = group.iloc[0]
        where = "" if pd.isna(first["row"]) else f" row {first['row']}"
        where += f" ({first['file']})" if first["file"] else ""
        more = f" [{len(group)} rows in all]" if len(group) > 1 else ""
        lines.append(f"- {name}{where}, column {column!r}: found {found}; allowed: {allowed}{more}")
    rest = f"\n- and {kinds.ngroups - 30} more kinds of fault" if kinds.ngroups > 30 else ""
    count = f"{len(table)} fault{'s' if len(table) > 1 else ''}"
    raise AuditError(f"the audit has {count}:\n" + "\n".join(lines) + rest, table)


# ---------------------------------------------------------------------------------------------- keys


def _check_keys(table: Table, tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    frame = tables[table.name]
    faults = []
    if table.key and len(frame):
        repeated = pd.Series(_row_codes(frame, table.key)).duplicated(keep="first")
        if repeated.any():
            found = _spelled(frame, table.key, repeated)
            column = ", ".join(table.key)
            faults.append(
                _faults(table.name, frame, repeated, column, found, "each key once; this row repeats it")
            )
    for reference in table.references:
        faults.extend(_check_reference(table, frame, reference, tables[reference.table]))
    return faults


def _row_codes(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """One integer a row, equal where all columns are equal (missing equals missing)."""
    total = np.zeros(len(frame), dtype=np.int64)
    for name in columns:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes, size = column.cat.codes.to_numpy().astype(np.int64), len(column.cat.categories)
        else:
            codes, values = pd.factorize(column)
            size = len(values)
        total, _ = pd.factorize(total * (size + 1) + codes + 1)
        total = total.astype(np.int64)
    return total


def _check_reference(
    table: Table, frame: pd.DataFrame, reference: Reference, target: pd.DataFrame
) -> list[pd.DataFrame]:
    if not len(frame) or not len(target):
        return []
    columns = list(reference.columns)
    complete = frame[columns].notna().all(axis=1)
    distinct = frame.loc[complete, columns].drop_duplicates().astype(object)
    known = _known_keys(target, reference)
    lost = [key for key in distinct.itertuples(index=False, name=None) if not known(key)]
    if not lost:
        return []
    sought = pd.MultiIndex.from_tuples(lost)
    rows = pd.MultiIndex.from_frame(frame[columns].astype(object))
    where = pd.Series(rows.isin(sought)) & complete
    allowed = f"a row of {reference.table} with this {', '.join(reference.target_columns)}"
    return [_faults(table.name, frame, where, ", ".join(columns), _spelled(frame, columns, where), allowed)]


def _known_keys(target: pd.DataFrame, reference: Reference) -> Any:
    keys = target[list(reference.target_columns)].astype(object)
    known = set(keys.itertuples(index=False, name=None))
    if reference.table != "criteria" or len(reference.columns) == 1:
        return lambda key: key in known
    every_round = set(target.loc[target["round"].isna(), "criterion_id"].astype(object))
    return lambda key: key in known or key[0] in every_round


def _spelled(frame: pd.DataFrame, columns: Sequence[str], where: pd.Series) -> list[str | None]:
    """What stands in the columns of the faulty rows, as one text; nothing for the others."""
    spelled: list[str | None] = [None] * len(frame)
    for row in np.flatnonzero(where.to_numpy()):
        cells = [frame[name].iloc[row] for name in columns]
        spelled[row] = ", ".join("" if pd.isna(cell) else str(cell) for cell in cells)
    return spelled


# ---------------------------------------------------------------------------------------------- ratings


def split_levels(levels: Any) -> list[str]:
    """Return the levels that a cell of ``criteria.levels`` holds, worst first."""
    if _is_missing(levels):
        return []
    return [part.strip() for part in str(levels).split(LEVEL_SEPARATOR) if part.strip()]


def outcome_of(rating: str, levels: Sequence[str], good_from: str | None = None) -> str | None:
    """Return the outcome that a rating means on a criterion's scale.

    Parameters
    ----------
    rating : str
        A level, or a number for a criterion without levels.
    levels : sequence of str
        The levels, worst first; empty for a count.
    good_from : str, optional
        The level (or number) from which a portal meets the criterion; the best level if not given.

    Returns
    -------
    str or None
        ``met`` at ``good_from`` or above; ``not_met`` at the lowest level (or 0), ``partly`` between. None
        if the rating is not on the scale.
    """
    if levels:
        if rating not in levels:
            return None
        place = list(levels).index(rating)
        enough = list(levels).index(str(good_from)) if good_from in levels else len(levels) - 1
        return "met" if place >= enough else "not_met" if place == 0 else "partly"
    value, enough_count = _as_number(rating), _as_number(good_from)
    if value is None:
        return None
    least = 1.0 if enough_count is None else enough_count
    return "met" if value >= least else "not_met" if value <= 0 else "partly"


def _as_number(text: Any) -> float | None:
    try:
        return None if _is_missing(text) else float(str(text).replace(",", "."))
    except ValueError:
        return None


def rate(judgements: pd.DataFrame, criteria: pd.DataFrame) -> pd.DataFrame:
    """Fill the outcomes that are missing from the ratings, by each criterion's own scale.

    Parameters
    ----------
    judgements : DataFrame
        With ``criterion_id``, ``round`` and ``rating``; ``outcome`` where it is known already.
    criteria : DataFrame
        With ``criterion_id``, ``round``, ``levels`` and ``good_from``.

    Returns
    -------
    DataFrame
        A new frame in which ``outcome`` is filled: from the rating, or ``not_tested`` where there is none.
        A rating that is not on its criterion's scale leaves the outcome missing, so that :class:`Audit`
        names it.
    """
    rated = judgements.copy()
    known = (
        rated["outcome"].astype(object) if "outcome" in rated else pd.Series(None, rated.index, dtype=object)
    )
    meant = _meant(_code(rated["criterion_id"]), _code(rated["round"]), _code(rated["rating"]), criteria)
    blank = _blank(known)
    filled = known.mask(blank, meant).mask(blank & _blank(rated["rating"]), "not_tested")
    rated["outcome"] = filled
    return rated


def _meant(criterion: pd.Series, round_: pd.Series, rating: pd.Series, criteria: pd.DataFrame) -> pd.Series:
    """The outcome each rating means, worked out once per distinct criterion, round and rating."""
    keys = pd.DataFrame({"criterion_id": criterion, "round": round_, "rating": rating})
    codes = _row_codes(keys, list(keys.columns))
    first = pd.Series(codes).drop_duplicates().index
    scales = scale_table(criteria)
    meant: list[str | None] = []
    for name, when, word in keys.iloc[first].astype(object).itertuples(index=False, name=None):
        scale = scales.get((name, when), scales.get((name, None)))
        meant.append(None if scale is None or pd.isna(word) else outcome_of(word, *scale))
    return pd.Series(
        np.array(meant, dtype=object)[codes] if len(keys) else [], index=criterion.index, dtype=object
    )


def scale_table(criteria: pd.DataFrame) -> dict[tuple[str, str | None], tuple[list[str], str | None]]:
    """Return (criterion, round or None) → (levels worst first, good_from or None)."""
    scales: dict[tuple[str, str | None], tuple[list[str], str | None]] = {}
    for row in shape("criteria", criteria).astype(object).itertuples(index=False):
        when = None if _is_missing(row.round) else str(row.round)
        good = None if _is_missing(row.good_from) else str(row.good_from)
        scales[(str(row.criterion_id), when)] = (split_levels(row.levels), good)
    return scales


def _check_ratings(judgements: pd.DataFrame, criteria: pd.DataFrame) -> list[pd.DataFrame]:
    if not len(judgements) or not len(criteria) or judgements["rating"].isna().all():
        return []
    meant = _meant(judgements["criterion_id"], judgements["round"], judgements["rating"], criteria)
    outcome = judgements["outcome"].astype(object)
    judged = judgements["rating"].notna() & outcome.isin(AUDITED)
    off_scale = judged & meant.isna()
    against = judged & meant.notna() & (meant != outcome)
    faults = []
    if off_scale.any():
        allowed = "a level of its criterion (criteria.levels), or a number where it has none"
        faults.append(_faults("judgements", judgements, off_scale, "rating", judgements["rating"], allowed))
    if against.any():
        found = outcome + " for the rating " + judgements["rating"].astype(object)
        allowed = "the outcome that the rating means (criteria.levels, criteria.good_from)"
        faults.append(_faults("judgements", judgements, against, "outcome", found, allowed))
    return faults


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
    """
    found = datasets.dataset(name)
    if found.kind != "audit":
        raise AuditError(f"dataset {found.id!r} is of the kind {found.kind!r}; load_audit reads kind 'audit'")
    tables = {key: table for key, table in codebook.load(found).items() if key in TABLES}
    if "judgements" not in tables:
        raise AuditError(f"dataset {found.id!r} has no resource 'judgements'; it has {list(found.resources)}")
    return Audit(**tables, source=found.id, simulated=found.simulated)
