from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from portal_analysis import shape as est
from portal_analysis.audit.benchmark import BANDS, benchmark
from portal_analysis.audit.judgements import AuditError

REFERENCE = Path(__file__).resolve().parents[1] / "reference"


def test_bands_as_in_r() -> None:
    answers = pd.read_csv(REFERENCE / "benchmark.csv")
    assert len(answers) == 3 * (6 + 5 + 3)
    for (scale, coefficient, se), own in answers.groupby(["scale", "coefficient", "se"]):
        rows = pd.DataFrame({"indicator": ["AC1"], "estimate": [coefficient], "se": [se]})
        found = benchmark(est.estimates(rows), scale)
        assert found["at_least"].tolist() == pytest.approx(own["at_least"].tolist(), abs=1e-9)
        assert found["band"].tolist() == [name for name, _, _ in BANDS[scale]]
        assert found["estimate"].sum() == pytest.approx(1)


def test_a_band_is_reached_only_surely() -> None:
    rows = est.estimates(
        pd.DataFrame({"indicator": ["AC1", "AC1"], "estimate": [0.82, 0.82], "se": [0.05, 0.0]})
    )
    found = benchmark(rows)
    assert found.loc[found["reached"], "band"].tolist() == ["substantial", "almost-perfect"]
    with pytest.raises(AuditError, match="landis-koch, altman, fleiss"):
        benchmark(rows, "mine")
    with pytest.raises(AuditError, match="superpopulation"):
        benchmark(rows.assign(se=np.nan))
    with pytest.raises(AuditError, match="probability"):
        benchmark(rows, sure=95)
