import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from portal_analysis.language.sentences import describe
from portal_analysis.shape import has_flag
from portal_analysis.survey import replicates
from portal_analysis.survey.compare import covariance
from portal_analysis.survey.design import Design, DesignError
from portal_analysis.survey.estimate import (
    EstimateError,
    mean,
    multiple_response,
    proportion,
    ratio,
    total,
)
from portal_analysis.survey.intervals import INTERVALS
from portal_analysis.survey.microdata import Survey
from portal_analysis.survey.values import AnswersError

DESIGN = Design("w", "h", "psu")
QUIET = settings(max_examples=15, deadline=None, derandomize=True)


@st.composite
def samples(draw: st.DrawFn) -> pd.DataFrame:
    """3 strata of 3 PSUs of 4 people, with missing answers."""
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    frame = pd.DataFrame(
        [(h, psu) for h in "abc" for psu in range(3) for _ in range(4)], columns=["h", "psu"]
    )
    frame["w"] = random.uniform(10, 90, 36)
    frame["y"] = random.choice([0.0, 1.0, np.nan], 36, p=[0.55, 0.35, 0.1])
    frame["a"], frame["b"] = random.choice(["f", "m"], 36), random.integers(0, 2, 36)
    frame["x"] = random.normal(5, 2, 36)
    return frame


def _same(left: pd.DataFrame, right: pd.DataFrame, *columns: str) -> None:
    for name in columns or ("estimate", "se", "ci_low", "ci_high", "n", "df"):
        np.testing.assert_allclose(
            left[name].to_numpy(float), right[name].to_numpy(float), rtol=1e-8, atol=1e-12
        )


@given(samples())
@QUIET
def test_ten_times_the_weights_change_nothing(frame: pd.DataFrame) -> None:
    more = proportion(Survey(frame.assign(w=frame["w"] * 10), DESIGN), "y", by="a")
    _same(proportion(Survey(frame, DESIGN), "y", by="a"), more)


@given(samples(), st.randoms(use_true_random=False))
@QUIET
def test_the_order_of_rows_changes_nothing(frame: pd.DataFrame, random: object) -> None:
    shuffled = frame.sample(frac=1, random_state=3)
    _same(proportion(Survey(frame, DESIGN), "y", by="a"), proportion(Survey(shuffled, DESIGN), "y", by="a"))


@given(samples())
@QUIET
def test_no_is_as_uncertain_as_yes(frame: pd.DataFrame) -> None:
    yes, no = (mean(Survey(f, DESIGN), "y", by="a") for f in (frame, frame.assign(y=1 - frame["y"])))
    _same(yes, no, "se", "df", "n")
    np.testing.assert_allclose(yes["estimate"], 1 - no["estimate"])


@given(samples())
@QUIET
def test_a_domain_of_everybody_is_no_domain(frame: pd.DataFrame) -> None:
    survey = Survey(frame.assign(one=1), DESIGN)
    _same(proportion(survey, "y"), proportion(survey, "y", domain="one"))
    _same(proportion(survey, "y"), proportion(survey, "y", by="one"))


@given(samples())
@QUIET
def test_splitting_a_row_changes_no_error(frame: pd.DataFrame) -> None:
    first = frame.iloc[[0]].assign(w=frame["w"].iloc[0] / 2)
    split = pd.concat([first, first, frame.iloc[1:]])
    _same(mean(Survey(frame, DESIGN), "x"), mean(Survey(split, DESIGN), "x"), "estimate", "se", "df")


@given(samples())
@QUIET
def test_two_columns_are_their_pasted_column(frame: pd.DataFrame) -> None:
    pasted = frame.assign(ab=frame["a"] + frame["b"].astype(str))
    survey = Survey(pasted, DESIGN)
    _same(proportion(survey, "y", by=["a", "b"]), proportion(survey, "y", by="ab"))


@given(samples())
@QUIET
def test_groupings_at_once_are_groupings_one_by_one(frame: pd.DataFrame) -> None:
    survey = Survey(frame, DESIGN)
    together = proportion(survey, ["y"], by=[(), ("a",), ("a", "b")])
    apart = pd.concat([proportion(survey, "y", by=by) for by in (None, "a", ["a", "b"])])
    _same(together, apart)


@given(samples())
@QUIET
def test_scores_of_rows_give_the_errors_of_totals(frame: pd.DataFrame) -> None:
    survey, by = Survey(frame, DESIGN), [(), ("a",), ("b",)]
    errors = np.sqrt(np.diag(covariance(survey, "y", by=by)))
    np.testing.assert_allclose(errors, proportion(survey, "y", by=by)["se"].fillna(0), atol=1e-12)


class _Halving:
    """A calibration that explains half of everything."""

    def residuals(self, scores: np.ndarray) -> np.ndarray:
        return scores / 2


