"""Estimates of every specification beside the one as it is."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._contrast_kinds import is_fall
from marrowsig.pl._colours import GREY, OKABE_ITO
from marrowsig.pl._contrast_title import in_words, of_rows
from marrowsig.pl._rows import interval, needed, one_contrast, only
from marrowsig.pl._signature_names import names_in_table
from marrowsig.pl._style import BREAK, EXTRA, SMALL, WIDE, axes, bare, fit, given_width, room
from marrowsig.pl._words import letters, long, scored_by, title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.sig import Signature

NEEDED = (
    "signature", "method", "contrast", "stratum", "specification", "kind", "estimate", "ci_low", "ci_high",
    "se_inflation", "df_lost", "n_genes", "n_removed", "excludes_zero", "holds",
)  # fmt: skip
MAIN = "main"


def sensitivity(
    res: pd.DataFrame,
    signature: str | Signature | None = None,
    *,
    contrast: str | None = None,
    method: str | None = None,
    stratum: str | None = None,
    design: Design | FormulaDesign | None = None,
    labels: Mapping[str, str] | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one contrast of one signature under every specification, the one as it is on top.

    Parameters
    ----------
    res
        Table of `ms.tl.sensitivity`.
    signature, method, stratum
        One each; by default the first of the table.
    contrast
        One contrast; by default the interaction if there is one, otherwise the first of the table.
    design
        The design that was compared, for the title of a table that was read from a file: that knows roles,
        such as "co vs mono in resistant", where a result knows levels, "MSC vs alone in relapse".
    labels
        Other words for levels, contrasts, signatures or specifications, such as `{"co": "with MSC"}`.
    ids
        Call signatures by their ids; by default by their titles, unless two share one, rows with titles would
        not fit onto a page, or the table was read from a file, which holds ids alone.
    width
        Of a new figure, in millimetres; 180 by default.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        x is the difference in score units with its interval; the band is the interval as it is. Filled where
        zero is excluded, hollow where not. On the right, what it cost: genes left out, or how many times
        wider the standard error is and the degrees of freedom spent.

    Raises
    ------
    InputError
        If the table has no such rows, or is not the table of `ms.tl.sensitivity`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.demo()
    >>> ms.pp.lognorm(adata)
    >>> ms.tl.score(adata, "emt.sarrio2008")
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    >>> ax = ms.pl.sensitivity(ms.tl.sensitivity(adata, design), contrast="co_in_resistant")
    >>> len(ax.get_yticklabels())
    6
    """
    rows = _rows(res, signature, contrast, method, stratum)
    y = np.arange(len(rows))[::-1]
    new, place = ax is None, given_width(width, WIDE) if ax is None else room(ax)
    told = [(labels or {}).get(name, name) for name in rows["specification"].astype(str)]
    names = ["\n".join(wrap(name, letters(0.33 * place, SMALL))) for name in told]
    tall = len(rows) * (1.6 + 2.6 * max(name.count("\n") + 1 for name in names))
    ax = axes(ax, width, usual=WIDE, height=tall + EXTRA)
    main = rows.iloc[0]
    if np.isfinite([main["ci_low"], main["ci_high"]]).all():
        ax.axvspan(main["ci_low"], main["ci_high"], color="#F0F0F0", lw=0, zorder=0)
    ax.axvline(0.0, color="black", lw=0.6, ls="--", zorder=1)
    for at, row in zip(y, rows.to_dict("records"), strict=True):
        colour = OKABE_ITO[0] if row["kind"] == MAIN else OKABE_ITO[1] if _changed(row) else GREY
        if pd.notna(row["estimate"]):
            ax.plot([row["ci_low"], row["ci_high"]], [at, at], color=colour, lw=1.0, zorder=2)
            full = row["excludes_zero"] is not pd.NA and bool(row["excludes_zero"])
            ax.plot(row["estimate"], at, "o", ms=4, mec=colour, mfc=colour if full else "white", zorder=3)
        ax.text(1.02, at, _cost(row), transform=ax.get_yaxis_transform(), va="center", fontsize=SMALL)
    ax.set_yticks(y, names, fontsize=SMALL)
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.locator_params(axis="x", nbins=6 if place >= BREAK else 3)
    name = str(main["contrast"])
    what = "fall under the inhibitor of" if is_fall(name) else "difference in"
    ax.set_xlabel(f"{what} {scored_by(str(main['method']))}\n({interval(res)}; filled: excludes zero)")
    where = f" [{in_words(str(main['stratum']), labels)}]" if main["stratum"] else ""
    (called,) = names_in_table(rows, labels=labels, by_id=ids).values()
    title(ax, f"{called}: {of_rows(rows, design, labels)}{where}", place=(place - long(names) - 6.0) / 0.55)
    bare(ax)
    fit(ax, tall, new=new)
    return ax


def _changed(row: dict[str, object]) -> bool:
    """Whether the sign, or the exclusion of zero, is another one."""
    holds = row["holds"]
    return not pd.isna(holds) and not bool(holds)


def _cost(row: dict[str, object]) -> str:
    if row["kind"] == MAIN:
        return f"{row['n_genes']} genes"
    if pd.isna(row["estimate"]):
        return "no estimate"
    if str(row["kind"]).endswith("genes") or row["kind"] == "expressed":
        return f"{row['n_removed']} of {row['n_genes']} genes out"
    wider, lost = float(str(row["se_inflation"])), float(str(row["df_lost"]))
    return f"SE \N{MULTIPLICATION SIGN} {wider:.2f}, {lost:g} df spent"


def _rows(
    table: pd.DataFrame,
    signature: str | Signature | None,
    contrast: str | None,
    method: str | None,
    stratum: str | None,
) -> pd.DataFrame:
    rows = needed(table, NEEDED, call="ms.tl.sensitivity(adata, design)")
    rows = only(only(rows, "signature", signature), "method", method)
    return only(one_contrast(rows, contrast), "stratum", stratum).reset_index(drop=True)
