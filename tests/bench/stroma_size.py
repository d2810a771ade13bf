"""Which size of a contrast is the blasts': as scored, less stroma, or on genes that stroma could not move.

Usage: python tests/bench/stroma_size.py [--runs 20] [--mismatch 0 0.5]

The study of `data/demo` is drawn anew, with its stroma and without it: the contrasts of the second are the
truth, on all genes of the signature and on those that are left.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData

import marrowsig as ms

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import simulate_demo as made

SIGNATURE = "emt.hallmark"
DESIGN = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
ASKED = ("co_in_parental", "co_in_resistant", "interaction")


def draw(seed: int, genes: pd.DataFrame, carried_times: float) -> AnnData:
    """Draw one study from the levels of the demo."""
    blast, stroma = made.baselines(genes, np.random.default_rng(made.SEED))
    rng = np.random.default_rng(seed)
    samples = made.arms()
    pairs, of_pair = np.unique(samples["pair"], return_inverse=True)
    pair = rng.normal(0.0, made.PAIR_SD, (len(pairs), len(genes)))
    line = rng.normal(0.0, 0.35, len(genes)) * (rng.random(len(genes)) < 0.3)
    answer = np.maximum(rng.normal(1.0, 0.3, len(genes)), 0.0)
    co = (samples["culture"] == "co").to_numpy()
    share = np.clip(np.exp(rng.normal(np.log(0.0025), 0.4, len(samples))), 0.001, 0.005)
    share = carried_times * co * share
    scatter = np.clip(rng.normal(0.0, made.DEPTH_LOG_SD, len(samples)), -0.62, 0.51)
    depth = made.KEPT * made.DEPTH * np.exp(scatter)
    counts = np.empty((len(samples), len(genes)), dtype=np.float32)
    for j, arm in enumerate(samples.to_dict("records")):
        given = genes["programme"].map({name: made.effect(name, arm) for name in made.EFFECTS}).fillna(0.0)
        moved = pair[of_pair[j]] + line * (arm["line"] == "resistant") + answer * given.to_numpy()
        own = blast * 2.0**moved
        mean = depth[j] * ((1.0 - share[j]) * own / own.sum() + share[j] * stroma)
        counts[j] = made.negative_binomial(mean, rng)
    adata = AnnData(counts, obs=samples.astype("category"), var=pd.DataFrame(index=genes.index))
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    return adata


def one(seed: int, genes: pd.DataFrame, methods: list[str], mismatch: float) -> pd.DataFrame:
    """All sizes of one study beside those without stroma."""
    msc = ms.ds.demo_stroma()
    noise = np.exp(mismatch * np.random.default_rng([seed, 1]).normal(size=msc.n_vars))
    reference = pd.Series(np.asarray(msc.X).mean(axis=0) * noise, msc.var_names)
    mixed, pure = draw(seed, genes, 1.0), draw(seed, genes, 0.0)
    for adata in (mixed, pure):
        ms.pp.lognorm(adata)
    how = {"stroma": reference, "signatures": SIGNATURE, "method": methods, "tipping": False, "draws": 199}
    found = ms.qc.stroma(mixed, DESIGN, **how)
    kept = pure[:, ~pure.var_names.isin(found.dropped["gene"])].copy()
    at = ["method", "contrast"]
    true = {}
    for name, adata in (("true", pure), ("true, genes left", kept), ("mixed", mixed)):
        ms.tl.score(adata, SIGNATURE, method=methods, min_coverage=0.0)
        true[name] = ms.tl.compare(adata, DESIGN, permutations=0).set_index(at)["estimate"]
    told = found.verdicts.set_index(at)
    table = pd.DataFrame({
        "true": true["true"], "as scored": told["estimate"], "stroma by itself": told["carried"],
        "as scored less that": told["estimate"] - told["carried"],
        "after subtraction": told["subtracted_estimate"],
        "true, genes left": true["true, genes left"], "genes left": told["filtered_estimate"],
    })  # fmt: skip
    parts = [table.loc[[(m, c) for c in ASKED]].reset_index() for m in methods]
    fractions = []
    for adata, name in ((pure, "true"), (mixed, "as scored")):
        res = ms.tl.rescue(adata, DESIGN, stroma=found if adata is mixed else None)
        rows = res[res["kind"].eq("line")]
        label = "fraction " + rows["inhibitor"].astype(str) + ", " + rows["line"].astype(str)
        frame = pd.DataFrame({"method": rows["method"], "contrast": label, name: rows["fraction"]})
        if adata is mixed:
            frame["genes left"] = rows["filtered_fraction"]
        fractions.append(frame.set_index(at))
    return pd.concat([*parts, pd.concat(fractions, axis=1).reset_index()], ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--mismatch", type=float, nargs="+", default=[0.0, 0.5])
    parser.add_argument("--methods", nargs="+", default=["singscore", "mean", "ucell"])
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    genes = pd.read_csv(made.FOLDER / "genes.csv", index_col=0, keep_default_na=False)
    for mismatch in given.mismatch:
        runs = [one(seed, genes, given.methods, mismatch) for seed in range(given.runs)]
        told = pd.concat(runs).groupby(["method", "contrast"], sort=False).median()
        print(f"\nmismatch {mismatch:g}, medians of {given.runs} studies\n")
        print(told.round(3).reset_index().to_string(index=False))


if __name__ == "__main__":
    main()
