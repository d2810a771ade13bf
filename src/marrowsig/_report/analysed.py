"""How many samples an analysis is about, and which rows of the matrix it left out."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from marrowsig import _arms, _formula_plan
from marrowsig._errors import InputWarning, first
from marrowsig._provenance import recall
from marrowsig._report import words
from marrowsig.design import Design

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from marrowsig._report.elements import Given


def analysed(given: Given) -> tuple[int, str]:
    """Return the number of rows in the models of the contrasts, and a sentence on the others, or nothing."""
    obs, used = given.adata.obs, rows_of(given)
    inside = int(given.design.arms(obs).notna().sum())
    if not used:
        return len(obs), ""
    outside, idle = len(obs) - inside, inside - len(used)
    said = []
    if outside:
        unnamed = [f"{c!r} is {first(levels)}" for c, levels in _unnamed(given).items()]
        said.append(f"{_samples(outside)} outside the design ({'; '.join(unnamed)})")
    if idle:
        said.append(f"{_samples(idle) if not outside else f'{idle:,}'} in none of these contrasts")
    were = "was" if outside + idle == 1 else "were"
    of = "" if idle else " of the contrasts"  # of which stroma grown alone may be the reference
    return len(used), f"{words.listing(said)} {were} left out{of}." if said else ""


def excluded(adata: AnnData) -> str:
    """Say which rows were left out by name, or by what the sheet says of them, before anything was done."""
    read: dict[str, Any] = recall(adata, "input", {})
    gone = [str(name) for name in read.get("left_out", ())]
    row = "cell" if recall(adata, "pseudobulk", {}) else "sample"
    said = []
    if gone:
        were = "was" if len(gone) == 1 else "were"
        said.append(f"{words.count(len(gone), row)} ({first(gone, 10)}) {were} excluded before the analysis.")
    if "kept_where" in read:
        whole = words.count(int(read["kept_of"]), row)
        said.append(f"Of {whole} those were kept where {read['kept_where']}.")
    return " ".join(said)


def rows_of(given: Given) -> set[int]:
    """Return the rows in the models of the contrasts that have an estimate."""
    names = set(given.main.loc[given.main["estimate"].notna(), "contrast"].astype(str))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # given with the comparison
        plans = [p for p in given.design.plans(given.adata.obs) if p.contrast.name in names]
    return {row for p in plans if p.model is not None for row in p.model.frame["row"]}


def _samples(n: int) -> str:
    return words.count(n, "further sample")


def _unnamed(given: Given) -> dict[str, list[str]]:
    """Column to the levels that the design does not name, with their rows."""
    design, obs = given.design, given.adata.obs
    found: dict[str, list[str]] = {}
    if isinstance(design, Design):
        named = {str(getattr(design, f)): own for f, own in _arms.levels(design).items() if f != "inhibitor"}
        wanted = {c: _arms.as_text(obs[c]).isin(own) for c, own in named.items()}
    else:
        left = _formula_plan.read(design, obs).left_out
        wanted = {c: ~_arms.as_text(obs[c]).isin(levels) for c, levels in left.items() if levels}
    for column, own in wanted.items():
        rows: pd.Series = _arms.as_text(obs[column])[~own].dropna()
        if len(rows):
            found[column] = [f"{level!r} ({n})" for level, n in rows.value_counts().items()]
    return found
