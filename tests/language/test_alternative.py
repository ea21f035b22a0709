"""What a figure shows, in words: the kind of picture, the range and its ends, the flags, every value."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from portal_analysis.language.alternative import MOST_VALUES, Shown, figure_text, two_ends
from portal_analysis.language.reading import Reading, read
from portal_analysis.shape import estimates

HEADS = ("Use by place.", "2022")


def reading(values: list, lang: str = "en", **more) -> Reading:
    frame = pd.DataFrame({"place": [f"p{n}" for n in range(len(values))], "estimate": values})
    given = {"indicator": "use", "source": "toy", "unit": "proportion", **more}
    return read(estimates(frame.assign(**given), ["place"]), lang)


def shown(of: Reading, group: str = "") -> list[Shown]:
    return [Shown(line.named("place"), line, group) for line in of.lines]


def told(values: list, lang: str = "en", notes=("Source: toy.",), trend: str = "", **more):
    of = reading(values, lang, **more)
    return figure_text(of, "dots", HEADS, shown(of), "Each row is one place.", notes, trend)


def test_the_short_text_says_kind_title_range_and_ends():
    words = told([0.1, 0.3, 0.2])
    assert words.alt == "Dot plot with intervals: Use by place. 2022. 3 values from 10% (p0) to 30% (p1)."
    assert (words.title, words.subtitle, words.lang) == ("Use by place.", "2022", "en")


def test_the_long_text_adds_axes_values_and_notes():
    words = told([0.1, 0.3], ci_low=[0.05, 0.2], ci_high=[0.2, 0.4])
    assert words.long_alt == (
        "Dot plot with intervals: Use by place. 2022. Each row is one place. "
        "2 values from 10.0% (p0) to 30.0% (p1). Values: p0 10.0% (5.0–20.0); p1 30.0% (20.0–40.0). Source: toy."
    )
    assert told([0.1], "vi").long_alt.startswith("Biểu đồ điểm")


def test_the_caption_is_title_subtitle_and_notes():
    assert told([0.1, 0.2]).caption == "Use by place. 2022. Source: toy."


@pytest.mark.parametrize(("lang", "stamp"), [("en", "SIMULATED DATA –"), ("vi", "DỮ LIỆU MÔ PHỎNG –")])
def test_every_text_of_simulated_data_says_so(lang, stamp):
    for more in ({"flag": "simulated"}, {"source": "papi-simulated"}):
        words = told([0.1, 0.2], lang, **more)
        assert words.alt.startswith(stamp)
        assert words.long_alt.startswith(stamp)
        assert stamp in words.caption
    assert stamp not in "".join(
        [told([0.1], lang).alt, told([0.1], lang).long_alt, told([0.1], lang).caption]
    )


def test_values_that_are_alike_are_told_once():
    assert "All 3 values are 10%." in told([0.1, 0.1, 0.1]).alt
    assert "2 values" not in told([0.1]).alt
    assert told([0.1]).alt.endswith("p0: 10%.")
    assert "Values:" not in told([0.1]).long_alt


def test_ends_that_several_share_are_named_up_to_three():
    assert "to 30% (p1; p2; p3 and 1 more)." in told([0.1, 0.3, 0.3, 0.3, 0.3]).alt


def test_hidden_values_are_never_told():
    words = told([0.1, 0.3, 0.2], flag=["", "suppress", ""], ci_low=0.01, ci_high=0.7, n=[9, 4, 9])
    assert "2 values from 10.0% (p0) to 20.0% (p2)." in words.alt
    assert "30" not in words.long_alt
    assert "p1 withheld" in words.long_alt
    assert "Note: p1: too unreliable to publish, or it would reveal the answers of few people" in words.alt
    assert "No value may be shown." in told([0.1, 0.2], flag="suppress").alt
    assert "No value may be shown." in told([math.nan]).alt


def test_flags_are_told_with_the_names_that_have_them():
    assert "Note: p1: to be read with caution" in told([0.1, 0.3], flag=["", "review"]).alt
    assert "Note: all values: a target, not a result" in told([0.1, 0.3], flag="target").alt
    both = told([0.1, 0.3], flag=["conflict", "conflict; review"]).alt
    assert both.index("p1: to be read") < both.index("all values: sources contradict")


def test_very_many_values_are_not_listed():
    many = [0.001 * n for n in range(MOST_VALUES + 1)]
    assert "Values:" not in told(many).long_alt
    assert "Values:" in told(many[:MOST_VALUES]).long_alt


def test_a_group_and_a_text_of_its_own_stand_with_a_value():
    of = reading([0.1, 0.3])
    items = [Shown("p0", of.lines[0], "women"), Shown("p1", of.lines[1], "men", "3/10")]
    assert [(one.full, one.value) for one in items] == [("p0, women", "10%"), ("p1, men", "3/10")]
    words = figure_text(of, "matrix", ("T", ""), items, "", [])
    assert (
        words.long_alt
        == "Matrix: T. 2 values from 10% (p0, women) to 3/10 (p1, men). Values: p0, women 10%; p1, men 3/10."
    )


def test_first_and_last_values_of_a_series_are_compared():
    of = reading([0.1, 0.3, 0.2], flag=["", "", "suppress"])
    one, two = shown(of)[:2], shown(of)
    assert two_ends({"use": one}, of) == "10% in p0, 30% in p1."
    assert two_ends({"a": one, "b": two}, of) == "a: 10% in p0, 30% in p1; b: 10% in p0, 30% in p1."
    assert two_ends({"use": one[:1]}, of) == two_ends({}, of) == ""


def test_letters_are_composed():
    import unicodedata

    of = reading([0.1])
    words = figure_text(of, "dots", (unicodedata.normalize("NFD", "Tỷ lệ"), ""), shown(of), "", [])
    assert (words.title, words.caption) == ("Tỷ lệ", "Tỷ lệ.")
