"""Curves of failing criteria by pages: every point is a value of the table, only ends are told in numbers."""

from __future__ import annotations

import pandas as pd
import pytest

from portal_analysis.audit.judgements import Audit
from portal_analysis.audit.pages import discovery
from portal_analysis.figures import plot_discovery
from portal_analysis.figures.style import FigureError


@pytest.fixture
def audit() -> Audit:
    """Two portals: a has three pages, b two."""
    fails = {("a", "k"): "110", ("a", "l"): "001", ("a", "m"): "000", ("b", "k"): "11", ("b", "l"): "00"}
    rows = [
        (portal, criterion, f"{portal}{page}", "not_met" if one == "1" else "met")
        for (portal, criterion), row in fails.items()
        for page, one in enumerate(row)
    ]
    judged = pd.DataFrame(rows, columns=["portal_id", "criterion_id", "page_id", "outcome"])
    return Audit(judged.assign(assessor_id="x", round="1"))


def test_curves_are_the_table(audit: Audit) -> None:
    figure, table = plot_discovery(audit), discovery(audit)
    for number, (_, own) in enumerate(table.groupby("portal_id")):
        (points,) = [
            one for axes in figure.axes for one in axes.collections if one.get_gid() == f"points-{number}"
        ]
        assert points.get_offsets()[:, 1].tolist() == own["estimate"].tolist()
    written = [text.get_text() for axes in figure.axes for text in axes.texts if text.get_gid() == "value"]
    assert written == ["2", "1"]
    assert "1 in 1 page, 2 in 3 pages" in figure.portal_text.alt
    assert "number of pages" in figure.portal_text.caption


def test_it_speaks_both_languages(audit: Audit) -> None:
    assert "3 trang" in plot_discovery(audit, lang="vi").portal_text.alt


def test_what_is_no_curve_is_refused(audit: Audit) -> None:
    table = discovery(audit)
    with pytest.raises(FigureError, match="make the table with discovery"):
        plot_discovery(table.drop(columns="pages"))
    many = pd.concat([table.assign(portal_id=f"p{k}") for k in range(7)])
    with pytest.raises(FigureError, match="at most 6"):
        plot_discovery(many[many["portal_id"].notna()].drop_duplicates(["portal_id", "pages"]))
