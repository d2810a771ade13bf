"""What `ms.qc.stroma` says of rows of few counts: the lift it predicts, and how often "supported" is wrong.

Usage: python tests/bench/stroma_depth.py lift|cells [--runs 100] [--out table.csv]

lift   blasts and stroma of `stroma.py`, 2 to 500 counts a gene: 150 rows with stroma and without it, beside
       what the guard predicts at their depth in some studies (4), and from levels as for deep rows.
cells  sums of 20 to 200 malignant cells of four donors per arm, into which 1 to 5 % of stroma is drawn.
"""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import stroma as bulk
from anndata import AnnData, read_h5ad
from tqdm import tqdm

import marrowsig as ms
from marrowsig.qc import _stroma_lift

SIGNATURES = ["emt.hallmark", "il6.hallmark", "stat3.dauer2005"]
METHODS = ["singscore", "mean", "zsample", "ssgsea"]
DEPTHS, SHARES = (2, 5, 10, 25, 100, 500), (0.01, 0.02, 0.05)
DESIGN = ms.Design(culture="culture", pair="pair")
PAIRS, ROWS, SEED = 4, 150, 20261127
CELLS, MISMATCH = (20, 50, 100, 200), 0.5


def as_adata(counts: np.ndarray, obs: pd.DataFrame, genes: list[str]) -> AnnData:
    adata = AnnData(counts.astype(np.float32), obs=obs, var=pd.DataFrame(index=genes))
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    return adata


def labels(n: int) -> pd.DataFrame:
    rows = [(culture, str(i)) for i in range(n) for culture in ("mono", "co")]
    return pd.DataFrame(rows, columns=["culture", "pair"], index=[f"s{k}" for k in range(2 * n)])


def levels(p: bulk.Profiles, n: int, depth: float, rng: np.random.Generator) -> np.ndarray:
    """Mean counts of `n` rows without stroma."""
    own = p.blast * 2.0 ** rng.normal(0.0, bulk.PAIR_SD, (n, len(p.genes)))
    return depth * own / own.sum(axis=1, keepdims=True)


