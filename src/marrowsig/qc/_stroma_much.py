"""So much RNA of stroma that it was not carried over: stromal cells are among the blasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig import _cell_types
from marrowsig._errors import count, first
from marrowsig._provenance import recall
from marrowsig._stromal_level import STROMAL

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig.qc._stroma_shares import Found

MUCH = 0.1
"""Lower limit of the share from which on it is cells: an estimate above it may be chance, of few reads."""
OTHER = "scattered"
"""Start of the reading of markers that disagree: what is high may have risen in the blasts."""


def much_told(found: Found | None, adata: AnnData) -> str:
    """Say which samples hold stromal cells, and what to do; of shares measured otherwise, nothing."""
    if found is None or not found.markers:
        return ""
    table = found.table
    much = table[(table["share_low"] > MUCH) & ~table["reading"].str.startswith(OTHER)]
    if much.empty:
        return ""
    low, high = 100 * much["share"].min(), 100 * much["share"].max()
    ends = dict.fromkeys(f"{end:.0f}" for end in (low, high))
    lead = (
        f"{count(len(much), 'sample holds', 'samples hold')} {' to '.join(ends)} % of stroma's RNA "
        f"({first(much['sample'])}): so much is no carry-over. "
    )
    if recall(adata, "pseudobulk"):
        return (
            f"{lead}Stromal cells are in these sums: leave them out before the sums are made, {_how(adata)}."
        )
    return (
        f"{lead}The sort let stromal cells through, or there was none: sort again, or ask of these samples "
        "no more than 'cannot tell'."
    )


def _how(adata: AnnData) -> str:
    """Say how cells are left out of sums: by the column of cell types that these had, and its level."""
    known = _cell_types.kept(adata)
    if known is None:
        return (
            "with keep='COLUMN!=LEVEL': your column of cell types or clusters, and what stromal cells are "
            "called there"
        )
    column, types, _ = known
    named = [level for level in types if STROMAL.fullmatch(level.strip())]
    if named:
        own = f"{column}!={','.join(named)}"
        return f"with keep={own!r}"
    return (
        f"with keep={f'{column}!=LEVEL'!r}: the level that they were called there ({first(types)}), or that "
        "of another column, such as clusters"
    )
