"""Which estimates are compared with which: pairs against a reference, or coefficients that a researcher gives.

Takes the table of joint estimates; hands on rows of coefficients, and the comparisons told as ESTIMATES.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis.arguments import is_number
from portal_analysis.shape import join_flags
from portal_analysis.survey import intervals, linear
from portal_analysis.survey.answers import levels, negative
from portal_analysis.survey.joint import Joint
from portal_analysis.survey.linear import CompareError
from portal_analysis.survey.microdata import Survey

SCALES = ("difference", "ratio")
"""Whether estimates are added up with their coefficients, or multiplied with them as exponents."""


Coefficients = Mapping[str, Mapping[Any, float]]


Row = tuple[dict[str, Any], dict[int, float]]
"""What one comparison is called (its columns), and its coefficients by number of the estimate."""


def contrast_faults(
    groups: list[str], over: str | None, coefficients: Any, columns: list[str], scale: str, adjust: str | None
) -> list[str]:
    """Say what of a contrast cannot be asked for."""
    faults = intervals.faults_of_adjustment(adjust)
    if scale not in SCALES:
        faults.append(f"scale={scale!r} is unknown; it may be {list(SCALES)}")
    if twice := {*groups, over} & set(columns) | ({over} & set(groups)):
        faults.append(f"{sorted(map(str, twice))} can stand in one of by, between and over only")
    if coefficients is None:
        if len(groups) != 1:
            faults.append("name one column in between=, or say what to compare with coefficients=")
    elif over is not None:
        faults.append("coefficients= says all that is compared; put the column of over= into between=")
    elif not isinstance(coefficients, Mapping) or not coefficients:
        faults.append('coefficients must be such as {"gap": {"Kinh": 1, "other": -1}}')
    else:
        for name, held in coefficients.items():
            if not isinstance(held, Mapping) or not held:
                faults.append(f"coefficients of {name!r} must be a mapping from groups to numbers")
            elif not all(is_number(c) and np.isfinite(float(c)) for c in held.values()):
                faults.append(f"coefficients of {name!r} must be finite numbers: {dict(held)}")
    return faults


def _places(found: Joint, columns: list[str]) -> Iterator[tuple[dict[str, Any], np.ndarray]]:
    """Return the cells of ``by``, each with its domains that have members."""
    held = np.flatnonzero(found.members > 0)
    if not columns:
        yield {}, held
        return
    keys = found.names[columns].iloc[held].apply(tuple, axis=1)
    for key in dict.fromkeys(keys):
        yield dict(zip(columns, key, strict=True)), held[(keys == key).to_numpy()]


def planned_rows(
    survey: Survey,
    found: Joint,
    columns: list[str],
    between: str,
    over: str | None,
    reference: Hashable,
    pairs: str = "reference",
) -> Iterator[Row]:
    """Compare each group with the reference, or every pair, at each value of ``over`` with that at the first."""
    ordered = {name: list(levels(survey, name)[1]) for name in (between, over) if name}
    held = set(found.names[between])
    groups = [value for value in ordered[between] if value in held]
    if len(groups) < 2:
        raise CompareError(f"{between!r} has the groups {groups}: at least two are needed for a difference")
    if reference is not None and reference not in groups:
        raise CompareError(f"reference={reference!r} is not a group of {between!r}, which has {groups}")
    base = groups[0] if reference is None else reference
    wanted = [(g, base) for g in groups if g != base]
    if pairs == "all":
        wanted = [(g, less) for i, g in enumerate(groups) for less in groups[:i]]
    points = [None] if over is None else [p for p in ordered[over] if p in set(found.names[over])]
    if over is not None and len(points) < 2:
        raise CompareError(f"{over!r} has {points}: at least two values are needed for a change")
    some = False
    for (place, domains), k in (
        (cell, k) for k in range(len(found.outcomes.names)) for cell in _places(found, columns)
    ):
        at = {
            (found.names[between].iloc[d], None if over is None else found.names[over].iloc[d]): int(d)
            for d in domains
        }
        for point in points[1:] or points:
            for group, less in wanted:
                corners = {(group, point): 1.0, (less, point): -1.0}
                if over is not None:
                    corners |= {(group, points[0]): -1.0, (less, points[0]): 1.0}
                if not all(corner in at for corner in corners):
                    continue
                some = True
                said = {**place, between: group, "reference": less}
                if over is not None:
                    said |= {over: point, "over": over, "over_reference": points[0]}
                told = f"{group} - {less}" + ("" if over is None else f", {point} - {points[0]}")
                number = {k * len(found.names) + at[corner]: c for corner, c in corners.items()}
                yield {"indicator": found.outcomes.names[k], **said, "contrast": told}, number
    if not some:
        raise CompareError(f"no cell of {columns} has {base!r} and another group of {between!r} to compare")


def given_rows(
    found: Joint, columns: list[str], groups: list[str], coefficients: Coefficients
) -> Iterator[Row]:
    """Look up the estimates that the researcher's own comparisons name."""
    count, names = len(found.names), found.outcomes.names
    for place, domains in _places(found, columns):
        where = f" in {place}" if place else ""
        if not groups:
            at = {name: k * count + int(domains[0]) for k, name in enumerate(names)}
            for told, held in coefficients.items():
                yield {"indicator": told, **place, "contrast": told}, _numbered(told, held, at, where)
            continue
        keys = found.names[groups].iloc[domains].apply(tuple, axis=1)
        single = len(groups) == 1
        at = {key[0] if single else key: int(d) for key, d in zip(keys, domains, strict=True)}
        for k, name in enumerate(names):
            for told, held in coefficients.items():
                number = _numbered(told, held, at, where)
                yield (
                    {"indicator": name, **place, "contrast": told},
                    {k * count + d: c for d, c in number.items()},
                )


