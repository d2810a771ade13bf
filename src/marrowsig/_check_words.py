"""Verdicts of the checks of an effect: one family of words, apart from the verdicts of claims."""

from __future__ import annotations

CARRY_OVER = "carry-over"
NOTHING = "not asked: no effect established"
CANNOT = "cannot tell"


def not_explained(what: str) -> str:
    """Verdict on an effect that stands without what could have made it.

    >>> not_explained("maturation"), may_be("maturation")
    ('not explained by maturation', 'may be maturation')
    """
    return f"not explained by {what}"


def may_be(what: str) -> str:
    """Verdict on an effect that may be made by something else."""
    return f"may be {what}"


STANDS = not_explained(CARRY_OVER)
MAY_BE = may_be(CARRY_OVER)
EXPLAINED = f"explained by {CARRY_OVER}"
OF_CARRY_OVER = (STANDS, MAY_BE, EXPLAINED, CANNOT, NOTHING)
"""What `ms.qc.stroma` says of a contrast."""
DOUBTS = (EXPLAINED, MAY_BE, CANNOT)
"""Those of them that leave a change to carry-over, the clearest first."""
