"""Mean score by culture and line, to see whether both lines answer alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._arm_names import told as told_level
from marrowsig._errors import DesignError, InputError, count, first
from marrowsig._provenance import recall
from marrowsig._rounded import decimals
from marrowsig._same_design import require_same_design
from marrowsig._signature_ids import one_id
from marrowsig._unasked import SHORT, left_open
from marrowsig.pl._aside import family_words, p_word
from marrowsig.pl._colours import OKABE_ITO
from marrowsig.pl._interval import LEAST, mean_interval
from marrowsig.pl._levels import chosen_colours, ordered
from marrowsig.pl._model_error import model_error
from marrowsig.pl._read import by_unit, one_method, stratum_of
from marrowsig.pl._signature_names import signature_names
from marrowsig.pl._style import NARROW, SMALL, axes, bare, inside
from marrowsig.pl._words import long, scored_by, signed, title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anndata import AnnData
    from matplotlib.axes import Axes

    from marrowsig.design import Design
    from marrowsig.pl._model_error import ModelError
    from marrowsig.sig import Signature

SEVERAL = "Several: ms.pl.scores draws a panel for each, or `for` one after the other."
LINE, LEGEND = 8.2, 10.0
"""Height of a line of small letters, and of one of the legend, in points."""
KEY = 7.5
"""Millimetres of a mark of the legend."""


def interaction(
    adata: AnnData,
    signature: str | Signature,
    *,
    design: Design,
    method: str | None = None,
    res: pd.DataFrame | None = None,
    labels: Mapping[str, str] | None = None,
    palette: Mapping[str, str] | None = None,
    order: Sequence[str] | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the mean score of each line against culture; lines that are not parallel show an interaction.

    Arms with an inhibitor are left out. Small points are the units, joined where the design names pairs; open
    ones have no partner in their line and are no part of means and n, as in `ms.pl.scores`.

    Whiskers are 95 % t intervals of the means. With pairs, batches or covariates their width is that of the
    model that `ms.tl.compare` fits, from its residual SD and degrees of freedom: what pairs differ in is no
    error of a difference within pairs. The label of y says so. Such whiskers judge how each line answers, not
    how far the lines lie apart. Without, or where that model cannot be fitted, each arm of three units or
    more has its own.

    So they may be wider or narrower than those of `ms.pl.scores`, which take each arm's own SD over units and
    ignore pairs. Show these with a change within pairs, those for how samples scatter.

    Parameters
    ----------
    adata
        After `ms.tl.score`.
    signature
        Id of a signature that was scored, or the `Signature`.
    design
        Must name `culture` and `line`.
    method
        A scoring method; by default singscore, or else the first by name that was used.
    res
        Table of `ms.tl.compare`: its interaction estimate is then written above the axes, and where it is
        established, that carry-over was not asked, unless `ms.qc.stroma` was.
    labels
        Other words for levels, the column of the culture, or the signature, such as `{"co": "+ MSC"}`.
    palette
        Colours of the lines, such as `{"resistant": "#882255"}`.
    order
        Levels in the order wanted; any that are not named follow in theirs.
    ids
        Call signatures by their ids; by default by their titles, unless two share one or rows with titles
        would not fit onto a page.
    width
        Of a new figure, in millimetres; 85 by default.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        y is the score in the units of the method; n in the legend counts units (mono, co), or pairs.

    Raises
    ------
    DesignError
        If the design does not name both culture and line, there are several compartments or times, or points
        would be cells, as in `ms.pl.scores`.
    InputError
        If the signature was not scored, no line has both cultures, `res` has no interaction for it or is of
        another design, or a level of `palette` or `order` is not one.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, "emt.hallmark")
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> ax = ms.pl.interaction(adata, "emt.hallmark", design=design)
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['mono', 'co']
    """
    if design.culture is None or design.line is None:
        msg = (
            "An interaction needs two factors, a culture and a line: ms.Design(culture=..., line=...). Of "
            "one factor, ms.pl.scores draws every arm, and ms.pl.forest(res) the differences."
        )
        raise DesignError(msg)
    require_same_design(res, design)
    name, signature = one_method(adata, method), one_id(signature, several=SEVERAL)
    frame = by_unit(adata, signature, design=design, method=name)
    stratum = _only_stratum(adata, frame, design)
    own, lines = labels or {}, (design.parental, design.resistant)
    levels = ordered([*lines, design.mono, design.co, *filter(None, frame["inhibitor"])], order)
    low, high = (level for level in levels if level in (design.mono, design.co))
    cultures = (low, high)
    colours = chosen_colours(palette, levels)
    if others := [level for level in colours if level not in lines]:
        own_line = f"palette={{{design.resistant!r}: '#D55E00'}}"
        msg = f"Colours show the lines here, so {first(map(repr, others))} can have none: {own_line}."
        raise InputError(msg)
    if design.inhibitor:
        frame = frame[frame["inhibitor"] == design.vehicle]
    grown = frame.groupby("line")["culture"].agg(set)
    if not any({design.mono, design.co} <= cultures for cultures in grown):
        msg = f"There is nothing to join: no line was grown both in {design.mono!r} and in {design.co!r}."
        raise InputError(msg)
    called = [own.get(line, told_level(design, "line", line)) for line in lines]
    found = [] if res is None else _estimate(res, signature, name, stratum, called)
    found = [text for text in found if text != SHORT or not recall(adata, "stroma")]
    error = model_error(adata, signature, design=design, method=name)
    ax = axes(ax, width, usual=NARROW, height=66.0)
    for k, line in enumerate(level for level in levels if level in lines):
        colour = colours.get(line, OKABE_ITO[lines.index(line)])
        part = frame[frame["line"] == line]
        _draw_line(
            ax,
            part,
            cultures=cultures,
            k=k,
            colour=colour,
            label=called[lines.index(line)],
            error=error,
        )
    ax.set_xticks((0, 1), [own.get(level, level) for level in cultures])
    ax.set_xlim(-0.35, 1.35)
    ax.set_xlabel(own.get(design.culture, design.culture))
    told = f"(mean, 95 % CI{f' {error.what}' if error.what else ''}"
    used = frame[~frame["unpaired"]].groupby(["line", "culture"]).size()
    told += f";\nnone of n < {LEAST}" if not error.known and used.min() < LEAST else ""
    told += ";\nopen: unpaired)" if frame["unpaired"].any() else ")"
    told = f" {told}" if told == "(mean, 95 % CI)" else f"\n{told}"
    ax.set_ylabel(f"{scored_by(name)}{told}")
    # Above the axes: inside, it would hide a unit.
    entries = ax.get_legend_handles_labels()[1]
    columns = 2 if sum(KEY + long([label]) for label in entries) <= inside(ax) else 1
    ax.legend(
        frameon=False, fontsize=SMALL, ncols=columns, loc="lower left", bbox_to_anchor=(0.0, 1.0),
        borderaxespad=0.1, columnspacing=1.0,
    )  # fmt: skip
    above = 13.0 + LEGEND * (len(entries) - 1 if columns == 1 else 0)
    text = ", ".join(found)
    text = "\n".join(found) if long([text]) > 0.95 * inside(ax) else text
    n_lines = len(text.split("\n")) if text else 0
    where = f" [{own.get(stratum, stratum)}]" if stratum else ""
    told = signature_names(adata, [signature], method=name, labels=own, by_id=ids)[signature]
    title(ax, f"{told}{where}", pad=above + 1.0 + LINE * n_lines)
    ax.annotate(
        text, (0.0, 1.0), xytext=(0.0, above), xycoords="axes fraction", textcoords="offset points",
        fontsize=SMALL, ha="left", va="bottom", annotation_clip=False,
    )  # fmt: skip
    bare(ax)
    return ax


