"""The ids of signatures, however they are named: ids, axes, `Signature` objects, sets, or several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marrowsig._errors import InputError, first


def signature_ids(named: Any) -> list[str]:
    """Return ids and axes, each once, in the order given.

    >>> from marrowsig.sig import Signature
    >>> signature_ids(["emt", Signature("il6.mine", axis="il6", genes=["SOCS3"]), "emt"])
    ['emt', 'il6.mine']
    """
    if isinstance(named, str):
        return [named]
    if hasattr(named, "id") and hasattr(named, "genes"):
        return [str(named.id)]
    if isinstance(named, Iterable) and not isinstance(named, bytes):
        return list(dict.fromkeys(name for part in named for name in signature_ids(part)))
    what = type(named).__name__
    msg = f"Signatures are named by id ('emt.hallmark') or as ms.sig.Signature, not by a {what}."
    raise InputError(msg)


def one_id(named: Any, *, several: str) -> str:
    """Return the one id; `several` says what draws more.

    Raises
    ------
    InputError
        If there are several, or none.
    """
    ids = signature_ids(named)
    if len(ids) != 1:
        msg = f"One signature is drawn here, not {len(ids)} ({first(ids) or 'none'}). {several}"
        raise InputError(msg)
    return ids[0]
