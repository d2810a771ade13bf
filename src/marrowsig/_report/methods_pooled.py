"""How estimates of several studies were pooled and judged, as a paper says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._contrast_sides import bracketed
from marrowsig._report import words
from marrowsig.tl._pooled import TAU2

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._report.cited import Cited

MOST = 8  # contrasts that are named
SIZES = {"hedges_g": "Hedges' g", "g_z": "g_z of pairs", "hedges_g of pairs": "Hedges' g of pairs"}


def pooled(rows: pd.DataFrame, studies: pd.DataFrame, how: dict[str, Any], cited: Cited) -> str:
    """Say what was pooled, by which estimators, and how far studies differ; `how` is from `ms.tl.meta`."""
    asked = [_contrast(name, studies) for name in dict.fromkeys(rows["contrast"].astype(str))]
    of = words.listing(asked) if len(asked) <= MOST else f"{len(asked)} contrasts"
    floored = how["scale"] == "floored"
    tau2 = f"{TAU2[how['tau2']]} {cited.test(how['tau2'])}"
    se = f"Hartung and Knapp {cited.test('knha')}"
    least = f", never below the unadjusted one {cited.test('adhoc')}" if floored else ""
    call = f'method="{how["tau2"].upper()}", test="{"adhoc" if floored else "knha"}"'
    intervals, ahead = cited.test("q_profile"), cited.test("prediction")
    return (
        f"{unit(rows, cited)} of {of} were pooled by inverse-variance random effects where at least "
        f"{how['min_studies']} studies had an estimate: the variance between studies (tau2) by {tau2}, the "
        f"standard error by {se}{least}, t on studies - 1 degrees of freedom (in R's metafor "
        f"rma(yi, vi, {call})). How far studies differ is given by tau2 and I2 with Q-profile intervals "
        f"{intervals}, Cochran's Q, the interval in which the effect of a further study is expected (on the "
        f"same t) {ahead}, and the range of estimates when each study is left out."
    )


def _contrast(name: str, studies: pd.DataFrame) -> str:
    """Name a contrast by its arms, where they are called the same in all studies."""
    own = studies.loc[studies["contrast"].astype(str).eq(name), ["test_arm", "base_arm"]].drop_duplicates()
    if len(own) != 1:
        return name
    test, base = map(str, own.iloc[0])
    lines = [side.partition(":")[0] for side in (test, base)]
    if name == "interaction" and lines[0] != lines[1]:
        return f"the change in {lines[0]} less that in {lines[1]} ({name})"
    return f"{bracketed(test)} less {bracketed(base)} ({name})"


def unit(rows: pd.DataFrame, cited: Cited) -> str:
    """Name what was pooled: differences of scores, or which effect size with its correction."""
    units = list(dict.fromkeys(rows["on"].astype(str)))
    if units == ["score"]:
        return "Differences of scores"
    named = words.listing(SIZES.get(name, name) for name in units)
    return (
        f"Effect sizes ({named} {cited.test('hedges')}, with the exact correction for small samples and its "
        "unbiased variance)"
    )


def judged(table: pd.DataFrame, cited: Cited) -> list[str]:
    """Say how p values were adjusted, and what was called established."""
    own = table[table["adjustment"].eq("Holm")]
    size = words.count(int(own["family_size"].iloc[0]), "test") if len(own) else ""
    holm = f" of the primary family ({size}) were adjusted by Holm {cited.test('holm')}" if size else ""
    rest = len(own) < len(table)
    bh = f"by Benjamini and Hochberg {cited.test('bh')} within a contrast" if rest else ""
    how = f"{holm}, others {bh}" if holm and bh else holm or f" were adjusted {bh}"
    alpha = float(table.attrs.get("alpha", 0.05))
    bound = f"adjusted p below {alpha:g} was called established, and what is not was not taken for absent"
    return [f"P values{how}; {bound}.", f"Intervals ({words.level(alpha)}) are not adjusted."]
