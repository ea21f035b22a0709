"""Estimate from a table of Spark, as ``spark-submit`` runs it: see "On a cluster" in the README.

::

    spark-submit --master 'local-cluster[2,1,1024]' benchmarks/cluster.py people.parquet estimates.csv

The table has the columns of ``benchmarks/scale.py``. With ``--lose`` one executor is stopped while the second estimate
runs; the program then fails unless that changed no number.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import threading
import time
from typing import Any

import pandas as pd
from pyspark.sql import SparkSession

import portal_analysis as pa

GROUPINGS = [(), ("province",), ("sex", "urban")]


def executors() -> list[int]:
    """Return the processes of this machine's executors that this program started, the oldest first."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
    parent = {int(row[0]): int(row[1]) for row in rows}
    found = [int(row[0]) for row in rows if "CoarseGrainedExecutorBackend" in row[2]]
    return [
        pid
        for pid in found
        if os.getpid() in _above(pid, parent) or _above(pid, parent) & _above(os.getpid(), parent)
    ]


def _above(pid: int, parent: dict[int, int]) -> set[int]:
    above = set()
    while pid > 1 and pid in parent:
        pid = parent[pid]
        above.add(pid)
    return above - {0, 1}


def lose_one(spark: SparkSession, stopped: list[int]) -> None:
    """Stop an executor as soon as a stage of the estimate runs."""
    status = spark.sparkContext.statusTracker()
    for _ in range(2000):
        if status.getActiveStageIds():
            break
        time.sleep(0.01)
    victim = executors()[0]
    os.kill(victim, signal.SIGKILL)
    stopped.append(victim)


def estimate(survey: Any, indicators: list[str]) -> pd.DataFrame:
    """Return our table."""
    return pa.proportion(survey, indicators, by=GROUPINGS)


def main() -> None:
    """Estimate once, or twice with an executor lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table")
    parser.add_argument("target")
    parser.add_argument("--indicators", nargs="+", default=["y00", "y10", "y39"])
    parser.add_argument("--lose", action="store_true")
    chosen = parser.parse_args()
    spark = SparkSession.builder.appName("portal_analysis").getOrCreate()
    survey = pa.Survey(
        spark.read.parquet(chosen.table), pa.Design("weight", strata="province", psu="district")
    )
    table = estimate(survey, chosen.indicators)
    table.to_csv(chosen.target, index=False)
    print(f"{len(table)} estimates from {len(survey):,} rows by {len(executors())} executors")
    if chosen.lose:
        stopped: list[int] = []
        losing = threading.Thread(target=lose_one, args=(spark, stopped))
        losing.start()
        again = estimate(survey, chosen.indicators)
        losing.join()
        pd.testing.assert_frame_equal(table, again, rtol=1e-12)
        print(f"{len(stopped)} executor lost, no number changed")
    spark.stop()


if __name__ == "__main__":
    main()
