"""Arms that were sequenced to unlike depth: their scores differ for that alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from marrowsig._errors import count, first, warn_once
from marrowsig._failed import shallow
from marrowsig._provenance import recall
from marrowsig.pp._draws import DEPTH

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._plan import Plan

    Array = NDArray[np.float64]

FOLD, SUMS_FOLD = 2.0, 1.25
ENDS = 3  # samples that are named at either end
SHALLOW, PER_GENE = 2e6, 100
SUMMED = ("n_cells", "psbulk_cells", "psbulk_counts")
"""Ratio of mean counts from which on a person is told; the second for rows of fewer counts: sums of cells,
known by columns of `obs` (psbulk_: decoupler's), and any row with as few per gene (2e6 over 20,000 genes).

In simulated sums of cells without any effect (4 pairs, emt.hallmark, nominal level 0.05), singscore contrasts
had level 0.29, 0.12 and 0.08 at 2, 1.5 and 1.25 times the depth (80,000 counts a sum), 0.12 at twice (one
million); UCell kept its level. Scores of equal depth kept theirs (tests/bench/calibration/depth_levels.py).
"""


BY_ITSELF = " Such scores can hide a difference as well as make one; ms.tl.compare_cells thins by itself."


class Unlike(NamedTuple):
    """A contrast of which one arm is deeper than another, `fold` times."""

    plan: Plan
    high: str
    low: str
    fold: float

    def told(self) -> str:
        where = f" [{self.plan.stratum}]" if self.plan.stratum else ""
        name = self.plan.contrast.name
        return f"{name}{where}: {self.high} has {self.fold:.1f} times the counts of {self.low}"


def warn_of_depth(adata: AnnData, plans: list[Plan], *, counts: Array | None = None) -> None:
    """Warn of contrasts whose arms differ too much in counts per row, where counts are at hand.

    Of the same rows and contrasts once, whichever test is first. `counts` of the rows, where they were read
    by another way than scores are, are NaN where they are not known.
    """
    counts = _scored_counts(adata) if counts is None else None if np.isnan(counts).any() else counts
    sums = recall(adata, "pseudobulk") is not None or any(column in adata.obs for column in SUMMED)
    found = [] if counts is None else unlike(counts, plans, n_genes=None if sums else adata.n_vars)
    if counts is not None and found:
        odd = adata.obs_names[shallow(counts)]
        it = "it" if len(odd) == 1 else "them"
        failed = f" {first(odd)} may have failed: leave {it} out." if len(odd) else ""
        strata = ", by=..." if any(item.plan.stratum for item in found) else ""
        each = " (by= the columns of compartment and time)" if strata else ""
        msg = (
            f"{count(len(found), 'contrast compares', 'contrasts compare')} arms of unlike sequencing depth, "
            "which moves scores by itself, those of weakly expressed genes most. "
            f"{first(item.told() for item in found)}. {_by_sample(adata, counts, found)}{failed} Bring all "
            f"rows to one depth with ms.pp.thin(adata{strata}){each}, then run "
            "ms.tl.score again; or compare with method='ucell', which depends on depth least."
            f"{BY_ITSELF if sums else ''}"
        )
        warn_once(msg, stacklevel=3)


def _by_sample(adata: AnnData, counts: Array, found: list[Unlike]) -> str:
    """Name the samples with the fewest and the most counts, of the arms that were found."""
    rows: set[int] = set()
    for item in found:
        frame = item.plan.model.frame if item.plan.model is not None else None
        if frame is not None:
            rows |= set(frame.loc[frame["arm"].isin([item.high, item.low]), "row"])
    order = sorted(rows, key=lambda row: counts[row])
    ends = [order[:ENDS], order[-ENDS:][::-1]] if len(order) >= 2 * ENDS else [order]
    told = [", ".join(f"{adata.obs_names[i]} {counts[i]:,.0f}" for i in part) for part in ends]
    return f"Counts, fewest: {'; most: '.join(told)}."


def unlike(counts: Array, plans: list[Plan], *, n_genes: int | None) -> list[Unlike]:
    """Contrasts whose arms differ too much in counts per row; shallow rows are held to less.

    Without `n_genes` they are sums of cells.
    """
    found, few = [], SHALLOW if n_genes is None else min(SHALLOW, PER_GENE * n_genes)
    for plan in plans:
        if plan.model is None or not plan.contrast.weights:
            continue
        rows, arm = plan.model.frame["row"].to_numpy(), plan.model.frame["arm"].to_numpy()
        mean = {
            name: float(np.exp(np.log(counts[rows[arm == name]]).mean())) for name in plan.contrast.weights
        }
        low, high = min(mean, key=mean.__getitem__), max(mean, key=mean.__getitem__)
        if mean[high] > (SUMS_FOLD if mean[low] < few else FOLD) * mean[low]:
            found.append(Unlike(plan, high, low, mean[high] / mean[low]))
    return found


def _scored_counts(adata: AnnData) -> Array | None:
    """Return the counts per row that the scores were made of, None where they are not known."""
    if "counts" not in adata.layers:
        return None
    thinned = recall(adata, "thin") is not None and DEPTH in adata.obs
    found = adata.obs[DEPTH] if thinned else adata.layers["counts"].sum(axis=1)
    counts = np.asarray(found, dtype=np.float64).ravel()
    return counts if (counts > 0).all() else None
