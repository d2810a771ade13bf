"""Words on the page that readers from the bench ask about, each in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._carry_over import APART
from marrowsig._report import words
from marrowsig._report.elements import Facts, Fold, Section
from marrowsig.design import Design

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._report.elements import Given

BH = "BH (Benjamini-Hochberg): on average at most {share} of the findings are false."
HOLM = "Holm: at most {share} of such families err at all. "
STROMA = " (the section on stroma: 'not explained by carry-over')"
AS_CLAIM = "as a claim, as a contrast"
LINE = "Here 'line' is parental (before resistance) or resistant; MOLM-13 or a donor is a pair or unit."
SAID = {
    "established": "The adjusted p is below {alpha}: such a difference would rarely come by chance alone.",
    "not established": "These samples cannot tell. It is no evidence that nothing changes.",
    "adjusted p": "A p that allows for the number of tests. {holm}" + BH,
    "primary family": "The few tests that the study is about, adjusted together and apart from all others.",
    "specification, version": (
        "A version is one gene list for the same programme; a specification, or way of scoring, is "
        "a version with a scoring method."
    ),
    "units of singscore": (
        "Mean rank of the genes in one sample: centred lists of rising genes lie between -0.5 and 0.5, "
        "lists of rising and falling genes between -1 and 1. Compare differences, not two lists."
    ),
    "difference found with power 0.8": (
        "A true change of this size is established in 4 of 5 such studies; smaller ones less often."
    ),
    "detectable": "In SD, the change that 4 of 5 such studies find, unadjusted; smaller ones less often.",
    APART: (
        "Yes: stromal RNA that was carried over cannot have made the change{stroma}. No: it may have. Cannot "
        "tell: these samples do not decide it. Size raised or lowered: the direction is the cells' own, and "
        "stroma moves the size as scored."
    ),
    "maturation": (
        "Not explained by maturation: the change stays when genes of maturation are accounted for. "
        "Cannot tell: these samples do not decide it."
    ),
    "shares of cell types": (
        "The score of a sum moves with its types of cells. Not explained by shares of cell types: the "
        "change stays when counts are drawn so that all sums have the same shares (mean of several draws)."
    ),
    AS_CLAIM: (
        "Whose family an adjusted p is of. The claims are adjusted together; the contrasts apart from them, "
        "main signatures together, all others within one contrast. The test is the same, only p differs: "
        "cite the claim's where there is one."
    ),
    "unit": "What counts as one replicate (donor, pair or culture). Cells are never replicates.",
}


def _absent(given: Given) -> set[str]:
    """Words that do not stand on this page."""
    res, extras, claims = given.res, given.extras, given.claims is not None
    here = {
        "primary family": _primary(given),
        "specification, version": claims or "multiverse" in extras,
        "units of singscore": "singscore" in set(res["method"]),
        "difference found with power 0.8": claims,
        "detectable": "detectable" in res and bool(res["detectable"].notna().any()),
        APART: claims,
        AS_CLAIM: claims,
        "maturation": claims or "maturation" in extras,
        "shares of cell types": given.claims is not None and _types_asked(given.claims),
    }
    return {word for word, stands in here.items() if not stands}


def _types_asked(claims: pd.DataFrame) -> bool:
    return "cell_types" in claims and bool(claims["cell_types"].fillna("").ne("").any())


def _primary(given: Given) -> bool:
    return "adjustment" in given.res and bool(given.res["adjustment"].isin(["Holm", "maxT"]).any())


def section(given: Given) -> Section:
    """Few words, folded, with the bound of the adjusted p that the verdicts kept."""
    holm = _primary(given) or given.claims is not None or bool({"rescue", "chain"} & given.extras.keys())
    filled = {"alpha": f"{given.alpha:g}", "share": f"{100 * given.alpha:g} %"}
    filled |= {"holm": HOLM.format(**filled) if holm else ""}
    filled |= {"stroma": STROMA if "stroma" in given.extras else ""}
    absent = _absent(given)
    said = [(word, text.format(**filled)) for word, text in SAID.items() if word not in absent]
    said += _roles(given.design)
    fold = Fold(f"{len(said)} words in a sentence each", [Facts(said)])
    return Section("words", "Words on this page", [fold])


def _roles(design: object) -> list[tuple[str, str]]:
    """Say which levels stand behind the roles in the names of contrasts, where they are other words."""
    if not isinstance(design, Design):
        return []
    roles = [(role, str(getattr(design, role))) for role in _of(design)]
    told = words.listing(f"{role} is {level}" for role, level in roles if role != level)
    named = [("names of contrasts", f"They hold roles: {told}.")] if told else []
    return [*([("line, parental", LINE)] if design.line else []), *named]


def _of(design: Design) -> list[str]:
    """Roles that the contrasts of a design name."""
    culture = ["mono", "co"] if design.culture else []
    return [*culture, *(["parental", "resistant"] if design.line else [])]
