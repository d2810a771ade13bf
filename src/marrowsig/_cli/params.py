"""Options of scoring methods on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError, first

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def params_of(texts: Iterable[str], methods: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read `METHOD.OPTION=VALUE`; values as in JSON, other words as text.

    Raises
    ------
    InputError
        If a text has another form, or names a method that is not asked for.

    Examples
    --------
    >>> params_of(["gsva.parity=true", "ssgsea.ties=first"], ["gsva", "ssgsea"])
    {'gsva': {'parity': True}, 'ssgsea': {'ties': 'first'}}
    """
    found: dict[str, dict[str, Any]] = {}
    for text in texts:
        place, equals, value = text.partition("=")
        method, dot, option = place.strip().rpartition(".")
        if not (equals and dot and method and option):
            msg = f"--param {text!r} is not METHOD.OPTION=VALUE, such as gsva.parity=true."
            raise InputError(msg)
        if method not in methods:
            msg = f"--param {text!r}: {method!r} is not asked for (--method). Asked: {first(methods)}"
            raise InputError(msg)
        found.setdefault(method, {})[option] = _value(value.strip())
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
