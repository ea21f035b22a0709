"""Files appear whole or not at all, are the same each time, and say what may not be said nowhere."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys

import pandas as pd
import pytest

from portal_analysis.exports import MIME, ExportError, export, pictures, slides, withhold
from portal_analysis.shape import EstimatesError

EVERY = ("svg", "pdf", "png", "csv", "xlsx", "docx", "tex", "json")

AGAIN = """
import sys
import pandas as pd
from portal_analysis.shape import estimates
from portal_analysis.exports import export
from portal_analysis.figures import plot_estimates
rows = pd.DataFrame({"indicator": "a", "province": ["01", "96"], "estimate": [0.1, 0.2], "ci_low": 0.05,
    "ci_high": 0.3, "n": 9, "flag": "simulated", "source": "toy", "unit": "proportion"})
table = estimates(rows, ["province"])
export("again", table, plot_estimates(table, lang="vi"), sys.argv[1], sys.argv[2].split())
"""


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_default_formats_are_written(table, figure, tmp_path):
    done = export("use", table, figure, tmp_path / "new" / "folder")
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == [
        f"use.{kind}" for kind in ("csv", "json", "pdf", "png", "svg", "xlsx")
    ]
    assert set(done.files) == {"svg", "pdf", "png", "csv", "xlsx", "json"}
    assert all(path.is_file() for path in done.files.values())


def test_a_table_alone_has_no_pictures(table, tmp_path):
    assert set(export("use", table, folder=tmp_path).files) == {"csv", "xlsx", "json"}


@pytest.mark.slow
def test_two_processes_write_the_same_bytes(tmp_path):
    for name, seed in (("a", "1"), ("b", "2")):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        environment.pop("SOURCE_DATE_EPOCH", None)
        subprocess.run(
            [sys.executable, "-c", AGAIN, str(tmp_path / name), " ".join(EVERY)], check=True, env=environment
        )
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert len(digests(tmp_path / "a")) == len(EVERY)


def test_a_withheld_number_is_in_no_file(table, figure, tmp_path):
    done = export("use", table, figure, tmp_path, ("svg", "csv", "tex", "json"))
    back = pd.read_csv(done.files["csv"], dtype={"province": str})
    assert back.loc[1, ["estimate", "se", "ci_low", "ci_high", "n", "shift"]].isna().all()
    assert back.loc[1, ["province", "flag", "source"]].tolist() == ["02", "suppress; simulated", "toy"]
    for path in done.files.values():
        assert "20,0" not in path.read_text("utf-8")
        assert "0.6\n" not in path.read_text("utf-8")
    assert table.loc[1, "estimate"] == 0.2


def test_small_cells_are_withheld_below_the_threshold(table, tmp_path):
    done = export("use", table, folder=tmp_path, formats=["csv", "json"], min_n=30)
    assert done.table["estimate"].isna().tolist() == [False, True, True]
    told = json.loads(done.files["json"].read_text("utf-8"))
    assert told["suppression"]["min_n"] == 30
    assert told["suppression"]["rows"] == 2


def test_a_figure_that_shows_small_cells_is_not_exported(table, figure, tmp_path):
    with pytest.raises(ExportError, match=r"withhold\(estimates, 30\)"):
        export("use", table, figure, tmp_path, min_n=30)
    assert list(tmp_path.iterdir()) == []
    assert withhold(table, 30)["flag"].tolist() == ["simulated", "suppress; simulated", "suppress; simulated"]


UNSAFE = ["../up", "a/b", "/a", "", ".hidden", "CON", "nul.x", "tên", "a b", "a" * 101, "a.", "a\n"]


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_names_are_refused(table, tmp_path, name):
    with pytest.raises(ExportError, match="no safe file name"):
        export(name, table, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_names_of_slides_are_refused(figure, tmp_path, name):
    with pytest.raises(ExportError, match="no safe file name"):
        slides(name, [figure], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_all_faults_are_told_at_once(table, tmp_path):
    with pytest.raises(ExportError) as fault:
        export("a/b", table.iloc[:0], None, tmp_path, ["gif", "png"], text="curves")
    told = str(fault.value)
    assert all(part in told for part in ("a/b", "no rows", "['gif']", "['png'] need a figure", "'curves'"))


def test_what_is_no_table_of_estimates_is_refused(tmp_path):
    with pytest.raises(EstimatesError):
        export("use", pd.DataFrame({"a": [1]}), folder=tmp_path)


def test_a_figure_without_words_is_refused(table, tmp_path):
    from matplotlib.figure import Figure

    with pytest.raises(ExportError, match="alt text"):
        export("use", table, Figure(), tmp_path)


def test_emf_without_inkscape_says_what_is_missing(table, figure, tmp_path, monkeypatch):
    monkeypatch.setattr(pictures.shutil, "which", lambda name: None)
    with pytest.raises(ExportError, match="Inkscape"):
        export("use", table, figure, tmp_path / "out", ["svg", "emf"])
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(shutil.which("inkscape") is None, reason="Inkscape was not found")
def test_emf_is_an_enhanced_metafile_and_the_same_each_time(table, figure, tmp_path):
    first = export("use", table, figure, tmp_path / "a", ["emf"]).files["emf"].read_bytes()
    second = export("use", table, figure, tmp_path / "b", ["emf"]).files["emf"].read_bytes()
    kind, _ = struct.unpack_from("<II", first)
    assert (kind, first[40:44]) == (1, b" EMF")
    length, records = struct.unpack_from("<II", first, 48)
    assert length == len(first)
    assert records > 10
    assert first == second


@pytest.mark.skipif(os.name == "nt", reason="the program is a shell script")
@pytest.mark.parametrize(
    ("body", "told"),
    [("echo 'no such filter' >&2; exit 3", "no such filter"), ("exit 0", "could not make the emf file")],
)
def test_when_inkscape_fails_no_file_is_left(table, figure, tmp_path, monkeypatch, body, told):
    program = tmp_path / "bin" / "inkscape"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    with pytest.raises(ExportError, match=told):
        export("use", table, figure, tmp_path / "out", ["csv", "emf"])
    assert not (tmp_path / "out").exists()


def test_when_one_format_fails_the_old_files_stay(table, figure, tmp_path, monkeypatch):
    export("use", table, figure, tmp_path, ["csv", "svg"])
    before = digests(tmp_path)
    monkeypatch.setattr(
        pictures, "accessible_svg", lambda *a: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    with pytest.raises(ExportError, match="No space left"):
        export("use", table.assign(shift=9.0), figure, tmp_path, ["csv", "svg"])
    assert digests(tmp_path) == before


def test_when_a_file_cannot_be_replaced_the_others_come_back(table, figure, tmp_path):
    export("use", table, figure, tmp_path, ["csv"])
    before = digests(tmp_path)
    (tmp_path / "use.json").mkdir()
    with pytest.raises(ExportError, match="is a folder"):
        export("use", table.assign(shift=9.0), figure, tmp_path, ["csv", "json"])
    (tmp_path / "use.json").rmdir()
    assert digests(tmp_path) == before


def test_a_file_where_the_folder_should_be_is_told(table, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExportError, match="cannot make the folder"):
        export("use", table, folder=tmp_path / "file")


def test_a_notebook_shows_picture_words_and_files(table, figure, tmp_path):
    done = export("use", table, figure, tmp_path, ["svg", "csv"])
    bundle = done._repr_mimebundle_()
    assert '<img src="data:image/svg+xml;base64,' in bundle["text/html"]
    assert f'alt="{figure.portal_text.alt}"' in bundle["text/html"]
    assert figure.portal_text.alt in bundle["text/plain"]
    told = bundle[MIME]
    assert told["files"] == {"svg": "use.svg", "csv": "use.csv"}
    assert (told["lang"], told["title"]) == ("vi", figure.portal_text.title)
    assert told["table"]["columns"][:4] == ["Chỉ tiêu", "Tỉnh, thành phố", "Giá trị", "Khoảng tin cậy 95%"]
    assert told["table"]["rows"][0][1:4] == ["Hà Nội", "5,10%", "3,00–8,00"]
    assert told["table"]["rows"][1][2] == "không công bố"
    assert told["note"] == done.reading.note == "DỮ LIỆU MÔ PHỎNG – không phải kết quả thực tế"
    assert json.loads(json.dumps(told)) == told


def test_a_notebook_shows_a_table_alone_with_its_title_and_what_must_be_said(table, tmp_path):
    done = export("use", table, folder=tmp_path, formats=["csv"])
    assert done.reading.caption == "npsp_use by province. SIMULATED DATA – not real findings"
    bundle = done._repr_mimebundle_()
    assert f"<caption>{done.reading.caption}</caption>" in bundle["text/html"]
    assert bundle[MIME]["title"] == "npsp_use by province"
    assert bundle[MIME]["table"]["rows"][0] == list(done.reading.rows[0])


def test_what_a_notebook_shows_is_escaped(table, tmp_path):
    done = export("use", table.assign(indicator="<script>"), folder=tmp_path, formats=["csv"])
    assert "<script>" not in done._repr_mimebundle_()["text/html"]


def test_a_figure_shows_itself_with_its_alt_text(figure):
    shown = figure._repr_mimebundle_()
    assert 'alt="' in shown["text/html"]
    assert shown["text/plain"] == figure.portal_text.alt


@pytest.mark.parametrize(
    "other",
    [
        {"estimate": [0.052, 0.2, 0.123]},
        {"ci_high": [0.09, 0.6, 0.17]},
        {"n": [401, 7, 29]},
        {"province": ["01", "02", "95"]},
        {"indicator": "other_use"},
        {"flag": ["review", "review", "review"]},
        {"source": "another"},
    ],
)
def test_a_figure_of_another_table_is_refused(table, figure, tmp_path, other):
    with pytest.raises(
        ExportError, match=r"made of another table.*export the table that the figure was made of"
    ):
        export("use", table.assign(**other), figure, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_fault_says_which_rows_differ(table, figure, tmp_path):
    with pytest.raises(
        ExportError, match=r"1 of its rows are not in this one and 0 rows.*such as npsp_use, 96"
    ):
        export("use", table.head(2), figure, tmp_path)
    more = pd.concat([table, table.head(1).assign(province="95")], ignore_index=True)
    with pytest.raises(ExportError, match=r"0 of its rows.*1 rows of this one.*such as npsp_use, 95"):
        export("use", more, figure, tmp_path)


def test_a_figure_about_other_columns_is_refused(table, figure, tmp_path):
    from portal_analysis.shape import estimates

    named = estimates(table.drop(columns="province").assign(sex=["a", "b", "c"]), ["sex"])
    with pytest.raises(ExportError, match=r"about \['province'\], the table about \['sex'\]"):
        export("use", named, figure, tmp_path)


def test_a_figure_of_the_same_rows_is_taken_whatever_their_order_and_extras(table, figure, tmp_path):
    shuffled = table.iloc[::-1].assign(note="", shift=0.0)
    assert export("use", shuffled, figure, tmp_path, ["csv"]).files["csv"].is_file()
    for again in (table.copy(), pd.concat([table.head(1), table.tail(2)])):
        assert export("use", again, figure, tmp_path, ["csv"]).text is figure.portal_text


def test_a_withheld_table_goes_with_the_figure_that_was_drawn_from_it(table, tmp_path):
    from portal_analysis.figures import plot_estimates

    hidden = withhold(table, 30)
    done = export("use", hidden, plot_estimates(hidden), tmp_path, ["csv"], min_n=30)
    assert done.table["estimate"].isna().tolist() == [False, True, True]


def test_what_is_read_can_be_wide_while_what_is_computed_with_stays_long(tmp_path):
    from portal_analysis.figures.style import FigureError
    from portal_analysis.shape import estimates

    rows = [(year, sex, 0.1 + year / 1e5, 12) for year in (2020, 2021) for sex in ("f", "m")]
    frame = pd.DataFrame(rows, columns=["year", "sex", "estimate", "n"]).assign(
        indicator="use", source="mine", unit="proportion", ci_low=0.1, ci_high=0.2
    )
    table = estimates(frame, ["year", "sex"])
    done = export("use", table, None, tmp_path, ["csv"], across="year", interval=True)
    assert done.reading.columns == ("Sex", "2020 (%)", "2021 (%)")
    assert done.reading.rows[0] == ("f", "12.0 (10.0–20.0)", "12.0 (10.0–20.0)")
    assert len(pd.read_csv(done.files["csv"])) == 4
    with pytest.raises(FigureError, match="no such column"):
        export("none", table, None, tmp_path, ["csv"], across="region")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["use.csv"]


def test_an_unknown_language_writes_nothing(table, tmp_path):
    with pytest.raises(ValueError, match="language 'xx'"):
        export("use", table, None, tmp_path, ["csv"], lang="xx")
    assert list(tmp_path.iterdir()) == []
