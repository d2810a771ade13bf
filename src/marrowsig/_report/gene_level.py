"""The gene level: how many genes change, and whether the genes of a signature say what its score says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report import frames, words
from marrowsig._report.elements import Caution, Fold, Section, Sentences, Words
from marrowsig._report.single_genes import of_genes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pandas as pd

    from marrowsig._report.elements import Given, Part

READING = (
    "The signature test asks whether the genes of a signature change on average; it is exact for any "
    "correlation between them, given the trend of the variance. Roast asks it of their mean moderated t, by "
    "rotations. Camera, with the correlation estimated from these samples, asks whether they change more "
    "than other genes do, and in which direction from them. The adjusted p are Benjamini-Hochberg over the "
    "signatures of one contrast in this table, controls by themselves. In the last "
    "column, what the scores of samples say of the same contrast."
)


def _in(row: Mapping[str, Any], scale: str) -> str:
    """Mean change, in the column of its unit."""
    return frames.span("estimate")(row) if row["scale"] == scale else ""


SETS = {
    "signature": "signature",
    "contrast": "contrast",
    "stratum": "stratum",
    "direction": "direction",
    "genes": "n_genes",
    "mean change in SD of such genes, not log2 [95 % CI]": lambda row: _in(row, "variance trend"),
    "mean log2 change [95 % CI]": lambda row: _in(row, "log2 units"),
    "p": "p",
    "adj. p": "p_adj",
    "roast p": "roast_p",
    "camera p": "camera_p",
    "camera direction": "camera_direction",
    "correlation": "camera_correlation",
    "NES": "prerank_nes",
    "prerank p": "prerank_p",
    "score": "agree",
}


def section(given: Given) -> Section | None:
    """Set tests beside the scores, and the first genes of each contrast."""
    sets: pd.DataFrame | None = given.extras.get("gene_sets")
    genes: pd.DataFrame | None = given.extras.get("genes")
    if sets is None and genes is None:
        return None
    parts: list[Part] = []
    if sets is not None:
        parts += _of_sets(sets, given)
    if genes is not None:
        parts += of_genes(genes, given)
    return Section("gene_level", "Do the genes say the same?", parts)


def _of_sets(sets: pd.DataFrame, given: Given) -> list[Part]:
    parts: list[Part] = [Sentences(_agreement(sets, given))]
    parts += [Caution(told)] if (told := opposite(sets, given.alpha)) else []
    if "prerank_note" in sets:
        parts.append(Caution(f"Preranked enrichment was asked for. {sets['prerank_note'].iloc[0]}"))
    shown = {head: name for head, name in SETS.items() if not isinstance(name, str) or name in sets}
    tested = sets[sets["p"].notna()]
    if len(tested):
        caption = "Direction of the genes where established (adj. p of the signature test)"
        grid = frames.grid(caption, tested, lambda row: _short(row, given.alpha), by="signature")
        parts.append(Fold(caption, [grid]))
    caption = "Tests of signatures on their genes"
    return [*parts, Fold(caption, [Words(READING, soft=True), frames.table(caption, sets, shown)])]


def opposite(sets: pd.DataFrame, alpha: float = 0.05) -> str:
    """Name signatures whose genes and score have opposite signs, one of them established; empty without."""
    other = _opposed(sets, alpha)
    told = [f"{s} in {c}" for s, c in zip(other["signature"], other["contrast"], strict=True)]
    if not told:
        return ""
    return (
        f"Caution: genes and score have opposite signs for {words.listing(told)}. The score compares "
        "ranks within a sample or weighs genes otherwise; look at single genes before you believe either."
    )


def _opposed(sets: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Rows of opposite signs of which genes or score are established: two signs by chance are no finding."""
    if "agree" not in sets:
        return sets[:0]
    established = sets["p_adj"].lt(alpha) | sets["score_p_adj"].lt(alpha)
    return sets[sets["agree"].eq("opposite sign") & established]


def _agreement(sets: pd.DataFrame, given: Given) -> list[str]:
    """One sentence per signature: in which contrasts its genes change, and whether the scores agree."""
    said = []
    for signature, rows in sets[sets["p"].notna()].groupby("signature", sort=False):
        found = rows[rows["p_adj"] < given.alpha]
        text = f"{signature}: a change of its genes is established in {len(found)} of "
        text += words.count(len(rows), "contrast")
        if "agree" in rows:
            known = rows[rows["agree"].ne("")]
            same = int(known["agree"].str.startswith("same sign").sum())
            text += f"; the sign is that of the score in {same} of {len(known)}"
        said.append(f"{text}.")
    return said


def _short(row: Mapping[str, Any], alpha: float) -> str:
    said = words.way(row["contrast"], row["direction"]) if row["p_adj"] < alpha else "not established"
    against = ", against the score" if row.get("agree") == "opposite sign" else ""
    return f"{said} ({words.p_value(row['p_adj'])}{against})"
