"""What moves scores by itself in a comparison: kept with its result, for the sentences about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._errors import first
from marrowsig._mixed_sums import SAID, mixed_among
from marrowsig._provenance import recall
from marrowsig._rounded import percent
from marrowsig._unasked import CAUTIONS as KEY
from marrowsig.pp._draws import DEPTH
from marrowsig.tl._composition import UNCHECKED, moved_cells, unlabelled, unlike_cells

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from anndata import AnnData

    from marrowsig._plan import Plan

TOLD = 0.5
"""Share of the counts that is kept, from which on down it is told."""


SHARES_DIFFER = "The shares of cell types in the sums differ"
BY_THAT = ", and the score of a sum may move by that alone"


def cautions(adata: AnnData, plans: list[Plan]) -> list[list[str]]:
    """List contrast, stratum and sentence of arms of unlike or unlabelled cells, mixed sums, thinned counts.

    Contrast and stratum are empty where the sentence is about all rows; method and signature follow where it
    is about one score.
    """
    column, told = unlike_cells(adata, plans)
    lead, rest = f"The arms are made of unlike cells (column {column!r}, ", "), which moves scores by itself"
    found = [[*place, f"{lead}{shares}{rest}"] for place, shares in told.items()]
    column, told = moved_cells(adata, plans)
    found += [
        [*place, f"{SHARES_DIFFER} (column {column!r}, {shares}){BY_THAT}"] for place, shares in told.items()
    ]
    found += [[*place, text] for place, text in unlabelled(adata, plans).items()]
    found += _mixed(adata, plans)
    if recall(adata, "thin"):
        found += _thinning(adata, plans)
    return found


def of_row(row: Mapping[Any, Any], kept: list[list[str]]) -> list[str]:
    """Sentences for a row of the result."""
    place = (str(row["contrast"]), str(row.get("stratum") or ""))
    score = [str(row.get("method")), str(row.get("signature"))]
    return [
        text
        for contrast, stratum, text, *of in kept
        if (not contrast or (contrast, stratum) == place) and of in ([], score)
    ]


def kept_with(rows: pd.DataFrame | pd.Series) -> list[list[str]]:
    """Give what a result carries; nothing where it was read from a table."""
    found: list[list[str]] = rows.attrs.get(KEY, [])
    return found


def unchecked(rows: pd.DataFrame, contrasts: Sequence[str]) -> list[str]:
    """Say of which arms of these contrasts the cells have no labels, for the methods."""
    told = [text for contrast, _, text, *_ in kept_with(rows) if contrast in contrasts]
    return [f"{text}." for text in dict.fromkeys(told) if text.startswith(UNCHECKED)]


def by_batch(rows: pd.DataFrame, ids: Sequence[str], contrast: str, stratum: str) -> list[str]:
    """Name those of `ids` whose effect differs between batches, in one sentence; empty where none does."""
    methods = set(rows["method"].astype(str))
    told = [
        one[4]
        for one in kept_with(rows)
        if one[:2] == [contrast, stratum] and len(one) > 4 and one[3] in methods and one[4] in ids
    ]
    if not told:
        return []
    msg = (
        f"The effect differs between batches (F of effect x batch, p < 0.01): {first(dict.fromkeys(told))}. "
        "One effect for all says little of any; where these are studies, a meta-analysis pools them."
    )
    return [msg]


def _mixed(adata: AnnData, plans: list[Plan]) -> list[list[str]]:
    """Say of each contrast how many of the sums in its arms hold several levels; of older records of all."""
    every = mixed_among(adata)
    if not every.several:
        return []
    if not every.of:
        return [["", "", f"{SAID} {every.several}"]]
    found = []
    for plan in (p for p in plans if p.model is not None):
        frame = plan.model.frame if plan.model is not None else adata.obs
        own = frame["arm"].isin(list(plan.contrast.weights))
        here = mixed_among(adata, frame.loc[own, "row"] if own.any() else frame["row"])
        part = f" ({here.n} of the {here.of} sums compared)" if here.some else ""
        if here.several:
            found.append([plan.contrast.name, plan.stratum, f"{SAID} {here.several}{part}"])
    return found


def _thinning(adata: AnnData, plans: list[Plan]) -> list[list[str]]:
    """Say of each contrast to how many counts its rows were thinned, and what share of theirs that is."""
    if DEPTH not in adata.obs or "counts" not in adata.layers:
        return []
    depth = adata.obs[DEPTH].to_numpy(dtype=float)
    before = np.asarray(adata.layers["counts"].sum(axis=1, dtype=np.float64)).ravel()
    found = []
    for plan in (p for p in plans if p.model is not None):
        rows = plan.model.frame["row"].to_numpy() if plan.model is not None else []
        few, most = int(depth[rows].min()), int(depth[rows].max())
        each = f"{few:,}" if few == most else f"{few:,} to {most:,}"
        share = depth[rows].sum() / before[rows].sum()
        fewest = adata.obs_names[rows[np.argmin(before[rows])]]
        lost = f", {percent(share)} of what they had; {fewest} had the fewest" if share <= TOLD else ""
        told = (
            f"The {len(rows)} rows compared were thinned to {each} counts each before they were scored{lost}"
        )
        found.append([plan.contrast.name, plan.stratum, told])
    return found
