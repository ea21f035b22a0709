"""One engine: linear and smooth functions of the estimates of all domains and outcomes, with their covariance.

Hands on :class:`Derived` (variances, covariances, degrees of freedom of such functions) and the numbers of a row
of ESTIMATES that rest on t.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.faults import Error
from portal_analysis.shape import join_flags
from portal_analysis.survey import intervals, values, variance
from portal_analysis.survey.joint import EstimateError, Joint, degrees, within_one_psu
from portal_analysis.survey.microdata import Survey

Function = Callable[[np.ndarray, np.ndarray], np.ndarray]
ENDS = ("estimate", "se", "ci_low", "ci_high")
"""What changes when a row is told on another scale."""

CHUNK = 64
"""How many estimates' scores are spread over the rows at a time where a calibration needs them."""


class CompareError(Error):
    """What was asked to be compared cannot be."""


@dataclass(frozen=True, eq=False)
class Derived:
    """Functions of the sums of a :class:`Joint`: estimates, derivatives in Σwy and Σwx, replicates.

    ``a``, ``b`` and ``support`` (which sums they rest on) are sparse, (results, outcomes × domains). Where
    ``unseen`` an estimate that lies within one PSU takes part, so that the error is unknown; if not said, it is
    where all that a result rests on lies within one.
    """

    joint: Joint
    estimate: np.ndarray
    a: Any
    b: Any
    support: Any
    thetas: np.ndarray | None
    unseen: np.ndarray | None = None

    @property
    def exact(self) -> np.ndarray:
        """Which rest on censuses alone."""
        sampled = (~self.joint.finite.exact).T.ravel().astype(float)
        return ~((self.support @ sampled) > 0)

    def spread(self) -> np.ndarray:
        """Return the variance of each."""
        survey = self.joint.survey
        if self.thetas is not None:
            return self._known(self.joint.repeated.variance(self.thetas, self.estimate))  # type: ignore[union-attr]
        if survey.calibration:
            parts = [
                variance.row_variances(survey, self._row_scores(which))
                for which in _chunks(len(self.estimate))
            ]
            return self._known(np.concatenate(parts))
        wy, wx, n = self._of_units()
        there = (n @ self.support.T.astype(float)).tocoo()
        order = np.lexsort((there.row, there.col))
        unit, result = there.row[order].astype(np.int64), there.col[order].astype(np.int64)
        z = np.asarray((wy @ self.a.T + wx @ self.b.T).tocsr()[unit, result]).reshape(-1, 1)
        found = variance.variances(survey, unit, result, len(self.estimate), z, there.data[order, None])
        return self._known(found[:, 0])

    def covariance(self) -> np.ndarray:
        """Return the covariance matrix, over the strata of the whole design."""
        survey = self.joint.survey
        if self.thetas is not None:
            return self.joint.repeated.covariance(self.thetas, self.estimate)  # type: ignore[union-attr]
        return variance.covariance(survey, self.unit_scores())

    def unit_scores(self) -> np.ndarray:
        """Return linearised scores per sampling unit, (units, results)."""
        survey = self.joint.survey
        if survey.calibration:
            parts = [
                variance.unit_scores(survey, self._row_scores(which)) for which in _chunks(len(self.estimate))
            ]
            return np.concatenate(parts, axis=1)
        wy, wx, _ = self._of_units()
        return (wy @ self.a.T + wx @ self.b.T).toarray()

    def degrees(self, df: str | float, answered: bool = False) -> np.ndarray:
        """Return the degrees of freedom: of the units of all domains that a result rests on."""
        return degrees(self.joint, self._rests(), df, answered)

    def _rests(self) -> Any:
        """Return which domains each result rests on, sparse."""
        domains = self.joint.sums.domains
        return sum(self.support[:, k * domains : (k + 1) * domains] for k in range(self.joint.n.shape[1]))

    def summed(self, values: np.ndarray) -> np.ndarray:
        """Add up a number of each domain and outcome over what each result rests on."""
        return np.asarray(self.support.astype(float) @ values.T.ravel())

    def least(self) -> np.ndarray:
        """Return the answers of the smallest group with answers that each result rests on."""
        rests, n = self.support.tocsr(), self.joint.n.T.ravel().astype(float)
        held = np.where(n > 0, n, np.inf)[rests.indices] * np.where(rests.data, 1.0, np.inf)
        least = np.full(rests.shape[0], np.inf)
        np.minimum.at(least, np.repeat(np.arange(rests.shape[0]), np.diff(rests.indptr)), held)
        return np.where(np.isinf(least), 0.0, least)

    def _known(self, spread: np.ndarray) -> np.ndarray:
        unseen = within_one_psu(self.joint, self._rests()) if self.unseen is None else self.unseen
        return np.where(self.exact, 0.0, np.where(np.isnan(self.estimate) | unseen, np.nan, spread))

    def _of_units(self) -> tuple[Any, Any, Any]:
        """Return Σwy, Σwx and the number of answers of each unit, sparse, (units, outcomes × domains)."""
        from scipy.sparse import csr_matrix

        sums, size = self.joint.sums, self.joint.n.shape[1]
        column = (np.arange(size)[None, :] * sums.domains + sums.domain[:, None]).ravel()
        place = (np.repeat(sums.unit, size), column)
        shape = (self.joint.survey.layout.units, self.joint.n.size)
        wy, wx, n = (csr_matrix((v.ravel(), place), shape) for v in (sums.wy, sums.wx, sums.n))
        return wy, wx, n

    def _row_scores(self, which: np.ndarray) -> np.ndarray:
        """Return weighted linearised scores (rows, which)."""
        joint, weights = self.joint, self.joint.survey.layout.weights
        out = np.zeros((len(weights), len(which)))
        count = joint.sums.domains
        a, b = self.a[which].toarray(), self.b[which].toarray()
        for k, y in enumerate(joint.outcomes.y):
            x = 1.0 if joint.outcomes.x is None else joint.outcomes.x[k][:, None]
            part = slice(k * count, (k + 1) * count)
            for of_row in joint.domains.of_row:
                rows = np.flatnonzero((of_row >= 0) & ~np.isnan(y))
                above, below = a[:, part].T[of_row[rows]], b[:, part].T[of_row[rows]]
                under = x if isinstance(x, float) else x[rows]
                out[rows] += weights[rows, None] * (above * y[rows, None] + below * under)
        return out


