"""No withheld n, estimate or interval stands in any byte of any format, sentence, alt text or view."""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib

import pandas as pd
import pytest

import portal_analysis as pa
from portal_analysis.disclosure import thresholds as limits
from portal_analysis.disclosure.thresholds import declare
from portal_analysis.exports import MIME, ExportError, export, withhold
from portal_analysis.figures import plot_estimates
from portal_analysis.shape import estimates

EVERY = ("svg", "pdf", "png", "csv", "xlsx", "docx", "tex", "json")
SECRET = (
    "8713",
    "8,713",
    "8.713",
    "8 713",
    "0.4739",
    "47.4",
    "47,4",
    "47.39",
    "47,39",
    "0.4311",
    "43.1",
    "43,1",
)
SECRET += (
    "0.5189",
    "51.9",
    "51,9",
    "0.0219",
    "6171",
    "6,171",
    "6.171",
    "0.3377",
    "33.8",
    "33,8",
    "41417",
    "41,417",
)


@pytest.fixture
def rates(monkeypatch):
    """Everybody and three groups; one is small by a threshold of ten thousand, another would give it away."""
    monkeypatch.setattr(limits, "_DECLARED", {})
    declare("poll", 10_000)
    return estimates(
        pd.DataFrame(
            {
                "indicator": "use",
                "group": [None, "first", "second", "third", "fourth"],
                "estimate": [0.2211, 0.4739182, 0.3377182, 0.2525, 0.11],
                "se": [0.01, 0.0219331, 0.02, 0.02, 0.02],
                "ci_low": [0.2, 0.4311771, 0.3, 0.2, 0.08],
                "ci_high": [0.25, 0.5189442, 0.37, 0.3, 0.15],
                "n": [64_884, 8_713, 16_171, 20_000, 20_000],
                "df": 55.0,
                "n_missing": [1, 41_417, 2, 3, 4],
                "flag": "",
                "source": "poll",
                "unit": "proportion",
                "interval": "korn-graubard",
                "level": 0.95,
            }
        ),
        ["group"],
    )


def texts_of(name: str, content: bytes):
    """Yield all that can be read in a file: its bytes, and what is packed inside."""
    yield content.decode("latin-1")
    if name.endswith(("xlsx", "docx")):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.namelist():
                yield from texts_of(part, archive.read(part))
    if name.endswith(("xml", "svg", "csv", "json", "tex", "rels")):
        yield content.decode("utf-8")
    if name.endswith("pdf"):
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
            try:
                yield zlib.decompress(stream).decode("latin-1")
            except zlib.error:
                continue
        yield content.decode("utf-16-be", errors="replace")
        yield content[1:].decode("utf-16-be", errors="replace")
    if name.endswith("png"):
        for chunk in re.findall(rb"[iz]T[XE]{1}xt(.{0,4000})", content, re.DOTALL):
            yield chunk.decode("utf-8", errors="replace")


def told(text: str) -> list[str]:
    """Return the secrets in a text; fonts and pictures are not read as text."""
    bare = re.sub(r"base64,[A-Za-z0-9+/=]+", "", text)
    return [secret for secret in SECRET if re.search(rf"(?<![\d.#]){re.escape(secret)}(?!\d)", bare)]


def test_the_search_finds_what_is_not_withheld(rates, tmp_path):
    declare("poll", 0)
    done = export("open", rates, plot_estimates(rates), tmp_path, EVERY)
    for kind in EVERY:
        found = [one for text in texts_of(kind, done.files[kind].read_bytes()) for one in told(text)]
        assert found or kind in ("json",), kind


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_no_withheld_number_is_in_any_byte(rates, tmp_path, lang):
    figure = plot_estimates(rates, lang=lang)
    done = export("secret", rates, figure, tmp_path, EVERY, lang)
    for kind in EVERY:
        for text in texts_of(kind, done.files[kind].read_bytes()):
            assert told(text) == [], kind
    words = figure.portal_text
    shown = json.dumps(done._repr_mimebundle_()[MIME]) + done._repr_mimebundle_()["text/plain"]
    for text in (words.alt, words.long_alt, words.caption, words.title, words.subtitle, shown):
        assert told(text) == []
    assert told(figure.portal_table.to_csv()) == []
    assert told(done.table.to_csv()) == []


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_no_sentence_and_no_view_tells_a_withheld_number(rates, lang):
    assert told(pa.describe(rates, lang)) == []
    assert told(pa.describe(rates, lang, most=2)) == []
    for columns in (None, ["group", "estimate", "interval", "n", "n_missing", "se"]):
        shown = pa.show(rates, "Rates", lang, columns)._repr_mimebundle_()
        assert told(json.dumps(shown, ensure_ascii=False)) == []


def test_the_row_that_would_give_it_away_is_withheld_too(rates, tmp_path):
    done = export("secret", rates, folder=tmp_path, formats=["csv", "json"])
    assert done.table["n"].isna().tolist() == [False, True, True, False, False]
    assert json.loads(done.files["json"].read_text("utf-8"))["suppression"]["min_n"] == 10_000


def test_a_figure_of_the_table_not_withheld_is_refused(rates, tmp_path):
    declare("poll", 0)
    figure = plot_estimates(rates)
    for table, least in ((withhold(rates, 10_000), 0), (rates, 10_000)):
        with pytest.raises(ExportError, match=r"shows 2 row\(s\) that the table withholds"):
            export("secret", table, figure, tmp_path, ["svg", "csv"], min_n=least)
    assert list(tmp_path.iterdir()) == []
    kept = withhold(rates, 10_000)
    assert export("fine", kept, plot_estimates(kept), tmp_path, ["svg", "csv"]).table["n"].isna().sum() == 2


def test_a_call_can_make_the_threshold_stricter_and_not_looser(rates, tmp_path):
    done = export("rates", rates, folder=tmp_path, formats=["csv"], min_n=5)
    assert done.table["n"].isna().sum() == 2
    assert export("rates", rates, folder=tmp_path, formats=["csv"], min_n=30_000).table["n"].isna().sum() == 4
