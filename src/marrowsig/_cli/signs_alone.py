"""What methods that use the sign of a gene's weight alone make of lists of one's own with sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marrowsig.sig import SignatureSet


def signs_alone(chosen: SignatureSet, used: Iterable[str]) -> list[str]:
    """Say of own lists whose weights differ which of the methods `used` take their signs, not their sizes.

    >>> import marrowsig as ms
    >>> mine = ms.sig.Signature("emt.mine", genes={"VIM": 2.5, "CDH1": -0.7})
    >>> signs_alone(ms.sig.SignatureSet([mine]), ["singscore", "zscore"])
    ['emt.mine: singscore uses the signs of its weights, not their sizes.']
    """
    from marrowsig import methods
    from marrowsig.sig._load import hash_of

    plain = [name for name in used if not methods.get(name).weights]
    own = [sig for sig in chosen if sig.is_weighted and hash_of(sig.id) != sig.sha256]
    if not plain:
        return []
    names = " and ".join(plain)
    said = f"{names} {'uses' if len(plain) == 1 else 'use'} the signs of its weights, not their sizes."
    if not all(methods.get(name).signed for name in plain):
        said = f"{names} {'does' if len(plain) == 1 else 'do'} not use the sizes of its weights."
    return [f"{sig.id}: {said}" for sig in own]
