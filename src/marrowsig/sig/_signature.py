"""One signature: genes with signed weights, and where they come from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marrowsig._errors import SignatureError
from marrowsig.sig._signature_fields import among, check_id, id_and_axis, weights_of
from marrowsig.sig._words import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike

    from marrowsig.sig._set import SignatureSet

NESTED = ("source", "context", "use")  # tables that hold tables and lists


@dataclass(frozen=True, init=False, repr=False)
class Signature:
    """A named list of genes with signed weights.

    Parameters
    ----------
    id
        `"<axis>.<name>"`, the name in lower case, digits and underscores. A name alone gets the
        axis `"other"`.
    axis
        `"emt"`, `"il6"`, `"stat3"`, `"stat1"`, `"control"` or `"other"`, which is for any other programme;
        the same word as in `id`. It may be left out.
    genes
        Symbol to signed weight (+1 rises, -1 falls), or symbols alone, which get the weight 1.
    title, species, status
        `status` is `"curated"`, `"draft"` or `"retired"`.
    source
        A sentence, or a table with `doi`, `where`, `licence`, `cite` and so on.
    context
        Cells, stimulus, contrast and platform behind the list.
    use
        `kind` (what sort of list it is), `tier` (`"main"`: its axis gives it; `"extra"`: loaded by id),
        `role`, `expect` (direction stated before scoring), `requires`, `weights`, `not_scored`, `caution`,
        `overlaps`, `small`, `note`.
    ids, why, listed_as
        Per symbol: Ensembl id, evidence, symbol in the source where it differs. What is said of other genes
        is left out, so that `dataclasses.replace(sig, genes=...)` makes a changed copy.
    unmapped
        Symbols that HGNC does not know and that are kept as the source lists them.

    Raises
    ------
    SignatureError
        If the id, the axis, a symbol or a weight is unusable.

    Examples
    --------
    >>> import marrowsig as ms
    >>> mine = ms.sig.Signature("il6.mine2026", axis="il6", genes={"SOCS3": 1, "BCL3": 1, "CCR2": -1})
    >>> mine
    <Signature il6.mine2026: 3 genes (2 up, 1 down)>
    >>> mine.up
    ('SOCS3', 'BCL3')
    """

    id: str
    axis: str
    genes: dict[str, float]
    title: str
    species: str
    status: str
    source: dict[str, Any]
    context: dict[str, Any]
    use: dict[str, Any]
    ids: dict[str, str]
    why: dict[str, str]
    listed_as: dict[str, str]
    unmapped: frozenset[str]

    def __init__(
        self,
        id: str,  # the field is called id in the files, too
        *,
        axis: str | None = None,
        genes: Mapping[str, float] | Iterable[str],
        title: str = "",
        species: str = "human",
        status: str = "draft",
        source: str | Mapping[str, Any] = "",
        context: Mapping[str, Any] | None = None,
        use: Mapping[str, Any] | None = None,
        ids: Mapping[str, str] | None = None,
        why: Mapping[str, str] | None = None,
        listed_as: Mapping[str, str] | None = None,
        unmapped: Iterable[str] = (),
    ) -> None:
        id, axis = id_and_axis(id, axis)
        check_id(id, axis)
        if status not in STATUSES:
            msg = f"{id}: status is {status!r}. Use one of {', '.join(STATUSES)}."
            raise SignatureError(msg)
        given = {"where": source} if isinstance(source, str) and source else dict(source or {})
        weights = weights_of(id, genes)
        values = {
            "id": id,
            "axis": axis,
            "genes": weights,
            "title": title,
            "species": species,
            "status": status,
            "source": given,
            "context": dict(context or {}),
            "use": dict(use or {}),
            "ids": among(weights, ids),
            "why": among(weights, why),
            "listed_as": among(weights, listed_as),
            "unmapped": frozenset(unmapped) & weights.keys(),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def name(self) -> str:
        """Id without the axis."""
        return self.id.partition(".")[2]

    @property
    def up(self) -> tuple[str, ...]:
        """Genes with a positive weight."""
        return tuple(g for g, w in self.genes.items() if w > 0)

    @property
    def down(self) -> tuple[str, ...]:
        """Genes with a negative weight."""
        return tuple(g for g, w in self.genes.items() if w < 0)

    @property
    def is_signed(self) -> bool:
        """Whether a gene is expected to fall."""
        return any(w < 0 for w in self.genes.values())

    @property
    def is_weighted(self) -> bool:
        """Whether a weight differs from +1 and -1."""
        return any(abs(w) != 1 for w in self.genes.values())

    @property
    def kind(self) -> str:
        """What sort of list it is, e.g. `"response"` or `"components"`; empty if that is not said."""
        return str(self.use.get("kind", ""))

    @property
    def tier(self) -> str:
        """`"main"` for signatures that their axis gives, `"extra"` for those that are loaded by id."""
        return str(self.use.get("tier", "main"))

    @property
    def expect(self) -> dict[str, str]:
        """Factor to the direction (up, down or none) that was stated before scoring."""
        return dict(self.use.get("expect", {}))

    @property
    def sha256(self) -> str:
        """Hash of the genes and weights, whatever their order."""
        lines = "".join(f"{g}\t{w!r}\n" for g, w in sorted(self.genes.items()))
        return hashlib.sha256(lines.encode()).hexdigest()

    def write(self, path: str | PathLike[str]) -> None:
        """Write as `.toml`, `.gmt`, `.json`, `.csv` or `.tsv`; see `ms.sig.write`."""
        from marrowsig.sig._files import write

        write(self, path)

    def __or__(self, other: Signature | SignatureSet) -> SignatureSet:
        from marrowsig.sig._set import SignatureSet

        return SignatureSet([self]) | other

    def __len__(self) -> int:
        return len(self.genes)

    def __hash__(self) -> int:
        return hash((self.id, self.sha256))

    def __repr__(self) -> str:
        split = f" ({len(self.up)} up, {len(self.down)} down)" if self.is_signed else ""
        weighted = ", weighted" if self.is_weighted else ""
        return f"<Signature {self.id}: {len(self)} genes{split}{weighted}>"

    def _repr_html_(self) -> str:
        from marrowsig.sig._html import of_signature

        return of_signature(self)


def copied(sig: Signature) -> Signature:
    """Copy a signature with tables of its own, unchecked."""
    copy = object.__new__(Signature)
    for name, value in vars(sig).items():
        flat = isinstance(value, dict) and name not in NESTED
        object.__setattr__(copy, name, value.copy() if flat else _fresh(value))
    return copy


def _fresh(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _fresh(part) for key, part in value.items()}
    return list(value) if isinstance(value, list) else value
