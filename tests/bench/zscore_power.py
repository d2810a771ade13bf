"""Power of the t test of two scores where few of the genes answer: combined z over all samples, and the mean.

    python tests/bench/zscore_power.py

Two arms of three samples, 30 independent normal genes of SD 1, of which three rise.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

RUNS, N, GENES, RISING = 20_000, 3, 30, 3


def main() -> None:
    """Print the share of studies with p < 0.05, by the rise in SD."""
    rng = np.random.default_rng(1)
    for rise in (4, 5, 6, 8):
        x = rng.normal(size=(RUNS, 2 * N, GENES))
        x[:, N:, :RISING] += rise
        z = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, ddof=1, keepdims=True)
        found = [
            (stats.ttest_ind(score[:, N:], score[:, :N], axis=1).pvalue < 0.05).mean()
            for score in (z.sum(axis=2) / np.sqrt(GENES), x.mean(axis=2))
        ]
        print(f"rise {rise} SD: z {found[0]:.2f}, mean {found[1]:.2f}")


if __name__ == "__main__":
    main()
