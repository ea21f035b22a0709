"""What an argument may be, and that a wrong kind of it is told by an error of the package, whatever function it is."""

from __future__ import annotations

import contextlib
import doctest
import inspect
import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

import portal_analysis as pa
from portal_analysis.arguments import (
    MOST_DRAWS,
    called,
    error_of,
    fits,
    guarded,
    is_number,
    is_whole,
    kinds_of,
    misfits,
)
from portal_analysis.shape import estimates
from tests.test_examples import once

FUNCTIONS = [name for name in pa.__all__ if inspect.isfunction(getattr(pa, name))]


@pytest.mark.parametrize("value", [3, 2.5, np.float64(2.5), np.float32(1), np.int8(3)])
def test_numbers_of_all_kinds_are_numbers(value: object) -> None:
    assert is_number(value)


@pytest.mark.parametrize(
    "value", [True, np.True_, "3", None, 1j, Decimal(3), Fraction(1, 3), [3], np.array([3])]
)
def test_truth_values_texts_lists_and_what_no_array_holds_are_none(value: object) -> None:
    assert not is_number(value)
    assert not is_whole(value, 0)


def test_a_whole_number_is_not_below_the_least_nor_above_the_most() -> None:
    assert is_whole(3, 3)
    assert is_whole(np.int64(3), 1)
    assert not is_whole(2, 3)
    assert not is_whole(3.0, 1)
    assert is_whole(4, 1, 4)
    assert not is_whole(5, 1, 4)


@pytest.mark.parametrize("units", [64, "63", True, 63.0, pd.DataFrame({"units": [63]})])
def test_there_are_two_lists_of_provinces(units: Any, tmp_path: Path) -> None:
    survey = pa.load_survey("papi-simulated", wave=2022)
    with pytest.raises(pa.Error, match=r"units is .*lists of provinces are 63 and 34"):
        pa.Survey(survey.data, survey.design, units=units)
    with pytest.raises(pa.RegisterError, match=r"units is .*lists of provinces are 63 and 34"):
        pa.Register(survey.data, online="sex", offered="sex", procedure="sex", units=units)
    with pytest.raises(pa.Error, match=r"units is .*lists of provinces are 63 and 34"):
        estimates(pd.DataFrame({"indicator": ["use"], "estimate": [0.5]}), units=units)


# ------------------------------------------------------------------------------------------------ kinds


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (str, ["x", np.str_("x")], [b"x", 1, None, ["x"]]),
        (int, [1, np.int8(1), -(10**30)], [True, np.True_, 1.0, "1"]),
        (float, [1, 1.5, np.float32(1), float("nan")], [True, "1", None]),
        (bool, [True, np.False_], [1, "yes", None]),
        (str | None, ["x", None], [1]),
        (str | Path, ["x", Path("x")], [1, ["x"]]),
        (
            Sequence[str],
            [["x"], ("x",), {"x"}, pd.Index(["x"]), {"x": 1}.keys(), iter("x")],
            ["x", [1], {"x": 1}],
        ),
        (Mapping[str, float], [{"x": 1.5}, {}], [{"x": "y"}, {1: 1.0}, ["x"], pd.Series({"x": 1.0})]),
        (tuple[float, float], [(1, 2.5), [0, 1]], [(1,), "ab", 1]),
        (Callable[[int], int], [len], [1, "len"]),
        (Literal["a", "b"], ["a"], ["c", ["a"], None]),
        (pd.DataFrame, [pd.DataFrame()], [pd.Series(), None, []]),
        (Any, [None, 1, "x"], []),
    ],
)
def test_a_value_is_of_the_kind_that_an_annotation_says(kind: Any, good: list[Any], bad: list[Any]) -> None:
    assert all(fits(value, kind) for value in good)
    assert not any(fits(value, kind) for value in bad)


def test_what_can_be_gone_through_once_only_is_left_alone() -> None:
    once = iter(["x"])
    assert fits(once, Sequence[str])
    assert list(once) == ["x"]


