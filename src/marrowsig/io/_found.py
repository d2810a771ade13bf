"""What a reader hands on: the data, and what was decided on the way."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anndata import AnnData

GENES_BY_SAMPLES = "genes_by_samples"
SAMPLES_BY_GENES = "samples_by_genes"


@dataclass
class Found:
    """One file, read: rows of `adata` are samples or cells."""

    adata: AnnData
    format: str
    orientation: str = SAMPLES_BY_GENES
    kind: str = ""
    decisions: list[str] = field(default_factory=list)
    warnings: list[tuple[str, type[Warning]]] = field(default_factory=list)
    shortened: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    """Samples that were to be left out and were in the sheet, or in the matrix, alone."""


def assemble(values: Any, obs: pd.DataFrame, var: pd.DataFrame) -> AnnData:
    """Make AnnData of (n_obs, n_vars) values and annotation; names become text, "/" in keys becomes "_"."""
    import anndata as ad

    with quiet():
        return ad.AnnData(values, obs=_annotation(obs), var=_annotation(var))


def frame(names: Sequence[object], columns: dict[str, Any] | None = None) -> pd.DataFrame:
    """Annotation table (len(names), n_columns) with `names` as its index."""
    return pd.DataFrame(columns or {}, index=pd.Index([str(n) for n in names], dtype=str))


@contextmanager
def quiet() -> Iterator[None]:
    """Keep anndata's remarks on repeated names and old files to ourselves: `read` checks both."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* names are not unique")
        warnings.filterwarnings("ignore", category=FutureWarning)
        warnings.filterwarnings("ignore", category=PendingDeprecationWarning)  # files of old anndata
        yield


@contextmanager
def whole_rows(name: str) -> Iterator[None]:
    """Let pandas lose no cell: a row that is longer than the header is an error, not a warning."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            yield
    except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError) as error:
        msg = f"{name} is not a table with the same number of cells in every line: {error}"
        raise InputError(msg.strip()) from error


def _annotation(table: pd.DataFrame) -> pd.DataFrame:
    table = table.copy()
    table.index = pd.Index([str(n) for n in table.index], dtype=str)
    # A slash in a key would be a folder in h5ad and zarr.
    table.columns = pd.Index([str(c).replace("/", "_") for c in table.columns], dtype=str)
    for column in [c for c in table if _holds_text(table[c])]:
        table[column] = table[column].fillna("").astype(str)
    return table


def _holds_text(column: pd.Series) -> bool:
    return column.dtype == object or isinstance(column.dtype, pd.StringDtype)
