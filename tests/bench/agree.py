"""Do the two sides give the same scores? A fast wrong answer is worth nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sides import build
from worker import Worker

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from peers import Row

CHECK_ROWS = 200


def agreement(
    row: Row, label: str, mine: NDArray[np.float64], peer: NDArray[np.float64], n_sets: int
) -> dict[str, Any]:
    """Differences on the data that were timed and, where ties disturb these, on data without ties."""
    timed = differences(mine, peer)
    out: dict[str, Any] = {"timed": timed}
    strict = timed
    if row.check:
        strict = out["check"] = differences(*_checked(row, label, n_sets))
    good = []
    if row.min_corr is not None:
        good.append(timed["corr_min"] >= row.min_corr)
    if row.max_abs is not None:
        good.append(strict["max_rel"] <= row.max_abs)
    out |= {"ok": all(good) and not timed["nan_differs"], "max_abs": row.max_abs, "min_corr": row.min_corr}
    words = f"max diff {timed['max_abs']:.2g}, r >= {timed['corr_min']:.4f}"
    words += f"; {row.check}: {strict['max_abs']:.2g}" if row.check else ""
    return {**out, "words": ("" if out["ok"] else "NOT AS DOCUMENTED: ") + words}


def differences(a: NDArray[np.float64], b: NDArray[np.float64]) -> dict[str, Any]:
    """Largest difference, also over the largest |peer score|, and correlations over rows, set by set."""
    both = np.isfinite(a) & np.isfinite(b)
    rows = both.all(axis=1)
    gap = float(np.abs(a - b)[both].max(initial=0.0))
    pairs = (
        [np.corrcoef(a[rows, j], b[rows, j])[0, 1] for j in range(a.shape[1])] if rows.sum() > 2 else [np.nan]
    )
    return {
        "max_abs": gap,
        "max_rel": gap / max(float(np.abs(b[both]).max(initial=0.0)), 1e-300) if both.any() else float("nan"),
        "corr_min": float(np.min(pairs)),
        "corr_median": float(np.median(pairs)),
        "nan_differs": int((np.isfinite(a) != np.isfinite(b)).sum()),
    }


def _checked(row: Row, label: str, n_sets: int) -> list[NDArray[np.float64]]:
    out = []
    for side in (row.ours[label], row.peer):
        with Worker(build, side, row.check, CHECK_ROWS, CHECK_ROWS, n_sets) as worker:
            out.append(worker.ask("scores", "plain"))
    return out
