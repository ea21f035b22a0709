"""An audit in files: tidy CSV, a workbook to hand on, and linked data for the WCAG-EM Report Tool.

Hands on files that :func:`~portal_analysis.audit.readers.read_audit` reads back without loss (CSV, workbook), and EARL
assertions in JSON-LD that other tools read.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from portal_analysis.audit import wcag
from portal_analysis.audit.judgements import Audit
from portal_analysis.audit.readers.tidy import ABOUT, CONTROL, MARK, safe

MOST_ROWS = 1_048_575
"""Rows below the header that a sheet of a workbook can hold."""

LONGEST_CELL = 32_000
"""Characters that a cell of a workbook can hold, with room for escapes."""

EARL = {
    "met": "passed",
    "partly": "failed",
    "not_met": "failed",
    "cant_tell": "cantTell",
    "not_applicable": "inapplicable",
    "not_tested": "untested",
    "error": "untested",
}
"""EARL's word for each outcome. EARL knows no middle: a criterion that is partly met is not met, and the
description says so; a look that broke off is untested."""

_BROKEN = re.compile(r"[\x00\ud800-\udfff]")


class WriteError(ValueError):
    """An audit cannot be written in this form."""


def write_audit(audit: Audit, path: str | Path) -> Path:
    """Write a whole audit for ``read_audit``: a workbook if the path ends in ``.xlsx``, else a folder of CSV.

    Parameters
    ----------
    audit : Audit
    path : str or Path
        Where; the folder is made if it is not there.

    Returns
    -------
    Path
        The workbook or folder.

    Raises
    ------
    WriteError
        If a table is too long, or a text too long or broken, for the form.

    Notes
    -----
    Texts that a spreadsheet would take for formulas (``= + - @``) get an apostrophe, which is taken away on
    reading. The tables of an audit come back as they were; columns of a researcher's own come back as text.
    """
    path = Path(path)
    if path.suffix.lower() == ".xlsx":
        return _write_workbook(audit, path)
    path.mkdir(parents=True, exist_ok=True)
    for name, frame in _tables(audit).items():
        with (path / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            frame.to_csv(stream, index=False, lineterminator="\n")
    return path


def _tables(audit: Audit) -> dict[str, pd.DataFrame]:
    """The tables that hold something, as safe text, the description of the whole first."""
    said = [("source", audit.source), ("simulated", "true" if audit.simulated else "false")]
    about = pd.DataFrame(said, columns=[MARK, "value"])
    filled = {name: frame for name, frame in audit.tables().items() if len(frame)}
    faults: list[str] = []
    texts = {name: _as_text(name, frame, faults) for name, frame in {ABOUT: about, **filled}.items()}
    if faults:
        raise WriteError("the audit cannot be written:\n" + "\n".join(f"- {fault}" for fault in faults))
    return texts


def _as_text(table: str, frame: pd.DataFrame, faults: list[str]) -> pd.DataFrame:
    """Every cell as text that reads back as it was: missing is empty, numbers with all digits, ISO dates."""
    written = {}
    for column in frame.columns:
        values = frame[column]
        if pd.api.types.is_datetime64_any_dtype(values):
            cells = [None if pd.isna(value) else value.isoformat() for value in values]
        elif pd.api.types.is_float_dtype(values):
            cells = [None if pd.isna(value) else repr(float(value)) for value in values]
        elif pd.api.types.is_integer_dtype(values):
            cells = [None if pd.isna(value) else str(int(value)) for value in values]
        else:
            cells = _safe_texts(values, f"{table}.{column}", faults)
        written[str(column)] = pd.Series(cells, dtype=object)
    return pd.DataFrame(written).fillna("")


def _safe_texts(values: pd.Series, place: str, faults: list[str]) -> list[str | None]:
    codes, distinct = pd.factorize(values.astype(object))
    safely = [safe(str(value)) for value in distinct]
    if any(_BROKEN.search(text) for text in safely):
        faults.append(f"{place} holds characters that are no Unicode text")
    return [None if code < 0 else safely[code] for code in codes]


def _looks_escaped(text: str) -> bool:
    """Would a workbook's reader take this text for the spelling of another?"""
    return "_x" in text and (CONTROL.search(text) is not None or "x005F_" in text or "x005f_" in text)


