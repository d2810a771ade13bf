"""Every model that was tested, one below the other, and the weights of each contrast, as limma takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._model_columns import model_columns
from marrowsig.tl._own_contrasts import by_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marrowsig._plan import Plan

ALL_ROWS = "least squares"
HEAD = ("model", "sample")


def model_tables(plans: Sequence[Plan], names: pd.Index) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of all models, numbered from 1, and the weights of each contrast that could be estimated.

    A column that a model does not have is empty in its rows. `fit` of a contrast is "least squares" where
    its p is that of the model, and says what it is of where it is another.
    """
    models: list[pd.DataFrame] = []
    weighed: list[dict[str, Any]] = []
    for plan in plans:
        if plan.model is None:
            continue
        X, c = model_columns(plan, plan.model, names)
        X.columns = c.index = pd.Index([f"{name}_" if name in HEAD else name for name in X.columns])
        number = next((k for k, other in enumerate(models, start=1) if X.equals(other)), 0)
        if not number:
            models.append(X)
            number = len(models)
        fit = f"t of one number per {plan.unit!r}" if by_units(plan) else ALL_ROWS
        told = {"contrast": plan.contrast.name, "stratum": plan.stratum, "model": number, "fit": fit}
        weighed.append(told | c.to_dict())
    if not models:
        return pd.DataFrame(columns=list(HEAD)), pd.DataFrame(columns=["contrast", "stratum", "model", "fit"])
    rows = [X.reset_index(names="sample").assign(model=k) for k, X in enumerate(models, start=1)]
    design = pd.concat(rows, ignore_index=True)
    return design[[*HEAD, *(c for c in design.columns if c not in HEAD)]], pd.DataFrame(weighed)
