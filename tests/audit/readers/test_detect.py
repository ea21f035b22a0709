"""What a file is by its content, broken files, and documents of two tools in one file."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from portal_analysis.audit.readers import ReaderError, detect, files, read_audit
from portal_analysis.audit.readers.reading import Visit

# ---------------------------------------------------------------------------------------------- kinds


def test_words_of_two_tools_are_told_once() -> None:
    assert len(set(detect.TYPES)) == len(detect.TYPES)
    with pytest.raises(ReaderError, match=r"types is 'bad'; it can be \['error', 'warning'") as error:
        read_audit(".", types="bad")
    assert str(error.value).count("'passed'") == 1


def test_old_and_new_files_of_stata_are_told_by_their_first_bytes(tmp_path: Path) -> None:
    frame = pd.DataFrame({"portal": ["A", "B"], "search": ["Yes", "No"]})
    for version in (114, 118):
        frame.to_stata(tmp_path / "r.dta", version=version, write_index=False)
        assert read_audit(tmp_path / "r.dta").judgements["outcome"].tolist() == ["met", "not_met"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted Excel workbook; save it as .xlsx"),
        (b"portal,a\nA,\x00\n", "neither text nor a workbook"),
        (b'portal,a\n"A,x\n', "no CSV: unexpected end of data"),
        (b"portal,a\n" + b"A,x\n" * 20_000 + b"\xff,x\n", "the text is not UTF-8"),
        (b"<stata_dta>broken", "the table cannot be read: "),
        (b"PAR1broken", "the table cannot be read: "),
    ],
)
def test_a_file_that_cannot_be_read_says_why(put: Any, content: bytes, message: str) -> None:
    with pytest.raises(ReaderError, match=message):
        read_audit(put("f.dat", content))


def test_a_letter_at_the_end_of_the_first_block_is_whole(put: Any) -> None:
    """The kind of a file is told by its first 65 536 bytes, which may end inside of a letter."""
    text = "portal,đạt\n".encode()
    path = put("w.csv", b"portal," + b"a" * (65_536 - 8) + text.removeprefix(b"portal,") + b"A,x\n")
    assert path.read_bytes()[65_535:65_537] == "đ".encode()
    criteria = read_audit(path).criteria["criterion_id"].tolist()
    assert len(criteria) == 1
    assert criteria[0].startswith("aaa")


def test_a_manifest_says_round_and_assessor_of_a_sheet(put: Any) -> None:
    path = put("w.csv", "portal,round,a\nA,,x\nB,2023,x\n")
    said = {"file": ["w.csv"], "round": ["2024"], "assessor_id": ["Lan"], "rated_at": ["2024-05-01"]}
    judged = read_audit(path, manifest=pd.DataFrame(said)).judgements
    assert judged["round"].astype(object).tolist() == ["2024", "2023"]
    assert judged["assessor_id"].astype(object).tolist() == ["Lan", "Lan"]
    assert judged["rated_at"].dt.date.astype(str).tolist() == ["2024-05-01", "2024-05-01"]


CSV = [one.__name__.rsplit(".")[-1].removesuffix("_csv") for one in detect._CSV_READERS]
FORMATS = [*(("json", name) for name in detect._JSON), *(("csv", name) for name in CSV)]


@pytest.mark.parametrize(("kind", "name"), FORMATS)
def test_every_format_is_named_where_users_look_for_it(kind: str, name: str) -> None:
    """Tools of JSON stand between ``JSON of`` and ``CSV of``, those of CSV behind."""
    readme = (Path(__file__).resolve().parents[3] / "README.md").read_text("utf-8")
    for said in (str(read_audit.__doc__), readme.partition("`read_audit` knows by content:")[2]):
        found = re.search(r"JSON of (?P<json>.+?) CSV of (?P<csv>[^.;]+)", " ".join(said.split()))
        assert found is not None
        assert set(name.split("-")) <= set(re.findall(r"\w+", found[kind].casefold()))


# ------------------------------------------------------------------------------------ two tools in one

AXE = {"url": "https://a.example.vn/", "violations": [], "passes": []}
LIGHTHOUSE = {"lighthouseVersion": "12", "requestedUrl": "https://a.example.vn/"}
IBM = {"results": [], "summary": {"URL": "https://a.example.vn/", "toolID": "accessibility-checker-v3"}}
OBSERVATORY = {"algorithm_version": 4, "tests_passed": 1, "tests_failed": 0, "host": "a.example.vn"}
OOBEE = {"items": {"mustFix": {"rules": []}}}
EU = {"audit_reference": {"name": "RAWeb"}, "pages": [{"uri": "https://a.example.vn", "assessments": []}]}


@pytest.mark.parametrize(
    ("first", "message"),
    [
        (AXE, "this document is no axe result"),
        (LIGHTHOUSE, "this document is no Lighthouse report"),
        (IBM, "this document is no report of Equal Access"),
        (OBSERVATORY, "this document is no result of the Observatory"),
        (OOBEE, "this document is no result of Oobee"),
        (EU, "this document is no audit of the EU method"),
    ],
)
def test_a_document_of_another_kind_is_named_with_its_line(put: Any, first: Any, message: str) -> None:
    text = f'{json.dumps(first)}\n{{"something": "else"}}'
    with pytest.raises(ReaderError, match=rf"f\.json, line 2: {message}; keep files of different tools"):
        read_audit(put("f.json", text))


EARL = {"@graph": [{"@id": "urn:me", "@type": "Person"}]}
ISSUE = {"type": "error", "code": "c", "message": "m"}
PAGE = {"pageUrl": "https://a.example.vn/", "issues": []}
WITH_ID = {**OBSERVATORY, "id": 77_666_718}
TOOLS = {
    "axe": AXE,
    "lighthouse": LIGHTHOUSE,
    "ibm-equal-access": IBM,
    "mdn-observatory": WITH_ID,
    "oobee": OOBEE,
    "eu-monitoring": EU,
    "pa11y": ISSUE,
    "wcag-em": EARL,
}


@pytest.mark.parametrize(("first", "other"), [*itertools.permutations(TOOLS, 2)])
def test_results_of_two_tools_in_one_file_are_refused(put: Any, first: str, other: str) -> None:
    """Bare ``id`` and ``type`` of the tools are those of nodes of linked data too."""
    marked = {"id": "a", "type": "b", **TOOLS[other]}
    said = rf"f\.json, line 1: this document is no {detect._JSON[first].called}; keep files of different"
    with pytest.raises(ReaderError, match=said):
        read_audit(put("f.json", [TOOLS[first], marked]))


def test_an_empty_list_after_results_adds_nothing(put: Any, read: Any) -> None:
    audit = read(put("f.json", json.dumps(AXE) + "\n[]"))
    assert audit.runs["requested_url"].tolist() == ["https://a.example.vn/"]


# ------------------------------------------------------------------------------------------ what is kept

EVALUATION = {"@type": "Evaluation", "@context": {}, "auditResult": []}
ASSERTIONS = {"@context": {}, "assertions": []}
PICTURE = {"screenshot": "data:", "nodes": {"a": 1}}


@pytest.mark.parametrize(
    ("tool", "document"),
    [
        ("pa11y", PAGE),
        ("pa11y", {"total": 1, "results": {}}),
        ("pa11y", ISSUE),
        ("ibm-equal-access", IBM),
        ("mdn-observatory", OBSERVATORY),
        ("oobee", OOBEE),
        ("eu-monitoring", EU),
        ("wcag-em", EVALUATION),
        ("wcag-em", ASSERTIONS),
    ],
)
@pytest.mark.parametrize("several", [False, True])
def test_what_other_tools_wrote_comes_whole_to_their_reader(
    put: Any, monkeypatch: pytest.MonkeyPatch, tool: str, document: Any, several: bool
) -> None:
    """What is dropped of the large files of axe and Lighthouse is dropped of theirs alone."""
    inner = {"id": "a", "nodes": list(range(2000)), "items": list(range(2000)), "text": "đ" * 5000}
    more = {"more": [inner, {"relatedNodes": [], "kept": 1}, PICTURE], **PICTURE, "relatedNodes": [1]}
    written = [{**more, **document}] * (2 if several else 1)
    seen = _seen_by(monkeypatch, tool)
    read_audit(put("f.json", written if several else written[0]))
    assert seen == written


def _seen_by(monkeypatch: pytest.MonkeyPatch, tool: str) -> list[Any]:
    """Return a list that fills with the documents that come to a tool's reader."""
    seen: list[Any] = []

    def read(found: Any, _: str) -> Any:
        seen.extend(one.value for one in found)
        return iter([Visit(tool, url="https://a.example.vn/")])

    monkeypatch.setitem(detect._JSON, tool, detect._JSON[tool]._replace(read=read))
    return seen


