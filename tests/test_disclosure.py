"""What is withheld stays withheld: no subtraction of totals, margins, complements or waves finds it again."""

from __future__ import annotations

import copy
import itertools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import portal_analysis as pa
from portal_analysis import datasets
from portal_analysis.datasets import SourceError
from portal_analysis.disclosure import thresholds as limits
from portal_analysis.disclosure.thresholds import DisclosureError, declare, threshold, thresholds
from portal_analysis.disclosure.withhold import publishable, withhold
from portal_analysis.language.reading import read
from portal_analysis.shape import combine, estimates, has_flag

NUMBERS = ["estimate", "se", "ci_low", "ci_high", "n", "df", "deff"]


@pytest.fixture(autouse=True)
def nothing_declared(monkeypatch):
    monkeypatch.setattr(limits, "_DECLARED", {})


def table(rows, domains, **more):
    frame = pd.DataFrame(rows, columns=[*domains, "n"]).assign(
        indicator="use", estimate=0.5, source="own", **more
    )
    return estimates(frame, domains)


def hidden(shown):
    return has_flag(shown, "suppress").tolist()


def test_a_small_group_is_withheld_with_every_number_and_keeps_its_name():
    given = table(
        [("a", 100), ("b", 9), ("c", 10)], ["group"], se=0.1, count=3, level=0.95, note="n = few", n_eff=7.5
    )
    shown = withhold(given)
    assert hidden(shown) == [False, True, False]
    assert shown.loc[1, [*NUMBERS, "count", "n_eff"]].isna().all()
    assert shown.loc[1, ["group", "flag", "source", "level"]].tolist() == ["b", "suppress", "own", 0.95]
    assert given["n"].tolist() == [100, 9, 10]


def test_numbers_in_columns_of_objects_and_truths_leave_too():
    given = table([("a", 100), ("b", 9), ("c", 80)], ["group"]).assign(
        mixed=pd.Series([1, 2.5, "x"], dtype=object),
        low=[False, True, False],
        whole=pd.array([1, 2, None], dtype="Int64"),
    )
    shown = withhold(given)
    assert shown.loc[1, ["mixed", "low", "whole"]].isna().all()
    assert shown["mixed"].tolist()[::2] == [1, "x"]


def test_a_total_less_what_is_shown_gives_no_small_group():
    shown = withhold(table([(None, 105), ("kinh", 100), ("other", 5)], ["group"]))
    assert hidden(shown) == [False, True, True]


def test_who_is_left_out_of_the_table_is_protected_too():
    """Total and one group alone: the difference is the group that is not told."""
    assert hidden(withhold(table([(None, 105), ("kinh", 100)], ["group"]))) == [False, True]
    assert hidden(withhold(table([(None, 115), ("kinh", 100)], ["group"]))) == [False, False]


def test_two_small_groups_must_be_large_together():
    shown = withhold(table([(None, 107), ("a", 100), ("b", 3), ("c", 4)], ["group"]))
    assert hidden(shown) == [False, True, True, True]


def test_another_grouping_stands_for_the_total_that_is_not_there():
    rows = [("f", None, 440), ("m", None, 400), (None, "kinh", 835), (None, "other", 5)]
    assert hidden(withhold(table(rows, ["sex", "group"]))) == [False, False, True, True]


def test_a_pooled_row_gives_no_wave_away():
    rows = [(None, 320), (2020, 6), (2021, 150), (2022, 164)]
    assert hidden(withhold(table(rows, ["wave"]))) == [False, True, True, False]


def test_a_two_way_table_is_not_solved_by_its_margins():
    cells = {("a", "x"): 5, ("a", "y"): 50, ("a", "z"): 70, ("b", "x"): 60, ("b", "y"): 40, ("b", "z"): 80}
    rows = [(one, other, n) for (one, other), n in cells.items()]
    rows += [
        ("a", None, 125),
        ("b", None, 180),
        (None, "x", 65),
        (None, "y", 90),
        (None, "z", 150),
        (None, None, 305),
    ]
    shown = withhold(table(rows, ["one", "other"]))
    assert sum(hidden(shown)) == 4
    assert hidden(shown)[:6] == [True, True, False, True, True, False]