def test_an_annotation_is_said_in_words() -> None:
    assert called(int | Sequence[str] | None) == "a whole number, a list of texts or None"
    assert called(tuple[float, float]) == "(a number, a number)"
    assert called(Literal["a", "b"] | bool) == "'a', 'b' or True or False"


def test_all_misfits_are_told_with_how_one_comes_by_an_audit() -> None:
    kinds = {"audit": pa.Audit, "level": float, "by": str}
    assert misfits({"audit": None, "level": "x" * 100, "by": "y", "more": 1}, kinds) == [
        "audit is None; it must be an Audit: make one with Audit(judgements, criteria, …), or read one with load_audit "
        "or read_audit",
        f"level is '{'x' * 59}…; it must be a number",
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_kinds_of_every_argument_and_the_error_for_them_are_known(name: str) -> None:
    """An annotation that cannot be read would make a second error out of the first."""
    function = getattr(pa, name)
    kinds = kinds_of(function)
    plain = [
        one for one in inspect.signature(function).parameters.values() if one.kind is not one.VAR_KEYWORD
    ]
    assert set(kinds) == {one.name for one in plain}
    assert all(called(kind) for kind in kinds.values())
    everything = ("any value", "one value")
    assert not any(
        fits(object(), kind) for kind in kinds.values() if not any(one in called(kind) for one in everything)
    )
    assert error_of(function.__module__) is not pa.Error


# ---------------------------------------------------------------------------------------------- functions


def test_what_fails_for_another_reason_keeps_its_error() -> None:
    def half(value: int) -> float:
        return 1 / value

    assert guarded(half)(2) == 0.5
    with pytest.raises(ZeroDivisionError):
        guarded(half)(0)
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        guarded(half)()  # type: ignore[call-arg]
    with pytest.raises(pa.Error, match="value is '2'; it must be a whole number") as told:
        guarded(half)("2")  # type: ignore[arg-type]
    assert isinstance(told.value.__cause__, TypeError)


def test_what_works_although_it_is_no_such_kind_still_works() -> None:
    def first(values: list[str]) -> str:
        return values[0]

    assert guarded(first)("ab") == "a"  # type: ignore[arg-type]


def test_several_tables_are_each_looked_at() -> None:
    def stacked(*tables: pd.DataFrame) -> int:
        return sum(table.size for table in tables)

    with pytest.raises(pa.Error, match=r"^tables is 3; it must be a DataFrame$"):
        guarded(stacked)(pd.DataFrame(), 3)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def audit() -> pa.Audit:
    judged = pd.DataFrame(
        {"portal_id": ["a", "a", "b", "b"], "criterion_id": "k", "assessor_id": ["x", "y"] * 2}
    )
    return pa.Audit(judged.assign(round="1", outcome=["met", "not_met", "met", "met"]))


@pytest.fixture
def survey() -> pa.Survey:
    return pa.Survey(pd.DataFrame({"sex": ["1", "2"], "uses": [1, 0]}), pa.Design())


NEEDED = {"path": "x.xlsx", "assessors": ["x"]}
"""What functions of audits need besides, where a text does not do."""

AUDITS = [name for name in FUNCTIONS if "audit" in inspect.signature(getattr(pa, name)).parameters]


@pytest.mark.parametrize("name", AUDITS)
@pytest.mark.parametrize("given", [pd.DataFrame({"portal_id": ["a"]}), None], ids=["DataFrame", "None"])
def test_what_is_no_audit_is_told(
    name: str, given: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _, *others = inspect.signature(getattr(pa, name)).parameters.values()
    needed = {
        one.name: NEEDED.get(one.name, "x")
        for one in others
        if one.default is one.empty and one.kind is not one.VAR_KEYWORD
    }
    with pytest.raises(pa.Error, match=r"audit is .*; it must be an Audit: make one with Audit\(judgements"):
        getattr(pa, name)(given, **needed)


def test_there_are_as_many_functions_of_audits_as_are_looked_at() -> None:
    assert len(AUDITS) >= 41


ODD_ARGUMENTS: list[tuple[str, dict[str, Any], str, str]] = [
    # numbers
    ("agreement", {"level": "x"}, "AuditError", "level is 'x'; it is a probability"),
    ("agreement", {"interval": "superpopulation", "method": "bootstrap", "replicates": 10**30}, "AuditError", "most"),
    ("agreement", {"interval": "superpopulation", "method": "bootstrap", "seed": "x"}, "AuditError", "seed is 'x'"),
    ("assessors_needed", {"wrong": "x"}, "AuditError", "wrong is 'x'"),
    ("above", {"draws": 10**30}, "AuditError", f"at most {MOST_DRAWS:,}"),
    ("above", {"draws": "x"}, "AuditError", "draws is 'x'"),
    ("above", {"seed": -1}, "AuditError", "seed is -1; it is a whole number, 0 or above"),
    ("ranks", {"concentration": "x"}, "AuditError", "concentration is 'x'"),
    ("ranks", {"top": "x"}, "AuditError", "top is 'x'; it must be a whole number"),
    ("rank_drivers", {"draws": 0}, "AuditError", "draws is 0; Sobol indices need at least 1"),
    # names and lists
    ("agreement", {"by": ["criterion_id"]}, "AuditError", r"by is \['criterion_id'\]"),
    ("pairwise_agreement", {"by": "nothing"}, "AuditError", "by is 'nothing'; it can be"),
    ("coverage", {"by": True}, "AuditError", "by is True; it must be a text or a list of texts"),
    ("ranks", {"sources": True}, "AuditError", "sources is True; it must be a list of texts or None"),
    ("write_rubric", {"folder": "f", "round": "2", "assessors": "ab"}, "AuditError", "assessors is 'ab'; it must be"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "error", "told"), ODD_ARGUMENTS)
def test_an_argument_of_a_wrong_kind_is_told_by_the_wing_of_audits(
    name: str, given: dict[str, Any], error: str, told: str, audit: pa.Audit
) -> None:
    with pytest.raises(pa.Error, match=told) as found:
        getattr(pa, name)(audit, **given)
    assert type(found.value).__name__ == error


@pytest.mark.parametrize(
    ("name", "given"),
    [(one, value) for one in ("judgements", "criteria", "codebook", "runs") for value in (3, "x", [], {})]
    + [("source", 3), ("origin", True)],
)
def test_an_audit_is_made_of_tables(name: str, given: Any) -> None:
    judged = pd.DataFrame({"portal_id": ["a"], "criterion_id": "k", "assessor_id": "x", "round": "1"})
    with pytest.raises(pa.Error, match=f"{name} is .*; it must be ") as told:
        pa.Audit(**{"judgements": judged.assign(outcome="met"), name: given})
    assert type(told.value).__name__ == "AuditError"


def test_rounds_that_were_given_as_numbers_are_found(audit: pa.Audit) -> None:
    assert len(audit.only(round=1).judgements) == 4


@pytest.mark.parametrize("name", ["usage_rates", "register_conflicts"])
def test_what_is_no_register_is_told(name: str) -> None:
    with pytest.raises(pa.RegisterError, match="it must be a Register: read one with load_register"):
        getattr(pa, name)(pd.DataFrame())


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name.startswith("load_")])
@pytest.mark.parametrize("given", [True, None, ["egov-figures"]], ids=repr)
def test_the_name_of_a_dataset_is_a_text_or_a_path(name: str, given: Any) -> None:
    with pytest.raises(pa.Error, match=r"name is .*; it must be a text"):
        getattr(pa, name)(given)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"size": []}, r"size is \[\]; it must be a text"),
        ({"labels": True}, "labels is True; it must be a mapping or None"),
        ({"colours": "red"}, "colours is 'red'; it must be a mapping or None"),
        ({"annotate": 3}, "annotate is 3; it must be a mapping or None"),
        ({"adapt": "x"}, "adapt is 'x'; it must be a function or None"),
        ({"group": "x"}, "no column 'x' to tell lines apart by"),
        ({"breaks": [None]}, r"breaks is \[None\]; it must be a text or None"),
        ({"size": [], "labels": True}, "size is .*; labels is "),
    ],
)
def test_the_arguments_of_a_figure_are_told_by_it(given: dict[str, Any], told: str) -> None:
    published = pa.load_published("egov-figures")
    years = published[published["indicator"] == "ncdt_usage_rate"]
    with pytest.raises(pa.Error, match=told) as found:
        pa.plot_trend(years, **given)
    assert type(found.value).__name__ == "FigureError"


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda survey: pa.questions(survey, "x"), "language 'x' is not known; languages are"),
        (lambda survey: pa.kitagawa(survey, "uses", "sex", over=[]), "over names no column"),
        (lambda survey: pa.standardise(survey, "uses", over=[]), "over names no column"),
        (lambda survey: pa.grim("5.19", 28, decimals=10**30), "decimals must be a whole number, at most 300"),
        (lambda survey: pa.grim_power(28, "x"), "decimals must be a whole number"),
        (lambda survey: pa.link_power(10**30), "areas is .*at most"),
        (lambda survey: pa.simulate_register("x.parquet", 10**30), "dossiers=.* must be at most"),
        (
            lambda survey: pa.Survey(survey.data, pa.Design(), origin=True),
            "origin is True; it must be an Origin",
        ),
    ],
)
def test_what_has_an_end_or_needs_a_name_says_so(
    call: Callable[[pa.Survey], Any], told: str, survey: pa.Survey
) -> None:
    with pytest.raises(pa.Error, match=told):
        call(survey)


