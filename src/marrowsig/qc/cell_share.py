"""Share of ambient or stromal RNA in single cells, and in the cells of each donor together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from marrowsig._elsewhere import elsewhere
from marrowsig._errors import InputError, first
from marrowsig._kinds import COUNTS
from marrowsig._stats.mixing import markers as markers_of
from marrowsig._stats.share import marker_shares, pooled_share
from marrowsig._view import gene_names, matrix
from marrowsig.io._kind import LOG_MAX, guess_kind
from marrowsig.qc._share_frame import check_alpha
from marrowsig.qc._stroma_shares import may_mark
from marrowsig.sig import as_set

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig.sig import Signature, SignatureSet

    Array = NDArray[np.float64]

LEAST = 5
COLUMNS = ("group", "share", "share_low", "share_high", "n_cells", "n_markers", "spread")


def cell_share(
    adata: AnnData,
    *,
    ambient: pd.Series,
    alone: pd.Series,
    groupby: str | None = None,
    signatures: SignatureSet | Signature | str | Iterable[str | Signature] = ("emt", "il6", "stat3"),
    markers: Iterable[str] | None = None,
    layer: str | None = None,
    key_added: str = "stroma_share",
    alpha: float = 0.05,
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Estimate the share of RNA that is not a cell's own, cell by cell, and over the cells of each donor.

    Parameters
    ----------
    adata
        Cells (blasts, doublets removed) x genes, counts, dense or sparse, in memory.
    ambient
        Linear expression by gene of what is carried over: empty droplets of the library, or the sum of its
        stromal cells.
    alone
        Linear expression by gene of the same kind of cells without stroma: the sum of a mono-culture, or
        of sorted blasts.
    groupby
        Column of `adata.obs` that names the donor or library, one row each in the result.
    signatures
        Signatures to be tested: their genes are no markers, nor is what IL-6 and TGF-beta drive, nor are
        mitochondrial genes.
    markers
        Genes to use instead of the rule of `ms.qc.stroma`.
    layer
        Layer with the counts; X by default.
    key_added
        Column of `adata.obs` that takes each cell's share.
    alpha
        One minus the level of the intervals.
    rng
        Seed or generator of the bootstrap over markers.

    Returns
    -------
    DataFrame
        One row per group: group, share (mean of the middle 80 % of marker ratios in the summed cells; their
        median where `share_low` is 0), share_low, share_high (bootstrap over markers), n_cells, n_markers,
        spread (SD of log2 ratios). Written: `obs[key_added]`, each cell's reads in markers over what stroma
        alone would have there; a cell has few such reads, so this is for looking at, not for cutting. The
        sums go through `ms.qc.stroma(ms.pp.pseudobulk(...), stroma=ambient)`.

    Raises
    ------
    InputError
        If fewer than five markers are found, a profile does not fit or is logged, `groupby` is no full column
        of `obs`, or the values are not counts.

    Examples
    --------
    >>> import marrowsig as ms
    >>> cells, msc = ms.ds.demo(), ms.ds.demo_stroma().to_df().sum()
    >>> alone = cells[cells.obs["culture"] == "mono"].to_df().sum()
    >>> found = ms.qc.cell_share(cells, ambient=msc, alone=alone, groupby="culture")
    >>> bool((found.set_index("group").loc["co", "share_low"] > 0))
    True

    References
    ----------
    Lun et al., Genome Biology 2019, doi:10.1186/s13059-019-1662-y (ambient RNA in droplets).
    """
    check_alpha(alpha)
    names = gene_names(adata)
    x = matrix(adata, layer)
    _check(adata, x, layer, groupby)
    depth = np.asarray(x.sum(axis=1)).ravel().astype(float)
    if (depth <= 0).any():
        msg = f"{int((depth <= 0).sum())} cells have no counts: {first(adata.obs_names[depth <= 0])}."
        raise InputError(msg)
    s, a = (_million(profile, names, word) for profile, word in ((ambient, "ambient"), (alone, "alone")))
    columns = _columns(names, s, a, signatures, markers)
    part = x[:, columns]
    reads = np.asarray(part.sum(axis=1)).ravel().astype(float)
    share, _, _ = pooled_share(
        reads, s[columns].sum() * depth / 1e6, a[columns].sum() * depth / 1e6, alpha=alpha
    )
    adata.obs[key_added] = share
    label = adata.obs[groupby].astype(str).to_numpy() if groupby else np.full(adata.n_obs, "all")
    groups = list(dict.fromkeys(label))
    sums = _sums(part, label, groups) / np.array([depth[label == g].sum() for g in groups])[:, None] * 1e6
    own = np.broadcast_to(a[columns], sums.shape)
    found = marker_shares(sums, own, s[columns], rng=np.random.default_rng(rng), alpha=alpha)
    table = {
        "group": groups, "share": found.share, "share_low": found.low, "share_high": found.high,
        "n_cells": [int((label == g).sum()) for g in groups], "n_markers": len(columns),
        "spread": found.spread,
    }  # fmt: skip
    return pd.DataFrame(table)[list(COLUMNS)]


