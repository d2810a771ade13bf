"""Many simulated studies of one size, through the models and adjustments of `ms.tl.compare`."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._errors import InputWarning
from marrowsig._stats.binomial import exact_interval
from marrowsig._stats.fdr import bh
from marrowsig._stats.holm import holm
from marrowsig._stats.ols import fit_all
from marrowsig._stats.power import detectable
from marrowsig.tl._families import primary_family
from marrowsig.tl._own_contrasts import by_units, contrast_fit
from marrowsig.tl._permuted import smallest
from marrowsig.tl._power_families import family_of
from marrowsig.tl._power_study import noise, samples
from marrowsig.tl._rescue_cases import LINE, cases
from marrowsig.tl._rescue_numbers import numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig._stats.ols import Fit
    from marrowsig.design import Design
    from marrowsig.tl._power_means import Means
    from marrowsig.tl._power_spread import Spread
    from marrowsig.tl._rescue_cases import Case

    Array = NDArray[np.float64]

ID = "signature"


@dataclass(frozen=True)
class Setup:
    """What is simulated, but for the number of replicates."""

    design: Design
    inhibitors: tuple[str, ...]
    batches: int
    means: Means
    spread: Spread
    primary_contrasts: str | list[str] | None
    n_primary: int
    margin: float
    target: float
    alpha: float
    runs: int
    rng: int
    axis: str = ""
    """Axis of the signature, which says what of it are claims and what further questions."""


@dataclass(frozen=True)
class Study:
    """Studies of one size: what is common to all of them, and the scores (rows x runs) of each signature.

    Only the first signature responds; the others of the family are there to be adjusted for.
    """

    design: Design
    obs: pd.DataFrame
    plans: list[Plan]
    means: Array
    noise: list[Array]

    def scores(self, *, times: float = 1.0) -> list[Array]:
        """Scores with the noise multiplied."""
        return [times * part + (self.means if i == 0 else 0.0) for i, part in enumerate(self.noise)]


def study(setup: Setup, n: int) -> Study:
    """Draw the studies with `n` replicates per arm."""
    design, obs = samples(setup.design, n, setup.inhibitors, setup.batches)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        plans = design.plans(obs)
    sds = {"within": setup.spread.within, "between": setup.spread.between}
    drawn = [
        noise(obs, design, **sds, runs=setup.runs, rng=setup.rng + 1000 * i) for i in range(setup.n_primary)
    ]
    means = obs["arm of the plan"].map(setup.means.arms).to_numpy(dtype=np.float64)[:, None]
    return Study(design, obs, plans, means, drawn)


def at(setup: Setup, n: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of every contrast, and of every fraction reversed."""
    made = study(setup, n)
    names = [ID, *(f"other {i}" for i in range(1, setup.n_primary))]
    family = primary_family(names, setup.primary_contrasts, plans=made.plans, scored=names)
    own = np.array([plan.contrast.name in family.contrasts for plan in made.plans])
    fits = [fits_of(made, Y) for Y in made.scores()]
    found = established(setup, made, fits, own)
    noisier = np.full(len(found), np.nan)
    if np.isfinite(setup.spread.noisier):
        wider = [fits_of(made, Y) for Y in made.scores(times=setup.spread.noisier)]
        noisier = established(setup, made, wider, own).mean(axis=1)
    known = [plan.model is not None for plan in made.plans]
    least: dict[Any, float] = {}
    size = {True: int((own & known).sum()) * setup.n_primary, False: setup.n_primary}
    rows = [
        {
            **_row(setup, plan, fits[0][i], found[i], least), "n": n, "n_samples": len(made.obs),
            "power_noisier": noisier[i], "adjustment": "Holm" if own[i] else "BH",
            "family_size": size[bool(own[i])],
        }
        for i, plan in enumerate(made.plans)
    ]  # fmt: skip
    return rows, [{**row, "n": n} for row in _fractions(setup, made)]


def fits_of(made: Study, Y: Array) -> list[Fit | None]:
    """Fit of every plan; plans of one model share theirs."""
    alike: dict[bytes, list[int]] = {}
    for i, plan in enumerate(made.plans):
        if plan.model is not None:
            key = plan.model.frame["row"].to_numpy().tobytes() + plan.model.X.tobytes()
            alike.setdefault(key, []).append(i)
    found: list[Fit | None] = [None] * len(made.plans)
    for places in alike.values():
        plans = [made.plans[i] for i in places]
        models = [plan.model for plan in plans if plan.model is not None]
        contrasts = [model.c(plan.contrast) for model, plan in zip(models, plans, strict=True)]
        rows = models[0].frame["row"].to_numpy()
        for i, one in zip(places, fit_all(Y[rows], models[0].X, contrasts), strict=True):
            found[i] = contrast_fit(made.plans[i], Y[rows]) if by_units(made.plans[i]) else one
    return found


