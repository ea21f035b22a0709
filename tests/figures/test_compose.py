"""Every figure has the same arguments, knows its words and its table, and can be asked for again."""

from __future__ import annotations

import inspect

import matplotlib as mpl
import pandas as pd
import pytest

from portal_analysis import figures
from portal_analysis.disclosure.withhold import withhold
from portal_analysis.figures import plot_counts, plot_estimates, plot_trend, style
from portal_analysis.figures.saving import figure_html, save
from portal_analysis.figures.style import FigureError
from portal_analysis.language.catalogue import WordingError

SHARED = ("lang", "size", "title", "subtitle")
KEYWORDS = ("labels", "source_note")


@pytest.mark.parametrize("name", sorted({*figures.__all__} - {"plot_together"}))
def test_every_figure_has_the_shared_arguments_and_tells_of_them(name):
    plot = getattr(figures, name)
    told = inspect.signature(plot).parameters
    assert tuple(told)[1:5] == SHARED
    assert set(KEYWORDS) < set(told)
    assert all(told[one].kind is inspect.Parameter.KEYWORD_ONLY for one in tuple(told)[5:])
    assert not {"units", "own"} & set(told)
    for one in told:
        assert one in plot.__doc__
    assert (
        plot.__doc__.index("Parameters") < plot.__doc__.index("source_note") < plot.__doc__.index("Returns")
    )


def test_the_list_of_provinces_is_no_argument(four_provinces):
    for plot in (plot_estimates, plot_trend, plot_counts):
        with pytest.raises(FigureError, match="a property of the table"):
            plot(four_provinces, units=63)
    with pytest.raises(TypeError, match="colour"):
        plot_estimates(four_provinces, colour="red")


def test_unknown_languages_and_sizes_are_told(four_provinces):
    with pytest.raises(WordingError, match="language 'xx' is not known"):
        plot_estimates(four_provinces, "xx")
    with pytest.raises(FigureError, match="unknown size 'a4'"):
        plot_estimates(four_provinces, size="a4")


def test_a_figure_knows_its_words_and_its_table(four_provinces, labels):
    figure = plot_estimates(four_provinces, "vi", labels=labels)
    pd.testing.assert_frame_equal(figure.portal_table, withhold(four_provinces, 0))
    assert figure.portal_table is not four_provinces
    assert figure.portal_text.lang == "vi"
    assert figure.portal_text.title.startswith("Đã sử dụng Cổng Dịch vụ công quốc gia")


def test_a_figure_can_be_asked_for_again_in_another_size(four_provinces, labels):
    figure = plot_estimates(four_provinces, "vi", title="Mine", labels=labels, sort=True)
    again = figure.portal_again(size="column")
    assert again.get_figwidth() * 72 == pytest.approx(style.SIZES["column"].width)
    assert again.portal_text == figure.portal_text
    pd.testing.assert_frame_equal(again.portal_table, figure.portal_table)


def test_titles_are_given_made_or_left_out(two_groups, labels):
    plain = plot_estimates(two_groups, labels=labels).portal_text
    assert plain.title == "Used the portal and Has a profile by ethnicity"
    given = plot_estimates(two_groups, title="T", subtitle="S", source_note="me", labels=labels).portal_text
    assert (given.title, given.subtitle) == ("T", "S")
    assert "Source: me." in given.caption
    none = plot_estimates(two_groups, title="", subtitle="", labels=labels)
    assert none.portal_text.title == none.portal_text.subtitle == ""


def test_titles_of_differences_say_what_they_are(two_groups, labels):
    gaps = two_groups[two_groups["ethnicity"] == "other"].assign(
        unit="points", measure="difference", reference="kinh"
    )
    words = plot_estimates(gaps, labels=labels).portal_text
    assert words.title == "Used the portal and Has a profile: difference"
    assert words.subtitle == "Ethnic minorities; percentage points; compared with: Kinh"


@pytest.mark.parametrize(
    ("lang", "stamp"), [("en", "SIMULATED DATA – not"), ("vi", "DỮ LIỆU MÔ PHỎNG – không")]
)
def test_the_mark_of_simulated_data_follows_from_flag_or_source(two_groups, labels, lang, stamp):
    for table in (two_groups.assign(flag="simulated"), two_groups.assign(source="papi-simulated")):
        figure = plot_estimates(table, lang, labels=labels)
        assert next(text.get_text() for text in figure.texts if text.get_gid() == "stamp").startswith(stamp)
        words = figure.portal_text
        assert all(stamp in told for told in (words.alt, words.long_alt, words.caption))
    real = plot_estimates(two_groups, lang, labels=labels)
    assert not [text for text in real.texts if text.get_gid() == "stamp"]
    assert stamp not in real.portal_text.long_alt + real.portal_text.caption


def test_a_figure_shows_itself_as_html_with_its_alternative_text(two_groups, labels):
    figure = plot_estimates(two_groups, title='A "b" <c>', labels=labels)
    told = figure_html(figure)
    assert told.startswith('<img src="data:image/png;base64,')
    assert "A &quot;b&quot; &lt;c&gt;" in told
    assert 'lang="en"' in told
    assert figure._repr_mimebundle_() == {"text/html": told, "text/plain": figure.portal_text.alt}


def test_saving_gives_the_same_bytes_and_leaves_settings_and_surroundings(two_groups, labels, monkeypatch):
    import os

    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    figure, before = plot_estimates(two_groups, labels=labels), dict(mpl.rcParams)
    for kind, info in (("svg", {"Date": None}), ("png", {"Software": None}), ("pdf", {"CreationDate": None})):
        assert save(figure, kind, info) == save(figure, kind, info)
    assert b"<text" in save(figure, "svg", {"Date": None})
    assert b"<text" not in save(figure, "svg", {"Date": None}, outline=True)
    assert dict(mpl.rcParams) == before
    assert "SOURCE_DATE_EPOCH" not in os.environ
