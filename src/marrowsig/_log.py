"""One named logger; silent until `ms.log()` attaches a handler."""

from __future__ import annotations

import logging

logger = logging.getLogger("marrowsig")
logger.addHandler(logging.NullHandler())


def log(level: str = "info") -> None:
    """Print marrowsig's messages, for notebooks and scripts.

    Parameters
    ----------
    level
        One of `"debug"`, `"info"`, `"warning"`, `"error"`.

    Raises
    ------
    ValueError
        If `level` is not a logging level.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.log("warning")
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        msg = f"Unknown log level {level!r}. Use 'debug', 'info', 'warning' or 'error'."
        raise ValueError(msg)
    if not any(isinstance(h, logging.StreamHandler) for h in logger.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("marrowsig %(levelname)s: %(message)s"))
        logger.addHandler(handler)
    logger.setLevel(number)
