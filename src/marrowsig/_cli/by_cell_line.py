"""What a run says of sizes in each cell line: claims that are not alike, and in the log every one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._by_cell_line import ALPHA, HOW, per_line

if TYPE_CHECKING:
    from marrowsig._run import Run


def of_cell_lines(done: Run, *, every: bool = False) -> str:
    """Say which supported claims differ between cell lines, or of `every` one its sizes; empty without."""
    column, found = per_line(done.adata, done.res, done.tables.get("claims"), done.design)
    told = [str(one) for one in found if every or one.p < ALPHA]
    if not told:
        return ""
    if every:
        return f"Supported claims by {column!r} ({HOW}): {'; '.join(told)}."
    kept = f"{column}={next(iter(found[0].means))}".replace("'", "'\"'\"'")  # quotes of a shell
    return (
        f"Not alike in all levels of {column!r}: {'; '.join(told)} ({HOW}). Look at each by itself: "
        f"--keep '{kept}'."
    )
