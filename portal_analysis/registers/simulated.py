"""A simulated register of dossiers of any size: it streams to Parquet, month by month, and says what it is.

Everything in it is drawn at random but one thing: the expected share of dossiers filed online in each month is the one
published for that time. It proves nothing about Viet Nam; it is for trying methods and machines at a nation's size.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from portal_analysis import provinces
from portal_analysis.arguments import is_whole
from portal_analysis.files import stream_file
from portal_analysis.published import load_published
from portal_analysis.registers.register import KEY, MARK, Register, RegisterError, read_register

SOURCE = "register-simulated"

LAYOUT: dict[str, Any] = {
    "online": "channel",
    "offered": "service_level",
    "procedure": "procedure",
    "yes": {"channel": ["online"], "service_level": ["full", "part"]},
    "source": SOURCE,
    "simulated": True,
    "units": 63,
}
"""The arguments of :class:`Register` for a simulated register, which its file holds too."""

TARGETS = ("mic_dossiers_online.2021", "mic_dossiers_online.2022m01-09", "mic_dossiers_online.2023m01-04")
"""The published shares of dossiers, of ``egov-figures``, that the months in their time are set to."""

LEVELS, CHANNELS = ("full", "part", "information"), ("online", "counter", "post")
DEPARTMENTS, PROCEDURES = 6, 120
MOST_DOSSIERS = 10_000_000_000
"""So many dossiers can be simulated: more fill a disk."""

CHUNK = 1 << 20
"""Dossiers drawn at a time: what memory holds, whatever the size of the register."""


@dataclass(frozen=True)
class Plan:
    """What is drawn from: a cell is a procedure in a province; its share of dossiers, and of online filing a month.

    ``months`` are named as ``2022-07``; ``online`` (months, cells) and ``on_time`` (cells) are chances.
    """

    months: tuple[str, ...]
    provinces: tuple[str, ...]
    share: np.ndarray
    level: np.ndarray
    online: np.ndarray
    on_time: np.ndarray


def published_rates() -> pd.Series:
    """Return the share of dossiers filed online that each month is set to, by month.

    Months in the time of a published figure have its value; months between two such times lie on the straight line
    between them.

    Raises
    ------
    RegisterError
        If ``egov-figures`` lacks one of them.
    """
    times = {name: (_months(when), share) for name, when, share in _targets()}
    told = pd.concat([pd.Series(share, index=months) for months, share in times.values()])
    every = pd.period_range(told.index.min(), told.index.max(), freq="M")
    return told.reindex(every).interpolate().rename("online")


def _targets() -> list[tuple[str, str, float]]:
    """Return the published figures that months are set to: name, time, share."""
    figures = load_published("egov-figures")
    found = figures[figures["figure_id"].isin(TARGETS)]
    if absent := sorted(set(TARGETS) - set(found["figure_id"])):
        raise RegisterError(
            f"egov-figures has no figures {absent}: there is nothing to set the simulation to"
        )
    columns = (found[name].tolist() for name in ("figure_id", "period", "estimate"))
    return [(str(name), str(when), float(share)) for name, when, share in zip(*columns, strict=True)]


def _months(period: str) -> pd.PeriodIndex:
    first, _, last = period.partition("/")
    start, end = pd.Period(first), pd.Period(last or first)
    return pd.period_range(start.start_time, end.end_time, freq="M")


@cache
def plan(seed: int) -> Plan:
    """Draw who offers what and how far each cell lies from the average; the same for every size."""
    chance = np.random.default_rng([seed, 0])
    codes = tuple(provinces.units(63)["code"])
    people = chance.lognormal(0, 0.7, len(codes))
    demand = 1 / np.arange(1, PROCEDURES + 1) ** 1.1
    share = np.outer(people / people.sum(), demand / demand.sum()).ravel()
    level = chance.choice(len(LEVELS), PROCEDURES, p=(0.45, 0.35, 0.2))
    level[0], level[1] = 0, 1  # what most people need is online
    of_cell = np.tile(level, len(codes))
    agency = chance.normal(0, 0.8, (len(codes), DEPARTMENTS))[:, np.arange(PROCEDURES) % DEPARTMENTS].ravel()
    own = chance.normal(0, 1.2, PROCEDURES) + 0.8 * np.log(demand / demand.mean())
    lean = agency + np.tile(own, len(codes)) + np.where(of_cell == 0, 0.5, 0.0)
    rates = published_rates()
    online = np.array([_set_to(float(rate), lean, share, of_cell < 2) for rate in rates])
    on_time = 1 / (1 + np.exp(-(2.2 + 0.5 * agency)))
    return Plan(tuple(str(month) for month in rates.index), codes, share, level, online, on_time)


def _set_to(rate: float, lean: np.ndarray, share: np.ndarray, offered: np.ndarray) -> np.ndarray:
    """Return each cell's chance of online filing, such that all dossiers together have the rate expected."""
    from scipy.optimize import brentq

    most = float(share[offered].sum())
    if not 0 < rate < most:
        raise RegisterError(
            f"a share of {rate:.3f} cannot be reached: {most:.3f} of the dossiers can be filed online"
        )

    def chances(shift: float) -> np.ndarray:
        return np.where(offered, 1 / (1 + np.exp(-(lean + shift))), 0.0)

    return chances(brentq(lambda shift: float(chances(shift) @ share) - rate, -30, 30, xtol=1e-13))


