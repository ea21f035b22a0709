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
import threading
import time
from typing import Any

import pandas as pd
from pyspark.sql import SparkSession

import portal_analysis as pa

GROUPINGS = [(), ("province",), ("sex", "urban")]


def executors(spark: SparkSession, expected: int = 1, patience: float = 60.0) -> list[int]:
    """Return the processes of the executors, as they say themselves; wait for so many of them."""
    ends = time.monotonic() + patience
    while True:
        asked = spark.range(0, 64, 1, 16).selectExpr(
            "java_method('java.lang.ProcessHandle', 'current') AS process"
        )
        found = sorted({int(row.process) for row in asked.collect()})
        if len(found) >= expected or time.monotonic() > ends:
            return found
        time.sleep(0.5)


def lose(spark: SparkSession, victim: int) -> None:
    """Stop an executor as soon as a stage of the estimate runs."""
    status = spark.sparkContext.statusTracker()
    for _ in range(2000):
        if status.getActiveStageIds():
            break
        time.sleep(0.01)
    os.kill(victim, signal.SIGKILL)


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
    parser.add_argument("--executors", type=int, default=2, help="how many to wait for before they are told")
    chosen = parser.parse_args()
    spark = SparkSession.builder.appName("portal_analysis").getOrCreate()
    survey = pa.Survey(
        spark.read.parquet(chosen.table), pa.Design("weight", strata="province", psu="district")
    )
    table = estimate(survey, chosen.indicators)
    table.to_csv(chosen.target, index=False)
    processes = executors(spark, chosen.executors)
    print(f"{len(table)} estimates from {len(survey):,} rows by {len(processes)} executors")
    if chosen.lose:
        losing = threading.Thread(target=lose, args=(spark, processes[0]))
        losing.start()
        again = estimate(survey, chosen.indicators)
        losing.join()
        pd.testing.assert_frame_equal(table, again, rtol=1e-12)
        left = executors(spark)
        print(f"executor {'lost' if processes[0] not in left else 'still there'}, no number changed")
    spark.stop()


if __name__ == "__main__":
    main()
