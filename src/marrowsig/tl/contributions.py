"""Which genes carry a score, or a contrast of scores."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import issparse

from marrowsig._counts_layer import naming_counts
from marrowsig._engine import FLAT, Job
from marrowsig._errors import CoverageWarning, InputError, first
from marrowsig._given import require_design
from marrowsig._plan import require_one
from marrowsig._sets import id_hint, index_sets
from marrowsig._titles import CONTRASTS, in_words, titles_of
from marrowsig._titles import KEY as TITLES
from marrowsig._view import gene_names, matrix, whole
from marrowsig.pp._draws import draws, over_draws
from marrowsig.sig import as_set
from marrowsig.tl._estimates import estimates
from marrowsig.tl._left_out import left_out, movable, strata_of
from marrowsig.tl._own_lists import named
from marrowsig.tl._score_needs import unmet
from marrowsig.tl._score_notes import low_coverage
from marrowsig.tl._score_options import check_kind, check_share, methods_of, options_of, with_columns
from marrowsig.tl._score_run import scores_of
from marrowsig.tl._score_task import enough_genes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets
    from marrowsig._method import Method
    from marrowsig._plan import Plan
    from marrowsig.design import Design
    from marrowsig.qc._stroma_result import Stroma
    from marrowsig.sig import Signature, SignatureSet

ALPHA = 0.05
MOST = 5_000_000


def contributions(
    adata: AnnData,
    signatures: SignatureSet | Signature | str | Iterable[str | Signature],
    *,
    design: Design | None = None,
    method: str = "singscore",
    layer: str | None = None,
    min_coverage: float = 0.5,
    params: Mapping[str, Any] | None = None,
    without: Stroma | Iterable[str] = (),
) -> pd.DataFrame:
    """Say how much each gene adds to a score or to a contrast, and what is left without it.

    Parameters
    ----------
    adata
        Samples or cells (n_obs) x genes, as for `ms.tl.score`; it need not have been scored.
    signatures
        A `SignatureSet`, a `Signature`, an id, an axis, or several of these.
    design
        With a design, the contrasts of `ms.tl.compare`; without, the score of every sample.
    method, layer
        As for `ms.tl.score`; one method.
    min_coverage
        Share of a signature's genes that must be in `var_names`; it is left out below.
    params
        Options of the method, e.g. `{"max_rank": 1000}`.
    without
        Genes to leave out, of the signatures and of the background of ranks alike; or what `ms.qc.stroma`
        returned, for all genes that carry-over could move, with a design in the stratum of a contrast.
        `min_coverage` is asked before they are left out.

    Returns
    -------
    DataFrame
        One row per signature, gene, and sample (or contrast and stratum): signature, gene, weight, sample (or
        contrast, stratum), full (score or estimate with all genes), without (the same with this gene left
        out), adds (k full - (k - 1) without, over k, with k genes), without_low, without_high (the range of
        `without` over the genes), and expression (of the gene, in the matrix that is scored: the sample's
        value, or the mean over all rows of the contrast's model; a gene that no sample expresses is no
        evidence). Where `ms.qc.stroma` was run on `adata`, also `movable`: whether carry-over could move
        the gene, so that what it adds may be RNA of stroma. Nothing is written.

    Raises
    ------
    InputError
        If a signature has fewer than three genes here, or none has enough, the method is of many signatures
        at once or not one, `without` names genes that are not in `var_names`, or there would be more than
        five million rows.

    Warns
    -----
    CoverageWarning
        Once, naming every signature that was left out.

    Notes
    -----
    `adds` are the pseudo-values of the jackknife over k (Tukey 1958): for a mean of genes exactly what each
    gene adds, and they sum to the score. For ranks they do so up to terms of 1/k. Scores that grow with the
    number of genes (`wsum`; with its root: `zscore`, `wmean_z`, `zsample`, `ulm`) share this growth among
    the genes, and `adds` sum to more than the score; their order holds. A contrast that changes its sign
    in the range of `without` rests on one gene.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> mine = ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[:12]))
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> parts = ms.tl.contributions(adata, mine, design=design)
    >>> parts.query("contrast == 'interaction'").shape[0]
    12

    References
    ----------
    Efron and Stein, Annals of Statistics 1981, doi:10.1214/aos/1176345462.
    """
    if design is not None and len(strata := strata_of(without)) > 1:
        parts = []
        for stratum, genes in strata.items():
            own = contributions(
                adata, signatures, design=design, method=method, layer=layer, min_coverage=min_coverage,
                params=params, without=genes,
            )  # fmt: skip
            parts.append(own[own["stratum"] == stratum])
        result = pd.concat(parts, ignore_index=True)
        result.attrs = own.attrs
        return result
    chosen = _one_method(method)
    sigs, moved, out = named(adata, signatures), movable(adata), left_out(adata, without)
    names, x = gene_names(adata), matrix(adata, layer)
    sets = _with_enough(sigs, names, x, min_coverage)
    full, kept = adata, ~adata.var_names.isin(out)
    if out:
        adata = adata[:, kept].copy()
        names, x = gene_names(adata), matrix(adata, layer)
        sets = _with_enough([sig for sig in sigs if sig.id in sets.names], names, x, 0.0)
    options = options_of([chosen], {chosen.name: params or {}})
    _refuse_range(chosen.name, options[chosen.name])
    check_kind(adata, x, layer, [chosen], options)
    if design is not None:
        require_design(design)
    with naming_counts(adata):
        plans = None if design is None else design.plans(adata.obs)
    if plans is None and sets.idx.size * adata.n_obs > MOST:
        msg = (
            f"{sets.idx.size} genes x {adata.n_obs} rows are too many to list. Pass some rows, e.g. "
            "adata[adata.obs['donor'] == 'D1'], or a design=."
        )
        raise InputError(msg)
    every = _with_and_without(sets)
    job = Job((chosen,), every, with_columns(options, names, every))
    if out and layer is None and draws(full):  # of rows that were thinned before genes were left out
        values = over_draws(full, layer, None, lambda one: scores_of(one[:, kept], job))
    else:
        values = over_draws(adata, layer, x, lambda one: scores_of(one, job))
    values.pop(FLAT)
    scores = values[chosen.name]
    if plans is None:
        per_sample = _per_sample(adata, sets, names, scores).assign(expression=_values(x, sets).ravel())
        return _marked(per_sample, moved, sigs, design)
    require_one(plans)
    own = _values(x, sets)
    tables = [_per_contrast(plan, sets, names, scores, own) for plan in plans if plan.model is not None]
    return _marked(pd.concat(tables, ignore_index=True), moved, sigs, design)


def _marked(table: pd.DataFrame, moved: set[str] | None, sigs: SignatureSet, design: object) -> pd.DataFrame:
    table.attrs[TITLES] = titles_of(sigs)
    if "contrast" in table:
        table.attrs[CONTRASTS] = in_words(table["contrast"], design)
    return table if moved is None else table.assign(movable=table["gene"].isin(moved))


def _one_method(method: str) -> Method:
    chosen = methods_of(method)
    if len(chosen) > 1:
        msg = f"Pass one method, not {len(chosen)}: {first(m.name for m in chosen)}."
        raise InputError(msg)
    if not chosen[0].alone:
        msg = f"{method} scores all signatures at once, so no gene has a part of its own. Use e.g. 'ulm'."
        raise InputError(msg)
    return chosen[0]


def _refuse_range(name: str, options: Mapping[str, Any]) -> None:
    # The range would be that of the scores without genes, too.
    if options.get("normalize") == "range":
        msg = (
            f"{name} with normalize='range' also depends on the other signatures, so no gene has a part of "
            "its own. Use normalize='genes'."
        )
        raise InputError(msg)


def _with_enough(
    signatures: SignatureSet | list[Signature], names: list[str], x: Any, min_coverage: float
) -> Sets:
    """Index the signatures that have enough genes here and what they need, and warn of the others."""
    check_share(min_coverage)
    sigs = as_set(signatures)
    sets, coverage = index_sets(sigs, names)
    sets, lacking = unmet(sigs, sets, names, x)
    enough = enough_genes(coverage, min_coverage) & np.array([sig.id not in lacking for sig in sigs])
    lost = low_coverage(coverage, enough, min_coverage, so="left out", unmet=lacking)
    if not enough.any():
        raise InputError("\n".join([*lost, id_hint(names)]).strip())
    if lost:
        warnings.warn("\n".join(lost), CoverageWarning, stacklevel=3)
    sets = sets.take(enough)
    few = [f"{n} ({k})" for n, k in zip(sets.names, sets.found, strict=True) if k < 3]
    if few:
        msg = f"Fewer than three genes were measured for {first(few)}. Leave these signatures out."
        raise InputError(msg)
    return sets


def _with_and_without(sets: Sets) -> Sets:
    """Give the full sets, then every set without each of its genes."""
    groups = np.arange(sets.idx.size) - np.repeat(sets.ptr[:-1], sets.found)
    left = sets.without_each(groups)
    return replace(
        left,
        names=(*sets.names, *left.names),
        ptr=np.concatenate([sets.ptr, left.ptr[1:] + sets.ptr[-1]]),
        idx=np.concatenate([sets.idx, left.idx]),
        weight=np.concatenate([sets.weight, left.weight]),
        listed=np.concatenate([sets.listed, left.listed]),
        listed_down=np.concatenate([sets.listed_down, left.listed_down]),
    )


def _parts(sets: Sets, values: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Columns of the result from values (n, n_sets + n_members), each (n, n_members)."""
    k = np.repeat(sets.found, sets.found).astype(np.float64)
    full = np.repeat(values[:, : len(sets)], sets.found, axis=1)
    without = values[:, len(sets) :]
    edges = list(zip(sets.ptr[:-1], sets.ptr[1:], strict=True))
    low = np.column_stack([without[:, a:b].min(axis=1) for a, b in edges])
    high = np.column_stack([without[:, a:b].max(axis=1) for a, b in edges])
    return {
        "full": full,
        "adds": (k * full - (k - 1) * without) / k,
        "without": without,
        "without_low": np.repeat(low, sets.found, axis=1),
        "without_high": np.repeat(high, sets.found, axis=1),
    }


