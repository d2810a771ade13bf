"""Every progress bar of the package; `ms.log(progress=False)` silences them all."""

from __future__ import annotations

import sys
import warnings
from typing import Any

from marrowsig._log import bars_are_shown

with warnings.catch_warnings():  # the plain bar serves where a notebook has no widgets
    from tqdm import TqdmWarning

    warnings.simplefilter("ignore", TqdmWarning)
    from tqdm.auto import tqdm as _auto

__all__ = ["say", "steps", "tqdm"]


def tqdm(items: Any = None, *, disable: bool | None = False, **given: Any) -> Any:
    """Make tqdm's own bar, none after `ms.log(progress=False)`."""
    return _auto(items, disable=True if not bars_are_shown() else disable, **given)


def say(text: str) -> None:
    """Write a line to the error stream, above bars that are there; none after `ms.log(progress=False)`."""
    if bars_are_shown():
        _auto.write(text, file=sys.stderr)


def steps(items: Any = None, *, progress: bool, **given: Any) -> Any:
    """Make the bar of a job with `progress=`: only where it is wanted and the output is a terminal."""
    return tqdm(items, disable=None if progress else True, leave=False, **given)