def test_every_score_passes_through_the_calibration() -> None:
    frame = samples_frame()
    plain, halved = Survey(frame, DESIGN), Survey(frame, DESIGN, calibration=(_Halving(),))
    for kind, column in ((proportion, "y"), (total, "x"), (mean, "x")):
        _same(
            kind(halved, column, by="a").assign(se=lambda t: t["se"] * 2), kind(plain, column, by="a"), "se"
        )
    np.testing.assert_allclose(covariance(halved, "y") * 4, covariance(plain, "y"))


def samples_frame() -> pd.DataFrame:
    """A fixed sample of 36 people."""
    random = np.random.default_rng(5)
    frame = pd.DataFrame([(h, p) for h in "abc" for p in range(3) for _ in range(4)], columns=["h", "psu"])
    frame["w"], frame["y"] = random.uniform(10, 90, 36), random.integers(0, 2, 36)
    frame["x"], frame["a"] = random.normal(5, 2, 36), random.choice(["f", "m"], 36)
    frame["none"], frame["all"] = 0, 1
    return frame


@pytest.mark.parametrize("interval", INTERVALS)
def test_nobody_and_everybody_get_an_honest_interval(interval: str) -> None:
    table = proportion(Survey(samples_frame(), DESIGN), ["none", "all"], interval=interval)
    nobody, everybody = table.iloc[0], table.iloc[1]
    assert (nobody["ci_low"], everybody["ci_high"]) == (0, 1)
    assert 0.05 < nobody["ci_high"] < 0.25
    assert nobody["ci_high"] == pytest.approx(1 - everybody["ci_low"])
    assert (has_flag(table, "review") | has_flag(table, "suppress")).all()
    assert set(table["n_eff"]) == {36}


def test_clopper_pearson_by_hand_where_nobody_says_yes() -> None:
    nobody = proportion(Survey(samples_frame(), DESIGN), "none").iloc[0]
    size = 36 * (student.ppf(0.975, 35) / student.ppf(0.975, nobody["df"])) ** 2  # n, corrected for few PSUs
    assert nobody["ci_high"] == pytest.approx(1 - 0.025 ** (1 / size), rel=1e-12)


def test_a_domain_in_one_psu_says_that_nothing_is_known_of_its_error() -> None:
    frame = samples_frame()
    here = (frame["h"] == "a") & (frame["psu"] == 0)
    row = proportion(Survey(frame.assign(here=here), DESIGN), "y", domain="here").iloc[0]
    assert row["df"] == 0
    assert np.isnan(row["se"])
    assert (row["ci_low"], row["ci_high"], row["flag"]) == (0, 1, "suppress")


def test_missing_answers_are_counted_and_their_psus_stay() -> None:
    frame = samples_frame().assign(y=lambda f: f["y"].astype(float).where(f["psu"] != 1, 888))
    survey = Survey(frame, DESIGN, missing={"y": (888, 999)})
    row = proportion(survey, "y").iloc[0]
    assert (row["n"], row["n_missing"], row["df"]) == (24, 12, 6)
    gone = proportion(Survey(frame[frame["y"] != 888], DESIGN), "y").iloc[0]
    assert gone["estimate"] == pytest.approx(row["estimate"])
    assert abs(gone["se"] / row["se"] - 1) > 0.01


def test_all_answers_missing_is_flagged_not_silent() -> None:
    row = proportion(Survey(samples_frame().assign(y=np.nan), DESIGN), "y").iloc[0]
    assert np.isnan(row["estimate"])
    assert (row["n"], row["n_missing"], row["flag"]) == (0, 36, "suppress")


def test_an_empty_domain_is_an_error_that_names_it() -> None:
    with pytest.raises(AnswersError, match="'none' has no member"):
        proportion(Survey(samples_frame(), DESIGN), "y", domain="none")


def test_text_and_odd_codes_are_refused_together_and_yes_codes_accepted() -> None:
    frame = samples_frame().assign(
        text=lambda f: np.where(f["y"] == 1, "Yes", "No"), code=lambda f: 2 - f["y"]
    )
    with pytest.raises(AnswersError) as caught:
        proportion(Survey(frame, DESIGN), ["text", "code", "y"])
    assert "'text' holds text" in str(caught.value)
    assert "'code' holds 1, 2" in str(caught.value)
    told = proportion(Survey(frame, DESIGN, yes={"text": "Yes", "code": 1}), ["text", "code", "y"])
    assert told["estimate"].nunique() == 1
    both = proportion(Survey(frame, DESIGN), "text", categories=True)
    assert both["estimate"].sum() == pytest.approx(1)
    with pytest.raises(AnswersError, match="nowhere"):
        proportion(Survey(frame, DESIGN), "nowhere")


