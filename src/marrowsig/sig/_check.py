"""Check signatures and report every problem at once."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marrowsig._errors import SignatureError
from marrowsig._paths import resource
from marrowsig.sig import _facts, _shape, _use
from marrowsig.sig._load import shipped_documents
from marrowsig.sig._set import SignatureSet
from marrowsig.sig._signature import Signature
from marrowsig.sig._toml import loads, to_doc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marrowsig.sig._facts import Problem

NEAR = 0.8


@dataclass(frozen=True)
class Item:
    """One signature to be checked: its label in messages, its content, and whether it is a file."""

    label: str
    doc: dict[str, Any]
    in_file: bool


def check(x: str | PathLike[str] | Signature | SignatureSet | None = None) -> list[str]:
    """Check signatures: shape, symbols, Ensembl ids, weights, source, licence, near-duplicates.

    Parameters
    ----------
    x
        Nothing (all shipped signatures), a `.toml` file, a folder of them, a Signature or a SignatureSet.
        Files must also state licence and citation and be called `<axis>/<name>.toml` like their id.

    Returns
    -------
    list of str
        `file: key: message`, all problems of all signatures; empty if there are none.

    Raises
    ------
    SignatureError
        If `x` is a path where nothing lies or of a file that is no `.toml`, or none of these.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.sig.check(ms.sig.load("il6"))
    []
    >>> ms.sig.check(ms.sig.Signature("emt.mine", axis="emt", genes=["VIM", "FN1"], source="our data"))
    ['emt.mine: genes: only 2 genes; if that is meant, write small = true under [use]']
    """
    from marrowsig._genes import table

    items, found = _items(x)
    cited = _cited(x)
    for item in items:
        problems = _shape.problems(item.doc) + _path_problems(item)
        problems += _facts.gene_problems(item.doc, table())
        problems += _facts.unstated(item.doc) if item.in_file else []
        problems += _facts.source_problems(item.doc, cited, published=item.in_file)
        problems += _use.problems(item.doc, published=item.in_file)
        found += [f"{item.label}: {key}: {message}" for key, message in problems]
    return found + _near_duplicates(items)


def _items(x: object) -> tuple[list[Item], list[str]]:
    if x is None:
        docs = shipped_documents()
        return [Item(f"{id.replace('.', '/')}.toml", doc, in_file=True) for id, doc in docs.items()], []
    if isinstance(x, Signature | SignatureSet):
        sigs = [x] if isinstance(x, Signature) else list(x)
        return [Item(sig.id, _with_title(to_doc(sig)), in_file=False) for sig in sigs], []
    if isinstance(x, str | PathLike):
        return _from_files(Path(x))
    msg = f"check takes a path, a Signature or a SignatureSet, not {type(x).__name__}."
    raise SignatureError(msg)


def _with_title(doc: dict[str, Any]) -> dict[str, Any]:
    return doc | {"title": doc["title"] or doc["id"]}


def _from_files(place: Path) -> tuple[list[Item], list[str]]:
    files = sorted(place.rglob("*.toml")) if place.is_dir() else [place] if place.is_file() else []
    if not files:
        msg = f"No signature file at {str(place)!r}. Give a .toml file, or a folder that holds some."
        raise SignatureError(msg)
    if place.is_file() and place.suffix.lower() != ".toml":
        msg = (
            f"{place.name} is no .toml file, which is what check reads. Read it, and check what was read: "
            f"ms.sig.check(ms.sig.read({place.name!r}))."
        )
        raise SignatureError(msg)
    items, found = [], []
    for file in files:
        label = f"{file.resolve().parent.name}/{file.name}"
        try:
            items.append(Item(label, loads(file.read_text(encoding="utf-8"), label), in_file=True))
        except SignatureError as err:
            found.append(str(err))
        except UnicodeDecodeError as err:
            found.append(f"{label}: encoding: not UTF-8 text: {err}")
    return items, found


def _path_problems(item: Item) -> list[Problem]:
    expected = item.label.removesuffix(".toml").replace("/", ".")
    id = item.doc.get("id")
    if item.in_file and isinstance(id, str) and id != expected:
        return [("id", f"is {id!r}, but folder and file name say {expected!r}")]
    return []


def _cited(x: object) -> set[str]:
    texts = [f for f in (resource("signatures") / "references.bib",) if f.is_file()]
    if isinstance(x, str | PathLike):
        place = Path(x).resolve()
        texts += [f for d in (place, *place.parents[:2]) if (f := d / "references.bib").is_file()]
    return {key for f in texts for key in _facts.bib_keys(f.read_text(encoding="utf-8"))}


def _near_duplicates(items: list[Item]) -> list[str]:
    """Compare the items with one another and with the shipped signatures."""
    mine = {str(item.doc.get("id", item.label)): item for item in items}
    known = {id: _genes(doc) for id, doc in shipped_documents().items()} | {
        k: _genes(i.doc) for k, i in mine.items()
    }
    found = []
    for id, item in mine.items():
        named = _named(item.doc)
        for other, genes in known.items():
            if other != id and other not in named and _jaccard(known[id], genes) > NEAR:
                share = f"{_jaccard(known[id], genes):.2f}"
                found.append(
                    f"{item.label}: use.overlaps: near-duplicate of {other} (Jaccard {share}); name it here"
                )
    return found


def _genes(doc: dict[str, Any]) -> frozenset[str]:
    genes = doc.get("genes", {})
    return frozenset(genes) if isinstance(genes, dict) else frozenset()


def _named(doc: dict[str, Any]) -> Iterable[str]:
    use = doc.get("use", {})
    overlaps = use.get("overlaps", []) if isinstance(use, dict) else []
    return overlaps if isinstance(overlaps, list) else []


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a or b else 0.0
