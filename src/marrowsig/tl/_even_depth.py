"""Sums of cells thinned to one depth before they are scored, where their arms are of unlike depth."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._errors import InputError, InputWarning, first
from marrowsig._provenance import as_json, recall
from marrowsig.pp.thin import counts_of, thin, thin_to, warn_of_loss
from marrowsig.tl._depth import unlike

if TYPE_CHECKING:
    from anndata import AnnData

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


def even(bulk: AnnData, design: Design | FormulaDesign, *, depth: Any, seed: int) -> None:
    """Thin sums of cells (counts in X) in place.

    "auto" thins, stratum by stratum, where `unlike` finds a contrast, to the smallest sum that is compared;
    whether it does follows from totals alone, never from the scores. Estimated counts stay as they are.
    """
    if depth is None:
        return
    if depth != AUTO:
        strata = [c for c in (getattr(design, f, None) for f in ("compartment", "time")) if c]
        thin(bulk, depth=None if depth == SMALLEST else depth, by=strata, seed=seed)
        return
    if recall(bulk, "input", {}).get("kind") == "expected_counts":
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # compare gives them
        plans = design.plans(bulk.obs)
    values, where = counts_of(bulk, None)
    total = np.asarray(values.sum(axis=1, dtype=np.float64)).ravel()
    found = unlike(total, plans, sums=True) if (total > 0).all() else []
    if not found:
        return
    target = total.astype(np.int64)
    stratum = np.full(len(total), "", dtype=object)
    for name in dict.fromkeys(item.plan.stratum for item in found):
        rows = _rows(plans, name)
        target[rows] = target[rows].min()
        stratum[rows] = name
    told = first(item.told() for item in found)
    msg = (
        f"{len(found)} contrasts compare sums of cells of unlike depth ({told}). Scores were made of sums "
        f"thinned to {first(f'{n:,}' for n in np.unique(target[target < total]))} counts, drawn with seed "
        f"{seed}; tests of genes keep all counts."
    )
    warnings.warn(msg, InputWarning, stacklevel=4)
    warn_of_loss(bulk.obs_names, total.astype(np.int64), target, stratum, stacklevel=4)
    thin_to(bulk, values, target, seed=seed, made={"layer": where, "by": as_json(["stratum"])})


def _rows(plans: list[Plan], stratum: str) -> Any:
    """Rows that are compared in a stratum."""
    models = [plan.model for plan in plans if plan.stratum == stratum and plan.model is not None]
    return np.unique(np.concatenate([model.frame["row"].to_numpy() for model in models]))
