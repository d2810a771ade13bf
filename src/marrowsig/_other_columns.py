"""What a run would have found without a batch or covariate of its design."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pandas as pd

from marrowsig._calls import Calls
from marrowsig._errors import CoverageWarning, DesignError, GeneWarning, InputError, InputWarning
from marrowsig._not_of_formula import NO_ROLES
from marrowsig._repeats import is_formula
from marrowsig._two_ways import contrasts, none_asked, paired
from marrowsig._unused_batch import BATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from marrowsig._formula import FormulaDesign
    from marrowsig._further import Asked
    from marrowsig.design import Design

MODEL = ["contrast", "stratum", "n", "df"]


class Without(NamedTuple):
    """Results by row without one column of the design, beside those with it; columns as of `Beside`."""

    role: str
    column: str
    table: pd.DataFrame
    claims: bool


def without_columns(
    asked: Asked,
    found: dict[str, Any],
    again: Callable[[Asked], Iterator[tuple[str, Any]]],
    began: Callable[[str], object] = str,
    *,
    missing: dict[str, str],
) -> list[Without]:
    """Ask the claims `again` without each batch and covariate, else the contrasts; `began` is told of each.

    Nothing of a column that changes no model, such as a batch that pairs hold constant. `missing` takes each
    column without which the models are refused, with the reason.
    """
    from marrowsig.tl._design_variants import without_each

    claims, out = found.get("claims"), []
    with warnings.catch_warnings():
        for known in (CoverageWarning, GeneWarning, InputWarning):  # told of the design as it is
            warnings.simplefilter("ignore", known)
        for role, column, design in without_each(asked.design):
            try:
                if _same_models(asked, design):
                    continue
                name = f"without {role} {column!r}"
                began(name)
                if claims is None or none_asked(claims):
                    rows = contrasts(asked, "specification", name, other_genes=False)
                else:
                    rows = paired(claims, _asked_again(asked, design, again))
                out.append(Without(role, column, rows, "verdict" in rows))
            except (InputError, DesignError) as error:
                missing[f"verdicts without {column!r}"] = str(error)
    return out


def _same_models(asked: Asked, design: Design) -> bool:
    """Whether the models of all contrasts have the same rows and as many parameters."""
    own, other = (d.contrasts(asked.adata.obs)[MODEL] for d in (asked.design, design))
    return own.equals(other)


def _asked_again(
    asked: Asked, design: Design, again: Callable[[Asked], Iterator[tuple[str, Any]]]
) -> pd.DataFrame:
    """Ask the same samples in a copy, which takes the records of the checks, and the same genes.

    One filter for both: more samples need to express a gene where a model has fewer columns.
    """
    from marrowsig.tl._gene_as_tested import il6_as_tested

    il6 = il6_as_tested(asked.adata, design, cast("Design", asked.design))
    found = {} if il6 is None else {"il6": il6}
    steps = again(replace(asked, adata=asked.adata.copy(), design=design, calls=Calls(), found=found))
    claims: pd.DataFrame = next(table for name, table in steps if name == "claims")
    return claims


def columns_left(asked: Asked) -> dict[str, str]:
    """Say that results without numbers and batches of a formula, of no contrast, are not asked."""
    if not is_formula(asked.design):
        return {}
    design, obs = cast("FormulaDesign", asked.design), asked.adata.obs
    batches = [name for name in design.levels if BATCH.fullmatch(name) and name != design.unit]
    named = {str(part) for weights in design.wanted.values() for key in weights for part in _parts(key)}
    unasked = [name for name in batches if not named & {*map(str, obs[name].dropna().unique())}]
    return {
        f"verdicts without {name!r}": f"{NO_ROLES}, or type the formula without '+ {name}' in a further run"
        for name in [*numbers_left(design, obs), *unasked]
    }


def numbers_left(design: FormulaDesign, obs: pd.DataFrame) -> list[str]:
    """Give the numbers of a formula that no contrast is about."""
    about = [key for weights in design.wanted.values() for key in weights if isinstance(key, str)]
    return [
        name
        for name in design.columns.values()
        if name not in design.levels
        and name in obs
        and pd.api.types.is_numeric_dtype(obs[name])
        and not any(_names(key, name) for key in about)
    ]


def _parts(key: object) -> list[str]:
    return [str(part) for part in key] if isinstance(key, tuple) else re.split(r"[:=\]]|\[T\.", str(key))


def _names(coefficient: str, column: str) -> bool:
    """Whether a coefficient is of a column, also in an interaction, and not of one whose name holds its name.

    >>> _names("arm[T.co]:age", "age"), _names("dosage", "age")
    (True, False)
    """
    return re.search(rf"(?<![\w.]){re.escape(column)}(?![\w.])", coefficient) is not None
