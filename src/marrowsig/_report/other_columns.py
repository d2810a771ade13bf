"""What changes where a model leaves out a covariate or batch that was adjusted for, or all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report.elements import Words
from marrowsig._report.other_way import told, turned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marrowsig._other_columns import Without
    from marrowsig._report.elements import Given

SETTLE = "Choose the model before looking, and report this beside it."


def parts(given: Given) -> list[Words]:
    """Say what a run found without these columns."""
    said = without(given.extras.get("without", ()), every=True)
    return [Words(said)] if said else []


def without(found: Sequence[Without], *, every: bool = False) -> str:
    """Say of each column, and of all together, which verdicts, or contrasts, would change without it."""
    said = [(w, told(w, every=every)) for w in found]
    lines = [f"Without {w.name} {text}" for w, text in said if text]
    return " ".join([*lines, *([SETTLE] if any(map(turned, found)) else [])])
