"""What a register may be made of, and how its faults are told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import portal_analysis as pa
from portal_analysis.datasets import SourceError
from tests.registers.conftest import SAID


def test_a_register_says_what_it_is(register, listed):
    assert repr(register).startswith("Register of dossiers by procedure; online: channel")
    assert repr(listed).startswith("Register of procedures; online: online")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"online": "chanel"}, r"no column 'chanel'.*channel"),
        ({"online": None}, "online is needed"),
        ({"procedure": None}, "procedure= is needed"),
        ({"offline": "channel"}, "offline= counts"),
        ({"yes": ["online"]}, "yes must be a mapping"),
        ({"yes": {"way": "online"}}, "no column 'way'"),
    ],
)
def test_faults_of_the_arguments_are_told(dossiers, said, told):
    named = {"online": "channel", "offered": "service", "procedure": "procedure", "yes": SAID["yes"]}
    with pytest.raises(pa.RegisterError, match=told):
        pa.Register(dossiers, **{**named, **said})


def test_what_is_no_table_is_told(tmp_path):
    with pytest.raises(pa.RegisterError, match="data is a list"):
        pa.Register([1, 2], "a", "b", "c")
    with pytest.raises(pa.RegisterError, match="there is no file"):
        pa.Register(tmp_path / "none.parquet", "a", "b", "c")
    (tmp_path / "text.parquet").write_text("no parquet")
    with pytest.raises(pa.RegisterError, match="DuckDB did not answer, and nothing was computed"):
        pa.Register(tmp_path / "text.parquet", "a", "b", "c")
    with pytest.raises(pa.RegisterError, match="is no Parquet file"):
        pa.Register(Path(__file__), "a", "b", "c")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"channel": "web"}, r"no row of 'channel' holds \['online'\]; it holds \['web'\]"),
        ({"procedure": None}, "procedure 'procedure' is missing"),
    ],
)
def test_a_misspelt_code_does_not_make_every_rate_zero(dossiers, change, told):
    with pytest.raises(pa.RegisterError, match=told):
        pa.usage_rates(pa.Register(dossiers.assign(**change), "channel", "service", "procedure", **SAID))


def test_codes_without_a_meaning_are_asked_about(dossiers):
    with pytest.raises(pa.RegisterError, match="say which codes mean yes"):
        pa.usage_rates(pa.Register(dossiers, "channel", "service", "procedure"))
    numbers = dossiers.assign(channel=[1, 2] * 5 + [1], service=True)
    with pytest.raises(pa.RegisterError, match="other numbers than 0 and 1"):
        pa.usage_rates(pa.Register(numbers, "channel", "service", "procedure"))


def test_nan_and_null_are_missing_everywhere(dossiers):
    numbers = dossiers.assign(channel=[1, 1, 0, 0, 0, 1, 1, None, 1, 1, 0], service=[True] * 11)
    polars = pytest.importorskip("polars")
    for data in (numbers, polars.DataFrame(numbers.to_dict("list")), polars.from_pandas(numbers)):
        found = pa.usage_rates(pa.Register(data, "channel", "service", "procedure")).loc[1]
        assert (found["count"], found["base"], found["n_missing"]) == (6, 10, 1)


@pytest.mark.parametrize(("column", "value"), [("online", -1), ("dossiers", 1.5), ("alike", -2)])
def test_counts_are_whole_numbers(procedures, column, value):
    procedures[column] = procedures[column].astype(float)
    procedures.loc[0, column] = value
    with pytest.raises(pa.RegisterError, match=f"'{column}' must hold whole numbers"):
        pa.usage_rates(pa.Register(procedures, "online", "offered", dossiers="dossiers", procedures="alike"))


def test_text_for_counts_is_told(procedures):
    with pytest.raises(pa.RegisterError, match="'online' is String"):
        pa.usage_rates(
            pa.Register(procedures.astype({"online": str}), "online", "offered", dossiers="dossiers")
        )


def test_an_engine_that_breaks_gives_one_error_and_no_part(tmp_path, dossiers):
    pytest.importorskip("duckdb")
    path = tmp_path / "register.parquet"
    dossiers.to_parquet(path)
    register = pa.Register(path, "channel", "service", "procedure", **SAID)
    path.write_bytes(b"PAR1 gone")
    with pytest.raises(pa.RegisterError, match="nothing was computed"):
        pa.usage_rates(register)


def test_only_keeps_rows_and_says_if_none_is_left(register):
    january = register.only(month="2024-01")
    assert pa.usage_rates(january).loc[1, "n"] == 5
    assert january.source == register.source
    with pytest.raises(pa.RegisterError, match="no row is left"):
        register.only(month="2031-01")
    with pytest.raises(pa.RegisterError, match="no column 'moth'"):
        register.only(moth="2024-01")


def test_a_register_of_procedures_is_no_survey(listed):
    with pytest.raises(pa.RegisterError, match="usage_rates"):
        listed.survey("agency")


def test_small_groups_of_dossiers_are_withheld_unless_said_otherwise(dossiers):
    own = pa.Register(dossiers, "channel", "service", "procedure", yes=SAID["yes"], source="typed with care")
    assert "withheld" in pa.describe(pa.usage_rates(own))
    said = pa.Register(dossiers, "channel", "service", "procedure", **SAID)
    assert "withheld" not in pa.describe(pa.usage_rates(said))


def test_only_datasets_that_are_registers_are_loaded_as_such():
    with pytest.raises(SourceError, match="is of kind 'published'"):
        pa.load_register("egov-figures")


@pytest.mark.parametrize(
    ("described", "said"),
    [
        ({"online": "a"}, "does not say which column is offered"),
        ({}, "which column is offered nor online"),
        ({"online": "a", "offered": "b", "colour": "red"}, "'register' has \\['colour'\\]"),
        ("online", "register"),
    ],
)
def test_a_description_says_which_column_is_which(make_dataset, described, said):
    fields = [{"name": name, "type": "string"} for name in ("a", "b")]
    folder = make_dataset({"t": "a,b\n1,1\n"}, {"t": {"fields": fields}}, kind="register", register=described)
    with pytest.raises(pa.Error, match=said):
        pa.load_register(folder)


def test_the_extract_is_the_whole_census_and_its_faults_are_known():
    table = pa.load_register("procedures-japan").data
    assert table["procedures"].sum() == 75_071
    apart = table[table["dossiers"] != table["online"] + table["offline"]]
    assert apart["procedures"].sum() == 4
    assert set(apart["ministry"]) == {"mof"}
    assert not table.drop(columns="procedures").duplicated().any()
    total = {
        name: int((table[name] * table["procedures"]).sum()) for name in ("dossiers", "online", "offline")
    }
    assert total == {"dossiers": 4_307_176_937, "online": 3_422_908_418, "offline": 884_271_928}


def test_a_file_that_does_not_describe_itself_needs_words(tmp_path, dossiers):
    pytest.importorskip("duckdb")
    path = tmp_path / "it's a register.parquet"
    dossiers.to_parquet(path)
    with pytest.raises(pa.RegisterError, match="does not say which column is which"):
        pa.read_register(path)
    told = pa.read_register(path, online="channel", offered="service", procedure="procedure", **SAID)
    assert pa.usage_rates(told).loc[1, "n"] == 10


def test_a_column_called_simulated_marks_a_register(dossiers):
    marked = pa.Register(dossiers.assign(simulated=True), "channel", "service", "procedure", **SAID)
    assert pa.usage_rates(marked)["flag"].str.contains("simulated").all()
    assert isinstance(marked.data, pd.DataFrame)
