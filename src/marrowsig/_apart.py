"""A second AnnData around the same matrix, for scores that are not meant for the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._provenance import recall, record
from marrowsig._view import matrix

if TYPE_CHECKING:
    from anndata import AnnData

LAYER = "x"


def apart(adata: AnnData, layer: str | None) -> tuple[AnnData, str | None]:
    """Make an AnnData around the same matrix, into which scores can be written, and say its layer."""
    from anndata import AnnData

    from marrowsig.pp._draws import keep_draws

    x, kind = matrix(adata, layer), recall(adata, "input")
    obs, var = pd.DataFrame(index=adata.obs_names), pd.DataFrame(index=adata.var_names)
    if layer is None and kind is not None:
        work = AnnData(x, obs=obs, var=var)
        record(work, "input", kind)
        keep_draws(adata, work)
        return work, None
    return AnnData(None, obs=obs, var=var, layers={LAYER: x}), LAYER
