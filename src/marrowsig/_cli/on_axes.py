"""Signatures that answer the claims, by axis, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import InputError, first, near

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

AXES = ("emt", "il6", "stat3")


def on_axes(texts: Iterable[str], scored: Sequence[str]) -> dict[str, list[str]] | None:
    """Read `AXIS=NAME,NAME`; None without any. `scored` are the signatures of the run.

    Raises
    ------
    InputError
        If a text has another form, an axis has no claims or comes twice, or a signature is not known.

    Examples
    --------
    >>> on_axes(["emt=emt.blast"], []), on_axes([], [])
    ({'emt': ['emt.blast']}, None)
    """
    from marrowsig.sig._load import everything

    known, found = {*scored, *everything().ids}, dict[str, list[str]]()
    for text in texts:
        axis, said, rest = text.partition("=")
        names = [name.strip() for name in rest.split(",") if name.strip()]
        if not said or not names or axis not in AXES or axis in found:
            axes = ", ".join(AXES)
            msg = f"--claims-on {text!r} is not AXIS=NAME, such as emt=emt.blast, once per axis ({axes})."
            raise InputError(msg)
        absent = [name for name in names if name not in known]
        if absent:
            msg = f"--claims-on {text!r}: no signature is called {first(absent)}.{near(absent[0], known)}"
            raise InputError(msg)
        found[axis] = names
    return found or None
