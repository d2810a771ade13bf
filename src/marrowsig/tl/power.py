"""How many replicates an experiment needs, before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import DesignError, InputError
from marrowsig._version import __version__
from marrowsig.tl import _power_spread
from marrowsig.tl._power_families import axis_of
from marrowsig.tl._power_lost import needed
from marrowsig.tl._power_means import means
from marrowsig.tl._power_pilot import own_sizes
from marrowsig.tl._power_result import Power
from marrowsig.tl._power_runs import Setup, at
from marrowsig.tl._power_study import require_plannable
from marrowsig.tl._power_tables import of_study

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anndata import AnnData

    from marrowsig.design import Design
    from marrowsig.tl._power_spread import Spread

COLUMNS = (
    "contrast", "kind", "effect", "n", "n_samples", "power", "power_low", "power_high", "power_unadjusted",
    "power_claims", "n_claims", "asked_as", "power_noisier",
    "half_width", "detectable", "exaggeration", "alpha", "adjustment", "family_size", "df",
    "p_perm_min", "test",
)  # fmt: skip


def power(
    design: Design,
    effects: Mapping[str, float],
    *,
    n: int | Iterable[int] = range(3, 13),
    within: float | None = None,
    between: float | None = None,
    data: AnnData | pd.DataFrame | None = None,
    data_design: Design | None = None,
    claims: pd.DataFrame | None = None,
    scored: Mapping[str, float] | None = None,
    source: str | None = None,
    signature: str | None = None,
    method: str = "singscore",
    effects_in: str = "score",
    inhibitors: str | list[str] | None = None,
    batches: int = 2,
    primary_contrasts: str | list[str] | None = None,
    n_primary: int = 1,
    lost: float = 0.0,
    margin: float | None = None,
    target: float = 0.8,
    alpha: float = 0.05,
    runs: int = 4000,
    rng: int = 0,
) -> Power:
    """Say before an experiment how often it would find what is looked for, and how many replicates it needs.

    Studies of every size are simulated and go through the models and the adjustment of `ms.tl.compare` and
    `ms.tl.rescue`. Errors are normal; where real ones are skewed, the power is less certain than its
    interval, which tells of the number of simulations only.

    Parameters
    ----------
    design
        The design of the planned experiment; no samples are needed. With `pair`, each line has `n` pairs of
        its own (cultures or donors, every arm once); without, every sample is independent. Each compartment
        or time is such an experiment of its own.
    effects
        What is expected: contrast to its size. Contrasts by name (`"co_in_parental"`, `"interaction"`,
        `"reversal_ruxolitinib_in_resistant"`), or by kind for all lines (`"induction"`, `"reversal"`,
        `"resistance"`), which fills what the names leave open, in parental cells first: beside an
        interaction, `"induction"` is theirs. `"fraction"` is the share of the induction that inhibitors
        reverse. What nothing is said of is 0, and what follows is computed: see `means` of the result.
    n
        Numbers of replicates per arm: with pairs and lines, of pairs in each line. A donor that is in both
        lines is a pair of either, so that `n` such donors are enough.
    within, between
        Standard deviations of the score: of the samples of one arm once pairs are taken out, and of pairs (or
        donors). Without pairs both add up. If neither these, nor `data`, nor `source` are given, the first is
        1, and effects are in SDs.
    data, data_design
        A pilot, scored by `ms.tl.score`, to take the two from, and its design where it is not `design`.
        Its own effects are not used: those of a pilot are too uncertain to plan with. Or what
        `ms.tl.compare` returned for it (`contrasts.csv` of a run): its model's SD. Over several strata
        (compartments, times) the SD is pooled, each by its degrees of freedom, and `notes` has theirs: to
        plan for one, give its rows alone.
    claims
        What `ms.tl.claims` returned for that pilot (`claims.csv`), beside its contrasts as `data`: the SD is
        then that on the genes that stroma could not move. Effects on these genes (`filtered_estimate`) need
        it: they are on a scale of their own.
    scored
        With `claims`: the same effects as scored, on the scale of the contrasts, since a claim has to pass
        on both. They are simulated as well, by the SD as scored, and the larger n is told.
    source
        Name of a public data set whose SDs come with the package (`ms.ds.spreads()`).
    signature, method
        Which score of `data` or `source`.
    effects_in
        `"score"`, or `"sd"`: effects are multiples of the SD that the design sees within an arm (of
        differences within pairs, divide by the root of 2).
    inhibitors
        Names of the inhibitor arms; one called "inhibitor" if the design has that column.
    batches
        Number of batches over which whole replicates are spread, where the design has a batch.
    primary_contrasts, n_primary
        Contrasts of the primary family, as in `ms.tl.compare`, and the number of its signatures. The others
        are taken to stay put, which is the cautious side.
    lost
        Share of libraries that are expected to fail. A pair is complete if both of its libraries are.
    margin
        As in `ms.tl.rescue`: how near to cells alone counts as fully reversed, in units of the score.
    target
        Power that is aimed for.
    alpha
        Level of the tests.
    runs
        Simulated experiments of each size.
    rng
        Seed.

    Returns
    -------
    Power
        `table`, with one row per contrast and `n`: the true `effect`; `n_samples` of the whole experiment;
        `power`, the share of experiments in which the contrast is established (adjusted p below `alpha`, in
        the true direction) with its 95 % Monte-Carlo interval `power_low` to `power_high`; of contrasts that
        are truly 0, the share of false calls; `power_unadjusted`; `power_claims`, as one of the `n_claims` of
        `ms.tl.claims` (p below `alpha / n_claims`, what Holm asks of the first; with `claims`, on those genes
        alone, and a claim has to pass as scored, too), NaN of what is no claim; of the IL-6 response and
        JAK/STAT3 (`signature`), interactions and reversals are one of so many of `ms.tl.questions`
        (`asked_as`);
        `power_noisier`, with the SDs at the upper
        80 % limit of what the data behind them leave open (NaN where they were given); `half_width`, half the
        expected width of the `1 - alpha` interval; `detectable`, the effect found with `target` power,
        unadjusted; `exaggeration`, how many times too large an effect looks on average where it is
        established; `adjustment` and `family_size`, as `ms.tl.compare` has them; `df`; `p_perm_min`, the
        smallest p that permuting could give (above `alpha`: the permutation can establish nothing), NaN where
        `ms.tl.compare` does not permute.
        `scored`: the plan as scored, where it was asked for, else None.
        `fractions`: how often a fraction reversed is determined (a finite Fieller interval), the reversal
        established, shown to be in part, and to be full, with the median ends of its interval. `needed`,
        `means`, `spread`, `notes` and `describe(n)` say it in short.

    Raises
    ------
    DesignError
        If the design cannot be laid out: a formula, or one with covariates.
    InputError
        If an effect is unknown or contradicts others, or a number is out of its range.

    Warns
    -----
    InputWarning
        If scores of the pilot differ (p < 0.001) between levels of a column that its design does not name,
        such as a time: its SD is then not that of replicates.

    Examples
    --------
    >>> import marrowsig as ms
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="donor")
    >>> expected = {"co_in_parental": 0.04, "interaction": 0.05, "fraction": 0.6}
    >>> plan = ms.tl.power(design, expected, n=[4, 8], source="t84_il22_ifnl", signature="il6.hallmark")
    >>> plan.table.query("contrast == 'interaction'")["n_samples"].tolist()
    [24, 48]

    References
    ----------
    Browne, Statistics in Medicine 1995, doi:10.1002/sim.4780141709 (SDs of pilots).
    Gelman and Carlin, Perspectives on Psychological Science 2014, doi:10.1177/1745691614551642.
    """
    require_plannable(design)
    sizes = _sizes(n)
    if scored is not None and (claims is None or set(scored) != set(effects)):
        msg = "scored= are the effects as scored, beside those on the genes that stroma could not move: give "
        msg += f"claims=, too, and the same effects ({', '.join(effects)})."
        raise InputError(msg)
    _check_numbers(target, alpha, runs, batches, n_primary, margin, lost)
    drugs = _drugs(design, inhibitors)
    spread = _spread(design, within, between, data, data_design, claims, source, signature, method)
    paired = design.pair is not None
    setup = Setup(
        design=design, inhibitors=drugs, batches=batches, spread=spread, n_primary=n_primary, alpha=alpha,
        means=means(design, drugs, effects, _scale(effects_in, spread, paired)), target=target, runs=runs,
        primary_contrasts=primary_contrasts, margin=np.nan if margin is None else margin, rng=rng,
        axis=axis_of(signature, data),
    )  # fmt: skip
    rows, fractions = _all(setup, sizes)
    table = pd.DataFrame(rows).reindex(columns=list(COLUMNS)).sort_values(["contrast", "n"], key=_in_order)
    table = table.reset_index(drop=True)
    told = {
        "effects": dict(effects), "effects_in": effects_in, "inhibitors": drugs, "batches": batches,
        "n_primary": n_primary, "lost": lost, "margin": margin, "target": target, "alpha": alpha,
        "runs": runs, "rng": rng, "version": __version__,
    }  # fmt: skip
    arms = pd.Series(setup.means.arms, name="mean")
    other = None
    if scored is not None:
        other = power(
            design, scored, n=sizes, data=data, signature=signature, method=method, effects_in=effects_in,
            inhibitors=inhibitors, batches=batches, primary_contrasts=primary_contrasts, n_primary=n_primary,
            lost=lost, margin=margin, target=target, alpha=alpha, runs=runs, rng=rng,
        )  # fmt: skip
    if isinstance(data, pd.DataFrame):
        own = data if claims is None else claims
        told["as_pilot"] = own_sizes(
            table, own, design, signature=signature, method=method, kept=claims is not None
        )
    least = needed(table, target, lost, paired=paired)
    return Power(table, pd.DataFrame(fractions), least, arms, design, spread, told, other)


def _all(setup: Setup, sizes: list[int]) -> tuple[list[dict], list[dict]]:
    from marrowsig._progress import tqdm

    rows: list[dict] = []
    fractions: list[dict] = []
    for size in tqdm(sizes, desc="power", unit="size", delay=2, leave=False):
        found, drugs = at(setup, size)
        rows += found
        fractions += drugs
    return rows, fractions


def _in_order(column: pd.Series) -> pd.Series:
    """Sort contrasts as the design asks them."""
    return pd.Series(pd.factorize(column)[0], index=column.index) if column.dtype == object else column


def _spread(
    design: Design, within: float | None, between: float | None, data: AnnData | pd.DataFrame | None,
    data_design: Design | None, claims: pd.DataFrame | None, source: str | None, signature: str | None,
    method: str,
) -> Spread:  # fmt: skip
    ways = {"within=": within is not None or between is not None, "data=": data is not None}
    used = [name for name, there in {**ways, "source=": source is not None}.items() if there]
    if len(used) > 1:
        msg = f"{' and '.join(used)} each say how much the score varies; give one of them."
        raise InputError(msg)
    if isinstance(data, pd.DataFrame):
        return of_study(data, claims, signature=signature, method=method)
    if claims is not None:
        msg = "claims= goes with the contrasts of the same study: data=res, what ms.tl.compare returned."
        raise InputError(msg)
    if data is not None:
        return _power_spread.pilot(data, data_design or design, signature=signature, method=method)
    if source is not None and not isinstance(source, str):
        msg = f"source= names a data set of ms.ds.spreads(). Own data, such as this {type(source).__name__}, "
        msg += "go to data=."
        raise InputError(msg)
    if source is not None:
        return _power_spread.measured(source, signature, method)
    return _power_spread.given(within, between)


def _scale(effects_in: str, spread: Spread, paired: bool) -> float:  # noqa: FBT001
    if effects_in not in ("score", "sd"):
        msg = f"effects_in is {effects_in!r}; it has to be 'score' or 'sd'."
        raise InputError(msg)
    return spread.residual(paired=paired) if effects_in == "sd" else 1.0


def _drugs(design: Design, inhibitors: str | list[str] | None) -> tuple[str, ...]:
    named = [inhibitors] if isinstance(inhibitors, str) else list(inhibitors or [])
    if named and design.inhibitor is None:
        msg = "inhibitors= names arms, but the design has no column for them: ms.Design(..., inhibitor=...)."
        raise DesignError(msg)
    if design.vehicle in named:
        msg = f"inhibitors= names {design.vehicle!r}, which is the untreated level of the design."
        raise InputError(msg)
    return tuple(dict.fromkeys(named)) or (("inhibitor",) if design.inhibitor else ())


def _sizes(n: int | Iterable[int]) -> list[int]:
    sizes = [n] if isinstance(n, int | np.integer) else list(n)
    bad = [size for size in sizes if isinstance(size, bool) or int(size) != size or size < 2]
    if bad or not sizes:
        msg = f"n is {n!r}; it has to be numbers of replicates per arm, of two or more, such as range(3, 13)."
        raise InputError(msg)
    return sorted({int(size) for size in sizes})


def _check_numbers(
    target: float,
    alpha: float,
    runs: int,
    batches: int,
    n_primary: int,
    margin: float | None,
    lost: float,
) -> None:
    if not 0 < alpha < 0.5 or not alpha < target < 1:
        msg = f"alpha is {alpha!r} and target {target!r}; it takes 0 < alpha < 0.5 and alpha < target < 1."
        raise InputError(msg)
    for name, value, least in (("runs", runs, 100), ("batches", batches, 1), ("n_primary", n_primary, 1)):
        if isinstance(value, bool) or int(value) != value or value < least:
            msg = f"{name} is {value!r}; it has to be a whole number, {least} or more."
            raise InputError(msg)
    if not 0 <= lost < 1:
        msg = f"lost is {lost!r}; it is the share of libraries that fail, such as 0.1."
        raise InputError(msg)
    if margin is not None and not 0 < margin < np.inf:
        msg = f"margin is {margin!r}; it has to be a positive number, in units of the score."
        raise InputError(msg)
