"""The package's typeface: its files, and the letters of it that a document needs.

Hands on the folder of the fonts and subsets of them; knows no drawing library.
"""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
FAMILY = ("Be Vietnam Pro", "DejaVu Sans")
"""The package's own typeface, and the one inside matplotlib for signs that it lacks."""


@lru_cache(maxsize=64)
def font_subset(file: Path, letters: frozenset[int], flavor: str | None = "woff") -> str:
    """Return a font with the letters of these code points only, as base64 of WOFF (of TrueType without flavor)."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    font = TTFont(io.BytesIO(file.read_bytes()), recalcTimestamp=False)
    options = Options()
    options.layout_features = ["ccmp", "locl", "mark", "mkmk", "kern", "liga"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 13, 14]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=sorted(letters))
    subsetter.subset(font)
    font.flavor = flavor
    target = io.BytesIO()
    font.save(target, reorderTables=True)
    return base64.b64encode(target.getvalue()).decode()
