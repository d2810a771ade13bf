"""How the names of a sample sheet were found among those of a matrix."""

from __future__ import annotations

from dataclasses import dataclass, field

from marrowsig._errors import first
from marrowsig.io._names import LETTERS, stem

AS_GIVEN = ("as written", "ignoring blanks around")
"""Spellings under which nothing is told: the names are the same."""
LONG = 200
"""Letters above which one pair of names stands for all: long ones differ as it does."""
SHOWN = 20
"""Samples that a message names, where each is to be looked at."""


@dataclass(frozen=True)
class Match:
    """How a sheet column found the rows: `pairs` leads from a name in the data to the id in the sheet.

    Those of `rest` were found one by one, in another spelling than the others.
    """

    column: str = ""
    spelling: str = "as written"
    pairs: dict[str, str] = field(default_factory=dict)
    obs_column: str = ""
    rest: dict[str, str] = field(default_factory=dict)
    besides: str = ""
    """Another column that names the same samples, by names of files."""

    @property
    def way(self) -> str:
        """How the names were found, in few words."""
        way = f"{self.spelling}, {len(self.rest)} {LETTERS}" if self.rest else self.spelling
        return f"{way}; {self.besides!r} names them, too" if self.besides else way

    @property
    def of_files(self) -> bool:
        """Whether the names in the sheet are those of files."""
        own = self.pairs.values()
        return sum(stem(name) != name for name in own) > len(own) / 2

    def told(self) -> str:
        """Say which names were matched to others; empty where all are the same."""
        others = {name: own for name, own in self.pairs.items() if name != own and name not in self.rest}
        said = []
        if self.spelling not in AS_GIVEN:
            said.append(f"{self.spelling}: {_few(_is(others))}")
        if self.rest:
            more = f"{len(self.rest)} {'more ' if said else ''}"
            said.append(f"{more}{LETTERS}: {first(_is(self.rest), SHOWN)}")
        if not said:
            return ""
        return f"Sample names were matched {', and '.join(said)}. If that is wrong, correct the names."


def _is(pairs: dict[str, str]) -> list[str]:
    return [f"{name!r} is {own!r}" for name, own in pairs.items()]


def _few(pairs: list[str]) -> str:
    told = first(pairs)
    return told if len(told) <= LONG else first(pairs, 1)
