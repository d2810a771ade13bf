"""`Sets`: gene sets on one gene universe, in the compressed form that the kernels read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

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
    n_genes      columns of the matrix, also where `idx` counts only those in use
    listed_down  (n_sets,) int64, those of `listed` with a negative weight
    known        what was worked out before: parts and sets by column
    """

    names: tuple[str, ...]
    ptr: NDArray[np.int64]
    idx: NDArray[np.int64]
    weight: NDArray[np.float64]
    listed: NDArray[np.int64]
    n_genes: int
    listed_down: NDArray[np.int64]
    known: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def found(self) -> NDArray[np.int64]:
        """Members that the matrix has, per set."""
        if "size" not in self.known:
            self.known["size"] = np.diff(self.ptr)
        return self.known["size"]

    @property
    def owner(self) -> NDArray[np.int64]:
        """Set of every member (n_members,)."""
        if "owner" not in self.known:
            self.known["owner"] = np.repeat(np.arange(len(self), dtype=np.int64), self.found)
        return self.known["owner"]

    def part(self, sign: int) -> Sets:
        """Only the rising (`sign=1`) or the falling (`sign=-1`) members, each with weight 1."""
        if ("part", sign) in self.known:
            return self.known["part", sign]
        keep = self.weight * sign > 0
        ptr = np.concatenate([[0], np.cumsum(keep)])[self.ptr]
        listed = self.listed_down if sign < 0 else self.listed - self.listed_down
        idx = self.idx[keep]
        down = np.zeros_like(self.listed_down)
        part = replace(self, ptr=ptr, idx=idx, weight=np.ones(idx.size), listed=listed, listed_down=down)
        self.known["part", sign] = part
        return part

    def by_column(self, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """List the sets of each of `n` columns: ptr (n + 1,), set, weight."""
        if n not in self.known:
            order = np.argsort(self.idx, kind="stable")
            ptr = np.searchsorted(self.idx[order], np.arange(n + 1)).astype(np.int64)
            self.known[n] = (ptr, self.owner[order], self.weight[order])
        return self.known[n]

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

    def without_each(self, groups: NDArray[np.int64]) -> Sets:
        """Repeat every set without each of its groups; `groups` (n_members,) counts from 0 in a set."""
        ptr, keep, names, listed, down = [0], [], [], [], []
        for s, name in enumerate(self.names):
            members = np.arange(self.ptr[s], self.ptr[s + 1])
            of = groups[members]
            for g in range(of.max(initial=-1) + 1):
                kept, gone = members[of != g], members[of == g]
                keep.append(kept)
                ptr.append(ptr[-1] + kept.size)
                names.append(name)
                listed.append(self.listed[s] - gone.size)
                down.append(self.listed_down[s] - int((self.weight[gone] < 0).sum()))
        chosen = np.concatenate(keep) if keep else np.zeros(0, np.int64)
        return replace(
            self,
            names=tuple(names),
            ptr=np.array(ptr, np.int64),
            idx=self.idx[chosen],
            weight=self.weight[chosen],
            listed=np.array(listed, np.int64),
            listed_down=np.array(down, np.int64),
        )

    def repeated(self, times: NDArray[np.int64]) -> Sets:
        """Every set as often as `times` (n_sets,) says."""
        which = np.repeat(np.arange(len(self)), times)
        spans = [np.arange(self.ptr[s], self.ptr[s + 1]) for s in which]
        chosen = np.concatenate(spans) if spans else np.zeros(0, np.int64)
        return replace(
            self,
            names=tuple(self.names[s] for s in which),
            ptr=np.concatenate([[0], np.cumsum(self.found[which])]).astype(np.int64),
            idx=self.idx[chosen],
            weight=self.weight[chosen],
            listed=self.listed[which],
            listed_down=self.listed_down[which],
        )

    def among(self, slot: NDArray[np.int32]) -> Sets:
        """Give sets whose `idx` counts the columns in use; `slot` (n_genes,) numbers them."""
        return replace(self, idx=slot[self.idx].astype(np.int64))

    def compact(self) -> tuple[NDArray[np.int64], Sets]:
        """Give the columns that any set uses, and the sets with `idx` pointing into these columns."""
        columns, idx = np.unique(self.idx, return_inverse=True)
        return columns, replace(self, idx=idx.astype(np.int64))
