"""How small a change counts as none: one margin per method, in units of its score."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError, first

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def margins(margin: float | Mapping[str, float] | None, methods: list[str]) -> dict[str, float]:
    """Margin per method; NaN without one.

    Raises
    ------
    InputError
        If one number stands for several methods, a method is not compared, or a margin is not positive.
    """
    if margin is None:
        return dict.fromkeys(methods, math.nan)
    if not isinstance(margin, Mapping):
        if len(methods) > 1:
            msg = (
                f"margin is in units of the score, and {first(methods)} have different ones. "
                f"Give method=, or a dict such as margin={{{methods[0]!r}: {margin!r}}}."
            )
            raise InputError(msg)
        margin = {methods[0]: margin}
    unknown = [name for name in margin if name not in methods]
    if unknown:
        msg = f"margin names {first(unknown)}, which is not compared. Methods: {first(methods)}."
        raise InputError(msg)
    for value in margin.values():
        if isinstance(value, bool) or not isinstance(value, Real) or not 0 < value < math.inf:
            msg = f"margin is {value!r}; it has to be a positive number, in units of the score."
            raise InputError(msg)
    return {name: float(margin.get(name, math.nan)) for name in methods}


def equivalent(table: pd.DataFrame, margin: float, alpha: float) -> NDArray[np.object_]:
    """Say of each row whether it was shown to lie within the margin, or beyond; empty without one."""
    beyond = (table["ci_low"] > margin) | (table["ci_high"] < -margin)
    p = table["p_equivalence"]
    said = np.select([p.isna(), p < alpha, beyond], ["", "yes", "no"], "not shown")
    return np.asarray(said, dtype=object)
