"""Lines on what was read, what was decided on the way, and which gene names were changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marrowsig._cli.lines import echo
from marrowsig._cli.read import given_as
from marrowsig._errors import count, first
from marrowsig._provenance import recall

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

USUAL = re.compile(
    r"delimiter is|genes by samples: \d+ names are in the sample sheet|genes by samples: \d+% of the names|"
    r"sheet column .* matched to sample names (?!ignoring blanks around$)"
)
"""Decisions that need no look where a log keeps them; of names matched to others a warning tells."""
WORDS = {
    "previous": ("old symbol", "old symbols"),
    "alias": ("alias", "aliases"),
    "case": ("in another case", "in another case"),
    "date": ("date repaired", "dates repaired"),
    "date_unrecoverable": ("date not repaired", "dates not repaired"),
    "ortholog": ("mouse gene called as its human one", "mouse genes called as their human ones"),
    "no_ortholog": ("mouse gene without one human one", "mouse genes without one human one"),
    "combined": ("row joined with another of the same gene", "rows joined with others of the same gene"),
}
"""What became of a gene name, said of one and of many."""
HOW = {"sum": "values added up", "max": "the row with the higher mean kept"}
"""What was done with rows of one gene, by the rule of `ms.pp.map_genes`."""
UNRESOLVED = ("unknown", "no_ortholog", "missing")
FEW = 5


def lines_of(adata: AnnData, what: str, *, everything: bool) -> list[str]:
    """Name the file, its size and the kind of its numbers, and decisions, each on a line of its own.

    Rows are those read, with stroma that was taken out since, of which a decision tells.
    `what` names the option of a file beside the matrix; with `everything` there is each decision on the way.
    """
    note: dict[str, Any] = recall(adata, "input", {})
    decisions = list(filter(None, str(note.get("decisions", "")).split("; ")))
    name = f"{note.get('file', 'Read')}{f' ({what})' if what else ''}"
    head = f"{name}: {int(note.get('rows', adata.n_obs)):,} rows x {adata.n_vars:,} genes"
    told = [given_as(d) for d in decisions if everything or not USUAL.match(d)]
    return [head, *(f"  {decision}" for decision in told)]


def renamed(adata: AnnData) -> None:
    """Say on the error stream how many gene names were changed, and where they are listed."""
    if told := names_changed(adata):
        echo(told, err=True)


def names_changed(adata: AnnData) -> str:
    """Count changed names by what became of them; a few of each are named."""
    genes = recall(adata, "genes", {})
    changes, rule = genes.get("changes"), str(genes.get("summary", {}).get("duplicates", ""))
    if changes is None or not len(changes):
        return ""
    read = changes["status"] == "ensembl"
    told = []
    if n := int(read.sum()):
        told.append(f"{n:,} Ensembl {'id' if n == 1 else 'ids'} read as symbols (genes.csv)")
    rest = changes[~read]
    if len(rest):
        parts = [_of_status(str(status), part, rule) for status, part in rest.groupby("status", sort=False)]
        what = f"{count(len(rest), 'gene name was', 'gene names were')} changed, combined, or not resolved"
        told.append(f"{what} (genes.csv): {'; '.join(parts)}")
    return ". ".join(told)


def _of_status(status: str, part: pd.DataFrame, rule: str) -> str:
    told = count(len(part), *WORDS.get(status, (status.replace("_", " "),) * 2))
    told += f", {HOW[rule]}" if status == "combined" and rule in HOW else ""
    if status in UNRESOLVED and len(part) > FEW:
        return told
    rows = zip(part["original"].astype(str), part["symbol"].astype(str), strict=True)
    return f"{told}: {first((o if o == s else f'{o} -> {s}' for o, s in rows), FEW)}"
