"""A dataset's tables, checked.

Hands on typed frames by the resource's name.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from portal_analysis.codebook.checks import check, foreign_key_faults
from portal_analysis.codebook.faults import raise_faults
from portal_analysis.codebook.schemas import schema_faults
from portal_analysis.datasets import DESCRIPTOR, Dataset, SourceError, dataset
from portal_analysis.origins import of_dataset, remember
from portal_analysis.tables import read_csv_text


def load(name: str | Path | Dataset, keep_codes: bool = False) -> dict[str, pd.DataFrame]:
    """Read a dataset's tables, checked against its codebook, keys between tables included.

    Parameters
    ----------
    name : str, Path or Dataset
        The id of a dataset, the path of its folder, or the dataset.
    keep_codes : bool
        Keep labelled missing codes such as 888 (don't know) instead of turning them into missing values.

    Returns
    -------
    dict of str to DataFrame
        The typed tables by resource name. Integers are ``Int64`` where values are missing, else ``int64``.

    Raises
    ------
    SourceError
        If the dataset or one of its files is missing, a file is not the one described, or a schema holds what the
        checks do not understand.
    TableError
        If a file is no readable table.
    CodebookError
        With all faults of all tables.

    Examples
    --------
    >>> import portal_analysis as pa
    >>> tables = pa.load_tables("province-facts")
    >>> print(list(tables))
    ['facts', 'definitions']
    """
    source = name if isinstance(name, Dataset) else dataset(name)
    remember(source.id, of_dataset(source, "load_tables"))
    files = source.tables
    wrong = [fault for one in files.values() for fault in schema_faults(one, source.resources)]
    if wrong:
        raise SourceError.of(wrong, f"{source.folder / DESCRIPTOR} cannot be used")
    checked = {
        key: check(read_csv_text(source.file(key)), one["schema"], str(one["path"]), keep_codes)
        for key, one in files.items()
    }
    faults = [each.faults for each in checked.values()]
    if all(each.empty for each in faults):
        faults += [foreign_key_faults(key, files, checked) for key in files]
    raise_faults(faults)
    return {key: each.table.reset_index(drop=True) for key, each in checked.items()}


load_tables = load
"""The name of :func:`load` among the public names."""
