"""Tests that are not offered: how often they err, and what is given up without them."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy import optimize, stats

from calibration.case import Aim, Case, below
from marrowsig._stats.camera import camera
from marrowsig._stats.prior import fit_prior

TITLE = "Tests that are not offered"
NOTE = (
    "`level` and `power` are of the test that the row names, `offered` and `power offered` of what stands "
    "for it here: the t of the donors' means, camera with estimated correlation, pairs as blocks, equal "
    "weights. Mixed model: a random intercept per donor, REML, 100 cells per donor and arm, t with as "
    "many degrees of freedom as Satterthwaite gives; the donors' effects and, in pairs, the donors' "
    "*differences* have the SD that the row names, in units of a cell's. camera: one set of 30 among "
    "2,000 genes, three samples per arm, its genes correlated by rho, tested with limma's default of "
    "0.01. duplicateCorrelation: 500 genes in n complete pairs, correlation within pairs 0.5 in all genes "
    "or spread from 0 to 0.9, variances spread as 8 / chi-squared with 8 df, both tests moderated; power "
    "at a shift of 1 SD of a sample. arrayWeights: 1,000 genes, one of the arrays with the SD that the "
    "row names, REML weights, both tests moderated; power at 2 SD. Only the tests that are offered have "
    "aims."
)
HOLDS = Aim("at most", 0.055)  # moderated t, of variances that are spread, a little above its level


def intercept(n: int, sd: float, paired: bool, runs: int) -> dict[str, np.ndarray]:
    """Balanced cells, so that REML is the analysis of variance, its donor variance cut at zero."""
    rng, m = np.random.default_rng([n, int(10 * sd), paired]), 100
    arms, donors = 2, n
    shape = (runs, arms, donors)
    if paired:
        means = rng.normal(0, 1, (runs, 1, donors)) + rng.normal(0, sd / np.sqrt(2), shape)
    else:
        means = rng.normal(0, sd, shape)
    means = means + rng.normal(0, 1 / np.sqrt(m), shape)
    inside = rng.chisquare(arms * donors * (m - 1), runs)
    change = means[:, 1].mean(1) - means[:, 0].mean(1)
    of_arm = means.mean(2, keepdims=True)
    if paired:
        of_donor = means.mean(1, keepdims=True)
        rest = m * ((means - of_arm - of_donor + means.mean((1, 2), keepdims=True)) ** 2).sum((1, 2))
        between = arms * m * ((of_donor - of_donor.mean(2, keepdims=True)) ** 2).sum((1, 2))
        df = arms * donors * m - donors - 1
        ms = (inside + rest) / df
        flat = between / (donors - 1) < ms
        df = np.where(flat, df + donors - 1, df)
        ms = np.where(flat, (inside + rest + between) / df, ms)
    else:
        between = m * ((means - of_arm) ** 2).sum((1, 2))
        df, cells = arms * (donors - 1), inside / (arms * donors * (m - 1))
        flat = between / df < cells
        whole = arms * donors * m - arms
        ms = np.where(flat, (inside + between) / whole, between / df)
        df = np.where(flat, whole, df)
    t = change / np.sqrt(2 * ms / (donors * m))
    mean_t = stats.ttest_rel(means[:, 1], means[:, 0], axis=1) if paired else None
    mean_t = stats.ttest_ind(means[:, 1], means[:, 0], axis=1) if mean_t is None else mean_t
    return {"level": below(2 * stats.t.sf(abs(t), df)), "offered": below(mean_t.pvalue)}


def fixed_correlation(rho: float, runs: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([7, int(100 * rho)])
    X, c, own = np.repeat(np.eye(2), 3, axis=0), np.array([-1.0, 1.0]), np.arange(30)
    fixed, estimated = [], []
    for _ in range(runs):
        Y = rng.normal(size=(6, 2000))
        Y[:, own] = np.sqrt(1 - rho) * Y[:, own] + np.sqrt(rho) * rng.normal(size=(6, 1))
        fixed.append(camera(Y, X, c, [own], correlation=0.01).p[0])
        estimated.append(camera(Y, X, c, [own]).p[0])
    return {"level": below(np.array(fixed)), "offered": below(np.array(estimated))}


def moderated(change: np.ndarray, s2: np.ndarray, df: float, unscaled: np.ndarray | float) -> np.ndarray:
    prior = fit_prior(s2, df)
    t = change / np.sqrt(prior.squeeze(s2, df) * unscaled)
    return 2 * stats.t.sf(abs(t), np.minimum(df + prior.df, len(s2) * df))


def correlated(n: int, spread: bool, runs: int) -> dict[str, np.ndarray]:
    rng, genes = np.random.default_rng([n, spread]), 500
    out: dict[str, list[float]] = {}
    for _ in range(runs):
        rho = rng.uniform(0, 0.9, genes) if spread else np.full(genes, 0.5)
        sigma = np.sqrt(8 / rng.chisquare(8, genes))
        donor = rng.normal(size=(1, n, genes)) * np.sqrt(rho)
        for shift, tail in ((0.0, "{}"), (1.0, "power {}")):
            y = sigma * (donor + np.sqrt(1 - rho) * rng.normal(size=(2, n, genes)))
            y[1] += shift * sigma
            change = (y[1] - y[0]).mean(0)
            low, high = ((y[1] - y[0]) / np.sqrt(2)).var(0), ((y[1] + y[0]) / np.sqrt(2)).var(0)
            per_gene = np.clip((high - low) / (high + low), -0.99, 0.99)
            common = np.tanh(stats.trim_mean(np.arctanh(per_gene), 0.15))
            s2 = n * (high / (1 + common) + low / (1 - common)) / (2 * n - 2)
            pooled = moderated(change, s2, 2 * n - 2, 2 * (1 - common) / n)
            blocked = moderated(change, n * low / (n - 1), n - 1, 2 / n)
            for name, p in (("level", pooled), ("offered", blocked)):
                out.setdefault(tail.format(name).replace("power level", "power"), []).append(below(p).mean())
    return {name: np.array(out[name]) for name in sorted(out)}


def weights_of(Y: np.ndarray, X: np.ndarray) -> np.ndarray:
    """REML weights of the arrays, the gene's own variance profiled out, their log mean zero."""
    n, p = X.shape

    def fit(free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        w = np.exp(np.r_[free, -free.sum()])
        cross = X.T @ (w[:, None] * X)
        residual = Y - X @ np.linalg.solve(cross, X.T @ (w[:, None] * Y))
        return w, (w[:, None] * residual**2).sum(0)

    def criterion(free: np.ndarray) -> float:
        w, rss = fit(free)
        rank = np.linalg.slogdet(X.T @ (w[:, None] * X))[1]
        return rank - np.log(w).sum() + (n - p) * np.log(rss).mean()

    found = optimize.minimize(criterion, np.zeros(n - 1), method="BFGS")
    return fit(found.x)[0]


def weighed(n: int, sd: float, runs: int) -> dict[str, np.ndarray]:
    rng, genes = np.random.default_rng([n, int(10 * sd)]), 1000
    X = np.repeat(np.eye(2), n, axis=0)
    out: dict[str, list[float]] = {}
    for _ in range(runs):
        sigma = np.sqrt(8 / rng.chisquare(8, genes))
        Y = sigma * rng.normal(size=(2 * n, genes)) * np.r_[np.ones(2 * n - 1), sd][:, None]
        half = genes // 2
        Y[n:, half:] += 2 * sigma[half:]
        for name, w in (("", weights_of(Y, X)), (" offered", np.ones(2 * n))):
            total = X.T @ w
            b = (X * w[:, None]).T @ Y / total[:, None]
            s2 = (w[:, None] * (Y - X @ b) ** 2).sum(0) / (2 * n - 2)
            p = moderated(b[1] - b[0], s2, 2 * n - 2, (1 / total).sum())
            out.setdefault(name.strip() or "level", []).append(below(p[:half]).mean())
            out.setdefault(f"power{name}", []).append(below(p[half:]).mean())
    return {name: np.array(out[name]) for name in sorted(out)}


def cases() -> list[Case]:
    made = [
        Case(
            "not offered", f"mixed model, {n} donors {'in pairs' if paired else 'per arm'}, SD {sd:g}",
            partial(intercept, n, sd, paired), 20_000, {"offered": Aim("is", 0.05)},
            2000 if n == 3 else 0,
        )
        for paired in (False, True)
        for n, sd in ((3, 0.3), (3, 1.0), (6, 0.3), (6, 1.0))
    ]  # fmt: skip
    made += [
        Case(
            "not offered", f"camera, rho {rho:g}", partial(fixed_correlation, rho), 1000,
            {"offered": Aim("at most", 0.05)},
        )
        for rho in (0.0, 0.05, 0.1, 0.2)
    ]  # fmt: skip
    made += [
        Case(
            "not offered", f"duplicateCorrelation, {n} pairs{', spread' if spread else ''}",
            partial(correlated, n, spread), 200, {"offered": HOLDS},
        )
        for spread in (False, True)
        for n in (3, 4, 6)
    ]  # fmt: skip
    made += [
        Case(
            "not offered", f"arrayWeights, {n} per arm, one array SD {sd:g}", partial(weighed, n, sd), 200,
            {"offered": HOLDS} if sd == 1 else {},
        )
        for n in (3, 6)
        for sd in (1.0, 2.0, 3.0)
    ]  # fmt: skip
    return made
