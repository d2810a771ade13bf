"""Scores of all rows into a zarr store, round by round, going on where a run was interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from marrowsig._errors import InputError, first
from marrowsig._log import logger
from marrowsig.methods import METHODS
from marrowsig.tl._score_columns import Columns, create
from marrowsig.tl._score_file import zarr
from marrowsig.tl._score_progress import Progress, asked_for
from marrowsig.tl._score_run import moments, rounds_of_scores, with_intervals

if TYPE_CHECKING:
    import os

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._kernels.moments import Genes
    from marrowsig._method import Method
    from marrowsig.tl._score_task import Task


class Seen(NamedTuple):
    """What the rows held that a person is to be told of.

    flat      (n_obs,) rows without an order
    all_flat  (1,) whether all rows are
    values    by method, one row with NaN for signatures without a value in any row
    """

    flat: NDArray[np.bool_]
    all_flat: NDArray[np.bool_]
    values: dict[str, NDArray[np.float64]]


def write_scores(adata: AnnData, task: Task, out: str | os.PathLike[str]) -> Seen:
    """Score all rows into `out`; `adata` is not changed."""
    zarr()
    _check_methods(task)
    target = _target(out)
    partial = target.with_name(f"{target.name}.partial")
    asked = asked_for(adata, task)
    progress = Progress.begun(partial, asked, task, lambda place: create(place, adata, task))
    if len(task.job.sets):
        _fill(progress, task)
    flat = np.array(progress.flat)
    values = {name: np.where(valued, 0.0, np.nan)[None] for name, valued in progress.valued.items()}
    progress.finish(target)
    return Seen(flat, np.array([flat.all()]), values)


def _check_methods(task: Task) -> None:
    joint = [m.name for m in task.methods if m.needs == "cohort"]
    if joint:
        by_row = [m.name for m in METHODS.values() if not _at_once(m, m.params)]
        msg = (
            f"{first(joint)} needs all rows in memory, and so cannot be scored with out=. Leave out= away "
            f"and score an AnnData, or use a method that reads row by row: {first(by_row, 20)}."
        )
        raise InputError(msg)
    finished = [m.name for m in task.methods if _at_once(m, task.options[m.name])]
    if finished:
        msg = (
            f"{first(finished)} changes its scores once those of all rows are there, which out= cannot do. "
            "Leave out= away, or, for ssgsea, use params={'ssgsea': {'normalize': 'genes'}}."
        )
        raise InputError(msg)


def _at_once(method: Method, options: object) -> bool:
    given = dict(options) if isinstance(options, dict) else {}
    return method.needs == "cohort" or (method.finish is not None and given.get("normalize") != "genes")


def _target(out: str | os.PathLike[str]) -> Path:
    """Where the store is to lie; scores can be the work of days, so that none are replaced."""
    target = Path(out)
    if target.suffix in (".h5ad", ".h5", ".csv", ".tsv"):
        msg = f"out={target.name!r} is to be a folder, a zarr store. Use out={target.stem + '.zarr'!r}."
        raise InputError(msg)
    if target.exists():
        more = target.with_name(f"{target.stem}_more{target.suffix}")
        msg = (
            f"{target} exists already. Read it with anndata.read_zarr({str(target)!r}), or delete it. A "
            f"store takes no more signatures or methods: score these with out={str(more)!r}, and join both "
            "by the names of the rows: one.obsm['score_ucell'].join(more.obsm['score_ucell'])."
        )
        raise InputError(msg)
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _fill(progress: Progress, task: Task) -> None:
    n = task.x.shape[0]
    if progress.done:
        logger.info("%s: going on at row %d of %d", progress.folder.name, progress.done, n)
    if progress.done == n:
        return
    columns = Columns(progress.store, task)
    genes = _moments(progress, task)
    for start, scores in rounds_of_scores(task.x, task.job, first=progress.done, genes=genes):
        full = with_intervals(scores, task.job) if task.job.jackknife else scores
        for flat, valued in columns.take(start, full, progress.done):
            progress.advance(flat, valued)


def _moments(progress: Progress, task: Task) -> Genes | None:
    """First pass over the rows, kept for a run that goes on later."""
    if not any(m.needs == "genes" for m in task.methods):
        return None
    genes = progress.genes(task.job.columns)
    if genes is None:
        genes = moments(task.x, task.job)
        progress.keep(genes)
    return genes
