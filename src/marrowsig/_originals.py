"""Other packages' own implementations, for those who need exactly their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._method import Method

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets

    Part = Callable[[list[str]], NDArray[np.float64]]


def gseapy_ssgsea(
    x: Any, sets: Sets, *, weight: float = 0.25, sample_norm_method: str = "rank"
) -> NDArray[np.float64]:
    """ES of `gseapy.ssgsea` (n_obs, n_sets); ES_up - ES_down where there are two directions.

    Its NES is not offered: it divides by the range over all samples and signatures of the call.
    """
    import gseapy
    import pandas as pd

    names = _names(x.shape[1])
    dense = x.toarray() if issparse(x) else np.asarray(x)
    frame = pd.DataFrame(dense.T, index=names, columns=[f"s{i}" for i in range(x.shape[0])])
    parts = _parts(sets, names)
    given = {f"{sign}:{s}": members for (sign, s), members in parts.items()}
    done = gseapy.ssgsea(
        data=frame,
        gene_sets=given,
        outdir=None,
        sample_norm_method=sample_norm_method,
        weight=weight,
        min_size=1,
        max_size=x.shape[1],
        threads=1,
        no_plot=True,
    ).res2d
    table = done.pivot_table(index="Name", columns="Term", values="ES", aggfunc="first").astype(float)
    table = table.reindex(index=frame.columns, columns=list(given))
    return _up_minus_down(sets, {key: table[f"{key[0]}:{key[1]}"].to_numpy() for key in parts})


def scanpy_score_genes(
    x: Any,
    sets: Sets,
    *,
    ctrl_size: int = 50,
    n_bins: int = 25,
    random_state: int = 0,
    ctrl_as_ref: bool = True,
) -> NDArray[np.float64]:
    """`scanpy.tl.score_genes` (n_obs, n_sets); up - down where there are two directions.

    It draws control genes from numpy's global stream, which is put back afterwards.
    """
    import scanpy as sc
    from anndata import AnnData

    names = _names(x.shape[1])
    adata = AnnData(x)
    adata.var_names = names
    before = np.random.get_state()  # noqa: NPY002 - it is the stream that scanpy seeds
    out = {}
    try:
        for key, members in _parts(sets, names).items():
            sc.tl.score_genes(
                adata,
                members,
                ctrl_as_ref=ctrl_as_ref,
                ctrl_size=ctrl_size,
                n_bins=n_bins,
                random_state=random_state,
                use_raw=False,
            )
            out[key] = adata.obs["score"].to_numpy(dtype=float)
    finally:
        np.random.set_state(before)  # noqa: NPY002
    return _up_minus_down(sets, out)


def _names(n: int) -> list[str]:
    return [f"g{i:0{len(str(n))}d}" for i in range(n)]


def _parts(sets: Sets, names: list[str]) -> dict[tuple[int, int], list[str]]:
    out = {}
    for sign in (1, -1):
        part = sets.part(sign)
        for s in np.flatnonzero(part.found):
            out[sign, int(s)] = [names[j] for j in part.idx[part.ptr[s] : part.ptr[s + 1]]]
    return out


def _up_minus_down(sets: Sets, scores: dict[tuple[int, int], NDArray[np.float64]]) -> NDArray[np.float64]:
    n = len(next(iter(scores.values()))) if scores else 0
    out = np.zeros((n, len(sets)))
    for (sign, s), values in scores.items():
        out[:, s] += sign * values
    out[:, sets.found == 0] = np.nan
    return out


ORIGINALS: dict[str, Method] = {
    m.name: m
    for m in (
        Method(
            name="gseapy:ssgsea",
            kernel=gseapy_ssgsea,
            needs="cohort",
            per_obs=True,
            signed=True,
            weights=False,
            ref="doi:10.1093/bioinformatics/btac757",
            summary="gseapy's ssGSEA, its ES; tied genes count in reverse order of the columns",
            params={"weight": 0.25, "sample_norm_method": "rank"},
        ),
        Method(
            name="scanpy:score_genes",
            kernel=scanpy_score_genes,
            needs="cohort",
            per_obs=False,
            signed=True,
            weights=False,
            ref="doi:10.1186/s13059-017-1382-0",
            summary="scanpy's module score, with control genes drawn at random",
            params={"ctrl_size": 50, "n_bins": 25, "random_state": 0, "ctrl_as_ref": True},
        ),
    )
}
