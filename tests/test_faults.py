"""One error above all, with every fault; it survives the way to another process."""

import copy
import importlib
import inspect
import pickle
import pkgutil

import pandas as pd
import pytest

import portal_analysis
import portal_analysis as pa
from portal_analysis.audit.readers.reading import Fault, FileFaults, ReaderWarning, reader_error
from portal_analysis.codebook import CodebookError
from portal_analysis.codebook.faults import raise_faults
from portal_analysis.faults import MOST, Error, told


def raised_by_us() -> list[type[BaseException]]:
    found = set()
    for module in pkgutil.walk_packages(portal_analysis.__path__, "portal_analysis."):
        if not module.name.endswith("__main__"):
            for one in vars(importlib.import_module(module.name)).values():
                ours = getattr(one, "__module__", "").startswith("portal_analysis")
                ours &= not getattr(one, "__name__", "_").startswith("_")  # what does not leave its room
                if inspect.isclass(one) and issubclass(one, BaseException) and ours:
                    found.add(one)
    return sorted(found, key=lambda one: one.__name__)


KINDS = raised_by_us()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_is_the_one_of_the_package(kind):
    assert issubclass(kind, Warning) or issubclass(kind, pa.Error)


def test_all_errors_were_looked_at():
    assert pa.Error in KINDS
    assert len(KINDS) > 30


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_can_be_sent_to_another_process(kind):
    table = pd.DataFrame({"row": [1]})
    if issubclass(kind, FileFaults):
        error = kind(Fault("a", 1, "b", "c"), Fault("a", 2, "b", "c"))
    elif issubclass(kind, Error):
        error = kind.of(["one", "two", "one"], "the file", table)
    else:
        error = kind("what is wrong", table) if kind is ReaderWarning else kind("what is wrong")
    for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(again) is kind
        assert str(again) == str(error)
        assert getattr(again, "faults", None) == getattr(error, "faults", None)
        assert getattr(again, "table", None) is None or len(again.table) == 1


def test_a_message_alone_is_its_own_fault():
    assert pa.Error("no such file").faults == ("no such file",)


def test_faults_are_told_once_and_counted():
    error = pa.Error.of(["a is 1", "b is 2", "a is 1"], "the file cannot be read")
    assert str(error) == "the file cannot be read, 2 faults:\n- a is 1\n- b is 2"
    assert error.faults == ("a is 1", "b is 2")
    assert str(pa.Error.of(["a is 1", "b is 2"])) == "a is 1; b is 2"


def test_a_message_has_an_end():
    message = told([f"fault {one}" for one in range(MOST + 5)], "the file")
    assert message.count("\n") == MOST + 1
    assert message.endswith("- and 5 more, all in the error's `faults`")


def test_faults_of_tables_have_their_table():
    row = {"file": "a", "row": 1, "column": "b", "found": "c", "allowed": "d"}
    with pytest.raises(CodebookError) as caught:
        raise_faults([pd.DataFrame([row])])
    assert caught.value.table.to_dict("records") == [row]
    assert caught.value.faults == ("a, row 1, column 'b': found c; allowed: d",)
    error = reader_error([Fault("a", 1, "b", "c"), Fault("a", 1, "b", "c")])
    assert error.table["line"].tolist() == [1]
