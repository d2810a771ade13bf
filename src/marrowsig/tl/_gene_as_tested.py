"""IL6 by another model, where the filter of genes is that of the model that a study has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._errors import InputError
from marrowsig.tl._claims_asked import GENE
from marrowsig.tl._expression import read
from marrowsig.tl._gene_models import Models
from marrowsig.tl.genes import rows_of

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig.design import Design


def il6_as_tested(
    adata: AnnData, design: Design, like: Design, *, alpha: float = 0.05
) -> pd.DataFrame | None:
    """Rows of `ms.tl.genes` of IL6 by `design`, with the genes that have enough counts for `like`.

    A gene has to be expressed in as many samples as one over the largest leverage, which a covariate raises:
    without it IL6 may have too few counts to be tested. None where the filter of `design` keeps it, too.
    """
    if GENE not in adata.var_names:
        return None
    try:
        data = read(adata, None, "auto")
    except InputError:
        return None
    plans, place = design.plans(adata.obs), data.names.index(GENE)
    own, shared = Models(data), Models(data, like.plans(adata.obs))
    there = [plan for plan in plans if plan.model is not None]
    if all(own.of(plan).kept[place] == shared.of(plan).kept[place] for plan in there):
        return None
    models = [None if plan.model is None else shared.of(plan) for plan in plans]
    told = zip(plans, models, strict=True)
    rows = [rows_of(plan, model, data.names, alpha).iloc[[place]] for plan, model in told]
    return pd.concat(rows, ignore_index=True)
