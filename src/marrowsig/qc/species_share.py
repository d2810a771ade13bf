"""Share of mouse stroma in human cells, from the species of the reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._covariates import numbers
from marrowsig._errors import InputError, first
from marrowsig._view import gene_names, matrix
from marrowsig.qc._share_frame import share_frame

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


def species_share(
    adata: AnnData,
    *,
    mouse: str,
    human: str | None = None,
    misread: float = 0.0,
    layer: str | None = None,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Share of the reads of each sample that are of mouse, for human cells grown on mouse stroma.

    Parameters
    ----------
    adata
        Samples (or cells) x genes, aligned to both genomes.
    mouse
        Column of `adata.obs` with the reads of mouse, or the prefix of mouse genes in `var_names`, such as
        `"mm10_"`.
    human
        Column with the reads of human, for a column in `mouse`. With a prefix all other genes are human.
    misread
        Share of reads of human cells alone that are taken for mouse (0 to 1), from a sample without stroma.
    layer
        Layer with the counts, for a prefix; X by default.
    alpha
        One minus the level of the interval.

    Returns
    -------
    DataFrame
        One row per sample: sample, share (0 to 1), share_low, share_high (of a Poisson count), reads (of
        mouse), expected (all reads), background (those misread), markers. It can be passed on as
        `ms.qc.stroma(..., shares=)`. Reads of many copies of one molecule are not independent: the interval
        is then too narrow.

    Raises
    ------
    InputError
        If the columns or genes are not there, hold no counts, or a sample has no reads.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> adata.obs["mm"], adata.obs["hs"] = 2_000, 98_000
    >>> ms.qc.species_share(adata, mouse="mm", human="hs")["share"].iloc[0].item()
    0.02
    """
    if not 0 <= misread < 1:
        msg = f"misread={misread!r} is not a share between 0 and 1."
        raise InputError(msg)
    ours, theirs, words = _reads(adata, mouse, human, layer)
    total = ours + theirs
    if not (total > 0).all() or (theirs < 0).any() or (ours < 0).any():
        bad = adata.obs_names[~(total > 0) | (theirs < 0) | (ours < 0)]
        msg = f"No reads, or negative ones, in {first(bad)}. Give counts."
        raise InputError(msg)
    names = [str(n) for n in adata.obs_names]
    return share_frame(names, theirs, total, misread * total, markers=words, alpha=alpha)


def _reads(adata: AnnData, mouse: str, human: str | None, layer: str | None) -> tuple[Array, Array, str]:
    """Count reads of human and of mouse, and say where."""
    if mouse in adata.obs:
        if human is None or human not in adata.obs:
            msg = f"mouse={mouse!r} is a column of obs: give the column of human reads as human=, too."
            raise InputError(msg)
        return numbers(adata.obs[human]), numbers(adata.obs[mouse]), f"reads in {mouse!r}"
    names = gene_names(adata)
    of_mouse = np.array([name.startswith(mouse) for name in names])
    if not of_mouse.any() or of_mouse.all():
        msg = (
            f"mouse={mouse!r} is no column of obs ({first(adata.obs.columns)}), and {int(of_mouse.sum())} of "
            f"{len(names)} genes start with it: {first(names)}."
        )
        raise InputError(msg)
    x = matrix(adata, layer)
    ours, theirs = (
        np.asarray(x[:, part].sum(axis=1)).ravel().astype(float) for part in (~of_mouse, of_mouse)
    )
    return ours, theirs, f"{int(of_mouse.sum())} genes {mouse}..."