def noisy(mean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.poisson(mean * rng.gamma(1 / bulk.DISPERSION, bulk.DISPERSION, mean.shape))


def with_stroma(x: np.ndarray, share: np.ndarray, p: bulk.Profiles, rng: np.random.Generator) -> np.ndarray:
    came = share[:, None] * x.sum(axis=1, keepdims=True) * p.stroma / p.stroma.sum()
    return rng.binomial(x, 1 - share[:, None]) + rng.poisson(came)


def simulated(p: bulk.Profiles, depth: float, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Mean change of the scores of rows into which stroma is drawn, and its standard error."""
    pure = noisy(levels(p, ROWS, depth, rng), rng)
    obs = pd.DataFrame(index=[f"s{i}" for i in range(ROWS)])
    scores = {method: [] for method in METHODS}
    for counts in (pure, with_stroma(pure, np.full(ROWS, share), p, rng)):
        adata = as_adata(counts, obs, p.genes)
        ms.pp.lognorm(adata)
        ms.tl.score(adata, SIGNATURES, method=METHODS)
        for method in METHODS:
            scores[method].append(ms.get.scores(adata, method=method)[SIGNATURES])
    change = {method: after - before for method, (before, after) in scores.items()}
    found = {"simulated": lambda d: d.mean(), "error": lambda d: d.sem()}
    table = {k: pd.concat({m: get(d) for m, d in change.items()}) for k, get in found.items()}
    return pd.DataFrame(table).rename_axis(["method", "signature"])


def predicted(p: bulk.Profiles, depth: float, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """What the guard says of one study: shares known, shares estimated, and as for deep rows."""
    obs = labels(PAIRS)
    f = share * (obs["culture"] == "co").to_numpy()
    pure = noisy(np.repeat(levels(p, PAIRS, depth, rng), 2, axis=0), rng)
    adata = as_adata(with_stroma(pure, f, p, rng), obs, p.genes)
    known = pd.DataFrame({"share": f, "share_low": f, "share_high": f}, index=obs.index)
    how = {"stroma": pd.Series(p.stroma, p.genes), "signatures": SIGNATURES, "method": METHODS}
    how |= {"tipping": False, "draws": 199}
    at = ["method", "signature"]

    def carried(shares: pd.DataFrame | None) -> pd.Series:
        return ms.qc.stroma(adata, DESIGN, shares=shares, **how).verdicts.set_index(at)["carried"]

    told = {"predicted": carried(known), "shares estimated": carried(None)}
    ask, _stroma_lift.few_counts = _stroma_lift.few_counts, lambda _, rows: np.zeros(len(rows), dtype=bool)
    told["from levels"] = carried(known)
    _stroma_lift.few_counts = ask
    return pd.DataFrame(told)


def lift(runs: int, out: Path | None) -> pd.DataFrame:
    p, parts = bulk.shared_profiles(Path(os.environ["MARROWSIG_SHARED"])), []
    for per_gene in tqdm(DEPTHS):
        for share in SHARES:
            rng, depth = np.random.default_rng([SEED, per_gene, int(1000 * share)]), per_gene * len(p.genes)
            table = simulated(p, depth, share, rng)
            told = pd.concat([predicted(p, depth, share, rng) for _ in range(runs)])
            table = table.join(told.groupby(level=[0, 1]).mean()).reset_index()
            parts.append(table.assign(counts=per_gene, share=share, runs=runs))
            if out:
                pd.concat(parts).to_csv(out, index=False)
    return pd.concat(parts)


def lift_as_markdown(table: pd.DataFrame, method: str) -> str:
    """One row per depth and share; of each signature: simulated, predicted, predicted from levels."""
    lines = ["| counts a gene | share, % | " + " | ".join(SIGNATURES) + " |", "|---|---|---|---|---|"]
    own = table[table["method"] == method]
    for (counts, share), rows in own.groupby(["counts", "share"], sort=False):
        cells = []
        for s in SIGNATURES:
            row = rows[rows["signature"] == s].iloc[0]
            cells.append(" / ".join(f"{row[k]:.3f}" for k in ("simulated", "predicted", "from levels")))
        lines.append(f"| {counts} | {100 * share:g} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def donors(folder: Path) -> tuple[list[str], list[np.ndarray], np.ndarray]:
    """Genes, malignant cells (dense counts) of each donor with 100 of them or more, and stroma's profile."""
    p = bulk.shared_profiles(folder)
    cells = read_h5ad(folder / "datasets/vangalen_aml_sc_a/data.h5ad")
    cells = cells[(cells.obs["malignant_prediction"] == "malignant").to_numpy(), p.genes]
    names = cells.obs["donor"].astype(str)
    many = [name for name, n in names.value_counts().sort_index().items() if n >= 100]
    return p.genes, [np.asarray(cells.X[(names == d).to_numpy()].todense()) for d in many], p.stroma


def of_cells(
    genes: list[str],
    parts: list[np.ndarray],
    stroma: np.ndarray,
    n: int,
    share: float,
    mismatch: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Verdicts on one study in which blasts do not answer; cells are drawn with replacement in each arm."""
    obs, counts = labels(PAIRS), []
    for d in rng.permutation(len(parts))[:PAIRS]:
        for culture in ("mono", "co"):
            x = parts[d][rng.integers(len(parts[d]), size=n)].sum(axis=0).astype(np.int64)
            f = min(share * np.exp(rng.normal(0.0, bulk.SHARE_SD)), 0.5) if culture == "co" else 0.0
            counts.append(rng.binomial(x, 1 - f) + rng.poisson(f * x.sum() * stroma / stroma.sum()))
    adata = as_adata(np.array(counts), obs, genes)
    reference = pd.Series(stroma * np.exp(mismatch * rng.normal(size=len(genes))), genes)
    found = ms.qc.stroma(
        adata, DESIGN, stroma=reference, signatures=SIGNATURES, method=METHODS[:2], draws=199, tipping=False
    )
    told = found.verdicts[["method", "signature", "verdict", "estimate", "p", "carried", "share", "share_up"]]
    return told.assign(per_gene=adata.X.sum(axis=1).mean() / len(genes), markers=len(found.params["markers"]))


def cells(runs: int, out: Path | None, grid: list[tuple[int, float, float]]) -> pd.DataFrame:
    genes, parts, stroma = donors(Path(os.environ["MARROWSIG_SHARED"]))
    every = []
    for n, share, mismatch in tqdm(grid):
        rng = np.random.default_rng([SEED, n, int(1000 * share), int(10 * mismatch)])
        for run in range(runs):
            told = of_cells(genes, parts, stroma, n, share, mismatch, rng)
            every.append(told.assign(cells=n, nominal=share, mismatch=mismatch, run=run))
        if out:
            pd.concat(every).to_csv(out, index=False)
    return pd.concat(every)


def cells_as_markdown(table: pd.DataFrame) -> str:
    head = ["cells", "counts a gene", "share, %", "mismatch", "share found, %"]
    head += [f"{s}: up, **supported**, explained" for s in SIGNATURES]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for (n, share, mismatch), rows in table.groupby(["cells", "nominal", "mismatch"]):
        found = rows.loc[rows["method"] == METHODS[0], "share"].median()
        told = [str(n), f"{rows['per_gene'].mean():.1f}", f"{100 * share:g}", f"{mismatch:g}"]
        told.append(f"{100 * found:.2g}" if found == found else "not known")
        for s in SIGNATURES:
            own = rows[rows["signature"] == s].groupby("method", sort=False)
            up = own.apply(lambda r: ((r["p"] < 0.05) & (r["estimate"] > 0)).mean(), include_groups=False)
            rates = [own["verdict"].agg(lambda v, w=w: (v == w).mean()) for w in bulk.VERDICTS[:3:2]]
            a, b, c = (" / ".join(f"{x:.2f}" for x in rate[METHODS[1::-1]]) for rate in (up, *rates))
            told.append(f"{a}, **{b}**, {c}")
        lines.append("| " + " | ".join(told) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("lift", "cells"))
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--part", type=int, nargs=2, default=(0, 1), help="every so many-th row, from this")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.what == "lift":
        table = lift(given.runs, given.out)
        print("\n\n".join(f"{m}\n{lift_as_markdown(table, m)}" for m in METHODS))
        return
    grid = [(n, f, MISMATCH) for f in SHARES for n in CELLS]
    first, step = given.part
    print(cells_as_markdown(cells(given.runs, given.out, grid[first::step])))


if __name__ == "__main__":
    main()
