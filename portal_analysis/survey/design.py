"""How a sample was drawn (Design): the names of its columns, and what must not contradict.

Hands on a Design, which is checked in itself; :mod:`portal_analysis.survey.layout` holds it against the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from numbers import Integral
from typing import Any

import numpy as np

from portal_analysis.arguments import is_number, is_whole, shown
from portal_analysis.faults import Error

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

SHOWN = 5
"""How many rows or labels a message quotes."""


class DesignError(Error):
    """A design contradicts itself or the data it is declared for."""


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
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> design = pa.Design("weight", strata="province", psu=("district", "commune", "village"))
    >>> print(pa.proportion(pa.Survey(papi.data, design), "npsp_use")["estimate"].round(4).tolist())
    [0.0485]
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
        return as_names(self.psu)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the design names, replicate weights aside."""
        return (
            *as_names(self.weights),
            *as_names(self.strata),
            *self.stages,
            *as_names(self.fpc),
            *as_names(self.panel),
        )

    @property
    def keys(self) -> list[str]:
        """The columns that make out the units that the variance needs, each once."""
        return list(dict.fromkeys(self.ultimate.columns[len(as_names(self.weights)) :]))

    @property
    def ultimate(self) -> Design:
        """The design without the stages that its variance does not need: ultimate clusters without ``fpc``."""
        if self.fpc is not None or len(self.stages) < 2:
            return self
        return replace(self, psu=self.stages[:1], strata=as_names(self.strata)[:1] or None)

    @property
    def replicates_given(self) -> bool:
        """Does the file bring replicate weights?"""
        return isinstance(self.replicates, str | tuple)

    @property
    def replicates_made(self) -> bool:
        """Are replicate weights made here from strata and PSUs?"""
        return self.replicate_method is not None and not self.replicates_given


def as_names(value: Any) -> tuple[str, ...]:
    """Return no name, one or several as a tuple."""
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
            faults.append(f"{name}={shown(value)} must name columns by text")
        elif len(set(named := as_names(value))) < len(named):
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
    levels, fpcs, strata = len(design.stages), len(as_names(design.fpc)), len(as_names(design.strata))
    if fpcs > max(levels, 1):
        faults.append(f"fpc names {fpcs} stages, psu {levels}: give one fpc for each stage of psu")
    if strata > max(levels, 1):
        faults.append(f"strata names {strata} stages, psu {levels}: give at most one for each stage of psu")
    given = design.rscales if isinstance(design.rscales, tuple) else (design.rscales,)
    for name, values in (("scale", (design.scale,)), ("rscales", given)):
        if any(v is not None and not (is_number(v) and 0 <= v < np.inf) for v in values):
            faults.append(
                f"{name} must hold finite numbers that are not negative, not {getattr(design, name)!r}"
            )
    if not is_whole(design.seed, 0):
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
    if method == "Fay" and not (is_number(design.rho) and 0 <= float(design.rho or 0) < 1):
        faults.append(f"Fay replicates need 0 <= rho < 1, not {design.rho}")
    if method == "JKn" and design.replicates_given and design.rscales is None:
        faults.append(
            "JKn replicates of a file need rscales: (n-1)/n of the stratum each replicate belongs to"
        )
    if method == "JK1" and design.replicates_made and design.strata is not None:
        faults.append("JK1 is for designs without strata; with strata use JKn")
    return faults
