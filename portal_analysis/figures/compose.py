"""How every figure is made: read the table, choose a picture, measure it, draw it, say what it shows.

Hands on :class:`Look`, :class:`Picture`, and :func:`figure`, which turns the maker of a picture into a public function.
"""

from __future__ import annotations

import inspect
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from portal_analysis.figures import style
from portal_analysis.figures.layout import PortalFigure, Sheet, sheet
from portal_analysis.language.alternative import Shown, figure_text
from portal_analysis.language.arrange import FigureError, whole
from portal_analysis.language.labels import Labels
from portal_analysis.language.reading import Reading, read


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
    """

    lang: str = "en"
    size: str = "report"
    title: str | None = None
    subtitle: str | None = None
    labels: Labels | None = None
    source_note: str | None = None


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
    """

    kind: str
    axes: str
    notes: Sequence[str] = ()
    tells: Sequence[str] = ("n", "interval")
    trend: str = ""

    def __init__(self, reading: Reading, heads: tuple[str, str]) -> None:
        self.reading, self.heads = reading, heads

    @abstractmethod
    def measure(self, page: Sheet) -> float:
        """Choose the sizes of everything on a sheet; return the height of the picture in points."""

    @abstractmethod
    def draw(self) -> None:
        """Draw what was measured on the sheet, which is open."""

    @abstractmethod
    def shown(self) -> list[Shown]:
        """Return the values that the picture shows, in its order."""


def compose(table: pd.DataFrame, picture: Picture, look: Look) -> PortalFigure:
    """Lay a picture out on a sheet with its heading and notes, draw it, and give it its words."""
    size = style.size_of(look.size)
    with style.house(size):
        page = sheet(picture.reading, size, picture.heads, look.source_note, picture.notes, picture.tells)
        page.open(picture.measure(page))
        picture.draw()
    heads = (page.title, page.subtitle)
    words = figure_text(
        picture.reading, picture.kind, heads, picture.shown(), picture.axes, page.notes, picture.trend
    )
    return page.finish(words, table)


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
        @wraps(maker)
        def plot(
            table: Any,
            lang: str = "en",
            size: str = "report",
            title: str | None = None,
            subtitle: str | None = None,
            *,
            labels: Labels | None = None,
            source_note: str | None = None,
            **own: Any,
        ) -> Figure:
            if "units" in own:
                raise FigureError(
                    "the list of provinces is a property of the table: say units=34 where it is made "
                    "(Survey, estimates), or call its column gso34"
                )
            look = Look(lang, size, title, subtitle, labels, source_note)
            style.size_of(size)
            whole_table = whole(prepare(table))
            reading = read(whole_table, lang, labels)
            drawn = compose(reading.table, maker(reading, look, **own), look)
            drawn.portal_again = partial(
                plot,
                whole_table,
                lang,
                title=title,
                subtitle=subtitle,
                labels=labels,
                source_note=source_note,
                **own,
            )
            return drawn

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
    """Put the shared arguments into a docstring, behind its own."""
    told = inspect.cleandoc(maker.__doc__ or "")
    shared = inspect.cleandoc(Look.__doc__ or "").partition("Attributes\n----------\n")[2]
    return textwrap.dedent(told).replace("\n\nReturns\n", f"\n{shared}\n\nReturns\n", 1)
