"""Sentence, figure, alternative text, shown table, Word, LaTeX and workbook say the same of every row.

One table of every public kind, in both languages: whatever shows it must give its names, its number as the same
text, its unit, what it is compared with, whom it is about, its time and its flags.
"""

from __future__ import annotations

import html
import io
import re
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

import portal_analysis as pa
from portal_analysis.documents.blocks import Table
from portal_analysis.language.arrange import title_of
from portal_analysis.language.grid import the_grid
from portal_analysis.language.line import Line
from portal_analysis.language.reading import read
from portal_analysis.shape import estimates

NEW_PROVINCES = ["15", "24", "80", "91"]


def own_survey() -> pa.Survey:
    """Return a small survey of a caller's own, with the file's own labels and codes of the 34 units."""
    rows = [
        {"w": 1.0, "psu": psu, "q1": int((psu + place) % 3 == 0), "sex": place % 2 + 1, "tinh": code}
        for code in NEW_PROVINCES
        for psu in range(6)
        for place in range(20)
    ]
    labels = {
        "q1": {"en": "Has used the portal", "vi": "Đã sử dụng cổng"},
        "sex": {1: {"en": "Man", "vi": "Nam giới"}, 2: {"en": "Woman", "vi": "Nữ giới"}},
        ("sex", None): {"en": "sex asked", "vi": "giới tính được hỏi"},
    }
    data = pd.DataFrame(rows).rename(columns={"tinh": "province"})
    return pa.Survey(data, pa.Design("w", psu="psu"), source="own-34", labels=labels, units=34)


@cache
def surveys() -> tuple[pa.Survey, pa.Survey]:
    """Return the survey of one wave, and of all."""
    return pa.load_survey("papi-simulated", wave=2022), pa.load_survey("papi-simulated")


@cache
def register() -> pa.Register:
    """Return the applications by citizens of Japan's census."""
    return pa.load_register("procedures-japan").only(kind="1", actor=("5", "7"))


@cache
def audit() -> Any:
    """Return the audit of the latest round."""
    return pa.load_audit("portal-review-simulated").only(round="2024")


def published(*figures: str) -> pd.DataFrame:
    table = pa.load_published("egov-figures")
    return table[table["indicator"].isin(figures)]


def counts(round_: str) -> pd.DataFrame:
    table = pa.load_published("portal-review-published")
    return table[table["round"] == round_]


def flagged() -> pd.DataFrame:
    """Return rates of which one is withheld, one needs care, one is rarer than its decimals."""
    rows = {
        "indicator": "npsp_use",
        "sex": ["female", "male", None],
        "estimate": [0.0002, 0.2, 0.3571],
        "se": [0.0001, 0.1, 0.02],
        "ci_low": [0.00001, 0.0, 0.32],
        "ci_high": [0.0007, 0.6, 0.4],
        "n": [900, 12, 912],
        "flag": ["review", "suppress", ""],
        "source": "papi-simulated",
        "unit": "proportion",
        "level": 0.95,
        "interval": "korn-graubard",
    }
    return estimates(pd.DataFrame(rows), ["sex"])


@cache
def linked() -> pd.DataFrame:
    """Return what links rates of use to scores of portals."""
    return pa.link(
        pa.proportion(surveys()[0], "pesp_use", by="province"), pa.portal_scores(audit(), draws=100)
    )


@cache
def stages() -> pd.DataFrame:
    """Return the shares of the variance of a rate by stage."""
    return pa.stage_effects(surveys()[0], "npsp_use", ["district", "commune", "village"], within="province")


def link_points() -> pd.DataFrame:
    rates = pa.proportion(surveys()[1], "pesp_use", by="province")
    review = pa.load_audit("portal-review-simulated").only(round="2024")
    return pa.link_points(rates, pa.portal_scores(review)).head(12)


def target() -> pd.DataFrame:
    rates = pa.proportion(surveys()[1], "pesp_use", by="wave")
    return pa.targets(rates, 0.15, due=2027, seen=pa.trend(surveys()[1], "pesp_use"))


def modelled_from() -> tuple[pd.DataFrame, pd.DataFrame]:
    rates = pa.area_rates(pa.load_survey("province-survey-simulated"), "npsp_use")
    return rates, pa.province_facts({"income": 2016, "dti": 2022})


def modelled() -> pd.DataFrame:
    return pa.small_area(*modelled_from())


