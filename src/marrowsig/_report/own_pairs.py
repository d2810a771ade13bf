"""Lists of one's own: where the test by the pairs or arms of a contrast alone turns what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._stats.fdr import bh
from marrowsig._stats.holm import holm
from marrowsig.tl._claims_unpooled import unpooled_says

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    Key = tuple[str, str, str]

DIFFERS = "another test differs: "
NEEDED = {"method", "contrast", "stratum", "signature", "p", "p_adj", "p_welch", "family", "adjustment"}


def own_pairs(
    main: pd.DataFrame, ids: Iterable[str], guard: pd.DataFrame | None, *, alpha: float
) -> dict[Key, str]:
    """Say by contrast, stratum and signature where `p_welch` turns the finding of the lists `ids`, or nearly.

    `main` are the contrasts of one method, `guard` the verdicts of `ms.qc.stroma`, which have the same test
    on the genes that stroma could not move.
    """
    if not set(main) >= NEEDED:
        return {}
    lone = main["p_welch"].fillna(main["p"])
    both = main.assign(p_welch_adj=np.nan)
    for rows in main.groupby("family", sort=False).groups.values():
        adjust = bh if main.loc[rows[0], "adjustment"] == "BH" else holm
        both.loc[rows, "p_welch_adj"] = adjust(lone.loc[rows].to_numpy(dtype=np.float64))
    left = {} if guard is None else _left(guard, str(main["method"].iloc[0]))
    out: dict[Key, str] = {}
    for row in both[main["signature"].isin(list(ids)) & main["p_welch"].notna()].to_dict("records"):
        over = "signatures of the contrast" if row["adjustment"] == "BH" else "main tests"
        one = row | left.get(_key(row), {}) | {"family": over}
        said = [unpooled_says(one, alpha), unpooled_says(one, alpha, kept=True)]
        told = "; ".join(f"{text[:1].lower()}{text[1:]}" for text in said if text)
        if told:
            out[_key(row)] = f"{DIFFERS}{told}"
    return out


def _left(guard: pd.DataFrame, method: str) -> dict[Key, dict[str, Any]]:
    """Give the tests on the genes that are left, by contrast, stratum and signature."""
    if "filtered_p_welch" not in guard:
        return {}
    own = guard[guard["method"].astype(str).eq(method)]
    return {
        _key(row): {
            "stroma": row["verdict"],
            "filtered_p_adj": row["filtered_p_bh"],
            "filtered_p_welch": row["filtered_p_welch"],
        }
        for row in own.to_dict("records")
    }


def _key(row: Mapping[Any, Any]) -> Key:
    stratum = row["stratum"]
    return str(row["contrast"]), stratum if isinstance(stratum, str) else "", str(row["signature"])
