"""How many people use online public services, who is left out, and what is wrong with the portals.

The names below stand in the order of the work. A researcher has published figures, survey microdata or audits of
portals; every number ends in one table, ESTIMATES; from it come sentences, figures and files.

>>> import portal_analysis as pa
>>> published = pa.load_published("egov-figures")
>>> usage = published[published["indicator"] == "ncdt_usage_rate"]
>>> figure = pa.plot_trend(usage, lang="en")
>>> pa.export("usage", usage, figure)  # doctest: +SKIP
"""

from inspect import isfunction
from typing import Any

import lazy_loader

__version__ = "0.2.0"

_found, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    """Return a public name; a function leaves a note of its calls, from which an export can be made again.

    An argument of a wrong kind that makes it fail is told by the package's own error.
    """
    found = _found(name)
    if name in __all__ and isfunction(found):
        from portal_analysis.arguments import guarded
        from portal_analysis.steps import recorded

        found = globals()[name] = recorded(guarded(found))
    return found
