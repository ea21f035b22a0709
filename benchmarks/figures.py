"""Time each figure of the simulated data, drawn and written as SVG.

Prints seconds of processor time and how many times the first figure's. Run: ``python benchmarks/figures.py``
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import portal_analysis as pa


def figures() -> dict[str, Callable[[], Any]]:
    """Return what is drawn, by name."""
    survey, audit = pa.load_survey("papi-simulated"), pa.load_audit("portal-review-simulated")
    rates = pa.proportion(survey, "npsp_use", by="wave")
    provinces = pa.proportion(survey, "internet_home", by="province")
    criteria, together = pa.shares(audit), pa.co_occurrence(audit)
    together = together[together["round"] == together["round"].max()]
    return {
        "rates": lambda: pa.plot_estimates(rates),
        "trend": lambda: pa.plot_trend(rates),
        "tiles": lambda: pa.plot_tiles(provinces),
        "map": lambda: pa.plot_map(provinces),
        "criteria": lambda: pa.plot_criteria(criteria),
        "co-occurrence": lambda: pa.plot_co_occurrence(together),
    }


def main() -> None:
    """Draw everything once to warm up, then time it."""
    drawn = figures()
    with tempfile.TemporaryDirectory() as folder:
        first = None
        for name, draw in drawn.items():
            draw()
            start = time.process_time()
            draw().savefig(Path(folder) / f"{name}.svg")
            taken = time.process_time() - start
            first = first or taken
            print(f"{name:10} {taken:6.2f} s  {taken / first:5.2f} x {next(iter(drawn))}")


if __name__ == "__main__":
    main()
