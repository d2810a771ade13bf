"""Whether a result hangs on the cell cycle, maturation, silent genes, or a column that was adjusted for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._contrast_kinds import is_secondary
from marrowsig._contrasts import sides
from marrowsig._report import address, frames, maturation, other_columns, words
from marrowsig._report.drawn_as_scored import as_scored, for_alt, kept_of
from marrowsig._report.elements import Fold, Pictures, Section, Sentences, Words
from marrowsig._report.look import look_of
from marrowsig._report.picture import picture

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from marrowsig._formula import FormulaDesign
    from marrowsig._report.drawn_as_scored import Kept
    from marrowsig._report.elements import Given, Part
    from marrowsig._report.picture import Figure
    from marrowsig.design import Design

READING = (
    "Each contrast again without the genes that a signature shares with the cell cycle or with maturation, "
    "and with their scores as covariates. The answer above is the total effect. {part}: adjusting takes that "
    "part away, asks another question, and widens the interval. Without some of its genes a signature is on "
    "another scale: compare signs and whether zero is excluded, not sizes. These p are not adjusted for "
    "their number.{genes}"
)
OTHERS = (
    " {which} is the other way to score: settle on one before results are seen, and report this beside it."
)
GENES = {
    "expressed genes only": OTHERS.format(which="'Expressed genes only' (by the rule of edgeR)"),
    "all genes": OTHERS.format(which="'All genes', with those that the study does not express,"),
}
PART = "What {what} changes in cycling or maturation may be how it works"
PLAIN = "Where the groups differ in cycling or maturation, that may be part of the difference"
MAIN = "main"


def _held(row: Mapping[str, Any]) -> str:
    return "" if row["kind"] == MAIN or pd.isna(row["holds"]) else ("yes" if row["holds"] else "no")


COLUMNS = {
    "signature": "signature",
    "contrast": "contrast",
    "stratum": "stratum",
    "specification": "specification",
    "estimate [95 % CI]": frames.span("estimate"),
    "p": "p",
    "genes left out": "n_removed",
    "times as wide": "se_inflation",
    "df spent": "df_lost",
    "as before": _held,
    "note": "note",
}


def section(given: Given) -> Section | None:
    """Say what became of each result of the main signatures, and how they go along with maturation."""
    columns, rest = other_columns.parts(given), [_parts(given), maturation.parts(given)]
    parts = [*rest[0], *columns, *rest[1]]
    title = "Is it the cell cycle, or maturation?" if any(rest) else "Is it what was adjusted for?"
    return Section("sensitivity", title, parts) if parts else None


def _parts(given: Given) -> list[Part]:
    """Sentences, all numbers, and one figure for each signature."""
    found: pd.DataFrame | None = given.extras.get("sensitivity")
    if found is None:
        return []
    own = found[found["signature"].isin(given.named) & (found["method"] == given.method)]
    main = own[[not is_secondary(c) for c in own["contrast"]]]
    shown = main if len(main) else own
    if shown.empty:
        return []
    told = [_said(rows) for _, rows in shown.groupby(["signature", "contrast", "stratum"], sort=False)]
    said, same = ([text for text, alike in told if text and alike is kept] for kept in (False, True))
    caption = "The same contrasts without genes of confounders, and adjusted"
    of_cited = kept_of(given)
    drawn = [_picture(rows, given, of_cited) for _, rows in shown.groupby("signature", sort=False)]
    return [
        Words(READING.format(part=_part_of(given.design), genes=_genes(found)), soft=True),
        Sentences(said or ["Every other specification says the same of every contrast."]),
        Fold(f"Contrasts of which every other specification says the same: {len(same)}", [Sentences(same)]),
        Fold(caption, [frames.table(caption, shown, COLUMNS, heads=address.scores)]),
        Fold("One figure for each signature", [Pictures(drawn)]),
    ]


def _genes(found: pd.DataFrame) -> str:
    """Say among which other genes the contrasts were asked, where they were."""
    return "".join(said for name, said in GENES.items() if found["specification"].eq(name).any())


def _part_of(design: Design | FormulaDesign) -> str:
    """Say what of the effect an adjustment takes away, in the words of the design."""
    return PART.format(what=sides(design)[0]) if design.culture else PLAIN


def _said(rows: pd.DataFrame) -> tuple[str, bool]:
    """Say of one contrast what its other specifications did to it, and whether nothing changed.

    Nothing is said where it has no estimate.
    """
    base = rows[rows["kind"] == MAIN].iloc[0].to_dict()
    others = rows[rows["kind"] != MAIN]
    others = others[~_untouched(others)]
    if pd.isna(base["p"]):
        return "", True
    zero = "zero is excluded" if base["excludes_zero"] else "zero is not excluded"
    head = f"{base['signature']}, {frames.where(base)}: {zero} as is"
    known, lost = others[others["holds"].notna()], others[others["holds"].isna()]
    changed = known[~known["holds"].astype(bool)]
    parts = [f"{head}; {_count(known, changed)}" if len(others) else f"{head}; nothing to leave out here"]
    parts += [f"{r['specification']}: {_became(r)}" for r in changed.to_dict("records")]
    parts += [f"{r['specification']}: no estimate" for r in lost.to_dict("records")]
    return "; ".join(parts) + ".", len(changed) + len(lost) == 0


def _untouched(rows: pd.DataFrame) -> pd.Series:
    """Specifications that leave out no gene, because the signature has none of these."""
    return rows["kind"].str.endswith(" genes") & rows["n_removed"].eq(0)


def _count(known: pd.DataFrame, changed: pd.DataFrame) -> str:
    if known.empty:
        return "no other specification has an estimate"
    same = len(known) - len(changed)
    return f"{same} of {words.count(len(known), 'other specification')} agree"


def _became(row: Mapping[str, Any]) -> str:
    size = words.estimate(float(row["estimate"]), float(row["ci_low"]), float(row["ci_high"]))
    turned = "" if row["same_sign"] else "other sign, "
    zero = "excludes" if row["excludes_zero"] else "does not exclude"
    return f"{turned}{size}, which {zero} zero"


def _picture(rows: pd.DataFrame, given: Given, kept: Kept) -> Figure:
    from marrowsig import pl

    known = rows[rows["estimate"].notna()] if rows["estimate"].notna().any() else rows
    joint = known[known["contrast"] == "interaction"]
    one = (joint if len(joint) else known).iloc[0]
    signature, contrast, stratum = str(one["signature"]), str(one["contrast"]), str(one["stratum"])
    own = rows[(rows["contrast"] == contrast) & (rows["stratum"] == stratum)]
    ax = pl.sensitivity(
        rows, signature=signature, contrast=contrast, stratum=stratum, design=given.design,
        labels=look_of(given).labels,
    )  # fmt: skip
    named, told = words.asked(contrast, given.design), as_scored(kept, [signature], stratum)
    alt = f"Estimate of {named} with its interval under every specification. {_said(own)[0]}"
    caption = f"{signature}, {named}: without genes of confounders, and adjusted{told}"
    return picture(f"sensitivity_{signature}", ax, f"{alt}{for_alt(told)}", caption)
