"""All signatures in all samples, each signature on its own scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from marrowsig._arms import as_text
from marrowsig._errors import InputError
from marrowsig._formula import FormulaDesign
from marrowsig.pl._colours import MISSING
from marrowsig.pl._levels import asked
from marrowsig.pl._read import FACTORS, STRATA, arm_order, chosen, one_method, wide
from marrowsig.pl._read import labels as arms_of
from marrowsig.pl._signature_names import beside, signature_names
from marrowsig.pl._style import SMALL, WIDE, axes, from_corner, given_width, room
from marrowsig.pl._tracks import MOST, draw, height, tracks
from marrowsig.pl._words import long, scored_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from anndata import AnnData
    from matplotlib.axes import Axes

    from marrowsig.design import Design
    from marrowsig.sig import Signature

LIMIT = 2.5  # standard deviations at which the colours end
ROW = 2.7  # millimetres of a signature, and of a sample whose name is written
BAR = 12.0  # millimetres that the colour bar takes at the right


def heatmap(
    adata: AnnData,
    signatures: str | Signature | Iterable[str | Signature] | None = None,
    *,
    method: str | None = None,
    design: Design | FormulaDesign | None = None,
    annotate: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    palette: Mapping[str, str] | None = None,
    order: Sequence[str] | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw signatures x samples, every signature centred and scaled over the samples shown.

    Parameters
    ----------
    adata
        After `ms.tl.score`.
    signatures
        Ids, axes or `Signature` objects to show, in this order; all by default.
    method
        A scoring method; by default singscore, or else the first by name that was used.
    design
        Orders the samples by arm, marks its columns (of a formula, those whose levels it names) in strips,
        and leaves out samples in no arm.
    annotate
        Columns of `obs` to show as strips above the samples, such as a batch or an age; with a design, after
        its own.
    labels
        Other words for signatures, columns or levels, such as `{"emt.hallmark": "EMT"}`.
    palette
        Colours of levels, such as `{"resistant": "#882255"}`, in the strips.
    order
        Levels in the order wanted, by which a design sorts its arms; any that are not named follow in theirs.
    ids
        Call signatures by their ids; by default by their titles, unless two share one or rows with titles
        would not fit onto a page.
    width
        Of a new figure, in millimetres; 180 by default.
    ax
        Where to draw; strips, legend and colour bar are insets of it. A new figure by default.

    Returns
    -------
    Axes
        The image holds z scores (no unit), grey where a signature has no score or does not vary; a white line
        parts the arms. n stands in the legend of the strips, and levels in the strips where they have room.

    Raises
    ------
    InputError
        If nothing was scored, a signature was not, `obs` lacks a column, or a level of `palette` or `order`
        is not one.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"])
    >>> ms.pl.heatmap(adata).images[0].get_array().shape
    (2, 16)
    """
    name = one_method(adata, method)
    frame = wide(adata, name)
    frame = frame[chosen(frame, signatures, name)]
    told = labels or {}
    if order is not None and design is None:
        msg = "order sorts the arms of a design. Give design=, or sort the samples of adata."
        raise InputError(msg)
    arms = None if design is None else _sorted_arms(adata, design, order)
    obs = adata.obs
    if design is not None and arms is not None:
        frame, obs = frame.loc[arms.index], obs.loc[arms.index]
    own = _of_design(design, obs)
    made = tracks(_as_levels(obs, own), [*own, *(annotate or [])], palette=palette, labels=told)
    n, k = frame.shape
    whole = given_width(width, WIDE) if ax is None else room(ax)
    called = signature_names(adata, map(str, frame.columns), method=name, labels=labels, by_id=ids)
    names, more = beside(called, frame.columns, whole)
    left, tall = long(names) + 2.0, k * (ROW + more)
    inner = max(12.0, whole - left - BAR)
    named = n * ROW <= inner
    below = 8.0 + (long(map(str, frame.index)) if named else 0.0)
    ax = axes(ax, width, usual=WIDE, height=max(8.0, tall) + height(made, whole - 3.0) + below)
    z = _z(frame)
    _image(ax, z, few=tall < 20)
    ax.set_yticks(range(k), names, fontsize=SMALL)
    ax.set_xticks(range(n) if named else [], list(frame.index) if named else [], rotation=90, fontsize=SMALL)
    ax.tick_params(length=0)
    grey = "\ngrey: no score, or the same in all" if np.isnan(z).any() else ""
    ax.set_xlabel(f"samples (n = {n}), {scored_by(name)}{grey}")
    if arms is not None:
        codes = arms.factorize()[0]
        for at in np.flatnonzero(np.diff(codes)):
            ax.axvline(at + 0.5, color="white", lw=1.0)
    if made:
        draw(ax, made, left=left, inner=inner, width=whole - 3.0)
    return ax


def _of_design(design: Design | FormulaDesign | None, obs: pd.DataFrame) -> list[str]:
    """Columns that make the arms, without those of more levels than there are colours, such as cell types.

    Of a formula, those whose levels it names.
    """
    if isinstance(design, FormulaDesign):
        return [column for column in design.levels if obs[column].nunique() <= MOST]
    columns = [getattr(design, name, None) for name in (*STRATA, *FACTORS)]
    return [column for column in columns if column and obs[column].nunique() <= MOST]


def _as_levels(obs: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Turn numbers that tell arms apart, such as hours, into levels."""
    return obs.assign(**{c: as_text(obs[c]).to_numpy() for c in columns})


def _sorted_arms(adata: AnnData, design: Design | FormulaDesign, order: Sequence[str] | None) -> pd.Series:
    frame = arms_of(adata.obs, cast("Design", design))
    arms = frame["arm"].dropna().astype(str)
    at = arms.map({arm: i for i, arm in enumerate(arm_order(frame, asked(order, design)))})
    return arms.loc[at.sort_values(kind="stable").index]


def _z(frame: pd.DataFrame) -> np.ndarray:
    """Z scores, `(n_signatures, n_samples)`, with the sample standard deviation; NaN without spread."""
    values = frame.to_numpy(dtype=float)
    centred = frame - frame.mean()
    spread = frame.std(ddof=1)
    # Rounding leaves a spread of some 1e-17 in a constant score.
    flat = spread <= 1e-12 * (1.0 + np.nanmax(np.abs(values), initial=0.0))
    return (centred / spread.mask(flat)).to_numpy(dtype=float).T


def _image(ax: Axes, z: np.ndarray, *, few: bool) -> None:
    from matplotlib import colormaps

    cmap = colormaps["RdBu_r"].with_extremes(bad=MISSING)
    shown = np.ma.masked_invalid(z)
    image = ax.imshow(shown, aspect="auto", cmap=cmap, vmin=-LIMIT, vmax=LIMIT, interpolation="none")
    bar = ax.inset_axes((1.5, 0.0, 1.8, 8.0 if few else 22.0), transform=from_corner(ax, 1.0, 0.0))
    scale = ax.figure.colorbar(image, cax=bar, extend="both", ticks=[-2, 0, 2])
    scale.set_label("z" if few else "z over samples", fontsize=SMALL, labelpad=1)
    bar.tick_params(labelsize=SMALL, width=0.6, length=2, pad=1)
    scale.outline.set_linewidth(0.6)
