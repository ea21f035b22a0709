"""The same survey gives the same numbers wherever its table lives, and no row of it is fetched unsaid."""

from __future__ import annotations

import inspect
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import ibis
import narwhals
import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import portal_analysis as pa
from portal_analysis.survey import engine, gather, totals
from portal_analysis.survey.design import Design, DesignError
from portal_analysis.survey.engine import RowsWarning
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import AnswersError
from portal_analysis.tables.elsewhere import EngineError

ROWS = 3000
DESIGN = Design("weight", strata="province", psu="district")
CODES: dict[str, Any] = {
    "missing": {"trust": (888, 999), "days": (-9,)},
    "yes": {"trust": (4, 5), "word": "yes"},
    "no": {"trust": (1, 2, 3)},
    "categories": {"age_group": ("18-29", "30-59", "60+", "none given")},
}


def frame() -> pd.DataFrame:
    """Return people of 6 provinces with answers of every kind: numbers, codes, words, nothing, NaN."""
    random = np.random.default_rng(20230711)
    province = random.integers(1, 7, ROWS)
    made = pd.DataFrame({"province": [f"P{code:02d}" for code in province]})
    made["district"] = random.integers(0, 5, ROWS)
    made["weight"] = np.where(random.random(ROWS) < 0.01, 0.0, random.gamma(4, 1000, ROWS))
    made["sex"] = random.choice(["f", "m", None], ROWS, p=[0.5, 0.48, 0.02])
    made["age_group"] = random.choice(["18-29", "30-59", "60+"], ROWS)
    made["urban"] = random.integers(0, 2, ROWS)
    made["wave"] = random.choice([2020, 2021, 2022], ROWS)
    chance = 0.2 + 0.1 * made["urban"] + 0.05 * (made["wave"] - 2020) + 0.02 * province
    used = (random.random(ROWS) < chance).astype(float)
    made["used"] = used.astype(np.int8)
    made["seen"] = np.where(random.random(ROWS) < 0.1, np.nan, random.random(ROWS) < 0.05)
    made["trust"] = random.choice([1, 2, 3, 4, 5, 888, 999], ROWS)
    made["word"] = random.choice(["yes", "no", None], ROWS)
    made["days"] = np.where(random.random(ROWS) < 0.05, -9, random.integers(1, 60, ROWS)).astype(float)
    made["fee"] = np.where(random.random(ROWS) < 0.05, np.nan, np.round(random.gamma(2, 50, ROWS), 2))
    made["change"] = random.normal(0, 5, ROWS)
    made["income"] = random.gamma(2, 5e5, ROWS)
    return made


def _relation(made: pd.DataFrame, folder: Path) -> Any:
    return duckdb.connect().from_arrow(pyarrow.Table.from_pandas(made, preserve_index=False))


def _parquet(made: pd.DataFrame, folder: Path) -> Any:
    made.to_parquet(folder / "made.parquet", index=False)
    return folder / "made.parquet"


def _lazy(made: pd.DataFrame, folder: Path) -> Any:
    return polars.from_pandas(made, nan_to_null=False).lazy()


def _nulls(made: pd.DataFrame, folder: Path) -> Any:
    return polars.from_pandas(made, nan_to_null=True).lazy()


def _ibis(made: pd.DataFrame, folder: Path) -> Any:
    made.to_parquet(folder / "made.parquet", index=False)
    return ibis.duckdb.connect().read_parquet(folder / "made.parquet")


def _spark(made: pd.DataFrame, folder: Path) -> Any:
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    made.to_parquet(folder / "made.parquet", index=False)
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.shuffle.partitions", "2").config("spark.log.level", "ERROR")
    return builder.getOrCreate().read.parquet(str(folder / "made.parquet"))


