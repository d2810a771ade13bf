"""Is it this signature, or any: contrasts of random sets of genes that are expressed alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report import address, frames, words
from marrowsig._report.elements import Fold, Section, Sentences, Words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pandas as pd

    from marrowsig._report.elements import Given, Part

COLUMNS = {
    "signature": "signature",
    "contrast": "contrast",
    "stratum": "stratum",
    "estimate": "estimate",
    "median of random sets": "null_median",
    "excess [95 % CI]": frames.span("excess"),
    "p of the model": "p",
    "p against random sets": "p_null",
    "random sets": "n_sets",
}


def section(given: Given) -> Section | None:
    """Excess over random sets, beside the p of the model."""
    found: pd.DataFrame | None = given.extras.get("null")
    if found is None:
        return None
    known = found[found["p_null"].notna()]
    sets = words.count(int(found["n_sets"].max()), "random set")
    text = (
        f"Every main signature was compared with {sets} of as many genes, matched for expression and sign, in"
        " the same contrasts. The p of the model asks whether the score changed at all, the other whether it "
        "changed beyond what any genes of this expression did (studentised and centred). Neither is adjusted."
        " The first is the test of a change: a small p against random sets beside a large one of the model "
        "is no evidence for it."
    )
    parts: list[Part] = [Words(text, soft=True), Sentences(_said(known, given.alpha))]
    if len(known):
        caption = "p against random sets (p of the model)"
        parts.append(Fold(caption, [frames.grid(caption, known, _short, by="signature")]))
    caption = "Main signatures beside random ones"
    parts.append(Fold(caption, [frames.table(caption, found, COLUMNS, heads=address.scores)]))
    return Section("null", "Is it this signature, or any?", parts)


def _said(known: pd.DataFrame, alpha: float) -> list[str]:
    said = []
    for signature, rows in known.groupby("signature", sort=False):
        changed, beyond = rows["p"] < alpha, rows["p_null"] < alpha
        text = (
            f"{signature}: p of the model below {alpha:g} in {int(changed.sum())} of "
            f"{words.count(len(rows), 'contrast')}, in {int((changed & beyond).sum())} of them also against "
            "random sets"
        )
        said.append(f"{text}.")
    return said


def _short(row: Mapping[str, Any]) -> str:
    return f"{words.p_value(row['p_null'])} ({words.p_value(row['p'])})"
