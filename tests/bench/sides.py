"""The two sides of a comparison: `ms.tl.score`, and the peers. Each makes (run, read) for given sets.

`run(adata)` is what is timed: one public call that writes its scores into the AnnData. What a caller prepares
once per collection of sets (a SignatureSet, a long table) is prepared before. `read(adata)` gives the scores,
rows x sets, and is not timed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from data import as_anndata, expression, gene_sets
from measure import threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from anndata import AnnData

    Sets = dict[str, list[str]]
    Side = tuple[Callable[[AnnData], Any], Callable[[AnnData], Any]]

WARM = 200  # rows of the untimed first call, and at most a tenth of all


def build(side: Any, kind: str, n: int, rows: int, n_sets: int) -> dict[str, Callable[[], Any]]:
    """Calls for a `Worker`: fresh (a new AnnData), run (the timed one), scores (of the last run)."""
    x = expression(kind, n)
    x = x if rows == n else x[:rows].copy()
    sets = gene_sets(n_sets)
    run, read = PEERS[side](sets) if isinstance(side, str) else ours(sets, *side)
    state = {"adata": as_anndata(x[: max(2, min(WARM, rows // 10))].copy())}
    run(state["adata"])

    def fresh() -> None:
        state["adata"] = as_anndata(x)

    def call() -> None:
        run(state["adata"])

    def scores() -> Any:
        return np.asarray(read(state["adata"]), dtype=np.float64)

    return {"fresh": fresh, "run": call, "scores": scores}


def signatures(sets: Sets) -> Any:
    import marrowsig as ms

    return ms.sig.SignatureSet([ms.sig.Signature(name, axis="control", genes=g) for name, g in sets.items()])


def missing(methods: tuple[str, ...]) -> list[str]:
    """Those that `ms.methods` does not have."""
    import marrowsig as ms

    return [m for m in methods if m not in ms.methods.METHODS]


def ours(sets: Sets, methods: tuple[str, ...], params: dict[str, dict[str, Any]]) -> Side:
    import marrowsig as ms

    if gone := missing(methods):
        msg = f"ms.methods lacks {', '.join(gone)}"
        raise LookupError(msg)
    sigs, keys = signatures(sets), [f"score_{m}" for m in methods]
    return (
        lambda adata: ms.tl.score(adata, sigs, method=list(methods), params=params),
        lambda adata: np.hstack([adata.obsm[key][list(sets)] for key in keys]),
    )


def each_alone(sets: Sets) -> Side:
    """Ours, method by method: what one pass for several rank methods is compared with."""
    sides = [ours(sets, (m,), {}) for m in RANK_METHODS]

    def run(adata: AnnData) -> None:
        for score, _ in sides:
            score(adata)

    return run, lambda adata: np.hstack([read(adata) for _, read in sides])


def pyucell(sets: Sets) -> Side:
    from pyucell import compute_ucell_scores

    columns = [f"{name}_UCell" for name in sets]
    return lambda adata: compute_ucell_scores(adata, sets, n_jobs=threads()), lambda adata: adata.obs[columns]


def scanpy(sets: Sets) -> Side:
    from scanpy.tl import score_genes

    def run(adata: AnnData) -> None:
        for name, genes in sets.items():
            score_genes(adata, genes, score_name=name)

    return run, lambda adata: adata.obs[list(sets)]


def decoupler(name: str) -> Callable[[Sets], Side]:
    def side(sets: Sets) -> Side:
        import decoupler as dc

        net = pd.DataFrame([(s, g, 1.0) for s, genes in sets.items() for g in genes], columns=NET)
        method = getattr(dc.mt, name)
        # empty=False: the default drops genes without counts, which changes the statistic (and takes longer).
        return lambda adata: method(adata, net, empty=False), lambda adata: adata.obsm[f"score_{name}"][
            list(sets)
        ]

    return side


def gseapy(name: str) -> Callable[[Sets], Side]:
    options = {"ssgsea": {"sample_norm_method": "rank"}, "gsva": {"kcdf": "Gaussian"}}[name]

    def side(sets: Sets) -> Side:
        import gseapy as gp

        size = {"min_size": 1, "max_size": 1_000, "threads": threads(), "outdir": None}

        def run(adata: AnnData) -> None:
            found = getattr(gp, name)(adata.to_df().T, sets, **options, **size).res2d
            wide = found.set_index(["Name", "Term"])["ES"].astype(float).unstack()  # noqa: PD010 - unique pairs
            adata.obsm["score"] = wide.loc[adata.obs_names, list(sets)]

        return run, lambda adata: adata.obsm["score"]

    return side


NET = ["source", "target", "weight"]
RANK_METHODS = ("ucell", "aucell", "singscore", "ssgsea")
PEERS: dict[str, Callable[[Sets], Side]] = {
    "pyucell": pyucell,
    "scanpy.tl.score_genes": scanpy,
    "gseapy.ssgsea": gseapy("ssgsea"),
    "gseapy.gsva": gseapy("gsva"),
    "each alone": each_alone,
    **{f"decoupler.mt.{name}": decoupler(name) for name in ("aucell", "zscore", "ulm", "waggr")},
}