def _genes(sets: Sets, names: list[str]) -> dict[str, NDArray[Any]]:
    return {
        "signature": np.repeat(np.array(sets.names, dtype=object), sets.found),
        "gene": np.array([names[i] for i in sets.idx], dtype=object),
        "weight": sets.weight,
    }


def _per_sample(adata: AnnData, sets: Sets, names: list[str], scores: NDArray[np.float64]) -> pd.DataFrame:
    n = adata.n_obs
    left = {key: np.tile(column, n) for key, column in _genes(sets, names).items()}
    left["sample"] = np.repeat(adata.obs_names.to_numpy(), sets.idx.size)
    return pd.DataFrame(left | {key: part.ravel() for key, part in _parts(sets, scores).items()})


def _values(x: Any, sets: Sets) -> NDArray[np.float64]:
    """Matrix of every member, rows x members."""
    unique, place = np.unique(sets.idx, return_inverse=True)
    own = whole(x[:, unique])
    return np.asarray(own.toarray() if issparse(own) else own, dtype=np.float64)[:, place]


def _per_contrast(
    plan: Plan, sets: Sets, names: list[str], scores: NDArray[np.float64], values: NDArray[np.float64]
) -> pd.DataFrame:
    table = estimates(plan, pd.DataFrame(scores), ALPHA)
    parts = _parts(sets, table["estimate"].to_numpy(dtype=float)[None])
    frame = pd.DataFrame(_genes(sets, names) | {key: part[0] for key, part in parts.items()})
    if plan.model is not None:
        frame["expression"] = values[plan.model.frame["row"].to_numpy()].mean(axis=0)
    frame.insert(3, "contrast", plan.contrast.name)
    frame.insert(4, "stratum", plan.stratum)
    order = frame["adds"].abs().to_numpy()
    return frame.iloc[np.lexsort((-order, pd.factorize(frame["signature"])[0]))].reset_index(drop=True)
