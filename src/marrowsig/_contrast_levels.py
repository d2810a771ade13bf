"""A contrast by the user's levels, where its name speaks of roles that are called otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._contrasts import spelled

if TYPE_CHECKING:
    from collections.abc import Iterable

FIELDS = {"culture": ("mono", "co"), "line": ("parental", "resistant")}


def in_levels(name: str, design: object) -> str:
    """Write a contrast of a `Design` by its levels; as it is where all are called as their roles.

    >>> from marrowsig.design import Design
    >>> in_levels("co_in_parental", Design(culture="arm", line="stage", parental="Dx", resistant="Rel"))
    'co vs mono in Dx'
    >>> in_levels("co_in_parental", Design(culture="arm", line="line"))
    'co_in_parental'
    """
    roles = [role for field, of in FIELDS.items() if getattr(design, field, None) for role in of]
    return name if all(str(getattr(design, role)) == role for role in roles) else spelled(name, design)


def cause_in_levels(rows: Iterable[dict[str, Any]], design: object) -> None:
    """Write the contrast in `cite_for` of rows, such as '23 % of co_in_parental', by the levels.

    >>> from marrowsig.design import Design
    >>> rows = [{"cite_for": "68 % of residual_JAKi_A_in_parental"}]
    >>> cause_in_levels(rows, Design(culture="culture", line="line"))
    >>> rows[0]["cite_for"]
    '68 % of co + JAKi_A vs mono in parental'
    """
    for row in rows:
        share, of, contrast = str(row.get("cite_for", "")).partition(" % of ")
        if of and contrast != "interaction":  # "20 % of more in NR than in R" is no English
            row["cite_for"] = f"{share}{of}{spelled(contrast, design)}"
