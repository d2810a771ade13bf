"""Scores of the study's samples, and of blasts into which stroma was mixed, on all genes or on some."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._sets import index_sets
from marrowsig._stats.mixing import PSEUDO, mixed
from marrowsig.qc._random_scores import scores_by_row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets
    from marrowsig.methods import Method
    from marrowsig.sig import SignatureSet

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scorer:
    """One method and some signatures on the genes that `keep` marks.

    enough  (n_signatures,) those that have enough genes to be scored; the others get NaN
    """

    method: Method
    names: list[str]
    sets: Sets
    enough: NDArray[np.bool_]
    keep: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        method: Method,
        sigs: SignatureSet,
        genes: list[str],
        keep: NDArray[np.bool_],
        least: NDArray[np.int64],
    ) -> Scorer:
        """Find the signatures among the genes that are kept; `least` genes of each have to be there."""
        names = [gene for gene, k in zip(genes, keep, strict=True) if k]
        sets, _ = index_sets(sigs, names)
        return cls(method, names, sets, sets.found >= np.maximum(least, 1), keep)

    @property
    def found(self) -> NDArray[np.int64]:
        """Genes per signature."""
        return self.sets.found

    def only(self, s: int) -> Scorer:
        """Keep one signature."""
        here = np.arange(len(self.sets)) == s
        return replace(self, sets=self.sets.take(here), enough=self.enough[here])

    def scores(self, values: Array) -> Array:
        """Scores (n, n_signatures) of expression per million (n, n_genes)."""
        out = np.full((len(values), len(self.sets)), np.nan)
        some = self.sets.take(self.enough)
        if len(some) and len(values):
            logs = np.log2(values[:, self.keep] + PSEUDO)
            out[:, self.enough] = scores_by_row(logs, self.method, some, self.names)
        return out

    def frame(self, values: Array, rows: NDArray[np.int64], n: int) -> pd.DataFrame:
        """Scores as a frame of `n` rows, of which `rows` have values; what the models of a design read."""
        full = np.full((n, len(self.sets)), np.nan)
        full[rows] = self.scores(values)
        return pd.DataFrame(full, columns=list(self.sets.names))

    def lift(self, base: Array, stroma: Array, shares: Array) -> Array:
        """Change of the scores (n_shares, n_signatures) when shares of stroma are mixed into one profile."""
        both = self.scores(np.vstack([base[None], self.blend(base, stroma, shares)]))
        return both[1:] - both[0]

    @staticmethod
    def blend(base: Array, stroma: Array, shares: Array) -> Array:
        """Mix; genes whose level in stroma is not known keep theirs."""
        return mixed(base[None], np.where(np.isnan(stroma), base, stroma)[None], shares)
