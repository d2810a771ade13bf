"""Trend and voom on counts of unlike libraries: level, false discoveries and power, of genes and of sets."""

from __future__ import annotations

from functools import cache, partial

import numpy as np

import marrowsig as ms
from calibration.case import IS_LEVEL, Aim, Case, below
from calibration.layouts import plan_of, samples
from marrowsig._stats.fdr import bh
from marrowsig._stats.roast import roast
from marrowsig._stats.signature_test import signature_test
from marrowsig.tl._expression import Expression
from marrowsig.tl._gene_models import Models

TITLE = "Counts: trend or voom"
NOTE = (
    "`ms.tl.genes` and `ms.tl.gene_sets` on 2,000 genes with the levels of `ms.ds.demo()` and the "
    "dispersion of its generator, 3 million reads in the smallest library. One gene in ten moves by 1 "
    "log2, up or down. `fold` is the largest over the smallest library, in both arms alike (`across`) "
    "or all deep ones in one arm (`in one arm`). `genes` is the share of unchanged genes with p <= "
    "0.05, `FDR` the false share at p_adj <= 0.05, `power` that of changed genes at p <= 0.05 (single "
    "tests: with BH it is far lower). Sets have 30 genes with correlation 0.1; of the set that "
    "responds, 9 genes rise by 1. The signature test is always on log2 CPM. Bounds: levels of sets "
    "0.05; genes within 0.045 to 0.055 are told, not aimed at."
)
P, DEPTH, READS = 2000, 15e6, 3e6
NULL, MOVED = np.arange(30), np.arange(30, 60)


@cache
def levels() -> np.ndarray:
    """Shares of a library, of the demo's genes in parental cells alone."""
    adata = ms.ds.demo()
    alone = adata[(adata.obs["line"] == "parental") & (adata.obs["culture"] == "mono")]
    total = np.asarray(alone.X.sum(axis=0)).ravel()
    return total / total.sum()


def counts(rng: np.random.Generator, co: np.ndarray, folds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Samples x genes, and which genes move."""
    share = rng.choice(levels()[levels() > 0], P)
    share = share * 0.25 / share.sum()  # a quarter of the demo's genes take a quarter of its reads
    effect = np.where(rng.random(P) < 0.1, rng.choice([-1.0, 1.0], P), 0.0)
    effect[:60] = 0
    effect[MOVED[:9]] = 1.0
    # The geometric mean of the deepest and a typical arm stays: sets are looked at, libraries change little.
    mean = DEPTH * share * 2.0 ** (effect * co[:, None])
    dispersion = np.minimum(0.03 + 2.0 / np.maximum(mean, 1e-9), 1.0)
    mean = mean * rng.gamma(1 / dispersion, dispersion)
    for genes in (NULL, MOVED):
        mean[:, genes] *= np.exp(0.08 * rng.normal(size=(len(co), 1)))
    return rng.poisson(mean * READS / DEPTH * folds[:, None]).astype(float), effect


def sizes(fold: float, n: int, where: str) -> np.ndarray:
    """Library sizes in the order of `samples`: the arm alone first."""
    if where == "in one arm":
        return np.repeat([1.0, fold], n)
    return np.tile(np.geomspace(1, fold, n), 2)


def study(n: int, fold: float, where: str, adjusted: bool, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([n, int(fold), len(where)])
    obs = samples("two groups", n)
    co = (obs["culture"] == "co").to_numpy().astype(float)
    out: dict[str, list[float]] = {}
    for seed in range(runs):
        obs["cycle"] = rng.normal(size=len(obs)) + co
        plan = plan_of("two groups", obs, covariates="cycle") if adjusted else plan_of("two groups", obs)
        values, effect = counts(rng, co, sizes(fold, n, where))
        for test in ("trend", "voom"):
            for name, value in _one(plan, values, effect, test, seed).items():
                out.setdefault(name, []).append(value)
    order = sorted(out, key=lambda name: name.removesuffix(" trend").removesuffix(" voom"))
    return {name: np.array(out[name]) for name in order}


def _one(plan, values, effect, test: str, seed: int) -> dict[str, float]:
    data = Expression(
        [f"G{i}" for i in range(P)], values, counts=True, test=test, robust=False, scale="log2 CPM"
    )
    model = Models(data).of(plan)
    p, c = model.moderated(plan).p, model.c(plan)
    place = np.cumsum(model.kept) - 1
    sets = [place[genes[model.kept[genes]]] for genes in (NULL, MOVED)]
    still, called = effect[model.kept] == 0, bh(p) <= 0.05
    ours = roast(
        model.Y, model.X, c, sets, weights=model.weights, nrot=499, seed=seed, trend=test == "trend"
    ).p
    found = {
        f"genes {test}": below(p[still]).mean(),
        f"FDR {test}": (called & still).sum() / max(called.sum(), 1),
        f"power {test}": below(p[~still]).mean(),
        f"roast {test}": float(ours[0] <= 0.05),
        f"roast power {test}": float(ours[1] <= 0.05),
    }
    if test == "trend":
        found |= {
            name: float(value <= 0.05)
            for name, value in zip(
                ("signature", "signature power"),
                signature_test(model.log, model.X, c, sets, scale=model.scale).p,
                strict=True,
            )
        }
    return found


def cases() -> list[Case]:
    aims = dict.fromkeys(("signature", "roast voom"), IS_LEVEL)
    worlds = [(3, 1, "across", False), (3, 1, "across", True)]
    worlds += [(3, fold, where, False) for fold in (3, 10) for where in ("across", "in one arm")]
    worlds += [(n, fold, "across", False) for n in (4, 6) for fold in (1, 10)]
    made = []
    for n, fold, where, adjusted in worlds:
        words = f"n = {n}, fold {fold}" + ("" if fold == 1 else f" {where}") + ", one covariate" * adjusted
        draw = partial(study, n, float(fold), where, adjusted)
        own = aims | ({"roast trend": IS_LEVEL, "FDR trend": Aim("at most", 0.05)} if fold == 1 else {})
        made.append(Case("counts", words, draw, 1000, own, 6 if (n, fold, adjusted) == (3, 1, False) else 0))
    return made
