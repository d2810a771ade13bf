"""BibTeX for what an analysis used."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError, SignatureError, first, near
from marrowsig._paths import resource
from marrowsig._provenance import no_scores, recall
from marrowsig._version import __version__
from marrowsig.sig._load import everything
from marrowsig.sig._set_from import as_set

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from anndata import AnnData

    from marrowsig.sig._set import SignatureSet
    from marrowsig.sig._signature import Signature

OURS = "marrowsig"
QUESTION = "Lu2023"
TESTS = {
    "adhoc": "Roever2015",
    "bh": "BenjaminiHochberg1995",
    "camera": "WuSmyth2012",
    "dl": "DerSimonianLaird1986",
    "fieller": "Fieller1954",
    "hedges": "Hedges1981",
    "holm": "Holm1979",
    "knha": "HartungKnapp2001",
    "limma": "Smyth2004",
    "maxt": "Langsrud2005",
    "multiverse": "Steegen2016",
    "permutation": "FreedmanLane1983",
    "pm": "PauleMandel1982",
    "prediction": "Higgins2009",
    "q_profile": "Viechtbauer2007",
    "roast": "Wu2010",
    "specification_curve": "Simonsohn2020",
    "tmm": "RobinsonOshlack2010",
    "tost": "Schuirmann1987",
    "voom": "Law2014",
}
"""Names that `tests` takes, and the papers behind them."""
ENTRY = re.compile(r"^@\w+\{([^,\s]+),\n.*?^\}\n", flags=re.DOTALL | re.MULTILINE)
KEYWORDS = re.compile(r"^ *keywords = \{([^}]+)\},\n", flags=re.MULTILINE)


def cite(
    x: AnnData | SignatureSet | Signature | str | Iterable[str | Signature],
    path: str | PathLike[str] | None = None,
    *,
    tests: str | Iterable[str] = (),
    question: bool = False,
) -> str:
    """Export BibTeX for the signatures and methods that an analysis used, and for marrowsig.

    Parameters
    ----------
    x
        An AnnData after `ms.tl.score`: its signatures, and the methods that scored them. Or signatures, ids,
        axes: those alone.
    path
        File to write the text to as well.
    tests
        Statistics to cite too, by name: "bh" and "holm" (adjusted p), "hedges" (effect sizes), "permutation",
        "maxt", "limma" (moderated t), "voom", "tmm", "roast", "camera", "fieller" and "tost" (rescue),
        "multiverse", "specification_curve"; "pm", "dl", "knha", "adhoc", "q_profile" and "prediction" (of
        `ms.tl.meta`). `ms.methods_text` and `ms.report` find out by themselves which were used, and bring
        their papers.
    question
        Cite Lu et al. 2023 too, whose question the package was made for: EMT and chemoresistance that stroma
        induces through IL-6 and STAT3.

    Returns
    -------
    str
        One entry per paper, sorted by key. A derived signature brings the papers of the lists and the data
        that it was made from. What has no entry (a signature or a method of your own) stands at the end in
        comments that say what is known of it.

    Raises
    ------
    SignatureError
        If a name is unknown, or the AnnData holds no scores.
    InputError
        If `tests` has a name that is none.

    Examples
    --------
    >>> import marrowsig as ms
    >>> text = ms.sig.cite("stat3.dauer2005")
    >>> [line for line in text.splitlines() if line.startswith("@")]
    ['@article{Dauer2005,', '@software{marrowsig,']
    >>> text = ms.sig.cite("stat3.dauer2005", tests=["holm", "roast"])
    >>> [line for line in text.splitlines() if line.startswith("@")][1:]
    ['@article{Holm1979,', '@software{marrowsig,', '@article{Wu2010,']
    """
    keys, notes = used(x)
    text = bibtex(keys | {*_of_tests(tests), *([QUESTION] if question else [])}, notes)
    if path is not None:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    return text


def used(x: Any) -> tuple[set[str], list[str]]:
    """Keys of the papers of signatures and methods, marrowsig's too; and what is known of the others."""
    shipped = everything()
    sigs, methods, notes = _used(x, shipped)
    keys = {OURS}
    for sig in sigs:
        found = of_signature(sig, shipped)
        keys |= found
        if not found:
            notes.append(f"{sig.id}: {_source(sig)}")
    papers = of_methods()
    keys |= {papers[name] for name in methods if name in papers}
    notes += [
        f"method {name}: not one of marrowsig; cite its source" for name in methods if name not in papers
    ]
    return keys, notes


