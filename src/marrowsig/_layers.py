"""The layers of an AnnData besides X."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anndata import AnnData


def layers_of(adata: AnnData) -> dict[str, Any]:
    """Layers by name, without the entry `None` under which anndata 0.13 lists X itself."""
    return {name: values for name, values in adata.layers.items() if name is not None}
