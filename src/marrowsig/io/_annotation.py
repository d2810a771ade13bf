"""Tell columns that describe genes from columns that are samples."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig.io._not_numbers import remedy

# Numeric columns that describe a gene can only be told by their names; text columns tell themselves.
_NAMED = re.compile(
    r"(gene|tx|transcript|exon|effective|cds)?length(bp)?|width|position|(gene|start|end)?(start|end|position)|"
    r"(gene)?chr(om|omosome)?|(gene)?strand|entrez(id|gene|geneid)?|ncbi(gene)?id|hgncid|(percentagegene)?gccontent|"
    r"(gene)?description|(gene)?biotype|genetype|genename|(gene|hgnc)?symbol|geneid|ensembl(gene)?(id)?|"
    r"transcriptids?|tffamily"
)
_MEASURED = re.compile(
    r"(gene|tx|transcript|exon|exonic|effective|cds)?length(bp|kb)?|(exonic)?genesizes?|gc(content|percent)?|"
    r"log(2)?(fc|foldchange)|lfcse|basemean|aveexpr|mean|p(value|val|adj)|adjp(value|val)|qvalue|fdr"
)
_SMALLEST_TEXT_SHARE = 0.5


def normal(name: str) -> str:
    """Write a column name in lower case, letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def is_named(name: str) -> bool:
    """Whether the column name is one that describes genes."""
    return _NAMED.fullmatch(normal(name)) is not None


def may_describe_genes(name: str) -> bool:
    """Whether the name alone could be that of a column about the genes; `describes_genes` looks inside."""
    plain = normal(name)
    return plain == "gc" or is_named(name) or _MEASURED.fullmatch(plain) is not None


def describes_genes(name: str, column: pd.Series) -> bool:
    """Whether a column of numbers is about the genes, by its name: length, GC content, result of a test."""
    plain = normal(name)
    if plain == "gc":  # also the name of a tissue; a share is at most 100 %
        return float(pd.to_numeric(column, errors="coerce").max()) <= 100
    return is_named(name) or _MEASURED.fullmatch(plain) is not None


def text_share(column: pd.Series) -> float:
    """Share of filled cells that are no numbers."""
    if _is_numeric(column):
        return 0.0
    filled = column[column.notna()]
    return float(_no_number(filled).mean()) if len(filled) else 0.0


def is_text(column: pd.Series) -> bool:
    """Whether the column holds words rather than a few damaged numbers."""
    return text_share(column) >= _SMALLEST_TEXT_SHARE


def is_count_up(column: pd.Series) -> bool:
    """Whether the column is only the row number: 0, 1, 2 ... or 1, 2, 3 ..."""
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    steps = np.arange(len(numbers))
    return len(numbers) > 1 and bool((numbers == steps).all() or (numbers == steps + 1).all())


def numbers(body: pd.DataFrame, rows: list[str], columns: list[str], name: str) -> np.ndarray:
    """Return the cells of `body` (len(rows), len(columns)) as float64; empty cells are NaN.

    Raises
    ------
    InputError
        If cells hold words: row, column and value of the first five.
    """
    if all(dtype.kind in "iuf" for dtype in body.dtypes):
        return body.to_numpy(dtype=np.float64)
    bad: list[tuple[str, str]] = []
    for place in range(body.shape[1]):
        column = body.iloc[:, place]
        if not _is_numeric(column):
            wrong = np.flatnonzero(_no_number(column) & column.notna())
            bad += [(f"row {rows[i]}, column {columns[place]}", str(column.iloc[i])) for i in wrong]
    if bad:
        seen = first(f"{where}: {cell!r}" for where, cell in bad)
        msg = f"{name}: {len(bad)} cells are not numbers. {seen}. {remedy([cell for _, cell in bad])}"
        raise InputError(msg)
    return body.apply(pd.to_numeric).to_numpy(dtype=np.float64)


def _is_numeric(column: pd.Series) -> bool:
    return column.dtype.kind in "iuf"


def _no_number(column: pd.Series) -> pd.Series:
    if column.dtype == bool:
        return pd.Series(data=True, index=column.index)
    return pd.to_numeric(column, errors="coerce").isna()
