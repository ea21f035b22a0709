"""What every reader of audit files hands over, and how it becomes the tables of an audit.

Hands on visits (one look of one assessor at one page) as ``judgements``, ``runs``, ``pages``, ``portals``,
``criteria`` and ``assessors``; and the errors and warnings of reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from portal_analysis.audit import wcag

EVIDENCE_LENGTH = 500
"""Characters kept of one snippet of evidence: enough to find the place, too short to carry a page."""

CELL_LENGTH = 4000
"""Characters kept of a judgement's evidence or comment."""

PRECEDENCE = ("not_met", "partly", "cant_tell", "error", "met", "not_applicable", "not_tested")
"""Which outcome a criterion gets when several findings of one visit speak of it: the first that occurs.

One failure fails the criterion; a check that broke off or could not tell keeps the others from passing it.
"""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff￾￿]")


@dataclass(frozen=True)
class Fault:
    """One thing in a file that cannot be read: where, what was found, what to do."""

    file: str
    line: int | None
    found: str
    advice: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{place}: {self.found}; {self.advice}"


class ReaderError(ValueError):
    """Audit files cannot be read; nothing of them was taken.

    Attributes
    ----------
    faults : DataFrame
        ``file, line, found, advice``: one row a fault.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = fault_table(faults)
        shown = "\n".join(f"- {fault}" for fault in faults[:30])
        rest = f"\n- and {len(faults) - 30} more" if len(faults) > 30 else ""
        count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        super().__init__(f"the audit files have {count}:\n{shown}{rest}")


class ReaderWarning(UserWarning):
    """Something in audit files needs a look, though it was read.

    Attributes
    ----------
    table : DataFrame
        ``file, line, found, advice``: one row a case.
    """

    def __init__(self, message: str, table: pd.DataFrame) -> None:
        super().__init__(message)
        self.table = table


def fault_table(faults: Iterable[Fault]) -> pd.DataFrame:
    """Return faults as a table."""
    rows = [(fault.file, fault.line, fault.found, fault.advice) for fault in faults]
    return pd.DataFrame(rows, columns=["file", "line", "found", "advice"]).astype({"line": "Int64"})


class FileFaults(ValueError):
    """The faults of one file, on their way to :class:`ReaderError`."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = list(faults)


@dataclass(slots=True)
class Finding:
    """What one rule or question says about one page.

    ``rule`` is ``<tool>:<id>``; ``numbers`` are the WCAG success criteria it tests a part of.
    """

    rule: str
    outcome: str
    numbers: tuple[str, ...] = ()
    title: str = ""
    evidence: str = ""
    comment: str = ""
    rated_at: str | None = None
    line: int | None = None


@dataclass(slots=True)
class Visit:
    """One look of one assessor at one page (``url``), or at a site as a whole (``site``).

    ``status`` is ``ok``, ``error`` (the tool says that it failed), ``unreachable``, ``not_run`` or
    ``unknown`` (the file does not say whether the page was the right one). Of a visit that was ``not_run``, only
    what is ``not_tested`` is kept, of one that failed nothing: not audited is neither failed nor passed.
    """

    tool: str
    url: str | None = None
    site: str | None = None
    site_name: str | None = None
    version: str | None = None
    final_url: str | None = None
    started_at: str | None = None
    http_status: int | None = None
    status: str = "ok"
    message: str | None = None
    assessor: str | None = None
    kind: str = "tool"
    role: str | None = None
    line: int | None = None
    log: bool = True
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """A portal that a file names, whether or not it was visited."""

    url: str
    name: str | None = None


# --------------------------------------------------------------------------------------------- text


def clean(value: Any, length: int = CELL_LENGTH) -> str:
    """Return foreign text as plain text: no control characters, no broken characters, cut to ``length``."""
    text = _CONTROL.sub("�", str(value)).strip() if value is not None else ""
    return text if len(text) <= length else text[: length - 1] + "…"


