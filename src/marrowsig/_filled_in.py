"""Levels without rows over which a contrast of a formula is averaged, so that the model fills them in."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import first
from marrowsig._formula_columns import is_factor

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from marrowsig._formula_contrasts import FormulaContrast
    from marrowsig._formula_matrix import Matrix

TINY = 1e-9


def filled_in(contrast: FormulaContrast, laid: Matrix, frame: pd.DataFrame) -> dict[str, list[str]]:
    """Levels, by column, that have no row in an arm of the contrast, where its size differs between levels.

    `frame` holds the arm of every row of the formula's data. A column whose levels all have one size of the
    contrast is not averaged over: it has no term with the factors that the contrast names.
    """
    if not contrast.weights:
        return {}
    arms = list(contrast.weights)
    labels, out = frame["arm"].to_numpy(), {}
    cells = {
        arm: {name: str(laid.data[name].iloc[int(np.argmax(labels == arm))]) for name in contrast.factors}
        for arm in arms
    }
    for name, column in laid.data.items():
        joint = any({factor, str(name)} <= term for term in laid.terms for factor in contrast.factors)
        if name in contrast.factors or not joint or not is_factor(column):
            continue
        levels = [str(level) for level in column.cat.categories]
        seen = set(zip(labels, column.astype(str), strict=True))
        gaps = [level for level in levels if any((arm, level) not in seen for arm in arms)]
        if gaps and _differs(contrast.weights, cells, str(name), levels, laid):
            out[str(name)] = gaps
    return out


def _differs(
    weights: Mapping[str, float], cells: Mapping[str, dict[str, str]], name: str, levels: list[str],
    laid: Matrix,
) -> bool:  # fmt: skip
    """Whether the contrast, taken at one level of a column, has another size at some other level."""
    at = [sum(w * laid.mean({**cells[arm], name: level}) for arm, w in weights.items()) for level in levels]
    most = max(float(np.abs(one).max()) for one in at) or 1.0
    return any(float(np.abs(np.asarray(a) - b).max()) > TINY * most for a, b in pairwise(at))


def of_units(unit: str, gaps: list[str]) -> str:
    """Say why a contrast is refused that too few units have all rows of."""
    return (
        f"{first(gaps)} of {unit!r} {'has' if len(gaps) == 1 else 'have'} no row in an arm, and too few "
        f"levels are left without; a formula that joins no factor to {unit!r} ('+ {unit}') needs no such row"
    )


def in_words(filled: Mapping[str, list[str]]) -> str:
    """Say what the model filled in, behind its own words; nothing where it filled in nothing."""
    told = [f"{first(gaps)} of {name!r}" for name, gaps in filled.items()]
    return f" (filled in by the model, without rows in each arm: {'; '.join(told)})" if told else ""
