"""The progress bar of tqdm; the plain one serves where a notebook has no widgets, without a warning."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    from tqdm import TqdmWarning

    warnings.simplefilter("ignore", TqdmWarning)
    from tqdm.auto import tqdm

__all__ = ["tqdm"]
