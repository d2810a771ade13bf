"""How often a matrix is taken for scaled gene by gene that is not, and how often one that is.

Usage: python tests/bench/scaled.py [--out table.csv]

Every public matrix of the folder that MARROWSIG_SHARED names, simulated cells and simulated bulk, as users
bring them and as `sc.pp.scale` or `StandardScaler` leave them; all of each, and parts of its rows and genes.
"""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

import marrowsig as ms
from marrowsig._scaled import looks_centred, looks_scaled, scaled_by_scanpy

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20261127
GENES = 2000  # of each matrix, so that cells stay small
DRAWS = 3


class Source(NamedTuple):
    """`kind`: cells, bulk or array; `logged`: the values are logs; `group` of each row."""

    name: str
    kind: str
    x: np.ndarray
    logged: bool
    group: np.ndarray


class Given(NamedTuple):
    """One matrix as it comes to `ms.tl.score`; `var` is what scanpy wrote."""

    source: str
    kind: str
    made: str
    cut: str
    scaled: bool
    x: Any
    var: pd.DataFrame | None


def sources(folder: Path) -> Iterator[Source]:
    rng = np.random.default_rng(SEED)
    for file, sheet, column in TABLES:
        if not (path := folder / file).exists():
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            adata = ms.io.read(path, missing="drop")
        stored = sparse.csc_matrix(adata.X)
        keep = np.flatnonzero(np.diff(stored.indptr) >= min(3, adata.n_obs))
        values = stored[:, np.sort(rng.permutation(keep)[:GENES])].toarray().astype(np.float32)
        if sheet:
            table = pd.read_csv(path.parent / sheet, sep="\t", index_col=0)
            group = table.loc[adata.obs_names, column].astype(str).to_numpy()
        else:
            group = adata.obs[column].astype(str).to_numpy() if column else np.repeat("", len(values))
        cells = "_sc" in file or "tenx" in file
        logged = values.max() < 30 and not np.allclose(values, np.rint(values))
        kind = "cells" if cells else "array" if logged or values.min() < 0 else "bulk"
        name = path.parent.name if "datasets" in file else path.name
        yield Source(name, kind, values, bool(logged), group if column else _groups(values))
    demo = ms.ds.demo()
    yield Source("demo", "bulk", demo.X[:, :GENES], False, demo.obs["culture"].astype(str).to_numpy())
    for n, depth in ((300, 1.0), (1500, 0.3), (1500, 3.0)):
        level = rng.lognormal(-1.5, 1.8, GENES) * np.where(rng.random((4, GENES)) < 0.1, 5, 1) * depth
        kind = rng.integers(4, size=n)
        size = rng.lognormal(0, 0.4, (n, 1))
        cells = rng.poisson(level[kind] * size * rng.gamma(2, 0.5, (n, GENES))).astype(np.float32)
        yield Source(f"simulated, depth {depth:g}", "cells", cells, False, kind.astype(str))
    for n, sd in ((6, 0.3), (12, 0.5), (24, 1.0), (200, 1.0)):
        mean = rng.normal(4, 3, GENES) + rng.normal(size=(n, GENES)) * sd * rng.lognormal(0, 0.4, GENES)
        arm = np.repeat(["a", "b"], n // 2)
        yield Source(f"simulated, SD {sd:g}", "array", np.maximum(mean, 0), True, arm)


TABLES = (
    ("datasets/kang_pbmc_ifnb_sc/data.h5ad", "", "condition"),
    ("datasets/vangalen_aml_sc_a/data.h5ad", "", "cell_type"),
    ("datasets/t84_il22_ifnl/counts.tsv.gz", "samples.tsv", "condition"),
    ("datasets/pbmc_il13_gse79027/counts.tsv.gz", "samples.tsv", "condition"),
    ("datasets/ucmsc_primed_gse224190/fpkm.tsv.gz", "samples.tsv", "condition"),
    ("datasets/tgfb_emt_foroutan20/logexpr.tsv.gz", "samples.tsv", "condition"),
    ("datasets/leukemia_all_aml_broad48/expr_mas.tsv.gz", "samples.tsv", "condition"),
    ("formats/tenx_h5/v3.0.0_filtered_feature_bc_matrix.h5", "", ""),
    ("formats/geo_series_matrix/GSE48558_first1500probes_series_matrix.txt.gz", "", ""),
    ("formats/geo_supplementary_counts/GSE217195_counts_Thp1.txt.gz", "", ""),
    ("formats/gct/Leukemia_hgu95av2_first500.gct", "", ""),
    ("formats/gct/test_p100_v1.3.gct.gz", "", ""),
    ("formats/excel_mangled/raw_human_biopsy_counts.csv.gz", "", ""),
    ("formats/excel_mangled/ABIS_pure.csv.gz", "", ""),
)


def _groups(x: np.ndarray) -> np.ndarray:
    """Two kinds of rows, by the sign of the first component."""
    logs = _log(x)
    u = np.linalg.svd(logs - logs.mean(axis=0), full_matrices=False)[0][:, 0]
    return np.where(u > np.median(u), "a", "b")


def _log(x: np.ndarray, to: float = 1e6, base: float = 2.0) -> np.ndarray:
    total = np.maximum(x, 0).sum(axis=1, keepdims=True)
    return np.log1p(np.maximum(x, 0) / np.maximum(total, 1) * to) / np.log(base)


def unscaled(s: Source) -> dict[str, Any]:
    """The matrices that nobody scaled."""
    if s.logged:
        out, logs = {"log": s.x}, s.x
    elif s.kind == "cells":
        logs = _log(s.x, 1e4, np.e)
        out = {"counts": sparse.csr_matrix(s.x), "log": sparse.csr_matrix(logs), "log, dense": logs}
    else:
        logs = _log(s.x)
        out = {"linear": s.x, "log": logs}
    depth = np.log1p(np.abs(s.x).sum(axis=1))
    depth = (depth - depth.mean()) / max(depth.std(), 1e-9)
    centred = logs - logs.mean(axis=0)
    out["centred"] = centred
    out["residuals"] = centred - np.outer(depth, depth @ centred / len(logs))
    out["against controls"] = logs - logs[s.group == s.group[0]].mean(axis=0)
    means = pd.DataFrame(logs).groupby(s.group).transform("mean").to_numpy()
    out["centred by group"] = logs - means
    rows = logs - logs.mean(axis=1, keepdims=True)
    out["z by sample"] = rows / np.maximum(logs.std(axis=1, keepdims=True), 1e-9)
    return out


def scaled(s: Source) -> dict[str, tuple[Any, pd.DataFrame | None]]:
    import scanpy as sc
    from sklearn.preprocessing import StandardScaler

    logs = s.x if s.logged else _log(s.x, 1e4, np.e) if s.kind == "cells" else _log(s.x)
    out = {}
    for name, how in {
        "scanpy": {}, "scanpy, at most 10": {"max_value": 10}, "scanpy, not centred": {"zero_center": False},
    }.items():  # fmt: skip
        adata = AnnData(logs.astype(np.float32))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sc.pp.scale(adata, **how)
        out[name] = (adata.X, adata.var[["mean", "std"]])
    if s.kind == "cells":
        values, var = out["scanpy, not centred"]
        out["scanpy, not centred, sparse"] = (sparse.csr_matrix(values), var)
    out["Seurat"] = (np.minimum(out["scanpy"][0], 10), None)
    out["StandardScaler"] = (StandardScaler().fit_transform(logs), None)
    return out


def cuts(s: Source, rng: np.random.Generator, *, part: bool) -> Iterator[tuple[str, Any, Any]]:
    """Names, rows and genes of the parts: some of few rows (`part`: some that were scaled with others)."""
    n, p = s.x.shape
    rows, genes = np.arange(n), np.arange(p)
    logs = s.x if s.logged else _log(s.x)
    order = np.argsort(-logs.var(axis=0), kind="stable")
    yield "all", rows, genes
    for most in (500, 200):
        if p > most:
            yield f"{most} variable genes", rows, np.sort(order[:most])
    kinds = [k for k, m in zip(*np.unique(s.group, return_counts=True), strict=True) if k and 3 <= m < n]
    for kind in kinds[:6]:
        yield "one kind of cells" if s.kind == "cells" else "one arm", rows[s.group == kind], genes
    for _ in range(DRAWS):
        for most in (50, 25):
            yield f"{most} genes", rows, np.sort(rng.permutation(p)[:most])
        sizes = {f"{100 * f:g} % of the rows": int(f * n) for f in (0.5, 0.1)} if part else {}
        sizes = sizes or {f"{m} rows": m for m in (3, 5, 10, 20, 50)}
        for name, m in sizes.items():
            if 3 <= m < n:
                some = np.sort(rng.permutation(n)[:m])
                yield name, some, genes
                if p > 200:
                    yield f"{name}, 200 variable genes", some, np.sort(order[:200])


def matrices(folder: Path) -> Iterator[Given]:
    for s in sources(folder):
        rng = np.random.default_rng([SEED, *s.name.encode()])
        made: dict[str, tuple[Any, pd.DataFrame | None]] = {k: (x, None) for k, x in unscaled(s).items()}
        for name, (x, var) in {**made, **scaled(s)}.items():
            part = name not in made
            for cut, rows, genes in cuts(s, rng, part=part):
                own = None if var is None else var.iloc[genes]
                yield Given(s.name, s.kind, name, cut, part, x[rows][:, genes], own)


def told(one: Given) -> bool:
    if looks_scaled(one.x):
        return True
    return one.var is not None and scaled_by_scanpy(AnnData(one.x, var=one.var), one.x)


COLUMNS = {True: ("all rows", "10 or more of them", "3 to 9 of them"), False: ("cells", "bulk", "array")}


def as_markdown(table: pd.DataFrame) -> str:
    """Matrices told of all, one line for each way they were made; if scaled, by the rows that are left."""
    ever = bool(table["scaled"].iloc[0])
    part = table["cut"].str.contains("rows|one kind|one arm")
    rows = table["x"].map(lambda shape: shape[0])
    column = pd.Series(
        np.where(part, np.where(rows < 10, "3 to 9 of them", "10 or more of them"), "all rows")
    )
    column = column.set_axis(table.index) if ever else table["kind"]
    lines = ["| | " + " | ".join(COLUMNS[ever]) + " |", "|---|" + "---|" * 3]
    for made, own in table.groupby("made", sort=False):
        told = [own["told"][column[own.index] == name] for name in COLUMNS[ever]]
        lines.append(
            f"| {made} | " + " | ".join(f"{t.sum()} of {t.size}" if t.size else "" for t in told) + " |"
        )
    return "\n".join(lines)


def main() -> None:
    from tqdm import tqdm

    parser = argparse.ArgumentParser(description="False alarms and detection of matrices scaled by gene.")
    parser.add_argument("--out", type=Path, help="one row per matrix")
    given = parser.parse_args()
    folder = Path(os.environ.get("MARROWSIG_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    table = pd.DataFrame(
        {
            **one._asdict(),
            "x": one.x.shape,
            "var": one.var is not None,
            "told": told(one),
            "centred": looks_centred(one.x),
        }
        for one in tqdm(matrices(folder), desc="matrices")
    )
    if given.out:
        table.to_csv(given.out, index=False)
    for part in (table[~table["scaled"]], table[table["scaled"]]):
        print(as_markdown(part), f"{part['told'].sum()} of {len(part)}", sep="\n\n", end="\n\n")
    print(
        "Around 0 gene by gene:", as_markdown(part := table[~table["scaled"]].assign(told=table["centred"]))
    )
    print(f"{part['told'].sum()} of {len(part)}", end="\n\n")
    print(table[~table["scaled"] & table["told"]][["source", "made", "cut", "x"]].to_string())


if __name__ == "__main__":
    main()
