"""The layer of counts beside log values, as in the usual files of scanpy."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from marrowsig._cell_types import is_same_layer
from marrowsig._errors import DesignError
from marrowsig._kinds import COUNTS
from marrowsig._provenance import recall
from marrowsig._source import in_memory
from marrowsig._view import some_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anndata import AnnData

OF_X = ("kind ", "counts are also in ")
_CALL = re.compile(r"(ms\.pp\.pseudobulk\(adata, unit=.*?, by=\[.*?\])\)")


def has_counts(adata: AnnData) -> bool:
    """Whether `layers["counts"]` is there and holds counts."""
    from marrowsig.io._kind import guess_kind

    if "counts" not in adata.layers:
        return False
    values = adata.layers["counts"]
    return guess_kind(values if in_memory(values) else some_rows(values))[0] in COUNTS


def layer_to_sum(adata: AnnData) -> str:
    """Name the layer of counts, "counts" or another, where X is not counts; empty where there is none."""
    from marrowsig.io._kind import guess_kind

    if adata.isbacked or not len(adata.layers):
        return ""
    kind = recall(adata, "input", {}).get("kind")
    kind = "" if adata.X is None else kind if kind == "log" else guess_kind(adata.X)[0]
    if kind in COUNTS:
        return ""
    if has_counts(adata):
        return "counts"
    others = [k for k in map(str, adata.layers) if k != "counts" and not is_same_layer(k)]
    held = (k for k in others if in_memory(adata.layers[k]))
    return next((name for name in held if guess_kind(adata.layers[name])[0] in COUNTS), "")


def not_of_x(decisions: str) -> list[str]:
    """Leave out what was decided on reading of the X that a layer takes the place of."""
    parts = decisions.split("; ")
    return [p for p in parts if p and not (p.endswith("X as it is") or p.startswith(OF_X))]


def of_layer(decisions: str, layer: str) -> str:
    """Speak of the layer of counts that is summed, not of X."""
    return "; ".join([f"kind counts: layers[{layer!r}], summed in place of X", *not_of_x(decisions)])


@contextmanager
def naming_counts(adata: AnnData) -> Iterator[None]:
    """Name the layer of counts in the call that a refusal advises, where X is not counts."""
    try:
        yield
    except DesignError as error:
        layer = layer_to_sum(adata) if _CALL.search(str(error)) else ""
        if not layer:
            raise
        raise DesignError(_CALL.sub(lambda call: f"{call[1]}, layer={layer!r})", str(error))) from None