def _chunks(size: int) -> list[np.ndarray]:
    return np.array_split(np.arange(size), -(-size // CHUNK))


def spreads(joint: Joint) -> np.ndarray:
    """Return the variance of every estimate, (domains, outcomes); without the matrix of all of them."""
    if joint.repeated is not None:
        spread = joint.repeated.variance(joint.thetas, joint.estimate)  # type: ignore[arg-type]
    elif joint.survey.calibration:
        spread = derived(joint).spread().reshape(joint.n.shape[::-1]).T
    else:
        a, b = joint.slopes
        scores = joint.sums.wy if joint.outcomes.total else _pair_scores(joint, a, b)
        sums = joint.sums
        spread = variance.variances(joint.survey, sums.unit, sums.domain, sums.domains, scores, sums.n)
    return np.where(joint.finite.exact, 0.0, spread)


def _pair_scores(joint: Joint, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[joint.sums.domain] * joint.sums.wy + b[joint.sums.domain] * joint.sums.wx


def derived(joint: Joint) -> Derived:
    """Return the estimates themselves, outcome by outcome, as functions of the sums."""
    from scipy.sparse import identity

    return combined(joint, identity(joint.n.size, format="csr"))


def combined(joint: Joint, coefficients: Any, log: bool = False) -> Derived:
    """Return linear combinations of the estimates, or of their logarithms.

    Parameters
    ----------
    coefficients : array or sparse matrix, shape (results, outcomes × domains)
    log : bool
        Combine logarithms; a combination with an estimate that is not above 0 is missing.
    """
    from scipy.sparse import csr_matrix

    linear = csr_matrix(coefficients)
    value, thetas = joint.estimate.T.ravel(), joint.thetas
    slopes = [part.T.ravel() for part in joint.slopes]
    if thetas is not None:
        thetas = thetas.transpose(0, 2, 1).reshape(len(thetas), -1)
    if log:
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = [np.where(value > 0, part / value, 0.0) for part in slopes]
            value = np.where(value > 0, np.log(value), np.nan)
            thetas = None if thetas is None else np.log(thetas)
    lost = np.isnan(value) | (False if thetas is None else ~np.isfinite(thetas).all(axis=0))
    estimate = np.where((abs(linear) @ lost.astype(float)) > 0, np.nan, linear @ np.where(lost, 0.0, value))
    if thetas is not None:
        thetas = (linear @ np.where(lost, 0.0, thetas).T).T
    a, b = (linear.multiply(part[None, :]).tocsr() for part in slopes)
    unseen = (abs(linear) @ joint.unseen.T.ravel().astype(float)) > 0
    return Derived(joint, estimate, a, b, abs(linear) > 0, thetas, unseen)


def function(
    joint: Joint, of: Function, columns: Sequence[int] | np.ndarray, unseen: bool | None = None
) -> Derived:
    """Return smooth functions of the sums of some estimates (numbered outcome by outcome).

    Parameters
    ----------
    of : callable
        Takes Σwy and Σwx, (…, columns), and returns (…, results). It is differentiated by complex steps, so
        that it must be written with analytic operations (:func:`size` for ``abs``).
    columns : sequence of int
        The estimates; every result rests on all of them, so its people are all of theirs. Results that rest on others
        are asked for one by one.
    unseen : bool, optional
        Whether a part of them lies within one PSU, so that the error is unknown; where all of them do, if not said.
    """
    from scipy.sparse import csr_matrix

    columns = np.asarray(columns, dtype=np.int64)
    above, below = (s.T.ravel()[columns] for s in (joint.above, joint.below))
    estimate, count = of(above, below), len(columns)
    step = 1e-30  # relative steps: sums of money and of people are far apart in size
    scale = np.concatenate([np.abs(above), np.abs(below)])
    scale = np.where(scale > 0, scale, 1.0)
    lift = np.diag(scale * step * 1j)
    gradient = of(above + lift[:, :count], below + lift[:, count:]).imag / (scale * step)[:, None]
    shape = (len(estimate), joint.n.size)
    place = (np.repeat(np.arange(len(estimate)), count), np.tile(columns, len(estimate)))
    a, b = (
        csr_matrix((np.nan_to_num(part.T.ravel()), place), shape)
        for part in (gradient[:count], gradient[count:])
    )
    thetas = None
    if joint.again is not None:
        again = (s.transpose(0, 2, 1).reshape(len(s), -1)[:, columns] for s in joint.again)
        thetas = of(*again)
    support = csr_matrix((np.ones(len(place[0])), place), shape)
    lost = None if unseen is None else np.full(len(estimate), unseen)
    return Derived(joint, estimate, a, b, support > 0, thetas, lost)


def size(values: np.ndarray) -> np.ndarray:
    """Return absolute values in a way that complex steps can differentiate."""
    return np.where(values.real < 0, -values, values)


# --------------------------------------------------------------------------------------------- rows that rest on t


def told(
    estimate: np.ndarray,
    spread: np.ndarray,
    df: np.ndarray,
    level: float,
    exact: np.ndarray,
) -> dict[str, Any]:
    """Return estimate, error, t interval and p-value; what has no error has no interval, a census width 0."""
    from scipy.stats import t as student

    se = np.where(np.isnan(estimate), np.nan, np.sqrt(spread))
    sure = (se > 0) & (df >= 1)
    free = np.where(sure, df, 1.0)
    statistic = np.where(sure, estimate / np.where(sure, se, 1.0), np.nan)
    reach = np.where(sure, student.ppf((1 + level) / 2, free) * se, np.nan)
    se, reach = np.where(exact, 0.0, se), np.where(exact, 0.0, reach)
    return {
        "estimate": estimate,
        "se": se,
        "ci_low": estimate - reach,
        "ci_high": estimate + reach,
        "df": df,
        "statistic": statistic,
        "p_value": np.where(sure, 2 * student.sf(np.abs(statistic), free), np.nan),
        "interval": np.full(len(estimate), "t"),
        "level": np.full(len(estimate), level),
    }


def rows_of(compared: Derived, df: str | float, level: float, free: np.ndarray | None = None) -> pd.DataFrame:
    """Return what every comparison tells: the numbers that rest on t, flags, and where they come from."""
    survey = compared.joint.survey
    free = compared.degrees(df) if free is None else free
    told_ = told(compared.estimate, compared.spread(), free, level, compared.exact)
    return pd.DataFrame(told_).assign(
        flag=flags(survey, told_, compared.exact),
        source=survey.source or "",
        df_kind=kind_of(df),
        n_ungrouped=int(compared.joint.ungrouped[0]),
        n_least=compared.least(),
    )


def exponentiated(rows: dict[str, Any]) -> dict[str, Any]:
    """Return rows told on the log scale as ratios: se by the delta method, the interval exponentiated."""
    ratio = np.exp(rows["estimate"])
    low, high = np.exp(rows["ci_low"]), np.exp(rows["ci_high"])
    return {**rows, "estimate": ratio, "se": ratio * rows["se"], "ci_low": low, "ci_high": high}


def flags(survey: Survey, rows: dict[str, Any], exact: np.ndarray) -> list[str]:
    """Flag what has no error as ``suppress`` and what rests on few PSUs as ``review`` (NCHS: df below 8)."""
    simulated = "simulated" if survey.simulated else ""
    se, df = rows["se"], rows["df"]
    sure = (se > 0) & (df >= 1)
    safe = sure | (exact & ~np.isnan(rows["estimate"]))
    return [
        join_flags("" if good else "suppress", "review" if few else "", simulated)
        for good, few in zip(safe, (df < intervals.FEW_DF) & sure, strict=True)
    ]


def checked(df: object, level: object = 0.95) -> None:
    """Raise an EstimateError for degrees of freedom or a level without meaning."""
    if faults := intervals.faults_of(df, level):
        raise EstimateError.of(faults)


def kind_of(df: str | float) -> str:
    """Return the name of a rule of degrees of freedom."""
    return df if isinstance(df, str) else "given"


def columns_of(by: Any) -> list[str]:
    """Return the columns of one grouping, none for None; several groupings at once are an error."""
    return [] if by is None else values.names_of(by, "by")
