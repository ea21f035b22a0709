"""A file of SPSS or Stata that breaks its reader is an error, and the next file is read."""

import os
import sys
import threading
import time

import pandas as pd
import pytest

import portal_analysis as pa
from portal_analysis.audit.readers import ReaderError
from portal_analysis.tables import TableError, apart, read_table

pyreadstat = pytest.importorskip("pyreadstat")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")

PROGRAM = """
import os, pickle, sys, time
sys.path[:] = pickle.load(sys.stdin.buffer)
asked = pickle.load(sys.stdin.buffer)
{what}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(pd.DataFrame({"a": [1.0, 2.0]}), str(path), column_labels=["Alpha"])
    return path


@pytest.fixture
def broken_reader(tmp_path, monkeypatch):
    """Return a way to put a program that misbehaves in the place of the reader."""

    def put(what):
        apart._end()
        apart._READERS.clear()
        program = tmp_path / "program.py"
        program.write_text(PROGRAM.format(what=what), encoding="utf-8")
        monkeypatch.setattr(apart, "_PROGRAM", program)

    yield put
    apart._end()
    apart._READERS.clear()


def test_values_and_labels_come_from_another_process(file):
    table = read_table(file)
    assert table.data["a"].tolist() == [1.0, 2.0]
    assert table.labels == {"a": "Alpha"}
    assert apart._READERS[-1].process.pid != os.getpid()
    first = apart._READERS[-1].process.pid
    read_table(file)
    assert apart._READERS[-1].process.pid == first


def test_a_crash_is_an_error_and_the_next_file_is_read(file, broken_reader, monkeypatch):
    broken_reader("os.kill(os.getpid(), 11)")
    with pytest.raises(TableError, match=r"a\.sav: the file made its reader crash \(status -11\)"):
        read_table(file)
    with pytest.raises(ReaderError, match="made its reader crash"):
        pa.read_audit(file)
    monkeypatch.undo()
    assert len(read_table(file).data) == 2


def test_a_reader_that_died_between_two_files_is_started_again(file):
    read_table(file)
    apart._READERS[-1].process.kill()
    apart._READERS[-1].process.wait()
    assert len(read_table(file).data) == 2


def test_a_reader_that_does_not_end_is_ended(file, broken_reader, monkeypatch):
    broken_reader("time.sleep(60)")
    monkeypatch.setattr(apart, "SECONDS", 0.3)
    start = time.monotonic()
    with pytest.raises(TableError, match="took more than 0 s"):
        read_table(file)
    assert time.monotonic() - start < 10


def test_threads_take_turns(file):
    found = []
    threads = [threading.Thread(target=lambda: found.append(len(read_table(file).data))) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [2] * 6


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_a_reader_of_its_own(file):
    read_table(file)
    before = apart._READERS[-1].process.pid
    child = os.fork()
    if not child:
        right = len(read_table(file).data) == 2 and apart._READERS[-1].process.pid != before
        apart._end()
        os._exit(0 if right else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(read_table(file).data) == 2
    assert apart._READERS[-1].process.pid == before


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory is bounded on Linux")
def test_memory_has_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "MEMORY", 1_000_000)
    monkeypatch.setattr(apart, "MEMORY_PER_BYTE", 0)
    path = tmp_path / "large.sav"
    pyreadstat.write_sav(pd.DataFrame({"a": [1.0] * 2_000_000}), str(path), compress=True)
    with pytest.raises(TableError, match=r"large\.sav"):
        read_table(path)


def test_what_the_reader_says_is_told(tmp_path):
    path = tmp_path / "a.sav"
    path.write_bytes(b"$FL2" + b"x" * 500)
    with pytest.raises(TableError, match=r"a\.sav is no readable \.sav file"):
        read_table(path)
