"""What fraction of a rise an inhibitor took back, beside the claim or question that asks the reversal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    Row = Mapping[str, Any]
    Fractions = Mapping[tuple[str, ...], tuple[str, str]]

KEYS = ("method", "signature", "line", "inhibitor", "stratum")


def fractions_of(rescue: pd.DataFrame | None) -> Fractions:
    """Fraction of each reversal with its interval: as scored, and on the genes that stroma could not move."""
    from marrowsig._report.fractions import FRACTION, fraction
    from marrowsig._report.words import MINUS

    found: dict[tuple[str, ...], tuple[str, str]] = {}
    rows = [] if rescue is None else rescue[rescue["kind"].eq("line")].to_dict("records")
    for row in rows:
        left = {name: row.get(f"filtered_{name}", float("nan")) for name in FRACTION}
        found[_key(row)] = fraction(row).replace(MINUS, "-"), fraction(left).replace(MINUS, "-")
    return found


def taken_back(row: Row, fractions: Fractions) -> str:
    """Give that of a reversal that is supported, on the genes of its size to cite; else nothing.

    >>> row = {"contrast": "reversal_JAKi", "verdict": "supported", "method": "m", "signature": "s"}
    >>> taken_back(row, {("m", "s", "", "", ""): ("63 % [44, 80]", "")})
    '63 % [44, 80]'
    """
    from marrowsig.tl._claims_size import on_these_genes, to_cite

    if row["verdict"] != "supported" or not str(row.get("contrast", "")).startswith("reversal_"):
        return ""
    kept = "filtered_estimate" in row and on_these_genes(row) and to_cite(row)
    return fractions.get(_key(row), ("", ""))[kept]


def _key(row: Row) -> tuple[str, ...]:
    return tuple(text if isinstance(text := row.get(name), str) else "" for name in KEYS)
