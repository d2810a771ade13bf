"""Rescue: what each inhibitor did to the induction in each line, and whether lines differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report import frames, words
from marrowsig._report.elements import Fold, Heading, Section, Sentences, Words
from marrowsig.tl import explain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pandas as pd

    from marrowsig._report.elements import Given, Part

READING = (
    "Induction is co-culture less cells alone, reversal co-culture less co-culture with the inhibitor "
    "(positive when the score falls), residual with inhibitor less cells alone. The reversal is the claim; "
    "the fraction, reversal / induction with its Fieller interval, describes it, is not cut off at 0 or 1, "
    "and is not determined where the induction has an unadjusted p of 0.05 or more. Full reversal is "
    "said only where the residual is shown to lie within a margin that was declared beforehand, never "
    "because its p is large."
)


def fraction(row: Mapping[str, Any]) -> str:
    """Fraction reversed in per cent, or that it is not determined."""
    if row["fraction"] != row["fraction"]:
        return ""
    if row["fraction_kind"] != "interval":
        return "not determined"
    value, low, high = (f"{100 * row[f'fraction{end}']:.0f}" for end in ("", "_low", "_high"))
    return f"{value} % [{low}, {high}]".replace("-", words.MINUS)


TITLES = {"between lines": "Difference between the lines", "inhibitors together": "Inhibitors together"}
LINES = {
    "signature": "signature",
    "stratum": "stratum",
    "line": "line",
    "inhibitor": "inhibitor",
    "verdict": "verdict",
    "induction [95 % CI]": frames.span("induction"),
    "adj. p ": "induction_p_adj",
    "reversal [95 % CI]": frames.span("reversal"),
    "adj. p": "reversal_p_adj",
    "Holm p over inhibitors": "reversal_p_holm",
    "residual [95 % CI]": frames.span("residual"),
    "fraction [95 % Fieller]": fraction,
    "fully reversed": "fully_reversed",
    "margin": "margin",
    "n alone / co / treated": lambda row: f"{row['n_mono']:.0f} / {row['n_co']:.0f} / {row['n_treated']:.0f}",
    "pairs": "n_pairs",
}


def section(given: Given) -> Section | None:
    """Sentences of the main signatures, and all numbers."""
    found: pd.DataFrame | None = given.extras.get("rescue")
    if found is None:
        return None
    main = found[(found["method"] == given.method) & found["signature"].isin(given.named)]
    parts: list[Part] = [Words(READING, soft=True)]
    for kind, rows in main.groupby("kind", sort=False):
        said = [f"{s}: {text}" for s, text in zip(rows["signature"], rows["sentence"], strict=True)]
        parts += [Heading(TITLES[kind])] if kind in TITLES else []
        parts.append(Sentences(said))
    for kind, rows in found.groupby("kind", sort=False):
        caption = f"Rescue, {TITLES.get(kind, 'each line and inhibitor').lower()}: every signature scored"
        parts.append(Fold(caption, [frames.table(caption, rows, LINES)]))
    parts.append(Fold("The sentences in full, for a paper", [Sentences(list(explain(main)))]))
    return Section("rescue", "Did the inhibitor reverse it?", parts)
