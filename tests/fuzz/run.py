"""Read spoilt files in processes of their own, each input within time and memory; count what comes of them.

``python -m tests.fuzz.run --seconds 600`` goes through all targets in turn and tells each kind of failure: an error
that is not the package's, an input that takes more than 5 s, more than 1 GB, or the interpreter with it.
``--target NAME --number 17`` reads one input again and shows what happens.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path
from random import Random
from typing import Any

from portal_analysis.tables import apart

SECONDS = 5
MEMORY = 1_000_000_000
STUCK = 30
"""So many seconds of the processor after which a process that no longer counts is ended."""
WAITING = 600
"""So many seconds of the clock after which it is ended, too: it waits for what does not come."""


class TooLongError(BaseException):
    """An input took more than :data:`SECONDS` of the processor, so that a busy machine accuses nobody."""


def _alarm(*_: Any) -> None:
    raise TooLongError


def one(name: str, seed: int, number: int, folder: Path) -> str | None:
    """Read one input; return what went wrong, None if it was read or the package said no."""
    import portal_analysis as pa
    from tests.fuzz.mutations import spoilt
    from tests.fuzz.seeds import seeds

    target = seeds()[name]
    content = spoilt(target.content, target.how, Random(f"{seed}:{name}:{number}"))
    path = folder / target.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    for other, text in target.beside:
        (path.parent / other).write_bytes(text)
    os.chdir(folder)
    signal.signal(signal.SIGPROF, _alarm)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        target.read(path)
    except pa.Error:
        return None
    except TooLongError:
        return f"too long: {_place(sys.exc_info()[2])}"
    except MemoryError:
        return f"memory: {_place(sys.exc_info()[2])}"
    except BaseException as error:
        return f"foreign: {type(error).__name__} in {_place(error.__traceback__)}: {str(error)[:100]}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return "read"


def _place(trace: Any) -> str:
    frames = traceback.extract_tb(trace)
    ours = [frame for frame in frames if "portal_analysis" in frame.filename]
    frame = ours[-1] if ours else frames[-1]
    return f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"


def work(name: str, seed: int, first: int, count: int, log: Path) -> None:
    """Read ``count`` inputs of a target; write the number of each before it is read, and what went wrong."""
    warnings.simplefilter("ignore")
    quiet = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    with (
        quiet,
        redirect_stdout(quiet),
        tempfile.TemporaryDirectory() as made,
        log.open("a", encoding="utf-8") as told,
    ):
        folder = Path(made)
        one(name, seed, -1, folder)
        now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, resource.RLIM_INFINITY))
        for number in range(first, first + count):
            told.write(f"{number}\n")
            told.flush()
            found = one(name, seed, number, folder)
            if found is not None:
                told.write(
                    f"={found.encode('utf-8', 'backslashreplace').decode()}\n".replace("\n", " ") + "\n"
                )


def watched(name: str, seed: int, first: int, count: int) -> tuple[int, list[tuple[int, str]], int]:
    """Run :func:`work` in a process; return how many inputs were read of how many, and what went wrong with which."""
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        child = os.fork()
        if not child:
            try:
                work(name, seed, first, count, Path(log.name))
            finally:
                apart._end()
                os._exit(0)
        status = _awaited(child, Path(log.name))
        lines = Path(log.name).read_text("utf-8").split("\n")
    last, wrong, read = first - 1, [], 0
    for line in filter(None, lines):
        if line.startswith("="):
            read += line.startswith("=read")
            wrong += [] if line.startswith("=read") else [(last, line[1:].strip())]
        else:
            last = int(line)
    if status:
        wrong.append((last, f"the interpreter ended with {status}"))
    return last - first + 1, wrong, read


def _awaited(child: int, log: Path) -> int:
    """Wait for a process, or end it once it no longer counts; return its status."""
    size, since, used = -1, time.monotonic(), 0.0
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
        if (now := log.stat().st_size) != size:
            size, since, used = now, time.monotonic(), _used(child)
        elif _used(child) - used > STUCK or time.monotonic() - since > WAITING:
            os.kill(child, signal.SIGKILL)
            since = time.monotonic()


def _used(process: int) -> float:
    """Return the seconds of the processor that a process has taken."""
    try:
        told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Go through the targets until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=200)
    parser.add_argument(
        "--each",
        type=float,
        help="seconds that a visit of a target shall take, so that quick ones read more inputs",
    )
    parser.add_argument("--first", type=int, default=0, help="the number of the first input of each target")
    parser.add_argument("--targets", nargs="*")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--target")
    parser.add_argument("--number", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.target:
        again(chosen.target, chosen.seed, chosen.number)
    else:
        _go_round(chosen)


def again(name: str, seed: int, number: int) -> None:
    """Read one input again, in a folder that stays, with its traceback."""
    from tests.fuzz.mutations import spoilt
    from tests.fuzz.seeds import seeds

    target = seeds()[name]
    folder = Path(tempfile.mkdtemp())
    path = folder / target.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(spoilt(target.content, target.how, Random(f"{seed}:{name}:{number}")))
    for other, text in target.beside:
        (path.parent / other).write_bytes(text)
    print(path)
    print(target.read(path))


def _go_round(chosen: argparse.Namespace) -> None:
    from tests.fuzz.seeds import seeds

    names = chosen.targets or list(seeds())
    counts: Counter[str] = Counter()
    read: Counter[str] = Counter()
    kinds: dict[str, list[tuple[str, int]]] = {}
    end, place = time.monotonic() + chosen.seconds, dict.fromkeys(names, chosen.first)
    batch = dict.fromkeys(names, chosen.batch)
    while time.monotonic() < end:
        for name in names:
            if time.monotonic() > end:
                break
            start = time.monotonic()
            done, wrong, well = watched(name, chosen.seed, place[name], batch[name])
            if chosen.each:
                likely = batch[name] * chosen.each / (time.monotonic() - start)
                batch[name] = round(min(max(likely, chosen.batch / 10), chosen.batch * 20))
            place[name] += max(done, 1)
            counts[name] += done
            read[name] += well
            for number, what in wrong:
                kinds.setdefault(": ".join(what.split(": ")[:2]), []).append((name, number))
            report = {
                "seed": chosen.seed,
                "inputs": counts.total(),
                "read": read.total(),
                "wrong": sum(map(len, kinds.values())),
                "by_target": {one: [counts[one], read[one]] for one in names},
                "kinds": {kind: [len(found), *found[:3]] for kind, found in sorted(kinds.items())},
            }
            if chosen.out:
                chosen.out.write_text(
                    json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
                )
    print(json.dumps(report, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
