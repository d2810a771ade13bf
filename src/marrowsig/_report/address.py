"""Addresses on the page, and the ways from a number to the figure and the table behind it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marrowsig._report.elements import Explorer, Link, Paste, Pictures, Table, Verdicts, every

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from marrowsig._report.elements import Section

EXPLORE = "explore"
OTHER = re.compile(r"[^A-Za-z0-9_.]")


def anchor(*parts: object) -> str:
    """Address of what these parts name: no two alike, and nothing in it that an attribute would not bear.

    >>> anchor("row", "co_vs_mono", "site=a b"), anchor("row", "a-b")
    ('row-co_vs_mono-site~3da~20b', 'row-a~2db')
    """
    return "-".join(OTHER.sub(lambda found: f"~{ord(found[0]):x}", str(part)) for part in parts)


def figure(name: str) -> str:
    """Address of the figure of this name."""
    return anchor("figure", name)


def row(found: Mapping[str, Any]) -> str:
    """Address of the row of a contrast in the table of its numbers."""
    stratum = found.get("stratum")
    return anchor(
        "row",
        found["contrast"],
        stratum if isinstance(stratum, str) else "",
        found["method"],
        found["signature"],
    )


def forest(contrast: str, stratum: str) -> str:
    """Name of the forest plot of a contrast."""
    return f"forest_{contrast}_{stratum}" if stratum else f"forest_{contrast}"


def drawn(found: Mapping[str, Any]) -> list[str]:
    """Addresses of the figures that show a contrast of a signature, the best one first."""
    contrast, sig = str(found["contrast"]), found["signature"]
    stratum = found.get("stratum")
    names = [f"scores_{sig}", forest(contrast, stratum if isinstance(stratum, str) else "")]
    if contrast.startswith("interaction"):
        names.insert(0, f"interaction_{sig}")
    if contrast.startswith(("reversal_", "residual_")):
        names.insert(0, f"rescue_{sig}")
    return [figure(name) for name in names]


def behind(found: Mapping[str, Any]) -> list[Link]:
    """Ways from a contrast of a signature to its figure, its row and its samples."""
    plot = (str(found["signature"]), str(found["method"]))
    return [
        Link("figure", drawn(found)),
        Link("table", [row(found)]),
        Link("samples", [EXPLORE], plot=plot),
    ]


def head(found: Mapping[str, Any]) -> Link:
    """Way from the heading of a row to the samples behind it; without scripts, to a figure."""
    return Link(str(found["signature"]), drawn(found), plot=(str(found["signature"]), str(found["method"])))


def scores(found: Mapping[str, Any]) -> Link:
    """Way from a row of any table of signatures to its samples; without scripts, to their figure."""
    sig = str(found["signature"])
    return Link(sig, [figure(f"scores_{sig}")], plot=(sig, str(found["method"])))


def known(sections: Iterable[Section]) -> set[str]:
    """All addresses of a page."""
    found: set[str] = set()
    for section in sections:
        found.add(section.id)
        for part in every(section.parts):
            if isinstance(part, Table):
                found.update(part.ids)
            elif isinstance(part, Pictures):
                found.update(f.id for f in part.figures)
            elif isinstance(part, Verdicts):
                found.update(r.id for r in part.rows)
            elif isinstance(part, Paste):
                found.add(part.id)
            elif isinstance(part, Explorer):
                found.add(EXPLORE)
    return found


def way(addresses: set[str]) -> Callable[[Link], str]:
    """Return what finds the address that a link goes to, an empty text where nothing stands behind it."""

    def find(link: Link) -> str:
        return next((f"#{target}" for target in link.targets if target in addresses), "")

    return find
