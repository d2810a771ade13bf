"""Sizes of supported claims in each cell line, where pairs are experiments of a few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from marrowsig._arms import as_text, read
from marrowsig._nested_pairs import within
from marrowsig._p_values import p_equals
from marrowsig._repeats import is_formula
from marrowsig._rounded import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

ALPHA = 0.05
HOW = "mean difference of the pairs, as scored; p of the F test between the lines, not adjusted"
KEYS = ("signature", "method", "contrast", "stratum")


class PerLine(NamedTuple):
    """Mean difference of the pairs in each cell line for one claim, and p of the F test between these."""

    claim: dict[str, Any]
    means: dict[str, float]
    p: float

    @property
    def key(self) -> tuple[str, ...]:
        """What the claim is asked of."""
        return tuple(str(self.claim[k]) for k in KEYS)

    def __str__(self) -> str:
        of = ", ".join(str(self.claim[k]) for k in ("line", "inhibitor", "stratum") if self.claim[k])
        return f"{self.claim['statement']}{f' ({of})' if of else ''}: {self.sizes()}"

    def sizes(self, alpha: float = ALPHA) -> str:
        """Name the size in every line, and p: '0.25 in KG1a, 0.03 in MV411 (p = 0.0037)'."""
        told = ", ".join(f"{plain(mean, 2)} in {line}" for line, mean in self.means.items())
        return f"{told} ({p_equals('p', self.p, alpha)})"


def per_line(
    adata: AnnData, res: pd.DataFrame, claims: pd.DataFrame | None, design: Design | FormulaDesign | None
) -> tuple[str, list[PerLine]]:
    """Return the column of cell lines that hold several pairs, and what each supported claim is in them.

    The column is "" where pairs are in no such lines; a claim of an interaction, or of a single gene, is
    left out, and so is one with fewer than two lines of two pairs.
    """
    if claims is None or design is None or is_formula(design) or getattr(design, "pair", None) is None:
        return "", []
    column = within(design, adata.obs, "pair")[0]  # type: ignore[arg-type]
    return (column, list(_each(adata, res, claims, design, column))) if column else ("", [])  # type: ignore[arg-type]


def _each(
    adata: AnnData, res: pd.DataFrame, claims: pd.DataFrame, design: Design, column: str
) -> Iterator[PerLine]:
    rows = {tuple(str(row[k]) for k in KEYS): row for row in res.to_dict("records")}
    frame = read(design, adata.obs).frame
    frame = frame.assign(level=as_text(adata.obs[column]).iloc[frame["row"]].to_numpy())
    for claim in claims[claims["verdict"].eq("supported")].to_dict("records"):
        row, scores = rows.get(tuple(str(claim[k]) for k in KEYS)), adata.obsm.get(f"score_{claim['method']}")
        if row is None or scores is None or claim["signature"] not in scores:
            continue
        values = scores[claim["signature"]].iloc[frame["row"]].to_numpy()
        own = frame.assign(score=values)[frame["stratum"].eq(claim["stratum"])]
        yield from filter(None, [_of_one(own, claim, str(row["test_arm"]), str(row["base_arm"]))])


def _of_one(own: pd.DataFrame, claim: dict[str, Any], test: str, base: str) -> PerLine | None:
    """Test the pairs' differences between cell lines; None where fewer than two have two pairs."""
    from scipy import stats

    wide = own.pivot_table(index=["level", "pair"], columns="arm", values="score")
    if not {test, base} <= set(wide.columns):
        return None  # of an interaction, which takes a difference of two
    moved = (wide[test] - wide[base]).dropna()
    lines = {str(k): v.to_numpy() for k, v in moved.groupby(level="level") if len(v) > 1}
    if len(lines) < 2 or max(v.std() for v in lines.values()) < 1e-12:
        return None
    p = float(stats.f_oneway(*lines.values()).pvalue)
    return PerLine(claim, {name: float(v.mean()) for name, v in lines.items()}, p)