def bibtex(keys: Iterable[str], notes: Iterable[str] = ()) -> str:
    """Entries of these keys, sorted, and `notes` as comments below them."""
    text = "\n".join(_entry(key) for key in sorted(set(keys), key=str.lower))
    told = "".join(f"\n% {note}" for note in notes)
    return text + told + ("\n" if told else "")


def of_methods() -> dict[str, str]:
    """Key of the paper of every scoring method that has one."""
    return {name: key for key, text in entries().items() for name in _keywords(text)}


def _of_tests(tests: str | Iterable[str]) -> list[str]:
    asked = [tests] if isinstance(tests, str) else list(tests)
    for name in asked:
        if name not in TESTS:
            msg = f"tests has {name!r}. Use {', '.join(TESTS)}.{near(name, TESTS)}"
            raise InputError(msg)
    return [TESTS[name] for name in asked]


@cache
def entries() -> dict[str, str]:
    """Entries of references.bib by key; their keywords name the scoring methods that they describe."""
    text = (resource("signatures") / "references.bib").read_text(encoding="utf-8")
    return {found[1]: found[0] for found in ENTRY.finditer(text)}


def _keywords(text: str) -> list[str]:
    found = KEYWORDS.search(text)
    return found[1].split(", ") if found else []


def _entry(key: str) -> str:
    """Entry as it is printed: without our keywords, marrowsig's own with the version that runs."""
    text = KEYWORDS.sub("", entries()[key])
    return text.replace("\n}\n", f"\n  version = {{{__version__}}},\n}}\n") if key == OURS else text


def _used(x: Any, shipped: SignatureSet) -> tuple[list[Signature], list[str], list[str]]:
    if not hasattr(x, "uns"):
        return list(as_set(x)), [], []
    scores = recall(x, "scores", {})
    if not scores:
        raise SignatureError(no_scores(x, otherwise=", or give ids"))
    notes = []
    hashes = {
        id: sha for entry in scores.values() for id, sha in entry["signatures"][["id", "sha256"]].to_numpy()
    }
    for id, sha in hashes.items():
        if id not in shipped:
            notes.append(f"{id}: not a signature of the catalogue; cite its source")
        elif shipped[id].sha256 != sha:
            notes.append(
                f"{id}: its genes differ from those of the catalogue; name the version that you used"
            )
    return [shipped[id] for id in hashes if id in shipped], list(scores), notes


def of_signature(sig: Signature, shipped: SignatureSet) -> set[str]:
    """Keys of a signature, and of those that it was derived from."""
    own = {str(sig.source["cite"])} if sig.source.get("cite") else set()
    own |= set(sig.source.get("also_cite", ()))
    parents = [shipped[id] for id in sig.source.get("derived_from", ()) if id in shipped]
    found = own.union(*(of_signature(parent, shipped) for parent in parents))
    lost = sorted(found - entries().keys())
    if lost:
        msg = f"{sig.id}: references.bib has no entry for {first(lost)}. Add it, or mend `cite` in the file."
        raise SignatureError(msg)
    return found


def of_lists(sig: Signature, shipped: SignatureSet) -> set[str]:
    """Keys of the papers of the lists that a signature was derived from, without those of other data."""
    parents = [shipped[id] for id in sig.source.get("derived_from", ()) if id in shipped]
    return set().union(*(of_signature(parent, shipped) for parent in parents)) - {OURS}


def _source(sig: Signature) -> str:
    said = [f"doi:{sig.source['doi']}"] if sig.source.get("doi") else []
    said += [str(sig.source["where"])] if sig.source.get("where") else []
    return "; ".join(said) or "no source given"
