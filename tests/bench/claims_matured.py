"""Claims that maturation or shares of cell types make: how often are they supported, and true ones lost?

Usage: python tests/bench/claims_matured.py [--runs 60]

`bulk`: blasts in pairs; co-culture holds 2 % of stroma's RNA, and half of EMT's genes are silent in blasts.
The others follow maturation, which co-culture raises by `shift` SD of the samples of an arm, or rise by
`real` log2 units by themselves. `sums`: cells of two types, of which one has four times as much of EMT;
their shares move by `moved` points in co-culture, and EMT rises by `real` within both. "as scored" is the
verdict by the size as scored alone, as if neither maturation of the size on kept genes nor shares of types
were asked.
"""

from __future__ import annotations

import argparse
import warnings
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
from scipy import sparse

import marrowsig as ms
from marrowsig import _confounders
from marrowsig._carry_over import AS_SCORED

EMT = ms.sig.load("emt.hallmark")["emt.hallmark"]
MATURE = sorted(_confounders.genes("maturation") - set(EMT.genes))[:150]
YOUNG = sorted(_confounders.parts("maturation")["immature"] - {*EMT.genes, *MATURE})[:150]
NAMES = [*EMT.genes, *MATURE, *YOUNG, *(f"OTHER{i}" for i in range(1500))]
PLACE = {name: i for i, name in enumerate(NAMES)}
PAIRED = ms.Design(culture="culture", pair="pair")
SHIFTS = [(0, 0.0), (1, 0.0), (2, 0.0), (3, 0.0), (0, 0.6), (1, 0.6), (2, 0.6)]
BULK = [(n, shift, real) for n in (4, 6) for shift, real in SHIFTS]
SUMS = [(moved, real) for real in (0.0, 0.2) for moved in (0, 5, 10, 20, 40)]


def bulk(rng: np.random.Generator, n: int, shift: float, real: float) -> tuple[ad.AnnData, dict[str, Any]]:
    base = rng.lognormal(3.0, 1.0, len(NAMES))
    emt = rng.permutation([PLACE[g] for g in EMT.genes])
    silent, own = emt[: len(emt) // 2], emt[len(emt) // 2 :]
    base[silent], base[own] = 0.01, rng.lognormal(4.0, 0.5, len(own))
    stroma = base * rng.lognormal(0.0, 0.5, len(NAMES))
    lift = [PLACE[f"OTHER{i}"] for i in range(120)]
    base[lift] = 0.01
    stroma[silent], stroma[lift] = rng.lognormal(7.5, 1.0, len(silent)), rng.lognormal(7.5, 1.0, len(lift))
    slope = np.zeros(len(NAMES))
    for genes, sign in ((own, 1.0), ([PLACE[g] for g in MATURE], 1.0), ([PLACE[g] for g in YOUNG], -1.0)):
        slope[genes] = sign * rng.uniform(0.05, 0.25, len(genes))
    rows, obs = [], []
    for pair in range(n):
        pairs = rng.normal(0.0, 0.15, len(NAMES))
        for arm in ("mono", "co"):
            co = arm == "co"
            logs = slope * rng.normal(shift * co, 1.0) + pairs + rng.normal(0.0, 0.15, len(NAMES))
            logs[own] += real * co
            cells, share = base * 2.0**logs, co * min(rng.lognormal(np.log(0.02), 0.3), 0.1)
            rows.append(
                rng.poisson(5e6 * ((1 - share) * cells / cells.sum() + share * stroma / stroma.sum()))
            )
            obs.append((arm, f"p{pair}"))
    frame = pd.DataFrame(obs, columns=["culture", "pair"], index=[f"s{i}" for i in range(len(obs))])
    adata = ad.AnnData(np.array(rows, dtype=np.int64), obs=frame, var=pd.DataFrame(index=NAMES))
    reference = 1e6 * stroma / stroma.sum() * rng.lognormal(0.0, 0.3, len(NAMES))
    return adata, {"stroma": pd.Series(reference, index=NAMES)}


def sums(rng: np.random.Generator, moved: int, real: float) -> tuple[ad.AnnData, dict[str, Any]]:
    base = rng.lognormal(-1.5, 1.0, len(NAMES))
    emt = [PLACE[g] for g in EMT.genes]
    kinds = np.where(rng.random(len(NAMES)) < 0.2, rng.lognormal(0.0, 0.7, len(NAMES)), 1.0)
    kinds[emt] = 4.0
    rows, blocks = [], []
    for d in range(5):
        donor, typical = rng.normal(0.0, 0.15, len(NAMES)), rng.normal(0.4, 0.05)
        for arm in ("mono", "co"):
            co = arm == "co"
            part = np.clip(typical + co * moved / 100 + rng.normal(0.0, 0.03), 0.05, 0.95)
            sample = rng.normal(0.0, 0.1, len(NAMES))
            for kind, share in (("HSC-like", 1 - part), ("Mono-like", part)):
                k = round(200 * share)
                mean = base * 2.0 ** (donor + sample) * (kinds if kind == "Mono-like" else 1.0)
                mean[emt] *= 2.0 ** (real * co)
                blocks.append(rng.poisson(mean * rng.lognormal(0, 0.3, (k, 1))))
                rows += [(arm, f"d{d}", kind)] * k
    obs = pd.DataFrame(rows, columns=["culture", "pair", "cell_type"])
    obs.index = [f"c{i}" for i in range(len(obs))]
    x = sparse.csr_matrix(np.vstack(blocks).astype(np.int64))
    cells = ad.AnnData(x, obs=obs, var=pd.DataFrame(index=NAMES))
    return ms.pp.pseudobulk(cells, unit="pair", by="culture"), {"carry_over": False}


def verdicts(adata: ad.AnnData, how: dict[str, Any]) -> tuple[str, str]:
    """Verdict, and what it was if only the size as scored had been asked."""
    ms.pp.lognorm(adata)
    row = ms.tl.claims(adata, PAIRED, signatures={"emt": EMT}, methods=["singscore", "mean"], **how).iloc[0]
    new = row["rule"] == "cell types" or (row["rule"] == "maturation" and row["maturation_of"] != AS_SCORED)
    return str(row["verdict"]), "supported" if new and row["estimate"] > 0 else str(row["verdict"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=60)
    runs = parser.parse_args().runs
    warnings.simplefilter("ignore")
    print("| samples | n | shift, SD | moved, points | real | supported | as scored alone |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    cases = [("bulk", n, shift, "", real) for n, shift, real in BULK]
    cases += [("sums", 5, "", moved, real) for moved, real in SUMS]
    for k, (kind, n, shift, moved, real) in enumerate(cases):
        told = []
        for run in range(runs):
            rng = np.random.default_rng([20261128, k, run])
            given = bulk(rng, n, float(shift), real) if kind == "bulk" else sums(rng, int(moved), real)
            told.append(verdicts(*given))
        now, before = ([one == "supported" for one in own] for own in zip(*told, strict=True))
        print(
            f"| {kind} | {n} | {shift} | {moved} | {real:g} | {np.mean(now):.2f} | {np.mean(before):.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
