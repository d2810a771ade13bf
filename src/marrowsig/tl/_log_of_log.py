"""Whether values are the log of a log, told from how close together they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._view import some_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

MANY_GENES = 1000
HIGHEST = 5.0
"""Logs taken twice end at 3.4 to 4.1; log2 expression of as many genes at 9.5 to 16, log10 at 2.9 to 4.9."""
CLOSE, CLOSE_ARRAY, ZEROS = 1.68, 1.28, 0.005
"""Value that 1 % of those above 0 exceed, by their median, below which it is told, and where zeros are fewer,
as on arrays. Logs of any base, once, have 2.1 and more for reads and 1.7 for arrays; twice 1.4 to 1.65 and
1.2 (eight data sets). Cells with few counts, brought to their median, have 2.3 if taken twice: not told."""


def log_of_log(x: Any) -> float:
    """Return the highest value of the rows looked at if they look logged twice, else 0."""
    if x.shape[1] < MANY_GENES:
        return 0.0
    rows = some_rows(x)
    rows = np.asarray(rows.toarray() if issparse(rows) else rows, dtype=np.float64)
    return float(rows.max()) if _close(rows) else 0.0


def _close(rows: NDArray[np.float64]) -> bool:
    if not 1 < rows.max() < HIGHEST or rows.min() < 0 or (rows == np.rint(rows)).all():
        return False
    middle, upper = np.quantile(rows[rows > 0], [0.5, 0.99])
    return bool(upper < (CLOSE if (rows == 0).mean() >= ZEROS else CLOSE_ARRAY) * middle)
