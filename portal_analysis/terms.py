"""Words that this package itself puts into tables: names of its indicators, rules and outcomes.

Hands on :func:`term`, to which labels fall back where no codebook of a dataset knows a word.
"""

from __future__ import annotations

from collections.abc import Mapping

INDICATORS: Mapping[str, Mapping[str, str]] = {
    "coverage": {
        "en": "Judged, out of what was to be judged",
        "vi": "Đã đánh giá trên tổng số phải đánh giá",
    },
    "number of shortcomings": {"en": "Number of shortcomings", "vi": "Số hạn chế"},
    "visits": {"en": "Visits to pages that succeeded", "vi": "Lượt truy cập trang thành công"},
    "shortcoming": {"en": "Portals with the shortcoming", "vi": "Cổng có hạn chế"},
    "co-occurrence": {"en": "Portals with both shortcomings", "vi": "Cổng có cả hai hạn chế"},
    "feedback": {"en": "Feedback items that speak of it", "vi": "Ý kiến phản ánh có đề cập"},
    "coders agree": {
        "en": "Feedback items on which all coders agree",
        "vi": "Ý kiến phản ánh được mọi người mã hóa gắn mã như nhau",
    },
    "precision": {
        "en": "Precision of the keywords",
        "vi": "Độ chính xác của từ khóa",
    },
    "recall": {"en": "Recall of the keywords", "vi": "Độ bao quát của từ khóa"},
    "percent agreement": {"en": "Agreement of assessors", "vi": "Tỷ lệ nhất trí giữa những người đánh giá"},
    "AC1": {"en": "Gwet’s AC1", "vi": "Hệ số AC1 của Gwet"},
    "Fleiss kappa": {"en": "Fleiss’ kappa", "vi": "Hệ số kappa của Fleiss"},
    "Krippendorff alpha": {"en": "Krippendorff’s alpha", "vi": "Hệ số alpha của Krippendorff"},
}

RULES: Mapping[str, Mapping[str, str]] = {
    "any": {"en": "at least one criterion not met", "vi": "có ít nhất một tiêu chí chưa đạt"},
    "share": {
        "en": "mean defect reaches the threshold",
        "vi": "mức khiếm khuyết bình quân đạt ngưỡng",
    },
    "severity": {
        "en": "weighted mean defect reaches the threshold",
        "vi": "mức khiếm khuyết bình quân có trọng số đạt ngưỡng",
    },
}

OUTCOMES: Mapping[str, Mapping[str, str]] = {
    "met": {"en": "met", "vi": "đạt"},
    "partly": {"en": "partly met", "vi": "đạt một phần"},
    "not_met": {"en": "not met", "vi": "chưa đạt"},
    "audited": {"en": "audited", "vi": "đã đánh giá"},
    "cant_tell": {"en": "cannot tell", "vi": "không xác định được"},
    "not_applicable": {"en": "not applicable", "vi": "không áp dụng"},
    "not_tested": {"en": "not tested", "vi": "chưa kiểm tra"},
    "error": {"en": "error", "vi": "lỗi"},
    "no_record": {"en": "no record", "vi": "không có ghi nhận"},
    "ok": {"en": "reached", "vi": "truy cập được"},
    "unreachable": {"en": "not reachable", "vi": "không truy cập được"},
    "not_run": {"en": "not run", "vi": "chưa chạy"},
    "unknown": {"en": "not known whether reached", "vi": "không rõ có truy cập được không"},
}

KINDS: Mapping[str, Mapping[str, str]] = {
    "expert": {"en": "expert", "vi": "chuyên gia"},
    "disabled user": {"en": "user with a disability", "vi": "người dùng là người khuyết tật"},
    "minority user": {"en": "ethnic-minority user", "vi": "người dùng là người dân tộc thiểu số"},
    "citizen": {"en": "citizen", "vi": "người dân"},
    "tool": {"en": "tool", "vi": "công cụ tự động"},
}

VALUES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "indicator": INDICATORS,
    "rule": RULES,
    "kind": KINDS,
    **dict.fromkeys(("outcome", "reason", "verdict", "vote", "status"), OUTCOMES),
}
"""Column → code → its name in each language."""

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "rule": {"en": "rule", "vi": "quy tắc"},
    "reason": {"en": "what became of it", "vi": "tình trạng"},
    "outcome": {"en": "outcome", "vi": "kết quả"},
    "verdict": {"en": "verdict", "vi": "kết luận"},
    "vote": {"en": "vote", "vi": "ý kiến"},
    "kind": {"en": "assessors", "vi": "người đánh giá"},
    "assessor_id": {"en": "assessor", "vi": "người đánh giá"},
    "portal_id": {"en": "portal", "vi": "cổng"},
    "criterion_id": {"en": "criterion", "vi": "tiêu chí"},
    "with_shortcoming": {"en": "together with", "vi": "cùng với hạn chế"},
    "left_out": {"en": "criterion left out", "vi": "tiêu chí bị loại"},
    "codebook": {"en": "version of the codebook", "vi": "phiên bản bảng mã"},
    "item_id": {"en": "item", "vi": "ý kiến"},
    "text": {"en": "text", "vi": "nội dung"},
    "portal": {"en": "portal", "vi": "cổng"},
    "recomputed": {"en": "recomputed", "vi": "tính lại"},
    "equal": {"en": "equal", "vi": "trùng khớp"},
    "dissent": {"en": "share of votes against", "vi": "tỷ lệ ý kiến khác"},
    "jaccard": {"en": "Jaccard", "vi": "hệ số Jaccard"},
    "p_holm": {"en": "p (Holm)", "vi": "p (hiệu chỉnh Holm)"},
    "change": {"en": "change", "vi": "thay đổi"},
    "shortcomings": {"en": "coded as", "vi": "mã hạn chế"},
    "tie": {"en": "tie", "vi": "ngang phiếu"},
    "undecided": {"en": "undecided", "vi": "chưa kết luận được"},
}
"""Column → its own name in each language."""


SAME_CODES: Mapping[str, str] = {"with_shortcoming": "shortcoming", "left_out": "criterion_id"}
"""Columns whose codes are those of another column, and are named as there."""


def term(column: str, value: str | None, lang: str) -> str:
    """Return the package's own name of a code in a column, or of the column; empty if it has none.

    Parameters
    ----------
    column : str
        A column of a table of this package.
    value : str or None
        A code; None for the column itself.
    lang : {"en", "vi"}
        The language.
    """
    named = COLUMNS.get(column, {}) if value is None else VALUES.get(column, {}).get(value, {})
    return named.get(lang, "")
