"""Share of stromal RNA per sample, and how far the markers agree about it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig._stats.mixing import markers
from marrowsig._stats.share import log_spread, marker_shares, weighted_median
from marrowsig._stats.share_few import ENOUGH, share_of_few
from marrowsig.qc._stroma_drawn import few_counts
from marrowsig.qc._stroma_held_out import hold_out
from marrowsig.qc._stroma_limit import LONE
from marrowsig.qc._stroma_unseen import background
from marrowsig.sig import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from marrowsig._stats.share import Shares
    from marrowsig.qc._stroma_study import Study
    from marrowsig.sig import SignatureSet

    Array = NDArray[np.float64]

COLUMNS = (
    "sample", "arm", "stratum", "share", "share_low", "share_high", "n_markers", "positive", "spread",
    "reading",
)  # fmt: skip
CLAIMED = ("emt", "il6", "stat3", "control.hallmark_tgf_beta", "control.progeny_tgfb")
"""What co-culture may raise in blasts: no markers of stroma, whichever signatures are tested."""
LEAST_MARKERS = 10
SURE = 1.645  # of 100 genes, five lie further above their reference than this many SD
UNKNOWN_FACTOR = 3.0
MIXING, SCATTERED = 1.0, 1.25  # SD of log2 ratios


@dataclass(frozen=True)
class Found:
    """Shares of all samples, and for each stratum what the filter has to reckon with.

    upper   by stratum, the largest upper limit over its samples
    factor  by stratum, how far above its reference a gene may lie, from the spread of the markers
    spread  by stratum, SD of the log2 ratios of the markers' means over the co-cultures, less counting noise;
            NaN where no co-culture shows a share, for the ratios are then noise alone
    of      by stratum, the markers that its shares are from

    All are NaN of a stratum that has too few markers, and its factor is that of a spread not known.
    """

    table: pd.DataFrame
    markers: list[str]
    upper: dict[str, float]
    factor: dict[str, float]
    spread: dict[str, float]
    source: str
    of: dict[str, list[str]] = field(default_factory=dict)


@cache
def claimed() -> frozenset[str]:
    """Genes of all shipped EMT, IL-6, STAT3 and TGF-beta lists."""
    return frozenset(gene for sig in load(*CLAIMED) for gene in sig.genes)


_MITOCHONDRIAL = re.compile(r"mt-", re.IGNORECASE)
"""No cell lacks these genes: what the cells alone do not show of them is depth or a filter, not stroma."""


def may_mark(names: Iterable[str], tested: SignatureSet) -> NDArray[np.bool_]:
    """Genes that may be markers of stroma: on no list that is tested or claimed, and not mitochondrial."""
    # A list of stroma genes among the controls is no claim that its genes could confound.
    out = claimed() | {gene for sig in tested if sig.axis != "control" for gene in sig.genes}
    return np.array([gene not in out and not _MITOCHONDRIAL.match(gene) for gene in names], dtype=bool)


def marker_columns(
    study: Study, tested: SignatureSet, asked: Iterable[str] | None, levels: Array | None = None
) -> NDArray[np.int64]:
    """Columns of the markers: those named, or the rule; none without a reference.

    `levels` are what the cells alone express, by default of every line and stratum.
    """
    names = study.linear.names
    if asked is not None:
        named = [asked] if isinstance(asked, str) else list(dict.fromkeys(asked))
        place = {gene: i for i, gene in enumerate(names)}
        found = [place[g] for g in named if g in place]
        if not found:
            msg = f"None of the genes of markers= is in var_names: {first(named)}. Give gene symbols."
            raise InputError(msg)
        return np.array(found)
    if study.reference is None:
        return np.zeros(0, dtype=np.int64)
    alone = background(study) if levels is None else levels
    return markers(alone.max(axis=0), study.reference.profile, may_mark(names, tested))


def measured(
    study: Study,
    columns: NDArray[np.int64],
    *,
    rng: np.random.Generator,
    draws: int,
    levels: Array | None = None,
    choose: Callable[[Study], NDArray[np.int64]] | None = None,
) -> Found:
    """Estimate shares from markers.

    `levels` (n_bases, n_genes) are what the cells alone have of them, by default with what `background` puts
    in for genes that were chosen as not seen there; `choose` finds the markers in another study (by default
    they were named, and are the same in each).
    """
    if study.reference is None:
        msg = "Shares are estimated from a reference of stroma grown alone, and none was given. Pass stroma=."
        raise InputError(msg)
    frame, s = study.frame, study.reference.profile[columns]
    values = study.linear.matrix[frame["row"].to_numpy()][:, columns]
    alone = (background(study) if levels is None else levels)[frame["base"].to_numpy()][:, columns]
    known = np.isfinite(s) & (s > alone.max(axis=0))
    values, alone, s, columns = values[:, known], alone[:, known], s[known], columns[known]
    found = marker_shares(values, alone, s, rng=rng, draws=draws)
    _few_reads(study, found, values, alone, s, rng=rng, draws=draws)
    lone = hold_out(study, found, columns, choose)
    shown = set(frame["stratum"][frame["co"].to_numpy() & (found.low > 0)])
    spread = {
        stratum: _pooled(study, stratum, values, alone, s) if stratum in shown else float("nan")
        for stratum in frame["stratum"].unique()
    }
    table = pd.DataFrame(
        {
            "sample": frame["name"].to_numpy(), "arm": frame["arm"].to_numpy(),
            "stratum": frame["stratum"].to_numpy(), "share": found.share, "share_low": found.low,
            "share_high": found.high, "n_markers": columns.size, "positive": found.positive,
            "spread": found.spread,
        }
    )  # fmt: skip
    told = [_reading(row, spread[row["stratum"]]) for row in table.to_dict("records")]
    table["reading"] = np.where(lone, LONE, told)
    genes = [study.linear.names[j] for j in columns]
    return _with_limits(table, study, spread, genes, f"{columns.size} markers")


def _few_reads(
    study: Study,
    found: Shares,
    values: Array,
    alone: Array,
    s: Array,
    *,
    rng: np.random.Generator,
    draws: int,
) -> None:
    """Put in the shares of the rows whose markers have few reads."""
    place = study.frame["row"].to_numpy()
    for i in np.flatnonzero(few_counts(study, place)):
        told = share_of_few(values[i], alone[i], s, float(study.linear.depth[place[i]]), rng=rng, draws=draws)
        if told is not None:
            found.share[i], found.low[i], found.high[i] = told


def given(study: Study, shares: pd.DataFrame) -> Found:
    """Take shares that were measured otherwise: from species, sex or flow."""
    if not isinstance(shares, pd.DataFrame):
        msg = (
            f"shares= is a {type(shares).__name__}. Give a DataFrame with share, share_low and share_high "
            "per sample."
        )
        raise InputError(msg)
    lacking = [c for c in ("share", "share_low", "share_high") if c not in shares]
    names = study.frame["name"]
    table = shares.set_index("sample") if "sample" in shares else shares
    absent = [name for name in names if name not in table.index]
    if lacking or absent:
        msg = (
            f"shares= has no {first(lacking or absent)}. It needs share, share_low and share_high per sample."
        )
        raise InputError(msg)
    twice = table.index[table.index.duplicated()].unique().intersection(names)
    if len(twice):
        msg = f"shares= has several rows of {first(twice)}. Give one row per sample."
        raise InputError(msg)
    own = table.loc[names, ["share", "share_low", "share_high"]].apply(pd.to_numeric, errors="coerce")
    if not ((own >= 0) & (own <= 1)).to_numpy().all():
        msg = "shares= has to lie between 0 and 1, as 0.02 for 2 %, without missing values."
        raise InputError(msg)
    order = (own["share_low"] <= own["share"]) & (own["share"] <= own["share_high"])
    if not order.all():
        msg = f"share_low <= share <= share_high does not hold for {first(own.index[~order])} of shares=."
        raise InputError(msg)
    frame = study.frame[["name", "arm", "stratum"]].rename(columns={"name": "sample"}).reset_index(drop=True)
    frame = pd.concat([frame, own.reset_index(drop=True)], axis=1)
    frame = frame.assign(n_markers=0, positive=np.nan, spread=np.nan, reading="given")
    return _with_limits(frame, study, dict.fromkeys(frame["stratum"].unique(), np.nan), [], "shares given")


def _with_limits(
    table: pd.DataFrame, study: Study, spread: dict[str, float], genes: list[str], source: str
) -> Found:
    co = study.frame["co"].to_numpy()
    part = table[co].groupby("stratum")["share_high"].max() if co.any() else pd.Series(dtype=float)
    upper = {s: float(part.get(s, 0.0)) for s in spread}
    factor = {s: UNKNOWN_FACTOR if np.isnan(v) else float(2.0 ** (SURE * v)) for s, v in spread.items()}
    return Found(table[list(COLUMNS)], genes, upper, factor, spread, source, dict.fromkeys(spread, genes))


def _pooled(study: Study, stratum: str, values: Array, alone: Array, s: Array) -> float:
    """Spread of the markers' mean ratios over the co-cultures of a stratum, less what counting adds."""
    rows = ((study.frame["stratum"] == stratum) & study.frame["co"]).to_numpy()
    if not rows.any() or s.size < LEAST_MARKERS:
        return float("nan")
    weight = (s - alone[rows]).mean(axis=0)
    ratio = (values[rows] - alone[rows]).mean(axis=0) / weight
    depth = study.linear.depth[study.frame["row"].to_numpy()[rows]]
    reads = (values[rows] * depth[:, None] / 1e6).sum(axis=0)
    spread = log_spread(ratio, weight)
    if np.isnan(spread) or np.isnan(reads).any():
        return spread
    if weighted_median(reads, weight) < ENOUGH:
        return float("nan")  # of one or two reads each, ratios scatter in steps, and noise is all there is
    up = ratio > 0
    noise = weighted_median(1.0 / np.maximum(reads[up], 1.0), weight[up]) / np.log(2.0) ** 2
    return float(np.sqrt(max(spread**2 - noise, 0.0)))


def _reading(row: dict[str, float], pooled: float) -> str:
    if row["share_low"] <= 0:
        return "none shown"
    if np.isnan(pooled):
        return "too little to tell mixing from induction"
    if pooled <= MIXING:
        return "mixing"
    return (
        "between mixing and induction" if pooled <= SCATTERED else "scattered: induction, or another stroma"
    )
