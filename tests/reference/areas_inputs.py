"""Write ``areas_data.csv``, the values that ``areas.R`` fits: three indicators in one wave, and one in three waves.

Run ``python tests/reference/areas_inputs.py``, then ``Rscript tests/reference/areas.R``. Only numbers on the model's
scale are handed over: direct values, their variances and covariances, standardised covariates.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import portal_analysis as pa
from portal_analysis.facts import province_facts
from portal_analysis.survey.compare import covariance
from portal_analysis.survey.small_area import Areas, all_areas, area_rates

HERE = Path(__file__).resolve().parent
FACTS = {"income": 2016, "dti": 2022}
INDICATORS = ["internet_home", "pesp_use", "npsp_use"]


def one_wave() -> list[Areas]:
    """Return what the model of each indicator starts from."""
    rates = area_rates(pa.load_survey("province-survey-simulated"), INDICATORS)
    return all_areas(rates, province_facts(FACTS), "arcsine")


def three_waves() -> Areas:
    """Return internet at home in three waves that visited the same places."""
    papi = pa.load_survey("papi-simulated")
    rates = area_rates(papi, "internet_home", wave="wave")
    between = covariance(papi, "internet_home", by=["wave", "province"])
    return all_areas(rates[rates["wave"] <= 2022], province_facts(FACTS), "arcsine", between)[0]


def main() -> None:
    """Write the values."""
    parts = []
    for name, areas in [*zip(INDICATORS, one_wave(), strict=True), ("waves", three_waves())]:
        wave = areas.rows["wave"] if areas.wave else 2022
        x = pd.DataFrame(areas.x[:, -len(FACTS) :], columns=list(FACTS))
        own = {"fit": name, "wave": wave, "province": areas.rows["province"], "y": areas.y}
        parts.append(pd.concat([pd.DataFrame(own), x], axis=1))
        pd.DataFrame(areas.sampling).to_csv(HERE / f"areas_v_{name}.csv", index=False, header=False) if (
            areas.wave
        ) else None
        parts[-1]["v"] = areas.sampling.diagonal()
    pd.concat(parts).to_csv(HERE / "areas_data.csv", index=False)


if __name__ == "__main__":
    main()
