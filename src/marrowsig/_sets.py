"""Signatures as `Sets` on the genes of one matrix, and how many of their genes it has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._kernels.sets import Sets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from marrowsig.sig import SignatureSet

__all__ = ["RUN", "Sets", "id_hint", "index_sets", "transposed"]

RUN = "run ms.pp.map_genes(adata) first"
COLUMNS = ["signature", "axis", "listed", "found", "coverage", "missing"]
_GENES = frozenset(
    ["ACTB", "GAPDH", "B2M", "VIM", "CD44", "STAT3", "JAK1", "JAK2", "SOCS3", "MYC", "TP53", "CDH1"]
)
"""Genes that nearly every human matrix has."""
_OTHER_IDS = {
    "Ensembl ids": re.compile(r"ENS[A-Z]*[GTP]\d{11}(\.\d+)?"),
    "Entrez ids": re.compile(r"\d+(\.0)?"),
    "array probes": re.compile(r"\w+_at|ILMN_\d+"),
    "mouse symbols": re.compile(r"[A-Z][a-z][A-Za-z0-9-]*[a-z0-9]|[A-Z][a-z]"),
}


def index_sets(signatures: SignatureSet, var_names: Sequence[str]) -> tuple[Sets, pd.DataFrame]:
    """Find every gene of every signature among `var_names`, which must be unique.

    Returns the sets, members in the order of the signature, and one row per signature: signature, axis,
    listed, found, coverage (found / listed), missing (symbols joined by ", ").
    """
    column = dict(zip(var_names, range(len(var_names)), strict=True))
    ptr, idx, weight, rows = [0], [], [], []
    for sig in signatures:
        found = [g for g in sig.genes if g in column]
        idx += [column[g] for g in found]
        weight += [sig.genes[g] for g in found]
        ptr.append(len(idx))
        missing = ", ".join(g for g in sig.genes if g not in column)
        rows.append((sig.id, sig.axis, len(sig.genes), len(found), len(found) / len(sig.genes), missing))
    sets = Sets(
        names=tuple(row[0] for row in rows),
        ptr=np.array(ptr, dtype=np.int64),
        idx=np.array(idx, dtype=np.int64),
        weight=np.array(weight, dtype=np.float64),
        listed=np.array([row[2] for row in rows], dtype=np.int64),
        n_genes=len(column),
        listed_down=np.array([len(sig.down) for sig in signatures], dtype=np.int64),
    )
    return sets, pd.DataFrame(rows, columns=COLUMNS)


def transposed(obs_names: Iterable[str]) -> str:
    """Say what to do where the rows are genes, else an empty text."""
    if sum(str(name) in _GENES for name in obs_names) >= len(_GENES) / 2:
        return "obs_names hold gene symbols: the table is transposed. Use adata = adata.T."
    return ""


def id_hint(var_names: Sequence[str], obs_names: Sequence[str] = (), *, do: str = RUN) -> str:
    """Say what to run where most `var_names` do not look like human gene symbols, else an empty text."""
    if turned := transposed(obs_names):
        return turned
    some = [str(g) for g in var_names[:: max(1, len(var_names) // 500)]]
    for what, pattern in _OTHER_IDS.items():
        if sum(bool(pattern.fullmatch(g)) for g in some) > len(some) / 2:
            return f"var_names look like {what}; {do}."
    return ""
