"""Options that a mistyped one may have meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click

NEAR = 0.7
"""How like two names have to be, without their dashes; with them, any two short names are."""


def like(typed: str, params: Iterable[click.Parameter]) -> list[str]:
    """Long options that begin as `typed` does, or are nearly called so."""
    known = [name[2:] for param in params for name in param.opts if name.startswith("--")]
    word = typed.lstrip("-")
    begun = [name for name in known if len(word) > 1 and name.startswith(word)]
    return [f"--{name}" for name in dict.fromkeys([*begun, *get_close_matches(word, known, 3, NEAR)])]
