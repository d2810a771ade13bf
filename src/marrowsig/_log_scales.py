"""How log expression was made: as it was said, or as the numbers show; and back to the linear scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._kinds import COUNTS, LENGTHS
from marrowsig._provenance import recall

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

LOGS = ("log2(x+1)", "ln(x+1)", "log10(x+1)", "log2(x)")
EVEN = 0.01
SMALL, FEWEST, NEAR, MOST = 20.0, 5, 0.02, 0.95
"""Of what was counted, the values up to 20 times the smallest are whole multiples of it."""
LOW_SUM, HIGH_SUM = 0.5e6, 1.5e6
"""Sums of counts per million of the genes that were kept, by libraries that a factor of TMM has changed."""


def log_scale(adata: AnnData, values: Array, *, of_x: bool = True) -> str:
    """Say how the log `values` (n_obs, n_vars) were made; empty where it is not known and cannot be seen.

    Known is what `ms.pp.lognorm` or, of X, `ms.io.read` recorded. Seen are sums that are the same in all rows
    before the log, and counts per million to which a prior count was added.
    """
    said = str(recall(adata, "input", {}).get("scale", "")) if of_x else ""
    if said in LOGS:
        return said
    logged = recall(adata, "lognorm", {})
    if str(logged.get("formula", "")) in ("log2(CPM + 1)", "log2(x + 1)"):
        return "log2(x+1)" if logged.get("from") in (*COUNTS, *LENGTHS) else ""
    if (values >= 0).all():
        for name in LOGS[:3]:
            sums = unlog(values, name).sum(axis=1)
            if np.ptp(sums) <= EVEN * sums.mean():
                return name
    return "log2(x)" if all(len(with_prior(row)) for row in values) else ""


def unlog(values: Array, name: str) -> Array:
    """Undo one of `LOGS`."""
    if name == "ln(x+1)":
        return np.expm1(values)
    if name == "log10(x+1)":
        return 10.0**values - 1.0
    return np.exp2(values) - (name == "log2(x+1)")


def with_prior(row: Array) -> Array:
    """Give counts per million of log2(CPM + prior), as `cpm(log=TRUE)` of edgeR and voom write; else nothing.

    Above the lowest value, that of no count, they are whole multiples of one read in a million; no centred or
    corrected values are.
    """
    if not row.size or row.min() >= 0:
        return np.zeros(0)
    values = np.exp2(row)
    if not LOW_SUM < values.sum() < HIGH_SUM:
        return np.zeros(0)
    above = values - values.min()
    return above if multiples(above) else np.zeros(0)


def multiples(values: Array) -> bool:
    """Whether small values are whole multiples of the smallest, as in counts per million of one library."""
    seen = np.unique(values.round(6))
    seen = seen[seen > 0]
    if not seen.size:
        return False
    step = seen[0]
    small = seen[seen <= SMALL * step] / step
    decimals = float(np.log10(step))
    if len(small) < FEWEST or abs(decimals - round(decimals)) < 1e-6:
        return False  # of rounded values all are multiples of the last digit
    return bool((np.abs(small - np.rint(small)) < NEAR).mean() >= MOST)
