"""How every figure is made: read the table, choose a picture, measure it, draw it, say what it shows.

Hands on :class:`Look`, :class:`Picture`, and :func:`figure`, which turns the maker of a picture into a public function.
"""

from __future__ import annotations

import inspect
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import WRAPPER_ASSIGNMENTS, wraps
from types import MappingProxyType
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase

from portal_analysis.figures import style
from portal_analysis.figures.annotations import Anchor, Said, annotate, words
from portal_analysis.figures.emphasis import PLAIN, Emphasis, emphasis, told
from portal_analysis.figures.layout import PortalFigure, Sheet, blank, sheet
from portal_analysis.figures.style import NoRoomError, Size
from portal_analysis.language.alternative import FigureText, Shown, figure_text
from portal_analysis.language.arrange import FigureError, whole
from portal_analysis.language.labels import Labels
from portal_analysis.language.line import Line
from portal_analysis.language.reading import Reading, read

RETURNS = "\n\nReturns\n-------\nmatplotlib.figure.Figure\n    With ``portal_text``."
"""What a figure returns, where its own docstring does not say more."""

COPIED = [name for name in WRAPPER_ASSIGNMENTS if not name.startswith("__annot")]
"""What a figure has from the maker of its picture: not the annotations, for its arguments are others."""


@dataclass(frozen=True)
class Look:
    """The arguments that all figures share.

    Attributes
    ----------
    lang : {"en", "vi"}
    size : {"column", "report", "landscape", "slide"}
        8.4 cm, 16 cm, 24.7 cm wide, or a slide of 25.4 × 14.3 cm.
    title, subtitle : str, optional
        Made of what all rows share if not given; ``""`` for none.
    labels : mapping, optional
        Text for ``(column, value)``, or per language; comes before all other names.
    source_note : str, optional
        What stands after "Source:"; the titles of the datasets if not given.
    highlight : code or sequence of codes, optional
        The rows that stand out, by a code or name in any column (``"01"``, ``"Ha Noi"``); all others are grey.
    colours : mapping, optional
        A colour for a code or name; one that is too pale on white is refused.
    annotate : mapping, optional
        Words beside a value, by the code of its row, or a tuple of codes where one does not tell it; as text or per
        language. Words that find no free place stand below the picture.
    adapt : callable, optional
        What is done to the matplotlib figure after it is drawn: called with it whenever the figure is drawn, for
        narrow screens and slides too. The alternative text stays.
    """

    lang: str = "en"
    size: str | Size = "report"
    title: str | None = None
    subtitle: str | None = None
    labels: Labels | None = None
    source_note: str | None = None
    highlight: Any = None
    colours: Mapping[Any, str] | None = None
    annotate: Mapping[Any, Any] | None = None
    adapt: Callable[[FigureBase], object] | None = None


class Picture(ABC):
    """A kind of picture of a reading.

    Attributes
    ----------
    reading : Reading
        What is drawn: the table, or the rows of it that have a place in the picture.
    heads : (str, str)
        Title and subtitle.
    axes : str
        What is on the axes, in words.
    kind : str
        The word for the kind of picture.
    notes : sequence of str
        What must be said below it beside sources and flags.
    tells : sequence of str
        Of ``n`` and ``interval`` what is said below it.
    trend : str
        How first and last values compare, in words.
    table : DataFrame
        The whole table that was read, with what the picture leaves out.
    emphasis : Emphasis
        What stands out.
    words : mapping
        What is written beside values.
    anchors : list
        Where values are drawn.
    divisible : bool
        May its rows be dealt out to two pictures?
    """

    kind: str
    axes: str
    notes: Sequence[str] = ()
    tells: Sequence[str] = ("n", "interval")
    trend: str = ""
    table: pd.DataFrame
    emphasis: Emphasis = PLAIN
    words: Mapping[Any, Said] = MappingProxyType({})
    divisible: bool = False

    def __init__(self, reading: Reading, heads: tuple[str, str]) -> None:
        self.reading, self.heads = reading, heads
        self.anchors: list[Anchor] = []

    def anchor(self, line: Line, axes: Axes, x: float, y: float) -> None:
        """Remember where a line's value is drawn."""
        self.anchors.append(Anchor(line, axes, x, y))

    @abstractmethod
    def measure(self, page: Sheet) -> float:
        """Choose the sizes of everything on a sheet; return the height of the picture in points."""

    @abstractmethod
    def draw(self) -> None:
        """Draw what was measured on the sheet, which is open."""

    @abstractmethod
    def shown(self) -> list[Shown]:
        """Return the values that the picture shows, in its order."""


