"""IL6 itself, in the leukaemia cells and in the stroma."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._arms import as_text
from marrowsig._errors import DesignError, InputError
from marrowsig.tl._claims_asked import GENE, inductions, levels
from marrowsig.tl._claims_il6 import counts_of
from marrowsig.tl._claims_numbers import NUMBERS, plan_part
from marrowsig.tl._expression import read
from marrowsig.tl._gene_models import Models
from marrowsig.tl.genes import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig.design import Design

    Row = dict[str, Any]

NOT_MEASURED = f"{GENE} was not measured"


def gene_rows(
    adata: AnnData, design: Design, plans: Sequence[Plan], given: pd.DataFrame | None, alpha: float
) -> list[Row]:
    """One row per induction: log2 fold change of IL6 by the moderated t, or what `ms.tl.genes` gave."""
    asked = inductions(plans)
    told = zip(asked, _numbers(adata, asked, given, alpha), counts_of(adata, asked), strict=True)
    return [
        {**numbers, **plan_part(plan), "line": levels(design, plan.contrast)[0], "note": note}
        for plan, numbers, note in told
    ]


def _numbers(
    adata: AnnData, plans: list[Plan], given: pd.DataFrame | None, alpha: float
) -> list[dict[str, Any]]:
    blank = {**dict.fromkeys(NUMBERS, np.nan), "test": NOT_MEASURED}
    if given is not None:
        return [_looked_up(given, plan) or blank for plan in plans]
    if GENE not in adata.var_names:
        return [blank] * len(plans)
    try:
        data = read(adata, None, "auto")
    except InputError as error:
        return [{**blank, "test": str(error)}] * len(plans)
    models, place = Models(data), data.names.index(GENE)
    return [
        _numbers_of(
            rows_of(plan, models.of(plan) if plan.model is not None else None, data.names, alpha).iloc[place]
        )
        for plan in plans
    ]


def check_genes(given: pd.DataFrame | None) -> None:
    """Refuse what is no result of `ms.tl.genes`."""
    needed = [name for name in NUMBERS if name != "p_welch"]  # genes have a moderated t only
    lacking = [c for c in ("gene", "contrast", "stratum", *needed) if given is not None and c not in given]
    if lacking:
        msg = f"genes= has no column {lacking[0]}. Give what ms.tl.genes(adata, design) returns."
        raise InputError(msg)


def _looked_up(given: pd.DataFrame, plan: Plan) -> dict[str, Any] | None:
    own = given[(given["gene"] == GENE) & (given["contrast"] == plan.contrast.name)]
    own = own[own["stratum"] == plan.stratum]
    return None if own.empty else _numbers_of(own.iloc[0])


def _numbers_of(row: pd.Series) -> dict[str, Any]:
    return {name: row.get(name, np.nan) for name in NUMBERS}


def partner_designs(adata: AnnData, design: Design) -> list[tuple[AnnData, Design, list[Plan], str]]:
    """Rows of stroma without inhibitor, the design they allow, and the line that it is about, if one.

    By line and in pairs where possible. Stroma alone that belongs to no line is compared with the stroma of
    each line in turn.

    Raises
    ------
    DesignError
        If stroma was not measured both alone and in co-culture.
    """
    own = _untreated(adata, design)
    plain = replace(design, inhibitor=None, batch=None, covariates=None)
    whole = replace(plain, batch=design.batch, covariates=design.covariates)
    found, said = _first_that_works(own, [whole, plain])
    if found:
        return [(own, *found, "")]
    parts = []
    for line, rows in _by_line(own, design):
        one = own[rows].copy()
        found, why = _first_that_works(one, [replace(whole, line=None), replace(plain, line=None)])
        said = said or why
        parts += [(one, *found, line)] if found else []
    if parts:
        return parts
    found, why = _first_that_works(
        own, [replace(plain, line=None), replace(plain, line=None, pair=None, unit=None)]
    )
    if found:
        return [(own, *found, "")]
    raise DesignError(said or why)


def _untreated(adata: AnnData, design: Design) -> AnnData:
    if design.inhibitor is None:
        return adata
    given = as_text(adata.obs[design.inhibitor])
    return adata[(given.isna() | (given == design.vehicle)).to_numpy()].copy()


def _first_that_works(adata: AnnData, tried: list[Design]) -> tuple[tuple[Design, list[Plan]] | None, str]:
    said = ""
    for one in tried:
        try:
            plans = one.plans(adata.obs)
        except DesignError as error:
            said = said or str(error)
            continue
        asked = inductions(plans)
        if asked and all(plan.model is not None for plan in asked):
            return (one, plans), ""
        said = said or "; ".join(dict.fromkeys(plan.reason for plan in asked))
    return None, said


def _by_line(adata: AnnData, design: Design) -> list[tuple[str, NDArray[np.bool_]]]:
    """Rows of each line in co-culture beside all rows alone, where those belong to no line."""
    if design.line is None:
        return []
    culture = as_text(adata.obs[design.culture]).to_numpy()
    line = as_text(adata.obs[design.line]).to_numpy()
    alone, both = culture == design.mono, (design.parental, design.resistant)
    if not alone.any() or np.isin(line[alone], both).any():
        return []
    grown = [level for level in both if ((culture == design.co) & (line == level)).any()]
    return [(level, alone | ((culture == design.co) & (line == level))) for level in grown]


def blasts_hold_less(leukaemia: AnnData, stroma: AnnData, design: Design) -> bool:
    """Whether leukaemia cells express less IL6 than stroma alone, so that blasts carried over lower it."""
    alone = (as_text(stroma.obs[design.culture]) == design.mono).to_numpy()
    level = _level(stroma)[alone].mean()
    return bool(_level(leukaemia).max() < level)


def _level(adata: AnnData) -> np.ndarray[Any, Any]:
    values = adata[:, GENE].X
    dense = values.toarray() if hasattr(values, "toarray") else values
    return np.asarray(dense, dtype=float).ravel()
