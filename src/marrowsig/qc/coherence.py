"""How well the genes of each signature hang together in these data."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._errors import CoverageWarning, InputError, first
from marrowsig._provenance import recall
from marrowsig._sets import index_sets
from marrowsig._stats.coherence import METRICS, Background, background, n_varying
from marrowsig._stats.coherence import coherence as metrics
from marrowsig._view import gene_names, matrix, some_rows, whole
from marrowsig.io._kind import guess_kind, kind_of
from marrowsig.qc._matched import matched_sets, percentile
from marrowsig.tl._own_lists import named
from marrowsig.tl._score_needs import unmet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig.sig import Signature, SignatureSet

LEAST = 3
STEP = 101  # sets at a time
DIGITS = 12  # what is equal up to these is a tie
COLUMNS = [
    "signature", "metric", "value", "null_median", "null_low", "null_high", "percentile", "n_genes",
]  # fmt: skip


def coherence(
    adata: AnnData,
    signatures: SignatureSet | Signature | str | Iterable[str | Signature],
    *,
    layer: str | None = None,
    n_null: int = 200,
    rng: int | np.random.Generator = 0,
    as_published: bool = False,
) -> pd.DataFrame:
    """Ask whether the genes of a signature move together more than others that are expressed alike.

    Parameters
    ----------
    adata
        Samples x genes, log expression, `var_names` the gene symbols. A sparse matrix stays sparse.
    signatures
        A `SignatureSet`, a `Signature`, an id, an axis, or several of these.
    layer
        Layer to read instead of `X`.
    n_null
        Random sets per signature, of its size, from its expression bins, with its signs; 0 for none.
    rng
        Seed or generator of the random sets.
    as_published
        The metrics exactly as sigQC has them, without directions; see Notes.

    Returns
    -------
    DataFrame
        One row per signature and metric: signature, metric, value, null_median, null_low (5 %), null_high
        (95 %), percentile (per cent of the random sets below the value), n_genes (found). Nothing is written.

    Raises
    ------
    InputError
        If the values are not log expression, or an expression bin has too few genes to draw from.

    Warns
    -----
    CoverageWarning
        If a signature has fewer than three genes here that vary; its metrics are NaN.

    Notes
    -----
    Genes that fall are mirrored at their own mean before they are correlated, averaged or decomposed.
    `autocor_median` leaves out the diagonal (ones, a third of the matrix of three genes), constant genes
    are left out, and the first component points where the genes rise. `as_published=True` undoes all three.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.pp.lognorm(adata)
    >>> mine = ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[:8]))
    >>> table = ms.qc.coherence(adata, mine, n_null=20).set_index("metric")
    >>> bool(table.loc["autocor_median", "percentile"] > 50)
    True

    References
    ----------
    Dhawan et al., Nature Protocols 2019, doi:10.1038/s41596-019-0163-8.
    """
    from marrowsig._progress import tqdm

    if n_null < 0:
        msg = f"n_null={n_null!r} is below 0. Use e.g. n_null=200, or 0 for no random sets."
        raise InputError(msg)
    sigs, names, x = named(adata, signatures), gene_names(adata), matrix(adata, layer)
    _require_log(adata, x, layer)
    sets, coverage = index_sets(sigs, names)
    sets, lacking = unmet(sigs, sets, names, x)
    if lacking:
        told = first(f"{name}: {why}" for name, why in lacking.items())
        warnings.warn(f"The metrics are NaN for {told}.", CoverageWarning, stacklevel=2)
    every, draws = _background(x), np.random.default_rng(rng)
    parts, few = [], []
    with tqdm(total=len(sets) * (n_null + 1), desc="coherence", unit="set", delay=2, leave=False) as bar:
        for s, name in enumerate(sets.names):
            members = slice(sets.ptr[s], sets.ptr[s + 1])
            columns, signs = sets.idx[members], np.sign(sets.weight[members])
            part = np.full((5, len(METRICS)), np.nan)
            if name in lacking:
                pass
            elif n_varying(every, columns) < LEAST:
                few.append(f"{name} ({n_varying(every, columns)})")
            else:
                listed = int(coverage["listed"].iloc[s])
                drawn = matched_sets(every.mean, columns, n_sets=n_null, rng=draws)
                both = np.vstack([columns, drawn])
                part = _with_null(_metrics(every, both, signs, listed, bar, as_published=as_published))
            frame = pd.DataFrame(part.T, columns=COLUMNS[2:7])
            parts.append(frame.assign(signature=name, metric=METRICS, n_genes=columns.size))
    if few:
        msg = f"Fewer than {LEAST} genes vary here, so the metrics are NaN: {first(few)}."
        warnings.warn(msg, CoverageWarning, stacklevel=2)
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _metrics(
    every: Background,
    sets: NDArray[np.int64],
    signs: NDArray[np.float64],
    listed: int,
    bar: Any,
    *,
    as_published: bool,
) -> NDArray[np.float64]:
    """Metrics (n_sets, n_metrics), some sets at a time so that the bar moves."""
    parts = []
    for a in range(0, len(sets), STEP):
        some = sets[a : a + STEP]
        parts.append(metrics(every, some, signs, listed, as_published=as_published))
        bar.update(len(some))
    return np.concatenate(parts)


def _with_null(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Value, null median, 5 %, 95 % and percentile (5, n_metrics) of metrics (1 + n_null, n_metrics)."""
    value, random = values[0], values[1:]
    part = np.full((5, len(METRICS)), np.nan)
    part[0] = value
    known = ~np.isnan(random).all(axis=0)
    if len(random) and known.any():
        part[1:4, known] = np.nanquantile(random[:, known], [0.5, 0.05, 0.95], axis=0)
        part[4] = percentile(value.round(DIGITS), random.round(DIGITS))
    return part


def _background(x: Any) -> Background:
    try:
        return background(whole(x))
    except ValueError as error:
        msg = f"{error}; there is {x.shape[0]}."
        raise InputError(msg) from error


def _require_log(adata: AnnData, x: Any, layer: str | None) -> None:
    declared = layer is None and recall(adata, "input", {}).get("kind")
    kind = kind_of(adata) if declared else guess_kind(some_rows(x))[0]
    if kind != "log":
        where = "adata.X" if layer is None else f"layer {layer!r}"
        msg = f"Coherence needs log expression, but {where} holds {kind}. Run ms.pp.lognorm(adata) first."
        raise InputError(msg)
