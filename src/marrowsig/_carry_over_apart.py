"""What asks about carry-over in place of a formula, in the columns and levels that its contrasts name."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from marrowsig._errors import DesignError
from marrowsig._formula_plan import read
from marrowsig._lines_of_formula import lines_of, pairs_of
from marrowsig._not_of_formula import names_co, of_culture
from marrowsig._repeats import is_formula
from marrowsig._unasked import OF_FORMULA, sentences

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design


def ask_apart(design: Design | FormulaDesign | None, obs: pd.DataFrame, res: pd.DataFrame) -> str:
    """Say that a formula did not ask whether carry-over made what it found, and which design asks it.

    Empty where no contrast is about co-culture by its words.
    """
    asked = [contrast for (contrast, _), text in sentences(res).items() if text == OF_FORMULA]
    if design is None or not is_formula(design) or not asked:
        return ""
    return (
        "Carry-over of stroma was not asked: a formula does not say which samples grew alone. To have it "
        f"asked, put this in the place of the formula, in a run of its own: {_design(design, obs)}, with "
        "stroma=... (expression of the stroma) if you have it."
    )


def _design(design: Design | FormulaDesign, obs: pd.DataFrame) -> str:
    formula = cast("FormulaDesign", design)
    try:
        data = read(formula, obs).data
    except DesignError:
        return "ms.Design(culture=..., mono=..., co=...)"
    pair = pairs_of(formula, data)
    factors = {str(n): [str(v) for v in data[n].cat.categories] for n in data if str(n) in formula.levels}
    parts = ["culture=..., mono=..., co=..."]
    for column, levels in factors.items():
        if column != pair and of_culture(column, levels):
            co = [level for level in levels if names_co(level)]
            rest = [level for level in levels if level not in co]
            mono, co = (rest, co) if len(rest) == len(co) == 1 else (levels[:1], levels[1:])
            known = len(levels) == 2
            parts = [f"culture={column!r}"]
            parts += [f"mono={mono[0]!r}, co={co[0]!r}" if known else "mono=..., co=..."]
            break
    for line in lines_of(data, pair)[:1]:
        low, *rest = factors[line]
        parts += [f"line={line!r}, parental={low!r}, resistant={rest[0]!r}"] if len(rest) == 1 else []
    parts += [f"pair={pair!r}"] if pair is not None else []
    return f"ms.Design({', '.join(parts)})"
