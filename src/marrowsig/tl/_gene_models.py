"""Genes are filtered, scaled and weighed for each model of a design."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError, first
from marrowsig._stats.expressed import expressed
from marrowsig._stats.linear_fit import FLAT
from marrowsig._stats.logcpm import log_cpm
from marrowsig._stats.ols import independent, residual_df
from marrowsig._stats.tmm import tmm
from marrowsig._stats.voom import voom
from marrowsig.tl._gene_model import GeneModel
from marrowsig.tl._own_sides import own_sides

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig._stats.ols import Array
    from marrowsig.tl._expression import Expression
    from marrowsig.tl._own_sides import Sides

FOLD = 3.0
"""Largest ratio of library sizes at which log2 CPM serve without weights (limma user's guide, 15.4)."""
FEW, FLAT_GENE = "not tested: too few counts", "not tested: does not vary within the arms"


class Models:
    """One model per set of rows and design matrix: contrasts of one design share theirs.

    One that averages over rows of one unit has its own, of one row per unit and side. Which genes have enough
    counts is asked with the model of the plan of the same contrast in `like`, where its rows are the same.
    """

    def __init__(self, data: Expression, like: Iterable[Plan] = ()) -> None:
        self.data = data
        self._like = {(plan.contrast.name, plan.stratum): plan.model for plan in like}
        self._made: dict[tuple[bytes, ...], GeneModel] = {}

    def of(self, plan: Plan) -> GeneModel:
        """Model of a plan that can be answered."""
        if plan.model is None:
            raise ValueError(plan.reason)
        rows = plan.model.frame["row"].to_numpy()
        sides = own_sides(plan)
        by = self._like.get((plan.contrast.name, plan.stratum)) or plan.model
        by = by if np.array_equal(by.frame["row"], rows) else plan.model
        averaged = b"" if sides is None else sides.average.tobytes()
        key = (rows.tobytes(), plan.model.X.tobytes(), by.X.tobytes(), averaged)
        if key not in self._made:
            try:
                self._made[key] = _made(self.data, rows, plan.model.X, sides, by.X)
            except ValueError as error:
                msg = f"The genes of {plan.contrast.name} cannot be tested: {error}."
                raise InputError(msg) from error
        return self._made[key]


def _made(data: Expression, rows: NDArray[np.int64], X: Array, sides: Sides | None, by: Array) -> GeneModel:
    values = data.values[rows]
    kept, why = np.ones(values.shape[1], bool), np.full(values.shape[1], "", dtype=object)
    size, weights, fold = None, None, np.nan
    if data.counts:
        kept = expressed(values, design=by)
        why[~kept] = FEW
        totals = values[:, kept].sum(axis=1)
        fold = float(totals.max() / totals.min()) if kept.any() and totals.min() > 0 else np.inf
        size = totals * tmm(values[:, kept]) if kept.any() else None
    log = values[:, kept] if size is None else log_cpm(values[:, kept], lib_size=size)
    Y = log
    if size is not None and (data.test == "voom" or (data.test == "auto" and fold >= FOLD)):
        weighted = voom(values[:, kept], X, lib_size=size)
        Y, weights = weighted.E, weighted.weights
    varies, all_rows = _varies(Y, X), None
    if sides is not None:
        all_rows, weights = (log, X), None if weights is None else sides.precision(weights)
        Y, log, X = sides.average @ Y, sides.average @ log, sides.X
        varies &= _varies(Y, X)
    why[np.flatnonzero(kept)[~varies]] = FLAT_GENE
    kept[kept] = varies
    columns = independent(X)
    return GeneModel(
        kept=kept, why=why, Y=Y[:, varies], log=log[:, varies],
        weights=None if weights is None else weights[:, varies],
        X=X[:, columns], columns=columns, fold=fold, words=_words(data, weights), robust=data.robust,
        vector=None if sides is None else sides.c[columns],
        of_rows=None if all_rows is None else (all_rows[0][:, varies], all_rows[1]),
    )  # fmt: skip


def told_of_flat(models: dict[str, GeneModel]) -> str:
    """Say in which contrasts genes were not tested because they do not vary; empty where all do."""
    n = {name: int((model.why == FLAT_GENE).sum()) for name, model in models.items()}
    n = {name: k for name, k in n.items() if k}
    if not n:
        return ""
    size = len(next(iter(models.values())).why)
    told = f"{first((f'{k:,} in {name}' for name, k in n.items()), 3)}, of {size:,} genes"
    return (
        f"Genes that do not vary within the arms are not tested ({told}): their p is NaN, as in genes at the "
        "floor of an array or without reads, and they are in no prior of the variance. Leave them out in "
        "limma too where results are compared."
    )


def _varies(Y: Array, X: Array) -> NDArray[np.bool_]:
    """Genes with residuals beyond rounding."""
    residual = Y - X @ (np.linalg.pinv(X) @ Y)
    size = np.abs(Y).max(axis=0, initial=0)
    return np.asarray(np.sqrt((residual**2).sum(axis=0) / residual_df(X)) > FLAT * size)


def _words(data: Expression, weights: Array | None) -> str:
    if weights is not None:
        return "voom on counts (filterByExpr, TMM)"
    return f"variance trend on {data.scale}{' (filterByExpr, TMM)' if data.counts else ''}"
