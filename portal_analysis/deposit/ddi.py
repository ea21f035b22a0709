"""A deposit's metadata as DDI-Codebook 2.5, which archives of surveys read: study, files, variables with their codes.

Hands on the content of ``ddi-codebook.xml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from portal_analysis.deposit.study import Held, Study, by_language
from portal_analysis.files import plain_text
from portal_analysis.language.catalogue import word
from portal_analysis.languages import LANGUAGES

CODEBOOK = "ddi-codebook.xml"
NAMESPACE = "ddi:codebook:2_5"
SCHEMA = "http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
NUMERIC = ("number", "integer", "year", "boolean")

Element = ElementTree.Element


def codebook(study: Study) -> bytes:
    """Return the metadata of a study as DDI-Codebook 2.5 in UTF-8; the same study gives the same bytes."""
    root = Element("codeBook", {"version": "2.5", "ID": _id(study.id), "xmlns": NAMESPACE})
    root.set("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
    root.set("xsi:schemaLocation", f"{NAMESPACE} {SCHEMA}")
    described = _add(root, "stdyDscr")
    _citation(_add(described, "citation"), study)
    _about(_add(described, "stdyInfo"), study)
    _method(described, study)
    _access(described, study)
    _sources(described, study)
    tables = [(place, one) for place, one in enumerate(study.files, 1) if _fields(one)]
    for place, one in tables:
        _file(root, place, one)
    if tables:
        data = _add(root, "dataDscr")
        for place, one in tables:
            for column, field in enumerate(_fields(one), 1):
                _variable(data, f"F{place}", f"V{place}.{column}", field, study)
    for one in study.files:
        if not _fields(one):
            other = _add(root, "otherMat", level="study", type=one.media, URI=one.path)
            _texts(other, "labl", one.title or {"en": one.path})
            _add(other, "notes", f"sha256 {one.sha256}")
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _add(parent: Element, name: str, text: str = "", /, **attributes: str) -> Element:
    """Add an element with text and the attributes that say something; ``lang`` is ``xml:lang``."""
    named = {
        "xml:lang" if key == "lang" else key: plain_text(value) for key, value in attributes.items() if value
    }
    made = ElementTree.SubElement(parent, name, named)
    made.text = plain_text(text) or None
    return made


def _texts(parent: Element, name: str, texts: Mapping[str, str], **attributes: str) -> None:
    for lang, text in texts.items():
        _add(parent, name, text, lang=lang, **attributes)


def _id(text: str) -> str:
    """Return an identifier as XML allows it."""
    plain = re.sub(r"[^A-Za-z0-9_.\-]", "_", text)
    return plain if re.match(r"[A-Za-z_]", plain) else f"_{plain}"


def _fields(one: Held) -> list[Mapping[str, Any]]:
    return list(one.schema.get("fields", [])) if one.schema else []


def _citation(citation: Element, study: Study) -> None:
    titles = list(study.title.items())
    title = _add(citation, "titlStmt")
    _add(title, "titl", titles[0][1], lang=titles[0][0])
    for lang, text in titles[1:]:
        _add(title, "parTitl", text, lang=lang)
    _add(title, "IDNo", study.id)
    if study.people:
        people = _add(citation, "rspStmt")
        for one in study.people:
            _add(people, "AuthEnty", one)
    made = _add(citation, "prodStmt")
    _add(made, "prodDate", study.date, date=study.date)
    for name, version in study.software.items():
        _add(made, "software", name, version=version)
    if study.version:
        _add(_add(citation, "verStmt"), "version", study.version)


def _about(info: Element, study: Study) -> None:
    for lang, text in study.description.items():
        stamp = f"{word('word.stamp', lang)}. " if study.simulated else ""
        _add(info, "abstract", f"{stamp}{text}", lang=lang)
    summary = _add(info, "sumDscr")
    if study.period:
        _add(summary, "timePrd", study.period)
    kinds = [study.kind, *([word("flag.simulated", "en")] if study.simulated else [])]
    for one in kinds:
        _add(summary, "dataKind", one)


def _method(described: Element, study: Study) -> None:
    if study.design:
        collected = _add(_add(described, "method"), "dataColl")
        _add(collected, "sampProc", study.design)
        if study.weight:
            _add(collected, "weight", study.weight)


def _access(described: Element, study: Study) -> None:
    told = [f"{one.get('title') or one.get('name')} {one.get('path', '')}".strip() for one in study.licences]
    if told or study.simulated:
        use = _add(_add(described, "dataAccs"), "useStmt")
        if told:
            _add(use, "conditions", "; ".join(told))
        if study.simulated:
            _add(use, "disclaimer", word("word.simulated", "en"))


def _sources(described: Element, study: Study) -> None:
    if study.sources or study.made_of:
        other = _add(described, "othrStdyMat")
        for one in study.made_of:
            _add(other, "relMat", f"{one['name']} {one['hash']}".strip())
        for one in study.sources:
            _add(other, "othRefs", f"{one['title']} {one.get('path') or ''}".strip())


def _file(root: Element, place: int, one: Held) -> None:
    text = _add(_add(root, "fileDscr", ID=f"F{place}", URI=one.path), "fileTxt")
    _add(text, "fileName", one.path)
    _add(text, "fileCont", "; ".join(one.title.values()))
    _add(_add(text, "dimensns"), "varQnty", str(len(_fields(one))))
    _add(text, "fileType", one.media, charset="utf-8")
    _add(text, "dataChck", f"sha256 {one.sha256}")


def _variable(data: Element, file: str, number: str, field: Mapping[str, Any], study: Study) -> None:
    numeric = field.get("type", "string") in NUMERIC
    continuous = numeric and not field.get("categories") and field.get("type") != "boolean"
    weight = {"wgt": "wgt"} if study.weight and field["name"] == study.weight else {}
    interval = "contin" if continuous else "discrete"
    variable = _add(data, "var", ID=number, name=str(field["name"]), files=file, intrvl=interval, **weight)
    _texts(variable, "labl", by_language(field, "title"))
    missing = [_code(one) for one in field.get("missingValues", [])]
    missing = [one for one in missing if one["value"]]
    if missing:
        invalid = _add(variable, "invalrng")
        for one in missing:
            _add(invalid, "item", VALUE=one["value"])
    _texts(variable, "txt", by_language(field, "description"))
    for lost, codes in ((False, [_code(one) for one in field.get("categories", [])]), (True, missing)):
        for one in codes:
            category = _add(variable, "catgry", missing="Y" if lost else "")
            _add(category, "catValu", one["value"])
            _texts(category, "labl", {lang: one[lang] for lang in LANGUAGES if one.get(lang)})
    _add(
        variable,
        "varFormat",
        type="numeric" if numeric else "character",
        schema="other",
        formatname=str(field.get("type", "string")),
    )


def _code(one: Any) -> dict[str, str]:
    if not isinstance(one, Mapping):
        return {"value": str(one)}
    return {"value": str(one["value"]), **by_language(one, "label")}
