"""What carry-over alone does to a contrast: at the shares estimated, at any share, and the share it takes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import DesignError
from marrowsig._stats.tipping import FEW, GRID, bracket, crossing, interpolated
from marrowsig.qc._stroma_drawn import Drawn, Start, few_counts, rounded

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig.qc._stroma_scores import Scorer
    from marrowsig.qc._stroma_study import Study

    Array = NDArray[np.float64]


class Lift:
    """Scores of blasts with stroma mixed in, for the samples of one stratum.

    Each arm that was grown with stroma starts from what its line expresses alone; only the share differs.
    Where rows of the stratum are shallow, mixtures are drawn at their depth; else their levels are scored.
    """

    def __init__(self, study: Study, scorer: Scorer, stratum: str, stroma: Array) -> None:
        self.study, self.scorer, self.stroma = study, scorer, stroma
        own = study.frame[study.frame["stratum"] == stratum]
        self.drawn = Drawn(study, stroma) if few_counts(study, own["row"].to_numpy()).any() else None
        self.grid = GRID if self.drawn is None else FEW
        self.arms = {arm: self._start(base, arm, own) for arm, base in study.arm_bases(stratum).items()}
        self._known: dict[float, dict[Start, Array]] = {}
        self._rows: dict[tuple[int, float], Array] = {}

    def _start(self, base: int, arm: str, own: pd.DataFrame) -> Start:
        rows = own.loc[own["arm"] == arm, "row"].to_numpy()
        depth = None if self.drawn is None else rounded(float(np.median(self.study.linear.depth[rows])))
        return Start(base, depth)

    @cached_property
    def _grid(self) -> dict[Start, Array]:
        return {b: self._lift(b, self.grid) for b in set(self.arms.values())}

    def _lift(self, start: Start, shares: Array) -> Array:
        if self.drawn is not None:
            return self.drawn.lift(self.scorer, start, shares)
        return self.scorer.lift(self.study.bases[start.base], self.stroma, shares)

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
        lifts = np.array([self._of_row(place[row], shares) for row in model.frame["row"]])
        return model.c(plan.contrast) @ np.linalg.pinv(model.X) @ lifts

    def _of_row(self, place: int, shares: Array) -> Array:
        """Give what the share of one row of the study adds to it."""
        row, share = self.study.frame.iloc[place], float(shares[place])
        if share <= 0:
            return np.zeros(len(self.scorer.sets))
        depth = None if self.drawn is None else rounded(self.study.linear.depth[row["row"]])
        if (place, share) not in self._rows:
            self._rows[place, share] = self._lift(Start(int(row["base"]), depth), np.array([share]))[0]
        return self._rows[place, share]

    def tipping(self, plan: Plan, target: Array, wanted: NDArray[np.bool_]) -> Array:
        """Smallest share that alone moves each score as far as `target`, in its direction; inf if none does.

        Arms on the far side of the contrast are taken to carry nothing.
        """
        sign, far = np.sign(target), np.abs(target)
        out = np.full(len(target), np.nan)
        arms = [(self.arms[a], w) for a, w in plan.contrast.weights.items() if a in self.arms]
        if not arms:
            out[wanted] = np.inf
        if not arms or not wanted.any():
            return out
        parts = [np.maximum(sign * w * self._grid[start], 0.0) for start, w in arms]
        curve = np.maximum.accumulate(np.sum(parts, axis=0), axis=0)
        if self.drawn is not None:
            out[wanted] = interpolated(curve, far, self.grid)[wanted]
            return out
        low, high = bracket(curve, far)
        exact = self.scorer.method.needs != "rank"
        for s in np.flatnonzero(wanted):
            out[s] = high[s]
            if np.isfinite(high[s]):
                out[s] = crossing(self._curve(arms, int(s), sign[s]), low[s], high[s], far[s], exact=exact)
        return out

    def _curve(self, arms: list[tuple[Start, float]], s: int, sign: float) -> Callable[[float], float]:
        one, bases = self.scorer.only(s), self.study.bases
        start = {b: one.scores(bases[b.base][None])[0, 0] for b, _ in arms}

        def curve(share: float) -> float:
            ends = {b: one.scores(one.blend(bases[b.base], self.stroma, np.array([share]))) for b in start}
            return float(sum(max(sign * w * (ends[b][0, 0] - start[b]), 0.0) for b, w in arms))

        return curve