def _check(adata: AnnData, x: Any, layer: str | None, groupby: str | None) -> None:
    """Refuse what is not counted, and cells without a group."""
    kind = guess_kind(x, obs_names=list(adata.obs_names), var_names=list(adata.var_names))[0]
    if kind not in COUNTS:
        where = "adata.X" if layer is None else f"layer {layer!r}"
        remedy = elsewhere(adata, COUNTS, but=layer) or "Give raw counts, in X or with layer=."
        msg = f"ms.qc.cell_share counts reads, but {where} is {kind}. {remedy}"
        raise InputError(msg)
    if groupby is None:
        return
    if groupby not in adata.obs:
        msg = f"groupby={groupby!r} is no column of obs. It has: {first(adata.obs.columns) or 'none'}."
        raise InputError(msg)
    empty = adata.obs_names[adata.obs[groupby].isna()]
    if len(empty):
        msg = (
            f"Column {groupby!r} is empty in {len(empty)} of {adata.n_obs} cells: {first(empty)}. Fill it "
            "in, or leave these cells out."
        )
        raise InputError(msg)


def _million(profile: pd.Series, names: list[str], word: str) -> Array:
    if not isinstance(profile, pd.Series) or not profile.index.is_unique:
        msg = (
            f"{word}= is a {type(profile).__name__}; it has to be a Series of linear expression by gene, "
            "each gene once. Of an AnnData of counts: adata.to_df().sum()."
        )
        raise InputError(msg)
    values = profile.reindex(names).fillna(0.0).to_numpy(dtype=np.float64)
    if (values < 0).any() or values.sum() <= 0:
        msg = f"{word}= shares no gene with adata, or has values below zero. Give counts by current symbol."
        raise InputError(msg)
    if values.max() <= LOG_MAX and not (values == np.rint(values)).all():
        msg = f"The highest value of {word}= is {values.max():.3g}: give linear expression, not logs."
        raise InputError(msg)
    return values / values.sum() * 1e6


def _columns(
    names: list[str],
    s: Array,
    a: Array,
    signatures: SignatureSet | Signature | str | Iterable[str | Signature],
    markers: Iterable[str] | None,
) -> list[int]:
    if markers is not None:
        wanted = set(markers)
        found = [i for i, gene in enumerate(names) if gene in wanted and s[i] > a[i]]
    else:
        found = [int(i) for i in markers_of(a, s, may_mark(names, as_set(signatures)))]
    if len(found) < LEAST:
        msg = f"Only {len(found)} genes are high in ambient= and absent in alone=. Name others with markers=."
        raise InputError(msg)
    return found


def _sums(part: Any, label: NDArray[np.str_], groups: list[str]) -> Array:
    rows = [part[np.flatnonzero(label == g)].sum(axis=0) for g in groups]
    if sparse.issparse(part):
        return np.vstack([np.asarray(row).ravel() for row in rows]).astype(float)
    return np.vstack(rows).astype(float)
