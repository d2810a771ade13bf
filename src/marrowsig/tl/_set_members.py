"""Members of signatures among the genes that a model tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets
    from marrowsig._stats.ols import Array
    from marrowsig.tl._gene_model import GeneModel


class Members:
    """Genes of every set among those of a model, with their signed weights."""

    def __init__(self, sets: Sets, model: GeneModel) -> None:
        slot = np.where(model.kept, np.cumsum(model.kept) - 1, -1)
        self.columns: list[NDArray[np.int64]] = []
        self.weights: list[Array] = []
        for start, stop in zip(sets.ptr[:-1], sets.ptr[1:], strict=True):
            at = slot[sets.idx[start:stop]]
            self.columns.append(at[at >= 0])
            self.weights.append(sets.weight[start:stop][at >= 0])
        self.size = np.array([len(m) for m in self.columns], dtype=np.int64)

    def keep(self, tested: NDArray[np.bool_]) -> None:
        """Empty the sets that are not to be tested."""
        for s in np.flatnonzero(~tested):
            self.columns[s], self.weights[s] = np.zeros(0, np.int64), np.zeros(0)
