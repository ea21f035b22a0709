"""Figures on slides: one or two a slide, drawn again for the room that title and source leave; no text below 14 pt.

Hands on :func:`slides`, and the bytes of one figure's file for :func:`~portal_analysis.exports.files.export`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portal_analysis.documents.blocks import Picture, Table
from portal_analysis.documents.pptx import HIGH, LEAST, WIDE, Box, Placed, Slide, Words, slide_bytes
from portal_analysis.exports.job import ExportError, Job, name_faults
from portal_analysis.figures import style
from portal_analysis.figures.saving import drawing, save
from portal_analysis.figures.style import NoRoomError, Size
from portal_analysis.files import plain_text, replace_files
from portal_analysis.language.alternative import FigureText
from portal_analysis.language.arrange import FigureError, arrange
from portal_analysis.language.catalogue import check_language, nfc, word
from portal_analysis.language.labels import code_text, is_missing
from portal_analysis.language.reading import read
from portal_analysis.shape import rows_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EDGE, GAP = 36.0, 24.0
"""Points between what stands on a slide and its edges, and between two figures."""
LEADING = 1.22
TITLE, TITLE_OF_TWO, UNDER = 26.0, 18.0, 16.0
TEXT = 17.0
"""The size of a picture's text; its labels are smaller, and not below 14 pt."""
WIDER = {"normal": 1.02, "bold": 1.12}
"""So much wider than the package's letters are those that stand in where a program has no Arial (DejaVu Sans)."""
DPI = 200
FEWEST = 8
"""Figures of fewer rows are not dealt out to two slides."""
LOWEST = 120.0
"""A picture needs so many points of height."""


@dataclass(frozen=True)
class Shown:
    """A figure as it is drawn for a slide: its words, its title, and what stands below that."""

    words: FigureText
    title: Words
    parts: tuple[Words | Placed, ...]


def pptx(job: Job) -> bytes:
    """Return a figure as slides: one, or two if its rows are too many for one."""
    return slide_bytes(_slides_of(job.drawn, job.name), plain_text(job.title), job.lang)


def for_report(job: Job) -> bytes:
    """Return a figure as slides for the deck of a report; one that fits on none is told in words."""
    try:
        made = _slides_of(job.drawn, job.name)
    except ExportError:
        made = [_in_words(job.drawn)]
    return slide_bytes(made, plain_text(job.title), job.lang)


def _in_words(figure: Any) -> Slide:
    """Tell on a slide what a figure shows that is too large for one."""
    words, box = figure.portal_text, Box(EDGE, EDGE, WIDE - 2 * EDGE, HIGH - 2 * EDGE)
    title = _words((words.title,), box, EDGE, TITLE, bold=True)
    top = title.box.top + title.box.height + GAP
    told = _words((words.alt, word("slides.too_large", words.lang)), box, top, UNDER)
    return Slide(title, (told,), plain_text(words.long_alt))


def text_slide(title: str, lines: Sequence[str], size: float = UNDER) -> Slide:
    """Return a slide of words; its text becomes smaller, to 14 points, where it is long."""
    box = Box(EDGE, EDGE, WIDE - 2 * EDGE, HIGH - 2 * EDGE)
    head = _words((title,), box, EDGE, TITLE, bold=True)
    top = head.box.top + head.box.height + GAP
    told = _words(tuple(lines), box, top, size)
    while told.box.top + told.box.height > HIGH - EDGE and size > LEAST:
        size -= 0.5
        told = _words(tuple(lines), box, top, size)
    if told.box.top + told.box.height > HIGH - EDGE:
        raise ExportError(
            f"the text of {title!r} does not fit on a slide with {int(LEAST)} points: shorten it"
        )
    return Slide(head, (told,))


