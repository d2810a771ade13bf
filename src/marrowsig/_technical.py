"""Technical replicates that are counted as samples: libraries of one arm that differ by counting alone."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from marrowsig._arms import as_text
from marrowsig._errors import DesignError, count, first
from marrowsig._kinds import COUNTS
from marrowsig._lane_names import named_as_lanes
from marrowsig._same_rows import same_rows
from marrowsig._stats.counting_noise import beyond_counting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

    Array = NDArray[np.float64]

DEEP, LEAST = 1000.0, 100.0
"""Counts of the genes that are compared: where enough genes have the first, they tell by themselves."""
SAME, SURELY, TIMES, APART = 1.25, 1.15, 0.1, 2.0
"""Most of the noise of counting that one library read twice has: by deep genes; by others, of which the
excess must be less than `TIMES` that of the other pairs of the arms, whose median is `APART` or more.

Least of all pairs of replicates of public data by deep genes: 2.1 (a cell line), 20 and more (donors); of the
lanes of one library 0.9 to 1.1 (tests/bench/technical.py).
"""
MANY = 100  # samples of one arm: a cohort, not lanes
MOST = 0.5  # share of the samples that are one of several of their library, from which on a run is refused


class Pair(NamedTuple):
    """Two rows of one arm, and how far they differ by deep genes, and by all that can be compared."""

    one: int
    other: int
    deep: float
    all: float


def technical_groups(counts: Array, arms: Sequence[str | float]) -> list[list[int]]:
    """Rows of `counts` (n_samples, n_genes) that are one library, by the arm of each; NaN for none."""
    arm, pairs = np.asarray(arms, dtype=object), []
    for name in dict.fromkeys(a for a in arm if isinstance(a, str)):
        rows = np.flatnonzero(arm == name).tolist()
        if len(rows) <= MANY:
            pairs += [_pair(counts, i, j) for i, j in combinations(rows, 2)]
    alike = [p for p in pairs if p.deep < SAME]
    unlike = [p.all for p in pairs if not (p.deep < SAME or p.all < SURELY or np.isnan(p.all))]
    others = float(np.median(unlike)) if unlike else 0.0
    if others >= APART:
        alike += [p for p in pairs if p.all < SURELY and p.all - 1 < TIMES * (others - 1)]
    return _joined(alike)


def _pair(counts: Array, i: int, j: int) -> Pair:
    return Pair(i, j, *(beyond_counting(counts[i], counts[j], least=least) for least in (DEEP, LEAST)))


def _joined(pairs: list[Pair]) -> list[list[int]]:
    groups: list[set[int]] = []
    for p in pairs:
        met = [g for g in groups if p.one in g or p.other in g]
        groups = [g for g in groups if g not in met] + [{p.one, p.other}.union(*met)]
    return sorted(sorted(g) for g in groups)


def technical_replicates(adata: AnnData, design: Design | FormulaDesign) -> list[str]:
    """Sentences about libraries that were read twice and would count twice; `adata` holds counts, or logs.

    Raises
    ------
    DesignError
        If at least half of the samples are such, and the design names no unit.
    """
    arms = design.arms(adata.obs)
    arm = arms.astype(object).where(arms.notna(), np.nan).tolist()
    values = _counts(adata)
    groups = [] if values is None else _not_copied(technical_groups(values, arm), values)
    if not groups:
        return _asked_by_name(list(map(str, adata.obs_names)), arm, values)
    n = sum(map(len, groups))
    names = [" = ".join(adata.obs_names[g]) for g in groups]
    msg = (
        f"{n} of {int(arms.notna().sum())} samples look like technical replicates: within an arm, "
        f"{count(len(groups), 'library was', 'libraries were')} read more than once, and "
        f"{'its' if len(groups) == 1 else 'their'} readings differ by the noise of counting alone "
        f"({first(names, 3)}). Lanes and repeated runs are not replicates: counted as "
        f"samples, they make every p too small. {_remedy(adata.obs, design, groups, arms)}"
    )
    if n >= MOST * int(arms.notna().sum()) and design.unit is None:
        msg += " If they are independent cultures after all, give unit= a column that names each sample."
        raise DesignError(msg)
    return [msg]


def _not_copied(groups: list[list[int]], counts: Array) -> list[list[int]]:
    """Leave out libraries that are the same in every gene: a copy, of which reading warns, is not summed."""
    copied = [
        bool(same_rows(counts[g], list(map(str, g)))) and not np.ptp(counts[g], axis=0).any() for g in groups
    ]
    return [g for g, copy in zip(groups, copied, strict=True) if not copy]


def _asked_by_name(names: Sequence[str], arms: Sequence[str | float], counts: Array | None) -> list[str]:
    """Ask about samples that are named as lanes, where few counts, or none, do not tell."""
    groups = [rows for rows in named_as_lanes(names, arms) if len(rows) <= MANY]
    if counts is not None:
        groups = [g for g in groups if all(_untold(_pair(counts, i, j)) for i, j in combinations(g, 2))]
    if not groups:
        return []
    lanes = [" = ".join(names[i] for i in g) for g in groups]
    msg = (
        f"Are these lanes of one library ({first(lanes, 3)})? Their values cannot tell. Lanes counted as "
        "samples make every p too small: give unit= a column that is alike for the lanes of a library, and "
        "their counts are summed."
    )
    return [msg]


def _untold(pair: Pair) -> bool:
    return bool(np.isnan(pair.deep)) and not pair.all >= SAME


def _counts(adata: AnnData) -> Array | None:
    from marrowsig._provenance import recall

    kind = recall(adata, "input", {}).get("kind")
    values = adata.X if kind in COUNTS else adata.layers.get("counts")
    if values is None or not adata.n_vars:
        return None
    return np.asarray(values.toarray() if sparse.issparse(values) else values, dtype=np.float64)


def _remedy(
    obs: pd.DataFrame, design: Design | FormulaDesign, groups: list[list[int]], arms: pd.Series
) -> str:
    """Name the column that holds the libraries, or say that the sheet needs one."""
    column = _column(obs, groups, arms)
    if not column:
        return (
            "Add a column to the sample sheet that names the culture, alike for what is one library, and "
            "give it as unit=: their counts are then summed."
        )
    paired = ""
    if design.pair is None:
        level, inside = as_text(obs[column]).to_numpy(), arms.notna().to_numpy()
        recurs = pd.Series(arms.to_numpy()[inside]).groupby(level[inside]).nunique().gt(1).any()
        paired = f" and pair={column!r}" if recurs else ""
    return f"Give unit={column!r}{paired}: their counts are then summed."


def _column(obs: pd.DataFrame, groups: list[list[int]], arms: pd.Series) -> str:
    """Find a column of words that is alike within the groups and tells all others of an arm apart."""
    group = np.arange(len(obs))
    for g in groups:
        group[g] = g[0]
    inside = arms.notna().to_numpy()
    for column in obs.columns:
        level = as_text(obs[column]).reset_index(drop=True)[inside]
        if level.isna().any() or pd.to_numeric(level, errors="coerce").notna().all():
            continue
        own = pd.factorize(arms[inside].astype(str).to_numpy() + "|" + level.to_numpy())[0]
        if (own == pd.factorize(group[inside])[0]).all():
            return str(column)
    return ""
