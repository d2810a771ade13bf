"""The figures of a report: drawn by `ms.pl`, kept as PNG at twice the size, with the finding as alt text."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from marrowsig import _arm_names
from marrowsig._as_claimed import as_claimed
from marrowsig._contrast_kinds import is_secondary
from marrowsig._contrasts import named_in_words, said, says_yes, spelled
from marrowsig._errors import DesignError, InputError, InputWarning
from marrowsig._report import address, words
from marrowsig._report.answer import PRIMARY, by_contrast
from marrowsig._report.carried import STROMA, guard_drawn
from marrowsig._report.drawn_as_scored import as_scored, for_alt, kept_of
from marrowsig._report.elements import Fold, Pictures, Section
from marrowsig._report.led_by import hanging
from marrowsig._report.legend import legend, of_partners, without_room
from marrowsig._report.look import look_of
from marrowsig._report.paper_alt import of_strata, paper_alt
from marrowsig._report.picture import LEAD, Figure, picture
from marrowsig._report.points import point
from marrowsig._report.which_list import own as lists_of_own
from marrowsig._titles import SHORT, titles_scored
from marrowsig.design import Design
from marrowsig.pl._overview_drawn import drawn_on
from marrowsig.pl._signature_names import signature_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from anndata import AnnData

    from marrowsig._report.drawn_as_scored import Kept
    from marrowsig._report.elements import Given, Part
    from marrowsig._report.look import Look

PROGRAMMES = {"il6": "IL-6 response", "stat3": "JAK/STAT3 activity"}
DRAWN = 4
"""Lists of one's own beside the main signatures that have figures of their own."""
SHOWN = (*PRIMARY, *STROMA)  # axes and controls that a forest plot holds; the tables hold all


def section(given: Given) -> Section:
    """Scores of the main signatures; forest plots, single samples and coverage in folds."""
    adata, design, alpha = given.adata, given.design, given.alpha
    res = as_claimed(given.main, given.judged, alpha)
    by_arm = design if isinstance(design, Design) else None  # the cells of a formula are no arms
    look, kept = look_of(given), kept_of(given)
    own, mine = [], lists_of_own(list(dict.fromkeys(res["signature"].astype(str))), adata)
    for sig in [*given.named, *[i for i in mine if i not in given.named][:DRAWN]]:
        rows = res[res["signature"] == sig]
        if by_arm is not None and rows["estimate"].notna().any():
            own += _of_signature(given, rows, by_arm, sig=sig, look=look, kept=kept)
        elif sig not in given.named and rows["estimate"].notna().any():
            own += _of_cells(given, rows, design, sig=sig, look=look, kept=kept)
    estimated = [(key, rows) for key, rows in by_contrast(res) if rows["estimate"].notna().any()]
    shown = [
        ((c, s), rows) for (c, s), rows in estimated if not is_secondary(c) and not words.is_reversal(c)
    ] or estimated
    with warnings.catch_warnings():  # a page of HTML has room for any height
        warnings.filterwarnings("ignore", r"This figure is \d+ mm tall", InputWarning)
        forests = [_forest(_held(rows, mine), c, stratum, given, kept) for (c, stratum), rows in shown]
        coverage = _coverage(adata, given.coverage)
    left = len(estimated) - len(shown)
    rest = f"; {left} further contrasts stand in the tables" if left else ""
    every = res["signature"].nunique()
    most = max((_held(rows, mine)["signature"].nunique() for _, rows in shown), default=every)
    what = "all signatures" if most == every else f"{most} of {every} signatures, the others in the tables"
    own = [*for_paper(given), *own]
    parts: list[Part] = [Pictures(own)] if own else []
    parts += [
        Fold(
            f"Forest plots: {words.count(len(forests), 'contrast')}, {what}{rest}",
            [Pictures(forests)],
        ),
        Fold("Scores of every sample", [Pictures([_heatmap(given, look, kept)])]),
        Fold("Share of each signature's genes in this matrix", [Pictures([coverage])]),
    ]
    return Section("figures", "Figures", parts)


