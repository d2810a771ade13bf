"""Moderated t relative to a threshold: whether the effect is beyond a given fold change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from marrowsig._stats.moderated import moderated

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from marrowsig._stats.moderated import Shrunken
    from marrowsig._stats.ols import Array


@dataclass(frozen=True, slots=True)
class Treat:
    """One entry per gene."""

    t: Array
    """Signed distance of the estimate from the threshold over its standard error; 0 inside."""
    df: Array
    p: Array


def treat(model: Shrunken, c: ArrayLike, *, lfc: float, shared: bool = False) -> Treat:
    """Test that the contrast `c` is beyond `lfc` in either direction.

    Parameters
    ----------
    model
        From `shrink`.
    c
        One weight per coefficient.
    lfc
        Threshold in the units of the data (log2), 0 or more.
    shared
        limma's approximation to the standard errors; see `LinearFit.unscaled`.

    Source: McCarthy and Smyth 2009, doi:10.1093/bioinformatics/btp053
    """
    if not (np.isfinite(lfc) and lfc >= 0):
        msg = f"the threshold is {lfc}, expected a number >= 0"
        raise ValueError(msg)
    result = moderated(model, c, shared=shared)
    size = np.abs(result.estimate)
    with np.errstate(divide="ignore", invalid="ignore"):
        near, far = (size - lfc) / result.se, (size + lfc) / result.se
    p = special.stdtr(result.df, -near) + special.stdtr(result.df, -far)
    return Treat(t=np.sign(result.estimate) * np.maximum(near, 0), df=result.df, p=p)
