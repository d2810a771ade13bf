"""The figure for a paper in words, for those who cannot see it: with the sizes and p that are to be cited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._contrasts import spelled
from marrowsig._report import words
from marrowsig.pl._kept_sizes import p_to_cite
from marrowsig.pl._overview_key import worded
from marrowsig.pl._overview_labels import in_levels, with_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

    Row = Mapping[str, Any]

TOLD = 9  # contrasts that the words give
ON_FEWER = "on genes that {} could not move"


def paper_alt(
    shown: pd.DataFrame, design: Design | FormulaDesign, *, alpha: float, stroma: Collection[str] = ()
) -> str:
    """Say what the rows of the figure found; the first nine of them, and how many more there are.

    `stroma` names the strata that are stroma, which leukaemia RNA could move.
    """
    told = [
        f"{row['signature']}, {_named(row, design, stroma)}{where}: {_said(row, alpha, stroma)}"
        for row, where in zip(shown.to_dict("records"), of_strata(shown), strict=True)
    ]
    left = f"; and {len(told) - TOLD} more" if len(told) > TOLD else ""
    return f"Scores by arm, and contrasts. {'; '.join(told[:TOLD])}{left}."


def of_strata(rows: pd.DataFrame) -> list[str]:
    """Name the kind of cells, or the time, of each row, where there are several."""
    strata = rows["stratum"].astype(object).where(rows["stratum"].notna(), "").astype(str)
    several = len(set(strata)) > 1
    return [f" [{in_levels(stratum)}]" if several and stratum else "" for stratum in strata]


def _named(row: Row, design: Design | FormulaDesign, stroma: Collection[str]) -> str:
    """Write a contrast as the figure does: of stroma, by the lines that it was grown with."""
    return (with_lines if str(row.get("stratum")) in stroma else spelled)(str(row["contrast"]), design)


def _said(row: Row, alpha: float, stroma: Collection[str]) -> str:
    verdict = f", {word}" if (word := worded(row)) else ""
    p = p_to_cite(row, alpha)
    if p is None:
        return f"{words.claim(row, alpha=alpha)}{verdict}"
    cited = {name: row[f"filtered_{name}"] for name in ("estimate", "ci_low", "ci_high")}
    own = {**row, **cited, "p_adj": p, "equivalent": ""}  # a margin was asked of the score alone
    rna = "leukaemia RNA" if str(row.get("stratum")) in stroma else "stroma"
    return f"{words.claim(own, alpha=alpha)}, {ON_FEWER.format(rna)}{verdict}"