def _draw_line(
    ax: Axes,
    frame: pd.DataFrame,
    *,
    cultures: tuple[str, str],
    k: int,
    colour: str,
    label: str,
    error: ModelError,
) -> None:
    groups, alone = (
        [
            frame.loc[(frame["culture"] == culture) & (frame["unpaired"] == is_), "score"].to_numpy(float)
            for culture in cultures
        ]
        for is_ in (False, True)
    )
    x = np.array([0.0, 1.0]) + (0.04 if k else -0.04)
    for at, values, lone in zip(x, groups, alone, strict=True):
        side = at + (0.1 if k else -0.1)
        ax.scatter(np.full(len(values), side), values, s=6, color=colour, alpha=0.45, lw=0)
        if len(lone):
            ax.scatter(
                np.full(len(lone), 2 * side - at), lone, s=6, facecolors="none", edgecolors=colour, lw=0.6
            )
    if any(len(values) == 0 for values in groups):
        return
    n = f"{len(groups[0])}, {len(groups[1])}"
    if error.pairs:
        whole = frame[~frame["unpaired"]].pivot_table(index="series", columns="culture", values="score")
        joined = whole[list(cultures)].dropna().to_numpy()
        ax.plot(x + (0.1 if k else -0.1), joined.T, color=colour, alpha=0.3, lw=0.5)
        if {len(joined)} == set(map(len, groups)):
            n = count(len(joined), "pair")
    means, halves = zip(*(mean_interval(values) for values in groups), strict=True)
    if error.known:
        halves = tuple(error.half(len(values)) for values in groups)
    label = f"{label} (n = {n})"
    ax.errorbar(x, means, yerr=halves, color=colour, marker="os"[k], ms=4, capsize=2, lw=1.1, label=label)


