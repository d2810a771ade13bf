"""Pool the effects of several studies: one random-effects mean, its interval, and how far they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from marrowsig._stats.q_profile import i2_of, tau2_at, tau2_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

TAU2 = {"pm": "Paule and Mandel", "dl": "DerSimonian and Laird"}
SCALES = ("floored", "plain")


@dataclass(frozen=True)
class Pooled:
    """Random-effects mean of k studies; `weights` sum to one."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    df: int
    stat: float
    p: float
    tau2: float
    tau2_low: float
    tau2_high: float
    q: float
    q_p: float
    i2: float
    i2_low: float
    i2_high: float
    pi_low: float
    pi_high: float
    weights: Array

    def numbers(self) -> dict[str, float]:
        """All but the weights, by name."""
        return {name: value for name, value in vars(self).items() if name != "weights"}


def pooled(y: Array, v: Array, *, tau2: str, scale: str, alpha: float) -> Pooled:
    """Pool effects `y` with variances `v`, both `(k,)` and finite, k >= 2.

    `tau2` names the estimator. The standard error is Hartung and Knapp's, `scale="floored"` with its factor
    not below 1, on t with k - 1 df.
    """
    found = _random(y, v, tau2)
    df = len(y) - 1
    factor = found.factor if scale == "plain" else max(1.0, found.factor)
    se = float(np.sqrt(factor)) * found.se
    t = float(stats.t.isf(alpha / 2, df))
    low, high = tau2_interval(y, v, alpha=alpha)
    ahead = t * float(np.sqrt(found.tau2 + se**2))
    stat = found.mean / se if se > 0 else float("nan")
    return Pooled(
        estimate=found.mean,
        se=se,
        ci_low=found.mean - t * se,
        ci_high=found.mean + t * se,
        df=df,
        stat=stat,
        p=float(2 * stats.t.sf(abs(stat), df)),
        tau2=found.tau2,
        tau2_low=low,
        tau2_high=high,
        q=found.q,
        q_p=float(stats.chi2.sf(found.q, df)),
        i2=i2_of(found.tau2, v),
        i2_low=i2_of(low, v),
        i2_high=i2_of(high, v),
        pi_low=found.mean - ahead,
        pi_high=found.mean + ahead,
        weights=found.weights,
    )


@dataclass(frozen=True)
class _Random:
    mean: float
    se: float
    factor: float
    tau2: float
    q: float
    weights: Array


def _random(y: Array, v: Array, tau2: str) -> _Random:
    """Return the mean, its unscaled standard error, and Hartung and Knapp's factor, by statsmodels."""
    from statsmodels.stats.meta_analysis import combine_effects

    # Its own iteration stops at 0 where rounding puts Q just below k - 1: it starts just below the root.
    start = {"tau2_start": tau2_at(len(y) - 1.0, y, v) * (1 - 1e-9)} if tau2 == "pm" else {}
    with np.errstate(invalid="ignore", divide="ignore"):  # of a negative tau2, of equal effects
        res: Any = combine_effects(y, v, method_re=tau2, **start)
    between = res.tau2 > 0  # a negative estimate of DerSimonian and Laird is kept there, and weighs
    return _Random(
        mean=float(res.mean_effect_re if between else res.mean_effect_fe),
        se=float(res.sd_eff_w_re if between else res.sd_eff_w_fe),
        factor=float(res.scale_hksj_re if between else res.scale_hksj_fe),
        tau2=float(res.tau2) if between else 0.0,
        q=float(res.q),
        weights=np.asarray(res.weights_rel_re if between else res.weights_rel_fe, dtype=float),
    )
