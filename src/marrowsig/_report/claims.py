"""Claims: the statements of the study, one row each, with the verdict on these samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report import frames
from marrowsig._report.elements import Fold, Section, Sentences, Words
from marrowsig.pl.claims import label

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pandas as pd

    from marrowsig._report.elements import Given, Part

READING = (
    "The statements of the co-culture study, held against these samples by rules that were fixed beforehand. "
    "'Supported' asks for an adjusted p below the bound (Holm over all claims), for methods and signature "
    "versions that agree, for a contrast that carried-over stroma cannot have made, and for one that "
    "maturation does not explain. 'Not supported' is no evidence of no change; 'cannot tell' names the check "
    "that failed. Estimates are differences of the score (log2 for IL6); a reversal is positive when the "
    "score falls."
)


def agreed(row: Mapping[str, Any]) -> str:
    """Share of methods and versions with the sign of the estimate."""
    if not row["n_specifications"]:
        return ""
    against = f", {row['n_against']} against" if row["n_against"] else ""
    return f"{100 * row['agreement']:.0f} % of {row['n_specifications']}{against}"


def _head(row: Mapping[str, Any]) -> str:
    where = f" [{row['stratum']}]" if row["stratum"] else ""
    return f"{label(dict(row))}{where}"


SHOWN = {
    "claim": _head,
    "verdict": "verdict",
    "why": "reason",
    "estimate [95 % CI]": frames.span("estimate"),
    "adj. p": "p_adj",
    "agreement": agreed,
    "stroma": "stroma",
    "adj. p, filtered": "filtered_p_adj",
    "maturation": "maturation",
    "signature": "signature",
    "contrast": "contrast",
    "n": lambda row: f"{row['n_test']} / {row['n_base']}",
}


def section(given: Given) -> Section | None:
    """One table of all that was asked, what was not, and every claim in full."""
    found: pd.DataFrame | None = given.extras.get("claims")
    if found is None:
        return None
    asked = found[found["verdict"] != "not asked"]
    parts: list[Part] = [Words(_count(asked))]
    if len(asked):
        parts.append(frames.table("The claims, and what these samples say to each", asked, SHOWN))
    parts.append(Words(READING, soft=True))
    if len(asked):
        parts.append(Fold("Every claim in full", [Sentences(asked["sentence"].tolist())]))
    rest = found.loc[found["verdict"] == "not asked", "sentence"].tolist()
    if rest:
        parts.append(Fold(f"Not asked of these samples: {len(rest)}", [Sentences(rest)]))
    return Section("claims", "The claims", parts)


def _count(asked: pd.DataFrame) -> str:
    if asked.empty:
        return "None of the claims can be asked of these samples."
    counts = asked["verdict"].value_counts()
    told = ", ".join(f"{counts[v]} {v}" for v in ORDER if v in counts)
    return f"{len(asked)} claims asked: {told}."


ORDER = ("supported", "contradicted", "not supported", "cannot tell")
