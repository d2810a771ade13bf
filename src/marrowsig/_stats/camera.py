"""Camera: a set against the other genes, given the correlation inside the set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import special
from scipy.stats import rankdata

from marrowsig._stats.prior import fit_prior
from marrowsig._stats.rotation import rotate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from marrowsig._stats.ols import Array
    from marrowsig._stats.rotation import Rotation


@dataclass(frozen=True, slots=True)
class Camera:
    """One entry per set; NaN where the set has no gene, or all of them."""

    size: NDArray[np.int64]
    correlation: Array
    """Mean correlation between genes of the set: as estimated (even where 0 was used instead of a negative
    value) or as given; NaN for one gene."""
    stat: Array
    """Statistic of the comparison, positive where the set lies higher than the rest: t, or of ranks a z."""
    down: Array
    up: Array

    @property
    def p(self) -> Array:
        """Two-sided p."""
        return np.minimum(1.0, 2 * np.minimum(self.down, self.up))

    @property
    def direction(self) -> NDArray[np.int64]:
        """Return +1 for up, -1 for down."""
        return np.where(self.down < self.up, -1, 1)


def camera(
    Y: Array,
    X: Array,
    c: Array,
    sets: Sequence[NDArray[np.int64]],
    *,
    correlation: float | None = None,
    ranks: bool = False,
    allow_negative: bool = False,
    trend: bool = False,
    weights: Array | None = None,
) -> Camera:
    """Test each set against all other genes.

    Parameters
    ----------
    Y
        samples x genes, log expression.
    X, c
        Design (samples x parameters) and contrast.
    sets
        Columns of `Y`, one array per set.
    correlation
        By default estimated from the residuals of the set. A fixed value takes no notice of the data: at the
        value of 0.01 that is common elsewhere a co-regulated signature is called at levels of 0.15 to 0.37.
    ranks
        Compare ranks of the moderated t instead of its normal scores.
    allow_negative
        Let a negative estimate make the test more liberal.
    trend
        Let the prior variance depend on the mean expression.
    weights
        samples x genes, as from voom.

    Source: Wu and Smyth 2012, doi:10.1093/nar/gks461
    """
    view = rotate(Y, X, c, weights=weights)
    stat, df = moderated_t(view, covariate=np.mean(Y, axis=0) if trend else None)
    members = [checked(members, len(stat)) for members in sets]
    z = np.round(stat, 10) if ranks else hill(stat, df)  # identical genes are ties, rounding apart
    if correlation is not None:
        return _test(z, members, np.full(len(sets), correlation), ranks=ranks)
    vif = _inflation(view, members)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = (vif - 1) / (np.array([len(m) for m in members]) - 1)
    used = estimate if allow_negative else np.maximum(estimate, 0)
    result = _test(z, members, used, ranks=ranks, df=view.df)
    return replace(result, correlation=estimate)


def camera_preranked(
    stat: Array, sets: Sequence[NDArray[np.int64]], *, correlation: float | Array, ranks: bool = False
) -> Camera:
    """Test sets on a given statistic and a given correlation inside the sets (one value, or one per set)."""
    stat = np.asarray(stat, float)
    if stat.ndim != 1 or not np.isfinite(stat).all():
        msg = "the statistic has to be one finite number per gene"
        raise ValueError(msg)
    members = [checked(members, len(stat)) for members in sets]
    rho = np.broadcast_to(np.asarray(correlation, float), (len(members),)).astype(float)
    return _test(stat, members, rho, ranks=ranks)


def checked(members: NDArray[np.int64], n_genes: int) -> NDArray[np.int64]:
    """Return the distinct members of a set, refusing columns that do not exist."""
    members = np.unique(np.asarray(members, dtype=np.int64))
    if len(members) and not 0 <= members[0] <= members[-1] < n_genes:
        msg = f"a set names column {members[-1]} (lowest {members[0]}) of {n_genes}"
        raise ValueError(msg)
    return members


def moderated_t(view: Rotation, *, covariate: Array | None = None) -> tuple[Array, float | Array]:
    """Moderated t of the contrast and its degrees of freedom."""
    prior = fit_prior(view.s2, view.df, covariate=covariate)
    df = np.minimum(view.df + prior.df, len(view.effect) * view.df)
    s2 = prior.squeeze(view.s2, view.df)
    if not (s2 > 0).all():
        msg = f"{np.count_nonzero(~(s2 > 0))} of {len(s2)} genes have no variance: remove constant genes"
        raise ValueError(msg)
    return view.effect / np.sqrt(s2), df


def hill(t: Array, df: float | Array) -> Array:
    """Turn a t statistic into a normal score by Hill's series.

    Source: Hill 1970, algorithm 395, doi:10.1145/355598.355599
    """
    a = np.asarray(df, float) - 0.5
    b = 48 * a**2
    y = a * np.log1p(t**2 / df)
    series = ((-0.4 * y - 3.3) * y - 24) * y - 85.5
    return np.sign(t) * np.sqrt(y) * (1 + (y + 3 + series / (0.8 * y**2 + 100 + b)) / b)


def _inflation(view: Rotation, members: list[NDArray[np.int64]]) -> Array:
    """Variance of the set's mean residual, in units of independent genes; NaN below two genes."""
    s2 = view.s2
    floor = 1e-8 * np.median(s2[s2 > 0]) if (s2 > 0).any() else 1.0
    unit = view.residual / np.sqrt(np.maximum(s2, floor))
    return np.array(
        [len(m) * (unit[:, m].mean(axis=1) ** 2).mean() if len(m) > 1 else np.nan for m in members]
    )


