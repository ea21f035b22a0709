"""Microdata together with their design: the Survey from which every estimator starts.

Hands on a checked Survey, whose :class:`~portal_analysis.survey.layout.Layout` says in whole numbers which row
belongs to which sampling unit.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from html import escape
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import pandas as pd

from portal_analysis import codebook, datasets
from portal_analysis.arguments import misfits, units_faults
from portal_analysis.disclosure.thresholds import DisclosureError, declare, whole_number
from portal_analysis.origins import Origin, of_path, remember
from portal_analysis.survey import engine
from portal_analysis.survey.design import Design, DesignError, as_names
from portal_analysis.survey.layout import Layout, People, layout_of
from portal_analysis.tables import TableError
from portal_analysis.tables.border import one_spelling, passed

OWN = "own data"
"""The source of a survey that has names of its own and no other source, by which its tables find them."""


class WeightsWarning(UserWarning):
    """The weights cannot be what is done with them: numbers of people where there are only shares."""


class Calibration(Protocol):
    """One calibration of the weights (post-stratification, raking): what the variance must know of it."""

    def residuals(self, scores: np.ndarray) -> np.ndarray:
        """Return linearised scores less what the calibration explains.

        Parameters
        ----------
        scores : ndarray, shape (rows, estimates)
            Weighted linearised values, one row for each row of the survey's data in its order; 0 outside a
            domain.

        Returns
        -------
        ndarray, shape (rows, estimates)
            A new array: R's residuals in ``svyrecvar`` for ``postStratify`` or ``rake``.
        """


@dataclass(frozen=True, eq=False)
class Survey:
    """Microdata together with their design: what every estimator starts from.

    Parameters
    ----------
    data : DataFrame or other table
        One row a respondent. It is never changed, and must hold the whole sample: subpopulations are asked for with
        ``domain=`` or ``by=``. A DuckDB relation, the path of a Parquet file (or folder, or ``*``), a lazy frame of
        Polars, a table of Spark or Ibis stays where it is: each estimate asks its engine once for sums, and what
        needs the rows says so before it fetches them (:class:`portal_analysis.survey.engine.RowsWarning`). Tables in
        memory (Polars, PyArrow) do too from 100,000 rows on; shorter ones are turned into a pandas frame.
    design : Design
        How it was drawn.
    source : str, optional
        Id of the dataset; goes into the ``source`` column of every estimate.
    simulated : bool
        The data were made by a program. Every estimate is then flagged ``simulated``. Always true of a
        ``source`` that is a simulated dataset of the package, and of a file of one, whatever is said here.
    missing : mapping of str to sequence, optional
        For a column the codes that mean "no answer", such as ``{"npsp_use": (888, 999)}``.
    yes : mapping of str to object, optional
        For a yes/no column the code that means yes, such as ``{"npsp_use": 1}``, where it is not plainly 0/1; or
        several, such as ``{"trust": (4, 5)}``. Here as in ``no``, ``missing`` and ``categories`` the label of a
        number may stand for it: ``{"q1": "Có"}``.
    no : mapping of str to object, optional
        The codes that mean no, where ``yes`` leaves more than one other: ``{"trust": (1, 2, 3)}``. Of a column in
        which nobody says no it says that nobody did.
    calibration : tuple of Calibration
        Calibrations the weights went through, oldest first; set by ``post_stratify`` and ``rake``.
    categories : mapping of str to sequence, optional
        For a column the answers that could be given, in their order, such as the points of a scale: those that
        nobody gave stay as rows of 0.
    sets : mapping of str to sequence, optional
        Questions with several answers: the yes/no columns of each, by a name that
        :func:`portal_analysis.survey.estimate.multiple_response` takes.
    labels : mapping
        What columns and codes are called, such as ``{"q1": "Used the portal"}`` or ``{"q1": {1: "Yes", 2: "No"}}``;
        every spelling that :func:`portal_analysis.codebook.as_labels` takes. Kept by ``(column, code)``, the column's
        own name by ``(column, None)``. Tables, figures and sentences find them by ``source``: of two surveys
        with one source the one used later gives the names.
    units : {63, 34}, optional
        The list that the codes of provinces are of. Not needed for a column called ``gso63`` or ``gso34``.
    about : mapping of str to object
        What holds of every row and every table shall say, such as ``{"wave": 2022}``: each is a domain column of
        every estimate. :func:`portal_analysis.survey.readers.load_survey` sets it where one wave is asked for.
    min_n : int, optional
        From how many answers on an estimate may be shown or written (:mod:`portal_analysis.disclosure.withhold`). If
        not given: ``min_n`` of the dataset's ``datapackage.json``, else 10.
    origin : Origin, optional
        The files or the dataset that the data were read from; set by the readers, None for a table in memory.

    Raises
    ------
    DesignError
        All faults at once, with the rows: unknown column, weight missing, negative or infinite, weights that
        sum to zero, stratum or PSU missing, PSU in two strata, fpc below the sample, strata of one PSU.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> rows = pd.DataFrame({"weight": [1.0, 2.0, 1.5], "uses": [1, 0, 1]})
    >>> survey = pa.Survey(rows, pa.Design("weight"))
    >>> print(pa.proportion(survey, "uses")["estimate"].round(3).tolist())
    [0.556]
    """

    data: pd.DataFrame
    design: Design
    source: str | None = None
    simulated: bool = False
    missing: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    yes: Mapping[str, Any] = field(default_factory=dict)
    no: Mapping[str, Any] = field(default_factory=dict)
    categories: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    sets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    calibration: tuple[Calibration, ...] = ()
    labels: Mapping[Any, Any] = field(default_factory=dict)
    units: int | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    min_n: int | None = None
    origin: Origin | None = None
    layout: Layout = field(init=False, repr=False)
    answered: Mapping[Any, Any] | None = field(init=False, repr=False, default=None)
    table: engine.Table | None = field(init=False, repr=False, default=None)
    header: pd.Index | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        faults = _argument_faults(self)
        if faults:
            raise DesignError.of(faults, "this is not a survey")
        origin = self.origin or of_path(self.data, "Survey", self.design, self.simulated)
        object.__setattr__(self, "origin", origin)
        object.__setattr__(self, "table", _elsewhere(self.data, self.design))
        object.__setattr__(self, "data", passed(_own_frame(self.data)) if self.table is None else self.table)
        object.__setattr__(self, "labels", MappingProxyType(codebook.as_labels(self.labels)))
        for name in ("missing", "categories", "sets", "yes", "no"):
            told = {column: self._codes(name, column, said) for column, said in getattr(self, name).items()}
            object.__setattr__(self, name, MappingProxyType(told))
        object.__setattr__(self, "calibration", tuple(self.calibration))
        object.__setattr__(self, "about", MappingProxyType(dict(self.about)))
        if not self.source and (self.labels or self.units or self.min_n is not None):
            object.__setattr__(self, "source", OWN)
        made_up = bool(self.simulated) or _is_simulated(self.source) or bool(origin and origin.simulated)
        object.__setattr__(self, "simulated", made_up)
        also = _columns_named(self)
        layout = layout_of(self.data, self.design, also)
        object.__setattr__(self, "layout", layout)
        self.tell_labels()

    def _codes(self, name: str, column: str, said: Any) -> Any:
        """Return the codes that were said of a column, in one spelling; of numbers, a label stands for its code."""
        coded = name != "sets" and _is_number(self.data, column)
        codes = [codebook.code_meant(self.labels, column, one) if coded else one for one in _listed(said)]
        spelled = tuple(one_spelling(one) if isinstance(one, str) else one for one in codes)
        return spelled[0] if name in ("yes", "no") and not pd.api.types.is_list_like(said) else spelled

    def __getstate__(self) -> dict[str, Any]:
        state = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: dict(one) if isinstance(one, MappingProxyType) else one for name, one in state.items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, one in state.items():
            object.__setattr__(self, name, MappingProxyType(one) if isinstance(one, dict) else one)
        self.tell_labels()

    def tell_labels(self) -> None:
        """Let whoever shows this survey's estimates find its labels by its ``source``."""
        codebook.remember(self.source or "", dict(self.labels), self.units)
        remember(self.source, self.origin)
        if self.source:
            declare(self.source, self.min_n)

    def __len__(self) -> int:
        return len(self.data)

    @property
    def elsewhere(self) -> bool:
        """Does the data stay in another engine?"""
        data: object = self.data
        return data is self.table

    @property
    def columns(self) -> pd.Index:
        """Names of the columns of the data."""
        return self.data.columns if self.header is None else self.header

    def collapsed(
        self, frame: pd.DataFrame, layout: Layout, answered: Mapping[Any, Any] | None = None
    ) -> Survey:
        """Return this survey told by fewer rows, each of which stands for people who are alike.

        Parameters
        ----------
        frame : DataFrame
            The columns in which they are alike.
        layout : Layout
            Of its rows.
        answered : mapping, optional
            Sums that stand for columns which ``frame`` has not.
        """
        new = copy.copy(self)
        told = {"data": frame, "layout": layout, "answered": answered, "header": self.columns}
        for name, value in told.items():
            object.__setattr__(new, name, value)
        return new

    def _says(self) -> list[tuple[str, str]]:
        layout, design = self.layout, self.design
        said = [
            (
                "rows",
                f"{int(layout.rows.sum()):,}"
                + (f", in {self.table.engine}" if self.table is not None and self.elsewhere else ""),
            ),
            ("strata", f"{layout.strata:,} ({_named(design.strata)})" if design.strata else "none"),
            (
                "PSUs",
                f"{layout.psus:,} ({_named(design.psu)})" if design.psu else f"{layout.psus:,} (every row)",
            ),
            ("weights", _told_weights(design, layout)),
        ]
        if design.fpc:
            said.append(("fpc", _named(design.fpc)))
        if design.replicate_method:
            made = "of the file" if design.replicates_given else "made here"
            said.append(("replicates", f"{design.replicate_method}, {made}"))
        if self.calibration:
            said.append(("calibrated", f"{len(self.calibration)} time(s)"))
        said.append(("source", self.source or "not named"))
        said.append(("simulated", "yes: proves nothing about the population" if self.simulated else "no"))
        return said

    def __repr__(self) -> str:
        return "Survey: " + "; ".join(f"{name} {value}" for name, value in self._says())

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{escape(name)}</th>'
            f'<td style="text-align:left">{escape(value)}</td></tr>'
            for name, value in self._says()
        )
        return f"<table><caption>Survey</caption>{rows}</table>"


