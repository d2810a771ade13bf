"""How far two libraries differ beyond what counting the same molecules twice gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CHI2_MEDIAN = 0.45493642311957283  # of one degree of freedom
FEWEST = 200


def beyond_counting(first: Array, second: Array, *, least: float) -> float:
    """Squared differences of two libraries over those of a binomial split; 1 if nothing but counting differs.

    Parameters
    ----------
    first, second
        Counts of two libraries (n_genes,).
    least
        Genes count of which the smaller library is expected to hold this many: there noise of counting is
        small beside that between cultures.

    Returns
    -------
    float
        Median over these genes of the squared difference over its binomial variance, over the median of
        chi-square with one degree of freedom; NaN where there are fewer than `FEWEST` genes. Two lanes of one
        library give 1 (Marioni JC et al. Genome Res 2008, doi:10.1101/gr.079558.108); cultures with a
        coefficient of variation `cv` about 1 + cv^2 x counts.
    """
    both = first + second
    share = first.sum() / max(both.sum(), 1.0)
    used = both * min(share, 1 - share) >= least
    if used.sum() < FEWEST:
        return float("nan")
    a, n = first[used], both[used]
    share = a.sum() / n.sum()
    if not 0 < share < 1:
        return float("nan")
    return float(np.median((a - n * share) ** 2 / (n * share * (1 - share))) / CHI2_MEDIAN)
