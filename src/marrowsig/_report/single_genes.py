"""Single genes: how many change in each contrast, and the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._gene_scale import change
from marrowsig._report import frames, words
from marrowsig._report.answer import is_secondary
from marrowsig._report.elements import Fold, Sentences, Words

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._report.elements import Given, Part

TOP = 8
FEW = 3
"""Samples of an arm up to which twofold changes of single genes are seldom found (docs/calibration.md)."""
GENES = {
    "t": "stat",
    "p": "p",
    "adj. p": "p_adj",
    "mean log expression": "ave_expr",
}


def of_genes(genes: pd.DataFrame, given: Given) -> list[Part]:
    """Count per contrast, and list the genes with the smallest p of those that the study is about."""
    models = {(m["contrast"], m["stratum"]): m for m in genes.attrs.get("models", [])}
    folds: list[Part] = []
    lines = []
    for (contrast, stratum), rows in genes[genes["p"].notna()].groupby(["contrast", "stratum"], sort=False):
        named = words.asked(str(contrast), given.design)
        where = f"{named} in {stratum}" if stratum else named
        found = rows[rows["p_adj"] < given.alpha]
        up = int((found["estimate"] > 0).sum())
        model = models.get((contrast, stratum), {})
        how = f", {model['test']}" if model else ""
        lines.append(
            f"{where}: {words.count(up, 'gene')} {words.way(contrast, 'up')} and {len(found) - up:,} "
            f"{words.way(contrast, 'down')} of {len(rows):,} tested "
            f"(moderated t{how}; adj. p below {given.alpha:g})"
        )
        if not is_secondary(contrast):
            first = rows.sort_values("p", kind="stable").head(TOP)
            head = f"{change(rows['test'].unique())} [95 % CI]"
            shown: dict[str, frames.Show] = {"gene": "gene", head: frames.span("estimate"), **GENES}
            folds.append(frames.table(f"{where}: the {len(first)} genes with the smallest p", first, shown))
    caption = "Single genes"
    note = f"Adjusted p are Benjamini-Hochberg over all genes of one contrast.{_few(given)}"
    return [Fold(caption, [Words(note, soft=True), Sentences(lines), *folds])]


def _few(given: Given) -> str:
    """Say what is seldom found where all contrasts are of few samples."""
    sizes = given.main.get(["n_test", "n_base"])
    n = None if sizes is None else sizes.min(axis=1).max()
    if n is None or not 0 < n <= FEW:
        return ""
    return (
        f" With {words.count(int(n), 'sample')} per arm, changes below twofold are seldom found in single "
        "genes, unless replicates are nearly alike."
    )
