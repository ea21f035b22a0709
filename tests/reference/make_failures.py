"""Write failures.csv: which criteria fail on which pages, typed by hand, for pages.R and tests/audit/test_unseen.py."""

from __future__ import annotations

from pathlib import Path

TABLES = {
    "usual": ["111111", "110000", "010010", "000100", "100000", "000001", "001100", "111000", "000000"],
    "none-twice": ["11110", "10000", "00100", "00001", "01111"],
    "none-once": ["1100", "0110", "1111"],
    "two-pages": ["11", "10", "01", "10"],
    "many": ["0100010001", "1000000000", "0010000000", "0000000001", "1111111111", "0110000000", "0001100000",
             "0000001100", "0000000010", "1110001110", "0000010000", "0000000000"],
}  # fmt: skip


def main() -> None:
    rows = ["table,criterion,page,fails"]
    for name, criteria in TABLES.items():
        for place, pages in enumerate(criteria):
            rows += [f"{name},c{place + 1},{page + 1},{fails}" for page, fails in enumerate(pages)]
    Path(__file__).with_name("failures.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
