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

    from marrowsig._run import Run

ALPHA = 0.05
HOW = "mean difference of the pairs, as scored; p of the F test between the lines, not adjusted"


class Apart(NamedTuple):
    """One claim: its words, mean difference of the pairs per cell line, and p of the F test between these."""

    claim: str
    means: dict[str, float]
    p: float

    def __str__(self) -> str:
        told = ", ".join(f"{plain(mean, 2)} in {line}" for line, mean in self.means.items())
        return f"{self.claim}: {told} ({p_equals('p', self.p, ALPHA)})"


def of_cell_lines(done: Run, *, every: bool = False) -> str:
    """Say which supported claims differ between cell lines, or of `every` one its sizes; empty without."""
    column, found = _sizes(done)
    told = [str(one) for one in found if every or one.p < ALPHA]
    if not told:
        return ""
    if every:
        return f"Supported claims by {column!r} ({HOW}): {'; '.join(told)}."
    one = next(iter(found[0].means))
    return (
        f"Not alike in all levels of {column!r}: {'; '.join(told)} ({HOW}). Look at each by itself: "
        f"--keep '{column}={one}'."
    )


def _sizes(done: Run) -> tuple[str, list[Apart]]:
    claims, design = done.tables.get("claims"), done.design
    if claims is None or design is None or is_formula(design) or getattr(design, "pair", None) is None:
        return "", []
    column = within(design, done.adata.obs, "pair")[0]  # type: ignore[arg-type]
    return (column, list(_each(done, claims, column))) if column else ("", [])


def _each(done: Run, claims: pd.DataFrame, column: str) -> Iterator[Apart]:
    method = done.res["method"].iloc[0]
    rows = done.res[done.res["method"] == method].set_index(["signature", "contrast", "stratum"])
    scores, frame = done.adata.obsm[f"score_{method}"], read(done.design, done.adata.obs).frame  # type: ignore[arg-type]
    frame = frame.assign(level=as_text(done.adata.obs[column]).iloc[frame["row"]].to_numpy())
    for claim in claims[claims["verdict"].eq("supported")].to_dict("records"):
        key = (claim["signature"], claim["contrast"], claim["stratum"])
        if key not in rows.index or claim["signature"] not in scores:
            continue
        row, values = rows.loc[[key]].iloc[0], scores[claim["signature"]].iloc[frame["row"]].to_numpy()
        own = frame.assign(score=values)[frame["stratum"].eq(claim["stratum"])]
        yield from filter(None, [_apart(own, claim, row)])


def _apart(own: pd.DataFrame, claim: dict[str, Any], row: pd.Series) -> Apart | None:
    """Test the pairs' differences between cell lines; None where fewer than two have two pairs."""
    from scipy import stats

    wide = own.pivot_table(index=["level", "pair"], columns="arm", values="score")
    if not {row["test_arm"], row["base_arm"]} <= set(wide.columns):
        return None  # of an interaction, which takes a difference of two
    moved = (wide[row["test_arm"]] - wide[row["base_arm"]]).dropna()
    lines = {str(k): v.to_numpy() for k, v in moved.groupby(level="level") if len(v) > 1}
    if len(lines) < 2 or max(v.std() for v in lines.values()) < 1e-12:
        return None
    of = ", ".join(str(claim[k]) for k in ("line", "inhibitor", "stratum") if claim[k])
    words = f"{claim['statement']} ({of})" if of else str(claim["statement"])
    return Apart(
        words, {k: float(v.mean()) for k, v in lines.items()}, float(stats.f_oneway(*lines.values()).pvalue)
    )
