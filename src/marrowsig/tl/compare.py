"""Compare signature scores between the arms of a design."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, InputWarning, first
from marrowsig._plan import Plan, require_one
from marrowsig._stats.fdr import bh
from marrowsig.tl._depth import warn_of_depth
from marrowsig.tl._estimates import estimates
from marrowsig.tl._expected import expectations
from marrowsig.tl._scored import frames

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig.design import Design
    from marrowsig.sig import Signature, SignatureSet

COLUMNS = (
    "signature", "axis", "method", "contrast", "stratum", "test_arm", "base_arm", "n_test", "n_base",
    "n_pairs", "estimate", "ci_low", "ci_high", "se", "df", "stat", "p", "p_adj",
    "effect", "effect_name", "effect_low", "effect_high", "test", "p_welch",
    "family", "family_size", "unit", "expected", "verdict",
)  # fmt: skip

MOVED = {"inhibitor": ("lowered by inhibitor", "raised by inhibitor")}
"""Verdicts of contrasts that are positive when the score falls."""


def compare(
    adata: AnnData,
    design: Design,
    *,
    method: str | list[str] | None = None,
    signatures: SignatureSet | Signature | str | list[str] | None = None,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Estimate every contrast of a design for every scored signature.

    One linear model per stratum: a mean per arm, pairs (within a line) and batches as fixed effects, and the
    contrast read off with its t on the residual degrees of freedom. Contrasts between lines are fitted on
    their own two arms, paired where the levels of `pair` span them. `adata` is not changed.

    Parameters
    ----------
    adata
        Samples x genes, with `obsm["score_<method>"]` from `ms.tl.score`.
    design
        Which columns of `adata.obs` say what each sample is.
    method
        Scoring methods to compare; all that were scored if None.
    signatures
        Signatures, ids or axes (`"emt"`) to compare; all that were scored if None.
    alpha
        One minus the level of the intervals, and the bound of `p_adj` for a verdict.

    Returns
    -------
    DataFrame
        One row per method, stratum, contrast and signature. `estimate`, `ci_low`, `ci_high` and `se` are in
        units of the score. `n_test` and `n_base` count rows of the smallest arm on that side, `n_pairs` the
        blocks that hold both sides (of an interaction: in each line; 0 without pairs). `p_adj` is
        Benjamini-Hochberg over the signatures of one method, contrast and stratum (`family`, `family_size`).
        `effect` is Hedges' g, or `d_z` (per SD of the within-pair difference) for two paired arms; for an
        interaction of paired differences, g is per SD of those differences. `effect_low` and `effect_high`
        come from the noncentral t. `p_welch` drops the assumption of equal variances (NaN with blocks or
        batches). `expected` is the direction that a shipped signature states. `verdict` is "up", "down",
        "not established" or "not tested"; of a reversal, which is positive when the score falls,
        "lowered by inhibitor" or "raised by inhibitor". "Not established" is no evidence of no change.

    Raises
    ------
    DesignError
        If the samples do not fit the design, or answer none of its questions.
    InputError
        If nothing was scored, or a method or signature asked for was not.

    Warns
    -----
    InputWarning
        If contrasts cannot be estimated, rows have no partner, a donor recurs unpaired, or arms differ more
        than twofold in `layers["counts"]`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.pp.lognorm(adata)
    >>> ms.tl.score(adata, "emt.hallmark", min_coverage=0.0)
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> result = ms.tl.compare(adata, design)
    >>> sorted(result["contrast"].unique())
    ['co_in_parental', 'co_in_resistant', 'interaction', 'resistance_in_co', 'resistance_in_mono']

    References
    ----------
    Hedges, Journal of Educational Statistics 1981, doi:10.3102/10769986006002107.
    Benjamini and Hochberg, Journal of the Royal Statistical Society B 1995,
    doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    if not 0 < alpha < 1:
        msg = f"alpha is {alpha!r}; it has to lie between 0 and 1, for example 0.05."
        raise InputError(msg)
    scored = frames(adata, method=method, signatures=signatures)
    plans = design.plans(adata.obs)
    require_one(plans)
    _warn_unanswered(plans)
    warn_of_depth(adata, plans)
    tables = [_family(plan, name, scores, alpha) for name, scores in scored.items() for plan in plans]
    result = pd.concat(tables, ignore_index=True)
    expected = expectations(result["signature"].unique())
    factor = {plan.contrast.name: plan.contrast.factor for plan in plans}
    keys = zip(result["signature"], result["contrast"], strict=True)
    result["expected"] = [expected.get((signature, factor[contrast]), "") for signature, contrast in keys]
    return result[list(COLUMNS)]


def _warn_unanswered(plans: list[Plan]) -> None:
    silent = [plan for plan in plans if plan.model is None]
    if silent:
        told = (f"{p.contrast.name}{f' [{p.stratum}]' if p.stratum else ''}: {p.reason}" for p in silent)
        msg = f"{len(silent)} of {len(plans)} contrasts cannot be estimated. {first(told)}."
        warnings.warn(msg, InputWarning, stacklevel=3)


def _family(plan: Plan, method: str, scores: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Build the rows of one method, contrast and stratum."""
    table = estimates(plan, scores, alpha)
    table.insert(0, "signature", list(scores.columns))
    table["axis"] = [str(s).split(".")[0] if "." in str(s) else "" for s in scores.columns]
    table["method"], table["contrast"], table["stratum"] = method, plan.contrast.name, plan.stratum
    table["test_arm"], table["base_arm"] = plan.contrast.test, plan.contrast.base
    table["n_test"], table["n_base"] = plan.n(test=True), plan.n(test=False)
    table["n_pairs"] = plan.n_pairs
    table["p_adj"] = bh(table["p"].to_numpy())
    table["family"] = f"{method}: {plan.contrast.name}" + (f" [{plan.stratum}]" if plan.stratum else "")
    table["family_size"] = int(table["p"].notna().sum())
    table["unit"] = plan.unit
    words = MOVED.get(plan.contrast.factor, ("up", "down"))
    table["verdict"] = _verdicts(table["estimate"].to_numpy(), table["p_adj"].to_numpy(), alpha, words)
    return table


def _verdicts(estimate: np.ndarray, p_adj: np.ndarray, alpha: float, words: tuple[str, str]) -> list[str]:
    moved = np.where(estimate > 0, *words)
    told = np.where(p_adj < alpha, moved, "not established")
    return list(np.where(np.isnan(p_adj), "not tested", told))
