"""The model matrix of a formula, with the references that were named and no others."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._errors import DesignError, first

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

BACKTICKS = "A column whose name holds blanks or signs stands between backticks: '~ `my group` + donor'."
MOST = 100_000
"""Combinations of levels over which a mean is averaged."""


def variables(formula: str) -> list[str]:
    """Columns that the formula names, in alphabetical order.

    Raises
    ------
    DesignError
        If it cannot be read, or has a left-hand side.
    """
    return sorted(str(name) for name in _parsed(formula).required_variables)


def terms(formula: str) -> list[set[str]]:
    """Columns and calls that each term of the formula joins."""
    return [{str(factor) for factor in term.factors} for term in _parsed(formula)]


def columns_of_terms(formula: str) -> list[set[str]]:
    """Columns that each term of the formula uses, by itself or in a call."""
    return [_used(term) for term in _parsed(formula)]


def without_column(formula: str, column: str, *, factors: Collection[str]) -> str:
    """Write the formula without the terms that use a column; `factors` are the others that hold levels.

    The first factor holds the intercept where there is none; without a factor it is put in.

    >>> without_column("~ 0 + batch + line:`my arm` + np.log(dose)", "batch", factors=["line", "my arm"])
    '~ 0 + np.log(dose) + line:`my arm`'
    """
    kept = [term for term in _parsed(formula) if column not in _used(term)]
    written = [":".join(map(_written, term.factors)) for term in kept]
    named = [text for text in written if text != "1"]
    spanned = "1" not in written and any(_used(term) & {*factors} for term in kept)
    return f"~ {' + '.join([*(['0'] if spanned else []), *named]) or '1'}"


def _used(term: Any) -> set[str]:
    from formulaic import Formula

    return set(map(str, Formula([term]).required_variables))


def _written(factor: Any) -> str:
    """Write a factor of a term as it is typed: a column between backticks where its name needs them."""
    text, how = str(factor), factor.eval_method.value
    if how == "lookup":
        return text if text.isidentifier() else f"`{text}`"
    return text if how == "literal" or re.fullmatch(r"[\w.]+\(.*\)", text) else f"{{{text}}}"


def _plain(told: str) -> str:
    """Say in plain words what is wrong, and how names of columns are written that hold blanks or signs."""
    if between := re.match(r"Missing operator between `(.+)` and `(.+)`", told):
        told = f"there is no sign between {between[1]!r} and {between[2]!r}."
    elif sign := re.match(r"Operator `(.)(.?)[^`]*` has insuf", told):
        told = f"nothing stands beside the sign {sign[1]!r}{' but another' if sign[2] else ''}."
    return f"{told} {BACKTICKS}"


def _parsed(formula: str) -> Any:
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    try:
        parsed = Formula(formula)
    except (FormulaicError, SyntaxError) as error:
        msg = f"The formula {formula!r} cannot be read: {_plain(str(error).splitlines()[0])}"
        if bar := re.search(r"\|\s*([\w.]+)", formula):
            msg = (
                f"The formula {formula!r} asks for a random effect, which is not offered. What recurs is "
                f"a term, '+ {bar[1]}', with its reference in levels=, or pair={bar[1]!r} of ms.Design."
            )
        raise DesignError(msg) from error
    if not hasattr(parsed, "get_model_matrix") or hasattr(parsed, "lhs"):
        msg = f"{formula!r} is no right-hand side alone. Write one, such as '~ line * culture'."
        raise DesignError(msg)
    return parsed


@dataclass(frozen=True)
class Matrix:
    """Model matrix of `data`; columns are scaled to norm one, `scale` times the formula's coefficients."""

    X: Array
    names: list[str]
    scale: Array
    spec: Any
    data: pd.DataFrame
    at: Mapping[str, float]
    """Values at which cells are compared, of numeric columns; others stand at their mean."""

    @property
    def factors(self) -> dict[str, list[str]]:
        """Categorical columns of `data` with their levels."""
        return {
            str(name): [str(level) for level in self.data[name].cat.categories]
            for name in self.data
            if isinstance(self.data[name].dtype, pd.CategoricalDtype)
        }

    @property
    def terms(self) -> list[set[str]]:
        """Columns of `data` that each term of the formula joins."""
        return [set(map(str, variables)) for variables in self.spec.term_variables.values()]

    def columns_of(self, name: str) -> NDArray[np.bool_]:
        """Columns of X that belong to terms with a column of `data`."""
        held = np.zeros(len(self.names), dtype=bool)
        for term, variables in self.spec.term_variables.items():
            held[self.spec.term_indices[term]] = name in set(map(str, variables))
        return held

    def coefficients(self, weights: dict[str, float]) -> Array:
        """Lay weights of named coefficients on the columns of X."""
        c = np.zeros(len(self.names))
        for name, weight in weights.items():
            c[self.names.index(name)] = weight
        return c / self.scale

    def value(self, name: Any) -> float:
        """Value of a numeric column at which cells are compared."""
        return float(self.at.get(str(name), self.data[name].mean()))

    def depends(self, cells: Iterable[dict[str, str]], weights: Iterable[float]) -> list[str]:
        """Numeric columns whose value changes a contrast of cells."""
        cells, weights = list(cells), list(weights)
        numeric = [str(n) for n in self.data if not isinstance(self.data[n].dtype, pd.CategoricalDtype)]
        if not numeric:
            return []
        now = sum(w * self.mean(cell) for cell, w in zip(cells, weights, strict=True))
        found = []
        for name in numeric:
            spread = float(np.ptp(self.data[name].to_numpy())) or 1.0
            moved = replace(self, at={**self.at, name: self.value(name) + spread})
            then = sum(w * moved.mean(cell) for cell, w in zip(cells, weights, strict=True))
            if not np.allclose(now, then, rtol=0, atol=1e-9 * float(np.abs(then).max())):
                found.append(name)
        return found

    def mean(self, cell: dict[str, str]) -> Array:
        """Row of X that stands for the mean of a cell, other factors averaged with equal weight."""
        others = {
            name: list(self.data[name].cat.categories)
            for name in self.data
            if isinstance(self.data[name].dtype, pd.CategoricalDtype) and name not in cell
        }
        if prod(map(len, others.values())) > MOST:
            msg = f"The factors {first(others)} have too many combinations to average over. Name fewer."
            raise DesignError(msg)
        rows = [cell | dict(zip(others, levels, strict=True)) for levels in product(*others.values())]
        numeric = {name: self.value(name) for name in self.data if name not in others | cell}
        grid = pd.DataFrame(rows, index=range(len(rows))).assign(**numeric)
        for name in others | cell:
            grid[name] = pd.Categorical(grid[name], categories=self.data[name].cat.categories)
        return _values(self.spec.get_model_matrix(grid)).mean(axis=0) / self.scale


