"""Signatures scored again without some of their genes, as they were scored before."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._apart import apart
from marrowsig._errors import CoverageWarning, GeneWarning, InputError, InputWarning, SignatureError, first
from marrowsig._provenance import recall
from marrowsig.methods import get
from marrowsig.sig import Signature, SignatureSet, load
from marrowsig.tl._own_lists import kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anndata import AnnData

LEAST = 5
NEEDS = ("requires", "weights", "not_scored")  # what decides whether, and with which weights, it is scored
"""Measured genes that have to be left for a score."""


def signatures_of(adata: AnnData, method: str, ids: Iterable[str], given: object) -> dict[str, Signature]:
    """Find the signatures behind the scores of a method: those given, kept beside them, or of the catalogue.

    Raises
    ------
    InputError
        If a signature is none of these, or its genes are not those that were scored.
    """
    own = {sig.id: sig for sig in _given(given)}
    record = recall(adata, "scores", {}).get(method)
    if record is None:
        msg = (
            f"The {method} scores were not made by ms.tl.score, so it is not known how to make them again. "
            f"Run ms.tl.score(adata, signatures, method={method!r})."
        )
        raise InputError(msg)
    hashes = dict(record["signatures"][["id", "sha256"]].itertuples(index=False))
    own = kept(record) | own
    found, lost = {}, []
    for id in ids:
        sig = own.get(id) or _shipped(id)
        if sig is None or sig.sha256 != hashes.get(id):
            lost.append(id)
        else:
            found[id] = sig
    if lost:
        msg = (
            f"The genes of {first(lost)} are not known: neither the catalogue nor the record of the scores "
            "has them. Pass the signatures themselves, signatures=[...], as they were given to ms.tl.score."
        )
        raise InputError(msg)
    return found


def _given(given: object) -> list[Signature]:
    if isinstance(given, Signature):
        return [given]
    if isinstance(given, SignatureSet | list | tuple):
        return [sig for sig in given if isinstance(sig, Signature)]
    return []


def _shipped(id: str) -> Signature | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        try:
            return load(id)[id]
        except SignatureError:
            return None


def layer_of(adata: AnnData, method: str) -> str | None:
    """Return the layer that the scores were made from."""
    how = json.loads(str(recall(adata, "scores", {})[method]["params"]))
    layer: str | None = how["layer"]
    return layer


def can_be_scored_alone(adata: AnnData, method: str) -> bool:
    """Whether a score of this method does not depend on the other signatures; of others' scores, yes."""
    if method not in recall(adata, "scores", {}):
        return True
    how = json.loads(str(recall(adata, "scores")[method]["params"]))
    return get(method).alone and how.get("normalize") != "range"


def without_genes(
    adata: AnnData, method: str, sigs: Mapping[str, Signature], drop: frozenset[str]
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]], dict[str, str]]:
    """Score signatures without the genes of `drop`, with the method and options of their scores.

    Returns scores (samples x signatures, NaN where too few genes are left), the measured genes that were
    left out, and the reasons for what is NaN.
    """
    measured = set(map(str, adata.var_names))
    gone = {id: tuple(g for g in sig.genes if g in drop and g in measured) for id, sig in sigs.items()}
    left, reasons = [], {}
    for id, sig in sigs.items():
        kept = {g: w for g, w in sig.genes.items() if g not in drop}
        reason = _too_few(sig, kept, measured)
        if reason:
            reasons[id] = reason
        else:
            needs = {name: sig.use[name] for name in NEEDS if name in sig.use}
            left.append(Signature(id, axis=sig.axis, genes=kept, use={"small": True, **needs}))
    scores = pd.DataFrame(np.nan, index=adata.obs_names, columns=list(sigs))
    if left:
        again = scored_again(adata, method, left)
        scores[list(again.columns)] = again
        silent = again.columns[again.isna().all()]
        reasons |= dict.fromkeys(map(str, silent), "too small a share of its other genes was measured")
    return scores, gone, reasons


def _too_few(sig: Signature, kept: dict[str, float], measured: set[str]) -> str:
    n = sum(g in measured for g in kept)
    if n < LEAST:
        return f"{n} of {sum(g in measured for g in sig.genes)} measured genes are left, fewer than {LEAST}"
    for arm, sign in ((sig.up, 1), (sig.down, -1)):
        before = sum(g in measured for g in arm)
        if before and not any(w * sign > 0 and g in measured for g, w in kept.items()):
            return f"no {'rising' if sign > 0 else 'falling'} gene is left"
    return ""


def scored_again(adata: AnnData, method: str, sigs: list[Signature]) -> pd.DataFrame:
    """Scores (samples x signatures) made as the recorded ones were."""
    from marrowsig.tl.score import score

    how: dict[str, Any] = json.loads(str(recall(adata, "scores", {})[method]["params"]))
    layer, enough = how.pop("layer"), how.pop("min_coverage")
    how.pop("uncertainty")
    work, where = apart(adata, layer)
    with warnings.catch_warnings():
        for known in (CoverageWarning, GeneWarning, InputWarning):
            warnings.simplefilter("ignore", known)
        score(work, sigs, method=method, layer=where, min_coverage=enough, params={method: how})
    frame: pd.DataFrame = work.obsm[f"score_{method}"]
    return frame


def require_current(adata: AnnData, method: str, sigs: Mapping[str, Signature], table: pd.DataFrame) -> None:
    """Raise if the stored scores are not those of the matrix as it is now."""
    again = scored_again(adata, method, list(sigs.values()))
    stored, made = (frame[list(sigs)].to_numpy(dtype=np.float64) for frame in (table, again))
    near = np.isclose(stored, made, rtol=1e-6, atol=1e-9, equal_nan=True).all(axis=0)
    if not near.all():
        changed = [id for id, same in zip(sigs, near, strict=True) if not same]
        msg = (
            f"The {method} scores of {first(changed)} are not those of the matrix as it is now: it, or its "
            "rows, changed since they were made. Run ms.tl.score again."
        )
        raise InputError(msg)
