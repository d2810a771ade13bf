"""What several commands do around their work: words on the error stream, and folders."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import click

from marrowsig._cli.spoken import spoken
from marrowsig._log import bars_are_shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from anndata import AnnData


def warn(notes: Sequence[str]) -> None:
    """Print warnings, each on its own, to the error stream."""
    command = click.get_current_context().command
    for note in dict.fromkeys(notes):
        click.echo(f"Warning: {spoken(note, command)}", err=True)


def doing(text: str) -> None:
    """Say what is being done, where progress is wanted."""
    if bars_are_shown():
        click.echo(f"{text} ...", err=True)


def clock() -> Callable[[str], None] | None:
    """Return what says the start of each step with the time since now; None where a bar is seen instead."""
    if watched() or not bars_are_shown():
        return None
    start = perf_counter()

    def began(step: str) -> None:
        seconds = int(perf_counter() - start)
        click.echo(f"{seconds // 60}:{seconds % 60:02d} {step} ...", err=True)

    return began


def found(adata: AnnData, what: str = "") -> None:
    """Say on the error stream what was read, and each decision on the way, on a line of its own.

    `what` names a file beside the matrix.
    """
    from marrowsig._provenance import recall

    command, note = click.get_current_context().command, recall(adata, "input", {})
    head = f"{what}, " if what else ""
    click.echo(f"{head}{note.get('file', 'Read')}: {adata.n_obs:,} rows x {adata.n_vars:,} genes", err=True)
    for decision in filter(None, str(note.get("decisions", "")).split("; ")):
        click.echo(f"  {spoken(decision, command)}", err=True)


def renamed(adata: AnnData) -> None:
    """Say on the error stream how many gene names were changed, and where they are listed."""
    from marrowsig._provenance import recall

    note = recall(adata, "genes", {})
    changes = note.get("changes")
    if changes is None or not len(changes):
        return
    counts = ", ".join(f"{n} {status}" for status, n in changes["status"].value_counts().items())
    what = f"{len(changes):,} gene names were renamed, combined, or could not be resolved"
    click.echo(f"{what} ({counts.replace('_', ' ')}): see genes.csv", err=True)


def watched() -> bool:
    """Whether the error stream shows progress bars."""
    from marrowsig._progress import redrawn

    return redrawn()


def folder_of(path: Path) -> Path:
    """Folder in which `path` is to be written, made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.parent
