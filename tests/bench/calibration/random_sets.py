"""Level of the comparison with random sets, and of the ranking of raw changes that it replaces."""

from __future__ import annotations

from functools import partial

import numpy as np

from calibration.case import NO_MORE, Aim, Case, below
from marrowsig._stats.ols import fit
from marrowsig._stats.random_sets import beyond_random
from marrowsig.qc._matched import matched_sets

TITLE = "Level of the comparison with random sets"
NOTE = (
    "`ms.qc.null`, two arms, 30 of 2,000 genes with correlation rho against 199 matched sets. `p_null` "
    "may not exceed 0.05. `raw rank` ranks the changes as they are, which is not offered, and has to "
    "lie above 0.2 where nothing changes. `t` is the score's own test. Bias: genes of the lowest "
    "quarter of expression rise by 0.6 SD. Others: 30 % of the other genes move by 1 SD up or down. "
    "Depth: all genes of a sample shift together, by a normal number of SD 0.3. A "
    "bias moves all sets of a signature's expression alike and leaves every p as it is, so rows with "
    "bias differ from those without by chance alone."
)
SETS, SIZE, P = 199, 30, 2000
MEMBERS = np.r_[np.arange(0, 500, 23), np.arange(600, 2000, 175)]
RENEW = 20
"""Runs that share their random sets."""


def level(n: int, rho: float, world: str, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([n, int(10 * rho), len(world)])
    X, c = np.repeat(np.eye(2), n, axis=0), np.array([-1.0, 1.0])
    p, raw, own = np.empty(runs), np.empty(runs), np.empty(runs)
    for i in range(runs):
        if i % RENEW == 0:
            drawn = matched_sets(np.arange(P, dtype=float), MEMBERS, n_sets=SETS, rng=rng)
            sets = np.vstack([MEMBERS, drawn])
        Y = rng.normal(size=(2 * n, P))
        Y[:, MEMBERS] = np.sqrt(1 - rho) * Y[:, MEMBERS] + np.sqrt(rho) * rng.normal(size=(2 * n, 1))
        if world == "bias":
            Y[n:, :500] += 0.6
        if world == "others":
            moved = np.setdiff1d(np.flatnonzero(rng.random(P) < 0.3), MEMBERS)
            Y[n:, moved] += rng.choice([-1.0, 1.0], len(moved))
        if world == "depth":
            Y += 0.3 * rng.normal(size=(2 * n, 1))
        scores = Y[:, sets].mean(axis=-1)
        found = fit(scores, X, c)
        d = found.estimate
        p[i] = beyond_random(scores[:, 0], scores[:, 1:], X, c).p
        raw[i] = ((np.abs(d[1:]) >= np.abs(d[0])).sum() + 1) / (SETS + 1)
        own[i] = found.p[0]
    return {"p_null": below(p), "raw rank": below(raw), "t": below(own)}


def cases() -> list[Case]:
    made = []
    for world, words in (("", ""), ("bias", ", bias"), ("others", ", others"), ("depth", ", depth")):
        for n in (3, 4, 6):
            for rho in (0.1, 0.2):
                aims = {"p_null": NO_MORE} | ({} if world else {"raw rank": Aim("above", 0.2)})
                if world == "bias":
                    aims["t"] = Aim("above", 0.05)
                draw, short = (
                    partial(level, n, rho, world),
                    150 if n == 4 and rho == 0.1 and world != "others" else 0,
                )
                made.append(Case("random sets", f"n = {n}, rho {rho:g}{words}", draw, 1500, aims, short))
    return made