def test_a_mean_of_more_answers_than_memory_holds_is_tested() -> None:
    assert pa.grim("5.19", 28, items=10**30)


# -------------------------------------------------------------------------------------------------- sweep

ODD = [True, "x", None, -1, 0, float("nan"), float("inf"), 2.5, [], {}, ("a",), [None], {"a": "b"}, 10**30]
"""Values that few arguments may be: one of each kind, and numbers at the ends."""

DRAWN = [
    name for name in FUNCTIONS if name.startswith("plot_") and name not in ("plot_trend", "plot_together")
]
SHARED = (
    "lang", "size", "title", "subtitle", "labels", "source_note", "highlight", "colours", "annotate", "adapt",
)  # fmt: skip
"""Arguments that all figures read in one place: tried on ``plot_trend``, for each figure takes half a second."""

DEAR = (
    "area_above", "area_ranks", "as_replicates", "assessor_errors", "export", "link_without", "load_survey",
    "portal_scores", "rank_drivers", "ranks", "simulate_register", "slides", "write_matrix", "write_rubric", *DRAWN,
)  # fmt: skip
"""Functions that take up to a second where they accept what is odd, such as another seed, or True for a whole number:
there an argument gets three values of a wrong kind, a word, and a number without end."""


LOADS = {name: once(getattr(pa, name)) for name in FUNCTIONS if name.startswith("load_")}


