"""Arguments that other tools have under another name: the refusal says what they are called here."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

P = ParamSpec("P")
R = TypeVar("R")

_DESIGN = {
    "culture= (the column of what is compared), with mono= and co= as its levels": (
        "condition", "conditions", "group", "groups", "groupby", "group_by", "factor",
    ),
    "line=, with parental= and resistant= as its levels": ("genotype", "resistance", "cell_line"),
    "mono= (of a line: parental=)": ("reference", "control", "base", "baseline", "ref"),
    "co= (of a line: resistant=)": ("test", "case", "contrast"),
    "inhibitor=, with vehicle= as the untreated level": ("treatment", "drug"),
    "pair= where a donor gives samples to several arms, else unit=": (
        "donor", "patient", "subject", "replicate", "block", "individual",
    ),
    "unit= (the column of donors or cultures)": ("sample", "sample_col", "sample_id"),
    "compartment=": ("cell_type", "celltype", "cluster", "groups_col"),
    "time=": ("timepoint", "day"),
    "batch=": ("batches", "plate", "run"),
    "covariates=": ("covariate",),
    "it to ms.Design.from_formula(formula, levels=..., contrasts=...)": ("formula", "design"),
}  # fmt: skip
_SUMS = {
    "unit= (the column of donors or independent cultures), and by= the columns of arms and cell types": (
        "groupby", "group_by", "groups", "groups_col", "sample", "sample_col", "sample_id", "donor",
        "patient", "condition", "cell_type",
    ),
    "min_cells=": ("min_counts", "min_n"),
}  # fmt: skip
OF_DESIGN = {word: meant for meant, words in _DESIGN.items() for word in words}
OF_PSEUDOBULK = {word: meant for meant, words in _SUMS.items() for word in words}


def other_words(words: Mapping[str, str]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function answer an argument that it does not have with the one that is meant.

    `words` maps what other tools say to what to type here. Signature, types and results stay as they are.
    """

    def around(function: Callable[P, R]) -> Callable[P, R]:
        known = tuple(inspect.signature(function).parameters)

        @functools.wraps(function)
        def called(*args: P.args, **kwargs: P.kwargs) -> R:
            unknown = next((name for name in kwargs if name not in known), None)
            if unknown is not None:
                name = function.__qualname__.removesuffix(".__init__")
                meant = words.get(unknown.lower(), "")
                said = f"Give {meant}." if meant else f"It has: {', '.join(k for k in known if k != 'self')}."
                msg = f"{name}() has no argument {unknown!r}. {said}"
                raise TypeError(msg)
            return function(*args, **kwargs)

        return called

    return around