def named_apart(figures: list[Figure]) -> list[Figure]:
    """Add a number to names that differ only in characters that a file name cannot hold."""
    seen: Counter[str] = Counter()
    apart = []
    for f in figures:
        seen[f.name] += 1
        apart.append(f if seen[f.name] == 1 else replace(f, name=f"{f.name}_{seen[f.name]}"))
    return apart


def _of_signature(
    given: Given, rows: pd.DataFrame, design: Design, *, sig: str, look: Look, kept: Kept
) -> list[Figure]:
    from marrowsig import pl

    adata, method, alpha, said = given.adata, given.method, given.alpha, as_scored(kept, [sig])
    alt = f"Points: {sig} score of each {point(given)} in every arm. {_findings(rows, alpha, design)}"
    ax = pl.scores(adata, sig, design=design, method=method, **look.of_arms(adata, sig, design, method))
    caption = f"{sig}: score of each {point(given)}, by arm{said}"
    out = [picture(f"scores_{sig}", ax, f"{alt}{for_alt(said)}", caption)]
    if design.culture and design.line:
        strata = rows["stratum"].unique()
        out += [
            _interaction(given, rows[rows["stratum"] == s], design, sig=sig, look=look, kept=kept)
            for s in strata
            if len(strata) == 1 or _has_interaction(rows[rows["stratum"] == s])
        ]
    return out


def _of_cells(
    given: Given, rows: pd.DataFrame, design: Any, *, sig: str, look: Look, kept: Kept
) -> list[Figure]:
    """Draw a list of one's own in the cells of a formula; nothing where it has none."""
    try:
        return _of_signature(given, rows, design, sig=sig, look=look, kept=kept)
    except (DesignError, InputError):
        return []


def _has_interaction(rows: pd.DataFrame) -> bool:
    return bool(rows.loc[rows["contrast"].str.startswith("interaction"), "estimate"].notna().any())


def _interaction(
    given: Given, rows: pd.DataFrame, design: Design, *, sig: str, look: Look, kept: Kept
) -> Figure:
    from marrowsig import pl
    from marrowsig.pl._read import stratum_of

    adata, method, alpha = given.adata, given.method, given.alpha
    joint, stratum = rows[rows["contrast"].str.startswith("interaction")], str(rows["stratum"].iloc[0])
    own = adata[stratum_of(adata.obs, design) == stratum] if stratum else adata
    ax = pl.interaction(own, sig, design=design, method=method, **look.of_lines(design))
    lines = f"level of {design.line}" if says_yes(design, "line") else "cell line"
    mono, co = said(design, "mono"), said(design, "co")
    alt = f"Lines: mean {sig} score in {mono} and in {co}, one line per {lines}. "
    alt += _findings(joint if len(joint) else rows, alpha, design)
    where = f", {stratum}" if stratum else ""
    low, high = (_arm_names.told(design, "culture", level) for level in (design.mono, design.co))
    groups = f"levels of {design.line}" if says_yes(design, "line") else "lines"
    told = as_scored(kept, [sig], stratum)
    caption = f"{sig}: {high} against {low} in both {groups}{where}{told}"
    name = f"interaction_{sig}{f'_{stratum}' if stratum else ''}"
    return picture(name, ax, f"{alt}{for_alt(told)}", caption)


def _of_programme(sig: str, title: str) -> str:
    """Put what the claims call the programme before the title of its signature."""
    programme = PROGRAMMES.get(sig.partition(".")[0], "")
    return f"{programme}: {title}" if programme and title != sig else title


