"""Are two columns of categories associated: Rao and Scott's and Wald's tests.

Hands on ESTIMATES with p-values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from portal_analysis.shape import estimates, join_flags
from portal_analysis.survey import gather
from portal_analysis.survey.answers import levels
from portal_analysis.survey.domains import Domain, about_whom
from portal_analysis.survey.joint import Joint, Outcomes, joint
from portal_analysis.survey.linear import CompareError, columns_of, combined
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import need

STATISTICS = ("F", "Chisq", "Wald", "adjWald")
"""Tests of association, in the words of R's ``svychisq``."""


@gather.anywhere(why="a test")
def association(
    survey: Survey,
    row: str,
    column: str,
    by: str | Sequence[str] | None = None,
    domain: Domain = None,
    statistic: str = "F",
) -> pd.DataFrame:
    """Test whether two categorical columns are associated.

    Parameters
    ----------
    survey : Survey
    row, column : str
        Columns of categories; people with either missing are outside the table.
    by : str or sequence of str, optional
        A test for each cell of these columns.
    domain : str, optional
        A 0/1 column that keeps the test to a subpopulation.
    statistic : {"F", "Chisq", "Wald", "adjWald"}
        ``F``: Pearson's X² with the second-order correction of Rao and Scott (1984). ``Chisq``: the
        first-order correction. ``Wald``: Koch, Freeman and Freeman (1975), ``adjWald`` with the correction
        for few PSUs.

    Returns
    -------
    DataFrame
        ESTIMATES: ``indicator`` is ``"row x column"``, ``estimate`` the statistic, ``unit`` its name (``F``,
        ``X²``), ``df`` the denominator's degrees of freedom (missing for ``Chisq``). Extras: ``statistic``
        (the method), ``ndf``, ``p_value``, ``n_missing``. For ``Chisq`` the estimate is Pearson's X² of the
        weighted proportions times n, before the correction that the p-value takes in, as R prints it (whose n
        counts people of weight 0 too; the p-value is the same).

    Raises
    ------
    CompareError
        If the table has not two rows and two columns, or its covariance is singular. With ``by``, such a cell
        is missing and flagged ``suppress``.

    Notes
    -----
    R's ``svychisq`` of the same word.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> papi = pa.load_survey("papi-simulated", wave=2022)
    >>> found = pa.association(papi, "internet_home", "ethnicity")
    >>> print(found["p_value"].round(3).tolist())
    [0.0]
    """
    columns = columns_of(by)
    need(survey, [row, column, *columns])
    if statistic not in STATISTICS:
        raise CompareError(f"statistic={statistic!r} is unknown; it may be {list(STATISTICS)}")
    if row == column:
        raise CompareError(f"{row!r} cannot be tested against itself")
    ones = np.where((levels(survey, row)[0] >= 0) & (levels(survey, column)[0] >= 0), 1.0, np.nan)
    ones[survey.layout.weights == 0] = np.nan
    found = joint(
        survey, Outcomes([f"{row} x {column}"], [ones], total=True), [*columns, row, column], domain
    )
    everybody = joint(survey, found.outcomes, columns or None, domain)
    tests = [_test(found, everybody, row, column, i, statistic) for i in range(len(everybody.names))]
    tested = everybody.names.reset_index(drop=True).join(pd.DataFrame(tests))
    tested = tested.assign(indicator=f"{row} x {column}", source=survey.source or "", statistic=statistic)
    tested["measure"] = "association"
    tested["n_ungrouped"] = everybody.ungrouped.astype(int)
    return about_whom(estimates(tested, columns), survey, domain)


def _test(
    found: Joint, everybody: Joint, row: str, column: str, group: int, statistic: str
) -> dict[str, object]:
    """Test within one group of ``by``; an impossible test is an error without ``by`` and a flag with it."""
    names, own = found.names, everybody.names.iloc[group]
    inside = np.ones(len(names), dtype=bool)
    for name in own.index:
        inside &= (names[name] == own[name]).to_numpy()
    said = "".join(f", {name} {value!r}" for name, value in own.items())
    simulated = "simulated" if found.survey.simulated else ""
    n = float(found.n[inside].sum())
    counts = {"n": n, "n_missing": int(everybody.members[group] - n)}
    try:
        table = _table(found, inside, row, column, f"{row!r} x {column!r}{said}")
        return {"flag": simulated, **_tested(found, table, statistic), **counts}
    except CompareError:
        if not len(own.index):
            raise
        unit = "X²" if statistic == "Chisq" else "F"
        return {"flag": join_flags("suppress", simulated), "estimate": np.nan, "unit": unit, **counts}


@dataclass(frozen=True, eq=False)
class _Table:
    """A two-way table: which domains fill which of its cells (column by column), and its size."""

    domain: np.ndarray
    cell: np.ndarray
    rows: int
    columns: int
    name: str


def _table(found: Joint, inside: np.ndarray, row: str, column: str, name: str) -> _Table:
    domain = np.flatnonzero(inside & (found.n[:, 0] > 0))
    read = [pd.factorize(found.names[side].iloc[domain]) for side in (row, column)]
    (r, rows), (c, columns) = read
    if len(rows) < 2 or len(columns) < 2:
        raise CompareError(
            f"{name}: the table has {len(rows)} row(s) and {len(columns)} column(s); at least 2 x 2 is needed"
        )
    return _Table(domain, c * len(rows) + r, len(rows), len(columns), name)


