"""The house style: sizes, typeface, colours, markers, hatches; what every figure looks like.

Hands on constants and a context manager; nothing here changes matplotlib's settings for anybody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle

from portal_analysis.figures.saving import drawing
from portal_analysis.figures.typeface import FAMILY, FONTS
from portal_analysis.language.arrange import FigureError as FigureError

CM = 72 / 2.54
"""Points in a centimetre."""


Slant = Literal["normal", "italic"]


@dataclass(frozen=True)
class Size:
    """A place in print, in points: its width, the height that is there, and the size of its text.

    No text is smaller than ``least`` where it is given: what has no room then is refused. A ``bare`` place holds the
    picture alone; title and notes stand beside it as text of the document.
    """

    name: str
    width: float
    height: float
    fixed: bool
    text: float
    least: float = 0.0
    bare: bool = False

    @property
    def small(self) -> float:
        """The size of labels inside the picture and of the notes below it."""
        return round(self.text * 0.86, 1)

    @property
    def note(self) -> float:
        """The size of the notes below the picture."""
        return min(self.small, 10.0)

    @property
    def title(self) -> float:
        """The size of the title."""
        return round(self.text * 1.25, 1)

    def floor(self, free: float, fixed: float = 7.6) -> float:
        """Return the smallest size of text, for a place whose height is free and for one where it is fixed."""
        return self.least or (fixed if self.fixed else free)

    def most(self, points: float) -> float:
        """Return the largest size of text inside a picture that needs no larger than ``points``."""
        return max(min(self.small, points), self.least)


SIZES = {
    "column": Size("column", 8.4 * CM, 24.7 * CM, False, 9.0),
    "report": Size("report", 16.0 * CM, 24.7 * CM, False, 9.0),
    "landscape": Size("landscape", 24.7 * CM, 16.0 * CM, False, 10.0),
    "slide": Size("slide", 25.4 * CM, 14.3 * CM, True, 16.0),
}
"""Report column, full width of a report, A4 landscape, 16:9 slide.