def kish(weights: np.ndarray) -> float:
    """Return how many equal weights are worth as much: (Σw)²/Σw² (Kish 1965)."""
    scaled = weights / weights.max()
    return float(scaled.sum() ** 2 / (scaled**2).sum())


def told_weights(weights: np.ndarray, people: People | None = None) -> str:
    """Say what the weights sum to and, where they are unequal, how few equal ones they are worth."""
    counted, worth = int((weights > 0).sum()), kish(weights)
    if people is not None:
        counted, worth = int(people.counted.sum()), float(weights.sum() ** 2 / people.squares.sum())
    unequal = f", worth {worth:,.0f} equal ones (Kish)" if round(worth) < counted else ""
    return (
        f"sum {weights.sum():,.6g}{unequal}" if weights.sum() < 10 else f"sum {weights.sum():,.0f}{unequal}"
    )


def _argument_faults(survey: Survey) -> list[str]:
    faults = []
    if not isinstance(survey.design, Design):
        faults.append(
            f"design is a {type(survey.design).__name__}; it must be a Design, "
            'such as Design("weight", strata="stratum")'
        )
    examples = {
        "missing": '{"column": (888, 999)}',
        "yes": '{"column": 1}',
        "no": '{"column": 2}',
        "categories": '{"column": (1, 2, 3)}',
        "sets": '{"set": ("column", "other")}',
        "about": '{"wave": 2022}',
    }
    for name, example in examples.items():
        if not isinstance(getattr(survey, name), Mapping):
            kind = type(getattr(survey, name)).__name__
            faults.append(f"{name} is a {kind}; it must be a mapping from columns, such as {name}={example}")
    if not isinstance(survey.calibration, Iterable):
        faults.append("calibration must be a tuple of calibrations; post_stratify and rake set it")
    faults += _label_faults(survey.labels)
    faults += units_faults(survey.units)
    if survey.min_n is not None:
        try:
            whole_number(survey.min_n, "min_n")
        except DisclosureError as error:
            faults.append(str(error))
    if not isinstance(survey.source, str | None):
        faults.append(f"source is a {type(survey.source).__name__}; it must be text")
    faults += misfits({"origin": survey.origin}, {"origin": Origin | None})
    return faults


