"""Panel of contrasts of an overview: a point with its interval for each, in the colours of the lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig.pl._aside import aside, p_word
from marrowsig.pl._by_stroma import tick
from marrowsig.pl._clip import NUMBERS, heads
from marrowsig.pl._coloured import shows_lines
from marrowsig.pl._colours import OKABE_ITO
from marrowsig.pl._kept_sizes import drawn_on_kept, p_to_cite
from marrowsig.pl._overview_key import CITED, marks, worded
from marrowsig.pl._style import SMALL, bare, room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design


HEADING = 0.65
"""Height of a heading, of that of a line."""


def lines_in(keys: Sequence[tuple[str, str]]) -> float:
    """Height of all lines, in lines; headings (contrast "") are lower.

    >>> lines_in([("", "A"), ("interaction", "A")])
    1.65
    """
    return sum(1.0 if key[0] else HEADING for key in keys)


def heights_of(keys: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """Place of each line, the last at 0; a whole number apart where there is no heading.

    >>> heights_of([("co_vs_mono", ""), ("interaction", "")]).tolist()
    [1.0, 0.0]
    """
    own = np.array([1.0 if key[0] else HEADING for key in keys])
    return np.cumsum(own[::-1])[::-1] - own / 2 - own[-1] / 2


def draw_contrasts(
    ax: Axes,
    rows: pd.DataFrame,
    keys: list[tuple[str, str]],
    labels: list[str],
    alpha: float,
    palette: Mapping[str, str] | None,
    design: Design | FormulaDesign,
    cut: tuple[float, float] | None,
    *,
    beside: bool = False,
) -> None:
    """One line for each contrast: estimate with interval, filled where established, and adjusted p.

    `cut` are ends of x, beyond which an interval goes on with an arrow head; with `beside`, the word of a
    verdict stands beside p and not below it.
    """
    found = {(str(r["contrast"]), str(r["stratum"] or "")): r for r in rows.to_dict("records")}
    y, p = heights_of(keys), list[str]()
    ax.axvline(0.0, color="black", lw=0.6, ls="--", zorder=0)
    for at, key in zip(y, keys, strict=True):
        if not key[0]:
            p.append("")
            continue
        row: dict[str, Any] = found.get(key, {"estimate": float("nan")})
        mark = "†" if row.get("as_claim") else "‡" if row.get("as_question") is True else ""
        fewer = p_to_cite(row, alpha)
        told = f"{p_word(row)}{mark}" if fewer is None else f"{p_word({**row, 'p_adj': fewer})}{mark} {CITED}"
        p.append(("  " if beside else "\n").join(part for part in (told, worded(row)) if part))
        if row["estimate"] != row["estimate"]:
            continue
        colour, cited = _colour(key[0], palette, design), drawn_on_kept(row)
        faces = [colour if filled else "white" for filled in marks(row, alpha)]
        _interval(ax, at + (0.17 if cited else 0.0), row, "", "o", colour, faces[0], cut)
        if cited:
            _interval(ax, at - 0.17, row, "filtered_", "^", colour, faces[1], cut)
        tick(ax, row.get("carried"), at + (0.17 if cited else 0.0))
    aside(ax, y, {"adj. p": p})
    ax.set_yticks(y, labels, fontsize=SMALL)
    ax.set_ylim(-0.6, lines_in(keys) - 0.4)
    if cut:
        ax.set_xlim(*cut)
    ax.locator_params(axis="x", nbins=4 if room(ax) > 70.0 else 3)
    bare(ax)


def _interval(
    ax: Axes, at: float, row: Mapping[str, Any], of: str, mark: str, colour: str, face: str,
    cut: tuple[float, float] | None,
) -> None:  # fmt: skip
    value, low, high = (float(row[f"{of}{name}"]) for name in NUMBERS)
    ax.errorbar(
        value, at, xerr=[[value - low], [high - value]], fmt=mark, ms=3.5, lw=1.0, color=colour, mfc=face
    )
    if cut:
        heads(ax, *cut, np.array([at]), np.array([[low, high]]), colour)


def _colour(contrast: str, palette: Mapping[str, str] | None, design: Design | FormulaDesign) -> str:
    """Colour of the line that a contrast is about, black where colours show another factor."""
    if not shows_lines(design, palette):
        return "black"
    role = contrast.rpartition("_in_")[2]
    usual = dict(zip(("parental", "resistant"), OKABE_ITO, strict=False)).get(role, "black")
    return (palette or {}).get(str(getattr(design, role, "")), usual) if usual != "black" else usual
