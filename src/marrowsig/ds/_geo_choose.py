"""What a supplementary file holds by its name, and which one is taken when none is named."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from marrowsig._errors import InputError, first

if TYPE_CHECKING:
    from marrowsig.ds._geo_listing import Entry

# Best first: what can be counted on, then what can be scored, then what is not known.
RANK = ("counts", "expected_counts", "tpm", "fpkm", "normalised", "table")
_TABLE = re.compile(
    r"\.(txt|tsv|csv|tab|gct|results|counts?|htseq|xls)(\.gz)?$|\.(h5|h5ad)$|\.mtx(\.gz)?$", re.IGNORECASE
)
_OTHER = (
    r"degs?|dge_?results?|de_?results?|diff(erential)?(ly)?|deseq2?_?res\w*|padj|fold_?change|fc|gsea|peaks?|bed|"
    r"meth\w*|clinical|meta_?data|samples?_?(info|sheet|annotation)|anno\w*|pheno(data)?|readme|filelist|"
    r"(barcodes|features|genes)\.tsv|cell_?types?|clusters?|umap|tsne|motifs?|fusions?|variants?|mutations?"
)
_NORM = r"(?<!un)(?<!non)(?<!non[-_])norm(ali[sz]ed)?"
_NORMALISED = "rlog|vst|vsd|log2?(cpm)?|cpm|rma|quantile|scaled"
_COUNTS = "raw|umis?|reads|dge|dem"


def _whole(words: str) -> str:
    return rf"(^|[^a-z])({words})([^a-z]|$)"


_WORDS = {
    "other": _whole(_OTHER),
    "normalised": rf"{_NORM}([^a-z]|$|count|read|expr)|{_whole(_NORMALISED)}",
    "fpkm": "fpkm|rpkm",
    "tpm": "tpm",
    "expected_counts": r"expected|genes\.results|rsem",
    "counts": rf"count|htseq|matrix\.mtx|(feature|gene)_bc_matri|{_whole(_COUNTS)}",
}


def holds(name: str) -> str:
    """Kind of content by the file name: one of `RANK`, "archive", or "other" for what is no matrix."""
    plain = re.sub(r"^GS[EM]\d+_?", "", name)
    if name.lower().endswith(".tar"):
        return "archive"
    if not _TABLE.search(plain):
        return "other"
    text = plain.lower()
    for kind, words in _WORDS.items():
        if re.search(words, text):
            return kind
    return "table"


def as_text(name: str) -> str:
    """Kind of content, of a workbook as if it were a table of text."""
    return holds(name.lower().removesuffix(".xlsx") + ".txt" if name.lower().endswith(".xlsx") else name)


def choose(entries: list[Entry], file: str | None, accession: str) -> list[Entry]:
    """Return the one table of the series, or the tables of its samples inside the archive.

    Of the tables of the series the best by `RANK` is taken if it is the only one of its rank; only if there
    is none, those of the samples in the archive; without these, a workbook.

    Raises
    ------
    InputError
        If there is none, or nothing decides.
    """
    if file is not None:
        return _named(entries, file, accession)
    outer = [e for e in entries if not e.inside and holds(e.name) in RANK]
    inner = [e for e in entries if e.inside and holds(e.name) in RANK]
    if not outer and not inner:
        outer = [e for e in entries if not e.inside and as_text(e.name) in RANK]
    if outer:
        best = min(RANK.index(as_text(e.name)) for e in outer)
        top = [e for e in outer if RANK.index(as_text(e.name)) == best]
        if len(top) == 1:
            return top
        msg = (
            f"{accession} has {len(top)} tables that may hold what you want: {first(e.name for e in top)}. "
            f"Name one: ms.ds.geo({accession!r}, file={top[0].name!r}); "
            f"ms.ds.geo_files({accession!r}) lists all."
        )
        raise InputError(msg)
    if not inner:
        seen = f"Its files: {first(e.name for e in entries)}." if entries else "It has none."
        msg = (
            f"{accession} has no supplementary file that reads as an expression matrix. {seen} "
            "Where one of them is an old workbook (.xls) or an R object, save its matrix as csv and use "
            "ms.io.read."
        )
        raise InputError(msg)
    best = min(RANK.index(holds(e.name)) for e in inner)
    return [e for e in inner if RANK.index(holds(e.name)) == best]


def _named(entries: list[Entry], file: str, accession: str) -> list[Entry]:
    whole = [e for e in entries if e.name == file and holds(e.name) == "archive"]
    if whole:
        return choose([e for e in entries if e.inside], None, accession)
    found = [e for e in entries if e.name == file] or [e for e in entries if fnmatchcase(e.name, file)]
    if not found:
        msg = f"{accession} has no file {file!r}. It has: {first((e.name for e in entries), 10) or 'none'}."
        raise InputError(msg)
    outer = [e for e in found if not e.inside]
    if len(outer) > 1:
        msg = f"{file!r} fits {len(outer)} files of {accession}: {first(e.name for e in outer)}. Name one."
        raise InputError(msg)
    return outer or found
