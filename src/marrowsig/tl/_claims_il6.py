"""Beside claims about IL-6: whether the cells have its receptors, and how many counts IL6 itself has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._arm_names import within
from marrowsig._errors import InputError
from marrowsig._full_model import full_models
from marrowsig.tl._chain_genes import competence, expression_of, levels
from marrowsig.tl._claims_asked import GENE
from marrowsig.tl._expression import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig.design import Design

ABSENT = "not expressed"
COUNTS = f"Counts of {GENE} in a sample: "
ALONE = "{}: such cells hardly answer IL-6 by themselves, and other cytokines move these genes too"


class Receptors:
    """What the leukaemia cells of a stratum have of IL6R and IL6ST, worked out once, where it is asked."""

    def __init__(self, adata: AnnData, design: Design) -> None:
        self._of, self._known = (adata, design), {}  # type: tuple[AnnData, Design], dict[str, str]

    def note(self, stratum: str) -> str:
        """Say that a receptor is not expressed; nothing where both are, or where that is not known."""
        if stratum not in self._known:
            self._known[stratum] = self._asked(stratum)
        able = self._known[stratum]
        return ALONE.format(able) if able.endswith(ABSENT) else ""

    def _asked(self, stratum: str) -> str:
        adata, design = self._of
        try:
            data, logs = expression_of(adata)
        except InputError:
            return ""
        full = [one for one in full_models(design, adata.obs) if one.stratum == stratum]
        return competence(levels(data, logs, full), stratum)


def counts_of(adata: AnnData, plans: Sequence[Plan]) -> list[str]:
    """Say for each plan between which counts of IL6 its arms lie; empty without counts."""
    if GENE not in adata.var_names:
        return [""] * len(plans)
    try:
        data = read(adata, None, "auto")
    except InputError:
        return [""] * len(plans)
    own = data.values[:, data.names.index(GENE)]
    return [_between(own, plan) if data.counts and plan.model is not None else "" for plan in plans]


def _between(counts: NDArray[Any], plan: Plan) -> str:
    frame: Any = plan.model.frame if plan.model is not None else None
    told = []
    for arm in plan.contrast.weights:
        own = counts[frame.loc[frame["arm"] == arm, "row"].to_numpy()]
        low, high = int(own.min()), int(own.max())
        told.append(f"{low:,}{f' to {high:,}' if high > low else ''} {within(arm)}")
    return f"{COUNTS}{', '.join(told)}"
