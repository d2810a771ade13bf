"""Where else in an AnnData, if not in X, the values are that a verb needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._cell_types import is_same_layer
from marrowsig._errors import InputError
from marrowsig._layers import layers_of
from marrowsig._scaled import looks_scaled
from marrowsig._view import some_rows

if TYPE_CHECKING:
    from collections.abc import Collection

    from anndata import AnnData

RAW = "full = adata.raw.to_adata()"


def elsewhere(adata: AnnData, kinds: Collection[str], *, but: str | None = None) -> str:
    """Say what to type for values of one of these kinds: a layer, or else raw; empty if they are in neither.

    Scaled or centred values are passed over, as is the layer `but`, in whose place X may do.
    """
    if but is not None and adata.X is not None and (kind := _kind(adata.X)) in kinds:
        return f"Leave layer= out: X holds {_word(kind)}."
    for name, values in layers_of(adata).items():
        if name != but and not is_same_layer(name) and (kind := _kind(values)) in kinds:
            return f"Use layer={name!r}, which holds {_word(kind)}."
    if adata.raw is not None and (kind := _kind(adata.raw.X)) in kinds:
        return f"adata.raw holds {_word(kind)}: use {RAW}, and full in place of adata."
    return ""


def _kind(x: Any) -> str:
    """Tell what some rows hold; nothing that can be used is an empty text."""
    from marrowsig.io._kind import guess_kind

    try:
        rows = some_rows(x)
        kind = guess_kind(rows)[0]
    except (InputError, TypeError, ValueError):
        return ""
    stored = rows.data if issparse(rows) else np.asarray(rows)
    return "" if (stored < 0).any() or (kind == "log" and looks_scaled(x)) else kind


def _word(kind: str) -> str:
    return {"log": "log expression", "expected_counts": "estimated counts"}.get(kind, kind)
