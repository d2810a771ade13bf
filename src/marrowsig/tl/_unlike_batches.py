"""Effects that differ between batches: one effect over all of them says little of any."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import special

from marrowsig._p_values import p_equals

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from marrowsig._plan import Plan

    Array = NDArray[np.float64]

LEVEL = 0.01
LEAST = 2  # residual degrees of freedom beyond the effects by batch


class Test(NamedTuple):
    """F of effect x batch, one entry per column of scores."""

    f: Array
    df1: int
    df2: int
    p: Array


def unlike_batches(
    plans: list[Plan], scored: Mapping[str, pd.DataFrame], columns: Mapping[str, str]
) -> list[list[str]]:
    """Contrast, stratum, sentence, method and signature of every effect that differs between batches."""
    found = []
    for plan in plans:
        if plan.model is None:
            continue
        for field in (name for name in plan.model.nuisance if name.startswith("batch")):
            for method, table in scored.items():
                Y = table.to_numpy(dtype=np.float64)[plan.model.frame["row"].to_numpy()]
                test = effect_by_batch(plan, field, Y)
                if test is None:
                    continue
                found += [
                    [plan.contrast.name, plan.stratum, _told(test, j, columns[field]), method, str(id)]
                    for j, id in enumerate(table.columns)
                    if test.p[j] < LEVEL
                ]
    return found


def effect_by_batch(plan: Plan, field: str, Y: Array) -> Test | None:
    """Test whether the contrast's effect is one in all batches; None where the samples cannot tell."""
    model = plan.model
    if model is None:
        raise ValueError(plan.reason)
    side = np.array([plan.contrast.weights.get(arm, 0.0) for arm in model.frame["arm"]])
    batch = model.frame[field].to_numpy()
    own = side[:, None] * (batch[:, None] == np.array(sorted(set(batch)), dtype=object))
    small, large = _basis(model.X), _basis(np.column_stack([model.X, own]))
    df1, df2 = large.shape[1] - small.shape[1], len(Y) - large.shape[1]
    if df1 < 1 or df2 < LEAST:
        return None
    rest = ((Y - large @ (large.T @ Y)) ** 2).sum(axis=0)
    gain = ((Y - small @ (small.T @ Y)) ** 2).sum(axis=0) - rest
    flat = rest <= 1e-24 * np.maximum((Y**2).sum(axis=0), 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        f = np.where(flat, np.nan, np.maximum(gain, 0.0) / df1 / (rest / df2))
    return Test(f, df1, df2, special.fdtrc(df1, df2, f))


def _basis(X: Array) -> Array:
    """Orthonormal columns that span those of `X`."""
    U, size, _ = np.linalg.svd(X, full_matrices=False)
    return np.asarray(U[:, size > 1e-10 * size[0]])


def _told(test: Test, j: int, column: str) -> str:
    return (
        f"The effect differs between levels of {column!r} (F({test.df1}, {test.df2}) = "
        f"{test.f[j]:.3g}, {p_equals('p', test.p[j])}), and batch= gives one for all: where these "
        "are studies or laboratories, use ms.tl.meta, else look at each level"
    )
