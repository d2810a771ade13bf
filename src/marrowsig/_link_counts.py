"""How many samples a correlation within arms rests on, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def counted(row: Mapping[str, Any]) -> str:
    """Say how many samples a link rests on, and within what it is taken.

    >>> counted({"n": 10, "n_pairs": 5, "unit": "donor"})
    "10 samples in 5 pairs by 'donor'"
    >>> counted({"n": 24, "n_pairs": 8, "unit": "donor", "n_units": 4})
    "24 samples in 8 pairs by 'donor' (4 levels; sums and differences over the lines correlated apart)"
    """
    pairs = f" in {row['n_pairs']} pairs by {str(row['unit'])!r}" if row["n_pairs"] else ""
    units = row.get("n_units", 0)
    shared = f" ({units} levels; sums and differences over the lines correlated apart)"
    return f"{row['n']} samples{pairs}{shared if 0 < units < row['n_pairs'] else ''}"
