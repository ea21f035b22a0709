"""One made-up survey in every engine's kind of table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import ibis
import numpy as np
import pandas as pd
import polars
import pyarrow

from portal_analysis.survey.design import Design, Survey

ROWS = 3000
DESIGN = Design("weight", strata="province", psu="district")
CODES: dict[str, Any] = {
    "missing": {"trust": (888, 999), "days": (-9,)},
    "yes": {"trust": (4, 5), "word": "yes"},
    "no": {"trust": (1, 2, 3)},
    "categories": {"age_group": ("18-29", "30-59", "60+", "none given")},
}


def frame() -> pd.DataFrame:
    """Return people of 6 provinces with answers of every kind: numbers, codes, words, nothing, NaN."""
    random = np.random.default_rng(20230711)
    province = random.integers(1, 7, ROWS)
    made = pd.DataFrame({"province": [f"P{code:02d}" for code in province]})
    made["district"] = random.integers(0, 5, ROWS)
    made["weight"] = np.where(random.random(ROWS) < 0.01, 0.0, random.gamma(4, 1000, ROWS))
    made["sex"] = random.choice(["f", "m", None], ROWS, p=[0.5, 0.48, 0.02])
    made["age_group"] = random.choice(["18-29", "30-59", "60+"], ROWS)
    made["urban"] = random.integers(0, 2, ROWS)
    made["wave"] = random.choice([2020, 2021, 2022], ROWS)
    chance = 0.2 + 0.1 * made["urban"] + 0.05 * (made["wave"] - 2020) + 0.02 * province
    used = (random.random(ROWS) < chance).astype(float)
    made["used"] = used.astype(np.int8)
    made["seen"] = np.where(random.random(ROWS) < 0.1, np.nan, random.random(ROWS) < 0.05)
    made["trust"] = random.choice([1, 2, 3, 4, 5, 888, 999], ROWS)
    made["word"] = random.choice(["yes", "no", None], ROWS)
    made["days"] = np.where(random.random(ROWS) < 0.05, -9, random.integers(1, 60, ROWS)).astype(float)
    made["fee"] = np.where(random.random(ROWS) < 0.05, np.nan, np.round(random.gamma(2, 50, ROWS), 2))
    made["income"] = random.gamma(2, 5e5, ROWS)
    return made


def _relation(made: pd.DataFrame, folder: Path) -> Any:
    connection = duckdb.connect()
    connection.register("made", made)
    return connection.sql("select * from made")


def _parquet(made: pd.DataFrame, folder: Path) -> Any:
    made.to_parquet(folder / "made.parquet", index=False)
    return folder / "made.parquet"


def _lazy(made: pd.DataFrame, folder: Path) -> Any:
    return polars.from_pandas(made, nan_to_null=False).lazy()


def _nulls(made: pd.DataFrame, folder: Path) -> Any:
    return polars.from_pandas(made, nan_to_null=True).lazy()


def _ibis(made: pd.DataFrame, folder: Path) -> Any:
    made.to_parquet(folder / "made.parquet", index=False)
    return ibis.duckdb.connect().read_parquet(folder / "made.parquet")


ENGINES: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "pandas": lambda made, folder: made,
    "polars": lambda made, folder: polars.from_pandas(made),
    "polars lazy, NaN": _lazy,
    "polars lazy, null": _nulls,
    "pyarrow": lambda made, folder: pyarrow.Table.from_pandas(made, preserve_index=False),
    "duckdb relation": _relation,
    "parquet path": _parquet,
    "ibis": _ibis,
}


def survey(data: Any, design: Design = DESIGN, **more: Any) -> Survey:
    """Return the survey of a table."""
    return Survey(data, design, **{**CODES, **more})
