"""Time a report's full table: 40 yes/no items, national, by 63 provinces, sex × ethnicity × urban, year.

Prints seconds of ours, of Python's svy and of R's survey (where they are installed), and the ratios. Run:
``python benchmarks/full_table.py [--rows 16000] [--skip-r] [--processes]``
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

INDICATORS = [f"y{k:02d}" for k in range(40)]
GROUPINGS: list[tuple[str, ...]] = [(), ("province",), ("sex", "ethnicity", "urban"), ("year",)]
COLUMNS = ["weight", "province", "district", "sex", "ethnicity", "urban", "year"]


def make(rows: int, path: Path) -> None:
    """Write a made-up survey: 63 provinces as strata, 3 to 8 districts each, 40 items from 1% to 60%."""
    random = np.random.default_rng(20230711)
    province = np.sort(random.integers(1, 64, rows))
    frame = pd.DataFrame({"province": [f"{code:02d}" for code in province]})
    districts = random.integers(4, 9, 64)
    frame["district"] = random.integers(0, districts[province])
    frame["weight"] = random.gamma(4, 1000, rows)
    frame["sex"] = random.choice(["f", "m"], rows)
    frame["ethnicity"] = random.choice(["kinh", "other"], rows, p=[0.83, 0.17])
    frame["urban"] = random.integers(0, 2, rows)
    frame["year"] = 2022
    effect = random.normal(0, 0.4, (64, 9))[province, frame["district"]]
    for name, rate in zip(INDICATORS, np.geomspace(0.01, 0.6, len(INDICATORS)), strict=True):
        chance = 1 / (1 + np.exp(-(np.log(rate / (1 - rate)) + effect)))
        frame[name] = (random.random(rows) < chance).astype(np.int8)
    frame.to_parquet(path, index=False)
    frame.to_csv(path.with_suffix(".csv"), index=False)


def ours(path: Path) -> int:
    """Our whole table, from reading the file."""
    from portal_analysis.survey.design import Design
    from portal_analysis.survey.estimate import proportion
    from portal_analysis.survey.microdata import Survey

    survey = Survey(pd.read_parquet(path), Design("weight", strata="province", psu="district"))
    return len(proportion(survey, INDICATORS, by=GROUPINGS))


def ours_bootstrap(path: Path, replicates: int | None = 500) -> float:
    """Seconds of the national table with bootstrap replicates made here."""
    from portal_analysis.survey.design import Design
    from portal_analysis.survey.estimate import proportion
    from portal_analysis.survey.microdata import Survey

    method = "bootstrap" if replicates else None
    design = Design("weight", "province", "district", replicates=replicates, replicate_method=method)
    survey = Survey(pd.read_parquet(path), design)
    start = time.perf_counter()
    proportion(survey, INDICATORS)
    return time.perf_counter() - start


def peer(path: Path, how: str) -> int:
    """Make the same table by Python's svy, with ``mean`` or ``prop``."""
    import polars
    import svy

    data = polars.read_parquet(path)
    sample = svy.Sample(data, svy.Design(stratum="province", psu="district", wgt="weight"))
    rows = 0
    for group in GROUPINGS:
        by = list(group) or None
        rows += len(getattr(sample.estimation, how)(INDICATORS, by=by) or [])
    return rows


R_SCRIPT = """
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "adjust", warn = -1)
path <- commandArgs(TRUE)[1]
start <- proc.time()[["elapsed"]]
d <- read.csv(path, colClasses = c(province = "character"))
s <- svydesign(~district, strata = ~province, weights = ~weight, data = d, nest = TRUE)
rows <- 0
for (y in grep("^y[0-9]", names(d), value = TRUE)) {
  f <- as.formula(paste0("~", y))
  svyciprop(f, s, method = "beta")
  for (by in list(~province, ~sex + ethnicity + urban, ~year))
    rows <- rows + nrow(svyby(f, by, s, svyciprop, vartype = "ci", method = "beta"))
}
cat(proc.time()[["elapsed"]] - start, "\\n")
"""


def seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the best of several runs."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def whole_process(path: Path, how: str) -> float:
    """Return the seconds of a fresh interpreter, imports included."""
    call = "ours(path)" if how == "ours" else f"peer(path, {how!r})"
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import full_table\n"
        f"path = full_table.Path(sys.argv[1]); full_table.{call}"
    )
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def r_seconds(path: Path) -> float | None:
    """Return R's own seconds after its packages are loaded."""
    if shutil.which("Rscript") is None:
        return None
    done = subprocess.run(
        ["Rscript", "-e", R_SCRIPT, str(path.with_suffix(".csv"))], check=True, capture_output=True, text=True
    )
    return float(done.stdout.split()[-1])


def main() -> None:
    """Make the data, time everybody, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=16_000)
    parser.add_argument("--skip-r", action="store_true")
    parser.add_argument("--processes", action="store_true", help="time whole processes too")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.parquet"
        make(chosen.rows, path)
        print(f"{ours(path)} rows of estimates from {chosen.rows} respondents")
        mine = seconds(lambda: ours(path), 7)
        print(f"ours, in process           {mine:8.3f} s")
        plain = min(ours_bootstrap(path, None) for _ in range(3))
        booted = min(ours_bootstrap(path) for _ in range(3))
        print(f"500 bootstrap replicates   {booted - plain:8.3f} s more for the national table")
        timed = {how: _peer_seconds(path, how) for how in ("mean", "prop")}
        timed["R svyby(svyciprop)"] = None if chosen.skip_r else r_seconds(path)
        for name, value in timed.items():
            said = "not measured" if value is None else f"{value:8.3f} s, {value / mine:6.1f} times ours"
            print(f"{'svy ' + name if name in ('mean', 'prop') else name:26} {said}")
        if chosen.processes:
            for how in ("ours", "mean", "prop"):
                print(f"whole process, {how:12} {whole_process(path, how):8.3f} s")


def _peer_seconds(path: Path, how: str) -> float | None:
    try:
        import svy  # noqa: F401
    except ImportError:
        return None
    return seconds(lambda: peer(path, how), 1)


if __name__ == "__main__":
    main()
