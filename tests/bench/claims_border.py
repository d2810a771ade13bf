"""How many supported claims of a real effect are marked borderline, and by which rule.

Usage: python tests/bench/claims_border.py [--runs 30]

Two lines of n pairs, alone, in co-culture, and with an inhibitor or not; three lists of 40 of 300 genes, in
log expression. Noise of a sample's score has an SD of about one, and a pair adds its own to all of its
samples. Co-culture lifts the lists by `d` in parental and 1.6 times as much in resistant cells; the inhibitor
takes 0.8 of that away. Carry-over is not asked, and there is one way of scoring.
"""

from __future__ import annotations

import argparse
import itertools
import warnings

import anndata as ad
import numpy as np
import pandas as pd

import marrowsig as ms

ARMS = (("mono", "none"), ("co", "none"), ("co", "JAKi"))
GENES = np.array([f"G{i}" for i in range(300)])
LISTS = {"emt": GENES[:40], "il6": GENES[40:80], "stat3": GENES[80:120]}
SIGS = {axis: [ms.sig.Signature(f"{axis}.mine", axis=axis, genes=list(g))] for axis, g in LISTS.items()}


def design(*, drug: bool) -> ms.Design:
    return ms.Design(culture="culture", line="line", pair="pair", inhibitor="inhibitor" if drug else None)


def study(n: int, d: float, rng: np.random.Generator, *, drug: bool) -> ad.AnnData:
    cells = itertools.product(["parental", "resistant"], range(n), ARMS if drug else ARMS[:2])
    rows = [
        {"line": line, "pair": f"{line[0]}{i}", "culture": c, "inhibitor": k} for line, i, (c, k) in cells
    ]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    arms = len(obs) // (2 * n)
    X = rng.uniform(3, 9, 300) + np.repeat(rng.normal(0, 0.5, (2 * n, 300)), arms, axis=0)
    X += rng.normal(0, 0.6, X.shape)
    part = (obs["culture"] == "co") * np.where(obs["inhibitor"] == "none", 1, 0.2)
    part = (part * np.where(obs["line"] == "resistant", 1.6, 1)).to_numpy()
    for k in range(3):
        X[:, 40 * k : 40 * k + 40] += (0.5 * (d * part + rng.normal(size=len(obs))))[:, None]
    return ad.AnnData(X, obs=obs, var=pd.DataFrame(index=GENES))


def main() -> None:
    parser = argparse.ArgumentParser(description="Share of supported claims that are marked borderline.")
    parser.add_argument("--runs", type=int, default=30)
    runs = parser.parse_args().runs
    warnings.simplefilter("ignore")
    print("| n | inhibitor | d | supported | near a bound | by a pair of the other line |")
    print("|---:" * 6 + "|")
    how = {"carry_over": False, "signatures": SIGS, "methods": "mean"}
    for n, drug, d in itertools.product((3, 4, 6), (False, True), (2.0, 3.0)):
        rng = np.random.default_rng([n, drug, int(d)])
        own = design(drug=drug)
        parts = [ms.tl.claims(study(n, d, rng, drug=drug), own, **how) for _ in range(runs)]
        table = pd.concat(parts)
        table = table[table["verdict"].isin(["supported", "not supported", "cannot tell", "contradicted"])]
        table = table[table["signature"] != "IL6"]
        held = table[table["verdict"] == "supported"]
        other = held["borderline"].str.contains("whose scatter")
        shares = len(held) / len(table), ((held["borderline"] != "") & ~other).mean(), other.mean()
        told = " | ".join(f"{share:.2f}" for share in shares)
        print(f"| {n} | {'yes' if drug else 'no'} | {d:g} | {told} |", flush=True)


if __name__ == "__main__":
    main()
