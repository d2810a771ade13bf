"""`Method`: a scoring method as data."""

from __future__ import annotations

import html
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Kernel = Callable[..., NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Method:
    """A scoring method and what it promises; tests hold every method to it.

    Parameters
    ----------
    name
        The word that `ms.tl.score(..., method=...)` takes.
    kernel
        `kernel(data, sets, **params)` gives an array (n_obs, n_sets), NaN where there is no score. `sets`
        holds `ptr`, `idx` and `weight` (`marrowsig._kernels.sets.Sets`); `data` is what `needs` says.
    needs
        `"rank"`: ascending ranks within a row (`.low`, `.mean`, each n_obs x n_genes), of any unit.
        `"value"`: log expression, block by block. `"genes"`: the same, and `genes=`, the moments of every
        gene over all rows, from a first pass. `"cohort"`: log expression of all rows, dense or CSR.
    per_obs
        A row's score ignores the other rows.
    signed
        Flipping the sign of every weight flips the sign of the score.
    weights
        The size of a weight counts, not only its sign.
    alone
        A signature's score ignores the other signatures of the call.
    limits
        Lowest and highest value for rows without ties.
    spread
        With `needs="genes"`: the kernel reads standard deviations, not only means.
    dense
        The kernel takes plain arrays, with `sets.idx` the columns of the matrix. Without it, it takes
        compressed rows (`marrowsig._kernels.rows.Rows`) or their ranks (`marrowsig._kernels.ranked.Ranked`).
    ref, summary
        DOI, and one line.
    params
        Options of the kernel with their defaults.
    finish
        `finish(scores, **params)` is applied once, to the scores of all rows.
    extras
        Further results by name, each from a kernel of its own; `ms.tl.score(..., extras=True)` stores them.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.methods.get("ucell").limits
    (0.0, 1.0)
    """

    name: str
    kernel: Kernel
    _: KW_ONLY
    needs: Literal["rank", "value", "genes", "cohort"]
    per_obs: bool
    signed: bool
    weights: bool
    alone: bool = True
    spread: bool = True
    limits: tuple[float, float] = (-np.inf, np.inf)
    dense: bool = True
    ref: str = ""
    summary: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    finish: Kernel | None = None
    extras: Mapping[str, Kernel] = field(default_factory=dict)

    def __repr__(self) -> str:
        facts = [
            f"needs {self.needs}", "row by row" if self.per_obs else "rows depend on each other",
            "signed" if self.signed else "falling genes count apart",
        ]  # fmt: skip
        low, high = self.limits
        facts += [f"{low:g} to {high:g}"] if np.isfinite([low, high]).all() else []
        told = f"{self.name}: {self.summary}" if self.summary else self.name
        return f"<Method {told} ({', '.join(facts)})>"

    def _repr_html_(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        lines = [repr(self)[1:-1], f"options: {options}" if options else "", self.ref]
        return "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)
