"""The line of a run that asks per line where a line has two pairs: what would answer over all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import first

if TYPE_CHECKING:
    from marrowsig._run import Run


def of_few_in_line(done: Run) -> str:
    """Name lines with two pairs, and the run over all donors; empty where donors stand in several lines."""
    claims, line = done.tables.get("claims"), getattr(done.design, "line", None)
    column = getattr(done.design, "pair", None) or getattr(done.design, "unit", None)
    if claims is None or line is None or column is None or not {line, column} <= {*done.adata.obs}:
        return ""
    own = done.adata.obs[[line, column]].astype(str).drop_duplicates()
    few = claims[claims["contrast"].astype(str).str.startswith("co_in_") & claims["n_pairs"].eq(2)]
    names = few["line"].drop_duplicates().astype(str)
    if own[column].duplicated().any() or names.empty:
        return ""
    lead = f"Two pairs in {first(names)}, where little can be established."
    return (
        f"{lead} Claims are per level of --line; over all levels of {column!r} the same "
        "run without --line answers. That is another question: choose between them before looking."
    )
