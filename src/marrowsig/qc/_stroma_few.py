"""Words for cells grown alone of too few counts to show which genes they lack, and for what made them few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._errors import first
from marrowsig.pp._draws import DEPTH
from marrowsig.qc._stroma_drawn import few_counts

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig.qc._stroma_study import Study


def few_told(study: Study, adata: AnnData) -> tuple[str, str]:
    """Say that the samples called mono have too few counts to tell what they lack, and what helps.

    They go by the user's own level, which may be a transwell. Nothing where they have enough.
    """
    alone = study.frame[study.frame["alone"]]
    rows = alone["row"].to_numpy()
    if not few_counts(study, rows).all():
        return "", ""
    level = alone["culture"].iloc[0]
    told = f"the samples of {level!r} have {_range(study.linear.depth[rows])} counts each"
    helps = "sum more cells"
    if alone["stratum"].str.contains("compartment=").any():
        helps = f"leave compartment= out, or {helps}"
    if DEPTH in adata.obs and "counts" in adata.layers:
        whole = pd.Series(np.ravel(adata.layers["counts"].sum(axis=1)), adata.obs_names)
        to, own = adata.obs[DEPTH], whole[alone["name"]]
        least = whole.index[(whole <= to) & to.isin(to[alone["name"]])]
        if len(least) and (own > 2 * to[alone["name"]]).any():
            told += f", thinned to those of {first(least)} from {_range(own)}"
            helps = f"leave {first(least)} out before thinning"
            if "n_cells" in adata.obs:
                helps += f": min_cells={int(adata.obs.loc[least, 'n_cells'].max()) + 1} does"
    return f"{told}, too few to show which genes they lack", helps


def _range(depth: Any) -> str:
    ends = dict.fromkeys(f"{end:,.0f}" for end in (depth.min(), depth.max()))
    return " to ".join(ends)
