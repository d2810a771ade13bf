"""Score signatures: the verb that fills `obsm["score_<method>"]`."""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from marrowsig._engine import FLAT
from marrowsig._errors import CoverageWarning, GeneWarning, InputError, InputWarning
from marrowsig._log import logger
from marrowsig._provenance import recall
from marrowsig._same_rows import same_rows
from marrowsig._sets import RUN, id_hint
from marrowsig._view import write_frames
from marrowsig.pp._draws import draws, over_draws
from marrowsig.tl._detected import silent
from marrowsig.tl._old_names import old_names
from marrowsig.tl._score_file import opened
from marrowsig.tl._score_kept import beside, joined, leave, more_keys, replaced
from marrowsig.tl._score_marks import fingerprint, of_rows
from marrowsig.tl._score_misread import in_raw, misread
from marrowsig.tl._score_notes import (
    lopsided,
    low_coverage,
    many_zeros,
    no_value,
    not_of_blasts,
    one_sided,
    retired,
    without_interval,
    without_order,
    without_value,
)
from marrowsig.tl._score_run import scores_of
from marrowsig.tl._score_store import write_scores
from marrowsig.tl._score_task import entries, forget, prepared, remember

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractContextManager

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig.sig import Signature, SignatureSet
    from marrowsig.tl._score_task import Task

    Signatures = SignatureSet | Signature | str | Iterable[str | Signature]


def score(
    adata: AnnData | str | PathLike[str],
    signatures: Signatures,
    *,
    method: str | Iterable[str] = "singscore",
    layer: str | None = None,
    min_coverage: float = 0.5,
    params: Mapping[str, Mapping[str, Any]] | None = None,
    uncertainty: Literal["genes"] | None = None,
    extras: bool = False,
    out: str | PathLike[str] | None = None,
    map_genes: bool = False,
) -> None:
    """Score every signature in every row.

    Parameters
    ----------
    adata
        Samples or cells (n_obs) x genes (n_vars), dense, sparse, backed or a dask array, `var_names` the gene
        symbols. With `out`, also the path of an h5ad file or a zarr store, whose matrix is then read in
        rounds of rows and never as a whole.
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
    uncertainty
        `"genes"`: a 95 % interval of every score for the choice of its genes, by leaving each of them out
        (in groups where there are more than 50). It says how much a score hangs on single genes, nothing
        about samples.
    extras
        Store the further results that a method has: `dispersion` of singscore, `p` of ulm and mlm.
    out
        Folder to write the scores to, as an AnnData zarr store, in place of `adata`. While the run lasts,
        it is called `<out>.partial`; after an interruption, the same call goes on where it stopped. Not for
        methods that need all rows at once (`needs="cohort"`). An `out` that exists is never replaced.
    map_genes
        Of a path: bring its gene names to approved symbols first, as `ms.pp.map_genes` does for an AnnData
        (also a backed one). The file stays as it is.

    Returns
    -------
    None
        Writes `obsm["score_<method>"]` (n_obs x signatures, float64), with `uncertainty` also
        `obsm["score_<method>_low"]` and `_high`, with `extras` `obsm["score_<method>_<extra>"]`, and, in
        `uns["marrowsig"]["scores"][<method>]`, params, key, coverage, and the hash of every signature;
        of lists of your own also the genes, so that they are known later, of those that their owner lets
        nobody pass on (`source["redistribute"]` false, as `ms.sig.fetch` gives) the hash alone.
        Nothing is written if anything fails. Earlier scores of the method, of other signatures, stay beside
        the new ones if they were made with the same options from the same rows, genes and values; otherwise
        they are dropped, with a warning. With `out`, `adata` stays as it is, and the store holds these
        together with `obs` and embeddings (arrays of `obsm` of up to three columns, such as `X_umap`),
        without genes: read it with `anndata.read_zarr`. A store takes no further signatures: they go into an
        `out` of their own.

    Raises
    ------
    InputError
        If genes are duplicated, values are missing, an option is unknown, a method gets numbers of the
        wrong kind, a file cannot be read by rows, `out` exists, or `<out>.partial` was begun otherwise.

    Warns
    -----
    CoverageWarning
        Once, naming every signature that could not be scored, and why: too few genes, or what it declares to
        need (`use["requires"]`) is not given, as a CDH1 that varies for `emt.byers2013_76gs`.
    GeneWarning
        If genes are missing only because the signature or the matrix has them under an old symbol.
    InputWarning
        If earlier scores are dropped; if rows have no order (all values equal); if values are not what a
        method reads them as: scaled or centred gene by gene, rounded logs, logged twice, or estimated counts
        below one half, which rank above zeros; if at least half of a signature's measured genes are zero in
        every row (`detected` of its coverage counts the others); if two samples are the same in every gene;
        or if a signature is retired, lists components of a pathway or is the answer of stroma.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> genes = list(adata.var_names[:12])
    >>> mine = ms.sig.Signature("il6.mine", axis="il6", genes=genes)
    >>> ms.tl.score(adata, mine, method=["singscore", "ucell"])
    >>> adata.obsm["score_ucell"].shape
    (16, 1)

    From a file, never wholly in memory, into a store:

    >>> import tempfile
    >>> from pathlib import Path
    >>> import anndata as ad
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file, out = Path(folder) / "cells.h5ad", Path(folder) / "scores.zarr"
    ...     ms.ds.toy().write_h5ad(file)
    ...     ms.tl.score(file, mine, method="ucell", out=out)
    ...     scored = ad.read_zarr(out)
    >>> bool((scored.obsm["score_ucell"] == adata.obsm["score_ucell"]).all(axis=None))
    True
    """
    asked: dict[str, Any] = {
        "layer": layer,
        "min_coverage": min_coverage,
        "params": params,
        "uncertainty": uncertainty,
        "extras": extras,
    }
    with _unpacked(adata, layer, out, map_genes=map_genes) as table:
        task = prepared(table, signatures, method, **asked)
        if out is not None and layer is None and len(draws(table)) > 1:
            msg = "Scores of thinned rows are means over draws, and out= writes one. Leave out= out."
            raise InputError(msg)
        if out is None:
            values = over_draws(table, layer, task.x, lambda x: scores_of(x, task.job))
            flat, mark = values.pop(FLAT), fingerprint(table, task)
            stay, dropped = leave(table, task, mark)
            dropped += replaced(table, task)
            frames = _frames(table, task, values, stay)
            made = joined(table, entries(task, mark=mark, rows_of=of_rows(table, task)), stay)
            scores = {m.name: values[m.name] for m in task.methods}
            lost = [*no_value(task.job.sets, scores, flat), *without_interval(task.job.sets, values)]
            rows = [*dropped, *without_value(table.obs_names, scores, flat)]
        else:
            flat, all_flat, seen = write_scores(table, task, out)
            lost = no_value(task.job.sets, {m.name: seen[m.name] for m in task.methods}, all_flat)
            rows = []
        do = RUN if table is adata else "give map_genes=True"
        path = None if table is adata else adata
        _warn(table, task, lost, [*without_order(table.obs_names, flat), *rows], do=do, path=path)
        _tell(table, task)
    if out is None:
        forget(table, task)
        write_frames(table, frames)
        remember(table, made)