def _numbered(told: str, held: Mapping[Any, float], at: Mapping[Any, int], where: str) -> dict[int, float]:
    unknown = [key for key in held if key not in at]
    if unknown:
        raise CompareError(f"coefficients of {told!r} name {unknown}{where}; there are {list(at)}")
    return {at[key]: float(c) for key, c in held.items()}


def told_rows(
    found: Joint, rows: list[Row], scale: str, statistic: str, df: str | float, level: float
) -> pd.DataFrame:
    """Return ESTIMATES of comparisons, each a combination of joint estimates."""
    from scipy.sparse import csr_matrix

    place = [(i, number) for i, (_, held) in enumerate(rows) for number in held]
    values = [c for _, held in rows for c in held.values()]
    matrix = csr_matrix((values, tuple(np.array(place).T)), (len(rows), found.n.size))
    compared = linear.combined(found, matrix, log=scale == "ratio")
    numbers = linear.rows_of(compared, df, level)
    weak = compared.summed(doubtful(found, df, statistic).astype(float)) > 0
    caution = weak & (numbers["se"] > 0)
    numbers["flag"] = [
        join_flags(f, "review" if c else "") for f, c in zip(numbers["flag"], caution, strict=True)
    ]
    unit = "points" if statistic == "proportion" else "number"
    if scale == "ratio":
        unit = "ratio"
        numbers = numbers.assign(**linear.exponentiated({n: numbers[n] for n in linear.ENDS}))
    told = pd.DataFrame([said for said, _ in rows])
    name = told.pop("contrast")
    return pd.concat([told.assign(unit=unit), numbers], axis=1).assign(
        n=compared.summed(found.n),
        contrast=name,
        scale=scale,
        n_missing=compared.summed(found.members[:, None] - found.n).astype(int),
    )


def doubtful(found: Joint, df: str | float, statistic: str = "proportion") -> np.ndarray:
    """Return which estimates, (domains, outcomes), would themselves be flagged."""
    se = np.sqrt(linear.spreads(found))
    free = np.repeat(found.degrees(df)[:, None], found.n.shape[1], axis=1)
    if statistic == "proportion":
        return intervals.reliability(found.estimate, se, found.n, free, found.finite) != ""
    signed = np.broadcast_to([negative(y) for y in found.outcomes.y], se.shape)
    exact, count = found.finite.exact, found.outcomes.total
    return intervals.reliability_of_numbers(found.estimate, se, found.n, free, count, signed, exact) != ""
