"""Make the simulated audit: judgements whose consensus gives the published counts, all else drawn at random.

Run as ``python data/portal-review-simulated/make.py``. Reads the published counts and the provinces from the
folders beside it, and what was written by hand here: ``feedback_items.csv``, ``keywords.csv``,
``name_words.csv`` and ``datapackage.json``, in which only sizes and hashes change. Writes the other tables, the
same bytes each time. Which portal gets which result is random and says nothing about any real portal.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from portal_analysis.audit.consensus import decide
from portal_analysis.audit.judgements import OUTCOMES
from portal_analysis.datasets import write_descriptor

HERE = Path(__file__).resolve().parent
PUBLISHED = HERE.parent / "portal-review-published"
SEED = 20230711
NOT_MET, PARTLY, MET = range(3)
GRADED = ("inadequate", "average", "good")
YES_NO = ("no", "yes")
PAGES = ("home", "search", "procedure", "sign-in", "privacy")
PERIODS = {
    "2022": (date(2022, 3, 1), 60),
    "2023": (date(2022, 11, 1), 120),
    "2024": (date(2024, 2, 1), 100),
}
FEEDBACK = (date(2022, 11, 28), 135)
ASSESSORS = (
    ("expert-1", "expert", "", ""),
    ("expert-2", "expert", "", ""),
    ("expert-3", "expert", "", ""),
    ("blind-user", "disabled user", "", ""),
    ("minority-user", "minority user", "", ""),
    ("axe", "tool", "axe-core", "4.8.4"),
)
EXPERTS = ("expert-1", "expert-2", "expert-3")
CODERS = ("coder-1", "coder-2", "coder-3")


@dataclass(frozen=True)
class Criterion:
    """A criterion of the simulation.

    ``counts`` are the portals at each level, worst first, where nothing is published; where something is, the
    published count decides and ``partly`` is the number at the middle level. ``nested`` names the criterion without
    which this one cannot be met. ``gaps`` are portals that nobody audited, by reason.
    """

    id: str
    round: str
    published: str
    group: str
    levels: tuple[str, ...] = GRADED
    counts: tuple[int, ...] = ()
    partly: int = 0
    nested: str = ""
    others: tuple[str, ...] = ()
    gaps: dict[str, int] = field(default_factory=dict)


BLIND, MINORITY = "blind-user", "minority-user"
BOTH = (BLIND, MINORITY)
CRITERIA = (
    Criterion(
        "policy_service_portal", "2022", "2022.policy_service_portal", "i", ("not_published", "published")
    ),
    Criterion("policy_egov_portal", "2022", "2022.policy_egov_portal", "i", ("not_published", "published")),
    Criterion("contact_service_portal", "2022", "2022.contact_service_portal", "i", YES_NO),
    Criterion("contact_egov_portal", "2022", "2022.contact_egov_portal", "i", YES_NO),
    Criterion("lookup_ease", "2023", "2023_1_1", "1", counts=(19, 26, 18), others=BOTH),
    Criterion("2023_1_2", "2023", "2023_1_2", "1", counts=(21, 25, 17), others=BOTH),
    Criterion("2023_1_3", "2023", "2023_1_3", "1", counts=(8, 22, 33), others=(MINORITY,)),
    Criterion("2023_1_4", "2023", "2023_1_4", "1", counts=(14, 30, 19)),
    Criterion("2023_2_1", "2023", "2023_2_1", "2", counts=(33, 21, 9)),
    Criterion("2023_2_2", "2023", "2023_2_2", "2", counts=(23, 24, 16), others=BOTH, gaps={"not_tested": 3}),
    Criterion("2023_2_3", "2023", "2023_2_3", "2", counts=(12, 20, 31), gaps={"": 2, "not_applicable": 2}),
    Criterion("2023_3_1", "2023", "2023_3_1", "3", counts=(17, 31, 15), others=(MINORITY,)),
    Criterion("disability_access", "2023", "2023_3_2", "3", counts=(42, 17, 4), others=(BLIND, "axe")),
    Criterion("data_protection", "2023", "2023_3_3", "3", counts=(55, 6, 2)),
    Criterion("no_originals_required", "2023", "2023.originals_required", "2", YES_NO, others=(MINORITY,)),
    Criterion("online_results", "2023", "2023.no_online_results", "2", YES_NO, others=BOTH),
    Criterion("guide_posted", "2023", "2023.guide_posted", "1", YES_NO, counts=(43, 20)),
    Criterion("disability_access", "2024", "2024_i_pwd", "i", partly=20, others=(BLIND, "axe")),
    Criterion("2024_i_compat", "2024", "2024_i_compat", "i", counts=(7, 45, 11), gaps={"error": 1}),
    Criterion("data_protection", "2024", "2024_x_pdp", "x", partly=2),
    Criterion("support_information", "2024", "2024_ii_support", "ii", partly=28, others=BOTH),
    Criterion("lookup_ease", "2024", "2024_ii_lookup", "ii", partly=29, others=BOTH),
    Criterion("full_process_features", "2024", "2024_x_fullprocess", "x", partly=24, others=(MINORITY,)),
    Criterion("guide_posted", "2024", "2024.guide_posted", "ii", YES_NO, others=(MINORITY,)),
    Criterion("guide_three_forms", "2024", "2024.guide_three_forms", "ii", YES_NO, nested="guide_posted"),
    Criterion("lookup_advanced", "2024", "2024.lookup_advanced", "ii", YES_NO),
    Criterion("lookup_messaging", "2024", "2024.lookup_messaging", "ii", YES_NO, others=(MINORITY,)),
    Criterion("chatbot_present", "2024", "2024.chatbot_present", "ii", YES_NO),
    Criterion("chatbot_working", "2024", "2024.chatbot_working", "ii", YES_NO, nested="chatbot_present"),
)

# Which published count each consensus reproduces: how many portals have this outcome on this criterion.
CALIBRATION = (
    ("2022.policy_service_portal", "policy_service_portal", "met"),
    ("2022.policy_egov_portal", "policy_egov_portal", "met"),
    ("2022.contact_service_portal", "contact_service_portal", "met"),
    ("2022.contact_egov_portal", "contact_egov_portal", "met"),
    ("2023.originals_required", "no_originals_required", "not_met"),
    ("2023.no_online_results", "online_results", "not_met"),
    ("2024.guide_posted", "guide_posted", "met"),
    ("2024.guide_three_forms", "guide_three_forms", "met"),
    ("2024.lookup_advanced", "lookup_advanced", "met"),
    ("2024.lookup_messaging", "lookup_messaging", "met"),
    ("2024.support_good", "support_information", "met"),
    ("2024.full_process_good", "full_process_features", "met"),
    ("2024.lookup_good", "lookup_ease", "met"),
    ("2024.data_protection_not_met", "data_protection", "not_met"),
    ("2024.disability_not_met", "disability_access", "not_met"),
    ("2024.chatbot_present", "chatbot_present", "met"),
    ("2024.chatbot_working", "chatbot_working", "met"),
    ("2024.majority_good", "", "more than half of the graded criteria met"),
    ("2024.some_inconvenience", "", "some graded criterion not met or partly met"),
)

OWN_WORDING = {
    "no_originals_required": (
        "Does not require the original papers when a scan was submitted online",
        "Không yêu cầu bản gốc giấy tờ khi đã nộp bản chụp trực tuyến",
    ),
    "online_results": ("Returns results online", "Cho phép trả kết quả trực tuyến"),
}

# Version 0.2 of the codebook adds these readings to version 1; they follow the usual crosswalk of audit criteria.
WIDER = (
    ("2023_1_3", "article", "S5"),
    ("no_originals_required", "article", "S4"),
    ("online_results", "article", "S5"),
    ("full_process_features", "article", "S4"),
    ("support_information", "article", "S5"),
    ("guide_three_forms", "article", "S2"),
    ("chatbot_working", "article", "S5"),
    ("no_originals_required", "reviewers", "R3"),
    ("full_process_features", "reviewers", "R3"),
    ("guide_three_forms", "reviewers", "R4"),
)


def main() -> None:
    """Write every table and the descriptor."""
    random = np.random.default_rng(SEED)
    portals = portal_rows()
    verdicts = draw_verdicts(random, len(portals))
    tables = {
        "portals": portals,
        "criteria": criterion_rows(),
        "codebook": codebook_rows(),
        "shortcomings": shortcoming_rows(),
        "assessors": [
            dict(zip(("assessor_id", "kind", "tool", "version"), row, strict=True)) for row in ASSESSORS
        ],
        "pages": page_rows(portals),
        "calibration": calibration_rows(),
    }
    runs = run_rows(random, tables["pages"])
    tables["judgements"] = judgement_rows(random, portals, verdicts, runs)
    tables["runs"] = runs
    tables["feedback"] = feedback_rows(random, portals)
    for name, rows in tables.items():
        write(HERE / f"{name}.csv", rows)
    write_descriptor(HERE, json.loads((HERE / "datapackage.json").read_text("utf-8")))


def read(path: Path) -> list[dict[str, str]]:
    """Read a CSV file as dictionaries of text."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write dictionaries as a CSV file with LF line ends."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