ENGINES: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "pandas": lambda made, folder: made,
    "polars": lambda made, folder: polars.from_pandas(made),
    "polars lazy, NaN": _lazy,
    "polars lazy, null": _nulls,
    "pyarrow": lambda made, folder: pyarrow.Table.from_pandas(made, preserve_index=False),
    "duckdb relation": _relation,
    "parquet path": _parquet,
    "ibis": _ibis,
    "spark": _spark,
}


def survey(data: Any, design: Design = DESIGN, **more: Any) -> Survey:
    """Return the survey of a table."""
    return Survey(data, design, **{**CODES, **more})


pytestmark = [
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),  # Ibis on DuckDB 2
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore:distutils:DeprecationWarning"),
]

GROUPINGS = [(), ("province",), ("sex", "age_group"), ("wave",)]
CALLS: dict[str, Callable[[Survey], pd.DataFrame]] = {
    "proportion": lambda s: pa.proportion(s, ["used", "seen", "trust", "word"], by=GROUPINGS),
    "proportion in a domain": lambda s: pa.proportion(
        s, "seen", by="sex", domain="urban == 1 and wave > 2020"
    ),
    "categories": lambda s: pa.proportion(s, ["age_group", "trust"], by="sex", categories=True),
    "mean": lambda s: pa.mean(s, ["days", "fee", "used"], by=GROUPINGS),
    "mean of changes": lambda s: pa.mean(s, "change", by=[(), ("sex",)]),
    "total": lambda s: pa.total(s, ["fee", "used"], by="sex"),
    "ratio": lambda s: pa.ratio(s, ["fee", "days"], "income", by="sex"),
    "difference": lambda s: pa.difference(s, ["used", "seen"], "sex", by="wave"),
    "trend": lambda s: pa.trend(s, ["used", "trust"], by="sex"),
    "trend of odds": lambda s: pa.trend(s, "used", method="logit"),
    "association": lambda s: pa.association(s, "used", "age_group"),
    "contrast": lambda s: pa.contrast(s, ["used", "seen"], between="sex", over="wave"),
    "contrast of ratios": lambda s: pa.contrast(
        s, "fee", between="sex", statistic="ratio", denominator="days", scale="ratio"
    ),
    "contrast of means": lambda s: pa.contrast(s, ["fee", "used"], between="sex", statistic="mean"),
    "covariance": lambda s: pa.covariance(s, ["used", "seen"], by="sex"),
    "logit": lambda s: pa.logit(s, "used ~ sex + age_group + C(wave)"),
    "logit margins": lambda s: pa.logit(s, "used ~ sex * urban", domain="wave > 2020", effect="marginal"),
    "multiple response": lambda s: pa.multiple_response(s, ["used", "seen"], by="sex"),
    "standardise": lambda s: pa.standardise(s, "used", over="age_group", by="sex"),
    "inequality": lambda s: pa.inequality(s, "used", "province"),
    "decompose": lambda s: pa.decompose(s, "used ~ age_group + urban", "sex"),
    "median of few values": lambda s: pa.quantile(s, "days", by="sex"),
    "summary": lambda s: pa.summary(s, by=[(), ("sex",)]),
}
ON_SPARK = ("proportion", "categories", "ratio", "trend", "association", "contrast", "logit")
"""What Spark, which takes a second for each query, is asked for."""

PEOPLE = frame()
ARROW = pyarrow.Table.from_pandas(PEOPLE, preserve_index=False)
DESIGNS = {
    "panel and jackknife": Design("weight", "province", "district", panel="wave", replicate_method="JKn"),
    "no strata": Design(psu="agency"),
    "two stages": Design("weight", "province", ("district", "urban"), fpc=("districts", "halves")),
    "stages without sizes": Design("weight", "province", ("district", "urban")),
    "census": Design(census=True),
}


