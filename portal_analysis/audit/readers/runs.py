"""Looks at one page brought together: one run in several files, several set-ups, repeats, parts of one run.

Hands on :func:`settle`, which decides before anything is counted what is one visit and what are several, and
:func:`check_twice`, which names what is still judged twice.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from portal_analysis.audit.readers.addresses import address_key
from portal_analysis.audit.readers.assembly import merged
from portal_analysis.audit.readers.reading import (
    LOOK,
    PRECEDENCE,
    SAME_RUN,
    Fault,
    Finding,
    Notes,
    Visit,
    reader_error,
)

REPEATS = ("first", "last", "majority", "worst")
"""What becomes of several runs of one tool on one page in one round."""

_REACHED = ("ok", "unknown")


@dataclass
class Pending:
    """A visit that waits to be counted: where it belongs, and whether a manifest named its assessor."""

    visit: Visit
    place: dict[str, Any]
    named: bool = False

    @property
    def file(self) -> str:
        """The file it came from."""
        return str(self.place["source_file"])

    def page(self) -> tuple[Hashable, ...]:
        """Portal, page and round."""
        return self.place["portal_id"], self.place["page_id"], self.place["round"]


def settle(pending: Sequence[Pending], repeats: str | None, notes: Notes) -> list[Pending]:
    """Return the visits to count, each a look of its own.

    Parts of one run are put together, a second format of one run is left out, set-ups that met on one page become
    assessors of their own, and repeats are settled as ``repeats`` says.
    """
    kept = _without_second_formats(_parts_together(pending), notes)
    _tell_setups_apart(kept)
    return _without_repeats(kept, repeats, notes) if repeats else kept


def _grouped(
    pending: Iterable[Pending], key: Callable[[Pending], Hashable | None]
) -> dict[Hashable, list[Pending]]:
    groups: dict[Hashable, list[Pending]] = {}
    for place, one in enumerate(pending):
        found = key(one)
        groups.setdefault(("alone", place) if found is None else found, []).append(one)
    return groups


# ------------------------------------------------------------------------------------- parts of a run


def _parts_together(pending: Sequence[Pending]) -> list[Pending]:
    """Put the parts of one run on one page together; a page that a log names is kept only if nothing else has it."""

    def key(one: Pending) -> Hashable | None:
        return (*one.page(), one.place["assessor_id"]) if one.visit.part else None

    together = []
    for group in _grouped(pending, key).values():
        looked = [one for one in group if one.visit.part != "log"] or group[:1]
        first = looked[0]
        bad = next((one for one in looked if one.visit.status not in _REACHED), None)
        if bad is not None:
            first.visit.status, first.visit.message = bad.visit.status, bad.visit.message
        for other in looked[1:]:
            first.visit.findings = first.visit.findings + other.visit.findings
            first.visit.title = first.visit.title or other.visit.title
        together.append(first)
    return together


# ------------------------------------------------------------------------------------ second formats


def _without_second_formats(pending: Sequence[Pending], notes: Notes) -> list[Pending]:
    """Keep one visit of each run: one run is one page, tool and start, whatever files tell of it."""

    def key(one: Pending) -> Hashable | None:
        start = _moment(one.visit.started_at)
        page = one.visit.url and address_key(one.visit.url)
        if one.visit.kind != "tool" or one.named or start is None or page is None:
            return None
        return one.place["portal_id"], one.place["round"], page, one.visit.tool, start

    dropped: set[int] = set()
    for group in _grouped(pending, key).values():
        richest = sorted(group, key=_richness)
        for place, one in enumerate(richest):
            twin = next((other for other in richest[:place] if _one_run(one, other)), None)
            if twin is not None and id(twin) not in dropped:
                dropped.add(id(one))
                found = f"is the same run as {twin.file} (same page, tool and time)"
                notes.add(
                    SAME_RUN, Fault(one.file, one.visit.line, found, "nothing to do: it is counted once")
                )
    return [one for one in pending if id(one) not in dropped]


def _one_run(one: Pending, other: Pending) -> bool:
    """May two visits of one page, tool and time be one run? Not if they say that they were set up otherwise."""
    setups = {one.visit.setup, other.visit.setup} - {None}
    formats = {PurePosixPath(each.file).suffix.lower() for each in (one, other)}
    told_apart = one.place["assessor_id"] != other.place["assessor_id"] or len(formats) > 1
    return one.file != other.file and len(setups) < 2 and told_apart


def _richness(one: Pending) -> tuple[bool, bool, int, str]:
    return one.visit.version is None, one.file.lower().endswith(".csv"), -len(one.visit.findings), one.file


def _moment(text: str | None) -> str | None:
    """Return a time as UTC, so that two spellings of one moment are equal; None if it tells no time of day."""
    if not text or len(text) < 16:
        return None
    try:
        moment = datetime.datetime.fromisoformat(text.strip().replace(" ", "T"))
    except ValueError:
        return text.strip()
    in_utc = moment.astimezone(datetime.UTC) if moment.tzinfo else moment
    return in_utc.replace(tzinfo=None).isoformat()


# ------------------------------------------------------------------------------------------- set-ups


def _tell_setups_apart(pending: Sequence[Pending]) -> None:
    """Where one tool looked at one page in several set-ups, let each set-up be an assessor of its own."""

    def key(one: Pending) -> Hashable | None:
        return (*one.page(), one.place["assessor_id"]) if one.visit.setup and not one.named else None

    several = {
        group[0].place["assessor_id"]
        for group in _grouped(pending, key).values()
        if len({one.visit.setup for one in group}) > 1
    }
    for one in pending:
        assessor, setup = one.place["assessor_id"], one.visit.setup
        if assessor in several and setup and not one.named and not assessor.endswith(f"-{setup}"):
            one.place["assessor_id"] = f"{assessor}-{setup}"


# ------------------------------------------------------------------------------------------- repeats


def _without_repeats(pending: Sequence[Pending], repeats: str, notes: Notes) -> list[Pending]:
    def key(one: Pending) -> Hashable | None:
        seen = one.visit.kind == "tool" and one.visit.status in _REACHED
        return (*one.page(), one.place["assessor_id"]) if seen else None

    kept = []
    for group in _grouped(pending, key).values():
        if len(group) > 1:
            files = ", ".join(sorted({one.file for one in group}))
            found = f"{len(group)} runs of {group[0].place['assessor_id']} on {group[0].visit.url}: {files}"
            notes.add(LOOK, Fault(group[0].file, None, found, f"counted once: repeats={repeats!r}"))
        kept.append(group[0] if len(group) == 1 else _one_of(group, repeats))
    return kept


def _one_of(group: Sequence[Pending], repeats: str) -> Pending:
    """One visit instead of several: the first or last in time, or one with the worst or most frequent outcomes."""
    in_time = sorted(group, key=lambda one: (_moment(one.visit.started_at) or "", one.file))
    chosen = in_time[-1 if repeats == "last" else 0]
    if repeats in ("first", "last"):
        return chosen
    if repeats == "worst":
        chosen.visit.findings = [finding for one in in_time for finding in one.visit.findings]
        return chosen
    by_rule: dict[tuple[str, tuple[str, ...]], list[list[Finding]]] = {}
    for one in in_time:
        said: dict[tuple[str, tuple[str, ...]], list[Finding]] = {}
        for finding in one.visit.findings:
            said.setdefault((finding.rule, finding.numbers), []).append(finding)
        for rule, findings in said.items():
            by_rule.setdefault(rule, []).append(findings)
    silent = "not_tested" if not chosen.visit.lists_problems else "met"
    chosen.visit.findings = [
        finding for runs in by_rule.values() for finding in _majority(runs, len(in_time), silent)
    ]
    return chosen


def _majority(runs: Sequence[list[Finding]], size: int, silent: str) -> list[Finding]:
    """Return the findings of the runs that say what most say; equal numbers go to the worse, silence is a voice too."""
    outcomes = [str(merged(findings)["outcome"]) for findings in runs] + [silent] * (size - len(runs))
    most = max(outcomes.count(one) for one in outcomes)
    chosen = min((one for one in outcomes if outcomes.count(one) == most), key=PRECEDENCE.index)
    return next((found for found, said in zip(runs, outcomes, strict=False) if said == chosen), [])


# ------------------------------------------------------------------------------------------- versions


def note_versions(runs: Sequence[dict[str, Any]], notes: Notes) -> None:
    """Note the tools whose version changed between rounds: rules come and go, so rounds are not alike."""
    found: dict[str, dict[str, set[str]]] = {}
    for run in runs:
        if run["version"] and run["tool"] and run["status"] in _REACHED:
            found.setdefault(run["tool"], {}).setdefault(run["round"], set()).add(run["version"])
    for tool, rounds in found.items():
        if len({frozenset(versions) for versions in rounds.values()}) > 1:
            said = "; ".join(f"{when}: {', '.join(sorted(found))}" for when, found in sorted(rounds.items()))
            advice = "a difference between rounds may be the tool's; compare what both versions test"
            notes.add(
                LOOK, Fault(tool, None, f"the versions of {tool} differ between rounds, {said}", advice)
            )


# --------------------------------------------------------------------------------------------- twice

KEY = ("portal_id", "page_id", "criterion_id", "assessor_id", "round")
"""What a judgement is about; each may be judged once."""


def check_twice(judgements: Sequence[dict[str, Any]]) -> None:
    """Raise if two files, or two results in one, judge the same: that would be counted twice.

    Raises
    ------
    ReaderError
        One fault a pair of files, with page, criterion, assessor and round of the first case.
    """
    first: dict[tuple[Any, ...], dict[str, Any]] = {}
    pairs: dict[tuple[str, str], tuple[dict[str, Any], int]] = {}
    for row in judgements:
        key = tuple(row.get(name) for name in KEY)
        other = first.setdefault(key, row)
        if other is not row:
            files = (str(other["source_file"]), str(row["source_file"]))
            example, count = pairs.get(files, (row, 0))
            pairs[files] = (example, count + 1)
    advice = (
        "give them different rounds or assessors in a manifest or mapping, say repeats= one of "
        f"{list(REPEATS)} if a tool was run several times, or take one away"
    )
    found = [
        Fault(second, row.get("source_row"), _judged_again(one, second, row, count), advice)
        for (one, second), (row, count) in pairs.items()
    ]
    if found:
        raise reader_error(found)


def _judged_again(one: str, second: str, row: dict[str, Any], count: int) -> str:
    page = f", page {row['page_id']!r}," if row.get("page_id") else ""
    return (
        f"judges what {one if one != second else 'an earlier result in it'} judges ({count} times), first "
        f"{row['criterion_id']!r} of {row['portal_id']!r}{page} by {row['assessor_id']!r} in round {row['round']!r}"
    )
