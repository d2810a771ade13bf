"""The three steps of a chain: what stands for each, which genes they share, and scores without those."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._apart import apart
from marrowsig._errors import InputError, SignatureError, first
from marrowsig._provenance import in_order, recall
from marrowsig.sig import Signature, load
from marrowsig.tl._own_lists import scored_as
from marrowsig.tl._rescored import can_be_scored_alone, layer_of, without_genes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData

STEPS = ("il6", "stat3", "emt")
WORDS = {"il6": "IL-6", "stat3": "STAT3", "emt": "EMT"}
ALONE = "IL6"
"""Mostly made by the stroma: it is left out of every score and reported by itself."""

APART = "stat3_apart"
"""STAT3 for its link with IL-6. For EMT and the inhibitors it keeps what it shares with the IL-6 response,
which are its best genes, and makes nothing circular there."""

USES = {
    "il6": ("il6", ("stat3", "emt"), "both links"),
    APART: ("stat3", ("il6", "emt"), "link with IL-6"),
    "stat3": ("stat3", ("emt",), "link with EMT"),
    "emt": ("emt", ("il6", "stat3"), "link with STAT3"),
}
"""Score to its step, the steps whose genes it is made without, and which links it is used for."""

TREATED = ("stat3", "emt")
"""Scores that the inhibitors are asked of as well, where there are any."""

STEP_COLUMNS = (
    "score", "step", "what", "name", "used_for",
    "n_genes", "n_measured", "n_removed", "n_used", "removed", "note",
)  # fmt: skip
OVERLAP_COLUMNS = ("a", "b", "n_a", "n_b", "shared", "same_direction", "opposite", "genes")


@dataclass(frozen=True)
class Step:
    """One step: a signature, or a gene with the weight 1."""

    step: str
    name: str
    genes: Mapping[str, float]
    sig: Signature | None


def steps_of(adata: AnnData, given: Mapping[str, Any]) -> dict[str, Step]:
    """Find what stands for each step: a signature, the id of one, or a gene of the matrix."""
    measured = set(map(str, adata.var_names))
    found = {step: _step(adata, step, what, measured) for step, what in given.items()}
    for one, other in combinations(found.values(), 2):
        if one.name == other.name:
            msg = f"{one.step}= and {other.step}= are both {one.name!r}; the steps have to be different."
            raise InputError(msg)
    return found


def _step(adata: AnnData, step: str, what: Any, measured: set[str]) -> Step:
    if isinstance(what, Signature):
        return Step(step, what.id, what.genes, what)
    if not isinstance(what, str):
        msg = f"{step}= is a {type(what).__name__}; give the id of a signature, a Signature, or a gene."
        raise InputError(msg)
    if what in measured:
        return Step(step, what, {what: 1.0}, None)
    if "." not in what:
        several = list(load(what).ids) if what in STEPS else []
        told = f"an axis; choose one of {first(several)}" if several else "no gene of this matrix"
        msg = f"{step}={what!r} is {told}. Give the id of a signature, a Signature, or a gene."
        raise InputError(msg)
    own = scored_as(adata, what)
    try:
        sig = own or load(what)[what]
    except SignatureError as error:
        msg = f"{step}={what!r}: {error} A list of your own has to be scored first, or passed itself."
        raise InputError(msg) from error
    return Step(step, sig.id, sig.genes, sig)


def overlap_of(steps: Mapping[str, Step]) -> pd.DataFrame:
    """Count and name the genes that each pair of steps shares."""
    rows = []
    for a, b in combinations(steps.values(), 2):
        shared = [g for g in a.genes if g in b.genes]
        same = sum(a.genes[g] * b.genes[g] > 0 for g in shared)
        rows.append(
            (a.step, b.step, len(a.genes), len(b.genes), len(shared), same, len(shared) - same,
             ", ".join(shared))
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(OVERLAP_COLUMNS))


def dropped_from(steps: Mapping[str, Step]) -> dict[str, frozenset[str]]:
    """Genes that each score is made without: those of the steps it must not share with, and IL6."""
    return {
        score: frozenset({ALONE}.union(*(set(steps[other].genes) for other in others)))
        for score, (_, others, _) in USES.items()
    }


def scored(adata: AnnData, steps: Mapping[str, Step], method: str | None) -> tuple[AnnData, str, str | None]:
    """Return the AnnData that remembers how scores are made, the method, and the layer of its scores.

    Those that were scored with the method are made again as they were; otherwise the defaults of
    `ms.tl.score` count.
    """
    records = recall(adata, "scores", {})
    chosen = method or next(iter(in_order(records)), "singscore")
    if not isinstance(chosen, str):
        msg = f"method is {chosen!r}; give one scoring method, such as 'singscore'."
        raise InputError(msg)
    if chosen not in records:
        from marrowsig.tl.score import score

        sigs = [step.sig for step in steps.values() if step.sig is not None]
        layer = None
        work, where = apart(adata, layer)
        if sigs:
            score(work, sigs, method=chosen, layer=where)
    else:
        work, layer = adata, layer_of(adata, chosen)
    if chosen in recall(work, "scores", {}) and not can_be_scored_alone(work, chosen):
        msg = f"{chosen} scores all signatures at once. Use e.g. method='singscore'."
        raise InputError(msg)
    return work, chosen, layer


def apart_scores(
    adata: AnnData,
    work: AnnData,
    method: str,
    steps: Mapping[str, Step],
    values: pd.DataFrame,
    *,
    treated: bool = True,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores (samples x those of USES), and what was left out of each; `treated` where inhibitors are asked.

    `values` (samples x genes) holds the log expression of the steps that are genes.
    """
    measured = set(map(str, adata.var_names))
    drop, scores, rows = dropped_from(steps), {}, []
    for score, (name, _, link) in USES.items():
        step = steps[name]
        use = f"{link}, inhibitors" if treated and score in TREATED else link
        if step.sig is None:
            scores[score] = values[step.name]
            rows.append((score, name, "gene", step.name, use, 1, 1, 0, 1, "", ""))
            continue
        n = sum(g in measured for g in step.genes)
        table, gone, reasons = without_genes(work, method, {step.name: step.sig}, drop[score])
        out, note = gone[step.name], reasons.get(step.name, "")
        scores[score] = table[step.name]
        counts = (len(step.genes), n, len(out), 0 if note else n - len(out))
        rows.append((score, name, "signature", step.name, use, *counts, ", ".join(out), note))
    frame = pd.DataFrame(scores, index=adata.obs_names).astype(np.float64)
    return frame, pd.DataFrame(rows, columns=list(STEP_COLUMNS))
