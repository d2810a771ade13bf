"""Scores arm by arm, joined within pairs; of several signatures, a panel each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from marrowsig._errors import InputError
from marrowsig._formula import FormulaDesign
from marrowsig._gene_scale import CPM
from marrowsig._signature_ids import signature_ids
from marrowsig.pl._arm_grid import ArmGrid
from marrowsig.pl._arm_words import LEFT, arms_told
from marrowsig.pl._coloured import by_palette
from marrowsig.pl._colours import GREY, OKABE_ITO
from marrowsig.pl._interval import mean_interval
from marrowsig.pl._interval import told as marks
from marrowsig.pl._levels import asked, chosen_colours, levels_of
from marrowsig.pl._pair_lines import DASHED, segments
from marrowsig.pl._panels import grid
from marrowsig.pl._part import stroma_alone
from marrowsig.pl._read import arm_order, by_unit, chosen, joined, one_method, wide
from marrowsig.pl._signature_names import signature_names
from marrowsig.pl._style import (
    NARROW,
    SMALL,
    WIDE,
    axes,
    bare,
    dress,
    given_width,
    room,
    tell_of_height,
)  # fmt: skip
from marrowsig.pl._unadjusted import unadjusted
from marrowsig.pl._words import scored_by, title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from anndata import AnnData
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from marrowsig.design import Design
    from marrowsig.pl._arm_labels import ArmLabels
    from marrowsig.pl._arm_strip import Strip
    from marrowsig.sig import Signature

HEIGHT = 54.0
"""Millimetres of all but the labels of x from top to bottom."""
MOST = 12
"""Signatures that have a panel each; more are no longer read one by one."""
PANEL, LOW, LEAST, PAGE = 36.0, 56.0, 48.0, 230.0
"""Millimetres: least width of a panel beside others, its usual and least height, and height of a page."""


def scores(
    adata: AnnData,
    signature: str | Signature | Iterable[str | Signature],
    *,
    design: Design,
    method: str | None = None,
    shared: bool = False,
    labels: Mapping[str, str] | None = None,
    palette: Mapping[str, str] | None = None,
    order: Sequence[str] | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the scores of one signature in every arm, or of up to twelve, a panel each.

    One point per independent unit (rows of one unit or pair in one arm are averaged), grey lines join the
    points of a pair, or of a unit that recurs, within its line (of a formula with a term for donors, all
    points of a donor), dashed past an arm that it lacks. A black
    bar with whiskers shows the mean of the arm and its 95 % t interval, from three units on. Batches and
    covariates of the design are not taken out of these scores; the label of y says so. A unit without a
    partner in another arm of its line is an open point, and no part of bar and n, as `ms.tl.compare`
    leaves it out of what it compares within lines. Stroma alone that is listed with neither line is grey,
    before the stroma of the lines.

    The whiskers take each arm's own SD over units and ignore pairs; those of `ms.pl.interaction` take the
    residual SD of the paired model, so either may be the wider. Show these for how samples scatter, those
    with a change within pairs.

    Parameters
    ----------
    adata
        After `ms.tl.score`.
    signature
        Id of a signature that was scored, or the `Signature`; or several of them, or an axis.
    design
        Which columns of `obs` hold the arms and pairs.
    method
        A scoring method; by default singscore, or else the first by name that was used.
    shared
        One scale of y for all panels. By default each has its own: the ranges of two lists are not
        comparable.
    labels
        Other words for levels or signatures, such as `{"on_or_after_chemotherapy": "after chemo"}`.
    palette
        Colours of levels of one factor, such as `{"resistant": "#882255"}`, which colours then show. By
        default that is the line, or the culture where there is one line.
    order
        Levels in the order wanted, such as `["resistant", "parental", "JAKi_B", "JAKi_A"]`; the vehicle stays
        before them, and others that are not named follow in theirs. Kinds of cells and times, too; without
        `order`, kinds stand as the categories of their column do, unless these are only sorted.
    ids
        Call signatures by their ids; by default by their titles, unless two share one or rows with titles
        would not fit onto a page.
    width
        Of a new figure, in millimetres; 85, or 180 for many arms or several signatures, by default.
    ax
        Where to draw; of several, its place is divided between the panels. A new figure by default. The title
        stands at the left, so that `ax.set_title("Mono-like", loc="left")` takes its place; the panels of
        `plt.subplots(1, 3, sharey=True)` have one scale of y.

    Returns
    -------
    Axes
        That of the first signature; the others follow in the figure. y is the score in the units of the
        method. Below stand the levels of each arm, and n, which counts units, and those without a partner
        apart. Where words have no room side by side they are a grid, as in papers: plus and minus for
        co-culture and drugs, brackets for the lines.

    Raises
    ------
    DesignError
        As in `ms.tl.compare`, if points would be cells, or several samples of one donor: no interval holds
        for them. Give `unit` (the donor) in the design, and its rows are averaged.
    InputError
        If a signature was not scored, all scores are NaN, there are more than twelve signatures, a level
        of `palette` or `order` is not one, or `palette` names levels of two factors.

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
    adata, part = stroma_alone(adata, design)
    own: dict[str, Any] = {"design": design, "method": method, "labels": labels, "palette": palette}
    own |= {"order": order, "part": part}
    drawn = _ids(adata, signature, method)
    own["by_id"] = ids
    if len(drawn) == 1:
        return draw(adata, drawn[0], **own, width=width, ax=ax)
    return _panels(adata, drawn, own, shared=shared, width=width, ax=ax)


def _ids(adata: AnnData, named: str | Signature | Iterable[str | Signature], method: str | None) -> list[str]:
    """Signatures to draw; an axis stands for all of its that were scored."""
    ids = signature_ids(named)
    name = one_method(adata, method)
    if len(ids) == 1 and "." in ids[0]:
        return ids
    ids = chosen(wide(adata, name), ids, name)
    if len(ids) > MOST:
        msg = (
            f"{len(ids)} signatures are too many to read one by one ({MOST} at most). All in one figure: "
            "ms.pl.heatmap(adata, signatures, design=design)."
        )
        raise InputError(msg)
    return ids


def _panels(
    adata: AnnData,
    ids: Sequence[str],
    own: Mapping[str, Any],
    *,
    shared: bool,
    width: float | None,
    ax: Axes | None,
) -> Axes:
    """Draw a panel for each signature; one without any score says so."""
    name = one_method(adata, own["method"])
    blank = [one for one in ids if wide(adata, name)[one].isna().all()]
    known = [one for one in ids if one not in blank] or ids
    part: bool = own["part"]
    by_unit(adata, known[0], design=own["design"], method=name, lineless=part, part=part)  # refuses first
    whole = given_width(width, WIDE) if ax is None else room(ax)
    columns = max(1, min(len(ids), int((whole - LEFT / 2) // PANEL)))
    rows = -(-len(ids) // columns)
    columns = -(-len(ids) // rows)  # as many in every row
    new = ax is None
    ax = axes(ax, width, usual=WIDE, height=rows * max(LEAST, min(LOW, PAGE / rows)))
    places = grid(ax, rows, columns)
    for extra in places[len(ids) :]:
        extra.set_axis_off()
    called = signature_names(adata, ids, method=name, labels=own["labels"], by_id=own["by_id"])
    named: set[int] = set()  # rows of panels
    for k, (one, place) in enumerate(zip(ids, places, strict=False)):
        dress(place)
        if one not in known:
            _without(place, called[one])
            continue
        draw(adata, one, **own, width=None, ax=place, first=k // columns not in named)
        title(place, called[one], place=(whole / columns - LEFT) / 0.55)  # as wide as its axes
        named.add(k // columns)
        if shared and place is not places[ids.index(known[0])]:
            place.sharey(places[ids.index(known[0])])
    if new:
        tell_of_height(ax, "Name fewer signatures.", stacklevel=4)
    return ax


def _without(ax: Axes, name: str) -> None:
    """Say that a signature has no score, in the place of its panel."""
    title(ax, name)
    ax.text(0.5, 0.5, "no score", transform=ax.transAxes, ha="center", va="center", fontsize=SMALL)
    ax.set_xticks([])
    ax.set_yticks([])
    bare(ax)


def draw(
    adata: AnnData,
    signature: str,
    *,
    design: Design | FormulaDesign,
    method: str | None,
    labels: Mapping[str, str] | None,
    palette: Mapping[str, str] | None,
    order: Sequence[str] | None,
    width: float | None,
    ax: Axes | None,
    first: bool = True,
    by_id: bool = False,
    strip: Strip | None = None,
    part: bool = False,
    only: NDArray[np.bool_] | None = None,
    values: pd.Series | None = None,
) -> Axes:
    """Draw what `scores` says; panels after the first go without the names that stand at the left of it.

    With a `strip`, arms are told as axes do that share their levels; rows that are not in `only` are not
    drawn. Scores of its samples on fewer genes, as `values`, are triangles.
    """
    own = labels or {}
    name = one_method(adata, method)
    frame = by_unit(
        adata, signature, design=cast("Design", design), method=name, lineless=True, part=part, only=only,
        values=values,
    )  # fmt: skip
    mark = "o" if values is None else "^"
    arms = arm_order(frame, asked(order, design))
    frame["x"] = frame["arm"].map({arm: i for i, arm in enumerate(arms)}).astype(float)
    alone = {arm: int(frame.loc[frame["arm"] == arm, "unpaired"].sum()) for arm in arms}
    n = {arm: int((frame["arm"] == arm).sum()) - alone[arm] for arm in arms}
    parts = [_levels(frame[frame["arm"] == arm].iloc[0], design) for arm in arms]
    colours = chosen_colours(palette, [level for arm in parts for level in arm if level])
    named = by_palette(parts, design, colours)

    def told(within: float) -> ArmLabels | ArmGrid:
        return arms_told(parts, list(n.values()), list(alone.values()), design, own, within, strip)

    usual = WIDE if told(NARROW).upright else NARROW
    whole = given_width(width, usual) if ax is None else room(ax)
    ticks = told(whole)
    ax = axes(ax, width, usual=usual, height=HEIGHT + ticks.depth)
    if keys := joined(cast("Design", design)):
        # Hundreds of opaque lines would hide the points.
        alpha = max(0.08, min(0.6, 12 / frame["series"].nunique()))
        for own_line in segments(frame, keys):
            style = DASHED if own_line.dashed else "-"
            ax.plot(own_line.x, own_line.y, color=GREY, lw=0.5, ls=style, alpha=alpha, zorder=1)
    for i, arm in enumerate(arms):
        rows = frame[frame["arm"] == arm]
        own_scores, lone = (
            rows.loc[rows["unpaired"] == is_, "score"].to_numpy(float) for is_ in (False, True)
        )
        many = len(own_scores) > 60
        size = 2 if many else 10
        colour = named[i] if named else _colour(parts[i], rows, design, colours)
        x = i + (np.linspace(-0.18, 0.18, len(own_scores)) if many else np.zeros(len(own_scores)))
        ax.scatter(x, own_scores, s=size, marker=mark, color=colour, alpha=0.85, zorder=2, label=arm)
        if len(lone):
            aside = np.full(len(lone), i - 0.15)
            ax.scatter(aside, lone, s=size, marker=mark, facecolors="none", edgecolors=colour, lw=0.8)
        mean, half = mean_interval(own_scores) if len(own_scores) else (0.0, np.nan)
        if half == half:
            ax.errorbar(i + 0.28, mean, yerr=half, fmt="_", color="black", ms=7, capsize=2, lw=0.9, zorder=3)
    if strip and not strip.written:
        ax.set_xticks(range(len(arms)), [])
    elif isinstance(ticks, ArmGrid):
        ticks.write(ax, size=SMALL, named=first)
    else:
        ticks.write(ax, size=SMALL)
    ax.set_xlim(-0.5, len(arms) - 0.4)
    more = ["open: unpaired"] if any(alone.values()) else []
    more += unadjusted(design, adata.obs)
    more += ["two reads added to a\nlibrary of mean size"] if name == CPM else []
    noted = ";\n".join(marks([*n.values()], *more))
    what = f"{scored_by(name)}\n({noted})" if noted else scored_by(name)
    ax.set_ylabel(what if first else "")
    title(ax, signature_names(adata, [signature], method=name, labels=own, by_id=by_id)[signature])
    bare(ax)
    return ax


def _levels(arm: pd.Series, design: Design | FormulaDesign) -> list[str]:
    """Levels of an arm; of stroma alone, of neither line, with a blank in place of the line."""
    levels = levels_of(arm.to_dict())
    if getattr(design, "line", None) and getattr(design, "culture", None) and not arm["line"]:
        levels.insert(levels.index(str(arm["culture"])), "")
    return levels


def _colour(
    levels: list[str], rows: pd.DataFrame, design: Design | FormulaDesign, own: Mapping[str, str]
) -> str:
    """Colour the lines as `ms.pl.interaction` does; cultures where there is one line.

    Of a formula, the levels of the first factor that it names.
    """
    if isinstance(design, FormulaDesign):
        given = [named for named in design.levels.values() if not isinstance(named, str)]
        column = next((c for c, named in design.levels.items() if not isinstance(named, str)), "")
        words = [{str(level), f"{column}={level}"} for level in (given[0] if given else [])]
        at = next((i for i, known in enumerate(words) if known & set(levels)), 0)
        level = next((level for level in levels if given and level in words[at]), "")
        return own.get(level, OKABE_ITO[at % len(OKABE_ITO)])
    factor, base = ("line", design.parental) if design.line else ("culture", design.mono)
    level = str(rows[factor].iloc[0])
    if not level and design.line:
        return GREY  # stroma alone, of neither line
    other = bool(design.line or design.culture) and level != base
    return own.get(level, OKABE_ITO[int(other)])
