"""Whatever interrupts the writing, the old files stand or the new ones do: none lost, none mixed, none left behind."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from portal_analysis import files
from portal_analysis.exports import export
from portal_analysis.files import STAGE, recover, replace_files, replace_folder
from portal_analysis.report.make import _replace

OLD = {"a.csv": b"old a", "b.json": b"old b", "c.svg": b"old c"}
NEW = {"a.csv": b"new a", "b.json": b"new b", "d.pdf": b"new d"}
KINDS = ("before", "after")
STEPS = ("replace", "link", "unlink", "mkdir", "fsync")


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()
    }


def interrupt(monkeypatch, step: str, at: int, when: str, error: type[BaseException], often: int = 1):
    """Let the calls ``at`` and following of a function of ``os`` be interrupted, before or after they are done."""
    true, count = getattr(os, step), [0]

    def called(*args, **more):
        count[0] += 1
        hit = at <= count[0] < at + often
        if hit and when == "before":
            raise error(28, "stopped") if issubclass(error, OSError) else error
        done = true(*args, **more)
        if hit:
            raise error(28, "stopped") if issubclass(error, OSError) else error
        return done

    monkeypatch.setattr(files.os, step, called)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, OSError, MemoryError])
@pytest.mark.parametrize("when", KINDS)
@pytest.mark.parametrize("step", STEPS)
def test_interrupted_at_every_step_all_is_old_or_all_is_new(tmp_path, monkeypatch, step, when, error):
    for at in range(1, 14):
        folder = tmp_path / f"{at}"
        replace_files(folder, OLD | {"notes.txt": b"mine"})
        with monkeypatch.context() as patched:
            interrupt(patched, step, at, when, error)
            try:
                replace_files(folder, NEW, gone=["c.svg"])
                ended = True
            except (error, OSError):
                ended = False
        found = content(folder)
        assert found.pop("notes.txt") == b"mine"
        assert found in ((NEW, OLD) if not ended else (NEW,)), (at, found)


@pytest.mark.parametrize("when", KINDS)
def test_a_second_interruption_while_all_is_put_back_waits(tmp_path, monkeypatch, when):
    for at in range(1, 8):
        folder = tmp_path / f"{at}"
        replace_files(folder, OLD)
        with monkeypatch.context() as patched:
            interrupt(patched, "replace", at, when, KeyboardInterrupt, often=4)
            with contextlib.suppress(KeyboardInterrupt):
                replace_files(folder, NEW, gone=["c.svg"])
        assert content(folder) in (OLD, NEW)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
@pytest.mark.parametrize("when", KINDS)
@pytest.mark.parametrize("step", STEPS)
def test_a_folder_is_replaced_whole_and_notes_in_it_stay(tmp_path, monkeypatch, step, when, error):
    made = tmp_path / "made"
    (made / "figures").mkdir(parents=True)
    (made / "report.html").write_bytes(b"new")
    (made / "figures" / "f.svg").write_bytes(b"new")
    after = {"report.html": b"new", "figures/f.svg": b"new", "notes/mine.txt": b"mine"}
    for at in range(1, 9):
        target = tmp_path / "out" / f"{at}" / "report"
        (target / "notes").mkdir(parents=True)
        (target / "report.html").write_bytes(b"old")
        (target / "notes" / "mine.txt").write_bytes(b"mine")
        before = content(target)
        with monkeypatch.context() as patched:
            interrupt(patched, step, at, when, error)
            with contextlib.suppress(KeyboardInterrupt, ValueError, OSError):
                _replace(made, target)
        assert content(target) in (before, after)
        assert [one.name for one in target.parent.iterdir()] == ["report"]


def test_a_first_report_that_is_interrupted_leaves_nothing(tmp_path, monkeypatch):
    for at in (1, 2):
        target = tmp_path / f"{at}" / "report"
        with monkeypatch.context() as patched:
            interrupt(patched, "replace", at, "after", KeyboardInterrupt)
            with pytest.raises(KeyboardInterrupt):
                replace_folder(target, lambda fresh: (fresh / "a").write_bytes(b"a") and None)
        assert not target.exists() or content(target) == {"a": b"a"}
        assert not list(tmp_path.glob(f"{at}/{STAGE}*"))


def test_a_linked_folder_is_replaced_where_it_lies(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    replace_folder(tmp_path / "link", lambda fresh: (fresh / "a").write_bytes(b"a") and None)
    assert (tmp_path / "link").is_symlink()
    assert content(tmp_path / "real") == {"a": b"a"}


KILLED = """
import os, sys
from pathlib import Path
from portal_analysis import files
true, count = os.replace, [0]
def replace(*args):
    count[0] += 1
    if count[0] == int(sys.argv[2]):
        if sys.argv[3] == "after":
            true(*args)
        os.kill(os.getpid(), int(sys.argv[4]))
    return true(*args)
files.os.replace = replace
if sys.argv[5] == "files":
    files.replace_files(Path(sys.argv[1]), {"a.csv": b"new a", "b.json": b"new b", "d.pdf": b"new d"}, ["c.svg"])
else:
    files.replace_folder(Path(sys.argv[1]), lambda fresh: [(fresh / n).write_bytes(b"new") for n in "ab"])
