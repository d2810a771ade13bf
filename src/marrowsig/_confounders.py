"""Cell cycle and maturation: the genes that stand for them, and their scores in every sample."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from marrowsig._errors import CoverageWarning, GeneWarning, InputError, InputWarning, first
from marrowsig._view import gene_names
from marrowsig.sig._evidence import BIASED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from anndata import AnnData

    from marrowsig.sig import Signature

    Kind = Literal["cycle", "maturation"]
    Parts = dict[str, frozenset[str]]

KINDS: tuple[Kind, ...] = ("cycle", "maturation")
WORDS = {"cycle": "the cell cycle", "maturation": "maturation"}
GENES = {"cycle": "cell-cycle", "maturation": "maturation"}
COLUMNS = {"cycle": "marrowsig_cycle", "maturation": "marrowsig_maturation"}
"""Names that the scores get as covariates of a model."""

LEAST = 10
"""Genes of a part that have to be measured for its score."""

_LISTS = {
    "s": ("control.tirosh2016_s",),
    "g2m": ("control.tirosh2016_g2m",),
    "monocytic": ("control.hay2018_monocyte", "control.maester2022_mono", "control.zeng2022_mono_like"),
    "granulocytic": ("control.hay2018_neutrophil",),
    "immature": (
        "control.hay2018_hsc", "control.maester2022_hsc", "control.maester2022_prog",
        "control.zeng2022_lspc_quiescent", "control.zeng2022_lspc_primed",
    ),
}  # fmt: skip
_PARTS: dict[str, tuple[str, ...]] = {
    "cycle": ("s", "g2m"),
    "maturation": ("monocytic", "granulocytic", "immature"),
}


@cache
def lists(kind: Kind) -> dict[str, tuple[str, ...]]:
    """Ids of the shipped signatures behind every part."""
    from marrowsig.sig import load

    known = load("control").ids
    return {part: tuple(id for id in _LISTS[part] if id in known) for part in _PARTS[kind]}


@cache
def parts(kind: Kind) -> Parts:
    """Genes of every part. One that stands for both mature and immature cells stands for neither."""
    from marrowsig.sig import load

    found = {part: frozenset(load(*ids).genes) for part, ids in lists(kind).items()}
    if kind == "cycle":
        return found
    mature, young = found["monocytic"] | found["granulocytic"], found["immature"]
    cycling = frozenset().union(*parts("cycle").values())
    return {
        "monocytic": found["monocytic"] - young,
        "granulocytic": found["granulocytic"] - young,
        "immature": young - mature - cycling,
    }


@cache
def genes(kind: Kind) -> frozenset[str]:
    """Genes that a signature is scored without: of the cycle, or that rise as myeloid cells mature."""
    if kind == "cycle":
        return frozenset().union(*parts(kind).values())
    return parts(kind)["monocytic"] | parts(kind)["granulocytic"] | _biased()


def _biased() -> frozenset[str]:
    from marrowsig.sig import evidence

    table = evidence()
    return frozenset(map(str, table.index[table["class"] == BIASED]))


def require_kinds(kinds: str | Sequence[str]) -> list[Kind]:
    """Return the confounders that were asked for, in a fixed order."""
    asked = [kinds] if isinstance(kinds, str) else list(kinds)
    unknown = [name for name in asked if name not in KINDS]
    if unknown:
        msg = (
            f"confounders= names {first(map(repr, unknown))}; it has to be of {', '.join(map(repr, KINDS))}."
        )
        raise InputError(msg)
    return [kind for kind in KINDS if kind in asked]


def scores(
    adata: AnnData, layer: str | None, kind: Kind, without: Iterable[frozenset[str]]
) -> dict[frozenset[str], pd.DataFrame]:
    """Map each set of genes of `without` to a frame (samples x parts and `kind`), scored without them.

    The score of the cycle is the mean of its phases; that of maturation the mean of monocytic and
    granulocytic less immature. Parts of which too few genes are measured are NaN.
    """
    return scores_by(lambda sets: _singscore(adata, layer, sets), gene_names(adata), kind, without)


def scores_by(
    score: Callable[[list[Signature]], pd.DataFrame],
    genes: Iterable[str],
    kind: Kind,
    without: Iterable[frozenset[str]],
) -> dict[frozenset[str], pd.DataFrame]:
    """Give the same of samples with these `genes`, by a function that scores lists by singscore."""
    from marrowsig.sig import Signature

    measured = frozenset(genes)
    cut = {gone: _measured(kind, measured, gone) for gone in without}
    distinct = {
        key: i for i, key in enumerate(dict.fromkeys(c for one in cut.values() for c in one.values()))
    }
    sets = [
        Signature(f"control.part{i}", axis="control", genes=sorted(key), use={"small": True})
        for key, i in distinct.items()
        if len(key) >= LEAST
    ]
    known = score(sets)
    nothing = pd.Series(np.nan, index=known.index)
    out = {}
    for gone, one in cut.items():
        frame = {part: known.get(f"control.part{distinct[key]}", nothing) for part, key in one.items()}
        out[gone] = _joined(kind, pd.DataFrame(frame))
    return out


def _measured(kind: Kind, measured: frozenset[str], without: frozenset[str]) -> Parts:
    return {part: (own & measured) - without for part, own in parts(kind).items()}


def _joined(kind: Kind, frame: pd.DataFrame) -> pd.DataFrame:
    if kind == "cycle":
        frame[kind] = (frame["s"] + frame["g2m"]) / 2
    else:
        frame[kind] = (frame["monocytic"] + frame["granulocytic"]) / 2 - frame["immature"]
    return frame


def _singscore(adata: AnnData, layer: str | None, sets: list[Any]) -> pd.DataFrame:
    from marrowsig._apart import apart
    from marrowsig.tl.score import score

    if not sets:
        return pd.DataFrame(index=adata.obs_names)
    work, where = apart(adata, layer)
    with warnings.catch_warnings():
        for known in (CoverageWarning, GeneWarning, InputWarning):
            warnings.simplefilter("ignore", known)  # parts of too few genes are NaN, told from that
        score(work, sets, method="singscore", layer=where)
    frame: pd.DataFrame = work.obsm["score_singscore"]
    return frame


def lacking(adata: AnnData, kind: Kind) -> str:
    """Say which parts have too few genes in this matrix; empty if none has."""
    measured = frozenset(gene_names(adata))
    few = {part: (len(own & measured), len(own)) for part, own in parts(kind).items()}
    return first(f"{n} of {k} {part} genes" for part, (n, k) in few.items() if n < LEAST)
