"""What several commands do around their work: warnings on the error stream, and folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def warn(notes: Sequence[str]) -> None:
    """Print warnings, each on its own, to the error stream."""
    for note in dict.fromkeys(notes):
        click.echo(f"Warning: {note}", err=True)


def folder_of(path: Path) -> Path:
    """Folder in which `path` is to be written, made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.parent
