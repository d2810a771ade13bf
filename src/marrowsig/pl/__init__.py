"""Figures: each draws on one Axes and returns it; none shows itself or changes a setting."""

from __future__ import annotations

from marrowsig.pl.agreement import agreement
from marrowsig.pl.chain import chain
from marrowsig.pl.claims import claims
from marrowsig.pl.contributions import contributions
from marrowsig.pl.coverage import coverage
from marrowsig.pl.embedding import embedding
from marrowsig.pl.expression import expression
from marrowsig.pl.forest import forest
from marrowsig.pl.heatmap import heatmap
from marrowsig.pl.interaction import interaction
from marrowsig.pl.meta import meta
from marrowsig.pl.multiverse import multiverse
from marrowsig.pl.overview import overview
from marrowsig.pl.power import power
from marrowsig.pl.rescue import rescue
from marrowsig.pl.save import save
from marrowsig.pl.scores import scores
from marrowsig.pl.sensitivity import sensitivity
from marrowsig.pl.stroma import stroma
from marrowsig.pl.tipping import tipping

__all__ = [
    "agreement",
    "chain",
    "claims",
    "contributions",
    "coverage",
    "embedding",
    "expression",
    "forest",
    "heatmap",
    "interaction",
    "meta",
    "multiverse",
    "overview",
    "power",
    "rescue",
    "save",
    "scores",
    "sensitivity",
    "stroma",
    "tipping",
]


def __dir__() -> list[str]:
    return sorted(__all__)
