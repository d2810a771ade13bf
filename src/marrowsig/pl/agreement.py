"""Whether scoring methods say the same: rank correlations of scores, or signs and sizes of a contrast."""

from __future__ import annotations

from itertools import combinations
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError
from marrowsig.pl._aside import aside
from marrowsig.pl._colours import GREY, OKABE_ITO
from marrowsig.pl._contrast_title import of_rows
from marrowsig.pl._rows import needed, one_contrast, only
from marrowsig.pl._signature_names import names_in_table, rows_beside
from marrowsig.pl._style import BREAK, EXTRA, FEWER, NARROW, SMALL, WIDE, axes, bare, fit, given_width, room
from marrowsig.pl._words import EFFECTS, signed, title

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.sig import Signature

OF_SCORES = ("signature", "method_a", "method_b", "spearman", "n")
OF_RESULT = ("signature", "contrast", "stratum", "n_methods", "same_sign", "lowest", "highest", "disagree")
CALL = "ms.qc.agree(adata) or ms.qc.agree(res)"


def agreement(
    res: pd.DataFrame,
    signature: str | Signature | None = None,
    *,
    contrast: str | None = None,
    stratum: str | None = None,
    design: Design | FormulaDesign | None = None,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how far scoring methods agree on each signature.

    Parameters
    ----------
    res
        Table of `ms.qc.agree`, of scores or of a result.
    signature
        One signature: of a table of scores, every pair of methods in a matrix. By default all signatures.
    contrast, stratum
        Of a table of a result alone: one contrast, by default the interaction if there is one, otherwise the
        first; and one stratum, by default the first.
    design
        The design that was compared, for the title of a table that was read from a file: that knows roles,
        such as "co vs mono in resistant", where a result knows levels, "MSC vs alone in relapse".
    ids
        Call signatures by their ids; by default by their titles, unless two share one, rows with titles would
        not fit onto a page, or the table was read from a file, which holds ids alone.
    width
        Of a new figure, in millimetres; 180 by default, 85 for one signature.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Of scores: x is Spearman's rho, one point per pair of methods, with the lowest pair and its n in
        words; or the matrix of one signature. Of a result: x is the effect in SD units, from the method with
        the lowest to that with the highest; orange and dashed where methods differ in sign, which are named.

    Raises
    ------
    InputError
        If the table has no such rows, or is not one of `ms.qc.agree`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.pp.lognorm(adata)
    >>> ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"], method=["singscore", "ucell", "mean"])
    >>> ms.pl.agreement(ms.qc.agree(adata)).get_xlabel()
    "Spearman's rho between methods"
    """
    if not hasattr(res, "columns"):
        given = type(res).__name__
        msg = f"res is a {given}. Give the table of ms.qc.agree: ms.pl.agreement(ms.qc.agree(adata))."
        raise InputError(msg)
    if "spearman" not in res:
        rows = needed(res, OF_RESULT, call=CALL)
        rows = only(one_contrast(rows, contrast), "stratum", stratum)
        rows = rows if signature is None else only(rows, "signature", signature)
        rows = rows[rows["n_methods"].ne(1)]  # one method agrees with none
        if rows.empty:
            msg = "No signature has an estimate by two methods, so there is nothing to draw."
            raise InputError(msg)
        where = str(rows["stratum"].iloc[0])
        told = of_rows(rows, design) + (f" [{where}]" if where else "")
        return _effects(rows.reset_index(drop=True), told, width, ax, ids=ids)
    rows = needed(res, OF_SCORES, call=CALL)
    if contrast is not None or stratum is not None:
        msg = (
            "This table is of scores, which have no contrast and no stratum. Pass ms.qc.agree(res) for those."
        )
        raise InputError(msg)
    if signature is not None or len(set(rows["signature"])) == 1:
        return _matrix(only(rows, "signature", signature), width, ax, ids=ids)
    return _correlations(rows, width, ax, ids=ids)


def _correlations(rows: pd.DataFrame, width: float | None, ax: Axes | None, *, ids: bool) -> Axes:
    names = list(dict.fromkeys(rows["signature"]))
    y = np.arange(len(names))[::-1].astype(float)
    new, place = ax is None, given_width(width, WIDE) if ax is None else room(ax)
    called, more = rows_beside(rows.drop_duplicates("signature"), place, by_id=ids)
    tall = (3.1 + more) * len(names)
    ax = axes(ax, width, usual=WIDE, height=tall + EXTRA)
    at = rows["signature"].map(dict(zip(names, y, strict=True)))
    ax.axvline(0.0, color="black", lw=0.6, ls="--", zorder=0)
    known = rows.dropna(subset=["spearman"])
    ends = known.groupby("signature")["spearman"].agg(["min", "max"]).reindex(names)
    ax.hlines(y, ends["min"], ends["max"], color=GREY, lw=0.8, zorder=1)
    ax.plot(rows["spearman"], at, "o", ms=3.0, color=OKABE_ITO[0], alpha=0.7, zorder=2)
    aside(ax, y, _lowest(known, names, few=room(ax) < BREAK))
    ax.set_yticks(y, called, fontsize=SMALL)
    ax.set_ylim(-0.7, len(names) - 0.3)
    ax.set_xlim(min(-0.05, float(rows["spearman"].min()) - 0.05), 1.03)
    ax.set_xlabel("Spearman's rho between methods")
    bare(ax)
    fit(ax, tall, new=new, fewer=FEWER)
    return ax


def _lowest(known: pd.DataFrame, names: list[str], *, few: bool) -> dict[str, list[str]]:
    pairs, counts = [], []
    for name in names:
        own = known[known["signature"] == name]
        row = own.loc[own["spearman"].idxmin()] if len(own) else None
        pairs.append("not known" if row is None else f"{row['method_a']}, {row['method_b']}")
        counts.append("" if row is None else f"{row['n']:g}")
    return {"n": counts} if few else {"lowest": pairs, "n": counts}


def _matrix(rows: pd.DataFrame, width: float | None, ax: Axes | None, *, ids: bool) -> Axes:
    methods = list(dict.fromkeys([*rows["method_a"], *rows["method_b"]]))
    place = {method: i for i, method in enumerate(methods)}
    rho = np.full((len(methods), len(methods)), np.nan)
    np.fill_diagonal(rho, 1.0)
    for a, b, value in zip(rows["method_a"], rows["method_b"], rows["spearman"], strict=True):
        rho[place[a], place[b]] = rho[place[b], place[a]] = value
    new, tall = ax is None, 5.0 * len(methods)
    ax = axes(ax, width, usual=NARROW, height=tall + EXTRA)
    ax.imshow(np.ma.masked_invalid(rho), cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
    for i, j in combinations(range(len(methods)), 2):
        dark = abs(rho[i, j]) > 0.7
        told = "?" if np.isnan(rho[i, j]) else signed(f"{rho[i, j]:.2f}")
        ax.text(i, j, told, ha="center", va="center", fontsize=SMALL, color="white" if dark else "black")
    ax.set_xticks(range(len(methods)), methods, rotation=90, fontsize=SMALL)
    ax.set_yticks(range(len(methods)), methods, fontsize=SMALL)
    ax.tick_params(length=0)
    least, most = rows["n"].min(), rows["n"].max()
    n = f"{least:g}" if least == most else f"{least:g} to {most:g}"
    ax.set_xlabel(f"Spearman's rho (n = {n})")
    (told,) = names_in_table(rows, by_id=ids).values()
    title(ax, told)
    fit(ax, tall, new=new)
    return ax


def _effects(rows: pd.DataFrame, told: str, width: float | None, ax: Axes | None, *, ids: bool) -> Axes:
    y = np.arange(len(rows))[::-1].astype(float)
    new, place = ax is None, given_width(width, WIDE) if ax is None else room(ax)
    called, more = rows_beside(rows, place, by_id=ids)
    tall = (3.4 + more) * len(rows)
    ax = axes(ax, width, usual=WIDE, height=tall + EXTRA)
    ax.axvline(0.0, color="black", lw=0.6, ls="--", zorder=0)
    for at, row in zip(y, rows.to_dict("records"), strict=True):
        colour, style = (OKABE_ITO[1], "--") if row["same_sign"] < 1 else (OKABE_ITO[0], "-")
        ends = [row["lowest"], row["highest"]]
        ax.plot(ends, [at, at], color=colour, ls=style, lw=1.0, zorder=1)
        ax.plot(ends, [at, at], "|", ms=5.0, mew=1.2, color=colour, zorder=2)
    same = [
        f"{round(share * n):g}/{n:g}" if n else "0/0"
        for share, n in zip(rows["same_sign"].fillna(0), rows["n_methods"], strict=True)
    ]
    words = {"same sign": same}
    if room(ax) >= BREAK and rows["disagree"].ne("").any():
        words["other sign"] = ["\n".join(wrap(str(told), 36)) for told in rows["disagree"]]
    aside(ax, y, words)
    ax.set_yticks(y, called, fontsize=SMALL)
    ax.set_ylim(-0.7, len(rows) - 0.3)
    kinds = [kind for kind in dict.fromkeys(rows.get("effect_name", [])) if kind]
    effect = " or ".join(EFFECTS.get(kind, kind) for kind in kinds) or "effect in SD units"
    ax.set_xlabel(f"{effect},\nlowest to highest of the methods")
    title(ax, told, pad=12.0)
    bare(ax)
    fit(ax, tall, new=new, fewer=FEWER)
    return ax
