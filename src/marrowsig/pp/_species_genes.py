"""Which species each gene of a combined reference is of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError, first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._genes import GeneTable

HUMAN_GENOMES, MOUSE_GENOMES = r"GRCh3[78]|hg18|hg19|hg38", r"GRCm3[89]|mm9|mm10|mm39"
# Cell Ranger writes GRCh38_IL6 and mm10___Il6, Seurat GRCh38-IL6 and mm10---Il6.
_PREFIX = re.compile(rf"(?:(?P<human>{HUMAN_GENOMES})|(?:{MOUSE_GENOMES}))[_-]+(?=.)")
_HUMAN_ID, _MOUSE_ID = re.compile(r"ENSGR?\d+"), re.compile(r"ENSMUSG\d+")
_READING_FRAME = re.compile(r"C(?:\d+|X|Y)orf\d+")
_IDS = ("gene_ids", "gene_id", "ensembl_id", "ensembl")
_SOME = 0.05  # below this share of both, a few spike-ins or odd names make no combined reference


def combined(names: Sequence[str]) -> str:
    """How the names show two species, or ""."""
    prefixed = [m for n in names if (m := _PREFIX.match(n))]
    if len(prefixed) > len(names) / 2:
        return "with prefixes of genomes"
    ids = [sum(bool(p.match(n)) for n in names) for p in (_HUMAN_ID, _MOUSE_ID)]
    return "Ensembl ids of human and mouse" if min(ids) > _SOME * len(names) else ""


def assign(
    adata: AnnData, *, human: str | None, mouse: str | None, case: bool, table: GeneTable
) -> tuple[NDArray[np.str_], list[str], str]:
    """Species of each gene ("human", "mouse" or ""), its name without prefix, and by what it was told.

    Raises
    ------
    InputError
        If nothing tells, or not both species are there.
    """
    names = [str(n) for n in adata.var_names]
    tries = [
        ("names given", _given(adata, names, human, mouse)),
        ("column 'genome' of var", _by_genome(adata) if human is None and mouse is None else None),
        ("prefixes of var_names", [_by_prefix(n) for n in names]),
        ("Ensembl ids", _by_id(adata, names)),
        ("upper and lower case of symbols", [_by_case(n, table) for n in names] if case else None),
    ]
    for how, found in tries:
        if found and {"human", "mouse"} <= set(found):
            prefixes = tuple(p for p in (human, mouse) if p) if how == "names given" else ()
            return np.array(found), [_plain(n, prefixes) for n in names], how
    there = sorted(set(adata.var["genome"].astype(str))) if "genome" in adata.var else []
    genomes = f" Genomes in var: {first(there)}." if there else ""
    msg = (
        f"Nothing tells which of the {len(names)} genes are of human and which of mouse: {first(names)}."
        f"{genomes} Give their prefixes, or their genomes in var['genome'], as human= and mouse=; or "
        "case=True, if symbols in capitals are human and all others mouse."
    )
    raise InputError(msg)


def _given(adata: AnnData, names: list[str], human: str | None, mouse: str | None) -> list[str] | None:
    if human is None and mouse is None:
        return None
    if human is None or mouse is None or human == mouse:
        msg = f"human={human!r} and mouse={mouse!r}: give both, two prefixes or two genomes."
        raise InputError(msg)
    if "genome" in adata.var and {human, mouse} <= set(adata.var["genome"].astype(str)):
        return [{human: "human", mouse: "mouse"}.get(g, "") for g in adata.var["genome"].astype(str)]
    found = ["human" if n.startswith(human) else "mouse" if n.startswith(mouse) else "" for n in names]
    if not {"human", "mouse"} <= set(found):
        msg = (
            f"{found.count('human')} genes begin with human={human!r} and {found.count('mouse')} with "
            f"mouse={mouse!r}: {first(names)}."
        )
        raise InputError(msg)
    return found


def _by_genome(adata: AnnData) -> list[str] | None:
    if "genome" not in adata.var:
        return None
    genomes = adata.var["genome"].astype(str)
    if {_of_genome(g) for g in genomes.unique()} != {"human", "mouse"}:
        return None  # one that nobody knows is not left out silently
    return [_of_genome(g) for g in genomes]


def _of_genome(name: str) -> str:
    for species, words in (("human", HUMAN_GENOMES), ("mouse", MOUSE_GENOMES)):
        if re.match(rf"(?:{words})(?![0-9])", name):
            return species
    return ""


def _by_prefix(name: str) -> str:
    found = _PREFIX.match(name)
    return "" if found is None else "human" if found["human"] else "mouse"


def _by_id(adata: AnnData, names: list[str]) -> list[str] | None:
    columns = [names, *([str(v) for v in adata.var[c]] for c in _IDS if c in adata.var)]
    for column in columns:
        found = ["human" if _HUMAN_ID.match(n) else "mouse" if _MOUSE_ID.match(n) else "" for n in column]
        if {"human", "mouse"} <= set(found):
            return found
    return None


def _by_case(name: str, table: GeneTable) -> str:
    if name in table.approved and name in table.mouse:
        return ""  # C3 is the name in both
    if _READING_FRAME.match(name) or name == name.upper():
        return "human"
    return "mouse"


def _plain(name: str, prefixes: tuple[str, ...]) -> str:
    for prefix in prefixes:
        if name.startswith(prefix):
            return name.removeprefix(prefix).lstrip("_-") or name
    return _PREFIX.sub("", name, count=1)
