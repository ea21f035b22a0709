"""The report's own words in English and Vietnamese."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "title": {
        "en": "Use of online public services in Viet Nam and the shortcomings of the provincial portals",
        "vi": "Sử dụng dịch vụ công trực tuyến tại Việt Nam và hạn chế của các cổng dịch vụ công cấp tỉnh",
    },
    "contents": {"en": "Contents", "vi": "Mục lục"},
    "skip": {"en": "Skip to the text", "vi": "Chuyển đến nội dung"},
    "figure": {"en": "Figure", "vi": "Hình"},
    "table": {"en": "Table", "vi": "Bảng"},
    "numbers": {
        "en": "Description and numbers of figure {number}",
        "vi": "Mô tả và số liệu của hình {number}",
    },
    "behind": {"en": "Descriptions and numbers of the figures", "vi": "Mô tả và số liệu của các hình"},
    "annex": {"en": "Data, methods and licences", "vi": "Dữ liệu, phương pháp và giấy phép"},
    "annex lead": {
        "en": "Every figure and table was made by portal_analysis {version} from the datasets below. Beside this "
        "report, figures/ holds each picture as SVG, PDF and PNG, tables/ each table as CSV with its sources, and "
        "notebooks/ the notebooks as they ran.",
        "vi": "Mọi hình và bảng được tạo bằng portal_analysis {version} từ các bộ dữ liệu dưới đây. Cùng với báo cáo "
        "này, figures/ chứa các hình ở định dạng SVG, PDF và PNG, tables/ chứa các bảng ở định dạng CSV kèm nguồn, "
        "notebooks/ chứa các sổ tay đã chạy.",
    },
    "flags": {"en": "Numbers that need care", "vi": "Các số liệu cần thận trọng"},
    "flags lead": {
        "en": "These numbers carry a flag; what it means stands beside each.",
        "vi": "Các số liệu sau có ghi chú cảnh báo; ý nghĩa được nêu bên cạnh.",
    },
    "dataset": {"en": "Dataset", "vi": "Bộ dữ liệu"},
    "kind": {"en": "Kind", "vi": "Loại"},
    "licence": {"en": "Licence", "vi": "Giấy phép"},
    "simulated": {"en": "Simulated", "vi": "Mô phỏng"},
    "sources": {"en": "Publications", "vi": "Ấn phẩm"},
    "datasets": {"en": "Datasets used", "vi": "Các bộ dữ liệu được sử dụng"},
    "yes": {"en": "yes: not about Viet Nam", "vi": "có: không phản ánh Việt Nam"},
    "no": {"en": "no", "vi": "không"},
    "where": {"en": "Where", "vi": "Vị trí"},
    "number": {"en": "Number", "vi": "Số liệu"},
    "flag": {"en": "Why it needs care", "vi": "Lý do cần thận trọng"},
    "survey": {"en": "survey", "vi": "khảo sát"},
    "audit": {"en": "audit", "vi": "đánh giá"},
    "published": {"en": "published figures", "vi": "số liệu đã công bố"},
    "geography": {"en": "geography", "vi": "địa lý"},
    "standard": {"en": "standard", "vi": "tiêu chuẩn"},
}


def word(name: str, lang: str) -> str:
    """Return one of the report's words in a language."""
    return WORDS[name][lang]
