"""What a supported claim is in each cell line, beside its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._by_cell_line import HOW, KEYS, per_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from marrowsig._report.elements import Given

    Told = tuple[str, dict[str, str]]


def by_cell_line(given: Given, alpha: float) -> Callable[[Mapping[str, Any]], Told]:
    """Give of a claim what says that the lines are not alike, "" where they may be, and its sizes by name."""
    column, found = per_line(given.adata, given.res, given.judged, given.design)
    known = {one.key: one for one in found}
    name = f"in each level of {column!r}: {HOW}"

    def told(row: Mapping[str, Any]) -> Told:
        one = known.get(tuple(str(row[k]) for k in KEYS))
        if one is None:
            return "", {}
        sizes = one.sizes(alpha)
        return f"Not alike in all levels of {column!r}: {sizes}." if one.p < alpha else "", {name: sizes}

    return told