def slides(
    name: str,
    figures: Sequence[Figure | Sequence[Figure]],
    folder: str | Path = "exports",
    title: str = "",
    lang: str | None = None,
) -> Path:
    """Write figures as a PowerPoint file: a slide a figure, or two figures side by side on one.

    Each figure is drawn again for the room that its title, source and notes leave, which stand on the slide as text;
    the picture has its alternative text, and the speaker's notes tell it too. No text is below 14 points.

    Parameters
    ----------
    name : str
        The file's name without ending and without folders.
    figures : sequence of Figure or of pairs
        Made by ``plot_`` functions; two in a list or tuple share a slide. A figure of more rows than a slide holds
        goes to two slides.
    folder : str or Path
        Made if it is not there.
    title : str
        The file's title; that of the first figure if not given.
    lang : {"en", "vi"}, optional
        The file's language; that of the first figure if not given.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ExportError
        If the name is not safe, there is no figure, one was not made by this package, one does not fit on two
        slides, or one of a pair does not fit on half a slide.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> published = pa.load_published("egov-figures")
    >>> usage = pa.plot_trend(published[published["indicator"] == "ncdt_usage_rate"])
    >>> pa.slides("talk", [usage, (usage, usage)]).name
    'talk.pptx'
    """
    if faults := name_faults(name):
        raise ExportError.of(faults)
    given = [tuple(one) if isinstance(one, list | tuple) else (one,) for one in figures]
    if not given:
        raise ExportError("no figure was given; there is nothing to put on slides")
    for one in given:
        if not 1 <= len(one) <= 2:
            raise ExportError(f"a slide has one figure or two, not {len(one)}")
        for figure in one:
            _ = getattr(figure, "portal_parts", None) or _recipe(figure)
    first: Any = given[0][0]
    language = check_language(lang or first.portal_text.lang)
    with drawing():
        made = [
            slide
            for number, one in enumerate(given, start=1)
            for slide in (
                _slides_of(one[0], f"{name}-{number}") if len(one) == 1 else [_pair(one, f"{name}-{number}")]
            )
        ]
    content = slide_bytes(made, plain_text(title or first.portal_text.title), language)
    replace_files(Path(folder), {f"{name}.pptx": content})
    return Path(folder) / f"{name}.pptx"


def _recipe(figure: Any) -> Any:
    found = getattr(figure, "portal_recipe", None)
    if found is None:
        raise ExportError(
            "the figure cannot be drawn for a slide; make it with a plot_ function of this package"
        )
    return found


def _slides_of(figure: Any, name: str) -> list[Slide]:
    """Return a figure on one slide, or its rows on two; figures drawn together as they are without a sheet."""
    if parts := getattr(figure, "portal_parts", ()):
        if len(parts) == 2:
            return [_pair(parts, name)]
        return [slide for n, one in enumerate(parts, start=1) for slide in _slides_of(one, f"{name}-{n}")]
    recipe, whole_slide = _recipe(figure), Box(EDGE, EDGE, WIDE - 2 * EDGE, HIGH - 2 * EDGE)
    try:
        return [
            _slide(
                [_shown(_Wanted(recipe, recipe.table, whole_slide, name, figure.portal_text.title, TITLE))]
            )
        ]
    except NoRoomError as fault:
        halves = _halves(figure)
        if not halves:
            raise _too_much(figure, "on a slide") from fault
    lang = figure.portal_text.lang
    titles = [word("slides.part", lang, title=figure.portal_text.title, number=n, all=2) for n in (1, 2)]
    try:
        return [
            _slide([_shown(_Wanted(recipe, half, whole_slide, f"{name}-{n}", title, TITLE))])
            for n, (half, title) in enumerate(zip(halves, titles, strict=True), start=1)
        ]
    except NoRoomError as fault:
        raise _too_much(figure, "on two slides") from fault


def _pair(figures: Sequence[Any], name: str) -> Slide:
    """Return two figures side by side."""
    width = (WIDE - 2 * EDGE - GAP) / 2
    shown = []
    for number, figure in enumerate(figures):
        box = Box(EDGE + number * (width + GAP), EDGE, width, HIGH - 2 * EDGE)
        recipe, title = _recipe(figure), figure.portal_text.title
        try:
            shown.append(
                _shown(_Wanted(recipe, recipe.table, box, f"{name}-{number + 1}", title, TITLE_OF_TWO))
            )
        except NoRoomError as fault:
            raise _too_much(figure, "on half a slide") from fault
    return _slide(shown)


def _too_much(figure: Any, where: str) -> ExportError:
    return ExportError(
        f"the figure {figure.portal_text.title!r} does not fit {where} with text of {int(LEAST)} points: "
        "choose fewer rows, shorter labels, or another kind of figure"
    )