def test_an_overlapping_subpopulation_is_protected_by_hiding_its_complement():
    frame = [("minority", 5), ("majority", 100), ("women", 50), (None, 105)]
    given = table([(n,) for _, n in frame], []).assign(subpopulation=[name for name, _ in frame])
    assert hidden(withhold(given)) == [True, True, False, False]


def test_indicators_with_the_same_answers_hide_the_same_groups():
    rows = [(None, 156), ("a", 5), ("b", 51), ("c", 100)]
    one = table(rows, ["group"])
    other = one.assign(indicator="profile", flag=["", "", "suppress", ""])
    shown = withhold(combine(one, other))
    assert hidden(shown) == [False, True, True, False] * 2


def test_a_comparison_with_a_withheld_group_goes_with_it():
    given = table([("kinh", 100), ("other", 5), ("third", 60)], ["group"])
    compared = table([("other", 105), ("third", 160)], ["group"]).assign(
        measure="difference", reference="kinh", unit="points"
    )
    assert hidden(withhold(combine(given, compared))) == [False, True, False, True, False]


def test_a_difference_from_a_small_group_is_withheld_with_both_rates():
    gaps = pa.difference(survey(), "use", between="group", reference="a")
    assert gaps["n"].min() > 100
    assert gaps["n_least"].min() == 6
    shown = publishable(gaps)
    few = shown[shown["group"] == "few"]
    assert few[["estimate", "n", "n_least", "proportion", "reference_proportion"]].isna().all(axis=None)
    assert shown.loc[shown["group"] != "few", "proportion"].notna().all()


def test_an_unreliable_number_alone_hides_no_other():
    given = table([(None, 400), ("kinh", 300), ("other", 100)], ["group"], flag=["", "", "suppress"])
    shown = withhold(given)
    assert hidden(shown) == [False, False, True]
    assert shown["n"].isna().tolist() == [False, False, True]


def small_group_of_a_survey_whose_rows_are_its_units():
    people = pd.DataFrame(
        {"w": 1.0, "use": [0, 1] * 200, "group": ["tiny"] * 6 + ["mid"] * 54 + ["big"] * 340}
    )
    return pa.Survey(people, pa.Design("w"))


def test_the_degrees_of_freedom_of_a_design_are_a_total():
    shown = publishable(
        pa.proportion(small_group_of_a_survey_whose_rows_are_its_units(), "use", by="group", df="design")
    )
    assert shown["n"].isna().sum() == 2
    assert shown.loc[shown["group"] == "big", "df"].tolist() == [399]


@pytest.mark.parametrize(
    "other", [lambda one: pa.association(one, "use", "group"), lambda one: pa.logit(one, "use ~ group")]
)
def test_a_test_or_model_of_all_beside_the_groups_is_a_total(other):
    survey = small_group_of_a_survey_whose_rows_are_its_units()
    rates = pa.proportion(survey, "use", by="group")
    assert publishable(rates)["n"].isna().sum() == 1
    both = publishable(combine(rates, other(survey)))
    shown = both[both["measure"] == "proportion"]["n"].dropna()
    assert 400 in both["n"].tolist()
    assert shown.tolist() == [340]


def test_microdata_in_disguise_is_refused():
    with pytest.raises(DisclosureError, match="4 of 5 rows rest on one answer each"):
        withhold(table([(name, 1) for name in "abcd"] + [("e", 40)], ["person"]))
    assert hidden(withhold(table([("a", 1), ("b", 40), ("c", 50)], ["group"]))) == [True, False, False]


@pytest.mark.parametrize("wrong", [-1, 2.5, True, "10", None])
def test_a_threshold_is_a_whole_number(wrong):
    with pytest.raises(DisclosureError, match="whole number"):
        withhold(table([("a", 5)], ["group"]), wrong)


# ------------------------------------------------------------------------------------ thresholds


def survey(n=300, seed=1, **more):
    draw = np.random.default_rng(seed)
    data = pd.DataFrame(
        {
            "w": draw.uniform(1, 3, n),
            "use": draw.integers(0, 2, n),
            "age": draw.integers(18, 80, n),
            "group": np.where(np.arange(n) < 6, "few", np.where(np.arange(n) < 120, "b", "a")),
        }
    )
    return pa.Survey(data, pa.Design("w"), **more)


