"""Preranked enrichment by gseapy, for comparison with other work only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from marrowsig._stats.ols import Array

PERMUTATIONS = 1000
NOTE = "competitive, genes permuted: anti-conservative where genes of a set are correlated"


def prerank(
    stat: Array, sets: Sequence[NDArray[np.int64]], weights: Sequence[Array], *, seed: int
) -> tuple[Array, Array]:
    """Normalised enrichment score and p of every set; NaN for a set without genes.

    Parameters
    ----------
    stat
        One statistic per gene.
    sets, weights
        Per set its genes, and their signed weights: genes that should fall are turned round.
    seed
        Of the permutations; gseapy's p is never given as less than one over their number plus one.

    Source: Subramanian et al. 2005, doi:10.1073/pnas.0506580102
    """
    nes, p = np.full(len(sets), np.nan), np.full(len(sets), np.nan)
    rising = [s for s, w in enumerate(weights) if len(w) and (w > 0).all()]
    _run(stat, {s: sets[s] for s in rising}, seed, nes, p)
    for s, w in enumerate(weights):
        if len(w) and (w <= 0).any():
            turned = stat.copy()
            turned[sets[s][w < 0]] *= -1
            _run(turned, {s: sets[s]}, seed, nes, p)
    return nes, p


def _run(stat: Array, sets: dict[int, NDArray[np.int64]], seed: int, nes: Array, p: Array) -> None:
    if not sets:
        return
    import gseapy

    ranked = pd.Series(stat, index=[f"g{i}" for i in range(len(stat))])
    named = {f"s{s}": [f"g{i}" for i in members] for s, members in sets.items()}
    found = gseapy.prerank(
        ranked, named, min_size=1, max_size=len(stat), permutation_num=PERMUTATIONS, seed=seed, threads=1,
        no_plot=True, outdir=None,
    ).res2d  # fmt: skip
    for term, score, nominal in zip(found["Term"], found["NES"], found["NOM p-val"], strict=True):
        s = int(str(term)[1:])
        nes[s], p[s] = float(score), max(float(nominal), 1 / (PERMUTATIONS + 1))