def matrix(formula: str, data: pd.DataFrame, *, at: Mapping[str, float] | None = None) -> Matrix:
    """Lay out the formula on `data`, whose categorical columns list their reference first.

    Raises
    ------
    DesignError
        If a term cannot be computed, is not finite, or codes a factor by itself; if `at` names another
        column than a numeric one of the formula.
    """
    from formulaic.errors import FormulaicError

    numeric = [str(name) for name in data if not isinstance(data[name].dtype, pd.CategoricalDtype)]
    wrong = [name for name in at or {} if name not in numeric]
    if wrong:
        seen = first(numeric) or "none"
        msg = f"at= names {first(wrong)}; the numeric columns of the formula {formula!r}: {seen}."
        raise DesignError(msg)
    parsed = _parsed(formula)
    try:
        with np.errstate(all="ignore"):  # what is not finite is told below
            found = parsed.get_model_matrix(data, context={}, na_action="ignore")
    except (FormulaicError, SyntaxError, TypeError, ValueError, AttributeError) as error:
        msg = f"The formula {formula!r} cannot be computed: {' '.join(str(error).split())}"
        raise DesignError(msg) from error
    own = [str(factor) for factor in found.model_spec.factor_contrasts if str(factor) not in data]
    if own:
        msg = (
            f"{first(own)} codes its own levels. Write the column by itself, and give its levels in levels=."
        )
        if own[0].startswith("Q("):
            msg = BACKTICKS.replace("A column", f"{own[0]} is not needed: a column")
        raise DesignError(msg)
    X = _values(found)
    names = [str(name) for name in found.model_spec.column_names]
    broken = [name for name, column in zip(names, X.T, strict=True) if not np.isfinite(column).all()]
    if broken:
        msg = f"The terms {first(broken)} are not finite numbers in all {len(X)} rows. Change them."
        raise DesignError(msg)
    norm = np.sqrt((X**2).sum(axis=0))
    scale = np.where(norm > 0, norm, 1.0)
    return Matrix(X / scale, names, scale, found.model_spec, data, at or {})


def _values(found: Any) -> Array:
    return np.asarray(found, dtype=np.float64)
