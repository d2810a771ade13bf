"""From the effects that are expected to the means of all arms."""

from __future__ import annotations

from math import isfinite
from numbers import Real
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from marrowsig._arm_names import arm_name
from marrowsig._contrasts import contrasts
from marrowsig._errors import InputError, first, near

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from marrowsig._contrasts import Contrast
    from marrowsig.design import Design

    Array = NDArray[np.float64]

FRACTION = "fraction"


class Means(NamedTuple):
    """True means of the arms, and what they make of every contrast."""

    arms: dict[str, float]
    effects: dict[str, float]


class _Row(NamedTuple):
    weights: dict[str, float]
    value: float


def means(design: Design, inhibitors: tuple[str, ...], effects: Mapping[str, float], scale: float) -> Means:
    """Solve for the arms. What is not named: no difference between lines, no reversal.

    Raises InputError for a contrast that the design does not ask, and for effects that contradict each other.
    """
    asked = contrasts(design, inhibitors)
    arms = list(dict.fromkeys(arm for contrast in asked for arm in contrast.weights))
    named = {contrast.name for contrast in asked}
    rows = {name: _rows(name, value, asked, scale) for name, value in _read(effects).items()}
    rows |= _fractions(design, inhibitors, effects)
    # Names first, then kinds, parental cells first: beside an interaction, "the" induction is theirs.
    order = sorted(rows, key=lambda name: name not in named)
    given = _widened([], [row for name in order for row in rows[name]], arms)
    given = _widened(given, [_Row({arms[0]: 1.0}, 0.0), *_silent(asked)], arms)
    solved = np.linalg.solve(_matrix(given, arms), np.array([row.value for row in given]))
    _check_consistent(rows, arms, solved, design)
    base = solved[arms.index(_start(design, arms))]
    found = {arm: round(float(value), 12) + 0.0 for arm, value in zip(arms, solved - base, strict=True)}
    true = {c.name: sum(w * found[arm] for arm, w in c.weights.items()) for c in asked}
    tiny = 1e-9 * max(map(abs, found.values()))
    return Means(found, {name: 0.0 if abs(value) <= tiny else value for name, value in true.items()})


def _check_consistent(rows: dict[str, list[_Row]], arms: list[str], solved: Array, design: Design) -> None:
    """Raise if what one of the effects says holds nowhere."""
    slack = 1e-9 * float(np.abs(solved).max() + 1e-300)
    for name, own in rows.items():
        off = np.abs(_matrix(own, arms) @ solved - [row.value for row in own])
        if off.min() > slack:
            msg = (
                f"These effects contradict each other: {first(rows, 10)}; {name!r} cannot hold with the "
                f"others. The interaction is the induction in {design.resistant} less that in "
                f"{design.parental} cells, and the fraction is reversal / induction."
            )
            raise InputError(msg)


def _widened(given: list[_Row], further: list[_Row], arms: list[str]) -> list[_Row]:
    """Add the rows that say something of their own."""
    for row in further:
        wider = [*given, row]
        if np.linalg.matrix_rank(_matrix(wider, arms)) == len(wider):
            given = wider
    return given


def _read(effects: Mapping[str, float]) -> dict[str, float]:
    if not hasattr(effects, "items") or not effects:
        msg = (
            f"effects is {effects!r}; name what you expect, contrast by contrast, for example "
            "effects={'co_in_parental': 0.04, 'interaction': 0.05, 'reversal': 0.05}."
        )
        raise InputError(msg)
    for name, value in effects.items():
        if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
            msg = f"The effect of {name!r} is {value!r}; it has to be a number, in units of the score."
            raise InputError(msg)
    return {name: float(value) for name, value in effects.items() if name != FRACTION}


def _rows(name: str, value: float, asked: list[Contrast], scale: float) -> list[_Row]:
    hits = [c for c in asked if name in (c.name, c.kind)]
    if not hits:
        kinds = dict.fromkeys(c.kind for c in asked)
        known = [*(c.name for c in asked), *kinds, FRACTION]
        msg = (
            f"effects= names {name!r}, which this design does not ask.{near(name, known)} Contrasts: "
            f"{first((c.name for c in asked), 20)}; or kinds, for all lines: {first(kinds)}; or 'fraction', "
            "the share of the induction that is reversed."
        )
        raise InputError(msg)
    return [_Row(c.weights, value * scale) for c in hits]


def _fractions(
    design: Design, inhibitors: tuple[str, ...], effects: Mapping[str, float]
) -> dict[str, list[_Row]]:
    """Reversal less the fraction of the induction is zero, in every line and for every inhibitor."""
    if FRACTION not in effects:
        return {}
    if not inhibitors:
        msg = "'fraction' is the share that an inhibitor reverses, and this design has no inhibitor."
        raise InputError(msg)
    f = float(effects[FRACTION])
    found = []
    for line in [design.parental, design.resistant] if design.line else [""]:
        mono, co = arm_name(design, line, design.mono), arm_name(design, line, design.co)
        for drug in inhibitors:
            weights = {co: 1.0 - f, arm_name(design, line, design.co, drug): -1.0, mono: f}
            found.append(_Row(weights, 0.0))
    return {FRACTION: found}


def _silent(asked: list[Contrast]) -> list[_Row]:
    """List what is taken for zero where nothing is said, most harmless first."""
    order = ("resistance", "interaction", "induction", "reversal")
    ranked = sorted((c for c in asked if c.kind in order), key=lambda c: order.index(c.kind))
    return [_Row(c.weights, 0.0) for c in ranked]


def _start(design: Design, arms: list[str]) -> str:
    line = design.parental if design.line else ""
    mono = arm_name(design, line, design.mono if design.culture else "")
    return mono if mono in arms else arms[0]


def _matrix(rows: list[_Row], arms: list[str]) -> Array:
    return np.array([[row.weights.get(arm, 0.0) for arm in arms] for row in rows])
