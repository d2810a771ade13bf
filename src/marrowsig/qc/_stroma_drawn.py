"""Blasts with stroma mixed in, drawn at the depth of the rows: of few counts, levels tell too much.

The log of a count that is mostly zero rises less than the log of its level, and ranks of few counts move
less than ranks of levels.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from marrowsig._stats.mixed_counts import at_depth, mixed_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig.qc._stroma_scores import Scorer
    from marrowsig.qc._stroma_study import Study

    Array = NDArray[np.float64]

DEEP = 100
"""Counts of a row per gene from which levels tell what counts do: see docs/stroma.md."""
NEARLY = 1.25
"""Rows this many times shallower are taken as they are; shallower ones are filled up with the mean of all."""
DRAWS, SEED = 10, 0  # of each mixture; the answer is the same each time


class Start(NamedTuple):
    """What blasts are before stroma comes in: the base of their line, and counts of a row (None: levels)."""

    base: int
    depth: float | None


def few_counts(study: Study, rows: NDArray[np.int64], least: float = DEEP) -> NDArray[np.bool_]:
    """Which of these rows of the study have fewer than `least` counts a gene; none where that is unknown."""
    return study.linear.depth[rows] < least * study.linear.matrix.shape[1]


def rounded(depth: float) -> float:
    """Depth to two digits, so that rows of nearly one depth share their draws."""
    return float(f"{depth:.1e}")


class Drawn:
    """Mixtures of one study, as counts; genes and rows are drawn in the order of their names."""

    def __init__(self, study: Study, stroma: Array) -> None:
        self.study = study
        self.order = np.argsort(np.asarray(study.linear.names, dtype=str), kind="stable")
        self.stroma = stroma
        self.before = cache(self._before)

    def _before(self, start: Start) -> list[NDArray[np.int64]]:
        """Rows grown alone at the depth of `start`, one per draw: of those nearly so deep, if there are."""
        study, frame = self.study, self.study.frame
        depth = float(start.depth or 0.0)
        own = frame[frame["alone"] & (frame["base"] == start.base)]
        rows = own.iloc[np.argsort(own["name"].astype(str).to_numpy(), kind="stable")]["row"].to_numpy()
        deep = rows[study.linear.depth[rows] >= depth / NEARLY]
        rows = deep if deep.size else rows
        level = study.bases[start.base][self.order]
        out = []
        for k in range(DRAWS):
            row = rows[k % len(rows)]
            values = study.draws[(k // len(rows)) % len(study.draws)][row][self.order]
            counts = np.rint(values * study.linear.depth[row] / 1e6).astype(np.int64)
            to = min(depth, float(counts.sum())) if deep.size else depth
            out.append(at_depth(counts, to, level, np.random.default_rng([SEED, k])))
        return out

    def lift(self, scorer: Scorer, start: Start, shares: Array) -> Array:
        """Change of the scores (n_shares, n_signatures), means over the draws."""
        before = self.before(start)
        level = self.study.bases[start.base]
        stroma = np.where(np.isnan(self.stroma), level, self.stroma)[self.order]
        total = [max(int(row.sum()), 1) for row in before]
        zero = self._scores(scorer, before, total)
        out = np.empty((len(shares), zero.size))
        for i, share in enumerate(shares):
            rngs = [np.random.default_rng([SEED, k, 1]) for k in range(DRAWS)]
            mixed = [mixed_counts(x, stroma, float(share), r) for x, r in zip(before, rngs, strict=True)]
            out[i] = self._scores(scorer, mixed, total) - zero
        return out

    def _scores(self, scorer: Scorer, counts: list[NDArray[np.int64]], total: list[int]) -> Array:
        values = np.empty((len(counts), self.order.size))
        values[:, self.order] = [row / all_ * 1e6 for row, all_ in zip(counts, total, strict=True)]
        return np.asarray(scorer.scores(values).mean(axis=0))
