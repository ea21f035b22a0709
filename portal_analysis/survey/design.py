"""What a survey is: the columns that say how it was drawn (Design) and the data they belong to (Survey).

Hands on a checked Survey, whose :class:`Layout` says in whole numbers which row belongs to which sampling
unit.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from html import escape
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import pandas as pd

from portal_analysis import codebook, datasets
from portal_analysis.disclosure.thresholds import DisclosureError, declare, whole_number
from portal_analysis.faults import Error
from portal_analysis.origins import Origin, of_path, remember
from portal_analysis.survey import engine
from portal_analysis.tables import TableError
from portal_analysis.tables.border import one_spelling, passed
from portal_analysis.tables.table import near

LONELY_PSU = ("fail", "adjust", "average", "remove", "certainty")
"""What to do with a stratum of one PSU: R's words of ``options(survey.lonely.psu)``, with R's meanings."""

REPLICATE_METHODS = ("BRR", "Fay", "JK1", "JKn", "bootstrap", "JK2", "ACS", "other")
"""Kinds of replicate weights, in the words of R's ``svrepdesign``."""

MADE_HERE = ("JK1", "JKn", "bootstrap")
"""The kinds that can be made from strata and PSUs when the file brings none."""

FIXED_SCALE = ("BRR", "Fay", "JK2", "ACS")
"""Kinds of replicate weights whose ``scale`` follows from their number (and ``rho``)."""

LARGEST = 1e50
"""Weights and answers beyond this are refused: the squares of their products would leave the computer's range."""

OWN = "own data"
"""The source of a survey that has names of its own and no other source, by which its tables find them."""

SHOWN = 5
"""How many rows or labels a message quotes."""


class DesignError(Error):
    """A design contradicts itself or the data it is declared for."""


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


