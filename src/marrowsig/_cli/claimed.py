"""Lines of the terminal: a claim with its numbers, and how much of stroma's RNA there is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def claimed(row: Mapping[Any, Any]) -> str:
    """Verdict, reason and numbers of a claim; of one that was not asked, what it would need."""
    from marrowsig._carry_over import on_kept_genes
    from marrowsig._report.words import estimate, p_phrase
    from marrowsig.tl._claims_size import cite, genes_kept, given_by_stroma
    from marrowsig.tl._claims_words import checks

    sentence = str(row["sentence"])
    if row["verdict"] == "not asked":
        return sentence
    verdict = re.split(r"(?<=[.?]) ", sentence, maxsplit=1)[0].rstrip(".")
    value, low, high, p = (float(row[name]) for name in ("estimate", "ci_low", "ci_high", "p_adj"))
    if value != value:
        return f"{verdict}."
    size = f"{row['signature']} {estimate(value, low, high)}"
    if stroma := given_by_stroma(row):
        size += f", of which {stroma}"
    if on_kept_genes(row):
        ends = [float(row[f"filtered_{name}"]) for name in ("estimate", "ci_low", "ci_high")]
        size += f": {cite(row)}{estimate(*ends)} on {genes_kept(row)}"
    ends_with = f"{';' if on_kept_genes(row) else ','} {p_phrase(p)} among the claims"
    told = [f"{verdict} ({size}{ends_with})."]
    told += [checks(row)] if row["rule"] in ("all hold", "opposite") else []
    return " ".join(part for part in (*told, str(row.get("other_tests", ""))) if part)


def share_of_stroma(shares: pd.DataFrame | None) -> str:
    """Say how much RNA of stroma was found, by arm; nothing where no share is known."""
    if shares is None or not shares["share"].notna().any():
        return ""
    means = shares.groupby("arm", sort=False)["share"].agg(["mean", "max"])
    seen = means[means["max"] > 0]
    if seen.empty:
        return "Stroma's RNA: none shown in any arm (stroma_shares.csv)."
    arms = [f"{arm} {100 * r['mean']:.2g} % (at most {100 * r['max']:.2g})" for arm, r in seen.iterrows()]
    return f"Stroma's RNA, mean of the arm: {', '.join(arms)}; in other arms none shown (stroma_shares.csv)."