def called_in_example(name: str, patch: pytest.MonkeyPatch) -> inspect.BoundArguments | None:
    """Run the example of a public name; return the arguments of the first call of it."""
    function = getattr(pa, name)
    calls: list[inspect.BoundArguments] = []

    def noting(*args: Any, **more: Any) -> Any:
        calls.append(inspect.signature(function).bind(*args, **more))
        return function(*args, **more)

    for load, quick in LOADS.items():
        patch.setattr(pa, load, quick)
    patch.setattr(pa, name, noting)
    known: dict[str, Any] = {}
    for one in (
        doctest.DocTestParser().get_doctest(inspect.getdoc(function) or "", {}, name, None, 0).examples
    ):
        exec(one.source, known)
    patch.undo()
    return calls[0] if calls else None


def odd_calls(name: str, bound: inspect.BoundArguments) -> list[tuple[str, Any, dict[str, Any]]]:
    """Return the calls with one argument odd: its name, the value, and all arguments."""
    function = getattr(pa, name)
    places = bound.signature.parameters
    plain = {
        one: value
        for one, value in bound.arguments.items()
        if places[one].kind is not places[one].VAR_KEYWORD
    }
    more = {key: value for one in places if places[one].kind is places[one].VAR_KEYWORD
            for key, value in bound.arguments.get(one, {}).items()}  # fmt: skip
    kinds = kinds_of(function) if name in DEAR else {}
    tried = [
        one
        for one, said in places.items()
        if said.kind not in (said.VAR_POSITIONAL, said.VAR_KEYWORD) and not (name in DRAWN and one in SHARED)
    ]
    return [
        (one, value, {**plain, **more, one: value}) for one in tried for value in odd_values(kinds.get(one))
    ]


