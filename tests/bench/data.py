"""Simulated expression and gene sets for the benchmark, cached as npz."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

GENES = 20_000
BLOCK = 1_000
VERSION = 1  # part of the file names: raise it when the simulation changes


def gene_names() -> list[str]:
    return [f"G{i:05d}" for i in range(GENES)]


def expression(kind: str, n: int) -> Any:
    """Rows are cells or samples.

    counts  CSR float32, negative binomial, about 7 % of the entries above 0
    log     the same counts, 10,000 per cell, log1p
    untied  counts, dense, every value of a row distinct: for checks that ties must not disturb
    bulk    dense float64, log-like, no ties
    """
    if kind == "bulk":
        return _bulk(n)
    counts = _cached(f"counts_{n}", lambda: _counts(n))
    if kind == "log":
        return _lognorm(counts)
    return _untied(counts) if kind == "untied" else counts


def as_anndata(x: Any) -> AnnData:
    """A fresh AnnData around the same numbers, so that no call sees what an earlier one left behind."""
    import pandas as pd
    from anndata import AnnData

    obs = pd.DataFrame(index=[f"r{i}" for i in range(x.shape[0])])
    return AnnData(x, obs=obs, var=pd.DataFrame(index=gene_names()))


def gene_sets(n: int) -> dict[str, list[str]]:
    """Gene sets of 20 to 200 genes (median about 60), half of them from a pool that all sets share."""
    rng = np.random.default_rng(20_26)
    names = np.array(gene_names())
    sizes = np.clip(np.rint(60 * np.exp(0.6 * rng.standard_normal(n))), 20, 200).astype(int)
    pool = rng.permutation(GENES)[:1_000]
    other = np.setdiff1d(np.arange(GENES), pool)
    out = {}
    for i, size in enumerate(sizes):
        shared = rng.choice(pool, size // 2, replace=False)
        own = rng.choice(other, size - size // 2, replace=False)
        out[f"control.set{i:02d}"] = list(names[np.concatenate([shared, own])])
    return out


def _counts(n: int) -> sparse.csr_matrix:
    rng = np.random.default_rng(1)
    # A long right tail of gene means; the factor is set so that about 7 % of the entries are above 0.
    means = (0.018 * np.exp(2.0 * rng.standard_normal(GENES))).astype(np.float32)
    blocks = [_block(means, min(BLOCK, n - start), seed) for seed, start in enumerate(range(0, n, BLOCK))]
    return sparse.vstack(blocks, format="csr")


def _block(means: NDArray[np.float32], rows: int, seed: int) -> sparse.csr_matrix:
    rng = np.random.default_rng([2, seed])
    depth = np.exp(0.4 * rng.standard_normal((rows, 1))).astype(np.float32)
    noise = rng.standard_gamma(2.0, (rows, GENES), dtype=np.float32) / 2
    x = sparse.csr_matrix(rng.poisson(depth * means * noise).astype(np.float32))
    x.indices = x.indices.astype(np.int32)
    return x


def _lognorm(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    x = counts.copy()
    total = np.asarray(x.sum(axis=1), dtype=np.float32).ravel()
    x.data = np.log1p(x.data * np.repeat(10_000 / total, np.diff(x.indptr))).astype(np.float32)
    return x


def _untied(counts: sparse.csr_matrix) -> NDArray[np.float32]:
    rng = np.random.default_rng(3)
    noise = rng.permuted(np.tile(np.arange(GENES) / (2 * GENES), (counts.shape[0], 1)), axis=1)
    return np.asarray(counts.toarray() + noise, dtype=np.float32)


def _bulk(n: int) -> NDArray[np.float64]:
    rng = np.random.default_rng(4)
    means = 12 * rng.beta(1.2, 1.6, GENES)
    return np.abs(means + rng.standard_normal((n, GENES)) * rng.uniform(0.3, 1.2, GENES))


def _cached(name: str, make: Any) -> sparse.csr_matrix:
    folder = Path(os.environ.get("MARROWSIG_BENCH", Path(tempfile.gettempdir()) / "marrowsig-bench"))
    path = folder / f"{name}_v{VERSION}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.npz")
        sparse.save_npz(part, make(), compressed=False)
        part.replace(path)
    return sparse.load_npz(path)