@dataclass(frozen=True)
class Design:
    """Names of the columns that say how a sample was drawn; knows nothing of the data.

    Parameters
    ----------
    weights : str, optional
        Column of the sampling weights. Without it every row counts 1, as in a simple random sample: the estimates
        then tell of the people in the file.
    strata : str or tuple of str, optional
        Column of the strata; a tuple gives the strata of the later stages too.
    psu : str or tuple of str, optional
        Column of the sampling units, or several, outermost stage first. Without it every row is a unit.
    fpc : str or tuple of str, optional
        For each stage in turn the number of units in the stratum's population, or the fraction sampled (a
        column whose values are all at most 1). A stage without one is taken as drawn with replacement.
        Without ``fpc`` only the first stage counts (ultimate clusters).
    lonely_psu : {"fail", "adjust", "average", "remove", "certainty"}
        A stratum with one PSU: an error; deviation from the grand mean; the average of the other strata;
        nothing.
    replicates : str, tuple of str or int, optional
        Replicate weights in the file (their names, or the text all their names begin with, followed by
        digits without a gap; the weights themselves are none of them). They may be negative in some rows. A
        number asks for that many bootstrap replicates to be made from strata and PSUs.
    replicate_method : {"BRR", "Fay", "JK1", "JKn", "bootstrap", "JK2", "ACS", "other"}, optional
        What they are. JK1, JKn and bootstrap (Rao and Wu 1988) are made here if ``replicates`` names no
        columns.
    rho : float, optional
        Fay's coefficient.
    scale, rscales : float, tuple of float, optional
        Factors of the squared deviations, for all and for each replicate, as in R's ``svrepdesign``.
    mse : bool
        Deviations from the estimate (True) or from the mean of the replicates (False, R's default).
    seed : int
        Of the bootstrap made here.
    nest : bool
        PSU labels may be used again in another stratum (True). If they are unique in the file (False), a
        label in two strata is an error.
    panel : str, optional
        Column that says to which draw of PSUs a row belongs; waves that kept their PSUs have one value, such
        as ``2020-2022``. It divides the strata of stage one (stratum x panel), so that waves with the same
        PSUs vary together and draws made apart are independent.
    census : bool
        The file holds everybody, such as every dossier of a register: nothing was drawn, so that estimates have no
        sampling error. A register whose rows are to be looked at as a sample of what might have been, alike
        within an agency, has ``psu="agency"`` instead: errors are then robust to clustering by agency.
    replicate_factors : bool, optional
        The file's replicates are factors, to be multiplied by the weights (R's ``combined.weights=FALSE``). If not
        said, they are weights; replicates that have the mean of factors are asked about.
    lonely_domain : bool
        R's ``survey.adjust.domain.lonely``: apply ``adjust`` or ``average`` to a stratum with one PSU in the
        domain too.

    Raises
    ------
    DesignError
        If the arguments contradict each other; all contradictions at once.

    Examples
    --------
    >>> Design("weight", strata="province", psu=("district", "commune"))
    Design(weights='weight', strata='province', psu=('district', 'commune'))
    """

    weights: str | None = None
    strata: str | tuple[str, ...] | None = None
    psu: str | tuple[str, ...] | None = None
    fpc: str | tuple[str, ...] | None = None
    lonely_psu: str = "fail"
    replicates: str | tuple[str, ...] | int | None = None
    replicate_method: str | None = None
    rho: float | None = None
    scale: float | None = None
    rscales: float | tuple[float, ...] | None = None
    mse: bool = False
    seed: int = 20230711
    nest: bool = True
    panel: str | None = None
    lonely_domain: bool = False
    replicate_factors: bool | None = None
    census: bool = False

    def __post_init__(self) -> None:
        for name in ("strata", "psu", "fpc", "replicates", "rscales"):
            value = getattr(self, name)
            if isinstance(value, Sequence) and not isinstance(value, str):
                object.__setattr__(self, name, tuple(value))
        if isinstance(self.replicates, Integral) and not isinstance(self.replicates, bool):
            object.__setattr__(self, "replicates", int(self.replicates))
        faults = _contradictions(self)
        if faults:
            raise DesignError.of(faults, "the design contradicts itself")

    def __repr__(self) -> str:
        said = [
            f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if getattr(self, f.name) != f.default
        ]
        return f"Design({', '.join(said)})"

    @property
    def stages(self) -> tuple[str, ...]:
        """Columns of the sampling units, outermost first."""
        return _names(self.psu)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the design names, replicate weights aside."""
        return (
            *_names(self.weights),
            *_names(self.strata),
            *self.stages,
            *_names(self.fpc),
            *_names(self.panel),
        )

    @property
    def keys(self) -> list[str]:
        """The columns that make out the units that the variance needs, each once."""
        return list(dict.fromkeys(self.ultimate.columns[len(_names(self.weights)) :]))

    @property
    def ultimate(self) -> Design:
        """This design without the stages that its variance does not need: ultimate clusters without ``fpc``."""
        if self.fpc is not None or len(self.stages) < 2:
            return self
        return replace(self, psu=self.stages[:1], strata=_names(self.strata)[:1] or None)

    @property
    def replicates_given(self) -> bool:
        """Does the file bring replicate weights?"""
        return isinstance(self.replicates, str | tuple)

    @property
    def replicates_made(self) -> bool:
        """Are replicate weights made here from strata and PSUs?"""
        return self.replicate_method is not None and not self.replicates_given


def _is_real(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _name_faults(design: Design) -> list[str]:
    faults = []
    for name in ("weights", "strata", "psu", "fpc", "replicates", "panel"):
        value = getattr(design, name)
        if value is None or (name == "replicates" and isinstance(value, int)):
            continue
        one = isinstance(value, str) or name in ("weights", "panel") or not isinstance(value, tuple)
        wrong = [v for v in ((value,) if one else value) if not isinstance(v, str) or not v]
        if wrong or value == ():
            faults.append(f"{name}={value!r} must name columns by text")
        elif len(set(named := _names(value))) < len(named):
            faults.append(f"{name}={value!r} names a column twice")
    return faults


def _kind_faults(design: Design) -> list[str]:
    kinds = {"lonely_psu": str, "replicate_method": str | None}
    faults = [
        f"{name}={getattr(design, name)!r} must be text"
        for name, kind in kinds.items()
        if not isinstance(getattr(design, name), kind)
    ]
    return (
        faults
        + [
            f"{name}={getattr(design, name)!r} must be True or False"
            for name in ("mse", "nest", "lonely_domain", "census")
            if not isinstance(getattr(design, name), bool | np.bool_)
        ]
        + (
            []
            if design.replicate_factors is None
            or (isinstance(design.replicate_factors, bool) and design.replicates_given)
            else ["replicate_factors must be True or False, and is for replicates that the file brings"]
        )
    )


def _contradictions(design: Design) -> list[str]:
    faults = _name_faults(design) + _kind_faults(design)
    if faults:
        return faults
    if design.lonely_psu not in LONELY_PSU:
        faults.append(f"lonely_psu={design.lonely_psu!r} is unknown; it may be {list(LONELY_PSU)}")
    levels, fpcs, strata = len(design.stages), len(_names(design.fpc)), len(_names(design.strata))
    if fpcs > max(levels, 1):
        faults.append(f"fpc names {fpcs} stages, psu {levels}: give one fpc for each stage of psu")
    if strata > max(levels, 1):
        faults.append(f"strata names {strata} stages, psu {levels}: give at most one for each stage of psu")
    given = design.rscales if isinstance(design.rscales, tuple) else (design.rscales,)
    for name, values in (("scale", (design.scale,)), ("rscales", given)):
        if any(v is not None and not (isinstance(v, Real) and 0 <= v < np.inf) for v in values):
            faults.append(
                f"{name} must hold finite numbers that are not negative, not {getattr(design, name)!r}"
            )
    if not isinstance(design.seed, int) or design.seed < 0:
        faults.append(f"seed={design.seed!r} must be a whole number, 0 or above")
    return faults + _replicate_contradictions(design) + _unused_factors(design)


def _unused_factors(design: Design) -> list[str]:
    """Say which factors of replicates are given to a kind that would not use them."""
    method, of_file = design.replicate_method, design.replicates_given
    if method is not None and method not in REPLICATE_METHODS:
        return []
    uses_scale = method is not None and method not in FIXED_SCALE and (of_file or method == "bootstrap")
    uses_rscales = of_file and method not in ("JK2", "ACS")
    return [
        f"{name}={getattr(design, name)!r} has no meaning with replicate_method={method!r}"
        f"{'' if of_file or method is None else ' made here'}: leave it out"
        for name, used in (("scale", uses_scale), ("rscales", uses_rscales), ("rho", method == "Fay"))
        if getattr(design, name) is not None and not used
    ]


def _replicate_contradictions(design: Design) -> list[str]:
    method, faults = design.replicate_method, []
    if method is not None and method not in REPLICATE_METHODS:
        return [f"replicate_method={method!r} is unknown; it may be {list(REPLICATE_METHODS)}"]
    if design.census and (design.fpc is not None or method is not None):
        faults.append("a census has neither fpc nor replicates: nothing was drawn")
    if design.replicates is not None and method is None:
        faults.append(f"replicates are given without replicate_method; it may be {list(REPLICATE_METHODS)}")
    if design.replicates_made and method not in MADE_HERE:
        faults.append(f"{method} replicates cannot be made here: name their columns in replicates=")
    number = design.replicates
    if isinstance(number, int) and (method != "bootstrap" or number < 2):
        faults.append(
            f"replicates={number} asks for bootstrap replicates: at least 2, replicate_method='bootstrap'"
        )
    if method == "bootstrap" and number is None:
        faults.append("bootstrap needs replicates=: their columns, or how many to make, such as 500")
    if method == "Fay" and not (_is_real(design.rho) and 0 <= float(design.rho or 0) < 1):
        faults.append(f"Fay replicates need 0 <= rho < 1, not {design.rho}")
    if method == "JKn" and design.replicates_given and design.rscales is None:
        faults.append(
            "JKn replicates of a file need rscales: (n-1)/n of the stratum each replicate belongs to"
        )
    if method == "JK1" and design.replicates_made and design.strata is not None:
        faults.append("JK1 is for designs without strata; with strata use JKn")
    return faults


@dataclass(frozen=True)
class Stage:
    """One stage of sampling, in whole numbers.

    ``cluster`` gives each unit's cluster at this stage, ``stratum`` each cluster's stratum. For each
    stratum: ``drawn`` and ``population`` count its clusters (infinite: with replacement), ``factor``
    multiplies its variance by the sampling fractions of the stages above, ``labels`` name it.
    """

    cluster: np.ndarray
    stratum: np.ndarray
    drawn: np.ndarray
    population: np.ndarray
    factor: np.ndarray
    labels: tuple[str, ...]

    @property
    def unsampled(self) -> np.ndarray:
        """Share of each stratum's clusters that were not drawn: R's ``f``."""
        return np.where(np.isinf(self.population), 1.0, 1 - self.drawn / self.population)

    @property
    def lonely(self) -> np.ndarray:
        """Strata of one cluster whose variance cannot be estimated (a census of one is not among them)."""
        return (self.drawn == 1) & (self.unsampled >= 1e-7)


@dataclass(frozen=True)
class People:
    """Of how many each row of a :class:`Layout` tells: rows, those with a weight above 0, their squared weights."""

    rows: np.ndarray
    counted: np.ndarray
    squares: np.ndarray


@dataclass(frozen=True)
class Layout:
    """Which unit each row belongs to, and how units were drawn.

    ``unit`` (rows) is the finest unit whose totals the variance needs, ``weights`` (rows) the weights,
    ``stages`` the stages outermost first, each told for ``units`` units. ``psu`` (units) is the unit's PSU,
    ``stratum`` (PSUs) the PSU's stratum of stage one. A row may stand for several people who are alike in all that
    is asked for: ``weights`` is then the sum of theirs, and ``people`` tells of how many.
    """

    unit: np.ndarray
    units: int
    weights: np.ndarray
    stages: tuple[Stage, ...]
    people: People | None = None

    @property
    def counted(self) -> np.ndarray:
        """How many people with a weight above 0 each row stands for."""
        return (self.weights > 0).astype(float) if self.people is None else self.people.counted

    @property
    def rows(self) -> np.ndarray:
        """How many rows of the data each row stands for."""
        return np.ones(len(self.weights)) if self.people is None else self.people.rows

    @property
    def squares(self) -> np.ndarray:
        """Sum of the squared weights that each row stands for."""
        return self.weights**2 if self.people is None else self.people.squares

    @property
    def psu(self) -> np.ndarray:
        """PSU of each unit."""
        return self.stages[0].cluster

    @property
    def stratum(self) -> np.ndarray:
        """Stratum of each PSU."""
        return self.stages[0].stratum

    @property
    def psus(self) -> int:
        """Number of PSUs of the design."""
        return len(self.stages[0].stratum)

    @property
    def strata(self) -> int:
        """Number of strata of stage one."""
        return len(self.stages[0].drawn)

    @property
    def expands(self) -> bool:
        """Can the weights count people? Not if they sum to no more than the rows, unless everybody was asked."""
        census = all((stage.unsampled < 1e-7).all() for stage in self.stages)
        return census or bool(self.weights.sum() > self.counted.sum() * (1 + 1e-3))

    @property
    def row_psu(self) -> np.ndarray:
        """PSU of each row."""
        return self.psu[self.unit]


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
        several, such as ``{"trust": (4, 5)}``.
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
        for name in ("missing", "categories", "sets"):
            told = {
                column: tuple(map(_spelled, _listed(codes))) for column, codes in getattr(self, name).items()
            }
            object.__setattr__(self, name, MappingProxyType(told))
        for name in ("yes", "no"):
            said = {column: _code_or_codes(code) for column, code in getattr(self, name).items()}
            object.__setattr__(self, name, MappingProxyType(said))
        object.__setattr__(self, "calibration", tuple(self.calibration))
        object.__setattr__(self, "labels", MappingProxyType(codebook.as_labels(self.labels)))
        object.__setattr__(self, "about", MappingProxyType(dict(self.about)))
        if not self.source and (self.labels or self.units or self.min_n is not None):
            object.__setattr__(self, "source", OWN)
        made_up = bool(self.simulated) or _is_simulated(self.source) or bool(origin and origin.simulated)
        object.__setattr__(self, "simulated", made_up)
        also = _columns_named(self)
        layout = _layout(self.data, self.design, also)
        object.__setattr__(self, "layout", layout)
        self.tell_labels()

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
        return self.data is self.table

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
    if survey.units not in (None, 63, 34):
        faults.append(f"units={survey.units!r}: lists of provinces are 63 and 34")
    if survey.min_n is not None:
        try:
            whole_number(survey.min_n, "min_n")
        except DisclosureError as error:
            faults.append(str(error))
    if not isinstance(survey.source, str | None):
        faults.append(f"source is a {type(survey.source).__name__}; it must be text")
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
    return " > ".join(_names(columns))


def _columns_named(survey: Survey) -> tuple[str, ...]:
    """Return the columns that a survey's own arguments name."""
    members = [column for columns in survey.sets.values() for column in columns]
    return tuple(dict.fromkeys([*survey.missing, *survey.yes, *survey.no, *survey.categories, *members]))


