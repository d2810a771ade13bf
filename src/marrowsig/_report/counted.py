"""How many replicates were compared, as a paper says it: in each arm, and in pairs of each line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._arm_names import within
from marrowsig._between_units import between_units
from marrowsig._formula import FormulaDesign
from marrowsig._report import words
from marrowsig._report.people import counted, levels, paired_by
from marrowsig.design import Design

if TYPE_CHECKING:
    import pandas as pd

FEW = 2
"""Arms with fewer samples that are named; of more, the smallest number is told."""


def replicates(main: pd.DataFrame, design: Design | FormulaDesign, obs: pd.DataFrame | None = None) -> str:
    """Say what the replicates are and how many there are; of patients, all that `obs` has."""
    pairs = _pairs(main)
    units = [u for u in dict.fromkeys(main.get("unit", [])) if isinstance(u, str) and u]
    named = words.listing("samples" if u == "row" else levels(u) for u in units) or "samples"
    total = counted(design, obs) if units == [paired_by(design)] else ""
    if obs is not None and isinstance(design, FormulaDesign):
        who = words.listing(map(levels, units))
        within = f", compared within {who}" if len(pairs) else ""
        if len(pairs) and (between := between_units(design, obs)):
            within += f"; {words.listing(between)} between {who}, of what differs within each"
        return f"replicates were {total or named} ({_in_cells(design, obs)}{within})"
    paired = f", {_counted_pairs(main, design, total, pairs)}" if len(pairs) else ""
    return f"replicates were {total or named} ({_in_arms(main)}{paired})"


def _counted_pairs(main: pd.DataFrame, design: Design | FormulaDesign, total: str, pairs: pd.Series) -> str:
    """Count the pairs, where `total` has not said as many of each line."""
    lines = _of_lines(main, design)
    if lines and lines == words.listing(total.partition(": ")[2].split(", ")):
        return "paired"
    return f"{lines or _span(pairs.min(), pairs.max())} pairs"


def _in_arms(main: pd.DataFrame) -> str:
    """Count the samples of arms; name those few that have fewer than all others."""
    sizes = main[["n_test", "n_base"]].to_numpy(dtype=float)
    span = f"{_span(sizes.min(), sizes.max())} in each arm"
    if sizes.min() == sizes.max() or len(main["stratum"].unique()) > 1 or "test_arm" not in main:
        return span
    one = main[~main["test_arm"].astype(str).str.contains(" - ", regex=False)]
    found: dict[str, float] = {}
    for side in ("test", "base"):
        found |= dict(zip(one[f"{side}_arm"].astype(str), one[f"n_{side}"].astype(float), strict=True))
    most = max(found.values(), default=0.0)
    fewer = [f"{n:g} {within(arm)}" for arm, n in found.items() if n < most]
    if not 0 < len(fewer) <= FEW or len(found) - len(fewer) < len(fewer):
        return span
    return f"{most:g} in each arm but {words.listing(fewer)}"


def _in_cells(design: FormulaDesign, obs: pd.DataFrame) -> str:
    """Count the samples of the arms of a formula, of which contrasts may take means."""
    sizes = design.arms(obs).value_counts()
    return f"{_span(sizes.min(), sizes.max())} in each arm"


def _of_lines(main: pd.DataFrame, design: Design | FormulaDesign) -> str:
    """Count the pairs of each of two lines, by their levels, in a study of one stratum."""
    if not isinstance(design, Design) or len(main["stratum"].unique()) > 1:
        return ""
    own = main[main["n_pairs"].gt(0)].groupby("contrast")["n_pairs"].max()
    levels = {"co_in_parental": design.parental, "co_in_resistant": design.resistant}
    if not set(levels) <= set(own.index):
        return ""
    return words.listing(f"{int(own[name])} {level}" for name, level in levels.items())


def _pairs(main: pd.DataFrame) -> pd.Series:
    """Count the pairs of each stratum: those of both lines together, which the contrasts count apart."""
    own = main[main["n_pairs"].gt(0)]
    lines = own[own["contrast"].isin(["co_in_parental", "co_in_resistant"])]
    if lines["contrast"].nunique() < 2:
        return own["n_pairs"]
    return lines.groupby(["stratum", "contrast"])["n_pairs"].max().groupby("stratum").sum()


def _span(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
