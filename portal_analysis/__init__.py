"""How many people use online public services, who is left out, and what is wrong with the portals.

The names below stand in the order of the work. A researcher has published figures, survey microdata or audits of
portals; every number ends in one table, ESTIMATES; from it come sentences, figures and files.

>>> import portal_analysis as pa
>>> published = pa.load_published("egov-figures")
>>> usage = published[published["indicator"] == "ncdt_usage_rate"]
>>> figure = pa.plot_trend(usage, lang="en")
>>> pa.export("usage", usage, figure)  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal_analysis import provinces
    from portal_analysis.blocks import show
    from portal_analysis.claims import check_claims, load_claims
    from portal_analysis.codebook import load_tables
    from portal_analysis.datasets import sources
    from portal_analysis.estimates import combine, load_published, published_shortcomings
    from portal_analysis.exports import export
    from portal_analysis.figures import plot_counts, plot_estimates, plot_tiles, plot_trend
    from portal_analysis.wording import describe

__version__ = "0.1.0"

_ROOMS = {
    # what there is
    "sources": "datasets",
    "load_published": "estimates",
    "load_claims": "claims",
    "load_tables": "codebook",
    # putting tables together, and statements against them
    "combine": "estimates",
    "check_claims": "claims",
    "published_shortcomings": "estimates",
    # what a table says
    "describe": "wording",
    "show": "blocks",
    "plot_estimates": "figures",
    "plot_trend": "figures",
    "plot_tiles": "figures",
    "plot_counts": "figures",
    # files that say where they come from
    "export": "exports",
}

__all__ = [
    "check_claims",
    "combine",
    "describe",
    "export",
    "load_claims",
    "load_published",
    "load_tables",
    "plot_counts",
    "plot_estimates",
    "plot_tiles",
    "plot_trend",
    "provinces",
    "published_shortcomings",
    "show",
    "sources",
]


def __getattr__(name: str) -> Any:
    if name == "provinces":
        return import_module(f"{__name__}.provinces")
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; there are {__all__}")
    found = getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