def _label_faults(labels: Any) -> list[str]:
    if not isinstance(labels, Mapping):
        return [
            f'labels is a {type(labels).__name__}; it must be a mapping, such as labels={{"column": "Name"}}'
        ]
    try:
        codebook.as_labels(labels)
    except TableError as error:
        return [str(error)]
    return []


def _is_simulated(source: str | None) -> bool:
    """Tell whether a source is a simulated dataset that the package knows; a caller's own is not known."""
    try:
        return source is not None and datasets.dataset(source).simulated
    except datasets.SourceError:
        return False


def _told_weights(design: Design, layout: Layout) -> str:
    if design.weights is None:
        return "none: every row counts 1"
    note = "" if layout.expands else "; no more than the rows, so that totals count no people"
    return f"{design.weights}, {told_weights(layout.weights, layout.people)}{note}"


def _named(columns: str | tuple[str, ...] | None) -> str:
    return " > ".join(as_names(columns))


def _columns_named(survey: Survey) -> tuple[str, ...]:
    """Return the columns that a survey's own arguments name."""
    members = [column for columns in survey.sets.values() for column in columns]
    return tuple(dict.fromkeys([*survey.missing, *survey.yes, *survey.no, *survey.categories, *members]))


def _is_number(data: Any, column: str) -> bool:
    if column not in data.columns:
        return False
    return (
        data.is_number(column)
        if isinstance(data, engine.Table)
        else pd.api.types.is_numeric_dtype(data[column])
    )


def _listed(codes: Any) -> tuple[Any, ...]:
    if isinstance(codes, np.ndarray | pd.Series | pd.Index):
        return tuple(codes.tolist())
    return tuple(codes) if pd.api.types.is_list_like(codes) else (codes,)


def _own_frame(data: Any) -> pd.DataFrame:
    if isinstance(data, pd.DataFrame):
        return data.copy(deep=False)  # what is written into either is not seen in the other
    if (table := engine.table_of(data)) is not None:
        return table.rows(None, "a design in which every row is a unit, or has replicate weights,")
    for method in ("to_pandas", "df", "collect"):
        if hasattr(data, method):
            return _own_frame(getattr(data, method)())
    raise DesignError(f"data must be a table (pandas, Polars, PyArrow, DuckDB), not {type(data).__name__}")


def _elsewhere(data: Any, design: Design) -> engine.Table | None:
    """Return a table that stays where it is, if it is one whose sums are enough for the design."""
    if not design.census and not design.stages:
        return None
    return None if design.replicates_given else engine.table_of(data)
