"""ESTIMATES to matplotlib figures; nothing in here computes a statistic.

Hands on the ``plot_*`` functions, each imported when it is first asked for, so that matplotlib is, too.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