A figure in a report is as high as it needs, and tries to stay on one page; a slide has one height.
"""

COLOURS = ("#5790fc", "#e42536", "#964a8b", "#f89c20", "#7a21dd", "#9c9ca1")
"""petroff6, which stays apart under colour-vision deficiency; the colours with most contrast to white come first."""

MARKERS = ("o", "D", "s", "^", "v", "P")
DASHES: tuple[object, ...] = (
    "-",
    (0, (5, 1.6)),
    (0, (1.2, 1.6)),
    (0, (5, 1.6, 1.2, 1.6)),
    (0, (9, 2)),
    (0, (3, 3)),
)

INK = "#1b1f24"
MUTED = "#50575f"
RULE = "#c9ced4"
BAND = "#f1f4f7"
REST = "#e4e8ec"
ALARM = "#a4133c"
ORDERED = LinearSegmentedColormap.from_list(
    "portal_analysis", ["#e3edf7", "#a9cbe8", "#5b9bd0", "#24619f", "#08264f"]
)
"""For ordered values: one hue, the more the darker; it reads the same under colour-vision deficiency and in grey."""


class NoRoomError(FigureError):
    """A picture does not fit with text of the size that its place asks for."""


def size_of(name: str | Size) -> Size:
    """Return a size by its name; a size of one's own is what it is.

    Raises
    ------
    FigureError
        If there is no such size.
    """
    if isinstance(name, Size):
        return name
    if name not in SIZES:
        raise FigureError(f"unknown size {name!r}; sizes are {list(SIZES)}")
    return SIZES[name]


@cache
def load_fonts() -> tuple[str, ...]:
    """Make the package's typeface known to matplotlib; return the files' names."""
    files = sorted(FONTS.glob("*.ttf"))
    for file in files:
        font_manager.fontManager.addfont(str(file))
    return tuple(file.name for file in files)


@contextmanager
def house(size: Size) -> Iterator[None]:
    """Draw inside in the house style; outside nothing has changed."""
    load_fonts()
    with drawing(), mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_settings(size))
        yield


def _settings(size: Size) -> Any:
    return {
        "font.family": list(FAMILY),
        "font.size": size.text,
        "text.color": INK,
        "text.parse_math": False,
        "text.usetex": False,
        "axes.unicode_minus": True,
        "axes.edgecolor": RULE,
        "axes.labelcolor": MUTED,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": False,
        "axes.axisbelow": True,
        "axes.labelsize": size.small,
        "xtick.labelsize": size.small,
        "ytick.labelsize": size.small,
        "xtick.color": MUTED,
        "ytick.color": INK,
        "xtick.major.size": 2.5,
        "ytick.major.size": 0.0,
        "xtick.major.width": 0.6,
        "hatch.linewidth": 0.7,
        "lines.linewidth": 1.3,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "savefig.bbox": None,
        "pdf.fonttype": 42,
        "svg.fonttype": "none",
    }


def text_size(
    text: str, points: float, weight: str = "normal", style: Slant = "normal"
) -> tuple[float, float]:
    """Return width and height in points of one line of text as matplotlib will draw it.

    The width has a little to spare for rounding.
    """
    return _em_width(text, weight, style) * points * 1.012, points * 1.25


@lru_cache(maxsize=50_000)
def _em_width(text: str, weight: str, style: Slant) -> float:
    load_fonts()
    font = FontProperties(family=list(FAMILY), size=20, weight=weight, style=style)
    with drawing():
        before = mpl.rcParams["text.hinting"]
        mpl.rcParams["text.hinting"] = "no_hinting"
        try:
            width, _, _ = _renderer().get_text_width_height_descent(text, font, ismath=False)
        finally:
            mpl.rcParams["text.hinting"] = before
    return float(width * 72 / _DPI / 20)


_DPI = 300


@cache
def _renderer() -> RendererAgg:
    return RendererAgg(16, 16, _DPI)


def wrap(
    text: str, width: float, points: float, weight: str = "normal", style: Slant = "normal"
) -> list[str]:
    """Break text into lines no wider than ``width`` points; a single longer word is broken inside."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}".strip()
            if not line or text_size(longer, points, weight, style)[0] <= width + 1e-6:
                line = longer
            else:
                lines.append(line)
                line = word
            while text_size(line, points, weight, style)[0] > width + 1e-6 and len(line) > 1:
                cut = _fits(line, width, points, weight, style)
                lines.append(line[:cut])
                line = line[cut:]
        lines.append(line)
    return lines


def _fits(word: str, width: float, points: float, weight: str, style: Slant) -> int:
    cut = len(word) - 1
    while cut > 1 and text_size(word[:cut], points, weight, style)[0] > width:
        cut -= 1
    return cut


def luminance(colour: object) -> float:
    """Return the relative luminance of a colour, 0 (black) to 1 (white), as WCAG 2 defines it."""
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]  # type: ignore[arg-type]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


def contrast(one: object, other: object) -> float:
    """Return the contrast ratio of two colours (1 to 21), as WCAG 2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(colour: object) -> str:
    """Return the text colour, dark or white, that reads better on ``colour``; the contrast is 4.5 at least."""
    ink = INK if contrast(INK, colour) >= contrast("white", colour) else "white"
    return (
        ink if contrast(ink, colour) >= 4.5 else max("black", "white", key=lambda one: contrast(one, colour))
    )


def readable(colour: object) -> str:
    """Return a shade of a colour, as little darker as need be, in which text reads well on white."""
    share = 1.0
    while contrast(shade := to_hex([channel * share for channel in to_rgb(colour)]), "white") < 4.7:  # type: ignore[arg-type]
        share -= 0.02
    return str(shade)


def darker(colour: object) -> str:
    """Return a darker shade of a colour, for edges that must stand out from white."""
    return str(to_hex([channel * 0.6 for channel in to_rgb(colour)]))  # type: ignore[arg-type]


def band(axes: Axes, left: float, top: float, width: float, height: float) -> Rectangle:
    """Return a pale band behind a heading; across in parts of the axes' width, down in the axes' own scale."""
    return Rectangle(
        (left, top),
        width,
        height,
        transform=axes.get_yaxis_transform(),
        facecolor=BAND,
        edgecolor="none",
        clip_on=False,
        zorder=1,
    )
