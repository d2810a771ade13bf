"""EMT, IL-6 and JAK/STAT3 signatures in leukaemia and its marrow niche.

From a table of counts to an answer in five steps:

    import marrowsig as ms

    # 1 read; or ms.ds.geo("GSE..."), or ms.ds.demo() to try it
    adata = ms.io.read("counts.csv", samples="samples.csv")
    # 2 prepare: current gene symbols, log2(CPM + 1)
    ms.pp.map_genes(adata)
    ms.pp.lognorm(adata)
    # 3 score: adata.obsm["score_singscore"]
    ms.tl.score(adata, ms.sig.load("emt", "il6", "stat3"))
    # 4 compare: a DataFrame, of which ms.get.table(res) shows the columns that one reads
    res = ms.tl.compare(adata, ms.Design(culture="culture", line="line", pair="donor"))
    # 5 report
    ms.report("report.html", adata, res)

Menus
    io       read tables, 10x, h5ad, GEO matrices
    ds       public studies, and simulated ones to try things on
    sig      signatures: load, look at, check, write your own
    pp       prepare: gene symbols, normalisation, sums of cells, species
    tl       score, compare, rescue, claims, chain, meta, power, ...
    qc       is it the blasts? stroma, maturation, cell cycle, coverage, random sets
    get      scores and results in a form to read or to plot
    pl       figures
    methods  the scoring methods and what each promises
Also Design, Study, report, methods_text, batch, log. Cells are not replicates: start from ms.pp.pseudobulk or
ms.tl.compare_cells. `ms.log()` tells what every step does. Menus are imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from marrowsig._errors import (
    CoverageWarning,
    DesignError,
    DownloadError,
    GeneWarning,
    InputError,
    InputWarning,
    SignatureError,
    near,
)
from marrowsig._log import log
from marrowsig._version import __version__

if TYPE_CHECKING:
    from marrowsig import ds, get, io, methods, pl, pp, qc, sig, tl
    from marrowsig._batch import batch
    from marrowsig._report import methods_text, report
    from marrowsig._study import Study
    from marrowsig.design import Design

_MENUS = frozenset({"ds", "get", "io", "methods", "pl", "pp", "qc", "sig", "tl"})
_NAMES = {
    "Design": "marrowsig.design",
    "Study": "marrowsig._study",
    "batch": "marrowsig._batch",
    "methods_text": "marrowsig._report",
    "report": "marrowsig._report",
}

__all__ = [
    "CoverageWarning",
    "Design",
    "DesignError",
    "DownloadError",
    "GeneWarning",
    "InputError",
    "InputWarning",
    "SignatureError",
    "Study",
    "__version__",
    "batch",
    "ds",
    "get",
    "io",
    "log",
    "methods",
    "methods_text",
    "pl",
    "pp",
    "qc",
    "report",
    "sig",
    "tl",
]


def __getattr__(name: str) -> Any:
    if name in _MENUS:
        return import_module(f"marrowsig.{name}")
    if name in _NAMES:
        return getattr(import_module(_NAMES[name]), name)
    meant = "" if name.startswith("_") else near(name, __all__)
    msg = f"module 'marrowsig' has no attribute {name!r}.{meant}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
