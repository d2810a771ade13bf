"""Scores and contrasts of the main signatures: the one figure of a study."""

from __future__ import annotations

import warnings
from textwrap import wrap
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from marrowsig._contrasts import sides
from marrowsig._errors import InputWarning, first
from marrowsig._same_design import require_same_design
from marrowsig._unasked import unfilled
from marrowsig.pl import _key
from marrowsig.pl._by_stroma import recorded
from marrowsig.pl._clip import limits_of_panel
from marrowsig.pl._kept_sizes import completed
from marrowsig.pl._key import Entry
from marrowsig.pl._levels import chosen_colours, levels_of, ordered
from marrowsig.pl._overview_contrasts import draw_contrasts, lines_in
from marrowsig.pl._overview_crowd import NO_ROOM, Grid, alike, in_a_row
from marrowsig.pl._overview_drawn import Drawn, keep
from marrowsig.pl._overview_key import entries, too_tall
from marrowsig.pl._overview_kinds import kinds_of
from marrowsig.pl._overview_labels import named_of, strata_of_stroma, told_stratum
from marrowsig.pl._overview_layout import fit, places, write_letters
from marrowsig.pl._overview_lines import LOW, LOWEST, PAGE, USUAL, lines_of_contrasts
from marrowsig.pl._overview_rows import apart, chosen, keys_of, rows_of
from marrowsig.pl._panel_scores import head_columns, of_unlike, same_span, shown_on, write_note
from marrowsig.pl._panels import below
from marrowsig.pl._read import by_unit, stratum_of
from marrowsig.pl._rows import needed, only
from marrowsig.pl._signature_names import signature_names
from marrowsig.pl._strata_order import strata_in_order
from marrowsig.pl._style import BREAK, MM, NARROW, SMALL, WIDE, axes, dress, given_width, room
from marrowsig.pl._ticks_apart import less_crowded
from marrowsig.pl._unadjusted import in_short_lines
from marrowsig.pl._words import letters, long, scored_by, title
from marrowsig.pl.scores import LEFT, draw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from anndata import AnnData
    from matplotlib.axes import Axes

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.qc._stroma_result import Stroma
    from marrowsig.sig import Signature

NEEDED = (
    "signature", "method", "contrast", "stratum", "estimate", "ci_low", "ci_high", "p_adj", "adjustment",
)  # fmt: skip
TALL, LEAST = 44.0, 16.0
"""Millimetres: height of axes of scores, and least height of those of contrasts."""
TICKS = 11.0  # millimetres of the labels of y of a panel beside others


