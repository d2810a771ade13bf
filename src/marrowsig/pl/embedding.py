"""Scores over an embedding, drawn by scanpy on one scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig import get
from marrowsig._errors import InputError, first
from marrowsig._provenance import recall
from marrowsig._rounded import plain
from marrowsig._signature_ids import signature_ids
from marrowsig.pl._colours import MISSING
from marrowsig.pl._obs_panels import as_levels, legend_width, levels_panel, named, palette
from marrowsig.pl._panels import grid
from marrowsig.pl._read import one_method
from marrowsig.pl._signature_names import signature_names
from marrowsig.pl._style import NARROW, SMALL, WIDE, axes, dress, given_width, room, tell_of_height
from marrowsig.pl._words import filled, letters, long, scored_by, signed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData
    from matplotlib.axes import Axes

    from marrowsig.sig import Signature

PANEL = 42.0  # millimetres of a panel, unless there are so many that the figure would be taller than
TALL = 230.0  # a page
SMALLEST = 22.0  # millimetres of a panel that has room for words and a colour bar of its own
LEAST = 18.0  # of any panel across
LOWEST = 12.0  # of any panel
BAR = 15.0  # of the colour bar
LINE = 2.7  # of a line of a title
MANY = 5000  # points from which on they are one image in a file whose words stay words
USUAL = ("X_umap", "X_tsne", "X_draw_graph_fa", "X_pca")


def embedding(
    adata: AnnData,
    signatures: str | Signature | Iterable[str | Signature],
    *,
    basis: str | None = None,
    method: str | None = None,
    shared: bool = False,
    ids: bool = False,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    r"""Colour an embedding by scores and columns of `obs`, a panel each, through `scanpy.pl.embedding`.

    To look at, never to test: cells of one donor are no replicates.

    Parameters
    ----------
    adata
        After `ms.tl.score`, with an embedding in `obsm`. Levels have the colours of `uns["COLUMN_colors"]`,
        as scanpy keeps them, where there are any.
    signatures
        Ids, axes or `Signature` objects that were scored, and columns of `obs` with levels or numbers,
        such as `"cell_type"`. Of more than 12 levels the names stand on the points.
    basis
        Key of `obsm`, with or without `X_`; by default UMAP, t-SNE, a drawn graph or PCA, whichever is there.
    method
        A scoring method; by default singscore, or else the first by name that was used. The foot names it.
    shared
        One scale for all scores. By default each has its own: the ranges of two lists are not comparable.
    ids
        Call signatures by their ids; by default by their titles, unless two share one or rows with titles
        would not fit onto a page.
    width
        Of a new figure, in millimetres; 85 by default, 180 for three signatures or more.
    ax
        Where to draw; its place is divided between the panels. A new figure by default.

    Returns
    -------
    Axes
        That of the first panel; the others follow in the figure. Axes have no unit; n stands at the foot.
        Colours span scores and numbers from the 1st to the 99th percentile; where panels have no bar of their
        own, these two stand below them. Points without a score or level (or with a
        blank one) are grey, and points lie in random order, so that high scores do not hide low ones.

    Raises
    ------
    InputError
        If there is no such embedding, score or column of `obs`.

    Examples
    --------
    >>> import numpy as np
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"])
    >>> adata.obsm["X_umap"] = np.random.default_rng(0).normal(size=(adata.n_obs, 2))
    >>> ms.pl.embedding(adata, ["emt.hallmark", "il6.hallmark"]).get_title(loc="left")
    'EMT (Hallmark)'
    """
    import scanpy as sc

    name = one_method(adata, method)
    scored = _scored(adata, signatures, name)
    names, columns = named(adata, scored.to_df(), signatures, name)
    shown = scored[:, [one for one in names if one not in columns]]
    key = _basis(shown, basis)
    shown = shown[np.random.default_rng(0).permutation(shown.n_obs)].copy()
    for column in columns:
        shown.obs[column] = as_levels(shown.obs[column])
    legend = legend_width(shown.obs[one] for one in columns)
    usual = NARROW if len(names) < (2 if legend else 3) else WIDE
    whole = given_width(width, usual) if ax is None else room(ax)
    new, called, at = ax is None, *_layout(adata, names, whole, name, shared=shared, ids=ids, legend=legend)
    ax = axes(ax, width, usual=usual, height=at.rows * at.tall + 12.0)
    panels = grid(ax, at.rows, at.columns)
    for extra in panels[len(names) :]:
        extra.set_axis_off()
    size = float(np.clip(8000.0 / shown.n_obs * (at.inner / PANEL) ** 2, 0.2, 14.0))
    limits = _limits(np.asarray(shown.X))
    for one, signature in zip(panels, names, strict=False):
        own = signature in columns
        if own and hasattr(shown.obs[signature], "cat"):
            levels = list(shown.obs[signature].cat.categories)
            levels_panel(
                shown, key.removeprefix("X_"), signature, ax=one, size=size,
                small=at.small, colours=palette(adata, signature, levels),
            )  # fmt: skip
            one.collections[0].set_rasterized(shown.n_obs > MANY)
            _dressed(one, called[signature], at.title)
            continue
        values = shown.obs[signature].to_numpy() if own else np.asarray(shown[:, signature].X)
        low, high = limits if shared and not own else _limits(values)
        sc.pl.embedding(
            shown, key.removeprefix("X_"), color=signature, ax=one, show=False, cmap="viridis", vmin=low,
            vmax=high, size=size, na_color=MISSING, sort_order=False, colorbar_loc=None,
        )  # fmt: skip
        one.collections[0].set_rasterized(shown.n_obs > MANY)
        _dressed(one, called[signature], at.title)
        known = bool(np.isfinite(values).any())
        if at.small or (shared and own):
            ends = signed(f"{plain(low, 2)} to {plain(high, 2)}")
            one.set(xlabel="" if shared and not own else ends, ylabel="")
        elif not shared and known:
            _bar(one, [one], "" if own else scored_by(name), shrink=0.9)
        if not known:  # limits would be made up
            one.set_xlabel("no number" if own else "no score")
    scores = [panel for panel, one in zip(panels, names, strict=False) if one not in columns]
    if scores and (shared or at.small):
        bar = _bar(scores[0], panels, scored_by(name), shrink=min(0.9, 50.0 / (at.rows * at.tall)))
        if not shared:
            bar.set_ticks([*scores[0].collections[0].get_clim()], labels=["low", "high"])
    _told(ax, shown.n_obs, key, name if scores else "", shared=shared, small=at.small, new=new, place=whole)
    if new:
        tell_of_height(ax, "Name fewer signatures; ms.pl.heatmap(adata, design=design) draws all.")
    return ax


def _told(
    ax: Axes, n: int, key: str, method: str, *, shared: bool, small: bool, new: bool, place: float
) -> None:
    """Say method, n and what colours span, at the foot of a new figure, else below the first panel."""
    of = "all scores, one scale" if shared else f"each panel{', below it' if small else ''}"
    basis = f"{key.removeprefix('X_')}, " if small else ""
    told = f"{basis}{method}, n = {n}; colours: from the 1st to the 99th percentile of {of}"
    if not method:
        told = f"{basis}n = {n}; colours of numbers: from the 1st to the 99th percentile"
    figure: Any = ax.figure
    if new:
        figure.supxlabel("\n".join(wrap(told, letters(0.92 * place, SMALL))), fontsize=SMALL)
    else:
        ax.set_xlabel("\n".join([ax.get_xlabel(), *wrap(told, letters(0.3 * place, SMALL))]).strip())


@dataclass(frozen=True)
class _Layout:
    """Rows and columns of panels, and in millimetres: a panel, its place, its title; `small`: one bar."""

    rows: int
    columns: int
    inner: float
    tall: float
    title: float
    small: bool


def _layout(
    adata: AnnData,
    names: list[str],
    whole: float,
    method: str,
    *,
    shared: bool,
    ids: bool,
    legend: float,
) -> tuple[dict[str, str], _Layout]:
    """Find the fewest columns with which all fits onto a page, with ids where titles do not."""
    for by_id in (ids, True):
        called = signature_names(adata, names, method=method, labels=None, by_id=by_id)
        words = long(part for text in called.values() for part in filled(text, 0.0)) + 3.0
        most = max(1, min(len(names), int((whole - BAR) / max(words, LEAST))))
        for few in range(min(most, max(1, int(whole // PANEL))), most + 1):
            rows = -(-len(names) // few)
            columns = -(-len(names) // rows)  # as many in every row
            beside = max(legend, 0.0 if shared else BAR)  # of a panel
            small = whole / columns - max(legend, BAR) < SMALLEST
            inner = (whole - BAR) / columns - (0.0 if small else legend)
            inner = inner if shared or small else whole / columns - beside
            title = inner - 3.0 if shared or small else whole / columns - 7.0  # beside the label of y
            lines = max(len(filled(text, title)) for text in called.values())
            tall = min(inner, 80.0) + LINE * lines + (3.0 if small else 5.0)
            at = _Layout(rows, columns, inner, tall, title, small)
            if rows * tall <= TALL:
                return called, at
    words = at.tall - min(at.inner, 80.0)
    inner = max(LOWEST, TALL / at.rows - words)  # lower than wide, so that a page holds them
    return called, replace(at, inner=inner, tall=inner + words)


def _basis(scored: AnnData, basis: str | None) -> str:
    known = [
        key for key, value in scored.obsm.items() if getattr(value, "ndim", 0) == 2 and value.shape[1] > 1
    ]
    asked = USUAL if basis is None else (basis, f"X_{basis}")
    found = next((key for key in asked if key in known), None)
    if found is None:
        what = f"no embedding {basis!r}" if basis else "no embedding"
        msg = f"There is {what} in obsm; it has {first(known) or 'none'}. Run e.g. sc.tl.umap(adata) first."
        raise InputError(msg)
    return found


def _limits(values: np.ndarray) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = (float(v) for v in np.percentile(known, [1, 99]))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _dressed(ax: Axes, signature: str, width: float) -> None:
    dress(ax)
    ax.set_box_aspect(1)
    ax.set_title("")
    ax.set_title("\n".join(filled(signature, width)), loc="left", fontsize=SMALL, pad=2.0)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_fontsize(SMALL)


def _bar(ax: Axes, panels: list[Axes], label: str, *, shrink: float) -> Any:
    figure: Any = ax.figure
    bar = figure.colorbar(
        ax.collections[0], ax=panels, pad=0.02, aspect=20, shrink=shrink, fraction=0.05, extend="both"
    )
    bar.set_label(label, fontsize=SMALL)
    bar.ax.tick_params(labelsize=SMALL, width=0.6, length=2, pad=1)
    bar.outline.set_linewidth(0.6)
    return bar


def _scored(adata: AnnData, asked: Any, method: str) -> AnnData:
    """Return the scores of a method with obs and embeddings; of columns alone, these without scores."""
    from anndata import AnnData

    ids = signature_ids(asked)
    if not ids or recall(adata, "scores", {}) or not all(one in adata.obs for one in ids):
        return get.as_adata(adata, method)
    embeddings = {k: v for k, v in adata.obsm.items() if not hasattr(v, "columns")}
    return AnnData(np.zeros((adata.n_obs, 0)), obs=adata.obs.copy(), obsm=embeddings)
