"""What a run would have found without a batch or covariate of its design."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from marrowsig._calls import Calls
from marrowsig._errors import CoverageWarning, DesignError, GeneWarning, InputError, InputWarning
from marrowsig._formula_nuisance import nuisances, takes_rows_out
from marrowsig._repeats import is_formula
from marrowsig._two_ways import asked_of, beside, both_paired, none_asked, of_way, ways

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig._further import Asked
    from marrowsig.design import Design

MODEL = ["contrast", "stratum", "n", "df"]


class Without(NamedTuple):
    """Results by row without one column of the design, beside those with it; columns as of `Beside`.

    `also` are further columns that the same results are without, with their roles.
    """

    role: str
    column: str
    table: pd.DataFrame
    claims: bool
    also: tuple[tuple[str, str], ...] = ()
    questions: pd.DataFrame | None = None

    @property
    def name(self) -> str:
        """What the results are without, in words."""
        return _in_words([(self.role, self.column), *self.also])


def without_columns(
    asked: Asked,
    found: dict[str, Any],
    again: Callable[[Asked], Iterator[tuple[str, Any]]],
    began: Callable[[str], object] = str,
    *,
    missing: dict[str, str],
) -> list[Without]:
    """Ask the claims `again` without each batch and covariate, else the contrasts; `began` is told of each.

    Last without all of them, where there are several: one may stand in for another. Nothing of a column
    that changes no model, such as a batch that pairs hold constant. `missing` takes each column without
    which the models are refused, with the reason.
    """
    from marrowsig.tl._design_variants import without_all, without_each

    out, table, rest = [], None, None
    by_claims = not none_asked(found.get("claims"))
    with warnings.catch_warnings():
        for known in (CoverageWarning, GeneWarning, InputWarning):  # told of the design as it is
            warnings.simplefilter("ignore", known)
        for role, column, design in without_each(asked.design, asked.adata.obs):
            try:
                if _same_models(asked, design):
                    continue
                name = f"without {role} {column!r}"
                began(name)
                if by_claims:
                    rows, rest = both_paired(found, _asked_again(asked, cast("Design", design), again))
                else:
                    table = ways(asked, other_genes=False) if table is None else table
                    rows = of_way(table, "specification", name)
                out.append(Without(role, column, rows, "verdict" in rows, questions=rest))
            except (InputError, DesignError) as error:
                missing[f"verdicts without {column!r}"] = str(error)
        every = [(w.role, w.column) for w in out]
        if len(every) < 2:
            return out
        try:
            bare = without_all(asked.design, [column for _, column in every])
            began(f"without {_in_words(every)}")
            if by_claims:
                rows, rest = both_paired(found, _asked_again(asked, cast("Design", bare), again))
            else:
                rows = beside(cast("pd.DataFrame", table), asked, bare)
            out.append(Without(*every[0], rows, "verdict" in rows, tuple(every[1:]), rest))
        except (InputError, DesignError) as error:
            missing[f"verdicts without {_in_words(every)}"] = str(error)
    return out


def _in_words(columns: Sequence[tuple[str, str]]) -> str:
    told = [f"{role} {column!r}" for role, column in columns]
    return " and ".join([", ".join(told[:-1]), told[-1]]) if told[1:] else told[0]


def _same_models(asked: Asked, design: Design | FormulaDesign) -> bool:
    """Whether the models of all contrasts have the same rows and as many parameters."""
    own, other = (d.contrasts(asked.adata.obs)[MODEL] for d in (asked.design, design))
    return own.equals(other)


def _asked_again(
    asked: Asked, design: Design, again: Callable[[Asked], Iterator[tuple[str, Any]]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ask the same samples in a copy, which takes the records of the checks, and the same genes.

    One filter for both: more samples need to express a gene where a model has fewer columns.
    """
    from marrowsig.tl._gene_as_tested import il6_as_tested

    il6 = il6_as_tested(asked.adata, design, cast("Design", asked.design))
    found = {} if il6 is None else {"il6": il6}
    return asked_of(
        again(replace(asked, adata=asked.adata.copy(), design=design, calls=Calls(), found=found))
    )


def columns_left(asked: Asked) -> dict[str, str]:
    """Say of which columns of a formula results without them are not asked, and why."""
    if not is_formula(asked.design):
        return {}
    design, obs = cast("FormulaDesign", asked.design), asked.adata.obs
    why = "its levels leave rows out, which a formula without it would take in"
    return {
        f"verdicts without {name!r}": why
        for _, name in nuisances(design, obs)
        if takes_rows_out(design, obs, name)
    }
