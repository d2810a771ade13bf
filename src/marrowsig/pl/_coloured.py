"""Which factor the colours of arms show: the lines, unless a palette names levels of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import InputError, first
from marrowsig._formula import FormulaDesign
from marrowsig.pl._colours import OKABE_ITO

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from marrowsig.design import Design


def by_palette(
    parts: Sequence[Sequence[str]], design: Design | FormulaDesign, own: Mapping[str, str]
) -> list[str]:
    """Give arms, by their levels, the colours of the factor that a palette names; none if it is the usual.

    >>> from marrowsig.design import Design
    >>> design = Design(culture="culture", line="line")
    >>> arms = [["parental", "mono"], ["parental", "co"], ["resistant", "mono"], ["resistant", "co"]]
    >>> by_palette(arms, design, {"mono": "grey", "co": "crimson"})
    ['grey', 'crimson', 'grey', 'crimson']
    >>> by_palette(arms, design, {"resistant": "crimson"})
    []
    """
    at = factor(parts, design, own)
    if at == _usual(parts, design) or len(set(map(len, parts))) > 1:
        return []
    free = [colour for colour in OKABE_ITO if colour not in own.values()]
    others = list(dict.fromkeys(arm[at] for arm in parts if arm[at] not in own))
    colours = {level: free[k % len(free)] for k, level in enumerate(others)} | dict(own)
    return [colours[arm[at]] for arm in parts]


def factor(parts: Sequence[Sequence[str]], design: Design | FormulaDesign, own: Collection[str]) -> int:
    """Place, among the levels of an arm, of the factor that colours show.

    Raises
    ------
    InputError
        If a palette names levels of several factors.
    """
    at, places = _shown(parts, design, own)
    if others := [level for level, k in places.items() if k != at]:
        kept = next(level for level, k in places.items() if k == at)
        msg = (
            f"Colours show one factor, and palette= names levels of two: leave out {first(others)}. "
            f"To colour by {'it' if len(others) == 1 else 'these'} instead, leave out {kept}."
        )
        raise InputError(msg)
    return at


def of_one_factor(
    parts: Sequence[Sequence[str]], design: Design | FormulaDesign, own: Mapping[str, str]
) -> dict[str, str]:
    """Keep the colours of the factor that colours show, of those that all figures of a run were given."""
    at, places = _shown(parts, design, own)
    return {level: colour for level, colour in own.items() if places.get(level) == at}


def _shown(
    parts: Sequence[Sequence[str]], design: Design | FormulaDesign, own: Collection[str]
) -> tuple[int, dict[str, int]]:
    """Place of the factor that colours show, and of each level that a palette names."""
    places = {level: k for arm in parts for k, level in reversed(list(enumerate(arm))) if level in own}
    usual = _usual(parts, design)
    return usual if not places or usual in places.values() else min(places.values()), places


def shows_lines(design: object, palette: Mapping[str, str] | None) -> bool:
    """Whether colours show the lines of a design."""
    lines = {str(getattr(design, role, "")) for role in ("parental", "resistant")}
    return bool(getattr(design, "line", None)) and (not palette or bool(lines & set(palette)))


def _usual(parts: Sequence[Sequence[str]], design: Design | FormulaDesign) -> int:
    """Place of the line, else of the culture; of a formula, of the first factor with levels."""
    if isinstance(design, FormulaDesign):
        given = next(((c, own) for c, own in design.levels.items() if not isinstance(own, str)), ("", []))
        words = {word for level in given[1] for word in (str(level), f"{given[0]}={level}")}
        return next((k for arm in parts for k, level in enumerate(arm) if level in words), 0)
    inner = [field for field in ("line", "culture", "inhibitor") if getattr(design, field, None)]
    return max(0, max(map(len, parts), default=1) - len(inner))
