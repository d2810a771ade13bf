"""The progress bar of tqdm; the plain one serves where a notebook has no widgets, without a warning."""

from __future__ import annotations

import warnings
from typing import Any

from marrowsig._log import bars_are_shown

with warnings.catch_warnings():
    from tqdm import TqdmWarning

    warnings.simplefilter("ignore", TqdmWarning)
    from tqdm.auto import tqdm as _auto

__all__ = ["tqdm"]


def tqdm(items: Any = None, *, disable: bool | None = False, **given: Any) -> Any:
    """Make tqdm's own bar, none after `ms.log(progress=False)`."""
    return _auto(items, disable=True if not bars_are_shown() else disable, **given)
