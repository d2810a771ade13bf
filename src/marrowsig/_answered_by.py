"""Contrasts that a design alone cannot estimate, and that a claim or a further question answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._p_values import p_equals
from marrowsig._rounded import in_interval
from marrowsig.pl._kept_sizes import as_answered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

KEYS = ("contrast", "stratum", "signature")
SAME_ALONE = "The further questions answer it, with stroma alone, which belongs to no line"


def with_answers(sentences: pd.Series, res: pd.DataFrame, claims: pd.DataFrame | None) -> pd.Series:
    """Add to the sentence of a contrast without an estimate what the question that answers it found."""
    found = as_answered(res, claims)
    if claims is None or found is res:
        return sentences
    own = claims[claims["p_adj"].notna()]
    known = dict(
        zip(zip(*(own[k].astype(str) for k in KEYS), strict=True), own.to_dict("records"), strict=True)
    )
    new = (res["estimate"].isna() & found["estimate"].notna()).tolist()
    rows = zip(sentences, new, *(res[k].astype(str) for k in KEYS), strict=True)
    told = [f"{text}{_told(known.get(tuple(key))) if there else ''}" for text, there, *key in rows]
    return sentences.__class__(told, index=sentences.index, name=sentences.name)


def _told(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    size = in_interval(row["estimate"], row["ci_low"], row["ci_high"], "95 %")
    return f" {SAME_ALONE}: {size}, {p_equals('adjusted p', row['p_adj'])}: {row['verdict']}."


def elsewhere(claims: pd.DataFrame | None, contrast: str, stratum: str, shown: Sequence[str]) -> str:
    """Say what questions found of a contrast that the design cannot estimate, by signature; else nothing."""
    if claims is None or not {*KEYS, "p_adj", "verdict"} <= set(claims):
        return ""
    asked = [contrast, *(["resistance_in_co"] if contrast == "interaction" else [])]  # of one stroma alone
    own = claims[claims["contrast"].isin(asked) & claims["stratum"].eq(stratum) & claims["p_adj"].notna()]
    said = [
        f"{row['signature']} {row['verdict']} ({p_equals('adjusted p', row['p_adj'])})"
        for row in own.to_dict("records")
        if row["signature"] in shown
    ]
    return f" {SAME_ALONE}: {', '.join(said)}." if said else ""
