"""Bring the five web audits that Luxembourg published into this project's form, with the wording of their criteria.

Run as ``python data/audits-luxembourg/make.py FOLDER CRITERIA``: FOLDER holds the JSON of the audits by RAWeb 1 (EU
monitoring method), CRITERIA is the file ``en/json/criteres.json`` of RAWeb 1. Writes tables and ``datapackage.json``.
The comments of the auditors are left out: they quote pages and people.
"""

import csv
import json
import re
import sys
from pathlib import Path

from portal_analysis.datasets import resource_like, write_descriptor

HERE = Path(__file__).parent
ROUND = "2025"
OUTCOMES = {"C": "met", "NC": "not_met", "NA": "not_applicable", "NT": "not_tested"}
PORTALS = {
    "DLH": ("digital-learning-hub", "Digital Learning Hub"),
    "Luxembourg.public.lu": ("luxembourg", "Portail du Grand-Duché de Luxembourg"),
    "securite-alimentaire": ("food-safety", "Sécurité alimentaire"),
    "SNHBM": ("housing", "Société nationale des habitations à bon marché"),
    "Klima-agence.lu": ("klima-agence", "Klima-Agence"),
}
TOPICS_VI = (
    "Hình ảnh", "Khung (frame)", "Màu sắc", "Đa phương tiện", "Bảng", "Liên kết", "Tập lệnh (script)",
    "Phần tử bắt buộc", "Cấu trúc thông tin", "Trình bày thông tin", "Biểu mẫu", "Điều hướng", "Tra cứu nội dung",
    "Tài liệu và chức năng tiếp cận", "Công cụ soạn thảo", "Dịch vụ hỗ trợ", "Giao tiếp thời gian thực",
)  # fmt: skip

WORDED = {"resource": "criteria", "value": "criterion_id", "en": "wording_en", "vi": "wording_vi"}
NAMED = {"resource": "portals", "value": "portal_id", "en": "name_en", "vi": "name_vi"}
ABOUT = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "name": "audits-luxembourg",
    "title": "Accessibility audits of five public web portals in Luxembourg, 2025",
    "title_vi": "Kiểm tra khả năng tiếp cận của năm cổng thông tin công tại Luxembourg, năm 2025",
    "description": "Full audits by the criteria of RAWeb 1, twelve to eighteen pages each, one auditor a page. "
    "The comments of the auditors are left out, and so are two of mobile applications by other criteria.",
    "description_vi": "Kiểm tra đầy đủ theo các tiêu chí RAWeb 1, mỗi cổng từ mười hai đến mười tám trang, mỗi "
    "trang do một người kiểm tra. Không gồm nhận xét của người kiểm tra và hai lần kiểm tra ứng dụng di động "
    "theo bộ tiêu chí khác.",
    "version": "1.0.0",
    "kind": "audit",
    "simulated": False,
    "accessed": "2026-11-26",
    "period": ROUND,
    "labels": {"criterion_id": WORDED, "indicator": WORDED, "portal_id": NAMED},
    "licenses": [
        {"name": "MIT", "title": "MIT (audits; see LICENSE)", "path": "LICENSE"},
        {
            "name": "CC-BY-3.0",
            "title": "Creative Commons Attribution 3.0 Luxembourg (wording of the criteria)",
            "path": "https://creativecommons.org/licenses/by/3.0/lu/",
        },
    ],
    "contributors": [
        {"title": "Information and Press Service, Luxembourg", "roles": ["author"]},
        {"title": "The portal_analysis authors", "roles": ["dataCurator"]},
    ],
    "sources": [
        {
            "title": "Information and Press Service, Luxembourg: audits of 2025 in the JSON of the EU "
            "monitoring method"
        },
        {
            "title": "Web Accessibility Assessment Framework (RAWeb 1), Information and Press Service, "
            "Luxembourg; adapted from RGAA 4.1.2, DINUM, France",
            "path": "https://accessibilite.public.lu/en/raweb1/index.html",
        },
    ],
}

Rows = list[dict[str, str]]


def criteria(path: Path) -> tuple[Rows, list[dict[str, str]]]:
    """The criteria of RAWeb 1 and its topics, as categories."""
    rows, topics = [], []
    for topic, vi in zip(json.loads(path.read_text("utf-8"))["topics"], TOPICS_VI, strict=True):
        name = f"{topic['number']:02d}"
        topics.append({"value": name, "label": topic["topic"], "label_vi": vi})
        for one in topic["criteria"]:
            told = one["criterium"]
            number = f"{topic['number']}.{told['number']}"
            wcag = next((part["wcag"] for part in told["references"] if "wcag" in part), [])
            rows.append(
                {
                    "criterion_id": number,
                    "scheme": "RAWeb 1",
                    "round": ROUND,
                    "wording_vi": f"RAWeb 1, tiêu chí {number}",
                    "wording_en": re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", told["title"]).replace("`", ""),
                    "group": name,
                    "scale": "binary",
                    "mode": "manual",
                    "wcag_sc": " ".join(re.match(r"[\d.]+", one).group() for one in wcag),
                }
            )
    return rows, topics


def audits(folder: Path) -> dict[str, Rows]:
    """Portals, pages and judgements."""
    found: dict[str, Rows] = {"portals": [], "pages": [], "judgements": []}
    for path in sorted(folder.glob("*RAWeb*.json")):
        told = json.loads(path.read_text("utf-8"))
        portal, name = PORTALS[path.name.split("_")[1]]
        first = told["pages"][0]["uri"]
        found["portals"].append({"portal_id": portal, "name_vi": name, "name_en": name, "url": first})
        for page in told["pages"]:
            place = f"{portal}-{page['number']:02d}"
            url = page["uri"] if page["uri"].startswith("http") else ""
            role = "home" if page is told["pages"][0] else "other"
            found["pages"].append({"page_id": place, "portal_id": portal, "url": url, "role": role})
            about = {"portal_id": portal, "page_id": place, "assessor_id": "auditor", "round": ROUND}
            for one in page["assessments"]:
                outcome = OUTCOMES[one["status"]["name"]]
                judged = {"criterion_id": one["criterion"]["number"], "outcome": outcome}
                found["judgements"].append({**about, **judged, "rated_at": told["audited_at"]})
    return found


def write(name: str, rows: Rows) -> None:
    with (HERE / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def describe(tables: dict[str, Rows], topics: list[dict[str, str]]) -> None:
    rounds = {"categories": [{"value": ROUND, "label": ROUND, "label_vi": ROUND}]}
    url = {"title": "Address", "title_vi": "Địa chỉ"}
    roles = [
        {"value": "home", "label": "first page of the audit", "label_vi": "trang đầu tiên được kiểm tra"},
        {"value": "other", "label": "other page", "label_vi": "trang khác"},
    ]
    own = {
        "portals": {"url": url},
        "criteria": {"round": rounds, "group": {"categories": topics}},
        "pages": {"url": url, "role": {"categories": roles}},
        "judgements": {"round": rounds},
    }
    write_descriptor(
        HERE,
        {
            **ABOUT,
            "resources": [
                resource_like("portal-review-simulated", name, rows[0], own.get(name))
                for name, rows in tables.items()
            ],
        },
    )


def main(folder: Path, wording: Path) -> None:
    rows, topics = criteria(wording)
    found = audits(folder)
    assessors = [{"assessor_id": "auditor", "kind": "expert"}]
    tables = {"portals": found["portals"], "criteria": rows, "assessors": assessors}
    tables |= {"pages": found["pages"], "judgements": found["judgements"]}
    for name, one in tables.items():
        write(name, one)
    describe(tables, topics)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
