"""The largest audit foreseen: 63 portals × 5 pages × 100 criteria × 6 assessors × 3 rounds, 567,000 judgements.

Run as ``python benchmarks/audit_full.py``. Writes the dataset to a temporary folder, then, in a process of its own,
loads and validates it and counts coverage, shares and shortcomings; prints seconds and peak memory.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

PORTALS, PAGES, CRITERIA, ASSESSORS, ROUNDS = 63, 5, 100, 6, ("2022", "2023", "2024")
LEVELS = ("red", "yellow", "green")
OUTCOMES = ("not_met", "partly", "met", "cant_tell", "not_applicable", "not_tested", "error")


def judgements() -> pd.DataFrame:
    """Every judgement with a random rating, a tenth of them not tested."""
    names = [
        [f"portal-{place:02d}" for place in range(PORTALS)],
        [str(place) for place in range(PAGES)],
        [f"criterion-{place:03d}" for place in range(CRITERIA)],
        [f"assessor-{place}" for place in range(ASSESSORS)],
        list(ROUNDS),
    ]
    keys = ["portal_id", "page_id", "criterion_id", "assessor_id", "round"]
    table = pd.MultiIndex.from_product(names, names=keys).to_frame(index=False)
    table["page_id"] = table["portal_id"] + "-" + table["page_id"]
    random = np.random.default_rng(1)
    level = random.integers(3, size=len(table))
    tested = random.random(len(table)) > 0.1
    table["rating"] = np.where(tested, np.array(LEVELS)[level], "")
    table["outcome"] = np.where(tested, np.array(["not_met", "partly", "met"])[level], "not_tested")
    table["evidence"] = "https://portal.example/page"
    table["rated_at"] = "2024-03-01"
    return table


def write(folder: Path) -> None:
    """Write the dataset with its description."""
    from portal_analysis.datasets import write_descriptor

    judged = judgements()
    pages = judged[["page_id", "portal_id"]].drop_duplicates()
    criteria = pd.DataFrame({"criterion_id": sorted(judged["criterion_id"].unique()), "round": ""})
    criteria = criteria.assign(levels="|".join(LEVELS), good_from=LEVELS[-1], weight=1)
    shortcoming = [f"S{place % 5 + 1}" for place in range(len(criteria))]
    tables = {
        "judgements": judged,
        "pages": pages,
        "portals": pages[["portal_id"]].drop_duplicates(),
        "criteria": criteria,
        "assessors": pd.DataFrame({"assessor_id": sorted(judged["assessor_id"].unique()), "kind": "expert"}),
        "codebook": criteria[["criterion_id"]].assign(scheme="article", shortcoming=shortcoming, version="1"),
    }
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    resources = [
        {
            "name": name,
            "path": f"{name}.csv",
            "format": "csv",
            "schema": schema(name, list(table.columns)),
        }
        for name, table in tables.items()
    ]
    write_descriptor(
        folder,
        {
            "name": folder.name,
            "title": "Benchmark",
            "kind": "audit",
            "simulated": True,
            "resources": resources,
        },
    )


def schema(name: str, columns: list[str]) -> dict[str, Any]:
    """Describe a table as a shipped dataset would: required columns, categories, foreign keys."""
    fields: list[dict[str, Any]] = [{"name": column, "type": "string"} for column in columns]
    if name != "judgements":
        return {"fields": fields}
    for one in fields:
        if one["name"] == "outcome":
            one |= {"constraints": {"required": True}, "categories": [{"value": word} for word in OUTCOMES]}
        if one["name"] == "rated_at":
            one["type"] = "date"
    keys = {
        "portal_id": "portals",
        "page_id": "pages",
        "criterion_id": "criteria",
        "assessor_id": "assessors",
    }
    foreign = [
        {"fields": [key], "reference": {"resource": home, "fields": [key]}} for key, home in keys.items()
    ]
    return {"fields": fields, "foreignKeys": foreign}


def work(folder: Path) -> None:
    """Load, validate and count; print the time of each step and the peak memory."""
    started = time.perf_counter()
    from portal_analysis.audit.coverage import coverage
    from portal_analysis.audit.judgements import load_audit
    from portal_analysis.audit.shares import shares
    from portal_analysis.audit.shortcomings import shortcomings

    seconds = {"import": time.perf_counter() - started}
    audit = _timed("load and validate", lambda: load_audit(folder), seconds)
    _timed("coverage", lambda: coverage(audit), seconds)
    _timed("shares", lambda: shares(audit, at_least="good"), seconds)
    _timed("shortcomings", lambda: shortcomings(audit), seconds)
    for step, duration in seconds.items():
        print(f"{step:20s} {duration:6.2f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(audit.judgements):,} judgements, {sum(seconds.values()):.2f} s, peak {peak:,.0f} MB")


def _timed(step: str, action: Callable[[], Any], seconds: dict[str, float]) -> Any:
    started = time.perf_counter()
    result = action()
    seconds[step] = time.perf_counter() - started
    return result


if __name__ == "__main__":
    if len(sys.argv) > 1:
        work(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as parent:
            target = Path(parent) / "audit-benchmark"
            target.mkdir()
            write(target)
            subprocess.run([sys.executable, __file__, str(target)], check=True)
