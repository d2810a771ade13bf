"""Score signatures: the verb that fills `obsm["score_<method>"]`."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._errors import CoverageWarning, GeneWarning, InputError, InputWarning, first
from marrowsig._kernels.rank import rank_rows
from marrowsig._provenance import as_json, recall, record
from marrowsig._sets import id_hint, index_sets
from marrowsig._view import blocks, dense, gene_names, matrix, n_rows, whole, write_frames
from marrowsig.methods import Method, get
from marrowsig.sig import as_set
from marrowsig.tl._old_names import old_names
from marrowsig.tl._score_notes import low_coverage, no_value, one_sided, retired, without_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets
    from marrowsig.sig import Signature, SignatureSet

    Signatures = SignatureSet | Signature | str | Iterable[str | Signature]

Options = dict[str, dict[str, Any]]


def score(
    adata: AnnData,
    signatures: Signatures,
    *,
    method: str | Iterable[str] = "singscore",
    layer: str | None = None,
    min_coverage: float = 0.5,
    params: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Score every signature in every row.

    Parameters
    ----------
    adata
        Samples or cells (n_obs) x genes (n_vars), dense, sparse or backed, `var_names` the gene symbols.
    signatures
        A `SignatureSet`, a `Signature`, an id, an axis, or several of these.
    method
        One method or several; see `ms.methods.table()`. The rank methods take any unit; the others take log
        expression, and refuse counts.
    layer
        Layer to score instead of `X`.
    min_coverage
        Share of a signature's genes that must be in `var_names`; below it, or with none, the score is NaN.
    params
        Options by method, e.g. `{"ucell": {"max_rank": 1000}}`.

    Returns
    -------
    None
        Writes `obsm["score_<method>"]` (n_obs x signatures, float64) and, in
        `uns["marrowsig"]["scores"][<method>]`, params, key, coverage, and the hash of every signature.
        Nothing is written if anything fails.

    Raises
    ------
    InputError
        If genes are duplicated, values are missing, an option is unknown, or a method gets numbers of
        the wrong kind.

    Warns
    -----
    CoverageWarning
        Once, naming every signature that could not be scored, and why.
    GeneWarning
        If genes are missing only because the signature or the matrix has them under an old symbol.
    InputWarning
        If rows have no order (all values equal), or a signature is retired.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> genes = list(adata.var_names[:12])
    >>> mine = ms.sig.Signature("il6.mine", axis="il6", genes=genes)
    >>> ms.tl.score(adata, mine, method=["singscore", "ucell"])
    >>> adata.obsm["score_ucell"].shape
    (16, 1)
    """
    methods = _methods(method)
    options = _options(methods, params)
    _check_share(min_coverage)
    sigs = as_set(signatures)
    names = gene_names(adata)
    x = matrix(adata, layer)
    _check_kind(adata, x, layer, methods)
    sets, coverage = index_sets(sigs, names)
    enough = _enough(coverage, min_coverage)
    values, flat = _compute(x, sets.take(enough), methods, options)
    frames = {m.name: _frame(adata, sets, enough, values[m.name]) for m in methods}

    problems = [*low_coverage(coverage, enough, min_coverage), *one_sided(sets, enough)]
    problems += no_value(sets.take(enough), values, flat)
    if problems:
        hint = "" if enough.all() else id_hint(names)
        warnings.warn("\n".join([*problems, *([hint] if hint else [])]), CoverageWarning, stacklevel=2)
    for note in old_names(coverage, names, mapped=recall(adata, "genes") is not None):
        warnings.warn(note, GeneWarning, stacklevel=2)
    for note in [*without_order(adata.obs_names, flat), *retired(sigs)]:
        warnings.warn(note, InputWarning, stacklevel=2)
    write_frames(adata, {f"score_{name}": frame for name, frame in frames.items()})
    how = {"layer": layer, "min_coverage": float(min_coverage)}
    _record(adata, sigs, coverage, {name: {**how, **options[name]} for name in frames})


def _methods(method: str | Iterable[str]) -> list[Method]:
    names = [method] if isinstance(method, str) else list(dict.fromkeys(method))
    if not names:
        msg = "method is empty. Use e.g. method='singscore'."
        raise InputError(msg)
    return [get(name) for name in names]