def _tested(found: Joint, table: _Table, statistic: str) -> dict[str, object]:
    if found.finite.exact[table.domain].all():
        raise CompareError(f"{table.name}: everybody was asked; there is no chance to test against")
    try:
        if statistic in ("Wald", "adjWald"):
            return _wald(found, table, statistic)
        return _rao_scott(found, table, statistic)
    except np.linalg.LinAlgError as error:
        raise CompareError(
            f"{table.name}: the covariance of the cells is singular; "
            "there are too few PSUs or too many empty cells"
        ) from error


def _rao_scott(found: Joint, table: _Table, statistic: str) -> dict[str, object]:
    """Return Pearson's X² of the weighted shares and its corrections (Rao and Scott 1984)."""
    from scipy.stats import chi2
    from scipy.stats import f as fisher

    n = int(found.n[table.domain].sum())
    p, spread, free = _cells(found, table, shares=True)
    square = p.reshape(table.columns, table.rows)
    expected = np.outer(square.sum(axis=1), square.sum(axis=0))
    pearson = n * float(((square - expected) ** 2 / expected).sum())
    inverse = np.where(p > 0, 1 / np.where(p > 0, p, 1.0), 0.0)
    interaction = np.kron(_centred(table.columns), _centred(table.rows))
    scaled = interaction * inverse[:, None]
    design_effects = np.linalg.solve(interaction.T @ scaled / n, scaled.T @ spread @ scaled)
    total = float(np.trace(design_effects))
    if not total > 1e-12:
        raise CompareError(f"{table.name}: the shares are alike in all PSUs; no error can be seen")
    if statistic == "Chisq":
        size = len(design_effects)
        p_value = float(chi2.sf(pearson / (total / size), size))
        return {"estimate": pearson, "unit": "X²", "ndf": float(size), "df": np.nan, "p_value": p_value}
    ndf = total**2 / float(np.trace(design_effects @ design_effects))
    p_value = float(fisher.sf(pearson / total, ndf, ndf * free))
    return {"estimate": pearson / total, "unit": "F", "ndf": ndf, "df": ndf * free, "p_value": p_value}


def _centred(size: int) -> np.ndarray:
    return (np.eye(size) - 1 / size)[:, 1:]


def _wald(found: Joint, table: _Table, statistic: str) -> dict[str, object]:
    """Return the test of observed less expected totals (Koch, Freeman and Freeman 1975)."""
    from scipy.stats import f as fisher

    totals, spread, free = _cells(found, table, shares=False)
    square, size = totals.reshape(table.columns, table.rows), totals.sum()
    columns, rows = square.sum(axis=1), square.sum(axis=0)
    in_row = np.kron(np.ones(table.columns), np.eye(table.rows)).reshape(table.rows, -1)
    in_column = np.kron(np.eye(table.columns), np.ones(table.rows))
    expected = np.outer(columns, rows)
    # the expected total of a cell is row total x column total / size: its slopes in the cells' totals
    slopes = (
        np.kron(columns, np.ones(table.rows))[:, None] * np.tile(in_row, (table.columns, 1))
        + np.tile(rows, table.columns)[:, None] * np.repeat(in_column, table.rows, axis=0)
    ) / size - (expected.ravel() / size**2)[:, None]
    use = np.flatnonzero((np.arange(totals.size) % table.rows > 0) & (np.arange(totals.size) >= table.rows))
    apart = (square - expected / size).ravel()[use]
    jacobian = (np.eye(totals.size) - slopes)[use]
    wald = float(apart @ np.linalg.solve(jacobian @ spread @ jacobian.T, apart))
    ndf = float(len(use))
    below = free if statistic == "Wald" else free - ndf + 1
    value = wald / ndf if statistic == "Wald" else wald * below / (ndf * free)
    return {
        "estimate": value,
        "unit": "F",
        "ndf": ndf,
        "df": below,
        "p_value": float(fisher.sf(value, ndf, below)),
    }


def _cells(found: Joint, table: _Table, shares: bool) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the cells' weighted totals, or their shares of the whole, their covariance, and its df."""
    size = table.rows * table.columns
    totals = np.zeros(size)
    totals[table.cell] = found.above[table.domain, 0]
    linear = np.zeros((size, len(found.names)))
    linear[table.cell, table.domain] = 1.0
    if shares:
        totals = totals / totals.sum()
        linear[:, table.domain] -= totals[:, None]
        linear /= found.above[table.domain, 0].sum()
    cells = combined(found, linear)
    if cells.thetas is None:
        spread = cells.covariance()
    else:
        again = np.zeros((len(found.again[0]), size))  # type: ignore[index]
        again[:, table.cell] = found.again[0][:, table.domain, 0]  # type: ignore[index]
        again = again / again.sum(axis=1, keepdims=True) if shares else again
        spread = found.repeated.covariance(again, totals)  # type: ignore[union-attr]
    together = np.zeros((1, len(found.names)))
    together[0, table.domain] = 1.0
    free = float(combined(found, together).degrees("domain", answered=True)[0])
    if not free > 0:
        raise CompareError(
            f"{table.name}: there are no more PSUs than strata (df {free:g}), as within one PSU: no error can be seen"
        )
    return totals, spread, free
