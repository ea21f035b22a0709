"""Files of SPSS and Stata, read in a process of their own: one that breaks its reader does not end the caller's work.

The reader of these formats is written in C, and a file of two kilobytes can crash it, and Python and a whole notebook
with it. The process is started with the first such file and kept for the next ones; it ends with the caller's.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from portal_analysis.tables.table import TableError

MEMORY = 700_000_000
"""So many bytes a small file may take while it is read."""
MEMORY_PER_BYTE = 60
SECONDS = 20.0
"""So long a small file may take; a larger one a second more for each :data:`BYTES_PER_SECOND`."""
BYTES_PER_SECOND = 1_000_000


class SaidError(TableError):
    """What the reader says is wrong with a file."""


_PROGRAM = Path(__file__).with_name("reader_apart.py")
_LOCK = threading.Lock()


class _Reader:
    """The process that reads, and who started it. A class, for pipes and process begin and end together."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        # -P: the folder of the program must not stand before the standard library
        command = [sys.executable, "-P", str(_PROGRAM)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.send(sys.path)

    def send(self, value: Any) -> None:
        with contextlib.suppress(OSError):  # a process that died is found when its answer is awaited
            pickle.dump(value, self.process.stdin)  # type: ignore[arg-type]
            self.process.stdin.flush()  # type: ignore[union-attr]

    def answer(self, seconds: float) -> tuple[Any, Any, str] | None:
        """Return the answer; None if the process died, or was ended for it took too long."""
        watch = threading.Timer(seconds, self.process.kill)
        watch.daemon = True
        watch.start()
        try:
            found: tuple[Any, Any, str] = pickle.load(self.process.stdout)  # type: ignore[arg-type]
        except (EOFError, OSError, pickle.UnpicklingError):
            return None
        finally:
            watch.cancel()
        return found

    def end(self) -> int:
        """End the process and return its status: below 0 the signal that ended it."""
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        try:
            return self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


_READERS: list[_Reader] = []
"""The process that reads, last; before it, in a process that was forked, that of its parent, which is left alone."""


def read(name: str, path: Path, **options: Any) -> tuple[pd.DataFrame, Any]:
    """Read a file by a function of pyreadstat, in the process apart.

    Parameters
    ----------
    name : str
        ``read_sav`` or ``read_dta``.
    path : Path
    **options
        Arguments of that function.

    Returns
    -------
    tuple
        The values, and an object that says of them what pyreadstat says.

    Raises
    ------
    SaidError
        If the reader finds the file broken.
    TableError
        If it crashes, or needs more time than a file of that size can.

    Notes
    -----
    Measured: the first file of a session takes 0.7 s more, for the process has to start; further small ones 4 ms more,
    and a file of a million rows and ten columns (80 MB, 2.5 s) no longer than in the caller's process.
    """
    size = path.stat().st_size
    seconds = SECONDS + size / BYTES_PER_SECOND
    request = (name, str(path.absolute()), options, MEMORY + MEMORY_PER_BYTE * size)
    with _LOCK:
        reader = _running()
        reader.send(request)
        found = reader.answer(seconds)
        if found is None:
            _READERS.remove(reader)
            raise TableError(f"{path.name}: {_end_of(reader, seconds)}; it is damaged, or made to do harm")
    data, meta, error = found
    if error:
        raise SaidError(error)
    return data, SimpleNamespace(**meta)


def _running() -> _Reader:
    if not _READERS or _READERS[-1].owner != os.getpid() or _READERS[-1].process.poll() is not None:
        _READERS.append(_Reader())
    return _READERS[-1]


def _end_of(reader: _Reader, seconds: float) -> str:
    status = reader.end()
    if status == -9:
        return f"reading the file took more than {seconds:.0f} s, or all memory there is"
    return f"the file made its reader crash (status {status})"


@atexit.register
def _end() -> None:
    for reader in _READERS:
        if reader.owner == os.getpid():
            reader.end()
