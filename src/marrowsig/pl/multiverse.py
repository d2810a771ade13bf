"""A curve of specifications: effects in order, and below them the choices that gave each."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._errors import InputError, first
from marrowsig.pl._colours import GREY, OKABE_ITO
from marrowsig.pl._contrast_title import of_rows
from marrowsig.pl._panels import below
from marrowsig.pl._rows import needed, one_contrast, only
from marrowsig.pl._signature_names import names_in_table
from marrowsig.pl._style import SMALL, TEXT, WIDE, axes, bare, room
from marrowsig.pl._words import EFFECTS, letters, long, title

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.sig import Signature

NEEDED = (
    "signature", "axis", "method", "normalisation", "test", "contrast", "stratum", "effect", "effect_name",
    "effect_low", "effect_high", "excludes_zero",
)  # fmt: skip
CHOICES = ("signature", "method", "normalisation", "test")
TICKS = 13.0  # millimetres of the label and ticks of y
LIFT = 0.07  # of the height of the curve, for each further line of words in it
UP, DOWN = OKABE_ITO[1], OKABE_ITO[0]


def multiverse(
    res: Any,
    signature: str | Signature | None = None,
    *,
    contrast: str | None = None,
    stratum: str | None = None,
    design: Design | FormulaDesign | None = None,
    labels: Mapping[str, str] | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the effects of all specifications in order, over a grid of the choices behind them.

    Parameters
    ----------
    res
        Result of `ms.tl.multiverse`, or its `table`.
    signature
        A signature's id, or an axis for all its signatures; by default the first axis of the table.
    contrast
        One contrast; by default the interaction if there is one, otherwise the first of the table.
    stratum
        One stratum; by default the first of the table.
    design
        The design that was compared, for the title of a table that was read from a file: that knows roles,
        such as "co vs mono in resistant", where a result knows levels, "MSC vs alone in relapse".
    labels
        Other words for levels, contrasts, signatures and other choices of the grid, such as
        `{"co": "with MSC", "emt.hallmark": "Hallmark", "singscore": "ranks"}`.
    ids
        Call a single signature by its id; by default by its title, where the table knows it. Those of an axis
        are called by the short names of their lists.
    width
        Of a new figure, in millimetres; 180 by default.
    ax
        Where to draw; its place is divided between curve and grid. A new figure by default.

    Returns
    -------
    Axes
        The curve: y is the effect in SD units with its interval (none for permutations, which have no
        interval). Filled and coloured where zero is excluded, orange above it and blue below, hollow and
        grey where not. The grid is the Axes below it; the values of a choice are sorted by median effect.

    Raises
    ------
    InputError
        If the table has no such rows, or is not one of `ms.tl.multiverse`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> many = ms.tl.multiverse(adata, design, signatures="il6.hallmark", methods=["singscore", "mean"])
    >>> ax = ms.pl.multiverse(many)
    >>> ax.get_ylabel()
    "Hedges' g"
    """
    rows, name = _rows(getattr(res, "table", res), signature, contrast, stratum)
    names, places = _grid_rows(rows, labels or {})
    height = 60.0 + 2.7 * (len(names) + 1.3 * len(places))
    ax = axes(ax, width, usual=WIDE, height=height)
    place = room(ax)
    grid = below(ax, share=52.0 / (height - 8.0))
    x, colour = np.arange(len(rows)), _colours(rows)
    _curve(ax, rows, x, colour, place)
    for choice, at in places.items():
        y = rows[choice].map(at).to_numpy(dtype=float)
        grid.scatter(x, y, marker="|", s=8, lw=max(0.3, min(1.5, 100 / len(rows))), c=colour)
    grid.set_yticks([at for part in places.values() for at in part.values()], names, fontsize=SMALL)
    _headings(grid, places)
    grid.set_ylim(max(max(part.values()) for part in places.values()) + 0.8, -1.3)
    grid.set_xlim(-1, len(rows))
    grid.set_xlabel(f"{len(rows)} specifications, by effect")
    grid.set_xticks([])
    grid.tick_params(axis="y", length=0)
    for side in ("top", "right", "left", "bottom"):
        grid.spines[side].set_visible(False)
    told = names_in_table(rows, labels=labels, by_id=ids).get(name, (labels or {}).get(name, name))
    free = place - max(long(names), TICKS) - 6.0
    title(ax, f"{told}: {of_rows(rows, design, labels)}", place=free / 0.55)
    return ax


