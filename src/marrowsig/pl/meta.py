"""One signature in several studies, and what they say together."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._contrasts import spelled
from marrowsig._errors import InputError, first
from marrowsig._p_values import p_phrase
from marrowsig._rounded import plain
from marrowsig.pl._colours import GREY, axis_colour
from marrowsig.pl._contrast_title import BY_ROLE
from marrowsig.pl._rows import interval
from marrowsig.pl._signature_names import names_in_table
from marrowsig.pl._style import EXTRA, SMALL, WIDE, axes, bare, fit, room
from marrowsig.pl._words import long, scored_by, signed, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from marrowsig.sig import Signature
    from marrowsig.tl.meta import Meta

PAGE = 190.0  # millimetres that rows take at most before they get closer to each other
TINY = 1e-6
"""Sizes below are written as 0."""
UNITS = {"hedges_g": "Hedges' g", "g_z": "g_z", "hedges_g of pairs": "Hedges' g of pairs"}


def meta(
    res: Meta,
    signature: str | Signature | None = None,
    *,
    contrast: str | None = None,
    method: str | None = None,
    stratum: str | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw every study with its interval, the pooled estimate, and where a further study is expected.

    Parameters
    ----------
    res
        What `ms.tl.meta` returned.
    signature, contrast, method, stratum
        Which row of `res.table`; the first one that fits if several do.
    ids
        Call signatures by their ids; by default by their titles, unless two share one, rows with titles would
        not fit onto a page, or the table was read from a file, which holds ids alone.
    width
        Of a new figure, in millimetres; 180 by default.
    ax
        Where to draw; a new figure, as tall as it needs to be, by default.

    Returns
    -------
    Axes
        Squares are studies, their area the weight; the diamond spans the interval of the pooled estimate,
        the grey bar below the prediction interval. On the right, numbers and weights; below, how
        far the studies differ (tau2, I2, Q) and the notes of the row. Studies that were left out are hollow.

    Raises
    ------
    InputError
        If there is no such row.

    Examples
    --------
    >>> import pandas as pd
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, "il6.hallmark", min_coverage=0.0)
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> parts = {"a": adata, "b": adata[adata.obs["pair"] != "r4"], "c": adata[adata.obs["pair"] != "r1"]}
    >>> rows = [ms.tl.compare(part, design).assign(study=name) for name, part in parts.items()]
    >>> found = ms.tl.meta(pd.concat(rows))
    >>> ax = ms.pl.meta(found, "il6.hallmark", contrast="interaction")
    >>> ax.get_title(loc="left")
    'IL-6 response (Hallmark): more in resistant than in parental'
    """
    row, rows = _chosen(res, signature, contrast, method, stratum)
    rows = rows[np.isfinite(rows["estimate"].to_numpy(dtype=float))]
    pooled = pd.notna(row["estimate"])
    n = len(rows)
    y = np.arange(n)[::-1] + 1.5
    colour = axis_colour(str(row["axis"]))
    new, tall = ax is None, max(2.6, min(4.0, PAGE / (n + 2.3))) * (n + 2.3)
    ax = axes(ax, width, usual=WIDE, height=tall + EXTRA)
    ax.axvline(0.0, color="black", lw=0.6, ls="--", zorder=0)
    for at, study in zip(y, rows.to_dict("records"), strict=True):
        _study(ax, at, study, colour, pooled=bool(pooled))
    level = interval(res.table)
    ticks = [f"{s} (n {_n(k)})" for s, k in zip(rows["study"], rows["n_samples"], strict=True)]
    _aside(ax, n + 1.35, f"estimate [{level}], weight" if pooled else f"estimate [{level}]")
    if pooled:
        _diamond(ax, row, colour)
        ax.plot([row["pi_low"], row["pi_high"]], [-0.3, -0.3], color=GREY, lw=2.5, solid_capstyle="butt")
        _aside(ax, 0.5, f"{_span(row['estimate'], row['ci_low'], row['ci_high'])}  {_p(row['p'])}")
        _aside(ax, -0.3, _span(row["estimate"], row["pi_low"], row["pi_high"]).split(" ", 1)[1])
        ticks += [
            f"pooled, {row['n_studies']} studies (n {_n(row['n_samples'])})",
            "further study, prediction",
        ]
        places = [*y, 0.5, -0.3]
    else:
        ticks.append("not pooled")
        places = [*y, 0.5]
        _aside(ax, 0.5, str(row["reason"]), x=0.01)
    ax.axhline(1.0, color=GREY, lw=0.6)
    ax.set_yticks(places, ticks, fontsize=SMALL)
    ax.set_ylim(-0.9, n + 1.4)
    ax.locator_params(axis="x", nbins=4 if room(ax) < 120 else 6)
    unit = str(row["on"])
    named = f"difference in {scored_by(str(row['method']))}" if unit == "score" else UNITS.get(unit, unit)
    ax.set_xlabel("\n".join([named, *_beneath(row, int(room(ax) / 1.7))]))
    where = f" [{row['stratum']}]" if row["stratum"] else ""
    called = names_in_table(res.table, by_id=ids)[str(row["signature"])]
    told = spelled(str(row["contrast"]), BY_ROLE)
    title(ax, f"{called}: {told}{where}", place=(room(ax) - long(ticks) - 6.0) / 0.55)
    bare(ax)
    fit(ax, tall, new=new)
    return ax