def overview(
    adata: AnnData,
    signatures: str | Signature | Iterable[str | Signature] | None = None,
    *,
    design: Design | FormulaDesign,
    res: pd.DataFrame,
    method: str | None = None,
    claims: pd.DataFrame | None = None,
    stroma: Stroma | pd.DataFrame | None = None,
    labels: Mapping[str, str] | None = None,
    palette: Mapping[str, str] | None = None,
    order: Sequence[str] | None = None,
    ids: bool = False,
    as_scored: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the scores of up to three signatures in every arm (a), and what was found of them (b).

    One figure for a paper. Above, each signature as `ms.pl.scores` draws it, with the interval of each arm by
    itself; where the size to cite is on the genes that stroma could not move, the scores on these, as
    triangles, with their number above the panel, in all kinds of cells of this signature. Below, its
    contrasts with the intervals of the model of all arms, which pools their variance and takes pairs out, and
    adjusted p, in the levels of the design: what co-culture does in each line, the interaction, and what each
    inhibitor takes back, in the colours of the lines. Filled points are established or, where `claims` ask
    the same, supported. Differences between lines to begin with and what is left under an inhibitor stand
    aside, unless there is nothing else: `ms.pl.forest` has them.

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
        could not move, for all contrasts of a signature of which one is to be cited on them, also in other
        kinds of cells and at other times, each with genes of its own; it is filled where the point is and p
        on these genes is established too. Adjusted p is the one to cite: that on these genes has a triangle
        behind it, and p without one is of the point.
    stroma
        Result of `ms.qc.stroma`, or its `verdicts`: the tick and the triangle of contrasts that no claim
        asks, which are filled only where it calls them "not explained by carry-over". Without it and
        `claims`, what `ms.qc.stroma` left in `adata` of these contrasts. Contrasts of co-culture that a
        formula names, of which it was not asked, are not filled.
    labels
        Other words for levels, contrasts or signatures, such as `{"emt.hallmark": "EMT"}`.
    palette, order
        Colours and order of levels, as in `ms.pl.scores`; kinds of cells and times keep their order in (b).
    ids
        Call signatures by their ids; by default by their titles, unless two share one.
    as_scored
        Draw in (a) the scores on all genes also where the size to cite is on fewer; every panel of which the
        check was asked then says that RNA of stroma is included. So it does without the scores on fewer
        genes, which `stroma` holds if it is the result of `ms.qc.stroma`, and where strata that have
        different genes share a panel.
    width
        Of a new figure, in millimetres; 180, or 85 for one signature, by default. Below 120 the signatures
        stand below each other.
    ax
        Where to draw; a new figure, as tall as it needs to be, by default.

    Returns
    -------
    Axes
        Those of the scores of the first signature; its figure has the others. An arrow head ends an interval
        that is so much wider than the others that it would set the axis.
        Kinds of cells have axes of their own, of the same span in a row of one signature; unless all scores
        are on the same genes and have room on one axis, not of the same values, which the key says.
        The marks are explained at the foot of a new figure, and below the first contrasts on Axes given; n,
        model and intervals belong into the legend, which `marrowsig run` writes as `figure.txt`.

    Raises
    ------
    DesignError
        As in `ms.pl.scores`.
    InputError
        If there are more than three signatures, one is not in `res` or was not scored, `res` is not a table
        of `ms.tl.compare` or of another design, or `claims` are of other lines.

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
    require_same_design(res, design, claims=claims)
    name, alpha = str(rows["method"].iloc[0]), float(res.attrs.get("alpha", 0.05))
    drawn = chosen(rows, signatures)
    frame = by_unit(adata, drawn[0], design=cast("Design", design), method=name)  # refuses before a figure
    checked = getattr(stroma, "verdicts", stroma)
    if claims is None and checked is None:
        checked = recorded(adata, rows)
    rows = unfilled(completed(rows, claims, checked, alpha), res)
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
    every_arm = by_unit(adata, drawn[0], design=cast("Design", design), method=name, lineless=True)
    partners = strata_of_stroma(dict.fromkeys(key[1] for key in keys), every_arm, claims, design)
    if order is not None:
        arms_read = every_arm.sort_values("place").to_dict("records")
        ordered([level for arm in arms_read for level in levels_of(arm)], order)
    kinds = kinds_of(every_arm, adata.obs, design, order)
    strata = stratum_of(adata.obs, cast("Design", design))
    places_of = strata_in_order(dict.fromkeys(key[1] for key in keys), strata, adata.obs, design, order)
    keys.sort(key=lambda key: places_of.index(key[1]))
    stacked = not across or len(kinds) > 1
    stacked = stacked or apart(every_arm["arm"].nunique(), columns, whole / columns - LEFT)
    arms = [max(3, kind.arms) for kind in kinds]
    of_panels = Grid(len(drawn), len(kinds), in_a_row(arms, whole, across=across))
    per = of_panels.columns
    widths = [float(max(arms[i::per])) for i in range(per)] if across or per > 1 else [1.0]
    high, lines = (of_panels.rows if stacked else 1), (1 if across else len(drawn))
    apiece, nested = of_panels.apiece, len(kinds) > 1 or high > 1
    lined = lines_of_contrasts(
        keys, rows, of_panels, design, labels, stroma=partners, panel=whole / columns, across=across, page=new
    )  # fmt: skip
    keys, lines_of, crowded = lined.keys, lined.labels, bool(lined.left) or lined.beside
    tall = max(LEAST, lined.row * (lines_in(keys) + 0.2))
    ax = axes(ax, width, usual=usual, height=high * (TALL + 30.0) + lines * (tall + 30.0))
    edge = LEFT + 7.0 if high > 1 else LEFT  # stacked, axes are low, and the label of y has three lines
    if new:  # no edge is kept free around the places of a new figure
        ax.figure.subplotpars.update(left=0.0, right=1.0, bottom=0.0, top=1.0)
    under = below(ax, share=0.6)
    place: Any = under.get_subplotspec()
    outer = place.get_gridspec() if new else None
    above = places(ax, high if stacked else len(drawn), across=not stacked, widths=widths)
    for free_place in of_panels.empty():
        above[free_place].remove()
    beneath = places(under, len(drawn), across=across)
    names = signature_names(adata, drawn, method=name, labels=labels, by_id=ids)
    shown = rows_of(rows, keys)
    cultured = getattr(design, "culture", None) and sides(design)[0] == "co-culture"
    guarded = claims is not None or checked is not None or not cultured
    cut = {str(sig): limits_of_panel(own) for sig, own in shown.groupby("signature")}
    panels = shown_on(
        adata, shown, kinds, design, method=name, kept=getattr(stroma, "filtered", {}), stroma=partners,
        as_scored=as_scored,
    )  # fmt: skip
    told = entries(shown, alpha, asked=guarded, cut=any(cut.values()), stroma=partners)
    if empty:
        gone = first(told_stratum(s, design, labels) for s in empty)
        told.append(Entry(f"not drawn, as nothing could be estimated: {gone}"))
    if lost:
        told.append(Entry(f"not drawn, as not estimated: {named_of(lost, design, labels)}"))
    if lined.left:
        design_column = str(getattr(design, "compartment", ""))
        told.append(Entry(f"{NO_ROOM}{'; '.join(lined.left)}: draw fewer levels of {design_column!r}"))
    tops = [[above[at] for at in of_panels.places(k)] for k in range(len(drawn))]
    same_arms, unlike = alike(kinds), []
    beside = 1 if stacked else columns
    inner = (whole - edge) / beside - TICKS * per  # of axes in a row
    wide_title = (whole - edge - TICKS * (beside - 1)) / beside / 0.55
    for k, (sig, own) in enumerate(zip(drawn, tops, strict=True)):
        last = k == len(drawn) - 1
        heads_of = own[:1] if apiece else own[::per]
        ups = []
        for j, (kind, part) in enumerate(zip(kinds, own, strict=True)):
            written = apiece or (last and not (same_arms and of_panels.above_others(j)))
            names_arms = not same_arms or of_panels.leads(j)
            strip = kind.strip(partners, labels, written=written, headed=not apiece)
            panel = panels[sig, kind.name]
            draw(
                adata, sig, design=design, method=name, labels=labels, width=None, ax=part,
                palette=kind.of(palette), order=kind.order(order), first=(not k or stacked) and names_arms,
                strip=strip if nested else None,
                only=kind.inside if kind.name else None, values=panel.scores,
            )  # fmt: skip
            share = 1.0 if apiece or not kind.name else widths[j % per] / sum(widths)
            ups.append(write_note(part, panel.note, inner * share + (TICKS - 3.0) * ((j + 1) % per > 0)))
            if part not in heads_of:
                part.set_title("", loc="left")
                part.set_ylabel(scored_by(name) if per < 3 else "")
        on_all = all(panels[sig, kind.name].scores is None for kind in kinds)
        unlike += [sig] if same_span(own, comparable=on_all) else []
        for head in heads_of:
            title(head, names[sig], pad=4.0 + ups[own.index(head)], place=wide_title)
        if not k and len(own) > 1 and not apiece:
            heads = [(labels or {}).get(kind.name, kind.name) for kind in kinds]
            for at in range(0, len(own), per):
                head_columns(
                    own[at : at + per], heads[at : at + per], ups[at : at + per], inner / per + TICKS
                )
    others = [names[sig] for sig in unlike]
    if said := of_unlike(others, [kind.name for kind in kinds], all_of=len(unlike) == len(drawn)):
        told.append(Entry(said))
    keep(cast("Any", ax.figure), Drawn(keys, unlike))
    for k, (sig, low) in enumerate(zip(drawn, beneath, strict=True)):
        found = rows[rows["signature"] == sig]
        draw_contrasts(low, found, keys, lines_of, alpha, palette, design, cut.get(sig), beside=lined.beside)
        title(low, names[sig], pad=11.0, place=((whole - long(lines_of) - 4.0) / columns - 3.0) / 0.55)
        what = f"difference in {scored_by(name)}"
        words = what if new or k else f"{what}\n({'; '.join(entry.said for entry in told)})"
        fits = letters(0.75 * room(low))
        low.set_xlabel("\n".join(line for part in words.split("\n") for line in wrap(part, fits)))
        dress(low)
        low.tick_params(axis="y", labelsize=SMALL)
        for key, tick in zip(keys, low.yaxis.get_major_ticks(), strict=True):
            tick.label1.set_fontweight("normal" if key[0] else "bold")
            tick.tick1line.set_visible(bool(key[0]))
        if k and across:
            low.set_yticklabels([])
    if new:
        foot = _key.lines_of(told, whole)
        free = _key.LINE * (len(foot) + 1)
        fit(outer, [(above[::per][:high], TALL), (beneath[:lines], tall)], free)
        figure: Any = ax.figure
        aim = PAGE if crowded else USUAL
        if (over := figure.get_figheight() / MM - aim) > 0 and high > 1:
            lower = max(LOWEST if crowded else LOW, TALL - over / high)
            closer = max(0.8 * tall, tall - max(0.0, over - high * (TALL - lower)) / lines)
            for top in above:  # no longer than the axes, so that it does not reach up to the letter
                top.set_ylabel(in_short_lines(top.get_ylabel()))
            fit(outer, [(above[::per][:high], lower), (beneath[:lines], closer)], free)
        for low in beneath:
            less_crowded(low)
        _key.write(ax.figure, foot)
        write_letters(above[0], beneath[0])
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
    ordered(every, order)
    return colours or None, None if order is None else [level for level in order if level in here]