def _unpacked(
    adata: AnnData | str | PathLike[str],
    layer: str | None,
    out: str | PathLike[str] | None,
    *,
    map_genes: bool,
) -> AbstractContextManager[AnnData]:
    if not isinstance(adata, str | PathLike):
        if map_genes:
            msg = "map_genes=True is for a path. Run ms.pp.map_genes(adata) first, also of one on disk."
            raise InputError(msg)
        return nullcontext(adata)
    if out is None:
        msg = (
            f"{fspath(adata)!r} is a path, and scores need a place. Say where: out='scores.zarr', or use "
            "adata = ms.io.read(...) and score adata."
        )
        raise InputError(msg)
    return opened(adata, layer, mapped=map_genes)


def _warn(adata: AnnData, task: Task, lost: list[str], rows: list[str], *, do: str, path: Any = None) -> None:
    problems = low_coverage(task.coverage, task.enough, task.how["min_coverage"], unmet=task.unmet)
    problems += [
        *one_sided(task.sets, task.enough),
        *lopsided(task.sets, task.enough, [m.name for m in task.methods]),
        *lost,
    ]
    other = "" if task.enough.all() else id_hint(task.names, adata.obs_names, do=do)
    if problems:
        hint = "" if task.enough.all() else other or in_raw(adata, task, path)
        warnings.warn("\n".join([*problems, *([hint] if hint else [])]), CoverageWarning, stacklevel=3)
    for note in old_names(task.coverage, task.names, mapped=bool(other or recall(adata, "genes")), do=do):
        warnings.warn(note, GeneWarning, stacklevel=3)
    notes = [
        *rows,
        *misread(adata, task),
        *many_zeros(task.x, task.options),
        *silent(task.coverage, task.enough, sums=bool(recall(adata, "pseudobulk"))),
    ]
    notes += same_rows(task.x, adata.obs_names)
    for note in [*notes, *retired(task.sigs), *not_of_blasts(task.sigs)]:
        warnings.warn(note, InputWarning, stacklevel=3)


def _tell(adata: AnnData, task: Task) -> None:
    share = 100 * task.coverage["coverage"][task.enough]
    found = f", at least {share.min():.0f} % of their genes measured" if len(share) else ""
    logger.info(
        "score: %d of %d signatures x %d rows by %s%s; in obsm[%s]",
        task.enough.sum(), len(task.enough), adata.n_obs, ", ".join(m.name for m in task.methods), found,
        ", ".join(repr(key) for key in task.keys.values()),
    )  # fmt: skip


def _frames(
    adata: AnnData, task: Task, values: dict[str, Any], stay: dict[str, list[str]]
) -> dict[str, pd.DataFrame]:
    """Scores by key of `obsm`, beside the earlier ones that stay."""
    frames = {key: _frame(adata, task, values[name]) for name, key in task.keys.items()}
    for m in task.methods:
        for key in [f"score_{m.name}", *more_keys(task, m)] if m.name in stay else ():
            frames[key] = beside(adata, key, stay[m.name], frames[key])
    return frames


def _frame(adata: AnnData, task: Task, values: NDArray[np.float64]) -> pd.DataFrame:
    full = values
    if not task.enough.all():
        full = np.full((adata.n_obs, task.enough.size), np.nan)
        full[:, task.enough] = values
    return pd.DataFrame(full, index=adata.obs_names.copy(), columns=list(task.sets.names))
