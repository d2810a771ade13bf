"""How many genes of each signature were measured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig import get
from marrowsig._provenance import recall
from marrowsig._titles import KEY, titles_scored
from marrowsig.pl._colours import axis_colour
from marrowsig.pl._rows import only
from marrowsig.pl._signature_names import rows_beside
from marrowsig.pl._style import EXTRA, NARROW, SMALL, axes, bare, fit, from_corner, given_width, room

if TYPE_CHECKING:
    from collections.abc import Hashable

    from anndata import AnnData
    from matplotlib.axes import Axes


def coverage(
    adata: AnnData,
    *,
    method: str | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of genes found per signature, and the least share at which it was scored.

    Parameters
    ----------
    adata
        After `ms.tl.score`.
    method
        A scoring method; by default every signature, as the first method that scored it found it.
    ids
        Call signatures by their ids; by default by their titles, unless two share one or rows with titles
        would not fit onto a page.
    width
        Of a new figure, in millimetres; 85 by default.
    ax
        Where to draw; a new figure, as tall as it needs to be, by default.

    Returns
    -------
    Axes
        x is the share of listed genes found (0 to 1); each bar carries found/listed. Signatures without a
        score in any row are hatched: those below the least share, and those that no method can score, such
        as lists of both directions without signs.

    Raises
    ------
    InputError
        If nothing was scored, or not with this method.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"])
    >>> [f"{bar.get_width():.2f}" for bar in ms.pl.coverage(adata).patches]
    ['0.56', '0.62']
    """
    frame = get.coverage(adata)
    frame = frame if method is None else only(frame, "method", method)
    frame = frame.drop_duplicates("signature").reset_index(drop=True)
    frame.attrs[KEY] = titles_scored(adata, method)
    scored = recall(adata, "scores")
    least = _least(scored if method is None else {method: scored[method]})
    y = np.arange(len(frame))[::-1]
    new, place = ax is None, given_width(width, NARROW) if ax is None else room(ax)
    names, more = rows_beside(frame, place, by_id=ids)
    tall = (3.0 + more) * len(frame)
    ax = axes(ax, width, usual=NARROW, height=tall + EXTRA)
    bars = ax.barh(y, frame["coverage"], color=[axis_colour(axis) for axis in frame["axis"]], height=0.7)
    for at, bar, row in zip(y, bars, frame.to_dict("records"), strict=True):
        if (least is not None and row["coverage"] < least) or _silent(adata, row, scored):
            bar.set_hatch("////")
            bar.set_edgecolor("white")
        note = f"{row['found']}/{row['listed']}"
        ax.text(1.02, at, note, transform=ax.get_yaxis_transform(), va="center", fontsize=SMALL)
    if least is not None:
        ax.axvline(least, color="black", ls="--", lw=1.0)
    _legend(ax, list(dict.fromkeys(frame["axis"])), least, hatched=any(bar.get_hatch() for bar in bars))
    ax.set_yticks(y, names, fontsize=SMALL)
    ax.set_ylim(-0.6, len(frame) - 0.4)
    ax.set_xlim(0.0, 1.0)
    ax.set_xlabel("share of listed genes found")
    bare(ax)
    fit(ax, tall, new=new, fewer="ms.get.coverage(adata) has all numbers.")
    return ax


def _legend(ax: Axes, groups: list[str], least: float | None, *, hatched: bool) -> None:
    """Say above the bars which axis has which colour, where there are several, and which share is asked."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [Patch(color=axis_colour(group), label=group) for group in groups]
    keys = [handles] if len(groups) > 1 else []
    if least is not None:
        told = f"min_coverage = {least:g}{'; hatched: no score' if hatched else ''}"
        keys.append([Line2D([], [], color="black", ls="--", lw=1.0, label=told)])
    for up, own in enumerate(keys):
        legend = ax.legend(
            handles=own, frameon=False, fontsize=SMALL, ncols=len(own), loc="lower right",
            bbox_to_anchor=(0.0, 3.2 * up), bbox_transform=from_corner(ax, 1.0, 1.0), borderaxespad=0.2,
            borderpad=0.1, columnspacing=1.0, handlelength=1.6, handletextpad=0.4,
        )  # fmt: skip
        if own is not keys[-1]:
            ax.add_artist(legend).set_clip_on(False)  # what is clipped has no place in the layout


def _silent(adata: AnnData, row: dict[Hashable, Any], scored: dict[str, Any]) -> bool:
    """Whether a signature has no score in any row, by the method of this row of the coverage."""
    table = adata.obsm.get(str(scored[row["method"]].get("key", f"score_{row['method']}")))
    return isinstance(table, pd.DataFrame) and bool(table[row["signature"]].isna().all())


def _least(scored: dict[str, Any]) -> float | None:
    """Return the recorded `min_coverage` of the first method that has one."""
    given = (json.loads(str(entry.get("params", "{}"))).get("min_coverage") for entry in scored.values())
    return next((float(value) for value in given if value is not None), None)
