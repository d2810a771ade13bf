"""Signatures: load the curated ones, fetch those of others, read and write files, check them all."""

from __future__ import annotations

from marrowsig.sig._check import check
from marrowsig.sig._cite import cite
from marrowsig.sig._diff import diff
from marrowsig.sig._evidence import evidence
from marrowsig.sig._export import to_dict, to_gmt, to_net
from marrowsig.sig._fetch import fetch
from marrowsig.sig._files import read, write
from marrowsig.sig._load import load
from marrowsig.sig._map_genes import map_genes
from marrowsig.sig._recipes import recipes
from marrowsig.sig._set import SignatureSet
from marrowsig.sig._set_from import as_set
from marrowsig.sig._signature import Signature
from marrowsig.sig._table import table

__all__ = [
    "Signature",
    "SignatureSet",
    "as_set",
    "check",
    "cite",
    "diff",
    "evidence",
    "fetch",
    "load",
    "map_genes",
    "read",
    "recipes",
    "table",
    "to_dict",
    "to_gmt",
    "to_net",
    "write",
]


def __dir__() -> list[str]:
    return sorted(__all__)
