"""Of how many cells the samples are sums, and per what cells were summed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from marrowsig._errors import first
from marrowsig._provenance import recall
from marrowsig._report import words
from marrowsig.design import Design

if TYPE_CHECKING:
    from anndata import AnnData


def cells(adata: AnnData) -> str:
    """Count the cells of the sums that are there, as rows may have been left out since.

    >>> import anndata as ad, numpy as np, pandas as pd
    >>> sums = ad.AnnData(np.zeros((2, 1)), obs=pd.DataFrame({"n_cells": [30, 40]}, index=["a", "b"]))
    >>> cells(sums)
    '70 cells'
    """
    made = int(recall(adata, "pseudobulk", {}).get("n_cells", 0))
    return words.count(int(adata.obs["n_cells"].sum()) if "n_cells" in adata.obs else made, "cell")


def not_there(adata: AnnData) -> str:
    """Count and name the sums that were made and are not among the rows; empty if all are."""
    record = recall(adata, "pseudobulk", {})
    made = int(record.get("n_sums", adata.n_obs))
    gone = made - adata.n_obs
    if gone <= 0:
        return ""
    names = [name for name in json.loads(str(record.get("sums", "[]"))) if name not in adata.obs_names]
    which = f": {first(names)}" if len(names) == gone else ""  # rows may have been given other names
    return f"{gone:,} of {made:,} sums {'is' if gone == 1 else 'are'} not among these{which}"


def per(adata: AnnData, design: Any) -> str:
    """Name the unit, the arm, and what else splits a unit.

    >>> import anndata as ad
    >>> sums = ad.AnnData(uns={"marrowsig": {"pseudobulk": {"unit": "donor", "by": '["arm", "cell_type"]'}}})
    >>> per(sums, Design(culture="arm", pair="donor"))
    'donor, arm and cell type'
    """
    summed: dict[str, Any] = recall(adata, "pseudobulk", {})
    unit = str(summed.get("unit"))
    if "by" not in summed:
        return f"{unit} and arm"
    by = [str(name) for name in json.loads(str(summed["by"]))]
    own = isinstance(design, Design)
    arms = (design.culture, design.line, design.inhibitor) if own else tuple(getattr(design, "levels", ()))
    others = [name.replace("_", " ") for name in by if name not in arms]
    return words.listing([unit, *(["arm"] if len(others) < len(by) else []), *others])
