"""Estimate and interval of every signature in one contrast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig.pl._style import AXES, axes, axis_colour, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NEEDED = (
    "signature",
    "axis",
    "method",
    "contrast",
    "estimate",
    "ci_low",
    "ci_high",
    "n_test",
    "n_base",
    "p_adj",
)


def forest(
    res: pd.DataFrame, *, contrast: str | None = None, method: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw estimates with their 95 % intervals, one row per signature, grouped by axis.

    Parameters
    ----------
    res
        Table of `ms.tl.compare`.
    contrast
        One contrast; by default the interaction if there is one, otherwise the first of the table.
    method
        One scoring method; by default the first of the table.
    ax
        Where to draw; a new figure, as tall as it needs to be, by default.

    Returns
    -------
    Axes
        x is the difference in score units. On the right: n of test and base arm, and the adjusted p.

    Raises
    ------
    InputError
        If the table has no such contrast or method, or is not a table of `ms.tl.compare`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"])
    >>> res = ms.tl.compare(adata, ms.Design(culture="culture", line="line", pair="pair"))
    >>> ax = ms.pl.forest(res)
    >>> ax.get_title(loc="left")
    'interaction'
    """
    rows = _rows(res, contrast, method)
    y = np.arange(len(rows))[::-1]
    ax = axes(ax, width=7.0, height=1.3 + 0.26 * len(rows))
    ax.axvline(0.0, color="black", lw=0.8, ls="--", zorder=0)
    for axis in dict.fromkeys(rows["axis"]):
        mask = (rows["axis"] == axis).to_numpy()
        part = rows[mask]
        ends = part[["ci_low", "ci_high"]].to_numpy(dtype=float)
        wings = np.abs(ends.T - part["estimate"].to_numpy(dtype=float))
        ax.errorbar(
            part["estimate"], y[mask], xerr=wings, fmt="o", ms=4, lw=1.4, color=axis_colour(axis), label=axis
        )
    size = "small" if len(rows) <= 30 else "x-small"
    for at, row in zip(y, rows.to_dict("records"), strict=True):
        ax.text(1.02, at, _note(row), transform=ax.get_yaxis_transform(), va="center", fontsize=size)
    ax.text(1.02, len(rows) - 0.3, "n test, base; p_adj", transform=ax.get_yaxis_transform(), fontsize=size)
    ax.set_yticks(y, rows["label"], fontsize=size)
    ax.locator_params(axis="x", nbins=6)
    ax.set_ylim(-0.7, len(rows) - 0.3)
    several = len(set(rows["axis"])) > 1
    name = str(rows["contrast"].iloc[0])
    what = "fall under the inhibitor of" if name.startswith("reversal_") else "difference in"
    ax.set_xlabel(f"{what} {rows['method'].iloc[0]} score (95 % CI)")
    ax.set_title(name, loc="left", pad=20 if several else None)
    if several:
        # Above the axes: inside, it would hide an interval.
        ax.legend(
            frameon=False, fontsize="x-small", ncols=4, columnspacing=1.0, handletextpad=0.3,
            loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.1,
        )  # fmt: skip
    bare(ax)
    return ax


def _rows(res: pd.DataFrame, contrast: str | None, method: str | None) -> pd.DataFrame:
    lacking = [name for name in NEEDED if name not in res]
    if lacking:
        msg = f"The table has no column {first(lacking)}. Pass what ms.tl.compare(adata, design) returns."
        raise InputError(msg)
    if res.empty:
        msg = "The table of comparisons is empty. Run ms.tl.compare(adata, design)."
        raise InputError(msg)
    rows = _only(res, "method", method or str(res["method"].iloc[0]))
    known = list(rows["contrast"])
    rows = _only(rows, "contrast", contrast or ("interaction" if "interaction" in known else str(known[0])))
    rank = {axis: i for i, axis in enumerate(AXES)}
    order = rows["axis"].map(lambda axis: rank.get(axis, len(rank)))
    rows = rows.assign(_rank=order).sort_values(["_rank", "axis", "estimate"], ascending=[True, True, False])
    strata = rows["stratum"].astype(str) if "stratum" in rows else pd.Series("", index=rows.index)
    split = len(set(strata)) > 1
    return rows.assign(label=rows["signature"] + (" | " + strata if split else "")).reset_index(drop=True)


def _only(frame: pd.DataFrame, column: str, value: str) -> pd.DataFrame:
    found = frame[frame[column] == value]
    if found.empty:
        msg = f"The table has no {column} {value!r}; it has {first(dict.fromkeys(frame[column]))}."
        raise InputError(msg)
    return found


def _note(row: dict[str, object]) -> str:
    n = f"{_count(row['n_test'])}, {_count(row['n_base'])}"
    p = float(str(row["p_adj"]))
    if pd.isna(row["estimate"]):
        return f"{n}; not estimated"
    return f"{n}; {'no p' if np.isnan(p) else '< 0.001' if p < 0.001 else f'{p:.3f}'}"


def _count(value: object) -> str:
    return "?" if pd.isna(value) else f"{float(str(value)):g}"
