"""The model of a contrast as a table of full rank, and the weights of the contrast on its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._stats.ols import independent

if TYPE_CHECKING:
    from marrowsig._plan import Model, Plan


def model_columns(plan: Plan, model: Model, names: pd.Index) -> tuple[pd.DataFrame, pd.Series]:
    """Give samples of `model` x its independent columns, in units of the sheet, and the weight of each.

    `names` are those of all samples of which the plan was made.
    """
    kept = independent(model.X)
    columns = pd.Index([model.columns[j] for j in kept], name="column")
    rows = pd.Index(names[model.frame["row"]], name="sample")
    weights = pd.Series((model.c(plan.contrast) * model.scale)[kept], index=columns, name="weight")
    return pd.DataFrame((model.X * model.scale)[:, kept], index=rows, columns=columns.rename(None)), weights
