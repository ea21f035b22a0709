"""Make the extract of Japan's census of administrative procedures: how many are alike in all that usage rates need.

Run as ``python data/procedures-japan/make.py FILE``: ``FILE`` is the census in Parquet, one row a procedure, with the
columns of the Digital Agency (named in :data:`READ`). Writes ``procedures.csv``, the same bytes each time, and
``datapackage.json``. Without ``FILE`` only ``datapackage.json`` is written anew.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd

from portal_analysis.datasets import write_descriptor

HERE = Path(__file__).resolve().parent

READ = {
    "所管府省庁": "ministry",
    "手続類型": "kind",
    "手続主体": "actor",
    "オンライン化の実施状況": "status",
    "総手続件数": "dossiers",
    "オンライン手続件数": "online",
    "非オンライン手続件数": "offline",
}
"""The columns of the census that are kept, and what they are called here."""

CODED = ("kind", "actor", "status")
"""Columns whose cells begin with a code: "1 申請等"."""

PROCEDURES = 75_071
"""How many procedures the census holds."""

MINISTRIES = [
    ("内閣官房", "cas", "Cabinet Secretariat", "Ban Thư ký Nội các"),
    ("人事院", "npa", "National Personnel Authority", "Viện Nhân sự Nhà nước"),
    ("内閣府", "cao", "Cabinet Office", "Văn phòng Nội các"),
    ("宮内庁", "iha", "Imperial Household Agency", "Cơ quan Nội chính Hoàng gia"),
    ("公正取引委員会", "jftc", "Japan Fair Trade Commission", "Ủy ban Thương mại Công bằng"),
    ("国家公安委員会・警察庁", "npa-police", "National Police Agency", "Cơ quan Cảnh sát Quốc gia"),
    ("個人情報保護委員会", "ppc", "Personal Information Protection Commission", "Ủy ban Bảo vệ Thông tin cá nhân"),
    ("カジノ管理委員会", "jcrc", "Japan Casino Regulatory Commission", "Ủy ban Quản lý Casino"),
    ("金融庁", "fsa", "Financial Services Agency", "Cơ quan Dịch vụ Tài chính"),
    ("消費者庁", "caa", "Consumer Affairs Agency", "Cơ quan Các vấn đề Người tiêu dùng"),
    ("こども家庭庁", "cfa", "Children and Families Agency", "Cơ quan Trẻ em và Gia đình"),
    ("デジタル庁", "da", "Digital Agency", "Cơ quan Kỹ thuật số"),
    ("復興庁", "ra", "Reconstruction Agency", "Cơ quan Tái thiết"),
    ("総務省", "mic", "Ministry of Internal Affairs and Communications", "Bộ Nội vụ và Truyền thông"),
    ("法務省", "moj", "Ministry of Justice", "Bộ Tư pháp"),
    ("外務省", "mofa", "Ministry of Foreign Affairs", "Bộ Ngoại giao"),
    ("財務省", "mof", "Ministry of Finance", "Bộ Tài chính"),
    ("文部科学省", "mext", "Ministry of Education, Culture, Sports, Science and Technology",
     "Bộ Giáo dục, Văn hóa, Thể thao, Khoa học và Công nghệ"),
    ("厚生労働省", "mhlw", "Ministry of Health, Labour and Welfare", "Bộ Y tế, Lao động và Phúc lợi"),
    ("農林水産省", "maff", "Ministry of Agriculture, Forestry and Fisheries", "Bộ Nông, Lâm, Ngư nghiệp"),
    ("経済産業省", "meti", "Ministry of Economy, Trade and Industry", "Bộ Kinh tế, Thương mại và Công nghiệp"),
    ("国土交通省", "mlit", "Ministry of Land, Infrastructure, Transport and Tourism",
     "Bộ Đất đai, Hạ tầng, Giao thông và Du lịch"),
    ("環境省", "moe", "Ministry of the Environment", "Bộ Môi trường"),
    ("防衛省", "mod", "Ministry of Defense", "Bộ Quốc phòng"),
    ("会計検査院", "jbaudit", "Board of Audit", "Viện Kiểm toán"),
]  # fmt: skip
"""Ministries and agencies: as the census writes them, code, English name, Vietnamese name."""

KINDS = [
    ("1", "Application or notification", "Nộp hồ sơ, khai báo (thủ tục theo yêu cầu)"),
    ("2-1", "Decision on an application", "Quyết định trả lời hồ sơ"),
    ("2-2", "Decision without an application", "Quyết định không theo hồ sơ"),
    ("2-3", "Delivery between private parties", "Giao nộp giữa các bên tư nhân"),
    ("3", "Public inspection", "Công khai để tra cứu"),
    ("4", "Making and keeping of records", "Lập và lưu giữ hồ sơ"),
]
ACTORS = [
    ("1", "The state", "Nhà nước trung ương"),
    ("2", "Incorporated administrative agencies", "Pháp nhân hành chính độc lập"),
    ("3", "Local governments", "Chính quyền địa phương"),
    ("4-1", "The state or administrative agencies", "Nhà nước hoặc pháp nhân hành chính"),
    ("4-2", "Administrative agencies or local governments", "Pháp nhân hành chính hoặc địa phương"),
    ("4-3", "The state or local governments", "Nhà nước hoặc địa phương"),
    ("4-4", "The state, administrative agencies or local governments",
     "Nhà nước, pháp nhân hành chính hoặc địa phương"),
    ("5", "Citizens", "Người dân"),
    ("6", "Businesses", "Doanh nghiệp"),
    ("7", "Citizens or businesses", "Người dân hoặc doanh nghiệp"),
]  # fmt: skip
STATUSES = [
    ("1", "Offered online", "Đã cung cấp trực tuyến"),
    ("2", "Not offered online", "Chưa cung cấp trực tuyến"),
    ("3", "Exempt", "Thuộc diện không áp dụng"),
    ("4", "Other", "Khác"),
    ("5", "Partly offered online", "Cung cấp trực tuyến một phần"),
]


def extract(path: Path) -> pd.DataFrame:
    """Count the procedures that are alike in ministry, kind, who acts, status and numbers of dossiers."""
    census = pd.read_parquet(path, columns=list(READ)).rename(columns=READ)
    if len(census) != PROCEDURES:
        raise ValueError(f"{path} holds {len(census):,} procedures, the census {PROCEDURES:,}")
    codes = {name: code for name, code, *_ in MINISTRIES}
    kept = census.assign(ministry=census["ministry"].astype(str).map(codes))
    for name in CODED:
        kept[name] = kept[name].astype(str).str.split().str[0].where(kept[name].notna(), "")
    keys = list(READ.values())
    counted = kept.groupby(keys, observed=True, sort=True).size().rename("procedures").reset_index()
    if kept["ministry"].isna().any() or counted["procedures"].sum() != PROCEDURES:
        raise ValueError(f"{path}: a ministry has no code, or procedures were lost")
    return counted


def listed(codes: list[tuple[str, str, str]]) -> list[dict[str, str]]:
    """Codes with their names."""
    return [{"value": code, "label": en, "label_vi": vi} for code, en, vi in codes]


def number(name: str, title: str, title_vi: str, description: str, least: int = 0) -> dict[str, Any]:
    """A column of whole numbers."""
    rules = {"required": True, "minimum": least}
    told = {"name": name, "type": "integer", "title": title, "title_vi": title_vi}
    return {**told, "description": description, "constraints": rules}


FIELDS = [
    {
        "name": "ministry",
        "type": "string",
        "title": "Ministry or agency in charge",
        "title_vi": "Bộ, cơ quan chủ quản",
        "constraints": {"required": True},
        "categories": listed([(code, en, vi) for _, code, en, vi in MINISTRIES]),
    },
    {
        "name": "kind",
        "type": "string",
        "title": "Kind of procedure",
        "title_vi": "Loại thủ tục",
        "description": "empty: not stated in the census",
        "categories": listed(KINDS),
        "missingValues": [""],
    },
    {
        "name": "actor",
        "type": "string",
        "title": "Who acts",
        "title_vi": "Bên thực hiện",
        "description": "applications by citizens are those of 5 and 7; empty: not stated in the census",
        "categories": listed(ACTORS),
        "missingValues": [""],
    },
    {
        "name": "status",
        "type": "string",
        "title": "Offered online",
        "title_vi": "Tình trạng cung cấp trực tuyến",
        "description": "empty: not stated in the census",
        "categories": listed(STATUSES),
        "missingValues": [""],
    },
    number("dossiers", "Dossiers in all", "Tổng số hồ sơ", "of each procedure of the row, in a year"),
    number("online", "Dossiers filed online", "Hồ sơ nộp trực tuyến", "of each procedure of the row"),
    number(
        "offline", "Dossiers not filed online", "Hồ sơ không nộp trực tuyến", "of each procedure of the row"
    ),
    number("procedures", "Procedures", "Số thủ tục", "how many procedures are alike in all other columns", 1),
]

DESCRIPTOR: dict[str, Any] = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "name": "procedures-japan",
    "title": "Japan’s census of administrative procedures: offered online, and dossiers filed online",
    "title_vi": "Tổng điều tra thủ tục hành chính Nhật Bản: cung cấp trực tuyến và hồ sơ nộp trực tuyến",
    "description": (
        "All 75,071 procedures under national law that the Digital Agency of Japan listed in its complete survey, "
        "published on 29 July 2025: which are offered online, and how many dossiers each had in all, online and not. "
        "Names, laws and systems are left out; procedures that are alike in the columns kept are one row with their "
        "number, so that no sum and no rate changes. In four rows (applications by businesses to the Ministry of "
        "Finance) the total is 0 though dossiers were filed online; in all others it is the sum of its parts. "
        "The agency itself calls the share of procedures offered “online rate” and the share of dossiers where "
        "offered “online use rate”. English and Vietnamese names of ministries and codes are ours."
    ),
    "description_vi": (
        "Toàn bộ 75.071 thủ tục theo pháp luật quốc gia trong cuộc tổng điều tra của Cơ quan Kỹ thuật số Nhật Bản, "
        "công bố ngày 29/7/2025: thủ tục nào được cung cấp trực tuyến, mỗi thủ tục có bao nhiêu hồ sơ, trong đó bao "
        "nhiêu nộp trực tuyến. Tên thủ tục, văn bản luật và hệ thống được lược bỏ; các thủ tục giống nhau ở những cột "
        "giữ lại được gộp thành một dòng kèm số lượng, nên không tổng và tỷ lệ nào thay đổi. Bốn dòng (hồ sơ của doanh "
        "nghiệp nộp Bộ Tài chính) ghi tổng bằng 0 dù có hồ sơ trực tuyến; ở các dòng khác, tổng đúng bằng tổng các "
        "phần. Chính cơ quan này gọi tỷ lệ thủ tục được cung cấp là “tỷ lệ trực tuyến hóa” và tỷ lệ hồ sơ của các thủ "
        "tục được cung cấp là “tỷ lệ sử dụng trực tuyến”. Tên tiếng Anh và tiếng Việt của "
        "các bộ và mã là của chúng tôi."
    ),
    "version": "1.0.0",
    "kind": "register",
    "simulated": False,
    "accessed": "2026-11-26",
    "period": "2024–2025",
    "register": {
        "online": "online",
        "offered": "status",
        "dossiers": "dossiers",
        "offline": "offline",
        "procedures": "procedures",
        "yes": {"status": ["1"]},
    },
    "licenses": [
        {
            "name": "PDL-1.0",
            "title": "Public Data License 1.0 (Japan), compatible with CC BY 4.0",
            "path": "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0",
        }
    ],
    "contributors": [
        {"title": "Digital Agency, Government of Japan", "roles": ["author"]},
        {"title": "The portal_analysis authors", "roles": ["dataCurator"]},
    ],
    "sources": [
        {
            "title": "Digital Agency: Results of the complete survey of procedures (in Japanese), 29 July 2025",
            "path": "https://www.digital.go.jp/resources/procedures-survey-results",
        },
        {
            "title": "Report on the agency’s slides of 25 August 2025, with its two rates (in Japanese)",
            "path": "https://www.kannaikaikei.jp/?p=15181",
        },
        {
            "title": "The same table in Parquet, as read by make.py",
            "path": "https://github.com/rtoki/japan-national-admin-procedures",
        },
    ],
    "resources": [
        {
            "name": "procedures",
            "path": "procedures.csv",
            "type": "table",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "schema": {"fields": FIELDS},
        }
    ],
}

if __name__ == "__main__":
    if len(sys.argv) > 1:
        table = extract(Path(sys.argv[1]))
        table.to_csv(HERE / "procedures.csv", index=False, encoding="utf-8", lineterminator="\n")
    write_descriptor(HERE, DESCRIPTOR)
