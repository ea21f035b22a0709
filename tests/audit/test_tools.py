from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from portal_analysis.audit.intervals import wilson
from portal_analysis.audit.judgements import Audit, AuditError
from portal_analysis.audit.tools import (
    NO_BETTER,
    NO_PASSES,
    corrected_prevalence,
    rogan_gladen,
    tool_accuracy,
)

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
CRITERIA = pd.DataFrame(
    {"criterion_id": ["alt", "contrast", "axe:image", "axe:colour", "search"],
     "wcag_sc": ["1.1.1", "1.4.3", "1.1.1", "1.4.3", None]}
)  # fmt: skip
ASSESSORS = pd.DataFrame(
    {
        "assessor_id": ["expert", "blind", "axe-4"],
        "kind": ["expert", "disabled user", "tool"],
        "tool": [None, None, "axe"],
    }
)


def audit_of(
    people: str, tool: str, more: str = "", criteria: tuple[str, str] = ("alt", "axe:image")
) -> Audit:
    """One letter a portal: f fails, p passes, . not tested; ``more`` are portals that only the tool saw."""
    words = {"f": "not_met", "p": "met", ".": "not_tested", "h": "partly"}
    rows = [(f"p{k}", criteria[0], "expert", words[one]) for k, one in enumerate(people)]
    rows += [(f"p{k}", criteria[1], "axe-4", words[one]) for k, one in enumerate(tool + more)]
    judged = pd.DataFrame(rows, columns=["portal_id", "criterion_id", "assessor_id", "outcome"]).assign(
        round="1"
    )
    return Audit(judged, criteria=CRITERIA, assessors=ASSESSORS)


def test_what_the_tool_finds_of_what_people_find() -> None:
    table = tool_accuracy(audit_of("ffffhppp.", "fffpppfpf"))
    own = table[table["wcag_sc"] == "1.1.1"].set_index("indicator")
    assert own.loc["sensitivity", ["count", "base"]].tolist() == [3, 5]
    assert own.loc["specificity", ["count", "base"]].tolist() == [2, 3]
    low, high = wilson(3, 5)
    assert own.loc["sensitivity", ["ci_low", "ci_high"]].tolist() == pytest.approx([float(low), float(high)])
    assert own["tool"].tolist() == ["axe", "axe"]
    assert tool_accuracy(audit_of("fp", "fp"), interval=None)["ci_low"].isna().all()


def test_over_success_criteria_cells_of_a_portal_go_together() -> None:
    one = audit_of("ffffpppp", "ffpppppf")
    other = audit_of("ffffpppp", "ffpppppf", criteria=("contrast", "axe:colour"))
    both = Audit(pd.concat([one.judgements, other.judgements]), criteria=CRITERIA, assessors=ASSESSORS)
    table = tool_accuracy(both)
    pooled, single = (table[rows].set_index("indicator").loc["sensitivity"]
                      for rows in (table["wcag_sc"].isna(), table["wcag_sc"] == "1.1.1"))  # fmt: skip
    assert (pooled["base"], single["base"]) == (8, 4)
    # the second criterion repeats the first: it makes nothing surer (3 of 4 is the factor m / (m − 1))
    assert pooled["ci_high"] - pooled["ci_low"] >= single["ci_high"] - single["ci_low"] - 1e-12


def test_prevalence_is_corrected_by_hand() -> None:
    row = (
        corrected_prevalence(audit_of("ffffffffppppp", "fffffffppppfp", "ffpppppppp"))
        .query("wcag_sc == '1.1.1'")
        .iloc[0]
    )
    se, sp, o, n = 7 / 8, 4 / 5, 10 / 23, 23
    p = (o + sp - 1) / (se + sp - 1)
    assert row["apparent"] == pytest.approx(o)
    assert row["estimate"] == pytest.approx(p)
    variance = o * (1 - o) / n + p**2 * se * (1 - se) / 8 + (1 - p) ** 2 * sp * (1 - sp) / 5
    assert row["se"] == pytest.approx(np.sqrt(variance) / (se + sp - 1))
    assert row["checked"] == 13
    assert row["ci_low"] < p < row["ci_high"]


def test_prevalence_is_corrected_as_by_estimating_equations() -> None:
    answers = pd.read_csv(REFERENCE / "rogan_gladen.csv")
    for row in answers.itertuples():
        passing, failing = row.pass_pass + row.pass_fail, row.fail_pass + row.fail_fail
        n = row.passes + row.failures
        found = rogan_gladen(
            row.failures / n, n, row.fail_fail / failing, row.pass_pass / passing, failing, passing, 1.0
        )
        assert found["raw"] == pytest.approx(row.estimate, rel=1e-9)
        assert found["se"] == pytest.approx(row.se, rel=1e-6)  # the sandwich differentiates numerically
    assert len(answers) == 4


def test_what_cannot_be_corrected_says_why() -> None:
    chance = corrected_prevalence(audit_of("ffpp", "fpfp")).iloc[0]
    assert chance["note"] == NO_BETTER
    assert np.isnan(chance["estimate"])
    assert corrected_prevalence(audit_of("ff", "fp")).iloc[0]["note"] == NO_PASSES
    cut = corrected_prevalence(audit_of("ffffpppp", "fffppppf", "pppppppppppp")).iloc[0]
    assert cut["estimate"] == 0
    assert cut["raw"] < 0
    assert cut["ci_low"] == 0


def test_bad_questions() -> None:
    audit = audit_of("fp", "fp")
    for arguments, words in (
        ({"people": ["tool"]}, "expert, disabled user"),
        ({"people": []}, "expert, disabled user"),
        ({"tool": "pa11y"}, "there are \\['axe'\\]"),
        ({"interval": "wilson"}, "superpopulation"),
        ({"consensus": "loudest"}, "majority"),
        ({"people": ["citizen"]}, "nowhere did a tool and people"),
    ):
        with pytest.raises(AuditError, match=words):
            tool_accuracy(audit, **arguments)
    bare = Audit(audit.judgements, criteria=CRITERIA.assign(wcag_sc=None), assessors=ASSESSORS)
    with pytest.raises(AuditError, match="names its success criterion"):
        tool_accuracy(bare)


def test_without_an_interval_the_estimate_stands_alone() -> None:
    row = corrected_prevalence(audit_of("ffffpppp", "fffppppf"), interval=None).iloc[0]
    # 4 of 8 fail by the tool, which finds 3 of 4 failures and 3 of 4 passes
    assert row["estimate"] == pytest.approx((4 / 8 + 3 / 4 - 1) / (3 / 4 + 3 / 4 - 1))
    assert row[["se", "ci_low", "ci_high", "level"]].isna().all()


def test_cells_that_all_agree_are_as_many_as_portals() -> None:
    one, other = (
        audit_of("fff", "fff", criteria=pair) for pair in (("alt", "axe:image"), ("contrast", "axe:colour"))
    )
    both = Audit(pd.concat([one.judgements, other.judgements]), criteria=CRITERIA, assessors=ASSESSORS)
    table = tool_accuracy(both)
    whole = table[table["wcag_sc"].isna() & (table["indicator"] == "sensitivity")].iloc[0]
    low, high = wilson(3, 3)
    assert whole["base"] == 6
    assert (whole["ci_low"], whole["ci_high"]) == (pytest.approx(float(low)), pytest.approx(float(high)))
