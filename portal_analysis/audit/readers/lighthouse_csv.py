"""Lighthouse reports in CSV: the two tables of versions 10 and later, and the one table of older ones.

Hands on one visit a report. The CSV does not tell how an audit is scored, so what only informs is known by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portal_analysis.audit.readers.foreign import clean
from portal_analysis.audit.readers.lighthouse import numbers_of, outcome_of, rule_of, score_of
from portal_analysis.audit.readers.reading import Faults, Finding, Visit

INFORMATION = frozenset(
    [
        "baseline",
        "cls-culprits-insight",
        "critical-request-chains",
        "diagnostics",
        "final-screenshot",
        "forced-reflow-insight",
        "js-libraries",
        "largest-contentful-paint-element",
        "layout-shift-elements",
        "layout-shifts",
        "long-tasks",
        "main-thread-tasks",
        "metrics",
        "network-dependency-tree-insight",
        "network-requests",
        "network-rtt",
        "network-server-latency",
        "non-composited-animations",
        "resource-summary",
        "screenshot-thumbnails",
        "script-treemap-data",
        "third-parties-insight",
        "third-party-summary",
        "timing-budget",
        "performance-budget",
        "user-timings",
        "webmcp-registered-tools",
    ]
)
"""Audits that inform and give no verdict, whatever score stands beside them (versions 9 to 13)."""

ADVISORY = frozenset(
    ["csp-xss", "has-hsts", "origin-isolation", "clickjacking-mitigation", "trusted-types-xss"]
)
"""Audits of security headers, which inform too but list what is wrong by severity."""


def is_csv(rows: Sequence[Sequence[str]]) -> bool:
    """Are these the rows of a Lighthouse CSV report?"""
    return {"requestedUrl", "fetchTime"} <= set(rows[0]) or set(rows[0]) >= _ONE_TABLE


_ONE_TABLE = {"requestedUrl", "finalUrl", "category", "name", "type", "score"}
"""The columns of the one table that versions before 10 wrote."""


def read_csv(rows: Sequence[Sequence[str]], file: str) -> Iterator[Visit]:
    """Yield the visit of a CSV report: a table of the run, then one of category, audit and score.

    The CSV does not say how an audit is scored: 1 is met, 0 not met, and scores between follow Lighthouse's
    colours; an audit without a score is ``not_tested``, for it may be not applicable, manual or failed. What only
    informs is left out, and what would list missing headers, which the CSV does not, is ``cant_tell``. The one table of
    older versions says how each audit is scored.

    Raises
    ------
    FileFaults
        If a score is no number from 0 to 1, or a row of the one table is cut off.
    """
    if set(rows[0]) >= _ONE_TABLE:
        yield from _of_one_table(rows, file)
        return
    run = dict(zip(rows[0], rows[1], strict=False)) if len(rows) > 1 else {}
    header: list[str] = []
    body = []
    for line, row in enumerate(rows[2:], start=3):
        if "audit" in row and "score" in row:
            header = list(row)
        elif header and len(row) > header.index("score") and row[header.index("audit")]:
            body.append((line, dict(zip(header, row, strict=False))))
    yield _csv_visit(run, body, file)


def _of_one_table(rows: Sequence[Sequence[str]], file: str) -> Iterator[Visit]:
    """Yield one visit for each address of the one table."""
    pages: dict[str, list[tuple[int, dict[str, str]]]] = {}
    faults = Faults(file)
    for line, row in enumerate(rows[1:], start=2):
        cells = dict(zip(rows[0], row, strict=False))
        lost = sorted(_ONE_TABLE - set(cells))
        if any(row) and lost:
            faults.add(line, f"the row ends before {lost}", "write the file again")
        elif any(row) and not cells["name"].endswith("-score"):
            pages.setdefault(cells["requestedUrl"], []).append((line, {**cells, "audit": cells["name"]}))
    faults.tell()
    for body in pages.values():
        yield _csv_visit(body[0][1], body, file)


def _csv_visit(run: dict[str, str], body: Sequence[tuple[int, dict[str, str]]], file: str) -> Visit:
    findings, faults = [], Faults(file)
    seen: set[str] = set()
    for line, cells in body:
        if cells["audit"] in seen:
            continue
        seen.add(cells["audit"])
        try:
            finding = _csv_finding(cells["audit"], score_of(cells["score"]), cells, line)
        except ValueError as error:
            faults.add(line, str(error), "scores are 0 to 1")
            continue
        findings += [finding] if finding is not None else []
    faults.tell()
    status = "ok" if any(finding.outcome != "not_tested" for finding in findings) else "error"
    return Visit(
        tool="lighthouse",
        url=run.get("requestedUrl") or run.get("finalDisplayedUrl") or None,
        final_url=run.get("finalDisplayedUrl") or run.get("finalUrl") or None,
        started_at=run.get("fetchTime") or None,
        status=status,
        message=None if status == "ok" else "the report holds no score: nothing was audited",
        line=1,
        findings=findings,
    )


def _csv_finding(name: str, score: float | None, cells: dict[str, str], line: int) -> Finding | None:
    category = cells.get("category", "").lower().replace(" ", "-")
    mode = cells.get("type") or _csv_mode(name, category, score)
    outcome = outcome_of(score, mode)
    if name in ADVISORY and outcome in (None, "met"):
        outcome = "cant_tell"
    if outcome is None:
        return None
    shown = cells.get("displayValue") or ""
    return Finding(
        rule=rule_of(name, category),
        outcome=outcome,
        numbers=numbers_of(name, []),
        title=cells.get("title") or name,
        comment=clean(f"{name} ({shown})" if shown else name),
        line=line,
        type=mode,
    )


def _csv_mode(name: str, category: str, score: float | None) -> str:
    if name in INFORMATION:
        return "informative"
    graded = category == "performance" or score not in (None, 0.0, 1.0)
    return "numeric" if graded else "binary"
