"""A dataset or a report put together for an archive: its files, RO-Crate, DDI-Codebook.

Hands on :func:`deposit`.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from portal_analysis.datasets import Dataset, SourceError, dataset
from portal_analysis.deposit.crate import METADATA, crate
from portal_analysis.deposit.ddi import CODEBOOK, codebook
from portal_analysis.deposit.study import Study, study_of_dataset, study_of_report
from portal_analysis.exports.provenance import design_in_words
from portal_analysis.faults import Error
from portal_analysis.files import replace_folder
from portal_analysis.language.catalogue import word
from portal_analysis.report.record import RECORD, read_record

OF_PEOPLE = ("survey", "register")
"""Kinds of data whose rows may be people."""


class DepositError(Error):
    """Nothing was put together for a deposit, and why."""


def deposit(
    what: str | Path,
    folder: str | Path | None = None,
    files: bool | None = None,
    title: str | None = None,
    authors: tuple[str, ...] = (),
) -> Path:
    """Put a dataset or a report together for a data archive: its files, described in the words that archives read.

    Parameters
    ----------
    what : str or Path
        The id or folder of a dataset, or the folder of a report (which holds ``report.json``).
    folder : str or Path, optional
        What to write; the name of the dataset or report with ``-deposit`` behind it if not given. An earlier deposit
        there is replaced, anything else is left alone.
    files : bool, optional
        Are the files to lie in it? If not given: of everything but surveys and registers of real people, of which a
        deposit then holds the description and the hashes alone, and no answer.
    title : str, optional
        Of a report; that of the report if not given.
    authors : tuple of str
        Of a report.

    Returns
    -------
    Path
        A folder with ``ro-crate-metadata.json`` (RO-Crate 1.1) and ``ddi-codebook.xml`` (DDI-Codebook 2.5: study,
        files, variables, codes and missing codes, by language), beside the files. The same data give the same
        bytes.

    Raises
    ------
    DepositError
        If the target is something else than an earlier deposit, or cannot be written.
    SourceError
        If there is no such dataset, or a file is not the one described.
    RecordError
        If the folder's ``report.json`` is no record of a report.

    Notes
    -----
    Titles and descriptions of simulated data begin by saying so, in both files.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> folder = pa.deposit("province-facts")
    >>> print(folder.name, sorted(path.name for path in folder.iterdir()))
    province-facts-deposit ['ddi-codebook.xml', 'definitions.csv', 'facts.csv', 'ro-crate-metadata.json']
    """
    study = _study(Path(what), title, authors) if _is_report(what) else _of_dataset(dataset(what))
    target = Path(folder) if folder is not None else Path(f"{study.id}-deposit")
    if (
        target.exists()
        and not (target / METADATA).is_file()
        and not (target.is_dir() and not any(target.iterdir()))
    ):
        raise DepositError(f"{target} is there and holds no earlier deposit; name another folder")
    with_files = files if files is not None else study.simulated or study.kind not in OF_PEOPLE
    held = study.files if with_files else ()

    def fill(fresh: Path) -> None:
        for one in held:
            place = fresh / one.path
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(one.place, place)
        text = json.dumps(crate(study, held), ensure_ascii=False, indent=2) + "\n"
        (fresh / METADATA).write_text(text, encoding="utf-8", newline="\n")
        (fresh / CODEBOOK).write_bytes(codebook(study))

    try:
        replace_folder(target, fill)
    except OSError as fault:
        raise DepositError(
            f"cannot write {target}: {fault.strerror or fault}; nothing was written"
        ) from fault
    return target


def _is_report(what: str | Path) -> bool:
    return (Path(what) / RECORD).is_file()


def _of_dataset(source: Dataset) -> Study:
    return study_of_dataset(source, design_in_words(source.descriptor.get("design"), "en"))


def _study(folder: Path, title: str | None, authors: tuple[str, ...]) -> Study:
    told = read_record(folder / RECORD)
    named = (
        title
        or told["options"].get("title")
        or word("report.title", str(told["options"].get("lang") or "en"))
    )
    return study_of_report(
        folder, told, str(named), authors, [one for one in map(_known, told["datasets"]) if one]
    )


def _known(one: dict[str, str]) -> Dataset | None:
    try:
        return dataset(one["id"])
    except (SourceError, KeyError):
        return None
