"""What a register is: rows that are procedures or dossiers, and the columns that say how each was filed.

Hands on :class:`Register`, a table wherever it lives with the names of its columns.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from portal_analysis import codebook
from portal_analysis.arguments import handed_on, misfits, shown, units_faults
from portal_analysis.datasets import SourceError, dataset
from portal_analysis.disclosure.thresholds import declare, whole_number
from portal_analysis.faults import Error, near
from portal_analysis.origins import Origin, of_dataset, of_path, remember
from portal_analysis.steps import derived, made_by
from portal_analysis.structured import parse_json
from portal_analysis.survey.design import Design
from portal_analysis.survey.microdata import Survey
from portal_analysis.tables.elsewhere import EngineError, asked, parquet, said_of_itself

OWN = "own register"
"""The source of a register that names none."""

MARK = "simulated"
"""The column, and the word in a Parquet file's description, that says that a register is simulated."""

NUMERAL = re.compile(r"-?\d+(\.\d+)?")

KEY = "portal_analysis.register"
"""Where a Parquet file says which column is which."""

COLUMNS = ("online", "offered", "procedure", "dossiers", "offline", "procedures")
"""The arguments of :class:`Register` that name columns."""


class RegisterError(Error):
    """A register's columns do not hold what they are declared to hold.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> try:
    ...     pa.simulate_register("register.csv", 10)
    ... except pa.RegisterError as error:
    ...     print(error)
    'register.csv' must end in .parquet
    """


@dataclass(frozen=True, eq=False)
class Register:
    """A register of procedures or of dossiers: every row counts, none was drawn.

    Two kinds are told apart by ``dossiers``. With it a row is a procedure (or several that are alike, whose number
    ``procedures`` holds) and the columns hold its numbers of dossiers. Without it a row is one dossier of the
    procedure that ``procedure`` names.

    Parameters
    ----------
    data : DataFrame or other table
        pandas, Polars (lazy, too), PyArrow, a DuckDB relation, a table of Spark or Ibis, or the path of a Parquet file
        (``*`` for several). It stays where it is: rates ask its engine for sums.
    online : str
        With ``dossiers``: the number of dossiers filed online. Without: was the dossier filed online, yes or no.
    offered : str
        Was the procedure offered online, yes or no.
    procedure : str, optional
        What names the procedure; needed where rows are dossiers.
    dossiers : str, optional
        The number of dossiers in all.
    offline : str, optional
        The number of dossiers not filed online, where the register tells it; it must add up.
    procedures : str, optional
        How many procedures a row stands for.
    yes : mapping of str to object
        The codes that mean yes in ``online`` and ``offered``: ``{"channel": "online", "status": ("1", "5")}``. Not
        needed of truth values and 0/1. Other codes mean no, missing cells nothing.
    source : str, optional
        Id of the dataset.
    simulated : bool
        The register was made by a program. Known of itself of a table with a column ``simulated``.
    labels : mapping
        Names of columns and codes, as of :class:`portal_analysis.Survey`.
    units : {63, 34}, optional
        The list that codes of provinces are of.
    min_n : int, optional
        From how many dossiers on a rate may be shown or written: 10 where rows are dossiers, which are about persons;
        0 for numbers of procedures.
    origin : Origin, optional
        The dataset or file that it was read from; set by the readers.

    Raises
    ------
    RegisterError
        All faults at once: a column that is not there, arguments that contradict each other.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> rows = {"procedure": ["a", "a", "b"], "channel": ["web", "desk", "desk"], "digital": [1, 1, 0]}
    >>> pa.Register(pd.DataFrame(rows), "channel", "digital", "procedure", yes={"channel": "web"})
    Register of dossiers by procedure; online: channel; offered: digital; source: own register; simulated: no
    """

    data: Any
    online: str
    offered: str
    procedure: str | None = None
    dossiers: str | None = None
    offline: str | None = None
    procedures: str | None = None
    yes: Mapping[str, Any] = field(default_factory=dict)
    source: str = OWN
    simulated: bool = False
    labels: Mapping[Any, Any] = field(default_factory=dict)
    units: int | None = None
    min_n: int | None = None
    origin: Origin | None = None
    table: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if faults := _argument_faults(self):
            raise RegisterError.of(faults, "this is not a register")
        object.__setattr__(self, "table", lazy(self.data))
        names = list(self.table.collect_schema())
        if faults := _column_faults(self, names):
            raise RegisterError.of(faults, "the register lacks columns")
        object.__setattr__(
            self, "yes", MappingProxyType({name: codes(one) for name, one in self.yes.items()})
        )
        object.__setattr__(self, "labels", MappingProxyType(codebook.as_labels(self.labels)))
        made_up = bool(self.simulated) or MARK in names or _is_simulated(self.source)
        object.__setattr__(self, "origin", self.origin or of_path(self.data, "Register", simulated=made_up))
        made_up = made_up or bool(self.origin and self.origin.simulated)
        object.__setattr__(self, "simulated", made_up)
        remember(self.source, self.origin)
        codebook.remember(self.source, dict(self.labels), self.units)
        declare(self.source, self.min_n if self.min_n is not None else 0 if self.dossiers else None)

    def __repr__(self) -> str:
        rows = "procedures" if self.dossiers else f"dossiers by {self.procedure}"
        told = "yes: proves nothing about any country" if self.simulated else "no"
        return (
            f"Register of {rows}; online: {self.online}; offered: {self.offered}; "
            f"source: {self.source}; simulated: {told}"
        )

    def only(self, **columns: Any) -> Register:
        """Return the part of a register whose columns hold some codes: ``only(kind="1", actor=("5", "7"))``.

        Raises
        ------
        RegisterError
            If there is no such column, or no row is left.
        """
        import narwhals as nw

        schema = dict(self.table.collect_schema())
        if absent := [
            f"no column {name!r}; {near(name, list(schema))}" for name in columns if name not in schema
        ]:
            raise RegisterError.of(absent)
        wanted = [among(nw.col(name), schema[name], codes(one)) for name, one in columns.items()]
        kept = self.table.filter(*wanted)
        if not answered(kept.select(rows=nw.len()))["rows"].iloc[0]:
            raise RegisterError(f"no row is left by {columns}")
        said = {one.name: getattr(self, one.name) for one in fields(self) if one.init and one.name != "data"}
        part = kept.collect() if isinstance(self.data, pd.DataFrame) else kept
        made = Register(nw.to_native(part), **said)
        return derived(made_by(self), "only", columns, made)

    def survey(self, cluster: str, **more: Any) -> Survey:
        """Return a register of dossiers as a Survey whose rows cluster, for every estimator of the package.

        Parameters
        ----------
        cluster : str
            The column of what dossiers are alike within, such as the agency: errors are robust to that.
        **more
            Further arguments of :class:`portal_analysis.Survey`.

        Raises
        ------
        RegisterError
            If rows are procedures.
        """
        if self.dossiers:
            raise RegisterError(
                "rows are procedures with numbers of dossiers: usage_rates(cluster=) has their errors"
            )
        yes = {name: tuple(one) for name, one in self.yes.items()}
        no = {name: tuple(one for one in self._values(name) if one not in yes[name]) for name in yes}
        said = {name: getattr(self, name) for name in ("source", "simulated", "labels", "units", "min_n")}
        return Survey(self.data, Design(psu=cluster), yes=yes, no=no, **{**said, **more})

    def _values(self, name: str) -> list[Any]:
        return answered(self.table.select(name).unique())[name].dropna().tolist()


