"""How often `ms.tl.questions` establishes or supports anything where there is no effect.

Usage: python tests/bench/questions.py [--runs 400] [--guarded 40] [--out table.csv]

Studies of two lines in pairs with an inhibitor, as tests/bench/claims.py draws them without an effect, and
beside them the stroma of four donors: alone, with each line, and with each line and the inhibitor. First
without carry-over, and the design says so: the adjusted tests alone. Then with 2 % of stromal RNA in the
leukaemia cells of co-cultures, 2 % of leukaemia RNA in their stroma, and all checks.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

import marrowsig as ms

SEED = 20261128
SHARE = 0.02


def sibling(name: str) -> Any:
    """Load another file of this folder."""
    spec = importlib.util.spec_from_file_location(f"bench_{name}", Path(__file__).parent / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[f"bench_{name}"] = module
    spec.loader.exec_module(module)
    return module


def stroma(p: Any, sim: Any, n: int, share: float, rng: np.random.Generator) -> ad.AnnData:
    """Draw counts of the stroma of `n` donors, all arms of a donor with what is its own."""
    own, blast = sim._million(p.stroma), sim._million(p.blast)
    arms = [("mono", "none", "none")]
    arms += [("co", line, drug) for line in sim.RAISED for drug in ("none", "JAKi")]
    rows, obs = [], []
    for i in range(n):
        donor = 2.0 ** rng.normal(0.0, sim.PAIR_SD, own.size)
        for culture, line, drug in arms:
            f = share * np.exp(rng.normal(0, sim.SHARE_SD)) if culture == "co" else 0.0
            rows.append((1 - f) * sim._million(own * donor) + f * blast)
            obs.append((culture, line, drug, f"donor{i}"))
    depth = sim.DEPTH * np.exp(rng.normal(0.0, sim.DEPTH_SD, len(rows)))
    mean = np.array(rows) * depth[:, None] / 1e6
    counts = rng.poisson(mean * rng.gamma(1 / sim.DISPERSION, sim.DISPERSION, mean.shape)).astype(float)
    names = [f"m{i}" for i in range(len(obs))]
    frame = pd.DataFrame(obs, columns=["culture", "line", "inhibitor", "pair"], index=names)
    return ad.AnnData(counts, obs=frame, var=pd.DataFrame(index=p.genes))


def one(p: Any, sim: Any, n: int, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Questions of one study without an effect."""
    cells, _ = sim.simulate(p, sim.Case("null", n, share, share), rng)
    both = ad.concat({"AML": cells, "MSC": stroma(p, sim, n, share, rng)}, label="compartment")
    both.uns["marrowsig"] = {"input": {"kind": "counts"}}
    design = replace(sim.DESIGN, compartment="compartment")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if share:
            claims = ms.tl.claims(both, design, stroma="MSC")
            return ms.tl.questions(both, design, claims=claims, stroma="MSC")
        # Of these the adjusted p is asked alone: no rise, other method or maturation changes it.
        return ms.tl.questions(
            both, design, stroma="MSC", carry_over=False, methods="singscore",
            claims=pd.DataFrame(columns=["claim", "stratum", "line", "verdict"]),
            signatures={axis.partition(".")[0]: axis for axis in sim.AXES},
            maturation=pd.DataFrame(columns=["signature", "method", "contrast", "stratum", "verdict"]),
        )  # fmt: skip


def fewer(p: Any, n: int, axes: tuple[str, ...]) -> Any:
    """Keep the genes of the lists, and others up to `n`."""
    listed = {gene for id in axes for gene in ms.sig.load(id).genes} | {"IL6"}
    known = np.array([gene in listed for gene in p.genes])
    keep = np.sort(np.argsort(~known, kind="stable")[: max(n, known.sum())])
    return SimpleNamespace(genes=[p.genes[i] for i in keep], blast=p.blast[keep], stroma=p.stroma[keep])


def study(p: Any, sim: Any, share: float, runs: int, n: int, seed: int = SEED) -> pd.DataFrame:
    """Shares of studies, by compartment and over all."""
    from tqdm import tqdm

    rng = np.random.default_rng([seed, int(share * 1000), n])
    found = pd.concat(
        one(p, sim, n, share, rng).assign(run=i) for i in tqdm(range(runs), desc=f"share {share:g}")
    )
    asked = found[found["verdict"] != "not asked"]
    where = np.where(asked["compartment"] == "stroma", "stroma", "leukaemia")
    seen = {
        "any p < 0.05": asked["p"] < 0.05,
        "any adjusted p < 0.05": asked["p_adj"] < 0.05,
        "any supported": asked["verdict"].isin(["supported", "contradicted"]),
    }
    rows = []
    for part, here in (
        ("both", np.ones(len(asked), bool)),
        ("leukaemia", where == "leukaemia"),
        ("stroma", where == "stroma"),
    ):
        told = {k: v[here].groupby(asked["run"][here]).any().mean() for k, v in seen.items()}
        size = asked[here].groupby("run").size().mean()
        rows.append({"carry-over": f"{100 * share:g} %", "n": n, "of": part, "questions": size, **told,
                     "runs": runs})  # fmt: skip
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Family-wise level of ms.tl.questions.")
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--guarded", type=int, default=40)
    parser.add_argument("--n", type=int, default=4)
    parser.add_argument("--genes", type=int, default=8000, help="so many, those of the lists among them")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    sim = sibling("claims")
    folder = Path(os.environ.get("MARROWSIG_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    p = fewer(sim.sibling().shared_profiles(folder), given.genes, sim.AXES)
    asked = ((0.0, given.runs), (SHARE, given.guarded))
    parts = [study(p, sim, share, runs, given.n, given.seed) for share, runs in asked if runs]
    table = pd.concat(parts, ignore_index=True)
    if given.out:
        table.to_csv(given.out, index=False)
    print(table.to_string(index=False))
    level = table["any adjusted p < 0.05"].iloc[0]
    error = np.sqrt(0.05 * 0.95 / given.runs)
    print(f"\nno carry-over: {level:.3f} (bound 0.05, Monte Carlo error {error:.3f})")


if __name__ == "__main__":
    main()
