"""An error of a command as the first thing that is seen: what was read and warned of stands after it."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import click

from marrowsig._cli.held import HELD
from marrowsig._cli.lines import echo, wrapped
from marrowsig._cli.read import ASIDE, SHOWN
from marrowsig._cli.spoken import spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marrowsig._errors import OursError

HEAD = "Error: "  # click's own


class Refused(click.ClickException):
    """One message without a traceback; `after` are lines that stand below it."""

    def __init__(self, message: str, after: list[str]) -> None:
        super().__init__(wrapped(f"{HEAD}{message}").removeprefix(HEAD))
        self.after = after

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message, then the lines."""
        super().show(file)
        for line in self.after:
            echo(line, err=True)


def refused(error: OursError, context: click.Context, command: click.Command | None) -> Refused:
    """Say an error in the words of `command`, and below it what was read and what it was warned of."""
    held = list(context.meta.get(HELD, ()))
    return Refused(spoken(str(error), command), [*held, *warned_before(error.warned, command)])


def warned_before(notes: Sequence[str], command: click.Command | None) -> list[str]:
    """Give the warnings that an error of `command` came after, but for those that were shown."""
    shown = click.get_current_context().meta.get(SHOWN, ())
    told = dict.fromkeys(spoken(note, command) for note in notes)
    return [f"Warning: {said}" for said in told if said not in shown and not ASIDE.match(said)]