@dataclass(frozen=True, eq=False)
class Recipe:
    """All that a figure is made from, so that it can be drawn again for another place or with some of its rows."""

    maker: Callable[..., Picture]
    table: pd.DataFrame
    look: Look
    own: Mapping[str, Any]
    part: bool = False
    """Is the table a part of the figure's, in which what stands out or is told may be missing?"""

    def draw(self, size: str | Size | None = None, table: pd.DataFrame | None = None) -> PortalFigure:
        """Draw the figure, for another size or with another table if they are given."""
        recipe = self.but(size, table)
        picture, page, body = recipe.lay_out()
        drawn = blank(page.size.width, page.tall(body))
        page.open(page.tall(body), drawn)
        recipe.paint(picture, page)
        return finish(drawn, recipe, picture, page)

    def but(self, size: str | Size | None = None, table: pd.DataFrame | None = None) -> Recipe:
        """Return the recipe with another size or table."""
        look = self.look if size is None else replace(self.look, size=size)
        if table is None or table is self.table:
            return replace(self, look=look)
        return replace(self, look=look, table=table, part=True)

    def lay_out(self) -> tuple[Picture, Sheet, float]:
        """Measure picture and sheet; words that find no room beside their value go below the picture."""
        picture, page, body = self._measured(())
        if not picture.words:
            return picture, page, body
        page.open(page.tall(body))
        return self._measured(self._drawn(picture, page))

    def _measured(self, lost: Sequence[Any]) -> tuple[Picture, Sheet, float]:
        look = self.look
        reading = read(self.table, look.lang, look.labels)
        picture = self.maker(reading, look, **self.own)
        picture.table = reading.table
        picture.emphasis = emphasis(picture.reading, look.highlight, look.colours, self.part)
        said = words(picture.reading, look.annotate, self.part)
        picture.words = {key: one for key, one in said.items() if key not in lost}
        below = [f"{said[key].line.about() or said[key].line.indicator}: {said[key].text}" for key in lost]
        notes = [note for note in (*picture.notes, told(picture.reading, picture.emphasis), *below) if note]
        size = style.size_of(look.size)
        with style.house(size):
            page = sheet(picture.reading, size, picture.heads, look.source_note, notes, picture.tells)
            body = picture.measure(page)
        if size.bare and body > page.room + 1.0:
            raise NoRoomError(f"the picture is {round(body)} points high and has room for {round(page.room)}")
        return picture, page, body

    def _drawn(self, picture: Picture, page: Sheet) -> list[Any]:
        """Draw the picture on its sheet, which is open; return the keys of words that found no room."""
        with style.house(page.size):
            picture.draw()
            return annotate(page.opened, picture.anchors, picture.words, page.size.small)

    def paint(self, picture: Picture, page: Sheet) -> None:
        """Draw the picture on its sheet, which is open, then let the caller change what is drawn."""
        self._drawn(picture, page)
        if self.look.adapt is not None:
            self.look.adapt(page.opened)


def finish(drawn: PortalFigure, recipe: Recipe, picture: Picture, page: Sheet) -> PortalFigure:
    """Give a figure its words, the table that it was made of, and how to draw it again."""
    drawn.portal_text = text_of(picture, page)
    drawn.portal_table = picture.table.copy()
    drawn.portal_recipe, drawn.portal_again = recipe, recipe.draw
    drawn.portal_shown = picture.shown() if picture.divisible else []
    return drawn


def text_of(picture: Picture, page: Sheet) -> FigureText:
    """Return the words of a figure."""
    heads = (page.title, page.subtitle)
    axes = " ".join([picture.axes, *(f"{one.line.about()}: {one.text}." for one in picture.words.values())])
    return figure_text(picture.reading, picture.kind, heads, picture.shown(), axes, page.notes, picture.trend)


def as_table(given: Any) -> pd.DataFrame:
    """Return ESTIMATES as they are given."""
    return given


def figure(
    prepare: Callable[[Any], pd.DataFrame] = as_table,
) -> Callable[[Callable[..., Picture]], Callable[..., Figure]]:
    """Turn the maker of a picture into a function from a table to a figure, with the arguments of :class:`Look`.

    ``prepare`` makes the table of what may be given in its place, such as an Audit.
    """

    def made(maker: Callable[..., Picture]) -> Callable[..., Figure]:
        @wraps(maker, COPIED)
        def plot(
            table: Any,
            lang: str = "en",
            size: str = "report",
            title: str | None = None,
            subtitle: str | None = None,
            *,
            labels: Labels | None = None,
            source_note: str | None = None,
            highlight: Any = None,
            colours: Mapping[Any, str] | None = None,
            annotate: Mapping[Any, Any] | None = None,
            adapt: Callable[[FigureBase], object] | None = None,
            **own: Any,
        ) -> Figure:
            if "units" in own:
                raise FigureError(
                    "the list of provinces is a property of the table: say units=34 where it is made "
                    "(Survey, estimates), or call its column gso34"
                )
            look = Look(lang, size, title, subtitle, labels, source_note, highlight, colours, annotate, adapt)
            style.size_of(size)
            return Recipe(maker, whole(prepare(table)), look, own).draw()

        plot.__signature__ = _signature(plot, maker)  # type: ignore[attr-defined]
        plot.__doc__ = _documented(maker)
        return plot

    return made


def _signature(plot: Callable[..., Any], maker: Callable[..., Any]) -> inspect.Signature:
    """Return the arguments of all figures with those of one kind of picture between them."""
    shared = list(inspect.signature(plot, follow_wrapped=False).parameters.values())[:-1]
    own = list(inspect.signature(maker).parameters.values())[2:]
    own = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
    return inspect.Signature([*shared[:5], *own, *shared[5:]], return_annotation="Figure")


def _documented(maker: Callable[..., Any]) -> str:
    """Put the shared arguments into a docstring, behind its own, and what each figure returns, unless it says more."""
    told = inspect.cleandoc(maker.__doc__ or "")
    shared = inspect.cleandoc(Look.__doc__ or "").partition("Attributes\n----------\n")[2]
    if "\n\nReturns\n" not in told:
        told = told.replace("\n\nRaises\n", f"{RETURNS}\n\nRaises\n", 1)
    return textwrap.dedent(told).replace("\n\nReturns\n", f"\n{shared}\n\nReturns\n", 1)
