"""Which cell types the cells of a sum are of: the column that says so, and their shares beside the sums."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from marrowsig._arms import as_text
from marrowsig._provenance import as_json, recall, record
from marrowsig._type_words import typed_levels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData
    from numpy.typing import NDArray

KEY = "cell_type_shares"
SAME = "same_shares"
"""Key of the shares in `obsm`; layer of the sums as they would be with the same shares."""
COLUMN = re.compile(
    r"^(predicted[._-])?(cell[\s._-]?types?|cell[\s._-]?(label|annotation|class|identity)s?|ct|annotations?)"
    r"([\s._-]?(l?[1-4]|fine|coarse|major|minor|broad|main|final|predicted|prediction|majority_voting))?$"
    r"|^(predicted_labels|majority_voting)$",
    re.IGNORECASE,
)
NONE = frozenset(
    ("", "nan", "na", "n/a", "none", "unknown", "unassigned", "unclassified", "undetermined", "?")
)
LIKE = re.compile(r"[\s._-]like$", re.IGNORECASE)
"""Malignant cells are called after the type that they resemble: "Mono-like" is compared with "Mono"."""
MOVED = 0.1
"""Change of the share of a type from which it is told."""
ASKED = 0.03
"""Change from which claims are asked with the same shares: five points can make a rise by themselves."""
LYMPHOID = re.compile(r"(?:CD[48]\+?[ _-]?)?(?:T|NK|B|CTL|plasma)(?:[ _-]?cells?)?$", re.IGNORECASE)
"""Cells that are no myeloid leukaemia, by their name."""
LABELLED = 0.5
"""Share of the cells of a sum that need a type; below, the shares are not known."""
AS_MANY = 0.9
"""Share of the cells that the most complete column labels, which another has to label to be taken first."""
MOST = 100
"""Types beyond which a column is no annotation of types."""


def same_layer(k: int) -> str:
    """Name the layer of draw `k` of sums at the same shares, from 0 on.

    >>> same_layer(0), same_layer(1)
    ('same_shares', 'same_shares_2')
    """
    return f"{SAME}_{k + 1}" if k else SAME


def is_same_layer(name: object) -> bool:
    """Whether a layer is a draw at the same shares of cell types, which holds fewer counts than the sums.

    >>> is_same_layer("same_shares"), is_same_layer("same_shares_10"), is_same_layer("counts")
    (True, True, False)
    """
    return re.fullmatch(rf"{SAME}(_\d+)?", str(name)) is not None


def at_same_shares(adata: AnnData) -> bool:
    """Whether X was thinned from counts that were drawn so that every sum has the same shares."""
    made: dict[str, Any] = recall(adata, "thin", {})
    return made.get("layer") == SAME


class Typed(NamedTuple):
    """Column of types, their names, and which one each row is of (-1 for none)."""

    column: str
    types: list[str]
    place: NDArray[np.int64]


def column_of(obs: pd.DataFrame, used: Iterable[str]) -> str:
    """Name the column of cell types; empty without one, or where `used`, which splits the cells, has one.

    Told by its name, or by levels that are types. Of several the first that labels most of the cells.
    """
    split = set(map(str, used))
    named = [str(c) for c in obs.columns if COLUMN.match(str(c))]
    if split & set(named):
        return ""
    found = {name: _labelled(obs[name]) for name in named if _may_name(obs[name])}
    held = [str(c) for c in obs.columns if str(c) not in named and _may_name(obs[c]) and _holds(obs[c])]
    if split & set(held):
        return ""
    found |= {name: _labelled(obs[name]) for name in held}
    most = max(found.values(), default=0.0)
    return next((name for name, share in found.items() if share and share >= AS_MANY * most), "")


def _may_name(values: Any) -> bool:
    words = isinstance(values, pd.Series) and not pd.api.types.is_numeric_dtype(values)
    return bool(words and 1 < values.nunique() <= MOST)


def _holds(values: pd.Series) -> bool:
    """Whether the levels are types of cells, those apart that stand for none."""
    levels = as_text(pd.Series(values.unique())).dropna()
    return bool(typed_levels(level for level in levels if level.lower() not in NONE))


def _labelled(values: pd.Series) -> float:
    """Share of the rows that have a type."""
    n = values.astype(object).value_counts()
    typed = sum(k for level, k in n.items() if str(level).strip().lower() not in NONE)
    return float(typed / max(len(values), 1))


def typed(obs: pd.DataFrame, inside: NDArray[np.bool_], used: Iterable[str]) -> Typed | None:
    """Give every row its type, of a column that names types; None where none does, or there is one type."""
    column = column_of(obs, used)
    if not column:
        return None
    text = as_text(obs[column]).map(
        lambda one: None if one is None or one.lower() in NONE else LIKE.sub("", one)
    )
    known = inside & text.notna().to_numpy()
    types = sorted(text[known].unique())
    if len(types) < 2:
        return None
    place = np.full(len(obs), -1)
    place[known] = pd.Index(types).get_indexer(text[known])
    return Typed(column, types, place)


def keep(bulk: AnnData, obs: pd.DataFrame, code: NDArray[Any], used: Iterable[str]) -> None:
    """Put the shares of cell types beside sums of cells; `code` is the sum of each row of `obs`, -1 for none.

    Written: `obsm["cell_type_shares"]`, a frame (sums x types, NaN where most cells have no type), column and
    types in `uns["marrowsig"]["pseudobulk"]`. Nothing without such a column, or if each sum is of one type.
    """
    bulk.obsm.pop(KEY, None)
    found = typed(obs, code >= 0, used)
    if found is None:
        return
    column, types, place = found
    known = place >= 0
    counts = np.zeros((bulk.n_obs, len(types)))
    np.add.at(counts, (code[known], place[known]), 1.0)
    total, every = counts.sum(axis=1), np.bincount(code[code >= 0], minlength=bulk.n_obs)
    if (counts.max(axis=1) == total).all():
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = counts / total[:, None]
    shares[total < LABELLED * every] = np.nan
    bulk.obsm[KEY] = pd.DataFrame(shares, index=bulk.obs_names, columns=_columns(types))
    made = dict(recall(bulk, "pseudobulk", {}))
    record(bulk, "pseudobulk", {**made, "types_of": column, "types": as_json(types)})


def _columns(types: list[str]) -> list[str]:
    """Names that files take: of zarr, and soon of h5ad, none holds a slash."""
    names = [name.replace("/", "_") for name in types]
    return [f"{name} {i}" if names.count(name) > 1 else name for i, name in enumerate(names)]


def kept(adata: AnnData) -> tuple[str, list[str], NDArray[np.float64]] | None:
    """Give the column, the types and the shares (rows x types), where they were kept.

    Older files have the shares as an array, with the types in `uns` alone.
    """
    made: dict[str, Any] = recall(adata, "pseudobulk", {})
    if KEY not in adata.obsm or not made.get("types_of"):
        return None
    types, shares = json.loads(str(made["types"])), np.asarray(adata.obsm[KEY], dtype=np.float64)
    return (str(made["types_of"]), types, shares) if shares.shape == (adata.n_obs, len(types)) else None
