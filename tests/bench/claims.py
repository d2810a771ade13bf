"""How often `ms.tl.claims` supports what carry-over alone made, and what is true.

Usage: python tests/bench/claims.py [--runs 100] [--out docs-table.csv] [--truth null effect] [--n 4]

Two lines in pairs: alone, in co-culture, and in co-culture with one inhibitor. Profiles of blasts and stroma
are those of tests/bench/stroma.py. In the co-cultures 2 % of the RNA is stroma's (`uneven`: 1 % in parental,
3 % in resistant cells), and the analyst's reference is off by a log-SD of 0.5 per gene.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData

import marrowsig as ms

SEED = 20261127
RAISED = {"parental": 1.5, "resistant": 2.0}  # fold of half the genes of each signature
REVERSED = 0.7  # share of the log effect that the inhibitor takes away
DESIGN = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
ARMS = (("mono", "none"), ("co", "none"), ("co", "JAKi"))
AXES = ("emt.hallmark", "il6.hallmark", "stat3.specific")
MISMATCH, PAIR_SD, DISPERSION, DEPTH, DEPTH_SD, SHARE_SD = 0.5, 0.2, 0.03, 15e6, 0.25, 0.5


def sibling() -> Any:
    """Profiles of the simulation of carry-over."""
    path = Path(__file__).parent / "stroma.py"
    spec = importlib.util.spec_from_file_location("bench_stroma", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_stroma"] = module
    spec.loader.exec_module(module)
    return module


class Case(NamedTuple):
    """`truth`: null or effect; shares of stromal RNA in the co-cultures of each line."""

    truth: str
    n: int
    parental: float
    resistant: float


def simulate(p: Any, case: Case, rng: np.random.Generator) -> tuple[AnnData, pd.Series]:
    """Draw counts of one study, and the reference that its analyst has."""
    n_genes = len(p.genes)
    place = {gene: i for i, gene in enumerate(p.genes)}
    chosen = []
    for id in AXES:
        members = np.array([place[g] for g in ms.sig.load(id).genes if g in place])
        chosen.append(rng.permutation(members)[: members.size // 2])
    hit = np.unique(np.concatenate(chosen))
    rows, obs = [], []
    for line, fold in RAISED.items():
        nominal = getattr(case, line)
        for i in range(case.n):
            pair = 2.0 ** rng.normal(0.0, PAIR_SD, n_genes)
            for culture, drug in ARMS:
                answer = np.zeros(n_genes)
                if case.truth == "effect" and culture == "co":
                    answer[hit] = np.log2(fold) * (1 - REVERSED * (drug != "none"))
                f = min(nominal * np.exp(rng.normal(0, SHARE_SD)), 0.5) if culture == "co" else 0.0
                rows.append((1 - f) * _million(p.blast * 2.0**answer * pair) + f * _million(p.stroma))
                obs.append((culture, line, drug, f"{line}{i}"))
    depth = DEPTH * np.exp(rng.normal(0.0, DEPTH_SD, len(rows)))
    mean = np.array(rows) * depth[:, None] / 1e6
    counts = rng.poisson(mean * rng.gamma(1 / DISPERSION, DISPERSION, mean.shape)).astype(float)
    names = [f"s{i}" for i in range(len(obs))]
    frame = pd.DataFrame(obs, columns=["culture", "line", "inhibitor", "pair"], index=names)
    adata = AnnData(counts, obs=frame, var=pd.DataFrame(index=p.genes))
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    return adata, pd.Series(p.stroma * np.exp(MISMATCH * rng.normal(size=n_genes)), p.genes)


def _million(x: np.ndarray) -> np.ndarray:
    return x / x.sum() * 1e6


def one(p: Any, case: Case, rng: np.random.Generator) -> pd.DataFrame:
    adata, reference = simulate(p, case, rng)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ms.tl.claims(adata, DESIGN, stroma=reference)


def study(p: Any, cases: list[Case], runs: int, out: Path | None = None) -> pd.DataFrame:
    """One row per case and claim: how often each verdict was given, and any claim of a study supported."""
    from tqdm import tqdm

    rows: list[dict[str, object]] = []
    for case in cases:
        rng = np.random.default_rng([SEED, *repr(tuple(case)).encode()])
        found = [one(p, case, rng).assign(run=i) for i in tqdm(range(runs), desc=str(tuple(case)))]
        table = pd.concat(found)
        table = table[table["verdict"] != "not asked"]
        told = (table["verdict"] == "supported").groupby(table["run"]).any()
        naive = (table["p"] < 0.05) & (table["estimate"] > 0)
        for (claim, line), part in table.groupby(["claim", "line"], sort=False):
            shares = part["verdict"].value_counts(normalize=True)
            seen = {
                v: float(shares.get(v, 0.0))
                for v in ("supported", "contradicted", "not supported", "cannot tell")
            }
            rising = naive[(table["claim"] == claim) & (table["line"] == line)].mean()
            own = {"claim": claim, "line": line, "p < 0.05, up": rising, **seen, "runs": runs}
            rows.append({**case._asdict(), **own})
        whole = {"claim": "any of a study", "supported": told.mean(), "runs": runs}
        rows.append({**case._asdict(), **whole})
        if out:
            pd.DataFrame(rows).to_csv(out, index=False)
    return pd.DataFrame(rows)


def as_markdown(table: pd.DataFrame) -> str:
    def cell(name: str, value: Any) -> str:
        if isinstance(value, float) and np.isnan(value):
            return ""
        if name in ("parental", "resistant"):
            return f"{100 * value:g} %"
        return f"{value:.2f}" if isinstance(value, float) else str(value)

    head = [c for c in table if c != "runs"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += [
        "| " + " | ".join(cell(c, v) for c, v in zip(head, row, strict=True)) + " |"
        for row in table[head].itertuples(index=False)
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Error rates and power of ms.tl.claims.")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--profiles", choices=("shared", "demo"), default="shared")
    parser.add_argument("--genes", type=int, default=8000)
    parser.add_argument("--truth", nargs="+", default=["null", "uneven", "effect"])
    parser.add_argument("--n", type=int, nargs="+", default=[4])
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    beside = sibling()
    folder = Path(os.environ.get("MARROWSIG_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    p = beside.shared_profiles(folder) if given.profiles == "shared" else beside.demo_profiles(given.genes)
    kinds = {"null": ("null", 0.02, 0.02), "uneven": ("null", 0.01, 0.03), "effect": ("effect", 0.02, 0.02)}
    cases = [Case(kinds[t][0], n, *kinds[t][1:]) for t in given.truth for n in given.n]
    table = study(p, cases, given.runs, given.out)
    print(as_markdown(table))
    false = table[table["truth"] == "null"]
    if len(false):
        worst = false.sort_values("supported").iloc[-1]
        bound = 0.05 + 3 * np.sqrt(0.05 * 0.95 / worst["runs"])
        print(f"\nworst without an effect: {worst['claim']} {worst['supported']:.3f} (bound {bound:.3f})")


if __name__ == "__main__":
    main()
