"""Columns of obs over an embedding, beside scores: their levels in a legend, their numbers on a bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from marrowsig._signature_ids import signature_ids
from marrowsig.pl._colours import MISSING, OKABE_ITO
from marrowsig.pl._read import chosen
from marrowsig.pl._style import SMALL
from marrowsig.pl._words import filled, long
from marrowsig.sig._words import AXES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData
    from matplotlib.axes import Axes

LEGEND = 12
"""Levels of which a legend beside the panel still has room; more are named on the points."""
MARK = 6.0
"""Millimetres of a legend beside its words."""
MOST = 22.0
"""Of the words of a legend, which are broken to fit."""


def named(adata: AnnData, scores: pd.DataFrame, asked: Any, method: str) -> tuple[list[str], list[str]]:
    """Return what is drawn, in the order asked for, and which of it are columns of obs.

    What was scored, or is an axis, is a score; what is neither, and a column, is that column.
    """
    names, columns = [], []
    for one in signature_ids(asked):
        scored = one in scores or one.partition(".")[0] in AXES
        if one in adata.obs and not scored:
            columns.append(one)
            names.append(one)
        else:
            names += chosen(scores, [one], method)
    return list(dict.fromkeys(names)) or chosen(scores, [], method), columns


def as_levels(column: pd.Series) -> pd.Series:
    """Make texts and truths levels; numbers stay numbers, and blank texts are no level."""
    if is_numeric_dtype(column) and not is_bool_dtype(column):
        return column.astype(float)
    if isinstance(column.dtype, pd.CategoricalDtype):
        used = column.cat.remove_categories(_blank(column.cat.categories)).cat.remove_unused_categories()
        return used.cat.rename_categories([str(level) for level in used.cat.categories])
    texts = column.astype(object).where(column.notna()).map(str, na_action="ignore")
    return texts.where(~texts.isin(_blank(texts.unique()))).astype("category")


def _blank(levels: Iterable[Any]) -> list[str]:
    return [level for level in levels if isinstance(level, str) and not level.strip()]


def palette(adata: AnnData, column: str, levels: list[str]) -> list[str] | None:
    """Give each level the colour that `adata` has for it, or one that colour-blind people tell apart."""
    own = adata.uns.get(f"{column}_colors")
    known = adata.obs[column].cat.categories if hasattr(adata.obs[column], "cat") else []
    if own is not None and len(own) >= len(known) > 0:
        of = dict(zip(map(str, known), map(str, own), strict=False))
        return [of[level] for level in levels]
    return list(OKABE_ITO[: len(levels)]) if len(levels) <= len(OKABE_ITO) else None  # scanpy's own


def legend_width(columns: Iterable[pd.Series]) -> float:
    """Millimetres of the widest legend of some columns; 0 where none has one."""
    told = [c.cat.categories for c in columns if hasattr(c, "cat") and 0 < len(c.cat.categories) <= LEGEND]
    return (
        MARK + max(long(line for level in own for line in filled(level, MOST)) for own in told)
        if told
        else 0.0
    )


def levels_panel(
    shown: AnnData, basis: str, column: str, *, ax: Axes, size: float, small: bool, colours: list[str] | None
) -> None:
    """Draw the levels of a column through scanpy; `small` has no room for a legend."""
    import scanpy as sc

    levels = list(shown.obs[column].cat.categories)
    beside = len(levels) <= LEGEND and not small
    sc.pl.embedding(
        shown, basis, color=column, ax=ax, show=False, size=size, na_color=MISSING, sort_order=False,
        palette=colours, legend_loc="none" if beside else "on data", legend_fontsize=SMALL,
        legend_fontweight="normal", legend_fontoutline=1.5, na_in_legend=False,
    )  # fmt: skip
    if beside and levels:
        for level, colour in zip(levels, shown.uns[f"{column}_colors"], strict=False):
            ax.scatter([], [], s=10, color=colour, label="\n".join(filled(level, MOST)))
        ax.legend(
            loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=SMALL, frameon=False, handletextpad=0.2,
            borderaxespad=0.2, handlelength=1.2, labelspacing=0.3,
        )  # fmt: skip
