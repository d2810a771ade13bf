"""What a run would have found among other genes: those that the study expresses, or all of them."""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from marrowsig._calls import Calls
from marrowsig._contrasts import is_secondary
from marrowsig._errors import CoverageWarning, DesignError, GeneWarning, InputError, InputWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    from anndata import AnnData

    from marrowsig._further import Asked

KEYS = ["signature", "contrast", "stratum"]
CLAIM = ["claim", "compartment", "line", "inhibitor", "stratum"]


class Beside(NamedTuple):
    """How many genes there are, how many the other way has, and results of both by row.

    `table` has name, estimate and p, of the other way estimate_other and p_other; and of `claims`, whose p is
    adjusted, verdict, verdict_other and rule.
    """

    genes: int
    others: int
    table: pd.DataFrame
    claims: bool


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
        claims = found.get("claims")
        if claims is None or claims["verdict"].eq("not asked").all():
            rows = _contrasts(asked)
        else:
            rows = _paired(claims, _asked_again(asked, other, again))
        return Beside(asked.adata.n_vars, other.n_vars, rows, "verdict" in rows)
    return None


def _asked_again(
    asked: Asked, other: AnnData, again: Callable[[Asked], Iterator[tuple[str, Any]]]
) -> pd.DataFrame:
    from marrowsig.tl import score

    how = dict(asked.options or {}) or None
    score(other, asked.sigs, method=asked.method, min_coverage=asked.min_coverage, params=how)
    steps = again(replace(asked, adata=other, calls=Calls(), found={}))
    claims: pd.DataFrame = next(table for name, table in steps if name == "claims")
    return claims


def _paired(claims: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """One row per claim that was asked, of one compartment: p, estimate and verdict of both ways."""
    parts = [table.assign(stratum=table["stratum"].fillna("").astype(str)) for table in (claims, others)]
    own = parts[0][parts[0]["verdict"].ne("not asked")]
    name = [str(text).split(f": {v}")[0] for text, v in own[["sentence", "verdict"]].itertuples(index=False)]
    own = own.assign(name=name, p=own["p_adj"])
    other = parts[1].assign(p=parts[1]["p_adj"])
    columns = [*CLAIM, "estimate", "p", "verdict"]
    return own[["name", *columns, "rule"]].merge(
        other[columns], on=CLAIM, how="left", suffixes=("", "_other")
    )


def _contrasts(asked: Asked) -> pd.DataFrame:
    """One row per main signature and contrast, with p as it is."""
    from marrowsig.sig import SignatureSet
    from marrowsig.tl import sensitivity

    own = SignatureSet([s for s in asked.sigs if s.id in asked.named])
    how: dict[str, Any] = {"method": asked.method, "signatures": own, "confounders": ()}
    how |= {} if asked.whole is None else {"other_genes": asked.whole}
    table = sensitivity(asked.adata, asked.design, **how)
    main, other = (table[table["kind"] == kind].set_index(KEYS) for kind in ("main", "expressed"))
    rows = main[["estimate", "p"]].join(other[["estimate", "p"]], rsuffix="_other").reset_index()
    where = [f" [{s}]" if s else "" for s in rows["stratum"]]
    named = rows.assign(name=rows["signature"] + ", " + rows["contrast"] + where)
    return named[[not is_secondary(str(c)) for c in named["contrast"]]].reset_index(drop=True)
