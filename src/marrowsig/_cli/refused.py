"""An error of a command as the last thing that is seen, below the warnings that it came after."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Any

import click

from marrowsig._cli.counts_back import MATRIX, as_script
from marrowsig._cli.lines import echo, wrapped
from marrowsig._cli.read import ASIDE, SHOWN
from marrowsig._cli.spoken import spoken
from marrowsig._cli.two_columns import PASTE
from marrowsig._errors import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marrowsig._errors import OursError

HEAD, WARNING = "Error: ", "Warning: "  # the first is click's own
SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])")
LISTED = re.compile(r"^(Warning: \d+ signatures with .*?): .*")
"""Several signatures that lack genes, which an error need not name."""
MOST = 3  # warnings above an error


class Refused(click.ClickException):
    """One message without a traceback; `before` are warnings that stand above it."""

    def __init__(self, message: str, before: list[str]) -> None:
        super().__init__(wrapped(f"{HEAD}{message}").removeprefix(HEAD))
        self.before = before

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the warnings, in a sentence each, then the message: it is what a prompt stands below."""
        lines = [line for warning in self.before for line in warning.splitlines()]
        shown = [warning.splitlines()[0] for warning in self.before[:MOST]]
        for line in shown:
            echo(LISTED.sub(r"\1.", SENTENCE.split(line, maxsplit=1)[0]), err=True)
        if more := len(lines) - len(shown):
            echo(f"({count(more, 'further warning')})", err=True)
        super().show(file)


def refused(error: OursError, command: click.Command | None) -> Refused:
    """Say an error in the words of `command`, and above it what was warned of; of what was read, nothing."""
    matrix = click.get_current_context().meta.get(MATRIX)
    said = as_script(spoken(str(error), command), matrix)
    before = warned_before(error.warned, command)
    said = "\n".join([said, *(one[len(WARNING) :] for one in before if one.startswith(WARNING + PASTE))])
    # What the error says itself is not said above it, too.
    return Refused(said, [one for one in before if one[len(WARNING) :] not in said])


def warned_before(notes: Sequence[str], command: click.Command | None) -> list[str]:
    """Give the warnings that an error of `command` came after, but for those that were shown."""
    shown = click.get_current_context().meta.get(SHOWN, ())
    told = dict.fromkeys(spoken(note, command) for note in notes)
    return [f"{WARNING}{said}" for said in told if said not in shown and not ASIDE.match(said)]
