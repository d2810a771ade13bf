"""One file of one sample, as STAR, HTSeq, featureCounts and RSEM write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig.io._content import content
from marrowsig.io._found import GENES_BY_SAMPLES
from marrowsig.io._guarded import guard, unguard
from marrowsig.io._rsem import is_rsem, read_rsem
from marrowsig.io._table import NOT_GENES, read_table

if TYPE_CHECKING:
    from pathlib import Path

_PACKED = r"(\.gz)?$"
SHAPES = (
    re.compile(r"ReadsPerGene\.out\.tab" + _PACKED),
    re.compile(r"\.genes\.results" + _PACKED),
    re.compile(r"(count|htseq)s?([._-]?(txt|tsv|tab|csv))?" + _PACKED, re.IGNORECASE),
    re.compile(r"\.(txt|tsv|tab)" + _PACKED, re.IGNORECASE),
)
"""Names of files of one sample, the most certain first."""


@dataclass(frozen=True)
class One:
    """Counts of one sample: (n_columns, n_genes), three columns where STAR counted by strand, else one."""

    program: str
    genes: list[str]
    values: np.ndarray
    kind: str


def read_one(path: Path, *, kind: str | None) -> One:
    """Read one file of one sample.

    Raises
    ------
    InputError
        If it holds no counts, or of several samples.
    """
    data = content(path)
    if is_rsem(data):
        found = read_rsem(data, path, kind=kind)
        return One("RSEM", list(found.adata.var_names), np.asarray(found.adata.X), found.kind)
    top = next((line for line in data.split(b"\n") if line.strip()), b"").decode("utf-8").rstrip("\r")
    cells = top.split("\t")
    if cells[0] == "N_unmapped" and len(cells) == 4:
        return _without_header("STAR", data, path)
    if len(cells) == 2 and cells[1].strip().isdigit():
        return _without_header("HTSeq", data, path)
    found = read_table(data, path.name)
    if found.orientation != GENES_BY_SAMPLES or found.adata.n_obs != 1:
        msg = (
            f"{path.name} holds {found.adata.n_obs} samples. In a folder each file is of one sample; read a "
            "table of several by its own name."
        )
        raise InputError(msg)
    return One("counts", list(found.adata.var_names), np.asarray(found.adata.X), "")


def _without_header(program: str, data: bytes, path: Path) -> One:
    cells = pd.read_csv(BytesIO(data), sep="\t", header=None, converters={0: guard})
    genes = unguard(cells[0]).astype(str)
    rest = cells.loc[~genes.str.startswith(NOT_GENES)]
    values = rest.iloc[:, 1:].T
    broken = [str(genes[i]) for i in rest.index[values.isna().any(axis=0)]]
    if broken or any(dtype.kind not in "iu" for dtype in rest.dtypes.iloc[1:]):
        msg = f"{path.name}: some counts are not whole numbers ({first(broken) or 'text'}). Count it again."
        raise InputError(msg)
    return One(program, genes[rest.index].tolist(), values.to_numpy(dtype=float), "counts")
