"""AnnData of simulated counts, marked as such."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._provenance import record

if TYPE_CHECKING:
    from anndata import AnnData

SIMULATED = "Simulated counts, drawn by a program; no cells and no patients stand behind them."


def simulated(counts: np.ndarray, *, obs: pd.DataFrame, genes: list[str], file: str) -> AnnData:
    from anndata import AnnData

    obs = obs.astype("category")
    obs.index.name = None
    adata = AnnData(np.ascontiguousarray(counts, dtype=np.float32), obs=obs, var=pd.DataFrame(index=genes))
    record(
        adata,
        "input",
        {
            "kind": "counts",
            "format": "simulated",
            "file": file,
            "orientation": "genes x samples",
            "n_obs": adata.n_obs,
            "n_var": adata.n_vars,
            "simulated": True,
            "decisions": SIMULATED,
        },
    )
    return adata
