"""Whatever a verb accepts as `signatures`, made a SignatureSet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marrowsig._errors import SignatureError
from marrowsig.sig import _lists, _long
from marrowsig.sig._load import load, refuse_genes
from marrowsig.sig._set import SignatureSet
from marrowsig.sig._signature import Signature


def as_set(x: SignatureSet | Signature | str | Iterable[str | Signature]) -> SignatureSet:
    """Coerce to a SignatureSet.

    Parameters
    ----------
    x
        A set, one signature, an id, an axis, or several of these; lists of genes by name, or a table, as
        `ms.sig.read` takes them.

    Returns
    -------
    SignatureSet
        Never empty.

    Raises
    ------
    SignatureError
        If a name is unknown, nothing was given, or `x` is something else.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.sig.as_set("il6.hallmark").ids
    ('il6.hallmark',)
    """
    found = _coerce(x)
    if not len(found):
        msg = "No signatures were given. Use ms.sig.load('emt', 'il6', 'stat3')."
        raise SignatureError(msg)
    return found


def in_memory(x: Any, axis: str | None) -> list[Signature]:
    """Signatures of a long table, or of lists of genes by name."""
    if hasattr(x, "to_csv"):
        return _long.from_long(x.to_csv(sep="\t", index=False), axis, "table")
    return _lists.signatures(_lists.from_dict(x), axis, "signatures")


def _coerce(x: object) -> SignatureSet:
    if isinstance(x, SignatureSet):
        return x
    if isinstance(x, Signature):
        return SignatureSet([x])
    if isinstance(x, str):
        return load(x)
    if hasattr(x, "to_csv") or isinstance(x, Mapping):
        return SignatureSet(in_memory(x, None))
    if isinstance(x, Iterable) and not isinstance(x, bytes):
        parts = list(x)
        refuse_genes(parts)
        return SignatureSet(sig for part in parts for sig in _coerce(part))
    msg = (
        f"signatures is a {type(x).__name__}. Give ids or axes ('emt'), ms.sig.load(...), or "
        "ms.sig.Signature('emt.mine', genes=[...])."
    )
    raise SignatureError(msg)
