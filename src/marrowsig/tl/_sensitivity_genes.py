"""The same samples among other genes: those that the study expresses, or all where it was left with these."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from anndata import AnnData

from marrowsig._errors import DesignError, InputError, InputWarning, count, first
from marrowsig._provenance import recall, record
from marrowsig.pp.expressed import expressed
from marrowsig.pp.lognorm import lognorm
from marrowsig.tl._rescored import scored_again
from marrowsig.tl._sensitivity_specs import Specification

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marrowsig._formula import FormulaDesign
    from marrowsig._plan import Plan
    from marrowsig.design import Design
    from marrowsig.sig import Signature

EXPRESSED, ALL, KIND = "expressed genes only", "all genes", "expressed"
WHY = "too small a share of its genes is {}"


def among(adata: AnnData, design: Design | FormulaDesign, *, given: AnnData | bool) -> AnnData | None:
    """Give the samples with the other genes, as they were scored; nothing where there are none to ask of."""
    if isinstance(given, bool):
        return _fewer(adata, design) if given and not recall(adata, "expressed") else None
    if not isinstance(given, AnnData):
        msg = f"other_genes= is True, False, or samples as an AnnData, and not {given!r:.80}."
        raise InputError(msg)
    lost = list(adata.var_names.difference(given.var_names))
    if lost or given.n_vars == adata.n_vars or not given.obs_names.equals(adata.obs_names):
        seen = f"lack {count(len(lost), 'gene')} of adata: {first(lost)}" if lost else (
            f"are {given.n_obs} x {given.n_vars}, and adata is {adata.n_obs} x {adata.n_vars}"
        )  # fmt: skip
        msg = (
            "other_genes= has to be the same samples, in their order, with more genes, and they "
            f"{seen}. Give the samples as they were before ms.pp.expressed(adata, design), or leave it out."
        )
        raise InputError(msg)
    return _as_scored(given.copy(), adata)


def _fewer(adata: AnnData, design: Design | FormulaDesign) -> AnnData | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # scores of all genes are made anew here
        try:
            kept = expressed(adata, design, copy=True)
        except (InputError, DesignError):  # sums of cells, and values that are no counts
            return None
    if kept is None or kept.n_vars == adata.n_vars:
        return None
    if recall(kept, "lognorm", {}).get("layer") == "counts" and "counts" in kept.layers:
        kept.X = kept.layers["counts"]
        _log(kept, str(recall(kept, "lognorm")["from"]))
    return kept


def _as_scored(work: AnnData, adata: AnnData) -> AnnData:
    made = recall(adata, "lognorm")
    if made and not recall(work, "lognorm"):
        _log(work, str(made["from"]))
    record(work, "scores", recall(adata, "scores"))
    return work


def _log(work: AnnData, kind: str) -> None:
    """Take logs of counts per million of these genes, as a run on them does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        lognorm(work, kind=kind)


def of_other_genes(
    other: AnnData, adata: AnnData, method: str, sigs: Mapping[str, Signature], plans: list[Plan]
) -> Specification:
    """Score among the other genes, with the model as it is; members that are not there count as missing."""
    few = other.n_vars < adata.n_vars
    scores = pd.DataFrame(np.nan, index=adata.obs_names, columns=list(sigs))
    try:
        again = scored_again(other, method, list(sigs.values()))
        scores[list(again.columns)] = again
    except InputError as error:
        notes = dict.fromkeys(sigs, str(error))
    else:
        notes = dict.fromkeys(sigs, WHY.format("expressed" if few else "measured"))
    left, measured = set(map(str, other.var_names)), set(map(str, adata.var_names))
    gone = {id: tuple(g for g in sig.genes if g in measured - left) for id, sig in sigs.items()}
    return Specification(EXPRESSED if few else ALL, KIND, scores, plans, gone=gone, notes=notes)
