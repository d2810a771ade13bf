"""Exceptions and warnings that marrowsig raises on purpose."""

from __future__ import annotations

import re
import warnings
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class OursError(ValueError):
    """An error with the warnings that were given before it and not shown yet."""

    warned: Sequence[str] = ()


class InputError(OursError):
    """A file or a matrix is not what it claims to be, or cannot be used as asked."""


class SignatureError(OursError):
    """A signature is malformed, unknown, or may not be used as asked."""


class DesignError(OursError):
    """The samples cannot answer the question that the design asks."""


class DownloadError(OSError):
    """A file could not be had from where it is published, or what came is not that file."""


class CoverageWarning(UserWarning):
    """Too few genes of a signature were measured, so its score is NaN."""


class GeneWarning(UserWarning):
    """Gene identifiers were ambiguous, outdated or damaged."""

    left_out: Sequence[str] = ()
    """Genes of a list that are lost to the caller by it."""


class InputWarning(UserWarning):
    """An input was read, with a decision that a person should know of."""


_TOLD: set[int] = set()


def warn_once(
    text: str, *, of: object = "", category: type[UserWarning] = InputWarning, stacklevel: int = 2
) -> None:
    """Give a warning once per process for what it is `of`, unless filters ask for every one.

    Python's own memory goes by the caller's line, and any `catch_warnings` in between empties it.
    """
    action = next((f[0] for f in warnings.filters if _applies(f, text, category)), "default")
    if action == "ignore" or (action not in ("always", "error") and hash((text, of)) in _TOLD):
        return
    _TOLD.add(hash((text, of)))
    warnings.warn(text, category, stacklevel=stacklevel + 1)


def _applies(entry: Any, text: str, asked: type[UserWarning]) -> bool:
    """Whether an entry of `warnings.filters` is about this text, wherever it comes from."""
    _, message, category, module, line = entry
    return (
        issubclass(asked, category)
        and not (module or line)
        and (message is None or re.match(message, text) is not None)
    )


def first(items: Iterable[object], n: int = 5) -> str:
    """Join the first `n` items for a message, with a count of the rest."""
    listed = [str(i) for i in items]
    shown = ", ".join(listed[:n])
    rest = len(listed) - n
    return f"{shown}, ... ({rest} more)" if rest > 0 else shown


def count(n: int, one: str, many: str = "") -> str:
    """Write a number with its noun: '1 contrast', '3 contrasts', '2 are'."""
    return f"{n} {one if n == 1 else many or one + 's'}"


_WHO = ("donor", "patient", "subject", "individual", "participant", "sample")
"""Words for who or what a sample is of: one of them in a file is what another was meant to name."""


def _same_word(asked: str, names: Iterable[str]) -> list[str]:
    """Names that are another word for the donor, where `asked` is one; a sample comes last."""

    def word(name: str) -> str:
        return re.sub(r"s?[\s._-]?(id|no|nr|number|name|code)?$", "", name)

    if word(asked) not in _WHO:
        return []
    return sorted((n for n in names if word(n) in _WHO), key=lambda n: _WHO.index(word(n)))


def near(name: object, known: Iterable[object]) -> str:
    """Ask, for the end of a message, whether a known name was meant; empty if none is like it."""
    names, asked = {str(k).lower(): str(k) for k in known}, str(name).strip().lower()
    if asked in names:
        return f" Did you mean {names[asked]!r}?"
    begun = [k for k in names if len(asked) > 1 and k.startswith(asked)]
    alike = get_close_matches(asked, list(names), n=3, cutoff=0.6)
    found = list(dict.fromkeys([*begun, *alike, *_same_word(asked, names)]))[:3]
    return f" Did you mean {' or '.join(repr(names[k]) for k in found)}?" if found else ""


def near_column(name: object, columns: Iterable[object]) -> str:
    """Ask the same of a column, and say why a slash in it may have become another sign.

    >>> near_column("IL-6 ng/ml", ["IL-6 ng_ml", "line"])
    " Did you mean 'IL-6 ng_ml'? marrowsig writes '/' in a column's name as '_' into an h5ad."
    """
    meant, own = near(name, columns), str(name).strip().replace("/", "_")
    changed = "/" in str(name) and repr(own).lower() in meant.lower()
    return f"{meant} marrowsig writes '/' in a column's name as '_' into an h5ad." if changed else meant
