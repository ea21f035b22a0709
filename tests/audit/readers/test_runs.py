"""What is one run and what are several: formats, set-ups, repeats, parts."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pandas as pd
import pytest

from portal_analysis.audit.agreement import agreement
from portal_analysis.audit.coverage import coverage
from portal_analysis.audit.readers import ReaderError, ReaderWarning, read_audit
from portal_analysis.audit.schema import AuditError, no_dates, shape


def lighthouse(score: float | None, **more: Any) -> dict[str, Any]:
    """A report of one audit."""
    return {
        "lighthouseVersion": "12.1.0",
        "requestedUrl": "https://dvc.example.vn/tra-cuu",
        "finalDisplayedUrl": "https://dvc.example.vn/tra-cuu",
        "fetchTime": "2024-03-01T08:00:00.000Z",
        "configSettings": {"formFactor": "desktop"},
        "audits": {"image-alt": {"title": "t", "score": score, "scoreDisplayMode": "binary"}},
        "categories": {"accessibility": {"auditRefs": [{"id": "image-alt"}]}},
        **more,
    }


CSV = (
    '"requestedUrl","finalDisplayedUrl","fetchTime","gatherMode"\n'
    '"https://dvc.example.vn/tra-cuu/","https://dvc.example.vn/tra-cuu","2024-03-01T15:00:00+07:00","navigation"\n\n'
    '"category","score"\n"accessibility","1"\n\n"category","audit","score","displayValue","description"\n'
    '"accessibility","image-alt","1","","d"\n'
)


def test_json_and_csv_of_one_run_are_one_run(put: Any) -> None:
    put("x.csv", CSV)
    folder = put("x.json", lighthouse(1)).parent
    with pytest.warns(ReaderWarning, match="x.csv, line 1: is the same run as x.json"):
        audit = read_audit(folder)
    assert audit.assessors["assessor_id"].tolist() == ["lighthouse-12.1.0-desktop"]
    assert coverage(audit, of="runs")["base"].tolist() == [1]
    assert agreement(audit)["assessors"].max() == 1


def test_another_time_is_another_run(put: Any) -> None:
    put("x.csv", CSV.replace("15:00", "16:00"))
    folder = put("x.json", lighthouse(1)).parent
    assert len(read_audit(folder).runs) == 2


def test_a_time_that_is_no_date_is_told_once_with_file_and_line(put: Any) -> None:
    put("x.csv", CSV.replace("2024-03-01T15:00:00+07:00", "on the third of May"))
    folder = put("x.json", lighthouse(1)).parent
    said = r"x\.csv, line 1: the time 'on the third of May' is no date; write it as 2024-05-31"
    with pytest.raises(ReaderError, match=said) as error:
        read_audit(folder)
    assert error.value.table[["file", "line"]].to_numpy().tolist() == [["x.csv", 1]]
    with pytest.warns(ReaderWarning, match="could not be read and were left out"):
        audit = read_audit(folder, faults="skip")
    assert audit.runs["source_file"].tolist() == ["x.json"]


def test_every_time_of_a_file_that_is_no_date_is_told(put: Any) -> None:
    lines = [lighthouse(1, fetchTime="soon"), lighthouse(1, fetchTime="2024-02-31"), lighthouse(1)]
    path = put("x.json", "\n".join(map(json.dumps, lines)))
    with pytest.raises(ReaderError) as error:
        read_audit(path)
    assert error.value.table[["line", "found"]].to_numpy().tolist() == [
        [1, "the time 'soon' is no date"],
        [2, "the time '2024-02-31' is no date"],
    ]


NO_DATES = [
    *("2024-W22-5", "2024W225", "2024-W22", "2024-152", "2024152"),
    *("08:00", "T08:00:00Z", "2024-05-31T08:00:00,5Z", "2024-05-31T24:00:00", "2024-02-30", "now", "today"),
]
DATES = {
    "20240531": "2024-05-31",
    "20240531T080000Z": "2024-05-31 08:00:00",
    "2024-05": "2024-05-01",
    "2024-05-31T08:00:00Z": "2024-05-31 08:00:00",
    "2024-05-31T08:00:00+07:00": "2024-05-31 01:00:00",
    "2024-05-31T08:00+0700": "2024-05-31 01:00:00",
    "2024-05-31T08:00:00.25Z": "2024-05-31 08:00:00.250000",
    "2024-05-31T08:00:00.123456789Z": "2024-05-31 08:00:00.123456",
    "0001-01-01T00:00:00Z": "0001-01-01",
}


@pytest.mark.parametrize("text", NO_DATES)
def test_a_time_that_the_tables_do_not_take_is_told_once_and_can_be_skipped(put: Any, text: str) -> None:
    folder = put("x.json", lighthouse(1, fetchTime=text)).parent
    put("y.json", lighthouse(1))
    with pytest.raises(ReaderError, match=r"x\.json, line 1: the time '.+' is no date; write it") as error:
        read_audit(folder)
    assert error.value.table["found"].tolist() == [f"the time {text!r} is no date"]
    with pytest.warns(ReaderWarning, match="could not be read and were left out"):
        audit = read_audit(folder, faults="skip")
    assert audit.runs["source_file"].tolist() == ["y.json"]


@pytest.mark.parametrize("text", NO_DATES)
@pytest.mark.parametrize("rows", [1, 300])
def test_no_table_takes_a_time_that_the_readers_refuse(text: str, rows: int) -> None:
    runs = pd.DataFrame({"portal_id": "a", "status": "ok", "started_at": [text, *["2024"] * (rows - 1)]})
    assert no_dates(runs["started_at"]) == {text}
    with pytest.raises(AuditError, match=f"row 1, column 'started_at': found '{text}'; allowed: datetime"):
        shape("runs", runs)


@pytest.mark.parametrize("rows", [1, 300])
def test_every_time_that_the_readers_take_stands_in_the_tables(rows: int) -> None:
    """All in one column: none is refused for the company it is in."""
    runs = pd.DataFrame({"portal_id": "a", "status": "ok", "started_at": list(DATES) * rows})
    assert no_dates(DATES) == set()
    held = shape("runs", runs)["started_at"].iloc[: len(DATES)]
    assert held.tolist() == [pd.Timestamp(one) for one in DATES.values()]


def test_a_day_of_a_manifest_that_is_none_is_told_with_its_line(put: Any) -> None:
    manifest = pd.DataFrame({"file": ["w.csv"], "rated_at": ["2024-02-30"]})
    with pytest.raises(ReaderError, match=r"the manifest, line 2: rated_at '2024-02-30'; write dates as"):
        read_audit(put("w.csv", "portal,a\nA,x\n"), manifest=manifest)


def test_an_hour_of_one_digit_is_a_time(put: Any) -> None:
    runs = read_audit(put("x.json", lighthouse(1, fetchTime="2024-03-01 8:05:00"))).runs
    assert str(runs["started_at"].iloc[0]) == "2024-03-01 08:05:00"


def test_a_day_of_a_sheet_that_is_none_is_told_with_file_and_line(put: Any) -> None:
    folder = put("w.csv", "portal,rated_at,a\nA,2024-13-45,x\n").parent
    put("x.json", lighthouse(1))
    with pytest.raises(ReaderError, match=r"w\.csv, line 2: the date '2024-13-45' is not clear; correct it"):
        read_audit(folder)
    with pytest.warns(ReaderWarning, match="could not be read and were left out"):
        audit = read_audit(folder, faults="skip")
    assert audit.runs["source_file"].tolist() == ["x.json"]


def test_repeats_that_do_not_occur_change_nothing(put: Any) -> None:
    audit = read_audit(put("x.json", lighthouse(1)), repeats="worst")
    assert audit.judgements["outcome"].tolist() == ["met"]


def test_oobee_in_two_formats_is_one_run(put: Any) -> None:
    page = {"url": "https://a.example.vn/", "pageTitle": "A", "itemsCount": 2, "items": [{"html": "<i>"}]}
    rule = {
        "rule": "image-alt",
        "conformance": ["wcag2a", "wcag111"],
        "axeImpact": "critical",
        "pagesAffected": [page],
    }
    put("r.json", {"endTime": "2024-05-01T10:00:00.000Z", "items": {"mustFix": {"rules": [rule]}}})
    header = "severity,issueId,wcagConformance,url,scanCompletedAt"
    row = "mustFix,image-alt,wcag111,https://a.example.vn,2024-05-01T10:00:00.000Z"
    folder = put("report.csv", f"{header}\n{row}\n").parent
    with pytest.warns(ReaderWarning, match=r"report\.csv.*is the same run as r\.json"):
        audit = read_audit(folder)
    assert audit.judgements[["outcome", "severity", "elements"]].astype(object).to_numpy().tolist() == [
        ["not_met", "critical", 2]
    ]


def test_a_lighthouse_ci_folder_is_its_representative_runs(put: Any) -> None:
    runs = []
    for place, score in enumerate([0, 1, 1, 1, 0, 0]):
        url = f"https://dvc.example.vn/{place // 3}"
        report = lighthouse(
            score, requestedUrl=url, finalDisplayedUrl=url, fetchTime=f"2024-03-01T08:0{place}:00Z"
        )
        put(f".lighthouseci-x/lhr-{place}.json".lstrip("."), report)
        put(f"lighthouseci-x/lhr-{place}.html", "<html>")
        runs.append(
            {"url": url, "isRepresentativeRun": place in (1, 5), "jsonPath": f"C:\\x\\lhr-{place}.json"}
        )
    put("lighthouseci-x/links.json", {"https://dvc.example.vn/0": "https://x.invalid"})
    put("lighthouseci-x/assertion-results.json", [])
    folder = put("lighthouseci-x/manifest.json", runs).parent
    audit = read_audit(folder)
    assert audit.judgements["source_file"].astype(object).tolist() == ["lhr-1.json", "lhr-5.json"]
    assert audit.judgements["outcome"].tolist() == ["met", "not_met"]
    (folder / "lhr-5.json").unlink()
    with pytest.raises(
        ReaderError, match=r"manifest\.json: there is no file 'lhr-5\.json', the representative run"
    ):
        read_audit(folder)


@pytest.mark.parametrize(
    ("repeats", "outcome"), [("first", "met"), ("last", "met"), ("majority", "met"), ("worst", "not_met")]
)
@pytest.mark.parametrize("tool", ["lighthouse", "axe"])
def test_repeats_without_a_manifest_are_a_choice(put: Any, repeats: Any, outcome: str, tool: str) -> None:
    for place, passed in enumerate([True, False, True]):
        time = f"2024-03-01T08:0{place}:00Z"
        rule = {"id": "image-alt", "tags": ["wcag111"], "nodes": []}
        lists = {"violations": [] if passed else [rule], "passes": [rule] if passed else []}
        axe = {
            "testEngine": {"name": "axe-core", "version": "4"},
            "url": "https://a.vn/",
            "timestamp": time,
            **lists,
        }
        put(f"{place}.json", axe if tool == "axe" else lighthouse(int(passed), fetchTime=time))
    folder = put("0.html", "<html>").parent
    with pytest.raises(ReaderError, match="repeats="):
        quietly(folder)
    audit = quietly(folder, repeats=repeats)
    assert audit.judgements["outcome"].tolist() == [outcome]
    assert len(audit.runs) == 1
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        read_audit(folder, repeats=repeats)
    assert any("3 runs of" in str(one.message) for one in said)


def quietly(path: Any, **settings: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReaderWarning)
        return read_audit(path, **settings)


def test_a_tie_of_repeats_goes_to_the_worse(put: Any) -> None:
    put("a.json", lighthouse(1))
    folder = put("b.json", lighthouse(0, fetchTime="2024-03-01T09:00:00Z")).parent
    assert quietly(folder, repeats="majority").judgements["outcome"].tolist() == ["not_met"]
    with pytest.raises(ReaderError, match="repeats is 'median'"):
        read_audit(folder, repeats="median")  # type: ignore[arg-type]


def test_two_windows_of_axe_are_two_assessors_everywhere(put: Any, axe_result: Any) -> None:
    phone, desk = ({"windowWidth": width, "windowHeight": 900} for width in (320, 1280))
    other = {**axe_result, "url": "https://b.example.vn/"}
    results = [
        {**axe_result, "testEnvironment": phone},
        {**axe_result, "testEnvironment": desk},
        {**other, "testEnvironment": desk},
    ]
    audit = quietly(put("axe.json", results))
    assert audit.assessors["assessor_id"].tolist() == ["axe-core-4.9.1-1280x900", "axe-core-4.9.1-320x900"]
    alone = quietly(put("axe.json", results[1:]))
    assert alone.assessors["assessor_id"].tolist() == ["axe-core-4.9.1"]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda report: {"kind": "pagespeedonline#result", "lighthouseResult": report},
        lambda report: {"data": {"lighthouse": report}},
        lambda report: {"lhr": report, "artifacts": {}},
        lambda report: {"name": "flow", "steps": [{"name": "open", "lhr": report}]},
    ],
    ids=["PageSpeed Insights", "WebPageTest", "runner", "user flow"],
)
def test_wrappers_of_lighthouse_are_opened(put: Any, wrap: Any) -> None:
    audit = read_audit(put("w.json", wrap(lighthouse(0))))
    assert audit.judgements[["criterion_id", "outcome"]].astype(object).to_numpy().tolist() == [
        ["wcag:1.1.1", "not_met"]
    ]
    assert audit.assessors["assessor_id"].tolist() == ["lighthouse-12.1.0-desktop"]


def test_the_steps_of_a_flow_are_told_apart(put: Any) -> None:
    steps = [{"lhr": lighthouse(1)}, {"lhr": lighthouse(0, gatherMode="snapshot")}]
    audit = read_audit(put("flow.json", {"steps": steps}))
    assert audit.judgements["assessor_id"].astype(object).tolist() == [
        "lighthouse-12.1.0-desktop",
        "lighthouse-12.1.0-desktop-snapshot",
    ]


EARL = {
    "@context": {"@vocab": "http://www.w3.org/ns/earl#"},
    "@graph": [
        {
            "@type": "TestSubject",
            "source": "https://dvc.example.vn/a",
            "assertor": {"@id": "urn:q", "@type": "Software", "title": "QualWeb", "hasVersion": "0.6.1"},
            "assertions": [
                {
                    "@type": "Assertion",
                    "mode": "earl:automatic",
                    "test": {
                        "@id": "QW-ACT-R17",
                        "title": "Image has name",
                        "isPartOf": ["WCAG21:non-text-content"],
                    },
                    "result": {"outcome": "earl:failed", "date": "2024-05-01 10:00:00"},
                },
                {
                    "@type": "Assertion",
                    "mode": "earl:automatic",
                    "test": {"@id": "QW-ACT-R1", "title": "Page has a title"},
                    "result": {"outcome": "earl:inapplicable"},
                },
            ],
        }
    ],
}


def test_earl_with_assertions_inside_the_subject(put: Any) -> None:
    audit = quietly(put("q.json", EARL))
    assert audit.judgements[["page_id", "criterion_id", "outcome"]].astype(object).to_numpy().tolist() == [
        ["https://dvc.example.vn/a", "wcag:1.1.1", "not_met"],
        ["https://dvc.example.vn/a", "earl:Page has a title", "not_applicable"],
    ]
    assert audit.assessors["assessor_id"].tolist() == ["QualWeb-0.6.1"]
    assert str(audit.runs["started_at"].iloc[0]) == "2024-05-01 10:00:00"
    moved = json.loads(json.dumps(EARL))
    moved["@graph"][0]["redirectedTo"] = "https://dvc.gov.example/"
    assert quietly(put("q.json", moved)).runs["status"].tolist() == ["off_site"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ci.json", {"total": 0, "results": {}}),
        ("earl.json", {"@graph": [{"@type": "TestSubject", "source": "https://a.vn"}]}),
        ("flow.json", {"steps": [{"lhr": {}}], "lhr": {"lighthouseVersion": "12"}}),
        ("axe_core_audit.csv", "organisation,base_url,url,audit_type,num_issues\n"),
        ("report.csv", "severity,issueId,url,wcagConformance\n"),
        ("sheet.csv", "portal,a\n"),
        ("eu.json", {"audit_reference": {}, "pages": [{"assessments": []}]}),
    ],
)
def test_a_file_that_gives_nothing_is_a_fault(put: Any, name: str, content: Any) -> None:
    path = put(name, content)
    with pytest.raises(ReaderError):
        quietly(path)
    put("good.json", lighthouse(1))
    with pytest.raises(ReaderError) as error:
        quietly(path.parent)
    assert error.value.table["file"].tolist() == [name]


def test_several_paths_and_frames_are_one_audit(put: Any) -> None:
    import pandas as pd

    first = put("one/a.json", lighthouse(1))
    second = put("two/a.json", lighthouse(1, requestedUrl="https://b.example.vn/", finalDisplayedUrl=None))
    sheet = pd.DataFrame({"portal": ["dvc.example.vn"], "search": pd.Categorical(["đạt"])})
    audit = read_audit([first, str(second), sheet])
    assert audit.judgements["source_file"].astype(object).tolist() == ["a.json", "two/a.json", "frame 3"]
    assert audit.portal_ids() == ["b.example.vn", "dvc.example.vn"]
    with pytest.raises(ReaderError, match="there is no such file"):
        read_audit([first, "missing.json"])


def test_a_tool_that_changed_between_rounds_is_said(put: Any) -> None:
    import pandas as pd

    put("old.json", lighthouse(1, lighthouseVersion="9.6.8"))
    folder = put("new.json", lighthouse(0)).parent
    rounds = pd.DataFrame({"file": ["old.json", "new.json"], "round": ["2023", "2024"]})
    with pytest.warns(
        ReaderWarning, match=r"versions of lighthouse differ between rounds, 2023: 9\.6\.8; 2024: 12"
    ):
        read_audit(folder, manifest=rounds)