"""


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("what", ["files", "folder"])
@pytest.mark.parametrize("when", KINDS)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed_at_every_rename_the_next_run_puts_all_back(tmp_path, what, when, number):
    for at in range(1, 5 if what == "files" else 4):
        folder = tmp_path / f"{at}" / "place"
        replace_files(folder, OLD)
        words = [sys.executable, "-c", KILLED, str(folder), str(at), when, str(int(number)), what]
        code = subprocess.run(words, check=False, capture_output=True).returncode
        assert code in (-number, 128 + number)
        home = folder if what == "files" else folder.parent
        if number == signal.SIGTERM:
            assert not list(home.glob(f"{STAGE}*"))
        recover(home)
        new = NEW if what == "files" else {"a": b"new", "b": b"new"}
        assert content(folder) in (OLD, new)
        assert not list(home.glob(f"{STAGE}*"))


AT_RANDOM = """
import signal
import sys
from pathlib import Path
from portal_analysis.files import replace_files, replace_folder
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
print("go", flush=True)
place, what = Path(sys.argv[1]), sys.argv[2]
for turn in range(100000):
    word = str(turn).encode()
    if what == "files":
        replace_files(place, {name: word for name in "abcdef"})
    else:
        replace_folder(place, lambda fresh: [(fresh / name).write_bytes(word) for name in "abcdef"])
"""


def stop_at_random(place: Path, what: str, number: int, seconds: float) -> None:
    """Let a process write six files over and over, and stop it by a signal after so many seconds."""
    words = [sys.executable, "-c", AT_RANDOM, str(place), what]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        try:
            assert run.stdout is not None
            run.stdout.readline()
            while not stands(place):
                time.sleep(0.005)
            time.sleep(seconds)
            run.send_signal(number)
            run.wait(20)
        finally:
            run.kill()


def stands(place: Path) -> bool:
    """Tell whether six files stand there, at a moment at which the folder may be gone."""
    try:
        return len([one for one in place.iterdir() if not one.name.startswith(STAGE)]) == 6
    except FileNotFoundError:
        return False


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_interrupted_at_random_nothing_is_lost(tmp_path):
    for turn in range(6):
        folder = tmp_path / f"{turn}"
        stop_at_random(
            folder, "files", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL][turn % 3], 0.05 + 0.037 * turn
        )
        if turn % 3 == 2:
            recover(folder)
        found = content(folder)
        assert len(found) == 6
        assert len(set(found.values())) == 1
        assert not list(folder.glob(f"{STAGE}*"))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("what", ["files", "folder"])
def test_a_hundred_interruptions_at_random_lose_mix_and_leave_nothing(tmp_path, what):
    """Seeded: 50 for exports, 50 for reports; SIGINT, SIGTERM and SIGKILL in turn, after 20 to 250 ms."""
    draw = random.Random(20261127)
    for turn in range(50):
        place = tmp_path / f"{turn}" / "place"
        number = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL][turn % 3]
        stop_at_random(place, what, number, draw.uniform(0.02, 0.25))
        home = place if what == "files" else place.parent
        if number == signal.SIGKILL:
            recover(home)
        found = content(place)
        assert len(found) == 6, (turn, number)
        assert len(set(found.values())) == 1, (turn, number)
        assert not list(home.glob(f"{STAGE}*")), (turn, number)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_hundred_kills_aimed_at_every_rename_lose_mix_and_leave_nothing(tmp_path):
    """Each rename of an export (4) and a report (3), before and after it, by three signals, three times: 126 in all."""
    aims = [
        (what, at, when, number, turn)
        for what, renames in (("files", 4), ("folder", 3))
        for at in range(1, renames + 1)
        for when in KINDS
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
        for turn in range(3)
    ]
    done = 0
    for place, (what, at, when, number, _) in enumerate(aims):
        folder = tmp_path / f"{place}" / "place"
        replace_files(folder, OLD)
        words = [sys.executable, "-c", KILLED, str(folder), str(at), when, str(int(number)), what]
        done += subprocess.run(words, check=False, capture_output=True).returncode != 0
        home = folder if what == "files" else folder.parent
        if number != signal.SIGKILL:
            assert not list(home.glob(f"{STAGE}*"))
        recover(home)
        assert content(folder) in (OLD, NEW if what == "files" else {"a": b"new", "b": b"new"})
        assert not list(home.glob(f"{STAGE}*"))
    assert done == len(aims) == 126


def test_two_threads_that_write_the_same_files_mix_nothing(tmp_path):
    def write(word: bytes) -> None:
        for _ in range(20):
            replace_files(tmp_path, dict.fromkeys("abcd", word))
            found.append(set(content(tmp_path).values()) if word == b"x" else set())

    found: list[set[bytes]] = []
    threads = [threading.Thread(target=write, args=(word,)) for word in (b"x", b"y")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(set(content(tmp_path).values())) == 1


@pytest.mark.parametrize("when", KINDS)
def test_an_export_is_whole_whatever_interrupts_it(table, figure, tmp_path, monkeypatch, when):
    export("use", table, figure, tmp_path, ["svg", "csv", "json"])
    before = content(tmp_path)
    for at in range(1, 5):
        with monkeypatch.context() as patched:
            interrupt(patched, "replace", at, when, KeyboardInterrupt)
            with pytest.raises(KeyboardInterrupt):
                export("use", table, figure, tmp_path, ["svg", "csv", "json"], bom=True)
        assert content(tmp_path) == before
    (tmp_path / "use.tex").mkdir()
    with pytest.raises(ValueError, match="is a folder"):
        export("use", table, None, tmp_path, ["tex", "csv"])
    assert content(tmp_path) == before
