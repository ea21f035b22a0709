"""From a survey to a nation: a report's full table at 16 thousand to 160 million rows, by every engine.

The table is that of ``full_table.py``: 40 yes/no items, national, by 63 provinces, sex x ethnicity x urban, year, with
the errors of a stratified cluster sample. Beside it stand the engine's bare group-by (the same sums, hand-written,
without any error), Python's svy and R's survey, each in a process of its own. Run::

    python benchmarks/scale.py --rows 16000 160000 1600000 --results benchmarks/results

It writes ``scale.csv`` and ``scale.svg`` there. A size that a peer does not finish within ``--limit`` seconds is left
out for it and all larger ones. The data are simulated, and are made in the folder ``--data``: 160 million rows take
3 GB there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

INDICATORS = [f"y{k:02d}" for k in range(40)]
GROUPINGS: list[tuple[str, ...]] = [(), ("province",), ("sex", "ethnicity", "urban"), ("year",)]
KEYS = ["province", "district", "sex", "ethnicity", "urban", "year"]
CHUNK = 1_000_000
ENGINES = ("pandas", "polars", "duckdb", "spark")
PEERS = ("svy", "r")


def make(rows: int, path: Path) -> None:
    """Write a made-up survey, a million rows at a time: 63 provinces, 4 to 8 districts each, 40 items of 1% to 60%."""
    import pyarrow
    import pyarrow.parquet

    random = np.random.default_rng(20230711)
    districts = random.integers(4, 9, 64)
    rates = np.geomspace(0.01, 0.6, len(INDICATORS))
    odds = np.log(rates / (1 - rates)) + random.normal(0, 0.4, (64, 9))[..., None]
    limits = np.round(65535 / (1 + np.exp(-odds))).astype(np.uint16)
    writer = None
    for start in range(0, rows, CHUNK):
        table = _chunk(random, min(CHUNK, rows - start), districts, limits)
        writer = writer or pyarrow.parquet.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=131_072)
    if writer is not None:
        writer.close()


def _chunk(random: np.random.Generator, rows: int, districts: np.ndarray, limits: np.ndarray) -> Any:
    import pyarrow

    province = random.integers(1, 64, rows, dtype=np.int8)
    district = (random.integers(0, 2**16, rows) % districts[province]).astype(np.int8)
    columns = {
        "province": pyarrow.DictionaryArray.from_arrays(
            pyarrow.array(province - 1), pyarrow.array([f"{code:02d}" for code in range(1, 64)])
        ).cast(pyarrow.string()),
        "district": district,
        "weight": np.round(random.gamma(4, 1000, rows), 4),
        "sex": np.where(random.random(rows) < 0.5, "f", "m"),
        "ethnicity": np.where(random.random(rows) < 0.17, "other", "kinh"),
        "urban": random.integers(0, 2, rows, dtype=np.int8),
        "year": np.full(rows, 2022, dtype=np.int16),
    }
    for k, name in enumerate(INDICATORS):
        draw = random.integers(0, 2**16, rows, dtype=np.uint16)
        columns[name] = (draw < limits[province, district, k]).astype(np.int8)
    return pyarrow.table(columns)


# ---------------------------------------------------------------------------------------------- what is timed


def _pandas(path: Path) -> Any:
    return pd.read_parquet(path)


def _polars(path: Path) -> Any:
    import polars

    return polars.read_parquet(path)


def _duckdb(path: Path) -> Any:
    return path


def _spark(path: Path) -> Any:
    from pyspark.sql import SparkSession

    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    builder = SparkSession.builder.master("local[*]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.shuffle.partitions", "8").config("spark.driver.memory", "2g")
    session = builder.config("spark.log.level", "ERROR").getOrCreate()
    return session.read.parquet(str(path))


LOADED = {"pandas": _pandas, "polars": _polars, "duckdb": _duckdb, "spark": _spark}


def full_table(data: Any) -> int:
    """Return the number of estimates of our whole table."""
    from portal_analysis import Design, Survey, proportion

    survey = Survey(data, Design("weight", strata="province", psu="district"))
    return len(proportion(survey, INDICATORS, by=GROUPINGS))


def bare_pandas(data: pd.DataFrame) -> int:
    """Add up the same sums as a researcher would write it in pandas."""
    w = data["weight"]
    sums = data[KEYS].assign(n=1.0, w=w, ww=w * w, **{name: w * data[name] for name in INDICATORS})
    return len(sums.groupby(KEYS, observed=True).sum())


def bare_polars(data: Any) -> int:
    """Add up the same sums in Polars."""
    import polars

    w = polars.col("weight")
    sums = [polars.len(), w.sum().alias("w"), (w * w).sum().alias("ww")]
    return len(
        data.lazy()
        .group_by(KEYS)
        .agg(*sums, *((w * polars.col(n)).sum().alias(n) for n in INDICATORS))
        .collect()
    )


def bare_sql() -> str:
    """Return the same sums in SQL; ``{}`` is the table."""
    sums = ", ".join(f"sum(weight * {name}) as {name}" for name in INDICATORS)
    keys = ", ".join(KEYS)
    of_all = "count(*) as n, sum(weight) as w, sum(weight * weight) as ww"
    return f"select {keys}, {of_all}, {sums} from {{}} group by {keys}"


def bare_duckdb(path: Path) -> int:
    """Add up the same sums in DuckDB, over the file."""
    import duckdb

    connection = duckdb.connect(config={"memory_limit": "256MB", "preserve_insertion_order": "false"})
    return len(connection.sql(bare_sql().format(f"read_parquet('{path}')")).df())


def bare_spark(data: Any) -> int:
    """Add up the same sums in Spark."""
    data.createOrReplaceTempView("made")
    return data.sparkSession.sql(bare_sql().format("made")).toArrow().num_rows


BARE: dict[str, Callable[[Any], int]] = {
    "pandas": bare_pandas,
    "polars": bare_polars,
    "duckdb": bare_duckdb,
    "spark": bare_spark,
}


def peer_svy(path: Path) -> int:
    """Return the number of estimates of the same table by Python's svy."""
    import polars
    import svy

    sample = svy.Sample(
        polars.read_parquet(path), svy.Design(stratum="province", psu="district", wgt="weight")
    )
    return sum(len(sample.estimation.mean(INDICATORS, by=list(group) or None) or []) for group in GROUPINGS)


