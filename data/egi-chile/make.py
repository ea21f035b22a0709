"""Bring two rounds of the index of municipal portals in Chile into this project's form.

Run as ``python data/egi-chile/make.py FOLDER``: FOLDER holds ``egi_2019.csv`` and ``egi_2021.csv``. Writes tables and
``datapackage.json``. Portals are matched by the name of their commune, since codes of 2019 are missing or doubled.
"""

import csv
import re
import sys
import unicodedata
from pathlib import Path

from portal_analysis.datasets import resource_like, write_descriptor

HERE = Path(__file__).parent
ROUNDS = ("2019", "2021")
OUTCOMES = {"1": "met", "0": "not_met", "": "not_tested"}
SPELT = {"treguaco": "trehuaco"}
NO_MUNICIPALITY = ("antartica",)
CRITERIA = {
    "forms": ("Forms", "Biểu mẫu"),
    "news": ("News", "Tin tức"),
    "search": ("Search", "Tìm kiếm"),
    "webmap": ("Map of the site", "Sơ đồ trang"),
    "streetmap": ("Street map", "Bản đồ đường phố"),
    "transport": ("Transport", "Giao thông"),
    "socialmedia": ("Social media", "Mạng xã hội"),
    "email": ("E-mail", "Thư điện tử"),
    "phone": ("Telephone", "Điện thoại"),
    "mobile": ("Mobile devices", "Thiết bị di động"),
    "transac": ("Transactions", "Giao dịch"),
    "followup": ("Follow-up", "Theo dõi hồ sơ"),
    "digital_certificate": ("Digital certificate", "Chứng thư số"),
    "citizen": ("Citizen", "Công dân"),
    "payments": ("Payments", "Thanh toán"),
    "personalization": ("Personalisation", "Cá nhân hóa"),
    "part": ("Participation", "Sự tham gia"),
}
ALSO_2021 = {"pladeco": ("Municipal development plan (PLADECO)", "Kế hoạch phát triển địa phương (PLADECO)")}

WORDED = {"resource": "criteria", "value": "criterion_id", "en": "wording_en", "vi": "wording_vi"}
NAMED = {"resource": "portals", "value": "portal_id", "en": "name_en", "vi": "name_vi"}
ABOUT = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "name": "egi-chile",
    "title": "Municipal portals in Chile, 2019 and 2021",
    "title_vi": "Cổng thông tin của các địa phương tại Chile, năm 2019 và 2021",
    "description": "Seventeen criteria in both rounds, one more in 2021; one review a portal. The wording of "
    "the criteria is the name of their column: the scoring guide is not published with the data. Portals that "
    "could not be reviewed are not tested.",
    "description_vi": "Mười bảy tiêu chí trong cả hai đợt, thêm một tiêu chí năm 2021; mỗi cổng được xem xét "
    "một lần. Nội dung tiêu chí là tên cột: hướng dẫn chấm điểm không được công bố cùng dữ liệu. Cổng không "
    "thể xem xét được ghi là chưa kiểm tra.",
    "version": "1.0.0",
    "kind": "audit",
    "simulated": False,
    "accessed": "2026-11-26",
    "period": "2019–2021",
    "labels": {"criterion_id": WORDED, "indicator": WORDED, "portal_id": NAMED},
    "licenses": [
        {
            "name": "CC-BY-4.0",
            "title": "Creative Commons Attribution 4.0",
            "path": "https://creativecommons.org/licenses/by/4.0/",
        }
    ],
    "contributors": [
        {"title": "Bastián González-Bustamante and Diego Aguilar", "roles": ["author"]},
        {"title": "The portal_analysis authors", "roles": ["dataCurator"]},
    ],
    "sources": [
        {
            "title": "B. González-Bustamante & D. Aguilar, Data Set on Local Government Indicators in Chile "
            "(version 0.21.15, 2023)",
            "path": "https://doi.org/10.5281/zenodo.7568387",
        },
        {
            "title": "B. González-Bustamante & D. Aguilar, Territorial patterns of open e-government: evidence "
            "from Chilean municipalities, Political Research Exchange 5 (2023)",
            "path": "https://doi.org/10.1080/2474736X.2023.2194369",
        },
    ],
}

Rows = list[dict[str, str]]


def commune(name: str) -> str:
    """A name in small letters without accents, words joined by hyphens."""
    plain = "".join(one for one in unicodedata.normalize("NFD", name) if not unicodedata.combining(one))
    found = re.sub(r"[^a-z]+", "-", plain.casefold()).strip("-")
    return SPELT.get(found, found)


def read(folder: Path, year: str) -> dict[str, dict[str, str]]:
    with (folder / f"egi_{year}.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = {commune(row["commune"]): row for row in csv.DictReader(stream)}
    return {name: row for name, row in rows.items() if name not in NO_MUNICIPALITY}


def tables(folder: Path) -> dict[str, Rows]:
    years = {year: read(folder, year) for year in ROUNDS}
    portals, judgements = [], []
    for name in sorted(set().union(*years.values())):
        newest = years["2021"].get(name) or years["2019"][name]
        told = newest["commune"].title()
        url = newest.get("url", "")
        portals.append(
            {
                "portal_id": name,
                "name_vi": told,
                "name_en": told,
                "url": url if url.startswith("http") else "",
            }
        )
    criteria = []
    for year, asked in (("2019", CRITERIA), ("2021", {**CRITERIA, **ALSO_2021})):
        for one, (en, vi) in asked.items():
            about = {"criterion_id": one, "scheme": "EGI", "round": year, "wording_vi": vi, "wording_en": en}
            criteria.append({**about, "scale": "binary"})
        for name, row in sorted(years[year].items()):
            for one in asked:
                value = row[one].strip().removesuffix(".0")
                judged = {"portal_id": name, "criterion_id": one, "assessor_id": "reviewers", "round": year}
                judgements.append({**judged, "outcome": OUTCOMES[value]})
    assessors = [{"assessor_id": "reviewers", "kind": "expert"}]
    return {"portals": portals, "criteria": criteria, "assessors": assessors, "judgements": judgements}


def describe(found: dict[str, Rows]) -> None:
    rounds = {"categories": [{"value": year, "label": year, "label_vi": year} for year in ROUNDS]}
    own = {
        "portals": {"url": {"title": "Address", "title_vi": "Địa chỉ"}},
        "criteria": {"round": rounds},
        "judgements": {"round": rounds},
    }
    resources = [
        resource_like("portal-review-simulated", name, rows[0], own.get(name)) for name, rows in found.items()
    ]
    for one in resources:
        keys = one["schema"].get("foreignKeys", [])
        one["schema"]["foreignKeys"] = [key for key in keys if key["fields"] != ["page_id"]]
    write_descriptor(HERE, {**ABOUT, "resources": resources})


def main(folder: Path) -> None:
    found = tables(folder)
    for name, rows in found.items():
        with (HERE / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    describe(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
