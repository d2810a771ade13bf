"""A linear model of the genes that can be tested, and what tests need of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._stats.linear_fit import fit
from marrowsig._stats.moderated import Moderated, moderated, shrink
from marrowsig._stats.rotation import rotate
from marrowsig._stats.signature_test import MIN_GENES, trend_scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig._stats.moderated import Shrunken
    from marrowsig._stats.ols import Array


@dataclass(frozen=True)
class GeneModel:
    """The genes that can be tested in some rows of the study, and their linear model."""

    kept: NDArray[np.bool_]
    """(n_genes,): tested or not."""
    why: NDArray[np.object_]
    """(n_genes,): reason for each gene that is not."""
    Y: Array
    """samples (or averages of a unit's) x kept genes: log expression, or log2 CPM."""
    log: Array
    """The same for tests without weights: log2 CPM with a prior count of 2 where `Y` is of voom."""
    weights: Array | None
    X: Array
    """Of full rank: columns that repeat others are dropped."""
    columns: NDArray[np.int64]
    """Those that are left."""
    fold: float
    """Largest over smallest library; NaN for log expression."""
    words: str
    robust: bool
    vector: Array | None = None
    """The contrast on the columns that are left, where `Y` are averages for it."""
    of_rows: tuple[Array, Array] | None = None
    """Log expression and design of all rows, where `Y` are averages of them: the scale is of these."""

    @cached_property
    def shrunken(self) -> Shrunken:
        """Coefficients with moderated variances; the prior follows the expression unless voom did that."""
        model = fit(self.Y, self.X, weights=self.weights)
        return shrink(model, trend=self.weights is None, robust=self.robust)

    @cached_property
    def residual(self) -> Array:
        """Residuals of every kept gene in coordinates that are independent, of one variance."""
        one = np.eye(self.X.shape[1])[0]
        return rotate(self.Y, self.X, one, weights=self.weights).residual

    @cached_property
    def scale(self) -> Array:
        """Expected SD of every kept gene; ones where there are too few genes to expect any."""
        few = self.log.shape[1] < MIN_GENES
        return np.ones(self.log.shape[1]) if few else trend_scale(*(self.of_rows or (self.log, self.X)))

    def c(self, plan: Plan) -> Array:
        """Contrast on the columns that are left: an estimable one keeps its value there."""
        if plan.model is None:  # never asked for
            raise ValueError(plan.reason)
        if self.vector is not None:
            return self.vector
        return plan.model.c(plan.contrast)[self.columns]

    def moderated(self, plan: Plan) -> Moderated:
        """Moderated t of every kept gene."""
        return moderated(self.shrunken, self.c(plan))

    def told(self) -> dict[str, Any]:
        """Say in numbers what was done; of a prior that varies between genes the median."""
        prior = self.shrunken.prior if self.kept.any() else None
        return {
            "test": "voom" if self.weights is not None else "trend",
            "genes": int(self.kept.size),
            "genes_kept": int(self.kept.sum()),
            "library_fold": self.fold,
            "prior_df": float(np.median(prior.df)) if prior else np.nan,
            "prior_s2": float(np.median(prior.s2)) if prior else np.nan,
        }