@pytest.fixture(autouse=True)
def always_ask(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ask engines for small tables too, and fail where rows are fetched."""
    monkeypatch.setattr(engine, "IN_MEMORY", 0)
    monkeypatch.setattr(gather, "BIG", 10)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RowsWarning)
        yield


@pytest.fixture(scope="module")
def expected() -> dict[str, pd.DataFrame]:
    """Return the numbers from the rows of a pandas frame, as they were before there were engines."""
    assert len(PEOPLE) < gather.BIG
    by_hand = survey(PEOPLE)
    return {name: call(by_hand) for name, call in CALLS.items()}


def equal(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Check that two tables are equal to 1e-12."""
    pd.testing.assert_frame_equal(one, other, rtol=1e-12, atol=1e-15, check_dtype=False)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name == "spark" else []) for name in ENGINES]
)
def test_every_engine_gives_the_same_numbers(
    name: str, expected: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    asked = survey(ENGINES[name](PEOPLE, tmp_path))
    assert asked.elsewhere is (name != "pandas")
    for call in CALLS if name != "spark" else ON_SPARK:
        equal(CALLS[call](asked), expected[call])


@pytest.mark.parametrize("design", DESIGNS)
def test_every_design_gives_the_same_numbers(
    design: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = PEOPLE.assign(districts=9, halves=2, agency=PEOPLE["province"] + PEOPLE["district"].astype(str))
    asked = survey(ENGINES["duckdb relation"](made, tmp_path), DESIGNS[design])
    monkeypatch.setattr(gather, "BIG", 10**9)
    here = survey(made, DESIGNS[design])
    for call in ("proportion", "mean", "difference", "trend", "logit"):
        if design == "census" and call == "logit":
            continue  # nothing to test
        equal(CALLS[call](asked), CALLS[call](here))


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_any_small_table_gives_the_same_numbers(data: st.DataObject) -> None:
    size = data.draw(st.integers(6, 40))
    cells = st.sampled_from([0.0, 1.0, float("nan")])
    labels = st.sampled_from(["a", "b", " b ", "Hà", "Hà", "", None])
    made = pd.DataFrame(
        {
            "psu": [i % 3 for i in range(size)],
            "w": data.draw(st.lists(st.floats(0, 1e6), min_size=size, max_size=size)),
            "y": data.draw(st.lists(cells, min_size=size, max_size=size)),
            "x": data.draw(st.lists(st.floats(-1e3, 1e3), min_size=size, max_size=size)),
            "g": data.draw(st.lists(labels, min_size=size, max_size=size)),
        }
    ).assign(w=lambda made: made["w"] + 1)
    design = Design("w", psu="psu")
    table = Survey(polars.from_pandas(made, nan_to_null=False).lazy(), design)
    for call in (
        lambda s: pa.mean(s, ["x"], by=[(), ("g",)]),
        lambda s: pa.proportion(s, "y", by=[(), ("g",)]),
    ):
        assert_same(lambda: call(table), lambda: call(Survey(made, design)))  # noqa: B023


def assert_same(one: Callable[[], pd.DataFrame], other: Callable[[], pd.DataFrame]) -> None:
    """Check that two calls give equal tables, or the same error."""
    try:
        wanted = other()
    except ValueError as error:
        with pytest.raises(type(error)):
            one()
        return
    pd.testing.assert_frame_equal(one(), wanted, rtol=1e-9, atol=1e-9, check_dtype=False)


# --------------------------------------------------------------------------------------------- what is asked


def test_one_query_tells_all_indicators_and_groupings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = survey(ENGINES["parquet path"](PEOPLE, tmp_path))
    sizes: list[tuple[int, int]] = []
    ask = engine.Table._collected

    def counting(table: engine.Table, query: Any) -> pd.DataFrame:
        found = ask(table, query)
        sizes.append(found.shape)
        return found

    monkeypatch.setattr(engine.Table, "_collected", counting)
    pa.proportion(asked, ["used", "seen"], by=GROUPINGS)
    assert sum(columns > 10 for _, columns in sizes) == 1
    assert max(rows for rows, _ in sizes) == len(
        PEOPLE[["province", "district", "sex", "age_group", "wave"]].drop_duplicates()
    )


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (lambda s: pa.quantile(s, "income"), "a quantile"),
        (lambda s: pa.logit(s, "used ~ income"), "a model"),
        (lambda s: pa.rake(s, {"sex": {"f": 1, "m": 1}}), "raking"),
        (lambda s: pa.post_stratify(s, "wave", {2020: 1, 2021: 1, 2022: 1}), "post-stratification"),
    ],
)
def test_what_needs_rows_says_so_with_their_number(
    ask: Callable[[Survey], Any], what: str, tmp_path: Path
) -> None:
    made = PEOPLE.dropna(subset="sex")
    asked = survey(ENGINES["duckdb relation"](made, tmp_path))
    with pytest.warns(
        RowsWarning, match=rf"{what}.*{len(made):,} rows x \d+ columns are fetched from DuckDB"
    ):
        found = ask(asked)
    if isinstance(found, pd.DataFrame):
        equal(found, ask(survey(made)))
    else:
        equal(pa.proportion(found, "used"), pa.proportion(ask(survey(made)), "used"))


