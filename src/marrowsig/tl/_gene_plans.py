"""Questions of a design that a test of genes can answer, and a check of its level."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from marrowsig._errors import InputError, InputWarning, first
from marrowsig._plan import require_one

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._plan import Plan
    from marrowsig.design import Design


def plans_of(adata: AnnData, design: Design) -> list[Plan]:
    """Plans of a design of which at least one can be answered; warns of the others for the calling verb."""
    plans = design.plans(adata.obs)
    require_one(plans)
    silent = [plan for plan in plans if plan.model is None]
    if silent:
        told = (f"{p.contrast.name}{f' [{p.stratum}]' if p.stratum else ''}: {p.reason}" for p in silent)
        msg = f"{len(silent)} of {len(plans)} contrasts cannot be estimated. {first(told)}."
        warnings.warn(msg, InputWarning, stacklevel=3)
    return plans


def check_alpha(alpha: float) -> None:
    """Refuse a level that is none."""
    if not 0 < alpha < 1:
        msg = f"alpha is {alpha!r}; it has to lie between 0 and 1, for example 0.05."
        raise InputError(msg)