# ------------------------------------------------------------------------------------------ what is audited


def portal_rows() -> list[dict[str, Any]]:
    """One portal a province, with an address that cannot exist."""
    rows = []
    for unit in read(HERE.parent / "provinces" / "units.csv"):
        city = unit["type63"] == "municipality"
        rows.append(
            {
                "portal_id": f"portal-{unit['gso63']}",
                "province_code": unit["gso63"],
                "name_vi": f"Cổng dịch vụ công {'thành phố' if city else 'tỉnh'} {unit['name_vi']} (mô phỏng)",
                "name_en": f"E-service portal of {unit['name_en']} (simulated)",
                "url": f"https://portal-{unit['gso63']}.example/",
            }
        )
    return rows


def page_rows(portals: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Five pages a portal."""
    return [
        {
            "page_id": f"{portal['portal_id']}-{role}",
            "portal_id": portal["portal_id"],
            "url": portal["url"] + ("" if role == "home" else role),
            "role": role,
        }
        for portal in portals
        for role in PAGES
    ]


def criterion_rows() -> list[dict[str, Any]]:
    """The criteria with the wording that was published."""
    rows = []
    for each in CRITERIA:
        english, vietnamese = OWN_WORDING.get(each.id) or published_wording(each.published)
        rows.append(
            {
                "criterion_id": each.id,
                "scheme": f"review-{each.round}",
                "round": each.round,
                "wording_vi": vietnamese,
                "wording_en": english,
                "group": f"{each.round}-{each.group}",
                "scale": "ordinal" if each.levels == GRADED else "binary",
                "levels": "|".join(each.levels),
                "good_from": each.levels[-1],
                "weight": 1,
                "mode": "semi-automatic" if "axe" in each.others else "manual",
                "wcag_sc": "",
                "published_id": each.published,
            }
        )
    return rows


def published_wording(name: str) -> tuple[str, str]:
    """The published wording of a criterion, or of the item that was counted."""
    for row in read(PUBLISHED / "criteria.csv"):
        if row["criterion_id"] == name:
            return row["wording_en"], row["wording_vi"]
    item = published_count(name)
    return item["item_en"], item["item_vi"]


def published_count(name: str) -> dict[str, str]:
    """The row of a published count."""
    return next(row for row in read(PUBLISHED / "counts.csv") if row["count_id"] == name)


def shortcoming_rows() -> list[dict[str, Any]]:
    """The two published lists of five."""
    return [
        {
            "scheme": row["scheme"],
            "shortcoming": row["shortcoming_id"],
            "label_en": row["label_en"],
            "label_vi": row["label_vi"],
        }
        for row in read(PUBLISHED / "shortcomings.csv")
    ]


def codebook_rows() -> list[dict[str, Any]]:
    """Version 1 reads the criteria as the published codebook does; 0.1 is narrower, 0.2 wider."""
    published: dict[str, list[tuple[str, str, float]]] = {}
    for row in read(PUBLISHED / "codebook.csv"):
        name = row["criterion_id"] or row["count_id"]
        published.setdefault(name, []).append((row["scheme"], row["shortcoming_id"], float(row["share"])))
    rows = []
    for name in dict.fromkeys(each.id for each in CRITERIA):
        readings = [reading for each in CRITERIA if each.id == name for reading in published[each.published]]
        own = {(scheme, shortcoming): share for scheme, shortcoming, share in readings}
        for (scheme, shortcoming), share in own.items():
            rows.append(entry(name, scheme, shortcoming, share, "1"))
            first = next(other for (its, other) in own if its == scheme)
            if shortcoming == first:
                rows.append(entry(name, scheme, shortcoming, 1.0, "0.1"))
            rows.append(entry(name, scheme, shortcoming, share, "0.2"))
    rows += [entry(name, scheme, shortcoming, 0.5, "0.2") for name, scheme, shortcoming in WIDER]
    return sorted(
        rows, key=lambda row: (row["version"], row["scheme"], row["criterion_id"], row["shortcoming"])
    )


def entry(name: str, scheme: str, shortcoming: str, share: float, version: str) -> dict[str, Any]:
    """One row of the codebook."""
    return {
        "criterion_id": name,
        "scheme": scheme,
        "shortcoming": shortcoming,
        "share": f"{share:g}",
        "version": version,
    }


def calibration_rows() -> list[dict[str, Any]]:
    """Which consensus gives which published count."""
    return [
        {"count_id": count, "round": count[:4], "criterion_id": criterion, "counted": counted}
        for count, criterion, counted in CALIBRATION
    ]


# ------------------------------------------------------------------------------------------ verdicts


def level_counts(each: Criterion, n_portals: int) -> tuple[int, ...]:
    """How many portals stand at each level, worst first."""
    if each.counts:
        return each.counts
    count_id, counted = next(
        (count, counted)
        for count, criterion, counted in CALIBRATION
        if criterion == each.id and count[:4] == each.round
    )
    number = int(published_count(count_id)["count"])
    rest = n_portals - number - each.partly
    worst, best = (number, rest) if counted == "not_met" else (rest, number)
    return (worst, each.partly, best) if len(each.levels) == 3 else (worst, best)


def draw_verdicts(random: np.random.Generator, n_portals: int) -> dict[tuple[str, str], np.ndarray]:
    """Draw the consensus of each criterion: better portals are better on most criteria, but not on all."""
    quality = random.normal(size=n_portals)
    drawn: dict[tuple[str, str], np.ndarray] = {}
    for each in CRITERIA:
        score = 0.7 * quality + random.normal(size=n_portals)
        if each.nested:
            score = np.where(drawn[(each.nested, each.round)] == MET, score, score.min() - 1)
        counts = level_counts(each, n_portals)
        outcomes = (NOT_MET, PARTLY, MET) if len(counts) == 3 else (NOT_MET, MET)
        verdict = np.empty(n_portals, dtype=int)
        verdict[np.argsort(score, kind="stable")] = np.repeat(outcomes, counts)
        drawn[(each.id, each.round)] = verdict
    return no_portal_mostly_good(random, drawn)


def no_portal_mostly_good(
    random: np.random.Generator, drawn: dict[tuple[str, str], np.ndarray]
) -> dict[tuple[str, str], np.ndarray]:
    """Swap until no portal is good on more than half of the graded criteria of 2024, as was published."""
    graded = [(each.id, each.round) for each in CRITERIA if each.round == "2024" and each.levels == GRADED]
    most = len(graded) // 2
    while True:
        good = sum((drawn[key] == MET).astype(int) for key in graded)
        too_good = np.flatnonzero(good > most)
        if not len(too_good):
            return drawn
        portal = too_good[0]
        key = next(key for key in graded if drawn[key][portal] == MET)
        others = np.flatnonzero((good < most) & (drawn[key] != MET))
        other = random.choice(others)
        drawn[key][[portal, other]] = drawn[key][[other, portal]]


# ------------------------------------------------------------------------------------------ judgements


def run_rows(random: np.random.Generator, pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tool's visits: most succeed, some pages fail, two portals were out of reach in 2023."""
    rows = []
    portals = list(dict.fromkeys(page["portal_id"] for page in pages))
    down = set(random.choice(portals, size=2, replace=False))
    for when in ("2023", "2024"):
        for page in pages:
            unreachable = when == "2023" and page["portal_id"] in down
            failed = random.random() < 0.03
            status = "unreachable" if unreachable else "error" if failed else "ok"
            rows.append(
                {
                    "portal_id": page["portal_id"],
                    "page_id": page["page_id"],
                    "tool": "axe-core",
                    "version": "4.8.4",
                    "started_at": day(random, when),
                    "requested_url": page["url"],
                    "final_url": "" if unreachable else page["url"],
                    "http_status": "" if unreachable else 500 if failed else 200,
                    "status": status,
                    "message": {
                        "unreachable": "no answer (simulated)",
                        "error": "server error (simulated)",
                    }.get(status, ""),
                    "round": when,
                    "assessor_id": "axe",
                }
            )
    return rows


def judgement_rows(
    random: np.random.Generator,
    portals: list[dict[str, Any]],
    verdicts: dict[tuple[str, str], np.ndarray],
    runs: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Everybody's judgements, criterion by criterion and portal by portal."""
    visits: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for run in runs:
        visits.setdefault((run["round"], run["portal_id"]), []).append(run)
    rows = []
    for each in CRITERIA:
        gaps = draw_gaps(random, each, len(portals))
        for place, portal in enumerate(portals):
            name = portal["portal_id"]
            if gaps[place] is not None:
                rows += gap_rows(random, each, name, str(gaps[place]))
                continue
            target = int(verdicts[(each.id, each.round)][place])
            tool = (
                tool_pages(random, target, visits.get((each.round, name), [])) if "axe" in each.others else {}
            )
            rows += human_rows(random, each, name, draw_votes(random, each, target, tool))
            rows += [
                row(each, name, "axe", outcome, str(page["started_at"]), page["page_id"])
                for page, outcome in tool.values()
            ]
    return rows


def draw_gaps(random: np.random.Generator, each: Criterion, n_portals: int) -> list[str | None]:
    """For each portal None, or why nobody audited it on this criterion ("" leaves no record at all)."""
    gaps: list[str | None] = [None] * n_portals
    places = iter(random.permutation(n_portals))
    for reason, number in each.gaps.items():
        for _ in range(number):
            gaps[int(next(places))] = reason
    return gaps


def gap_rows(random: np.random.Generator, each: Criterion, portal: str, reason: str) -> list[dict[str, Any]]:
    """What the experts left of a criterion that they could not audit on a portal."""
    return [row(each, portal, name, reason, day(random, each.round)) for name in EXPERTS] if reason else []


def draw_votes(
    random: np.random.Generator, each: Criterion, target: int, tool: dict[str, Any]
) -> dict[str, str | None]:
    """Draw people's votes around the target, then turn dissenters until the consensus is the target."""
    people = [*EXPERTS, *(name for name in each.others if name != "axe")]
    votes = {name: draw_vote(random, each, target, name) for name in people}
    machine = worst_page(tool)
    order = [people[place] for place in random.permutation(len(people))]
    for name in ["", *order]:
        if name and votes[name] != OUTCOMES[target]:
            votes[name] = OUTCOMES[target]
        tally = np.zeros(len(OUTCOMES), dtype=int)
        for vote in [*votes.values(), machine]:
            if vote is not None:
                tally[OUTCOMES.index(vote)] += 1
        if int(decide(tally)[0]) == target:
            return votes
    raise ValueError(f"{each.id}, {each.round}: the votes cannot reach the verdict {OUTCOMES[target]}")


def draw_vote(random: np.random.Generator, each: Criterion, target: int, name: str) -> str | None:
    """One person's vote: mostly the target, sometimes another level, sometimes none."""
    chance = random.random()
    if chance < 0.03:
        return None
    if chance < 0.05:
        return "not_tested"
    if chance < 0.065:
        return "cant_tell"
    slip = {"expert-1": 0.08, "expert-2": 0.12, "expert-3": 0.10, BLIND: 0.22, MINORITY: 0.18}[name]
    if random.random() > slip:
        return OUTCOMES[target]
    if len(each.levels) == 2:
        return OUTCOMES[MET - target]
    # Users with a disability or another mother tongue meet barriers that experts overlook, seldom fewer.
    lenient = 0.25 if name in BOTH else 0.5
    step = 1 if random.random() < lenient else -1
    moved = min(max(target + step, NOT_MET), MET)
    return OUTCOMES[moved if moved != target else target - step]


def tool_pages(random: np.random.Generator, target: int, visits: list[dict[str, Any]]) -> dict[str, Any]:
    """The tool's outcome on each page it reached: it can find a failure, but its silence proves nothing."""
    chance = {NOT_MET: 0.45, PARTLY: 0.12, MET: 0.03}[target]
    found = {}
    for visit in visits:
        if visit["status"] == "ok":
            found[visit["page_id"]] = (visit, "not_met" if random.random() < chance else "cant_tell")
    return found


def worst_page(tool: dict[str, Any]) -> str | None:
    """The tool's vote on the portal: a page that fails makes it fail."""
    outcomes = {outcome for _, outcome in tool.values()}
    return "not_met" if "not_met" in outcomes else "cant_tell" if outcomes else None


def human_rows(
    random: np.random.Generator, each: Criterion, portal: str, votes: dict[str, str | None]
) -> list[dict[str, Any]]:
    """The rows that people's votes leave."""
    return [
        row(each, portal, name, vote, day(random, each.round))
        for name, vote in votes.items()
        if vote is not None
    ]


def row(
    each: Criterion, portal: str, assessor: str, outcome: str, when: str, page: str = ""
) -> dict[str, Any]:
    """One judgement."""
    ratings = dict(
        zip(
            ("not_met", "partly", "met") if len(each.levels) == 3 else ("not_met", "met"),
            each.levels,
            strict=True,
        )
    )
    return {
        "portal_id": portal,
        "page_id": page,
        "criterion_id": each.id,
        "assessor_id": assessor,
        "round": each.round,
        "rating": "" if page else ratings.get(outcome, ""),
        "outcome": outcome,
        "rated_at": when,
    }


def day(random: np.random.Generator, when: str) -> str:
    """A random day of a round."""
    first, length = PERIODS[when]
    return (first + timedelta(days=int(random.integers(length)))).isoformat()


# ------------------------------------------------------------------------------------------ feedback


def feedback_rows(random: np.random.Generator, portals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items with the codes that each of three people gave; an empty code says that none was found."""
    items = read(HERE / "feedback_items.csv")
    days = np.sort(random.integers(FEEDBACK[1], size=len(items)))
    order = random.permutation(len(items))
    rows = []
    for number, (offset, place) in enumerate(zip(days, order, strict=True), start=1):
        item = items[int(place)]
        meant = [code for code in item["codes"].split(" ") if code]
        portal = portals[int(random.integers(len(portals)))]["portal_id"]
        absent = random.choice(CODERS) if random.random() < 0.08 else ""
        for coder in CODERS:
            if coder == absent:
                continue
            for code in draw_codes(random, meant, coder):
                rows.append(
                    {
                        "item_id": f"item-{number:03d}",
                        "date": (FEEDBACK[0] + timedelta(days=int(offset))).isoformat(),
                        "portal_id": portal,
                        "text": item["text"],
                        "coder": coder,
                        "shortcoming": code,
                    }
                )
    return rows


def draw_codes(random: np.random.Generator, meant: list[str], coder: str) -> list[str]:
    """What a coder sees in an item: most of what is meant, now and then something else."""
    sees, adds = {"coder-1": (0.93, 0.02), "coder-2": (0.88, 0.04), "coder-3": (0.84, 0.03)}[coder]
    codes = [
        code for code in ("S1", "S2", "S3", "S4", "S5") if random.random() < (sees if code in meant else adds)
    ]
    return codes or [""]


if __name__ == "__main__":
    main()
