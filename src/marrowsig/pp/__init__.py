"""Prepare a matrix: gene names, expressed genes, log scale, pseudobulk, species."""

from __future__ import annotations

from marrowsig.pp.expressed import expressed
from marrowsig.pp.lognorm import lognorm
from marrowsig.pp.map_genes import map_genes
from marrowsig.pp.pseudobulk import pseudobulk
from marrowsig.pp.split_species import split_species
from marrowsig.pp.thin import thin

__all__ = ["expressed", "lognorm", "map_genes", "pseudobulk", "split_species", "thin"]


def __dir__() -> list[str]:
    return sorted(__all__)
