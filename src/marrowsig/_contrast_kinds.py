"""What the name of a contrast of a `Design` tells: which way it points, and whether others come first."""

from __future__ import annotations

DRUG_ALONE = "drug_alone_"
"""Begins the name of what an inhibitor does to cells grown alone."""


def is_secondary(contrast: object) -> bool:
    """Whether the contrast is one that a primary family leaves out unless told otherwise."""
    return str(contrast).startswith(("resistance_", "resistant_vs", "residual_", DRUG_ALONE))


def is_fall(contrast: object) -> bool:
    """Whether it is positive when the score falls: cells without an inhibitor less such with it.

    >>> is_fall("reversal_JAKi"), is_fall("drug_alone_JAKi_in_parental"), is_fall("residual_JAKi")
    (True, True, False)
    """
    return str(contrast).startswith(("reversal_", DRUG_ALONE))


def inhibitor_of(contrast: str) -> tuple[str, str]:
    """Part such a name into its kind and the inhibitor; both empty for contrasts of no inhibitor.

    >>> inhibitor_of("residual_JAKi_A"), inhibitor_of("drug_alone_JAKi_A"), inhibitor_of("co_vs_mono")
    (('residual_', 'JAKi_A'), ('drug_alone_', 'JAKi_A'), ('', ''))
    """
    for kind in ("reversal_", "residual_", DRUG_ALONE):
        if contrast.startswith(kind) and contrast != kind:
            return kind, contrast.removeprefix(kind)
    return "", ""
