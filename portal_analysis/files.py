"""What every file that the package writes has in common: its moment, its bytes, cells that no program runs, its place.

Hands on :func:`moment`, :func:`same_bytes`, :func:`safe_cell`, and the one way to write: :func:`replace_files`,
:func:`replace_folder` and, for what is too large for memory, :func:`stream_file`, after which either all that is new
stands, or all that was there before.
"""

from __future__ import annotations

import io
import json
import os
import re
import secrets
import shutil
import signal
import threading
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

EPOCH = 1704067200
"""The moment written into files that must name one (1 January 2024, UTC), unless SOURCE_DATE_EPOCH is set."""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take for the start of a formula; full-width and other signs that mean the same count too."""

_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def moment() -> datetime:
    """Return the moment that files are dated with."""
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", EPOCH))
    return datetime.fromtimestamp(max(seconds, 315532800), tz=UTC).replace(tzinfo=None)


def same_bytes(archive: bytes) -> bytes:
    """Return a zip archive with the same contents in fixed order and with fixed times."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        names = sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        for name in names:
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, old.read(name))
    return target.getvalue()


def is_dangerous(text: str) -> bool:
    """Would a spreadsheet take a text for a formula, or begin a row with it?

    Blanks and marks that cannot be seen before a sign make no difference to a spreadsheet, nor to the answer; a sign
    written full-width or small (``＝``, ``﹢``) is the sign.
    """
    if text.startswith(DANGEROUS):
        return True
    seen = text.lstrip().lstrip("\ufeff\u200b\u200c\u200d\u2060\u00ad\u200e\u200f").lstrip()
    return unicodedata.normalize("NFKC", seen[:1]).startswith(("=", "+", "-", "@", "\u2212"))


def safe_cell(value: Any) -> Any:
    """Return text so that no spreadsheet takes it for a formula or its line breaks for rows; numbers stay as they are.

    Every kind of line break becomes a line feed, which a quoted cell may hold; control characters go.
    """
    if not isinstance(value, str):
        return value
    plain = plain_text(value)
    return "'" + plain if is_dangerous(plain) else plain


def plain_text(text: str) -> str:
    """Return a text without what XML and spreadsheets cannot hold or what turns reading round."""
    return _CONTROLS.sub("", _BREAKS.sub("\n", text))


# ------------------------------------------------------------------------------------ writing

STAGE = ".portal-analysis-"
"""How a folder begins in which something is being written; one that is found later was left by a broken run."""
JOURNAL = "journal.json"
_LOCK = threading.RLock()


def replace_files(folder: Path, contents: Mapping[str, bytes], gone: Sequence[str] = ()) -> dict[str, Path]:
    """Write files into a folder, and remove others, all or none.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    contents : mapping of str to bytes
        The files by name.
    gone : sequence of str
        Files that are no more, if they are there.

    Returns
    -------
    dict of str to Path

    Raises
    ------
    OSError
        If something cannot be written; what was there before stands as it was.

    Notes
    -----
    As a database does it: the new files are written and flushed beside the old ones; the old ones get a second name; a
    journal says so; each new file takes the place of its old one in a single step; the journal is removed, and with it
    all is done. Any error or interruption before that, a second one too, puts the old files back. A run that is killed
    leaves the journal, and the next one to write here (or :func:`recover`) puts them back. A file is never missing.
    """
    made = _make_folder(folder)
    try:
        with _alone(folder), terminable():
            _recover(folder)
            stage = folder / f"{STAGE}{secrets.token_hex(6)}"
            try:
                _exchange_files(folder, stage, contents, gone)
            finally:
                _undo(stage)
    finally:
        _unmake(made)
    return {name: folder / name for name in contents}


def _exchange_files(folder: Path, stage: Path, contents: Mapping[str, bytes], gone: Sequence[str]) -> None:
    for place in (stage, stage / "new", stage / "old"):
        place.mkdir(mode=0o700)
    for name, content in contents.items():
        _write(stage / "new" / name, content)
    lost = [name for name in dict.fromkeys(gone) if name not in contents and os.path.lexists(folder / name)]
    before = [name for name in contents if os.path.lexists(folder / name)] + lost
    for name in before:
        if (folder / name).is_dir() and not (folder / name).is_symlink():
            raise IsADirectoryError(21, f"{name} is a folder")
        _second_name(folder / name, stage / "old" / name)
    _write_journal(stage, {"files": [*contents, *lost], "before": before})
    for name in contents:
        os.replace(stage / "new" / name, folder / name)
    for name in lost:
        (folder / name).unlink()
    _flush(folder)
    (stage / JOURNAL).unlink()


