"""Every progress bar of the package; `ms.log(progress=False)` or `TQDM_DISABLE=1` silences them all."""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

from marrowsig._log import bars_are_shown

with warnings.catch_warnings():  # the plain bar serves where a notebook has no widgets
    from tqdm import TqdmWarning

    warnings.simplefilter("ignore", TqdmWarning)
    from tqdm.auto import tqdm as _auto

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["above_bars", "redrawn", "say", "steps", "tqdm"]


def redrawn(stream: Any = None) -> bool:
    """Whether `stream` is a terminal or a notebook, which draw a bar in the place of the last one.

    The error stream by default. A file, or a terminal that calls itself dumb, would keep every state of it
    as a line.
    """
    stream = sys.stderr if stream is None else stream
    if type(stream).__module__.startswith("ipykernel"):
        return True
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def tqdm(items: Any = None, *, disable: bool = False, **given: Any) -> Any:
    """Make tqdm's own bar; none after `ms.log(progress=False)`, nor where it would fill a file."""
    off = disable or not _wanted() or not redrawn(given.get("file"))
    return _auto(items, disable=off, **given)


def _wanted() -> bool:
    """Whether neither `ms.log(progress=False)` nor tqdm's own `TQDM_DISABLE` asks for silence."""
    return bars_are_shown() and os.environ.get("TQDM_DISABLE", "0") in ("", "0")


def say(text: str) -> None:
    """Write a line to the error stream, above bars that are there; none where bars are not wanted."""
    if _wanted():
        _auto.write(text, file=sys.stderr)


def above_bars() -> AbstractContextManager[None]:
    """Take bars off the error stream while lines are written to it."""
    made: AbstractContextManager[None] = _auto.external_write_mode(file=sys.stderr)
    return made


def steps(items: Any = None, *, progress: bool, **given: Any) -> Any:
    """Make the bar of a job with `progress=`: only where it is wanted."""
    return tqdm(items, disable=not progress, leave=False, **given)
