"""Read what Cell Ranger writes: h5 files and matrix folders, old and new."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from marrowsig._errors import InputError, first
from marrowsig.io._content import content
from marrowsig.io._found import GENES_BY_SAMPLES, Found, assemble, frame, quiet
from marrowsig.io._matrix_market import read_entries
from marrowsig.io._tenx_check import check_tenx_group

if TYPE_CHECKING:
    from pathlib import Path

    from anndata import AnnData

_ENDINGS = ("matrix.mtx.gz", "matrix.mtx")
_GENES = ("features.tsv.gz", "features.tsv", "genes.tsv.gz", "genes.tsv")
_EXPRESSION = "Gene Expression"
ALL = "all"


def is_tenx_h5(path: Path) -> bool:
    """Whether an HDF5 file has the groups that Cell Ranger writes."""
    import h5py

    with h5py.File(path, "r") as handle:
        return "matrix" in handle or bool(_legacy_genomes(handle))


def read_tenx_h5(path: Path, *, genome: str | None) -> Found:
    """Read a Cell Ranger h5 file; gene symbols name the genes, Ensembl ids are in `var["gene_ids"]`.

    `genome="all"` takes all genomes, with `var["genome"]`.

    Raises
    ------
    InputError
        If it holds several genomes and `genome` names none of them, or those of an old file have other cells.
    """
    import h5py
    import scanpy as sc

    try:
        with h5py.File(path, "r") as handle:
            modern = "matrix" in handle
            genomes = _modern_genomes(handle) if modern else _legacy_genomes(handle)
            every = genome == ALL and ALL not in genomes
            chosen = None if every else _one_genome(genomes, genome, path.name)
            for where in ["matrix"] if modern else genomes if every else [str(chosen)]:
                check_tenx_group(handle[where], where, path.name)
    except (OSError, KeyError, TypeError, AttributeError) as error:
        msg = f"{path.name} is a damaged 10x file: {error}. Get it again."
        raise InputError(msg) from error
    one = chosen if len(genomes) > 1 or not modern else None
    with quiet():
        joined = every and not modern
        adata = _joined(path, genomes) if joined else sc.read_10x_h5(path, genome=one, gex_only=True)
    version = "v3" if modern else "v2"
    notes = [f"10x h5 {version}" + (f", genome {chosen or first(genomes)}" if genomes else "")]
    found = assemble(adata.X, adata.obs, adata.var)
    return Found(found, f"10x_h5 {version}", GENES_BY_SAMPLES, "counts", decisions=notes)


def _joined(path: Path, genomes: list[str]) -> AnnData:
    """Genomes of an old file side by side; it lists the cells of each by itself."""
    import anndata as ad
    import scanpy as sc

    parts = {name: sc.read_10x_h5(path, genome=name) for name in genomes}
    cells = parts[genomes[0]].obs_names
    other = [name for name, part in parts.items() if set(part.obs_names) != set(cells)]
    if other:  # a cell that is missing there was not measured as zero
        msg = (
            f"{path.name}: {first(other)} has other cells than {genomes[0]}, so they cannot be joined. Use "
            "the raw matrix, or read one genome."
        )
        raise InputError(msg)
    adata = ad.concat([part[cells] for part in parts.values()], axis="var")
    adata.var["genome"] = [name for name, part in parts.items() for _ in range(part.n_vars)]
    return adata


def find_tenx_folder(path: Path, *, genome: str | None) -> Path | None:
    """Find the folder at or one below `path` that holds a 10x matrix; `None` if there is none."""
    if _matrix_files(path):
        return path
    below = {f.name: f for f in sorted(path.iterdir()) if f.is_dir() and _matrix_files(f)}
    return below[_one_genome(list(below), genome, path.name) or next(iter(below))] if below else None


def read_tenx_folder(path: Path) -> Found:
    """Read matrix.mtx, barcodes.tsv and genes.tsv or features.tsv, packed or not, with or without a prefix.

    Raises
    ------
    InputError
        If a file lacks, or their sizes disagree.
    """
    matrices = _matrix_files(path)
    if len(matrices) > 1:
        names = first(m.name for m in matrices)
        msg = f"{path.name} holds {len(matrices)} matrices ({names}). Put each in its own folder."
        raise InputError(msg)
    ending = next(e for e in _ENDINGS if matrices[0].name.endswith(e))
    prefix = matrices[0].name.removesuffix(ending)
    genes_file = _beside(path, prefix, _GENES)
    genes = _lines(genes_file)
    barcodes = [row[0] for row in _lines(_beside(path, prefix, ("barcodes.tsv.gz", "barcodes.tsv")))]
    matrix = _matrix(matrices[0])
    if matrix.shape != (len(genes), len(barcodes)):
        msg = (
            f"{path.name}: the matrix is {matrix.shape[0]} x {matrix.shape[1]}, but {genes_file.name} lists "
            f"{len(genes)} genes and there are {len(barcodes)} barcodes. The files do not belong together."
        )
        raise InputError(msg)
    generation = "v3" if genes_file.name.removeprefix(prefix).startswith("features") else "v2"
    notes = [f"10x folder {generation}"]
    kinds = np.array([row[2] if len(row) > 2 else _EXPRESSION for row in genes])
    keep = np.flatnonzero(kinds == _EXPRESSION) if (kinds == _EXPRESSION).any() else np.arange(len(genes))
    if keep.size < len(genes):
        others = first(sorted(set(kinds) - {_EXPRESSION}))
        notes.append(f"{len(genes) - keep.size} features that are not genes left out: {others}")
    var = frame(
        [genes[i][1] if len(genes[i]) > 1 else genes[i][0] for i in keep],
        {"gene_ids": [genes[i][0] for i in keep]},
    )
    values = sparse.csr_matrix(matrix.T)[:, keep]
    return Found(
        assemble(values, frame(barcodes), var),
        f"10x_mtx {generation}",
        GENES_BY_SAMPLES,
        "counts",
        decisions=notes,
    )


def _legacy_genomes(handle: object) -> list[str]:
    groups = handle.items()  # type: ignore[attr-defined]
    return sorted(
        k for k, g in groups if hasattr(g, "keys") and {"barcodes", "genes", "indptr"} <= set(g.keys())
    )


def _modern_genomes(handle: object) -> list[str]:
    features = handle["matrix"].get("features")  # type: ignore[index]
    if features is None or "genome" not in features:
        return []
    names = {g.decode() for g in np.unique(features["genome"][:])}
    return sorted(names - {""})


def _one_genome(genomes: list[str], genome: str | None, name: str) -> str | None:
    if genome is not None and genome not in genomes:
        msg = f"{name} has no genome {genome!r}. It holds: {first(genomes)}."
        raise InputError(msg)
    if genome is None and len(genomes) > 1:
        msg = (
            f"{name} holds {len(genomes)} genomes: {first(genomes)}. "
            f"Say which: ms.io.read(path, genome={genomes[0]!r}). An h5 file is read whole with genome='all'."
        )
        raise InputError(msg)
    return genome or (genomes[0] if genomes else None)


def _matrix_files(path: Path) -> list[Path]:
    return sorted(f for f in path.iterdir() if f.name.endswith(_ENDINGS))


def _beside(path: Path, prefix: str, endings: tuple[str, ...]) -> Path:
    for ending in endings:
        if (path / f"{prefix}{ending}").is_file():
            return path / f"{prefix}{ending}"
    msg = f"{path.name}: {prefix}matrix.mtx is there, but none of {', '.join(prefix + e for e in endings)}."
    raise InputError(msg)


def _lines(path: Path) -> list[list[str]]:
    text = content(path).decode("utf-8")
    return [row for row in csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE) if row]


def _matrix(path: Path) -> sparse.csc_matrix:
    return read_entries(content(path), path.name)
