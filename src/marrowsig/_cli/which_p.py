"""Lines of the terminal that say over which tests p are adjusted, and which p to cite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._errors import first
from marrowsig._p_values import each_stratum, p_phrase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

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


def head(main: pd.DataFrame, claims: pd.DataFrame | None = None, further: pd.DataFrame | None = None) -> str:
    """Say over which tests the p of the contrasts are adjusted; `main` are the rows of the first method."""
    own = main[main["adjustment"].ne("BH")]
    over = "by Benjamini-Hochberg over the signatures of one contrast"
    if len(own):
        how, size = own["adjustment"].iloc[0], own["family_size"].max()
        tests = f"{size:.0f} tests of the main signatures" if size > 1 else "one test of the main signature"
        over = f"by {how} over the {tests}{each_stratum(own.get('stratum', ()))}"
        if main["adjustment"].eq("BH").any():
            over += ", in contrasts beside these by Benjamini-Hochberg within each"
    if claims is None:
        return f"Contrasts (adj. p {over}):"
    size = claims["family_size"].max()
    asked = f"'as a claim' by Holm over the {size:.0f} claims"
    if further is not None and (n := further["family_size"].max()):
        asked += f", 'as a further question' by Holm over those {n:.0f}"
    return f"Contrasts (adj. p {asked}, 'as a contrast' {over}):"


def over_own(rows: pd.DataFrame) -> str:
    """Say over which tests the p of these rows, of lists of one's own, are adjusted.

    Where no list that comes with marrowsig was scored, one's own are the main signatures.
    """
    beside = "by Benjamini-Hochberg within each contrast"
    main = rows[rows["adjustment"].ne("BH")]
    if main.empty:
        return beside
    where = each_stratum(main.get("stratum", ()))
    over = f"by {main['adjustment'].iloc[0]} over {main['family_size'].max():.0f} tests{where}"
    left = [i for i in rows["signature"].unique() if i not in set(main["signature"])]
    return f"{over}, of {first(left)} {beside}" if left else over


def claims_beside(scores: Path, main: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Read the adjusted p of the claims in the folder of the scores, by contrast and signature.

    Only of those whose estimate is that of the contrast: others are of another design, or of other samples.
    """
    import pandas as pd

    from marrowsig._as_claimed import KEYS

    path = scores.parent / "claims.csv"
    if not path.is_file():
        return {}
    keys = list(KEYS)
    table = pd.read_csv(path, dtype=dict.fromkeys(keys, str))
    if not {*keys, "estimate", "p_adj"} <= set(table):
        return {}
    own, claimed = main[[*keys, "estimate"]], table[[*keys, "estimate", "p_adj"]]
    both = [one.assign(stratum=one["stratum"].fillna("")) for one in (own, claimed)]
    joined = both[0].merge(both[1], on=keys, suffixes=("", "_claimed"))
    same = (joined["estimate"] - joined["estimate_claimed"]).abs() <= 1e-6 * joined["estimate"].abs()
    return {
        (", ".join(filter(None, (row["contrast"], row["stratum"]))), row["signature"]): row["p_adj"]
        for row in joined[same & joined["p_adj"].notna()].to_dict("records")
    }


def also_claims(
    blocks: Sequence[Block], design: Any, obs: pd.DataFrame, known: Mapping[tuple[str, str], float]
) -> list[Block]:
    """Note which answers `marrowsig run` asks as claims, too, with the p of those that are `known`."""
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
        p = known.get((block.name, claim.signature))
        also = f"{ALSO}, there {p_phrase(p)}" if p is not None else ALSO
        said = [claim.note, also if p is not None or (block.name, claim.signature) in found else ""]
        return replace(claim, note="; ".join(filter(None, said)))

    return [replace(b, claims=[noted(b, claim) for claim in b.claims]) for b in blocks]
