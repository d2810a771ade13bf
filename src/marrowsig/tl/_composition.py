"""Arms that are made of unlike cells: scores differ for that alone."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._cell_types import MOVED, kept
from marrowsig._errors import InputWarning, first
from marrowsig._stats.unlike_shares import unlike, unlike_in_pairs

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._plan import Plan

    Array = NDArray[np.float64]

UNCHECKED = "Whether arms are made of alike cells could not be checked"
SUMS = " (and in by= of ms.pp.pseudobulk)"
NAMED, LEAST = 3, 0.05
"""Types that are named, those of which the shares differ most, and by how much at least."""


def moved_cells(adata: AnnData, plans: list[Plan]) -> tuple[str, dict[tuple[str, str], str]]:
    """Name the column of cell types, and give contrast and stratum to shares of types that differ by a tenth.

    These are no warning: donors differ. Arms that `unlike_cells` warns of are left to it.
    """
    found = kept(adata)
    if found is None:
        return "", {}
    column, types, shares = found
    told = {}
    for plan in plans:
        if (sides := _sides(plan, shares)) is None or _told(plan, types, shares):
            continue
        test, base, *own = sides
        one, other = (part[np.isfinite(part).all(axis=1)] for part in own)
        if len(one) and len(other) and np.abs(one.mean(axis=0) - other.mean(axis=0)).max() >= MOVED:
            told[plan.contrast.name, plan.stratum] = _differ(test, base, types, one, other)
    return column, told


def change_of_shares(plan: Plan, shares: Array) -> Array:
    """Give the contrast of the mean shares of its arms, by type: for two arms how much the shares differ."""
    if plan.model is None:
        return np.zeros(shares.shape[1])
    rows, arm = plan.model.frame["row"].to_numpy(), plan.model.frame["arm"].to_numpy()
    change = np.zeros(shares.shape[1])
    for name, weight in plan.contrast.weights.items():
        own = shares[rows[arm == name]]
        own = own[np.isfinite(own).all(axis=1)]
        change += weight * own.mean(axis=0) if len(own) else 0.0
    return change


def unlike_cells(adata: AnnData, plans: list[Plan]) -> tuple[str, dict[tuple[str, str], str]]:
    """Name the column of cell types, and give contrast and stratum to the shares of arms of unlike cells."""
    found = kept(adata)
    if found is None:
        return "", {}
    column, types, shares = found
    told = {(p.contrast.name, p.stratum): text for p in plans if (text := _told(p, types, shares))}
    return column, told


def warn_of_composition(adata: AnnData, plans: list[Plan]) -> None:
    """Warn of contrasts between arms of unlike cell types, where the shares in the sums are known."""
    column, found = unlike_cells(adata, plans)
    if lacking := _lacking(adata, plans):
        warnings.warn(lacking, InputWarning, stacklevel=4)
    if found:
        told = (
            f"{name}{f' [{stratum}]' if stratum else ''}, {text}" for (name, stratum), text in found.items()
        )
        msg = (
            f"Arms are made of unlike cells (column {column!r}), which moves scores by itself: "
            f"{first(told, 2)}. Leave out the types that an arm lacks, or compare types apart, with "
            f"compartment={column!r} in the design{SUMS}."
        )
        warnings.warn(msg, InputWarning, stacklevel=4)


def unlabelled(adata: AnnData, plans: list[Plan]) -> dict[tuple[str, str], str]:
    """Give contrast and stratum to a sentence on arms of cells without labels, which cannot be checked."""
    found = kept(adata)
    if found is None:
        return {}
    column, _, shares = found
    return {
        (plan.contrast.name, plan.stratum): _unchecked(column, [text])
        for plan in plans
        if (text := _unlabelled(plan, shares))
    }


def _lacking(adata: AnnData, plans: list[Plan]) -> str:
    """Say where the check cannot be made for want of labels."""
    found = kept(adata)
    if found is None:
        return ""
    column, _, shares = found
    told = list(dict.fromkeys(text for plan in plans if (text := _unlabelled(plan, shares))))
    if not told:
        return ""
    return f"{_unchecked(column, told)}. Label them, or name the column that does 'cell_type', and sum again."


def _unchecked(column: str, arms: list[str]) -> str:
    return f"{UNCHECKED}: most cells of {first(arms, 2)} have no label in {column!r}"


def _told(plan: Plan, types: list[str], shares: Array) -> str:
    """Shares of the types that differ most, if the two arms of a contrast are made of unlike cells."""
    if (sides := _sides(plan, shares)) is None:
        return ""
    test, base, a, b = sides
    a, b = (own[np.isfinite(own).all(axis=1)] for own in (a, b))
    if not (unlike(a, b) or _unlike_within(plan, shares)):
        return ""
    return _differ(test, base, types, a, b)


def _differ(test: str, base: str, types: list[str], a: Array, b: Array) -> str:
    one, other = a.mean(axis=0), b.mean(axis=0)
    differ = np.round(np.abs(one - other), 6)
    most = [k for k in np.argsort(-differ, kind="stable")[:NAMED] if differ[k] >= LEAST]
    parts = ", ".join(f"{types[k]} {100 * one[k]:.0f} % against {100 * other[k]:.0f} %" for k in most)
    return f"{test} against {base}: {parts}"


def _sides(plan: Plan, shares: Array) -> tuple[str, str, Array, Array] | None:
    """Give both arms of a contrast of two, and the shares of their rows."""
    if plan.model is None or len(plan.contrast.weights) != 2:
        return None
    (test,), (base,) = plan.contrast.half(test=True), plan.contrast.half(test=False)
    rows, arm = plan.model.frame["row"].to_numpy(), plan.model.frame["arm"].to_numpy()
    return test, base, shares[rows[arm == test]], shares[rows[arm == base]]


def _unlike_within(plan: Plan, shares: Array) -> bool:
    """Whether the arms are unlike within the pairs of a model that has some."""
    if plan.model is None or not plan.model.block:
        return False
    frame = plan.model.frame
    own = pd.DataFrame(shares[frame["row"].to_numpy()])
    means = own.groupby([frame["arm"].to_numpy(), frame["block"].to_numpy()]).mean()
    (test,), (base,) = plan.contrast.half(test=True), plan.contrast.half(test=False)
    a, b = (means.xs(name) for name in (test, base))
    both = a.dropna().index.intersection(b.dropna().index)
    return unlike_in_pairs(a.loc[both].to_numpy(), b.loc[both].to_numpy())


def _unlabelled(plan: Plan, shares: Array) -> str:
    """Name the arms of a contrast of which fewer than two sums have cells with a type."""
    if (sides := _sides(plan, shares)) is None:
        return ""
    lacking = []
    for name, own in zip(sides[:2], sides[2:], strict=True):
        blank = int((~np.isfinite(own).all(axis=1)).sum())
        if len(own) > 1 and len(own) - blank < 2:
            lacking.append(f"{name!r} ({blank} of {len(own)} sums)")
    return " and ".join(lacking)
