"""Lines of the terminal, no longer than a person reads: at most `WIDEST`, or the width of the terminal."""

from __future__ import annotations

import re
import shutil
import textwrap

import click

from marrowsig._command_lines import COMMAND, folded_command

WIDEST, NARROWEST = 100, 40
QUOTED, HELD = re.compile(r"(?<=--)[\w-]+ (?:'[^'\n]*'|\"'\")+"), "\0"
"""An option with a name in quotation marks, which is one word to a shell; what its blanks are meanwhile."""
PERCENT = re.compile(r"(?<=\d) (?=%)")
PASTED = "paste this into Python"
"""What a line says below which Python stands."""


def wrapped(text: str, *, hang: int = 2, width: int | None = None) -> str:
    """Wrap each line of `text`; what goes on stands `hang` further in.

    Words, paths and names in quotation marks after an option are never broken. A line that is a command goes
    on after a backslash; what stands below a line that says to paste it into Python stays as it is.

    >>> print(wrapped("  kind counts: whole numbers from 0 to 206958", width=30))
      kind counts: whole numbers
        from 0 to 206958
    >>> print(wrapped("reverses 78 % of it", width=12))
    reverses
      78 % of it
    """
    limit = columns() if width is None else width
    lines = text.split("\n")
    prose = next((k for k, line in enumerate(lines, 1) if PASTED in line), len(lines))
    return "\n".join([*(_one(line, hang, limit) for line in lines[:prose]), *lines[prose:]])


def echo(text: str, *, err: bool = False, hang: int = 2) -> None:
    """Print `text` so wrapped."""
    click.echo(wrapped(text, hang=hang), err=err)


def columns() -> int:
    """Width of the terminal, of a file the widest."""
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def _one(line: str, hang: int, width: int) -> str:
    if COMMAND.match(line):
        return folded_command(line, width=width)
    indent = line[: len(line) - len(line.lstrip())]
    parts = textwrap.wrap(
        PERCENT.sub(HELD, QUOTED.sub(lambda found: found[0].replace(" ", HELD), line.strip())),
        width,
        initial_indent=indent,
        subsequent_indent=f"{indent}{' ' * hang}",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(parts).replace(HELD, " ")
