"""Arms that were sequenced to unlike depth: their scores differ for that alone."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputWarning, first
from marrowsig._provenance import recall

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._plan import Plan

FOLD, SUMS_FOLD = 2.0, 1.25
SHALLOW = 2e6
"""Ratio of mean counts from which on a person is told; the second for sums of cells with fewer counts.

In simulated sums of cells without any effect (4 pairs, emt.hallmark, nominal level 0.05), singscore contrasts
had level 0.69 at twice the depth and 0.32 at 1.5 times (80,000 counts a sum), 0.35, 0.14 and 0.06 at 2, 1.5
and 1.25 times (one million); UCell kept its level. Scores of equal depth kept theirs.
"""


def warn_of_depth(adata: AnnData, plans: list[Plan]) -> None:
    """Warn of contrasts whose arms differ too much in counts per row, where counts are at hand."""
    counts = _totals(adata)
    if counts is None:
        return
    told = []
    sums = recall(adata, "pseudobulk") is not None
    for plan in plans:
        if plan.model is None:
            continue
        rows, arm = plan.model.frame["row"].to_numpy(), plan.model.frame["arm"].to_numpy()
        mean = {
            name: float(np.exp(np.log(counts[rows[arm == name]]).mean())) for name in plan.contrast.weights
        }
        low, high = min(mean, key=mean.__getitem__), max(mean, key=mean.__getitem__)
        if mean[high] > (SUMS_FOLD if sums and mean[low] < SHALLOW else FOLD) * mean[low]:
            where = f" [{plan.stratum}]" if plan.stratum else ""
            fold = f"{mean[high] / mean[low]:.1f}"
            told.append(f"{plan.contrast.name}{where}: {high} has {fold} times the counts of {low}")
    if told:
        msg = (
            f"{len(told)} contrasts compare arms of unlike sequencing depth, which moves scores by itself, "
            f"those of weakly expressed genes most. {first(told)}. Compare with method='ucell', which "
            "depends on it least, or thin the counts to one depth."
        )
        warnings.warn(msg, InputWarning, stacklevel=4)


def _totals(adata: AnnData) -> NDArray[np.float64] | None:
    if "counts" not in adata.layers:
        return None
    counts = np.asarray(adata.layers["counts"].sum(axis=1), dtype=np.float64).ravel()
    return counts if (counts > 0).all() else None
