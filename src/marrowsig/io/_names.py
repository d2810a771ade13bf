"""Match sample names that went through R, spreadsheets or file names on the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_ILLEGAL = re.compile(r"[^A-Za-z0-9._]")
_TAIL = re.compile(
    r"(\.(sorted|dedup|markdup|sortedbycoord|out|bam|sam|fastq|fq|gz|counts?|txt|genes|results)|"
    r"_?Aligned\.sortedByCoord\.out|Aligned\.out)+$",
    re.IGNORECASE,
)


def mangle(name: str) -> str:
    """Write the name as R's `make.names` writes it: `1-a b` -> `X1.a.b`."""
    clean = _ILLEGAL.sub(".", name)
    return clean if re.match(r"[A-Za-z]|\.(?!\d)", clean) else f"X{clean}"


def stem(name: str) -> str:
    """Return the name without folders and file endings: `/bam/S1.sorted.bam` -> `S1`."""
    return _TAIL.sub("", re.split(r"[/\\]", name)[-1])


# Tried in this order: the first that matches most wins, so an exact match is never overruled.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as written": str,
    "ignoring blanks around": lambda name: name.strip(),
    "after undoing R's change of names (- and blanks to ., leading X)": lambda name: mangle(name.strip()),
    "without folder and file ending": lambda name: stem(name.strip()),
    "without folder and file ending, R's change of names undone": lambda name: mangle(stem(name.strip())),
    "ignoring upper and lower case": lambda name: mangle(stem(name.strip())).casefold(),
}


def respell(wanted: Iterable[str], names: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Find `wanted` among `names`: the spelling that finds most, and name -> wanted.

    A spelling under which two of the wanted, or two of the names, become one is not used.
    """
    wanted, names = list(dict.fromkeys(wanted)), list(dict.fromkeys(names))
    best: tuple[str, dict[str, str]] = ("as written", {})
    for words, spell in SPELLINGS.items():
        target = {spell(w): w for w in wanted}
        keys = [spell(n) for n in names]
        if len(target) < len(wanted) or len(set(keys)) < len(keys):
            continue
        pairs = {n: target[k] for n, k in zip(names, keys, strict=True) if k in target}
        if len(pairs) > len(best[1]):
            best = (words, pairs)
    return best
