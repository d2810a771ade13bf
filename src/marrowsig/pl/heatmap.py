"""All signatures in all samples, each signature on its own scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError, first
from marrowsig.pl._read import arm_order, labels, one_method, wide
from marrowsig.pl._style import MISSING, axes, colours

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from matplotlib.axes import Axes

    from marrowsig.design import Design

MANY = 40  # samples up to which their names are written
LIMIT = 2.5  # standard deviations at which the colours end


def heatmap(
    adata: AnnData,
    *,
    method: str | None = None,
    design: Design | None = None,
    signatures: list[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw signatures x samples, every signature centred and scaled over the samples shown.

    Parameters
    ----------
    adata
        After `ms.tl.score`.
    method
        A scoring method; by default the first that was used.
    design
        Orders the samples by arm, marks the arms in a strip, and leaves out samples in none.
    signatures
        Ids to show, in this order; all by default.
    ax
        Where to draw; strip and colour bar are insets of it. A new figure by default.

    Returns
    -------
    Axes
        The image holds z scores (no unit), grey where a signature has no score or does not vary.

    Raises
    ------
    InputError
        If nothing was scored, or a signature was not.

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
    if signatures is not None:
        lacking = [signature for signature in signatures if signature not in frame]
        if lacking:
            msg = f"Not scored with {name!r}: {first(lacking)}. Run ms.tl.score(adata, ...) on them first."
            raise InputError(msg)
        frame = frame[list(signatures)]
    arms = None
    if design is not None:
        arms = _sorted_arms(adata, design)
        frame = frame.loc[arms.index]
    n, k = frame.shape
    named = n <= MANY
    # A letter of a name that stands upright takes some 0.075 inches; most names are shorter than eight.
    room = max(0.0, 0.075 * (max(map(len, frame.index)) - 8)) if named else 0.0
    ax = axes(ax, width=min(14.0, 3.6 + max(3.4, 0.22 * n)), height=1.6 + max(1.0, 0.2 * k) + room)
    _image(ax, _z(frame))
    size = "small" if k <= 30 else "x-small"
    ax.set_yticks(range(k), list(frame.columns), fontsize=size)
    if named:
        ax.set_xticks(range(n), list(frame.index), rotation=90, fontsize="x-small")
    else:
        ax.set_xticks([])
    ax.set_xlabel(f"samples (n = {n}), {name}")
    if arms is not None:
        _strip(ax, arms)
    return ax


def _sorted_arms(adata: AnnData, design: Design) -> pd.Series:
    frame = labels(adata.obs, design)
    arms = frame["arm"].dropna().astype(str)
    at = arms.map({arm: i for i, arm in enumerate(arm_order(frame, design))})
    return arms.loc[at.sort_values(kind="stable").index]


def _z(frame: pd.DataFrame) -> np.ndarray:
    """Z scores, `(n_signatures, n_samples)`, with the sample standard deviation; NaN without spread."""
    values = frame.to_numpy(dtype=float)
    centred = frame - frame.mean()
    spread = frame.std(ddof=1)
    # Rounding leaves a spread of some 1e-17 in a constant score.
    flat = spread <= 1e-12 * (1.0 + np.nanmax(np.abs(values), initial=0.0))
    return (centred / spread.mask(flat)).to_numpy(dtype=float).T


def _image(ax: Axes, z: np.ndarray) -> None:
    from matplotlib import colormaps

    cmap = colormaps["RdBu_r"].with_extremes(bad=MISSING)
    shown = np.ma.masked_invalid(z)
    image = ax.imshow(shown, aspect="auto", cmap=cmap, vmin=-LIMIT, vmax=LIMIT, interpolation="none")
    box = ax.get_window_extent()
    inch_x, inch_y = ax.figure.dpi / box.width, ax.figure.dpi / box.height
    bar = ax.inset_axes((1.0 + 0.1 * inch_x, 0.0, 0.14 * inch_x, min(1.0, 2.0 * inch_y)))
    ax.figure.colorbar(image, cax=bar, label="z over samples", extend="both")


def _strip(ax: Axes, arms: pd.Series) -> None:
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    names = list(dict.fromkeys(arms))
    palette = colours(names)
    codes = arms.map({name: i for i, name in enumerate(names)}).to_numpy()[None, :]
    box = ax.get_window_extent()
    width, height = box.width / ax.figure.dpi, box.height / ax.figure.dpi
    share = 0.12 / max(height, 0.5)
    strip = ax.inset_axes((0.0, 1.0 + share / 3, 1.0, share))
    strip.imshow(
        codes, aspect="auto", cmap=ListedColormap(list(palette.values())), vmin=-0.5, vmax=len(names) - 0.5,
        interpolation="none",
    )  # fmt: skip
    strip.set_axis_off()
    count = arms.value_counts()
    texts = {name: f"{name} (n = {count[name]})" for name in names}
    handles = [Patch(color=palette[name], label=texts[name]) for name in names]
    # A column of the legend takes some 0.075 inches per letter, and 0.5 for the patch and the gap.
    columns = int(0.85 * width / (0.5 + 0.075 * max(len(label) for label in texts.values())))
    ax.legend(
        handles=handles, ncols=max(1, min(columns, len(names))), frameon=False, fontsize="x-small",
        loc="lower left", bbox_to_anchor=(0.0, 1.0 + 1.6 * share), borderaxespad=0.0,
    )  # fmt: skip
