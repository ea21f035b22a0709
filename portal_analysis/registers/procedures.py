"""From a register to its procedures: of each domain and procedure how many dossiers, online and where offered.

One query to whatever engine holds the register; hands on a small pandas frame of whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from portal_analysis.arguments import misfits
from portal_analysis.registers.register import Register, RegisterError, among, answered, asking

NUMBERS = ("dossiers", "online", "offered_dossiers", "offered_online", "contrary")
"""Sums of dossiers, of each procedure: in all, filed online, both where offered; online though not offered."""

SIDES = ("known", "yes", "missing", "strange")
"""Sums of rows: the procedure's offer is known; it is offered; not told how filed; neither yes nor no."""

PROCEDURE, CLUSTER = "_procedure", "_cluster"


def procedures(register: Register, columns: Sequence[str], cluster: str | None = None) -> pd.DataFrame:
    """Return one row for each procedure (or several alike) in each combination of ``columns`` and the cluster.

    Parameters
    ----------
    register : Register
    columns : sequence of str
        Columns to split by.
    cluster : str, optional
        The column of clusters.

    Returns
    -------
    DataFrame
        ``columns``, ``_cluster``, ``_procedure``, ``procedures`` (how many are alike), :data:`NUMBERS`, ``known, yes,
        missing``, and ``wrong``: numbers that cannot be.

    Raises
    ------
    RegisterError
        If a column is unknown or does not hold what it should, or the engine does not answer.
    """
    if wrong := misfits({"register": register}, {"register": Register}):
        raise RegisterError.of(wrong)
    with asking():
        schema = dict(register.table.collect_schema())
        wanted = [*columns, *([cluster] if cluster else [])]
        if absent := [name for name in wanted if name not in schema]:
            raise RegisterError(f"the register has no columns {absent}; it has {list(schema)}")
        ask = _of_procedures if register.dossiers else _of_dossiers
        found = ask(register, wanted, schema)
    if cluster:
        if found[cluster].isna().any():
            raise RegisterError(f"cluster {cluster!r} is missing in some rows")
        found[CLUSTER] = found[cluster]
    return found


def yes(register: Register, name: str, schema: dict[str, Any]) -> Any:
    """Return an expression that is true for yes, false for no, null for what is missing."""
    import narwhals as nw

    column, kind = _present(name, schema), schema[name]
    if name in register.yes:
        return nw.when(~column.is_null()).then(among(column, kind, register.yes[name]))
    if str(kind) == "Boolean":
        return column
    if not kind.is_numeric():
        raise RegisterError(f"{name!r} is {kind}: say which codes mean yes, as in yes={{{name!r}: 'online'}}")
    return nw.when((column == 0) | (column == 1)).then(column == 1)


def _present(name: str, schema: dict[str, Any]) -> Any:
    """Return a column in which NaN is missing, as null is."""
    import narwhals as nw

    column = nw.col(name)
    return nw.when(~column.is_nan()).then(column) if schema[name].is_float() else column


def _counted(expression: Any) -> Any:
    """Return 1 for each row for which an expression is true, else 0, as whole numbers of 64 bits."""
    import narwhals as nw

    return nw.when(expression).then(nw.lit(1, dtype=nw.Int64)).otherwise(nw.lit(0, dtype=nw.Int64))


