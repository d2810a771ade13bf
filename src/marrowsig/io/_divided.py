"""Counts that were divided by a thousand or a million: told by values that are whole once multiplied back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from marrowsig.io._totals import totals

if TYPE_CHECKING:
    from numpy.typing import NDArray

FACTORS = (1_000, 1_000_000)
SMALL, WHOLE, NEARLY_ALL, NEAR = 0.5, 0.3, 0.99, 1e-4
LEAST, MANY = 1_000, 2_000_000
"""Values that are needed, and that are looked at."""
FROM, TO = 1.5, 100.0
"""Counts, multiplied back, that tell: digits that were cut off leave no others whole than small ones are."""


def divided_by(values: Any, *, declared: bool) -> int:
    """Return the number that counts (n_obs, n_vars) look divided by; 0 for none.

    Values that were rounded to a number of decimals are all whole when multiplied: of numbers that nobody
    called counts, some must stay fractions, as estimated counts do.
    """
    stored = values.data if sparse.issparse(values) else np.asarray(values).ravel()
    some = stored[:MANY]
    seen = some[some > 0].astype(np.float64)
    if seen.size < LEAST or _whole(seen) > 0.1 or float((seen < SMALL).mean()) < SMALL:
        return 0
    for factor in FACTORS:
        back = seen * factor
        few = back[(back > FROM) & (back < TO)]
        if few.size < LEAST / 10 or (back < 0.5).mean() > SMALL:
            continue
        share = min(_whole(back), _whole(few))
        if share >= WHOLE and (declared or _whole(back) < NEARLY_ALL):
            return factor
    return 0


def _whole(values: NDArray[np.float64]) -> float:
    nearest = np.rint(values)
    return float(((np.abs(values - nearest) < NEAR) & (nearest > 0)).mean())


def told_divided(values: Any, factor: int) -> str:
    """Say so, with what the values come to when multiplied back."""
    depth = float(np.median(totals(values)))
    return (
        f"Were the counts divided by {factor:,}? Of the values above 0 most are below {SMALL}, yet times "
        f"{factor:,} they are whole numbers in large part, and a sample then sums to {depth * factor:,.0f}, "
        f"not {depth:,.0f}. Multiply the values of the table by {factor:,}, and say "
        "kind='expected_counts'. If they were not, say what they are, such as kind='fpkm'."
    )