def stream_file(target: Path, fill: Callable[[Path], None]) -> None:
    """Write one file of any size: it appears whole, in place of an older one, or not at all.

    Parameters
    ----------
    target : Path
        The file; its folder is made if it is not there.
    fill : callable
        Writes the file under the name it is given, beside the target.
    """
    made = _make_folder(target.parent)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with terminable():
            fill(part)
            with part.open("rb") as stream:
                os.fsync(stream.fileno())
            os.replace(part, target)
            _flush(target.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        _unmake(made)
        raise


def replace_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Put a folder in the place of an earlier one, whole or not at all.

    Parameters
    ----------
    target : Path
        The folder; where it is a link, the folder that it points to.
    fill : callable
        Given an empty folder beside the target, fills it; may read the target, which is still there.

    Raises
    ------
    OSError
        As of :func:`replace_files`.

    Notes
    -----
    Between two renames the target is not there for an instant; a run that is killed in it
    leaves the journal, from which :func:`recover` restores the earlier folder.
    """
    place = Path(os.path.realpath(target)) if target.is_symlink() else target
    made = _make_folder(place.parent)
    try:
        with _alone(place.parent), terminable():
            _recover(place.parent)
            stage = place.parent / f"{STAGE}{secrets.token_hex(6)}"
            try:
                stage.mkdir(mode=0o700)
                (stage / "fresh").mkdir()
                fill(stage / "fresh")
                _write_journal(stage, {"folder": place.name, "before": os.path.lexists(place)})
                if os.path.lexists(place):
                    os.replace(place, stage / "old")
                os.replace(stage / "fresh", place)
                _flush(place.parent)
                (stage / JOURNAL).unlink()
            finally:
                _undo(stage)
    finally:
        _unmake(made)


def recover(folder: Path) -> list[str]:
    """Put back what runs that were killed had taken away in a folder, and remove what they left.

    Returns
    -------
    list of str
        What was put back.
    """
    with _alone(folder):
        return _recover(folder)


def _recover(folder: Path) -> list[str]:
    found: list[str] = []
    for stage in sorted(folder.glob(f"{STAGE}*")):
        if stage.is_dir() and not stage.is_symlink():
            found += _undo(stage)
    return found


def _undo(stage: Path) -> list[str]:
    """Go back to what the journal says was there, and remove the stage; interruptions wait until that is done.

    What the disk refuses is tried again for a moment; if it still cannot be done, the journal stays for the next run.
    """
    waiting: BaseException | None = None
    back: list[str] = []
    for _ in range(20):
        try:
            back = _put_back(stage) or back
            if stage.exists():
                shutil.rmtree(stage)
            break
        except FileNotFoundError:
            continue
        except OSError:
            time.sleep(0.005)
        except BaseException as interruption:  # it is raised again once all is put back
            waiting = waiting or interruption
    if waiting is not None:
        raise waiting
    if (stage / JOURNAL).exists():
        raise OSError(
            5,
            f"what was there before could not be put back; it lies in {stage} and comes back with the next run",
        )
    return back


def _put_back(stage: Path) -> list[str]:
    """Restore what was there before the stage, whatever of it was done; nothing if it was never begun, or ended."""
    try:
        journal = json.loads((stage / JOURNAL).read_text("utf-8"))
    except (OSError, ValueError):
        return []
    back = _folder_back(stage, journal) if "folder" in journal else _files_back(stage, journal)
    (stage / JOURNAL).unlink()
    return back


def _files_back(stage: Path, journal: Mapping[str, Any]) -> list[str]:
    for name in journal["files"]:
        goal, old = stage.parent / name, stage / "old" / name
        if name in journal["before"]:
            if os.path.lexists(old):
                os.replace(old, goal)
        else:
            goal.unlink(missing_ok=True)
    return list(journal["before"])


def _folder_back(stage: Path, journal: Mapping[str, Any]) -> list[str]:
    goal, old = stage.parent / journal["folder"], stage / "old"
    if not journal["before"]:
        if not (stage / "fresh").exists() and goal.exists():
            os.replace(goal, stage / "fresh")
        return []
    if os.path.lexists(old):
        if os.path.lexists(goal):
            os.replace(goal, stage / "fresh")
        os.replace(old, goal)
        return [journal["folder"]]
    return []


def _write_journal(stage: Path, told: Mapping[str, Any]) -> None:
    """Write the journal in one step: half a journal is none."""
    _write(stage / "journal", json.dumps(told).encode())
    _flush(stage)
    os.replace(stage / "journal", stage / JOURNAL)
    _flush(stage)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _flush(folder: Path) -> None:
    """Let the names in a folder reach the disk, where the system can say so."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _second_name(path: Path, other: Path) -> None:
    """Give a file a second name, or copy it where the disk knows no second names."""
    try:
        os.link(path, other, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(path, other, follow_symlinks=False)


def _make_folder(folder: Path) -> list[Path]:
    """Make the folder and those above it; return the ones that were made, innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _unmake(folders: Sequence[Path]) -> None:
    """Remove folders that were made and have stayed empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Write in a folder alone: other threads wait, and other processes where the system has locks of folders."""
    with _LOCK:
        number = _locked(folder)
        try:
            yield
        finally:
            if number is not None:
                os.close(number)


def _locked(folder: Path) -> int | None:
    try:
        import fcntl
    except ImportError:
        return None
    number = os.open(folder, os.O_RDONLY)
    with suppress(OSError):  # a disk without locks
        fcntl.flock(number, fcntl.LOCK_EX)
    return number


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM end what is inside as an exception does: with everything put back and tidied up."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
