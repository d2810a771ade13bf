"""Limits of an axis that a few very wide intervals do not set, and heads for what goes on beyond them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig.pl._kept_sizes import drawn_on_kept

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

WIDE, FEW, GAIN = 4.0, 0.25, 1.6
"""Widths of the median interval beyond which one may be cut, share of rows that may be, and how many times
longer the axis would have to be for all."""
NUMBERS = ["estimate", "ci_low", "ci_high"]


def limits(rows: pd.DataFrame, *, points: Iterable[float] = ()) -> tuple[float, float] | None:
    """Find ends of x for zero, every estimate, and all intervals but a few wide ones; None to cut none.

    `points` without an interval are held too.

    >>> import pandas as pd
    >>> rows = pd.DataFrame({"estimate": [0.1] * 8, "ci_low": [0.0] * 7 + [-3], "ci_high": [0.2] * 7 + [3]})
    >>> limits(rows), limits(rows[:7])
    ((-0.01, 0.21), None)
    """
    known = rows[NUMBERS].astype(float).dropna()
    if len(known) < 4:
        return None
    width = known["ci_high"] - known["ci_low"]
    wide = width > WIDE * width.median()
    usual = known[~wide]
    ends = [0.0, *known["estimate"], *usual["ci_low"], *usual["ci_high"], *points]
    low, high = min(ends), max(ends)
    whole = max(high, known["ci_high"].max()) - min(low, known["ci_low"].min())
    if not wide.any() or wide.mean() > FEW or whole < GAIN * (high - low):
        return None
    pad = 0.05 * (high - low)
    return round(low - pad, 12), round(high + pad, 12)


def limits_of_panel(rows: pd.DataFrame) -> tuple[float, float] | None:
    """Find such ends for contrasts with their sizes on fewer genes, and what stroma gives by itself."""
    kept = rows[[drawn_on_kept(row) for row in rows.to_dict("records")]]
    fewer = [kept[[f"filtered_{name}" for name in NUMBERS]].set_axis(NUMBERS, axis=1)] if len(kept) else []
    points = rows["carried"].dropna().astype(float) if "carried" in rows else ()
    return limits(pd.concat([rows[NUMBERS], *fewer]), points=points)


def heads(ax: Axes, low: float, high: float, y: NDArray[Any], ends: NDArray[Any], colour: str) -> None:
    """Draw an arrow head at each limit that one of the intervals `ends` (n, 2) at `y` goes beyond."""
    for mark, edge, beyond in (("<", low, ends[:, 0] < low), (">", high, ends[:, 1] > high)):
        if beyond.any():  # the layout takes an empty line that is not clipped to lie in the figure's corner
            x = np.full(beyond.sum(), edge)
            ax.plot(x, y[beyond], mark, ms=3.5, color=colour, zorder=3, clip_on=False)