PARTS = frozenset(one.name for one in fields(Register) if one.init) - {
    "data",
    "source",
    "simulated",
    "origin",
}
"""What a description of a register may say of it."""
NEEDED = frozenset({"online", "offered"})
"""What it must say."""


def codes(told: Any) -> tuple[Any, ...]:
    """Return one code or several as a tuple."""
    return (
        tuple(told) if isinstance(told, Sequence | set | frozenset) and not isinstance(told, str) else (told,)
    )


def lazy(data: Any) -> Any:
    """Return a table as a lazy frame of narwhals, which sends one query to whatever engine holds it.

    Raises
    ------
    RegisterError
        If it is no table.
    """
    import narwhals as nw

    if isinstance(data, str | os.PathLike):
        with asking():
            data, _ = parquet(data)
    try:
        return nw.from_native(data).lazy()
    except TypeError as error:
        kind = type(data).__name__
        raise RegisterError(f"data is a {kind}; it must be a table or the path of a Parquet file") from error


def _argument_faults(register: Register) -> list[str]:
    faults = [
        f"{name}={shown(getattr(register, name))} must name a column"
        for name in COLUMNS
        if not isinstance(getattr(register, name), str | None) or getattr(register, name) == ""
    ]
    if faults:
        return faults
    faults += [f"{name} is needed" for name in ("online", "offered") if getattr(register, name) is None]
    if register.dossiers is None:
        faults += (
            [] if register.procedure else ["rows are dossiers (dossiers= is not given): procedure= is needed"]
        )
        faults += [
            f"{name}= counts, which only rows that are procedures can (dossiers= is not given)"
            for name in ("offline", "procedures")
            if getattr(register, name)
        ]
    kinds = {"yes": (Mapping, "a mapping"), "labels": (Mapping, "a mapping"), "source": (str, "text")}
    faults += [
        f"{name} must be {called}"
        for name, (one, called) in kinds.items()
        if not isinstance(getattr(register, name), one)
    ]
    faults += units_faults(register.units)
    faults += misfits({"origin": register.origin}, {"origin": Origin | None})
    if register.min_n is not None:
        whole_number(register.min_n, "min_n")
    return faults


