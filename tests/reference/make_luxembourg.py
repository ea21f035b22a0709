"""Write luxembourg.csv from the five web audits of 2025 that Luxembourg's Information and Press Service published.

python make_luxembourg.py FOLDER reads the JSON of the audits by RAWeb 1 (EU monitoring method) in FOLDER. One row a
criterion, one letter a page: C conforms, N does not, A not applicable, T not tested. MIT licence, Copyright (c)
Information and Press Service, Luxembourg; the notice stands in luxembourg_licence.txt.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

LETTERS = {"C": "C", "NC": "N", "NA": "A", "NT": "T"}


def main(folder: Path) -> None:
    rows = ["audit,criterion,pages"]
    for place, path in enumerate(sorted(folder.glob("*RAWeb*.json"))):
        pages = json.loads(path.read_text("utf-8"))["pages"]
        status = [
            {one["criterion"]["number"]: one["status"]["name"] for one in page["assessments"]}
            for page in pages
        ]
        for criterion in status[0]:
            rows.append(f"{place + 1},{criterion},{''.join(LETTERS[page[criterion]] for page in status)}")
    Path(__file__).with_name("luxembourg.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
