"""Which factors of a formula hold cell lines, and which holds the pairs or donors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._disease_states import sorts_samples
from marrowsig._formula_matrix import variables
from marrowsig._nested_pairs import LINES
from marrowsig._not_of_formula import of_culture
from marrowsig._stimulus import is_stimulus
from marrowsig._unlike import DONOR

if TYPE_CHECKING:
    from marrowsig._formula import FormulaDesign

_NAMED = re.compile(r"(^|[\s._-])(genotype|resistance)s?$", re.IGNORECASE)
_LEVELS = re.compile(r"parental|resistant|sensitive", re.IGNORECASE)
_PAIR = re.compile(r"(^|[\s._-])(pair|block)s?([\s._-]?(id|no|nr|number|name))?$", re.IGNORECASE)


def lines_of(data: pd.DataFrame, unit: str | None) -> list[str]:
    """Give the factors that hold cell lines, or states such as diagnosis and relapse, by name or levels.

    `data` are the columns of a formula, its factors as categories.

    >>> cells = [("Dx", "co"), ("Rel", "mono")]
    >>> lines_of(pd.DataFrame(cells, columns=["stage", "culture"], dtype="category"), None)
    ['stage']
    """
    factors = [str(name) for name in data if isinstance(data[name].dtype, pd.CategoricalDtype)]
    return [name for name in factors if name != unit and _is_line(name, data[name])]


def pairs_of(design: FormulaDesign, data: pd.DataFrame) -> str | None:
    """Give the factor of the formula that holds donors or pairs: the unit, or by its name."""
    factors = [str(name) for name in data if str(name) in design.levels]
    named = [design.unit, *(n for words in (DONOR, _PAIR) for n in factors if words.search(n))]
    return next((name for name in named if name in factors), None)


def donor_term(design: FormulaDesign) -> str | None:
    """Find the factor of the formula that holds donors: the unit, or by its name.

    >>> from marrowsig.design import Design
    >>> levels, asked = {"who": "P1", "arm": ["mono", "co"]}, {"gain": {"co": 1, "mono": -1}}
    >>> donor_term(Design.from_formula("~ who + arm", levels=levels, contrasts=asked, unit="who"))
    'who'
    """
    named = [name for name in variables(design.formula) if name in design.levels]
    return design.unit if design.unit in named else next(filter(DONOR.search, named), None)


def term(column: str) -> str:
    """Write a column as a formula does.

    >>> term("line"), term("cell line")
    ('line', '`cell line`')
    """
    return column if column.isidentifier() else f"`{column}`"


def _is_line(column: str, values: pd.Series) -> bool:
    levels = [str(level) for level in values.cat.categories]
    if len(levels) < 2 or of_culture(column, levels) or any(map(is_stimulus, levels)):
        return False
    if LINES.search(column) or _NAMED.search(column) or any(map(_LEVELS.fullmatch, levels)):
        return True
    return sorts_samples("", values.astype(str))