def _column_faults(register: Register, names: list[str]) -> list[str]:
    asked = [getattr(register, name) for name in COLUMNS]
    wanted = dict.fromkeys([*(name for name in asked if name), *register.yes])
    return [f"no column {name!r}; {near(name, names)}" for name in wanted if name not in names]


def _is_simulated(source: str) -> bool:
    try:
        return dataset(source).simulated
    except SourceError:
        return False


def load_register(name: str | Path = "procedures-japan") -> Register:
    """Load a register of data/: a dataset of kind ``register``.

    Parameters
    ----------
    name : str or Path
        Its id, or the path of its folder.

    Returns
    -------
    Register

    Raises
    ------
    SourceError
        If there is no such dataset, or it is of another kind.
    CodebookError
        If its table does not hold what its codebook says.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> pa.load_register("procedures-japan")
    Register of procedures; online: online; offered: status; source: procedures-japan; simulated: no
    """
    source = dataset(name)
    described = source.descriptor.get("register")
    if source.kind != "register" or not isinstance(described, Mapping):
        raise SourceError(f"dataset '{name}' is of kind '{source.kind}' and describes no register")
    if unknown := sorted(set(described) - PARTS):
        raise SourceError(f"dataset '{name}': 'register' has {unknown}; it may have {sorted(PARTS)}")
    if unsaid := sorted(NEEDED - set(described)):
        raise SourceError(f"dataset '{name}': 'register' does not say which column is {' nor '.join(unsaid)}")
    tables, origin = codebook.load(source), of_dataset(source, "load_register")
    return Register(
        next(iter(tables.values())), **described, source=source.id, simulated=source.simulated, origin=origin
    )


def read_register(path: str | Path, **more: Any) -> Register:
    """Open a register in Parquet that describes itself, as :func:`portal_analysis.simulate_register` writes it.

    Parameters
    ----------
    path : str or Path
        The file, which is opened but not read.
    **more
        Arguments of :class:`Register`, which come before what the file says.

    Returns
    -------
    Register
        Of a simulated file: one that says so.

    Raises
    ------
    RegisterError
        If the file is missing or no Parquet, or says nothing of its columns and ``more`` does not either.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> made = pa.simulate_register("register.parquet", 1_000)
    >>> register = pa.read_register("register.parquet")
    >>> print(pa.usage_rates(register)["flag"].unique().tolist())
    ['simulated']
    """
    described = {**_description(path), **more}
    if not set(described) >= NEEDED:
        raise RegisterError(
            f"{path} does not say which column is which: use Register(path, online=…, offered=…)"
        )
    return handed_on(Register, described, {"data": str(path)})


def _description(path: str | Path) -> dict[str, Any]:
    """Return what a Parquet file says of its columns; nothing if it does not."""
    with asking():
        told = said_of_itself(path, KEY)
    found = {} if told is None else parse_json(told, f"{path}, {KEY}", RegisterError)
    if not isinstance(found, dict) or set(found) - PARTS - {"source", "simulated"}:
        raise RegisterError(f"{path}, {KEY}: it must be an object of JSON that may have {sorted(PARTS)}")
    return found


@contextmanager
def asking() -> Iterator[None]:
    """Ask an engine as every wing does, and tell what it answers as the register's error."""
    try:
        with asked("the engine of the register"):
            yield
    except EngineError as error:
        raise RegisterError(str(error)) from error


def among(column: Any, kind: Any, told: Sequence[Any]) -> Any:
    """Return an expression: is a column one of some codes, compared as the column holds them?"""
    import narwhals as nw

    if kind.is_numeric():
        values = [float(one) for one in told if NUMERAL.fullmatch(str(one))]
        found = nw.lit(False)
        for value in values:
            found = found | (column == (value if kind.is_float() else int(value)))
        return found
    if str(kind).startswith(("Categorical", "Enum")):
        column = column.cast(nw.String)
    return column.is_in([one if str(kind) == "Boolean" else str(one) for one in told])


def answered(query: Any) -> pd.DataFrame:
    """Fetch a small result as a pandas frame.

    Raises
    ------
    RegisterError
        If the engine cannot answer: one error, and no part of a result.
    """
    with asking():
        found = query.collect("pyarrow").to_native()
    return pd.DataFrame({name: found[name].to_pandas() for name in found.column_names})
