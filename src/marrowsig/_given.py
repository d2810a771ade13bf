"""Whether what was given is an AnnData, or a design, before anything is asked of it."""

from __future__ import annotations

from typing import Any

from marrowsig._errors import DesignError, InputError

CULTURE = "ms.Design(culture='culture', mono='mono', co='co')"


def require_anndata(adata: Any) -> None:
    """Raise for tables and arrays, and say how to make an AnnData of one."""
    if not hasattr(adata, "var_names"):
        msg = (
            f"This takes an AnnData, and got a {type(adata).__name__}. Use e.g. "
            "anndata.AnnData(table) with samples as rows and gene symbols as columns, or ms.io.read(path)."
        )
        raise InputError(msg)


def require_design(design: Any) -> None:
    """Raise for what only names a column, and say how to write a design."""
    if hasattr(design, "plans") and not isinstance(design, type):
        return
    told = CULTURE
    if isinstance(design, str):
        told = f"ms.Design(culture={design!r}, mono=..., co=...)"
    elif isinstance(design, dict):
        told = "ms.Design(**your_dict)"
    msg = (
        f"The design is a {type(design).__name__}; it has to be a ms.Design, which says what the columns of "
        f"adata.obs mean: {told}. ms.ds.suggest_design(adata) proposes one."
    )
    raise DesignError(msg)
