"""Which scores the upper panels of an overview draw: those that are cited; and what each panel says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from marrowsig.pl._kept_sizes import drawn_on_kept
from marrowsig.pl._overview_key import CITED
from marrowsig.pl._overview_labels import in_levels
from marrowsig.pl._read import labels, of_signature, stratum_of
from marrowsig.pl._style import SMALL, TEXT
from marrowsig.pl._words import filled

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd
    from anndata import AnnData
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.pl._overview_kinds import Kind

WITH_STROMA, WITH_CELLS = "as scored: RNA of stroma included", "as scored: leukaemia RNA included"
LINE, TITLE = 8.2, 8.6  # points of a line of a note, and of a title
ROOM = 1.25
"""Times the widest axes that one for all may span: more would flatten what each shows."""
FEW = 3  # kinds of cells that are named


@dataclass(frozen=True, eq=False)
class Shown:
    """What one panel draws: scores on the genes that stroma could not move, or None for those as scored.

    `note` stands above it where the size to cite is on these genes.
    """

    scores: pd.Series | None = None
    note: str = ""


def shown_on(
    adata: AnnData,
    rows: pd.DataFrame,
    kinds: Sequence[Kind],
    design: Design | FormulaDesign,
    *,
    method: str,
    kept: Mapping[str, pd.DataFrame],
    stroma: Collection[str],
    as_scored: bool = False,
) -> dict[tuple[str, str], Shown]:
    """Choose the scores of each signature and kind of cells, of which `rows` are the contrasts.

    Scores on fewer genes are drawn where the sizes to cite are on them, `kept` has them of every sample of
    the panel, and all have the same genes: each stratum has its own, so strata that share a panel are drawn
    as scored. `stroma` names the strata that are stroma. Where one panel says that RNA of stroma is included,
    all others of which it is known do so too.
    """
    strata = stratum_of(adata.obs, cast("Design", design))
    found = {
        (sig, kind.name): _shown(
            adata, rows[rows["signature"].eq(sig)], kind, design, sig, method, kept.get(method), stroma,
            strata, as_scored=as_scored,
        )
        for sig in dict.fromkeys(rows["signature"].astype(str))
        for kind in kinds
    }  # fmt: skip
    if not any(one.note and one.scores is None for one in found.values()):
        return found
    asked = rows[rows["carried"].notna()]
    return {
        (sig, kind.name): found[sig, kind.name]
        if found[sig, kind.name].note
        else Shown(note=_included(_of_kind(asked[asked["signature"].eq(sig)], kind), stroma))
        for sig in dict.fromkeys(rows["signature"].astype(str))
        for kind in kinds
    }


def _shown(
    adata: AnnData, rows: pd.DataFrame, kind: Kind, design: Design | FormulaDesign, sig: str, method: str,
    kept: pd.DataFrame | None, stroma: Collection[str], strata: NDArray[Any], *, as_scored: bool,
) -> Shown:  # fmt: skip
    cited = [row for row in _of_kind(rows, kind) if drawn_on_kept(row)]
    if not cited:
        return Shown()
    plain = Shown(note=_included(cited, stroma))
    if as_scored or kept is None or sig not in kept:
        return plain
    frame = labels(adata.obs, cast("Design", design), lineless=True, only=kind.inside)
    drawn = frame["arm"].notna().to_numpy() & of_signature(adata, sig, method).notna().to_numpy()
    values = kept[sig].reindex(adata.obs_names.astype(str)).set_axis(adata.obs_names)
    if not values[drawn].notna().all() or len(set(strata[drawn])) > 1:
        return plain
    n, every = (cast("Any", cited[0].get(name)) for name in ("n_kept", "n_genes"))
    known = n is not None and every is not None and n == n and every == every
    told = f"{int(n)} of {int(every)} genes" if known else "fewer genes"
    return Shown(values, f"{CITED} on {told}")


def _included(rows: Sequence[Mapping[str, Any]], stroma: Collection[str]) -> str:
    """Say whose RNA is in scores on all genes; nothing without rows that were asked."""
    if not rows:
        return ""
    return WITH_CELLS if any(str(row["stratum"]) in stroma for row in rows) else WITH_STROMA


def _of_kind(rows: pd.DataFrame, kind: Kind) -> list[dict[str, Any]]:
    """Rows of a kind of cells, of all its times."""
    every = [{str(k): v for k, v in row.items()} for row in rows.to_dict("records")]
    own = [in_levels(str(row["stratum"] or "")).partition(", ")[0] == kind.name for row in every]
    return every if not kind.name else [row for row, here in zip(every, own, strict=True) if here]


def write_note(ax: Axes, note: str, place: float) -> float:
    """Write a note above an axes, between it and its title, and return the points that it takes."""
    if not note:
        return 0.0
    lines = filled(note, place)
    blank = ["\N{NO-BREAK SPACE}"] * len(lines)
    for text, laid in ((lines, False), (blank, True)):  # a note may reach over the gap to the next axes
        ax.annotate(
            "\n".join(text), (0.0, 1.0), xytext=(0.0, 3.0), xycoords="axes fraction",
            textcoords="offset points", ha="left", va="bottom", fontsize=SMALL, annotation_clip=False,
        ).set_in_layout(laid)  # fmt: skip
    return LINE * len(lines)


def head_columns(parts: Sequence[Axes], names: Sequence[str], ups: Sequence[float], place: float) -> None:
    """Name the kinds of cells above the first axes of each, over its title, in lines of `place` millimetres.

    Notes take `ups` points.
    """
    lines = parts[0].get_title(loc="left").count("\n") + 1
    height = max(ups[0] + TITLE * lines, *ups) + 7.0
    for ax, name in zip(parts, names, strict=True):
        words = "\n".join(filled(name, place, TEXT))
        ax.annotate(
            words, (0.5, 1.0), xytext=(0.0, height), xycoords="axes fraction", textcoords="offset points",
            ha="center", va="bottom", fontsize=TEXT, annotation_clip=False,
        )  # fmt: skip


def same_span(parts: Sequence[Axes], *, comparable: bool) -> bool:
    """Give axes of one signature the same span, each about its own middle: sizes compare, levels do not.

    Where scores are `comparable`, of the same genes, and all have room on one axis, they get the same values.
    Returns whether axes have values of their own.
    """
    limits = [ax.get_ylim() for ax in parts]
    span = max(high - low for low, high in limits)
    least, most = min(low for low, _ in limits), max(high for _, high in limits)
    shared = len(parts) < 2 or (comparable and most - least <= ROOM * span)
    for ax, (low, high) in zip(parts, limits, strict=True):
        middle = (low + high) / 2
        ax.set_ylim((least, most) if shared else (middle - span / 2, middle + span / 2))
    return not shared


def of_unlike(signatures: Sequence[str], kinds: Sequence[str], *, all_of: bool) -> str:
    """Say that axes of these signatures, or of all, have other values for each kind of cells; else nothing.

    >>> of_unlike(["EMT"], ["MSC", "AML"], all_of=False), of_unlike([], ["MSC", "AML"], all_of=False)
    ('y axes of EMT: the same span, not the same values, in MSC and AML', '')
    """
    if not signatures:
        return ""
    where = f"in {_and(kinds)}" if len(kinds) <= FEW else "for each kind of cells"
    what = "y axes" if all_of else f"y axes of {_and(signatures)}"
    return f"{what}: the same span, not the same values, {where}"


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
