"""Where an export's numbers come from and how they were made.

Hands on the content of the json file, and the sources and codes that other formats list.
"""

from __future__ import annotations

import json as json_module
import os
import platform
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import pandas as pd

from portal_analysis import origins
from portal_analysis.datasets import Dataset
from portal_analysis.exports.cells import plain, table_hash
from portal_analysis.exports.job import Job
from portal_analysis.exports.making import steps_of
from portal_analysis.files import moment
from portal_analysis.language.catalogue import word
from portal_analysis.language.labels import sources_of
from portal_analysis.language.reading import is_simulated
from portal_analysis.origins import Origin
from portal_analysis.shape import FLAGS, has_flag


def json(job: Job) -> bytes:
    """Return the provenance as the bytes of a JSON file, the same for the same table and figure."""
    content = provenance(job)
    return (json_module.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def provenance(job: Job) -> dict[str, Any]:
    """Return where the numbers come from and how they were made."""
    words = job.words
    making = steps_of(job) if "json" in job.formats else {}
    return {
        "name": job.name,
        "formats": list(job.formats),
        "lang": job.lang,
        "figure": None
        if words is None
        else {
            "title": words.title,
            "subtitle": words.subtitle,
            "caption": words.caption,
            "alt": words.alt,
            "long_alt": words.long_alt,
        },
        "table": {
            "columns": [str(column) for column in job.table.columns],
            "rows": len(job.table),
            "sha256": table_hash(job.table),
            "flags": _flag_counts(job.table),
        },
        "method": _method(job.table),
        "suppression": {
            "min_n": job.min_n,
            "rows": int(has_flag(job.table, "suppress").sum()),
            "rule": "the numbers of rows flagged 'suppress' are left empty: those too unreliable, those with n below "
            "min_n, and those by which such a row could be found by subtraction",
        },
        "sources": all_sources_told(job),
        "software": _versions(),
        "command": job.command or os.environ.get("PORTAL_ANALYSIS_COMMAND") or _command(job, making),
        **({"dated": moment().strftime("%Y-%m-%dT%H:%M:%SZ"), **making} if making else {}),
    }


def _command(job: Job, making: Mapping[str, Any]) -> str:
    return f"portal-analysis again {job.name}.json" if making.get("steps") else _call(job)


def _flag_counts(table: pd.DataFrame) -> dict[str, int]:
    counts = {flag: int(has_flag(table, flag).sum()) for flag in FLAGS}
    return {flag: count for flag, count in counts.items() if count}


def _method(table: pd.DataFrame) -> dict[str, Any]:
    """Return the values of the columns that say how numbers were made."""
    names = [name for name in ("measure", "unit", "units", "interval", "level", "df_kind") if name in table]
    return {name: sorted({plain(v) for v in table[name].dropna()}, key=str) for name in names}


def all_sources_told(job: Job) -> list[dict[str, Any]]:
    """Return what is known of all data that a table comes from."""
    return [told for source in sources_of(job.table) for told in sources_told(source, job.lang)]


def sources_told(source: str, lang: str) -> list[dict[str, Any]]:
    """Return what is known of the data called ``source``, by the files that were read in this session.

    A dataset that was loaded is told with title, citation, licence, files and design; a caller's own file by its path,
    size, hash and how it was read. Nothing is told of a table whose making this session has not seen but its name: a
    name is no origin.
    """
    found = origins.known(source)
    if not found:
        return [_unseen(source, "a table of which this session has read no file")]
    return [
        dataset_told(one.dataset, lang)
        if one.dataset
        else _own_told(source, one, lang)
        if one.reader
        else _unseen(source, "a table in memory, made by the caller")
        for one in found
    ]


def _unseen(source: str, note: str) -> dict[str, Any]:
    """Return what is known of a table that was not read from a file: nothing but what its name admits."""
    return {"id": source, "note": note} | ({"simulated": True} if is_simulated(source) else {})


def _own_told(source: str, origin: Origin, lang: str) -> dict[str, Any]:
    """Return what is known of a caller's own file: where it lies, its size and hash, how it was read."""
    return {
        "id": source,
        "note": "the caller's own file; the package has no description of it",
        "simulated": origin.simulated,
        "reader": origin.reader,
        "files": [dict(one) for one in origin.files],
        "options": dict(origin.options),
        "design": origin.design,
        "design_in_words": design_in_words(origin.design, lang),
    }


def dataset_told(found: Dataset, lang: str) -> dict[str, Any]:
    """Return what is known of a dataset: title, citation, licence, files with hashes, design in words."""
    told = found.descriptor
    files = [
        {key: item[key] for key in ("path", "bytes", "hash") if key in item} for item in told["resources"]
    ]
    return {
        "id": found.id,
        "title": found.title(lang),
        "citation": found.citation(lang),
        "kind": found.kind,
        "simulated": found.simulated,
        "version": told.get("version", ""),
        "accessed": told.get("accessed", ""),
        "licenses": list(told.get("licenses", [])),
        "sources": list(told.get("sources", [])),
        "files": files,
        "design": told.get("design"),
        "design_in_words": design_in_words(told.get("design"), lang),
    }


def design_in_words(design: Mapping[str, Any] | None, lang: str) -> str:
    """Say a sample design in a sentence."""
    if not design:
        return ""
    parts = []
    for name in ("weights", "strata", "psu", "fpc", "lonely_psu"):
        value = design.get(name)
        if value:
            told = ", ".join(value) if isinstance(value, list) else value
            parts.append(f"{word(f'design.{name}', lang)}: {told}")
    return word("design.told", lang, parts="; ".join(parts))


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("portal-analysis", "pandas", "numpy", "matplotlib", "statsmodels"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _call(job: Job) -> str:
    drawn = ", figure" if job.figure is not None else ""
    return f"pa.export({job.name!r}, estimates{drawn}, formats={list(job.formats)!r}, min_n={job.min_n})"
