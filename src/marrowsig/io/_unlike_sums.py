"""Linear values whose samples sum to unlike totals, as estimated counts do that no library size divided."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig._errors import InputError
from marrowsig.io._kind import ABOVE_ARRAYS
from marrowsig.io._totals import totals

if TYPE_CHECKING:
    import pandas as pd

MANY_GENES = 1000
LIBRARY = 2.5e6  # more than TPM or a part of them sum to, and FPKM in most tables
APART, FAR_APART = 1.2, 2.0
"""Largest sum by smallest from which it is told: of libraries, and of sums that FPKM may have as well."""
ZEROS = 0.01
ALONG = 1.25
COUNTED = re.compile(r"count|salmon|rsem|kallisto|tximport|stringtie", re.IGNORECASE)
"""Names of files and sheets that hold estimated counts."""


def told_unlike(full: Any, obs: pd.DataFrame) -> str:
    """Say how far the sums of linear values (n_obs, n_vars) differ, along which column, and what to type.

    Empty for array signal, a panel of genes, and sums that are alike.
    """
    if full.shape[0] < 2 or full.shape[1] < MANY_GENES:
        return ""
    sums = totals(full)
    low, high = float(sums.min()), float(sums.max())
    if low <= 0 or high < (APART if float(np.median(sums)) > LIBRARY else FAR_APART) * low:
        return ""
    if not _sequenced(full):
        return ""
    return (
        f"The samples of these linear values sum to {low:.3g} to {high:.3g}, {high / low:.2g} times as much"
        f"{_along(sums, obs)}. If they are estimated counts (RSEM, salmon, tximport) or normalised ones, say "
        "kind='expected_counts': without it lognorm takes log2(x + 1), divides by no library size, and a "
        "sample that was sequenced deeper looks as if all of its genes were up. If they are FPKM, say "
        "kind='fpkm'; of other values on which samples are alike as they stand, kind='linear'."
    )


def refuse_estimated(full: Any, name: str) -> None:
    """Raise where linear values of unlike sums (`told_unlike`) reach millions and are called counts.

    Scored as they stand, a sample that was sequenced deeper would look as if its genes were up.
    """
    word, sums = COUNTED.search(name), totals(full)
    if word is None or float(np.median(sums)) <= LIBRARY:
        return
    msg = (
        f"These look like estimated counts: {name!r} says {word[0]!r}, values have decimals, and samples "
        f"sum to {sums.min():.3g} to {sums.max():.3g}. Give kind='expected_counts', which divides by the "
        "size of each library, also for normalised counts. For values that are alike between samples as "
        "they stand, give kind='linear'; for FPKM, kind='fpkm'."
    )
    raise InputError(msg)


def _sequenced(full: Any) -> bool:
    """Whether values come of reads: many are 0 (or the constant that was added), or above any array's."""
    stored = full.data if sparse.issparse(full) else np.asarray(full)
    if stored.max() > ABOVE_ARRAYS:
        return True
    least = min(float(stored.min()), 0.0) if sparse.issparse(full) else float(stored.min())
    n_least = int((stored == least).sum())
    if sparse.issparse(full) and least == 0:
        n_least += full.shape[0] * full.shape[1] - stored.size
    return least <= 1 and n_least >= ZEROS * full.shape[0] * full.shape[1]


def _along(sums: np.ndarray, obs: pd.DataFrame) -> str:
    """Name the column between whose levels the sums differ throughout, with the two levels farthest apart."""
    best, told = ALONG, ""
    for column in obs:
        levels = obs[column].astype(str).to_numpy()
        sizes = {level: sums[levels == level] for level in dict.fromkeys(levels)}
        if not 2 <= len(sizes) <= len(sums) // 2 or min(map(len, sizes.values())) < 2:
            continue
        order = sorted(sizes, key=lambda level: float(np.median(sizes[level])))
        few, most = sizes[order[0]], sizes[order[-1]]
        ratio = float(np.median(most) / np.median(few))
        if few.max() < most.min() and ratio > best:
            best = ratio
            told = f", in {order[-1]!r} of {str(column)!r} {ratio:.2g} times those in {order[0]!r}"
    return told
