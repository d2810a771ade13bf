"""Rows thinned to one depth: the draws behind X, and scores as means over them."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._cell_types import SAME, same_layer
from marrowsig._provenance import recall, record
from marrowsig._stats.thinning import balanced
from marrowsig.pp.lognorm import log2_cpm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anndata import AnnData
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

DEPTH = "thinned_to"
_KEPT: dict[str, list[Any]] = {}
"""Draws of the last matrices, since every score asks for them again."""
_MOST = 2


def every_draw(
    values: Sequence[Any], genes: Any, depth: Whole, *, seed: int, n: int, keep: bool = True
) -> list[Any]:
    """Draw every row down to its depth, `n` times; sparse values stay sparse (CSR), and the dtype stays.

    Of several matrices, which are draws themselves, each gives as many. A row depends on its counts, its
    depth, the names of its genes, the seed and `n`: not on its name. Draws are remembered unless `keep` is
    off.
    """
    from marrowsig._progress import tqdm

    names = np.asarray(genes, dtype=str)
    full = [one.tocsr() if sparse.issparse(one) else np.asarray(one) for one in values]
    key = " ".join(_key(one, names, depth, f"{seed} {n}") for one in full)
    if key in _KEPT:
        return _KEPT[key]
    place = np.unique(names, return_inverse=True)[1]
    many = [len(part) for part in np.array_split(np.arange(n), len(full))]
    found: list[Any] = []
    for one, k in zip(full, many, strict=True):
        if not k:
            break
        rows = tqdm(range(one.shape[0]), desc="thin", unit="row", delay=2, leave=False)
        drawn = [_row(one[i], names, place, int(depth[i]), k, seed) for i in rows]
        stack = partial(sparse.vstack, format="csr") if sparse.issparse(one) else np.vstack
        found += [stack([row[j] for row in drawn]) for j in range(k)]
    if not keep:
        return found
    while len(_KEPT) >= _MOST:
        _KEPT.pop(next(iter(_KEPT)))
    _KEPT[key] = found
    return found


def further_draws(adata: AnnData, layer: str | None) -> dict[str, Any]:
    """Layers that are draws beside that of a layer, by name: of sums at the same shares of cell types.

    Older files hold one draw, and estimated counts are not drawn.
    """
    found: dict[str, Any] = {}
    while layer == SAME and (name := same_layer(len(found) + 1)) in adata.layers:
        found[name] = adata.layers[name]
    return found


def draws(adata: AnnData) -> list[Any]:
    """Return all draws on the scale of X, which is the first; none if X is not what `thin` left."""
    found = _thinned(adata)
    if not found:
        return []
    if _same(found[0], adata.X):
        return found
    logged = [log2_cpm(one, adata.obs_names) for one in found]
    return logged if _same(logged[0], adata.X) else []


def _thinned(adata: AnnData) -> list[Any]:
    """Draw the counts anew as `thin` did; nothing where it did not, or genes were left out since."""
    made: dict[str, Any] = recall(adata, "thin", {})
    if not made or DEPTH not in adata.obs or "counts" not in adata.layers:
        return []
    depth = adata.obs[DEPTH].to_numpy(dtype=np.int64)
    values = [adata.layers["counts"], *further_draws(adata, made.get("layer")).values()]
    if any((np.asarray(one.sum(axis=1, dtype=np.float64)).ravel() < depth).any() for one in values):
        return []
    return every_draw(values, adata.var_names, depth, seed=int(made["seed"]), n=int(made["draws"]))


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
    work.layers.update(further_draws(adata, made.get("layer")))
    work.obs[DEPTH] = adata.obs[DEPTH].to_numpy()
    record(work, "thin", made)


def each_draw(adata: AnnData) -> list[AnnData]:
    """Return one AnnData per draw, with the counts of the draw; `adata` itself where it was not thinned."""
    if not draws(adata):
        return [adata]
    out, found = [], _thinned(adata)
    if further := list(further_draws(adata, recall(adata, "thin", {}).get("layer"))):
        adata = adata.copy()
        for name in further:
            del adata.layers[name]
    for counts in found:
        one = adata.copy()
        one.layers["counts"] = counts
        out.append(one)
    return out


def is_thinned(adata: AnnData, totals: NDArray[np.float64]) -> bool:
    """Whether rows of these totals are what `thin` left of `layers["counts"]`."""
    if recall(adata, "thin") is None or DEPTH not in adata.obs or "counts" not in adata.layers:
        return False
    return bool(np.array_equal(adata.obs[DEPTH].to_numpy(dtype=np.float64), totals))


def _row(row: Any, names: NDArray[np.str_], place: Whole, depth: int, n: int, seed: int) -> list[Any]:
    if not sparse.issparse(row):
        counts = row.astype(np.int64)
        drawn = balanced(counts, place, depth, n, _generator(seed, names, place, counts))
        return list(drawn.astype(row.dtype))
    row.sum_duplicates()
    counts, names, place = row.data.astype(np.int64), names[row.indices], place[row.indices]
    drawn = balanced(counts, place, depth, n, _generator(seed, names, place, counts))
    return [_without_zeros(one, row) for one in drawn.astype(row.dtype)]


def _without_zeros(data: Whole, row: Any) -> Any:
    kept = data > 0
    return sparse.csr_matrix((data[kept], row.indices[kept], [0, kept.sum()]), shape=row.shape)


def _generator(seed: int, names: NDArray[np.str_], place: Whole, counts: Whole) -> np.random.Generator:
    """Random numbers of one row: they depend on the seed and its counts by gene, not on other rows."""
    seen = np.flatnonzero(counts)
    seen = seen[np.lexsort((counts[seen], place[seen]))]
    digest = hashlib.sha256("\n".join(names[seen]).encode())
    digest.update(counts[seen].tobytes())
    return np.random.default_rng([seed, int.from_bytes(digest.digest()[:16], "big")])


def _key(values: Any, genes: NDArray[np.str_], depth: Whole, more: str) -> str:
    parts = [values.data, values.indices, values.indptr] if sparse.issparse(values) else [values]
    digest = hashlib.sha256(more.encode())
    for part in (*parts, depth):
        digest.update(np.ascontiguousarray(part).tobytes())
    digest.update("\n".join(genes).encode())
    return digest.hexdigest()


def _same(ours: Any, x: Any) -> bool:
    a, b = (one.toarray() if sparse.issparse(one) else np.asarray(one) for one in (ours, x))
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-5, atol=1e-6)
