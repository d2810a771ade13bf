"""What carry-over alone does to a contrast: at the shares estimated, at any share, and the share it takes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

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


class Raised(NamedTuple):
    """An arm of a contrast in which the share is raised: its weight, and the share that it has by itself."""

    start: Start
    weight: float
    share: float


class Lift:
    """Scores of blasts with stroma mixed in, for the samples of one stratum.

    Each arm that was grown with stroma starts from what its line expresses alone; only the share differs.
    Where rows of the stratum are shallow, mixtures are drawn at their depth; else their levels are scored.
    """

    def __init__(self, study: Study, scorer: Scorer, stratum: str, stroma: Array) -> None:
        self.study, self.scorer, self.stratum, self.stroma = study, scorer, stratum, stroma
        own = study.frame[study.frame["stratum"] == stratum]
        self.drawn = Drawn(study, stroma) if few_counts(study, own["row"].to_numpy()).any() else None
        self.grid = GRID if self.drawn is None else FEW
        self.arms = {arm: self._start(base, arm, own) for arm, base in study.arm_bases(stratum).items()}
        self._known: dict[float, dict[Start, Array]] = {}
        self._rows: dict[tuple[int, float], Array] = {}
        self._held: dict[tuple[Start, float], Array] = {}

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

    def tipping(
        self, plan: Plan, target: Array, wanted: NDArray[np.bool_], shares: Array, carried: Array
    ) -> tuple[Array, Array]:
        """Smallest share of the higher arms at which stroma gives each score as much as `target`.

        inf if no share does. Arms on the far side of the contrast carry nothing where no co-culture is among
        them. Where both sides were grown with stroma, they carry what is estimated (`shares` by row of the
        study, which give `carried`), and the second array is what the higher arms then are estimated to hold.
        """
        sign, far = np.sign(target), np.abs(target)
        out, held = np.full(len(target), np.nan), np.zeros(len(target))
        arms = [(arm, w) for arm, w in plan.contrast.weights.items() if arm in self.arms]
        if not arms:
            out[wanted] = np.inf
        if not arms or not wanted.any():
            return out, held
        both = min(w for _, w in arms) < 0 < max(w for _, w in arms)
        wanted = wanted & np.isfinite(carried) if both else wanted
        raised = [
            Raised(self.arms[arm], w, self._mean_share(arm, shares) if both else 0.0) for arm, w in arms
        ]
        first = [sign * one.weight * self._at(one.start, one.share) for one in raised]
        rising = [gives >= 0 for gives in first]
        held = np.max([np.where(up, one.share, 0.0) for one, up in zip(raised, rising, strict=True)], axis=0)
        curve = np.broadcast_to(sign * carried if both else 0.0, (len(self.grid), len(target)))
        for one, gives, up in zip(raised, first, rising, strict=True):
            more = np.maximum(sign * one.weight * self._grid[one.start], 0.0) - gives
            curve = curve + np.where(up, more, 0.0)
        curve = np.maximum.accumulate(curve, axis=0)
        if self.drawn is not None:
            out[wanted] = interpolated(curve, far, self.grid)[wanted]
            return out, held
        low, high = bracket(curve, far)
        exact = self.scorer.method.needs != "rank"
        for s in np.flatnonzero(wanted):
            out[s] = high[s]
            if np.isfinite(high[s]):
                higher = [one for one, rises in zip(raised, rising, strict=True) if rises[s]]
                start = float(sign[s] * carried[s]) if both else 0.0
                start -= float(sum(g[s] for g, rises in zip(first, rising, strict=True) if rises[s]))
                gives_at = self._curve(higher, int(s), sign[s], start)
                out[s] = crossing(gives_at, low[s], high[s], far[s], exact=exact)
        return out, held

    def _mean_share(self, arm: str, shares: Array) -> float:
        """Give the mean of the shares of an arm of this stratum that are known."""
        own = (self.study.frame["stratum"] == self.stratum) & (self.study.frame["arm"] == arm)
        known = shares[own.to_numpy() & np.isfinite(shares)]
        return float(known.mean()) if known.size else 0.0

    def _at(self, start: Start, share: float) -> Array:
        """Give what one share adds to each score."""
        if share <= 0:
            return np.zeros(len(self.scorer.sets))
        if (start, share) not in self._held:
            self._held[start, share] = self._lift(start, np.array([share]))[0]
        return self._held[start, share]

    def _curve(self, arms: list[Raised], s: int, sign: float, start: float) -> Callable[[float], float]:
        """Give what stroma gives one score at a share of these arms, beginning at `start`."""
        one, bases = self.scorer.only(s), self.study.bases
        alone = {a.start: one.scores(bases[a.start.base][None])[0, 0] for a in arms}

        def curve(share: float) -> float:
            ends = {b: one.scores(one.blend(bases[b.base], self.stroma, np.array([share]))) for b in alone}
            gives = (max(sign * a.weight * (ends[a.start][0, 0] - alone[a.start]), 0.0) for a in arms)
            return start + float(sum(gives))

        return curve
