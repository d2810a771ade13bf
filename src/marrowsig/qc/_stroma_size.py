"""Which size of a contrast may be cited: as scored, or on the genes that carry-over cannot move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._carry_over import AS_SCORED, FILTERED, PART

if TYPE_CHECKING:
    import pandas as pd


def cited(table: pd.DataFrame, alpha: float) -> list[str]:
    """Name the column whose size may be cited, one per row; empty where none may.

    All contrasts of a signature, method and stratum get the same column, so that sizes on one set of genes
    stand beside each other: that of the genes that are left, once the shares estimated give more than `PART`
    of one contrast that is established as scored.
    """
    known = table["carried"].notna()
    much = known & (table["p_bh"] < alpha) & (table["carried"].abs() > PART * table["estimate"].abs())
    of = [table[name] for name in ("method", "stratum", "signature")]
    filtered = much.groupby(of).transform("any")
    column = np.where(filtered, FILTERED, AS_SCORED)
    lost = ~known | (filtered & table["filtered_estimate"].isna())
    return [str(name) for name in np.where(lost, "", column)]
