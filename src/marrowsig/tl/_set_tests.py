"""Tests of sets of genes for one contrast: arrays per set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._stats.camera import camera
from marrowsig._stats.roast import roast
from marrowsig._stats.signature_test import signature_test
from marrowsig.tl._prerank import prerank

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig._stats.ols import Array
    from marrowsig.tl._gene_model import GeneModel
    from marrowsig.tl._set_members import Members


def changed(model: GeneModel, plan: Plan, members: Members, alpha: float) -> dict[str, Array]:
    """Signature test: the mean scaled change, signed, with its interval."""
    shares = [w / np.abs(w).sum() if len(w) else w for w in members.weights]
    found = signature_test(
        model.log, model.X, model.c(plan), members.columns, gene_weights=shares, scale=model.scale
    )
    low, high = found.interval(alpha)
    df = np.where(np.isnan(found.stat), np.nan, float(found.df))
    return {
        "estimate": found.estimate, "ci_low": low, "ci_high": high, "se": found.se, "df": df,
        "stat": found.stat, "p": found.p,
    }  # fmt: skip


class Turned:
    """A contrast and the residuals as coordinates: all that roast and camera need, and quick to rotate."""

    def __init__(self, model: GeneModel, plan: Plan) -> None:
        fit, c = model.shrunken.fit, model.c(plan)
        self.effect = fit.estimate(c) / fit.unscaled(c)
        self.residual = model.residual
        self.trend = model.weights is None
        self.level = model.Y.mean(axis=0) if self.trend else np.zeros(model.Y.shape[1])
        self.X = np.eye(len(self.residual) + 2, 2)
        self.c = np.array([1.0, 0.0])

    def values(self, down: NDArray[np.int64]) -> Array:
        """Make data with this contrast, these residuals and mean levels; genes of `down` mirrored."""
        sign = np.ones(len(self.level))
        sign[down] = -1
        effect, residual = sign * self.effect, sign * self.residual
        rest = (len(residual) + 2) * self.level - effect - residual.sum(axis=0)
        return np.vstack([effect, rest, residual])


def rotated(
    turned: Turned, members: Members, *, n_rotations: int, seed: int, step: Callable[[], object]
) -> Array:
    """P of roast with signed weights; `step` is called after each set."""
    Y = turned.values(np.zeros(0, np.int64))
    sets, weights = members.columns, members.weights
    return roast(
        Y, turned.X, turned.c, sets, gene_weights=weights, nrot=n_rotations, seed=seed, trend=turned.trend,
        step=step,
    ).p  # fmt: skip


def competed(turned: Turned, members: Members) -> dict[str, Array]:
    """T and p of camera, and the correlation it estimated; genes that should fall enter with changed sign."""
    found = _camera(turned, members.columns, np.zeros(0, np.int64))
    for s, w in enumerate(members.weights):
        if (w < 0).any():
            m = members.columns[s]
            for name, values in _camera(turned, [m], m[w < 0]).items():
                found[name][s] = values[0]
    return found


def preranked(model: GeneModel, plan: Plan, members: Members, *, seed: int) -> tuple[Array, Array]:
    """NES and p of the preranked enrichment on the moderated t."""
    return prerank(model.moderated(plan).t, members.columns, members.weights, seed=seed)


def _camera(turned: Turned, sets: list[NDArray[np.int64]], down: NDArray[np.int64]) -> dict[str, Array]:
    found = camera(turned.values(down), turned.X, turned.c, sets, trend=turned.trend)
    return {"camera_stat": found.stat, "camera_p": found.p, "camera_correlation": found.correlation}
