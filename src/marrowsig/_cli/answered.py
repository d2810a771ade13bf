"""Lines of the terminal: the answer to each contrast, and what its numbers mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd

    from marrowsig._report.answer import Block
    from marrowsig._report.elements import Claim

ALSO = "also a claim"
OTHER_P = (
    "These p are of contrasts. Where it says 'also a claim', marrowsig run asks the same as a claim of the "
    "co-culture study: the same test, its p by Holm over the claims in place of the tests named above, so "
    "that the two differ, with checks of carry-over and maturation. If you report claims, cite that p (p_adj "
    "in its claims.csv), else this one: whichever you decided on before you saw them."
)
RANKS = "only differences between samples and arms matter, not the sign of a score"
UNITS = {
    "singscore": f"the mean rank of the genes, 0 where they lie in the middle of all genes: {RANKS}",
    "ucell": f"from 0 (genes not among the highest) to 1: {RANKS}",
    "aucell": f"from 0 to 1: {RANKS}",
    "ssgsea": f"of enrichment: {RANKS}",
    "mean": "a mean of log2 expression: a difference of 1 is a doubling",
    "zscore": "standard deviations over these samples, which change with the samples",
}
"""What a unit of the score is, by method."""


def head(main: pd.DataFrame, claims: pd.DataFrame | None = None) -> str:
    """Say over which tests the p of the contrasts are adjusted; `main` are the rows of the first method."""
    own = main[main["adjustment"].ne("BH")]
    over = "by Benjamini-Hochberg over the signatures of one contrast"
    if len(own):
        how, size = own["adjustment"].iloc[0], own["family_size"].max()
        over = f"by {how} over the {size:.0f} tests of the main signatures"
    if claims is None:
        return f"Contrasts (adj. p {over}):"
    size = claims["family_size"].max()
    return f"Contrasts (adj. p 'as a claim' by Holm over the {size:.0f} claims, 'as a contrast' {over}):"


def also_claims(blocks: Sequence[Block], design: Any, obs: pd.DataFrame) -> list[Block]:
    """Note which answers `marrowsig run` asks as claims, too."""
    import warnings
    from dataclasses import replace

    from marrowsig._errors import InputWarning
    from marrowsig._stimulus import no_coculture
    from marrowsig.tl._claims_asked import asked
    from marrowsig.tl._claims_data import SIGNATURES

    if not hasattr(design, "mono") or no_coculture(design):
        return list(blocks)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # given with the comparison
        plans = design.plans(obs)
    found = {
        (
            ", ".join(filter(None, (one.plan.contrast.name, one.plan.stratum))),
            SIGNATURES[one.statement.axis][0],
        )
        for one in asked(design, plans)
    }

    def noted(block: Block, claim: Claim) -> Claim:
        said = [claim.note, ALSO if (block.name, claim.signature) in found else ""]
        return replace(claim, note="; ".join(filter(None, said)))

    return [replace(b, claims=[noted(b, claim) for claim in b.claims]) for b in blocks]


def told_answers(blocks: Sequence[Block], *, head: str, methods: Iterable[str]) -> Iterator[str]:
    """Give what the study is about first, line by line; of further contrasts, how many there are."""
    from marrowsig._contrasts import is_secondary
    from marrowsig._report.words import MINUS, count

    aside = [b for b in blocks if is_secondary(b.name)]
    shown = [b for b in blocks if b not in aside] or blocks
    method = next(iter(methods))
    yield head
    if method in UNITS:
        yield f"  (a score of {method} is {UNITS[method]})"
    for block in shown:
        yield f"{block.question} ({block.name}: {block.arms})"
        if block.refused:
            yield f"  cannot be answered: {block.refused}"
        for claim in block.claims:
            beside = f" ({claim.note})" if claim.note else ""
            # Not every terminal knows the true minus sign.
            yield f"  {claim.signature}: {claim.text.replace(MINUS, '-')}{beside}"
        yield from (f"  {caution}" for caution in block.cautions)
    if len(shown) < len(blocks):
        more = count(len(blocks) - len(shown), "further contrast is", "further contrasts are")
        names = ", ".join(dict.fromkeys(b.name.split("_")[0] for b in aside))
        yield f"{more} in the report and the tables ({names})."


def left_out(missing: dict[str, str]) -> list[str]:
    """Give the parts that are not there with their reasons, those of one reason in one line."""
    reasons: dict[str, list[str]] = {}
    for name, why in missing.items():
        reasons.setdefault(why, []).append(name)
    return [f"{', '.join(names)}: {why}" for why, names in reasons.items()]


def of_claims(claims: Any, scored: Iterable[str], shown: Iterable[str]) -> str:
    """Say where the claims' p are from, and which of their lists were not `scored`, or are not `shown`."""
    size = int(claims["family_size"].max())
    told = f"Claims (adj. p by Holm over the {size} claims; cite the p as scored: p_adj in claims.csv"
    kept = claims["filtered_estimate"].notna().any() if "filtered_estimate" in claims else False
    told += "; sizes on fewer genes are on a scale of their own)" if kept else ")"
    own = list(dict.fromkeys(claims.loc[claims["estimate"].notna(), "signature"].astype(str)))
    lists = [name for name in own if "." in name]
    if lists and not set(lists) & set(scored):
        told += f"; asked of lists of the package ({', '.join(lists)}), not of yours: see --claims-on"
    elif other := [name for name in lists if name not in shown]:
        told += f"; asked of {', '.join(other)}, which --primary leaves out of the contrasts shown below"
    return f"{told}:"