MODEL = "npsp_use ~ sex + C(urban)"
KINDS: dict[str, tuple[Callable[[], pd.DataFrame], Callable[..., Any] | None]] = {
    "proportion": (lambda: pa.proportion(surveys()[0], "npsp_use", by="urban"), pa.plot_estimates),
    "link slopes": (lambda: linked()[linked()["measure"] == "slope"], pa.plot_estimates),
    "link correlations": (lambda: linked()[linked()["measure"] == "correlation"], pa.plot_estimates),
    "link points": (link_points, pa.plot_link),
    "power": (lambda: pa.link_power(63, [0.2, 0.4]), pa.plot_estimates),
    "stages": (stages, pa.plot_estimates),
    "wave margins": (lambda: pa.wave_margins(stages(), [3, 9]), pa.plot_estimates),
    "wave plan": (lambda: pa.plan_wave(stages(), [0.05]), pa.plot_estimates),
    "target": (target, None),
    "margins": (
        lambda: pa.proportion(surveys()[0], "npsp_use", by=[(), ("sex",), ("education",)]),
        pa.plot_estimates,
    ),
    "by wave": (lambda: pa.proportion(surveys()[1], ["npsp_use", "npsp_profile"], by="wave"), pa.plot_trend),
    "groups on a line": (
        lambda: pa.proportion(surveys()[0], ["npsp_use", "npsp_profile"], by="education"),
        pa.plot_equiplot,
    ),
    "domain": (
        lambda: pa.proportion(surveys()[0], "npsp_use", by="sex", domain="internet_home"),
        pa.plot_estimates,
    ),
    "categories": (lambda: pa.proportion(surveys()[0], "education", categories=True), pa.plot_estimates),
    "answers": (
        lambda: pa.multiple_response(surveys()[0], ["npsp_use", "npsp_profile"], of="answers"),
        pa.plot_estimates,
    ),
    "mean": (lambda: pa.mean(surveys()[0], "age", by="sex"), pa.plot_estimates),
    "total": (lambda: pa.total(surveys()[0], "npsp_use", by="sex"), pa.plot_estimates),
    "ratio": (lambda: pa.ratio(surveys()[0], "npsp_use", "internet_home", by="urban"), pa.plot_estimates),
    "difference": (
        lambda: pa.difference(surveys()[1], "npsp_use", between="ethnicity", by="wave", reference="kinh"),
        pa.plot_trend,
    ),
    "pairs": (
        lambda: pa.difference(surveys()[0], "npsp_use", between="education", pairs="all").head(3),
        None,
    ),
    "trend": (lambda: pa.trend(surveys()[1], "npsp_use", over="wave", by="ethnicity"), pa.plot_estimates),
    "change of a gap": (
        lambda: pa.contrast(surveys()[1], "npsp_use", between="sex", over="wave"),
        pa.plot_estimates,
    ),
    "ratio of rates": (
        lambda: pa.contrast(surveys()[0], "npsp_use", between="sex", scale="ratio"),
        pa.plot_estimates,
    ),
    "standardised": (
        lambda: pa.standardise(surveys()[0], "npsp_use", over=["age_group", "education"], by="ethnicity"),
        pa.plot_estimates,
    ),
    "standardised gap": (
        lambda: pa.standardise(
            surveys()[0],
            "npsp_use",
            over="age_group",
            by="ethnicity",
            reference="kinh",
            domain="internet_home",
        ),
        pa.plot_estimates,
    ),
    "inequality": (
        lambda: pa.inequality(surveys()[0], "npsp_use", "education", measures="difference"),
        pa.plot_estimates,
    ),
    "parts of a gap": (
        lambda: pa.decompose(surveys()[0], "npsp_use ~ age_group + education", between="ethnicity"),
        pa.plot_estimates,
    ),
    "composition": (
        lambda: pa.kitagawa(surveys()[0], "npsp_use", between="ethnicity", over="age_group"),
        pa.plot_estimates,
    ),
    "quantile": (lambda: pa.quantile(surveys()[0], "age", by="sex"), pa.plot_estimates),
    "prevalence ratios": (lambda: pa.regress(surveys()[0], MODEL, "poisson"), pa.plot_estimates),
    "slopes": (lambda: pa.regress(surveys()[0], "age ~ sex + ethnicity"), pa.plot_estimates),
    "detected": (lambda: pa.detected(audit()).head(6), pa.plot_counts),
    "ranks": (lambda: pa.ranks(audit(), draws=100).head(6), pa.plot_ranks),
    "pages": (lambda: pa.pages(pa.load_audit("audits-luxembourg")), pa.plot_estimates),
    "discovery": (
        lambda: pa.discovery(pa.load_audit("audits-luxembourg")).groupby("portal_id").tail(1),
        pa.plot_discovery,
    ),
    "rounds": (
        lambda: pa.rounds(pa.load_audit("portal-review-simulated"), "2023", "2024"),
        pa.plot_estimates,
    ),
    "drivers": (lambda: pa.rank_drivers(audit(), draws=64), pa.plot_estimates),
    "association": (lambda: pa.association(surveys()[0], "npsp_use", "ethnicity"), pa.plot_estimates),
    "odds": (lambda: pa.logit(surveys()[0], MODEL), pa.plot_estimates),
    "coefficients": (lambda: pa.logit(surveys()[0], MODEL, effect="coefficient"), None),
    "marginal": (lambda: pa.logit(surveys()[0], MODEL, effect="marginal"), pa.plot_estimates),
    "terms": (lambda: pa.logit(surveys()[0], MODEL, effect="term"), pa.plot_estimates),
    "shares": (lambda: pa.shares(audit()), None),
    "good": (lambda: pa.shares(audit(), at_least="good"), pa.plot_counts),
    "assessors": (
        lambda: pa.shares(audit(), at_least="good", interval="assessors", replicates=50).head(4),
        None,
    ),
    "shortcomings": (lambda: pa.shortcomings(audit(), rule="any"), pa.plot_counts),
    "coverage": (lambda: pa.coverage(audit(), by="kind"), None),
    "agreement": (lambda: pa.agreement(audit()).head(8), None),
    "counts": (lambda: counts("2022"), pa.plot_counts),
    "counts 2024": (lambda: counts("2024"), pa.plot_counts),
    "uses of a register": (lambda: pa.usage_rates(register()), None),
    "uses by agency": (lambda: pa.usage_rates(register(), cluster="ministry"), None),
    "figures": (lambda: published("ncdt_usage_rate"), pa.plot_trend),
    "press": (lambda: published("papi_npsp_procedure_press"), pa.plot_trend),
    "flagged": (flagged, pa.plot_estimates),
    "63 units": (lambda: pa.proportion(surveys()[0], "internet_home", by="province"), pa.plot_estimates),
    "34 units": (lambda: pa.proportion(own_survey(), "q1", by="province"), pa.plot_tiles),
    "model of areas": (lambda: modelled(), pa.plot_tiles),
    "ranks of areas": (
        lambda: pa.area_ranks(modelled_from()[0], modelled_from()[1], draws=100).head(8),
        pa.plot_estimates,
    ),
    "own labels": (lambda: pa.proportion(own_survey(), "q1", by="sex"), pa.plot_estimates),
}


