"""What stroma expresses: from samples of the study, from other data, or not known at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from marrowsig._arms import as_text
from marrowsig._errors import DesignError, InputError, count, first
from marrowsig._joined_levels import grown_alone, without_drug
from marrowsig._stroma_source import ELSEWHERE, as_read, said_source
from marrowsig._unit_columns import donors_of
from marrowsig._vehicle_words import nothing_given
from marrowsig.qc._linear import linear
from marrowsig.qc._stroma_pooled import first_of, pooled, summed_of, warn_of_dropped

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig.design import Design
    from marrowsig.qc._linear import Linear

    Array = NDArray[np.float64]

LEAST_SHARED = 1000
CELLS, FEW_GENES = 20, 1 / 3
"""Rows of stroma that may be cells: as many or more, and at most this part of the genes in one."""


class Reference(NamedTuple):
    """Level of every gene in stroma, per million of the study's genes; NaN where it was not measured.

    high  the same, or the level in stroma that was co-cultured where that is higher: what may be carried over
    """

    profile: Array
    high: Array
    words: str


def outside(study: Linear, stroma: AnnData | pd.Series | None, design: Design) -> Reference | None:
    """Profile of stroma from outside the study; None without one."""
    if stroma is None:
        return None
    if isinstance(stroma, pd.Series):
        level = pd.to_numeric(stroma, errors="coerce")
        words = f"the profile {stroma.name!r}" if stroma.name else "a profile"
        words += f", {ELSEWHERE}"
    elif hasattr(stroma, "obs_names"):
        other, donors = linear(stroma), summed_of(stroma, design)
        if donors is None:
            refuse_cells(stroma, float(np.median((other.matrix > 0).mean(axis=1))), design)
        else:
            warn_of_dropped(stroma)
        alone = _alone(stroma.obs, design)
        plain = alone.copy()
        plain[alone] = _plain(stroma.obs[alone], design)
        said = first_of(donors, alone, plain)
        grown = _grown(stroma.obs[plain & said], design)
        drugged = _drugged(stroma.obs[alone & said], design)
        sums = "" if donors is None else ", sums of cells"
        words = (
            f"{grown}{sums}{drugged}{_in_co(~alone & said)}, from {as_read(other.how)}{said_source(stroma)}"
        )
        found = _aligned(pd.Series(pooled(other, donors, plain), index=other.names), study, words)
        for rest in (alone & ~plain, ~alone):
            if rest.any():
                apart = pd.Series(pooled(other, donors, rest), index=other.names)
                found = _higher(found, _aligned(apart, study, words))
        return found
    else:
        msg = (
            f"stroma= is a {type(stroma).__name__}. Give the level of the compartment (or culture) column "
            "that names stroma grown alone, an AnnData of such samples, or a Series of linear expression."
        )
        raise InputError(msg)
    return _aligned(level, study, words)


def refuse_cells(stroma: AnnData, seen: float, design: Design, *, instead: str = "") -> None:
    """Raise where rows are many and hold few of the genes (`seen`, the median), as those of cells do.

    `instead` is further advice.
    """
    if stroma.n_obs < CELLS or seen > FEW_GENES:
        return
    own = [c for c in (design.unit, design.pair) if c in stroma.obs]
    donor = next(iter([*own, *donors_of(stroma.obs.columns)]), "")
    named = repr(donor) if donor else "<column of donors>"
    arm = f", by=[{design.culture!r}]" if design.culture in stroma.obs else ""
    msg = (
        f"stroma= has {stroma.n_obs} rows, and most hold less than a third of the genes: these look like "
        f"single cells. Sum them first: stroma = ms.pp.pseudobulk(cells, unit={named}{arm}, min_cells=1)."
        f"{f' {instead}' if instead else ''}"
    )
    raise InputError(msg)


def _grown(obs: pd.DataFrame, design: Design) -> str:
    """Say of which samples the reference is: stroma alone, unless `obs` says that it was in co-culture."""
    if design.culture is None or design.culture not in obs:
        return f"{count(len(obs), 'sample')} of stroma alone"
    n = int((without_drug(obs[design.culture]) == design.co).sum())
    if not n:
        return f"{count(len(obs), 'sample')} of stroma alone"
    told = f"{count(len(obs), 'sample')} of stroma"
    return f"{told} in co-culture (none was grown alone)" if n == len(obs) else f"{told}, {n} in co-culture"


def _with_drug(obs: pd.DataFrame, design: Design) -> NDArray[np.bool_]:
    """Rows of stroma that had an inhibitor."""
    if design.inhibitor is None or design.inhibitor not in obs:
        return np.zeros(len(obs), dtype=bool)
    level = as_text(obs[design.inhibitor])
    plain = (
        level.isna() | (level == design.vehicle) | level.map(nothing_given, na_action="ignore").eq(other=True)
    )
    return np.asarray(~plain, dtype=bool)


def _plain(obs: pd.DataFrame, design: Design) -> NDArray[np.bool_]:
    """Rows without an inhibitor, which answers in stroma as well; all where each had one."""
    drug = _with_drug(obs, design)
    return np.ones(len(obs), dtype=bool) if drug.all() else ~drug


def _drugged(obs: pd.DataFrame, design: Design) -> str:
    """Say of samples that had an inhibitor what becomes of them."""
    n = int(_with_drug(obs, design).sum())
    if n == len(obs):
        return ", all with an inhibitor"
    told = f"; where higher, their level in {n} with an inhibitor counts for the filter"
    return f" without inhibitor{told}" if n else ""


def _higher(plain: Reference, other: Reference) -> Reference:
    """Let genes that are higher in other stroma of the study be carried over at that level."""
    return plain._replace(high=np.fmax(plain.high, other.profile))


def _alone(obs: pd.DataFrame, design: Design) -> NDArray[np.bool_]:
    """Rows of stroma that was grown alone, where the sheet tells; all where it does not, or none was."""
    if design.culture is None or design.culture not in obs:
        return np.ones(len(obs), dtype=bool)
    alone = grown_alone(obs[design.culture], design)
    return alone if alone.any() else np.ones(len(obs), dtype=bool)


def _in_co(rest: NDArray[np.bool_]) -> str:
    """Say of stroma that was not grown alone, beside some that was, what becomes of it."""
    return (
        f"; where higher, their level in {count(int(rest.sum()), 'co-culture')} counts for the filter"
        if rest.any()
        else ""
    )


def _aligned(profile: pd.Series, study: Linear, words: str) -> Reference:
    if not profile.index.is_unique:
        msg = f"Genes of stroma= repeat: {first(profile.index[profile.index.duplicated()].unique())}."
        raise InputError(msg)
    found = profile.reindex(study.names).to_numpy(dtype=np.float64)
    known = np.isfinite(found)
    if known.sum() < min(LEAST_SHARED, len(study.names) / 2):
        msg = (
            f"stroma= shares {int(known.sum())} of {len(study.names)} genes with the study: "
            f"{first(profile.index)}. Use the same symbols (ms.pp.map_genes)."
        )
        raise InputError(msg)
    if (found[known] < 0).any() or found[known].sum() <= 0:
        msg = "stroma= has values below zero, or none above. Give linear values (counts, CPM, TPM), not logs."
        raise InputError(msg)
    if isinstance(profile, pd.Series) and found[known].max() <= 30:
        msg = f"The highest value of stroma= is {found[known].max():.3g}: give linear expression, not logs."
        raise InputError(msg)
    # Genes that the reference lacks keep their part of the study's million.
    scaled = found / found[known].sum() * study.matrix[:, known].sum(axis=1).mean()
    return Reference(scaled, scaled, words)


def stroma_rows(adata: AnnData, design: Design, level: str) -> NDArray[np.bool_]:
    """Rows of the study that are stroma: those with this level of the compartment, or of the culture."""
    for field in ("compartment", "culture"):
        column = getattr(design, field)
        if column is None or column not in adata.obs:
            continue
        here = (as_text(adata.obs[column]) == level).to_numpy()
        if here.any() and not (field == "culture" and level in (design.mono, design.co)):
            return here
    if level in (design.mono, design.co):
        arm = "cells grown with stroma" if level == design.co else "cells grown alone"
        msg = (
            f"{level!r} names an arm of {design.culture!r}, {arm}, and no stroma. Give stroma= an AnnData of "
            "stroma grown alone, a Series of linear expression, or the level that names stroma in a column "
            "of compartments, with compartment= in the design."
        )
        raise DesignError(msg)
    used = [c for c in (design.compartment, design.culture) if c]
    msg = (
        f"No sample has the level {level!r} in {first(map(repr, used))}. Give the one that names stroma, "
        "an AnnData of stroma grown alone, or a Series of linear expression."
    )
    raise DesignError(msg)


def require_alone(obs: pd.DataFrame, design: Design, level: str) -> None:
    """Raise if no row of `obs`, the stroma called `level`, was grown alone, with what to write instead."""
    culture = as_text(obs[design.culture]).dropna()
    if culture.isin([design.mono, level]).any():
        return
    seen = culture.value_counts()
    msg = (
        f"No sample of {level!r} was grown alone: {design.culture!r} is "
        f"{first(f'{name!r} ({n})' for name, n in seen.items()) or 'empty'} there, and not {design.mono!r}. "
        f"Write {design.mono!r} for stroma that was grown alone"
    )
    if len(seen) == 1 and design.co not in seen and design.compartment is not None:
        msg += f", or give stroma={seen.index[0]!r} and leave compartment= out"
    msg += "."
    raise DesignError(msg)


def of_rows(obs: pd.DataFrame, design: Design, values: Array, level: str) -> Reference:
    """Profile from samples of the study: `obs` and `values` (n, n_genes) of its stroma."""
    culture = as_text(obs[design.culture]).to_numpy()
    require_alone(obs, design, level)
    alone = (culture == design.mono) | (culture == level)
    of = obs[alone]
    plain = alone.copy()
    plain[alone] = _plain(of, design)
    profile = values[plain].mean(axis=0)
    high, words = profile, f"{int(plain.sum())} samples of {level!r} grown alone{_drugged(of, design)}"
    for rest in (alone & ~plain, ~alone):
        high = np.maximum(high, values[rest].mean(axis=0)) if rest.any() else high
    return Reference(profile, high, f"{words}{_in_co(~alone)}")
