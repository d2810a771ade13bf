"""What several commands do around their work: words on the error stream, and folders."""

from __future__ import annotations

import re
from time import perf_counter
from typing import TYPE_CHECKING

import click

from marrowsig._cli.held import let_go
from marrowsig._cli.lines import echo
from marrowsig._cli.spoken import spoken
from marrowsig._log import bars_are_shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


ASIDE = re.compile(
    r"\d+ gene names? (was|were) turned into (a date|dates) by a spreadsheet|"
    r"control\.\S+: .* too few to be tested|No random sets can be drawn beside control\."
)
"""Warnings that need no act where a log keeps them: said again of names, or of lists beside the answer."""
SHOWN = "marrowsig.shown"
LARGE = 20e6
"""Bytes of a file from which on reading it takes a while."""
WITHIN = re.compile(r"prepare$|draw the report: |write$")
"""Steps that a log does not need."""


def warn(notes: Sequence[str], *, logged: bool = False) -> None:
    """Print warnings, each on its own, to the error stream.

    Those that need no act are left out where they are `logged`.
    """
    from marrowsig._progress import above_bars

    shown = click.get_current_context().meta.setdefault(SHOWN, set())
    with above_bars():
        for note in dict.fromkeys(notes):
            said = given_as(note)
            shown.add(said)
            if not (logged and ASIDE.match(note)):
                echo(f"Warning: {said}", err=True)


def at_once(told: list[str], *, logged: bool) -> Callable[[Sequence[str]], None]:
    """Return what prints warnings as they come, and keeps them in `told`."""

    def warned(notes: Sequence[str]) -> None:
        let_go()
        told.extend(notes)
        warn(notes, logged=logged)

    return warned


def given_as(note: str) -> str:
    """Write a message with the options of the command."""
    return spoken(note, click.get_current_context().command)


def doing(text: str) -> None:
    """Say what is being done, where progress is wanted."""
    if bars_are_shown():
        click.echo(f"{text} ...", err=True)


def reading(path: Path) -> None:
    """Say that a file is read, where it is large; of a folder nobody knows."""
    if path.is_dir() or (path.is_file() and path.stat().st_size >= LARGE):
        doing(f"Reading {path.name}")


def clock() -> Callable[[str], None] | None:
    """Return what says the start of each step with the time since now; None where a bar is seen instead."""
    if watched() or not bars_are_shown():
        return None
    start = perf_counter()

    def began(step: str) -> None:
        seconds = int(perf_counter() - start)
        if WITHIN.match(step):
            return
        echo(f"{seconds // 60}:{seconds % 60:02d} {step} ...", err=True)

    return began


def watched() -> bool:
    """Whether the error stream shows progress bars."""
    from marrowsig._progress import redrawn

    return redrawn()


def folder_of(path: Path) -> Path:
    """Folder in which `path` is to be written, made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.parent
