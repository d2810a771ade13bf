"""Lines on what was read, kept until samples and design are known to fit: an error drops them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from marrowsig._cli.lines import echo

if TYPE_CHECKING:
    from collections.abc import Sequence

HELD = "marrowsig.held"


def hold(lines: Sequence[str]) -> None:
    """Keep lines for `let_go`; an error that comes before it drops them."""
    click.get_current_context().meta.setdefault(HELD, []).extend(lines)


def let_go() -> None:
    """Print the lines that were held."""
    for line in click.get_current_context().meta.pop(HELD, []):
        echo(line, err=True)