R_SCRIPT = """
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "adjust", warn = -1)
d <- read.csv(commandArgs(TRUE)[1], colClasses = c(province = "character"))
s <- svydesign(~district, strata = ~province, weights = ~weight, data = d, nest = TRUE)
rows <- 0
for (y in grep("^y[0-9]", names(d), value = TRUE)) {
  f <- as.formula(paste0("~", y))
  svyciprop(f, s, method = "beta")
  for (by in list(~province, ~sex + ethnicity + urban, ~year))
    rows <- rows + nrow(svyby(f, by, s, svyciprop, vartype = "ci", method = "beta"))
}
cat(rows)
"""


def one(engine: str, what: str, path: Path) -> dict[str, Any]:
    """Time one engine in this process: the best of several runs after loading, and its memory by the end of one."""
    if engine == "svy":
        import polars  # noqa: F401
        import svy  # noqa: F401

        start = time.perf_counter()
        peer_svy(path)
        return {"seconds": time.perf_counter() - start, "peak_mb": _peak()}
    data = LOADED[engine](path)
    work = full_table if what == "ours" else BARE[engine]
    walls, cpus, peak = [], [], 0.0
    while len(walls) < 3 or (len(walls) < 12 and sum(walls) < 4):
        start, cpu = time.perf_counter(), time.process_time()
        work(data)
        walls.append(time.perf_counter() - start)
        cpus.append(time.process_time() - cpu)
        peak = peak or _peak()
        if sum(walls) > 60:
            break
    return {"seconds": min(walls), "cpu_seconds": min(cpus), "peak_mb": peak}


def _peak() -> float:
    """Return the largest memory that this process had at once, in MB (for Spark without the Java machine's).

    Linux tells it of the program alone; elsewhere it counts what the process held before it became this program.
    """
    status = Path("/proc/self/status")
    told = status.read_text().splitlines() if status.is_file() else []
    for line in told:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(engine: str, what: str, path: Path, limit: float) -> dict[str, Any] | None:
    """Time an engine in a process of its own; None if it does not finish in time or is not installed."""
    if engine == "r":
        return _measured_r(path, limit)
    start = time.perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, __file__, "--one", engine, what, str(path)],
            capture_output=True,
            text=True,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        print(f"{engine} {what}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return {**told, "process_seconds": time.perf_counter() - start}


def _measured_r(path: Path, limit: float) -> dict[str, Any] | None:
    with tempfile.TemporaryDirectory() as folder:
        csv = Path(folder) / "survey.csv"
        pd.read_parquet(path).to_csv(csv, index=False)
        start = time.perf_counter()
        try:
            subprocess.run(
                ["Rscript", "-e", R_SCRIPT, str(csv)], check=True, capture_output=True, timeout=limit
            )
        except (OSError, subprocess.SubprocessError):
            return None
        took = time.perf_counter() - start
        return {"seconds": took, "peak_mb": np.nan, "process_seconds": took}


def machine() -> dict[str, str]:
    """Say on what machine, with what versions and when."""
    packages = ("pandas", "polars", "duckdb", "narwhals", "pyspark", "svy")
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    versions = [f"portal-analysis {project['version']}"]
    for package in packages:
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB",
        "versions": "; ".join([f"Python {platform.python_version()}", *versions]),
        "date": time.strftime("%Y-%m-%d"),
    }


