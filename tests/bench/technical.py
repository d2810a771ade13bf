"""False alarms of the check for technical replicates on public counts, and lanes that it finds.

`python tests/bench/technical.py` with MARROWSIG_SHARED set. Each data set is thinned to a part of its depth;
false: groups found among its own replicates; found: libraries of which both lanes were told (a library is
split in two by a fair coin). 2026-11:

data set             counts  false  found
t84_il22_ifnl      18691434      0  48 of 48
t84_il22_ifnl       5607003      0  46 of 48
t84_il22_ifnl       1869191      0   1 of 48
t84_il22_ifnl        560952      0   0 of 48
pbmc_il13_gse79027 11548762      0   8 of 8
pbmc_il13_gse79027  3463371      0   8 of 8
pbmc_il13_gse79027  1155301      0   8 of 8
pbmc_il13_gse79027   346795      0   0 of 8
demo                2836358      0  32 of 32
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

import marrowsig as ms
from marrowsig._technical import technical_groups

ARMS = {"t84_il22_ifnl": ["condition", "time_h"], "pbmc_il13_gse79027": ["condition"]}


def main() -> None:
    """Print a line for each data set and depth."""
    rng, root = np.random.default_rng(0), Path(os.environ["MARROWSIG_SHARED"]) / "datasets"
    for name, columns in ARMS.items():
        adata = ms.io.read(root / name / "counts.tsv.gz", samples=root / name / "samples.tsv")
        arms = adata.obs[columns].astype(str).agg("|".join, axis=1).tolist()
        for part in (1, 0.3, 0.1, 0.03):
            tell(name, rng.binomial(np.asarray(adata.X).astype(int), part), arms, rng)
    demo = ms.ds.demo()
    arms = demo.obs[["culture", "line", "inhibitor"]].astype(str).agg("|".join, axis=1).tolist()
    tell("demo", np.asarray(demo.X).astype(int), arms, rng)


def tell(name: str, counts: np.ndarray, arms: list[str], rng: np.random.Generator) -> None:
    """Print what is found among the samples, and among their lanes."""
    lane = rng.binomial(counts, 0.5).astype(float)
    own = technical_groups(counts.astype(float), arms)
    lanes = technical_groups(np.vstack([lane, counts - lane]), arms * 2)
    depth = int(np.median(counts.sum(axis=1)))
    print(f"{name:<18} {depth:>8} {len(own):>6} {len(lanes):>3} of {len(arms)}")


if __name__ == "__main__":
    main()
