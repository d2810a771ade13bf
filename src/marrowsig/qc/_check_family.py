"""Which adjusted p decides in the check of carry-over: its own, or that of the claim that asks the same."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._as_claimed import FAMILY, KEYS
from marrowsig._carry_over import of_stroma
from marrowsig._check_words import CANNOT
from marrowsig.qc._stroma_size import cause, cited

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Row = Mapping[str, Any]

OWN = "adj. p in this check"


def deciding(row: Row, alpha: float, prefix: str = "") -> tuple[float, str]:
    """Give the adjusted p that decides, and its name: a claim's where that alone is below alpha.

    >>> deciding({"p_bh": 0.06}, 0.05)
    (0.06, 'adj. p in this check')
    >>> deciding({"p_bh": 0.06, "claim_p_adj": 0.04, "asked_as": "further question"}, 0.05)
    (0.04, 'adj. p as a further question')
    """
    own, other = float(row[f"{prefix}p_bh"]), float(row.get(f"claim_{prefix}p_adj", nan))
    if other < alpha and not own < alpha:
        return other, f"adj. p as a {row['asked_as']}"
    return own, OWN


def of_claim(row: Row) -> dict[str, Any]:
    """Give what the check has to know of a claim or a further question that asks of one of its contrasts."""
    return {
        "asked_as": str(row.get("family") or FAMILY).removesuffix("s"),
        "claim_p_adj": float(row["p_adj"]),
        "claim_filtered_p_adj": float(row["filtered_p_adj"]),
    }


def rejudged(row: Row, alpha: float, *, swapped: bool) -> tuple[str, str] | None:
    """Verdict and reason by the claim's p; None where the check's own decides all the same."""
    from marrowsig.qc._stroma_words import SWAPPED, verdict

    if all(deciding(row, alpha, prefix)[1] == OWN for prefix in ("", "filtered_")):
        return None
    return (CANNOT, SWAPPED) if swapped else verdict(row, alpha)


def as_claimed(verdicts: pd.DataFrame, asked: Iterable[pd.DataFrame], params: Row) -> pd.DataFrame:
    """Put p of claims and further questions beside the verdicts, and judge by them where they establish more.

    The size to cite follows: on fewer genes, too, where they establish what stroma gives much of. Rows about
    stroma itself are of other samples, and are left out.
    """
    known = {
        tuple(str(row[k]) for k in KEYS): of_claim(row)
        for table in asked
        for row in table.to_dict("records")
        if row["p_adj"] == row["p_adj"] and not of_stroma({str(k): v for k, v in row.items()})
    }
    alpha, swapped = float(params.get("alpha", 0.05)), bool(params.get("swapped"))
    none, rows = {"asked_as": "", "claim_p_adj": nan, "claim_filtered_p_adj": nan}, []
    for row in verdicts.to_dict("records"):
        told = {str(k): v for k, v in row.items()} | known.get(tuple(str(row[k]) for k in KEYS), none)
        if (found := rejudged(told, alpha, swapped=swapped)) is not None:
            told["verdict"], told["reason"] = found
        rows.append(told)
    out = pd.DataFrame(rows, index=verdicts.index)
    if len(out):
        out["cite"], out["cite_for"] = cited(out, alpha), cause(out, alpha)
    out.attrs = dict(verdicts.attrs)
    return out
