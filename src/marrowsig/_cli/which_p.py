"""Lines of the terminal that say over which tests p are adjusted, and which p to cite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

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
