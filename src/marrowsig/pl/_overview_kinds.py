"""Kinds of cells of a study, of which each has axes of its own in an overview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._arms import as_text
from marrowsig.pl._arm_strip import Strip
from marrowsig.pl._levels import levels_of
from marrowsig.pl._overview_labels import in_levels
from marrowsig.pl._strata_order import places_of_strata

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design


@dataclass(frozen=True, eq=False)
class Kind:
    """Samples of one compartment, with how many arms they have, and their levels; all samples without.

    `arm_levels` are those that its panel has, without the compartment, and `n` the units of each arm.
    """

    name: str
    inside: Any
    arms: int
    levels: frozenset[str]
    alone: bool
    arm_levels: frozenset[str] = frozenset()
    n: tuple[int, ...] = ()

    def of(self, palette: Mapping[str, str] | None) -> dict[str, str] | None:
        """Keep the colours of its levels."""
        if palette is None or not self.name:
            return palette  # type: ignore[return-value]
        return {level: colour for level, colour in palette.items() if level in self.levels}

    def order(self, order: Sequence[str] | None) -> Sequence[str] | None:
        """Keep the places of its levels."""
        if order is None or not self.name:
            return order
        return [level for level in order if level in self.arm_levels]

    def strip(
        self, stroma: Sequence[str], labels: Mapping[str, str] | None, *, written: bool, headed: bool
    ) -> Strip:
        """Say how its arms are told: of stroma whose controls are of no line, by the lines beside it.

        A column that is `headed` by the kind of cells has no bracket that names it.
        """
        of_stroma = any(self.name in in_levels(stratum).split(", ") for stratum in stroma)
        cells = "" if headed else (labels or {}).get(self.name, self.name)
        return Strip(cells, self.alone and of_stroma, written)


def kinds_of(
    frame: pd.DataFrame, obs: pd.DataFrame, design: Design | FormulaDesign, order: Sequence[str] | None = None
) -> list[Kind]:
    """Return the kinds of cells in their order; one for all where there are not several.

    `frame` has the arms, as `by_unit` gives them with those of no line.
    """
    arms = frame.drop_duplicates("arm").sort_values("place")
    column = getattr(design, "compartment", None)
    held = as_text(obs[column]).to_numpy() if column else None
    first = [stratum.partition(", ")[0] for stratum in arms["stratum"]]
    names = list(dict.fromkeys(first)) if held is not None else []
    if len(names) < 2 or held is None or not set(names) <= set(held):
        return [Kind("", np.ones(len(obs), dtype=bool), len(arms), frozenset(), alone=False)]
    found = []
    places = places_of_strata(obs, design, order)["compartment"]
    for name in sorted(names, key=places.index):
        own = arms[[one == name for one in first]]
        mono = own["culture"].eq(str(getattr(design, "mono", "")))
        alone = own.loc[mono, "line"].eq("") if getattr(design, "line", None) else mono[:0]
        told = [levels_of(arm) for arm in own.to_dict("records")]  # the first is the kind itself
        levels, inside = (frozenset(level for arm in told for level in arm[k:]) for k in (0, 1))
        by_itself = len(alone) > 0 and bool(alone.all())
        n = tuple(int(frame["arm"].eq(arm).sum()) for arm in own["arm"])
        found.append(Kind(name, held == name, len(own), levels, by_itself, inside, n))
    return found
