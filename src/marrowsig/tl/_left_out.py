"""Genes that a caller leaves out, and those that carry-over from stroma could move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError, first
from marrowsig._provenance import recall

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

    from marrowsig.qc._stroma_result import Stroma


def left_out(adata: AnnData, without: Stroma | Iterable[str]) -> set[str]:
    """Names of the genes to leave out: those given, or all that a result of `ms.qc.stroma` dropped.

    Raises
    ------
    InputError
        If a gene that was named is not in `var_names`.
    """
    dropped: Any = getattr(without, "dropped", None)
    if dropped is not None:
        return set(map(str, dropped["gene"]))
    given: Any = [without] if isinstance(without, str) else without
    out = {str(gene) for gene in given}
    absent = sorted(out.difference(map(str, adata.var_names)))
    if absent:
        are = "which is" if len(absent) == 1 else "which are"
        msg = f"without= names {first(absent)}, {are} not in var_names. Give current symbols."
        raise InputError(msg)
    return out


def strata_of(without: Stroma | Iterable[str]) -> dict[str, list[str]]:
    """Give the genes that a result of `ms.qc.stroma` dropped, by stratum; empty for anything else."""
    verdicts, dropped = getattr(without, "verdicts", None), getattr(without, "dropped", None)
    if verdicts is None or dropped is None:
        return {}
    own = {s: dropped.loc[dropped["stratum"] == s, "gene"] for s in verdicts["stratum"].unique()}
    return {str(s): list(map(str, genes)) for s, genes in own.items()}


def movable(adata: AnnData) -> set[str] | None:
    """Genes that carry-over could move, from the record of `ms.qc.stroma`; None where it was not run."""
    known = recall(adata, "stroma", {}).get("movable")
    return None if known is None else set(map(str, known))
