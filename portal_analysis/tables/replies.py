"""How people's files write yes, no and no answer, in English and Vietnamese.

Hands on what a label or a cell of text says; used where a file's own words must be understood, never to print.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

YES = frozenset({"yes", "y", "true", "có", "co", "vâng", "đúng", "rồi"})
NO = frozenset({"no", "n", "false", "không", "khong", "ko", "sai", "chưa", "chua"})
NO_ANSWER = frozenset(
    {
        *("na", "n/a", "#n/a", "nan", "nap", "null", "none", "missing", "not applicable", "not available"),
        *("dk", "kb", "ktl", "kb/tc", "kb/ktl", "rf", "ref", "dk/na", "dk/rf", "dk/ref", "dk/nr", "nr"),
        *("don't know", "dont know", "do not know", "doesn't know", "does not know", "unknown", "unsure"),
        *("refused", "refuse", "refuse to answer", "refused to answer", "prefer not to say", "not asked"),
        *("prefer not to answer", "no answer", "no response", "not stated", "not sure", "can't say", "skip"),
        *(
            "cannot say",
            "system missing",
            "không biết",
            "khong biet",
            "không rõ",
            "khong ro",
            "không trả lời",
        ),
        *("khong tra loi", "từ chối", "tu choi", "từ chối trả lời", "không áp dụng", "không có thông tin"),
        *("không muốn trả lời", "không ý kiến", "không nhớ", "chưa rõ", "thiếu", "bỏ qua"),
    }
)
"""Labels and cells that say, in so many words, that there is no answer."""
BLANK_WORDS = (
    *("NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "None", "KTL", "KB"),
    *(".", "..", "...", "…", "-", "--"),
)
"""What programs and people write into a cell of text that holds nothing."""
NUMBERED = re.compile(r"^\s*[(\[]?-?\d+[)\].:]?\s*[-–=.:)]?\s+|^\s*[(\[]?-?\d+\s*[).:=]\s*")
NEGATION = re.compile(
    r"^(không|khong|chưa|chua|no|not|never|non)[\s,:;-]+(?=\S)|^(không|khong|chưa|chua|no|not)$"
)
AFFIRMATION = re.compile(r"^(có|co|yes|đã|vâng|true|đúng)\b")
SPLIT_ANSWERS = re.compile(r"\s*/\s*|\s*,\s*|\s+or\s+|\s+hoặc\s+|\s*;\s*")


def plainly(label: str) -> str:
    """Return a label without its number, outer blanks and marks, in small letters and composed Unicode."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", str(label)).replace("’", "'"))
    shown = NUMBERED.sub("", text, count=1) or text
    return " ".join(shown.casefold().split()).strip(" .!?:;-–()[]\"'")


def is_yes_or_no(label: str) -> bool:
    """Tell whether a label is Yes or No and nothing else."""
    return plainly(label) in YES | NO


def says_no_answer(label: str) -> bool:
    """Tell whether a label says that there is no answer: "Don't know", "Từ chối", "KB/TC", "NA"."""
    said = plainly(label)
    parts = [part for part in SPLIT_ANSWERS.split(said) if part]
    return said in NO_ANSWER or (len(parts) > 1 and all(part in NO_ANSWER | {"tc", "ktl"} for part in parts))


def code_of_yes(said: Mapping[Any, str]) -> Any | None:
    """Return the code of Yes if of two labelled codes one is Yes and one is No; None if they are 1 and 0.

    Examples
    --------
    >>> code_of_yes({1: "Có", 2: "Không"})
    1
    """
    yes = [code for code, label in said.items() if plainly(label) in YES]
    no = [code for code, label in said.items() if plainly(label) in NO]
    coded = {str(code).removesuffix(".0") for code in said}
    if len(said) != 2 or len(yes) != 1 or len(no) != 1 or coded == {"0", "1"}:
        return None
    return yes[0]


def speaks_against(zero: str, one: str) -> bool:
    """Tell whether the labels of 0 and 1 say that 0 is the yes and 1 the no.

    Examples
    --------
    >>> speaks_against("Có sử dụng", "Không sử dụng"), speaks_against("Không", "Có")
    (True, False)
    """
    low, high = plainly(zero), plainly(one)
    negative = high in NO or NEGATION.match(high) is not None
    if not negative or low in NO or NEGATION.match(low):
        return False
    return low in YES or AFFIRMATION.match(low) is not None or NEGATION.sub("", high, count=1) == low
