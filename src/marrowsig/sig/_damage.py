"""Symbols that a spreadsheet or an old release has spoilt."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from itertools import product
from typing import TYPE_CHECKING

from marrowsig._errors import GeneWarning, count, first

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from marrowsig.sig._signature import Signature

MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)"
CLONE = re.compile(r"A[CLPF]\d+\.\d+")
DATE = re.compile(
    rf"\d{{1,2}}-{MONTH}|{MONTH}-\d{{1,2}}|\d{{4}}-\d\d-\d\d(?:[ T].*)?|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}",
    re.IGNORECASE,
)
WORDS = frozenset(
    {"protein", "gene", "genes", "symbol", "na", "n/a", "#n/a", "#ref!", "nan", "none", "null", "-"}
)
MISREAD = re.compile(r"[A-Za-z0-9]*(?:\d[OIl]|[OIl]\d|l)[A-Za-z0-9]*|[A-Z0-9]{3,}I")
SWAPPED = {"MCM2": "MCM7", "RPA2": "POLR1B", "BRIP1": "MRPL36"}
ENSEMBL = re.compile(r"ENS[A-Z]*G\d{11}(?:\.\d+)?")


def warn_damage(symbols: Iterable[str], label: str) -> None:
    """Warn of symbols that cannot be what the authors meant; nothing is repaired."""
    listed = list(dict.fromkeys(symbols))
    clones = [s for s in listed if CLONE.fullmatch(s)]
    dates = [s for s in listed if DATE.fullmatch(s)]
    stable = [s for s in listed if ENSEMBL.fullmatch(s)]
    misread = {s: now for s in listed if (now := _misread(s))}
    blanks = [s for s in listed if re.search(r"\s", s) and s not in dates and s not in misread]
    words = [s for s in listed if s.casefold() in WORDS or (len(s) == 1 and s.isalpha())]
    _warn(
        words, label, "are no symbols but words or letters that took the place of one. Correct them by hand"
    )
    meant = [f"{s} (= {now})" for s, now in misread.items()]
    _warn(meant, label, "look like digits misread for letters. Correct them by hand")
    _warn(
        clones,
        label,
        "look like clone names, of genes that had no symbol then; in MSigDB 7.0 they also stand for genes "
        "that have one (AC005840.1 for LTBR). Check them",
    )
    _warn(dates, label, "are dates that a spreadsheet made of symbols (SEPT6, MARCH1). Restore them by hand")
    _warn(
        stable,
        label,
        "are Ensembl ids and will not be found among symbols. Translate them: ms.sig.map_genes(signatures)",
    )
    _warn(blanks, label, "hold blanks. Correct them by hand")


def warn_unknown(lists: Iterable[Signature], label: str) -> None:
    """Warn of names that are no symbol, of today or before, where most of a list are; others have said so.

    Lists of other species, and of names of another kind, are left to the coverage.
    """
    from marrowsig._gene_ids import resolve_each
    from marrowsig._genes import table

    strange: list[str] = []
    for one in lists:
        if one.species != "human":
            continue
        calls = zip(one.genes, resolve_each(one.genes, "symbol", table()), strict=True)
        lost = [gene for gene, call in calls if call.status == "unknown"]
        if 2 * len(lost) < len(one.genes):
            strange += [gene for gene in lost if gene not in one.unmapped and not _told_apart(gene)]
    if names := list(dict.fromkeys(strange)):
        is_no = "gene is no known symbol" if len(names) == 1 else "genes are no known symbols"
        warnings.warn(
            f"{label}: {len(names)} {is_no} (HGNC), and will hardly be found: {first(names)}. "
            "Check the spelling.",
            GeneWarning,
            stacklevel=3,
        )


def _told_apart(gene: str) -> bool:
    """Whether another warning names it."""
    wrong = CLONE.fullmatch(gene) or ENSEMBL.fullmatch(gene) or re.search(r"\s", gene) or _misread(gene)
    return bool(wrong) or gene.casefold() in WORDS or len(gene) == 1


def warn_repeats(listed: Iterable[tuple[str, str]], label: str) -> None:
    """Warn of genes that stand more than once in a list (`listed`: gene and list), which then has fewer."""
    twice = [f"{gene} of {name}" for (gene, name), n in Counter(listed).items() if n > 1]
    if twice:
        stand = count(len(twice), "gene stands", "genes stand")
        it = "counts once" if len(twice) == 1 else "count once each"
        what = f"{label}: {stand} more than once in a list, and {it}: {first(twice)}."
        warnings.warn(what, GeneWarning, stacklevel=5)


def warn_swaps(lists: Mapping[str, Iterable[str]], label: str) -> None:
    """Warn of cell-cycle lists in which an update put other genes in the place of three."""
    swaps = ", ".join(f"{old} by {new}" for old, new in SWAPPED.items())
    for name, symbols in lists.items():
        genes = set(symbols)
        if set(SWAPPED.values()) <= genes and not set(SWAPPED) & genes:
            what = f"replaces {swaps}, which are other genes; use control.tirosh2016_s"
            _warn([name], label, f"is a copy of the S-phase genes that {what}")


def _misread(symbol: str) -> str:
    """Symbol that is meant where one is known only after O, I and l are read as 0 and 1; else empty."""
    if not MISREAD.fullmatch(symbol.replace(" ", "")):
        return ""
    from marrowsig._genes import table

    genes = table()
    if symbol in genes.approved or symbol in genes.previous or symbol in genes.alias:
        return ""
    bare = symbol.replace(" ", "")
    places = [i for i, c in enumerate(bare) if c in "OIl"][:6]
    for turned in product((False, True), repeat=len(places)):
        chosen = dict(zip(places, turned, strict=True))
        guess = "".join({"O": "0"}.get(c, "1") if chosen.get(i) else c for i, c in enumerate(bare))
        if guess != symbol and (guess in genes.approved or guess in genes.previous):
            return guess
    return ""


def _warn(found: list[str], label: str, message: str) -> None:
    if found:
        warnings.warn(f"{label}: {len(found)} entries ({first(found)}) {message}.", GeneWarning, stacklevel=6)
