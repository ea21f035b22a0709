"""Small good files of every format that the package reads, and who reads each: what the mutations start from."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

import portal_analysis as pa
from portal_analysis import __main__ as command_line
from portal_analysis import datasets

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Seed:
    """A target of the fuzz: its file, other files beside it, how it is changed, and who reads it."""

    file: str
    content: bytes
    read: Callable[[Path], Any]
    how: str
    beside: tuple[tuple[str, bytes], ...] = ()


PEOPLE = pd.DataFrame(
    {
        "w": [1.0, 2.5, 1.0, 0.5, 1.0, 1.0],
        "st": [1, 1, 1, 2, 2, 2],
        "psu": [1, 1, 2, 3, 3, 4],
        "tinh": ["Hà Nội", "Hà Nội", "Huế", "Sơn La", "Sơn La", "Cần Thơ"],
        "dung": [1.0, 0.0, 1.0, 1.0, 0.0, 9.0],
        "ngay": pd.to_datetime(["2024-05-01"] * 6),
    }
)


def survey(path: Path) -> Any:
    table = pa.read_survey(
        path, pa.Design("w", strata="st", psu="psu"), yes={"dung": 1}, missing={"dung": [9]}
    )
    return pa.proportion(table, "dung", by="tinh")


def lone(path: Path) -> Any:
    return pa.questions(pa.read_survey(path, pa.Design()))


def audit(path: Path) -> Any:
    return pa.read_audit(path)


def folder_of_audit(path: Path) -> Any:
    return pa.read_audit(path.parent)


def dataset(path: Path) -> Any:
    command_line.main(["--debug", "check", str(path.parent)])
    found = datasets.dataset(path.parent)
    return found.citation("vi"), pa.load_tables(path.parent)


def every_dataset(path: Path) -> Any:
    os.environ[datasets.DATA_VARIABLE] = str(path.parent.parent)
    try:
        return pa.sources()
    finally:
        os.environ.pop(datasets.DATA_VARIABLE)


def mapped(path: Path) -> Any:
    return pa.read_audit(path.parent / "rubric.csv", mapping=path)


def with_manifest(path: Path) -> Any:
    return pa.read_audit(path.parent / "axe.json", manifest=path)


def of_one_portal(path: Path) -> Any:
    manifest = pd.DataFrame({"file": [path.name], "url": ["https://dvc.example.vn/"]})
    return pa.read_audit(path, manifest=manifest)


def settings(path: Path) -> Any:
    from portal_analysis.report.settings import read_settings

    return read_settings(path.parent, "vi")


def provinces(path: Path) -> Any:
    names = path.read_text("utf-8", errors="surrogateescape").split("\n")
    return pa.provinces.code(pd.Series(names, dtype=object))


def outlines(path: Path) -> Any:
    os.environ[datasets.DATA_VARIABLE] = str(path.parent.parent)
    try:
        return pa.provinces.boundaries(63), pa.provinces.code("Hà Nội")
    finally:
        os.environ.pop(datasets.DATA_VARIABLE)


def claims(path: Path) -> Any:
    return pa.propose_claims(path.read_text("utf-8", errors="replace"), lang="vi")


def own_path(path: Path) -> Any:
    """Take the file's text as a path, for every door of the package."""
    name = path.read_bytes().decode("utf-8", "surrogateescape")
    doors: tuple[Callable[[Any], Any], ...] = (
        pa.read_survey,
        pa.read_audit,
        pa.load_tables,
        pa.read_register,
    )
    for door in (*doors, pa.load_survey, lambda one: pa.read_audit(path, mapping=one)):
        try:
            door(name)
        except pa.Error:
            continue


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8")


def _written(write: Callable[[str], Any], ending: str) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / f"a{ending}")
        write(path)
        return Path(path).read_bytes()


