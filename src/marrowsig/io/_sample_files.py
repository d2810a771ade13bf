"""A folder with one file of counts for each sample, joined to one matrix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError, count, first
from marrowsig.io._found import GENES_BY_SAMPLES, Found, assemble, frame
from marrowsig.io._one_sample import SHAPES, One, read_one
from marrowsig.io._star_strand import settle_strand

if TYPE_CHECKING:
    from pathlib import Path

_ENDINGS = re.compile(
    r"[._-]*(ReadsPerGene\.out\.tab|genes\.results|(htseq|featurecounts|gene|read|raw)?[._-]?counts?|htseq)?"
    r"([._-]?(txt|tsv|tab|csv))?(\.gz)?$",
    re.IGNORECASE,
)


def sample_files(folder: Path) -> list[Path]:
    """Files of the first of `SHAPES` that the folder, or the folders in it, hold; empty where none does."""
    every = sorted(p for p in (*folder.glob("*"), *folder.glob("*/*")) if p.is_file() and p.name[0] != ".")
    for pattern in SHAPES:
        chosen = [p for p in every if pattern.search(p.name)]
        if chosen:
            return chosen
    return []


def read_sample_files(folder: Path, files: list[Path], *, kind: str | None) -> Found:
    """Join files of one sample each; named after the file, or after its folder.

    Raises
    ------
    InputError
        If a file holds no or several samples, names repeat, programs are mixed, or genes differ.
    """
    parts = {path: read_one(path, kind=kind) for path in files}
    one = next(iter(parts.values()))
    mixed = {part.program for part in parts.values()}
    if len(mixed) > 1:
        msg = f"{folder.name} holds files of {first(sorted(mixed))}. Give a folder with those of one program."
        raise InputError(msg)
    names = _names(files)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = (
            f"{folder.name}: {count(len(twice), 'sample has', 'samples have')} several files: {first(twice)}."
            " Keep one file a sample."
        )
        raise InputError(msg)
    _same_genes(parts, folder)
    notes = [f"{count(len(files), 'file')} of {one.program}, one a sample"]
    columns = settle_strand(parts, notes)
    values = np.vstack([columns[path] for path in files])
    found = assemble(values, frame(names), frame(one.genes))
    return Found(found, f"folder of {one.program} files", GENES_BY_SAMPLES, one.kind, decisions=notes)


def _names(files: list[Path]) -> list[str]:
    """Names without what the counting program added; those of the folders where all files have one name."""
    names = [_ENDINGS.sub("", path.name) for path in files]
    return names if len(set(names)) > 1 or len(files) == 1 else [path.parent.name for path in files]


def _same_genes(parts: dict[Path, One], folder: Path) -> None:
    genes = next(iter(parts.values())).genes
    other = [path.name for path, part in parts.items() if part.genes != genes]
    if other:
        msg = (
            f"{folder.name}: the files do not list the same genes in the same order; unlike "
            f"{next(iter(parts)).name}: {first(other)}. Count all samples with one annotation."
        )
        raise InputError(msg)