def _write_workbook(audit: Audit, path: Path) -> Path:
    import xlsxwriter

    tables = _tables(audit)
    faults = [
        f"{name} has {len(one):,} rows; a sheet holds {MOST_ROWS:,}"
        for name, one in tables.items()
        if len(one) > MOST_ROWS
    ]
    for name, one in tables.items():
        spelled = [column for column in one.columns if one[column].map(_looks_escaped).any()]
        faults += [f"{name}.{column} holds text that looks like an escape of workbooks" for column in spelled]
        long = [column for column in one.columns if one[column].str.len().max() > LONGEST_CELL]
        faults += [
            f"{name}.{column} holds more than {LONGEST_CELL:,} characters in a cell" for column in long
        ]
    if faults:
        listed = "\n".join(f"- {fault}" for fault in faults)
        raise WriteError(
            f"the audit does not fit into a workbook; write it to a folder of CSV files:\n{listed}"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    texts_only = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), texts_only) as book:
        book.set_properties({"title": "Audit of portals", "created": datetime.datetime(2000, 1, 1)})
        heading = book.add_format({"bold": True})
        for name, frame in tables.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, list(frame.columns), heading)
            for column, values in enumerate(frame.to_numpy(dtype=object).T):
                for row, text in enumerate(values, start=1):
                    if text:
                        sheet.write_string(row, column, text)
    return path


# ---------------------------------------------------------------------------------------------- EARL


