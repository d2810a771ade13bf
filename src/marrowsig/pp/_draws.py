"""Rows thinned to one depth: the draws behind X, and scores as means over them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._provenance import recall, record
from marrowsig._stats.thinning import thinned
from marrowsig.pp.lognorm import log2_cpm

if TYPE_CHECKING:
    from collections.abc import Callable

    from anndata import AnnData
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

DEPTH = "thinned_to"
_KEPT: dict[str, list[Any]] = {}
"""Draws of the last matrices, since every score asks for them again."""
_MOST = 2


def thinned_rows(values: Any, genes: Any, rows: Any, depth: Whole, *, seed: int, draw: int) -> Any:
    """Draw every row down to its depth; sparse values stay sparse (CSR), and the dtype stays.

    A row depends on its counts, depth and name (`rows`), the names of its genes, the seed and the number of
    the draw.
    """
    from marrowsig._progress import tqdm

    place = np.unique(np.asarray(genes, dtype=str), return_inverse=True)[1]
    full = values.tocsr() if sparse.issparse(values) else np.asarray(values)
    drawn = [
        _row(full[i], place, int(depth[i]), _generator(seed, draw, str(rows[i])))
        for i in tqdm(range(full.shape[0]), desc="thin", unit="row", delay=2, leave=False)
    ]
    if sparse.issparse(values):
        return sparse.csr_matrix(sparse.vstack(drawn), dtype=values.dtype)
    return np.vstack(drawn).astype(values.dtype)


def draws(adata: AnnData) -> list[Any]:
    """Return all draws on the scale of X, which is the first; none if X is not what `thin` left."""
    made: dict[str, Any] = recall(adata, "thin", {})
    if not made or DEPTH not in adata.obs or "counts" not in adata.layers:
        return []
    values, depth = adata.layers["counts"], adata.obs[DEPTH].to_numpy(dtype=np.int64)
    total = np.asarray(values.sum(axis=1, dtype=np.float64)).ravel()
    if (total < depth).any():
        return []  # genes were left out since
    seed, n = int(made["seed"]), int(made["draws"])
    key = _key(adata, values, depth, f"{seed} {n}")
    if key not in _KEPT:
        every = [
            thinned_rows(values, adata.var_names, adata.obs_names, depth, seed=seed, draw=k) for k in range(n)
        ]
        while len(_KEPT) >= _MOST:
            _KEPT.pop(next(iter(_KEPT)))
        _KEPT[key] = every
    found = _KEPT[key]
    if _same(found[0], adata.X):
        return found
    logged = [log2_cpm(one, adata.obs_names) for one in found]
    return logged if _same(logged[0], adata.X) else []


def over_draws(
    adata: AnnData, layer: str | None, x: Any, score: Callable[[Any], dict[str, NDArray[Any]]]
) -> dict[str, Any]:
    """Results of `score` on `x`, or their means over the draws where that is a thinned X (no layer)."""
    several = draws(adata) if layer is None else []
    if len(several) < 2:
        return score(x)
    found = [score(one) for one in several]
    return {
        name: np.any([one[name] for one in found], axis=0)
        if values.dtype == bool
        else np.mean([one[name] for one in found], axis=0)
        for name, values in found[0].items()
    }


def keep_draws(adata: AnnData, work: AnnData) -> None:
    """Let another AnnData around the same X know what it was thinned from."""
    if (made := recall(adata, "thin")) is None or DEPTH not in adata.obs or "counts" not in adata.layers:
        return
    work.layers["counts"] = adata.layers["counts"]
    work.obs[DEPTH] = adata.obs[DEPTH].to_numpy()
    record(work, "thin", made)


def each_draw(adata: AnnData) -> list[AnnData]:
    """Return one AnnData per draw, with the counts of the draw; `adata` itself where it was not thinned."""
    if not draws(adata):
        return [adata]
    made: dict[str, Any] = recall(adata, "thin")
    values, depth = adata.layers["counts"], adata.obs[DEPTH].to_numpy(dtype=np.int64)
    out = []
    for k in range(int(made["draws"])):
        one = adata.copy()
        one.layers["counts"] = thinned_rows(
            values, adata.var_names, adata.obs_names, depth, seed=int(made["seed"]), draw=k
        )
        out.append(one)
    return out


def is_thinned(adata: AnnData, totals: NDArray[np.float64]) -> bool:
    """Whether rows of these totals are what `thin` left of `layers["counts"]`."""
    if recall(adata, "thin") is None or DEPTH not in adata.obs or "counts" not in adata.layers:
        return False
    return bool(np.array_equal(adata.obs[DEPTH].to_numpy(dtype=np.float64), totals))


def _row(row: Any, place: Whole, depth: int, rng: np.random.Generator) -> Any:
    if not sparse.issparse(row):
        return thinned(row.astype(np.int64), place, depth, rng)
    row.sum_duplicates()
    data = thinned(row.data.astype(np.int64), place[row.indices], depth, rng)
    out = sparse.csr_matrix((data, row.indices, row.indptr), shape=row.shape)
    out.eliminate_zeros()
    return out


def _generator(seed: int, draw: int, name: str) -> np.random.Generator:
    """Random numbers of one row: they depend on the seed, the draw and its name, not on other rows."""
    digest = hashlib.sha256(name.encode()).digest()[:16]
    return np.random.default_rng([seed, draw, int.from_bytes(digest, "big")])


def _key(adata: AnnData, values: Any, depth: Whole, more: str) -> str:
    parts = [values.data, values.indices, values.indptr] if sparse.issparse(values) else [np.asarray(values)]
    digest = hashlib.sha256(more.encode())
    for part in (*parts, depth):
        digest.update(np.ascontiguousarray(part).tobytes())
    for names in (adata.obs_names, adata.var_names):
        digest.update("\n".join(map(str, names)).encode())
    return digest.hexdigest()


def _same(ours: Any, x: Any) -> bool:
    a, b = (one.toarray() if sparse.issparse(one) else np.asarray(one) for one in (ours, x))
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-5, atol=1e-6)
