"""The line of a run on the genes that no arm expresses, in the words of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report.silent import without

if TYPE_CHECKING:
    from marrowsig._run import Run


def of_silent(done: Run, *, every: bool = False) -> str:
    """Say how many genes `--expressed` leaves out, and what changes with the other way."""
    said = without(done.adata, done.design, done.beside, every=every)
    return said.replace("(ms.pp.expressed)", "(--expressed)")
