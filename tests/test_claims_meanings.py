"""Which rate of a register a published share can mean, and the words that tell the rates apart."""

from __future__ import annotations

import pytest

import portal_analysis as pa
from portal_analysis.claims import ClaimError
from portal_analysis.registers.usage import RATES


@pytest.fixture(scope="module")
def register():
    return pa.load_register("procedures-japan").only(kind="1", actor=("5", "7"))


@pytest.fixture(scope="module")
def rates(register):
    return pa.usage_rates(register)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"value": 71}, ["dossiers online where offered"]),
        ({"value": "68.8"}, ["dossiers online"]),
        ({"value": 70, "qualifier": "about"}, ["dossiers online", "dossiers online where offered"]),
        ({"value": 70, "qualifier": "nearly"}, ["dossiers online"]),
        ({"value": 18}, []),
        ({"value": 70, "qualifier": "about", "counts": "services"}, []),
        ({"value": 48, "counts": "procedures"}, ["procedures offered online"]),
        ({"value": 69, "counts": "persons"}, []),
        ({"value": "71.00", "decimals": 2}, []),
        ({"value": "70.99", "decimals": 2}, ["dossiers online where offered"]),
    ],
)
def test_a_claim_can_mean_what_fits_its_value_and_what_it_counts(rates, said, meant):
    told = pa.claim_meanings(rates, **said)
    assert told.loc[told["can_mean"] == "yes", "indicator"].tolist() == meant


def test_the_reason_is_told_and_the_rates_stay_as_they_were(rates):
    before = rates.copy()
    told = pa.claim_meanings(rates, 71, counts="dossiers").set_index("indicator")["can_mean"]
    assert told.to_dict() == {
        RATES[0]: "counted",
        RATES[1]: "value",
        RATES[2]: "yes",
        RATES[3]: "counted",
        RATES[4]: "counted",
    }
    assert rates.equals(before)
    assert set(pa.claim_meanings(rates, 50, counts="persons")["can_mean"]) == {"counted"}


def test_bad_claims_are_told(rates):
    with pytest.raises(ClaimError, match="counts='people' is unknown"):
        pa.claim_meanings(rates, 71, counts="people")
    with pytest.raises(ClaimError, match="not a number"):
        pa.claim_meanings(rates, "many")
    with pytest.raises(ClaimError, match="usage_rates"):
        pa.claim_meanings(pa.load_published("egov-figures"), 71)


@pytest.mark.parametrize(
    ("lang", "shares", "people", "error"),
    [
        ("en", ["47.6%", "68.8%", "71.0%", "24.7%", "39.1%"], "count no people", "no sampling error"),
        (
            "vi",
            ["47,6%", "68,8%", "71,0%", "24,7%", "39,1%"],
            "không con số nào đếm người",
            "không có sai số chọn mẫu",
        ),
    ],
)
def test_one_sentence_tells_the_five_numbers_apart(rates, lang, shares, people, error):
    last = pa.describe(rates, lang=lang).split("\n\n")[-1]
    assert all(share in last for share in shares)
    assert people in last.lower()
    assert error in last
    assert all(
        pa.show(rates, lang=lang, columns=["claim"]).rows[place][0] in last for place in range(len(RATES))
    )


def test_what_the_intervals_are_is_told(register):
    clustered = pa.usage_rates(register, cluster="ministry")
    said = pa.describe(clustered)
    assert "if the agencies were a sample" in said
    assert "no sampling error" not in said
    figure = pa.plot_estimates(clustered)
    drawn = " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))
    assert "if the agencies were a sample" in drawn


def test_a_figure_says_that_every_row_counts(rates):
    figure = pa.plot_estimates(rates)
    drawn = [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    assert "no sampling error" in " ".join(drawn).replace("\n", " ")
    assert {"47.6%", "68.8%", "24.7%"} <= {text.split("\N{THIN SPACE}")[0] for text in drawn}


def test_one_rate_alone_or_several_domains_are_not_told_apart(register, rates):
    assert "A published claim" not in pa.describe(rates.head(1))
    assert "A published claim" not in pa.describe(pa.usage_rates(register, by="actor"), most=100)


def test_what_is_counted_is_named_in_the_language(rates):
    shown = pa.show(rates, lang="vi", columns=["counted"])
    assert [row[0] for row in shown.rows][:2] == ["thủ tục", "hồ sơ"]
