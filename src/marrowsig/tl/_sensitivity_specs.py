"""The specifications of a sensitivity table: which scores, and which model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig import _confounders
from marrowsig.tl._design_variants import quiet_plans, with_batch, with_covariate, with_score, without_each
from marrowsig.tl._rescored import layer_of, without_genes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    from anndata import AnnData

    from marrowsig._confounders import Kind
    from marrowsig._formula import FormulaDesign
    from marrowsig._plan import Plan
    from marrowsig.design import Design
    from marrowsig.sig import Signature

MAIN = "as is"


@dataclass(frozen=True)
class Specification:
    """Scores (samples x signatures) and the plans of a model; `note` says why there is no answer.

    gone     measured genes that were left out, by signature
    notes    by signature, why it has no score
    path     whether what is adjusted for may be a consequence of the arms
    """

    name: str
    kind: str
    scores: pd.DataFrame
    plans: list[Plan]
    gone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    path: bool = False


def of_genes(
    adata: AnnData, method: str, kind: Kind, sigs: Mapping[str, Signature], plans: list[Plan]
) -> Specification:
    """Score without the genes of the confounder, with the model as it is."""
    drop = _confounders.genes(kind)
    scores, gone, notes = without_genes(adata, method, sigs, drop)
    name = f"without {_confounders.GENES[kind]} genes"
    return Specification(name, f"{kind} genes", scores, plans, gone=gone, notes=notes)


def of_scores(
    adata: AnnData,
    method: str,
    kind: Kind,
    sigs: Mapping[str, Signature],
    table: pd.DataFrame,
    plans: list[Plan],
    known: dict[Any, tuple[list[Plan], str]],
) -> Iterator[Specification]:
    """Adjust for the score of the confounder; one model for all signatures that share its genes.

    `known` keeps the models, which are the same for other methods.
    """
    own = _confounders.parts(kind)
    every = frozenset().union(*own.values()) & frozenset(map(str, adata.var_names))
    without = {id: every & frozenset(sig.genes) for id, sig in sigs.items()}
    groups: dict[frozenset[str], list[str]] = {}
    for id, shared in without.items():
        groups.setdefault(shared, []).append(id)
    name, layer = f"adjusted for {_confounders.WORDS[kind]}", layer_of(adata, method)
    new = [shared for shared in groups if (kind, layer, shared) not in known]
    scored = _confounders.scores(adata, layer, kind, new)
    for shared, frame in scored.items():
        known[kind, layer, shared] = _adjusted(adata, kind, frame[kind], plans)
    for shared, ids in groups.items():
        adjusted, note = known[kind, layer, shared]
        yield Specification(name, f"{kind} score", table[ids], adjusted, note=note, path=True)


def _adjusted(adata: AnnData, kind: Kind, score: pd.Series, plans: list[Plan]) -> tuple[list[Plan], str]:
    if score.isna().any():
        lacking = _confounders.lacking(adata, kind) or "of those that the signature does not hold"
        what = _confounders.WORDS[kind]
        return [], f"there is no score of {what}, too few of its genes are measured ({lacking})"
    values = score.to_numpy(dtype=np.float64)
    return [with_score(plan, values, _confounders.WORDS[kind]) for plan in plans], ""


def of_columns(
    obs: pd.DataFrame,
    table: pd.DataFrame,
    design: Design | FormulaDesign,
    batch: list[str],
    covariates: list[str],
) -> Iterator[Specification]:
    """Take each batch and covariate of the design out, and put each further one in."""
    for role, column, other in without_each(design, obs):
        yield _of_design(f"without {role} {column!r}", role, table, other, obs)
    for column in batch:
        yield _of_design(f"with batch {column!r}", "batch", table, with_batch(design, column, obs), obs)
    for column in covariates:
        more = with_covariate(design, column)
        yield _of_design(f"with covariate {column!r}", "covariate", table, more, obs, path=True)


def _of_design(
    name: str,
    kind: str,
    table: pd.DataFrame,
    design: Design | FormulaDesign,
    obs: pd.DataFrame,
    *,
    path: bool = False,
) -> Specification:
    plans, note = quiet_plans(design, obs)
    return Specification(name, kind, table, plans, note=note, path=path)
