"""A third language is one more file of words: everything speaks it; names that data lack are English."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portal_analysis.languages import FOLDER

ROOT = Path(__file__).resolve().parents[2]
FRENCH = {
    'name = "English"': 'name = "Français"',
    'tag = "en-GB"': 'tag = "fr-FR"',
    'decimal = "."': 'decimal = ","',
    'thousands = ","': 'thousands = "."',
    'all = "All"': 'all = "Ensemble"',
}
"""What is put into French of the English words; numbers are written as there, so that no text is the English one."""

TOY = {
    "name": "toy",
    "title": "A toy",
    "title_vi": "Đồ chơi",
    "title_fr": "Un jouet",
    "kind": "survey",
    "simulated": False,
    "licenses": [{"name": "CC0-1.0"}],
    "design": {"weights": "weight", "description": "made up", "description_fr": "inventé"},
    "labels": {
        "town": {"resource": "towns", "value": "town", "en": "english", "vi": "english", "fr": "french"}
    },
    "resources": [
        {
            "name": "people",
            "path": "people.csv",
            "format": "csv",
            "schema": {
                "fields": [
                    {"name": "town", "type": "string", "title": "Town", "title_fr": "Ville"},
                    {
                        "name": "sex",
                        "type": "integer",
                        "title": "Sex",
                        "title_fr": "Sexe",
                        "categories": [
                            {"value": 1, "label": "Women", "label_fr": "Femmes"},
                            {"value": 2, "label": "Men"},
                        ],
                    },
                    {"name": "weight", "type": "number", "title": "Weight"},
                ]
            },
        },
        {
            "name": "towns",
            "path": "towns.csv",
            "format": "csv",
            "schema": {
                "fields": [{"name": name, "type": "string"} for name in ("town", "english", "french")]
            },
        },
    ],
}

ASKED = """
import json
import portal_analysis as pa
from portal_analysis.datasets import dataset

papi = pa.load_survey("papi-simulated", wave=2022)
rates, places = (pa.proportion(papi, "npsp_use", by=by) for by in ("sex", "province"))
plots = {
    "estimates": pa.plot_estimates(rates, lang="fr"),
    "tiles": pa.plot_tiles(places, lang="fr"),
    "map": pa.plot_map(places, lang="fr"),
}
files = pa.export("use", rates, plots["estimates"], "out", ["tex", "xlsx"], lang="fr")
toy = pa.load_survey("toy")
box = pa.explore(rates, "fr")
claims = pa.check_claims(pa.load_claims(), pa.load_published("egov-figures"), "fr")
try:
    pa.propose_claims("18 % en 2022", "fr")
except pa.Error as fault:
    refused = str(fault)
pa.deposit("toy", "deposited")
print(json.dumps({
    "describe": str(pa.describe(rates, lang="fr")),
    "show": str(pa.show(rates, "Taux", "fr").table.rows),
    "export": files.files["tex"].read_text("utf-8"),
    "provinces": [pa.provinces.name("79", "fr"), pa.provinces.region("79", "fr"), pa.provinces.boundary_note("fr")],
    "questions": pa.questions(papi, "fr").set_index("name").loc["sex"].to_dict(),
    "toy": pa.questions(toy, "fr").set_index("name")["wording"].to_dict(),
    "answers": pa.questions(toy, "fr").set_index("name")["answers"].to_dict(),
    "title": dataset("toy").title("fr"),
    "claims": claims.set_index("claim_id").loc["article.usage_18"].to_dict(),
    "explore": [[one for _, one in box.children[2].options], box.children[3].value],
    "proposals": refused,
    **{name: plot.portal_text.long_alt for name, plot in plots.items()},
}, default=str))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what a copy of the package with one more file of words says in French."""
    home = tmp_path_factory.mktemp("third")
    copy = shutil.copytree(ROOT / "portal_analysis", home / "portal_analysis")
    words = (FOLDER / "en.toml").read_text("utf-8")
    for english, french in FRENCH.items():
        assert english in words
        words = words.replace(english, french, 1)
    words = re.sub(r"^\[text\b.*?(?=^\[(?!text))", "", words, flags=re.MULTILINE | re.DOTALL)
    (copy / "language" / "words" / "fr.toml").write_text(words, "utf-8")
    toy = home / "data" / "toy"
    toy.mkdir(parents=True)
    (toy / "datapackage.json").write_text(json.dumps(TOY), "utf-8")
    (toy / "people.csv").write_text("town,sex,weight\na,1,1\nb,2,1\n", "utf-8")
    (toy / "towns.csv").write_text("town,english,french\na,Upper,Haute\nb,Lower,\n", "utf-8")
    (home / "ask.py").write_text(ASKED, "utf-8")
    known = {"PYTHONPATH": str(home), "PORTAL_ANALYSIS_DATA": str(ROOT / "data"), "MPLBACKEND": "agg"}
    command = [sys.executable, "-W", "error", "ask.py"]
    done = subprocess.run(
        command, cwd=home, env={**os.environ, **known}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "ddi": (home / "deposited" / "ddi-codebook.xml").read_text("utf-8")}


def test_sentences_tables_and_files_are_in_the_third_language(told):
    assert "Women" in told["describe"]
    assert "**4,36%**" in told["describe"]
    assert "4,36%" in told["show"]
    assert r"4,36\%" in told["export"]


@pytest.mark.parametrize("plot", ["estimates", "tiles", "map"])
def test_figures_are_in_the_third_language(told, plot):
    assert "Used the National Public Service Portal" in told[plot]
    assert re.search(r"\d,\d+%", told[plot])
    assert not re.search(r"\d\.\d+%", told[plot])


def test_names_that_data_do_not_give_in_it_are_english(told):
    city, region, note = told["provinces"]
    assert (city, region) == ("Ho Chi Minh City", "Southeast")
    assert note.startswith("Boundaries are indicative")
    assert told["questions"]["wording"] == "Sex"
    assert told["questions"]["answers"] == "female = Women; male = Men"


def test_names_that_data_give_in_it_are_taken(told):
    assert told["title"] == "Un jouet"
    assert told["toy"] == {"town": "Ville", "sex": "Sexe", "weight": "Weight"}
    assert told["answers"]["sex"] == "1 = Femmes; 2 = Men"
    assert told["answers"]["town"] == "a = Haute; b = Lower"


def test_a_deposit_holds_what_is_said_in_it(told):
    assert '<labl xml:lang="fr">Femmes</labl>' in told["ddi"]
    assert ">Un jouet<" in told["ddi"]


def test_statements_are_held_against_figures_in_it(told):
    claim = told["claims"]
    assert claim["statement"].startswith("In the first seven months of 2022")
    assert "1,78% (2020)" in claim["why"]


def test_what_is_looked_around_in_offers_it(told):
    languages, page = told["explore"]
    assert {"en", "fr", "vi"} <= set(languages)
    assert "4,36%" in page


def test_numbers_of_articles_are_not_read_without_the_words_for_them(told):
    assert told["proposals"].startswith(
        "no numbers can be read in 'fr': its words do not say how they are written in running text ([text])"
    )
    assert "languages are ['en', " in told["proposals"]