def _of_dossiers(register: Register, keys: Sequence[str], schema: dict[str, Any]) -> pd.DataFrame:
    """Ask once: the number of dossiers of each kind, by combination of the keys and procedure."""
    import narwhals as nw

    online, offered = (yes(register, name, schema) for name in (register.online, register.offered))
    there = [~_present(name, schema).is_null() for name in (register.online, register.offered)]
    told, no = ~online.is_null(), nw.lit(False)
    filed, given = (nw.when(one.is_null()).then(no).otherwise(one) for one in (online, offered))
    refused = nw.when(offered.is_null()).then(no).otherwise(~offered)
    sums = {
        "dossiers": told,
        "online": filed,
        "offered_dossiers": told & given,
        "offered_online": filed & given,
        "contrary": filed & refused,
        "known": ~offered.is_null(),
        "yes": given,
        "missing": ~told,
        "strange": (there[0] & ~told) | (there[1] & offered.is_null()),
    }
    names = list(dict.fromkeys([*keys, str(register.procedure)]))
    each = register.table.select(*names, **{f"_{name}": _counted(one) for name, one in sums.items()})
    added = each.group_by(*names).agg(*(nw.col(f"_{name}").sum() for name in sums))
    whole = {name: nw.col(f"_{name}").cast(nw.Int64) for name in sums}
    found = answered(added.select(*names, **whole))
    if found["strange"].sum():
        raise RegisterError(
            f"{register.online!r} or {register.offered!r} holds other numbers than 0 and 1: say yes="
        )
    _nobody(register, found)
    found[PROCEDURE] = found[str(register.procedure)]
    if found[PROCEDURE].isna().any():
        raise RegisterError(f"procedure {register.procedure!r} is missing in some rows")
    return found.assign(procedures=1, wrong=False)


def _nobody(register: Register, found: pd.DataFrame) -> None:
    """Raise where none of the codes said to mean yes occurs: a misspelt code would make every rate 0."""
    for name, held in ((register.online, "online"), (register.offered, "yes")):
        if name in register.yes and len(found) and not found[held].sum():
            there = answered(register.table.select(name).unique().head(20))[name].dropna().tolist()
            raise RegisterError(
                f"no row of {name!r} holds {list(register.yes[name])}; it holds {sorted(map(str, there))}"
            )


def _of_procedures(register: Register, keys: Sequence[str], schema: dict[str, Any]) -> pd.DataFrame:
    """Fetch the procedures of a register whose rows are such, and see whether their numbers can be."""
    import narwhals as nw

    names = list(dict.fromkeys(keys))
    asked = {"_offered": yes(register, register.offered, schema)}
    asked |= {f"_{name}": nw.col(column).cast(nw.Float64) for name, column in _numbers(register).items()}
    for column in _numbers(register).values():
        if not schema[column].is_numeric():
            raise RegisterError(f"{column!r} is {schema[column]}; it must hold whole numbers")
    found = answered(register.table.select(*names, **asked))
    counts = {name: _whole(found.pop(f"_{name}"), column) for name, column in _numbers(register).items()}
    offered = found.pop("_offered").astype("boolean")
    dossiers, online = counts["dossiers"], counts["online"]
    told = dossiers.notna() & online.notna()
    wrong = (told & (online > dossiers)).astype(bool)
    usable = told & ~wrong
    known, given = offered.notna(), offered.fillna(False).astype(bool)
    dossiers, online = (one.where(usable, 0).astype("int64") for one in (dossiers, online))
    parts = counts.get("offline")
    apart = (
        wrong if parts is None else wrong | (usable & parts.notna() & (dossiers != online + parts.fillna(0)))
    )
    table = found.assign(
        procedures=counts["procedures"].fillna(0).astype("int64") if "procedures" in counts else 1,
        dossiers=dossiers,
        online=online,
        offered_dossiers=dossiers.where(given, 0),
        offered_online=online.where(given, 0),
        contrary=online.where(known & ~given, 0),
        known=known.astype("int64"),
        yes=given.astype("int64"),
        missing=(~told).astype("int64"),
        wrong=apart.astype(bool),
    )
    _nobody(register, table.assign(online=1))
    table[PROCEDURE] = table.index
    return table


def _numbers(register: Register) -> dict[str, str]:
    told = {name: getattr(register, name) for name in ("dossiers", "online", "offline", "procedures")}
    return {name: column for name, column in told.items() if column}


def _whole(column: pd.Series, name: str) -> pd.Series:
    """Return counts as whole numbers, missing ones as such."""
    held = column.dropna()
    if ((held < 0) | (held % 1 != 0) | (held >= 2**53)).any():
        raise RegisterError(f"{name!r} must hold whole numbers, 0 or more")
    return column.astype("Int64")
