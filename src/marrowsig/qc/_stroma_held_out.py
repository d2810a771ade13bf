"""Limits of shares in rows of few counts, beside cells grown alone that had no part in choosing the markers.

Markers are genes of which the cells alone have few reads, some of them by chance. Their reads in a
co-culture then lie above those alone without any stroma, and so do those of a donor whose cells express more
of them than others. Neither is in the limits of one row and its markers.
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
"""Counts of a row per gene up to which its limits are taken so: see docs/stroma.md."""


def hold_out(study: Study, found: Shares, choose: Callable[[Study], Columns]) -> None:
    """Put in the limits of the rows of few counts; `choose` gives the markers of a study.

    Each row is set beside those grown alone of its own pair or, without a pair, all of its line and stratum.
    Where a line has one sample alone in a stratum, no marker could be chosen without it: limits stay.
    """
    if study.reference is None:
        return
    frame, profile, values = study.frame, study.reference.profile, study.linear.matrix
    alone, row = frame["alone"].to_numpy(), frame["row"].to_numpy()
    chosen: dict[int, Columns | None] = {}
    for i in np.flatnonzero(~alone & few_counts(study, row, SHALLOW)):
        beside = [k for k in _beside(study, int(i)) if _without(study, k, choose, chosen) is not None]
        if not beside:
            continue
        more, stroma = np.zeros((2, profile.size))
        for k in beside:
            columns = chosen[k]
            more[columns] += (values[row[i]] - values[row[k]])[columns] / len(beside)
            stroma[columns] += profile[columns] / len(beside)
        ends = share_beside(more[stroma > 0], stroma[stroma > 0])
        low, high = ends or (0.0, 0.0)
        found.low[i] = min(low, found.share[i])
        if low > 0:  # of noise alone, the upper limit of all cells alone together is the narrower one
            found.high[i] = max(high, found.high[i])


def _beside(study: Study, i: int) -> list[int]:
    """Rows grown alone that a row is set beside."""
    frame = study.frame
    own = frame["alone"].to_numpy() & (frame["base"].to_numpy() == frame["base"].iloc[i])
    if "pair" in frame and (pair := own & (frame["pair"] == frame["pair"].iloc[i]).to_numpy()).any():
        own = pair
    return [int(k) for k in np.flatnonzero(own)]


def _without(
    study: Study, k: int, choose: Callable[[Study], Columns], chosen: dict[int, Columns | None]
) -> Columns | None:
    """Markers chosen without this row grown alone; None where no other is left."""
    if k not in chosen:
        frame, base = study.frame, study.frame["base"].iloc[k]
        alone = frame["alone"].to_numpy() & (np.arange(len(frame)) != k)
        rows = frame.loc[alone & (frame["base"] == base), "row"].to_numpy()
        chosen[k] = None
        if rows.size:
            bases = study.bases.copy()
            bases[base] = study.linear.matrix[rows].mean(axis=0)
            chosen[k] = choose(replace(study, frame=frame.assign(alone=alone), bases=bases))
    return chosen[k]