def test_ten_thousand_levels_give_ten_thousand_rows() -> None:
    frame = pd.DataFrame({"w": 1.0, "psu": np.arange(20_000) % 50, "y": np.arange(20_000) % 2})
    frame["who"] = pd.Categorical(np.arange(20_000) // 2)
    table = proportion(Survey(frame, Design("w", psu="psu")), "y", by="who")
    assert len(table) == 10_000
    assert (table["estimate"] == 0.5).all()
    assert has_flag(table, "suppress").all()


def test_multiple_answers_are_shares_of_people_and_of_answers() -> None:
    frame = samples_frame().assign(w=1.0, one=1, two=lambda f: f["y"])
    survey = Survey(frame, DESIGN)
    people = multiple_response(survey, ["one", "two"])
    said = multiple_response(survey, ["one", "two"], of="answers")
    assert people["estimate"].tolist() == pytest.approx([1, frame["y"].mean()])
    assert said["estimate"].sum() == pytest.approx(1)
    assert said["estimate"].iloc[0] == pytest.approx(36 / (36 + frame["y"].sum()))


def test_df_is_named_and_can_be_chosen() -> None:
    frame = samples_frame().assign(part=lambda f: (f["h"] != "c").astype(int))
    survey = Survey(frame, DESIGN)
    found = [proportion(survey, "y", domain="part", df=df).iloc[0] for df in ("domain", "design", 12)]
    assert [(row["df"], row["df_kind"]) for row in found] == [(4, "domain"), (6, "design"), (12, "given")]


def test_wrong_words_are_told_together() -> None:
    with pytest.raises(EstimateError, match=r"interval='wald'.*level=95"):
        proportion(Survey(samples_frame(), DESIGN), "y", interval="wald", level=95)
    with pytest.raises(EstimateError, match="deff='simple' is unknown; it may be True, 'replace' or False"):
        proportion(Survey(samples_frame(), DESIGN), "y", deff="simple")
    with pytest.raises(EstimateError, match="of='people' is unknown; it may be"):
        multiple_response(Survey(samples_frame(), DESIGN), ["y"], of="people")


def test_weights_that_are_no_population_weights_name_their_reference() -> None:
    frame = samples_frame().assign(w=1.0)
    row = proportion(Survey(frame, DESIGN), "y").iloc[0]
    assert row["deff_kind"] == "with replacement"
    assert row["deff"] > 0


def test_simulated_sources_flag_every_row() -> None:
    survey = Survey(samples_frame(), DESIGN, source="made-up", simulated=True)
    for table in (proportion(survey, "y", by="a"), ratio(survey, "x", "w"), total(survey, "x")):
        assert has_flag(table, "simulated").all()
        assert set(table["source"]) == {"made-up"}


def test_bootstrap_made_here_is_seeded_and_near_the_linearised_error() -> None:
    random = np.random.default_rng(2)
    frame = pd.DataFrame(
        [(h, p) for h in range(20) for p in range(6) for _ in range(5)], columns=["h", "psu"]
    )
    frame["w"], frame["y"] = 1.0, random.integers(0, 2, len(frame))
    made = Survey(frame, Design("w", "h", "psu", replicates=400, replicate_method="bootstrap"))
    first, again = proportion(made, "y").iloc[0], proportion(made, "y").iloc[0]
    assert first["se"] == again["se"]
    assert first["se"] == pytest.approx(proportion(Survey(frame, DESIGN), "y").iloc[0]["se"], rel=0.15)
    factors = replicates.replicates(made).weights
    assert factors.sum(axis=0) == pytest.approx(np.full(400, 120))


def test_replicates_made_here_are_refused_for_calibrated_weights() -> None:
    survey = Survey(
        samples_frame(), Design("w", "h", "psu", replicate_method="JKn"), calibration=(_Halving(),)
    )
    with pytest.raises(DesignError, match="calibration"):
        proportion(survey, "y")


def test_missing_replicate_weights_are_named() -> None:
    frame = samples_frame().assign(r1=1.0, r2=[np.nan, *[1.0] * 35])
    with pytest.raises(DesignError, match="'r2'"):
        proportion(Survey(frame, Design("w", replicates="r", replicate_method="BRR")), "y")


def test_what_holds_of_all_rows_is_said_once():
    survey = Survey(samples_frame().assign(wave=2022), DESIGN, about={"wave": 2022})
    for by in (None, "wave"):
        table = proportion(survey, "y", by=by)
        assert list(table.columns).count("wave") == 1
        assert table["wave"].tolist() == [2022]


def test_a_table_says_to_whom_it_was_kept():
    frame = pd.DataFrame(
        {"w": [1.0] * 8, "psu": [1, 1, 2, 2, 3, 3, 4, 4], "y": [0, 1] * 4, "old": [1, 1, 0, 1] * 2}
    )
    survey = Survey(frame, Design("w", psu="psu"))
    kept = proportion(survey, "y", domain="old")
    assert kept["subpopulation"].tolist() == ["old"]
    assert "only those of “old”" in describe(kept)
    assert "subpopulation" not in proportion(survey, "y")
