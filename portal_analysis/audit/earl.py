"""An audit as linked data: EARL assertions in JSON-LD, alone or as evaluations for the WCAG-EM Report Tool.

Hands on files that other tools read.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from portal_analysis.audit import wcag
from portal_analysis.audit.judgements import Audit
from portal_analysis.faults import Error

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


class WriteError(Error):
    """An audit cannot be written in this form."""


def write_earl(
    audit: Audit,
    folder: str | Path,
    form: Literal["wcag-em", "earl"] = "wcag-em",
    tool_passes: Literal["cantTell", "passed"] = "cantTell",
) -> list[Path]:
    """Write the judgements as EARL assertions in JSON-LD.

    Parameters
    ----------
    audit : Audit
    folder : str or Path
        Where the files go; it is made if it is not there.
    form : {"wcag-em", "earl"}
        ``wcag-em``: one file a portal, round and assessor that the WCAG-EM Report Tool opens, with the
        judgements on WCAG success criteria and the whole sample of pages, also those not judged. ``earl``: one file
        with all judgements on all criteria.
    tool_passes : {"cantTell", "passed"}
        What becomes of a criterion on which a tool found no failure. A tool tests a part of a criterion, so by
        default a person who opens the file still has to tell.

    Returns
    -------
    list of Path
        The files, in order.

    Raises
    ------
    WriteError
        If there is no judgement to write, two portals would get one file name, or a word is unknown.

    Notes
    -----
    EARL has no middle level and no broken look; see :data:`EARL`.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> luxembourg = pa.load_audit("audits-luxembourg")
    >>> written = pa.write_earl(luxembourg, "earl")
    >>> print(len(written), written[0].suffix)
    5 .json
    """
    for name, value, allowed in (
        ("form", form, ("wcag-em", "earl")),
        ("tool_passes", tool_passes, ("cantTell", "passed")),
    ):
        if value not in allowed:
            raise WriteError(f"{name} is {value!r}; it can be {list(allowed)}")
    folder = Path(folder)
    joined = _joined(audit, tool_passes)
    whole = {"assertions.jsonld": _assertions(audit, joined)} if form == "earl" else {}
    documents = whole or _evaluations(audit, joined)
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


def _joined(audit: Audit, tool_passes: str) -> pd.DataFrame:
    """Judgements with what is known of their criterion, page and assessor; missing cells are None."""
    judgements = audit.judgements.astype(object).where(audit.judgements.notna(), None)
    criteria = audit.criteria.astype(object).drop_duplicates("criterion_id")
    named = criteria.set_index("criterion_id")
    kinds = audit.assessors.astype(object).set_index("assessor_id")["kind"]
    pages = audit.pages.astype(object)
    urls = dict(zip(zip(pages["portal_id"], pages["page_id"], strict=True), pages["url"], strict=True))
    places = zip(judgements["portal_id"], judgements["page_id"], strict=True)
    addresses: list[Any] = [urls.get(place) for place in places]
    joined = judgements.assign(
        wcag_sc=judgements["criterion_id"].map(named["wcag_sc"]),
        wording=judgements["criterion_id"].map(named["wording_en"].fillna(named["wording_vi"])),
        kind=judgements["assessor_id"].map(kinds),
        page_url=addresses,
    )
    if tool_passes == "cantTell":
        passed = (joined["kind"] == "tool") & (joined["outcome"] == "met")
        said = "an automatic check found no failure"
        joined.loc[passed, "comment"] = [
            f"{said}: {one}" if one else said for one in joined.loc[passed, "comment"]
        ]
        joined.loc[passed, "outcome"] = "cant_tell"
    return joined.astype(object).where(joined.notna(), None)


def _evaluations(audit: Audit, joined: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """File name → one evaluation of one portal by one assessor in one round."""
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
    sample = _sample(audit, portal, round_, assessor, rows)
    pages = {page: _page(page, url) for page, url, _ in sample}
    random = [page for page, _, role in sample if role == "random sample"]
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
            "structuredSample": [described for page, described in pages.items() if page not in random],
            "randomSample": [pages[page] for page in random],
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


def _sample(
    audit: Audit, portal: str, round_: str, assessor: str, rows: pd.DataFrame
) -> list[tuple[str, str, str | None]]:
    """Return the pages of a portal that this assessor judged or was to judge: id, address, role; also those not tested.

    A page that only other assessors or rounds looked at is none of them.
    """
    own = audit.pages[audit.pages["portal_id"] == portal].astype(object)
    own = own.where(own.notna(), None)
    mine, others = set(rows["page_id"].dropna()), set()
    for table in (audit.judgements, audit.runs):
        looks = table.loc[table["portal_id"] == portal, ["page_id", "round", "assessor_id"]].astype(object)
        same = (looks["round"].isna() | (looks["round"] == round_)) & (
            looks["assessor_id"].isna() | (looks["assessor_id"] == assessor)
        )
        mine |= set(looks.loc[same, "page_id"].dropna())
        others |= set(looks.loc[~same, "page_id"].dropna())
    rows_of_pages: list[Any] = list(own.itertuples(index=False))
    listed: list[tuple[str, str, str | None]] = [
        (str(row.page_id), str(row.url or row.page_id), row.role)
        for row in rows_of_pages
        if row.page_id in mine or row.page_id not in others
    ]
    known = {page for page, _, _ in listed}
    seen = rows.loc[rows["page_id"].notna(), ["page_id", "page_url"]].drop_duplicates("page_id")
    unlisted = [(str(page), str(url or page), None) for page, url in seen.itertuples(index=False)]
    return [*listed, *(one for one in unlisted if one[0] not in known)]


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


def _assertions(audit: Audit, joined: pd.DataFrame) -> dict[str, Any]:
    """All judgements as assertions that stand alone."""
    assertions = []
    rows: list[Any] = list(joined.itertuples(index=False))
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
