"""Claims, or contrasts where none was asked, of one run beside those of the same run done another way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._carry_over import FILTERED
from marrowsig._contrast_kinds import is_secondary
from marrowsig._size_to_cite import HELD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig._further import Asked
    from marrowsig.design import Design

KEYS = ["signature", "contrast", "stratum"]
CLAIM = ["claim", "compartment", "line", "inhibitor", "stratum"]


def none_asked(claims: pd.DataFrame | None) -> bool:
    """Whether there are contrasts alone."""
    return claims is None or bool(claims["verdict"].eq("not asked").all())


def paired(claims: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """One row per claim, or question, that was asked, of one compartment: p, estimate and verdict of both."""
    parts = [table.assign(stratum=table["stratum"].fillna("").astype(str)) for table in (claims, others)]
    own = parts[0][parts[0]["verdict"].ne("not asked")]
    name = [str(text).split(f": {v}")[0] for text, v in own[["sentence", "verdict"]].itertuples(index=False)]
    own = own.assign(name=name, p=_to_cite(own))
    other = parts[1].assign(p=_to_cite(parts[1]))
    columns = [*CLAIM, "estimate", "p", "verdict"]
    return own[["name", *columns, "rule"]].merge(
        other[columns], on=CLAIM, how="left", suffixes=("", "_other")
    )


def _to_cite(table: pd.DataFrame) -> pd.Series:
    """Give the adjusted p that a run prints: of a size on the genes that stroma could not move, theirs."""
    own: pd.Series = table["p_adj"]
    if not {"cite", "filtered_p_adj"} <= set(table):
        return own
    return own.mask(table["verdict"].isin(HELD) & table["cite"].eq(FILTERED), table["filtered_p_adj"])


def asked_of(steps: Iterator[tuple[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Claims and further questions among the results of asking them."""
    told: dict[str, pd.DataFrame] = {}
    for name, table in steps:
        told[name] = table
        if "questions" in told:
            break
    return told["claims"], told["questions"]


def both_paired(
    found: Mapping[str, Any], others: tuple[pd.DataFrame, pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Put claims, and further questions where any was asked, of both ways side by side."""
    questions = found.get("questions")
    rest = None if none_asked(questions) else paired(questions, others[1])
    return paired(found["claims"], others[0]), rest


def contrasts(asked: Asked, column: str, way: str, **other: Any) -> pd.DataFrame:
    """One row per main signature and contrast, with p as it is; of the `way` that has this in `column`.

    `other` are arguments of `ms.tl.sensitivity`.
    """
    return of_way(ways(asked, **other), column, way)


def ways(asked: Asked, **other: Any) -> pd.DataFrame:
    """Give the contrasts of the main signatures in every way, without confounders."""
    from marrowsig.sig import SignatureSet
    from marrowsig.tl import sensitivity

    own = SignatureSet([s for s in asked.sigs if s.id in asked.named])
    how: dict[str, Any] = {"method": asked.method, "signatures": own, "confounders": ()}
    return sensitivity(asked.adata, asked.design, **how, **other)


def of_way(table: pd.DataFrame, column: str, way: str) -> pd.DataFrame:
    """Put one way of `ways` beside the main one, as `contrasts` does."""
    return _both(table, table[table[column] == way])


def beside(table: pd.DataFrame, asked: Asked, design: Design | FormulaDesign) -> pd.DataFrame:
    """Put the contrasts of the same scores by another design beside the main way of `ways`."""
    from marrowsig.tl import compare

    found = compare(asked.adata, design, method=asked.method)
    return _both(table, found.assign(stratum=found["stratum"].fillna("").astype(str)))


def _both(table: pd.DataFrame, rest: pd.DataFrame) -> pd.DataFrame:
    main, other = (part.set_index(KEYS) for part in (table[table["kind"] == "main"], rest))
    rows = main[["estimate", "p"]].join(other[["estimate", "p"]], rsuffix="_other").reset_index()
    where = [f" [{s}]" if s else "" for s in rows["stratum"]]
    named = rows.assign(name=rows["signature"] + ", " + rows["contrast"] + where)
    return named[[not is_secondary(str(c)) for c in named["contrast"]]].reset_index(drop=True)
