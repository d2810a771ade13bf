"""The rows of the ratio table. Names of methods and their options stand here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sides import RANK_METHODS

SideSpec = tuple[tuple[str, ...], dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Row:
    """Ours (label to methods and options) against one peer.

    kind       which numbers: see `data.expression`
    peer_rows  the peer sees so many rows at most (seconds per row are compared); None: all of them
    max_abs    largest difference that the definitions allow, in units of the largest peer score
    min_corr   smallest correlation over rows, of any set, where the definitions differ (ties, random draws)
    check      also compare on 200 rows of this kind, where the two must agree within `max_abs`
    """

    key: str
    kind: str
    peer: str
    ours: dict[str, SideSpec] = field(default_factory=dict)
    peer_rows: int | None = None
    max_abs: float | None = None
    min_corr: float | None = None
    check: str = ""


def _one(method: str, **options: Any) -> SideSpec:
    return (method,), {method: options} if options else {}


GSVA_MODES = {"gsva parity": _one("gsva", parity=True), "gsva fast": _one("gsva", parity=False)}
TINY = 20  # decoupler.mt.waggr makes two cells per second with 10 sets and its 1000 permutations
FEW = 2_000  # cells for peers that make a few hundred per second
MANY = 20_000  # and for those that turn all cells into dense numbers at once
# Relative to the peer's scores: 1e-10 between double numbers (seen: 2e-13), more where it has single ones.
ROWS = (
    Row("ucell", "counts", "pyucell", {"ucell": _one("ucell")}, max_abs=1e-5),
    Row(
        "aucell", "counts", "decoupler.mt.aucell", {"aucell": _one("aucell")},
        peer_rows=FEW, min_corr=0.5, max_abs=1e-5, check="untied",
    ),
    Row("module", "log", "scanpy.tl.score_genes", {"module": _one("module")}, min_corr=0.8),
    Row("zsample", "log", "decoupler.mt.zscore", {"zsample": _one("zsample")}, peer_rows=MANY, max_abs=1e-10),
    Row("ulm", "log", "decoupler.mt.ulm", {"ulm": _one("ulm")}, peer_rows=MANY, max_abs=1e-10),
    Row("wmean_z", "log", "decoupler.mt.waggr", {"wmean_z": _one("wmean_z")}, peer_rows=TINY, min_corr=0.99),
    Row("ssgsea", "bulk", "gseapy.ssgsea", {"ssgsea": _one("ssgsea", normalize="none")}, max_abs=1e-9),
    Row(
        "gsva", "bulk", "gseapy.gsva",
        GSVA_MODES, max_abs=5e-3,
    ),
    Row("several", "counts", "each alone", {"+".join(RANK_METHODS): (RANK_METHODS, {})}, max_abs=0.0),
)  # fmt: skip

# Methods that read sparse cells row by row; module needs gene means as well.
PER_CELL = ("mean", "wmean_z", "zsample", "ulm", "mlm", "module", "ucell", "aucell", "singscore", "ssgsea")


def kind_for(method: str) -> str:
    """Rank methods are run on counts, the others on log values."""
    import marrowsig as ms

    return "counts" if ms.methods.get(method).needs == "rank" else "log"