def write_earl(audit: Audit, folder: str | Path, form: Literal["wcag-em", "earl"] = "wcag-em") -> list[Path]:
    """Write the judgements as EARL assertions in JSON-LD.

    Parameters
    ----------
    audit : Audit
    folder : str or Path
        Where the files go; it is made if it is not there.
    form : {"wcag-em", "earl"}
        ``wcag-em``: one file a portal, round and assessor that the WCAG-EM Report Tool opens, with the
        judgements on WCAG success criteria. ``earl``: one file with all judgements on all criteria.

    Returns
    -------
    list of Path
        The files, in order.

    Raises
    ------
    WriteError
        If there is no judgement to write, or two portals would get one file name.

    Notes
    -----
    EARL has no middle level and no broken look; see :data:`EARL`.
    """
    folder = Path(folder)
    documents = _evaluations(audit) if form == "wcag-em" else {"assertions.jsonld": _assertions(audit)}
    if not documents or not len(audit.judgements):
        raise WriteError("the audit holds no judgement on a WCAG success criterion (criteria.wcag_sc)")
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in sorted(documents):
        path = folder / name
        text = json.dumps(documents[name], ensure_ascii=False, indent=2) + "\n"
        path.write_text(text, encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


CONTEXT: dict[str, Any] = {
    "dcterms": "http://purl.org/dc/terms/",
    "earl": "http://www.w3.org/ns/earl#",
    "wcagem": "http://www.w3.org/TR/WCAG-EM/#",
    "WAI": "http://www.w3.org/WAI/",
    "WCAG20": "http://www.w3.org/TR/WCAG20/#",
    "WCAG21": "http://www.w3.org/TR/WCAG21/#",
    "WCAG22": "http://www.w3.org/TR/WCAG22/#",
    "id": "@id",
    "type": "@type",
    "language": "@language",
    "title": "dcterms:title",
    "description": "dcterms:description",
    "summary": "dcterms:summary",
    "date": "dcterms:date",
    "isPartOf": "dcterms:isPartOf",
    "Evaluation": "wcagem:procedure",
    "defineScope": "wcagem:step1",
    "scope": "wcagem:step1a",
    "step1b": {"@id": "wcagem:step1b", "@type": "@id"},
    "conformanceTarget": "step1b",
    "accessibilitySupportBaseline": "wcagem:step1c",
    "additionalEvaluationRequirements": "wcagem:step1d",
    "exploreTarget": "wcagem:step2",
    "essentialFunctionality": "wcagem:step2b",
    "pageTypeVariety": "wcagem:step2c",
    "technologiesReliedUpon": "wcagem:step2d",
    "selectSample": "wcagem:step3",
    "structuredSample": "wcagem:step3a",
    "randomSample": "wcagem:step3b",
    "Website": "wcagem:website",
    "Webpage": "wcagem:webpage",
    "auditSample": "wcagem:step4",
    "reportFindings": "wcagem:step5",
    "documentSteps": "wcagem:step5a",
    "commissioner": "wcagem:commissioner",
    "evaluator": "wcagem:evaluator",
    "evaluationSpecifics": "wcagem:step5b",
    "wcagVersion": "WAI:standards-guidelines/wcag/#versions",
    "Assertion": "earl:Assertion",
    "TestCriterion": "earl:TestCriterion",
    "TestRequirement": "earl:TestRequirement",
    "TestSubject": "earl:TestSubject",
    "TestResult": "earl:TestResult",
    "OutcomeValue": "earl:OutcomeValue",
    "Pass": "earl:Pass",
    "Fail": "earl:Fail",
    "CannotTell": "earl:CannotTell",
    "NotApplicable": "earl:NotApplicable",
    "NotTested": "earl:NotTested",
    "assertedBy": "earl:assertedBy",
    "mode": "earl:mode",
    "result": "earl:result",
    "subject": "earl:subject",
    "test": "earl:test",
    "outcome": "earl:outcome",
}
"""The terms of WCAG-EM, EARL 1.0 and Dublin Core that the files use."""

_CLASSES = {
    "passed": "Pass",
    "failed": "Fail",
    "cantTell": "CannotTell",
    "inapplicable": "NotApplicable",
    "untested": "NotTested",
}


def _joined(audit: Audit) -> pd.DataFrame:
    """Judgements with what is known of their criterion, page and assessor; missing cells are None."""
    judgements = audit.judgements.astype(object).where(audit.judgements.notna(), None)
    criteria = audit.criteria.astype(object).drop_duplicates("criterion_id")
    named = criteria.set_index("criterion_id")
    kinds = audit.assessors.astype(object).set_index("assessor_id")["kind"]
    urls = audit.pages.astype(object).drop_duplicates("page_id").set_index("page_id")["url"]
    joined = judgements.assign(
        wcag_sc=judgements["criterion_id"].map(named["wcag_sc"]),
        wording=judgements["criterion_id"].map(named["wording_en"].fillna(named["wording_vi"])),
        kind=judgements["assessor_id"].map(kinds),
        page_url=judgements["page_id"].map(urls),
    )
    return joined.astype(object).where(joined.notna(), None)


def _evaluations(audit: Audit) -> dict[str, dict[str, Any]]:
    """File name → one evaluation of one portal by one assessor in one round."""
    joined = _joined(audit)
    joined = joined[joined["wcag_sc"].isin(wcag.titles())]
    made: dict[str, dict[str, Any]] = {}
    for (portal, round_, assessor), rows in joined.groupby(["portal_id", "round", "assessor_id"], sort=True):
        name = re.sub(r"[^\w.-]+", "-", f"{portal}_{round_}_{assessor}") + ".json"
        if name in made:
            raise WriteError(f"two evaluations would be called {name!r}; give portals or assessors other ids")
        made[name] = _evaluation(audit, str(portal), str(round_), str(assessor), rows)
    return made


def _evaluation(audit: Audit, portal: str, round_: str, assessor: str, rows: pd.DataFrame) -> dict[str, Any]:
    site = _site(audit, portal)
    pages = {page: _page(page, url) for page, url in _pages(rows)}
    assertions = [_wcag_assertion(row, site, pages, assessor) for row in _worst_by_criterion(rows)]
    dates = [value for value in rows["rated_at"] if value is not None]
    simulated = " (simulated data)" if audit.simulated else ""
    return {
        "@context": CONTEXT,
        "type": "Evaluation",
        "language": "en",
        "defineScope": {
            "id": "_:defineScope",
            "scope": site,
            "wcagVersion": "2.2",
            "conformanceTarget": "AA",
            "accessibilitySupportBaseline": "",
            "additionalEvaluationRequirements": "",
        },
        "exploreTarget": {
            "id": "_:exploreTarget",
            "technologiesReliedUpon": [],
            "essentialFunctionality": "",
            "pageTypeVariety": "",
        },
        "selectSample": {
            "id": "_:selectSample",
            "structuredSample": list(pages.values()),
            "randomSample": [],
        },
        "auditSample": assertions,
        "reportFindings": {
            "documentSteps": [
                {"id": f"_:{step}"} for step in ("defineScope", "exploreTarget", "selectSample")
            ],
            "commissioner": "",
            "date": max(dates).date().isoformat() if dates else "",
            "evaluator": assessor,
            "evaluationSpecifics": f"round {round_}{simulated}",
            "summary": "",
            "title": f"{site['title']}, round {round_}{simulated}",
        },
    }


def _site(audit: Audit, portal: str) -> dict[str, Any]:
    rows = audit.portals[audit.portals["portal_id"] == portal].astype(object)
    row = rows.iloc[0].to_dict() if len(rows) else {}
    named = [row.get(name) for name in ("name_en", "name_vi") if isinstance(row.get(name), str)]
    url = row.get("url") if isinstance(row.get("url"), str) else ""
    return {
        "id": "_:website",
        "type": ["TestSubject", "Website"],
        "title": named[0] if named else portal,
        "description": url or portal,
    }


def _pages(rows: pd.DataFrame) -> Iterable[tuple[str, str]]:
    seen = rows.loc[rows["page_id"].notna(), ["page_id", "page_url"]].drop_duplicates("page_id")
    return ((str(page), str(url or page)) for page, url in seen.itertuples(index=False))


def _page(page: str, url: str) -> dict[str, Any]:
    identity = url if re.match(r"https?://\S+$", url) else "_:page_" + re.sub(r"\W+", "-", page)
    return {"id": identity, "type": ["TestSubject", "Webpage"], "title": page, "description": url}


def _worst_by_criterion(rows: pd.DataFrame) -> list[Any]:
    """One row a success criterion and page: two criteria of a rubric may share one success criterion."""
    rank = rows["outcome"].map(list(EARL).index)
    order = {"failed": 0, "cantTell": 1, "passed": 2, "inapplicable": 3, "untested": 4}
    worst = rows.assign(_rank=rows["outcome"].map(lambda one: order[EARL[one]]), _tie=rank)
    worst = worst.sort_values(["wcag_sc", "_rank", "_tie"], kind="stable", key=_by_number)
    return list(worst.drop_duplicates(["wcag_sc", "page_id"]).itertuples(index=False))


def _by_number(column: pd.Series) -> pd.Series:
    if column.name != "wcag_sc":
        return column
    return column.map(lambda number: tuple(int(part) for part in number.split(".")))


def _result(row: Any) -> dict[str, Any]:
    word = EARL[row.outcome]
    notes = {"partly": "partly met", "error": "the look broke off"}
    described = [notes.get(row.outcome), row.comment, row.evidence]
    result = {
        "type": "TestResult",
        "outcome": {"id": f"earl:{word}", "type": ["OutcomeValue", _CLASSES[word]]},
        "description": "\n".join(str(part) for part in described if part),
    }
    return result if row.rated_at is None else {**result, "date": row.rated_at.isoformat()}


def _mode(kind: str | None) -> str:
    return "earl:automatic" if kind == "tool" else "earl:manual"


def _wcag_assertion(
    row: Any, site: dict[str, Any], pages: dict[str, dict[str, Any]], assessor: str
) -> dict[str, Any]:
    subject = site if row.page_id is None else pages[str(row.page_id)]
    return {
        "type": "Assertion",
        "assertedBy": assessor,
        "mode": _mode(row.kind),
        "subject": {"id": subject["id"], "type": subject["type"]},
        "test": {"id": wcag.requirement(row.wcag_sc), "type": ["TestCriterion", "TestRequirement"]},
        "result": _result(row),
    }


def _assertions(audit: Audit) -> dict[str, Any]:
    """All judgements as assertions that stand alone."""
    assertions = []
    rows: list[Any] = list(_joined(audit).itertuples(index=False))
    for row in rows:
        test: dict[str, Any] = {
            "type": "TestCriterion",
            "id": f"_:{row.criterion_id}",
            "title": row.wording or row.criterion_id,
        }
        if row.wcag_sc in wcag.titles():
            test["isPartOf"] = {"id": wcag.requirement(row.wcag_sc)}
        url = row.page_url or row.page_id or _site(audit, row.portal_id)["description"]
        assertions.append(
            {
                "type": "Assertion",
                "assertedBy": row.assessor_id,
                "mode": _mode(row.kind),
                "subject": {"type": "TestSubject", "id": url, "title": row.portal_id},
                "test": test,
                "result": _result(row),
            }
        )
    return {"@context": CONTEXT, "@graph": assertions}
