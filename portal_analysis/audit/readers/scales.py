"""From entries of sheets to the tables of an audit, each criterion with the scale that its words make.

Hands on rows of judgements with rating and outcome, and criteria with their levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal_analysis.audit.readers import levels as words
from portal_analysis.audit.readers.addresses import scheme_of
from portal_analysis.audit.readers.assembly import Assembly
from portal_analysis.audit.readers.shapes import Entry


def add_to(assembly: Assembly, entries: Sequence[tuple[str, Entry]]) -> None:
    """Add the entries of all rubric files, each with its file, to the tables of an audit.

    The levels of a criterion come from the mapping, else from the words that were used for it in all files.
    """
    default = assembly.settings.round or "1"
    scales = _scales(entries, default)
    described: set[tuple[str, str | None]] = set()
    for file, entry in entries:
        said, reading = entry.about, entry.reading or words.Reading("not_tested")
        round_ = said.get("round") or default
        assessor = said.get("assessor") or "expert"
        assembly.add_portal(entry.portal, said.get("url"), None)
        row = assembly.keyed["portals"][entry.portal]
        row.setdefault("province_code", said.get("province_code"))
        row.setdefault("name_vi", said.get("portal_name"))
        assembly.add_assessor(assessor, said.get("assessor_kind") or "expert", None, None)
        page = assembly.page(said["page"], entry.portal) if said.get("page") else None
        if page:
            assembly.add_page(page, entry.portal, page if scheme_of(page) else None, None)
        named, levels = scales[(entry.criterion, round_)]
        judged = reading.outcome in ("met", "partly", "not_met")
        comment = "\n".join(part for part in (reading.note, said.get("comment")) if part)
        assembly.rows["judgements"].append(
            {
                "portal_id": entry.portal,
                "page_id": page,
                "criterion_id": entry.criterion,
                "assessor_id": assessor,
                "round": round_,
                "rating": (reading.level or levels.get(reading.outcome)) if judged else None,
                "outcome": reading.outcome,
                "evidence": said.get("evidence"),
                "comment": comment or None,
                "rated_at": said.get("rated_at"),
                "source_file": file,
                "source_row": entry.line,
            }
        )
        if (entry.criterion, named["round"]) not in described:
            described.add((entry.criterion, named["round"]))
            assembly.add_criterion(entry.criterion, named["round"], **_worded(entry), **_scale_only(named))


def _scale_only(named: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in named.items() if name != "round"}


def _worded(entry: Entry) -> dict[str, Any]:
    """Return how a criterion is worded, in the language that its diacritics tell, and where it belongs."""
    said = entry.about
    wording = said.get("wording") or entry.criterion
    language = "wording_vi" if words.fold(wording) != words.plain(wording) else "wording_en"
    return {
        "scheme": said.get("scheme") or "rubric",
        language: wording,
        "group": said.get("group"),
        "mode": "manual",
    }


def _scales(
    entries: Sequence[tuple[str, Entry]], default: str
) -> dict[tuple[str, str], tuple[dict[str, Any], dict[str, str]]]:
    """(criterion, round) → its scale as columns of ``criteria``, and outcome → level.

    A criterion whose scale is the same in all rounds is described once, without a round.
    """
    used: dict[tuple[str, str], list[Entry]] = {}
    for _, entry in entries:
        used.setdefault((entry.criterion, entry.about.get("round") or default), []).append(entry)
    unsaid: dict[str, dict[str, str]] = {}
    for criterion in {criterion for criterion, _ in used}:
        every = [
            entry
            for key, group in used.items()
            if key[0] == criterion
            for entry in group
            if entry.levels is None
        ]
        readings = [entry.reading for entry in every if entry.reading]
        unsaid[criterion] = words.scale_of(
            [one.family for one in readings if one.family], [one.outcome for one in readings]
        )
    scales = {key: _scale(group, unsaid[key[0]]) for key, group in used.items()}
    made = {}
    for (criterion, round_), (columns, levels) in scales.items():
        same = all(other == (columns, levels) for key, other in scales.items() if key[0] == criterion)
        made[(criterion, round_)] = ({**columns, "round": None if same else round_}, levels)
    return made


def _scale(entries: list[Entry], unsaid: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    said = next((entry for entry in entries if entry.levels is not None), None)
    if said is not None and said.scale == "count":
        return {"scale": "count", "levels": None, "good_from": said.good_from}, {}
    if said is None or said.levels is None:
        scale = "ordinal" if len(unsaid) > 2 else "binary"
        return {"scale": scale, "levels": "|".join(unsaid.values()), "good_from": unsaid.get("met")}, unsaid
    scale = "ordinal" if len(said.levels) > 2 else "binary"
    return {"scale": scale, "levels": "|".join(said.levels), "good_from": said.good_from}, {}
