"""What map_genes changed, in a table, in numbers, and in one warning."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._errors import GeneWarning, count, first, warn_once
from marrowsig._gene_ids import LEVELS, PROBLEMS, Call
from marrowsig._genes import table
from marrowsig._log import logger

if TYPE_CHECKING:
    import numpy as np

STATUSES = (*LEVELS, *PROBLEMS, "no_ortholog", "unknown", "missing")
_WORDS = {
    "ambiguous": ("name shared by several genes", "names shared by several genes"),
    "collision": ("old name whose gene has another row", "old names whose gene has another row"),
    "date_unrecoverable": ("date made by a spreadsheet", "dates made by a spreadsheet"),
}
_DATES = (
    "Where a date may stand for one gene or another, only the table before the spreadsheet tells which: "
    "format the column of gene names as text, and paste the names again."
)


def changes_of(ids: list[str], groups: list[np.ndarray], names: list[str], calls: list[Call]) -> pd.DataFrame:
    """One row for each identifier that was renamed, combined, or could not be resolved."""
    rows = []
    for group, name in zip(groups, names, strict=True):
        head = calls[group[0]]
        if name != ids[group[0]] or head.status not in LEVELS:
            rows.append((int(group[0]), ids[group[0]], name, head.status, head.note))
        rows += [
            (int(k), ids[k], name, "combined", f"{group.size} rows of one identifier") for k in group[1:]
        ]
    frame = pd.DataFrame(sorted(rows), columns=["row", "original", "symbol", "status", "note"])
    frame = frame.drop(columns="row").astype(str)
    frame.index = frame.index.astype(str)
    return frame


def summary_of(calls: list[Call], n_output: int, *, rule: str) -> dict[str, Any]:
    """Numbers of identifiers by what became of them."""
    genes = table()
    mouse = any(call.status in {"ortholog", "no_ortholog"} for call in calls)
    counts = Counter(call.status for call in calls)
    return {
        "species": "mouse" if mouse else "human",
        "table_date": genes.mouse_date if mouse else genes.date,
        "duplicates": rule,
        "n_input": len(calls),
        "n_output": n_output,
        "n_combined": len(calls) - n_output,
    } | {f"n_{status}": int(counts[status]) for status in STATUSES}


def tell(changes: pd.DataFrame, summary: dict[str, Any]) -> None:
    """Log what was done, and warn once of names that could not be resolved."""
    counts = ", ".join(f"{summary[f'n_{s}']} {s}" for s in STATUSES if summary[f"n_{s}"])
    done = f"{summary['n_input']} {summary['id_type']} identifiers -> {summary['n_output']} genes"
    logger.info("map_genes: %s (%s; rule for duplicates: %s)", done, counts, summary["duplicates"])
    bad = changes[changes["status"].isin(PROBLEMS)]
    parts = [count(n, *_WORDS[s]) for s, n in bad["status"].value_counts(sort=False).items()]
    unmapped = summary["n_unknown"] + summary["n_no_ortholog"]
    if unmapped > summary["n_input"] / 2:
        parts.append(f"{unmapped} of {summary['n_input']} not in the gene table")
    if parts:
        lost = changes[changes["status"].isin(("unknown", "no_ortholog"))]
        shown = pd.concat([bad, lost]) if unmapped > summary["n_input"] / 2 else bad
        notes = shown["note"].str.removeprefix("date made by a spreadsheet: ")
        seen = [f"{o} ({note})" for o, note in zip(shown["original"], notes, strict=True)]
        msg = f"Gene names that stay as they are: {'; '.join(parts)}. {first(seen)}."
        msg = f"{msg} All are in adata.uns['marrowsig']['genes']['changes']."
        if summary["n_date_unrecoverable"]:
            msg = f"{msg} {_DATES}"
        warn_once(msg, category=GeneWarning, stacklevel=3)
