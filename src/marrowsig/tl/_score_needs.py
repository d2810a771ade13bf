"""What a signature declares that it needs before it can be scored: genes that vary, weights from the data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse, vstack

from marrowsig._errors import first
from marrowsig._source import in_memory, is_lazy, rounds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets
    from marrowsig.sig import Signature, SignatureSet

MOST = 0.8  # share of rows that may hold one and the same value of a gene that has to vary
FLAT = 0.1  # of the standard deviation of the signature's median gene: below it, a gene does not vary
ROWS = 10  # rows that a correlation takes


def unmet(sigs: SignatureSet, sets: Sets, names: list[str], x: Any) -> tuple[Sets, dict[str, str]]:
    """Return the sets with the weights that the data give, and by id why one cannot be scored."""
    column: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for s, sig in enumerate(sigs):
        if "not_scored" in sig.use:
            reasons[sig.id] = str(sig.use["not_scored"])
        elif "requires" in sig.use:
            column = column or {gene: i for i, gene in enumerate(names)}
            why, weights = _of_one(sig, sets.idx[sets.ptr[s] : sets.ptr[s + 1]], column, x)
            if why:
                reasons[sig.id] = f"{why}; {sig.use['requires']['why']}"
            elif weights is not None:
                sets = _weighted(sets, s, weights)
    return sets, reasons


def _of_one(
    sig: Signature, members: NDArray[np.int64], column: dict[str, int], x: Any
) -> tuple[str, NDArray[np.float64] | None]:
    """Why the signature cannot be scored, or the weights of its members where the data give them."""
    needed = [str(gene) for gene in sig.use["requires"]["varies"]]
    absent = [gene for gene in needed if gene not in column]
    if absent:
        return f"it needs {first(absent)}, which was not measured", None
    values = _columns(x, [*(column[gene] for gene in needed), *members])
    own = values[:, len(needed) :]
    usual = float(np.median(own.std(axis=0))) if own.size else 0.0
    for gene, one in zip(needed, values.T, strict=False):
        level, times = np.unique(one, return_counts=True)
        if times.max() > MOST * one.size:
            held = f"{level[times.argmax()]:g} in {times.max()} of {one.size} rows"
            return f"it needs {gene} to vary, which is {held}", None
        if one.std() < FLAT * usual:
            said = f"standard deviation {one.std():.2g}, that of its median gene {usual:.2g}"
            return f"it needs {gene} to vary, which hardly does ({said})", None
    if "weights" not in sig.use:
        return "", None
    rule = sig.use["weights"]
    if len(values) < ROWS:
        return f"{len(values)} rows are too few for correlations with {rule['gene']}; it takes {ROWS}", None
    return "", rule["sign"] * _correlations(own, values[:, needed.index(rule["gene"])])


def _correlations(values: NDArray[np.float64], with_: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson correlation of every column with `with_`; 0 for a column that is constant."""
    a, b = values - values.mean(axis=0), with_ - with_.mean()
    norm = np.sqrt((a**2).sum(axis=0) * (b**2).sum())
    return np.divide(b @ a, norm, out=np.zeros(a.shape[1]), where=norm > 0)


def _weighted(sets: Sets, s: int, weights: NDArray[np.float64]) -> Sets:
    """Give set `s` these weights; members of weight 0 say nothing and go."""
    span = slice(sets.ptr[s], sets.ptr[s + 1])
    full = sets.weight.copy()
    full[span] = weights
    keep = np.ones(full.size, dtype=bool)
    keep[span] = weights != 0
    down = sets.listed_down.copy()
    down[s] = int((weights < 0).sum())
    ptr = np.concatenate([[0], np.cumsum(keep)])[sets.ptr].astype(np.int64)
    return replace(sets, ptr=ptr, idx=sets.idx[keep], weight=full[keep], listed_down=down)


def _columns(x: Any, columns: list[int]) -> NDArray[np.float64]:
    """Return some columns of all rows, dense; a file is read in rounds of rows."""
    where = np.asarray(columns, dtype=np.int64)
    if is_lazy(x):
        part = x[:, where].compute()
    elif in_memory(x):
        part = x[:, where]
    else:
        blocks = [block[at : at + stop - start][:, where] for start, stop, block, at in rounds(x)]
        part = vstack(blocks) if issparse(blocks[0]) else np.concatenate(blocks)
    return np.asarray(part.toarray() if issparse(part) else part, dtype=np.float64)