def simulate_register(path: str | Path, dossiers: int = 1_000_000, seed: int = 20230711) -> Register:
    """Write a simulated register of dossiers of any size as one Parquet file; memory does not grow with its size.

    Parameters
    ----------
    path : str or Path
        The file, ending in ``.parquet``. It appears whole or not at all.
    dossiers : int
        How many rows.
    seed : int
        Of all that is drawn; the same seed and number give the same rows.

    Returns
    -------
    Register
        Of the file, opened but not read: ``month``, ``gso63`` (province), ``agency``, ``procedure``, ``service_level``
        (``full``, ``part``, ``information``), ``channel`` (``online``, ``counter``, ``post``), ``on_time`` and
        ``simulated``, true in every row. The file's description says that it is simulated and what it is set to.

    Raises
    ------
    RegisterError
        If ``dossiers`` or ``seed`` is no whole number above 0, the file has another ending, or pyarrow or duckdb is
        missing.

    Notes
    -----
    The expected share of dossiers filed online in a month is the published one (:func:`published_rates`; Ministry of
    Information and Communications, ``egov-figures``). How provinces, departments and procedures differ, how large they
    are, levels of service and what is on time are invented. An agency is a department of a province, each procedure
    belongs to one department, and an agency's dossiers are alike: errors that do not cluster by agency are too small.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> register = pa.simulate_register("register.parquet", 1_000)
    >>> pa.usage_rates(register)["flag"].unique().tolist()
    ['simulated']
    """
    target = Path(path)
    for name, value in (("dossiers", dossiers), ("seed", seed)):
        if not is_whole(value, 1):
            raise RegisterError(f"{name}={value!r} must be a whole number above 0")
    if dossiers > MOST_DOSSIERS:
        raise RegisterError(f"dossiers={dossiers!r} must be at most {MOST_DOSSIERS:,}")
    if target.suffix != ".parquet":
        raise RegisterError(f"{str(path)!r} must end in .parquet")
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise RegisterError("Parquet is written by pyarrow: pip install 'portal-analysis[big]'") from error
    told = plan(int(seed))
    schema = _schema(pa, told)

    def fill(part: Path) -> None:
        with pq.ParquetWriter(part, schema, compression="zstd") as writer:
            for drawn in _drawn(told, int(dossiers), int(seed)):
                writer.write_table(_table(pa, told, schema, *drawn))

    stream_file(target, fill)
    return read_register(target)


def _drawn(told: Plan, dossiers: int, seed: int) -> Iterator[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
    """Draw month by month, some rows at a time: the month, and of each row its cell, its channel, is it on time."""
    months = len(told.months)
    for month in range(months):
        size = dossiers * (month + 1) // months - dossiers * month // months
        for part in range(math.ceil(size / CHUNK)):
            chance = np.random.default_rng([seed, 1, month, part])
            rows = min(CHUNK, size - part * CHUNK)
            cell = np.repeat(np.arange(len(told.share)), chance.multinomial(rows, told.share))
            chance.shuffle(cell)
            online = chance.random(rows) < told.online[month][cell]
            channel = np.where(online, 0, np.where(chance.random(rows) < 0.12, 2, 1))
            yield month, cell, channel, chance.random(rows) < told.on_time[cell]


def agencies(told: Plan) -> list[str]:
    """Return the agencies: departments of the provinces."""
    return [f"{code}-{number + 1}" for code in told.provinces for number in range(DEPARTMENTS)]


def _schema(pa: Any, told: Plan) -> Any:
    texts = pa.dictionary(pa.int16(), pa.string())
    names = ("month", "gso63", "agency", "procedure", "service_level", "channel")
    said = {
        KEY: json.dumps(LAYOUT),
        MARK: "true: drawn at random, set to published shares of dossiers; proves nothing about Viet Nam",
        "targets": json.dumps({name: share for name, _, share in _targets()}),
    }
    fields = [*((name, texts) for name in names), ("on_time", pa.bool_()), (MARK, pa.bool_())]
    return pa.schema(fields, metadata=said)


def _table(
    pa: Any, told: Plan, schema: Any, month: int, cell: np.ndarray, channel: np.ndarray, on_time: np.ndarray
) -> Any:
    province, procedure = np.divmod(cell, PROCEDURES)
    agency = province * DEPARTMENTS + procedure % DEPARTMENTS
    columns = [
        _coded(pa, np.full(len(cell), month), told.months),
        _coded(pa, province, told.provinces),
        _coded(pa, agency, agencies(told)),
        _coded(pa, procedure, [f"P{number + 1:03d}" for number in range(PROCEDURES)]),
        _coded(pa, told.level[procedure], LEVELS),
        _coded(pa, channel, CHANNELS),
        pa.array(on_time),
        pa.array(np.ones(len(cell), dtype=bool)),
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _coded(pa: Any, number: np.ndarray, values: Any) -> Any:
    return pa.DictionaryArray.from_arrays(
        pa.array(number.astype(np.int16)), pa.array(list(values), pa.string())
    )
