"""Describe the catalogue of WCAG 2 success criteria, the axe-core rules that test parts of them, and their codebook.

Run as ``python data/wcag2/make.py``: writes ``datapackage.json`` beside the three tables, which are kept by hand.
"""

from pathlib import Path
from typing import Any

from portal_analysis.datasets import write_descriptor

HERE = Path(__file__).parent


def field(name: str, title: str, title_vi: str, description: str = "", **more: Any) -> dict[str, Any]:
    """One column of type string, unless said otherwise."""
    described = {"description": description} if description else {}
    return {"name": name, "type": "string", "title": title, "title_vi": title_vi, **described, **more}


LEVELS = [
    {"value": level, "label": f"Level {level}", "label_vi": f"Mức {level}"} for level in ("A", "AA", "AAA")
]

CRITERIA = [
    field(
        "wcag_sc", "Success criterion", "Tiêu chí thành công", constraints={"required": True, "unique": True}
    ),
    field("level", "Level", "Mức", constraints={"required": True}, categories=LEVELS),
    field(
        "handle", "Identifier at W3C", "Mã của W3C", "the anchor in the Recommendation, as in WCAG2:reflow"
    ),
    field(
        "other_handles",
        "Other identifiers",
        "Các mã khác",
        "anchors of other versions of WCAG 2, joined by |",
        missingValues=[""],
    ),
    field("title", "Title", "Tên (tiếng Anh)", "as in the Recommendation; no Vietnamese title is given here"),
    field("principle", "Principle", "Nguyên tắc (tiếng Anh)"),
    field("guideline", "Guideline", "Hướng dẫn (tiếng Anh)"),
    field("versions", "Versions", "Các phiên bản", "versions of WCAG 2 that hold the criterion, joined by |"),
]

RULES = [
    field("rule_id", "Rule of axe-core", "Quy tắc của axe-core", constraints={"required": True}),
    field(
        "wcag_sc",
        "Success criterion",
        "Tiêu chí thành công",
        "empty: the rule is good practice and belongs to no criterion",
        missingValues=[""],
    ),
    field("impact", "Impact", "Mức độ ảnh hưởng", missingValues=[""]),
]


CODEBOOK = [
    field(
        "criterion_id",
        "Criterion",
        "Tiêu chí",
        "as read from reports: wcag:1.4.3, axe:region, lighthouse:is-on-https, observatory:cookies",
        constraints={"required": True},
    ),
    field("scheme", "List of shortcomings", "Danh sách hạn chế", constraints={"required": True}),
    field("shortcoming", "Shortcoming", "Hạn chế", constraints={"required": True}),
    field(
        "share",
        "Share",
        "Tỷ phần",
        "weight of the criterion in the severity-weighted rule",
        type="number",
        constraints={"required": True, "minimum": 0, "maximum": 1},
    ),
    field("version", "Version of the codebook", "Phiên bản bảng mã", constraints={"required": True}),
    field("basis", "Basis", "Căn cứ", constraints={"required": True}),
    field("note", "Note", "Ghi chú (tiếng Anh)", missingValues=[""]),
    field("note_vi", "Note in Vietnamese", "Ghi chú", missingValues=[""]),
]


def resource(name: str, fields: list[dict[str, Any]], key: list[str]) -> dict[str, Any]:
    """One CSV file with its schema."""
    return {
        "name": name,
        "path": f"{name}.csv",
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {"fields": fields, **({"primaryKey": key} if key else {})},
    }


CODEBOOK_KEY = ["criterion_id", "scheme", "shortcoming", "version"]

DESCRIPTOR = {
    "name": "wcag2",
    "title": "Success criteria of WCAG 2.0, 2.1 and 2.2, and the axe-core rules that test parts of them",
    "title_vi": "Tiêu chí thành công của WCAG 2.0, 2.1, 2.2 và các quy tắc axe-core kiểm tra một phần các tiêu chí đó",
    "description": (
        "Numbers, levels, identifiers and titles of the 87 success criteria that ever stood in WCAG 2 (86 in "
        "WCAG 2.2, which dropped 4.1.1), without their text; and, for each rule of axe-core 4.11.4, the criteria "
        "its tags name. A rule tests a part of a criterion: that it passes does not show that the criterion is "
        "met. The codebook says which shortcomings of the portals the criteria of WCAG, axe-core and Lighthouse speak "
        "of; that is our reading, versioned and meant to be edited. "
        "Titles are English: an official Vietnamese translation of WCAG 2 was not found."
    ),
    "licenses": [
        {
            "name": "W3C-20150513",
            "title": "W3C Software and Document License",
            "path": "https://www.w3.org/copyright/software-license-2023/",
        }
    ],
    "sources": [
        {"title": "Web Content Accessibility Guidelines (WCAG) 2.2", "path": "https://www.w3.org/TR/WCAG22/"},
        {
            "title": "WCAG-EM Report Tool: wcag2-en.json (WCAG 2.0 and 2.1)",
            "path": "https://github.com/w3c/wcag-em-report-tool",
        },
        {
            "title": "axe-core 4.11.4: tags of the rules (MPL-2.0; only the facts are used)",
            "path": "https://github.com/dequelabs/axe-core/tree/develop/lib/rules",
        },
    ],
    "contributors": [
        {"title": "World Wide Web Consortium", "roles": ["author"]},
        {"title": "Deque Systems", "roles": ["author"]},
    ],
    "version": "1.2.0",
    "kind": "standard",
    "simulated": False,
    "accessed": "2026-11-23",
    "resources": [
        resource("criteria", CRITERIA, ["wcag_sc"]),
        resource("rules", RULES, []),
        resource("codebook", CODEBOOK, CODEBOOK_KEY),
    ],
}

if __name__ == "__main__":
    write_descriptor(HERE, DESCRIPTOR)
