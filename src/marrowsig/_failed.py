"""Libraries that failed: few counts, or few genes, beside the other samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._errors import first
from marrowsig._kinds import COUNTS
from marrowsig._provenance import recall

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SHALLOW, FEW = 0.1, 0.5
"""Counts, and detected genes, below this part of the median of all samples: of public data no sample is."""
FEWEST = 4


def shallow(counts: Array) -> NDArray[np.bool_]:
    """Whether a sample has much fewer counts than most: (n_samples,)."""
    return counts < SHALLOW * np.median(counts)


def failed_libraries(adata: AnnData) -> list[str]:
    """Name samples with much fewer counts or detected genes than most; `adata` holds what was read."""
    if adata.n_obs < FEWEST or not adata.n_vars:
        return []
    kind = recall(adata, "input", {}).get("kind")
    counted = kind in COUNTS
    values: Any = adata.X if counted else adata.layers.get("counts", adata.X)
    counted = counted or "counts" in adata.layers
    genes = _above(values)
    depth = (
        np.asarray(values.sum(axis=1, dtype=np.float64)).ravel() if counted else np.full(len(genes), np.inf)
    )
    bad = np.flatnonzero((genes < FEW * np.median(genes)) | (counted and shallow(depth)))
    if not len(bad) or len(bad) > adata.n_obs / 3:
        return []
    names = adata.obs_names
    seen = [
        f"{names[i]} ({f'{int(depth[i]):,} counts, ' if counted else ''}{int(genes[i]):,} genes detected)"
        for i in bad
    ]
    most = f"{int(np.median(depth)):,} counts and " if counted else ""
    leave = [str(names[i]) for i in bad[:5]]
    what, its, it = ("a failed library", "Its scores are", "it")
    if len(bad) > 1:
        what, its, it = ("failed libraries", "Their scores are", "them")
    harm = f"{its} noise, which widens the intervals of all contrasts, also of those without that sample"
    if not genes[bad].all():
        harm = "Without any gene there are no ranks, and nothing is estimated by a method that ranks genes"
    msg = (
        f"{first(seen)}: {what}? The median of all samples is {most}{int(np.median(genes)):,} genes. {harm}. "
        f"Leave {it} out: leave_out={leave!r}."
    )
    return [msg]


def _above(values: Any) -> Array:
    if sparse.issparse(values):
        return np.asarray((values > 0).sum(axis=1), dtype=np.float64).ravel()
    return np.asarray(values > 0).sum(axis=1).astype(np.float64)