def _chosen(
    found: Meta, signature: Any, contrast: Any, method: Any, stratum: Any
) -> tuple[Any, pd.DataFrame]:
    table, studies = found.table, found.studies
    asked = {
        "signature": getattr(signature, "id", signature),
        "contrast": contrast,
        "method": method,
        "stratum": stratum,
    }
    for column, value in asked.items():
        if value is None:
            continue
        kept = table[table[column] == value]
        if kept.empty:
            msg = f"The table has no {column} {value!r}; it has {first(dict.fromkeys(table[column]))}."
            raise InputError(msg)
        table = kept
    row = table.iloc[0]
    own = np.logical_and.reduce([studies[column] == row[column] for column in asked])
    return row, studies[own]


def _study(ax: Axes, at: float, study: dict[str, Any], colour: str, *, pooled: bool) -> None:
    weight = study["weight"]
    used = pd.notna(weight)
    ax.plot([study["low"], study["high"]], [at, at], color=colour if used else GREY, lw=1.0)
    size = 6 + 60 * (float(weight) if used else 0.1)
    face = colour if used else "white"
    ax.scatter([study["estimate"]], [at], s=size, marker="s", color=face, edgecolor=colour, zorder=3)
    share = f"  {100 * weight:.0f} %" if used else "  left out" if pooled else ""
    _aside(ax, at, _span(study["estimate"], study["low"], study["high"]) + share)


def _diamond(ax: Axes, row: Any, colour: str) -> None:
    x = [row["ci_low"], row["estimate"], row["ci_high"], row["estimate"]]
    ax.fill(x, [0.5, 0.75, 0.5, 0.25], color=colour, label="pooled")


def _beneath(row: Any, letters: int) -> list[str]:
    """Write how far the studies differ, and what to know, in lines of so many letters."""
    told = []
    if pd.notna(row.get("q")):
        df = int(row["n_studies"]) - 1
        told.append(
            f"tau2 {plain(row['tau2'], 2)}, I2 {row['i2']:.0%}, Q({df}) = {row['q']:.3g}, {_p(row['q_p'])}"
        )
    if row.get("notes"):
        told += wrap(str(row["notes"]), letters)
    return told


def _aside(ax: Axes, at: float, text: str, *, x: float = 1.02) -> None:
    ax.text(x, at, text, transform=ax.get_yaxis_transform(), va="center", fontsize=SMALL)


def _span(value: float, low: float, high: float) -> str:
    """Write an estimate and its interval with the same decimals; what they would show as 0, with its own.

    >>> _span(0.0038, 0.0002, 0.0079), _span(0.5, 0.0, 1.0)
    ('0.004 [0.0002, 0.008]', '0.50 [0.00, 1.00]')
    """
    decimals = 2 if max(abs(low), abs(high)) >= 0.2 else 3  # differences of bounded scores are small
    a, b, c = (_digits(x, decimals) for x in (value, low, high))
    return signed(f"{a} [{b}, {c}]")


def _digits(x: float, decimals: int) -> str:
    text = f"{round(x, decimals) + 0.0:.{decimals}f}"  # no -0.00
    return text if x == 0 or float(text) or abs(x) < TINY else plain(x, 1)


def _p(p: float) -> str:
    return p_phrase(p, "p")


def _n(value: Any) -> str:
    return "?" if pd.isna(value) else f"{float(value):g}"
