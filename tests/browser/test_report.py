"""The HTML report in a browser: by keyboard, by screen reader's names, on a telephone, in both languages."""

from __future__ import annotations

from importlib.resources import files
from itertools import pairwise

import pytest

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDE = """[...document.querySelectorAll('body *')]
  .filter(one => !one.closest('.scroll') && !one.matches('.skip') && one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => one.tagName + ': ' + one.textContent.slice(0, 50))"""
SEEN = """[...document.querySelectorAll('[role=img]')].filter(one => one.checkVisibility())
  .map(one => one.getAttribute('aria-label'))"""
LETTERS = """[...document.querySelectorAll('svg text')].map(one => {
  const style = getComputedStyle(one);
  return [one.textContent.trim(), style.fill, Number(style.opacity) * Number(style.fillOpacity)];
})"""


@pytest.fixture
def page(browser, report):
    """Return the opened report; what it asks the network for is gathered in ``page.asked``."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    opened = context.new_page()
    opened.asked, opened.said = [], []
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.on("console", lambda message: opened.said.append(message.text))
    opened.on("pageerror", lambda error: opened.said.append(str(error)))
    opened.goto(report.html.as_uri())
    yield opened
    context.close()


def unfold(page):
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")


def axe(page):
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    return page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)


def told(results):
    return [(one["id"], node["html"][:120]) for one in results for node in one["nodes"]]


def unexplained(result):
    """Return what axe could not decide, without the cases of contrast that a test below decides in its place.

    These are letters in a drawing (it paints its own background; some labels are one letter), cells outside the
    visible part of a region that scrolls, and cells with a single letter.
    """
    left = []
    for one in result["incomplete"]:
        for node in one["nodes"]:
            why = node["any"][0]["data"]["messageKey"] if one["id"] == "color-contrast" else None
            drawn = node["html"].startswith(("<text", "<tspan")) and why in ("imgNode", "shortTextContent")
            cell = node["html"].startswith(("<th", "<td", "<caption"))
            if not (drawn or (cell and why in ("elmPartiallyObscured", "shortTextContent"))):
                left.append((one["id"], why, node["html"][:120]))
    return left


def luminance(colour):
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_no_violation_and_leaves_nothing_unexplained(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    unfold(page)
    result = axe(page)
    assert told(result["violations"]) == []
    assert unexplained(result) == []
    assert len(result["passes"]) > 20


def test_axe_would_find_a_fault(page):
    page.evaluate("document.querySelector('svg[role=img]').removeAttribute('aria-label')")
    page.evaluate("document.querySelector('main p').style.color = '#bbb'")
    assert {"svg-img-alt", "color-contrast"} <= {one["id"] for one in axe(page)["violations"]}


def test_letters_in_drawings_are_dark_on_white_or_white_on_dark(page):
    letters = page.evaluate(LETTERS)
    assert len(letters) > 50
    faint = {
        (text, fill)
        for text, fill, opacity in letters
        if opacity < 1 or (contrast(fill, "rgb(255, 255, 255)") < 4.5 and fill != "rgb(255, 255, 255)")
    }
    assert faint == set()


def test_cells_of_tables_are_dark_on_white(page):
    unfold(page)
    cells = page.evaluate(
        "[...document.querySelectorAll('caption, th, td')].map(one => [getComputedStyle(one).color,"
        " getComputedStyle(one).backgroundColor])"
    )
    assert {back for _, back in cells} == {"rgba(0, 0, 0, 0)"}
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert min(contrast(colour, "rgb(255, 255, 255)") for colour, _ in cells) >= 4.5


def test_nothing_is_asked_of_the_network_and_nothing_goes_wrong(page, report):
    unfold(page)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(200)
    asked = [url for url in page.asked if not url.startswith("data:")]
    assert asked == [report.html.as_uri()]
    assert page.said == []


def test_the_policy_of_the_page_stops_scripts(browser, report):
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(report.html.as_uri())
    opened.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))"
    )
    assert opened.evaluate("window.ran === undefined")
    context.close()


# A page of 1280 CSS pixels at 200% zoom has 640; at 400% it has 320 (WCAG 2.2, 1.4.4 and 1.4.10).
@pytest.mark.parametrize("width", [1280, 640, 320])
def test_the_page_reflows(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    unfold(page)
    assert page.evaluate(WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_text_at_twice_its_size_reflows(page):
    page.add_style_tag(content="html { font-size: 200% !important }")
    unfold(page)
    assert page.evaluate(WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_text_with_wide_spacing_is_not_cut(page):
    spacing = (
        "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    )
    page.set_viewport_size({"width": 320, "height": 900})
    page.add_style_tag(content=spacing)
    assert page.evaluate(WIDE) == []


def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(page):
    wanted = page.evaluate("document.querySelectorAll('a[href], summary, [tabindex=\"0\"]').length")
    unfold(page)
    everything = page.evaluate(
        "[...document.querySelectorAll('a[href], summary, [tabindex=\"0\"]')]"
        ".map((one, place) => { one.dataset.place = place; return place })"
    )
    assert len(everything) == wanted
    reached, hidden = [], []
    for _ in everything:
        page.keyboard.press("Tab")
        place, outline, tag = page.evaluate(
            "(() => { const one = document.activeElement; const style = getComputedStyle(one); return "
            "[Number(one.dataset.place), style.outlineStyle + style.borderStyle, "
            "one.outerHTML.slice(0, 80)] })()"
        )
        reached.append(place)
        if outline == "nonenone":
            hidden.append(tag)
    assert reached == everything
    assert hidden == []


def test_the_first_link_leads_to_the_text_and_details_open_by_key(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#text"
    page.focus("summary")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('details').open")


def test_a_screen_reader_is_told_headings_regions_and_pictures(page, report):
    levels = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(one => Number(one.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.evaluate("document.documentElement.lang") == report.lang
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("navigation").count() == 1
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        names = page.evaluate(SEEN)
        assert len(names) == report.figures
        assert min(map(len, names)) > 40


def test_the_letters_of_both_languages_are_drawn_with_the_font_inside(page):
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.fonts.check('16px \"Be Vietnam Pro\"', 'Tỷ lệ sử dụng dịch vụ công')")
    loaded = page.evaluate("[...document.fonts].filter(one => one.status === 'loaded').length")
    assert loaded >= 2
