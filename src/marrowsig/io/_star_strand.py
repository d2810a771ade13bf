"""Which of STAR's three columns a library is counted in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import InputError, first

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from marrowsig.io._one_sample import One

_WORDS = ("unstranded", "forward", "reverse")
_MOSTLY = 0.8
"""Share of stranded reads on one strand from which a library is stranded."""
_BOTH = 0.65


def settle_strand(parts: dict[Path, One], notes: list[str]) -> dict[Path, np.ndarray]:
    """Take one column (n_genes,) of every file: that of the strand on which all libraries lie.

    Raises
    ------
    InputError
        If libraries differ, or lie between stranded and unstranded.
    """
    if all(len(part.values) == 1 for part in parts.values()):
        return {path: part.values[0] for path, part in parts.items()}
    forward = {path: _forward(part.values) for path, part in parts.items()}
    found = {path: _column(share) for path, share in forward.items()}
    kinds = set(found.values())
    lowest, highest = min(forward.values()), max(forward.values())
    seen = f"{lowest:.0%} to {highest:.0%} of the stranded reads are forward"
    if len(kinds) > 1 or None in kinds:
        usual = max(kinds, key=list(found.values()).count)
        odd = [path.name for path, column in found.items() if column is None or column != usual]
        msg = (
            f"STAR's files do not tell the strand of the library: {seen}, where a stranded one has above "
            f"{_MOSTLY:.0%} or below {1 - _MOSTLY:.0%}, an unstranded one about half. Look at {first(odd)}, "
            "or put the column that fits your kit, of all files, into one table with a header."
        )
        raise InputError(msg)
    column = kinds.pop() or 0
    notes.append(f"STAR's column of {_WORDS[column]} counts: {seen}")
    return {path: part.values[column] for path, part in parts.items()}


def _forward(values: np.ndarray) -> float:
    total = float(values[1].sum() + values[2].sum())
    return float(values[1].sum()) / total if total else 0.5


def _column(forward: float) -> int | None:
    if forward >= _MOSTLY:
        return 1
    if forward <= 1 - _MOSTLY:
        return 2
    return 0 if 1 - _BOTH <= forward <= _BOTH else None
