"""Signatures that answer the claims, by axis, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import InputError, first, near

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

AXES = ("emt", "il6", "stat3")


def on_axes(
    texts: Iterable[str], scored: Sequence[str], titles: Iterable[tuple[str, str]] = ()
) -> dict[str, list[str]] | None:
    """Read `AXIS=NAME,NAME`; None without any. `scored` are the signatures of the run.

    `titles` are names of lists in the files of their owner, and the ids that these have here; one that is
    the name of a single list stands for its id.

    Raises
    ------
    InputError
        If a text has another form, an axis has no claims or comes twice, or a signature is not known.

    Examples
    --------
    >>> on_axes(["emt=emt.blast"], []), on_axes([], [])
    ({'emt': ['emt.blast']}, None)
    >>> on_axes(["emt=LAB_EMT"], ["other.lab_emt"], [("LAB_EMT", "other.lab_emt")])
    {'emt': ['other.lab_emt']}
    """
    from marrowsig.sig._load import everything

    known, found = {*scored, *everything().ids}, dict[str, list[str]]()
    every = list(titles)
    own = {title: id for title, id in every if [name for name, _ in every].count(title) == 1}
    for text in texts:
        axis, said, rest = text.partition("=")
        given = [name.strip() for name in rest.split(",") if name.strip()]
        names = [name if name in known else own.get(name, name) for name in given]
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
