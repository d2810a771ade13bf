"""What changes where a run is done another way, among other genes or with another model, in one clause."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

from marrowsig._drug_named import by_drug
from marrowsig._p_values import p_value
from marrowsig._rounded import plain
from marrowsig.tl._claims_rules import CANNOT, SUPPORTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from marrowsig._other_columns import Without
    from marrowsig._other_genes import Beside

    Row = dict[Any, Any]
    Found: TypeAlias = Beside | Without

NAMED = 3
ON_QUESTIONS = "on further questions"
BOUND = 0.05
HANGS = {
    "carry-over": "which clears it of carry-over in this way alone",
    "rise not supported": "as the rise that it builds on",
}
"""Rules of claims that another way would make supported, and what is said beside that."""


def turned(found: Found) -> list[Row]:
    """Rows whose verdict is another; of contrasts, whose side of the bound, or whose sign below it.

    Further questions come after claims.
    """
    return [*_turned(_tested(found.table)), *_turned(_questions(found))]


def _turned(table: pd.DataFrame) -> list[Row]:
    return [row for row in table.to_dict("records") if turns(row)]


def told(found: Found, *, every: bool) -> str:
    """Say which verdicts, or contrasts, would change; of none, by how much an estimate does."""
    table, further = _tested(found.table), _questions(found)
    if table.empty:
        return ""
    what = "verdicts on claims" if found.claims else f"contrasts (sides of {BOUND} by unadjusted p)"
    rows, others = _turned(table), _turned(further)
    if not rows and not others:
        of = f"{len(table)} {what}{f' and none of {len(further)} {ON_QUESTIONS}' if len(further) else ''}"
        return f"none of {of} would change{_largest(table)}."
    head = f"{len(rows) or 'none'} of {len(table)} {what} would change{_named(rows, every=every)}"
    if further.empty:
        return f"{head}."
    of = f"{len(others) or 'none'} of {len(further)} {ON_QUESTIONS}"
    return f"{head}, and {of}{_named(others, every=every)}."


def _named(rows: Sequence[Row], *, every: bool) -> str:
    shown = rows if every else rows[:NAMED]
    names = "; ".join(f"{_name(row)}: {became(row)}" for row in shown)
    left = f"; {len(rows) - len(shown)} more (log.txt)" if len(rows) > len(shown) else ""
    return f" ({names}{left})" if rows else ""


def _tested(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["p"].notna() | table["p_other"].notna()]


def _questions(found: Found) -> pd.DataFrame:
    """Further questions that either way could test."""
    return found.table.iloc[:0] if found.questions is None else _tested(found.questions)


def turns(row: Row) -> bool:
    """Whether a row has another verdict; a contrast another side of the bound, or another sign below it."""
    if "verdict" in row:
        return bool(row["verdict"] != row["verdict_other"])
    if row["p_other"] != row["p_other"]:
        return True
    before, after = row["p"] < BOUND, row["p_other"] < BOUND
    return bool(before != after or (before and _other_sign(row)))


def _other_sign(row: Row) -> bool:
    return bool(row["estimate"] * row["estimate_other"] < 0)


def became(row: Row) -> str:
    """Give both verdicts, and both p where they lie on two sides of the bound or there is no verdict."""
    p = f"p {_p(row['p'])} -> {_p(row['p_other'])}"
    if "verdict" not in row:
        return f"{p}{', with the other sign' if _other_sign(row) else ''}"
    if row["verdict"] == CANNOT and row["verdict_other"] == SUPPORTED and row.get("rule") in HANGS:
        return f"{CANNOT} -> {SUPPORTED}, {HANGS[row['rule']]}"
    same = (row["p"] < BOUND) == (row["p_other"] < BOUND)
    return f"{row['verdict']} -> {row['verdict_other']}{'' if same else f', adj. {p}'}"


def _largest(table: pd.DataFrame) -> str:
    """Say how far the estimate moves that moves most, as a share of its size, among those below the bound."""
    own = table[table["p"].lt(BOUND) & table["estimate_other"].notna()]
    if own.empty:
        return ""
    moved = (own["estimate_other"] / own["estimate"] - 1).abs()
    row = own.loc[moved.idxmax()]
    before, after = plain(row["estimate"], 2), plain(row["estimate_other"], 2)
    if before == after:  # others may lie between two digits and move less
        most = math.ceil(round(1000 * float(moved.max()), 6)) / 10
        return f"; of estimates with p < {BOUND} none moves{f' by more than {most:g} %' if most else ''}"
    return f"; of estimates with p < {BOUND} the one that moves most: {_name(row)}, {before} -> {after}"


def _name(row: Row | pd.Series) -> str:
    return by_drug(str(row["name"]), str(row.get("inhibitor") or ""))


def _p(value: float) -> str:
    return p_value(float(value)) if value == value else "not tested"
