"""One simulated scenario: what is estimated, from how many runs, and what it has to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    Array = np.ndarray
    Found = dict[str, Array]


@dataclass(frozen=True)
class Aim:
    """What an estimate has to be: `how` is "is", "at most" or "above"; the first two within three errors."""

    how: str
    value: float

    def met(self, values: Array) -> bool:
        off = float(np.mean(values)) - self.value
        if self.how == "above":
            return off > 0
        near = off <= 3 * self.error(values)
        return bool(near and (self.how == "at most" or -off <= 3 * self.error(values)))

    def error(self, values: Array) -> float:
        """Of yes-or-no runs the error at the value aimed at, else that of their mean."""
        if self.how != "above" and 0 < self.value < 1 and np.isin(values, (0, 1)).all():
            return float(np.sqrt(self.value * (1 - self.value) / len(values)))
        return spread(values)


def spread(values: Array) -> float:
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))


@dataclass(frozen=True)
class Case:
    """A row of the table; `draw` takes the number of runs and gives independent values per column."""

    study: str
    scenario: str
    draw: Callable[[int], Found]
    runs: int
    aims: dict[str, Aim] = field(default_factory=dict)
    short: int = 0
    """Runs in the default tests, 0 for none."""

    @property
    def key(self) -> str:
        return f"{self.study}: {self.scenario}"


IS_LEVEL, NO_MORE, COVERS = Aim("is", 0.05), Aim("at most", 0.05), Aim("is", 0.95)


def below(p: Array, alpha: float = 0.05) -> Array:
    """Calls as numbers."""
    return (p <= alpha).astype(float)
