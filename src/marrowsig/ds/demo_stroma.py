"""Stroma alone, to go with the simulated study."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._paths import resource
from marrowsig.ds._simulated import simulated

if TYPE_CHECKING:
    from anndata import AnnData


def demo_stroma() -> AnnData:
    """Read the cultures of stroma alone that belong to the simulated study; a reference for `ms.qc.stroma`.

    Returns
    -------
    AnnData
        Counts, 4 samples x the genes of `ms.ds.demo()`. `uns["marrowsig"]["input"]` says that they are
        counts, and simulated.

    Raises
    ------
    FileNotFoundError
        If the package was installed without its data.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.ds.demo_stroma().obs_names.tolist()
    ['MSC1', 'MSC2', 'MSC3', 'MSC4']
    """
    with resource("data").joinpath("demo").joinpath("stroma.csv.gz").open("rb") as handle:
        counts = pd.read_csv(handle, compression="gzip", index_col=0)
    obs = pd.DataFrame({"culture": "mono"}, index=counts.columns)
    genes = [str(gene) for gene in counts.index]
    return simulated(counts.to_numpy(dtype=np.float32).T, obs=obs, genes=genes, file="demo/stroma.csv.gz")