def _workbook(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.to_excel(stream, index=False, sheet_name="Phiếu")
    return stream.getvalue()


def _files_of_surveys() -> dict[str, Seed]:
    import pyreadstat

    labels: dict[str, Any] = {"column_labels": ["Trọng số", "", "", "Tỉnh", "Dùng", "Ngày"]}
    named = {"dung": {1: "Có", 0: "Không", 9: "Không trả lời"}}
    sav = _written(
        lambda path: pyreadstat.write_sav(PEOPLE, path, variable_value_labels=named, **labels), ".sav"
    )
    zsav = _written(lambda path: pyreadstat.write_sav(PEOPLE, path, compress=True, **labels), ".zsav")
    dta = _written(
        lambda path: pyreadstat.write_dta(PEOPLE, path, variable_value_labels=named, **labels), ".dta"
    )
    text = PEOPLE.to_csv(index=False).encode("utf-8")
    return {
        "csv": Seed("a.csv", text, survey, "text"),
        "csv-bytes": Seed("a.csv", text, lone, "bytes"),
        "xlsx": Seed("a.xlsx", _workbook(PEOPLE), survey, "zip"),
        "sav": Seed("a.sav", sav, survey, "bytes"),
        "zsav": Seed("a.zsav", zsav, lone, "bytes"),
        "dta": Seed("a.dta", dta, survey, "bytes"),
        "parquet": Seed(
            "a.parquet", _written(lambda path: PEOPLE.to_parquet(path), ".parquet"), survey, "bytes"
        ),
    }


PA11Y_CSV = (
    b'"type","code","message","context","selector"\n'
    b'"error","WCAG2AA.Principle1.Guideline1_1.1_1_1.H37","m","<img alt=\\"\\">","#a"\n'
)


def _files_of_audits() -> dict[str, Seed]:
    from tests.audit.readers import (
        conftest,
        test_csv_of_tools,
        test_formats,
        test_lighthouse,
        test_runs,
        test_wcag_em,
    )
    from tests.audit.readers.test_pa11y import PAGE
    from tests.audit.readers.test_rubric import WIDE

    axe = as_json(conftest.axe_result.__wrapped__())
    lighthouse = test_lighthouse.report.__wrapped__()
    documents = {
        "axe": axe,
        "lighthouse": as_json(lighthouse),
        "pa11y": as_json(PAGE),
        "oobee": as_json(test_formats.oobee_result(True)),
        "ibm": as_json(test_formats.IBM),
        "eu": as_json(test_formats.EU),
        "wcag-em": as_json(test_wcag_em.SECOND),
        "earl": as_json(test_runs.EARL),
    }
    texts = {
        "lighthouse-csv": test_lighthouse.CSV.encode(),
        "oobee-csv": test_csv_of_tools.OOBEE.encode(),
        "cwac": test_csv_of_tools.CWAC.encode(),
        "rubric": WIDE.encode(),
    }
    rubric = pd.DataFrame(
        {"Tỉnh": ["Hà Nội", "Huế", "Sơn La"], "Tra cứu": ["Đạt", "Chưa đạt", ""], "Ngày": ["2024-05-01"] * 3}
    )
    cells = [test_formats.row(*map(test_formats.cell, one)) for one in (rubric.columns, *rubric.to_numpy())]
    plain = rubric[["Tỉnh", "Tra cứu"]].set_axis(["tinh", "tracuu"], axis=1)
    manifest = (
        b"file,portal_id,round,tool,status\naxe.json,hue,2024,axe-core,ok\n,hanoi,2024,axe-core,error\n"
    )
    mapping = (
        b'shape = "wide"\ngood_from = "co"\nlevels = ["khong", "co"]\nignore = ["Ghi chu"]\n'
        b'file_pattern = "(?P<round>\\\\d{4})"\n'
        b'[columns]\nportal = "Tinh"\n[values]\nround = "2024"\n[criteria]\n'
        b'"Tra cuu" = "search"\n"Lien he" = "contact"\n'
    )
    sheet = b"Tinh,Tra cuu,Lien he,Ghi chu\nHue,co,khong,a\nHa Noi,khong,,b\n"
    return {
        **{name: Seed("a.json", content, audit, "json") for name, content in documents.items()},
        **{name: Seed("a.csv", content, audit, "text") for name, content in texts.items()},
        "observatory": Seed("a.json", as_json(test_formats.OBSERVATORY), of_one_portal, "json"),
        "pa11y-csv": Seed("a.csv", PA11Y_CSV, of_one_portal, "text"),
        "axe-bytes": Seed("a.json", axe, audit, "bytes"),
        "rubric-xlsx": Seed("a.xlsx", _workbook(rubric), audit, "zip"),
        "rubric-ods": Seed(
            "a.ods", _written(lambda path: test_formats.ods(Path(path), "".join(cells)), ".ods"), audit, "zip"
        ),
        "rubric-dta": Seed(
            "a.dta",
            _written(lambda path: plain.to_stata(path, write_index=False, version=118), ".dta"),
            audit,
            "bytes",
        ),
        "manifest": Seed("manifest.csv", manifest, with_manifest, "text", (("axe.json", axe),)),
        "mapping": Seed("mapping.toml", mapping, mapped, "text", (("rubric.csv", sheet),)),
        "mapping-json": Seed(
            "mapping.json", as_json(_as_value(mapping)), mapped, "json", (("rubric.csv", sheet),)
        ),
    }


def _as_value(text: bytes) -> Any:
    import tomllib

    return tomllib.loads(text.decode("utf-8"))


def _tidy_audit() -> dict[str, Seed]:
    folder = ROOT / "data" / "portal-review-simulated"
    kept = {
        "judgements.csv": 40,
        "portals.csv": 70,
        "criteria.csv": 80,
        "pages.csv": 30,
        "feedback_items.csv": 20,
    }
    files = {
        name: b"\n".join((folder / name).read_bytes().split(b"\n")[:lines]).rstrip(b"\n") + b"\n"
        for name, lines in kept.items()
    }
    files["about.csv"] = b"portal_analysis audit,value\nsource,mine\nsimulated,true\n"
    return {
        f"tidy-{name.split('.')[0]}": Seed(
            name,
            content,
            folder_of_audit,
            "text",
            tuple((other, one) for other, one in files.items() if other != name),
        )
        for name, content in files.items()
    }


SHARE = {"name": "share", "type": "number", "constraints": {"minimum": 0, "maximum": 1}}
OWN = {
    "survey": (
        {"people.csv": PEOPLE.drop(columns="ngay").to_csv(index=False).encode()},
        [
            *(
                {"name": name, "type": kind}
                for name, kind in (("w", "number"), ("st", "integer"), ("psu", "integer"))
            ),
            {
                "name": "tinh",
                "title": "Province",
                "title_vi": "Tỉnh",
                "constraints": {"pattern": "[^0-9]+", "maxLength": 20},
            },
            {"name": "dung", "type": "number", "missingValues": ["", {"value": "9", "label": "none"}]},
        ],
        {"design": {"weights": "w", "strata": "st", "psu": "psu"}, "min_n": 2},
    ),
    "geography": (
        {"figures.csv": b"figure_id,share,day,ok\na,0.5,2024-01-02,true\nb,0.25,2024-01-03,false\n"},
        [
            {"name": "figure_id", "constraints": {"unique": True, "required": True}},
            SHARE,
            {"name": "day", "type": "date"},
            {"name": "ok", "type": "boolean"},
        ],
        {
            "labels": {
                "figure_id": {
                    "resource": "figures",
                    "value": "figure_id",
                    "en": "figure_id",
                    "vi": "figure_id",
                }
            }
        },
    ),
}


def _datasets() -> dict[str, Seed]:
    found = {}
    for kind, (files, fields, more) in OWN.items():
        (name,) = files
        stem = name.split(".")[0]
        description = {
            **{"name": "toy", "title": "A toy", "title_vi": "Đồ chơi", "kind": kind, "simulated": False},
            **{"licenses": [{"name": "CC0-1.0"}], "contributors": [{"title": "Somebody"}]},
            **{"sources": [{"title": "Where", "path": "https://example.org"}], **more},
            "resources": [
                {
                    **{"name": stem, "path": name, "format": "csv", "title": "T"},
                    "schema": {
                        "fields": fields,
                        "primaryKey": [fields[0]["name"]] if kind == "geography" else [],
                    },
                }
            ],
        }
        if kind == "survey":
            description["resources"][0]["schema"].pop("primaryKey")
        beside = tuple(files.items())
        found[f"descriptor-{kind}"] = Seed(
            "toy/datapackage.json", as_json(description), dataset, "json", beside
        )
        table = (("datapackage.json", as_json(description)),)
        found[f"table-{kind}"] = Seed(f"toy/{name}", files[name], dataset, "text", table)
        found[f"sources-{kind}"] = Seed(
            "toy/datapackage.json", as_json(description), every_dataset, "json", beside
        )
    for name in ("egi-chile", "procedures-japan", "portal-review-published"):
        folder = ROOT / "data" / name
        beside = tuple(
            (one.name, b"\n".join(one.read_bytes().split(b"\n")[:30]).rstrip(b"\n") + b"\n")
            for one in sorted(folder.glob("*.csv"))
        )
        text = json.loads((folder / "datapackage.json").read_text("utf-8"))
        for resource in text["resources"]:
            resource.pop("hash", None)
        text.pop("seal", None)
        found[f"descriptor-{name}"] = Seed(f"{name}/datapackage.json", as_json(text), dataset, "json", beside)
    return found


@cache
def seeds() -> dict[str, Seed]:
    """Return every target by its name."""
    names = "\n".join(
        ["Hà Nội", "TP. Hồ Chí Minh", "01", "79", "Thua Thien Hue", "VN-HN", "Đắk Lắk", "Bà Rịa - Vũng Tàu"]
    )
    text = (
        "Năm 2024, 45,3% người dân (1.234 trong 2,7 nghìn hồ sơ) dùng dịch vụ công, tăng 3 điểm so với 2023."
    )
    report = b'title = "Bao cao"\nauthors = ["Lan"]\ninstitution = "X"\ndate = "2024"\naccent = "#123456"\n'
    map_folder = ROOT / "data" / "provinces"
    return {
        **_files_of_surveys(),
        **_files_of_audits(),
        **_tidy_audit(),
        **_datasets(),
        "provinces": Seed("names.txt", names.encode(), provinces, "text"),
        "claims": Seed("text.txt", text.encode(), claims, "text"),
        "settings": Seed("report.toml", report, settings, "text"),
        "path": Seed("path.txt", b"data/khao sat.csv", own_path, "text"),
        "outlines": Seed(
            "provinces/datapackage.json",
            (map_folder / "datapackage.json").read_bytes(),
            outlines,
            "json",
            tuple(
                (one.name, one.read_bytes())
                for one in sorted(map_folder.iterdir())
                if one.name != "datapackage.json"
            ),
        ),
    }
