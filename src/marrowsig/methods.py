"""The registry of scoring methods: what each one needs, and what it promises."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig._kernels.mean import mean
from marrowsig._kernels.singscore import singscore
from marrowsig._kernels.ssgsea import ssgsea
from marrowsig._kernels.ucell import ucell
from marrowsig._kernels.zscore import zscore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Kernel = Callable[..., NDArray[np.float64]]

__all__ = ["METHODS", "Method", "get", "register", "table"]

NEEDS = ("rank", "value", "cohort")


@dataclass(frozen=True, slots=True)
class Method:
    """A scoring method and what it promises; tests hold every method to it.

    Parameters
    ----------
    name
        The word that `ms.tl.score(..., method=...)` takes.
    kernel
        `kernel(data, sets, **params)` gives an array (n_obs, n_sets), NaN where there is no score. `data` is
        what `needs` says; `sets` holds `ptr`, `idx` and `weight` (`marrowsig._kernels.sets.Sets`).
    needs
        `"rank"`: ascending ranks within a row (`.low`, `.mean`, each n_obs x n_genes), of any unit.
        `"value"`: log expression, block by block. `"cohort"`: log expression of all rows, dense or CSR.
    per_obs
        A row's score ignores the other rows.
    signed
        Flipping the sign of every weight flips the sign of the score.
    weights
        The size of a weight counts, not only its sign.
    limits
        Lowest and highest value for rows without ties.
    ref, summary
        DOI, and one line.
    params
        Options of the kernel with their defaults.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.methods.get("ucell").limits
    (0.0, 1.0)
    """

    name: str
    kernel: Kernel
    _: KW_ONLY
    needs: Literal["rank", "value", "cohort"]
    per_obs: bool
    signed: bool
    weights: bool
    limits: tuple[float, float] = (-np.inf, np.inf)
    ref: str = ""
    summary: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


METHODS: dict[str, Method] = {
    m.name: m
    for m in (
        Method(
            name="singscore",
            kernel=singscore,
            needs="rank",
            per_obs=True,
            signed=True,
            weights=False,
            limits=(-1.0, 1.0),
            ref="doi:10.1186/s12859-018-2435-4",
            summary="mean rank of the genes, between its lowest and highest possible value",
            params={"ties": "min", "center": True},
        ),
        Method(
            name="ucell",
            kernel=ucell,
            needs="rank",
            per_obs=True,
            signed=False,
            weights=False,
            limits=(0.0, 1.0),
            ref="doi:10.1016/j.csbj.2021.06.043",
            summary="Mann-Whitney U among the top ranks, falling genes subtracted, not below 0",
            params={"max_rank": 1500, "w_neg": 1.0, "missing": "impute"},
        ),
        Method(
            name="ssgsea",
            kernel=ssgsea,
            needs="rank",
            per_obs=True,
            signed=True,
            weights=False,
            limits=(-2.0, 2.0),
            ref="doi:10.1038/nature08460",
            summary="enrichment score over the ranked genes, expected over ties / number of genes",
            params={"alpha": 0.25, "ties": "average", "normalize": "genes"},
        ),
        Method(
            name="zscore",
            kernel=zscore,
            needs="cohort",
            per_obs=False,
            signed=True,
            weights=True,
            ref="doi:10.1371/journal.pcbi.1000217",
            summary="sum of w z over the genes / sqrt(sum w^2), z over all samples of the call",
        ),
        Method(
            name="mean",
            kernel=mean,
            needs="value",
            per_obs=True,
            signed=True,
            weights=True,
            summary="sum of w x over the genes / sum |w|, in the unit of x",
        ),
    )
}


def get(name: str) -> Method:
    """Find a method by its name.

    Raises
    ------
    InputError
        If there is none of that name.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.methods.get("singscore").needs
    'rank'
    """
    if name not in METHODS:
        near = get_close_matches(str(name).lower(), METHODS, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {first(METHODS)}."
        msg = f"No scoring method {name!r}. {hint} See ms.methods.table()."
        raise InputError(msg)
    return METHODS[name]


def register(method: Method, *, replace: bool = False) -> Method:
    """Add a method of your own, so that `ms.tl.score(..., method=<its name>)` finds it.

    Parameters
    ----------
    method
        Its kernel takes arrays and gives an array; see `Method`.
    replace
        Allow a name that is taken.

    Raises
    ------
    InputError
        If the name is taken or unusable, or `needs` is not a known word.

    Examples
    --------
    >>> import marrowsig as ms
    >>> import numpy as np
    >>> def share(x, sets):
    ...     cut = [x[:, sets.idx[a:b]] > 0 for a, b in zip(sets.ptr, sets.ptr[1:])]
    ...     return np.column_stack([c.mean(axis=1) if c.size else np.full(len(x), np.nan) for c in cut])
    >>> mine = ms.methods.Method("share", share, needs="value", per_obs=True, signed=False, weights=False)
    >>> ms.methods.register(mine).name
    'share'
    >>> del ms.methods.METHODS["share"]
    """
    if not method.name.isidentifier():
        msg = f"Method name {method.name!r} is not one word of letters, digits and underscores."
        raise InputError(msg)
    if method.needs not in NEEDS:
        msg = f"Method {method.name!r} needs {method.needs!r}. Use one of {', '.join(NEEDS)}."
        raise InputError(msg)
    if method.name in METHODS and not replace:
        msg = f"There is a method {method.name!r} already. Choose another name, or pass replace=True."
        raise InputError(msg)
    METHODS[method.name] = method
    return method


def table() -> pd.DataFrame:
    """All methods, one per row, with what they promise.

    Returns
    -------
    DataFrame
        Columns method, summary, needs, per_obs, signed, weights, lowest, highest, params, ref.

    Examples
    --------
    >>> import marrowsig as ms
    >>> list(ms.methods.table().query("per_obs")["method"])
    ['singscore', 'ucell', 'ssgsea', 'mean']
    """
    rows = [
        {
            "method": m.name,
            "summary": m.summary,
            "needs": m.needs,
            "per_obs": m.per_obs,
            "signed": m.signed,
            "weights": m.weights,
            "lowest": m.limits[0],
            "highest": m.limits[1],
            "params": ", ".join(f"{k}={v!r}" for k, v in m.params.items()),
            "ref": m.ref,
        }
        for m in METHODS.values()
    ]
    return pd.DataFrame(rows)
