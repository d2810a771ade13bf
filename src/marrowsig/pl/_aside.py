"""Columns of words to the right of an axes, one line per row of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._errors import count
from marrowsig._p_values import NOT_ESTIMATED, p_value
from marrowsig.pl._colours import INK
from marrowsig.pl._style import SMALL, from_corner
from marrowsig.pl._words import long

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.text import Text

GAP = 2.0  # millimetres before each column


def aside(ax: Axes, y: Iterable[float], columns: Mapping[str, Sequence[str]]) -> dict[str, list[Text]]:
    """Write columns, each under its heading and as wide as its words; return the words."""
    from matplotlib.transforms import blended_transform_factory

    places = list(y)
    corner = from_corner(ax, 1.0, 1.0)
    across = blended_transform_factory(corner, ax.transData)
    x, written = GAP, {}
    for heading, words in columns.items():
        ax.text(x, 0.8, heading, transform=corner, va="bottom", fontsize=SMALL, color=INK)
        written[heading] = [
            ax.text(x, at, word, transform=across, va="center", fontsize=SMALL)
            for at, word in zip(places, words, strict=True)
        ]
        x += long([heading, *words]) + GAP
    return written


def p_word(row: Mapping[str, Any], alpha: float = 0.05) -> str:
    """Write the adjusted p of a contrast in a word or two, or why there is none.

    >>> p_word({"estimate": 1.0, "p_adj": 0.0497}), p_word({"estimate": 1.0, "p_adj": 0.2})
    ('0.0497', '0.2')
    """
    if row["estimate"] != row["estimate"]:
        return NOT_ESTIMATED
    p = float(row["p_adj"])
    return "no p" if p != p else p_value(p, alpha)


def family_words(rows: pd.DataFrame, *, several: bool) -> str:
    """Say over how many tests p was adjusted, and by what; empty where the table does not tell.

    Controls are a family by themselves, and are not counted beside others.
    """
    if not {"adjustment", "family_size"} <= set(rows):
        return ""
    known = rows[rows["p_adj"].notna()]
    aside = known["axis"].eq("control")
    known = known if aside.all() else known[~aside]
    told = []
    for how, own in sorted(known.groupby("adjustment", sort=False), key=lambda found: found[0] == "BH"):
        low, high = int(own["family_size"].min()), int(own["family_size"].max())
        n = count(high, "test") if low == high else f"{low} to {count(high, 'test')}"
        told.append(f"{how} over {n}{' per contrast' if several and how == 'BH' else ''}")
    return ", others ".join(told)


def p_words(rows: Sequence[Mapping[str, Any]], alpha: float) -> list[str]:
    """Write adjusted p, each with how it was adjusted where the rows differ in that."""
    how = [str(row.get("adjustment", "")) for row in rows]
    several = len({name for name in how if name and name != "nan"}) > 1
    told = [p_word(row, alpha) for row in rows]
    return [f"{p} {name}" if several and p[-1].isdigit() else p for p, name in zip(told, how, strict=True)]