def _spelled(code: Any) -> Any:
    return one_spelling(code) if isinstance(code, str) else code


def _code_or_codes(code: Any) -> Any:
    return tuple(map(_spelled, _listed(code))) if pd.api.types.is_list_like(code) else _spelled(code)


def _listed(codes: Any) -> tuple[Any, ...]:
    if isinstance(codes, np.ndarray | pd.Series | pd.Index):
        return tuple(codes.tolist())
    return tuple(codes) if pd.api.types.is_list_like(codes) else (codes,)


def as_numbers(column: pd.Series) -> np.ndarray:
    """Return a column as floats; what is missing or not a real number (text, dates, complex) is NaN."""
    kind = getattr(column.dtype, "kind", "O")
    if kind in "cmM":
        return np.full(len(column), np.nan)
    if isinstance(column.dtype, pd.CategoricalDtype) or kind == "O":
        values = [v if _is_plain(v) else np.nan for v in column.astype(object)]
        column = pd.Series(values, dtype=object)
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _is_plain(value: object) -> bool:
    return isinstance(value, Real | Decimal | str | np.bool_)


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


def _layout(data: Any, design: Design, also: Sequence[str]) -> Layout:
    """Check the data against the design and say which row belongs to which unit.

    Raises
    ------
    DesignError
        All faults at once.
    """
    faults = _header_faults(data) or _column_faults(data, design, also)
    if faults:
        raise DesignError.of(faults, "the design does not fit the data")
    if isinstance(data, engine.Table):
        return _layout_elsewhere(data, design)
    weights = np.ones(len(data)) if design.weights is None else as_numbers(data[design.weights])
    faults = [] if design.weights is None else _weight_faults(weights, data[design.weights])
    return laid_out(data, design, weights, None, faults)


