"""Which size of a contrast may be cited: as scored, or on the genes that carry-over cannot move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._carry_over import AS_SCORED, FILTERED, PART

if TYPE_CHECKING:
    import pandas as pd

OF = ("method", "stratum", "signature")
"""Rows of one set of genes."""
LINE = r"_in_(parental|resistant)$"


def much(table: pd.DataFrame, alpha: float) -> pd.Series:
    """Whether the shares estimated give more than `PART` of a contrast that is established as scored.

    A claim, or a further question, that establishes it is enough where `table` has its `claim_p_adj`.
    """
    held = table["p_bh"] < alpha
    if "claim_p_adj" in table:
        held |= table["claim_p_adj"] < alpha
    known = table["carried"].notna() & held
    return known & (table["carried"].abs() > PART * table["estimate"].abs())


def cause(table: pd.DataFrame, alpha: float) -> list[str]:
    """Name for each row the contrast of its signature of which the shares give most, else nothing.

    One of its own line comes before those of the other. Between arms without stroma there is none to name.
    """
    of = [table[name] for name in OF]
    part = (table["carried"].abs() / table["estimate"].abs()).where(much(table, alpha))
    said = (100 * part).map("{:.0f} % of ".format) + table["contrast"].astype(str)
    role = table["contrast"].astype(str).str.extract(LINE)[0].fillna("")

    def most(keys: list[pd.Series]) -> pd.Series:
        first = said.where(part.eq(part.groupby(keys).transform("max")))
        return first.groupby(keys).transform("first")

    own = most([*of, role]).where(role.ne(""))
    return list(own.fillna(most(of)).where(~without_stroma(table)).fillna(""))


def without_stroma(table: pd.DataFrame) -> pd.Series:
    """Whether no arm of a contrast holds stroma."""
    return table["share_up"].eq(0) & table["carried"].eq(0)


def cited(table: pd.DataFrame, alpha: float) -> list[str]:
    """Name the column whose size may be cited, one per row; empty where none may.

    All contrasts of a signature, method and stratum get the same column, so that sizes on one set of genes
    stand beside each other: that of the genes that are left, once the shares estimated give more than `PART`
    of one contrast that is established as scored. Contrasts between arms without stroma keep the size as
    scored.
    """
    known = table["carried"].notna()
    filtered = much(table, alpha).groupby([table[name] for name in OF]).transform("any")
    filtered &= ~without_stroma(table)
    column = np.where(filtered, FILTERED, AS_SCORED)
    lost = ~known | (filtered & table["filtered_estimate"].isna())
    return [str(name) for name in np.where(lost, "", column)]