def for_paper(given: Given) -> list[Figure]:
    """Draw the one figure for a paper, with a caption that can stand below it there."""
    from marrowsig.pl._overview_rows import MOST
    from marrowsig.pl._style import BREAK

    main = as_claimed(given.main, given.judged, given.alpha)
    width = float(given.extras.get("width") or 0.0)
    rows = main[main["estimate"].notna()]
    ids = [sig for sig in given.named if rows["signature"].eq(sig).any()][:MOST]
    if not ids:
        return []
    titles = titles_scored(given.adata, given.method)
    labels = {sig: _of_programme(sig, titles.get(sig, sig)) for sig in ids}
    apart = 0.0 < width < BREAK and len(ids) > 1  # no page holds several below each other
    return [
        one
        for group in ([[sig] for sig in ids] if apart else [ids])
        for one in _paper(given, group, labels, name=f"{LEAD}_{group[0]}" if apart else LEAD)
    ]


def _paper(given: Given, ids: list[str], titles: dict[str, str], *, name: str) -> list[Figure]:
    from marrowsig import pl

    claims, guard = given.judged, guard_drawn(given)
    kept = titles_scored(given.adata, given.method)
    look = look_of(given)
    labels = {sig: titles[sig] for sig in ids if kept.get(sig) not in SHORT} | look.labels
    try:
        own = look.of_arms(given.adata, ids[0], given.design, given.method) | {"labels": labels}
        ax = pl.overview(
            given.adata, ids, design=given.design, res=given.res, method=given.method, claims=claims,
            stroma=given.extras["stroma"] if guard is not None else None, **own,
            as_scored=bool(given.extras.get("as_scored")), width=given.extras.get("width"),
        )  # fmt: skip
    except (DesignError, InputError):
        if isinstance(given.design, Design):
            raise
        return []  # a formula without cells, such as one of numbers alone, has no arms to draw
    held = drawn_on(cast("Any", ax.figure))
    shown, empty = _drawn(given, ids, held.keys)
    drawn = signature_names(given.adata, ids, method=given.method, labels=labels)
    named = [_with_id(drawn[sig], sig) for sig in ids]
    others = {str(i) for i in given.main["signature"]} - set(ids)
    caption = legend(given, shown, named, ids, empty, look.said(others), unlike=held.unlike)
    caption += without_room(ax.figure)
    caption += f" {said}" if (said := hanging(given.extras.get("claim_genes"), ids)) else ""
    partners = of_partners((guard, claims))
    alt = paper_alt(shown, given.design, alpha=given.alpha, stroma=partners)
    return [picture(name, ax, alt, caption)]


def _with_id(name: str, sig: str) -> str:
    """Put the id behind a name, within its brackets where it ends with some.

    >>> _with_id("EMT (Hallmark)", "emt.hallmark"), _with_id("JAK/STAT3 activity", "stat3.specific")
    ('EMT (Hallmark; emt.hallmark)', 'JAK/STAT3 activity (stat3.specific)')
    """
    if name == sig:
        return sig
    return f"{name[:-1]}; {sig})" if name.endswith(")") else f"{name} ({sig})"


def _drawn(given: Given, ids: list[str], held: Sequence[tuple[str, str]]) -> tuple[pd.DataFrame, list[str]]:
    """Rows that the figure for a paper draws, as `ms.pl.overview` has them, and strata that it leaves out."""
    from marrowsig._unasked import unfilled
    from marrowsig.pl._kept_sizes import completed
    from marrowsig.pl._overview_rows import keys_of, rows_of

    rows = unfilled(completed(given.main, given.judged, guard_drawn(given), given.alpha), given.main)
    rows = rows[rows["signature"].isin(ids)]
    rows, empty = rows_of(rows, list(held)), keys_of(rows)[2]
    return rows[rows["estimate"].notna()], empty