def test_every_function_of_surveys_takes_tables_that_stay_elsewhere() -> None:
    functions = {name: getattr(pa, name) for name in pa.__all__ if inspect.isfunction(getattr(pa, name))}
    of_surveys = {name for name, one in functions.items() if "survey" in inspect.signature(one).parameters}
    by_another = {"logit"}  # asks regress
    takes = {name for name in of_surveys if hasattr(functions[name], "takes_tables_elsewhere")}
    assert sorted(of_surveys - takes - by_another) == []


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> tuple[Survey, Survey]:
    """A shipped survey in memory, and with its answers in a Parquet file."""
    here = pa.load_survey("papi-simulated", wave=2022)
    path = tmp_path_factory.mktemp("elsewhere") / "papi.parquet"
    here.data.to_parquet(path)
    return here, replace(here, data=str(path))


def test_direct_rates_of_areas_are_added_up_where_the_table_is(elsewhere: tuple[Survey, Survey]) -> None:
    here, there = (pa.area_rates(one, "npsp_use", domain="urban") for one in elsewhere)
    pd.testing.assert_frame_equal(here, there, check_dtype=False, rtol=1e-9)


def test_rows_without_an_order_are_not_told_row_by_row(elsewhere: tuple[Survey, Survey]) -> None:
    here, there = elsewhere
    rows = (here.data["urban"] == 1).to_numpy()
    scores = pa.portal_scores(pa.load_audit("portal-review-simulated").only(round="2024"), draws=100)
    asked: list[Callable[[], object]] = [
        lambda: pa.proportion(there, "npsp_use", domain=rows),
        lambda: pa.stage_effects(there, "npsp_use", ["district"], within="province", domain=rows),
        lambda: pa.link_persons(there, scores, "npsp_use ~ portal_score", domain=rows),
    ]
    for ask in asked:
        with pytest.raises(AnswersError, match="have no order that it could follow"):
            ask()


def test_models_of_persons_stages_and_questions_fetch_what_they_name(
    elsewhere: tuple[Survey, Survey],
) -> None:
    scores = pa.portal_scores(pa.load_audit("portal-review-simulated").only(round="2024"), draws=100)
    asked: dict[str, Callable[[Survey], pd.DataFrame]] = {
        "stage effects": lambda one: pa.stage_effects(
            one, "npsp_use", ["district", "commune"], within="province"
        ),
        "a model of persons": lambda one: pa.link_persons(
            survey=one, scores=scores, formula="npsp_use ~ portal_score + sex", domain="urban"
        ),
        "a list of questions": pa.questions,
    }
    for what, ask in asked.items():
        with pytest.warns(RowsWarning, match=rf"{what}.*16,117 rows x \d+ columns are fetched from DuckDB"):
            there = ask(elsewhere[1])
        pd.testing.assert_frame_equal(ask(elsewhere[0]), there, check_dtype=False, rtol=1e-9)


