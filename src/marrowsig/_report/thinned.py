"""To how many counts rows were thinned, in each kind of cells where kinds have other depths."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from marrowsig._errors import InputWarning
from marrowsig._report import facts
from marrowsig._report.kinds import by_stratum

if TYPE_CHECKING:
    from marrowsig._report.elements import Given


def depths(given: Given) -> list[str]:
    """Write the counts of the rows in the models of the contrasts, with the strata that have them."""
    names = set(given.main.loc[given.main["estimate"].notna(), "contrast"].astype(str))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # given with the comparison
        plans = [p for p in given.design.plans(given.adata.obs) if p.contrast.name in names]
    rows: dict[str, set[int]] = {}
    for plan in plans:
        if plan.model is not None:
            rows.setdefault(plan.stratum, set()).update(plan.model.frame["row"])
    found = {stratum: f"{facts.depth(given.adata, sorted(own))} counts each" for stratum, own in rows.items()}
    first, *others = by_stratum(found, given.design) or [f"{facts.depth(given.adata, [])} counts each"]
    return [first, *(one.replace(" counts each", "", 1) for one in others)]
