"""How many failing criteria more pages would have shown: a curve for each portal.

Hands on :func:`plot_discovery`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from portal_analysis.audit.judgements import Audit
from portal_analysis.audit.pages import discovery
from portal_analysis.figures.compose import Look, Picture, figure
from portal_analysis.figures.lines import Lines
from portal_analysis.figures.series import Point, series_of
from portal_analysis.figures.style import FigureError
from portal_analysis.language import numbers
from portal_analysis.language.alternative import Shown, two_ends
from portal_analysis.language.arrange import Arrangement, fixed, heading, varying
from portal_analysis.language.reading import Reading


def _discovered(given: Any) -> pd.DataFrame:
    return discovery(given) if isinstance(given, Audit) else given


@figure(_discovered)
def plot_discovery(reading: Reading, look: Look) -> Picture:
    """Draw how many of the failing criteria a number of pages shows, one curve a portal.

    Parameters
    ----------
    table : DataFrame or Audit
        ESTIMATES as ``discovery(audit)`` gives them, of six portals at most. An Audit is looked through first.

    Returns
    -------
    matplotlib.figure.Figure
        With ``portal_text``. A curve that is still rising where it ends says that more pages would have shown more.

    Raises
    ------
    FigureError
        If the table is empty, has no column ``pages``, or more series than can be told apart.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> luxembourg = pa.load_audit("audits-luxembourg")
    >>> figure = pa.plot_discovery(pa.discovery(luxembourg))
    >>> print(figure.portal_text.title)
    Failing criteria seen, by the number of pages looked at
    """
    table = reading.table
    if "pages" not in table:
        raise FigureError("no column 'pages'; make the table with discovery()")
    names = [name for name in varying(table) if name not in ("pages", "indicator")]
    found = Arrangement("pages", names[0] if len(names) == 1 else None, fixed(table, ("pages", *names)))
    title = reading.word("title.discovery", what=reading.lines[0].named("indicator"))
    picture = _Curves(reading, heading(reading, found, look.title, look.subtitle, title))
    picture.series, picture.breaks = series_of(reading, "pages", names), None
    picture.axes = reading.word("alt.pages")
    picture.notes = (reading.word("note.pages_axis"),)
    picture.trend = two_ends(picture.by_series(), reading)
    return picture


class _Curves(Lines):
    """Curves over numbers of pages; only their ends are told in numbers."""

    kind = "discovery"
    tells = ()

    def by_series(self) -> dict[str, list[Shown]]:
        """Return the values of each curve by numbers of pages."""
        return {
            item.name: [Shown(self._looked_at(point), point.line, item.name) for point in item.points]
            for item in self.series
        }

    def _looked_at(self, point: Point) -> str:
        pages = point.line.row["pages"]
        key = "alt.looked_at_one" if pages == 1 else "alt.looked_at"
        return self.reading.word(key, n=numbers.count(pages, self.reading.lang))

    def _dodge(self, number: int) -> float:
        return 0.0

    def _write_values(self, axes: Axes) -> None:
        for item in self.series:
            for point in item.seen:
                x, y, side = self._x(point.x), self._y(point.y), self.points * 0.6
                self.boxes.append((x - side / 2, y - side / 2, side, side))
        for number, item in enumerate(self.series):
            if item.seen:
                self._write_value(axes, item.seen[-1], number)