def test_rows_that_are_units_are_fetched_and_that_is_said(tmp_path: Path) -> None:
    relation = ENGINES["duckdb relation"](PEOPLE, tmp_path)
    with pytest.warns(RowsWarning, match="every row is a unit.*3,000 rows"):
        asked = survey(relation, Design("weight"))
    equal(pa.proportion(asked, "used"), pa.proportion(survey(PEOPLE, Design("weight")), "used"))


# ------------------------------------------------------------------------------------------- what goes wrong


def _relation(**columns: str) -> Any:
    connection = duckdb.connect()
    connection.register("made", ARROW)
    told = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    return connection.sql(f"select * {f'replace ({told})' if told else ''} from made")


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda s: pa.proportion(s, "usde"), "no column 'usde'.*used"),
        (lambda s: pa.proportion(s, "used", by="provinces"), "no column 'provinces'.*province"),
        (lambda s: pa.mean(s, "word"), "'word' holds .*not numbers"),
        (lambda s: pa.proportion(s, ["days", "province"]), "'days' holds(.|\n)*'province' holds text"),
        (lambda s: pa.proportion(s, "used", by="income"), "would make .* domains"),
        (lambda s: pa.proportion(s, "used", domain=[True] * 3000), "no order"),
        (lambda s: pa.logit(s, "used ~ agegroup"), "no column 'agegroup'"),
        (lambda s: pa.ratio(s, "word", "income"), "'word' holds .*not numbers"),
        (lambda s: pa.proportion(s, "province"), "'province' holds text"),
    ],
)
def test_a_wrong_column_is_one_clear_error(ask: Callable[[Survey], Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        ask(survey(_relation()))


@pytest.mark.parametrize(
    ("columns", "ask", "told"),
    [
        ({"fee": "'infinity'::double"}, lambda s: pa.mean(s, "fee"), "'fee' holds infinite values"),
        ({"fee": "fee * 1e100"}, lambda s: pa.mean(s, "fee"), r"'fee' holds values beyond ±1e\+50"),
        ({"used": "used + 1"}, lambda s: pa.proportion(s, "used"), "'used' holds 1, 2: not plainly 0/1"),
        ({"sex": "[sex]"}, lambda s: pa.proportion(s, "used", by="sex"), "'sex': .*neither text nor numbers"),
    ],
)
def test_answers_that_cannot_be_added_up_are_told(columns: dict, ask: Callable, told: str) -> None:
    with pytest.raises(AnswersError, match=told):
        ask(survey(_relation(**columns)))


KINDS: dict[str, Callable[[], tuple[Any, pd.DataFrame]]] = {
    "truth values": lambda: (
        _relation(seen="case seen when 1 then true when 0 then false end"),
        PEOPLE.assign(seen=PEOPLE["seen"].map({1.0: True, 0.0: False}).astype(object)),
    ),
    "categories": lambda: (
        polars.from_pandas(PEOPLE).with_columns(polars.col("word").cast(polars.Enum(["yes", "no"]))).lazy(),
        PEOPLE.assign(word=pd.Categorical(PEOPLE["word"], categories=["yes", "no"])),
    ),
    "single precision": lambda: (
        _relation(days="(days + 0.1)::float"),
        PEOPLE.assign(days=(PEOPLE["days"] + 0.1).astype(np.float32)),
    ),
    "whole weights": lambda: (
        _relation(weight="ceil(weight)::integer"),
        PEOPLE.assign(weight=np.ceil(PEOPLE["weight"]).astype(int)),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_columns_of_every_kind_give_the_same_numbers(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    there, made = KINDS[kind]()
    codes = CODES | {"no": CODES["no"] | {"seen": 0}, "missing": CODES["missing"] | {"days": (-8.9,)}}
    monkeypatch.setattr(gather, "BIG", 10**9)
    asked, here = survey(there, **codes), survey(made, **codes)
    assert asked.elsewhere
    for call in ("proportion", "mean", "ratio"):
        equal(CALLS[call](asked), CALLS[call](here))


def test_labelled_numbers_are_added_up_and_sets_are_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "BIG", 10**9)
    more = {"labels": {"days": {1: "One day"}}, "sets": {"ways": ("used", "seen")}}
    asked, here = survey(_relation(), **more), survey(PEOPLE, **more)
    equal(pa.mean(asked, "days"), pa.mean(here, "days"))
    equal(pa.multiple_response(asked, "ways", by="sex"), pa.multiple_response(here, "ways", by="sex"))


def test_a_survey_of_a_table_elsewhere_can_be_told_anew() -> None:
    asked = survey(_relation())
    again = replace(asked, source="poll")
    assert again.elsewhere
    equal(
        pa.proportion(again, "used").drop(columns="source"),
        pa.proportion(asked, "used").drop(columns="source"),
    )


def test_rows_are_fetched_as_pandas_would_hold_them() -> None:
    """Categories, truth values with gaps, and whole numbers with gaps that keep their kind."""
    relation = _relation(
        word="word::enum('yes', 'no')",
        seen="case seen when 1 then true when 0 then false end",
        fee="fee::decimal(12, 2)",
    )
    with pytest.warns(RowsWarning, match="every row is a unit"):
        found = survey(relation, Design("weight")).data
    assert list(found["word"].cat.categories) == ["yes", "no"]
    assert found["seen"].dropna().map(type).eq(bool).all()
    assert found["seen"].isna().equals(PEOPLE["seen"].isna())
    assert found["fee"].astype(float).sum() == pytest.approx(PEOPLE["fee"].sum())


def test_numbers_with_gaps_of_a_kind_of_their_own_become_plain_ones() -> None:
    whole = PEOPLE["used"].astype("Int64").mask(PEOPLE["seen"].isna())
    made = PEOPLE.assign(used=whole)[["weight", "used", "province"]]
    with pytest.warns(RowsWarning, match="every row is a unit"):
        fetched = Survey(narwhals.from_native(made).lazy(), Design("weight"))
    assert fetched.data["used"].dtype == np.float64
    equal(
        pa.mean(fetched, "used", by="province"),
        pa.mean(Survey(made, Design("weight")), "used", by="province"),
    )


def test_people_alike_in_more_ways_than_one_number_can_hold_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Six columns of 2,000 values have more combinations than whole numbers of 64 bits."""
    rows = np.arange(16_000)
    made = pd.DataFrame(
        {name: (rows % 2000 * k) % 2003 for name, k in zip("abcdef", (1, 2, 3, 5, 7, 11), strict=True)}
    )
    made = made.assign(psu=rows % 2000 % 10, y=rows % 7 == 0, w=1.0 + rows % 3)
    people = Survey(made.astype({"y": int}), Design("w", psu="psu"))
    domain = "a + b + c + d + e + f > 6000"
    found = pa.proportion(people, "y", domain=domain)
    monkeypatch.setattr(gather, "BIG", 10**9)
    equal(found, pa.proportion(people, "y", domain=domain))
    inside = made[list("abcdef")].sum(axis=1) > 6000
    assert found["estimate"].iloc[0] == pytest.approx(
        np.average(made["y"][inside], weights=made["w"][inside])
    )


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"weight": "0.0"}, "sum to zero: nobody counts"),
        ({"weight": "weight::varchar"}, "'weight' is String, not numbers"),
        ({"weight": "nullif(weight, weight)"}, "missing or not a number in 3,000 rows"),
        ({"weight": "-weight"}, "negative"),
        ({"weight": "weight / 0.0"}, "infinite|missing"),
        ({"district": "nullif(district, 3)"}, "'district' is missing"),
        ({"district": "[district]"}, "labels must be text or numbers"),
    ],
)
def test_a_design_that_does_not_fit_is_told_at_once(columns: dict[str, str], told: str) -> None:
    with pytest.raises(DesignError, match=told):
        survey(_relation(**columns))


def test_a_missing_column_of_the_design_is_told() -> None:
    with pytest.raises(DesignError, match=r"no column 'weigth'.*weight"):
        survey(_relation(), Design("weigth", psu="district"))


def test_a_break_in_mid_query_leaves_no_partial_result() -> None:
    broken = "case when income > 2e6 then error('the disk is gone') else used end"
    asked = survey(_relation(used=broken))
    with pytest.raises(
        EngineError, match=r"DuckDB did not answer, and nothing was computed: .*the disk is gone"
    ):
        pa.proportion(asked, ["seen", "used"], by=GROUPINGS)
    assert pa.proportion(asked, "seen")["n"].iloc[0] > 0


def test_a_closed_connection_is_told() -> None:
    connection = duckdb.connect()
    connection.register("made", ARROW)
    asked = survey(connection.table("made"))
    connection.close()
    with pytest.raises(EngineError, match="DuckDB did not answer"):
        pa.proportion(asked, "used")


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no file"):
        survey(tmp_path / "gone.parquet")
    (tmp_path / "people.csv").write_text("a,b\n1,2\n")
    with pytest.raises(EngineError, match="no Parquet file"):
        survey(tmp_path / "people.csv")
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 torn")
    with pytest.raises(EngineError, match="DuckDB did not answer"):
        survey(tmp_path / "torn.parquet")


def test_what_is_no_table_is_told() -> None:
    with pytest.raises(DesignError, match="data must be a table"):
        survey(3)


# ------------------------------------------------------------------------------------ registers, and large numbers


def test_a_census_has_no_error(tmp_path: Path) -> None:
    asked = survey(ENGINES["duckdb relation"](PEOPLE, tmp_path), Design(census=True))
    table = pa.proportion(asked, "used", by=[(), ("province", "wave")])
    assert (table["se"] == 0).all()
    assert table["df"].isna().all()
    assert (table["ci_low"] == table["estimate"]).all()
    assert (table["flag"] == "").all()
    shares = PEOPLE.groupby(["province", "wave"])["used"].mean()
    assert np.allclose(table["estimate"][1:], shares, rtol=1e-15)


def test_a_census_draws_nothing() -> None:
    with pytest.raises(DesignError, match="nothing was drawn"):
        Design(census=True, fpc="size")


def test_rows_alike_within_agencies_have_errors_robust_to_clusters(tmp_path: Path) -> None:
    import statsmodels.api as sm

    made = PEOPLE.assign(agency=PEOPLE["province"] + PEOPLE["district"].astype(str))
    asked = survey(ENGINES["duckdb relation"](made, tmp_path), Design(psu="agency"))
    table = pa.mean(asked, "used", by="wave").set_index("wave")
    for wave, people in made.groupby("wave"):
        fit = sm.OLS(people["used"], np.ones(len(people))).fit(
            cov_type="cluster", cov_kwds={"groups": pd.factorize(people["agency"])[0]}
        )
        assert table.loc[wave, "se"] == pytest.approx(float(fit.bse.iloc[0]), rel=1e-9)


AWKWARD = (0.1, 1 / 3, 123456.7, 1e-3, 2.2, 7e5 + 0.3, 0.7)


@pytest.mark.parametrize("how", ["pandas", "duckdb"])
def test_long_sums_lose_nothing(how: str) -> None:
    times = 2**20
    exact = sum(Fraction(w) for w in AWKWARD) * times
    yes = sum(Fraction(w) for w in AWKWARD[::2]) * times
    if how == "pandas":
        group = np.zeros(times * len(AWKWARD), dtype=np.int64)
        w = np.tile(AWKWARD, times)
        found = totals.Adder(group, 1, w, w).of(np.tile([1.0, 0.0] * 3 + [1.0], times), None)
        assert abs(Fraction(float(found.wy[0])) / yes - 1) < Fraction(1, 10**15)
        return
    weights = " ".join(f"when {i} then {w!r}::double" for i, w in enumerate(AWKWARD))
    connection = duckdb.connect()
    relation = connection.sql(
        f"select 1 as agency, case range % 7 {weights} end as w, (range % 7) % 2 = 0 as used, "
        f"case range % 7 {weights} end as cost from range({times * len(AWKWARD)})"
    )
    asked = Survey(relation, Design("w", psu="agency", lonely_psu="certainty"))
    table = pa.total(asked, ["used", "cost"])
    squares = sum(Fraction(w) ** 2 for w in AWKWARD) * times
    assert table["n"].tolist() == [times * len(AWKWARD)] * 2
    for told, is_exactly in zip(table["estimate"], (yes, squares), strict=True):
        assert abs(Fraction(told) / is_exactly - 1) < Fraction(1, 10**15)
    share = pa.proportion(asked, "used")["estimate"].iloc[0]
    assert abs(Fraction(share) / (yes / exact) - 1) < Fraction(1, 10**15)


def test_short_tables_in_memory_become_pandas_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "IN_MEMORY", 100_000)
    assert not survey(polars.from_pandas(PEOPLE)).elsewhere
    assert survey(polars.from_pandas(PEOPLE).lazy()).elsewhere


def test_a_survey_says_where_its_data_are(tmp_path: Path) -> None:
    said = repr(survey(ENGINES["parquet path"](PEOPLE, tmp_path), DESIGN))
    assert "rows 3,000, in DuckDB" in said
    assert len(survey(ENGINES["parquet path"](PEOPLE, tmp_path), DESIGN)) == 3000


def test_unknown_words_of_a_column_are_asked_about_as_in_pandas(tmp_path: Path) -> None:
    told = []
    for data in (PEOPLE, ENGINES["duckdb relation"](PEOPLE, tmp_path)):
        asked = Survey(data, DESIGN, yes={"trust": 5}, missing={"trust": (888,)})
        with pytest.raises(AnswersError) as error:
            pa.proportion(asked, "trust")
        told.append(str(error.value))
    assert told[0] == told[1]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")
def test_a_lost_executor_changes_no_number(tmp_path: Path) -> None:
    """As the README says it: ``spark-submit`` to a cluster of two executors, one of which is stopped in mid-query."""
    import pyspark

    root = Path(__file__).parents[2]
    random = np.random.default_rng(1)
    names = ["y00", "y10", "y39"]
    made = PEOPLE[["province", "district", "weight", "sex", "urban"]].assign(
        **{name: random.integers(0, 2, len(PEOPLE)) for name in names}
    )
    (tmp_path / "people.parquet").mkdir()
    for part, rows in enumerate(np.array_split(np.arange(len(made)), 8)):
        made.iloc[rows].to_parquet(tmp_path / "people.parquet" / f"{part}.parquet", index=False)
    home = str(Path(pyspark.__file__).parent)
    done = subprocess.run(
        [
            *(f"{home}/bin/spark-submit", "--master", "local-cluster[2,1,1024]"),
            *("--conf", "spark.ui.enabled=false", "--conf", "spark.sql.shuffle.partitions=4"),
            *(
                str(root / "benchmarks" / "cluster.py"),
                str(tmp_path / "people.parquet"),
                str(tmp_path / "told.csv"),
            ),
            "--lose",
        ],
        env=os.environ
        | {
            "SPARK_HOME": home,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": str(root),
        },
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "rows by 2 executors" in done.stdout
    assert "executor lost, no number changed" in done.stdout
    told = pd.read_csv(tmp_path / "told.csv", dtype={"flag": str}, keep_default_na=False, na_values=[""])
    here = pa.proportion(
        survey(made, missing={}, yes={}, no={}, categories={}),
        names,
        by=[(), ("province",), ("sex", "urban")],
    )
    for column in ("estimate", "se", "ci_low", "ci_high", "n", "df", "deff"):
        assert np.allclose(told[column], here[column], rtol=1e-12, equal_nan=True)
