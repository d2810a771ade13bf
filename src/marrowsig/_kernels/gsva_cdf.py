"""How high a sample stands among all samples, gene by gene: the first half of GSVA."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numba import njit
from scipy.sparse import issparse
from scipy.special import pdtr

from marrowsig._kernels import threads
from marrowsig._kernels.gsva_fourier import fourier_rows
from marrowsig._kernels.gsva_table import signed_table, table_rows
from marrowsig._kernels.jit import KERNEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kcdf = Literal["gaussian", "poisson", "none"]
COLUMNS = 64
PAIRS = 1_000_000  # of values at a time, to bound the memory
FAR = 9.5  # standard deviations at which a Poisson tail is below 1e-18


def varying(x: Any) -> NDArray[np.bool_]:
    """Genes (n_genes,) with two different values; ValueError where a value is not finite."""
    low, high = (_flat(x.min(axis=0)), _flat(x.max(axis=0)))
    with np.errstate(over="ignore"):
        finite = np.isfinite(high - low)
    if not finite.all():
        msg = f"{int((~finite).sum())} genes have values that are not finite or too large to subtract"
        raise ValueError(msg)
    return np.asarray(high > low)


def _flat(a: Any) -> NDArray[np.float64]:
    return np.asarray(a.toarray() if issparse(a) else a, dtype=np.float64).ravel()


def cdf(x: Any, kept: NDArray[np.bool_], *, kcdf: Kcdf, parity: bool) -> NDArray[np.float64]:
    """Kernel estimate of the distribution function of every gene, at the samples.

    x       (n_obs, n_genes) array or sparse matrix
    kept    (n_genes,) what `varying` gives
    out     (n_obs, number kept); with `parity` and a kernel, log(F / (1 - F)) as in R
    """
    x = x.tocsc() if issparse(x) else np.asarray(x)
    place = np.concatenate([[0], np.cumsum(kept)])
    out = np.empty((x.shape[0], int(place[-1])))
    table = signed_table()

    def work(start: int, stop: int) -> None:
        block = x[:, start:stop]
        block = block.toarray() if issparse(block) else block
        rows = np.ascontiguousarray(block.T, dtype=np.float64)[kept[start:stop]]
        f = np.empty_like(rows)
        if kcdf == "none":
            share_rows(rows, f)
        elif kcdf == "poisson":
            poisson_rows(rows, f)
            if parity:
                np.log((1.0 - f) / f, out=f)
                f *= -1.0
        elif parity:
            table_rows(rows, table, f)
        else:
            fourier_rows(rows, f)
        out[:, place[start] : place[stop]] = f.T

    threads.over(x.shape[1], COLUMNS, work)
    return out


def share_rows(x: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Fill `out` (n_genes, n) with the share of samples that are as low or lower."""
    # Sorted by numpy: numba would compile its sort for seconds.
    _share_rows(x, np.argsort(x, axis=1), out)


@njit(**KERNEL)
def _share_rows(x: NDArray[np.float64], order: NDArray[np.int64], out: NDArray[np.float64]) -> None:
    n = x.shape[1]
    for g in range(x.shape[0]):
        a = 0
        while a < n:
            b = a + 1
            while b < n and x[g, order[g, b]] == x[g, order[g, a]]:
                b += 1
            for k in range(a, b):
                out[g, order[g, k]] = b / n
            a = b


def poisson_rows(x: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Fill `out` (n_genes, n) with mean_i P(Poisson(x_gi + 0.5) <= x_gj), `x` whole numbers, not negative."""
    for g, row in enumerate(x):
        value, which = np.unique(row, return_inverse=True)
        total = np.zeros(value.size)
        step = max(1, PAIRS // value.size)
        for start in range(0, value.size, step):
            part = slice(start, start + step)
            _sum_in_order(_poisson(value[part], value[:, None] + 0.5), which, total[part])
        out[g] = (total / row.size)[which]


def _poisson(count: NDArray[np.float64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
    # By Chernoff's bound only pairs that are near are not 0 or 1 to the last bit.
    near = np.abs(count - rate) <= FAR * np.sqrt(np.maximum(count, rate))
    p = (count > rate).astype(np.float64)
    p[near] = pdtr(np.broadcast_to(count, p.shape)[near], np.broadcast_to(rate, p.shape)[near])
    return p


@njit(**KERNEL)
def _sum_in_order(p: NDArray[np.float64], which: NDArray[np.int64], total: NDArray[np.float64]) -> None:
    for i in range(which.size):
        for v in range(total.size):
            total[v] += p[which[i], v]