def _curve(ax: Axes, rows: pd.DataFrame, x: NDArray[np.int64], colour: list[str], place: float) -> None:
    effect = rows["effect"].to_numpy(dtype=float)
    ends = rows[["effect_low", "effect_high"]].to_numpy(dtype=float)
    width = max(0.3, min(1.0, 100 / len(rows)))
    ax.axhline(0.0, color="black", lw=0.6, ls="--", zorder=0)
    ax.vlines(x, ends[:, 0], ends[:, 1], colors=colour, lw=width, alpha=0.45, zorder=1)
    clear = rows["excludes_zero"].to_numpy(dtype=bool)
    size = max(2.0, min(10.0, 1200 / len(rows)))
    ax.scatter(
        x[clear], effect[clear], s=size, c=[c for c, k in zip(colour, clear, strict=True) if k], zorder=3
    )
    ax.scatter(x[~clear], effect[~clear], s=size, facecolors="white", edgecolors=GREY, lw=0.8, zorder=2)
    same = max((effect > 0).mean(), (effect < 0).mean())
    told = f"{same:.0%} have the same sign, {clear.mean():.0%} exclude zero (filled)".replace("%", " %")
    low, high = _limits(effect, ends)
    high += LIFT * (len(wrap(told, letters(0.465 * place))) - 1) * (high - low)  # words above the points
    if ((ends[:, 0] < low) | (ends[:, 1] > high)).any():
        told += "; triangles: the interval goes on"
    told = "\n".join(wrap(told, letters(0.465 * place)))
    ax.text(0.01, 0.98, told, transform=ax.transAxes, va="top", fontsize=TEXT)
    kinds = [EFFECTS.get(kind, kind) for kind in dict.fromkeys(rows["effect_name"])]
    ax.set_ylabel(" or ".join(kinds))
    ax.set_ylim(low, high)
    for beyond, at, mark in ((ends[:, 0] < low, low, "v"), (ends[:, 1] > high, high, "^")):
        ax.scatter(x[beyond], np.full(beyond.sum(), at), marker=mark, s=7, color=GREY, clip_on=False, lw=0)
    ax.set_xlim(-1, len(rows))
    ax.set_xticks([])
    bare(ax)
    ax.spines["bottom"].set_visible(False)


def _limits(effect: NDArray[np.float64], ends: NDArray[np.float64]) -> tuple[float, float]:
    """All effects, and most of the intervals: a few very long ones would flatten the curve."""
    known = ends[np.isfinite(ends).all(axis=1)]
    low, high = effect.min(), effect.max()
    if len(known):
        low = min(low, float(np.quantile(known[:, 0], 0.02)))
        high = max(high, float(np.quantile(known[:, 1], 0.98)))
    low, high = min(low, 0.0), max(high, 0.0)
    room = 0.12 * (high - low)
    return low - 0.4 * room, high + room


def _colours(rows: pd.DataFrame) -> list[str]:
    return [
        (UP if effect > 0 else DOWN) if clear else GREY
        for effect, clear in zip(rows["effect"], rows["excludes_zero"], strict=True)
    ]


def _grid_rows(rows: pd.DataFrame, own: Mapping[str, str]) -> tuple[list[str], dict[str, dict[str, float]]]:
    """Labels of the grid, and the height of every value of every choice that was made."""
    labels: list[str] = []
    places: dict[str, dict[str, float]] = {}
    at = 0.0
    for choice in CHOICES:
        values = list(rows.groupby(choice, sort=True)["effect"].median().sort_values(ascending=False).index)
        if len(values) < 2 and choice != "method":
            continue
        places[choice] = {value: at + i for i, value in enumerate(values)}
        short = [value.partition(".")[2] or value if choice == "signature" else value for value in values]
        labels += [own.get(value, said) for value, said in zip(values, short, strict=True)]
        at += len(values) + 1.3
    return labels, places


def _headings(grid: Axes, places: dict[str, dict[str, float]]) -> None:
    for choice, at in places.items():
        top, bottom = min(at.values()), max(at.values())
        grid.axhspan(top - 0.5, bottom + 0.5, color="#F4F4F4", lw=0, zorder=0)
        grid.text(
            0.0, top - 0.55, choice, transform=grid.get_yaxis_transform(), va="bottom", ha="right",
            fontsize=SMALL, fontweight="bold",
        )  # fmt: skip


def _rows(
    table: pd.DataFrame, signature: str | Signature | None, contrast: str | None, stratum: str | None
) -> tuple[pd.DataFrame, str]:
    table = needed(table, NEEDED, call="ms.tl.multiverse(adata, design)")
    name = str(table["axis"].iloc[0]) if signature is None else str(getattr(signature, "id", signature))
    rows = table[(table["axis"] == name) | (table["signature"] == name)]
    if rows.empty:
        known = [*dict.fromkeys(table["axis"]), *dict.fromkeys(table["signature"])]
        msg = f"The table has no signature or axis {name!r}; it has {first(known)}."
        raise InputError(msg)
    rows = only(one_contrast(rows, contrast), "stratum", stratum).dropna(subset=["effect"])
    if rows.empty:
        msg = f"No effect of {name!r} is known in this contrast. See the column `effect` of the table."
        raise InputError(msg)
    return rows.sort_values("effect", kind="stable").reset_index(drop=True), name
