"""The line of a run on batches that pairs hold constant, which no model takes up again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from marrowsig._errors import first

if TYPE_CHECKING:
    import pandas as pd


def constant_in_pairs(design: object, rows: pd.DataFrame) -> str:
    """Say which batches the pairs hold constant, in how many of the contrasts `rows`; "" if none."""
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
