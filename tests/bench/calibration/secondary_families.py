"""False discoveries in a contrast outside the primary family: of the main signatures, and of all others."""

from __future__ import annotations

from functools import cache, partial

import anndata as ad
import numpy as np
import pandas as pd

import marrowsig as ms
from calibration.case import NO_MORE, Case
from marrowsig._stats.fdr import bh
from marrowsig._stats.ols import fit

TITLE = "False discoveries beside the primary family"
NOTE = (
    "Singscores of all signatures of the package, of simulated samples: 8,000 genes at the means of "
    "`ms.ds.demo`, with donors, noise and one factor per list that its genes share (correlation 0.2). Four "
    "arms in pairs, as mono and co-culture, each without and with a drug; the contrast is the drug in cells "
    "alone, in the model of all arms. A list that moves does so by two SD of a difference within pairs, "
    "added to its score. Columns are false discovery rates, the mean share of false calls among the calls "
    "of a family (0 without any), Benjamini-Hochberg at 0.05: `main` are emt.hallmark, il6.hallmark and "
    "stat3.specific, `rest` the other 19 lists that are no controls, `controls` 30. `both` is of main and "
    "rest together, adjusted apart, and has no aim; `as one` of the two adjusted as one family. `found` is "
    "the share of the main lists that move and are called, by themselves and as one. The error of a rate of "
    "0.05 is 0.004; that of the row is the largest, mostly of `found` or `both`."
)
MAIN = ("emt.hallmark", "il6.hallmark", "stat3.specific")
SHARED, DONOR, SIZE, CHUNK = 0.5, 0.5, 2.0, 100
X_ARMS = 4
CONTRAST = np.array([-1.0, 0.0, 1.0, 0.0])
"""The arms are mono, co, mono with the drug, co with the drug."""


def model(n: int) -> np.ndarray:
    """Arms of each pair one below the other, then the pairs but one."""
    pairs = np.repeat(np.eye(n)[:, 1:], X_ARMS, axis=0)
    return np.hstack([np.tile(np.eye(X_ARMS), (n, 1)), pairs])


@cache
def scores(n: int, runs: int) -> pd.DataFrame:
    """Scores of studies in which nothing moves, rows as in `model`, study by study."""
    rng = np.random.default_rng([n, 41])
    demo = ms.ds.demo()
    ms.pp.lognorm(demo)
    mean, lists = np.asarray(demo.X).mean(axis=0, dtype=np.float32), ms.sig.load()
    load = np.array([demo.var_names.isin(one.genes) for one in lists], dtype=np.float32) * SHARED
    parts = []
    for begin in range(0, runs, CHUNK):
        k = min(CHUNK, runs - begin)
        values = rng.standard_normal((k, n, X_ARMS, len(mean)), dtype=np.float32)
        values += DONOR * rng.standard_normal((k, n, 1, len(mean)), dtype=np.float32)
        values += rng.standard_normal((k, n, X_ARMS, len(lists)), dtype=np.float32) @ load
        adata = ad.AnnData(mean + 0.5 * values.reshape(-1, len(mean)), var=demo.var[[]])
        adata.obs_names = [f"s{i}" for i in range(adata.n_obs)]
        ms.tl.score(adata, lists, method="singscore")
        parts.append(adata.obsm["score_singscore"])
    return pd.concat(parts, ignore_index=True)


def families(ids: list[str]) -> dict[str, np.ndarray]:
    """Places of the lists of each family."""
    control = np.array([name.startswith("control.") for name in ids])
    main = np.isin(ids, MAIN)
    return {"main": main, "rest": ~main & ~control, "controls": control, "as one": ~control}


def moving(ids: list[str], moved: tuple[str, ...]) -> np.ndarray:
    """Which lists are named, or are of an axis that is named; of those with a "-" before them none is."""
    still = {name[1:] for name in moved if name.startswith("-")}
    own = [name for name in ids if name not in still and {name, name.split(".")[0]} & {*moved}]
    return np.isin(ids, own)


def moved_scores(n: int, runs: int, moved: tuple[str, ...]) -> np.ndarray:
    """Samples x lists x runs, where lists that move are higher in cells alone with the drug."""
    table = scores(n, runs)
    Y = table.to_numpy(dtype=float).reshape(runs, -1, table.shape[1]).transpose(1, 2, 0).copy()
    sd = (Y[2::X_ARMS] - Y[0::X_ARMS]).std(axis=(0, 2))
    Y[2::X_ARMS] += (SIZE * sd * moving(list(table.columns), moved))[:, None]
    return Y


def tested(n: int, runs: int, moved: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """P of the contrast, lists x runs; which lists move; and their names."""
    Y, ids, c = moved_scores(n, runs, moved), list(scores(n, runs).columns), np.r_[CONTRAST, np.zeros(n - 1)]
    p = fit(Y.reshape(len(Y), -1), model(n), c).p.reshape(len(ids), runs)
    return p, moving(ids, moved), ids


def rates(n: int, moved: tuple[str, ...], runs: int) -> dict[str, np.ndarray]:
    p, own, ids = tested(n, runs, moved)
    out, calls = {}, {}
    for name, places in families(ids).items():
        calls[name] = np.zeros(p.shape, bool)
        calls[name][places] = bh(p[places]) <= 0.05
        false, every = calls[name][~own].sum(axis=0), calls[name].sum(axis=0)
        out[name] = false / np.maximum(every, 1)
    split = calls["main"] | calls["rest"]
    out["both"] = split[~own].sum(axis=0) / np.maximum(split.sum(axis=0), 1)
    if (there := families(ids)["main"] & own).any():
        out |= {
            "found": calls["main"][there].mean(axis=0),
            "found as one": calls["as one"][there].mean(axis=0),
        }
    return out


WORLDS = {
    "nothing moves": (),
    "lists of IL-6 and STAT3 move": ("il6", "stat3"),
    "il6.hallmark alone moves": ("il6.hallmark",),
    "lists of EMT but the main one move": ("emt", "-emt.hallmark"),
}


def cases() -> list[Case]:
    aims = dict.fromkeys(("main", "rest", "controls"), NO_MORE)
    made = []
    for n in (4, 6):
        for world, moved in WORLDS.items():
            if n == 4 or len(made) < 6:
                short = 20 if n == 4 and world.startswith("lists of IL-6") else 0
                draw = partial(rates, n, moved)
                made.append(Case("secondary", f"n = {n}, {world}", draw, 3000, aims, short))
    return made
