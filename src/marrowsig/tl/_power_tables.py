"""How much scores vary, from the tables of a study: its contrasts, and its claims for fewer genes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError, first, near
from marrowsig._stats.effect import hedges_j
from marrowsig.tl._power_spread import UNIT, Spread, several

if TYPE_CHECKING:
    import pandas as pd

NEEDED = ("signature", "method", "contrast", "stratum", "estimate", "effect", "effect_name", "df", "test")
KEPT = ("signature", "method", "contrast", "ci_low", "ci_high", "filtered_ci_low", "filtered_ci_high")
ON_KEPT = "units of the score on the genes that stroma could not move"


def of_study(
    contrasts: pd.DataFrame, claims: pd.DataFrame | None, *, signature: str | None, method: str
) -> Spread:
    """Read the SD of the residuals off its standardised effects; with claims, that on fewer genes."""
    rows = _of(contrasts, NEEDED, "ms.tl.compare", signature, method)
    known = rows["df"].ge(2) & rows["effect"].abs().gt(0) & np.isfinite(rows["effect"])
    rows = rows[known].sort_values("df", ascending=False, kind="stable")
    pairs = rows["effect_name"].eq("g_z")
    own = (rows[pairs] if pairs.any() else rows).drop_duplicates("stratum")
    if own.empty:
        msg = "No contrast of the table has a standardised effect to read an SD off. Give within= instead."
        raise InputError(msg)
    paired = bool(pairs.any())
    root = float(np.sqrt(2.0 if paired else 1.0))
    within = _sd(own) / root
    alone = rows[~pairs & rows["test"].astype(str).str.contains("unpaired")].drop_duplicates("stratum")
    between = np.sqrt(max(_sd(alone) ** 2 - within**2, 0.0)) if paired and len(alone) else 0.0
    name, left = str(own["signature"].iloc[0]), own["df"].to_numpy(dtype=np.float64)
    each = []
    for stratum, part in own.fillna({"stratum": ""}).groupby("stratum", sort=False):
        fewer = 1.0 if claims is None else _times(claims, name, method, str(stratum))
        each.append((str(stratum), fewer * _sd(part) / root))
    pooled = float(np.sqrt(np.average([sd**2 for _, sd in each], weights=left)))
    strata = [(stratum, sd, round(float(df))) for (stratum, sd), df in zip(each, left, strict=True)]
    source = f"contrasts of a study, {name} by {method}"
    unit, df = UNIT if claims is None else ON_KEPT, round(float(left.sum()))
    return Spread(pooled, pooled / within * between, df, source, paired, unit, several(strata))


def _sd(rows: pd.DataFrame) -> float:
    """SD in whose units the effects are, over strata; Hedges' factor is taken out."""
    each = (rows["estimate"] / rows["effect"]).abs() * rows["df"].map(hedges_j)
    return float(np.sqrt(np.average(each**2, weights=rows["df"])))


def _times(claims: pd.DataFrame, signature: str, method: str, stratum: str) -> float:
    """SD on the genes that stroma could not move, by that as scored: both intervals are of one model.

    That of one `stratum` where it has any.
    """
    rows = _of(claims, KEPT, "ms.tl.claims with stroma=", signature, method)
    ratio = (rows["filtered_ci_high"] - rows["filtered_ci_low"]) / (rows["ci_high"] - rows["ci_low"])
    if stratum and "stratum" in rows and ratio[rows["stratum"].eq(stratum)].notna().any():
        ratio = ratio[rows["stratum"].eq(stratum)]
    if not ratio.notna().any():
        msg = f"The claims have no sizes of {signature} on the genes that stroma could not move."
        raise InputError(msg)
    return float(ratio.dropna().median())


def _of(
    table: pd.DataFrame, columns: tuple[str, ...], made: str, signature: str | None, method: str
) -> pd.DataFrame:
    """Rows of one signature by one method."""
    if lacking := [name for name in columns if name not in table]:
        msg = f"The table is not that of {made}: it has no column {first(lacking)}."
        raise InputError(msg)
    rows = table[table["method"].eq(method)]
    names = list(dict.fromkeys(rows["signature"].astype(str)))
    if signature is None and len(names) == 1:
        return rows
    if signature not in names:
        what = (
            ""
            if signature is None
            else f"{signature!r} by {method} is not in the table.{near(signature, names)} "
        )
        msg = (
            f"{what}The table has {len(names)} signatures by {method}: {first(names)}. Name one: signature=."
        )
        raise InputError(msg)
    return rows[rows["signature"].eq(signature)]
