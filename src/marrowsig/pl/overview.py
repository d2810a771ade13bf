"""Scores and contrasts of the main signatures: the one figure of a study."""

from __future__ import annotations

import warnings
from textwrap import wrap
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from marrowsig._errors import InputWarning, count, first
from marrowsig.pl import _key
from marrowsig.pl._aside import aside, p_word
from marrowsig.pl._colours import GREY, OKABE_ITO
from marrowsig.pl._contrast_title import named
from marrowsig.pl._kept_sizes import completed, on_kept, p_to_cite
from marrowsig.pl._key import Entry
from marrowsig.pl._levels import chosen_colours, levels_of, ordered
from marrowsig.pl._overview_key import CITED, entries, established, too_tall, worded
from marrowsig.pl._overview_rows import apart, chosen, keys_of, rows_of, with_headings
from marrowsig.pl._panels import below, grid
from marrowsig.pl._read import by_unit, stratum_of
from marrowsig.pl._rows import needed, only
from marrowsig.pl._signature_names import signature_names
from marrowsig.pl._style import BREAK, MM, NARROW, SMALL, WIDE, axes, bare, dress, given_width, room
from marrowsig.pl._words import letters, long, scored_by, title
from marrowsig.pl.scores import LEFT, draw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from anndata import AnnData
    from matplotlib.axes import Axes

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.sig import Signature

NEEDED = (
    "signature", "method", "contrast", "stratum", "estimate", "ci_low", "ci_high", "p_adj", "adjustment",
)  # fmt: skip
TALL, LEAST, LABEL, BROAD = 44.0, 16.0, 30.0, 48.0
"""Millimetres: height of axes of scores, least height of those of contrasts, and width of their labels, the
latter where lines are many."""
PAGE, LOW = 226.0, 18.0
"""Millimetres: height that is aimed at on a page, and of axes of scores that share it."""
TICKS = 11.0  # millimetres of the labels of y of a panel beside others
LINE = 2.6  # millimetres of a line of a label


