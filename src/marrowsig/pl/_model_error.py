"""The error that a model leaves when pairs, batches and covariates are taken out, for whiskers."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import DesignError, InputWarning
from marrowsig.pl._interval import t_quantile
from marrowsig.pl._read import of_signature

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._plan import Model
    from marrowsig.design import Design


@dataclass(frozen=True)
class ModelError:
    """Residual SD and its degrees of freedom; NaN and 0 where each arm has to speak for itself.

    `what` says what the error is, for a label, and `pairs` whether samples stand in pairs.
    """

    sd: float = float("nan")
    df: int = 0
    what: str = ""
    pairs: bool = False

    @property
    def known(self) -> bool:
        """Whether there is a model that takes anything out."""
        return self.df > 0

    def half(self, n: int) -> float:
        """Half the width of the 95 % interval of a mean of `n`."""
        return t_quantile(self.df) * self.sd / sqrt(n)


def model_error(adata: AnnData, signature: str, *, design: Design, method: str) -> ModelError:
    """Fit the model of the interaction as `ms.tl.compare` does, where it holds more than the arms."""
    if not {"pair", "unit", "batch", "covariate"} & design.columns.keys():
        return ModelError()
    alone = ModelError(what="of each arm alone", pairs=design.pair is not None)
    model = _model(adata, design)
    if model is None or not model.nuisance:
        return ModelError() if model is not None else alone
    y = of_signature(adata, signature, method).to_numpy(dtype=float)[model.frame["row"].to_numpy()]
    df = len(y) - int(np.linalg.matrix_rank(model.X))
    if not np.isfinite(y).all() or df < 1:
        return alone
    left = y - model.X @ np.linalg.lstsq(model.X, y, rcond=None)[0]
    return ModelError(sqrt(float(left @ left) / df), df, _what(model), bool(model.block))


def _model(adata: AnnData, design: Design) -> Model | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # compare gives them
        try:
            plans = design.plans(adata.obs)
        except DesignError:  # technical repeats, which the figure averages and the model refuses
            return None
    return next((plan.model for plan in plans if plan.contrast.name == "interaction"), None)


def _what(model: Model) -> str:
    batches = [field for field in model.nuisance if field.startswith("batch")]
    if model.block:  # those that pairs hold constant are taken out with the pairs
        blocks = model.frame.groupby("block")
        batches = [field for field in batches if blocks[field].nunique().max() > 1]
    within = [*(["pairs"] if model.block else []), *(["batches"] if batches else [])]
    told = [f"within {' and '.join(within)}"] if within else []
    told += ["at equal covariates"] if model.covariates else []
    return ", ".join(told)
