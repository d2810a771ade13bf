"""How many replicates are needed, and how many to begin with where libraries are lost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator


def needed(table: pd.DataFrame, target: float, lost: float, *, paired: bool) -> pd.DataFrame:
    """Find the least numbers from which on the power reaches the target, in its family and as a claim."""
    rows = []
    for name, own in table[table["effect"] != 0].groupby("contrast", sort=False):
        least = list(_least(own, target))
        begin = [start(n, lost, paired=paired) for n in least]
        rows.append((name, own["effect"].iloc[0], *least, target, *begin))
    columns = ["contrast", "effect", "n_needed", "n_needed_claims", "target", "n_start", "n_start_claims"]
    return pd.DataFrame(rows, columns=columns)


def _least(own: pd.DataFrame, target: float) -> Iterator[float]:
    for column in ("power", "power_claims"):
        short = own.loc[~(own[column] >= target), "n"]
        enough = own.loc[own["n"] > short.max(), "n"] if len(short) else own["n"]
        yield enough.min()


def start(n: float, lost: float, *, paired: bool) -> float:
    """Begin with so many that `n` are expected to be left; of a pair both libraries have to be.

    >>> [start(5, 0.1, paired=paired) for paired in (False, True)], start(5, 0, paired=True)
    ([6, 7], 5)
    """
    return math.ceil(n / (1 - lost) ** (2 if paired else 1) - 1e-9) if np.isfinite(n) else n
