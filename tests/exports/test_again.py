"""Every export can be made again from the json beside it, to the byte; what cannot says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import portal_analysis as pa
from portal_analysis import origins, steps
from portal_analysis.__main__ import main
from portal_analysis.codebook import names
from portal_analysis.disclosure import thresholds
from portal_analysis.exports.again import again, first_difference, verify
from portal_analysis.exports.job import ExportError
from portal_analysis.exports.making import TAKEN
from portal_analysis.shape import estimates

ALL = ["svg", "pdf", "png", "pptx", "csv", "xlsx", "docx", "tex", "json"]
SOME = ["svg", "csv", "json"]
DESIGN = pa.Design("w", strata="gso63")


@pytest.fixture(autouse=True)
def workshop(tmp_path, monkeypatch):
    """A folder with a survey and an audit in files, and a session that knows of nothing."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    rows = {
        "gso63": rng.choice(["01", "02", "04", "96"], 400),
        "wave": rng.choice([2020, 2021, 2022], 400),
        "sex": rng.choice(["f", "m"], 400),
        "use": rng.integers(0, 2, 400),
        "w": rng.uniform(0.5, 2, 400).round(3),
    }
    pd.DataFrame(rows).to_csv("own.csv", index=False)
    judged = [
        (portal, criterion, assessor, round_, "met" if (place * 7 + len(assessor)) % 3 else "not_met")
        for place, (portal, criterion) in enumerate(
            (p, c) for p in "abcd" for c in ("search", "form", "help")
        )
        for assessor in ("An", "Binh")
        for round_ in ("2023", "2024")
    ]
    columns = ["portal_id", "criterion_id", "assessor_id", "round", "outcome"]
    pa.write_audit(pa.Audit(pd.DataFrame(judged, columns=columns), source="mine"), "audit")
    forget(monkeypatch)


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin a session."""
    steps.forget()
    monkeypatch.setattr(origins, "_KNOWN", {})
    monkeypatch.setattr(names, "_REMEMBERED", {})
    monkeypatch.setattr(thresholds, "_DECLARED", {})


def survey() -> pa.Survey:
    return pa.read_survey("own.csv", DESIGN, labels={"use": {"en": "Used it", "vi": "Đã dùng"}})


def told(exported: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(exported.files["json"].read_text("utf-8"))
    return found


def by_sex() -> tuple[pd.DataFrame, Any]:
    table = pa.proportion(survey(), "use", by="sex")
    return table, pa.plot_estimates(table, lang="vi", highlight="f", size="column")


def over_time() -> tuple[pd.DataFrame, Any]:
    table = pa.proportion(survey(), "use", by="wave")
    return table, pa.plot_trend(table)


def gap() -> tuple[pd.DataFrame, Any]:
    table = pa.proportion(survey(), "use", by=["gso63", "sex"])
    return table, pa.plot_gap(table)


def tiles() -> tuple[pd.DataFrame, Any]:
    table = pa.proportion(survey(), "use", by="gso63")
    return table, pa.plot_tiles(table)


def a_map() -> tuple[pd.DataFrame, Any]:
    table = pa.proportion(survey(), "use", by="gso63", domain="wave == 2022")
    return table, pa.plot_map(table)


def matrix() -> tuple[pd.DataFrame, Any]:
    table = pa.proportion(survey(), "use", by=["gso63", "sex"])
    return table, pa.plot_matrix(table)


def counts() -> tuple[pd.DataFrame, Any]:
    table = pa.shares(pa.read_audit("audit").only(round="2024"), at_least="good")
    return table, pa.plot_counts(table)


def criteria() -> tuple[pd.DataFrame, Any]:
    figure = pa.plot_criteria(pa.read_audit("audit").only(round="2024"))
    return figure.portal_table, figure


def covered() -> tuple[pd.DataFrame, Any]:
    figure = pa.plot_coverage(pa.read_audit("audit"))
    return figure.portal_table, figure


def ranked() -> tuple[pd.DataFrame, Any]:
    table = pa.ranks(pa.read_audit("audit").only(round="2024"), draws=100)
    return table, pa.plot_ranks(table)


def side_by_side() -> tuple[pd.DataFrame, Any]:
    table = pa.proportion(survey(), "use", by="sex")
    return table, pa.plot_together([pa.plot_estimates(table), pa.plot_estimates(table, title="Again")])


def put_together() -> tuple[pd.DataFrame, Any]:
    one = pa.proportion(survey(), "use", by="sex")
    other = pa.proportion(survey(), "use", by="sex", domain="wave == 2022").drop(columns="subpopulation")
    table = pd.concat([other, one[::-1].head(1)], ignore_index=True)
    return table, None


def no_figure() -> tuple[pd.DataFrame, Any]:
    return pa.difference(survey(), "use", between="sex", by="wave"), None


FAST = [by_sex, criteria, put_together, no_figure]
SLOW = [over_time, gap, tiles, a_map, matrix, counts, covered, ranked, side_by_side]
MAKERS = [*FAST, *(pytest.param(one, marks=pytest.mark.slow) for one in SLOW)]


@pytest.mark.parametrize("make", MAKERS, ids=lambda one: one.__name__)
def test_every_kind_of_picture_is_made_again_to_the_byte(make: Callable[[], Any], monkeypatch):
    table, figure = make()
    formats = [kind for kind in SOME if figure is not None or kind != "svg"]
    exported = pa.export("x", table, figure, formats=formats)
    assert told(exported)["command"] == "portal-analysis again x.json"
    forget(monkeypatch)
    assert verify("exports/x.json") == []


def test_every_kind_of_file_is_made_again_to_the_byte(monkeypatch):
    table = pa.proportion(survey(), "use", by=["sex", "wave"])
    figure = pa.plot_trend(table, lang="vi")
    pa.export("x", table, figure, formats=ALL, min_n=12, bom=True, rows="sex", across="wave")
    forget(monkeypatch)
    assert verify("exports/x.json") == []


def test_rows_that_were_chosen_are_chosen_by_their_places():
    table = pa.proportion(survey(), "use", by="gso63")
    chosen = table[table["gso63"] != "02"].sort_values("estimate")
    found = told(pa.export("x", chosen, formats=["json"]))
    assert [step.get("call", "rows") for step in found["steps"]] == [
        "read_survey",
        "proportion",
        "rows",
        "export",
    ]
    picked = [place for _, first, last in found["steps"][2]["rows"] for place in range(first, last + 1)]
    assert table["estimate"].iloc[picked].tolist() == chosen["estimate"].tolist()


def test_a_figure_drawn_without_the_public_name_is_known_by_its_recipe(monkeypatch):
    from portal_analysis.figures import plot_estimates

    table = pa.proportion(survey(), "use", by="sex")
    pa.export("x", table, plot_estimates(table, title="T", annotate={"f": "here"}), formats=SOME)
    forget(monkeypatch)
    assert verify("exports/x.json") == []


def typed() -> pd.DataFrame:
    rows = pd.DataFrame(
        {"indicator": "use", "sex": ["f", "m"], "estimate": [0.25, 0.375], "n": [400, 7], "df": 12.0}
    )
    return estimates(rows.assign(source="typed", unit="proportion"), ["sex"])


def test_a_table_made_elsewhere_is_kept_as_it_was_exported_and_nothing_withheld_is_in_it(monkeypatch):
    exported = pa.export("x", typed(), pa.plot_estimates(typed()), formats=SOME)
    found = told(exported)
    assert found["untraced"] == TAKEN
    assert "0.25" in json.dumps(found["steps"])
    assert "0.375" not in json.dumps(found["steps"])
    forget(monkeypatch)
    assert verify("exports/x.json") == []


def test_a_survey_in_memory_leaves_its_estimates_and_no_row(monkeypatch):
    frame = pd.read_csv("own.csv", dtype={"gso63": str})
    held = pa.Survey(frame, DESIGN, source="held", labels={"sex": {"f": "Women", "m": "Men"}}, min_n=3)
    table = pa.proportion(held, "use", by="sex")
    exported = pa.export("x", table, pa.plot_estimates(table), formats=SOME)
    found = told(exported)
    assert found["untraced"] == TAKEN
    assert "Women" in exported.files["svg"].read_text("utf-8")
    forget(monkeypatch)
    assert verify("exports/x.json") == []


def test_who_is_in_a_subpopulation_stands_in_no_file():
    mask = pd.read_csv("own.csv")["wave"].eq(2022)
    table = pa.proportion(survey(), "use", domain=mask)
    assert told(pa.export("x", table, formats=["json"]))["untraced"] == TAKEN
    assert isinstance(steps.kept(mask.tolist() * 3), steps.Lost)


def test_a_function_of_the_callers_own_is_not_known_and_the_json_says_so():
    table = pa.proportion(survey(), "use", by="sex")
    figure = pa.plot_estimates(table, adapt=lambda drawn: None)
    found = told(pa.export("x", table, figure, formats=SOME))
    assert found["steps"] is None
    assert found["command"].startswith("pa.export(")
    with pytest.raises(ExportError, match="a function that no function of this package made or read"):
        again("exports/x.json")


def test_a_function_that_gives_back_what_it_was_given_is_no_circle(monkeypatch):
    table = pa.combine(pa.withhold(pa.withhold(pa.proportion(survey(), "use", by="sex"), 2), 2))
    found = told(pa.export("x", table, formats=["csv", "json"]))
    called = [step.get("call") for step in found["steps"]]
    assert called == ["read_survey", "proportion", "withhold", "withhold", "combine", "export"]
    forget(monkeypatch)
    assert verify("exports/x.json") == []


def test_changed_rows_are_no_rows_of_the_table_that_a_function_returned():
    table = pa.proportion(survey(), "use", by="sex")
    table["estimate"] += 0.1
    assert told(pa.export("x", table, formats=["json"]))["untraced"] == TAKEN


def test_what_differs_is_said(capsys):
    table, figure = by_sex()
    exported = pa.export("x", table, figure, formats=SOME)
    assert main(["verify", "exports/x.json"]) == 0
    assert "identical" in capsys.readouterr().out
    exported.files["csv"].write_text("indicator\nother\n", encoding="utf-8")
    exported.files["svg"].unlink()
    assert main(["verify", "exports/x.json"]) == 1
    said = capsys.readouterr().err
    assert "x.csv differs: line 1: 'indicator' before" in said
    assert "x.svg is missing" in said


def test_other_data_give_another_file(monkeypatch):
    pa.export("x", by_sex()[0], formats=["csv", "json"])
    text = Path("own.csv").read_text("utf-8")
    Path("own.csv").write_text("\n".join(text.splitlines()[:-40]), encoding="utf-8")
    forget(monkeypatch)
    assert [one.split()[0] for one in verify("exports/x.json")] == ["x.csv", "x.json"]


def test_files_are_written_where_asked(capsys):
    pa.export("x", by_sex()[0], formats=["csv", "json"])
    assert main(["again", "exports/x.json", "--out", "there"]) == 0
    assert "x.csv" in capsys.readouterr().out
    assert Path("there/x.csv").read_bytes() == Path("exports/x.csv").read_bytes()
    assert again("exports/x.json").folder == Path("exports/again")


HOSTILE = [
    [{"call": "write_audit", "with": {}}],
    [{"call": "__import__", "with": {"name": "os"}}],
    [{"call": "Survey", "with": {"$of": 1}}],
    [{"call": "only", "with": {}}],
    [{"rows": [[7, 0, 1]]}],
    [{"rows": "x"}],
    [{"call": "load_audit", "with": {"name": {"$eval": "1"}}}],
    [{"call": "load_audit", "with": {"name": {"$step": "x"}}}],
    [7],
    [{"table": 1, "declared": {}}],
]


@pytest.mark.parametrize("wrong", HOSTILE, ids=repr)
def test_steps_that_no_export_writes_are_refused(wrong):
    last = {"call": "export", "with": {"name": "x", "estimates": {"$step": 0}}}
    given = {"name": "x", "formats": ["csv"], "dated": "2024-01-01T00:00:00Z", "steps": [*wrong, last]}
    Path("x.json").write_text(json.dumps(given), encoding="utf-8")
    with pytest.raises(pa.Error):
        again("x.json")
    assert not Path("again").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "lie in each other"),
        ('{"name": 1, "name": 2}', "stands twice"),
        ("[]", "not written beside an export"),
        ('{"name": "x", "formats": []}', "holds no steps"),
        (
            '{"name": "x", "formats": [], "steps": [{"call": "sources"}], "dated": "noon"}',
            "it is a moment such as",
        ),
    ],
)
def test_a_file_that_is_something_else_is_told(text, said):
    Path("x.json").write_text(text, encoding="utf-8")
    with pytest.raises(ExportError, match=said):
        again("x.json")


def test_bytes_are_told_by_their_place():
    assert first_difference(b"\xff\x00", b"\xff\x01\x02") == "from byte 1 on (2 bytes before, 3 now)"


def test_rows_that_were_put_together_later_are_traced_to_what_was_there_before(tmp_path):
    figures = pa.load_published("egov-figures")
    usage = figures[figures["indicator"] == "ncdt_usage_rate"]
    persons = figures[figures["indicator"] == "papi_npsp_use"]
    pa.combine(usage, persons)
    pa.combine(persons, pa.combine(usage, persons))
    made = pa.export("usage", usage, folder="made", formats=SOME[1:])
    assert verify(made.files["json"]) == []
