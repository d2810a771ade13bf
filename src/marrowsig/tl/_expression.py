"""Counts or log expression of a study, checked, for tests of genes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import issparse

from marrowsig._elsewhere import elsewhere
from marrowsig._errors import InputError, InputWarning, first
from marrowsig._gene_scale import GIVEN, scale_of
from marrowsig._kinds import COUNTS
from marrowsig._provenance import recall
from marrowsig._rows_out import leave_out
from marrowsig._scaled import looks_centred, looks_scaled
from marrowsig._view import gene_names, matrix, some_rows, whole
from marrowsig.io._kind import rounded_logs
from marrowsig.tl._log_of_log import log_of_log

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._stats.ols import Array

TESTS = ("auto", "trend", "voom")


@dataclass(frozen=True)
class Expression:
    """Samples x genes, all rows of the study."""

    names: list[str]
    values: Array
    counts: bool
    test: str
    robust: bool
    scale: str
    """What changes of genes are differences of."""

    @property
    def unit(self) -> str:
        """What levels of genes are in."""
        return "log expression" if self.scale == GIVEN else self.scale


def read(adata: AnnData, layer: str | None, test: str, *, robust: bool = False) -> Expression:
    """Read counts or log expression; by default the counts that `ms.pp.lognorm` kept, or X."""
    if test not in TESTS:
        msg = f"test={test!r} is not one of {', '.join(TESTS)}."
        raise InputError(msg)
    names = gene_names(adata)
    chosen = _kept_counts(adata) if layer is None else layer
    values = whole(matrix(adata, chosen))
    values = np.asarray(values.toarray() if issparse(values) else values, dtype=np.float64)
    kind, where = _kind(adata, chosen, values), "adata.X" if chosen is None else f"layer {chosen!r}"
    if kind not in (*COUNTS, "log"):
        msg = (
            f"Tests of genes need counts or log expression, but {where} holds {kind}. "
            f"{elsewhere(adata, (*COUNTS, 'log'), but=chosen) or 'Run ms.pp.lognorm(adata) first.'}"
        )
        raise InputError(msg)
    if test == "voom" and kind == "log":
        msg = f"voom needs counts, but {where} holds log expression. Use layer= for counts, or test='trend'."
        raise InputError(msg)
    if kind in COUNTS and not (values.sum(axis=1) > 0).all():
        empty = adata.obs_names[values.sum(axis=1) <= 0]
        msg = (
            f"{len(empty)} rows of {where} have no counts: {first(empty)}; leave them out first: "
            f"{leave_out(empty)}"
        )
        raise InputError(msg)
    scale = scale_of(adata, chosen, counts=kind in COUNTS)
    return Expression(names, values, kind in COUNTS, test, robust, scale)


def warn_of_doubts(data: Expression, *, stacklevel: int = 3) -> None:
    """Tell the caller of the verb of values that are counts or logs no more, though they look so."""
    values = data.values
    if rounded_logs(some_rows(values)):
        taken = "are taken for counts" if data.counts else "are mostly tied between samples"
        msg = (
            f"The values are logs that were rounded to whole numbers, 0 to {int(values.max())}, and {taken}: "
            "changes and p values of genes are not those of the study. Test the values from before rounding."
        )
    elif data.counts:
        return
    elif high := log_of_log(values):
        msg = (
            f"The values look logged twice: none of {values.shape[1]} genes is above {high:.3g}, where log2 "
            "expression reaches 10 to 16, and they lie closer together than logs taken once. Changes are no "
            "log2 fold changes. If log2(x + 1) was taken twice, undo one: adata.X = np.exp2(adata.X) - 1."
        )
    elif looks_scaled(values):
        msg = (
            "The values are scaled gene by gene (standard deviation 1), as by sc.pp.scale: changes are in "
            "standard deviations of each gene, no log2 fold changes, and no variance trend is left. Test the "
            "log expression from before."
        )
    elif looks_centred(values):
        msg = (
            "The values lie around 0 gene by gene, as logs that were centred or taken against a reference: "
            "changes are those of the logs, but the variance trend needs the mean expression, which is gone, "
            "so that se and p differ. Test the log expression from before."
        )
    else:
        return
    warnings.warn(msg, InputWarning, stacklevel=stacklevel)


def _kept_counts(adata: AnnData) -> str | None:
    logged = recall(adata, "lognorm", {})
    layer = str(logged.get("layer", ""))
    return layer if logged.get("from") in COUNTS and layer in adata.layers else None


def _kind(adata: AnnData, layer: str | None, values: Array) -> str:
    from marrowsig.io._kind import guess_kind, kind_of

    if layer is None and recall(adata, "input", {}).get("kind"):
        return kind_of(adata)
    logged = recall(adata, "lognorm", {})
    return str(logged["from"]) if layer == logged.get("layer", "") else guess_kind(values)[0]
