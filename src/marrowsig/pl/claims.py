"""The claims at a glance: estimate, interval, verdict, and what the checks said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._errors import InputError, first
from marrowsig.pl._style import GREY, OKABE_ITO, axes, bare

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

VERDICTS = {
    "supported": (OKABE_ITO[2], "white"),
    "contradicted": (OKABE_ITO[1], "white"),
    "not supported": ("white", "black"),
    "cannot tell": ("#DDDDDD", "black"),
}
"""Fill and letters of a chip; the word stands in it, so that no colour is needed to read it."""
NEEDED = (
    "statement",
    "line",
    "inhibitor",
    "compartment",
    "verdict",
    "estimate",
    "ci_low",
    "ci_high",
    "detectable",
)


def claims(res: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw one line per claim: its estimate with interval, its verdict, and the verdicts of the checks.

    Parameters
    ----------
    res
        Result of `ms.tl.claims`. Claims that were not asked, and rows without an estimate, are named below.
    ax
        Where to draw; a new figure, as tall as it needs to be, by default.

    Returns
    -------
    Axes
        x is the estimate with its interval, over the difference that the design finds with power 0.8 after
        adjustment (dotted lines at one): scores and log2 units share one axis. On the right the verdict, and
        what speaks about carry-over and maturation.

    Raises
    ------
    InputError
        If `res` is not a result of `ms.tl.claims`, or no claim in it has an estimate.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.demo()
    >>> design = ms.Design(culture="culture", pair="pair")
    >>> alone = adata[(adata.obs["line"] == "resistant") & (adata.obs["inhibitor"] == "none")].copy()
    >>> table = ms.tl.claims(alone, design, carry_over=False)
    >>> [t.get_text() for t in ms.pl.claims(table).get_yticklabels()][:1]
    ['EMT rises in co-culture']
    """
    lacking = [c for c in NEEDED if c not in res]
    if lacking:
        msg = f"The table has no column {first(lacking)}. Pass what ms.tl.claims(adata, design) returns."
        raise InputError(msg)
    rows = res[res["estimate"].notna() & res["detectable"].gt(0)].reset_index(drop=True)
    if rows.empty:
        msg = "No claim of this table has an estimate to draw. Read its column 'reason'."
        raise InputError(msg)
    y = np.arange(len(rows))[::-1].astype(float)
    ax = axes(ax, width=12.5, height=1.6 + 0.36 * len(rows))
    for x, style in ((0.0, "-"), (1.0, ":"), (-1.0, ":")):
        ax.axvline(x, color="black" if x == 0 else GREY, lw=0.8, ls=style, zorder=0)
    for at, row in zip(y, rows.to_dict("records"), strict=True):
        _line(ax, at, row)
    ax.set_yticks(y, [label(row) for row in rows.to_dict("records")], fontsize="small")
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.set_xlabel(
        f"estimate with interval, over the difference found with power 0.8\n{_below(res, rows)}".rstrip()
    )
    bare(ax)
    return ax


def _line(ax: Axes, at: float, row: dict[str, Any]) -> None:
    fill, ink = VERDICTS.get(str(row["verdict"]), VERDICTS["cannot tell"])
    colour = GREY if fill in ("white", "#DDDDDD") else fill
    low, value, high = (row[name] / row["detectable"] for name in ("ci_low", "estimate", "ci_high"))
    ax.plot([low, high], [at, at], color=colour, lw=1.6)
    ax.plot([value], [at], "o", ms=5.5, color=colour, mfc="white" if colour == GREY else colour)
    right = ax.get_yaxis_transform()
    chip = {"boxstyle": "round,pad=0.25", "facecolor": fill, "edgecolor": "black", "linewidth": 0.6}
    ax.text(1.03, at, row["verdict"], transform=right, va="center", fontsize="small", color=ink, bbox=chip)
    # A width in points, for the words of a chip do not grow with the axes.
    ax.annotate(
        _checks(row), (1.03, at), xycoords=right, xytext=(86, 0), textcoords="offset points",
        va="center", fontsize="x-small", color="#333333", annotation_clip=False,
    )  # fmt: skip


def label(row: dict[str, Any]) -> str:
    """Write what a row claims, and of which samples."""
    told = str(row["statement"])
    if row["inhibitor"]:
        told = told.replace("the inhibitor", str(row["inhibitor"]))
    where = [row["line"], row["compartment"] if row.get("method") == "log2" else ""]
    inside = ", ".join(part for part in where if part)
    return f"{told[:1].upper()}{told[1:]}{f' ({inside})' if inside else ''}"


def _checks(row: dict[str, Any]) -> str:
    parts = [f"adj. p {row['p_adj']:.1g}"] if np.isfinite(row["p_adj"]) else []
    if row["n_specifications"]:
        parts.append(f"{100 * row['agreement']:.0f} % agree")
    parts += [f"{name}: {row[name]}" for name in ("stroma", "maturation") if row[name]]
    return "; ".join(parts)


def _below(res: pd.DataFrame, rows: pd.DataFrame) -> str:
    n = len(res) - len(rows)
    return "" if not n else f"{n} further rows without an estimate are not drawn"
