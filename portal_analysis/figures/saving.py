"""A figure as the bytes of a picture, the same each time, and as HTML with its alternative text.

Hands on :func:`save` and :func:`figure_html`.
"""

from __future__ import annotations

import base64
import html
import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from portal_analysis.files import EPOCH
from portal_analysis.language.alternative import FigureText

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_PENCIL = threading.RLock()


@contextmanager
def drawing() -> Iterator[None]:
    """Draw alone: matplotlib's settings and its date belong to the whole process, so threads take turns."""
    with _PENCIL:
        yield


def save(figure: Figure, kind: str, info: dict[str, Any], outline: bool = False, dpi: int = 300) -> bytes:
    """Return the figure's bytes; settings are those of the house style, the date is fixed."""
    settings: Any = {
        "svg.fonttype": "path" if outline else "none",
        "svg.hashsalt": "portal_analysis",
        "pdf.fonttype": 42,
        "axes.unicode_minus": True,
        "savefig.bbox": None,
        "path.simplify": True,
    }
    with drawing():
        before = os.environ.get("SOURCE_DATE_EPOCH")
        os.environ["SOURCE_DATE_EPOCH"] = before or str(EPOCH)
        try:
            with mpl.rc_context(settings):
                target = io.BytesIO()
                figure.savefig(target, format=kind, dpi=dpi, metadata=info, facecolor="white")
                return target.getvalue()
        finally:
            if before is None:
                del os.environ["SOURCE_DATE_EPOCH"]


def figure_html(figure: Figure) -> str:
    """Return HTML that shows the figure with its alt text."""
    words = figure.portal_text  # type: ignore[attr-defined]
    picture = save(figure, "png", {"Software": None}, dpi=144)
    return _image("image/png", picture, words, figure.get_figwidth())


def _image(kind: str, content: bytes, words: FigureText, inches: float) -> str:
    data = base64.b64encode(content).decode()
    return (
        f'<img src="data:{kind};base64,{data}" alt="{html.escape(words.alt)}" lang="{words.lang}" '
        f'style="max-width: 100%; width: {inches:.2f}in">'
    )
