"""A design with one column more or less."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._arms import as_text
from marrowsig._covariates import NEAR, standardised
from marrowsig._errors import DesignError, InputError, InputWarning, first
from marrowsig._formula_nuisance import nuisances, takes_rows_out, without
from marrowsig._stats.ols import residual_df
from marrowsig.design import Design

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from marrowsig._formula import FormulaDesign
    from marrowsig._plan import Plan


def with_covariate(design: Design | FormulaDesign, column: str) -> Design | FormulaDesign:
    """Add a numeric column."""
    if isinstance(design, Design):
        return replace(design, covariates=[*listed(design.covariates), column])
    return replace(design, formula=f"{design.formula} + `{column}`")


def with_score(plan: Plan, values: NDArray[np.float64], what: str) -> Plan:
    """Add a score (n_obs,) as a covariate to the model of one plan."""
    model = plan.model
    if model is None:
        return plan
    own = pd.Series(values[model.frame["row"].to_numpy()])
    z = standardised(own)
    left = z - model.X @ (np.linalg.pinv(model.X) @ z)
    if np.linalg.norm(left) <= NEAR * max(float(np.linalg.norm(z)), 1.0):
        reason = f"the score of {what} cannot be told apart from the arms and the other columns of the model"
        return replace(plan, model=None, reason=reason)
    X = np.hstack([model.X, z])
    if residual_df(X) < 1:
        reason = f"{len(X)} rows leave no degrees of freedom beside the score of {what}"
        return replace(plan, model=None, reason=reason)
    return replace(plan, model=model.widened(X))


def with_batch(design: Design | FormulaDesign, column: str, obs: pd.DataFrame) -> Design | FormulaDesign:
    """Add a column of categories."""
    if isinstance(design, Design):
        return replace(design, batch=[*design.batches, column])
    levels = {**design.levels, column: sorted(as_text(obs[column]).dropna().unique())}
    return replace(design, formula=f"{design.formula} + `{column}`", levels=levels)


def without_each(
    design: Design | FormulaDesign, obs: pd.DataFrame
) -> Iterator[tuple[str, str, Design | FormulaDesign]]:
    """Take out each batch and each covariate: role, column, and the design that is left.

    Of a formula those that no contrast is about, and whose levels leave no rows out.
    """
    if not isinstance(design, Design):
        for role, column in nuisances(design, obs):
            if not takes_rows_out(design, obs, column):
                yield role, column, without(design, column)
        return
    for column in design.batches:
        yield "batch", column, replace(design, batch=_others(design.batches, column))
    covariates = listed(design.covariates)
    for column in covariates:
        yield "covariate", column, replace(design, covariates=_others(covariates, column))


def without_all(design: Design | FormulaDesign, columns: Sequence[str]) -> Design | FormulaDesign:
    """Take out all of these batches and covariates."""
    if isinstance(design, Design):
        left = [[c for c in own if c not in columns] for own in (design.batches, listed(design.covariates))]
        return replace(design, batch=left[0] or None, covariates=left[1] or None)
    for column in columns:
        design = without(design, column)
    return design


def _others(columns: tuple[str, ...], column: str) -> list[str] | None:
    return [other for other in columns if other != column] or None


def further(design: Design | FormulaDesign, obs: pd.DataFrame, asked: Any, role: str) -> list[str]:
    """Check that further columns are there, and not yet in the design.

    Raises
    ------
    InputError
        If they are not.
    """
    names = list(listed(asked))
    lost = [name for name in names if name not in obs]
    if lost:
        msg = f"{role}= names {first(map(repr, lost))}, which obs lacks. It has: {first(obs.columns, 12)}."
        raise InputError(msg)
    used = [name for name in names if name in design.columns.values()]
    if used:
        msg = f"{role}= names {first(map(repr, used))}, which the design has already. Leave it out here."
        raise InputError(msg)
    return names


def quiet_plans(design: Design | FormulaDesign, obs: pd.DataFrame) -> tuple[list[Plan], str]:
    """Plans of a design, or why there are none; warnings were given for the design as it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        try:
            return design.plans(obs), ""
        except DesignError as error:
            return [], str(error).rstrip(".")


def listed(columns: Any) -> tuple[str, ...]:
    """Names of columns, given as one name, several or none."""
    if columns is None:
        return ()
    return (columns,) if isinstance(columns, str) else tuple(columns)
