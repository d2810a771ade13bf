"""Sums of cells thinned to one depth before they are scored."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._errors import InputError, InputWarning, count, first
from marrowsig._log import logger
from marrowsig._provenance import as_json, recall
from marrowsig.pp._thin_inputs import counts_of
from marrowsig.pp.thin import DRAWS, thin, thin_to, warn_of_loss
from marrowsig.tl._depth import SHALLOW, SUMS_FOLD, unlike

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._formula import FormulaDesign
    from marrowsig._plan import Plan
    from marrowsig.design import Design

AUTO, SMALLEST = "auto", "smallest"


def check_depth(depth: Any) -> None:
    """Refuse what is no way to meet unlike depth."""
    whole = isinstance(depth, int | np.integer) and not isinstance(depth, bool)
    if not (depth is None or depth in (AUTO, SMALLEST) or (whole and depth > 0)):
        msg = f"depth={depth!r} has to be {AUTO!r}, {SMALLEST!r}, a whole number of counts, or None."
        raise InputError(msg)


def even(
    bulk: AnnData,
    design: Design | FormulaDesign,
    *,
    depth: Any,
    seed: int,
    drop: bool = False,
    layer: str | None = None,
    draws: int = DRAWS,
) -> None:
    """Thin sums of cells (counts in X, or those of `layer`) in place.

    "auto" thins a stratum to the smallest of its sums that are compared, if that is shallow and another has
    more than `SUMS_FOLD` times its counts, or if the arms of a contrast are unlike. Whether it does follows
    from totals alone, never from scores. Sums of the stratum that are compared with none are thinned alike,
    for they stand in the same figures; `drop` leaves out those that have fewer counts, with a warning.
    Estimated counts stay as they are.
    """
    if depth is None:
        return
    if depth != AUTO:
        strata = [c for c in (getattr(design, f, None) for f in ("compartment", "time")) if c]
        thin(bulk, depth=None if depth == SMALLEST else depth, by=strata, layer=layer, draws=draws, seed=seed)
        return
    if recall(bulk, "input", {}).get("kind") == "expected_counts":
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # compare gives them
        plans = design.plans(bulk.obs)
    values, where = counts_of(bulk, layer)
    total = np.asarray(values.sum(axis=1, dtype=np.float64)).ravel()
    if not (total > 0).all():
        return
    target, stratum = total.copy(), np.full(len(total), "", dtype=object)
    short, aim = np.zeros(len(total), dtype=bool), np.zeros(len(total))
    far = {item.plan.stratum for item in unlike(total, plans, n_genes=None)}
    for name in dict.fromkeys(plan.stratum for plan in plans):
        rows = _compared(plans, name)
        own = total[rows]
        shallow = own.size > 0 and own.min() < SHALLOW and own.max() > SUMS_FOLD * own.min()
        if shallow or name in far:
            beside = np.setdiff1d(_of_stratum(design, bulk.obs, name, rows), rows)
            alike = np.union1d(rows, beside[total[beside] >= own.min()])
            target[alike], stratum[alike] = own.min(), name
            left = np.setdiff1d(beside, alike)
            short[left], aim[left] = True, own.min()
    thinned = target < total
    if not thinned.any():
        return
    few = first(f"{int(n):,}" for n in np.unique(target[thinned]))
    logger.info("sums hold %d to %d counts, and are thinned to %s", total.min(), total.max(), few)
    whole = total.astype(np.int64), target.astype(np.int64)
    lost = warn_of_loss(bulk.obs_names, *whole, stratum, stacklevel=4, grouped=True)
    made = {"warning": lost, "layer": where, "by": as_json(["stratum"]), "seed": seed, "draws": draws}
    thin_to(bulk, values, whole[1], made)
    if drop and short.any():
        named = zip(bulk.obs_names[short], total[short], aim[short], strict=True)
        told = first(f"{name} ({n:,.0f} counts, the others {of:,.0f})" for name, n, of in named)
        msg = (
            f"{count(int(short.sum()), 'sum', 'sums')} without a partner, of fewer counts than the others "
            f"of the kind were thinned to, {'is' if short.sum() == 1 else 'are'} left out: {told}."
        )
        bulk._inplace_subset_obs(~short)
        warnings.warn(msg, InputWarning, stacklevel=3)


def _of_stratum(
    design: Design | FormulaDesign, obs: pd.DataFrame, stratum: str, rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Rows of all arms of a stratum, given those that are compared there."""
    known = np.flatnonzero(design.arms(obs).notna().to_numpy())
    columns = [c for c in (getattr(design, f, None) for f in ("compartment", "time")) if c]
    if not stratum or not columns or not len(rows):
        return known
    place = obs[columns].astype(str).agg("|".join, axis=1).to_numpy()
    return known[np.isin(place[known], place[rows])]


def _compared(plans: list[Plan], stratum: str) -> NDArray[np.int64]:
    """Rows of the models of a stratum."""
    models = [plan.model for plan in plans if plan.stratum == stratum and plan.model is not None]
    rows = [model.frame["row"].to_numpy(dtype=np.int64) for model in models]
    return np.unique(np.concatenate(rows)) if rows else np.empty(0, dtype=np.int64)
