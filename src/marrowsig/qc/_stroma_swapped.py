"""Whether it is the cells called alone that hold RNA of stroma."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._rounded import percent
from marrowsig._stats.mixing import markers
from marrowsig._stats.share import marker_shares
from marrowsig._stimulus import no_coculture
from marrowsig.qc._stroma_shares import LEAST_MARKERS, may_mark
from marrowsig.qc._stroma_words import NONE_ALONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig.design import Design
    from marrowsig.qc._stroma_shares import Found
    from marrowsig.qc._stroma_study import Study
    from marrowsig.sig import SignatureSet

    Array = NDArray[np.float64]

LEAST, TIMES, MOST_SAMPLES = 0.001, 3.0, 0.75
"""Mean share of those called mono, times that of those called co, and part of them surely above 0."""
DRAWS, SEED = 199, 0  # of the markers; the answer is the same each time


def swapped(study: Study, found: Found | None, tested: SignatureSet, design: Design) -> str:
    """Say that the samples called mono hold clearly more RNA of stroma than those called co; else nothing.

    Shares of the samples called mono are estimated as if those called co, untreated where there are such, had
    grown alone: with them as the background, as the rule wants it, no share of theirs could be seen.
    """
    alone = (study.frame["culture"] == design.mono).to_numpy()
    co = study.frame["co"].to_numpy()
    shown = np.zeros(0) if found is None else found.table.loc[co, "share"].dropna().to_numpy()
    other = float(shown.mean()) if shown.size else 0.0
    # Of few markers or few reads, shares of nothing scatter above 0; their lower limits do not.
    estimates = [_as_if_swapped(study, tested, alone, design)]
    if found is not None and not found.markers:
        own = found.table[alone]
        estimates.insert(0, own["share"].to_numpy() * (own["share_low"] > 0).to_numpy())
    for shares in estimates:
        if not shares.size or (shares > 0).mean() < MOST_SAMPLES:
            continue
        mean = float(shares.mean())
        if mean >= max(LEAST, TIMES * other):
            means = f"{design.mono!r} {percent(mean)} on average, {design.co!r} {percent(other)}"
            if no_coculture(design):
                return (
                    f"S{NONE_ALONE[1:]} ({means}). Carry-over can be told only beside such cells, as mono=."
                )
            return f"Stroma's RNA is in the arm called mono ({means}). Did you swap mono= and co=?"
    return ""


def _as_if_swapped(study: Study, tested: SignatureSet, alone: NDArray[np.bool_], design: Design) -> Array:
    """Shares of the samples called mono, 0 where their limit is; none where there are too few markers."""
    if study.reference is None:
        return np.zeros(0)
    place, expression = study.frame["base"].to_numpy(), study.expression
    grown = study.frame["co"].to_numpy()
    if "inhibitor" in study.frame and (own := grown & (study.frame["inhibitor"] == design.vehicle)).any():
        grown = np.asarray(own)
    bases = {b: expression[grown & (place == b)].mean(axis=0) for b in np.unique(place[grown])}
    rows = np.flatnonzero(alone & np.isin(place, list(bases)))
    if not rows.size:
        return np.zeros(0)
    profile = study.reference.profile
    allowed = may_mark(study.linear.names, tested)
    columns = markers(np.max(list(bases.values()), axis=0), profile, allowed)
    if len(columns) < LEAST_MARKERS:
        return np.zeros(0)
    background = np.array([bases[b][columns] for b in place[rows]])
    values, rng = expression[rows][:, columns], np.random.default_rng(SEED)
    found = marker_shares(values, background, profile[columns], rng=rng, draws=DRAWS)
    return found.share * (found.low > 0)
