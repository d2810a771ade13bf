"""Names of kinds of numbers that several parts ask for; `marrowsig.io._kind` tells which a matrix holds."""

from __future__ import annotations

COUNTS = ("counts", "expected_counts")  # reads of a sample: they add up, and a library size divides them
LENGTHS = ("tpm", "fpkm")  # divided by the length of the gene as well
