"""The simulated register: set to published shares, the same each time, streamed, and always called simulated."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import portal_analysis as pa
from portal_analysis.__main__ import main
from portal_analysis.registers import simulated

pyarrow = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("duckdb")


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    return pa.simulate_register(tmp_path_factory.mktemp("register") / "register.parquet", 280_000)


def test_months_in_a_published_time_have_its_share():
    rates = simulated.published_rates()
    figures = pa.load_published("egov-figures").set_index("figure_id")["estimate"]
    assert set(rates[:"2021-12"]) == {figures["mic_dossiers_online.2021"]}
    assert set(rates["2022-01":"2022-09"]) == {figures["mic_dossiers_online.2022m01-09"]}
    assert set(rates["2023-01":]) == {figures["mic_dossiers_online.2023m01-04"]}
    assert rates["2022-09":"2023-01"].is_monotonic_increasing
    assert len(rates) == 28


def test_the_chances_give_the_published_shares_exactly():
    told = simulated.plan(20230711)
    np.testing.assert_allclose(told.online @ told.share, simulated.published_rates(), atol=1e-12)
    assert told.share.sum() == pytest.approx(1, abs=1e-12)
    assert (told.online[:, told.level.repeat(0)] == 0).all()


def test_what_is_drawn_follows_the_chances(register):
    table = pa.usage_rates(register, by="month")
    found = table[table["indicator"] == "dossiers online"].set_index("month")
    wanted = simulated.published_rates()
    wanted.index = wanted.index.astype(str)
    error = np.sqrt(wanted * (1 - wanted) / found["n"])
    assert (np.abs(found["estimate"] - wanted) < 4 * error).all()
    assert found["n"].sum() == 280_000


def test_dossiers_that_cannot_be_filed_online_are_not(register):
    assert pa.register_conflicts(register).empty


def test_agencies_make_dossiers_alike(register):
    table = pa.usage_rates(register, cluster="agency").set_index("indicator")
    assert table.loc["dossiers online", "deff"] > 20


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path):
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        pa.simulate_register(tmp_path / f"{name}.parquet", 5_000, seed=seed)
    one, two, three = ((tmp_path / f"{name}.parquet").read_bytes() for name in ("one", "two", "three"))
    assert one == two
    assert one != three


def test_it_is_called_simulated_on_everything(register):
    path = register.data
    assert "true" in pq.read_schema(path).metadata[b"simulated"].decode()
    assert pq.read_table(path, columns=["simulated"])["simulated"].unique().to_pylist() == [True]
    assert pa.read_register(path).simulated
    table = pa.usage_rates(register, by="gso63")
    assert table["flag"].str.contains("simulated").all()
    assert "simulated data" in pa.describe(pa.usage_rates(register))
    assert (
        pa.usage_rates(pa.Register(path, **{**simulated.LAYOUT, "simulated": False}))["flag"]
        .eq("simulated")
        .all()
    )
    assert pa.proportion(register.survey("agency"), "channel")["flag"].str.contains("simulated").all()


@pytest.mark.parametrize("size", [1, 27, 1_000])
def test_any_number_of_dossiers_is_met(tmp_path, size):
    pa.simulate_register(tmp_path / "register.parquet", size)
    assert pq.read_metadata(tmp_path / "register.parquet").num_rows == size


def test_it_is_drawn_in_parts(monkeypatch, tmp_path):
    monkeypatch.setattr(simulated, "CHUNK", 100)
    pa.simulate_register(tmp_path / "register.parquet", 10_000)
    held = pq.read_metadata(tmp_path / "register.parquet")
    assert held.num_rows == 10_000
    assert max(held.row_group(part).num_rows for part in range(held.num_row_groups)) <= 100


@pytest.mark.slow
def test_memory_does_not_grow_with_the_size(tmp_path):
    code = (
        "import resource, sys, portal_analysis as pa;"
        "pa.simulate_register(sys.argv[1], int(sys.argv[2]));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks = [
        int(
            subprocess.run(
                [sys.executable, "-c", code, str(tmp_path / "register.parquet"), str(size)],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for size in (28 << 18, 28 << 20)
    ]
    assert peaks[1] < peaks[0] + 200_000, peaks  # four times the rows, in kilobytes


def test_a_file_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "new" / "register.parquet"
    monkeypatch.setattr(simulated, "_table", lambda *told: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pa.simulate_register(path, 100)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"dossiers": 0}, "dossiers=0"),
        ({"dossiers": 1.5}, "whole number"),
        ({"seed": True}, "seed=True"),
        ({"path": "register.csv"}, "must end in .parquet"),
    ],
)
def test_bad_arguments_are_told(tmp_path, said, told):
    with pytest.raises(pa.RegisterError, match=told):
        pa.simulate_register(**{"path": tmp_path / "register.parquet", **said})


@pytest.mark.parametrize(
    ("described", "said"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "lie in each other"),
        ("7", "must be an object"),
        ('{"online": "a", "offered": "b", "colour": "red"}', "must be an object of JSON that may have"),
        ('{"online": "a", "offered": "b", "procedure": "c", "labels": 7}', "labels must be a mapping"),
        ('{"online": "a", "offered": "b", "procedure": "c", "source": []}', "source must be text"),
        ('{"online": 10000000000000000000000, "offered": "b"}', "digits"),
        ("\udcff", "not JSON"),
    ],
)
def test_what_a_foreign_file_says_of_its_columns_is_not_trusted(tmp_path, described, said):
    path = tmp_path / "foreign.parquet"
    told = {"portal_analysis.register": described.encode("utf-8", "surrogateescape")}
    pq.write_table(pyarrow.table({"a": ["x"], "b": ["y"], "c": ["z"]}).replace_schema_metadata(told), path)
    with pytest.raises(pa.Error, match=said):
        pa.read_register(path)


def test_the_command_line_writes_one(tmp_path, capsys):
    assert main(["simulate", str(tmp_path / "register.parquet"), "--dossiers", "500"]) == 0
    assert "500 dossiers, all simulated" in capsys.readouterr().out
    assert pa.usage_rates(pa.read_register(tmp_path / "register.parquet")).loc[1, "n"] == 500
    assert main(["simulate", str(tmp_path / "register.csv")]) == 1
    assert "must end in .parquet" in capsys.readouterr().err