def established(
    setup: Setup, made: Study, fits: list[list[Fit | None]], own: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether the first signature's contrast has adjusted p below alpha and the right sign (plans x runs)."""
    none = np.full(setup.runs, np.nan)
    p = np.array([[none if one is None else one.p for one in part] for part in fits])
    adjusted = bh(p)
    adjusted[:, own] = holm(p[:, own].reshape(-1, setup.runs)).reshape(p[:, own].shape)
    right = [_right(setup, plan, one) for plan, one in zip(made.plans, fits[0], strict=True)]
    return (adjusted[0] < setup.alpha) & np.array(right)


def _right(setup: Setup, plan: Plan, one: Fit | None) -> NDArray[np.bool_]:
    true = setup.means.effects[plan.contrast.name]
    if one is None or not true:
        return np.full(setup.runs, one is not None)
    return np.asarray(np.sign(one.estimate) == np.sign(true))


def _row(
    setup: Setup, plan: Plan, one: Fit | None, found: NDArray[np.bool_], least: dict[Any, float]
) -> dict[str, Any]:
    true = setup.means.effects[plan.contrast.name]
    row = {
        "contrast": plan.contrast.name, "kind": plan.contrast.kind, "effect": true, "alpha": setup.alpha,
        "test": plan.reason or (plan.model.words if plan.model else ""),
    }  # fmt: skip
    if one is None or plan.model is None:
        return row
    count = np.array(found.sum())
    low, high = exact_interval(count, count, setup.runs)
    alone = (one.p < setup.alpha) & _right(setup, plan, one)
    ends = one.interval(setup.alpha)
    sigma = setup.spread.residual(paired=plan.model.block != "")
    # Contrasts of as many arms of one model have one layout, and so one smallest p.
    layout = len(plan.contrast.weights), plan.model.X.shape
    if layout not in least:
        least[layout] = smallest(plan, plan.model)
    asked = family_of(setup.design, setup.inhibitors, kind=plan.contrast.kind, axis=setup.axis)
    as_claim = (one.p < setup.alpha / max(asked.size, 1)) & alone
    size = np.abs(one.estimate[found]).mean() if count and true else np.nan
    return row | {
        "power": float(found.mean()), "power_low": float(low), "power_high": float(high),
        "power_claims": float(as_claim.mean()) if asked.size else np.nan, "n_claims": asked.size or np.nan,
        "asked_as": asked.name,
        "power_unadjusted": float(alone.mean()), "half_width": float((ends[1] - ends[0]).mean() / 2),
        "detectable": sigma * detectable(one.df, one.k, alpha=setup.alpha, power=setup.target),
        "exaggeration": float(size / abs(true)) if true else np.nan, "df": one.df,
        "p_perm_min": least[layout],
    }  # fmt: skip


def _fractions(setup: Setup, made: Study) -> list[dict[str, Any]]:
    if not setup.inhibitors:
        return []
    Y = pd.DataFrame(made.scores()[0])
    return [
        _fraction(setup, case, numbers(case, Y, alpha=setup.alpha, margin=setup.margin))
        for case in cases(made.design, made.plans)
        if case.kind == LINE
    ]


def _fraction(setup: Setup, case: Case, table: pd.DataFrame) -> dict[str, Any]:
    """Shares of studies in which `ms.tl.rescue`, asked about one signature, would say so."""
    rise, fall = (setup.means.effects[case.parts[part].contrast.name] for part in ("induction", "reversal"))
    row: dict[str, Any] = {"line": case.line, "inhibitor": case.inhibitor}
    row["fraction"] = fall / rise if rise else np.nan
    for name, hits in said(table, setup.alpha).items():
        low, high = exact_interval(hits.sum(), hits.sum(), setup.runs)
        row |= {name: hits.mean(), f"{name}_low": float(low), f"{name}_high": float(high)}
    if np.isnan(setup.margin):
        row |= dict.fromkeys(("fully", "fully_low", "fully_high"), np.nan)
    ends = table[["fraction_low", "fraction_high"]].quantile(0.5, interpolation="nearest")
    return row | {"median_low": float(ends.iloc[0]), "median_high": float(ends.iloc[1])}


def said(table: pd.DataFrame, alpha: float) -> dict[str, NDArray[np.bool_]]:
    """Verdicts of `ms.tl.rescue` on every row of its numbers, none of them adjusted for the other rows."""
    same = np.sign(table["reversal"]) == np.sign(table["induction"])
    back = (table["reversal_p"] < alpha) & (table["induction_p"] < alpha) & same
    near = (table["equivalence_p"] < alpha) & (table["induction"].abs() > table["margin"])
    verdicts = {
        "determined": table["fraction_kind"] == "interval",
        "reversed": back,
        "in_part": back & (table["fraction_high"] < 1),
        "fully": back & near,
    }
    return {name: hits.to_numpy(dtype=bool) for name, hits in verdicts.items()}