def _layout_elsewhere(table: engine.Table, design: Design) -> Layout:
    """Ask a table that lives elsewhere for its design: one small query."""
    faults = [
        f"{name!r} is {table.schema[name]}; labels must be text or numbers"
        for name in design.columns
        if not table.is_label(name)
    ]
    numbers = (*_names(design.weights), *_names(design.fpc))
    faults += [
        f"{name!r} is {table.schema[name]}, not numbers" for name in numbers if not table.is_number(name)
    ]
    if faults:
        raise DesignError.of(faults, "the design does not fit the data")
    keys, sums = table.units(design.keys, design.weights)
    faults = [] if design.weights is None else _range_faults(design.weights, table)
    if faults:
        raise DesignError.of(faults, "the design does not fit the data")
    return laid_out(passed(keys), design.ultimate, *weights_and_people(sums), [])


def weights_and_people(sums: Mapping[engine.Place, np.ndarray]) -> tuple[np.ndarray, People]:
    """Return the weights of groups of rows, and of how many people each tells."""
    rows = sums["rows", -1]
    counted, weights, squares = (sums.get((name, -1), rows) for name in ("counted", "w", "ww"))
    return weights, People(rows, counted, squares)


def _range_faults(name: str, table: engine.Table) -> list[str]:
    column = engine.Value(name)
    span = table.ranges([column])[column]
    lost = len(table) - span.known
    faults = [] if len(table) else ["the table has no rows"]
    faults += [f"weights {name!r} are missing or not a number in {lost:,} rows"] if lost else []
    if span.known and span.low < 0:
        faults.append(f"weights {name!r} are negative: down to {span.low:g}")
    if span.known and not span.high <= LARGEST:
        faults.append(f"weights {name!r} are infinite or above {LARGEST:g}: up to {span.high:g}")
    if not faults and not span.high > 0:
        faults.append(f"weights {name!r} sum to zero: nobody counts")
    return faults


