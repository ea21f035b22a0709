"""From visits to the tables of an audit: which portal and page they are about, and what they say on each criterion.

Hands on :class:`Assembly`: visits and entries go in file by file, frames come out once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from portal_analysis.audit import wcag
from portal_analysis.audit.readers.addresses import Portals, address_key, host_of, root_of, same_address
from portal_analysis.audit.readers.arrival import arrived
from portal_analysis.audit.readers.foreign import clean
from portal_analysis.audit.readers.names import Names
from portal_analysis.audit.readers.reading import (
    NOT_MEANT,
    OBSOLETE,
    PRECEDENCE,
    UNKNOWN,
    Fault,
    FileFaults,
    Finding,
    Notes,
    Visit,
)
from portal_analysis.audit.schema import no_dates

SEVERITIES = ("critical", "serious", "moderate", "minor")
"""How bad a finding is in the words of axe-core, worst first; the words of other tools follow them."""

_STATES = ("ok", "unknown")


@dataclass(frozen=True)
class Settings:
    """How visits become tables; see :func:`portal_analysis.audit.readers.read_audit`."""

    round: str | None = None
    by_rule: bool = False
    passes: str = "met"
    tested: Mapping[str, Sequence[str]] = field(default_factory=dict)
    types: frozenset[str] | None = None


class Assembly:
    """The growing tables of an audit: rows are added file by file and turned into frames once.

    Reasons to be a class: many files add rows to six tables at once, and which portal a host is must be
    decided in one place.
    """

    def __init__(self, settings: Settings, portals: Portals, names: Names, notes: Notes) -> None:
        self.settings = settings
        self.known = portals
        self.names = names
        self.notes = notes
        self.rows: dict[str, list[dict[str, Any]]] = {"judgements": [], "runs": []}
        self.keyed: dict[str, dict[Any, dict[str, Any]]] = {
            name: {} for name in ("portals", "pages", "criteria", "assessors")
        }
        self._pages: dict[tuple[str, str], str] = {}

    # ------------------------------------------------------------------------------- what there is

    def portal(self, url: str | None, name: str | None = None) -> str | None:
        """Return the portal of an address: the one known for it, else its host itself."""
        return self.known.of(url) or host_of(url) or (self._named(name) if name else None)

    def _named(self, name: str) -> str:
        return self.names.portal(name) or f"site:{name}" if self.known.given else f"site:{name}"

    def page(self, page: str, portal: str) -> str:
        """Return the first spelling met of a page's address: one page has one id, however it is written."""
        return self._pages.setdefault((portal, address_key(page)), page)

    def add_portal(self, portal: str, url: str | None = None, name: str | None = None) -> None:
        """Note a portal; the first address and name that are known stay."""
        row = self.keyed["portals"].setdefault(portal, {"portal_id": portal, "url": None, "name_en": None})
        row["url"] = row["url"] or url
        row["name_en"] = row["name_en"] or name

    def add_page(self, page: str, portal: str, url: str | None, role: str | None) -> None:
        """Note a page of a portal."""
        row = self.keyed["pages"].setdefault(
            (page, portal), {"page_id": page, "portal_id": portal, "url": url, "role": role}
        )
        row["role"] = row["role"] or role

    def add_assessor(
        self, assessor: str, kind: str, tool: str | None, version: str | None, reports: str | None = None
    ) -> None:
        """Note an assessor; the first description stays."""
        described = {"kind": kind, "tool": tool, "version": version, "reports": reports}
        self.keyed["assessors"].setdefault(assessor, {"assessor_id": assessor, **described})

    def add_criterion(self, criterion: str, round_: str | None, **described: Any) -> None:
        """Note a criterion; what one source leaves open another fills in, tools and people make it semi-automatic."""
        row = self.keyed["criteria"].setdefault(
            (criterion, round_), {"criterion_id": criterion, "round": round_, **described}
        )
        row.update({name: value for name, value in described.items() if row.get(name) is None})
        mode = described.get("mode")
        if mode and row.get("mode") and row["mode"] != mode:
            row["mode"] = "semi-automatic"

    # -------------------------------------------------------------------------------------- visits

    def placed(self, visit: Visit, file: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return where a visit belongs: portal, page, assessor, round. ``given`` is the manifest's and wins.

        Raises
        ------
        FileFaults
            If nothing says which portal it is about.
        """
        tool_id = "-".join(part for part in (visit.tool, visit.version) if part)
        assessor = given.get("assessor_id") or visit.assessor or tool_id
        portal = given.get("portal_id") or self.portal(visit.site or visit.url, visit.site_name)
        if portal is None:
            found = "nothing says which portal or page this is about"
            advice = "name the file, its portal_id and its url in a manifest"
            raise FileFaults(Fault(file, visit.line, found, advice))
        page = given.get("page_id") or visit.url
        if page is not None and given.get("page_id") and visit.url:
            self._pages.setdefault((portal, address_key(visit.url)), page)
        return {
            "portal_id": portal,
            "page_id": None if page is None else self.page(page, portal),
            "assessor_id": self.names.same("assessor", assessor),
            "round": given.get("round") or self.settings.round or "1",
            "source_file": file,
        }

    def add_visit(self, visit: Visit, place: dict[str, Any]) -> None:
        """Add one visit at its place (see :meth:`placed`); one that saw another page has no judgement."""
        self._check_arrival(visit, place)
        self.add_portal(place["portal_id"], root_of(visit.site or visit.url), visit.site_name)
        problems = visit.lists_problems and visit.tool not in self.settings.tested
        reports = "problems" if problems else "everything"
        self.add_assessor(place["assessor_id"], visit.kind, visit.tool, visit.version, reports)
        if place["page_id"] is not None:
            self.add_page(place["page_id"], place["portal_id"], visit.url, visit.role)
        if visit.log:
            self._add_run(visit, place)
        if visit.status in _STATES:
            self._pass_tested(visit)
        else:
            kept = ("not_tested",) if visit.status == "not_run" else ()
            visit.findings = [finding for finding in visit.findings if finding.outcome in kept]
        self._add_findings(visit, place)

    def _check_arrival(self, visit: Visit, place: Mapping[str, Any]) -> None:
        if visit.status not in _STATES:
            return
        hosts = self.known.hosts(place["portal_id"])
        found = arrived(visit.url, visit.final_url, visit.http_status, visit.title, hosts)
        if found is not None:
            visit.status, why = found
            visit.message = "; ".join(part for part in (why, visit.message) if part)
            advice = f"the run has the status {visit.status!r} and no judgement"
            if not (visit.told and why.startswith("HTTP")):
                self.notes.add(NOT_MEANT, Fault(str(place["source_file"]), visit.line, why, advice))

    def _add_run(self, visit: Visit, place: dict[str, Any]) -> None:
        self.rows["runs"].append(
            {
                **place,
                "tool": visit.tool,
                "version": visit.version,
                "started_at": visit.started_at,
                "requested_url": visit.url,
                "final_url": visit.final_url,
                "http_status": visit.http_status,
                "status": visit.status,
                "message": visit.message,
            }
        )
        if visit.status == "unknown":
            found = f"the result of {visit.url or 'a page'} does not say whether the page was reached"
            advice = "an error page looks the same: give http_status in a manifest"
            self.notes.add(UNKNOWN, Fault(str(place["source_file"]), visit.line, found, advice))

    def _add_findings(self, visit: Visit, place: dict[str, Any]) -> None:
        grouped: dict[str, list[Finding]] = {}
        types = self.settings.types
        for finding in visit.findings:
            if types is not None and finding.type is not None and finding.type not in types:
                continue
            for criterion in self._criteria_of(finding, visit, str(place["source_file"])):
                grouped.setdefault(criterion, []).append(finding)
        for criterion, findings in grouped.items():
            self._describe(criterion, findings[0], visit.kind)
            judged = merged(findings, self.settings.passes if visit.kind == "tool" else "met")
            judged["rated_at"] = judged["rated_at"] or visit.started_at
            self.rows["judgements"].append({**place, "criterion_id": criterion, **judged})

    def _pass_tested(self, visit: Visit) -> None:
        """Add a pass for each criterion that the tool's rules cover and that no issue was reported on."""
        spoken = {number for finding in visit.findings for number in finding.numbers}
        for number in self.settings.tested.get(visit.tool, ()):
            if number not in spoken:
                rule = f"{visit.tool}:{number}"
                visit.findings.append(Finding(rule, "met", (number,), comment="no issue reported"))

    def _criteria_of(self, finding: Finding, visit: Visit, file: str) -> list[str]:
        """Return the criteria a finding speaks of; what is said on one WCAG has dropped is about its rule alone."""
        numbers = finding.numbers
        if visit.kind == "tool" and any(wcag.is_obsolete(number) for number in numbers):
            numbers = tuple(number for number in numbers if not wcag.is_obsolete(number))
            if finding.outcome in ("not_met", "partly", "cant_tell"):
                found = (
                    f"{finding.rule} on {visit.url or 'a page'} is about a criterion that WCAG 2.2 dropped"
                )
                self.notes.add(
                    OBSOLETE,
                    Fault(file, finding.line, found, "nothing to do: browsers mend what it was about"),
                )
        if self.settings.by_rule or not numbers:
            return [finding.rule]
        return [f"wcag:{number}" for number in numbers]

    def _describe(self, criterion: str, finding: Finding, kind: str) -> None:
        mode = "automatic" if kind == "tool" else "manual"
        scheme, _, number = criterion.partition(":")
        if scheme == "wcag" and number in wcag.titles():
            self.add_criterion(criterion, None, mode=mode, scale="binary", **wcag.described(number))
            return
        numbers = [one for one in finding.numbers if kind != "tool" or not wcag.is_obsolete(one)]
        first = numbers[0] if numbers else None
        self.add_criterion(
            criterion,
            None,
            scheme=scheme,
            wording_en=finding.title or number,
            scale="ordinal" if finding.outcome == "partly" else "binary",
            mode=mode,
            wcag_sc=first,
            wcag_level=wcag.level_of(first) if first else finding.level,
            en_301_549=wcag.clause_of(first) if first else None,
        )

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the tables as frames, by name."""
        made = {name: pd.DataFrame(rows) for name, rows in self.rows.items() if rows}
        for name, rows in self.keyed.items():
            if rows:
                made[name] = pd.DataFrame([rows[key] for key in sorted(rows, key=str)])
        return made


def with_manifest(visit: Visit, given: Mapping[str, Any]) -> Visit:
    """Let the manifest complete a visit: address, time, HTTP status, and what that status means."""
    url = given.get("url")
    if url and visit.url and not same_address(str(url), visit.url):
        visit.final_url = visit.final_url or visit.url
        visit.url = url
    visit.url = visit.url or url
    visit.final_url = given.get("final_url") or visit.final_url
    visit.version = given.get("version") or visit.version
    visit.started_at = given.get("rated_at") or visit.started_at
    visit.message = given.get("message") or visit.message
    visit.setup = given.get("setup") or visit.setup
    status = given.get("http_status")
    if status is not None:
        visit.http_status, visit.told = int(status), True
        if visit.status == "unknown":
            visit.status, visit.message = "ok", given.get("message")
    if given.get("status"):
        visit.status = str(given["status"])
    return visit


def without_date(visits: Sequence[Visit], file: str) -> list[Fault]:
    """Return a fault for each time in each of the visits that no table of an audit takes for one."""
    times = [
        dict.fromkeys([one.started_at, *(finding.rated_at for finding in one.findings)]) for one in visits
    ]
    wrong = no_dates(one for each in times for one in each if one)
    advice = "write it as 2024-05-31 or 2024-05-31T08:00:00Z, or take it away"
    return [
        Fault(file, visit.line, f"the time {clean(one, 40)!r} is no date", advice)
        for visit, each in zip(visits, times, strict=True)
        for one in each
        if one in wrong
    ]


def merged(findings: Sequence[Finding], passes: str = "met") -> dict[str, Any]:
    """Return the judgement that the findings of one visit make on one criterion."""
    outcome = min((finding.outcome for finding in findings), key=PRECEDENCE.index)
    decisive = [finding for finding in findings if finding.outcome == outcome]
    evidence = "\n".join(dict.fromkeys(finding.evidence for finding in decisive if finding.evidence))
    comment = "\n".join(dict.fromkeys(finding.comment for finding in decisive if finding.comment))
    dates = [finding.rated_at for finding in decisive if finding.rated_at]
    counts = [finding.elements for finding in decisive if finding.elements is not None]
    return {
        "outcome": passes if outcome == "met" else outcome,
        "evidence": clean(evidence) or None,
        "comment": clean(comment) or None,
        "rated_at": max(dates) if dates else None,
        "source_row": next((finding.line for finding in decisive if finding.line is not None), None),
        "severity": worst_severity(finding.severity for finding in decisive),
        "elements": sum(counts) if counts else None,
    }


def worst_severity(found: Iterable[str | None]) -> str | None:
    """Return the worst of some severities; words other than axe-core's come after them, in order."""
    known = sorted({one for one in found if one}, key=_place_of)
    return known[0] if known else None


def _place_of(severity: str) -> tuple[int, str]:
    return (SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES), severity)
