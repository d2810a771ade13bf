"""One p for one question: where a claim asks what a contrast asks, the contrast takes the claim's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._carry_over import of_stroma
from marrowsig._contrast_kinds import is_fall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import pandas as pd

KEYS = ("method", "contrast", "stratum", "signature")
FAMILY = "claims"
SAID, OTHERWISE = "as a claim", "as a contrast"
ASKED = "as a further question"
FURTHER = "further questions"
JOINT = "one linear model on stroma grown alone and on that grown with each line"
"""The test of a question about stroma that was grown alone for both lines."""
OF_MODEL = ("effect", "effect_low", "effect_high", "detectable", "p_perm", "p_perm_min")


def as_claimed(res: pd.DataFrame, claims: pd.DataFrame | None, alpha: float = 0.05) -> pd.DataFrame:
    """Rows of `ms.tl.compare` with the adjusted p, the family and the direction that the claims give them.

    Rows that no claim asks stay as they are; `as_claim` says which those are that changed. Where `claims`
    holds further questions too, `as_question` says which took their p from these. A question about stroma has
    a model of its own where stroma alone belongs to no line: its interval goes with its p.
    """
    if claims is None or not set(KEYS) <= set(res) or not set(KEYS) <= set(claims):
        return res
    own = claims[claims["p_adj"].notna() & claims["verdict"].ne("not asked")]
    known = {tuple(str(row[k]) for k in KEYS): row for row in own.to_dict("records")}
    texts = [res[k].astype(object).where(res[k].notna(), "").astype(str) for k in KEYS]
    found = [
        known.get(key) if there else None
        for key, there in zip(zip(*texts, strict=True), res["estimate"].notna(), strict=True)
    ]
    families = ["" if row is None else str(row.get("family") or FAMILY) for row in found]
    out = res.assign(as_claim=[family == FAMILY for family in families])
    if FURTHER in families:
        out["as_question"] = [family == FURTHER for family in families]
    at = np.flatnonzero(families)
    if not at.size:
        return res
    rows = [row for row in found if row is not None]
    held = np.array(families) != ""
    out.loc[held, "p_adj"] = [float(row["p_adj"]) for row in rows]
    out.loc[held, "family"], out.loc[held, "adjustment"] = [f for f in families if f], "Holm"
    out.loc[held, "family_size"] = [int(row["family_size"]) for row in rows]
    if "verdict" in out:
        told = zip(out["contrast"].iloc[at], out["estimate"].iloc[at], rows, strict=True)
        out.loc[held, "verdict"] = [_verdict(str(c), e, row["p_adj"], alpha) for c, e, row in told]
    _with_intervals(out, found)
    out.attrs = dict(res.attrs)
    return out


def _with_intervals(out: pd.DataFrame, found: Sequence[Mapping[str, Any] | None]) -> None:
    """Give rows that a question about stroma asks, by another model, its interval in the place of theirs."""
    ends = ["ci_low", "ci_high"]
    if not set(ends) <= set(out):
        return
    for i, row in enumerate(found):
        if row is None or not of_stroma(row) or not set(ends) <= set(row):
            continue
        own, at = [float(row[end]) for end in ends], out.index[i]
        if np.isfinite(own).all() and not np.allclose(out.loc[at, ends].to_numpy(float), own):
            out.loc[at, ends] = own
            if {"df", "test"} <= set(out):
                out.loc[at, "df"], out.loc[at, "test"] = np.nan, ""
            _with_model(out, at, row, own)


def _with_model(out: pd.DataFrame, at: Any, row: Mapping[str, Any], ends: Sequence[float]) -> None:
    """Give a row the test of such a question, too, where it is known; sizes in SD are of another model."""
    from scipy.special import stdtrit

    df, p = (float(row.get(name, np.nan)) for name in ("df", "p"))
    if not (np.isfinite([df, p]).all() and {"se", "stat", "df", "p", "test"} <= set(out)):
        return
    t = abs(float(stdtrit(df, p / 2))) * np.sign(out.loc[at, "estimate"])
    se = float(out.loc[at, "estimate"]) / t if t else (ends[1] - ends[0]) / 2 / float(stdtrit(df, 0.975))
    out.loc[at, ["df", "p", "stat", "se"]] = df, p, t, se
    out.loc[at, "test"] = JOINT
    if "p_welch" in row and "p_welch" in out:
        out.loc[at, "p_welch"] = float(row["p_welch"])
    gone = [name for name in OF_MODEL if name in out]
    out.loc[at, gone] = np.nan
    if "perm" in out:
        out.loc[at, "perm"] = ""


def asked_as(res: pd.DataFrame) -> list[str]:
    """Name whose the adjusted p is, for each row of `as_claimed`.

    >>> import pandas as pd
    >>> asked_as(pd.DataFrame({"as_claim": [True, False, False], "as_question": [False, True, False]}))
    ['claim', 'further question', 'contrast']
    """
    no = [False] * len(res)
    held = zip(res.get("as_claim", no), res.get("as_question", no), strict=True)
    return ["claim" if claim else "further question" if asks else "contrast" for claim, asks in held]


def judged(claims: pd.DataFrame | None, questions: pd.DataFrame | None) -> pd.DataFrame | None:
    """Put the further questions below the claims; either may be missing."""
    import pandas as pd

    tables = [table for table in (claims, questions) if table is not None]
    if len(tables) < 2:
        return tables[0] if tables else None
    out = pd.concat(tables, ignore_index=True)
    out.attrs = dict(tables[0].attrs)
    return out


def _verdict(contrast: str, estimate: float, p: float, alpha: float) -> str:
    if not p < alpha:
        return "not established"
    up, down = ("up", "down")
    if is_fall(contrast):
        up, down = "lowered by inhibitor", "raised by inhibitor"
    return up if estimate > 0 else down
