"""What several commands do around their work: words on the error stream, and folders."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from marrowsig._cli.spoken import spoken
from marrowsig._log import bars_are_shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def warn(notes: Sequence[str]) -> None:
    """Print warnings, each on its own, to the error stream."""
    command = click.get_current_context().command
    for note in dict.fromkeys(notes):
        click.echo(f"Warning: {spoken(note, command)}", err=True)


def doing(text: str) -> None:
    """Say what is being done, where a person looks on and progress is wanted."""
    if bars_are_shown() and watched():
        click.echo(f"{text} ...", err=True)


def watched() -> bool:
    """Whether the error stream is a terminal: progress bars follow the same rule."""
    return sys.stderr.isatty()


def folder_of(path: Path) -> Path:
    """Folder in which `path` is to be written, made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.parent
