"""What one call of `ms.tl.score` asks for, checked against the matrix, and the record of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._engine import Job
from marrowsig._kernels.gsva_cdf import varying
from marrowsig._provenance import as_json, recall, record
from marrowsig._sets import index_sets
from marrowsig._version import __version__
from marrowsig._view import gene_names, matrix, whole
from marrowsig.tl._detected import detected
from marrowsig.tl._own_lists import COLUMN, as_text, named
from marrowsig.tl._score_kept import more_keys
from marrowsig.tl._score_needs import unmet
from marrowsig.tl._score_options import (
    check_kind,
    check_share,
    check_uncertainty,
    methods_of,
    options_of,
    with_columns,
)
from marrowsig.tl._score_run import result_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets
    from marrowsig._method import Method
    from marrowsig.sig import SignatureSet


@dataclass(frozen=True, eq=False)
class Task:
    """The matrix, and what is to be computed from it.

    options   of the methods as they were given, defaults filled in
    how       what else decides about the scores
    enough    (n_signatures,) which of them have enough genes and what they need; `job` scores these
    unmet     by id, what a signature declares to need and the data do not give
    """

    x: Any
    names: list[str]
    methods: list[Method]
    options: dict[str, dict[str, Any]]
    how: dict[str, Any]
    sigs: SignatureSet
    sets: Sets
    coverage: pd.DataFrame
    enough: NDArray[np.bool_]
    unmet: dict[str, str]
    job: Job

    @property
    def keys(self) -> dict[str, str]:
        """Key of `obsm` by name of the result."""
        return {name: f"score_{name}" for name in result_names(self.job)}


def prepared(
    adata: AnnData,
    signatures: Any,
    method: str | Iterable[str],
    *,
    layer: str | None,
    min_coverage: float,
    params: Mapping[str, Mapping[str, Any]] | None,
    uncertainty: str | None,
    extras: bool,
) -> Task:
    """Check all that can be checked before rows are read."""
    methods = methods_of(method)
    options = options_of(methods, params)
    check_share(min_coverage)
    check_uncertainty(uncertainty, methods, options)
    sigs = named(adata, signatures)
    names = gene_names(adata)
    x = matrix(adata, layer)
    check_kind(adata, x, layer, methods, options)
    sets, coverage = index_sets(sigs, names)
    coverage.insert(coverage.columns.get_loc("coverage") + 1, "detected", detected(x, sets))
    sets, lacking = unmet(sigs, sets, names, x)
    enough = enough_genes(coverage, min_coverage) & np.array([sig.id not in lacking for sig in sigs])
    some = sets.take(enough)
    job = Job(
        tuple(methods),
        some,
        with_columns(options, names, some, known=sets.names),
        extras=extras,
        jackknife=uncertainty is not None,
    )
    how: dict[str, Any] = {"layer": layer, "min_coverage": float(min_coverage), "uncertainty": uncertainty}
    return Task(x, names, methods, options, how, sigs, sets, coverage, enough, lacking, job)


def enough_genes(coverage: pd.DataFrame, min_coverage: float) -> NDArray[np.bool_]:
    """(n_signatures,) which have a gene here, and at least this share of their genes."""
    found, share = coverage["found"].to_numpy(), coverage["coverage"].to_numpy()
    # A hair below, so that 30 of 100 genes are not less than 0.1 + 0.2.
    return np.asarray((found > 0) & (share >= min_coverage - 1e-12))


def forget(adata: AnnData, task: Task) -> None:
    """Drop further results of an earlier call, which would no longer belong to the scores."""
    before = recall(adata, "scores", {})
    for m in task.methods:
        for key in json.loads(str(before.get(m.name, {}).get("more", "[]"))):
            if key in adata.obsm:
                del adata.obsm[key]


def remember(adata: AnnData, made: dict[str, Any]) -> None:
    """Write how the scores were made, as `entries` says it, into `uns`."""
    record(adata, "scores", {**recall(adata, "scores", {}), **made})


def entries(task: Task, *, mark: str = "", rows_of: str = "") -> dict[str, Any]:
    """Say by method how the scores were made, from which matrix (`mark`), and of which rows (`rows_of`)."""
    titles = [sig.title if sig.title != sig.id else "" for sig in task.sigs]
    rows = [
        (sig.id, sig.sha256, sig.axis, len(sig), len(sig.down), title, as_text(sig))
        for sig, title in zip(task.sigs, titles, strict=True)
    ]
    columns = ["id", "sha256", "axis", "n", "n_down", "title", COLUMN]
    scores: dict[str, Any] = {}
    for m in task.methods:
        scores[m.name] = {
            "params": as_json({**task.how, **task.options[m.name]}),
            "key": f"score_{m.name}",
            "more": as_json(more_keys(task, m)),
            "version": __version__,
            "matrix": mark,
            "rows": rows_of,
            "n_obs": task.x.shape[0],
            "coverage": task.coverage.copy(),
            "signatures": pd.DataFrame(rows, columns=columns),
        }
        if m.name == "gsva":
            scores[m.name]["varying"] = int(varying(whole(task.x)).sum())
    return scores
