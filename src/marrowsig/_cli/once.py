"""Options of one value that were given twice: refused, where click would take the last."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import click

from marrowsig._errors import first
from marrowsig._third_culture import HOWTO

if TYPE_CHECKING:
    from collections.abc import Sequence


OF_CULTURES = f"Each further co-culture is a run of its own, or all are one formula: {HOWTO}."


class Twice(click.ClickException):
    """An option that was given more than once, said without the usage of the command."""

    exit_code = 2


def require_once(command: click.Command, context: click.Context, args: Sequence[str]) -> None:
    """Raise if `args` give an option of `command` that takes one value more than once.

    Raises
    ------
    Twice
        With the values of that option.
    """
    every = copy.copy(command)
    every.params, single = list(command.params), {}
    for i, option in enumerate(command.params):
        if isinstance(option, click.Option) and not (option.multiple or option.is_flag or option.count):
            every.params[i] = copy.copy(option)
            every.params[i].multiple = True
            single[str(option.name)] = option
    given, _, _ = every.make_parser(context).parse_args(list(args))
    for name, option in single.items():
        values = given.get(name)
        if isinstance(values, list) and len(values) > 1:
            times = "twice" if len(values) == 2 else f"{len(values)} times"
            said = f"{max(option.opts, key=len)} is given {times} ({first(values)}); give one."
            said += f" {OF_CULTURES}" if name == "co" else ""
            raise Twice(said)
