"""Words on the page that readers from the bench ask about, each in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report import words
from marrowsig._report.elements import Facts, Fold, Section
from marrowsig.design import Design

if TYPE_CHECKING:
    from marrowsig._report.elements import Given

SAID = (
    ("established", "The adjusted p is below {alpha}: such a difference would rarely come by chance alone."),
    ("not established", "These samples cannot tell. It is no evidence that nothing changes."),
    (
        "adjusted p",
        (
            "A p that allows for the number of tests. Holm: at most {share} of such families err at all. "
            "BH (Benjamini-Hochberg): on average at most {share} of the findings are false."
        ),
    ),
    ("primary family", "The few tests that the study is about, adjusted together and apart from all others."),
    (
        "specification, version",
        (
            "A version is one gene list for the same programme; a specification, or way of scoring, is "
            "a version with a scoring method."
        ),
    ),
    (
        "units of singscore",
        (
            "Mean rank of the genes in one sample: centred lists of rising genes lie between -0.5 and 0.5, "
            "lists of rising and falling genes between -1 and 1. Compare differences, not two lists."
        ),
    ),
    (
        "difference found with power 0.8",
        "A true change of this size is established in 4 of 5 such studies; smaller ones less often.",
    ),
    (
        "carry-over ruled out",
        (
            "Yes: stromal RNA that was carried over cannot have made the change (the section on stroma calls "
            "this 'supported'). No: it may have. Cannot tell: these samples do not decide it."
        ),
    ),
    (
        "maturation",
        (
            "Not explained by maturation: the change stays when genes of maturation are accounted for. "
            "Cannot tell: these samples do not decide it."
        ),
    ),
    ("unit", "What counts as one replicate (donor, pair or culture). Cells are never replicates."),
)


def section(given: Given) -> Section:
    """Few words, folded, with the bound of the adjusted p that the verdicts kept."""
    alpha, share = f"{given.alpha:g}", f"{100 * given.alpha:g} %"
    said = [(word, text.format(alpha=alpha, share=share)) for word, text in SAID]
    said += _roles(given.design)
    fold = Fold(f"{len(said)} words in a sentence each", [Facts(said)])
    return Section("words", "Words on this page", [fold])


def _roles(design: object) -> list[tuple[str, str]]:
    """Say which levels stand behind the roles in the names of contrasts, where they are other words."""
    if not isinstance(design, Design):
        return []
    roles = [(role, str(getattr(design, role))) for role in _of(design)]
    told = words.listing(f"{role} is {level}" for role, level in roles if role != level)
    return [("names of contrasts", f"They hold roles: {told}.")] if told else []


def _of(design: Design) -> list[str]:
    """Roles that the contrasts of a design name."""
    culture = ["mono", "co"] if design.culture else []
    return [*culture, *(["parental", "resistant"] if design.line else [])]
