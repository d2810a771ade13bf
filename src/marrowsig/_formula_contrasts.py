"""Contrasts of a formula: weights on cell means, or on coefficients by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._arm_names import shown, unclear
from marrowsig._contrast_text import of_r, spaced
from marrowsig._contrasts import Contrast
from marrowsig._errors import DesignError, first, near
from marrowsig._slope_unit import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from marrowsig._formula_matrix import Matrix

    Cell = dict[str, str]


ROLES = {
    "coculture": (r"(cultured)?alone|mono(cultured?)?", r"co(cultured?)?"),
    "resistant": (r"parental|sensitive", r"resistant"),
}
"""Levels, letters alone, that tell what a contrast is about; first where it starts from."""
MOST_LEVELS = 6


@dataclass(frozen=True)
class FormulaContrast(Contrast):
    """A contrast with its vector; `weights` is empty for coefficients, which have no arms."""

    factors: tuple[str, ...] = ()
    vector: NDArray[np.float64] = None  # type: ignore[assignment]
    sides: tuple[str, str] = ("", "")
    taken_at: tuple[tuple[str, float], ...] = ()
    """Numeric columns on whose value the contrast depends, with that value."""

    @property
    def kind(self) -> str:
        """Contrasts of a formula are named by the person who asks."""
        return "named"

    @property
    def test(self) -> str:
        """What has positive weight, in words."""
        return self.sides[0]

    @property
    def base(self) -> str:
        """What has negative weight, in words."""
        return self.sides[1]

    def half(self, *, test: bool) -> list[str]:
        """Return the arms of a side: of positive, or of negative weight, or of one of two differences."""
        return _halves(self.weights)[0 if test else 1] or ["rows"]


def resolve(
    name: str, weights: dict[Any, float], laid: Matrix, left_out: Mapping[str, list[str]] | None = None
) -> FormulaContrast:
    """Read one contrast off the model matrix; `left_out` are levels of obs that the design does not name.

    Raises
    ------
    DesignError
        If a key is neither a cell nor a coefficient, or the weights on cells do not add up to zero.
    """
    wrong = [w for w in weights.values() if isinstance(w, bool) or not isfinite(w)]
    if wrong or not any(weights.values()):
        msg = f"Contrast {name!r} needs finite weights that are not all zero, not {first(weights.values())}."
        raise DesignError(msg)
    kept = {key: float(weight) for key, weight in weights.items() if weight}
    named = {str(key): weight for key, weight in kept.items() if not isinstance(key, tuple)}
    if len(named) == len(kept) and all(key in laid.names for key in named):
        return _of_coefficients(name, named, laid)
    return _of_cells(name, kept, laid, left_out or {})


def _of_coefficients(name: str, weights: dict[str, float], laid: Matrix) -> FormulaContrast:
    vector = laid.coefficients(weights)
    sides = _side(weights, 1) or NONE, _side(weights, -1) or NONE
    return FormulaContrast(name, f"Is {name} above zero?", {}, vector=vector, sides=sides)


def _of_cells(
    name: str, weights: dict[Any, float], laid: Matrix, left_out: Mapping[str, list[str]]
) -> FormulaContrast:
    cells = [_cell(name, key, laid, left_out) for key in weights]
    factors = tuple(cells[0])
    if any(set(cell) != set(factors) for cell in cells):
        msg = f"The cells of contrast {name!r} name unlike factors. Name the same ones in each."
        raise DesignError(msg)
    if abs(sum(weights.values())) > 1e-9 * max(map(abs, weights.values())):
        msg = f"The weights of contrast {name!r} add up to {sum(weights.values()):g}; they have to give zero."
        raise DesignError(msg)
    names = unclear(laid.factors)
    labels = [":".join(shown(factor, cell[factor], names) for factor in factors) for cell in cells]
    if len(set(labels)) < len(labels):
        msg = f"Contrast {name!r} names a cell twice: {first(labels)}."
        raise DesignError(msg)
    arms = dict(zip(labels, weights.values(), strict=True))
    vector = sum(w * laid.mean(cell) for cell, w in zip(cells, weights.values(), strict=True))
    if np.abs(vector).max() < 1e-12:
        msg = f"Contrast {name!r} is zero in this formula: it has no term for {first(factors)} that differs."
        if len(factors) > 1 and len(cells) > 2:
            msg += f" For an interaction join the factors by '*', as in '~ {' * '.join(factors)}'."
        raise DesignError(msg)
    sides = _sides(arms)
    question = f"Is {sides[0]} above {sides[1]}?"
    role, turned = _role(cells, list(weights.values()))
    taken = tuple((column, laid.value(column)) for column in laid.depends(cells, weights.values()))
    return FormulaContrast(
        name, question, arms, role, turned, factors=factors, vector=np.asarray(vector), sides=sides,
        taken_at=taken,
    )  # fmt: skip


def _role(cells: list[Cell], weights: list[float]) -> tuple[str, bool]:
    """Which role is all that the two sides differ in, and whether the sides are turned; empty if none is."""
    for factor in cells[0]:
        sides: dict[tuple[str, ...], dict[str, float]] = {}
        for cell, weight in zip(cells, weights, strict=True):
            rest = tuple(level for name, level in cell.items() if name != factor)
            sides.setdefault(rest, {})[cell[factor]] = weight
        levels = {tuple(sorted(own, key=own.__getitem__)) for own in sides.values()}
        opposed = all(abs(sum(own.values())) < 1e-9 for own in sides.values())
        if len(levels) != 1 or not opposed or len(low_high := next(iter(levels))) != 2:
            continue
        plain = ["".join(c for c in level.lower() if c.isalpha()) for level in low_high]
        for role, words in ROLES.items():
            for turned, ends in ((False, plain), (True, plain[::-1])):
                if all(re.fullmatch(word, end) for word, end in zip(words, ends, strict=True)):
                    return role, turned
    return "", False


def _cell(name: str, key: Any, laid: Matrix, left_out: Mapping[str, list[str]]) -> Cell:
    """Find the factor of each level in `key`; `"column=level"` says it outright."""
    factors = laid.factors
    cell: Cell = {}
    for part in map(str, key if isinstance(key, tuple) else (key,)):
        column, _, level = part.partition("=")
        hits = [(f, part) for f, levels in factors.items() if part in levels]
        if column in factors and level in factors[column]:
            hits = [(column, level)]
        if len(hits) != 1 or hits[0][0] in cell:
            raise DesignError(
                _unspaced(name, key, factors)
                or _cut_out(name, part, left_out)
                or _number(name, key, part, laid)
                or _unknown(name, part, len(hits), factors, laid)
            )
        cell[hits[0][0]] = hits[0][1]
    return cell


def _unspaced(name: str, key: Any, factors: dict[str, list[str]]) -> str:
    """Say that a sign between two levels needs blanks; empty if there is none."""
    text = ":".join(map(str, key)) if isinstance(key, tuple) else str(key)
    known = {level for levels in factors.values() for level in levels}
    if dotted := of_r(text, known):
        return (
            f"Contrast {name!r}: levels are joined by ':', signs need blanks around them. Write {dotted!r}."
        )
    meant = spaced(text, known)
    return f"Contrast {name!r}: signs need blanks around them. Write {meant!r}." if meant else ""


def _cut_out(name: str, part: str, left_out: Mapping[str, list[str]]) -> str:
    """Say that a level is in obs and not in levels=; empty if it is not."""
    column, _, level = part.partition("=")
    for factor, levels in left_out.items():
        if part in levels or (column == factor and level in levels):
            return (
                f"Contrast {name!r}: levels= leaves out {part!r} of {factor!r}, and its rows with it. Add it "
                f"to levels={{{factor!r}: [...]}}, or ask for others."
            )
    return ""


def _number(name: str, key: Any, part: str, laid: Matrix) -> str:
    """Say that a part is a value of a column that the formula takes as a number; empty if it is none."""
    column, _, level = part.rpartition("=")
    try:
        value = float(level)
    except ValueError:
        return ""
    slopes = [str(own) for own in laid.data if str(own) not in laid.factors and column in ("", str(own))]
    found = next((own for own in slopes if (laid.data[own].to_numpy() == value).any()), None)
    if found is None:
        return ""
    seen = [f"{one:g}" for one in np.unique(laid.data[found].to_numpy())]
    rest = [str(one) for one in (key if isinstance(key, tuple) else [key]) if str(one) != part]
    own = f"[{', '.join(map(repr, seen))}]" if len(seen) <= MOST_LEVELS else "[...]"
    msg = (
        f"Contrast {name!r}: {found!r} is a number in this formula, a slope, and {part!r} no level of it. As "
        f"a factor it needs its levels, levels={{{found!r}: {own}}}; as a slope it is compared at a value, "
        f"at={{{found!r}: {level}}}"
    )
    return f"{msg}, without {part!r} in the contrast: {':'.join(rest)!r}." if rest else f"{msg}."


def _unknown(name: str, part: str, hits: int, factors: dict[str, list[str]], laid: Matrix) -> str:
    if hits > 1:
        return f"Contrast {name!r}: {part!r} is a level of several factors. Write 'column={part}'."
    known = "; ".join(f"{factor}: {first(levels)}" for factor, levels in factors.items())
    levels = [level for own in factors.values() for level in own]
    meant = "" if hits else near(part, [*levels, *laid.names])
    return (
        f"Contrast {name!r}: {part!r} is no level and no coefficient, or its factor is named twice.{meant} "
        f"Levels: {known or 'none'}. Coefficients: {first(laid.names, 12)}."
    )


def _halves(weights: Mapping[str, float]) -> tuple[list[str], list[str]]:
    """Arms of both sides: of '(a - b) - (c - d)' a and b, c and d; else those of either sign."""
    arms = list(weights)
    if list(weights.values()) == [1, -1, -1, 1]:
        return arms[:2], arms[2:]
    return [arm for arm in arms if weights[arm] > 0], [arm for arm in arms if weights[arm] < 0]


def _sides(weights: Mapping[str, float]) -> tuple[str, str]:
    """Write both sides as people do: a difference of differences, means, or sums.

    >>> _sides({"a": 1, "b": -1, "c": -1, "d": 1}), _sides({"a": 0.5, "b": 0.5, "c": -1})
    (('a - b', 'c - d'), ('(a + b) / 2', 'c'))
    """
    above, below = _halves(weights)
    if weights[above[-1]] < 0:
        return " - ".join(above), " - ".join(below)
    return _side(weights, 1), _side(weights, -1)


def _side(weights: Mapping[str, float], sign: int) -> str:
    own = {name: abs(weight) for name, weight in weights.items() if weight * sign > 0}
    n = len(own)
    if n > 1 and all(abs(n * weight - 1) < 1e-9 for weight in own.values()):
        return f"({' + '.join(own)}) / {n}"
    return " + ".join(name if weight == 1 else f"{weight:g} {name}" for name, weight in own.items())
