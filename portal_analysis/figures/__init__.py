"""ESTIMATES to matplotlib figures; nothing in here computes a statistic.

Hands on the ``plot_*`` functions, each imported when it is first asked for, so that matplotlib is, too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal_analysis.figures.bars import plot_counts
    from portal_analysis.figures.discovery import plot_discovery
    from portal_analysis.figures.equiplot import plot_equiplot
    from portal_analysis.figures.gaps import plot_gap
    from portal_analysis.figures.lines import plot_trend
    from portal_analysis.figures.maps import plot_map
    from portal_analysis.figures.points import plot_estimates
    from portal_analysis.figures.ranks import plot_ranks
    from portal_analysis.figures.scatter import plot_link
    from portal_analysis.figures.squares import plot_co_occurrence, plot_matrix
    from portal_analysis.figures.stacks import plot_coverage, plot_criteria, plot_flows
    from portal_analysis.figures.tiles import plot_tiles
    from portal_analysis.figures.together import plot_together

_ROOMS = {
    "plot_estimates": "points",
    "plot_trend": "lines",
    "plot_gap": "gaps",
    "plot_equiplot": "equiplot",
    "plot_tiles": "tiles",
    "plot_map": "maps",
    "plot_counts": "bars",
    "plot_criteria": "stacks",
    "plot_coverage": "stacks",
    "plot_matrix": "squares",
    "plot_co_occurrence": "squares",
    "plot_discovery": "discovery",
    "plot_ranks": "ranks",
    "plot_link": "scatter",
    "plot_flows": "stacks",
    "plot_together": "together",
}

__all__ = [
    "plot_co_occurrence",
    "plot_counts",
    "plot_coverage",
    "plot_criteria",
    "plot_discovery",
    "plot_equiplot",
    "plot_estimates",
    "plot_flows",
    "plot_gap",
    "plot_link",
    "plot_map",
    "plot_matrix",
    "plot_ranks",
    "plot_tiles",
    "plot_together",
    "plot_trend",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
