"""The signatures that come with the package."""

from __future__ import annotations

import re
import warnings
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputWarning, SignatureError, first
from marrowsig._paths import resource
from marrowsig.sig._set import SignatureSet
from marrowsig.sig._signature import copied
from marrowsig.sig._toml import from_doc, loads
from marrowsig.sig._words import AXES, OTHER, SHIPPED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marrowsig.sig._signature import Signature

LONG = 8  # letters of a name that is looked for in the sources


def load(*names: str | Iterable[str], extra: bool = False) -> SignatureSet:
    """Load curated signatures.

    Parameters
    ----------
    *names
        Ids (`"il6.hallmark"`) and axes (`"emt"`), or lists of them. Nothing loads all axes.
    extra
        An axis gives its main signatures only; with this, those of tier `"extra"` as well: pathway
        components, answers of stroma, lists without signs, from bulk tumours or from a single copy. An id
        always loads.

    Returns
    -------
    SignatureSet
        In the order asked for; within an axis by name. An axis leaves out retired signatures.

    Raises
    ------
    SignatureError
        If a name is neither an id nor an axis. Of genes, the message says how to make them a signature.

    Warns
    -----
    InputWarning
        If a retired signature is asked for by its id.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.sig.load("il6.hallmark", "stat3.dauer2005")
    <SignatureSet of 2: il6.hallmark, stat3.dauer2005>
    >>> {sig.axis for sig in ms.sig.load("emt")}
    {'emt'}
    >>> len(ms.sig.load("emt")) < len(ms.sig.load("emt", extra=True))
    True
    """
    listed = (
        [id for name in names for id in ([name] if isinstance(name, str) else name)] if names else SHIPPED
    )
    refuse_genes(listed)
    return SignatureSet(sig for name in listed for sig in _named(name, extra=extra))


def refuse_genes(names: Iterable[object]) -> None:
    """Say how genes are made a signature, where names are those of genes."""
    unknown = [name for name in names if isinstance(name, str) and name not in AXES and name not in _files()]
    if not unknown:
        return
    from marrowsig._genes import table

    known = table()
    kinds = (known.approved, known.ensembl, known.previous, known.alias, known.mouse)
    genes = [name for name in unknown if any(name in kind for kind in kinds)]
    if any(name.lower() not in AXES for name in genes):  # "STAT3" alone is the axis, written as the gene
        is_are = "is a gene, no signature" if len(genes) == 1 else "are genes, no signatures"
        listed = ", ".join(map(repr, genes[:5])) + (", ..." if len(genes) > 5 else "")
        msg = (
            f"{first(genes)} {is_are}. Make one of them, called after the axis that it belongs to "
            f"({', '.join(AXES)}): ms.sig.Signature('other.mine', genes=[{listed}])."
        )
        raise SignatureError(msg)


def everything() -> SignatureSet:
    """Load every shipped signature, whatever its status."""
    return SignatureSet(_one(id) for id in _files())


def of_ids(ids: Iterable[str]) -> dict[str, Signature]:
    """Load those of some ids that are shipped, whatever their status."""
    return {id: _one(id) for id in dict.fromkeys(ids) if id in _files()}


@cache
def hash_of(id: str) -> str:
    """SHA-256 of the genes and weights of a shipped signature; empty where none has this id."""
    return _one(id).sha256 if id in _files() else ""


def shipped_documents() -> dict[str, dict[str, Any]]:
    """Parse the files of all shipped signatures, by id."""
    return {id: _document(id) for id in _files()}


def _named(name: str, *, extra: bool) -> list[Signature]:
    if name == OTHER:
        msg = (
            "No signature that comes with marrowsig is on the axis 'other', which is for lists of your own. "
            "Make one: ms.sig.Signature('other.mine', genes=[...]), or read a file: ms.sig.read(path)."
        )
        raise SignatureError(msg)
    if name in AXES:
        listed = [id for id in _files() if id.startswith(f"{name}.") and (extra or _is_main(id))]
        return [sig for sig in map(_one, listed) if sig.status != "retired"]
    if name not in _files():
        _refuse_file(name)
        _refuse_recipe(name)
        _refuse_msigdb(name)
        known = [*SHIPPED, *_files()]
        near = get_close_matches(str(name).lower(), known, n=3, cutoff=0.5)
        near += [k for k in known if str(name).lower() in k and k not in near][:3]
        hint = f"Did you mean {', '.join(near)}?" if near else f"Axes are {', '.join(SHIPPED)}."
        msg = f"Unknown signature {name!r}. {hint} ms.sig.table() lists all {len(_files())}."
        raise SignatureError(msg)
    sig = _one(name)
    if sig.status == "retired":
        why = sig.use.get("note", "see its file")
        warnings.warn(f"{name} is retired: {why}.", InputWarning, stacklevel=5)
    return [sig]


def _refuse_file(name: str) -> None:
    if str(name).lower().endswith((".gmt", ".toml", ".json", ".csv", ".tsv", ".xlsx")):
        msg = f"{name!r} is the name of a file, not of a signature. Read it first: ms.sig.read({name!r})."
        raise SignatureError(msg)


def _refuse_recipe(name: str) -> None:
    from marrowsig.sig._recipes import known

    for recipe in known().values():
        if name in (recipe.name, recipe.id):
            msg = f"{recipe.said}, so {name} may not be shipped. Type ms.sig.fetch({recipe.name!r})."
            raise SignatureError(msg)


def _refuse_msigdb(name: str) -> None:
    """Name the signature that a set of MSigDB is called here."""
    asked = re.sub(r"\W+", "_", str(name).upper()).removesuffix("_UP").removesuffix("_DN")
    for id in _files():
        if "_" in asked and len(asked) > LONG and re.search(rf"\b{asked}(?:_UP|_DN)?\b", _head(id).upper()):
            msg = f"{name!r} is called {id!r} here: {_one(id).title}."
            raise SignatureError(msg)


@cache
def _files() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for axis in SHIPPED:
        folder = resource("signatures") / axis
        files = [f for f in folder.iterdir() if f.name.endswith(".toml")] if folder.is_dir() else []
        found |= {f"{axis}.{f.name.removesuffix('.toml')}": f for f in sorted(files, key=lambda f: f.name)}
    return found


@cache
def _document(id: str) -> dict[str, Any]:
    return loads(_files()[id].read_text(encoding="utf-8"), f"{id.replace('.', '/')}.toml")


@cache
def _is_main(id: str) -> bool:
    # Only the head is parsed: the lists of the other tier are long, and mostly not asked for.
    return str(loads(_head(id), id).get("use", {}).get("tier", "main")) == "main"


@cache
def _head(id: str) -> str:
    return str(_files()[id].read_text(encoding="utf-8").partition("\n[genes]")[0])


@cache
def _kept(id: str) -> Signature:
    return from_doc(_document(id), f"{id.replace('.', '/')}.toml")


def _one(id: str) -> Signature:
    # Checked once; its tables are the caller's own, so that nobody changes what the next one gets.
    return copied(_kept(id))
