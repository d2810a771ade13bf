"""Prepare a matrix: gene names, log scale, pseudobulk."""

from __future__ import annotations

from marrowsig.pp.lognorm import lognorm
from marrowsig.pp.map_genes import map_genes
from marrowsig.pp.pseudobulk import pseudobulk

__all__ = ["lognorm", "map_genes", "pseudobulk"]
