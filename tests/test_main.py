"""The command line: exit status, one-line errors, a traceback only when asked for."""

from __future__ import annotations

import json
import re

import nbformat
import pytest

from portal_analysis import __main__, __version__
from portal_analysis.__main__ import main
from portal_analysis.codebook import CodebookError
from portal_analysis.datasets import DESCRIPTOR
from portal_analysis.survey.readers import load_survey


@pytest.fixture
def faulty(make_dataset):
    """Return a dataset with two faults in its table."""
    fields = [
        {"name": "id", "type": "string", "constraints": {"required": True, "unique": True}},
        {"name": "share", "type": "number", "constraints": {"minimum": 0, "maximum": 1}},
    ]
    return make_dataset(
        {"figures": "id,share\na,0.5\na,7\n"}, {"figures": {"fields": fields}}, kind="geography"
    )


def test_sources_lists_what_there_is(capsys):
    assert main(["sources"]) == 0
    out = capsys.readouterr().out
    assert "egov-figures" in out
    assert "papi-simulated" in out


def test_sources_says_where_to_look_when_there_is_nothing(capsys, monkeypatch):
    monkeypatch.setattr(__main__, "list_sources", lambda: __import__("pandas").DataFrame())
    assert main(["sources"]) == 0
    assert "PORTAL_ANALYSIS_DATA" in capsys.readouterr().out


def test_check_counts_rows_of_a_dataset_without_faults(capsys):
    assert main(["check", "egov-figures"]) == 0
    assert capsys.readouterr().out.startswith("egov-figures: no faults (")


def test_check_prints_all_faults_and_fails(faulty, capsys):
    assert main(["check", str(faulty)]) == 1
    caught = capsys.readouterr()
    assert caught.out == ""
    assert "id" in caught.err
    assert "7" in caught.err
    assert "Traceback" not in caught.err


