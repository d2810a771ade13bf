"""What changed between two signatures, or two versions of a set of them."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from marrowsig.sig._files import read
from marrowsig.sig._set_from import as_set

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from marrowsig.sig._set import SignatureSet
    from marrowsig.sig._signature import Signature

    Signatures = SignatureSet | Signature | str | PathLike[str] | Iterable[str | Signature]

COLUMNS = ["signature", "change", "gene", "was", "weight_a", "weight_b"]
NAN = float("nan")


def diff(a: Signatures, b: Signatures, *, axis: str | None = None) -> pd.DataFrame:
    """Compare two signatures, two sets, two files or two folders, gene by gene.

    Parameters
    ----------
    a, b
        Before and after: signatures, ids, axes, sets, or paths of files that `ms.sig.read` reads. Sets are
        matched by id; two single signatures are compared whatever they are called.
    axis
        For `ms.sig.read`, where the lists of a file do not state one.

    Returns
    -------
    DataFrame
        One row per change, none if the genes and weights are the same (then the hashes agree, too):
        `signature`, `change`, `gene`, `was` (the former symbol), `weight_a`, `weight_b` (NaN where there is
        none). `change` is "added", "removed", "sign", "weight", "renamed" (one gene under another symbol:
        same Ensembl id, symbol of the source, or a former symbol in HGNC), "renamed, sign" and "renamed,
        weight"; a whole signature that only one side has is "signature added" or "signature removed".

    Raises
    ------
    SignatureError
        If a name is unknown or a file cannot be read.

    Examples
    --------
    >>> import marrowsig as ms
    >>> old = ms.sig.Signature("il6.mine", axis="il6", genes={"DDX58": 1, "SOCS3": 1, "CCR2": -1})
    >>> new = ms.sig.Signature("il6.mine", axis="il6", genes={"RIGI": 1, "SOCS3": -1, "BCL3": 1})
    >>> ms.sig.diff(old, new)[["change", "gene", "was"]].to_dict("tight")["data"]
    [['removed', 'CCR2', ''], ['added', 'BCL3', ''], ['renamed', 'RIGI', 'DDX58'], ['sign', 'SOCS3', '']]
    """
    import pandas as pd

    one, two = _signatures(a, axis), _signatures(b, axis)
    if len(one) == len(two) == 1:
        rows = _between(next(iter(one)), next(iter(two)))
    else:
        rows = [row for id in dict.fromkeys((*one.ids, *two.ids)) for row in _of_id(id, one, two)]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"weight_a": float, "weight_b": float})


def _signatures(x: Signatures, axis: str | None) -> SignatureSet:
    if isinstance(x, PathLike) or (isinstance(x, str) and Path(x).exists()):
        return read(x, axis=axis)
    return as_set(x)


def _of_id(id: str, one: SignatureSet, two: SignatureSet) -> list[tuple[object, ...]]:
    if id not in two:
        return [(id, "signature removed", "", "", NAN, NAN)]
    if id not in one:
        return [(id, "signature added", "", "", NAN, NAN)]
    return _between(one[id], two[id])


def _between(a: Signature, b: Signature) -> list[tuple[object, ...]]:
    was = _renamed(a, b)
    gone = [g for g in a.genes if g not in b.genes and g not in was.values()]
    new = [g for g in b.genes if g not in a.genes and g not in was]
    rows: list[tuple[object, ...]] = [(b.id, "removed", g, "", a.genes[g], NAN) for g in gone]
    rows += [(b.id, "added", g, "", NAN, b.genes[g]) for g in new]
    for gene, weight in b.genes.items():
        before = was.get(gene, gene)
        if before in a.genes and (change := _change(a.genes[before], weight, renamed=gene in was)):
            rows.append((b.id, change, gene, was.get(gene, ""), a.genes[before], weight))
    return rows


def _change(before: float, after: float, *, renamed: bool) -> str:
    moved = "" if before == after else "sign" if before * after < 0 else "weight"
    return ", ".join(filter(None, ["renamed" if renamed else "", moved]))


def _renamed(a: Signature, b: Signature) -> dict[str, str]:
    """Symbol in `b` to the symbol that the same gene has in `a`; a gene is nobody's twice."""
    from marrowsig._genes import table

    gone = [g for g in a.genes if g not in b.genes]
    new = [g for g in b.genes if g not in a.genes]
    previous = table().previous
    found: dict[str, str] = {}
    for gene in new:
        names = {gene, *b.listed_as.get(gene, gene).split("|")}
        for old in gone:
            same_id = a.ids.get(old, "") != "" and a.ids.get(old) == b.ids.get(gene)
            listed = bool(names & {old, *a.listed_as.get(old, old).split("|")})
            former = previous.get(old) == (gene,) or previous.get(gene) == (old,)
            if (same_id or listed or former) and old not in found.values():
                found[gene] = old
                break
    return found
