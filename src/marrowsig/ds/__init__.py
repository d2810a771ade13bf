"""Data: from the archives, and small simulated studies that come with the package."""

from __future__ import annotations

from marrowsig.ds.demo import demo
from marrowsig.ds.demo_stroma import demo_stroma
from marrowsig.ds.geo import geo
from marrowsig.ds.geo_files import geo_files
from marrowsig.ds.load import load
from marrowsig.ds.many import many
from marrowsig.ds.read_cohort import read_cohort
from marrowsig.ds.spreads import spreads
from marrowsig.ds.suggest_design import suggest_design
from marrowsig.ds.table import table
from marrowsig.ds.toy import toy

__all__ = [
    "demo",
    "demo_stroma",
    "geo",
    "geo_files",
    "load",
    "many",
    "read_cohort",
    "spreads",
    "suggest_design",
    "table",
    "toy",
]


def __dir__() -> list[str]:
    return sorted(__all__)
