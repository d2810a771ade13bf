"""Arms that are made of unlike cells: scores differ for that alone."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._cell_types import kept
from marrowsig._errors import InputWarning, first
from marrowsig._stats.unlike_shares import unlike

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._plan import Plan

    Array = NDArray[np.float64]

SUMS = " (and in by= of ms.pp.pseudobulk)"
NAMED, LEAST = 3, 0.05
"""Types that are named, those of which the shares differ most, and by how much at least."""


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


def _told(plan: Plan, types: list[str], shares: Array) -> str:
    """Shares of the types that differ most, if the two arms of a contrast are made of unlike cells."""
    if plan.model is None or len(plan.contrast.weights) != 2:
        return ""
    (test,), (base,) = plan.contrast.half(test=True), plan.contrast.half(test=False)
    rows, arm = plan.model.frame["row"].to_numpy(), plan.model.frame["arm"].to_numpy()
    sides = [shares[rows[arm == name]] for name in (test, base)]
    a, b = (own[np.isfinite(own).all(axis=1)] for own in sides)
    if not unlike(a, b):
        return ""
    one, other = a.mean(axis=0), b.mean(axis=0)
    differ = np.round(np.abs(one - other), 6)
    most = [k for k in np.argsort(-differ, kind="stable")[:NAMED] if differ[k] >= LEAST]
    parts = ", ".join(f"{types[k]} {100 * one[k]:.0f} % against {100 * other[k]:.0f} %" for k in most)
    return f"{test} against {base}: {parts}"
