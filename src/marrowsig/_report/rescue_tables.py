"""All rows of a rescue as tables: the verdict, then the size, interval and p that it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report import address, frames
from marrowsig._report.elements import Fold
from marrowsig._report.fractions import fraction, kept
from marrowsig._rise_word import called

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pandas as pd

    from marrowsig._report.frames import Show

    Row = Mapping[str, Any]

BETWEEN, TOGETHER = "between lines", "inhibitors together"
TITLES = {BETWEEN: "Difference between the lines", TOGETHER: "Inhibitors together"}
WHERE: dict[str, Show] = {name: name for name in ("signature", "stratum", "line")}
UNITS: dict[str, Show] = {
    "n alone / co / treated": lambda row: f"{row['n_mono']:.0f} / {row['n_co']:.0f} / {row['n_treated']:.0f}",
    "pairs": "n_pairs",
}
LINES: dict[str, Show] = {
    **WHERE,
    "inhibitor": "inhibitor",
    "verdict on the reversal": "verdict",
    "as a claim or question": "claim",
    "reversal [95 % CI]": frames.span("reversal"),
    "its adj. p": "reversal_p_adj",
    "Holm p over inhibitors": "reversal_p_holm",
    "its Welch p": "reversal_p_welch",
    "induction [95 % CI]": frames.span("induction"),
    "adj. p of the induction": "induction_p_adj",
    "residual [95 % CI]": frames.span("residual"),
    "fraction [95 % Fieller]": fraction,
    "fraction on genes left [95 % Fieller]": kept,
    "genes left": lambda row: f"{row['n_kept']} of {row['n_genes']}" if row.get("n_genes") else "",
    "fully reversed": lambda row: "" if row["margin"] != row["margin"] else row["fully_reversed"],
    "margin": "margin",
    **UNITS,
}
DIFFERENCES: dict[str, Show] = {
    **WHERE,
    "inhibitor": "inhibitor",
    "verdict on the difference in reversal": "verdict",
    "difference in reversal [95 % CI]": frames.span("reversal"),
    "its adj. p": "reversal_p_adj",
    "its Welch p": "reversal_p_welch",
    "difference in induction [95 % CI]": frames.span("induction"),
    "adj. p of that in induction": "induction_p_adj",
    "difference in residual [95 % CI]": frames.span("residual"),
    **UNITS,
}


def folds(found: pd.DataFrame, word: str = "induction") -> list[Fold]:
    """Every signature scored, one table for each kind of row; `word` is what rises are called."""
    lines = found[found["kind"].eq("line")].to_dict("records")
    known = {_of(row): row for row in lines}

    def each(row: Row) -> str:
        own = [other for key, other in known.items() if key[:-1] == _of(row)[:-1]]
        return "; ".join(f"{o['inhibitor']} {frames.span('reversal')(o) or o['verdict']}" for o in own)

    together: dict[str, Show] = {
        **WHERE,
        "inhibitors": "inhibitor",
        "verdict on all of them": "verdict",
        "reversal by each, with interval": each,
        "adj. p of each doing the same": "reversal_p_adj",
        "Holm p of any doing something": "reversal_p_holm",
        "induction [95 % CI]": frames.span("induction"),
        "adj. p of the induction": "induction_p_adj",
        **UNITS,
    }
    shown = {BETWEEN: DIFFERENCES, TOGETHER: together}
    made = []
    for kind, rows in found.groupby("kind", sort=False):
        caption = f"Rescue, {TITLES.get(kind, 'each line and inhibitor').lower()}: every signature scored"
        heads = {called(head, word): show for head, show in shown.get(kind, LINES).items()}
        table = frames.table(caption, rows, heads, heads=address.scores)
        made.append(Fold(caption, [table]))
    return made


def _of(row: Row) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("method", "signature", "stratum", "line", "inhibitor"))