def overview(
    adata: AnnData,
    signatures: str | Signature | Iterable[str | Signature] | None = None,
    *,
    design: Design | FormulaDesign,
    res: pd.DataFrame,
    method: str | None = None,
    claims: pd.DataFrame | None = None,
    stroma: pd.DataFrame | None = None,
    labels: Mapping[str, str] | None = None,
    palette: Mapping[str, str] | None = None,
    order: Sequence[str] | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the scores of up to three signatures in every arm (a), and what was found of them (b).

    One figure for a paper. Above, each signature as `ms.pl.scores` draws it, with the interval of each arm by
    itself. Below, its contrasts with the intervals of the model of all arms, which pools their variance and
    takes pairs out, and adjusted p, in the levels of the design: what co-culture does in each line, the
    interaction, and what each inhibitor takes back, in the colours of the lines. Filled points are
    established or, where `claims` ask the same, supported. Differences between lines to begin with and what
    is left under an inhibitor stand aside, unless there is nothing else: `ms.pl.forest` has them.

    Parameters
    ----------
    adata
        After `ms.tl.score`.
    signatures
        Ids or `Signature` objects, three at most. By default those of the primary family of `res`, else the
        first of each axis.
    design
        The design that was compared.
    res
        Table of `ms.tl.compare`.
    method
        One scoring method; by default the first of the table.
    claims
        Table of `ms.tl.claims`: where it asks the same, its adjusted p stands in place of that of `res`, with
        a dagger, and its verdict below p unless it is "supported"; where `res` has no estimate, as of stroma
        that was grown alone for both lines, size and interval are the claim's too. A vertical tick marks what
        the RNA of stroma gives by itself, and a triangle with its interval the size on the genes that stroma
        could not move, for all contrasts of a signature of which one is to be cited on them; it is filled
        where the point is and p on these genes is established too. Adjusted p is the one to cite: that on
        these genes has a triangle behind it.
    stroma
        `verdicts` of `ms.qc.stroma`: the tick and the triangle of contrasts that no claim asks.
    labels
        Other words for levels, contrasts or signatures, such as `{"emt.hallmark": "EMT"}`.
    palette, order
        Colours and order of levels, as in `ms.pl.scores`.
    ids
        Call signatures by their ids; by default by their titles, unless two share one.
    width
        Of a new figure, in millimetres; 180, or 85 for one signature, by default. Below 120 the signatures
        stand below each other.
    ax
        Where to draw; a new figure, as tall as it needs to be, by default.

    Returns
    -------
    Axes
        Those of the scores of the first signature; its figure has the others.
        The marks are explained at the foot of a new figure, and below the first contrasts on Axes given; n,
        model and intervals belong into the legend, which `marrowsig run` writes as `figure.txt`.

    Raises
    ------
    DesignError
        As in `ms.pl.scores`.
    InputError
        If there are more than three signatures, one is not in `res` or was not scored, or `res` is not a
        table of `ms.tl.compare`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"])
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> ax = ms.pl.overview(adata, "il6.hallmark", design=design, res=ms.tl.compare(adata, design))
    >>> [label.get_text() for label in ax.figure.axes[1].get_yticklabels()][:2]
    ['co vs mono in parental', 'co vs mono in resistant']
    """
    rows = only(needed(res, NEEDED, call="ms.tl.compare(adata, design)"), "method", method)
    name, alpha = str(rows["method"].iloc[0]), float(res.attrs.get("alpha", 0.05))
    drawn = chosen(rows, signatures)
    frame = by_unit(adata, drawn[0], design=cast("Design", design), method=name)  # refuses before a figure
    rows = completed(rows, claims, stroma, alpha)
    rows = rows[rows["signature"].isin(drawn)]
    keys, lost, empty = keys_of(rows)
    if empty:
        adata = adata[~np.isin(stratum_of(adata.obs, cast("Design", design)), empty)]
        every = [level for arm in frame.to_dict("records") for level in levels_of(arm)]
        frame = by_unit(adata, drawn[0], design=cast("Design", design), method=name)
        palette, order = _left(frame, every, palette, order)
    new = ax is None
    usual = NARROW if len(drawn) == 1 else WIDE
    whole = given_width(width, usual) if ax is None else room(ax)
    across = whole >= BREAK
    columns = len(drawn) if across else 1
    keys = with_headings(keys)
    headed = not keys[0][0]
    lines_of = [_label(key, design, labels, headed=headed, wide=across and headed) for key in keys]
    stacked = not across or apart(frame["arm"].nunique(), columns, whole / columns - LEFT)
    high, lines = (len(drawn) if stacked else 1), (1 if across else len(drawn))
    cited = any(map(on_kept, rows.to_dict("records")))
    most = max(*(label.count("\n") for label in lines_of), any(map(worded, rows.to_dict("records"))))
    row = max(LINE * (most + 1) + 1.9, 5.6 if cited else 0.0)
    tall = max(LEAST, row * (len(keys) + 0.2))
    ax = axes(ax, width, usual=usual, height=high * (TALL + 30.0) + lines * (tall + 30.0))
    edge = LEFT + 7.0 if high > 1 else LEFT  # stacked, axes are low, and the label of y has three lines
    if new:  # no edge is kept free around the places of a new figure
        ax.figure.subplotpars.update(left=0.0, right=1.0, bottom=0.0, top=1.0)
    under = below(ax, share=0.6)
    place: Any = under.get_subplotspec()
    outer = place.get_gridspec() if new else None
    above = _places(ax, len(drawn), across=not stacked)
    beneath = _places(under, len(drawn), across=across)
    names = signature_names(adata, drawn, method=name, labels=labels, by_id=ids)
    shown = rows_of(rows, keys)
    guarded = claims is not None or stroma is not None or not getattr(design, "culture", None)
    told = entries(shown, alpha, asked=guarded)
    if empty:
        told.append(Entry(f"not drawn, as nothing could be estimated: {first(map(_levels_of, empty))}"))
    if lost:
        told.append(Entry(f"{count(lost, 'contrast')} without any estimate not drawn"))
    for k, (sig, top, low) in enumerate(zip(drawn, above, beneath, strict=True)):
        leads = not k or not across
        beside = 1 if stacked else columns
        draw(
            adata, sig, design=design, method=name, labels=labels, palette=palette, order=order, width=None,
            ax=top, first=not k or stacked,
        )  # fmt: skip
        _contrasts(low, rows[rows["signature"] == sig], keys, lines_of, alpha, palette, design)
        title(top, names[sig], place=(whole - edge - TICKS * (beside - 1)) / beside / 0.55)
        title(low, names[sig], pad=11.0, place=((whole - long(lines_of) - 4.0) / columns - 3.0) / 0.55)
        what = f"difference in {scored_by(name)}"
        words = what if new or k else f"{what}\n({'; '.join(entry.said for entry in told)})"
        fits = letters(0.75 * room(low))
        low.set_xlabel("\n".join(line for part in words.split("\n") for line in wrap(part, fits)))
        dress(low)
        low.tick_params(axis="y", labelsize=SMALL)
        for key, label in zip(keys, low.get_yticklabels(), strict=True):
            label.set_fontweight("normal" if key[0] else "bold")
        if not leads:
            low.set_yticklabels([])
    if new:
        foot = _key.lines_of(told, whole)
        free = _key.LINE * (len(foot) + 1)
        _fit(outer, [(above[:high], TALL), (beneath[:lines], tall)], free)
        figure: Any = ax.figure
        if (over := figure.get_figheight() / MM - PAGE) > 0 and high > 1:
            lower = max(LOW, TALL - over / high)
            closer = max(0.8 * tall, tall - max(0.0, over - high * (TALL - lower)) / lines)
            for top in above:  # no longer than the axes, so that it does not reach up to the letter
                top.set_ylabel(top.get_ylabel().replace("mean, 95", "mean,\n95"))
            _fit(outer, [(above[:high], lower), (beneath[:lines], closer)], free)
        _key.write(ax.figure, foot)
        _letters(above[0], beneath[0])
        if high > 1 and (height := figure.get_figheight() / MM) > PAGE + 20.0 and not across:
            warnings.warn(too_tall(len(drawn), height), InputWarning, stacklevel=2)
    return ax


def _left(
    frame: pd.DataFrame,
    every: list[str],
    palette: Mapping[str, str] | None,
    order: Sequence[str] | None,
) -> tuple[dict[str, str] | None, list[str] | None]:
    """Check palette and order by the levels of all arms, and keep those of the arms that are drawn."""
    here = {level for arm in frame.to_dict("records") for level in levels_of(arm)}
    colours = {level: c for level, c in chosen_colours(palette, every).items() if level in here}
    places = ordered(every, order)
    return colours or None, None if order is None else [level for level in places if level in here]


def _places(ax: Axes, n: int, *, across: bool) -> list[Axes]:
    """Divide the place of `ax`; even one axes gets a grid of its own, for margins of its own."""
    spec = ax.get_subplotspec()
    if n == 1 and spec is not None:
        ax.set_subplotspec(spec.subgridspec(1, 1)[0])
        return [ax]
    return grid(ax, *((1, n) if across else (n, 1)))


def _contrasts(
    ax: Axes,
    rows: pd.DataFrame,
    keys: list[tuple[str, str]],
    labels: list[str],
    alpha: float,
    palette: Mapping[str, str] | None,
    design: Design | FormulaDesign,
) -> None:
    """One line for each contrast: estimate with interval, filled where established, and adjusted p."""
    found = {(str(r["contrast"]), str(r["stratum"] or "")): r for r in rows.to_dict("records")}
    y, p = np.arange(len(keys))[::-1].astype(float), []
    ax.axvline(0.0, color="black", lw=0.6, ls="--", zorder=0)
    for at, key in zip(y, keys, strict=True):
        if not key[0]:
            p.append("")
            continue
        row: dict[str, Any] = found.get(key, {"estimate": float("nan")})
        mark = "†" if row.get("as_claim") else "‡" if row.get("as_question") is True else ""
        fewer = p_to_cite(row, alpha)
        told = f"{p_word(row)}{mark}" if fewer is None else f"{p_word({**row, 'p_adj': fewer})}{mark} {CITED}"
        p.append("\n".join(part for part in (told, worded(row)) if part))
        if row["estimate"] != row["estimate"]:
            continue
        colour, cited = _colour(key[0], palette, design), on_kept(row)
        _interval(ax, at + (0.17 if cited else 0.0), row, "", "o", colour, alpha)
        if cited:
            _interval(ax, at - 0.17, row, "filtered_", "^", colour, alpha)
        carried = row.get("carried")
        if carried is not None and carried == carried:
            height = at + (0.17 if cited else 0.0)
            ax.plot([carried], [height], "|", ms=7, mew=1.2, color=GREY, zorder=1)
    aside(ax, y, {"adj. p": p})
    ax.set_yticks(y, labels, fontsize=SMALL)
    ax.set_ylim(-0.6, len(keys) - 0.4)
    ax.locator_params(axis="x", nbins=4 if room(ax) > 70.0 else 3)
    bare(ax)


def _interval(
    ax: Axes, at: float, row: Mapping[str, Any], of: str, mark: str, colour: str, alpha: float
) -> None:
    value, low, high, p = (float(row[f"{of}{name}"]) for name in ("estimate", "ci_low", "ci_high", "p_adj"))
    p = max(p, float(row["p_adj"]))  # those on fewer genes are no second chance
    ax.errorbar(
        value, at, xerr=[[value - low], [high - value]], fmt=mark, ms=3.5, lw=1.0, color=colour,
        mfc=colour if established(row, p, alpha) else "white",
    )  # fmt: skip


def _label(
    key: tuple[str, str],
    design: Design | FormulaDesign,
    labels: Mapping[str, str] | None,
    *,
    headed: bool,
    wide: bool,
) -> str:
    """Levels of the contrast, and of its stratum where no heading tells it, in lines of a label's width."""
    contrast, where = key[0], _levels_of(key[1])
    told = f"{named(contrast, design, labels)}{f' [{where}]' if where and not headed else ''}"
    told = told if contrast else where
    return "\n".join(wrap(told, letters(BROAD if wide else LABEL, SMALL), break_long_words=False))


def _levels_of(stratum: str) -> str:
    return ", ".join(part.partition("=")[2] or part for part in stratum.split("; ") if part)


def _colour(contrast: str, palette: Mapping[str, str] | None, design: Design | FormulaDesign) -> str:
    """Colour of the line that a contrast is about, as `ms.pl.scores` has it; black for any other."""
    role = contrast.rpartition("_in_")[2]
    usual = dict(zip(("parental", "resistant"), OKABE_ITO, strict=False)).get(role, "black")
    return (palette or {}).get(str(getattr(design, role, "")), usual) if usual != "black" else usual


def _fit(outer: Any, parts: Sequence[tuple[list[Axes], float]], foot: float) -> None:
    """Give the axes of both parts their heights in millimetres, and the figure what their words need.

    `foot` millimetres are kept free below.
    """
    figure: Any = parts[0][0][0].figure
    figure.draw_without_rendering()  # lays it out
    whole, shares = figure.get_figheight(), outer.get_height_ratios()
    cells = [share / sum(shares) * whole for share in shares]
    drawn = [sum(ax.get_position().height for ax in own) * whole for own, _ in parts]
    asked = [len(own) * tall * MM for own, tall in parts]
    wanted = [cell - now + then for cell, now, then in zip(cells, drawn, asked, strict=True)]
    outer.set_height_ratios(wanted)
    height = sum(wanted) + foot * MM
    figure.set_figheight(height)
    free = foot * MM / height
    figure.get_layout_engine().set(rect=(0.0, free, 1.0, 1.0 - free))
    figure.draw_without_rendering()


def _letters(above: Axes, beneath: Axes) -> None:
    """Write a and b in bold at the left edge, at the height of the titles."""
    figure: Any = above.figure
    panels: tuple[Any, Any] = (above, beneath)
    for letter, ax in zip("ab", panels, strict=True):
        place = figure.transFigure.inverted().transform(ax._left_title.get_window_extent().p1)[1]
        figure.text(0.006, place, letter, fontsize=9, fontweight="bold", va="top", in_layout=False)