def _slide(shown: Sequence[Shown]) -> Slide:
    """Put one figure or two on a slide; the first title is the slide's."""
    others = [part for one in shown[1:] for part in (one.title, *one.parts)]
    told = "\n\n".join(f"{one.words.caption}\n\n{one.words.long_alt}" for one in shown)
    return Slide(shown[0].title, (*shown[0].parts, *others), plain_text(told))


@dataclass(frozen=True)
class _Wanted:
    """A figure, the table it is drawn of, and where it goes under which title of which size."""

    recipe: Any
    table: Any
    box: Box
    name: str
    title: str
    size: float


def _shown(wanted: _Wanted) -> Shown:
    """Draw a figure for a place; where room is short, which numbers are published is told in the slide's notes alone.

    Raises
    ------
    NoRoomError
        If it does not fit with text of 14 points.
    """
    words = wanted.recipe.draw(table=wanted.table).portal_text
    notes = tuple(note for note in words.notes if note)
    try:
        return _placed(wanted, words, notes)
    except NoRoomError:
        published = nfc(read(wanted.table, words.lang).set_line)
        fewer = tuple(note for note in notes if note != published)
        if fewer == notes:
            raise
        return _placed(wanted, words, fewer)


def _placed(wanted: _Wanted, words: FigureText, notes: tuple[str, ...]) -> Shown:
    """Draw a figure as large as its title and notes leave room."""
    box, title = wanted.box, wanted.title
    head = _words((title,), box, box.top, wanted.size, bold=True)
    top = head.box.top + head.box.height
    under = []
    if words.subtitle:
        under = [_words((words.subtitle,), box, top, UNDER, muted=True)]
        top += under[0].box.height
    foot = _words(notes, box, 0.0, LEAST, muted=True)
    place = Box(box.left, top + 8, box.width, box.top + box.height - foot.box.height - 8 - top - 8)
    if place.height < LOWEST:
        raise NoRoomError("title and notes leave no room for the picture")
    drawn = wanted.recipe.draw(
        Size("slide", place.width, place.height, True, TEXT, LEAST, bare=True), wanted.table
    )
    _check_text(drawn)
    png = save(drawn, "png", {"Software": None}, dpi=DPI)
    picture = Picture(
        wanted.name, {"png": png}, title, words.caption, words.alt, words.long_alt, Table(title, (), ())
    )
    below = Box(box.left, place.top + place.height + 8, box.width, foot.box.height)
    parts: tuple[Words | Placed, ...] = (
        *under,
        Placed(picture, place),
        Words(foot.lines, below, LEAST, muted=True),
    )
    return Shown(words, head, parts)


def _words(
    lines: Sequence[str], box: Box, top: float, size: float, bold: bool = False, muted: bool = False
) -> Words:
    """Measure text for a width, with room for the widest letters that a program may take for those of the slide."""
    weight = "bold" if bold else "normal"
    count = sum(len(style.wrap(line, box.width / WIDER[weight], size, weight)) for line in lines)
    told = tuple(plain_text(line) for line in lines)
    return Words(told, Box(box.left, top, box.width, count * size * LEADING), size, bold, muted)


def _check_text(drawn: Figure) -> None:
    """Refuse a picture that wrote something smaller than it may."""
    from matplotlib.text import Text

    for text in drawn.findobj(Text):
        told = text.get_text() if isinstance(text, Text) and text.get_visible() else ""
        if told.strip() and (size := float(text.get_fontsize())) < LEAST - 0.05:
            raise NoRoomError(f"{told!r} is written in {round(size, 1)} points")


def _halves(figure: Any) -> list[Any]:
    """Deal the rows of a figure's table out to two, in the order in which the figure shows them; totals go to both."""
    recipe, table = figure.portal_recipe, figure.portal_recipe.table
    try:
        rows = arrange(table, recipe.own.get("rows"), recipe.own.get("group")).rows
    except FigureError:
        return []
    shown = [item.line.row[rows] for item in figure.portal_shown]
    order = list(dict.fromkeys(code_text(value) for value in shown if not is_missing(value)))
    if len(order) < FEWEST:
        return []
    first = set(order[: -(-len(order) // 2)])
    codes = [None if is_missing(row[rows]) else code_text(row[rows]) for row in rows_of(table)]
    return [
        table[[code is None or (code in first) == wanted for code in codes]].reset_index(drop=True)
        for wanted in (True, False)
    ]
