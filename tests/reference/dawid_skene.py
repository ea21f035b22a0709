"""Answers for tests/audit/test_settle.py by crowd-kit (Apache-2.0): python dawid_skene.py writes dawid_skene.csv.

Maximum likelihood, without a prior. crowd-kit is needed to run this, not to test.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd


def ratings(seed: int = 11, units: int = 60, raters: int = 5, levels: int = 3) -> np.ndarray:
    """Return made-up ratings with gaps; the test makes the same."""
    random = np.random.RandomState(seed)
    truth = random.choice(levels, size=units, p=[0.5, 0.3, 0.2])
    said = np.where(
        random.rand(units, raters) < 0.72, truth[:, None], random.choice(levels, size=(units, raters))
    )
    return np.where(random.rand(units, raters) < 0.15, -1, said)


def main() -> None:
    from crowdkit import __version__
    from crowdkit.aggregation import DawidSkene

    said = ratings()
    unit, rater = np.nonzero(said >= 0)
    table = pd.DataFrame({"task": unit, "worker": rater, "label": said[unit, rater]})
    fit = DawidSkene(n_iter=20_000, tol=1e-15).fit(table)
    level = fit.probas_.reset_index().melt("task", var_name="level", value_name="value")
    error = fit.errors_.reset_index().melt(["worker", "label"], var_name="truth", value_name="value")
    level = level.rename(columns={"task": "unit"}).assign(kind="level")
    error = error.rename(columns={"worker": "rater", "label": "level"}).assign(kind="error")
    columns = ["kind", "unit", "rater", "truth", "level", "value"]
    rows = pd.concat([level, error]).reindex(columns=columns).convert_dtypes()
    rows.to_csv(Path(__file__).with_suffix(".csv"), index=False, float_format="%.12g")
    Path(__file__).with_name("dawid_skene_version.txt").write_text(
        f"crowd-kit {__version__}\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
