"""JSON as audit tools leave it behind: documents one after another, lists, lines, huge files, stray characters.

Hands on one document at a time with its line, decoded piece by piece, so that neither the text of a large file
nor its nodes are ever held as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TextIO

from portal_analysis.audit.readers.reading import Fault, FileFaults

CHUNK = 1 << 18
"""Characters read at a time."""

_WHITE = " \t\r\n\f\x00\x1e﻿"
"""What may stand between documents: white space, and the record separator of JSON text sequences."""

_DEPTH = 2
"""Containers taken apart piece by piece; what lies deeper is decoded as one piece."""

Hook = Callable[[dict[str, Any]], Any]


@dataclass(frozen=True)
class Document:
    """One document of a file.

    ``array`` is the number of the top-level list it is an item of, None if it stands alone. An empty list is
    a document with the value ``[]``.
    """

    value: Any
    line: int
    array: int | None = None


def documents(stream: TextIO, file: str, hook: Hook | None = None) -> Iterator[Document]:
    """Yield the documents of a stream: single, concatenated, one a line, or the items of a list.

    Parameters
    ----------
    stream : text stream
        Decoded text without a byte-order mark.
    file : str
        The name to use in faults.
    hook : callable, optional
        Called with every object that was decoded, innermost first; its result takes the object's place. It
        lets a reader drop what it does not need before more is read.

    Raises
    ------
    FileFaults
        At the first place that is no JSON, with its line.
    """
    text = _Text(stream, file, hook)
    arrays = 0
    while text.peek(","):
        if text.peek() == "[":
            arrays += 1
            yield from text.items(arrays)
        elif text.peek() == "{":
            line = text.line
            yield Document(text.container(_DEPTH), line)
        else:
            raise text.fault("expected an object or a list")


class _Text:
    """A window that slides over a stream. A class, because position, line and window move together."""

    def __init__(self, stream: TextIO, file: str, hook: Hook | None) -> None:
        self._stream, self._file, self._hook = stream, file, hook
        self._decoder = json.JSONDecoder(object_hook=hook, strict=False)
        self._window, self._place, self._ended, self._line = "", 0, False, 1

    @property
    def line(self) -> int:
        return self._line + self._window.count("\n", 0, self._place)

    def fault(self, message: str) -> FileFaults:
        found = f"no JSON: {message}"
        return FileFaults(
            Fault(self._file, self.line, found, "write the file again; it is broken or cut off")
        )

    def _more(self) -> bool:
        """Read more text; forget what has been read. Larger steps for larger pieces keep it linear."""
        if self._ended:
            return False
        size = max(CHUNK, len(self._window) - self._place)
        try:
            added = self._stream.read(size)
        except (UnicodeDecodeError, EOFError, OSError) as error:
            advice = "save it as UTF-8, or get it again"
            raise FileFaults(Fault(self._file, self.line, f"cannot be read: {error}", advice)) from error
        self._line = self.line
        self._window, self._place = self._window[self._place :] + added, 0
        self._ended = not added
        return bool(added)

    def peek(self, also: str = "") -> str:
        """Return the next character that is neither white space nor one of ``also``; empty at the end."""
        while True:
            while self._place < len(self._window) and self._window[self._place] in _WHITE + also:
                self._place += 1
            if self._place < len(self._window) or not self._more():
                return self._window[self._place : self._place + 1]

    def _take(self, expected: str) -> None:
        if self.peek() != expected:
            raise self.fault(f"expected {expected!r}")
        self._place += 1

    def piece(self) -> Any:
        """Decode one value as a whole, reading more as long as it may be cut off."""
        while True:
            self.peek()
            try:
                value, end = self._decoder.raw_decode(self._window, self._place)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated") or error.pos > len(self._window) - 16
                if cut and self._more():
                    continue
                self._place = min(error.pos, len(self._window))
                raise self.fault(error.msg) from error
            except (RecursionError, ValueError) as error:
                raise self.fault(f"{error}") from error
            if end == len(self._window) and self._more():
                continue
            self._place = end
            return value

    def items(self, array: int) -> Iterator[Document]:
        """Yield the items of a list, each taken apart on its own."""
        line = self.line
        self._take("[")
        if self.peek() == "]":
            yield Document([], line, array)
        while self.peek() != "]":
            line = self.line
            value = self.container(_DEPTH - 1) if self.peek() in "{[" else self.piece()
            yield Document(value, line, array)
            if self.peek() != "]":
                self._take(",")
        self._take("]")

    def container(self, depth: int) -> Any:
        """Decode an object or list, piece by piece down to ``depth``."""
        if self.peek() not in ("{", "[") or depth == 0:
            return self.piece()
        if self.peek() == "[":
            return list(self._elements(depth))
        made = dict(self._members(depth))
        return self._hook(made) if self._hook else made

    def _members(self, depth: int) -> Iterator[tuple[str, Any]]:
        self._take("{")
        while self.peek() != "}":
            if self.peek() != '"':
                raise self.fault("expected a name in double quotes")
            name = self.piece()
            self._take(":")
            yield name, self.container(depth - 1)
            if self.peek() != "}":
                self._take(",")
        self._take("}")

    def _elements(self, depth: int) -> Iterator[Any]:
        self._take("[")
        while self.peek() != "]":
            yield self.container(depth - 1)
            if self.peek() != "]":
                self._take(",")
        self._take("]")