def run(sizes: list[int], engines: list[str], folder: Path, limit: float) -> pd.DataFrame:
    """Time every engine at every size."""
    rows, gone = [], set()
    for size in sizes:
        path = folder / f"survey-{size}.parquet"
        if not path.exists():
            make(size, path)
        for engine in engines:
            for what in ("ours", "bare") if engine in ENGINES else ("peer",):
                if (engine, what) in gone:
                    continue
                found = measured(engine, what, path, limit)
                if found is None:
                    gone.add((engine, what))
                    continue
                rows.append(
                    {"rows": size, "engine": engine, "what": what, **found, "load": os.getloadavg()[0]}
                )
                print(rows[-1], flush=True)
    return pd.DataFrame(rows).assign(**machine())


def with_ratios(table: pd.DataFrame) -> pd.DataFrame:
    """Add the ratio to the bare group-by of the same engine and size, and how time grows with the rows."""
    bare = table[table["what"] == "bare"].set_index(["rows", "engine"])
    of_ours = pd.MultiIndex.from_frame(table[["rows", "engine"]].where(table["what"] == "ours"))
    out = table.assign(growth=np.nan)
    for name, seconds in (("ratio", "seconds"), ("cpu_ratio", "cpu_seconds")):
        out[name] = table[seconds].to_numpy() / bare[seconds].reindex(of_ours).to_numpy()
    for _, part in out.groupby(["engine", "what"]):
        part = part.sort_values("rows")
        growth = np.diff(np.log(part["seconds"])) / np.diff(np.log(part["rows"]))
        out.loc[part.index[1:], "growth"] = growth
    digits = {"seconds": 4, "cpu_seconds": 4, "process_seconds": 3, "peak_mb": 1, "load": 2}
    return out.round(digits | {"ratio": 3, "cpu_ratio": 3, "growth": 3})


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw seconds and memory by rows."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    colours = dict(
        zip(
            (*ENGINES, *PEERS),
            ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#555555", "#999999"),
            strict=True,
        )
    )
    style = {"ours": "-", "bare": ":", "peer": "--"}
    figure, axes = plt.subplots(1, 2, figsize=(10.5, 4.6), layout="constrained")
    for axis, column, label in zip(axes, ("seconds", "peak_mb"), ("seconds", "peak memory, MB"), strict=True):
        for (engine, what), part in table.groupby(["engine", "what"]):
            shown = part.sort_values("rows")
            if column == "peak_mb" and engine == "spark":
                continue
            name = (
                engine
                if what == "peer"
                else f"{engine}, {'full table' if what == 'ours' else 'bare group-by'}"
            )
            axis.plot(
                shown["rows"], shown[column], style[what], marker="o", ms=4, color=colours[engine], label=name
            )
        axis.set(xscale="log", yscale="log", xlabel="rows (simulated)", ylabel=label)
        axis.grid(alpha=0.3)
    axes[0].legend(fontsize=8, frameon=False)
    told = table.iloc[-1]
    figure.suptitle("40 indicators in 4 groupings with design-based errors", fontsize=11)
    figure.supxlabel(f"{told['machine']}; {told['versions']}; {told['date']}", fontsize=6)
    figure.savefig(path)


def main() -> None:
    """Make the data, time everybody, write the table and the figure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[16_000, 160_000])
    parser.add_argument("--engines", nargs="+", default=[*ENGINES, *PEERS])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds after which a run is given up")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--keep", action="store_true", help="keep other sizes that stand in the results")
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(one(chosen.one[0], chosen.one[1], Path(chosen.one[2]))))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        table = run(chosen.rows, chosen.engines, folder, chosen.limit)
    chosen.results.mkdir(parents=True, exist_ok=True)
    target = chosen.results / "scale.csv"
    if chosen.keep and target.exists():
        old, key = pd.read_csv(target), ["rows", "engine", "what"]
        table = pd.concat([old, table], ignore_index=True).drop_duplicates(key, keep="last")
    table = with_ratios(table.sort_values(["engine", "what", "rows"], ignore_index=True))
    table.to_csv(target, index=False)
    draw(table, chosen.results / "scale.svg")
    print(
        table[["engine", "what", "rows", "seconds", "peak_mb", "ratio", "cpu_ratio", "growth"]].to_string(
            index=False
        )
    )


if __name__ == "__main__":
    main()
