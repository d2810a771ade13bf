"""What contrasts are called in a methods section: their kind, or what they compare where no kind is true."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._contrast_kinds import inhibitor_of
from marrowsig._contrasts import plain_groups
from marrowsig._other_groups import compares_groups
from marrowsig.design import Design
from marrowsig.pl._overview_labels import told_stratum

if TYPE_CHECKING:
    from collections.abc import Iterable

KINDS = {
    "co": "induction", "resistance": "resistance", "resistant": "resistance", "interaction": "interaction",
    "reversal": "reversal", "residual": "residual", "drug": "drug alone",
}  # fmt: skip
ROLE = re.compile(r"_in_(parental|resistant)$")
EACH = {"compartment": "kind of cells", "time": "time"}


def kind(contrast: object) -> str:
    """Kind of a contrast of a `Design`; a contrast of a formula is its own."""
    return KINDS.get(str(contrast).split("_")[0], str(contrast))


def kinds(contrasts: Iterable[object], design: object) -> list[str]:
    """Kinds of contrasts, each once; of a formula their names, of groups that are no culture their levels.

    >>> design = Design(culture="cells", mono="THP-1", co="THP-1 VenR", inhibitor="drug", vehicle="none")
    >>> kinds(["co_vs_mono", "reversal_Rux"], design)
    ["'THP-1 VenR' against 'THP-1'", "Rux in 'THP-1 VenR'"]
    """
    if plain_groups(design):
        return [f"'{getattr(design, 'resistant', '')}' against '{getattr(design, 'parental', '')}'"]
    if not isinstance(design, Design):
        return list(dict.fromkeys(map(str, contrasts)))
    told = levels_of if compares_groups(design) else lambda contrast, _: kind(contrast)
    return list(dict.fromkeys(told(str(contrast), design) for contrast in contrasts))


def levels_of(contrast: str, design: Design) -> str:
    """Write what a contrast compares by the levels of the design, without the words of a co-culture."""
    mono, co = f"'{design.mono}'", f"'{design.co}'"
    drug = inhibitor_of(ROLE.sub("", contrast))[1]
    said = {
        "induction": f"{co} against {mono}",
        "reversal": f"{drug} in {co}",
        "residual": f"{co} with {drug} against {mono}",
        "drug alone": f"{drug} in {mono}",
    }
    return said.get(kind(contrast), kind(contrast))


def in_each(strata: Iterable[object]) -> str:
    """Say that something holds of every stratum by itself, where there are several.

    >>> in_each(["compartment=GMP", "compartment=T"]), in_each(["compartment=T"])
    (' in each kind of cells', '')
    """
    told = dict.fromkeys(s for s in strata if isinstance(s, str) and s)
    fields = dict.fromkeys(part.partition("=")[0] for s in told for part in s.split("; "))
    return f" in each {' and '.join(EACH.get(f, f) for f in fields)}" if len(told) > 1 else ""


def by_stratum(values: dict[str, str], design: object) -> list[str]:
    """Name with each value the strata that it is of, where strata have others.

    >>> by_stratum({"compartment=GMP": "5 %", "compartment=T": "4 %"}, None)
    ['5 % in GMP', '4 % in T']
    >>> by_stratum({"compartment=GMP": "5 %", "compartment=T": "5 %"}, None)
    ['5 %']
    """
    found: dict[str, list[str]] = {}
    for stratum, value in values.items():
        found.setdefault(value, []).append(told_stratum(stratum, design))
    if len(found) == 1:
        return list(found)
    return [f"{value} in {' and '.join(filter(None, where))}" for value, where in found.items()]