def text_of(value: Any) -> str | None:
    """Return a non-empty text or number as text, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return clean(value) or None


def dict_of(value: Any) -> dict[str, Any]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """Return a list: the value if it is one, nothing for None, else a list of the one value."""
    return value if isinstance(value, list) else [] if value is None else [value]


def host_of(url: str | None) -> str | None:
    """Return the host of an address in lower case, without ``www.`` and standard ports; None if it has none."""
    if not url:
        return None
    address = url if "//" in url else f"//{url}"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or " " in host or ("." not in host and host != "localhost"):
        return None
    named = host.lower().removeprefix("www.")
    return f"{named}:{port}" if port not in (None, 80, 443) else named


# ----------------------------------------------------------------------------------------- assembly


@dataclass(frozen=True)
class Settings:
    """How visits become tables; see :func:`portal_analysis.audit.readers.read_audit`."""

    round: str | None = None
    by_rule: bool = False
    passes: str = "met"
    tested: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Assembly:
    """The growing tables of an audit: rows are added file by file and turned into frames once.

    Reasons to be a class: many files add rows to six tables at once, and which portal a host is must be
    decided in one place.
    """

    def __init__(self, settings: Settings, known_hosts: Mapping[str, str]) -> None:
        self.settings = settings
        self.known_hosts = known_hosts
        self.rows: dict[str, list[dict[str, Any]]] = {"judgements": [], "runs": []}
        self.keyed: dict[str, dict[Any, dict[str, Any]]] = {
            name: {} for name in ("portals", "pages", "criteria", "assessors")
        }
        self.notes: list[Fault] = []

    def portal(self, url: str | None, name: str | None = None) -> str | None:
        """Return the portal of an address: the one known for its host, else the host itself."""
        host = host_of(url)
        portal = self.known_hosts.get(host or "", host) or (f"site:{name}" if name else None)
        return portal

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

    def add_assessor(self, assessor: str, kind: str, tool: str | None, version: str | None) -> None:
        """Note an assessor; the first description stays."""
        self.keyed["assessors"].setdefault(
            assessor, {"assessor_id": assessor, "kind": kind, "tool": tool, "version": version}
        )

    def add_criterion(self, criterion: str, round_: str | None, **described: Any) -> None:
        """Note a criterion; what one source leaves open another fills in, tools and people make it semi-automatic."""
        row = self.keyed["criteria"].setdefault(
            (criterion, round_), {"criterion_id": criterion, "round": round_, **described}
        )
        row.update({name: value for name, value in described.items() if row.get(name) is None})
        mode = described.get("mode")
        if mode and row.get("mode") and row["mode"] != mode:
            row["mode"] = "semi-automatic"

    def add_visit(self, visit: Visit, file: str, given: Mapping[str, Any]) -> None:
        """Add one visit; ``given`` is what the manifest says about it and wins over the file."""
        visit = _with_manifest(visit, given)
        tool_id = visit.tool if visit.version is None else f"{visit.tool}-{visit.version}"
        assessor = given.get("assessor_id") or visit.assessor or tool_id
        portal = given.get("portal_id") or self.portal(visit.site or visit.url, visit.site_name)
        round_ = given.get("round") or self.settings.round or "1"
        if portal is None:
            found = "nothing says which portal or page this is about"
            raise FileFaults(
                Fault(file, visit.line, found, "name the file, its portal_id and its url in a manifest")
            )
        page = given.get("page_id") or visit.url
        self.add_portal(portal, _root(visit.site or visit.url), visit.site_name)
        self.add_assessor(assessor, visit.kind, visit.tool, visit.version)
        if page is not None:
            self.add_page(page, portal, visit.url, visit.role)
        place = {
            "portal_id": portal,
            "page_id": page,
            "assessor_id": assessor,
            "round": round_,
            "source_file": file,
        }
        if visit.log:
            self._add_run(visit, place)
        if visit.status in ("ok", "unknown"):
            self._pass_tested(visit)
        else:
            kept = ("not_tested",) if visit.status == "not_run" else ()
            visit.findings = [finding for finding in visit.findings if finding.outcome in kept]
        self._add_findings(visit, place)

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
            self.notes.append(Fault(str(place["source_file"]), visit.line, found, advice))

    def _add_findings(self, visit: Visit, place: dict[str, Any]) -> None:
        grouped: dict[str, list[Finding]] = {}
        for finding in visit.findings:
            for criterion in self._criteria_of(finding):
                grouped.setdefault(criterion, []).append(finding)
        for criterion, findings in grouped.items():
            self._describe(criterion, findings[0], visit.kind)
            judged = _merged(findings, self.settings.passes if visit.kind == "tool" else "met")
            judged["rated_at"] = judged["rated_at"] or visit.started_at
            self.rows["judgements"].append({**place, "criterion_id": criterion, **judged})

    def _pass_tested(self, visit: Visit) -> None:
        """Add a pass for each criterion that the tool's rules cover and that no issue was reported on."""
        spoken = {number for finding in visit.findings for number in finding.numbers}
        for number in self.settings.tested.get(visit.tool, ()):
            if number not in spoken:
                rule = f"{visit.tool}:{number}"
                visit.findings.append(Finding(rule, "met", (number,), comment="no issue reported"))

    def _criteria_of(self, finding: Finding) -> list[str]:
        if self.settings.by_rule or not finding.numbers:
            return [finding.rule]
        return [f"wcag:{number}" for number in finding.numbers]

    def _describe(self, criterion: str, finding: Finding, kind: str) -> None:
        mode = "automatic" if kind == "tool" else "manual"
        scheme, _, number = criterion.partition(":")
        if scheme == "wcag" and number in wcag.titles():
            title, guideline = wcag.titles()[number]
            self.add_criterion(
                criterion,
                None,
                scheme="wcag22",
                wording_en=title,
                group=guideline,
                scale="binary",
                mode=mode,
                wcag_sc=number,
            )
            return
        numbers = wcag.of_tags([]) if not finding.numbers else finding.numbers
        self.add_criterion(
            criterion,
            None,
            scheme=scheme,
            wording_en=finding.title or number,
            scale="ordinal" if finding.outcome == "partly" else "binary",
            mode=mode,
            wcag_sc=numbers[0] if numbers else None,
        )

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the tables as frames, by name."""
        made = {name: pd.DataFrame(rows) for name, rows in self.rows.items() if rows}
        for name, rows in self.keyed.items():
            if rows:
                made[name] = pd.DataFrame([rows[key] for key in sorted(rows, key=str)])
        return made


def _root(url: str | None) -> str | None:
    """Return scheme and host of an address."""
    if not url or "//" not in url or host_of(url) is None:
        return None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _with_manifest(visit: Visit, given: Mapping[str, Any]) -> Visit:
    """Let the manifest complete a visit: address, time, HTTP status, and what that status means."""
    visit.url = given.get("url") or visit.url
    visit.version = given.get("version") or visit.version
    visit.started_at = given.get("rated_at") or visit.started_at
    visit.message = given.get("message") or visit.message
    status = given.get("http_status")
    if status is not None:
        visit.http_status = int(status)
    if visit.http_status is not None and visit.http_status >= 400 and visit.status in ("ok", "unknown"):
        visit.status = "error"
        visit.message = visit.message or f"HTTP {visit.http_status}: the page judged was an error page"
    elif status is not None and visit.status == "unknown":
        visit.status, visit.message = "ok", given.get("message")
    if given.get("status"):
        visit.status = str(given["status"])
    return visit


def _merged(findings: list[Finding], passes: str) -> dict[str, Any]:
    """Return the judgement that the findings of one visit make on one criterion."""
    outcome = min((finding.outcome for finding in findings), key=PRECEDENCE.index)
    decisive = [finding for finding in findings if finding.outcome == outcome]
    evidence = "\n".join(dict.fromkeys(finding.evidence for finding in decisive if finding.evidence))
    comment = "\n".join(dict.fromkeys(finding.comment for finding in decisive if finding.comment))
    dates = [finding.rated_at for finding in decisive if finding.rated_at]
    return {
        "outcome": passes if outcome == "met" else outcome,
        "evidence": clean(evidence) or None,
        "comment": clean(comment) or None,
        "rated_at": max(dates) if dates else None,
        "source_row": next((finding.line for finding in decisive if finding.line is not None), None),
    }