def _only_stratum(adata: AnnData, frame: pd.DataFrame, design: Design) -> str:
    """Name the one compartment and time of the figure, as a table does; empty where the design has none."""
    inside = adata[pd.notna(design.arms(adata.obs).to_numpy())].obs
    strata = list(dict.fromkeys(frame["stratum"]))
    if len(strata) > 1:
        columns = [c for c in (design.compartment, design.time) if c and len(inside[c].unique()) > 1]
        one = " & ".join(f"(adata.obs[{c!r}] == {inside[c].tolist()[0]!r})" for c in columns)
        told = f"{len(strata)} strata ({first(strata)}) cannot share one interaction"
        msg = f"{told}. Keep one first: adata[{one}]."
        raise DesignError(msg)
    return str(next(iter(stratum_of(inside, design)), ""))


def _estimate(
    res: pd.DataFrame, signature: str, method: str, stratum: str, lines: Sequence[str]
) -> list[str]:
    """Give the estimate with its interval, p where there is one, and whether carry-over was left out."""
    own = res[res["stratum"] == stratum] if stratum and "stratum" in res else res
    rows = own[
        (own["contrast"] == "interaction") & (own["signature"] == signature) & (own["method"] == method)
    ]
    if rows.empty:
        msg = (
            f"res has no interaction of {signature!r} with {method!r}. "
            "Run ms.tl.compare(adata, design) with culture and line."
        )
        raise InputError(msg)
    row, what = rows.iloc[0], f"more in {lines[1]} than in {lines[0]}"
    if pd.isna(row["estimate"]):
        return [f"{what}: not estimated"]
    value, low, high = (float(row[name]) for name in ("estimate", "ci_low", "ci_high"))
    digits = decimals(value, low, high)
    text = signed(f"more in {lines[1]} by {value:+.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]")
    over = family_words(rows.iloc[:1], several=False)
    told = f"adj. p {p_word(row)}{f' ({over})' if over else ''}"
    found = [text, told] if pd.notna(row["p_adj"]) else [text]
    return [*found, SHORT] if left_open(res, row) else found
