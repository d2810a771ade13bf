"""Two levels given as a culture that are none: groups of patients, cell lines, or a drug and its control."""

from __future__ import annotations

from marrowsig._cell_lines import are_lines
from marrowsig._diagnosis import diagnoses
from marrowsig._stimulus import control_as_co


def other_groups(column: str | None, mono: str, co: str) -> bool:
    """Whether two levels are groups of patients, cell lines, or what was given and a control."""
    return diagnoses(column, mono, co) or are_lines(mono, co) or control_as_co(mono, co)


def compares_groups(design: object) -> bool:
    """Whether the culture of a design names such groups, of which no word of a co-culture is true.

    >>> from marrowsig.design import Design
    >>> compares_groups(Design(culture="cells", mono="THP-1", co="THP-1 VenR"))
    True
    >>> compares_groups(Design(culture="arm", mono="alone", co="MSC"))
    False
    """
    column = getattr(design, "culture", None)
    mono, co = (str(getattr(design, name, "")) for name in ("mono", "co"))
    return bool(column) and other_groups(str(column), mono, co)
