"""Batches, donors and the like that are written as numbers, where a model gives them a slope."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._arms import level_text
from marrowsig._errors import first

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_CODED = re.compile(
    r"(?:.*[-_ .])?(?:batch|run|plate|lane|flow[-_ ]?cell|chip|donor|patient|subject|replicate)(?:es|s)?"
    r"[-_ .]?(?:\d+|num(?:ber)?|nr|no|id|code)?",
    re.IGNORECASE,
)
FEWEST = 3
"""Codes from which on a slope differs from a factor."""


def coded_numbers(columns: Mapping[str, NDArray], remedy: str) -> list[str]:
    """Say which columns, called as factors are, hold few whole numbers and get one slope.

    `columns` maps names to values; `remedy` may hold `{column!r}` and `{levels}`.

    >>> import numpy as np
    >>> coded_numbers({"batch": np.array([1.0, 2.0, 3.0, 1.0])}, "Give batch={column!r}.")[0][-19:]
    "Give batch='batch'."
    >>> coded_numbers({"dose": np.array([1.0, 2.0, 3.0, 1.0]), "run": np.array([1.0, 2.0, 2.0])}, "")
    []
    """
    found = []
    for column, values in columns.items():
        codes = sorted(set(values.tolist()))
        if not _CODED.fullmatch(column) or len(codes) < FEWEST or len(codes) == len(values):
            continue
        if any(code != round(code) for code in codes):
            continue
        levels = [level_text(int(code)) for code in codes]
        found.append(
            f"{column!r} holds numbers ({first(levels)}) and gets one slope, as if each step were as large "
            f"as the next. If they are codes: {remedy.format(column=column, levels=levels)}"
        )
    return found
