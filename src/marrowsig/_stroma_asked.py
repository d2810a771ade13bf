"""The check of carry-over after the claims: judged by their p where these establish more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._provenance import recall, record

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._further import Asked
    from marrowsig.qc._stroma_result import Stroma


def with_claims(asked: Asked, found: Stroma, claims: pd.DataFrame, questions: pd.DataFrame) -> Stroma:
    """Put p of claims and further questions beside the verdicts, in the result and in the record."""
    told = found.as_claimed(claims, questions)
    asked.calls.say("stroma = stroma.as_claimed(claims, questions)")
    asked.calls.name(told, "stroma")
    record(asked.adata, "stroma", {**recall(asked.adata, "stroma"), "verdicts": told.verdicts})
    return told