def _forest(rows: pd.DataFrame, contrast: str, stratum: str, given: Given, kept: Kept) -> Figure:
    from marrowsig import pl

    where = f" in {stratum}" if stratum else ""
    name = address.forest(contrast, stratum)
    guard = guard_drawn(given)
    if guard is not None and not guard["method"].eq(given.method).any():
        guard = None
    ax = pl.forest(
        rows, contrast=contrast, stroma=guard, design=given.design, labels=look_of(given).labels
    )  # fmt: skip
    named = named_in_words(contrast, given.design)
    named = words.asked(contrast, given.design) if named == contrast else named
    told = as_scored(kept, rows["signature"].astype(str).unique(), stratum)
    caption = f"{named}{where}: estimates with {words.level(given.alpha)} intervals{told}"
    alt = f"{_forest_alt(rows, named + where, given.alpha)}{for_alt(told)}"
    return picture(name, ax, alt, caption)


def _held(rows: pd.DataFrame, mine: Sequence[str]) -> pd.DataFrame:
    """Rows that a forest plot holds: of the main axes, of controls of stroma, and of one's own lists."""
    ids = rows["signature"].astype(str)
    main = rows[ids.str.split(".").str[0].isin(SHOWN) | ids.isin([*SHOWN, *mine])]
    return main if len(main) else rows


def _heatmap(given: Given, look: Look, kept: Kept) -> Figure:
    from marrowsig import pl

    adata, design, method = given.adata, given.design, given.method
    try:
        ax = pl.heatmap(adata, design=design, method=method, **look.of_strips(adata, design))
    except (DesignError, InputError):
        if isinstance(design, Design):
            raise
        ax = pl.heatmap(adata, method=method, labels=look.labels)  # a formula of numbers alone has no arms

    n = words.count(adata.obsm[f"score_{method}"].shape[1], "signature")
    samples = words.count(adata.n_obs, "sample")
    alt = f"Heat map of {n} over {samples}, each signature centred and scaled, samples by arm. "
    alt += "It shows single samples; the numbers are in the tables of contrasts."
    told = as_scored(kept, adata.obsm[f"score_{method}"].columns.astype(str))
    caption = f"Scores of every sample, centred and scaled per signature{told}"
    return picture("heatmap", ax, f"{alt}{for_alt(told)}", caption)


def _coverage(adata: AnnData, coverage: pd.DataFrame) -> Figure:
    from marrowsig import pl

    caption = "Share of each signature's genes that are in this matrix"
    return picture("coverage", pl.coverage(adata), _coverage_alt(coverage), caption)


def _findings(rows: pd.DataFrame, alpha: float, design: Design) -> str:
    known = rows[rows["estimate"].notna()] if rows["estimate"].notna().any() else rows
    said = [
        f"{spelled(str(row['contrast']), design)}{where}: {words.claim(row, alpha=alpha)}"
        for row, where in zip(known.to_dict("records"), of_strata(known), strict=True)
    ]
    return ". ".join(said[:6]) + "."


def _forest_alt(rows: pd.DataFrame, name: str, alpha: float) -> str:
    found = {str(r["signature"]): words.verdict(r, alpha) for _, r in rows.iterrows()}
    reversal = words.is_reversal(rows["contrast"].iloc[0])
    parts = []
    for what in ("lowered by inhibitor", "raised by inhibitor") if reversal else ("up", "down"):
        ids = [s for s, d in found.items() if d == what]
        shown = words.listing(ids[:8]) + (f" and {len(ids) - 8} more" if len(ids) > 8 else "")
        parts.append(f"{len(ids)} {what}" + (f" ({shown})" if ids else ""))
    rest = sum(d == "not established" for d in found.values())
    n = words.count(len(found), "signature")
    return f"Forest plot of {name}, {n}: {'; '.join(parts)}; {rest} not established."


def _coverage_alt(coverage: pd.DataFrame) -> str:
    one = coverage.drop_duplicates("signature").sort_values("coverage")
    low = one[one["coverage"] < 0.5]
    n = words.count(len(one), "signature")
    text = f"Bars: share of genes found for {n}, median {one['coverage'].median():.0%}"
    if low.empty:
        return f"{text}; all at least half."
    return f"{text}; below half: {words.listing(low['signature'].astype(str).tolist()[:8])}."
