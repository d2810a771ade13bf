"""`Sets`: gene sets on one gene universe, in the compressed form that the kernels read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Sets:
    """Members of set `s` are columns `idx[ptr[s]:ptr[s + 1]]`, in the order of the signature.

    names        one id per set
    ptr          (n_sets + 1,) int64
    idx          (n_members,) int64, column of the matrix
    weight       (n_members,) float64, signed
    listed       (n_sets,) int64, distinct genes of the signature, measured or not
    n_genes      columns of the matrix
    listed_down  (n_sets,) int64, those of `listed` with a negative weight
    """

    names: tuple[str, ...]
    ptr: NDArray[np.int64]
    idx: NDArray[np.int64]
    weight: NDArray[np.float64]
    listed: NDArray[np.int64]
    n_genes: int
    listed_down: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def found(self) -> NDArray[np.int64]:
        """Members that the matrix has, per set."""
        return np.diff(self.ptr)

    def part(self, sign: int) -> Sets:
        """Only the rising (`sign=1`) or the falling (`sign=-1`) members, each with weight 1."""
        keep = self.weight * sign > 0
        ptr = np.concatenate([[0], np.cumsum(keep)])[self.ptr]
        listed = self.listed_down if sign < 0 else self.listed - self.listed_down
        idx = self.idx[keep]
        down = np.zeros_like(self.listed_down)
        return replace(self, ptr=ptr, idx=idx, weight=np.ones(idx.size), listed=listed, listed_down=down)

    def take(self, keep: NDArray[np.bool_]) -> Sets:
        """Only the sets that `keep` (n_sets,) marks."""
        member = np.repeat(keep, self.found)
        return replace(
            self,
            names=tuple(n for n, k in zip(self.names, keep, strict=True) if k),
            ptr=np.concatenate([[0], np.cumsum(self.found[keep])]).astype(np.int64),
            idx=self.idx[member],
            weight=self.weight[member],
            listed=self.listed[keep],
            listed_down=self.listed_down[keep],
        )

    def compact(self) -> tuple[NDArray[np.int64], Sets]:
        """Give the columns that any set uses, and the sets with `idx` pointing into these columns."""
        columns, idx = np.unique(self.idx, return_inverse=True)
        return columns, replace(self, idx=idx.astype(np.int64))
