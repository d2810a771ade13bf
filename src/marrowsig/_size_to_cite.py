"""Which size of a contrast to cite, as texts beside the size as scored: in the table for a supplement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._as_claimed import KEYS
from marrowsig._carry_over import AS_SCORED, FILTERED, RULED_OUT, said_impossible
from marrowsig._check_words import NOTHING, OF_CARRY_OVER, STANDS
from marrowsig._p_values import p_value
from marrowsig._unasked import NOT_ASKED

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    Row = Mapping[str, Any]

UNASKED = "not checked"
HELD = ("supported", "contradicted")
OPEN = ("not established", "not tested")
NEEDED = {*KEYS, "cite", "n_kept", "n_genes", "filtered_estimate"}
OF_CHECK = {"filtered_p_bh": "filtered_p_adj", "verdict": "stroma"}
"""Columns of the check of carry-over, and what claims call the same."""


def with_size_to_cite(
    told: pd.DataFrame, res: pd.DataFrame, check: pd.DataFrame | None, claims: pd.DataFrame | None
) -> pd.DataFrame:
    """Add to texts of `res` the size to cite, its genes and its adjusted p, and the verdict on carry-over.

    `told` has a row per row of `res`, `estimate` and `p_adj` as texts. The size is that on the genes that
    stroma could not move wherever `cite` of `check` or, before it, of `claims` says so. There is none where
    `verdict` of `res` says that the contrast as scored is not established, the claim that asks it is neither
    supported nor contradicted, or, of one that no claim asks, the check does not rule carry-over out: genes
    that are kept are no second chance. Nothing is added without a check. Where claims were told that
    carry-over is impossible, no row was asked of it, and the size to cite is that as scored.
    """
    known = _known(check, claims, res)
    if not known or "estimate" not in told or not set(KEYS) <= set(res):
        return told
    rows = [known.get(key, {}) for key in _keys(res)]
    verdicts = res["verdict"].tolist() if "verdict" in res else [""] * len(res)
    cited = [row if _held(row, v) else {} for row, v in zip(rows, verdicts, strict=True)]
    p = told["p_adj"].tolist() if "p_adj" in told else [""] * len(told)
    columns = texts_of(cited, told["estimate"].tolist(), p)
    columns["carry_over"] = [str(row["stroma"]) if row else UNASKED for row in rows]
    out = told.copy()
    for name, texts in reversed(columns.items()):
        out.insert(out.columns.get_loc("estimate") + 1, name, texts)
    return out


def as_scored(told: pd.DataFrame) -> pd.DataFrame:
    """Write "up as scored" for "up" where the check of carry-over, asked of a change, does not rule that out.

    So it is of contrasts of a formula, too, of which carry-over was not asked.

    >>> import pandas as pd
    >>> checks = ["explained by carry-over", "not explained by carry-over", "not checked", "not asked"]
    >>> as_scored(pd.DataFrame({"verdict": "up", "carry_over": checks}))["verdict"].tolist()
    ['up as scored', 'up', 'up', 'up as scored']
    """
    if not {"verdict", "carry_over"} <= set(told):
        return told
    doubt = told["carry_over"].isin([*OF_CARRY_OVER, NOT_ASKED]) & ~told["carry_over"].isin([STANDS, NOTHING])
    changed = doubt & ~told["verdict"].isin(OPEN)
    return told.assign(verdict=told["verdict"].where(~changed, told["verdict"].astype(str) + " as scored"))


def texts_of(cited: list[Row], sizes: list[str], p: list[str]) -> dict[str, list[str]]:
    """Size to cite, its genes and its p, as texts; `sizes` and `p` are those as scored."""
    return {
        "size_to_cite": [_size(row, size) for row, size in zip(cited, sizes, strict=True)],
        "genes_to_cite": [_genes(row) for row in cited],
        "p_adj_to_cite": [_p(row, text) for row, text in zip(cited, p, strict=True)],
    }


def _known(
    check: pd.DataFrame | None, claims: pd.DataFrame | None, res: pd.DataFrame
) -> dict[tuple[str, ...], Row]:
    if check is not None and claims is not None and said_impossible(claims):
        claimed = claims.loc[claims["p_adj"].notna() & claims["verdict"].ne("not asked"), [*KEYS, "verdict"]]
        verdicts = dict(zip(_keys(claimed), claimed["verdict"], strict=True))
        measured = res["genes_found"] if "genes_found" in res else [float("nan")] * len(res)
        return {
            key: {"stroma": RULED_OUT, "cite": AS_SCORED, "n_genes": n, "verdict": verdicts.get(key, "")}
            for key, n in zip(_keys(res), measured, strict=True)
        }
    tables = [None if check is None else check.rename(columns=OF_CHECK)]
    if check is not None and claims is not None and {"verdict", "p_adj"} <= set(claims):
        tables.append(claims[claims["p_adj"].notna() & claims["verdict"].ne("not asked")])
    found = [table for table in tables if table is not None and set(table) >= NEEDED]
    return {key: row for t in found for key, row in zip(_keys(t), t.to_dict("records"), strict=True)}


def _keys(table: pd.DataFrame) -> list[tuple[str, ...]]:
    texts = (table[k].astype(object).where(table[k].notna(), "").astype(str) for k in KEYS)
    return list(zip(*texts, strict=True))


def held(verdict: str, claimed: str, carry_over: str = STANDS) -> bool:
    """Whether a contrast has a size to cite, by its verdict as scored and that of the claim, if any asks it.

    Where none does, the check of carry-over has to have ruled that out, as claims demand.

    >>> held("up", ""), held("up", "supported"), held("up", "cannot tell"), held("not established", "")
    (True, True, False, False)
    >>> held("up", "", "may be carry-over")
    False
    """
    return verdict not in OPEN and (claimed in HELD if claimed else carry_over in (STANDS, RULED_OUT))


def _held(row: Row, verdict: str) -> bool:
    claimed = str(row.get("verdict") or "")  # of the check: none
    return bool(row) and held(verdict, claimed, str(row["stroma"]))


def _fewer(row: Row) -> bool:
    value = row.get("filtered_estimate")
    return row.get("cite") == FILTERED and value is not None and value == value


def _size(row: Row, as_scored: str) -> str:
    if _fewer(row):
        value, *ends = (f"{row[f'filtered_{name}']:.3g}" for name in ("estimate", "ci_low", "ci_high"))
        return f"{value} [{', '.join(ends)}]"
    return as_scored if row.get("cite") == AS_SCORED else ""


def _genes(row: Row) -> str:
    if _fewer(row):
        return f"{row['n_kept']:.0f} of {row['n_genes']:.0f}"
    known = row.get("cite") == AS_SCORED and row["n_genes"] == row["n_genes"]
    return f"all {row['n_genes']:.0f}" if known else ""


def _p(row: Row, as_scored: str) -> str:
    if _fewer(row):
        p = float(row.get("filtered_p_adj", float("nan")))
        return p_value(p) if p == p else ""
    return as_scored if row.get("cite") == AS_SCORED else ""
