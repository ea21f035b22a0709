"""One register, every denominator: by hand, against Japan's published census, R, exact fractions and every engine."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import portal_analysis as pa
from portal_analysis.registers.usage import RATES
from portal_analysis.shape import check
from tests.registers.conftest import SAID

ANSWERS = pd.read_csv(Path(__file__).parents[1] / "reference" / "register.csv", comment="#")


def rates(table: pd.DataFrame) -> dict[str, float]:
    return dict(zip(table["indicator"], table["estimate"], strict=True))


@pytest.fixture(scope="module")
def japan() -> pa.Register:
    return pa.load_register("procedures-japan")


@pytest.fixture(scope="module")
def by_citizens(japan: pa.Register) -> pa.Register:
    return japan.only(kind="1", actor=("5", "7"))


def test_the_five_rates_of_a_typed_register_of_dossiers(register):
    table = check(pa.usage_rates(register))
    assert rates(table) == {
        "procedures offered online": 2 / 3,
        "dossiers online": 6 / 10,  # the dossier of which nobody knows how it was filed is missing
        "dossiers online where offered": 5 / 7,
        "mean procedure rate": pytest.approx((4 / 5 + 1 / 2 + 1 / 3) / 3, abs=1e-16),
        "procedures used online": 1.0,
    }
    assert table["n"].tolist() == [3, 10, 7, 3, 3]
    assert table["n_missing"].tolist() == [0, 1, 1, 0, 0]
    assert table["n_inconsistent"].tolist() == [1, 0, 1, 0, 0]
    assert table["flag"].tolist() == ["inconsistent", "", "inconsistent", "", ""]
    assert table[["se", "ci_low", "df"]].isna().all(axis=None), "every row counts: there is no sampling error"


def test_the_five_rates_of_a_typed_register_of_procedures(listed):
    table = pa.usage_rates(listed)
    assert rates(table) == {
        "procedures offered online": 4 / 7,
        "dossiers online": 18 / 34,  # the procedure with more dossiers online than in all counts for none
        "dossiers online where offered": 16 / 20,
        "mean procedure rate": pytest.approx((2 * 8 / 10 + 0 + 2 * 1 / 5) / 5, abs=1e-16),
        "procedures used online": 4 / 5,
    }
    assert table["n_inconsistent"].tolist() == [2, 1, 3, 1, 1]


def test_japan_s_published_numbers_come_out_of_the_extract(by_citizens):
    table = pa.usage_rates(by_citizens)
    assert [f"{100 * one:.1f}" for one in table["estimate"]] == ["47.6", "68.8", "71.0", "24.7", "39.1"]
    assert table["n"].tolist() == [10_092, 1_518_610_285, 1_468_542_245, 3_816, 3_816]
    assert table["n_inconsistent"].tolist() == [168, 0, 168, 0, 0]


def test_a_wider_meaning_of_offered_changes_only_what_rests_on_it(by_citizens):
    wide = pa.Register(
        by_citizens.data,
        "online",
        "status",
        dossiers="dossiers",
        procedures="procedures",
        yes={"status": ("1", "5")},
    )
    narrow, wider = rates(pa.usage_rates(by_citizens)), rates(pa.usage_rates(wide))
    assert wider["procedures offered online"] == pytest.approx(0.5098, abs=5e-5)
    assert {name for name in RATES if narrow[name] != wider[name]} == {RATES[0], RATES[2]}


@pytest.mark.parametrize("case", ANSWERS["case"].unique())
def test_errors_by_cluster_are_those_of_r(japan, case):
    by = None if case == "all" else "actor"
    table = pa.usage_rates(japan, by=by, cluster="ministry")
    ours = table if by is None else table[table["actor"] == case.removeprefix("actor ")]
    theirs = ANSWERS[ANSWERS["case"] == case].set_index("key").loc[ours["indicator"]]
    for name in ("estimate", "se", "df"):
        np.testing.assert_allclose(ours[name].to_numpy(), theirs[name].to_numpy(), rtol=1e-9, err_msg=name)


def test_rates_of_dossiers_by_cluster_are_those_of_the_survey(register, dossiers):
    dossiers["agency"] += dossiers["month"].str[-1]
    again = pa.Register(dossiers, "channel", "service", "procedure", **SAID)
    ours = pa.usage_rates(again, by="service", cluster="agency")
    ours = ours[ours["indicator"] == "dossiers online"]
    theirs = pa.proportion(again.survey("agency"), "channel", by="service")
    for name in ("estimate", "se", "ci_low", "ci_high", "n", "df", "n_missing"):
        np.testing.assert_allclose(
            ours[name].to_numpy(float), theirs[name].to_numpy(float), atol=1e-14, err_msg=name
        )
    assert set(ours["interval"]) == {"clusters"}


def test_a_procedure_in_several_agencies_has_no_error_of_its_own(register):
    table = pa.usage_rates(register, cluster="agency").set_index("indicator")
    assert table.loc["dossiers online", "se"] > 0
    assert np.isnan(table.loc["mean procedure rate", "se"])
    assert table.loc["mean procedure rate", "interval"] == ""


def test_an_agency_without_a_dossier_in_the_domain_still_is_an_agency(dossiers):
    extra = dossiers.iloc[[0]].assign(agency="east", month=None)
    table = pd.concat([dossiers, extra], ignore_index=True)
    ours = pa.usage_rates(
        pa.Register(table, "channel", "service", "procedure", **SAID), by="month", cluster="agency"
    )
    survey = pa.Register(table, "channel", "service", "procedure", **SAID).survey("agency")
    theirs = pa.proportion(survey, "channel", by="month")
    ours = ours[ours["indicator"] == "dossiers online"]
    np.testing.assert_allclose(ours["se"].to_numpy(), theirs["se"].to_numpy(), rtol=1e-12)


ENGINES: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "pandas": lambda table, _: table,
    "categories": lambda table, _: table.astype({"channel": "category", "service": "category"}),
    "polars": lambda table, _: pytest.importorskip("polars").from_pandas(table),
    "polars lazy": lambda table, _: pytest.importorskip("polars").from_pandas(table).lazy(),
    "pyarrow": lambda table, _: pytest.importorskip("pyarrow").Table.from_pandas(table),
    "duckdb": lambda table, _: pytest.importorskip("duckdb").connect().from_df(table),
    "path": lambda table, folder: written(table, folder / "register.parquet"),
}


def written(table: pd.DataFrame, path: Path) -> Path:
    pytest.importorskip("duckdb")
    table.to_parquet(path)
    return path


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same_numbers(engine, dossiers, register, tmp_path):
    there = pa.Register(ENGINES[engine](dossiers, tmp_path), "channel", "service", "procedure", **SAID)
    by = [(), ("month",), ("month", "agency")]
    pd.testing.assert_frame_equal(
        pa.usage_rates(there, by=by), pa.usage_rates(register, by=by), check_dtype=False
    )


def test_the_data_are_not_changed(dossiers, register):
    before = dossiers.copy()
    pa.usage_rates(register, by="month", cluster="agency")
    pd.testing.assert_frame_equal(dossiers, before)


def exactly(table: pd.DataFrame) -> dict[str, Fraction]:
    """Reckon the rates of a register of procedures in fractions, which are never rounded."""
    rows = [dict(zip(table, row, strict=True)) for row in table.itertuples(index=False, name=None)]
    used = [row for row in rows if row["dossiers"]]
    shares = [(row["alike"], Fraction(row["online"], row["dossiers"])) for row in used]
    many = sum(weight for weight, _ in shares)
    return {
        "dossiers online": Fraction(
            sum(row["alike"] * row["online"] for row in rows),
            sum(row["alike"] * row["dossiers"] for row in rows),
        ),
        "mean procedure rate": sum(weight * share for weight, share in shares) / many,
        "procedures used online": Fraction(sum(row["alike"] for row in used if row["online"]), many),
    }


@given(
    st.lists(
        st.tuples(st.integers(1, 900_000_000), st.integers(0, 900_000_000), st.integers(1, 400)),
        min_size=1,
        max_size=40,
    )
)
def test_hundreds_of_millions_lose_nothing(told):
    table = pd.DataFrame(
        [(max(n, k), min(n, k), alike) for n, k, alike in told], columns=["dossiers", "online", "alike"]
    ).assign(offered=True)
    ours = rates(
        pa.usage_rates(pa.Register(table, "online", "offered", dossiers="dossiers", procedures="alike"))
    )
    for name, exact in exactly(table).items():
        wanted = exact.numerator / exact.denominator
        assert ours[name] == (pytest.approx(wanted, rel=4e-16) if name.startswith("mean") else wanted), name


@pytest.mark.parametrize("kind", ["int32", "uint32"])
def test_counts_of_32_bits_do_not_overflow(kind):
    polars = pytest.importorskip("polars")
    table = pd.DataFrame(
        {"dossiers": [2**31 - 1] * 5, "online": [2**31 - 2] * 5, "offered": [True] * 5}
    ).astype({"dossiers": kind, "online": kind})
    for data in (table, polars.from_pandas(table)):
        found = pa.usage_rates(pa.Register(data, "online", "offered", dossiers="dossiers"))
        assert found.loc[1, "base"] == 5 * (2**31 - 1)
        assert found.loc[1, "count"] == 5 * (2**31 - 2)


@pytest.mark.slow
def test_three_hundred_million_dossiers_are_counted_one_by_one():
    """Rows that no memory holds, made in the engine: n is exact, and so is the rate."""
    duckdb = pytest.importorskip("duckdb")
    rows = duckdb.connect().sql(
        "select 1 as procedure, true as offered, i % 3 = 0 as online from range(300000001) as t(i)"
    )
    found = pa.usage_rates(pa.Register(rows, "online", "offered", "procedure")).set_index("indicator")
    assert found.loc["dossiers online", "n"] == 300_000_001
    assert found.loc["dossiers online", "count"] == 100_000_001
    assert found.loc["dossiers online", "estimate"] == 100_000_001 / 300_000_001


def test_conflicts_name_the_procedures(register, listed, by_citizens):
    assert pa.register_conflicts(register)[["conflict", "procedure", "online"]].values.tolist() == [
        ["used online, not offered", "c", 1]
    ]
    assert pa.register_conflicts(listed, by="agency")[
        ["conflict", "agency", "procedures"]
    ].values.tolist() == [
        ["used online, not offered", "south", 2],
        ["numbers do not add up", "south", 1],
    ]
    told = pa.register_conflicts(by_citizens, by="status")
    assert told.groupby("status")["procedures"].sum().to_dict() == {"4": 3, "5": 165}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"by": "county"}, "no columns \\['county'\\]"),
        ({"by": "nothing"}, "no columns"),
        ({"cluster": "month", "level": 1}, "between 0 and 1"),
        ({"cluster": "month", "level": "0.95"}, "between 0 and 1"),
        ({"cluster": "country"}, "no columns \\['country'\\]"),
        ({"cluster": "channel"}, "'channel' is missing in some rows"),
    ],
)
def test_bad_questions_are_told(register, asked, said):
    with pytest.raises(pa.RegisterError, match=said):
        pa.usage_rates(register, **asked)


def test_one_cluster_shows_nothing(dossiers):
    one = pa.Register(dossiers.assign(agency="only"), "channel", "service", "procedure", **SAID)
    with pytest.raises(pa.RegisterError, match="one value"):
        pa.usage_rates(one, cluster="agency")


def test_a_column_of_the_result_s_name_is_refused(dossiers):
    renamed = pa.Register(
        dossiers.rename(columns={"month": "level"}), "channel", "service", "procedure", **SAID
    )
    with pytest.raises(pa.RegisterError, match="names of columns of the result"):
        pa.usage_rates(renamed, by="level")
