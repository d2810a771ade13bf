"""How closely the main scores go along with maturation over units, whatever the effects are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report import address, frames, words
from marrowsig._report.elements import Fold, Heading, Sentences, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from marrowsig._report.elements import Given, Part
    from marrowsig.qc._confounder_result import Confounder

READING = (
    "Correlation of each score with the score of maturation: between units with the arms taken out, and "
    "within units where they recur in several arms. The maturation score is taken without the genes of the "
    "signature, and the signature also without its maturation genes. A wide interval is no evidence of no "
    "correlation; a high correlation does not say that a score holds nothing else."
)


def _size(name: str, low: str, high: str) -> Callable[[Mapping[str, Any]], str]:
    """Cell of a correlation with its interval."""

    def cell(row: Mapping[str, Any]) -> str:
        values = [float(row[column]) for column in (name, low, high)]
        if values[0] != values[0]:
            return ""
        r, *ends = (f"{value:.2f}".replace("-", words.MINUS) for value in values)
        return f"{r} [{ends[0]}, {ends[1]}]"

    return cell


SHOWN = {
    "signature": "signature",
    "stratum": "stratum",
    "over": "over",
    "units": "n_units",
    "r with maturation [95 % CI]": _size("r", "r_low", "r_high"),
    "share of its variance": lambda row: (
        "" if row["share"] != row["share"] else f"{100 * row['share']:.0f} %"
    ),
    "r without these genes [95 % CI]": _size("without", "without_low", "without_high"),
    "maturation genes left out": "n_removed",
    "note": "note",
}


def parts(given: Given) -> list[Part]:
    """Sentences on the correlations that are established, and all of the main signatures as a table."""
    found: Confounder | None = given.extras.get("maturation")
    if found is None:
        return []
    table = found.correlations
    table = table[table["signature"].isin(given.named) & (table["method"] == given.method)]
    if table.empty:
        return []
    clear = table[(table["r_low"] > 0) | (table["r_high"] < 0)]
    none = "For none of the main signatures is a correlation with maturation established over these units."
    caption = "Correlation of the main scores with maturation"
    return [
        Heading("Does a score go along with maturation?"),
        Sentences(clear["sentence"].tolist() or [none]),
        Words(READING, soft=True),
        Fold(caption, [frames.table(caption, table, SHOWN, heads=address.scores)]),
    ]
