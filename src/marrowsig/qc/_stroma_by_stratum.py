"""Shares of stroma stratum by stratum: what one is told must not hang on which others are in the table."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import first
from marrowsig.qc._stroma_drawn import few_counts
from marrowsig.qc._stroma_held_out import chosen_without
from marrowsig.qc._stroma_shares import LEAST_MARKERS, UNKNOWN_FACTOR, Found, marker_columns, measured
from marrowsig.qc._stroma_unknown import unknown
from marrowsig.qc._stroma_unseen import TOGETHER, across_strata, in_strata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from marrowsig.qc._stroma_study import Study
    from marrowsig.sig import SignatureSet

LEAST_OWN = 20
"""Markers of a stratum of few counts from which on it needs no others: as many as 17 were there by chance."""
FEW = ", so few since the cells alone have too few counts to show what they lack"
SOME = (
    ", those of {} found on all strata together, since counts there are too few to tell what its cells lack"
)


def of_strata(
    study: Study,
    sigs: SignatureSet,
    markers: Iterable[str] | None,
    *,
    rng: np.random.Generator,
    draws: int,
) -> tuple[Found | None, dict[str, int]]:
    """Estimate the shares of each stratum from markers of its own; and of how many, where these are too few.

    A stratum of few counts that has too few, also without any one of its rows grown alone, takes those of all
    strata together. None where no stratum has enough, or there is no reference; of single strata that lack
    them the shares are NaN.
    """
    parts: dict[str, Found] = {}
    few: dict[str, int] = {}
    shallow: list[str] = []
    choose = None if markers is not None else lambda part: marker_columns(part, sigs, None)
    for stratum in study.frame["stratum"].unique():
        own = of_stratum(study, stratum)
        columns = marker_columns(own, sigs, markers)
        if choose is not None and _wanting(own, columns, choose):
            shallow.append(stratum)
        if len(columns) < LEAST_MARKERS:
            few[stratum] = len(columns)
            continue
        levels = None if markers is None else own.bases  # named ones were not chosen as not seen there
        parts[stratum] = measured(own, columns, rng=deepcopy(rng), draws=draws, levels=levels, choose=choose)
        if stratum in shallow:
            parts[stratum] = replace(parts[stratum], source=FEW)
    lent = _lent(study, sigs, rng, draws) if shallow else None
    if isinstance(lent, Found):
        of = {s: lent.table[lent.table["stratum"] == s] for s in shallow}
        parts |= {s: replace(lent, table=table) for s, table in of.items()}
    elif lent is not None:
        few |= {s: lent for s in shallow if s in few}
    few = {stratum: n for stratum, n in few.items() if stratum not in parts}
    if study.reference is None or not parts:
        return None, few
    return _joined(study, sigs, parts, shallow if isinstance(lent, Found) else []), few


def _wanting(own: Study, columns: NDArray[np.int64], choose: Callable[[Study], NDArray[np.int64]]) -> bool:
    """Whether a stratum of few counts has too few markers, some of them perhaps by chance.

    Limits are taken on markers chosen without a row grown alone: too few of those are too few as well.
    """
    if not few_counts(own, own.frame.loc[own.frame["alone"], "row"].to_numpy()).any():
        return False
    sizes = [len(held) for held in chosen_without(own, choose) if held is not None]
    return min([len(columns), *sizes]) < LEAST_OWN


def _lent(study: Study, sigs: SignatureSet, rng: np.random.Generator, draws: int) -> Found | int | None:
    """Shares from markers found on all strata together, or how many there are; None where nothing is lent."""
    together = across_strata(study)
    if together is None:
        return None
    columns = marker_columns(study, sigs, None, together)
    if len(columns) < LEAST_MARKERS:
        return len(columns)
    return measured(
        study,
        columns,
        rng=deepcopy(rng),
        draws=draws,
        levels=in_strata(study, together),
        choose=lambda part: marker_columns(part, sigs, None, across_strata(part)),
    )


def of_stratum(study: Study, stratum: str) -> Study:
    """Give the study as it is where this stratum alone is asked."""
    frame = study.frame[study.frame["stratum"] == stratum].reset_index(drop=True)
    of, place = np.unique(frame["base"].to_numpy(), return_inverse=True)
    return replace(
        study,
        frame=frame.assign(base=place),
        bases=study.bases[of],
        base_names=[study.base_names[b] for b in of],
        plans=[plan for plan in study.plans if plan.stratum == stratum],
    )


def _joined(study: Study, sigs: SignatureSet, parts: dict[str, Found], lent: list[str]) -> Found:
    """Put the strata together in the order of the study's rows."""
    strata = list(study.frame["stratum"].unique())
    lacking = [s for s in strata if s not in parts]
    tables = [part.table for part in parts.values()]
    if lacking:
        table = unknown(study, sigs)[0]
        tables.append(table[table["stratum"].isin(lacking)])
    code = study.frame["stratum"].to_numpy()
    masks = [*(code == s for s in parts), np.isin(code, lacking)]
    place = np.concatenate([np.flatnonzero(mask) for mask in masks])
    table = pd.concat(tables, ignore_index=True).set_axis(place).sort_index()
    known = {s: parts[s] for s in strata if s in parts}
    sizes = [int(part.table["n_markers"].iloc[0]) for part in known.values()]
    number = " to ".join(dict.fromkeys(str(n) for n in (min(sizes), max(sizes))))
    on = TOGETHER if len(lent) == len(known) else SOME.format(first(lent)) if lent else ""
    on = on or (FEW if any(part.source == FEW for part in known.values()) else "")
    nan = dict.fromkeys(strata, float("nan"))
    return Found(
        table,
        list(dict.fromkeys(gene for part in known.values() for gene in part.markers)),
        nan | {s: part.upper[s] for s, part in known.items()},
        dict.fromkeys(strata, UNKNOWN_FACTOR) | {s: part.factor[s] for s, part in known.items()},
        nan | {s: part.spread[s] for s, part in known.items()},
        f"{number} markers{on}",
        {s: part.markers for s, part in known.items()},
    )
