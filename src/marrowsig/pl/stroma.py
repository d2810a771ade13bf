"""Contrasts as scored beside the same on genes that carry-over cannot move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._errors import InputError, first
from marrowsig.pl._style import GREY, OKABE_ITO, axes, bare

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLOURS = {
    "supported": OKABE_ITO[2],
    "compatible with carry-over": OKABE_ITO[4],
    "explained by carry-over": OKABE_ITO[1],
    "cannot tell": GREY,
    "not established": "#BBBBBB",
}


def stroma(
    res: Any,
    *,
    contrast: str | None = None,
    method: str | None = None,
    stratum: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw each signature's contrast as scored (open) and filtered (filled), with the verdict.

    Parameters
    ----------
    res
        Result of `ms.qc.stroma`, or its `verdicts`.
    contrast, method, stratum
        One of each; by default the first of the table.
    ax
        Where to draw; a new figure, as tall as it needs to be, by default.

    Returns
    -------
    Axes
        x is the difference in score units, with 95 % intervals; the grey bar is what carry-over could still
        do to the genes that are kept. On the right: verdict, genes kept, tipping point.

    Raises
    ------
    InputError
        If the table has no such contrast, method or stratum, or is not one of `ms.qc.stroma`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    >>> found = ms.qc.stroma(
    ...     ms.ds.demo(), design, stroma=ms.ds.demo_stroma(), signatures=["emt.hallmark", "emt.mak2016"]
    ... )
    >>> ms.pl.stroma(found, contrast="co_in_resistant").get_title(loc="left")
    'co_in_resistant'
    """
    rows = _rows(getattr(res, "verdicts", res), contrast, method, stratum)
    y = np.arange(len(rows))[::-1].astype(float)
    ax = axes(ax, width=8.5, height=1.5 + 0.42 * len(rows))
    ax.axvline(0.0, color="black", lw=0.8, ls="--", zorder=0)
    sign = np.where(rows["estimate"] < 0, -1.0, 1.0)
    ax.barh(y - 0.14, sign * rows["left"].fillna(0.0), height=0.22, color="#DDDDDD", zorder=0)
    for name, shift, face in (("", 0.14, "white"), ("filtered_", -0.14, None)):
        for at, row in zip(y + shift, rows.to_dict("records"), strict=True):
            if not np.isfinite(row[f"{name}estimate"]):
                continue
            colour = COLOURS.get(str(row["verdict"]), GREY)
            low, high = row[f"{name}ci_low"], row[f"{name}ci_high"]
            ax.plot([low, high], [at, at], color=colour, lw=1.4)
            ax.plot([row[f"{name}estimate"]], [at], "o", ms=5, color=colour, mfc=face or colour)
    for at, row in zip(y, rows.to_dict("records"), strict=True):
        ax.text(1.02, at, _note(row), transform=ax.get_yaxis_transform(), va="center", fontsize="small")
    ax.set_yticks(y, rows["signature"], fontsize="small")
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.set_xlabel(
        f"difference in {rows['method'].iloc[0]} score (95 % CI)\nopen: as scored; filled: filtered"
    )
    ax.set_title(str(rows["contrast"].iloc[0]), loc="left")
    bare(ax)
    return ax


def _rows(table: Any, contrast: str | None, method: str | None, stratum: str | None) -> pd.DataFrame:
    lacking = [c for c in ("signature", "contrast", "verdict", "filtered_estimate", "left") if c not in table]
    if lacking:
        msg = f"The table has no column {first(lacking)}. Pass what ms.qc.stroma(adata, design) returns."
        raise InputError(msg)
    asked = {"contrast": contrast, "method": method, "stratum": stratum}
    for column, value in asked.items():
        chosen = table[column].iloc[0] if value is None else value
        if chosen not in set(table[column]):
            msg = f"The table has no {column} {chosen!r}; it has {first(dict.fromkeys(table[column]))}."
            raise InputError(msg)
        table = table[table[column] == chosen]
    return table.reset_index(drop=True)


def _note(row: dict[str, Any]) -> str:
    kept = f"{row['n_kept']}/{row['n_genes']} genes"
    if not np.isfinite(row["tipping"]):
        return f"{row['verdict']}; {kept}"
    return f"{row['verdict']}; {kept}; f* {row['tipping']:.2%} ({row['tipping_ratio']:.2g} x)"