MANY = list(range(2000))
OF_AXE = {"id": "a", "nodes": MANY}
OF_LIGHTHOUSE = {"items": MANY}
LEFT = {
    "axe": {"id": "a", "nodes": [0, 1, 2], "node_count": 2000},
    "lighthouse": {"items": [0, 1, 2], "item_count": 2000},
}


@pytest.mark.parametrize(
    ("tool", "document", "own", "others"),
    [("axe", AXE, OF_AXE, OF_LIGHTHOUSE), ("lighthouse", LIGHTHOUSE, OF_LIGHTHOUSE, OF_AXE)],
)
@pytest.mark.parametrize("others_from", [0, 1, 2])
def test_what_axe_and_lighthouse_do_not_need_never_comes_to_their_readers(
    put: Any,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
    document: Any,
    own: Any,
    others: Any,
    others_from: int,
) -> None:
    """What the hook of the other would drop comes whole, in whichever document of a file it stands."""
    inner = [[own, others] if place >= others_from else [own] for place in range(2)]
    seen = _seen_by(monkeypatch, tool)
    read_audit(put("f.json", [{**document, "more": more} for more in inner]))
    assert seen == [{**document, "more": [LEFT[tool], *more[1:]]} for more in inner]


@pytest.mark.parametrize(
    ("more", "times"),
    [([OF_AXE], 1), ([OF_AXE, {"data": "data:" + "A" * 5000}], 1), ([OF_AXE, OF_LIGHTHOUSE], 2)],
)
def test_a_file_is_read_again_only_if_the_hook_of_another_tool_dropped_something(
    put: Any, monkeypatch: pytest.MonkeyPatch, more: Any, times: int
) -> None:
    opened: list[Any] = []

    def text_stream(source: Any, file: str) -> Any:
        opened.append(file)
        return files.text_stream(source, file)

    monkeypatch.setattr(detect, "text_stream", text_stream)
    seen = _seen_by(monkeypatch, "axe")
    read_audit(put("f.json", {**AXE, "more": more}))
    assert seen == [{**AXE, "more": [LEFT["axe"], *more[1:]]}]
    assert len(opened) == times


# ----------------------------------------------------------------------------------------- Lighthouse CI


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"broken": ', "no JSON"),
        ({"name": "a page"}, "JSON of an unknown kind"),
        ([{"url": "https://a.example.vn/"}], "JSON of an unknown kind"),
    ],
)
def test_a_manifest_that_is_not_of_lighthouse_ci_is_a_file_like_others(
    put: Any, content: Any, message: str
) -> None:
    put("manifest.json", content)
    folder = put("w.csv", "portal,a\nA,x\n").parent
    with pytest.raises(ReaderError, match=message) as error:
        read_audit(folder)
    assert error.value.table["file"].tolist() == ["manifest.json"]
