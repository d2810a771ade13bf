"""What an AnnData keeps in `raw`, in the place of X: a layer that has genes of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._counts_layer import layer_to_sum, not_of_x
from marrowsig._kinds import COUNTS
from marrowsig._provenance import recall, record
from marrowsig._summed import are_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

RAW = "raw"
"""The layer by which `raw` is named where no layer is called so."""


def in_place_of_x(adata: AnnData, told: str, more: Mapping[str, Any]) -> AnnData:
    """Return the same rows with the genes of `raw`, whose matrix is taken as it is, not copied.

    `told` takes the place of what was decided on reading X, and `more` is noted of the input.

    Raises
    ------
    InputError
        If values of raw are missing or infinite.
    """
    from anndata import AnnData

    from marrowsig.io._finite import check_finite

    raw: Any = adata.raw
    check_finite(raw.X, obs_names=list(adata.obs_names), var_names=list(raw.var_names))
    out = AnnData(X=raw.X, obs=adata.obs, var=raw.var, uns=adata.uns, obsm=adata.obsm)
    read = dict(recall(adata, "input", {}))
    decisions = "; ".join([told, *not_of_x(str(read.get("decisions", "")))])
    record(out, "input", {**read, "n_var": out.n_vars, **more, "decisions": decisions})
    return out


def summed_of_raw(adata: AnnData, design: Design | FormulaDesign) -> AnnData | None:
    """Return cells with the counts of `raw`, where X holds no counts, nor does a layer; else None.

    Of rows that are samples X is scored as it is, so that nothing takes its place.
    """
    from marrowsig.io._kind import guess_kind

    unit, columns = design.unit or design.pair, dict.fromkeys(design.columns.values())
    read = recall(adata, "input", {})
    kind = str(read.get("kind", ""))
    if adata.raw is None or not kind or kind in COUNTS or not set(columns) <= set(adata.obs):
        return None
    if layer_to_sum(adata) or (found := guess_kind(adata.raw.X)[0]) not in COUNTS:
        return None
    if not are_cells(adata, unit, [c for c in columns if c != unit]):
        return None
    holds = "is log" if kind == "log" else "holds no counts"
    told = f"kind {found}: raw ({adata.raw.n_vars:,} genes), summed in place of X, which {holds}"
    return in_place_of_x(adata, told, {"kind": found})
