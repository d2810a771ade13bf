"""Which ways of scoring, each a list by a method, have the other sign than the claim's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Way = tuple[str, str]


def turned(main: float, estimate: Array) -> NDArray[np.intp]:
    """Places of the estimates that have another sign than `main`; those that are zero have none."""
    seen = np.isfinite(estimate) & np.isfinite(main)
    return np.flatnonzero(seen & (np.sign(estimate) != np.sign(main)))


def named(ways: Iterable[Way], methods: Sequence[str]) -> str:
    """Write ways by the list that they score.

    >>> named([("emt.blast", "mean"), ("emt.blast", "ucell"), ("emt.mak2016", "mean")], ["mean", "ucell"])
    'emt.blast (every method), emt.mak2016 (mean)'
    """
    by: dict[str, list[str]] = {}
    for id, method in ways:
        by.setdefault(id, []).append(method)
    told = {id: "every method" if len(own) == len(methods) > 1 else ", ".join(own) for id, own in by.items()}
    return ", ".join(f"{id} ({own})" for id, own in told.items())
