"""Residual variances of scores, drawn towards those of a panel of real signatures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError
from marrowsig._stats.ols import fit
from marrowsig._stats.prior import fit_prior

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from marrowsig._plan import Model
    from marrowsig._stats.ols import Fit

    Array = NDArray[np.float64]

LEAST = 50
"""Signatures of which the prior is told: from eight the level was 0.06 to 0.07, from 50 on 0.05 to 0.06."""


def panel_values(model: Model, table: pd.DataFrame, method: str) -> Array:
    """Scores (rows of the model x signatures) of all signatures that were scored in all of these rows.

    Raises
    ------
    InputError
        If they are fewer than `LEAST`.
    """
    values = table.to_numpy(dtype=np.float64)[model.frame["row"].to_numpy()]
    values = values[:, np.isfinite(values).all(axis=0)]
    if values.shape[1] < LEAST:
        msg = (
            f"moderate=True takes the spread of variances from a panel of {LEAST} signatures or more, and "
            f"{values.shape[1]} were scored by {method}. Score the catalogue first: ms.tl.score(adata, "
            "ms.sig.load()). Random sets will not do: their scores vary too little."
        )
        raise InputError(msg)
    return values


def borrowed(own: Fit, panel: Array, X: Array) -> Fit:
    """Shrink the variances of a fit towards those of the panel in the same model; df grows by the prior's."""
    sigma = fit(panel, X, np.eye(X.shape[1])[0]).sigma
    varies = sigma > 0
    prior = fit_prior(sigma[varies] ** 2, float(own.df))
    s2 = np.where(own.sigma > 0, prior.squeeze(own.sigma**2, float(own.df)), 0.0)
    df = min(own.df + float(prior.df), own.df * int(varies.sum()))
    return replace(own, sigma=np.sqrt(s2), se=own.k * np.sqrt(s2), df=df)
