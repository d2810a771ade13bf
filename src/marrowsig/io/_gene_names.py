"""What the names of the genes show as they are read: dates that a spreadsheet made, and repeats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._errors import GeneWarning, count, first
from marrowsig._gene_dates import read_date

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig.io._found import Found

_DATE = re.compile(r"\d.*[-/ ]|[-/ ].*\d|\d\.\d+\.\d")
_NUMBER = re.compile(r"\d+(\.0)?")
_FEW_NUMBERS = 0.01
"""Share of names that are numbers, up to which they are no ids: a spreadsheet makes some thirty."""
_BULK = 1000
"""Samples up to which the values of repeats are compared."""
_TELLING = 3
"""Different values of a row from which on another one of the same name and values is a copy."""


def look_at_names(adata: AnnData, found: Found) -> None:
    """Note dates, repeats, and rows that stand there twice, of names that nothing has looked at before."""
    if "mapped_symbol" in adata.var:
        return  # map_genes has seen these names and has said what it could not repair
    if dates := _dates([str(name) for name in adata.var_names]):
        text = (
            f"{count(len(dates), 'gene name was turned into a date', 'gene names were turned into dates')} "
            f"by a spreadsheet: {first(dates)}. "
            "ms.pp.map_genes repairs what can be repaired."
        )
        found.warnings.append((text, GeneWarning))
    repeats = np.flatnonzero(adata.var_names.duplicated())
    if len(repeats):
        names = first(dict.fromkeys(adata.var_names[repeats]))
        found.decisions.append(
            f"{count(len(repeats), 'gene name is a repeat and was', 'gene names are repeats and were')} "
            f"kept, until ms.pp.map_genes combines them: {names}"
        )
    if twice := _twice(adata, repeats):
        text = (
            f"{count(len(twice), 'gene stands', 'genes stand')} in two rows with the same values: "
            f"{first(twice)}. Counts and TPM of one gene are added up, so that a row that was pasted twice "
            "counts double: remove the copy from the table."
        )
        found.warnings.append((text, GeneWarning))


def _dates(names: list[str]) -> list[str]:
    numbers = sum(_NUMBER.fullmatch(name) is not None for name in names)
    few = numbers <= _FEW_NUMBERS * len(names)  # more are Entrez ids
    return [
        name
        for name in names
        if (_DATE.search(name) or (few and _NUMBER.fullmatch(name))) and read_date(name) is not None
    ]


def _twice(adata: AnnData, repeats: np.ndarray) -> list[str]:
    """Names of which two rows have the same values, not as hardly measured genes have them by chance."""
    if not len(repeats) or adata.n_obs > _BULK:
        return []
    names = adata.var_names[repeats]
    rows = np.flatnonzero(adata.var_names.isin(names))
    part: Any = adata.X[:, rows]
    values = np.asarray(part.toarray() if sparse.issparse(part) else part)
    seen: set[tuple[str, bytes]] = set()
    found = []
    for name, column in zip(adata.var_names[rows], values.T, strict=True):
        key = (str(name), np.ascontiguousarray(column).tobytes())
        if name and key in seen and len(np.unique(column[column != 0])) >= _TELLING:
            found.append(str(name))
        seen.add(key)
    return list(dict.fromkeys(found))
