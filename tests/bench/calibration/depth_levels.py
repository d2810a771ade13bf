"""Level and power of sums of cells whose arms are of unlike depth: as they are, thinned, and by UCell."""

from __future__ import annotations

from functools import cache, partial

import anndata as ad
import numpy as np
import pandas as pd
from scipy import stats

import marrowsig as ms
from calibration.case import IS_LEVEL, Aim, Case, below
from marrowsig._stats.thinning import balanced

TITLE = "Level and power of sums of unlike depth"
NOTE = (
    "Sums of 40 cells of donors in pairs of arms, on the 8,000 genes of `ms.ds.demo()` with their levels "
    "there: negative binomial counts, every gene varying between donors (SD 0.3, ln) and between donor "
    "and arm (0.1), the signature as a whole by 0.05 in both ways, sizes of sums by SD 0.3 (ln) and "
    "80,000 counts a sum unless the row says otherwise. `depth` multiplies the counts of one arm; `2x the "
    "cells` sums twice the cells there. Weak: emt.hallmark (median 5 counts per million), strong: "
    "emt.blast (108). Paired t tests of singscore of the sums as they are (`as is`), of all sums thinned "
    "to the smallest once (`once`) and as the mean over ten draws apart from each other (`thinned`; "
    "`ms.pp.thin` takes 30, balanced ten by ten), and of UCell of the sums as they are. Power, of the "
    "first 60 runs (260 of the row of 1,000), where all genes of the signature rise by 0.3 (ln) in one "
    "arm; where the level is not held it says nothing. One row was drawn 1,000 times, as its first 200 "
    "runs had missed an aim (thinned 0.100), which these do not bear out."
)
SETS = {"weak": "emt.hallmark", "strong": "emt.blast"}
LIFT, CELLS, PROGRAMME = 0.3, 40, 0.05
ROUTES, DRAWS = ("as is", "once", "thinned", "UCell"), 10


@cache
def world() -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Shares of a library of the demo's genes in parental cells alone, names, and places of the sets."""
    adata = ms.ds.demo()
    alone = adata[(adata.obs["line"] == "parental") & (adata.obs["culture"] == "mono")]
    total = np.asarray(alone.X.sum(axis=0)).ravel()
    names = np.asarray(adata.var_names, dtype=str)
    return total / total.sum(), names, [np.flatnonzero(np.isin(names, list(s.genes))) for s in signatures()]


@cache
def signatures() -> list:
    return [ms.sig.load(name)[name] for name in SETS.values()]


def counts(
    rng: np.random.Generator,
    shape: tuple[int, int],
    depth: float,
    lift: float,
    reads: float,
    spread: float,
    cells: float,
) -> np.ndarray:
    """Run, donor, arm, gene."""
    share, _, sets = world()
    size = (*shape, 2, share.size)
    log = rng.normal(0, 0.3, (*shape, 1, share.size)) + rng.normal(0, 0.1, size)
    for genes in sets:
        both = rng.normal(0, PROGRAMME, (*shape, 1)) + rng.normal(0, PROGRAMME, (*shape, 2))
        log[..., genes] += (both + np.array([0, lift]))[..., None]
    mean = share * np.exp(log)
    total = reads * rng.lognormal(0, spread, (*shape, 2)) * [1, depth]
    mean *= (total / mean.sum(-1))[..., None]
    noise = 2.0 * CELLS * np.array([1.0, cells])[:, None]
    return rng.poisson(mean * rng.standard_gamma(np.broadcast_to(noise, size)) / noise)


def scores(x: np.ndarray, method: str) -> np.ndarray:
    """Scores of both sets, of any rows at once: those of a row ignore the others."""
    rows = x.reshape(-1, x.shape[-1]).astype(np.float32)
    obs = pd.DataFrame(index=[f"r{i}" for i in range(len(rows))])
    adata = ad.AnnData(rows, obs=obs, var=pd.DataFrame(index=world()[1]))
    ms.tl.score(adata, ms.sig.SignatureSet(signatures()), method=method)
    return adata.obsm[f"score_{method}"].to_numpy().reshape(*x.shape[:-1], len(SETS))


def level(
    donors: int, depth: float, runs: int, *, reads: float = 8e4, spread: float = 0.3, cells: float = 1.0
) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([donors, int(100 * depth), int(reads), int(100 * cells)])
    out: dict[str, list[np.ndarray]] = {}
    for at in range(0, runs, 20):
        shape = (min(20, runs - at), donors)
        for what, lift in (("", 0.0), (" power", LIFT))[: 1 + (4 * at < runs)]:
            x = counts(rng, shape, depth, lift, reads, spread, cells)
            for route, p in _p(rng, x).items():
                for j, name in enumerate(SETS):
                    out.setdefault(f"{name}: {route}{what}", []).append(below(p[:, j]))
    return {name: np.concatenate(parts) for name, parts in sorted(out.items(), key=_order)}


def _order(item: tuple[str, list]) -> tuple[int, bool, int]:
    name, _, route = item[0].partition(": ")
    plain = route.removesuffix(" power")
    return list(SETS).index(name), plain != route, ROUTES.index(plain)


def _p(rng: np.random.Generator, x: np.ndarray) -> dict[str, np.ndarray]:
    """P of every route, runs x sets."""
    total, place = x.sum(-1), np.arange(x.shape[-1])
    drawn, few = [], np.empty_like(x)
    for _ in range(DRAWS):
        for run, donor, arm in np.ndindex(total.shape):
            least = int(total[run].min())
            few[run, donor, arm] = balanced(x[run, donor, arm], place, least, 1, rng)[0]
        drawn.append(scores(few, "singscore"))
    routes = (scores(x, "singscore"), drawn[0], np.mean(drawn, axis=0), scores(x, "ucell"))
    return {name: _t(values) for name, values in zip(ROUTES, routes, strict=True)}


def _t(values: np.ndarray) -> np.ndarray:
    return stats.ttest_rel(values[:, :, 1], values[:, :, 0], axis=1).pvalue


def cases() -> list[Case]:
    held = {f"{name}: {route}": IS_LEVEL for name in SETS for route in ("thinned", "UCell")}
    made = []
    for donors in (3, 4, 6):
        for depth in (1.0, 1.25, 1.5, 2.0):
            aims = dict(held)
            if depth == 2:
                aims["weak: as is"] = Aim("above", 0.15)
            scenario = f"{donors} pairs, depth {depth:g}"
            made.append(Case("depth", scenario, partial(level, donors, depth), 500, aims))
    for words, options in (
        ("2x the cells", {"cells": 2.0}), ("one million counts a sum", {"reads": 1e6}),
    ):  # fmt: skip
        draw = partial(level, 4, 2.0, **options)
        made.append(Case("depth", f"4 pairs, depth 2, {words}", draw, 500, held))
    million = {"spread": 1.0, "reads": 1e6}
    for words, options in (("sizes of SD 1", {"spread": 1.0}), ("sizes of SD 1, one million", million)):
        made.append(Case("depth", f"4 pairs, depth 1, {words}", partial(level, 4, 1.0, **options), 500, held))
    return made
