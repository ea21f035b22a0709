"""The one table: its shape, its flags, and what is loaded into it."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import portal_analysis as pa
from portal_analysis.datasets import SourceError
from portal_analysis.published import load_published, period_code, published_shortcomings
from portal_analysis.shape import (
    FLAGS,
    VALUE_COLUMNS,
    EstimatesError,
    add_flag,
    check,
    combine,
    domains_of,
    estimates,
    has_flag,
    join_flags,
    margins_of,
    split_flags,
    term_columns,
)


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    return load_published("egov-figures")


@pytest.fixture(scope="module")
def counts() -> pd.DataFrame:
    return load_published("portal-review-published")


def test_columns_stand_in_order_and_what_is_not_there_is_missing():
    rows = pd.DataFrame({"extra": ["x"], "estimate": ["0.5"], "sex": ["f"], "indicator": ["use"]})
    shaped = estimates(rows, ["sex"])
    assert list(shaped.columns) == ["indicator", "sex", *VALUE_COLUMNS, "extra"]
    assert shaped["estimate"].tolist() == [0.5]
    assert shaped[["se", "ci_low", "ci_high", "n", "df", "deff"]].isna().all(axis=None)
    assert shaped[["flag", "source"]].iloc[0].tolist() == ["", ""]
    assert domains_of(shaped) == ["sex"]
    assert list(rows.columns) == ["extra", "estimate", "sex", "indicator"]


def test_what_is_lacking_is_told_at_once():
    with pytest.raises(EstimatesError, match=r"\['indicator', 'sex', 'estimate'\]"):
        estimates(pd.DataFrame({"x": [1]}), ["sex"])
    with pytest.raises(EstimatesError, match="'deff', 'flag', 'source'"):
        check(pd.DataFrame({"indicator": ["use"]}))
    with pytest.raises(EstimatesError, match="got list"):
        check([1])


def test_flags_are_joined_once_and_in_order():
    assert join_flags("simulated", "inexact; conflict", "conflict", "") == "inexact; conflict; simulated"
    assert split_flags("") == []
    with pytest.raises(EstimatesError, match=r"unknown flag \['odd'\]; flags are"):
        join_flags("odd; inexact")
    with pytest.raises(EstimatesError, match="odd"):
        estimates(pd.DataFrame({"indicator": ["use"], "estimate": [1], "flag": ["odd"]}))


@given(st.lists(st.sampled_from(FLAGS)), st.lists(st.sampled_from(FLAGS)))
def test_joining_flags_loses_none_and_repeats_none(some, more):
    joined = split_flags(join_flags("; ".join(some), "; ".join(more)))
    assert set(joined) == {*some, *more}
    assert joined == sorted(joined, key=FLAGS.index)
    assert len(joined) == len(set(joined))


def test_a_flag_is_added_where_asked_and_the_table_is_not_changed():
    table = estimates(pd.DataFrame({"indicator": ["a", "b"], "estimate": [1, 2], "flag": ["target", ""]}))
    flagged = add_flag(table, "inexact", table["estimate"] == 1)
    assert flagged["flag"].tolist() == ["inexact; target", ""]
    assert add_flag(table, "simulated")["flag"].tolist() == ["target; simulated", "simulated"]
    assert table["flag"].tolist() == ["target", ""]
    assert has_flag(flagged, "inexact").tolist() == [True, False]


def test_tables_are_put_under_each_other():
    by_sex = estimates(
        pd.DataFrame({"indicator": ["a"], "sex": ["f"], "estimate": [1.0], "p": [0.1]}), ["sex"]
    )
    by_age = estimates(
        pd.DataFrame({"indicator": ["b"], "age": ["old"], "estimate": [2.0], "q": [3]}), ["age"]
    )
    both = combine(by_sex, by_age)
    assert domains_of(both) == ["sex", "age"]
    assert both["sex"].isna().tolist() == [False, True]
    assert both["age"].isna().tolist() == [True, False]
    assert {"p", "q"} <= set(both.columns)
    assert both.index.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ("2022-01-01", "2022-12-31", "2022"),
        ("2024-07-01", "2024-07-31", "2024-07"),
        ("2022-01-01", "2022-07-31", "2022-01-01/2022-07-31"),
        ("2020-01-01", "2021-12-31", "2020-01-01/2021-12-31"),
        ("2023-01-01", None, "2023-01-01/.."),
        (None, "2020-05-19", "../2020-05-19"),
        (None, None, None),
    ],
)
def test_a_period_is_written_as_iso(start, end, code):
    assert period_code(pd.Timestamp(start), pd.Timestamp(end)) == code


def test_published_figures_are_estimates_with_their_definition(figures):
    assert domains_of(figures) == ["level", "geography", "period"]
    assert set(figures["source"]) == {"egov-figures"}
    usage = figures[figures["indicator"] == "ncdt_usage_rate"]
    assert usage["estimate"].tolist() == pytest.approx([0.0178, 0.0951, 0.18], abs=1e-12)
    assert usage["period"].tolist() == ["2020", "2021", "2022-01-01/2022-07-31"]
    assert set(usage["flag"]) == {"definition unknown"}
    assert usage["source_ids"].str.contains("vtv_2023_08_13").all()


def test_inexact_values_stay_inexact(figures):
    inexact = figures[figures["qualifier"] != "exact"]
    assert len(inexact)
    assert has_flag(inexact, "inexact").all()
    assert not has_flag(figures[figures["qualifier"] == "exact"], "inexact").any()


def test_only_percentages_are_on_zero_to_one(figures):
    proportions = figures[figures["unit"] == "proportion"]
    assert proportions["estimate"].between(0, 1).all()
    samples = figures[figures["figure_id"] == "papi_sample_size.2022"]
    assert samples["estimate"].tolist() == [16117]
    assert samples["unit"].tolist() == ["persons"]


def test_published_counts_hold_count_base_and_share(counts):
    assert domains_of(counts) == ["round"]
    assert (counts["estimate"] == counts["count"] / counts["base"]).all()
    one = counts.set_index("count_id").loc["2024.full_process_good"]
    assert (one["count"], one["base"], one["counted"], one["round"]) == (30, 63, "portals", "2024")
    assert counts.set_index("count_id").loc["2023.cut_off", "flag"] == "uncertain"
    assert counts[["se", "ci_low", "ci_high"]].isna().all(axis=None)


def test_only_published_numbers_can_be_loaded():
    with pytest.raises(SourceError, match="'provinces' is of kind 'geography'"):
        load_published("provinces")
    with pytest.raises(SourceError, match="egov-figures"):
        load_published("egov-figure")


def test_every_shortcoming_of_the_article_is_listed(counts):
    sorted_ = published_shortcomings(counts)
    assert domains_of(sorted_) == ["shortcoming", "round"]
    assert list(sorted_["shortcoming"].unique()) == ["S1", "S2", "S3", "S4", "S5"]
    none = sorted_[sorted_["shortcoming"] == "S4"]
    assert none["estimate"].isna().tolist() == [True]
    assert none["flag"].tolist() == ["not measured"]
    access = sorted_[sorted_["shortcoming"] == "S2"]
    assert access["count"].tolist() == [39]


def test_a_count_on_two_shortcomings_stands_under_both_with_its_share(counts):
    sorted_ = published_shortcomings(counts)
    both = sorted_[sorted_["count_id"] == "2023.originals_required"]
    assert both["shortcoming"].tolist() == ["S1", "S5"]
    assert both["share"].tolist() == [0.5, 0.5]
    shares = sorted_.dropna(subset=["count_id"]).groupby("count_id")["share"].sum()
    assert (shares == 1).all()


def test_the_reviewers_list_and_a_part_of_the_counts_can_be_asked_for(counts):
    reviewers = published_shortcomings(counts, scheme="reviewers")
    assert list(reviewers["shortcoming"].unique()) == ["R1", "R2", "R3", "R4", "R5"]
    only = published_shortcomings(counts[counts["round"] == "2022"])
    measured = only[only["estimate"].notna()]
    assert set(measured["shortcoming"]) == {"S3"}
    assert only.loc[only["estimate"].isna(), "shortcoming"].tolist() == ["S1", "S2", "S4", "S5"]


def test_shortcomings_need_counts_and_a_known_list(counts, figures):
    with pytest.raises(
        EstimatesError, match=r"counts of one dataset; the table's sources are \['egov-figures'\]"
    ):
        published_shortcomings(figures)
    with pytest.raises(
        SourceError, match=r"no list of shortcomings 'mine'; it has \['article', 'reviewers'\]"
    ):
        published_shortcomings(counts, scheme="mine")


def test_loading_twice_gives_the_same(figures):
    pd.testing.assert_frame_equal(load_published("egov-figures"), figures)
    assert not math.isnan(figures["estimate"].sum())


def test_combining_nothing_is_an_error():
    with pytest.raises(EstimatesError, match="at least one table"):
        combine()


def test_the_level_of_an_interval_is_not_the_level_of_a_government():
    counted = estimates(
        pd.DataFrame({"indicator": ["x"], "level": ["province"], "estimate": [0.1]}), ["level"]
    )
    asked = estimates(pd.DataFrame({"indicator": ["y"], "wave": [2022], "estimate": [0.2]}), ["wave"])
    both = combine(counted, asked.assign(level=0.95))
    assert both["level"].tolist()[0] == "province"
    assert pd.isna(both["level"].tolist()[1])


def test_margins_are_columns_of_which_a_row_names_one_at_most():
    rows = {"indicator": "x", "sex": ["a", None, None], "age": [None, None, "b"], "estimate": 0.1}
    margins = estimates(pd.DataFrame(rows).assign(wave=2022), ["wave", "sex", "age"])
    assert margins_of(margins) == ["sex", "age"]
    assert margins_of(margins.assign(age="b")) == []
    assert margins_of(margins.assign(sex="a")) == []


@pytest.mark.parametrize(
    ("term", "columns"),
    [
        ("sex", ["sex"]),
        ("C(urban)", ["urban"]),
        ("C(education, contr.treatment(base='upper'))", ["education"]),
        ("ethnicity:I(wave - 2022)", ["ethnicity", "wave"]),
        ("1", []),
    ],
)
def test_a_term_is_made_of_columns(term, columns):
    assert term_columns(term) == columns


class TestUnits:
    """Which list of provinces a table is of is a column of the table."""

    ROWS = pd.DataFrame({"indicator": "use", "province": ["01", "15"], "estimate": [0.1, 0.2]})

    def test_as_told_or_as_the_column_is_called_or_not_at_all(self):
        assert estimates(self.ROWS, ["province"], units=34)["units"].tolist() == [34, 34]
        named = self.ROWS.rename(columns={"province": "gso63"})
        assert estimates(named, ["gso63"])["units"].tolist() == [63, 63]
        assert "units" not in estimates(self.ROWS, ["province"])
        with pytest.raises(EstimatesError, match="63 and 34"):
            estimates(self.ROWS, ["province"], units=62)

    def test_tables_of_two_lists_keep_theirs_when_put_together(self):
        old = estimates(self.ROWS, ["province"], units=63)
        new = estimates(self.ROWS, ["province"], units=34)
        assert combine(old, new)["units"].tolist() == [63, 63, 34, 34]
        unknown = estimates(self.ROWS, ["province"])
        assert combine(old, unknown)["units"].isna().tolist() == [False, False, True, True]


class TestWhatAUnitAllows:
    ROWS = pd.DataFrame({"indicator": "use", "sex": ["f", "m"], "estimate": [0.2, 0.5], "unit": "proportion"})

    @pytest.mark.parametrize(
        ("unit", "wrong", "said"),
        [
            ("proportion", 66.67, "between 0 and 1; row 1 has 66.67. Is it a percentage"),
            ("proportion", -0.1, "between 0 and 1"),
            ("points", 12.5, "between -1 and 1"),
            ("count", -3, "0 or above"),
            ("number", math.inf, "finite; row 1 has inf"),
            ("odds ratio", -math.inf, "finite"),
        ],
    )
    def test_estimates_outside_are_refused_wherever_a_table_is_shown(self, unit, wrong, said):
        table = estimates(self.ROWS.assign(unit=unit, estimate=[0.2, wrong]), ["sex"])
        for use in (check, combine, pa.show, pa.describe, pa.plot_estimates):
            with pytest.raises(EstimatesError, match=said):
                use(table)

    def test_others_are_not(self):
        for unit, value in (
            ("proportion", 1.0),
            ("points", -1.0),
            ("count", 63),
            ("number", -5e9),
            ("F", 700),
        ):
            assert (
                len(check(estimates(self.ROWS.assign(unit=unit, estimate=[value, math.nan]), ["sex"]))) == 2
            )
        assert len(check(estimates(self.ROWS.drop(columns="unit").assign(estimate=66.0), ["sex"]))) == 2


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ([1, 79], ["01", "79"]),
        ([1.0, 79.0], ["01", "79"]),
        (["01", "79"], ["01", "79"]),
        ([300, 301], [300, 301]),
        (["Hà Nội", "Huế"], ["Hà Nội", "Huế"]),
    ],
)
def test_numbers_of_provinces_are_codes_of_two_digits(codes, said):
    rows = pd.DataFrame({"indicator": "use", "province": codes, "estimate": 0.1, "age": [1, 2]})
    shaped = estimates(rows, ["province", "age"])
    assert shaped["province"].tolist() == said
    assert shaped["age"].tolist() == [1, 2]
    national = pd.concat([rows, rows.head(1).assign(province=None)])
    assert estimates(national, ["province"])["province"].isna().tolist() == [False, False, True]


def test_a_kind_of_number_without_words_is_refused():
    rows = pd.DataFrame({"indicator": ["use"], "estimate": [0.5], "measure": ["proportoin"]})
    with pytest.raises(
        EstimatesError, match=r"no measure is called 'proportoin': did you mean \['proportion'\]"
    ):
        estimates(rows)
    assert estimates(rows.assign(measure=None))["measure"].isna().all()
    assert estimates(rows, ["measure"])["measure"].tolist() == ["proportoin"]