def test_estimates_of_a_survey_start_from_the_withheld_table():
    means = pa.mean(survey(), "age", by=[(), ("group",)])
    assert means["n"].min() == 6
    shown = publishable(means)
    assert hidden(shown) == [False, False, True, True]
    told = pa.describe(means)
    assert "6" not in told.split("few")[1].split(".")[0]
    pd.testing.assert_frame_equal(read(means).table, shown)


def test_a_survey_sets_its_own_threshold_and_it_survives_a_copy():
    strict = copy.deepcopy(survey(min_n=200, source="mine"))
    limits._DECLARED.clear()
    strict = copy.deepcopy(strict)
    assert threshold("mine") == 200
    assert hidden(publishable(pa.mean(strict, "age", by="group"))) == [True, True, True]
    free = survey(min_n=0)
    assert free.source == "own data"
    means = pa.mean(free, "age", by="group")
    assert hidden(publishable(means)) == hidden(means)


def test_a_survey_refuses_an_impossible_threshold():
    with pytest.raises(ValueError, match="min_n is -1"):
        survey(min_n=-1)


def test_a_dataset_sets_its_own_threshold(make_dataset, monkeypatch):
    fields = {"toy": {"fields": [{"name": "w", "type": "number"}]}}
    folder = make_dataset({"toy": "w\n1\n"}, fields, kind="survey", min_n=25)
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(folder.parent))
    assert threshold("toy") == 25
    assert thresholds(table([("a", 1)], ["group"]).assign(source="toy; papi-simulated")).tolist() == [25]
    make_dataset({"toy": "w\n1\n"}, fields, kind="survey", min_n="many")
    assert threshold("toy") == 10
    with pytest.raises(SourceError, match="min_n"):
        pa.load_survey("toy")


def test_published_figures_and_audits_have_no_threshold():
    assert threshold("egov-figures") == 0
    assert threshold("portal-review-simulated") == 0
    assert threshold("papi-simulated") == 10
    assert threshold("nobody's") is None
    counts = table([("a", 3), ("b", 5)], ["region"]).assign(counted="portals", df=2.0)
    assert hidden(publishable(counts)) == [False, False]
    audit = pa.load_audit("portal-review-simulated")
    assert not hidden(publishable(pa.shares(audit, at_least="good"))).count(True)


def test_a_survey_called_like_published_figures_keeps_its_threshold():
    pa.mean(survey(source="portal-review-published"), "age", by="group")
    declare("portal-review-published", 10)
    assert threshold("portal-review-published") == 10


# ------------------------------------------------------------------------------------ the attack


def microdata(draw, columns, most):
    n = draw(st.integers(20, most))
    frame = pd.DataFrame(
        {
            name: draw(st.lists(st.sampled_from(levels), min_size=n, max_size=n))
            for name, levels in columns.items()
        }
    )
    return frame


@st.composite
def attacked(draw):
    """Random people, some groupings of them, the table of all, and a threshold."""
    columns = {"sex": "fm", "group": "kkkkkkot", "wave": "123"}
    people = microdata(draw, columns, 160)
    every = [g for size in range(4) for g in itertools.combinations(columns, size)]
    chosen = draw(st.lists(st.sampled_from(every), min_size=1, max_size=5, unique=True))
    parts = []
    for grouping in chosen:
        if grouping:
            counts = people.groupby(list(grouping)).size().rename("n").reset_index()
        else:
            counts = pd.DataFrame({"n": [len(people)]})
        parts.append(counts)
    rows = pd.concat(parts, ignore_index=True).reindex(columns=[*columns, "n"])
    one = estimates(
        rows.assign(indicator="use", estimate=rows["n"] * 1.0, source="own", unit="number"), list(columns)
    )
    flags = draw(st.lists(st.sampled_from(["", "", "", "suppress"]), min_size=len(one), max_size=len(one)))
    return (
        people,
        combine(one, one.assign(indicator="profile", flag=flags)),
        draw(st.sampled_from([3, 5, 10])),
    )


