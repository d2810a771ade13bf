"""Interaction of pairs that stand in both lines: the t of two arms against one number per donor.

The table of docs/statistics/index.md under "one number per donor": level, and power at 3 SD of noise, by
numpy and scipy alone: `python tests/bench/both_lines.py`, about a minute.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

DRAWS = 200_000
ALPHA = 0.05
LIFT = 3.0
NOISE = np.sqrt(2)  # SD of a difference of two samples whose noise is 1


def rates(
    rng: np.random.Generator, n: int, sd: float, correlation: float, lift: float
) -> tuple[float, float]:
    """Share of draws with p < 0.05, by the t of two groups and by one difference of differences per donor."""
    common = rng.normal(size=(DRAWS, n))
    parental, resistant = (
        NOISE * rng.normal(size=(DRAWS, n))
        + sd * (np.sqrt(correlation) * common + np.sqrt(1 - correlation) * rng.normal(size=(DRAWS, n)))
        for _ in range(2)
    )
    resistant = resistant + lift
    by_t = stats.ttest_ind(resistant, parental, axis=1).pvalue
    by_one = stats.ttest_1samp(resistant - parental, 0, axis=1).pvalue
    return float((by_t < ALPHA).mean()), float((by_one < ALPHA).mean())


def main() -> None:
    rng = np.random.default_rng(1)
    print("| donors | SD | correlation | level: t | one number | power: t | one number |")
    for n in (3, 4, 6):
        for sd in (1.0, 2.0):
            for correlation in (0.0, 0.5, 0.9):
                level, power = (rates(rng, n, sd, correlation, lift) for lift in (0.0, LIFT))
                print(
                    f"| {n} | {sd:g} | {correlation:g} | {level[0]:.3f} | {level[1]:.3f} "
                    f"| {power[0]:.2f} | {power[1]:.2f} |"
                )


if __name__ == "__main__":
    main()
