"""Words on the page that readers from the bench ask about, each in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report.elements import Facts, Fold, Section

if TYPE_CHECKING:
    from marrowsig._report.elements import Given

SAID = (
    ("established", "The adjusted p is below 0.05: such a difference would rarely come by chance alone."),
    ("not established", "These samples cannot tell. It is no evidence that nothing changes."),
    (
        "adjusted p",
        (
            "A p that allows for the number of tests. Holm: at most 5 % of such families err at all. "
            "BH (Benjamini-Hochberg): on average at most 5 % of the findings are false."
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
    ("stroma", "Supported: stromal RNA that was carried over cannot have made the change."),
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
    """Ten words, folded."""
    return Section(
        "words", "Words on this page", [Fold(f"{len(SAID)} words in a sentence each", [Facts(SAID)])]
    )
