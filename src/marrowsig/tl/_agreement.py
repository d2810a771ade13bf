"""Whether the genes of a signature say what its sample scores say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError, first

if TYPE_CHECKING:
    import pandas as pd

KEYS = ["signature", "contrast", "stratum"]
NEEDED = [*KEYS, "method", "estimate", "p_adj"]
BOTH, SAME, OPPOSITE = "same sign, both established", "same sign", "opposite sign"


def check_scores(scores: pd.DataFrame) -> None:
    """Refuse a frame that is not of `ms.tl.compare`, or of several methods."""
    lost = [name for name in NEEDED if name not in scores.columns]
    if lost:
        msg = f"scores has no column {first(lost)}. Give the frame of ms.tl.compare(adata, design)."
        raise InputError(msg)
    methods = list(dict.fromkeys(scores["method"]))
    if len(methods) > 1:
        use = f"scores[scores['method'] == {methods[0]!r}]"
        msg = f"scores holds several methods: {first(methods)}. Use e.g. {use}."
        raise InputError(msg)
    twice = scores[scores.duplicated(KEYS)]
    if len(twice):
        names = first(twice["signature"])
        msg = f"{len(twice)} rows of scores repeat a signature, contrast and stratum: {names}."
        raise InputError(msg)


def with_scores(result: pd.DataFrame, scores: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Add `score_method`, `score_estimate`, `score_p_adj` and `agree` to the rows of `result`."""
    own = scores[NEEDED].fillna({"stratum": ""})
    own = own.rename(columns={name: f"score_{name}" for name in ("method", "estimate", "p_adj")})
    joined = result.merge(own, on=KEYS, how="left", validate="one_to_one")
    if not joined["score_method"].notna().any():
        msg = (
            f"scores has none of these signatures and contrasts ({first(own['signature'])}; "
            f"{first(own['contrast'].unique())}). Compare the same study and design with ms.tl.compare first."
        )
        raise InputError(msg)
    joined["score_method"] = joined["score_method"].fillna("")
    known = joined[["estimate", "p_adj", "score_estimate", "score_p_adj"]].notna().all(axis=1)
    same = np.sign(joined["estimate"]) == np.sign(joined["score_estimate"])
    both = (joined["p_adj"] < alpha) & (joined["score_p_adj"] < alpha)
    joined["agree"] = np.where(~known, "", np.where(~same, OPPOSITE, np.where(both, BOTH, SAME)))
    return joined
