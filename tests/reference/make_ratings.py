"""Write ratings.csv: small tables of ratings typed by hand, for agreement.R and tests/audit/test_coefficients.py."""

from __future__ import annotations

from pathlib import Path

TABLES = {
    # K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section E: one column a unit
    "five-levels": (5, ["12332141 2...", "12332241 25.3", ".33323422 51.", "12332441 251."]),
    # 63 portals, 61 of them both "no", 2 differ
    "paradox": (2, ["1" * 61 + "21", "1" * 61 + "12"]),
    "two-levels": (2, ["1122122211", "1121122112"]),
    "two-levels-missing": (2, ["11221.2211", "1.21122112", "112.2221.2"]),
    "three-levels": (3, ["123123311221", "123223211321", "113123321221"]),
    "three-levels-missing": (3, ["123.23311221", "12322321132.", "...123321221", "3.......1.2."]),
    "four-levels-one-unused": (4, ["112241124", "1.224112.", "11224.144"]),
    "five-levels-rated-once": (5, ["1234551.2", "12.45523.", "2.3455145"]),
    "pair-missing": (3, ["1231.3312.", "12223.31.1"]),
}


def main() -> None:
    rows = ["table,levels,unit,rater,rating"]
    for name, (levels, raters) in TABLES.items():
        for rater, ratings in enumerate(raters):
            for unit, rating in enumerate(ratings.replace(" ", "")):
                rows.append(f"{name},{levels},{unit + 1},{rater + 1},{'' if rating == '.' else rating}")
    Path(__file__).with_name("ratings.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
