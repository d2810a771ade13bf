"""What checks say of contrasts of lists of one's own, beside their answers: stroma, and maturation."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING, Any

from marrowsig._carry_over import moved
from marrowsig._check_words import CANNOT, CARRY_OVER, MAY_BE, NOTHING, STANDS
from marrowsig._p_values import p_phrase
from marrowsig.qc._stroma_limit import near_zero, one_arm
from marrowsig.tl._claims_size import given_by_stroma

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

Key = tuple[str, str, str]
UNASKED = f"{CARRY_OVER} not asked"
TOO_MANY = f"{UNASKED} of so many lists"
WITH_CO = ("co_", "interaction", "reversal_", "residual_", "resistance_in_co")
"""Contrasts with a co-culture in them."""


def checked(
    stroma: Any, maturation: Any, ids: Sequence[str], main: pd.DataFrame, *,
    apart: bool = False, impossible: bool = False,
) -> dict[Key, str]:  # fmt: skip
    """Say what the checks found, by contrast, stratum and signature, of the lists `ids`.

    `stroma` and `maturation` are what the verbs return, or their tables `verdicts`; `main` the contrasts of
    the method that gives the answer. Of `apart` samples, which stroma cannot have reached, stroma is no
    question. Where the claims were told that carry-over is `impossible`, lists are not asked of it either.
    """
    if main.empty or not {"method", "contrast", "stratum"} <= set(main):
        return {}
    method = str(main["method"].iloc[0])
    guard, matured = (_rows(found, ids, method) for found in (stroma, maturation))
    out = {}
    for row in main[main["signature"].isin(list(ids))].to_dict("records"):
        key = _key(row)
        if impossible:
            of_stroma = UNASKED if key[0].startswith(WITH_CO) else ""
        else:
            of_stroma = "" if apart else _stroma(guard.get(key), TOO_MANY if guard else UNASKED, key[0])
        said = [of_stroma, _maturation(matured.get(key, {}))]
        out[key] = "; ".join(filter(None, said))
    return out


def not_asked(
    guard: pd.DataFrame | None, claims: pd.DataFrame | None, ids: Sequence[str], main: pd.DataFrame
) -> dict[Key, str]:
    """Say of contrasts of co-culture of the signatures `ids` that neither the guard nor a claim was asked.

    A guard may have been asked of other signatures only, of which what it says clears none of these.
    """
    if guard is None or main.empty or "method" not in main:
        return {}
    method = str(main["method"].iloc[0])
    known = set(_rows(guard, ids, method))
    if claims is not None and "stroma" in claims:
        known |= set(_rows(claims[claims["stroma"].ne("")], ids, method))
    told = f"{UNASKED} of it: name it in signatures= of ms.qc.stroma, too"
    keys = map(_key, main[main["signature"].isin(list(ids))].to_dict("records"))
    return {key: told for key in keys if key not in known and key[0].startswith(("co_", "interaction"))}


def _rows(found: Any, ids: Sequence[str], method: str) -> dict[Key, Mapping[str, Any]]:
    table = getattr(found, "verdicts", found)
    if table is None or not {"verdict", "method"} <= set(table):
        return {}
    own = table[table["signature"].isin(list(ids)) & table["method"].astype(str).eq(method)]
    return {_key(row): {str(k): v for k, v in row.items()} for row in own.to_dict("records")}


def _key(row: Mapping[Any, Any]) -> Key:
    stratum = row["stratum"]
    return str(row["contrast"]), stratum if isinstance(stratum, str) else "", str(row["signature"])


def _stroma(row: Mapping[str, Any] | None, unasked: str, contrast: str) -> str:
    """Give the verdict, and what stroma gives by itself where that is much or leaves doubts."""
    if row is None:
        return unasked if contrast.startswith(("co_", "interaction")) else ""
    told = str(row["verdict"])
    if told == STANDS:
        return f"{told}, but {given_by_stroma(row)}" if moved(row) == "larger" else told
    if told == NOTHING:
        return f"{UNASKED}: {p_phrase(float(row['p_bh']))} over the lists of that check alone"
    lead = f"{CARRY_OVER}: {told}" if told == CANNOT else told
    return ": ".join(filter(None, (lead, given_by_stroma(row)))) + (_enough(row) if told == MAY_BE else "")


def _enough(row: Mapping[str, Any]) -> str:
    """Say which share would be enough, where that is the reason: what the shares estimated give is not."""
    share, up = float(row.get("tipping", nan)), float(row.get("share_up", nan))
    sign = 1.0 if row["estimate"] >= 0 else -1.0
    if isnan(share) or isnan(up) or sign * row["carried"] >= near_zero(row, sign):
        return ""
    return f", but {one_arm(row)}"


def _maturation(row: Mapping[str, Any]) -> str:
    """Say that maturation may have made it, or that this cannot be told; else nothing."""
    told = str(row.get("verdict", ""))
    if told == CANNOT:
        return f"maturation: {told}"
    return told if told.startswith("may be") else ""
