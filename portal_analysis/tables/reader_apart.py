"""The program that :mod:`portal_analysis.tables.apart` runs: reads SPSS and Stata files, one request after the other.

Imports nothing of the package. Takes pickled requests on standard input, gives pickled answers on what standard output
was; what the reader prints goes nowhere.
"""

from __future__ import annotations

import os
import pickle
import sys
from typing import Any


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.path[:] = pickle.load(sys.stdin.buffer)
    while True:
        try:
            asked = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(_answer(*asked), answers, protocol=5)
        answers.flush()


def _answer(name: str, path: str, options: dict[str, Any], memory: int) -> tuple[Any, Any, str]:
    """Return values, what the file says of them, and an error: one of both sides is empty."""
    try:
        import pyreadstat

        _bound(memory)
        data, meta = getattr(pyreadstat, name)(path, **options)
        return data, vars(meta), ""
    except MemoryError:
        return None, None, f"it takes more than {memory:,} bytes of memory"
    except Exception as error:  # whatever the reader raises is told by the one who asked
        return None, None, str(error) or type(error).__name__
    finally:
        _bound(None)


def _bound(memory: int | None) -> None:
    """Let the process grow by so many bytes and no more, where the system can hold it to that."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as stream:
            now = int(stream.read().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard if memory is None else now + memory, hard))


if __name__ == "__main__":
    main()