def laid_out(
    data: pd.DataFrame, design: Design, weights: np.ndarray, people: People | None, faults: list[str]
) -> Layout:
    """Say which row belongs to which unit, given the rows' weights and of how many people each row tells.

    Raises
    ------
    DesignError
        All faults at once, those given too.
    """
    named = dict.fromkeys([*_names(design.strata), *_names(design.panel), *design.stages])
    codes = {name: _codes(data[name], name, faults) for name in named}
    if not faults:
        clusters, strata, labels = _stage_codes(data, design, codes, faults)
        unit, units, stages = _stages(data, design, clusters, strata, labels, faults)
    if not faults and not design.replicates_given:
        faults += _lonely_faults(stages, design)
    if faults:
        raise DesignError.of(faults, "the design does not fit the data")
    return Layout(unit, units, weights, stages, people)


def _header_faults(data: Any) -> list[str]:
    if data.columns.nlevels > 1:
        return [f"the table has {data.columns.nlevels} rows of column names: give it one, of text"]
    wrong = [name for name in data.columns if not isinstance(name, str)]
    if not wrong:
        return []
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return [f"columns must be named by text, not {wrong[:SHOWN]}{more}: data.rename(columns=str) does that"]


def _column_faults(data: Any, design: Design, also: Sequence[str]) -> list[str]:
    if not len(data):
        return ["the table has no rows"]
    given = design.replicates if isinstance(design.replicates, tuple) else ()
    wanted = list(dict.fromkeys([*design.columns, *given, *also]))
    absent = [name for name in wanted if name not in data.columns]
    faults = [f"no column {name!r}; {near(name, data.columns)}" for name in absent]
    twice = [name for name in wanted if list(data.columns).count(name) > 1]
    return faults + ([f"the columns {twice} are there more than once"] if twice else [])


