"""Sizes that a plan takes over from its pilot: on average larger than what there is to be found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._contrasts import spelled

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.design import Design

NEAR = 0.95
"""Of the pilot's estimate: from here on a size is the pilot's own, rounded."""


def own_sizes(
    table: pd.DataFrame,
    pilot: pd.DataFrame,
    design: Design,
    *,
    signature: str | None,
    method: str,
    kept: bool,
) -> str:
    """Say which effects of a plan are as large as their estimates in the pilot; empty where none is.

    `pilot` holds its contrasts, or its claims where sizes are `kept`, on the genes that stroma could not
    move.
    """
    prefix = "filtered_" if kept else ""
    if not {f"{prefix}{name}" for name in ("estimate", "ci_low", "ci_high")} <= set(pilot):
        return ""
    own = pilot[pilot["method"].eq(method)]
    own = own if signature is None else own[own["signature"].eq(signature)]
    own = own.dropna(subset=[f"{prefix}estimate"])
    told = []
    for row in table[table["adjustment"].eq("Holm")].drop_duplicates("contrast").to_dict("records"):
        same = own[own["contrast"].eq(row["contrast"])]
        if len(same) != 1 or not row["effect"]:
            continue
        estimate, low, high = (
            float(same[f"{prefix}{name}"].iloc[0]) for name in ("estimate", "ci_low", "ci_high")
        )
        sign = 1 if row["effect"] > 0 else -1
        if row["effect"] * sign >= NEAR * estimate * sign > 0:
            end = low if sign > 0 else high
            less = f"{end:.2g}" if end * sign > 0 else "holds 0"
            told.append(f"{spelled(row['contrast'], design)} {less}")
    if not told:
        return ""
    return (
        "Sizes as large as the pilot's own estimates overstate on average: plan for less, such as the near "
        f"end of its interval ({'; '.join(told)})."
    )
