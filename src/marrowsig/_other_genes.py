"""What a run would have found among other genes: those that the study expresses, or all of them."""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from marrowsig._calls import Calls
from marrowsig._errors import CoverageWarning, DesignError, GeneWarning, InputError, InputWarning
from marrowsig._two_ways import asked_of, both_paired, contrasts, none_asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    from anndata import AnnData

    from marrowsig._further import Asked


class Beside(NamedTuple):
    """How many genes there are, how many the other way has, and results of both by row.

    `table` has name, estimate and p, of the other way estimate_other and p_other; and of `claims`, whose p is
    adjusted, verdict, verdict_other and rule. `questions` has the same of the further questions.
    """

    genes: int
    others: int
    table: pd.DataFrame
    claims: bool
    questions: pd.DataFrame | None = None


def among_others(
    asked: Asked, found: dict[str, Any], again: Callable[[Asked], Iterator[tuple[str, Any]]]
) -> Beside | None:
    """Ask the claims `again` among the other genes, else the contrasts; nothing where there are no others."""
    from marrowsig.tl._sensitivity_genes import among

    with warnings.catch_warnings(), suppress(InputError, DesignError):
        for known in (CoverageWarning, GeneWarning, InputWarning):  # told of the genes that were chosen
            warnings.simplefilter("ignore", known)
        other = among(asked.adata, asked.design, given=True if asked.whole is None else asked.whole)
        if other is None:
            return None
        rest = None
        if none_asked(found.get("claims")):
            whole = {} if asked.whole is None else {"other_genes": asked.whole}
            rows = contrasts(asked, "kind", "expressed", **whole)
        else:
            rows, rest = both_paired(found, _asked_again(asked, other, again))
        return Beside(asked.adata.n_vars, other.n_vars, rows, "verdict" in rows, rest)
    return None


def _asked_again(
    asked: Asked, other: AnnData, again: Callable[[Asked], Iterator[tuple[str, Any]]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    from marrowsig.tl import score

    own = (asked.options or {}).get(asked.method)  # those of further methods are refused where none is scored
    how = None if own is None else {asked.method: own}
    score(other, asked.sigs, method=asked.method, min_coverage=asked.min_coverage, params=how)
    return asked_of(again(replace(asked, adata=other, calls=Calls(), found={})))
