"""Arms whose cells were sequenced to unlike depth: means and shares of cells differ for that alone."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputWarning, count, first

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._plan import Plan

    Key = tuple[str, str]


LIMIT = 1.25
"""Ratio of the arms' counts per cell from which on means and shares of cells are not judged.

Simulated cells without any effect, of 4 donors in two arms, 30 strongly expressed genes of 400: with 1.25
times the counts in one arm, 0.35 of the means of UCell and 0.6 of those of singscore had p below 0.05, with
twice the counts 0.97 and all; of the sums, 0.04 at either. So cells need a narrower limit than sums do
(`marrowsig.tl._depth`), and close to it means of cells are no more than a hint.
"""


def ratios(plans: list[Plan], depth: NDArray[np.float64]) -> dict[Key, tuple[float, str, str]]:
    """Depth of the deepest arm over that of the shallowest, and the two arms, by contrast and stratum.

    An arm's depth is the geometric mean over its rows.
    """
    out = {}
    for plan in plans:
        if plan.model is None:
            continue
        row, arm = plan.model.frame["row"].to_numpy(), plan.model.frame["arm"].to_numpy()
        mean = {name: float(np.log(depth[row[arm == name]]).mean()) for name in plan.contrast.weights}
        low, high = min(mean, key=mean.__getitem__), max(mean, key=mean.__getitem__)
        out[plan.contrast.name, plan.stratum] = float(np.exp(mean[high] - mean[low])), high, low
    return out


def warn_of_cells(found: dict[Key, tuple[float, str, str]], limit: float = LIMIT) -> None:
    """Warn of contrasts whose arms differ more than `limit` in counts per cell."""
    told = [
        f"{contrast}{f' [{stratum}]' if stratum else ''}: cells of {high} have {fold:.1f} times the counts "
        f"of {low}"
        for (contrast, stratum), (fold, high, low) in found.items()
        if fold > limit
    ]
    if told:
        msg = (
            f"{count(len(told), 'contrast compares', 'contrasts compare')} cells of unlike depth, which "
            f"moves means and shares of cells by itself: {first(told)}. Of these, rows of means and shares "
            "of cells are not judged (column 'depth_ratio' has each): go by those of pseudobulk."
        )
        warnings.warn(msg, InputWarning, stacklevel=4)
