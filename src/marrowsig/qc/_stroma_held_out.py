"""Limits of shares beside cells grown alone that had no part in choosing the markers.

Markers are genes of which the cells alone have few reads, some of them by chance. Their reads in a
co-culture then lie above those alone without any stroma, and so do those of a donor whose cells express more
of them than others. Neither is in the limits of one row and its markers, nor is that the median of ratios
lies somewhat below the share.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._stats.share_beside import share_beside
from marrowsig.qc._stroma_drawn import few_counts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from marrowsig._stats.share import Shares
    from marrowsig.qc._stroma_study import Study

    Columns = NDArray[np.int64]

SHALLOW = 500
"""Counts of a row per gene up to which its own limits show nothing: see docs/stroma.md."""


def hold_out(
    study: Study, found: Shares, columns: Columns, choose: Callable[[Study], Columns] | None
) -> NDArray[np.bool_]:
    """Put in the limits of the rows; `choose` gives the markers of a study (None: named).

    Each row is set beside those grown alone of its own pair or, without a pair, all of its line and stratum.
    Where that is one sample, no marker could be chosen without it: limits stay. Returns the rows of few
    counts among those, of which no lower limit above zero is known.
    """
    frame, values = study.frame, study.linear.matrix
    lone = np.zeros(len(frame), dtype=bool)
    if study.reference is None:
        return lone
    profile, alone, row = study.reference.profile, frame["alone"].to_numpy(), frame["row"].to_numpy()
    chosen: dict[int, Columns | None] = {}
    if choose is None:
        chosen = dict.fromkeys(range(len(frame)), columns)
    few = few_counts(study, row, SHALLOW)
    for i in np.flatnonzero(~alone):
        beside = [k for k in _beside(study, int(i)) if _without(study, k, choose, chosen) is not None]
        if not beside:
            lone[i], found.low[i] = few[i], 0.0 if few[i] else found.low[i]
            continue
        more, stroma = np.zeros((2, profile.size))
        for k in beside:
            more[chosen[k]] += (values[row[i]] - values[row[k]])[chosen[k]] / len(beside)
            stroma[chosen[k]] += profile[chosen[k]] / len(beside)
        ends = share_beside(more[stroma > 0], stroma[stroma > 0])
        if ends is None and not few[i]:
            continue
        low, high = ends or (0.0, 0.0)
        found.low[i] = min(low, found.share[i])
        if low > 0:  # of noise alone, the upper limit of all cells alone together is the narrower one
            found.high[i] = max(high, found.high[i])
    return lone


def chosen_without(study: Study, choose: Callable[[Study], Columns]) -> list[Columns | None]:
    """Markers chosen without each row grown alone; None where no other of its line and stratum is left."""
    chosen: dict[int, Columns | None] = {}
    rows = np.flatnonzero(study.frame["alone"].to_numpy())
    return [_without(study, int(k), choose, chosen) for k in rows]


def _beside(study: Study, i: int) -> list[int]:
    """Rows grown alone that a row is set beside."""
    frame = study.frame
    own = frame["alone"].to_numpy() & (frame["base"].to_numpy() == frame["base"].iloc[i])
    if "pair" in frame and (pair := own & (frame["pair"] == frame["pair"].iloc[i]).to_numpy()).any():
        own = pair
    return [int(k) for k in np.flatnonzero(own)]


def _without(
    study: Study, k: int, choose: Callable[[Study], Columns] | None, chosen: dict[int, Columns | None]
) -> Columns | None:
    """Markers chosen without this row grown alone; None where no other is left."""
    if k not in chosen:
        frame, base = study.frame, study.frame["base"].iloc[k]
        alone = frame["alone"].to_numpy() & (np.arange(len(frame)) != k)
        rows = frame.loc[alone & (frame["base"] == base), "row"].to_numpy()
        chosen[k] = None
        if rows.size and choose is not None:
            bases = study.bases.copy()
            bases[base] = study.linear.matrix[rows].mean(axis=0)
            chosen[k] = choose(replace(study, frame=frame.assign(alone=alone), bases=bases))
    return chosen[k]
