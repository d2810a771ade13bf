"""Figures: each draws on one Axes and returns it; none shows, saves or changes a setting."""

from __future__ import annotations

from marrowsig.pl.chain import chain
from marrowsig.pl.claims import claims
from marrowsig.pl.coverage import coverage
from marrowsig.pl.forest import forest
from marrowsig.pl.heatmap import heatmap
from marrowsig.pl.interaction import interaction
from marrowsig.pl.meta import meta
from marrowsig.pl.multiverse import multiverse
from marrowsig.pl.power import power
from marrowsig.pl.rescue import rescue
from marrowsig.pl.scores import scores
from marrowsig.pl.sensitivity import sensitivity
from marrowsig.pl.stroma import stroma

__all__ = [
    "chain",
    "claims",
    "coverage",
    "forest",
    "heatmap",
    "interaction",
    "meta",
    "multiverse",
    "power",
    "rescue",
    "scores",
    "sensitivity",
    "stroma",
]
