"""The registry of scoring methods: what each one needs, and what it promises."""

from __future__ import annotations

from difflib import get_close_matches

import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig._method import Method
from marrowsig._originals import ORIGINALS
from marrowsig._our_methods import OURS

__all__ = ["METHODS", "Method", "get", "register", "table"]

NEEDS = ("rank", "value", "genes", "cohort")
METHODS: dict[str, Method] = {m.name: m for m in OURS}
"""Methods by name; `register` adds one. Those of other packages, whose names hold a colon, are not in it."""


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
    if name in ORIGINALS:
        return ORIGINALS[name]
    if name not in METHODS:
        near = get_close_matches(str(name).lower(), [*METHODS, *ORIGINALS], n=3)
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
        If it is no `Method`, the name is taken or unusable, or `needs` is not a known word.

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
    if not isinstance(method, Method):
        msg = f"{method!r} is not a Method. Pass ms.methods.Method(name, kernel, ...)."
        raise InputError(msg)
    if not method.name.isidentifier():
        msg = f"Method name {method.name!r} is not one word of letters, digits and underscores."
        raise InputError(msg)
    if method.needs not in NEEDS:
        msg = f"Method {method.name!r} needs {method.needs!r}. Use one of {', '.join(NEEDS)}."
        raise InputError(msg)
    taken = {f"{m.name}_{word}" for m in METHODS.values() for word in (*m.extras, "low", "high", "se")}
    if method.name in taken:
        msg = f"The name {method.name!r} is that of a further result of another method. Choose another name."
        raise InputError(msg)
    if method.name in METHODS and not replace:
        msg = f"There is a method {method.name!r} already. Choose another name, or pass replace=True."
        raise InputError(msg)
    METHODS[method.name] = method
    return method


def table() -> pd.DataFrame:
    """All methods, one per row, with what they promise.

    Names with a colon are other packages' own implementations, as they are.

    Returns
    -------
    DataFrame
        Columns method, summary, needs, per_obs, signed, weights, alone, lowest, highest, params, ref.

    Examples
    --------
    >>> import marrowsig as ms
    >>> list(ms.methods.table().query("per_obs and needs == 'rank'")["method"])
    ['singscore', 'ucell', 'aucell', 'ssgsea']
    """
    rows = [
        {
            "method": m.name,
            "summary": m.summary,
            "needs": m.needs,
            "per_obs": m.per_obs,
            "signed": m.signed,
            "weights": m.weights,
            "alone": m.alone,
            "lowest": m.limits[0],
            "highest": m.limits[1],
            "params": ", ".join(f"{k}={v!r}" for k, v in m.params.items()),
            "ref": m.ref,
        }
        for m in [*METHODS.values(), *ORIGINALS.values()]
    ]
    return pd.DataFrame(rows)


def __dir__() -> list[str]:
    return sorted(__all__)
