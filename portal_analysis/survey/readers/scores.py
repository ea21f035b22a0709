"""A researcher's own scores as ESTIMATES: one line from any frame to figures and tables.

Hands on ESTIMATES, provinces as codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from portal_analysis import codebook
from portal_analysis.faults import near
from portal_analysis.shape import LISTS, NUMBER_COLUMNS, PROVINCE_COLUMNS, EstimatesError, add_flag, check
from portal_analysis.shape import estimates as shaped
from portal_analysis.survey.readers.places import codes_of


def estimates(
    frame: pd.DataFrame,
    indicator: str | None = None,
    estimate: str | Sequence[str] = "estimate",
    by: str | Sequence[str] = (),
    *,
    unit: str = "number",
    units: int | None = None,
    source: str = "",
    labels: Mapping[Any, Any] | None = None,
    simulated: bool = False,
) -> pd.DataFrame:
    """Make ESTIMATES of a frame of one's own numbers, such as scores by province.

    Parameters
    ----------
    frame : DataFrame
        One row a number, or a row a province with several columns of numbers.
    indicator : str, optional
        The column that says what a number is, or one name for all of them. If not given, the column of ``estimate``
        names it.
    estimate : str or sequence of str
        The column of the numbers, or several: each is then an indicator of its own.
    by : str or sequence of str
        The columns that say what a number is about. Provinces (a column called ``province``, ``province_code``,
        ``gso63`` or ``gso34``) may be numbers, codes or names in any usual spelling; they become codes.
    unit : str
        ``"number"``, ``"proportion"`` (0 to 1), ``"percent"`` (0 to 100, made a proportion), ``"points"``,
        ``"count"``, or any other, which is printed as it is called.
    units : {63, 34}, optional
        The list that the provinces are of; 63 if not given, unless they are the 34 names of the other list.
    source : str
        What to call the data.
    labels : mapping, optional
        Names of indicators and codes: ``{"indicator": {"score": "Overall score"}}``, see
        :func:`portal_analysis.codebook.as_labels`.
    simulated : bool
        The numbers were made by a program.

    Returns
    -------
    DataFrame
        ESTIMATES. Columns of the frame that ESTIMATES knows (``se``, ``ci_low``, ``ci_high``, ``n``, ``flag`` …) are
        taken over, all others follow as extras.

    Raises
    ------
    EstimatesError
        If a column is not there (the nearest are told), the estimates are no numbers, or outside what their unit
        allows.
    ProvinceError
        If provinces are not known; all of them are named.

    Examples
    --------
    >>> import pandas as pd
    >>> import portal_analysis as pa
    >>> scores = pd.DataFrame({"province": ["Hà Nội", "TP.HCM"], "score": [3.1, 2.9]})
    >>> pa.estimates(scores, estimate="score", by="province")[["indicator", "province", "estimate", "units"]]
      indicator province  estimate  units
    0     score       01       3.1     63
    1     score       79       2.9     63
    """
    columns = [estimate] if isinstance(estimate, str) else list(estimate)
    domains = [by] if isinstance(by, str) else list(by)
    _need(frame, [*columns, *domains])
    rows = _long(frame, columns, domains, indicator)
    rows["estimate"] = _numbers(rows["estimate"], unit)
    for name in (name for name in ("se", "ci_low", "ci_high") if name in rows and unit == "percent"):
        rows[name] = rows[name] / 100
    about = [name for name in domains if name in PROVINCE_COLUMNS and name != "geography"]
    for name in about:
        rows[name], units = codes_of(rows[name], units or LISTS.get(name))
    table = shaped(
        rows.assign(unit="proportion" if unit == "percent" else unit, source=source),
        domains,
        units if about else None,
    )
    if labels:
        codebook.remember(source, codebook.as_labels(labels), units)
    return check(add_flag(table, "simulated") if simulated else table)


def _need(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise EstimatesError(f"expected a frame, got {type(frame).__name__}")
    lacking = [f"{name!r}: {near(str(name), frame.columns)}" for name in columns if name not in frame]
    if lacking:
        raise EstimatesError(f"the frame has no column {'; '.join(lacking)}")
    if not columns:
        raise EstimatesError("estimate= names no column")


def _long(frame: pd.DataFrame, columns: list[str], domains: list[str], indicator: str | None) -> pd.DataFrame:
    """Return one row a number; columns of ESTIMATES are taken over only where one column holds the numbers."""
    if len(columns) == 1:
        rows = frame.rename(columns={columns[0]: "estimate"})
        if indicator is None:
            return rows if "indicator" in rows else rows.assign(indicator=columns[0])
        named = rows.get(indicator, indicator)
        beside = [name for name in (indicator,) if name in rows and name not in ("indicator", *domains)]
        return rows.assign(indicator=named).drop(columns=beside)
    if indicator is not None:
        raise EstimatesError(
            "indicator= is for one column of numbers; several columns are indicators by their names"
        )
    taken = {*NUMBER_COLUMNS, *columns, "indicator"}
    rest = [name for name in frame.columns if name not in taken]
    return frame[[*rest, *columns]].melt(
        id_vars=rest, value_vars=columns, var_name="indicator", value_name="estimate"
    )


def _numbers(values: pd.Series, unit: str) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce")
    wrong = values[numbers.isna() & values.notna()]
    if len(wrong):
        raise EstimatesError(f"estimates are numbers; row {wrong.index[0]} has {wrong.iloc[0]!r}")
    return numbers / 100 if unit == "percent" else numbers
