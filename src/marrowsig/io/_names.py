"""Match sample names that went through R, spreadsheets or file names on the way."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from marrowsig._errors import first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_ILLEGAL = re.compile(r"[^A-Za-z0-9._]")
_TAIL = re.compile(
    r"(\.(sorted|dedup|markdup|sortedbycoord|out|bam|sam|fastq|fq|gz|counts?|txt|genes|results)|"
    r"[._]?Aligned\.(sortedByCoord\.)?out|[._]?Aligned\.toTranscriptome\.out)+$",
    re.IGNORECASE,
)

LETTERS = "by letters and digits, whatever the case and signs"
MOST = 60
"""Names to correct that a message lists: all of a study, as they have to be typed."""


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


FEWEST = 2
"""Names that hold a number from which on it may be that of a cell line."""


def same_letters(
    wanted: Iterable[str], names: Iterable[str], pairs: Mapping[str, str] | None = None
) -> tuple[str, dict[str, str]]:
    """Find those of `wanted` that `pairs` lack by their letters and digits, whatever the case and signs.

    No two names of a side may look alike. A sign may part digits on one side alone where half of the names,
    two or more, hold that number, as of a cell line: it tells no samples apart.

    >>> same_letters(["S1 Co", "S2 Co"], ["S-1_co", "S-2_co"])[1]
    {'S-1_co': 'S1 Co', 'S-2_co': 'S2 Co'}
    >>> same_letters(["P1-10", "P2"], ["P110", "P2"], {"P2": "P2"})[1]
    {}
    """
    wanted, names, given = list(wanted), list(names), pairs or {}
    taken = set(given.values())
    found = {}
    for own, name, joined in _certain(wanted, names):
        known = all(any(_in_half(number, side) for side in (wanted, names)) for number in joined)
        if known and name not in given and own not in taken:
            found[name] = own
    return LETTERS, found


def alike(wanted: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Pair each wanted name with the one among `names` that it looks like: wanted -> name.

    Case, blanks, signs, zeros before a number, R's leading X and file endings are passed over; a name that
    looks like several is left out.
    """
    wanted, names = list(wanted), list(names)
    found = _paired(wanted, names, _look)
    for own, name, _ in _certain(wanted, names):
        if own not in found and name not in found.values():
            found[own] = name
    return {own: found[own] for own in dict.fromkeys(wanted) if own in found}


def _paired(wanted: Iterable[str], names: Iterable[str], look: Callable[[str], str]) -> dict[str, str]:
    """Pair what looks like one name of the other side, and like no other of its own: wanted -> name."""
    sides: list[dict[str, list[str]]] = []
    for items in (wanted, names):
        looks: dict[str, list[str]] = {}
        for item in dict.fromkeys(items):
            looks.setdefault(look(item), []).append(item)
        sides.append(looks)
    return {
        own[0]: sides[1][seen][0]
        for seen, own in sides[0].items()
        if seen and len(own) == 1 and len(sides[1].get(seen, [])) == 1
    }


def _certain(wanted: Sequence[str], names: Sequence[str]) -> list[tuple[str, str, list[str]]]:
    """Names of the same letters and digits that look like no others, with the numbers that a sign parts."""
    looks = [Counter(map(_look, dict.fromkeys(side))) for side in (wanted, names)]
    found = []
    for own, name in _paired(wanted, names, _letters).items():
        joined = _joined(own, name)
        if joined is not None and all(one[_look(text)] < 2 for one in looks for text in (own, name)):
            found.append((own, name, joined))
    return found


def told_alike(pairs: dict[str, str], column: str) -> str:
    """Say, for the end of a message, which names look alike and what to type; empty without any."""
    if not pairs:
        return ""
    listed = first([f"{name!r} in place of {own!r}" for own, name in pairs.items()], MOST)
    return f" Names look alike: if they are the same samples, write in column {column!r} {listed}."


def _letters(name: str) -> str:
    """Letters and digits, and the signs of CD34+ and CD34-, which tell samples apart."""
    plain = re.sub(r"(?<=\w)-(?!\w)", "+-", stem(name.strip()).casefold())
    plain = re.sub(r"(?<!\+)-|[^\w+-]|_", "", plain)
    return f"x{plain}" if plain[:1].isdigit() else plain  # as R writes it


def _joined(own: str, name: str) -> list[str] | None:
    """Numbers that one side writes as one, the other with a sign in it; None where signs part others."""
    one, other = (Counter(re.findall(r"\d+", text)) for text in (own, name))
    fewer, more = sorted((one - other, other - one), key=Counter.total)
    return list(fewer) if fewer.total() < more.total() or not more else None


def _in_half(number: str, names: Sequence[str]) -> bool:
    hold = sum(number in re.findall(r"\d+", name) for name in names)
    return hold >= FEWEST and 2 * hold >= len(names)


def _look(name: str) -> str:
    plain = re.sub(r"[^0-9a-z]+", " ", stem(name.strip()).casefold())
    plain = re.sub(r"^x(?=[ \d])", "", plain)
    plain = re.sub(r"(?<!\d)0+(?=\d)", "", plain)
    return re.sub(r"(?<!\d) | (?!\d)", "", plain)  # 1-10 is not 11-0
