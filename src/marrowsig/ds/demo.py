"""The simulated study that the package carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._paths import resource
from marrowsig.ds._simulated import simulated

if TYPE_CHECKING:
    from anndata import AnnData


def demo() -> AnnData:
    """Read the simulated study that the package carries.

    Parental and resistant line, alone and in co-culture, co-cultures with none or one of two made-up JAK
    inhibitors, four replicates each. What was put into it is written in `data/demo/truth.csv`.

    Returns
    -------
    AnnData
        Counts, 32 samples x several thousand genes (HGNC symbols). `obs` holds `culture`, `line`,
        `inhibitor`, `pair`; `uns["marrowsig"]["input"]` says that they are counts, and simulated.

    Raises
    ------
    FileNotFoundError
        If the package was installed without its data.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.demo()
    >>> adata.n_obs
    32
    >>> adata.uns["marrowsig"]["input"]["simulated"]
    True
    """
    folder = resource("data").joinpath("demo")
    with folder.joinpath("counts.csv.gz").open("rb") as handle:
        counts = pd.read_csv(handle, compression="gzip", index_col=0)
    with folder.joinpath("samples.csv").open("rb") as handle:
        # "none" is an arm here; pandas would read some such words as missing.
        obs = pd.read_csv(handle, index_col=0, dtype=str, keep_default_na=False)
    values = counts[obs.index].to_numpy(dtype=np.float32).T
    genes = [str(gene) for gene in counts.index]
    return simulated(values, obs=obs, genes=genes, file="demo/counts.csv.gz")
