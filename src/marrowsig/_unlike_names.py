"""Names of libraries that differ by more than a running number or a lane: `AML1_MSC` and `AML1_MSC_Rux`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._errors import first

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_REPEAT = re.compile(
    r"(l|lane|rep|repl|replicate|run|rerun|tech|t|r|s|lib|library|seq|reseq|fc|flowcell|topup|top|up|again"
    r"|copy|[a-d]|[acgt]{6,})?\d*",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"\d+([.,]\d+)?(([pnumµ]|n)?m|[nuµm]?g|h|hr|hrs|min|d|days?|wk)", re.IGNORECASE)
UNLIKE = "differ by more than a number or a lane"


def differ(names: Iterable[str]) -> bool:
    """Whether some name has a word, or an amount, that another lacks.

    >>> differ(["AML1_MSC", "AML1_MSC_Rux"]), differ(["a_1uM", "a_10uM"]), differ(["a_S1_L001", "a_S2_L002"])
    (True, True, False)
    """
    return len({_words(name) for name in names}) > 1


def summed_unlike(groups: Sequence[Sequence[str]]) -> str:
    """Say which names were summed that differ so; empty where none do."""
    told = [" + ".join(group) for group in groups if differ(group)]
    if not told:
        return ""
    return (
        f" Among them are libraries whose names {UNLIKE}: {first(told, 3)}. If a drug, a dose or a time "
        "tells them apart, these sums are wrong: write it into a column of the sheet and name that in the "
        "design (inhibitor= or time=)."
    )


def _words(name: str) -> tuple[str, ...]:
    parts = [part for part in re.split(r"[\s_.\-|]+", name) if part]
    kept = (p if _AMOUNT.fullmatch(p) else re.sub(r"\d+", "", p) for p in parts if not _REPEAT.fullmatch(p))
    return tuple(sorted(word.casefold() for word in kept if word))
