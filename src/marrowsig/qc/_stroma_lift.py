"""What carry-over alone does to a contrast: at the shares estimated, at any share, and the share it takes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import DesignError
from marrowsig._stats.tipping import GRID, bracket, crossing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig.qc._stroma_scores import Scorer
    from marrowsig.qc._stroma_study import Study

    Array = NDArray[np.float64]


class Lift:
    """Scores of blasts with stroma mixed in, for the samples of one stratum.

    Each arm that was grown with stroma starts from what its line expresses alone; only the share differs.
    """

    def __init__(self, study: Study, scorer: Scorer, stratum: str, stroma: Array) -> None:
        self.study, self.scorer, self.stroma = study, scorer, stroma
        self.arms = study.arm_bases(stratum)
        self._known: dict[float, dict[int, Array]] = {}

    @cached_property
    def _grid(self) -> dict[int, Array]:
        return {b: self._lift(b, GRID) for b in set(self.arms.values())}

    def _lift(self, base: int, shares: Array) -> Array:
        return self.scorer.lift(self.study.bases[base], self.stroma, shares)

    def at_most(self, plan: Plan, share: float, sign: Array) -> Array:
        """Farthest that shares up to `share`, each arm by itself, move each score towards `sign`."""
        total = np.zeros(len(sign))
        steps = share * np.array([1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0])
        lifts = self._known.get(share, {})
        if share > 0 and not lifts:
            lifts = self._known[share] = {b: self._lift(b, steps) for b in set(self.arms.values())}
        for arm, weight in plan.contrast.weights.items():
            if arm in self.arms and lifts:
                total += np.maximum((sign * weight * lifts[self.arms[arm]]).max(axis=0), 0.0)
        return total

    def expected(self, plan: Plan, shares: Array) -> Array:
        """Contrast of what the estimated share of every sample alone adds; `shares` by row of the study."""
        model = plan.model
        if model is None:
            raise DesignError(plan.reason)
        place = {row: i for i, row in enumerate(self.study.frame["row"])}
        rows = np.array([place[row] for row in model.frame["row"]])
        bases = self.study.frame["base"].to_numpy()[rows]
        lifts = np.zeros((len(rows), len(self.scorer.sets)))
        for b in set(bases):
            here = (bases == b) & (shares[rows] > 0)
            if here.any():
                lifts[here] = self._lift(b, shares[rows[here]])
        return model.c(plan.contrast) @ np.linalg.pinv(model.X) @ lifts

    def tipping(self, plan: Plan, target: Array, wanted: NDArray[np.bool_]) -> Array:
        """Smallest share that alone moves each score as far as `target`, in its direction; inf if none does.

        Arms on the far side of the contrast are taken to carry nothing.
        """
        sign = np.sign(target)
        out = np.full(len(target), np.nan)
        arms = [(self.arms[a], w) for a, w in plan.contrast.weights.items() if a in self.arms]
        if not arms:
            out[wanted] = np.inf
            return out
        parts = [np.maximum(sign * w * self._grid[b], 0.0) for b, w in arms]
        curve = np.maximum.accumulate(np.sum(parts, axis=0), axis=0)
        low, high = bracket(curve, np.abs(target))
        exact = self.scorer.method.needs != "rank"
        for s in np.flatnonzero(wanted):
            out[s] = high[s]
            if np.isfinite(high[s]):
                out[s] = crossing(
                    self._curve(arms, int(s), sign[s]), low[s], high[s], abs(target[s]), exact=exact
                )
        return out

    def _curve(self, arms: list[tuple[int, float]], s: int, sign: float) -> Callable[[float], float]:
        one = self.scorer.only(s)
        start = {b: one.scores(self.study.bases[b][None])[0, 0] for b, _ in arms}

        def curve(share: float) -> float:
            ends = {
                b: one.scores(one.blend(self.study.bases[b], self.stroma, np.array([share]))) for b in start
            }
            return float(sum(max(sign * w * (ends[b][0, 0] - start[b]), 0.0) for b, w in arms))

        return curve
