"""A deposit as RO-Crate 1.1 (Soiland-Reyes et al., *Data Science* 5 (2022) 97–138): JSON-LD in schema.org's words.

Hands on the content of ``ro-crate-metadata.json``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal_analysis.deposit.study import Held, Study
from portal_analysis.language.catalogue import word

METADATA = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILE = "https://w3id.org/ro/crate/1.1"


def crate(study: Study, files: Sequence[Held]) -> dict[str, Any]:
    """Return the metadata of a deposit as RO-Crate.

    Parameters
    ----------
    study : Study
    files : sequence of Held
        What lies in the crate; of files that stay where they are only size and hash are told, as ``mentions``.
    """
    people = [
        {"@id": f"#person-{place}", "@type": "Person", "name": one}
        for place, one in enumerate(study.people, 1)
    ]
    licences = [_licence(one) for one in study.licences]
    sources = [_source(place, one) for place, one in enumerate(study.sources, 1)]
    here = {one.path for one in files}
    held = [_file(one, one.path in here) for one in study.files]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "identifier": study.id,
        "name": _text(study.title),
        "description": _described(study),
        "datePublished": study.date,
        **({"version": study.version} if study.version else {}),
        **({"temporalCoverage": study.period} if study.period else {}),
        **({"author": _ids(people)} if people else {}),
        **({"license": _ids(licences)} if licences else {}),
        **({"citation": _ids(sources)} if sources else {}),
        **({"keywords": [study.kind, "simulated data"] if study.simulated else [study.kind]}),
        "hasPart": [{"@id": one.path} for one in study.files if one.path in here],
        "mentions": [{"@id": f"#{one.path}"} for one in study.files if one.path not in here],
    }
    descriptor = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": PROFILE},
        "about": {"@id": "./"},
    }
    graph = [descriptor, root, *held, *people, *_unique(licences), *sources, *_making(study)]
    return {"@context": CONTEXT, "@graph": [_without_nothing(one) for one in graph]}


def _without_nothing(entity: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entity.items() if value not in ("", [], {})}


def _text(texts: Any) -> Any:
    """Return a text by language: plain where there is one, else with its language."""
    if len(texts) == 1:
        return next(iter(texts.values()))
    return [{"@value": text, "@language": lang} for lang, text in texts.items()]


def _described(study: Study) -> Any:
    """Return the description; of simulated data it begins by saying so."""
    if not study.simulated:
        return _text(study.description)
    return _text({lang: f"{word('word.stamp', lang)}. {text}" for lang, text in study.description.items()})


def _ids(entities: Sequence[dict[str, Any]]) -> Any:
    found = [{"@id": one["@id"]} for one in _unique(entities)]
    return found[0] if len(found) == 1 else found


def _unique(entities: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({one["@id"]: one for one in entities}.values())


def _licence(one: Any) -> dict[str, Any]:
    name = str(one.get("name") or one.get("title") or one.get("path"))
    return {
        "@id": str(one.get("path") or f"#{name}"),
        "@type": "CreativeWork",
        "name": str(one.get("title") or name),
        "identifier": name,
    }


def _source(place: int, one: Any) -> dict[str, Any]:
    path = str(one.get("path") or "")
    return {
        "@id": path if "://" in path else f"#source-{place}",
        "@type": "CreativeWork",
        "name": str(one["title"]),
    }


def _file(one: Held, here: bool) -> dict[str, Any]:
    told = {"name": _text(one.title) if one.title else one.path, "encodingFormat": one.media}
    told |= {"contentSize": str(one.size), "sha256": one.sha256}
    return {"@id": one.path if here else f"#{one.path}", "@type": "File" if here else "CreativeWork", **told}


def _making(study: Study) -> list[dict[str, Any]]:
    """Return how a report was made, as an action: of what, with which programs."""
    if not study.software:
        return []
    programs = [
        {"@id": f"#software-{name}", "@type": "SoftwareApplication", "name": name, "softwareVersion": version}
        for name, version in study.software.items()
    ]
    inputs = [
        {
            "@id": f"#input-{place}",
            "@type": "CreativeWork",
            "name": one["name"],
            "sha256": str(one["hash"]).removeprefix("sha256:"),
        }
        for place, one in enumerate(study.made_of, 1)
    ]
    action = {
        "@id": "#making",
        "@type": "CreateAction",
        "name": "portal-analysis report",
        "instrument": _ids(programs),
    }
    return [{**action, "object": _ids(inputs), "result": {"@id": "./"}}, *programs, *inputs]
