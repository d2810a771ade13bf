"""Match sample names that went through R, spreadsheets or file names on the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._errors import first

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


def one_sign(name: str) -> str:
    """Write blanks, `-`, `_` and `.` alike: `S_1 b` -> `S.1.b`."""
    return mangle(name).replace("_", ".")


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
    "taking blanks, -, _ and . for one sign": lambda name: one_sign(name.strip()),
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


def less_ending(wanted: Iterable[str], names: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Find `wanted` among `names` less their folders and the ending that all have, from a sign on.

    Half of the wanted have to be found: one or two that fit so are chance.

    >>> less_ending(["A1", "B2"], ["/run/A1_sorted.bam", "/run/B2_sorted.bam"])[1]
    {'/run/A1_sorted.bam': 'A1', '/run/B2_sorted.bam': 'B2'}
    """
    wanted, names = list(dict.fromkeys(wanted)), list(dict.fromkeys(names))
    stems = [stem(name.strip()) for name in names]
    short = min(stems, key=len, default="") if len(stems) > 1 else ""
    endings = [short[at:] for at, sign in enumerate(short) if sign in "_.-"]
    for ending in (end for end in endings if all(one.endswith(end) for one in stems)):
        keys = [mangle(one.removesuffix(ending)) for one in stems]
        target = {mangle(one.strip()): one for one in wanted}
        pairs = {name: target[key] for name, key in zip(names, keys, strict=True) if key in target}
        one_to_one = len(set(keys)) == len(keys) and len(target) == len(wanted)
        if one_to_one and len(pairs) > 1 and 2 * len(pairs) >= len(wanted):
            return f"without folder and the ending {ending!r} that all have", pairs
    return "as written", {}


def alike(wanted: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Pair each wanted name with the one among `names` that it looks like: wanted -> name.

    Case, blanks, signs, zeros before a number, R's leading X and file endings are passed over; a name that
    looks like several is left out.
    """
    by_look = {}
    for side, items in (("wanted", wanted), ("names", names)):
        looks: dict[str, list[str]] = {}
        for item in dict.fromkeys(items):
            looks.setdefault(_look(item), []).append(item)
        by_look[side] = looks
    return {
        own[0]: by_look["names"][look][0]
        for look, own in by_look["wanted"].items()
        if look and len(own) == 1 and len(by_look["names"].get(look, [])) == 1
    }


def told_alike(pairs: dict[str, str], column: str) -> str:
    """Say, for the end of a message, which names look alike and what to type; empty without any."""
    if not pairs:
        return ""
    listed = first([f"{name!r} in place of {own!r}" for own, name in pairs.items()])
    return f" Names look alike: if they are the same samples, write in column {column!r} {listed}."


def _look(name: str) -> str:
    plain = re.sub(r"[^0-9a-z]+", " ", stem(name.strip()).casefold())
    plain = re.sub(r"^x(?=[ \d])", "", plain)
    plain = re.sub(r"(?<!\d)0+(?=\d)", "", plain)
    return re.sub(r"(?<!\d) | (?!\d)", "", plain)  # 1-10 is not 11-0
