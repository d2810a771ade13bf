"""Samples whose stroma is in question, what their blasts express alone, and what stroma expresses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from marrowsig import _arms
from marrowsig._counts_layer import naming_counts
from marrowsig._errors import DesignError, first
from marrowsig._vehicle_words import own_control
from marrowsig.pp._draws import each_draw
from marrowsig.qc._linear import linear
from marrowsig.qc._stroma_reference import of_rows, outside, stroma_rows

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig.design import Design
    from marrowsig.qc._linear import Linear
    from marrowsig.qc._stroma_reference import Reference

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Study:
    """Rows in the design, without stroma itself.

    frame     one row per sample: row (place in the study), name, arm, stratum, line, co (grown with stroma),
              base (which of `bases` is its background), alone (one of those that this is the mean of)
    bases     (n_bases, n_genes) mean of the samples of one line and stratum that grew alone
    base_of   arm and stratum to its base
    draws     per million like `linear.matrix`, one matrix per draw of rows thinned to one depth: what the
              samples were scored from; `linear` is the first of them
    """

    linear: Linear
    frame: pd.DataFrame
    bases: Array
    base_names: list[str]
    plans: list[Plan]
    reference: Reference | None
    draws: list[Array]

    @property
    def expression(self) -> Array:
        """Expression of the rows of `frame`, per million."""
        return self.linear.matrix[self.frame["row"].to_numpy()]

    @property
    def drawn(self) -> list[Array]:
        """Give the same from every draw."""
        return [one[self.frame["row"].to_numpy()] for one in self.draws]

    def arm_bases(self, stratum: str) -> dict[str, int]:
        """Map every arm of a stratum that was grown with stroma to its base."""
        own = self.frame[(self.frame["stratum"] == stratum) & self.frame["co"]]
        return {str(arm): int(base) for arm, base in zip(own["arm"], own["base"], strict=True)}


def study(
    adata: AnnData,
    design: Design,
    *,
    stroma: AnnData | pd.Series | str | None,
    layer: str | None,
    scale: str | None,
) -> Study:
    """Read everything, and refuse what has no cells grown alone to compare with."""
    if not hasattr(design, "mono") or design.culture is None:
        msg = (
            "ms.qc.stroma compares cells grown with stroma with the same cells alone, so it needs "
            "ms.Design(culture=...), with the levels of mono= and co=."
        )
        raise DesignError(msg)
    obs, here = adata.obs, None
    if isinstance(stroma, str):
        # Stroma has no line and no partner: its rows are no part of the design.
        here = stroma_rows(adata, design, stroma)
        obs = adata.obs[~here]
    with naming_counts(adata):
        plans = design.plans(obs)
    drawn = [
        linear(one, layer=layer, scale=scale) for one in (each_draw(adata) if layer is None else [adata])
    ]
    values, draws = drawn[0], [one.matrix for one in drawn]
    if here is None:
        found = outside(values, stroma, design)
    else:
        found = of_rows(adata.obs[here], design, values.matrix[here], str(stroma))
        values = replace(values, matrix=values.matrix[~here], depth=values.depth[~here])
        draws = [one[~here] for one in draws]
    frame = _arms.read(design, obs).frame
    frame["line"] = frame.get("line", "")
    frame["co"] = (frame["culture"] == design.co).to_numpy()
    alone = (frame["culture"] == design.mono).to_numpy()
    if "inhibitor" in frame:
        alone &= (frame["inhibitor"] == design.vehicle).to_numpy()
    keys = [f"{s}|{line}" for s, line in zip(frame["stratum"], frame["line"], strict=True)]
    names = sorted(set(keys))
    lacking = [key for key in names if not any(a and k == key for a, k in zip(alone, keys, strict=True))]
    if lacking:
        of = f" of {first(key.strip('|') for key in lacking)}" if all(k.strip("|") for k in lacking) else ""
        drug = design.vehicle if design.inhibitor and own_control(design.vehicle) else "untreated"
        msg = (
            f"No sample{of} was grown alone ({design.mono}, {drug}), so what these cells express without "
            "stroma is not known."
        )
        raise DesignError(msg)
    rows = values.matrix[frame["row"].to_numpy()]
    place = np.array([names.index(key) for key in keys])
    bases = np.array([rows[alone & (place == b)].mean(axis=0) for b in range(len(names))])
    return Study(values, frame.assign(base=place, alone=alone), bases, names, plans, found, draws)