def rows_quoted(mask: np.ndarray) -> str:
    """Say where a mask is true: the first positions, counted from 0, and how many more."""
    where = np.flatnonzero(mask)
    more = f" and {len(where) - SHOWN} more" if len(where) > SHOWN else ""
    return f"row {', '.join(str(i) for i in where[:SHOWN])}{more} (counted from 0)"


def _weight_faults(weights: np.ndarray, column: pd.Series) -> list[str]:
    faults, name = [], column.name
    for what, wrong in (
        ("missing or not a number", np.isnan(weights)),
        ("infinite", np.isinf(weights)),
        ("negative", weights < 0),
        (f"above {LARGEST:g}", np.isfinite(weights) & (weights > LARGEST)),
    ):
        if wrong.any():
            text = next((value for value in column[wrong] if isinstance(value, str)), None)
            such = "" if text is None else f", such as {text!r}"
            faults.append(f"weights {name!r} are {what} in {rows_quoted(wrong)}{such}")
    if not faults and not weights.sum() > 0:
        faults.append(f"weights {name!r} sum to zero: nobody counts")
    elif not faults and weights.sum() < 1 / LARGEST:
        faults.append(f"weights {name!r} sum to {weights.sum():g}: too little to compute with")
    return faults


def _codes(column: pd.Series, name: str, faults: list[str]) -> tuple[np.ndarray, list[str]]:
    try:
        codes, labels = pd.factorize(column)
    except TypeError:
        kinds = sorted({type(value).__name__ for value in column})
        faults.append(f"{name!r} holds {kinds}; labels must be text or numbers")
        return np.zeros(len(column), dtype=np.int64), []
    if (codes < 0).any():
        faults.append(f"{name!r} is missing in {rows_quoted(codes < 0)}")
    if alike := read_alike(labels):
        faults.append(f"{name!r} holds {alike} both as text and as a number: make them one kind")
    return codes, [str(label) for label in labels]