def _options(methods: list[Method], params: Mapping[str, Mapping[str, Any]] | None) -> Options:
    given = dict(params or {})
    names = [m.name for m in methods]
    other = [name for name in given if name not in names]
    if other:
        use = f"params={{{names[0]!r}: {{...}}}}"
        msg = f"params names {first(other)}, but the methods are {first(names)}. Use {use}."
        raise InputError(msg)
    for m in methods:
        unknown = [k for k in given.get(m.name, {}) if k not in m.params]
        if unknown:
            msg = f"{m.name} has no option {first(unknown)}. It has: {first(m.params) or 'none'}."
            raise InputError(msg)
    return {m.name: {**m.params, **given.get(m.name, {})} for m in methods}


def _check_share(min_coverage: float) -> None:
    if not 0 <= min_coverage <= 1:
        msg = f"min_coverage={min_coverage!r} is not a share between 0 and 1. Use e.g. min_coverage=0.5."
        raise InputError(msg)


def _check_kind(adata: AnnData, x: Any, layer: str | None, methods: list[Method]) -> None:
    needy = [m.name for m in methods if m.needs != "rank"]
    if not needy:
        return
    from marrowsig.io._kind import guess_kind, kind_of

    declared = layer is None and (recall(adata, "input", {}).get("kind") or not adata.isbacked)
    some = slice(0, min(n_rows(x), x.shape[0]))
    kind = kind_of(adata) if declared else guess_kind(dense(x, some))[0]
    if kind != "log":
        where = "adata.X" if layer is None else f"layer {layer!r}"
        msg = (
            f"{first(needy)} needs log expression, but {where} holds {kind}. "
            "Run ms.pp.lognorm(adata) first, or use a rank method such as 'singscore'."
        )
        raise InputError(msg)


def _enough(coverage: pd.DataFrame, min_coverage: float) -> NDArray[np.bool_]:
    found, share = coverage["found"].to_numpy(), coverage["coverage"].to_numpy()
    return np.asarray((found > 0) & (share >= min_coverage))


def _compute(
    x: Any, sets: Sets, methods: list[Method], options: Options
) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.bool_]]:
    """Scores of the sets per method, and the rows that have no order (only where ranks were needed)."""
    out = {m.name: np.full((x.shape[0], len(sets)), np.nan) for m in methods}
    flat = np.zeros(x.shape[0], dtype=bool)
    if not len(sets):
        return out, flat
    by_row = [m for m in methods if m.needs != "cohort"]
    if by_row:
        for rows, block in _progress(x):
            ranks = rank_rows(block) if any(m.needs == "rank" for m in by_row) else None
            if ranks is not None:
                flat[rows] = ranks.flat
            for m in by_row:
                out[m.name][rows] = _run(m, ranks if m.needs == "rank" else block, sets, options)
    for m in methods:
        if m.needs == "cohort":
            out[m.name][:] = _run(m, _cohort(x, m), sets, options)
    return out, flat


def _progress(x: Any) -> Iterable[tuple[slice, NDArray[np.float64]]]:
    from tqdm.auto import tqdm

    total = -(-x.shape[0] // n_rows(x))
    return tqdm(blocks(x), total=total, desc="score", unit="block", delay=2, leave=False, disable=total < 2)


def _cohort(x: Any, method: Method) -> Any:
    if x.shape[0] < 2:
        msg = f"{method.name} compares samples with each other, but there is one. Use 'singscore' or 'mean'."
        raise InputError(msg)
    return whole(x)


def _run(method: Method, data: Any, sets: Sets, options: Options) -> NDArray[np.float64]:
    try:
        return method.kernel(data, sets, **options[method.name])
    except ValueError as error:
        msg = f"{method.name}: {error}"
        raise InputError(msg) from error


def _frame(
    adata: AnnData, sets: Sets, enough: NDArray[np.bool_], values: NDArray[np.float64]
) -> pd.DataFrame:
    full = np.full((adata.n_obs, len(sets)), np.nan)
    full[:, enough] = values
    return pd.DataFrame(full, index=adata.obs_names.copy(), columns=list(sets.names))


def _record(
    adata: AnnData, sigs: SignatureSet, coverage: pd.DataFrame, params: dict[str, dict[str, Any]]
) -> None:
    rows = [(sig.id, sig.sha256, sig.axis, len(sig)) for sig in sigs]
    scores = dict(recall(adata, "scores", {}))
    for name, options in params.items():
        scores[name] = {
            "params": as_json(options),
            "key": f"score_{name}",
            "coverage": coverage.copy(),
            "signatures": pd.DataFrame(rows, columns=["id", "sha256", "axis", "n"]),
        }
    record(adata, "scores", scores)
