"""Share of stroma from genes of one sex, where cells and stroma come from different ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError, first
from marrowsig.qc._share_frame import share_frame
from marrowsig.qc._stroma_study import study

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from marrowsig.design import Design

FEMALE = ("XIST",)
MALE = ("RPS4Y1", "DDX3Y", "KDM5D", "EIF1AY", "UTY", "USP9Y", "ZFY")
LEVEL, RATIO, FLOOR = 5.0, 20.0, 0.1


def sex_share(
    adata: AnnData,
    design: Design,
    *,
    stroma: AnnData | pd.Series | str,
    layer: str | None = None,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Estimate the share of stromal RNA from XIST, or from genes of the Y chromosome.

    Parameters
    ----------
    adata
        Samples x genes of the blasts, counts (in X, or kept by `ms.pp.lognorm`).
    design
        With `culture`, as for `ms.qc.stroma`.
    stroma
        What stroma expresses, as for `ms.qc.stroma`.
    layer
        Layer with the counts.
    alpha
        One minus the level of the interval.

    Returns
    -------
    DataFrame
        One row per sample of the design: sample, share (0 to 1), share_low, share_high (of a Poisson count),
        reads found, expected (in stroma alone at this depth), background (of cells alone), markers: those of
        XIST, RPS4Y1, DDX3Y, KDM5D, EIF1AY, UTY, USP9Y, ZFY with at least 5 per million in stroma and 20
        times what cells alone have. It can be passed on as `ms.qc.stroma(..., shares=)`.

    Raises
    ------
    InputError
        If no such gene tells stroma and cells apart, as where both have the same sex, stroma is not given, or
        reads are not counts. Many leukaemic lines have lost Y or silenced XIST: what counts is what they
        express.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()[:, :60].copy()
    >>> adata.var_names = ["XIST", *adata.var_names[1:]]
    >>> adata.X[:, 0] = 500 * (adata.obs["culture"] == "co")
    >>> male = adata[adata.obs["culture"] == "mono"].to_df().mean()
    >>> female = male.where(male.index != "XIST", 20_000)
    >>> found = ms.qc.sex_share(adata, ms.Design(culture="culture", line="line", pair="pair"), stroma=female)
    >>> found["markers"].unique().tolist()
    ['XIST']
    """
    read = study(adata, design, stroma=stroma, layer=layer, scale=None)
    if read.reference is None:
        msg = (
            "stroma= is None, so how much of these genes stroma has is not known. Give the level of the "
            "compartment (or culture) column that names stroma grown alone, an AnnData of such samples, or a "
            "Series of linear expression."
        )
        raise InputError(msg)
    depth = read.linear.depth[read.frame["row"].to_numpy()]
    if np.isnan(depth).any():
        msg = (
            f"Sex-linked genes are few, so their reads have to be counted, but this is {read.linear.how}. "
            "Give raw counts, in X or with layer=."
        )
        raise InputError(msg)
    place = {gene: i for i, gene in enumerate(read.linear.names)}
    known = [gene for gene in (*FEMALE, *MALE) if gene in place]
    profile, blood = read.reference.profile, read.bases.max(axis=0)
    used = [
        gene for gene in known if profile[place[gene]] >= max(LEVEL, RATIO * (blood[place[gene]] + FLOOR))
    ]
    if not used:
        told = (f"{g} {profile[place[g]]:.3g} in stroma, {blood[place[g]]:.3g} in cells" for g in known)
        seen = first(told, 8) or "none was measured"
        msg = (
            f"No sex-linked gene tells stroma from the cells (per million): {seen}. Use ms.qc.stroma, which "
            "takes other genes."
        )
        raise InputError(msg)
    columns = [place[gene] for gene in used]
    million = depth / 1e6
    found = read.expression[:, columns].sum(axis=1) * million
    own = read.bases[read.frame["base"].to_numpy()][:, columns].sum(axis=1) * million
    expected = profile[columns].sum() * million
    return share_frame(list(read.frame["name"]), found, expected, own, markers=", ".join(used), alpha=alpha)
