"""Sums that were dropped for their few cells, and which contrasts they would have answered."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._arms import as_text
from marrowsig._cell_types import LIKE
from marrowsig._errors import DesignError, InputWarning, count, first
from marrowsig._provenance import recall
from marrowsig._unlike import looks_like
from marrowsig.design import Design

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig._plan import Plan

Question = tuple[str, str]
"""A contrast and its stratum."""
N = "n_cells"
NAMED, SCATTER = 3, 10
_KNOWN: dict[tuple[Any, ...], dict[Question, int]] = {}
"""What was found last, since several verbs compare the same sums."""


def few_cells(adata: AnnData, design: Design | FormulaDesign, plans: list[Plan]) -> str:
    """Say which `min_cells` would let contrasts be estimated, or that none would; begins with a blank.

    Empty where all can be, where no sum was dropped, and where the design asks for columns that the sums were
    not made by.
    """
    silent = {(p.contrast.name, p.stratum): p for p in plans if p.model is None}
    made: dict[str, Any] = recall(adata, "pseudobulk", {})
    if not silent or not isinstance(design, Design) or not made.get("few") or N not in adata.obs:
        return ""
    alike = _alike(adata, design, silent.values())
    if any(plan.reason.startswith("one replicate") for plan in silent.values()):
        alike += str(made.get("pools", ""))
    few = json.loads(str(made["few"]))
    columns, least = few["columns"], int(made["min_cells"])
    if not few["levels"] or not set(design.columns.values()) <= set(columns):
        return alike
    dropped = pd.DataFrame(few["levels"], columns=columns).assign(**{N: few[N]})
    there = pd.DataFrame({c: as_text(adata.obs[c]) for c in columns}).assign(**{N: adata.obs[N].to_numpy()})
    every = pd.concat([there, dropped], ignore_index=True)
    key = (repr(design), str(made["few"]), tuple(adata.obs_names), tuple(silent))
    if key not in _KNOWN:
        _KNOWN.clear()
        limits = sorted({n for n in few[N] if n < least}, reverse=True)
        _KNOWN[key] = _answered_at(design, every, limits, set(silent))
    found = _KNOWN[key]
    lead = f" {count(len(dropped), 'sum was', 'sums were')} dropped (min_cells={least})"
    if found:
        one = len({plan.contrast.name for plan in plans}) == 1
        told = [f"min_cells={k} for {_told(silent[q], design, every, one=one)}" for q, k in found.items()]
        others = len(silent) - len(found)
        rest = f"; no min_cells helps the other {others}" if others else ""
        noisy = min(found.values()) < SCATTER
        caution = f" Scores of sums of fewer than {SCATTER} cells scatter." if noisy else ""
        return f"{lead}; what would help: {first(told, NAMED)}{rest}.{caution}{alike}"
    return f"{lead}, and no lower min_cells would help.{alike or _together(design, every, columns)}"


def _alike(adata: AnnData, design: Design, silent: Iterable[Plan]) -> str:
    """Say which types go by two names, such as "Mono" and "Mono-like", so that no stratum has both arms."""
    column = design.compartment
    if column is None or not any(0 in plan.counts.values() for plan in silent):
        return ""
    levels = set(as_text(adata.obs[column]).dropna())
    twice = sorted(level for level in levels if (plain := LIKE.sub("", level)) != level and plain in levels)
    if not twice:
        return ""
    return (
        f" {first(twice)} stand apart from {first(LIKE.sub('', level) for level in twice)}: if these are one "
        f"type, give a column that calls both alike, cells.obs['type'] = cells.obs[{column!r}].astype(str)."
        "str.removesuffix('-like')."
    )


def _answered_at(
    design: Design, every: pd.DataFrame, limits: list[int], silent: set[Question]
) -> dict[Question, int]:
    """Give the highest of `limits` (falling) at which each silent question has an answer."""
    found: dict[Question, int] = {}
    for k in limits:
        now = _answered(design, every[every[N] >= k])
        found |= {question: k for question in sorted(now & silent) if question not in found}
        if len(found) == len(silent):
            break
    return found


def _answered(design: Design, obs: pd.DataFrame) -> set[Question]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        try:
            plans = design.plans(obs.reset_index(drop=True).rename(index=str))
        except DesignError:
            return set()
    return {(p.contrast.name, p.stratum) for p in plans if p.model is not None}


def _told(plan: Plan, design: Design, every: pd.DataFrame, *, one: bool) -> str:
    """Name the question, the stratum alone where there is `one` contrast; with the cells of its pairs."""
    name = plan.contrast.name
    where = name if not plan.stratum else plan.stratum if one else f"{name} [{plan.stratum}]"
    unit, sides = design.pair or design.unit, list(plan.contrast.weights)
    if unit is None or len(sides) != 2:
        return where
    test, base = plan.contrast.half(test=True)[0], plan.contrast.half(test=False)[0]
    own = every[_within(design, every, plan.stratum)]
    arms = design.arms(every)[own.index]
    table = own.pivot_table(index=unit, columns=arms, values=N, aggfunc="sum")
    both = table.reindex(columns=[test, base]).dropna().astype(int)
    each = first(f"{name} {a} v {b}" for name, a, b in both.itertuples())
    return f"{where} (cells of {test} v {base}: {each})" if each else where


def _within(design: Design, every: pd.DataFrame, stratum: str) -> pd.Series:
    fields = [f for f in ("compartment", "time") if getattr(design, f) is not None]
    label = pd.Series("", index=every.index)
    for i, field in enumerate(fields):
        label = label + ("; " if i else "") + field + "=" + every[getattr(design, field)].astype(str)
    return label == stratum


def _together(design: Design, every: pd.DataFrame, columns: list[str]) -> str:
    """Say whether all cells together would do, where the cells were parted by compartment."""
    if design.compartment is None or "stroma" in {looks_like(t) for t in set(every[design.compartment])}:
        return ""  # stroma is never to be summed with leukaemia cells
    rest = [c for c in columns if c != design.compartment]
    whole = replace(design, compartment=None)
    if not _answered(whole, every.groupby(rest, as_index=False)[N].sum()):
        return f" All cells together, without compartment={design.compartment!r}, would not do either."
    return (
        f" All cells together would do: leave {design.compartment!r} out of by= and of the design; then arms "
        "may differ for the cells that they are made of."
    )
