"""How many samples an analysis is about, and which rows of the matrix it left out."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig import _arms, _formula_plan
from marrowsig._errors import InputWarning, first
from marrowsig._of_no_line import FIELDS, of_no_line
from marrowsig._provenance import recall
from marrowsig._report import words
from marrowsig._stroma_unanswered import lines_asked
from marrowsig.design import Design

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._report.elements import Given

STAYS = re.compile(r" \(stroma, (.+?)=(.+), stays\)$")
"""What `marrowsig._keep_rows` says of rows of stroma that were kept beside the others."""
FOR_FILTER = re.compile(r"their level in \d+ co-cultures? counts for the filter")


def analysed(given: Given) -> tuple[int, str]:
    """Return the number of rows in the models of the contrasts, and a sentence on the others, or nothing."""
    obs, used = given.adata.obs, rows_of(given)
    inside = int(given.design.arms(obs).notna().sum())
    if not used:
        return len(obs), ""
    alone, beside = _alone(given)
    with_alone, grown = _grown(given, alone, used)
    beside = " ".join(filter(None, [beside, grown]))
    outside, idle = len(obs) - inside - int(alone.sum()), inside - len(used) - with_alone
    said = []
    if outside:
        unnamed = [f"{c!r} is {first(levels)}" for c, levels in _unnamed(given, ~alone).items()]
        said.append(f"{_samples(outside)} outside the design ({'; '.join(unnamed)})")
    if idle:
        said.append(f"{_samples(idle) if not outside else f'{idle:,}'} in none of these contrasts")
    were = "was" if outside + idle == 1 else "were"
    left = f"{words.listing(said)} {were} left out of the contrasts." if said else ""  # stroma may be asked
    if idle and not outside:
        left = f"{_samples(idle)} {'is' if idle == 1 else 'are'} in none of these contrasts."
    return len(used), " ".join(filter(None, [beside, left]))


def excluded(adata: AnnData) -> str:
    """Say which rows were left out by name, or by what the sheet says of them, before anything was done."""
    read: dict[str, Any] = recall(adata, "input", {})
    gone = [str(name) for name in read.get("left_out", ())]
    row = "cell" if recall(adata, "pseudobulk", {}) else "sample"
    said = []
    if gone:
        were = "was" if len(gone) == 1 else "were"
        kind = f": {read['left_out_are']}" if read.get("left_out_are") else ""
        which = f"{words.count(len(gone), row)} ({first(gone, 10)}{kind})"
        said.append(f"{which} {were} excluded before the analysis.")
    if "kept_less" in read:
        n = int(read["kept_fewer"])
        said.append(f"{words.count(n, row)} {read['kept_less']} {'was' if n == 1 else 'were'} left out.")
    elif "kept_where" in read:
        whole = words.count(int(read["kept_of"]), row)
        where = STAYS.sub(r", and those of stroma, whose \1 is '\2'", str(read["kept_where"]))
        said.append(f"Of {whole} those were kept whose {where}.")
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


def _alone(given: Given) -> tuple[NDArray[np.bool_], str]:
    """Rows of stroma grown alone that belongs to no line, if anything is asked by them, and what is."""
    design, obs = given.design, given.adata.obs
    none = np.zeros(len(obs), dtype=bool)
    if not isinstance(design, Design) or design.compartment is None or design.line is None:
        return none, ""
    columns = {field: design.columns[field] for field in FIELDS if field in design.columns}
    rows = of_no_line(design, pd.DataFrame({f: _arms.as_text(obs[c]) for f, c in columns.items()}))
    whose = words.listing(dict.fromkeys(_arms.as_text(obs[design.compartment])[rows]))
    asked, guard = given.questions, given.extras.get("stroma")
    roles = []
    if guard is not None and f"{whose!r} grown alone" in str(guard.params["reference"]):
        roles.append("the reference of carry-over")
    if lines := lines_asked(asked):
        cells = "each line" if len(lines) != 1 else lines[0]
        roles.append(f"what stroma in co-culture with {cells} was compared with (further questions)")
    if not rows.any() or not roles:
        return none, ""
    drug = none if design.inhibitor is None else _with_drug(obs, design)
    plain, n = int((rows & ~drug).sum()), int(rows.sum())
    which = "these" if plain == n else f"the {plain:,} without inhibitor"
    return (
        rows,
        f"{_samples(n)} of {whose} grown alone belong to no line: {which} are {words.listing(roles)}.",
    )


def _grown(given: Given, alone: NDArray[np.bool_], used: set[int]) -> tuple[int, str]:
    """Count rows of that stroma in co-culture that are in no contrast of the design; say their part."""
    design, obs = given.design, given.adata.obs
    if not alone.any() or not isinstance(design, Design):
        return 0, ""
    whose, lines = _arms.as_text(obs[design.compartment]), _arms.as_text(obs[design.line])
    rows = _arms.as_text(obs[design.culture]).eq(design.co) & whose.isin(set(whose[alone]))
    rows &= lines.isin([design.parental, design.resistant]) & ~np.isin(np.arange(len(obs)), list(used))
    n, guard, asked = int(rows.sum()), given.extras.get("stroma"), lines_asked(given.questions)
    if asked:
        part = "was compared with these, for what is asked of stroma itself"
    elif guard is not None and FOR_FILTER.search(str(guard.params["reference"])):
        part = "counts for the filter of carry-over only"
    else:
        return 0, ""
    if n > 1:
        part = part.replace("was", "were", 1).replace("counts", "count", 1)
    return (
        n,
        f"{_samples(n)} of {words.listing(dict.fromkeys(whose[rows]))} in co-culture {part}." if n else "",
    )


def _with_drug(obs: pd.DataFrame, design: Design) -> NDArray[np.bool_]:
    drug = _arms.as_text(obs[str(design.inhibitor)])
    return np.asarray(drug.notna() & drug.ne(design.vehicle), dtype=bool)


def _unnamed(given: Given, among: NDArray[np.bool_]) -> dict[str, list[str]]:
    """Column to the levels that the design does not name, with their rows; of the rows `among`."""
    design, obs = given.design, given.adata.obs[among]
    found: dict[str, list[str]] = {}
    if isinstance(design, Design):
        named = {str(getattr(design, f)): own for f, own in _arms.levels(design).items() if f != "inhibitor"}
        wanted = {c: _arms.as_text(obs[c]).isin(own) for c, own in named.items()}
    else:
        left = _formula_plan.read(design, obs).left_out
        wanted = {c: ~_arms.as_text(obs[c]).isin(levels) for c, levels in left.items() if levels}
    for column, own in wanted.items():
        rows: pd.Series = _arms.as_text(obs[column])[~own]
        empty = int(rows.isna().sum())
        counts = [f"{level!r} ({n})" for level, n in rows.dropna().value_counts().items()]
        if len(rows):
            found[column] = [*counts, *([f"empty ({empty})"] if empty else [])]
    return found
