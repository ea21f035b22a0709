"""What is meant stands out, has the colour that it is given and the words beside it, in every kind of picture."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from portal_analysis.figures import plot_counts, plot_estimates, plot_gap, plot_map, plot_tiles, plot_trend
from portal_analysis.figures.emphasis import MUTED
from portal_analysis.figures.style import COLOURS, FigureError
from portal_analysis.shape import estimates


def gids(figure, name):
    return [artist for artist in figure.findobj() if artist.get_gid() == name]


def colours(figure, name="points-0"):
    return {to_hex(edge) for artist in gids(figure, name) for edge in artist.get_facecolors()}


def words(figure, name):
    return [artist.get_text() for artist in gids(figure, name)]


def test_one_province_stands_out_and_the_text_says_which(four_provinces):
    plain, meant = plot_estimates(four_provinces), plot_estimates(four_provinces, highlight="01")
    assert colours(plain) <= {COLOURS[0], "#ffffff"}
    assert MUTED in colours(meant)
    assert "Highlighted: Ha Noi." in meant.portal_text.long_alt
    assert "Nêu bật: Hà Nội." in plot_estimates(four_provinces, "vi", highlight="hà nội").portal_text.caption
    assert "Highlighted" not in plain.portal_text.long_alt


def test_who_is_not_there_cannot_stand_out(four_provinces):
    with pytest.raises(FigureError, match=r"no row of the table is called \['99'\]"):
        plot_estimates(four_provinces, highlight=["01", "99"])


def test_a_series_stands_out_and_the_others_are_grey(over_time):
    name = over_time["indicator"].iloc[0]
    figure = plot_trend(over_time, highlight=name)
    seen = [colours(figure, f"points-{number}") for number in range(over_time["indicator"].nunique())]
    assert seen[0] & set(COLOURS)
    assert not any(one & set(COLOURS) for one in seen[1:])


@pytest.mark.parametrize("plot", [plot_tiles, plot_map])
def test_a_province_on_a_map_has_a_thick_edge(plot, all_provinces):
    assert len(gids(plot(all_provinces, highlight=["01", "79"]), "highlight")) == 2
    assert gids(plot(all_provinces), "highlight") == []


def test_a_group_has_its_own_colour_in_dots_and_key(two_groups):
    code = two_groups["ethnicity"].iloc[0]
    figure = plot_gap(two_groups, between="ethnicity", colours={code: "#0a5f45"})
    assert "#0a5f45" in colours(figure) | colours(figure, "points-1")
    keys = [artist for artist in figure.findobj() if str(artist.get_gid()).startswith("keypoints")]
    assert "#0a5f45" in {to_hex(one) for artist in keys for one in artist.get_facecolors()}


@pytest.mark.parametrize(("colour", "told"), [("#f2f2f2", "too pale"), ("reddish", "no colour")])
def test_colours_must_be_seen(two_groups, colour, told):
    with pytest.raises(FigureError, match=told):
        plot_gap(two_groups, colours={two_groups["ethnicity"].iloc[0]: colour})


def test_a_count_stands_out(counted):
    figure = plot_counts(counted, highlight=counted["indicator"].iloc[0])
    bars = {to_hex(bar.get_facecolor()) for bar in gids(figure, "count")}
    assert MUTED in bars
    assert len(bars) >= 2


def test_words_stand_beside_the_value_and_in_the_alternative_text(four_provinces):
    told = {"01": {"en": "the capital", "vi": "thủ đô"}}
    figure = plot_estimates(four_provinces, annotate=told)
    assert words(figure, "annotation") == ["the capital"]
    assert "the capital" in figure.portal_text.long_alt
    assert words(plot_estimates(four_provinces, "vi", annotate=told), "annotation") == ["thủ đô"]


def test_words_without_room_stand_below_the_picture(four_provinces):
    long = "so many words that they find no place in a small picture " * 6
    figure = plot_estimates(four_provinces, annotate={"01": long.strip()})
    assert words(figure, "annotation") == []
    assert f"Ha Noi: {long.strip()}" in " ".join(figure.portal_text.notes)


def test_words_need_one_row(two_groups):
    with pytest.raises(FigureError, match="must name one"):
        plot_gap(two_groups, annotate={two_groups["ethnicity"].iloc[0]: "twice"})


def test_what_the_caller_adds_is_drawn_in_every_size_and_the_text_stays(four_provinces):
    seen = []

    def line(figure):
        seen.append(figure)
        figure.axes[0].axvline(0.1, gid="mine")

    figure = plot_estimates(four_provinces, adapt=line)
    assert len(gids(figure, "mine")) == len(seen) == 1
    again = figure.portal_again(size="column")
    assert len(gids(again, "mine")) == 1
    assert again.portal_text.alt == figure.portal_text.alt == plot_estimates(four_provinces).portal_text.alt


def test_a_slope_over_time_has_the_earlier_time_to_the_left():
    rows = [(2024, "a", 0.4), (2020, "a", 0.1), (2024, "b", 0.3), (2020, "b", 0.2)]
    frame = pd.DataFrame(rows, columns=["wave", "sex", "estimate"])
    table = estimates(frame.assign(indicator="use", source="toy", unit="proportion"), ["wave", "sex"])
    figure = plot_gap(table, kind="slope")
    assert words(figure, "group") == ["2020", "2024"]
    assert "Time runs from left (2020) to right (2024)." in figure.portal_text.long_alt
    assert words(plot_gap(table, rows="wave"), "group") == ["a", "b"]


def test_few_of_many_values_are_told_and_not_mapped(all_provinces):
    few = all_provinces.copy()
    few["flag"] = ["", *["suppress"] * (len(few) - 1)]
    for plot in (plot_map, plot_tiles):
        figure = plot(few)
        told = " ".join(words(figure, "sentence"))
        assert told.startswith("1 of 63 values can be published: ")
        assert figure.portal_text.kind == "sentence"
        assert gids(figure, "colour-key") == []
    none = plot_map(few.assign(flag="suppress"), "vi")
    assert " ".join(words(none, "sentence")) == "Không giá trị nào trong 63 giá trị có thể công bố."
    assert plot_map(few.head(4)).portal_text.kind == "map"


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_both_ends_of_a_colour_key_are_labelled(all_provinces, lang):
    figure = plot_map(all_provinces, lang)
    seen = all_provinces.loc[~all_provinces["flag"].str.contains("suppress"), "estimate"]
    key = gids(figure, "colour-key")[0].axes
    labels = [label.get_text() for label in key.get_xticklabels()]
    ends = [float(label.rstrip("%").replace(",", ".")) for label in (labels[0], labels[-1])]
    assert ends == pytest.approx([100 * seen.min(), 100 * seen.max()], abs=0.06)


def test_shortfalls_are_sorted_under_a_title_that_says_what_they_come_to():
    frame = pd.DataFrame(
        {
            "indicator": ["posted", "private", "halves"],
            "count": [62, 60, 20],
            "base": 63,
            "counted": "portals",
            "count_type": ["meeting", "not meeting", "meeting"],
        }
    )
    table = estimates(frame.assign(estimate=frame["count"] / 63, source="toy", unit="proportion"))
    figure = plot_counts(table, shortfall=True)
    assert figure.portal_text.title == "On 2 of 3 points, more than half of the portals fall short"
    assert words(figure, "value") == ["60 of 63", "43 of 63", "1 of 63"]
    assert [round(bar.get_width() * 63) for bar in gids(figure, "count")] == [60, 43, 1]
    assert "3 values from 1 of 63 (posted) to 60 of 63 (private)." in figure.portal_text.alt
    with pytest.raises(FigureError, match="one base"):
        plot_counts(table.assign(base=[63, 63, 50]), shortfall=True)
    with pytest.raises(FigureError, match="approximate count"):
        plot_counts(table.assign(qualifier=["nearly", "", ""]), shortfall=True)