@cache
def table_of(kind: str) -> pd.DataFrame:
    return KINDS[kind][0]()


def squeezed(text: str) -> str:
    """Return text without blanks, capitals and emphasis, so that line breaks and beginnings do not matter."""
    return re.sub(r"\s|\*\*", "", text).casefold()


def of_figure(figure: Any) -> str:
    drawn = [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    return squeezed("".join(drawn))


def of_word(content: bytes) -> str:
    document = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    return squeezed(html.unescape(re.sub(r"<[^>]+>", "", document)))


def of_latex(text: str) -> str:
    signs = {
        r"\textless{}": "<",
        r"\ensuremath{-}": "−",
        r"\%": "%",
        r"\&": "&",
        r"\ensuremath{\times}": "×",
        r"\_": "_",
        r"\#": "#",
    }
    for escaped, plain in signs.items():
        text = text.replace(escaped, plain)
    return squeezed(text)


def of_workbook(content: bytes) -> str:
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    cells = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    return squeezed("".join(cell.removeprefix("'") for cell in cells))


@cache
def shown(kind: str, lang: str) -> dict[str, str]:
    """Return what each kind of output says of a table."""
    table, draw = table_of(kind), KINDS[kind][1]
    figure = draw(table, lang) if draw else None
    grid = the_grid(table, lang)
    with tempfile.TemporaryDirectory() as folder:
        made = pa.export("x", table, figure, folder, ["docx", "tex", "xlsx"], lang=lang)
        files = {name: path.read_bytes() for name, path in made.files.items()}
    told = {
        "sentence": squeezed(pa.describe(table, lang, most=1000)),
        "show": squeezed("".join([*grid.columns, *(cell for row in grid.rows for cell in row), grid.note])),
        "word": of_word(files["docx"]),
        "latex": of_latex(files["tex"].decode()),
        "workbook": of_workbook(files["xlsx"]),
    }
    if figure is not None:
        told["figure"], told["alt"] = of_figure(figure), squeezed(figure.portal_text.long_alt)
    return told


def must_be_said(line: Line) -> dict[str, str]:
    """Return what every output must say of a row."""
    number = line.count or line.number
    told = {f"the name in {name}": line.named(name) for name in line.told}
    told |= {"indicator": line.indicator, "number": number, "unit": line.unit_words.strip("()")}
    told |= {"reference": line.reference, "subpopulation": line.subpopulation, "period": line.period}
    told |= {"made alike": line.standard}
    told |= {"caution": line.caveat.split("; ")[0] if line.caveat else ""}
    if not line.counted and not line.hidden:
        told["interval"] = line.interval
    return {what: text for what, text in told.items() if text}


def left_out(what: str, output: str, line: Line, kind: str) -> bool:
    """Is something said otherwise in an output, for a reason that can be named?"""
    if (
        what == "interval"
    ):  # a sentence reads both ends apart; lines draw it; tiles have no room; counts need none
        drawn = output == "figure" and KINDS[kind][1] in (pa.plot_trend, pa.plot_equiplot, pa.plot_link)
        return output == "sentence" or drawn or KINDS[kind][1] in (pa.plot_tiles, pa.plot_counts)
    if what == "number" and output == "figure":  # of many dots on a line both ends are written
        return KINDS[kind][1] in (pa.plot_equiplot, pa.plot_link)
    if what == "the name in province" and output == "figure":  # of a cloud of dots few are named
        return KINDS[kind][1] is pa.plot_link
    if what == "caution" and output in ("figure", "alt"):  # a qualifier says "nearly" itself
        return line.qualified
    if what.startswith("the name in period") and output in ("figure", "alt"):
        return True  # an axis of time names periods shorter: tested beside the axis
    if what == "unit" and output == "sentence":
        return bool(line.counted or line.hidden)
    if what == "indicator" and kind == "shortcomings":  # the title says it of all: portals that have each
        return output in ("figure", "alt")
    if (
        what == "the name in term"
    ):  # a term is named by its columns, in words that a sentence leaves to its category
        return output == "sentence" and "category" in line.told
    return what == "the name in category" and kind == "coefficients"


BOTH = [
    pytest.param(kind, lang, marks=pytest.mark.slow if (lang == "vi") == bool(place % 3) else ())
    for place, kind in enumerate(KINDS)
    for lang in ("en", "vi")
]
"""Every kind in one of the languages, each third in Vietnamese; the whole suite looks at all in both."""


@pytest.mark.parametrize(("kind", "lang"), BOTH)
def test_all_outputs_say_the_same(kind, lang):
    outputs = shown(kind, lang)
    lines = read(table_of(kind), lang).lines
    missing = [
        f"{output}: {what} {text!r}"
        for line in lines
        for what, text in must_be_said(line).items()
        for output, said in outputs.items()
        if not left_out(what, output, line, kind) and squeezed(text) not in said
    ]
    assert not missing, "\n".join(dict.fromkeys(missing))
    assert lines


@pytest.mark.parametrize(("kind", "lang"), BOTH)
def test_whatever_rests_on_simulated_data_says_so(kind, lang):
    table = table_of(kind)
    simulated = table["source"].str.contains("simulated").any()
    stamp = {"en": "simulateddata", "vi": "dữliệumôphỏng"}[lang]
    for output, said in shown(kind, lang).items():
        assert (stamp in said) == simulated, output


def test_the_mark_of_simulated_data_follows_from_the_source():
    table = table_of("proportion").assign(flag="")
    assert "SIMULATED DATA" in of_blanks(pa.plot_estimates(table))
    assert "SIMULATED DATA" in pa.show(table, "Use", columns=["indicator", "estimate"]).note
    assert "simulated data" in pa.describe(table)


def of_blanks(figure: Any) -> str:
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_codes_of_the_34_units_are_never_named_by_the_list_of_63(lang):
    names = {"en": ("Lao Cai", "Yen Bai"), "vi": ("Lào Cai", "Yên Bái")}[lang]
    for output, said in shown("34 units", lang).items():
        assert squeezed(names[0]) in said, output
        assert squeezed(names[1]) not in said, output


def test_the_titles_of_a_table_say_what_its_numbers_are():
    told = {kind: title_of(read(table_of(kind), "en")) for kind in KINDS}
    assert "difference" in told["difference"]
    assert "compared with: Kinh" in told["difference"]
    assert "mean" in told["mean"]
    assert "total" in told["total"]
    assert "a year" in told["trend"]
    assert "odds ratio" in told["odds"]
    assert "by term" not in told["odds"]
    assert "Share of portals" in told["good"]
    assert "only those of" in told["domain"].lower()
    assert "None" not in "".join(told.values())


def test_a_table_is_the_same_wherever_it_is_placed(tmp_path):
    table = table_of("difference")
    grid = the_grid(table, "en")
    made = pa.export("x", table, None, tmp_path, ["json"])
    assert isinstance(made.reading, Table)
    assert (made.reading.columns, made.reading.rows) == (grid.columns, grid.rows)
    assert pa.show(table).rows == grid.rows
