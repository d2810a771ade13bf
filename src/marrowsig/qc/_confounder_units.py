"""Over what a score and a confounder may be correlated: independent units, and changes within them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig import _arms
from marrowsig._arms import as_text
from marrowsig._blocks import Blocked
from marrowsig._covariates import is_covariate
from marrowsig._errors import InputWarning
from marrowsig._full_model import full_models
from marrowsig._plan import model_of
from marrowsig._provenance import recall
from marrowsig._replicates import MANY
from marrowsig._unlike import DONOR
from marrowsig.design import Design

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._plan import Model

    Array = NDArray[np.float64]

BETWEEN, WITHIN, SPREAD = "between units", "within units", "over all units"
"""Means of each unit with the arms taken out; what arms and units leave; means of each unit as they are."""
CELLS = "the rows look like cells, which are no independent units: sum them per donor (ms.pp.pseudobulk)"
DETECTED = 0.25
"""Bulk samples and sums of cells show more of their genes than this."""


@dataclass(frozen=True)
class Part:
    """Values over which a correlation is taken.

    rows  (n_rows,) rows of `adata`
    mean  sparse (n_values, n_rows): means over the rows of a unit; the rows themselves within units
    X     (n_values, n_parameters) what is taken out first
    unit  column that names the units; "row" where every row is one
    note  why there is no correlation
    """

    stratum: str
    over: str
    unit: str
    n_units: int
    rows: NDArray[np.int64]
    mean: Any
    X: Array
    note: str = ""


def parts_of(adata: AnnData, design: Any) -> list[Part]:
    """Between units and, where units recur in several arms, within them; per stratum of a design."""
    if design is None:
        return [_without_design(adata)]
    if isinstance(design, Design):
        return _of_design(design, adata.obs)
    return _of_formula(design, adata.obs)


def _of_design(design: Design, obs: pd.DataFrame) -> list[Part]:
    frame, parts = _arms.read(design, obs).frame, []
    field = "unit" if design.unit is not None else "pair"
    column = design.unit or design.pair or "row"
    for full in full_models(design, obs):
        rows = frame[frame["stratum"] == full.stratum]
        # A covariate that pairs take up may be unknown in some; between units it is in the model.
        rows = rows[rows[[f for f in rows if is_covariate(f)]].notna().all(axis=1)]
        if len(rows):
            # What the model of the arms, batches and covariates leaves of the means of units.
            model = model_of(design, Blocked(rows))
            labels = rows[field] if field in rows else rows["name"]
            parts.append(_between(full.stratum, model, labels, column))
        if full.model is not None and full.model.block:
            parts.append(_within(full.stratum, full.model, str(design.pair or design.unit)))
    return parts


def _between(stratum: str, model: Model, labels: pd.Series, column: str) -> Part:
    mean = _means(labels)
    at = model.frame["row"].to_numpy()
    return Part(stratum, BETWEEN, column, mean.shape[0], at, mean, mean @ model.X)


def _within(stratum: str, model: Model, column: str) -> Part:
    n, at = model.frame["block"].nunique(), model.frame["row"].to_numpy()
    return Part(stratum, WITHIN, column, int(n), at, _each(len(at)), model.X)


def _of_formula(design: Any, obs: pd.DataFrame) -> list[Part]:
    """Residuals of the formula's own model, whose rows it takes as independent."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # given with the shifts
        plan = next((plan for plan in design.plans(obs) if plan.model is not None), None)
    if plan is None or plan.model is None:
        return []
    model, n = plan.model, len(plan.model.frame)
    rows = model.frame["row"].to_numpy()
    within = bool(getattr(model, "within", False))
    units = as_text(obs[design.unit]).to_numpy()[rows] if within and design.unit else rows
    over, count = (WITHIN, len(set(units))) if within else (BETWEEN, n)
    return [Part(plan.stratum, over, design.unit or "row", count, rows, _each(n), model.X)]


def _without_design(adata: AnnData) -> Part:
    column = _unit_of(adata)
    rows = np.arange(adata.n_obs)
    labels = None if column == "row" else as_text(adata.obs[column])
    if labels is not None:
        rows = np.flatnonzero(labels.notna())
    part = Part("", SPREAD, column, adata.n_obs, rows, _each(adata.n_obs), np.ones((adata.n_obs, 1)))
    if _are_cells(adata):
        return replace(part, n_units=0, note=CELLS)
    if labels is None:
        return part
    mean = _means(labels.iloc[rows])
    return replace(part, n_units=mean.shape[0], mean=mean, X=np.ones((mean.shape[0], 1)))


def _unit_of(adata: AnnData) -> str:
    """Column that sums of cells were made by, or one named like donors that recur; else every row."""
    made = str(recall(adata, "pseudobulk", {}).get("unit", ""))
    if made in adata.obs:
        return made
    named = [str(c) for c in adata.obs if DONOR.search(str(c)) and adata.obs[c].dropna().duplicated().any()]
    return named[0] if named else "row"


def _are_cells(adata: AnnData) -> bool:
    if recall(adata, "pseudobulk") is not None or adata.n_obs < MANY or not adata.n_vars:
        return False
    x: Any = adata.X
    above = x.count_nonzero() if sparse.issparse(x) else (np.asarray(x) > 0).sum()
    return float(above) / (adata.n_obs * adata.n_vars) < DETECTED


def _each(n: int) -> Any:
    """Every row by itself."""
    return sparse.identity(n, format="csr")


def _means(labels: pd.Series) -> Any:
    """Average over the rows of each label, sparse (n_labels, n_rows)."""
    _, code, size = np.unique(labels.to_numpy(dtype=str), return_inverse=True, return_counts=True)
    at = np.arange(len(code))
    return sparse.csr_matrix((1 / size[code], (code, at)), shape=(len(size), len(code)))
