"""Whole numbers that scatter less between samples than counted reads can: other values, rounded."""

from __future__ import annotations

import numpy as np

SMOOTH = "whole numbers, but genes of 2 to 20 vary less between samples than counted reads can"
LOW, HIGH = 2, 20  # means of the genes asked: fewer reads are mostly 0, more vary by biology
FEW_GENES, FEW_SAMPLES = 100, 3
SHARE = 0.6
"""Of the median variance by mean that Poisson's counts have. FPKM of two data sets, rounded, reach 0.06 to
0.36 in 3 to 8 samples; counts of four data sets, bulk and sums of cells, 1.4 and more."""


def below_poisson(rows: np.ndarray) -> float:
    """Median variance by mean of genes of few reads in whole numbers (n_obs, n_vars), by that of Poisson's.

    Reads that were counted vary at least as Poisson's do; FPKM and TPM come of many more reads than they
    show, so that rounded they vary less. Returned is 0 where the share tells counts, or cannot be told.
    """
    if len(rows) < FEW_SAMPLES:
        return 0.0
    mean = rows.mean(axis=0)
    asked = (mean >= LOW) & (mean <= HIGH)
    if asked.sum() < FEW_GENES:
        return 0.0
    ratio = float(np.median(rows[:, asked].var(axis=0, ddof=1) / mean[asked]))
    return found if 0 < (found := ratio / _poisson(len(rows) - 1)) < SHARE else 0.0


def told_below(rows: np.ndarray) -> str:
    """Say what was seen; empty where they may be counts."""
    share = below_poisson(rows)
    return f"{SMOOTH} (variance by mean {share:.2g} of Poisson's)" if share else ""


def _poisson(df: int) -> float:
    """Median of chi square by its degrees of freedom (Wilson and Hilferty)."""
    return (1 - 2 / (9 * df)) ** 3