def _test(
    stat: Array, members: list[NDArray[np.int64]], rho: Array, *, ranks: bool, df: float = np.inf
) -> Camera:
    """Compare each set with the rest; `df` are those of an estimated correlation."""
    size = np.array([len(m) for m in members], dtype=np.int64)
    told, down, up = (np.full(len(members), np.nan) for _ in range(3))
    genes = len(stat)
    nu = min(df, genes - 2) if np.isfinite(df) or not ranks else np.inf
    order = rankdata(stat) if ranks else stat
    for i, m in enumerate(members):
        if 0 < len(m) < genes:
            r = float(rho[i]) if len(m) > 1 else 0.0
            low, high = _rank_sum(order, m, r) if ranks else (_mean_shift(order, m, r),) * 2
            told[i] = (low + high) / 2
            down[i], up[i] = _tail(nu, low), _tail(nu, -high)
    return Camera(size=size, correlation=np.where(size > 1, rho, np.nan), stat=told, down=down, up=up)


def _tail(df: float, x: float) -> float:
    return float(special.ndtr(x) if np.isinf(df) else special.stdtr(df, x))


def _mean_shift(z: Array, m: NDArray[np.int64], rho: float) -> float:
    """T of the difference of means, with the variance pooled over set and rest."""
    genes, k = len(z), len(m)
    rest = genes - k
    delta = genes / rest * (z[m].mean() - z.mean())
    pooled = ((genes - 1) * z.var(ddof=1) - delta**2 * k * rest / genes) / (genes - 2)
    return float(delta / np.sqrt(pooled * ((1 + (k - 1) * rho) / k + 1 / rest)))


def _rank_sum(rank: Array, m: NDArray[np.int64], rho: float) -> tuple[float, float]:
    """Wilcoxon's rank sum as z, with continuity correction: for the lower and for the upper tail.

    Variance under correlation inside the set: Barry, Nobel and Wright 2008, doi:10.1214/07-AOAS146
    """
    k, rest = len(m), len(rank) - len(m)
    u = rank[m].sum() - k * (k + 1) / 2 - k * rest / 2
    pairs = np.arcsin(1) + np.arcsin(0.5) * (rest - 1)
    pairs += (k - 1) * ((rest - 1) * np.arcsin(rho / 2) + np.arcsin((rho + 1) / 2))
    variance = k * rest * pairs / (2 * np.pi)
    n = len(rank)
    ties = np.unique(rank, return_counts=True)[1].astype(float)
    variance *= 1 - (ties * (ties**2 - 1)).sum() / (n * (n + 1.0) * (n - 1))
    root = np.sqrt(variance)
    return float((u + 0.5) / root), float((u - 0.5) / root)