def members(people, row, columns):
    inside = np.ones(len(people), bool)
    for name in columns:
        if isinstance(row[name], str):
            inside &= (people[name] == row[name]).to_numpy()
    return inside.astype(float)


@given(attacked())
def test_no_withheld_group_is_found_by_solving_all_that_is_shown(case):
    """The attacker knows every shown count and who is in no row; one unknown a kind of person; real arithmetic."""
    people, given, limit = case
    columns = ["sex", "group", "wave"]
    try:
        shown = withhold(given, limit)
    except DisclosureError:
        return
    secret = given["n"].lt(limit).to_numpy()
    assert hidden(shown) == (has_flag(shown, "suppress") | secret).tolist()
    assert shown.loc[has_flag(shown, "suppress"), NUMBERS].isna().all(axis=None)
    kinds = people.drop_duplicates().reset_index(drop=True)
    known = [members(kinds, row, columns) for _, row in given[shown["n"].notna()].iterrows()]
    matrix = np.array(known).reshape(-1, len(kinds))
    rank = np.linalg.matrix_rank(matrix) if len(matrix) else 0
    for _, row in given[secret].iterrows():
        cell = members(kinds, row, columns)
        alone = len(matrix) > 0 and np.linalg.matrix_rank(np.vstack([matrix, cell])) == rank
        others = given[secret & (given["indicator"] == row["indicator"])]
        assert not alone, f"{dict(row[columns])} follows; {len(others)} were to be secret"


@given(attacked())
def test_no_difference_between_a_total_and_its_parts_is_small(case):
    _, given, limit = case
    columns = ["sex", "group", "wave"]
    try:
        shown = withhold(given, limit)
    except DisclosureError:
        return
    rows = given[shown["n"].notna()].drop_duplicates(columns)
    groups = {(row.sex, row.group, row.wave): row.n for row in rows.itertuples()}
    for total, n in groups.items():
        open_ = [name for name, value in zip(columns, total, strict=True) if not isinstance(value, str)]
        for size in range(1, len(open_) + 1):
            for grouping in itertools.combinations(open_, size):
                if not (given[list(grouping)].notna().all(axis=1)).any():
                    continue
                parts = [
                    count
                    for part, count in groups.items()
                    if all(
                        isinstance(value, str) if name in grouping else str(value) == str(above)
                        for name, value, above in zip(columns, part, total, strict=True)
                    )
                ]
                left = n - sum(parts)
                assert left == 0 or left >= limit, (total, grouping, left)


@given(attacked())
def test_withholding_again_changes_nothing(case):
    _, given, limit = case
    try:
        once = withhold(given, limit)
    except DisclosureError:
        return
    pd.testing.assert_frame_equal(withhold(once, limit), once)


def test_a_large_table_is_withheld_in_seconds():
    import time

    draw = np.random.default_rng(3)
    people = pd.DataFrame(
        {
            name: draw.integers(0, size, 20_000).astype(str)
            for name, size in (("province", 63), ("wave", 5), ("age", 6))
        }
    )
    parts = [
        people.groupby(list(g)).size().rename("n").reset_index() if g else pd.DataFrame({"n": [len(people)]})
        for size in range(4)
        for g in itertools.combinations(people.columns, size)
    ]
    rows = pd.concat(parts, ignore_index=True)
    given = estimates(rows.assign(indicator="use", estimate=0.5, source="own"), list(people.columns))
    start = time.process_time()
    shown = withhold(given)
    assert time.process_time() - start < 20
    assert 0 < sum(hidden(shown)) < len(given) / 2


def test_the_file_says_the_threshold(tmp_path):
    means = pa.mean(survey(min_n=15, source="mine"), "age", by="group")
    done = pa.export("means", means, folder=tmp_path, formats=["json", "csv"])
    told = json.loads(done.files["json"].read_text("utf-8"))["suppression"]
    assert told["min_n"] == 15
    assert told["rows"] == 1
    stricter = pa.export("means", means, folder=tmp_path, formats=["json"], min_n=150)
    assert json.loads(stricter.files["json"].read_text("utf-8"))["suppression"] | {"rule": ""} == {
        "min_n": 150,
        "rows": 2,
        "rule": "",
    }
