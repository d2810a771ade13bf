"""Scores of one signature, arm by arm, joined within pairs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._formula import FormulaDesign
from marrowsig.pl._arm_labels import arm_labels
from marrowsig.pl._colours import GREY, OKABE_ITO
from marrowsig.pl._interval import mean_interval
from marrowsig.pl._read import arm_order, by_unit, joined, one_method
from marrowsig.pl._style import NARROW, SMALL, WIDE, axes, bare, given_width, room
from marrowsig.pl._words import scored_by, title

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from anndata import AnnData
    from matplotlib.axes import Axes

    from marrowsig.design import Design

LEFT, HEIGHT = 16.0, 54.0
"""Millimetres that the labels of y take at the left, and all but those of x from top to bottom."""


def scores(
    adata: AnnData,
    signature: str,
    *,
    design: Design,
    method: str | None = None,
    labels: Mapping[str, str] | None = None,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the scores of one signature in every arm.

    One point per independent unit (rows of one unit or pair in one arm are averaged), grey lines join the
    points of a pair, or of a unit that recurs, within its line. A black bar with whiskers shows the mean of
    the arm and its 95 % t interval. A unit without a partner in another arm of its line is an open point, and
    no part of bar and n, as `ms.tl.compare` leaves it out of what it compares within lines.

    The whiskers take each arm's own SD over units and ignore pairs; those of `ms.pl.interaction` take the
    residual SD of the paired model, so either may be the wider. Show these for how samples scatter, those
    with a change within pairs.

    Parameters
    ----------
    adata
        After `ms.tl.score`.
    signature
        Id of a signature that was scored.
    design
        Which columns of `obs` hold the arms and pairs.
    method
        A scoring method; by default the first that was used.
    labels
        Other words for levels, such as `{"on_or_after_chemotherapy": "after chemo"}`.
    width
        Of a new figure, in millimetres; 85, or 180 for many arms, by default.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        y is the score in the units of the method; n in the tick labels counts units, and those without a
        partner apart.

    Raises
    ------
    DesignError
        As in `ms.tl.compare`, if points would be cells, or several samples of one donor: no interval holds
        for them. Give `unit` (the donor) in the design, and its rows are averaged.
    InputError
        If the signature was not scored, or all its scores are NaN.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, "emt.hallmark")
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> ax = ms.pl.scores(adata, "emt.hallmark", design=design)
    >>> ax.get_ylabel().splitlines()
    ['singscore', '(bar: mean, 95 % CI)']
    """
    name = one_method(adata, method)
    frame = by_unit(adata, signature, design=design, method=name)
    order = arm_order(frame)
    frame["x"] = frame["arm"].map({arm: i for i, arm in enumerate(order)}).astype(float)
    alone = {arm: int(frame.loc[frame["arm"] == arm, "unpaired"].sum()) for arm in order}
    names, counts = [_words(arm, frame, design, labels or {}) for arm in order], []
    for arm in order:
        n = int((frame["arm"] == arm).sum()) - alone[arm]
        counts.append([f"n = {n}", *([f"+{alone[arm]} unpaired"] if alone[arm] else [])])
    usual = WIDE if arm_labels(names, counts, width=NARROW - LEFT).upright else NARROW
    whole = given_width(width, usual) if ax is None else room(ax)
    ticks = arm_labels(names, counts, width=whole - LEFT)
    ax = axes(ax, width, usual=usual, height=HEIGHT + ticks.depth)
    if keys := joined(design):
        # Hundreds of opaque lines would hide the points.
        alpha = max(0.08, min(0.6, 12 / frame["series"].nunique()))
        for _, rows in frame[~frame["unpaired"]].sort_values("x").groupby(keys, sort=False):
            means = rows.groupby("x")["score"].mean()
            if len(means) > 1:
                ax.plot(means.index, means.to_numpy(), color=GREY, lw=0.5, alpha=alpha, zorder=1)
    for i, arm in enumerate(order):
        rows = frame[frame["arm"] == arm]
        values, lone = (rows.loc[rows["unpaired"] == is_, "score"].to_numpy(float) for is_ in (False, True))
        many = len(values) > 60
        size, colour = 2 if many else 10, _colour(rows, design)
        x = i + (np.linspace(-0.18, 0.18, len(values)) if many else np.zeros(len(values)))
        ax.scatter(x, values, s=size, color=colour, alpha=0.85, zorder=2, label=arm)
        if len(lone):
            aside = np.full(len(lone), i - 0.15)
            ax.scatter(aside, lone, s=size, facecolors="none", edgecolors=colour, lw=0.8)
        if len(values):
            mean, half = mean_interval(values)
            ax.errorbar(i + 0.28, mean, yerr=half, fmt="_", color="black", ms=7, capsize=2, lw=0.9, zorder=3)
    ticks.write(ax, size=SMALL)
    ax.set_xlim(-0.5, len(order) - 0.4)
    told = ";\nopen: unpaired" if any(alone.values()) else ""
    ax.set_ylabel(f"{scored_by(name)}\n(bar: mean, 95 % CI{told})")
    title(ax, signature)
    bare(ax)
    return ax


def _colour(rows: pd.DataFrame, design: Design | FormulaDesign) -> str:
    """Colour the lines as `ms.pl.interaction` does; cultures where there is one line.

    Of a formula, the levels of the first factor that it names.
    """
    if isinstance(design, FormulaDesign):
        levels = [named for named in design.levels.values() if not isinstance(named, str)]
        cell = re.split(r"[:+]", str(rows["arm"].iloc[0]))
        at = next((i for i, level in enumerate(map(str, levels[0])) if level in cell), 0) if levels else 0
        return OKABE_ITO[at % len(OKABE_ITO)]
    if design.line:
        return OKABE_ITO[int(rows["line"].iloc[0] != design.parental)]
    return OKABE_ITO[int(bool(design.culture) and rows["culture"].iloc[0] != design.mono)]


def _words(
    arm: str, frame: pd.DataFrame, design: Design | FormulaDesign, labels: Mapping[str, str]
) -> list[str]:
    """Write an arm as its levels, and before a level that is a bare number its column, such as "hours 24".

    A level may hold any of the signs that join levels to the name of an arm, so that is not taken apart;
    only the cells of a formula, which have no such columns, are.
    """
    own = frame[frame["arm"] == arm].iloc[0]
    treated = "" if own["inhibitor"] == getattr(design, "vehicle", None) else own["inhibitor"]
    told = [str(level) for level in (own["line"], own["culture"], treated) if level]
    told = told or re.split(r"[:+]", arm.rpartition(" | ")[2])
    parts = [*str(own["stratum"]).split(", "), *told]
    return [labels.get(part, _with_column(part, design)) for part in parts if part]


def _with_column(level: str, design: Design | FormulaDesign) -> str:
    if not re.fullmatch(r"-?\d+(?:\.\d+)?", level):
        return level
    if isinstance(design, FormulaDesign):
        own = ((column, [n] if isinstance(n, str) else n) for column, n in design.levels.items())
        column = next((column for column, levels in own if level in map(str, levels)), "")
    else:
        column = design.time or ""
    return f"{column} {level}".strip()
