"""One named logger; silent until `ms.log()` attaches a handler."""

from __future__ import annotations

import logging
import sys
from typing import Any

logger = logging.getLogger("marrowsig")
logger.addHandler(logging.NullHandler())

LEVELS = ("debug", "info", "warning", "error")
_bars = {"shown": True}


class _Handler(logging.StreamHandler[Any]):
    """Writes to the stdout of the moment, which a notebook changes from cell to cell."""

    def __init__(self) -> None:
        super().__init__(sys.stdout)
        self.setFormatter(logging.Formatter("%(message)s"))

    def format(self, record: logging.LogRecord) -> str:
        told = super().format(record)
        return told if record.levelno == logging.INFO else f"{record.levelname}: {told}"

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stdout
        super().emit(record)


def log(level: str = "info", *, progress: bool = True) -> None:
    """Tell what every step does, for notebooks and scripts.

    At `"info"`: what was read, which symbols were replaced, how values were normalised, what was scored with
    how many genes, what was compared and by which model. Without a call only warnings are seen. Messages go
    to the standard output, and to the logger `marrowsig` for those who have their own handlers.

    Parameters
    ----------
    level
        One of `"debug"`, `"info"`, `"warning"`, `"error"`.
    progress
        Whether steps of more than two seconds show a progress bar.

    Raises
    ------
    ValueError
        If `level` is not one of them.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.log("info")
    >>> adata = ms.ds.toy()
    >>> ms.pp.lognorm(adata)
    lognorm: X is now log2(CPM + 1); the values before are in layers['counts']
    >>> ms.log("warning")
    """
    if not isinstance(level, str) or level.lower() not in LEVELS:
        msg = f"Unknown log level {level!r}. Use {', '.join(map(repr, LEVELS))}."
        raise ValueError(msg)
    if not any(isinstance(h, _Handler) for h in logger.handlers):
        logger.addHandler(_Handler())
    logger.setLevel(level.upper())
    _bars["shown"] = progress


def bars_are_shown() -> bool:
    """Whether progress bars are wanted."""
    return _bars["shown"]