def test_an_unknown_dataset_is_one_line(capsys):
    assert main(["check", "egov-figure"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("portal-analysis: there is no dataset 'egov-figure'. Did you mean")
    assert err.count("\n") == 1


def test_debug_shows_the_traceback(faulty):
    with pytest.raises(CodebookError):
        main(["--debug", "check", str(faulty)])


def test_describe_writes_hashes_anew(faulty, capsys):
    (faulty / "figures.csv").write_text("id,share\na,0.5\n", encoding="utf-8")
    assert main(["check", str(faulty)]) == 1
    assert main(["describe", str(faulty)]) == 0
    assert main(["check", str(faulty)]) == 0
    assert "1 rows" in capsys.readouterr().out


def checked(folder, capsys, code=1):
    """Check a dataset and return what was said."""
    assert main(["check", str(folder)]) == code
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return said.out + said.err


def edited(folder, change):
    """Change a dataset's description and its hashes."""
    descriptor = json.loads((folder / DESCRIPTOR).read_text("utf-8"))
    change(descriptor)
    (folder / DESCRIPTOR).write_text(json.dumps(descriptor), encoding="utf-8")
    return folder


PEOPLE = "w,st,psu,q\n" + "".join(f"1.5,{row % 2},{row},{row % 3 % 2}\n" for row in range(12))


class TestNewAndCheck:
    @pytest.fixture
    def survey(self, make_dataset):
        """Return a small survey dataset that is complete."""
        fields = [
            {"name": "w", "type": "number"},
            *({"name": name, "type": "integer"} for name in ("st", "psu", "q")),
        ]
        design = {"weights": "w", "strata": "st", "psu": "psu"}
        return make_dataset({"people": PEOPLE}, {"people": {"fields": fields}}, kind="survey", design=design)

    def test_what_is_checked_loads(self, survey, capsys):
        assert "no faults (people: 12 rows)" in checked(survey, capsys, 0)
        assert len(load_survey(survey)) == 12

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda d: d["design"].update(strata="stratum"), r"no column 'stratum'"),
            (lambda d: d["design"].update(weights=""), "describes no design"),
            (lambda d: d["design"].update(clusters="psu"), "unknown properties"),
            (
                lambda d: d["resources"][0]["schema"]["fields"][0].update(type="float"),
                "type 'float' is unknown",
            ),
            (
                lambda d: d["resources"][0]["schema"]["fields"][0].update(tytle="x"),
                r"'tytle' .*did you mean \['title'",
            ),
            (
                lambda d: d["resources"][0]["schema"]["fields"][0].update(constraints={"min": 1}),
                "'min' is not understood",
            ),
            (
                lambda d: d["resources"][0]["schema"]["fields"][0].update(constraints={"pattern": "["}),
                "no regular expression",
            ),
            (
                lambda d: d["resources"][0]["schema"]["fields"][1].update(constraints={"minimum": "low"}),
                "minimum 'low' is no integer",
            ),
            (
                lambda d: d["resources"][0]["schema"]["fields"][1].update(categories=[{"value": "a"}]),
                "'categories', entry 1, 'value' is 'a', expected a whole number",
            ),
            (lambda d: d["resources"][0]["schema"].update(primaryKey="id"), "primaryKey names 'id'"),
            (
                lambda d: d["resources"][0]["schema"].update(foreignKeys=[{"fields": "q"}]),
                "'foreignKeys', entry 1: 'reference' is missing",
            ),
            (
                lambda d: d["resources"][0]["schema"].update(
                    foreignKeys=[{"fields": "q", "reference": {"resource": "peple", "fields": "q"}}]
                ),
                r"did you mean \['people'\]",
            ),
            (lambda d: d.update(licenses=["CC0"]), "'licenses', entry 1"),
            (lambda d: d.update(labels={"q": {"resource": "people"}}), "'labels', 'q'"),
            (
                lambda d: d["resources"].append({"name": "map", "path": "map.geojson"}),
                "map.geojson .*missing",
            ),
            (lambda d: d["resources"].append(d["resources"][0]), "two called 'people'"),
            (lambda d: d["resources"][0].update(format="parquet"), "nothing was checked"),
        ],
    )
    def test_what_would_not_load_or_is_not_understood_is_a_fault(self, survey, capsys, change, said):
        assert re.search(said, checked(edited(survey, change), capsys))

    def test_a_described_table_without_format_is_still_checked(self, survey, capsys):
        folder = edited(survey, lambda d: d["resources"][0].pop("format"))
        assert "people: 12 rows" in checked(folder, capsys, 0)

    def test_published_numbers_that_lack_columns_are_told(self, make_dataset, capsys):
        fields = [{"name": "figure_id"}, {"name": "value", "type": "number"}]
        folder = make_dataset({"figures": "figure_id,value\na,1\n"}, {"figures": {"fields": fields}})
        assert "lacks the columns ['indicator_id'" in checked(folder, capsys)

    def test_whatever_happens_there_is_no_traceback(self, capsys, monkeypatch):
        monkeypatch.setattr(__main__, "list_sources", lambda: {}["x"])
        assert main(["sources"]) == 1
        assert "unexpected KeyError" in capsys.readouterr().err

    def test_new_writes_where_it_is_found_and_git_passes_it_over(self, tmp_path, monkeypatch, capsys):
        (tmp_path / "data" / "other").mkdir(parents=True)
        (tmp_path / "data" / "other" / DESCRIPTOR).write_text("{}", encoding="utf-8")
        inside = tmp_path / "notebooks"
        inside.mkdir()
        monkeypatch.chdir(inside)
        (inside / "Khảo sát.csv").write_text(PEOPLE, encoding="utf-8")
        assert main(["new", "Khảo sát.csv"]) == 0
        folder = tmp_path / "data" / "private" / "khao-sat"
        said = capsys.readouterr().out
        assert str(folder) in said
        assert "the design is a guess" in said
        assert (folder.parent / ".gitignore").read_text("utf-8") == "*\n"
        assert len(load_survey("khao-sat")) == 12
        out = checked("khao-sat", capsys, 0)
        assert "still a draft: 'title_vi' is empty" in out
        assert "'licenses' is empty" in out

    def test_new_reads_with_options_and_writes_plain_numbers(self, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        text = "Tiêu đề\n\ntrọng số;tầng;cụm;tỉnh\n1,5;1;1;Hµ Néi\n2,25;1;2;HuÕ\n"
        (tmp_path / "a.csv").write_bytes(text.encode("utf-8").replace("Hµ Néi".encode(), b"H\xb5 N\xe9i"))
        (tmp_path / "b.csv").write_text(
            text.replace("Hµ Néi", "Hà Nội").replace("HuÕ", "Huế"), encoding="utf-8"
        )
        assert main(["new", "a.csv"]) == 1
        assert "not in UTF-8" in capsys.readouterr().err
        assert not (tmp_path / "data").exists()
        assert main(["new", "b.csv", "--header", "3", "--sep", ";"]) == 0
        survey = load_survey(tmp_path / "data" / "private" / "b")
        assert survey.layout.weights.tolist() == [1.5, 2.25]
        assert (survey.design.weights, survey.design.strata, survey.design.psu) == ("trọng số", "tầng", "cụm")


def test_report_is_written_where_asked(tmp_path, capsys):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    cells = [nbformat.v4.new_markdown_cell("# One"), nbformat.v4.new_code_cell("1 + 1")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "01-one.ipynb")
    out = tmp_path / "made"
    assert main(["report", "--quiet", "--out", str(out), "--notebooks", str(folder)]) == 0
    assert (out / "report.html").is_file()
    assert capsys.readouterr().out.startswith(str(out))


def test_report_on_a_failing_notebook_is_one_line(tmp_path, capsys):
    cells = [nbformat.v4.new_code_cell("1 / 0")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "01-one.ipynb")
    out = tmp_path / "made"
    assert main(["report", "--quiet", "--out", str(out), "--notebooks", str(tmp_path)]) == 1
    err = capsys.readouterr().err
    assert err == "portal-analysis: 01-one.ipynb, code cell 1: ZeroDivisionError: division by zero\n"
    assert not out.exists()


def test_a_missing_package_says_what_to_install(monkeypatch, capsys):
    def missing():
        raise ModuleNotFoundError("No module named 'tqdm'", name="tqdm")

    monkeypatch.setattr(__main__, "list_sources", missing)
    assert main(["sources"]) == 1
    assert "pip install 'portal-analysis[io,report,lab,big]'" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["report", "--lang", "xx"], ["fly"]])
def test_wrong_words_are_told_by_status_two(words, capsys):
    with pytest.raises(SystemExit) as told:
        main(words)
    assert told.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as told:
        main(["--version"])
    assert told.value.code == 0
    assert __version__ in capsys.readouterr().out
