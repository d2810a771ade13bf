"""What one row of `ms.tl.compare` brings to a meta-analysis: an effect, its variance, or why it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError, first
from marrowsig._stats.effect import hedges_j
from marrowsig.tl._meta_copies import refuse_copies

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

NEEDED = (
    "study", "signature", "method", "contrast", "stratum", "test_arm", "base_arm", "n_test", "n_base",
    "n_pairs", "estimate", "ci_low", "ci_high", "se", "df", "stat",
    "effect", "effect_name", "effect_low", "effect_high",
)  # fmt: skip
KEY = ("signature", "method", "contrast", "stratum")
ON = ("score", "effect")


def inputs(table: pd.DataFrame, on: str) -> pd.DataFrame:
    """Return the rows with `y`, `v`, `low`, `high`, `unit` of y, `n_samples`, and `why` a row cannot be used.

    Raises
    ------
    InputError
        If columns are missing, a study has two rows of one signature and contrast, or two studies have the
        same numbers.
    """
    lacking = [c for c in NEEDED if c not in table]
    if lacking or table.empty:
        what = f"lacks the columns {first(lacking)}" if lacking else "has no rows"
        msg = (
            f"The table {what}. Join tables of ms.tl.compare with pandas.concat, each with its column "
            "'study': result.assign(study='name')."
        )
        raise InputError(msg)
    rows = table.reset_index(drop=True).copy()
    rows["stratum"] = rows["stratum"].fillna("").astype(str)
    twice = rows.duplicated(["study", *KEY], keep=False)
    if twice.any():
        named = rows.loc[twice, ["study", *KEY]].astype(str).agg(" / ".join, axis=1)
        msg = (
            f"{int(twice.sum())} rows repeat a study, signature, method, contrast and stratum: "
            f"{first(named.unique())}. Studies have to be independent: keep one row of each."
        )
        raise InputError(msg)
    refuse_copies(rows, KEY)
    if on == "score":
        y, v = rows["estimate"], rows["se"] ** 2
        rows["low"], rows["high"], rows["unit"] = rows["ci_low"], rows["ci_high"], "score"
    else:
        y, v = rows["effect"], effect_variance(rows)
        rows["low"], rows["high"] = rows["effect_low"], rows["effect_high"]
        paired = rows["n_pairs"].fillna(0) > 0
        name = rows["effect_name"].astype(str)
        rows["unit"] = np.where(paired & (name == "hedges_g"), "hedges_g of pairs", name)
    rows["y"], rows["v"] = y.astype(float), np.asarray(v, dtype=float)
    if "n_samples" not in rows:
        rows["n_samples"] = rows["n_test"] + rows["n_base"]
    rows["why"] = [_fault(y, v, df, on) for y, v, df in zip(rows["y"], rows["v"], rows["df"], strict=True)]
    return rows


def lists_of(rows: pd.DataFrame, table: pd.DataFrame) -> dict[str, list[str]]:
    """Hashes of the genes of each signature, where the rows or the table know them."""
    if "sha256" in rows:
        return {str(s): list(dict.fromkeys(h)) for s, h in rows.groupby("signature", sort=False)["sha256"]}
    found: dict[str, list[str]] = {}
    for known in table.attrs.get("sha256", {}).values():
        for name, sha in known.items():
            found.setdefault(name, []).append(sha)
    return found


def effect_variance(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Unbiased variance of g = J k t, between groups or of pairs.

    With d = k t and the noncentral t on `df`, E d = delta / J, so that k^2 + (1 - (df - 2) / (df J^2)) g^2
    estimates var g without bias (Hedges 1982; "UB" of the metafor package). NaN below 3 df.
    """
    df = rows["df"].to_numpy(dtype=float)
    j = np.array([hedges_j(d) if d > 2 else np.nan for d in df])
    g, t = rows["effect"].to_numpy(dtype=float), rows["stat"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        k = g / (j * t)
        return np.asarray(k**2 + (1 - (df - 2) / (df * j**2)) * g**2)


def _fault(y: float, v: float, df: float, on: str) -> str:
    if not np.isfinite(y):
        return "not estimated"
    if np.isfinite(v) and v > 0:
        return ""
    if on == "effect" and df <= 2:
        return f"{df:g} residual df: a standardised effect has no variance below 3"
    return "its standard error is zero or not known"
