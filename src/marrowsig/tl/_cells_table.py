"""Rows of the routes in one table: labels, effect sizes of cells, agreement, and what is not judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig.tl._cells_effect import ACROSS, WITHIN, deltas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._plan import Plan

    Array = NDArray[np.float64]
    Ratios = dict[tuple[str, str], tuple[float, str, str]]

SUM, MEAN, SHARE, EFFECT = "pseudobulk", "cell_mean", "cell_share", "cell_effect"
KEYS = ["signature", "contrast", "stratum"]
NUMBERS = (
    "estimate", "ci_low", "ci_high", "se", "df", "stat", "p", "p_adj", "effect", "effect_low", "effect_high",
    "p_welch", "df_welch", "p_perm", "p_perm_min", "se_inflation", "detectable", "margin", "p_equivalence",
    "equivalence_low", "equivalence_high",
)  # fmt: skip
UNSAFE = "not judged: depths differ"
DESCRIBED = "described"


def with_effects(
    result: pd.DataFrame, plans: list[Plan], parts: list[Array], cell_method: str
) -> pd.DataFrame:
    """Add rows of Cliff's delta; they carry no interval and no p."""
    rows = result[result["route"] == SUM].copy()
    order = {name: j for j, name in enumerate(rows["signature"].unique())}
    found = {(p.contrast.name, p.stratum): (p, deltas(p, parts)) for p in plans}
    keys = list(zip(rows["contrast"], rows["stratum"], strict=True))
    rows[[name for name in NUMBERS if name in rows]] = np.nan
    rows["estimate"] = [found[key][1][order[name]] for key, name in zip(keys, rows["signature"], strict=True)]
    rows["effect"] = rows["estimate"]
    untested = {"family": "", "family_size": 0, "adjustment": "", "perm": "", "equivalent": ""}
    rows = rows.assign(**{name: value for name, value in untested.items() if name in rows})
    rows["route"], rows["method"], rows["effect_name"] = EFFECT, cell_method, "cliffs_delta"
    rows["test"] = [_words(found[key][0], text) for key, text in zip(keys, rows["test"], strict=True)]
    rows["verdict"] = np.where(rows["estimate"].isna(), "not tested", DESCRIBED)
    return pd.concat([result, rows], ignore_index=True)


def _words(plan: Plan, otherwise: str) -> str:
    if plan.model is None:
        return otherwise
    return WITHIN if plan.model.block else ACROSS


def with_depth(result: pd.DataFrame, sums: Ratios, cells: Ratios, limit: float) -> pd.DataFrame:
    """Add `depth_ratio`, and take the verdict from means and shares of cells beyond the limit."""
    of_sums = result["route"] == SUM
    keys = zip(result["contrast"], result["stratum"], of_sums, strict=True)
    unknown = (np.nan, "", "")
    result["depth_ratio"] = [(sums if own else cells).get((c, s), unknown)[0] for c, s, own in keys]
    beyond = result["route"].isin([MEAN, SHARE]) & (result["depth_ratio"] > limit) & result["p"].notna()
    result.loc[beyond, "verdict"] = UNSAFE
    return result


def with_agreement(result: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Add `agree` and `effect_gap` to the rows of sums and of means, both about the two together."""
    parts = {name: result[result["route"] == name].set_index(KEYS) for name in (SUM, MEAN)}
    joined = parts[SUM].join(parts[MEAN][["effect", "estimate", "p_adj", "verdict"]], rsuffix="_cells")
    own, other = joined["estimate"], joined["estimate_cells"]
    first, second = joined["p_adj"] < alpha, joined["p_adj_cells"] < alpha
    established = np.select(
        [first & second, first, second],
        ["both established", f"only {SUM} established", f"only {MEAN} established"],
        "neither established",
    )
    words = np.where(own * other < 0, "opposite sign, ", "same sign, ") + established
    words = np.where(joined["verdict_cells"] == UNSAFE, UNSAFE, words)
    known = joined[["p_adj", "p_adj_cells"]].notna().all(axis=1)
    said = pd.DataFrame(
        {
            "agree": np.where(known, words, ""),
            "effect_gap": joined["effect_cells"] - joined["effect"],
        },
        index=joined.index,
    )
    result = result.join(said, on=KEYS)
    elsewhere = ~result["route"].isin([SUM, MEAN])
    result.loc[elsewhere, "agree"] = ""
    result.loc[elsewhere, "effect_gap"] = np.nan
    return result