def odd_values(kind: Any) -> list[Any]:
    """Return all odd values, or, where the kind is given, few that are of another, a word and a large number."""
    return ODD if kind is None else [*[value for value in ODD if not fits(value, kind)][:3], "x", 10**30]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [*FUNCTIONS, "Audit", "Register", "Survey", "Design"])
def test_no_odd_argument_makes_a_foreign_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bound = called_in_example(name, monkeypatch)
        assert bound is not None
        monkeypatch.chdir(tmp_path)
        foreign = []
        for argument, value, given in odd_calls(name, bound):
            try:
                getattr(pa, name)(**given)
            except pa.Error:
                pass
            except Exception as error:
                foreign.append(f"{name}({argument}={value!r}): {type(error).__name__}: {error}")
    assert not foreign


# ------------------------------------------------------------------------------------ choices handed on by keyword


@pytest.fixture(scope="module")
def reviews() -> pa.Audit:
    return pa.load_audit("portal-review-simulated").only(round="2024")


def test_a_choice_that_is_not_known_is_named_with_the_one_that_is_near(
    reviews: pa.Audit, tmp_path: Path
) -> None:
    survey = pa.load_survey("papi-simulated", wave=2022)
    scores = pa.portal_scores(reviews, draws=100)
    pa.simulate_register(tmp_path / "register.parquet", 100)
    effects = pa.stage_effects(survey, "pesp_use", ["district", "commune"], within="province")
    plan = pa.plan_wave(effects, [0.05], clusters={"commune": 2, "person": 16})
    asked: list[Callable[[], object]] = [
        lambda: pa.above(reviews, weihgts="equal"),
        lambda: pa.rank_drivers(reviews, draws=64, weihgts="equal"),
        lambda: pa.portal_scores(reviews, weihgts="equal"),
        lambda: pa.what_if(reviews, weihgts="equal"),
        lambda: pa.try_plan(plan, effects, clustrs={"commune": 2}),
        lambda: pa.link_persons(survey, scores, "npsp_use ~ portal_score", levle=0.9),
        lambda: pa.read_register(tmp_path / "register.parquet", min_m=5),
    ]
    for one in asked:
        with pytest.raises(pa.Error, match=r"no choice is called '\w+': did you mean \['\w+'"):
            one()


@pytest.mark.parametrize("fixed", [{"sources": ["pages"]}, {"aggregations": ["geometric"]}])
def test_what_is_not_a_callers_to_choose_is_refused_and_not_passed_over(
    reviews: pa.Audit, fixed: Any
) -> None:
    with pytest.raises(pa.Error, match=f"no choice is called '{next(iter(fixed))}'"):
        pa.portal_scores(reviews, draws=100, **fixed)


@pytest.mark.parametrize("name", ["difference", "contrast", "inequality", "standardise"])
def test_a_table_is_no_reference(name: str) -> None:
    survey = pa.load_survey("papi-simulated", wave=2022)
    groups = {"over": "sex", "by": "ethnicity"} if name == "standardise" else {"between": "sex"}
    with pytest.raises(pa.Error, match="reference is a DataFrame; it must be one value"):
        getattr(pa, name)(survey, "npsp_use", **groups, reference=survey.data)
