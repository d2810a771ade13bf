"""How often a pooled test finds what is not there: the table of docs/batch.md.

python tests/bench/meta.py 500
"""

from __future__ import annotations

import sys
from itertools import product

import numpy as np
import pandas as pd

from marrowsig._stats.effect import hedges_j
from marrowsig.tl._meta_inputs import effect_variance
from marrowsig.tl._pooled import pooled

DESIGNS = {
    "3v3, equal SD": ([3], [1.0]),
    "3 to 12 per arm, equal SD": ([3, 4, 6, 12], [1.0]),
    "3v3, SD 0.3, 1 or 3": ([3], [0.3, 1.0, 3.0]),
}
KINDS = [("score", "floored"), ("score", "plain"), ("effect", "floored"), ("effect", "plain")]


def studies(rng, k, sizes, sds, tau):
    """Mean differences of `k` two-arm studies around 0, their variances, g and its variances."""
    n, sd = rng.choice(sizes, k), rng.choice(sds, k)
    rows = []
    for size, s in zip(n, sd, strict=True):
        shift = rng.normal(0, tau)
        a, b = rng.normal(shift, s, size), rng.normal(0, s, size)
        noise = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
        d, df = a.mean() - b.mean(), 2 * size - 2
        se = noise * np.sqrt(2 / size)
        rows.append({"df": df, "stat": d / se, "effect": d / noise * hedges_j(df), "y": d, "v": se**2})
    table = pd.DataFrame(rows).assign(effect_name="hedges_g")
    return {
        "score": (table["y"].to_numpy(), table["v"].to_numpy()),
        "effect": (table["effect"].to_numpy(), effect_variance(table)),
    }


def main(runs: int) -> None:
    """Print the table."""
    rng = np.random.default_rng(0)
    print("| studies | k | SD between | " + " | ".join(f"{on}, {scale}" for on, scale in KINDS) + " |")
    print("|---" * (3 + len(KINDS)) + "|")
    for (name, (sizes, sds)), k, tau in product(DESIGNS.items(), (3, 5, 8), (0.0, 1.0)):
        hits = np.zeros(len(KINDS))
        for _ in range(runs):
            made = studies(rng, k, sizes, sds, tau)
            hits += [pooled(*made[on], tau2="pm", scale=scale, alpha=0.05).p < 0.05 for on, scale in KINDS]
        print(f"| {name} | {k} | {tau:g} | " + " | ".join(f"{h / runs:.3f}" for h in hits) + " |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
