"""Values that `ms.tl.score` takes without complaint and a method would misread: one line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._elsewhere import RAW, elsewhere
from marrowsig._errors import first
from marrowsig._gene_ids import strip_ensembl
from marrowsig._kinds import COUNTS, LENGTHS
from marrowsig._originals import ORIGINALS
from marrowsig._provenance import recall
from marrowsig._rounded import percent
from marrowsig._scaled import looks_centred, looks_scaled, scaled_by_scanpy
from marrowsig._view import some_rows
from marrowsig.io._kind import ROUNDED, rounded_logs
from marrowsig.io._totals import rounded_per_million, totals
from marrowsig.tl._log_of_log import log_of_log
from marrowsig.tl._score_file import raw_genes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anndata import AnnData

    from marrowsig._method import Method
    from marrowsig.tl._score_task import Task

GENE_BY_GENE = ("mean", "wsum", "zscore")  # never hold one gene of a row against another
LINEAR = (*LENGTHS, "linear")
LOG_COUNTS = float(np.log2(1e6 + 1))  # what no log2 of counts per million exceeds
MANY_GENES = 1000
CUT = 8000  # genes that a matrix cut to variable ones has at most


def misread(adata: AnnData, task: Task) -> list[str]:
    """All that is to be said; the scores are what they are."""
    given = adata, task.x, task.how["layer"], task.methods
    return [note for say in (scaled, rounded, logged_twice, fractions, whole_tpm) if (note := say(*given))]


def scaled(adata: AnnData, x: Any, layer: str | None, methods: Sequence[Method]) -> str:
    """Name the methods that hold genes of a row against each other, where genes are not on one scale."""
    touched = [
        m for m in methods if m.name in ORIGINALS or (m.needs != "cohort" and m.name not in GENE_BY_GENE)
    ]
    if not touched:
        return ""
    if looks_scaled(x) or scaled_by_scanpy(adata, x):
        what = "is scaled gene by gene (standard deviation 1), as by sc.pp.scale"
        before = "as of adata.layers['log'] = adata.X.copy() ahead of sc.pp.scale"
    elif looks_centred(x):
        what = "lies around 0 gene by gene, as logs that were centred or taken against a reference"
        before = "on the scale of expression"
    else:
        return ""
    kinds = ("log", *COUNTS, *LINEAR) if all(m.needs == "rank" for m in touched) else ("log",)
    remedy = elsewhere(adata, kinds, but=layer) or f"Score the values from before, {before}."
    return (
        f"{_where(layer)} {what}: a value says how far a gene is from its own mean, and "
        f"{first(m.name for m in touched)} would hold it against other genes. {remedy}"
    )


def rounded(_adata: AnnData, x: Any, layer: str | None, methods: Sequence[Method]) -> str:
    """Name all methods, where logs were rounded to whole numbers."""
    rows = some_rows(x)
    if not rounded_logs(rows):
        return ""
    high = int(rows.max())
    return (
        f"{_where(layer)} holds logs that were rounded to whole numbers, 0 to {high}: {x.shape[1]} genes of "
        f"a row share {high + 1} values, so that most are tied, and {first(m.name for m in methods)} can "
        "hardly tell them apart. Score the values from before rounding."
    )


def logged_twice(adata: AnnData, x: Any, layer: str | None, methods: Sequence[Method]) -> str:
    """Name the methods that read values, where undoing a log leaves what looks logged still."""
    touched = [m.name for m in methods if m.needs != "rank"]
    by_scanpy = adata.uns.get("log1p")
    if not touched or x.shape[1] < MANY_GENES:
        return ""
    if not isinstance(by_scanpy, Mapping):
        return _by_hand(x, touched, layer)
    base = by_scanpy.get("base") or np.e
    rows = some_rows(x)
    rows = np.asarray(rows.toarray() if issparse(rows) else rows, dtype=np.float64)
    high = rows.max()
    if rows.min() < 0 or not 0 < high * np.log(base) < np.log1p(LOG_COUNTS):
        return ""
    undone = np.expm1(rows * np.log(base))
    total = undone.sum(axis=1)
    if np.allclose(undone, np.rint(undone), atol=1e-3) or np.ptp(total) < 0.01 * total.mean():
        return ""  # the log of shallow counts, or of rows brought to one sum: taken once
    place = "adata.X" if layer is None else f"adata.layers[{layer!r}]"
    remedy = elsewhere(adata, ("log",)) if layer is None else ""
    return (
        f"{_where(layer)} looks logged twice: the highest value in the rows looked at is {high:.3g}, and "
        f"with one log undone only {undone.max():.3g}. {first(touched)} would score it as it is. "
        f"{remedy or f'Undo one log: {place} = np.expm1({place}).'}"
    )


def _by_hand(x: Any, touched: Sequence[str], layer: str | None) -> str:
    high = log_of_log(x)
    if not high:
        return ""
    place = "adata.X" if layer is None else f"adata.layers[{layer!r}]"
    return (
        f"{_where(layer)} looks logged twice: none of {x.shape[1]} genes is above {high:.3g} in the rows "
        "looked at, where log2 expression reaches 10 to 16, and they lie closer together than logs do. "
        f"{first(touched)} would score it as it is. If log2(x + 1) was taken twice, undo one: "
        f"{place} = np.exp2({place}) - 1."
    )


def fractions(adata: AnnData, x: Any, layer: str | None, methods: Sequence[Method]) -> str:
    """Name rank methods, where estimated counts below one half rank above zeros."""
    touched = [m.name for m in methods if m.needs == "rank"]
    logged = recall(adata, "lognorm", {}) if layer is None else {}
    kept = str(logged.get("layer", "")) if logged.get("from") == "expected_counts" else ""
    declared = recall(adata, "input", {}).get("kind") if layer is None else None
    if not touched or not (kept in adata.layers or declared == "expected_counts"):
        return ""
    rows = some_rows(adata.layers[kept] if kept else x)
    stored = rows.data if issparse(rows) else np.asarray(rows)
    small = float(((stored > 0) & (stored < 0.5)).sum() / max(1, (stored > 0).sum()))
    if not small:
        return ""
    source = f"adata.layers[{kept!r}]" if kept else "adata.X"
    again = "; ms.pp.lognorm(adata, kind='counts')" if kept else ""
    return (
        f"{percent(small)} of the estimated counts above 0 (RSEM, salmon) are less than half a read, and "
        f"{first(touched)} would rank them above the zeros. Round first: adata.X = np.rint({source}){again}."
    )


def whole_tpm(adata: AnnData, x: Any, layer: str | None, methods: Sequence[Method]) -> str:
    """Name rank methods, where TPM were rounded to whole numbers and reading has not said so."""
    touched = [m.name for m in methods if m.needs == "rank"]
    if not touched or ROUNDED in str(recall(adata, "input", {}).get("decisions", "")):
        return ""
    logged = recall(adata, "lognorm", {}) if layer is None else {}
    kept = str(logged.get("layer", "")) if logged.get("from") == "tpm" else ""
    rows = some_rows(adata.layers.get(kept, x))
    stored = rows.data if issparse(rows) else np.asarray(rows)
    if not rounded_per_million(totals(rows)) or (stored != np.rint(stored)).any():
        return ""
    return (
        f"{_where(layer)} holds TPM or CPM that were rounded to whole numbers: each row sums to about a "
        f"million. Genes of low expression are tied, and {first(touched)} gives other scores than before "
        "rounding. Score the values from before, or the counts."
    )


def _bound(made: Mapping[str, Any]) -> str:
    """Say in how many samples a gene has to be expressed, and by which of the two rules."""
    if "by" not in made:
        return ""
    n, lead = f"{made['samples']:.3g}", f": {made['min_count']:g} reads or more are asked in"
    if made["by"] == "arms":
        return f"{lead} {n} samples, as many as the smallest arm has"
    return f"{lead} {n} samples, by the formula's model matrix; a design with fields goes by its smallest arm"


def in_raw(adata: AnnData, task: Task, path: Any = None) -> str:
    """Say what to run where raw (of the file `path`) has genes that X lacks, or X was cut; else nothing."""
    raw = raw_genes(path) if path is not None else [] if adata.raw is None else list(adata.raw.var_names)
    if made := recall(adata, "expressed", {}):
        gone = int(made["genes"]) - int(made["kept"])
        told = f"ms.pp.expressed left {gone} of {made['genes']} genes out, which count as missing"
        return f"{told}{_bound(made)}."
    if not raw:
        few = adata.n_vars < CUT and task.coverage["found"].sum() > 0
        told = f"The matrix has {adata.n_vars} genes. If it was cut to variable genes, score it from before: "
        return f"{told}scanpy's highly_variable_genes keeps all without subset=True." if few else ""
    rows = task.coverage[~task.enough]
    missing = {gene for text in rows["missing"] for gene in text.split(", ")}
    there = missing & set(raw)
    if sum(map(bool, map(strip_ensembl, adata.var_names))) < adata.n_vars / 2:  # of X, raw was not mapped
        there = {gene for gene in there if not strip_ensembl(gene)}
    if not there:
        return ""
    told = f"has {len(there)} of the {len(missing)} missing genes"
    if path is None:
        return f"adata.raw {told}: use {RAW}, and full in place of adata."
    once = "full = anndata.read_h5ad(path).raw.to_adata(); full.write_h5ad('full.h5ad')"
    return f"The raw of the file {told}: write it out once, {once}, and score that file."


def _where(layer: str | None) -> str:
    return "adata.X" if layer is None else f"layer {layer!r}"
