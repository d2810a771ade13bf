"""An ordered, immutable collection of signatures."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from marrowsig._errors import SignatureError, first
from marrowsig.sig._signature import Signature

if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterable, Iterator, KeysView, ValuesView
    from os import PathLike

    import pandas as pd

COLUMNS = (
    "id", "axis", "kind", "tier", "title", "n", "n_up", "n_down", "weighted", "status", "licence", "doi",
    "source", "sha256",
)  # fmt: skip


class SignatureSet:
    """Signatures by id, in the order in which they were given.

    Iterating yields `Signature` objects, `sigs.items()` ids with them; `sigs["emt.hallmark"]` finds one by
    its id; `a | b` joins.

    Parameters
    ----------
    signatures
        Signatures with distinct ids.

    Raises
    ------
    SignatureError
        If two different signatures share an id.

    Examples
    --------
    >>> import marrowsig as ms
    >>> sigs = ms.sig.load("emt.hallmark", "il6.hallmark")
    >>> sigs.ids
    ('emt.hallmark', 'il6.hallmark')
    >>> len(sigs["emt.hallmark"])
    200
    """

    __slots__ = ("_by_id",)
    _by_id: dict[str, Signature]

    def __init__(self, signatures: Iterable[Signature] = ()) -> None:
        by_id: dict[str, Signature] = {}
        for sig in signatures:
            if not isinstance(sig, Signature):
                msg = (
                    f"A SignatureSet holds Signature objects, not {type(sig).__name__}. Use ms.sig.load(...)."
                )
                raise SignatureError(msg)
            known = by_id.setdefault(sig.id, sig)
            if known.genes != sig.genes:
                msg = (
                    f"Two signatures are called {sig.id!r} and differ ({len(known)} and {len(sig)} genes). "
                    "Rename one."
                )
                raise SignatureError(msg)
        object.__setattr__(self, "_by_id", by_id)

    def __setattr__(self, name: str, value: object) -> None:
        msg = "A SignatureSet does not change. Join sets with a | b."
        raise AttributeError(msg)

    def __reduce__(self) -> tuple[type[SignatureSet], tuple[tuple[Signature, ...]]]:
        return SignatureSet, (tuple(self),)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids in order."""
        return tuple(self._by_id)

    def keys(self) -> KeysView[str]:
        """Ids in order, as a dict has them; `dict(sigs)` is the signatures by id."""
        return self._by_id.keys()

    def values(self) -> ValuesView[Signature]:
        """Signatures in order, as iterating gives them."""
        return self._by_id.values()

    def items(self) -> ItemsView[str, Signature]:
        """Id and signature, pair by pair."""
        return self._by_id.items()

    @property
    def genes(self) -> tuple[str, ...]:
        """Every gene of every signature, once, sorted."""
        return tuple(sorted({g for sig in self for g in sig.genes}))

    def __getitem__(self, id: str) -> Signature:
        if id not in self._by_id:
            near = get_close_matches(str(id), self.ids, n=3)
            hint = f"Close: {', '.join(near)}." if near else f"It holds {first(self.ids)}."
            msg = f"No signature {id!r} in this set of {len(self)}. {hint}"
            raise SignatureError(msg)
        return self._by_id[id]

    def __contains__(self, item: object) -> bool:
        return (item.id if isinstance(item, Signature) else item) in self._by_id

    def __iter__(self) -> Iterator[Signature]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SignatureSet) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __or__(self, other: Signature | SignatureSet) -> SignatureSet:
        if not isinstance(other, Signature | SignatureSet):
            return NotImplemented
        return SignatureSet([*self, *([other] if isinstance(other, Signature) else other)])

    def table(self) -> pd.DataFrame:
        """One row per signature: sizes, status, licence, DOI, source, hash of the genes."""
        import pandas as pd

        return pd.DataFrame([_row(sig) for sig in self], columns=list(COLUMNS))

    def to_net(self) -> pd.DataFrame:
        """Long table for decoupler: source, target, weight."""
        from marrowsig.sig._export import to_net

        return to_net(self)

    def to_dict(self) -> dict[str, list[str]]:
        """Make lists for gseapy; a signed signature gives `<id>_UP` and `<id>_DN`."""
        from marrowsig.sig._export import to_dict

        return to_dict(self)

    def to_gmt(self, path: str | PathLike[str] | None = None) -> str:
        """GMT text, also written to `path` where one is given."""
        from marrowsig.sig._export import to_gmt

        return to_gmt(self, path)

    def write(self, path: str | PathLike[str]) -> None:
        """Write to a folder of TOML files, or to `.gmt`, `.json`, `.csv` or `.tsv`; see `ms.sig.write`."""
        from marrowsig.sig._files import write

        write(self, path)

    def __repr__(self) -> str:
        return f"<SignatureSet of {len(self)}: {first(self.ids)}>" if len(self) else "<SignatureSet of 0>"

    def _repr_html_(self) -> str:
        from marrowsig.sig._html import of_set

        return of_set(self)


def _row(sig: Signature) -> tuple[object, ...]:
    src = sig.source
    return (
        sig.id, sig.axis, sig.kind, sig.tier, sig.title, len(sig), len(sig.up), len(sig.down),
        sig.is_weighted, sig.status, str(src.get("licence", "")), str(src.get("doi", "")),
        str(src.get("where", "")), sig.sha256,
    )  # fmt: skip
