"""What `ms.qc.stroma` says of rows of few counts: the lift it predicts, and how often its verdict is wrong.

Usage: python tests/bench/stroma_depth.py lift|cells [--runs 12] [--out table.csv]
           [--counts 2 ...] [--cells 20 ...] [--shares 0.01 ...] [--emt 1 ...]

lift   blasts and stroma of `stroma.py`, 2 to 500 counts a gene: the same rows with stroma and without it,
       beside what is predicted by counts drawn at their depth, and from levels, whichever is the rule there.
cells  sums of 20 to 200 malignant cells of four donors per arm, into which 0 to 5 % of stroma is drawn; with
       --emt 2 (or 4), half of the genes of Hallmark EMT rise so many fold in the co-cultures.
"""

from __future__ import annotations

import argparse
import os
import warnings
from itertools import product
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
DEPTHS, SHARES = (2, 5, 10, 25, 50, 100, 500), (0.01, 0.02, 0.05)
DESIGN = ms.Design(culture="culture", pair="pair")
PAIRS, SEED = 4, 20261127
CELLS, MISMATCH = (20, 50, 100, 200), 0.5


def as_adata(counts: np.ndarray, obs: pd.DataFrame, genes: list[str]) -> AnnData:
    adata = AnnData(counts.astype(np.float32), obs=obs, var=pd.DataFrame(index=genes))
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    return adata


def labels(n: int) -> pd.DataFrame:
    rows = [(culture, str(i)) for i in range(n) for culture in ("mono", "co")]
    return pd.DataFrame(rows, columns=["culture", "pair"], index=[f"s{k}" for k in range(2 * n)])


def lift_of(p: bulk.Profiles, per_gene: float, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """One study with stroma in its co-cultures and one without, of the same blasts."""
    obs, depth = labels(PAIRS), per_gene * len(p.genes)
    co = (obs["culture"] == "co").to_numpy()
    pair = np.repeat(2.0 ** rng.normal(0.0, bulk.PAIR_SD, (PAIRS, len(p.genes))), 2, axis=0)
    own = p.blast * pair * rng.gamma(1 / bulk.DISPERSION, bulk.DISPERSION, pair.shape)
    own = depth * own / own.sum(axis=1, keepdims=True)
    pure = rng.poisson(own)
    f = share * co[:, None]
    mixed = rng.poisson((1 - f) * own + f * depth * p.stroma / p.stroma.sum())
    found = {}
    for name, counts in (("pure", pure), ("mixed", mixed)):
        adata = as_adata(counts, obs, p.genes)
        ms.pp.lognorm(adata)
        ms.tl.score(adata, SIGNATURES, method=METHODS)
        res = ms.tl.compare(adata, DESIGN, permutations=0)
        found[name] = res.set_index(["method", "signature"])["estimate"]
    reference, adata = pd.Series(p.stroma, p.genes), as_adata(mixed, obs, p.genes)
    known = pd.DataFrame({"share": f[:, 0], "share_low": f[:, 0], "share_high": f[:, 0]}, index=obs.index)
    how = {"stroma": reference, "signatures": SIGNATURES, "method": METHODS, "tipping": False, "draws": 199}
    carried = {}
    ask = _stroma_lift.few_counts
    for name, few in (("predicted", True), ("from levels", False)):
        _stroma_lift.few_counts = lambda study, rows, few=few: np.full(len(rows), few)
        told = ms.qc.stroma(adata, DESIGN, shares=known, **how).verdicts
        carried[name] = told.set_index(["method", "signature"])["carried"]
    _stroma_lift.few_counts = ask
    return pd.DataFrame({"simulated": found["mixed"] - found["pure"], **carried}).reset_index()


def lift(runs: int, out: Path | None, grid: list[tuple[int, float]]) -> pd.DataFrame:
    folder = Path(os.environ["MARROWSIG_SHARED"])
    p, parts = bulk.shared_profiles(folder), []
    for per_gene, share in tqdm(grid):
        rng = np.random.default_rng([SEED, per_gene, int(1000 * share)])
        told = pd.concat([lift_of(p, per_gene, share, rng) for _ in range(runs)])
        means = told.groupby(["method", "signature"], sort=False)
        table = means.mean().assign(error=means["simulated"].sem(), runs=runs).reset_index()
        parts.append(table.assign(counts=per_gene, share=share))
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
            cells.append(
                "{simulated:.3f} ({error:.3f}) / **{predicted:.3f}** / {from levels:.3f}".format(**row)
            )
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
    emt: float = 1.0,
) -> pd.DataFrame:
    """Verdicts on one study; cells are drawn with replacement in each arm.

    Genes that rise `emt` fold in co-culture get the reads of further cells, so that their noise is of cells.
    """
    obs, counts = labels(PAIRS), []
    members = np.flatnonzero(np.isin(genes, list(ms.sig.load("emt.hallmark").genes)))
    rising = rng.permutation(members)[: members.size // 2] if emt > 1 else members[:0]
    for d in rng.permutation(len(parts))[:PAIRS]:
        for culture in ("mono", "co"):
            x = parts[d][rng.integers(len(parts[d]), size=n)].sum(axis=0).astype(np.int64)
            if culture == "co" and rising.size:
                more = parts[d][rng.integers(len(parts[d]), size=round(n * (emt - 1)))]
                x[rising] += more[:, rising].sum(axis=0).astype(np.int64)
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
    """Verdicts of `runs` studies of each number of cells, share and rise of EMT."""
    genes, parts, stroma = donors(Path(os.environ["MARROWSIG_SHARED"]))
    every = []
    for n, share, emt in tqdm(grid):
        rng = np.random.default_rng([SEED, n, int(1000 * share), int(10 * MISMATCH)])
        for run in range(runs):
            told = of_cells(genes, parts, stroma, n, share, MISMATCH, rng, emt)
            every.append(told.assign(cells=n, nominal=share, emt=emt, run=run))
        if out:
            pd.concat(every).to_csv(out, index=False)
    return pd.concat(every)


def cells_as_markdown(table: pd.DataFrame) -> str:
    head = ["cells", "counts a gene", "share, %", "EMT, fold", "share found, %"]
    head += [f"{s}: up, **not explained**, explained" for s in SIGNATURES]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for (n, share, emt), rows in table.groupby(["cells", "nominal", "emt"]):
        found = rows.loc[rows["method"] == METHODS[0], "share"].median()
        told = [str(n), f"{rows['per_gene'].mean():.1f}", f"{100 * share:g}", f"{emt:g}"]
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
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--part", type=int, nargs=2, default=(0, 1), help="every so many-th row, from this")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--counts", type=int, nargs="+", default=DEPTHS, help="a gene, of lift")
    parser.add_argument("--cells", type=int, nargs="+", default=CELLS, help="of a sum")
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    parser.add_argument("--emt", type=float, nargs="+", default=(1.0,), help="fold of half of its genes")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    first, step = given.part
    if given.what == "lift":
        table = lift(given.runs, given.out, list(product(given.counts, given.shares))[first::step])
        print("\n\n".join(f"{m}\n{lift_as_markdown(table, m)}" for m in METHODS))
        return
    grid = list(product(given.cells, given.shares, given.emt))[first::step]
    print(cells_as_markdown(cells(given.runs, given.out, grid)))


if __name__ == "__main__":
    main()