def read_alike(values: Iterable[Any]) -> list[str]:
    """Return the first labels that are written alike though they are not equal, such as 1 and "1"."""
    counts = Counter(str(value) for value in values)
    return [label for label, times in counts.items() if times > 1][:SHOWN]


def _crossed(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number the combinations that occur from 0; return each row's number and the first row of each."""
    key = columns[0].astype(np.int64)
    for column in columns[1:]:
        key = numbered(key)[0] * (int(column.max()) + 1) + column
    number, first, _ = numbered(key)
    return number, first


def numbered(key: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number the different whole numbers in their order; return each one's number, the first place of each, and each.

    What ``numpy.unique`` returns, without sorting the rows.
    """
    code, found = pd.factorize(key)
    order = np.argsort(found, kind="stable")
    rank = np.empty(len(found), dtype=np.int64)
    rank[order] = np.arange(len(found))
    first = np.empty(len(found), dtype=np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]
    return rank[code], first[order], np.asarray(found)[order]


def _stage_codes(
    data: pd.DataFrame, design: Design, codes: dict[str, tuple[np.ndarray, list[str]]], faults: list[str]
) -> tuple[list[np.ndarray], list[np.ndarray], list[tuple[str, ...]]]:
    """Return, stage by stage, the cluster and the stratum of each row and the strata's names."""
    one = np.zeros(len(data), dtype=np.int64)
    declared = [codes[name] for name in _names(design.strata)] or [(one, ["the whole sample"])]
    if design.panel is not None:
        declared[0] = _divided(declared[0], codes[design.panel])
    units = [codes[name] for name in design.stages] or [(np.arange(len(data)), [])]
    clusters: list[np.ndarray] = []
    strata: list[np.ndarray] = []
    labels: list[tuple[str, ...]] = []
    for level, (unit, names) in enumerate(units):
        own, own_names = declared[min(level, len(declared) - 1)]
        above = clusters[-1] if clusters else one
        stratum, first = _crossed(above, own)
        if level == 0:
            if not design.nest:
                _unique_labels(unit, stratum, names, own_names, design, faults)
            labels.append(tuple(own_names[i] for i in own[first]))
        else:
            outer = units[level - 1]
            labels.append(tuple(f"{design.stages[level - 1]} {outer[1][outer[0][i]]}" for i in first))
        cluster, _ = _crossed(stratum, unit)
        clusters.append(cluster)
        strata.append(stratum)
    return clusters, strata, labels


def _divided(
    strata: tuple[np.ndarray, list[str]], panel: tuple[np.ndarray, list[str]]
) -> tuple[np.ndarray, list[str]]:
    """Cross strata with panels: each row's number and the names of the crossings."""
    number, first = _crossed(strata[0], panel[0])
    return number, [f"{strata[1][strata[0][i]]}, panel {panel[1][panel[0][i]]}" for i in first]


def _unique_labels(
    unit: np.ndarray,
    stratum: np.ndarray,
    names: list[str],
    strata: list[str],
    design: Design,
    faults: list[str],
) -> None:
    pairs = pd.DataFrame({"unit": unit, "stratum": stratum}).drop_duplicates()
    shared = pairs.loc[pairs["unit"].duplicated(keep=False)].groupby("unit").size()
    if len(shared):
        shown = [names[int(i)] for i in shared.index[:SHOWN]] if names else list(shared.index[:SHOWN])
        faults.append(
            f"PSU {shown} ({len(shared)} in all) lie in more than one stratum; "
            f"if labels are used again in every stratum, declare nest=True"
        )


def _stages(
    data: pd.DataFrame,
    design: Design,
    clusters: list[np.ndarray],
    strata: list[np.ndarray],
    labels: list[tuple[str, ...]],
    faults: list[str],
) -> tuple[np.ndarray, int, tuple[Stage, ...]]:
    """Tell each stage for the finest units that the variance needs."""
    fpc = _names(design.fpc)
    depth = len(clusters) if fpc else 1
    unit = clusters[depth - 1]
    units = int(unit.max()) + 1
    row_of_unit = np.zeros(units, dtype=np.int64)
    row_of_unit[unit] = np.arange(len(unit))
    stages: list[Stage] = []
    row_factor = np.ones(len(unit))
    for level in range(depth):
        cluster, stratum = clusters[level], strata[level]
        of_cluster = np.zeros(int(cluster.max()) + 1, dtype=np.int64)
        of_cluster[cluster] = stratum
        drawn = np.bincount(of_cluster)
        population = np.full(len(drawn), np.inf)
        if design.census:
            population = drawn.astype(float)
        elif level < len(fpc):
            population = _population(data[fpc[level]], fpc[level], stratum, drawn, labels[level], faults)
        factor = np.zeros(len(drawn))
        factor[stratum] = row_factor
        stages.append(Stage(cluster[row_of_unit], of_cluster, drawn, population, factor, labels[level]))
        row_factor = row_factor * (drawn / population)[stratum]
    return unit, units, tuple(stages)


def _population(
    column: pd.Series,
    name: str,
    stratum: np.ndarray,
    drawn: np.ndarray,
    labels: tuple[str, ...],
    faults: list[str],
) -> np.ndarray:
    """Return each stratum's number of clusters from counts or sampling fractions."""
    values = as_numbers(column)
    if (bad := ~((values > 0) & np.isfinite(values))).any():
        faults.append(
            f"fpc {name!r} is missing, zero, negative, infinite or not a number in {rows_quoted(bad)}; "
            f"a stage drawn with replacement is declared without fpc"
        )
        return np.full(len(drawn), np.inf)
    low, high = (np.full(len(drawn), start) for start in (np.inf, -np.inf))
    np.minimum.at(low, stratum, values)
    np.maximum.at(high, stratum, values)
    if (varies := low != high).any():
        faults.append(f"fpc {name!r} varies within the strata {_quoted(labels, varies)}")
    fractions = bool((values <= 1).all())
    if not fractions and (values < 1).any():
        faults.append(f"fpc {name!r} mixes fractions and counts: below 1 in {rows_quoted(values < 1)}")
    with np.errstate(divide="ignore"):
        population = drawn / low if fractions else low
    if not fractions and (small := population < drawn).any():
        i = int(np.flatnonzero(small)[0])
        faults.append(
            f"fpc {name!r} is below the sample in the strata {_quoted(labels, small)}: "
            f"{drawn[i]} drawn from {population[i]:g} in {labels[i]!r}"
        )
    return population


def _quoted(labels: Sequence[str], mask: np.ndarray) -> str:
    found = [label for label, hit in zip(labels, mask, strict=True) if hit]
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return f"{found[:SHOWN]}{more}"


def _lonely_faults(stages: tuple[Stage, ...], design: Design) -> list[str]:
    faults = []
    for level, stage in enumerate(stages, start=1):
        if not stage.lonely.any():
            continue
        where = f"strata {_quoted(stage.labels, stage.lonely)} have one unit each at stage {level}"
        if design.lonely_psu == "fail":
            faults.append(
                f"{where}: their variance cannot be estimated. Merge them with a "
                f'neighbouring stratum, or declare lonely_psu="adjust" (or {list(LONELY_PSU[2:])}). If rows were left '
                f"out before, for a subpopulation, keep them all and ask with domain= or by="
            )
        elif design.lonely_psu == "average" and level > 1:
            faults.append(
                f'{where}: lonely_psu="average" has no other strata to average over within one unit'
            )
        elif design.lonely_psu == "average" and stage.lonely.all():
            faults.append(f'{where}: lonely_psu="average" has no other strata to average over')
    return faults
