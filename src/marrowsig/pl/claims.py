"""The claims at a glance: estimate, interval, verdict, and what the checks said."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._carry_over import apart, of_stroma
from marrowsig._errors import InputError, count
from marrowsig._sizes import sizes
from marrowsig.pl._aside import GAP, aside, p_word
from marrowsig.pl._colours import GREY, OKABE_ITO
from marrowsig.pl._contrast_title import in_words
from marrowsig.pl._kept_sizes import p_to_cite
from marrowsig.pl._overview_key import CITED
from marrowsig.pl._rows import interval, needed, only
from marrowsig.pl._signature_names import LINE
from marrowsig.pl._style import BREAK, EXTRA, SMALL, WIDE, axes, bare, fit, given_width, room
from marrowsig.pl._ticks_apart import less_crowded
from marrowsig.pl._words import below, long

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

UNKNOWN = "#C4C4C4"
LEAST = 25.0  # millimetres of the axes with their ticks, below which fewer words stand beside them
VERDICTS = {
    "supported": OKABE_ITO[2],
    "contradicted": OKABE_ITO[1],
    "not supported": "white",
    "cannot tell": UNKNOWN,
}
"""Fill of a chip; the word stands in it, so that no colour is needed to read it."""
NEEDED = (
    "statement",
    "line",
    "inhibitor",
    "compartment",
    "stratum",
    "verdict",
    "estimate",
    "ci_low",
    "ci_high",
    "detectable",
    "p_adj",
    "n_test",
    "n_base",
    "agreement",
    "n_specifications",
    "stroma",
    "maturation",
)


def claims(
    res: pd.DataFrame,
    *,
    stratum: str | None = None,
    most: int = 20,
    labels: Mapping[str, str] | None = None,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one line per claim: its estimate with interval, its verdict, and the verdicts of the checks.

    Parameters
    ----------
    res
        Result of `ms.tl.claims`. Claims that were not asked, and rows without an estimate, are named below.
    stratum
        One stratum; by default all, since IL6 is asked of both partners. Times are told apart in the labels.
    most
        Claims that are drawn at most, so that a page holds them: the first of the table. The foot says so.
    labels
        Other words for lines, inhibitors, compartments and times, such as `{"resistant": "AraC-R"}`.
    width
        Of a new figure, in millimetres; 180 by default.
    ax
        Where to draw; a new figure, as tall as it needs to be, by default.

    Returns
    -------
    Axes
        x is the estimate with its interval, over the difference that such a study finds with power 0.8 after
        adjustment (dotted lines at one): scores and log2 units share one axis; a tick is what stroma's RNA
        gives of it by itself. On the right the verdict and the adjusted p to cite (with ▲ that on the genes
        that stroma could not move), n of test and base arm, and from 120 mm on the share of methods and
        versions that agree, whether carry-over from stroma is ruled out, and what the check of maturation
        says.

    Raises
    ------
    InputError
        If `res` is not a result of `ms.tl.claims`, has no such stratum, or no claim in it has an estimate, or
        `most` is no number of claims.

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
    if isinstance(most, bool) or most < 1:
        msg = f"most is {most!r}; it has to be a number of claims, for example 20."
        raise InputError(msg)
    res = needed(res, NEEDED, call="ms.tl.claims(adata, design)")
    res = res if stratum is None else only(res, "stratum", stratum)
    rows = res[res["estimate"].notna() & res["detectable"].gt(0)].reset_index(drop=True)
    if rows.empty:
        msg = "No claim of this table has an estimate to draw. Read its column 'reason'."
        raise InputError(msg)
    whole, rows = len(rows), rows.head(most)
    left = len(res) - whole
    y = np.arange(len(rows))[::-1].astype(float)
    new, place = ax is None, given_width(width, WIDE) if ax is None else room(ax)
    records = rows.to_dict("records")
    told = _names(records, 28 if place >= BREAK else 21, labels)
    alpha = float(res.attrs.get("alpha", 0.05))
    words = _words(records, alpha, few=place < BREAK)
    taken = sum(long([heading, *column]) + GAP for heading, column in words.items())
    if place - long(told) - taken < LEAST:
        words = _words(records, alpha, few=True)
    deep = max(text.count("\n") for column in (told, *words.values()) for text in column)
    tall = max(6.8, 4.0 + LINE * deep) * len(rows)
    ax = axes(ax, width, usual=WIDE, height=tall + EXTRA)
    for x, style in ((0.0, "-"), (1.0, ":"), (-1.0, ":")):
        ax.axvline(x, color="black" if x == 0 else GREY, lw=0.6, ls=style, zorder=0)
    for at, row in zip(y, records, strict=True):
        _interval(ax, at, row)
    ax.plot(_carried(rows), y, "|", ms=8, mew=1.2, color="black", zorder=1)
    for chip in aside(ax, y, words)["verdict"]:
        fill = VERDICTS.get(chip.get_text().strip(), UNKNOWN)
        chip.set_bbox(
            {"boxstyle": "round,pad=0.2", "facecolor": fill, "edgecolor": "black", "linewidth": 0.5}
        )
    ax.set_yticks(y, told, fontsize=SMALL)
    ax.set_ylim(-0.7, len(rows) - 0.3)
    sizes = "detectable: what such a study would find in 8 of 10 repeats (dotted)"
    sizes += "; tick: stroma by itself" if _carried(rows).notna().any() else ""
    cited = any(text.endswith(CITED) for text in words["adj. p"])
    sizes += f"; {CITED}: p on genes that stroma could not move" if cited else ""
    notes = "; ".join(part for part in (sizes, _below(left), _others(most, whole)) if part)
    below(
        ax,
        f"change as scored ({interval(res)}), 1\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}detectable",
        notes,
        place=place,
        new=new,
    )
    bare(ax)
    fit(ax, tall, new=new)
    less_crowded(ax)
    return ax


def _names(records: list[dict[str, Any]], fits: int, labels: Mapping[str, str] | None) -> list[str]:
    """Write the claims in lines of so many letters, with their time where there are several."""
    times = [in_words(_time(row), labels) for row in records]
    several = len(set(times)) > 1
    told = [
        f"{label(row, labels)}{f' [{t}]' if several and t else ''}"
        for row, t in zip(records, times, strict=True)
    ]
    return ["\n".join(wrap(name, fits, break_on_hyphens=False)) for name in told]


def _carried(rows: pd.DataFrame) -> pd.Series:
    """Return what stroma gives of each estimate by itself, on the scale of the axis; NaN if not known."""
    return rows["carried"] / rows["detectable"] if "carried" in rows else rows["estimate"] * np.nan


def _interval(ax: Axes, at: float, row: dict[str, Any]) -> None:
    fill = VERDICTS.get(str(row["verdict"]), UNKNOWN)
    colour = GREY if fill in ("white", UNKNOWN) else fill
    low, value, high = (row[name] / row["detectable"] for name in ("ci_low", "estimate", "ci_high"))
    ax.plot([low, high], [at, at], color=colour, lw=1.0)
    ax.plot([value], [at], "o", ms=4, color=colour, mfc="white" if colour == GREY else colour)


def label(row: dict[str, Any], labels: Mapping[str, str] | None = None) -> str:
    """Write what a row claims, and of which samples, with levels as `labels` has them."""
    own, told = labels or {}, str(row["statement"])
    line = own.get(str(row["line"]), row["line"])
    if row["inhibitor"]:
        told = told.replace("the inhibitor", own.get(str(row["inhibitor"]), str(row["inhibitor"])))
    whose = str(row["compartment"])
    named = row.get("method") != "log2" or whose == "both" or f" in {whose} " in told
    partner = "" if named else own.get(whose, whose)
    where = [f"with {line}" if of_stroma(row) and line else line, partner]
    inside = ", ".join(part for part in where if part)
    return f"{told[:1].upper()}{told[1:]}{f' ({inside})' if inside else ''}"


def _time(row: dict[str, Any]) -> str:
    """Stratum without the compartment, which the statement names where it matters."""
    return "; ".join(part for part in str(row["stratum"]).split("; ") if not part.startswith("compartment="))


def _p(row: dict[str, Any], alpha: float, between: str) -> str:
    """Write the adjusted p to cite, with the mark of the figure for a paper."""
    fewer = p_to_cite({**row, "claimed": row["verdict"]}, alpha)
    if fewer is not None:
        return f"{p_word({**row, 'p_adj': fewer}, alpha)}{between}{CITED}"
    return p_word(row, alpha) if np.isfinite(row["p_adj"]) else ""


def _words(records: list[dict[str, Any]], alpha: float, *, few: bool) -> dict[str, list[str]]:
    words = {
        "verdict": [f" {row['verdict']} " for row in records],
        "adj. p": [_p(row, alpha, "\n" if few else " ") for row in records],
    }
    words["n"] = [sizes(row, between=", ") for row in records]
    if few:
        return words
    words["agree"] = [f"{100 * row['agreement']:.0f} %" if row["n_specifications"] else "" for row in records]
    told = {
        "carry-over\nruled out": [apart(row) for row in records],
        "maturation": [str(row["maturation"]) for row in records],
    }
    words |= {name: ["\n".join(wrap(text, 18)) for text in texts] for name, texts in told.items()}
    return words


def _others(most: int, whole: int) -> str:
    told = f"the first {most} of {whole} claims: most={whole} draws all, stratum= those of one stratum"
    return told if whole > most else ""


def _below(n: int) -> str:
    rows_are = "further row without an estimate is", "further rows without an estimate are"
    return "" if not n else f"{count(n, *rows_are)} not drawn"
