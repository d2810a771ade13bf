"""Roast: does a set change at all? Rotations of the residuals keep the correlation of its genes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from marrowsig._stats.camera import checked, hill
from marrowsig._stats.prior import fit_prior
from marrowsig._stats.rotation import rotate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from marrowsig._stats.ols import Array
    from marrowsig._stats.prior import Prior

Statistic = Literal["mean", "floormean", "mean50", "msq"]
_ACTIVE = np.sqrt(2.0)  # a gene beyond this z is more likely changed than not
_MEDIAN = 0.6744897501960817  # of |z| under the null
_CELLS = 30_000  # of z held at once: they stay in the cache


@dataclass(frozen=True, slots=True)
class Roast:
    """One entry per set; NaN for a set without genes.

    No p is below `1 / (nrot + 1)`, or `1 / (2 nrot + 1)` if one-sided.
    """

    size: NDArray[np.int64]
    active_down: Array
    """Share of the genes that are clearly down, after the sign of their weight."""
    active_up: Array
    down: Array
    up: Array
    p: Array
    """Either direction."""
    mixed: Array
    """Any change, whatever its direction."""
    nrot: int

    @property
    def direction(self) -> NDArray[np.int64]:
        """Return +1 for up, -1 for down."""
        return np.where(self.down < self.up, -1, 1)


def roast(
    Y: Array,
    X: Array,
    c: Array,
    sets: Sequence[NDArray[np.int64]],
    *,
    gene_weights: Sequence[Array] | None = None,
    statistic: Statistic = "mean",
    nrot: int = 9999,
    seed: int = 0,
    trend: bool = False,
    weights: Array | None = None,
    step: Callable[[], object] | None = None,
) -> Roast:
    """Test each set by random rotations of the contrast into the residual space.

    Parameters
    ----------
    Y
        samples x genes, log expression. All genes take part in the prior variance.
    X, c
        Design (samples x parameters) and contrast.
    sets
        Columns of `Y`, one array per set, without repeats.
    gene_weights
        Per set, one signed weight per gene: negative for genes that should go down.
    statistic
        `mean`: of z. `floormean`: of z by direction, small |z| lifted to their median for the mixed test.
        `mean50`: of the half of the genes that changes most. `msq`: of the squares.
    nrot
        Number of rotations; `p = (b + 1) / (nrot + 1)`. One-sided tests use each rotation with both signs.
    seed
        The same rotations serve all sets, and do not depend on the order of samples or genes.
    trend
        Let the prior variance depend on the mean expression.
    weights
        samples x genes, as from voom.
    step
        Called after each set, as for a progress bar.

    Source: Wu et al. 2010, doi:10.1093/bioinformatics/btq401
    """
    if statistic not in _STATISTICS:
        msg = f"statistic {statistic!r} is not one of {', '.join(_STATISTICS)}"
        raise ValueError(msg)
    if nrot < 1:
        msg = f"`nrot` is {nrot}, expected at least 1"
        raise ValueError(msg)
    view = rotate(Y, X, c, weights=weights)
    prior = fit_prior(view.s2, view.df, covariate=np.mean(Y, axis=0) if trend else None)
    if not (prior.squeeze(view.s2, view.df) > 0).all():
        msg = "the set tests need a variance for every gene: remove constant genes"
        raise ValueError(msg)
    coordinates = np.vstack([view.effect, _canonical(view.residual)])
    turn = np.random.default_rng(seed).standard_normal((nrot, view.df + 1))
    turn /= np.linalg.norm(turn, axis=1, keepdims=True)
    rows = []
    for members, w in _members(sets, gene_weights, len(view.effect)):
        rows.append(_one(coordinates, prior, members, w, turn, statistic))
        if step is not None:
            step()
    columns = np.array(rows).reshape(len(rows), 6).T
    return Roast(
        size=np.array([len(m) for m in sets], dtype=np.int64),
        active_down=columns[0],
        active_up=columns[1],
        down=columns[2],
        up=columns[3],
        p=columns[4],
        mixed=columns[5],
        nrot=nrot,
    )


def _members(
    sets: Sequence[NDArray[np.int64]], gene_weights: Sequence[Array] | None, n_genes: int
) -> list[tuple[NDArray[np.int64], Array]]:
    """Pair each set with its weights (one everywhere by default)."""
    if gene_weights is None:
        gene_weights = [np.ones(len(m)) for m in sets]
    pairs = []
    for i, (m, w) in enumerate(zip(sets, gene_weights, strict=True)):
        if len(checked(m, n_genes)) != len(m):
            msg = f"set {i} names a gene twice"
            raise ValueError(msg)
        if np.shape(w) != (len(m),) or not np.isfinite(w).all():
            msg = f"set {i} has {len(m)} genes and weights of shape {np.shape(w)}, all finite?"
            raise ValueError(msg)
        pairs.append((np.asarray(m, dtype=np.int64), np.asarray(w, float)))
    return pairs


def _canonical(residual: Array) -> Array:
    """Principal axes of the residuals: the same whatever the order of the samples was."""
    axes = np.linalg.eigh(residual @ residual.T)[1]
    turned = axes.T @ residual
    return turned * np.where((turned**3).sum(axis=1) < 0, -1.0, 1.0)[:, None]


def _one(
    coordinates: Array, prior: Prior, m: NDArray[np.int64], w: Array, turn: Array, statistic: Statistic
) -> tuple[float, ...]:
    """Shares of active genes, then p: down, up, either, mixed."""
    if len(m) == 0:
        return (np.nan,) * 6
    E = coordinates[:, m]
    total = (E**2).sum(axis=0)
    s0, d0 = (np.broadcast_to(part, coordinates.shape[1])[m] for part in (prior.s2, prior.df))
    shape = (total, s0, d0, len(E) - 1, coordinates.shape[1])
    z = _z(E[:1], *shape)
    down, up, mixed = (float(part[0]) for part in _STATISTICS[statistic](z, w))
    signed = z[0] * np.sign(w)
    beyond = np.zeros(4)
    step = max(1, _CELLS // len(m))
    for start in range(0, len(turn), step):
        turned = _z(turn[start : start + step] @ E, *shape)
        low, high, any_way = _STATISTICS[statistic](turned, w)
        either = np.maximum(low, high) >= max(down, up)
        one_sided = [(low >= x).sum() + (high >= x).sum() for x in (down, up)]
        beyond += [*one_sided, either.sum(), (any_way >= mixed).sum()]
    p = (beyond + 1) / (np.array([2, 2, 1, 1]) * len(turn) + 1)
    return float((signed < -_ACTIVE).mean()), float((signed > _ACTIVE).mean()), *map(float, p)


def _z(effect: Array, total: Array, s0: Array, d0: Array, df: int, genes: int) -> Array:
    """Turn (rotated) effects into normal scores of their moderated t: rotations x genes of the set."""
    s2 = np.maximum(total - effect**2, 0) / df
    share = 1 / (1 + d0 / df)  # of the gene's own variance; none if the prior df are infinite
    nu = np.minimum(df + d0, genes * df)
    return hill(effect / np.sqrt(s0 + share * (s2 - s0)), nu)


def _mean(z: Array, w: Array) -> tuple[Array, Array, Array]:
    up = z @ w
    return -up, up, np.abs(z) @ np.abs(w)


def _floormean(z: Array, w: Array) -> tuple[Array, Array, Array]:
    signed = z * w
    mixed = np.maximum(np.abs(z), _MEDIAN) @ np.abs(w)
    return np.maximum(-signed, 0).sum(axis=1), np.maximum(signed, 0).sum(axis=1), mixed


def _mean50(z: Array, w: Array) -> tuple[Array, Array, Array]:
    signed = z * w
    half = (z.shape[1] + 1) // 2
    ordered = np.sort(signed, axis=1)
    size = np.sort(np.abs(signed), axis=1)
    return -ordered[:, :half].sum(axis=1), ordered[:, -half:].sum(axis=1), size[:, -half:].sum(axis=1)


def _msq(z: Array, w: Array) -> tuple[Array, Array, Array]:
    square = z**2 * np.abs(w)
    signed = z * w
    down, up = np.where(signed < 0, square, 0), np.where(signed > 0, square, 0)
    return down.sum(axis=1), up.sum(axis=1), square.sum(axis=1)


_STATISTICS = {"mean": _mean, "floormean": _floormean, "mean50": _mean50, "msq": _msq}
