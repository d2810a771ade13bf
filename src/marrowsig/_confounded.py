"""Which column makes a contrast impossible, in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._arm_names import shown, unclear
from marrowsig._arms import level_text, order
from marrowsig._errors import count, first
from marrowsig._matrix import design_matrix, weights
from marrowsig._stats.ols import estimable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from marrowsig._contrasts import Contrast
    from marrowsig._formula_contrasts import FormulaContrast
    from marrowsig._formula_matrix import Matrix
    from marrowsig.design import Design

NAMED = 2
"""Levels up to which the rows of each are named."""
TINY = 1e-8
"""Share of a contrast below which what the rows do not tell is rounding."""


def reason(design: Design, contrast: Contrast, frame: pd.DataFrame, nuisance: tuple[str, ...]) -> str:
    """Name the nuisance columns that cannot be told apart from `contrast`, and the rows that cause it."""
    guilty = [field for field in nuisance if not _answers(contrast, frame, field)] or nuisance
    own = frame[frame["arm"].isin(list(contrast.weights))]
    column = {field: design.columns.get(field, design.pair or design.unit) for field in guilty}
    names = " and ".join(repr(column[field]) for field in guilty)
    told = "; ".join(f"{column[field]!r}: {_levels(own, own[field])}" for field in guilty)
    return f"{_sides(contrast)} cannot be told apart from {names} ({told}); {_next(names)}"


def told_once(named: Mapping[str, Sequence[str]]) -> list[str]:
    """Write reasons, each with the contrasts `named` for it; where the same columns are to blame, the first.

    >>> told_once({"a against b cannot be told apart from 'x' (...)": ["one"], "no rows in c": ["two"],
    ...            "d against b cannot be told apart from 'x' (...)": ["three"]})
    ["one: a against b cannot be told apart from 'x' (...); likewise three", 'two: no rows in c']
    """
    alike: dict[str, list[str]] = {}
    for reason in named:
        found = re.search(r" cannot be told apart from (.+?) \(", reason)
        alike.setdefault(found[1] if found else reason, []).append(reason)
    told = []
    for lead, *others in alike.values():
        more = [name for reason in others for name in named[reason]]
        told.append(f"{first(named[lead])}: {lead}{f'; likewise {first(more)}' if more else ''}")
    return told


def of_formula(contrast: FormulaContrast, laid: Matrix, frame: pd.DataFrame) -> str:
    """Say what keeps a contrast of a formula from being told; empty if nothing does.

    `frame` holds the name and the cell (`arm`) of every row of the formula's data.
    """
    c, X = contrast.vector, laid.X
    left = np.abs(c - c @ np.linalg.pinv(X) @ X)
    if left.max() <= TINY * np.abs(c).max():
        return ""
    if gaps := _gaps(contrast, laid, frame):
        return (
            f"no rows in {first(gaps)}, over which it is averaged; name levels that have rows, or leave out "
            "the interaction"
        )
    asked = frame["arm"].isin(list(contrast.weights)).to_numpy()
    others = [name for name in laid.data if name not in contrast.factors]
    guilty = [name for name in others if _told_without(contrast, laid, name)]
    if guilty and asked.any():
        names = " and ".join(map(repr, guilty))
        told = "; ".join(f"{n!r}: {_levels(frame[asked], laid.data[n][asked])}" for n in guilty)
        return f"{_sides(contrast)} cannot be told apart from {names} ({told}); {_next(names)}"
    parameters = [name for name, size in zip(laid.names, left, strict=True) if size > TINY * np.abs(c).max()]
    return (
        f"these rows cannot tell apart the parameters it needs ({first(parameters)}): one of their columns "
        "follows from others; leave it out of the formula, or ask for what the rest can tell"
    )


def _sides(contrast: Contrast) -> str:
    return f"{contrast.test} against {contrast.base}"


def _next(names: str) -> str:
    return f"no model can part them: with {names} left out, the answer is of both together"


def _told_without(contrast: FormulaContrast, laid: Matrix, name: object) -> bool:
    """Whether the contrast could be told if no term held the column `name`."""
    kept = ~laid.columns_of(str(name))
    return bool(contrast.vector[kept].any()) and estimable(laid.X[:, kept], contrast.vector[kept])


def _gaps(contrast: FormulaContrast, laid: Matrix, frame: pd.DataFrame) -> list[str]:
    """Cells without rows that the contrast averages over, as its factors interact with others."""
    found = []
    for name, column in laid.data.items():
        joint = any({factor, str(name)} <= term for term in laid.terms for factor in contrast.factors)
        if name in contrast.factors or not joint or column.dtype != "category":
            continue
        seen = set(zip(frame["arm"], column, strict=True))
        cells = ((arm, level) for arm in contrast.weights for level in column.cat.categories)
        gaps = [cell for cell in cells if cell not in seen]
        found += [_one_cell(contrast, laid, arm, str(name), level) for arm, level in gaps]
    return found


def _one_cell(contrast: FormulaContrast, laid: Matrix, arm: str, name: str, level: str) -> str:
    """Put the level of a further factor into the name of an arm, in the order of the formula."""
    factors = laid.factors
    parts = [*arm.split(":"), shown(name, level, unclear(factors))]
    names = [*contrast.factors, name]
    if len(parts) != len(names):  # a level holds a colon
        return ":".join(parts)
    order = list(dict.fromkeys(column for term in laid.spec.formula for column in map(str, term.factors)))
    place = {column: i for i, column in enumerate(order)}
    ranked = sorted(zip(names, parts, strict=True), key=lambda cell: place.get(cell[0], len(place)))
    return ":".join(part for _, part in ranked)


def _answers(contrast: Contrast, frame: pd.DataFrame, field: str) -> bool:
    X, arms = design_matrix(frame, (field,))
    return estimable(X, weights(contrast, arms, X.shape[1]))


def _levels(own: pd.DataFrame, column: pd.Series) -> str:
    """Each level of a column of these rows, with the arms it holds and its rows; of many, by the arms."""
    labels = column.map(level_text).to_numpy(dtype=object)
    levels = order(set(labels))
    arms = {level: " and ".join(order(set(own["arm"][labels == level]))) for level in levels}
    if len(levels) > NAMED:
        together = [
            [level for level in levels if arms[level] == held] for held in dict.fromkeys(arms.values())
        ]
        told = (
            f"{first(alike)} {'is' if len(alike) == 1 else 'are'} {arms[alike[0]]} only, "
            f"{count(int(np.isin(labels, alike).sum()), 'row')}"
            for alike in together
        )
        return first(told)
    return ", ".join(
        f"{level} is {arms[level]} only, "
        f"{count(int((labels == level).sum()), 'row')}: {first(own['name'][labels == level])}"
        for level in levels
    )
