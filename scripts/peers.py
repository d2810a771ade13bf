"""Simulated expression, and one call per package that gives its scores as a frame.

For disagreements.py and traps.py.
"""

from __future__ import annotations

import io
import warnings
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

import marrowsig as ms

if TYPE_CHECKING:
    from collections.abc import Callable

P = 2000
GENES = [f"G{i:04d}" for i in range(P)]
Row = tuple[str, str, str, str]
Sets = dict[str, dict[str, float]]


class Data(NamedTuple):
    """Counts and log expression, samples or cells x genes."""

    counts: pd.DataFrame
    logged: pd.DataFrame


@cache
def bulk() -> Data:
    """24 samples; 40 genes are zero everywhere, 15 are at a floor of 5, and low counts are tied."""
    rng = np.random.default_rng(1)
    mean = 2 ** (rng.normal(4, 2.5, P) + rng.normal(0, 0.6, (24, P))) * rng.lognormal(0, 0.3, (24, 1))
    counts = rng.poisson(mean).astype(float)
    counts[:, rng.choice(P, 40, replace=False)] = 0
    logged = np.log2(counts / counts.sum(axis=1, keepdims=True) * 1e6 + 1)
    logged[:, rng.choice(P, 15, replace=False)] = 5.0
    return Data(frame(counts, "s"), frame(logged, "s"))


@cache
def cells() -> Data:
    """300 cells; 71 % of the counts are zero, and 268 genes are zero everywhere."""
    rng = np.random.default_rng(2)
    share = rng.gamma(0.3, 1.0, P)
    size = rng.lognormal(7.3, 0.5, (300, 1))
    counts = rng.poisson(rng.gamma(2, 0.5, (300, P)) * share / share.sum() * size).astype(float)
    logged = np.log1p(counts / counts.sum(axis=1, keepdims=True) * 1e4)
    return Data(frame(counts, "c"), frame(logged, "c"))


@cache
def sets() -> Sets:
    """Six lists of 10 to 80 genes, one of them sharing half of its genes with another."""
    rng = np.random.default_rng(3)
    drawn = [rng.choice(GENES, n, replace=False) for n in (10, 15, 25, 40, 80)]
    drawn.append(np.concatenate([drawn[2][:12], rng.choice(GENES[:50], 12, replace=False)]))
    return {f"emt.s{i}": dict.fromkeys(map(str, genes), 1.0) for i, genes in enumerate(drawn)}


@cache
def untied() -> pd.DataFrame:
    """24 samples of normal numbers, no two of which are equal."""
    return frame(np.random.default_rng(4).normal(size=(24, P)), "s")


def signed() -> Sets:
    """Give the same lists, every third gene falling."""
    return {
        name: {g: -1.0 if i % 3 == 2 else 1.0 for i, g in enumerate(genes)} for name, genes in sets().items()
    }


def frame(x: Any, letter: str) -> pd.DataFrame:
    return pd.DataFrame(x, index=[f"{letter}{i:03d}" for i in range(len(x))], columns=GENES)


def quietly(work: Callable[[], Any]) -> Any:
    """Call `work` without its warnings and prints."""
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        return work()


def ours(method: str, x: pd.DataFrame, given: Sets, *, extra: str = "", **params: Any) -> pd.DataFrame:
    """Scores of `ms.tl.score`, or one of its further results, without its warnings."""
    adata = AnnData(sparse.csr_matrix(x.to_numpy()), obs=pd.DataFrame(index=x.index))
    adata.var_names = x.columns
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    signatures = ms.sig.SignatureSet(ms.sig.Signature(n, axis="emt", genes=g) for n, g in given.items())
    options = {"params": {method: params}, "min_coverage": 0, "extras": bool(extra)}
    quietly(lambda: ms.tl.score(adata, signatures, method=method, **options))
    return adata.obsm[f"score_{method}{extra}"]


# The other packages


def gseapy(verb: str, x: pd.DataFrame, given: Sets, *, column: str = "ES", **options: Any) -> pd.DataFrame:
    """One column of what `gseapy.ssgsea` or `gseapy.gsva` gives."""
    import gseapy as gp

    lists = {name: list(genes) for name, genes in given.items()}
    call = {"data": x.T, "gene_sets": lists, "outdir": None, "min_size": 1, "max_size": P, **options}
    call |= {"no_plot": True, "sample_norm_method": "rank"} if verb == "ssgsea" else {}
    found = quietly(lambda: getattr(gp, verb)(**call)).res2d
    table = found.pivot_table(index="Name", columns="Term", values=column, aggfunc="first")
    return table.astype(float).reindex(index=x.index, columns=list(given))


def decoupler(
    method: str, x: pd.DataFrame, given: Sets, *, part: int = 0, tmin: int = 1, **options: Any
) -> pd.DataFrame:
    """Scores (`part=0`) or adjusted p-values (`part=1`) of one method of decoupler."""
    import decoupler as dc

    edges = [(name, gene, weight) for name, genes in given.items() for gene, weight in genes.items()]
    net = pd.DataFrame(edges, columns=["source", "target", "weight"])
    found = quietly(lambda: getattr(dc.mt, method)(x, net, tmin=tmin, **options))[part]
    return found.reindex(index=x.index, columns=list(given))


def pyucell(x: pd.DataFrame, given: Sets, **options: Any) -> pd.DataFrame:
    """Scores of `pyucell.compute_ucell_scores`."""
    import pyucell as py

    adata = AnnData(sparse.csr_matrix(x.to_numpy()), obs=pd.DataFrame(index=x.index))
    adata.var_names = x.columns
    lists = {n: [g + ("-" if w < 0 else "") for g, w in genes.items()] for n, genes in given.items()}
    quietly(lambda: py.compute_ucell_scores(adata, lists, suffix="", n_jobs=1, **options))
    return adata.obs[list(given)].astype(float)


def scanpy(x: pd.DataFrame, given: Sets, *, seed: int = 0) -> pd.DataFrame:
    """Scores of `scanpy.tl.score_genes`."""
    import scanpy as sc

    adata = AnnData(x.to_numpy(), obs=pd.DataFrame(index=x.index))
    adata.var_names = x.columns
    for name, genes in given.items():
        known = [g for g in genes if g in x.columns]
        quietly(lambda n=name, g=known: sc.tl.score_genes(adata, g, score_name=n, random_state=seed))
    return adata.obs[list(given)].astype(float)


# What is looked at


def compare(text: str, a: pd.DataFrame, b: pd.DataFrame) -> Row:
    """Largest difference, its share of the range of `a`, and the lowest correlation over the samples."""
    gap = float(np.nanmax(np.abs(a.to_numpy() - b.to_numpy())))
    span = float(np.nanmax(a.to_numpy()) - np.nanmin(a.to_numpy()))
    low = min(a[name].corr(b[name]) for name in a if np.ptp(a[name]) > 0 and np.ptp(b[name]) > 0)
    return text, number(gap), number(gap / span), f"{low:.2f}"


def number(value: float) -> str:
    """Two digits; below a millionth only how small, because rounding differs between machines."""
    for limit in (1e-12, 1e-9, 1e-6):
        if value < limit:
            return "0" if value == 0 else f"< {limit:.0e}".replace("e-0", "e-")
    return f"{float(f'{value:.1e}'):.10g}"


def varying(x: pd.DataFrame) -> pd.DataFrame:
    return x.loc[:, np.ptp(x, axis=0) > 0]


def backwards(x: pd.DataFrame) -> pd.DataFrame:
    return x.iloc[:, ::-1]
