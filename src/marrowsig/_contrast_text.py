"""A contrast as people write it: sums and differences of cells, with factors and brackets."""

from __future__ import annotations

import re
from typing import Any

from marrowsig._errors import DesignError

NUMBER = r"\d+(?:\.\d+)?"
FACTOR = re.compile(rf"({NUMBER}(?:/{NUMBER})?)\s*\*\s*")
"""A number before what it multiplies."""
AFTER = re.compile(rf"\s*([*/])\s*({NUMBER})(?=[\s)]|$)")
"""A number after it; names may hold either sign, and only a blank or a bracket ends one."""
SIGN = re.compile(r"\s*([+-])(?=[\s(])\s*")
"""Signs stand by themselves, since names may hold them: 'MSC+', 'TNF-a'."""

Weights = dict[Any, float]


def weights_of(text: str) -> Weights:
    """Read `A - B`; terms are cells (levels joined by ':') or coefficients, with blanks around signs.

    >>> weights_of("0.5*resistant:co - resistant:mono")
    {('resistant', 'co'): 0.5, ('resistant', 'mono'): -1.0}
    >>> weights_of("(co + treated) / 2 - (mono - 0.5 * sham)")
    {'co': 0.5, 'treated': 0.5, 'mono': -1.0, 'sham': 0.5}
    """
    reader = _Reader(text)
    weights = reader.sum()
    if reader.at != len(text) or not weights:
        raise DesignError(_unread(text))
    return weights


class _Reader:
    """Reads one contrast from left to right; `at` is where it stands."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def sum(self) -> Weights:
        """Read terms with signs between them, up to the end or the bracket that closes them."""
        found: Weights = {}
        sign = self._take(SIGN)
        while True:
            self._blanks()
            for name, weight in self._term().items():
                found[name] = found.get(name, 0.0) + (-weight if sign and sign[1] == "-" else weight)
            sign = self._take(SIGN)
            if sign is None:
                self._blanks()
                return found

    def _term(self) -> Weights:
        times = 1.0
        while factor := self._take(FACTOR):
            times *= self._number(factor[1])
        if self.text.startswith("(", self.at):
            self.at += 1
            found = self.sum()
            if not self.text.startswith(")", self.at):
                raise DesignError(_unread(self.text))
            self.at += 1
        else:
            found = {self._name(): 1.0}
        while after := self._take(AFTER):
            times *= self._number(after[2] if after[1] == "*" else f"1/{after[2]}")
        return {name: weight * times for name, weight in found.items()}

    def _name(self) -> Any:
        """Read up to a blank, or a bracket that the name did not open."""
        start, depth = self.at, 0
        while self.at < len(self.text) and not self.text[self.at].isspace():
            sign = self.text[self.at]
            depth += (sign in "([") - (sign in ")]")
            if depth < 0:
                break
            self.at += 1
        name = self.text[start : self.at]
        if not name or name in "+-*/":
            raise DesignError(_unread(self.text))
        parts = tuple(name.split(":"))
        return parts if len(parts) > 1 and "[" not in name else name  # square brackets: a coefficient

    def _number(self, text: str) -> float:
        above, _, below = text.partition("/")
        if not float(below or 1):
            raise DesignError(_unread(self.text))
        return float(above) / float(below or 1)

    def _take(self, wanted: re.Pattern[str]) -> re.Match[str] | None:
        found = wanted.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def _blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1


def spaced(key: str, levels: set[str]) -> str:
    """Write signs that stand between two levels without blanks with them; empty if there are none.

    >>> spaced("IL22:24-Mock:24", {"IL22", "Mock", "24"})
    'IL22:24 - Mock:24'
    >>> spaced("AraC-R.co-AraC-R.solo", {"AraC-R.co", "AraC-R.solo"})
    'AraC-R.co - AraC-R.solo'
    >>> spaced("TNF-a:24", {"TNF", "24"})
    ''
    """
    out, done = "", 0
    for sign in re.finditer(r"[+-]", key):
        before = re.split(r"[:+-]", key[: sign.start()])[-1]
        after = re.split(r"[:+-]", key[sign.end() :])[0]
        if before in levels and after in levels:
            out += f"{key[done : sign.start()]} {sign[0]} "
            done = sign.end()
    if not done:  # levels that hold a sign themselves
        for sign in re.finditer(r"[+-]", key):
            sides = key[: sign.start()], key[sign.end() :]
            if all(part in levels for side in sides for part in side.split(":")):
                return f" {sign[0]} ".join(sides)
    return out + key[done:] if done else ""


def of_r(key: str, levels: set[str]) -> str:
    """Write levels that a dot joins, as limma's makeContrasts has them, with colons; empty if there are none.

    >>> of_r("refractory.MSC-refractory.Mono", {"refractory", "MSC", "Mono"})
    'refractory:MSC - refractory:Mono'
    >>> of_r("TNF.a", {"TNF.a", "TNF"})
    ''
    """
    parts = re.split(r"\s*([+-])\s*", key)
    cells = [part.split(".") for part in parts[::2]]
    if not all(set(cell) <= levels for cell in cells) or all(len(cell) < 2 for cell in cells):
        return ""
    parts[::2] = [":".join(cell) for cell in cells]
    return " ".join(parts)


def _unread(text: str) -> str:
    return (
        f"Contrast {text!r} cannot be read. Write 'A - B' with blanks around the signs, e.g. "
        "'resistant:co - resistant:mono' or '(a:co + b:co) / 2 - a:mono'; names with blanks as weights: "
        "{('a b', 'co'): 1, ('a b', 'mono'): -1}."
    )
