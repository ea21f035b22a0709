"""Two or more figures on one sheet, beside each other or one below the other, with the words of all.

Hands on :func:`plot_together`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from portal_analysis.figures import style
from portal_analysis.figures.compose import Picture, Recipe, text_of
from portal_analysis.figures.layout import PortalFigure, Sheet, blank
from portal_analysis.figures.style import FigureError, Size
from portal_analysis.language.alternative import FigureText
from portal_analysis.language.catalogue import word
from portal_analysis.shape import combine

MOST = 4
NARROWEST = 7.4 * style.CM
"""Figures beside each other are at least so wide; else they stand one below the other."""


@dataclass(frozen=True)
class Laid:
    """A figure as it is measured for its part of the sheet."""

    recipe: Recipe
    picture: Picture
    page: Sheet
    body: float

    @property
    def tall(self) -> float:
        """Its height."""
        return self.page.tall(self.body)


def plot_together(
    figures: Sequence[Figure],
    side: Literal["beside", "below"] = "beside",
    size: str = "report",
    title: str | None = None,
) -> Figure:
    """Draw several figures again on one sheet, each with its own title, notes and scale.

    Parameters
    ----------
    figures : sequence of Figure
        Two to four, made by ``plot_`` functions in one language.
    side : {"beside", "below"}
        Where the next figure stands. Where figures beside each other would be too narrow, they stand below.
    size : {"column", "report", "landscape", "slide"}
        The size of the whole sheet.
    title : str, optional
        What the figures have in common, for captions and alternative texts; their titles if not given.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``: the captions and alternative texts of all. Its table, to be exported with it, is
        ``pa.combine(…)`` of theirs, or theirs if they share it.

    Raises
    ------
    FigureError
        If there are fewer than two figures or more than four, one was not made by this package, or their languages
        differ.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> published = pa.load_published("egov-figures")
    >>> usage = pa.plot_trend(published[published["indicator"] == "ncdt_usage_rate"])
    >>> persons = pa.plot_trend(published[published["indicator"] == "papi_npsp_use"])
    >>> figure = pa.plot_together([usage, persons])
    >>> figure.portal_text.alt[:11]
    'Two figures'
    """
    if side not in ("beside", "below"):
        raise FigureError(f"unknown side {side!r}; it may be 'beside' or 'below'")
    recipes = [_recipe(one) for one in figures]
    if not 2 <= len(recipes) <= MOST:
        raise FigureError(f"a sheet holds two to {MOST} figures, not {len(recipes)}")
    langs = {recipe.look.lang for recipe in recipes}
    if len(langs) > 1:
        raise FigureError(f"figures on one sheet speak one language, not {sorted(langs)}")
    whole = style.size_of(size)
    beside = side == "beside" and whole.width / len(recipes) >= NARROWEST
    part = _part(whole, len(recipes), beside)
    laid = [_lay(recipe.but(part)) for recipe in recipes]
    heights = [max(one.tall for one in laid)] if beside else [one.tall for one in laid]
    drawn = blank(whole.width, max(sum(heights), whole.height if whole.fixed else 0.0))
    grid = GridSpec(1, len(laid)) if beside else GridSpec(len(laid), 1, height_ratios=heights)
    for number, one in enumerate(laid):
        place = drawn.add_subfigure(grid[0, number] if beside else grid[number, 0])
        one.page.open(heights[0] if beside else heights[number], place)
        one.recipe.paint(one.picture, one.page)
    again = partial(plot_together, list(figures), side, title=title)
    drawn.portal_parts = tuple(figures)
    return _finish(drawn, laid, title, again)


def _recipe(figure: Any) -> Recipe:
    found = getattr(figure, "portal_recipe", None)
    if not isinstance(found, Recipe):
        raise FigureError("a figure cannot be drawn again; make it with a plot_ function of this package")
    return found


def _part(whole: Size, count: int, beside: bool) -> Size:
    """Return the size of one figure's part; a part of a slide keeps its fixed height."""
    if beside:
        return replace(whole, name="column", width=whole.width / count)
    return replace(whole, height=whole.height / count)


def _lay(recipe: Recipe) -> Laid:
    return Laid(recipe, *recipe.lay_out())


def _finish(drawn: PortalFigure, laid: Sequence[Laid], title: str | None, again: Any) -> PortalFigure:
    """Give the sheet the words and the tables of its figures."""
    lang = laid[0].recipe.look.lang
    texts = [text_of(one.picture, one.page) for one in laid]
    head = title or "; ".join(text.title.rstrip(".") for text in texts)
    lead = word("alt.together", lang, count=word(f"alt.count_{len(texts)}", lang), title=head.rstrip("."))

    def told(name: str) -> str:
        parts = [f"({number}) {getattr(text, name)}" for number, text in enumerate(texts, start=1)]
        return " ".join(parts)

    drawn.portal_text = FigureText(
        head,
        "",
        told("caption"),
        f"{lead} {told('alt')}",
        f"{lead} {told('long_alt')}",
        lang,
        tuple(dict.fromkeys(note for text in texts for note in text.notes)),
    )
    tables = [one.picture.table for one in laid]
    shared = all(table.equals(tables[0]) for table in tables)
    drawn.portal_table = tables[0].copy() if shared else _combined(tables)
    drawn.portal_again = again
    return drawn


def _combined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    unique = [table for n, table in enumerate(tables) if not any(table.equals(other) for other in tables[:n])]
    return combine(*unique)
