"""The line of a run on batches that pairs hold constant, which no model takes up again."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from marrowsig._errors import first
from marrowsig._formula_plan import IDLE
from marrowsig._repeats import is_formula

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

TERM = re.compile(rf"(?:\(|; )([^(;]+): {re.escape(IDLE)} ('.*?')")
"""A term of a formula that a test calls redundant, and the unit beside which it is."""


def constant_in_pairs(design: Design | FormulaDesign | None, rows: pd.DataFrame) -> str:
    """Say which batches the pairs hold constant, in how many of the contrasts `rows`; "" if none.

    Of a formula, which terms its term for units makes redundant.
    """
    if design is not None and is_formula(design):
        return _redundant(rows)
    named = getattr(design, "batch", None)
    columns = [named] if isinstance(named, str) else list(named or ())
    tests = rows["test"].astype(str)
    said = tests.str.extract(r"not adjusted for ([^;]*), which the pairs hold")[0].fillna("")
    found = {column: said.str.contains(repr(column), regex=False) for column in columns}
    idle = {column: within for column, within in found.items() if within.any()}
    if not idle:
        return ""
    n = min(int(within.sum()) for within in idle.values())
    where = "" if n == len(rows) else f" in {n} of {len(rows)} contrasts"
    them = "it" if len(idle) == 1 else "them"
    named_so = first(f"--batch {shlex.quote(column)}" for column in idle)
    return f"{named_so}: the pairs hold {them} constant{where}, so that no adjusting is needed."


def _redundant(rows: pd.DataFrame) -> str:
    said = {text for test in rows["test"].astype(str).unique() for text in TERM.findall(test)}
    if not said:
        return ""
    columns, unit = sorted({column for column, _ in said}), min(unit for _, unit in said)
    one, named = len(columns) == 1, first(map(repr, columns))
    return (
        f"--formula: each level of {unit} has one level or value of {named}, so that the "
        f"{'term' if one else 'terms'} {named} {'is' if one else 'are'} redundant beside that of {unit}: "
        f"{'it' if one else 'they'} may as well be left out, and no number of a contrast would change."
    )
