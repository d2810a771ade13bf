"""Genes that carry-over could move: dropped by their levels or, without a reference, by evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._stats import mixing
from marrowsig._stats.mixing import moved
from marrowsig.sig import evidence, load
from marrowsig.sig._evidence import PRONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig.qc._stroma_shares import Found
    from marrowsig.qc._stroma_study import Study
    from marrowsig.sig import SignatureSet

    Array = NDArray[np.float64]

ASSUMED = 0.01
SILENT = 10.0  # per million; stroma at a hundred moves such genes by a tenth when 1 % of the RNA is its
COLUMNS = ("gene", "stratum", "alone", "stroma", "moved", "why", "signatures")
LEVELS = ("gene", "stratum", "line", "alone", "stroma")


@dataclass(frozen=True)
class Filter:
    """One list for all samples of a stratum.

    share   the share that the filter reckons with, the upper limit
    dropped (n_genes,) genes that it could move by more than log2 1.1
    """

    share: float
    dropped: NDArray[np.bool_]
    why: list[str]


def filter_of(study: Study, found: Found | None, stratum: str) -> Filter:
    """Make the list of one stratum."""
    own = study.frame[study.frame["stratum"] == stratum]
    bases = study.bases[sorted(own["base"].unique())]
    if found is None or study.reference is None or np.isnan(found.upper[stratum]):
        return _by_evidence(study.linear.names, bases)
    share = found.upper[stratum]
    dropped = mixing.movable(bases, study.reference.high, share)
    known = np.isfinite(study.reference.high)
    why = np.where(known, "could be moved", "level in stroma not known")
    return Filter(share, dropped, [str(w) for w in why])


def _by_evidence(names: list[str], bases: Array) -> Filter:
    known = evidence(names)
    prone = known["class"].isin(PRONE).to_numpy()
    stromal = known[["hay_stroma", "core_matrisome", "estimate_stromal", "blood_absent_stroma"]].any(axis=1)
    fibroblast = set(load("control.mcpcounter_fibroblasts").genes)
    listed = stromal.to_numpy() | np.array([gene in fibroblast for gene in names])
    silent = (bases < SILENT).any(axis=0)
    why = np.where(
        prone, "silent in blood", np.where(listed, "stroma or matrix gene", "hardly expressed alone")
    )
    return Filter(ASSUMED, prone | listed | silent, [str(w) for w in why])


def as_frame(study: Study, sigs: SignatureSet, filters: dict[str, Filter]) -> pd.DataFrame:
    """All genes that were dropped, in the order of the matrix; levels per million, change in log2 units."""
    names = np.array(study.linear.names, dtype=object)
    listed: dict[str, list[str]] = {}
    for sig in sigs:
        for gene in sig.genes:
            listed.setdefault(gene, []).append(sig.id)
    parts = []
    for stratum, chosen in filters.items():
        own = study.frame[study.frame["stratum"] == stratum]
        bases = study.bases[sorted(own["base"].unique())]
        level = np.full(len(names), np.nan) if study.reference is None else study.reference.high
        at = np.flatnonzero(chosen.dropped)
        columns = {
            "gene": names[at],
            "stratum": stratum,
            "alone": bases[:, at].min(axis=0),
            "stroma": level[at],
            "moved": np.abs(moved(bases, level, chosen.share)).max(axis=0)[at],
            "why": [chosen.why[j] for j in at],
            "signatures": [", ".join(listed.get(gene, ())) for gene in names[at]],
        }
        parts.append(pd.DataFrame(columns, columns=list(COLUMNS)))
    return pd.concat(parts, ignore_index=True)


def levels_of(study: Study, sigs: SignatureSet) -> pd.DataFrame:
    """Levels per million of every gene of the signatures, dropped or not, one row per stratum and line."""
    wanted = {gene for sig in sigs for gene in sig.genes}
    at = [i for i, name in enumerate(study.linear.names) if name in wanted]
    high = None if study.reference is None else study.reference.high[at]
    parts = []
    for base, key in enumerate(study.base_names):
        stratum, _, line = key.partition("|")
        columns = {
            "gene": [study.linear.names[i] for i in at],
            "stratum": stratum,
            "line": line,
            "alone": study.bases[base, at],
            "stroma": np.nan if high is None else high,
        }
        parts.append(pd.DataFrame(columns, columns=list(LEVELS)))
    return pd.concat(parts, ignore_index=True)


def movable(dropped: pd.DataFrame) -> NDArray[np.str_]:
    """Names of the genes that were dropped in any stratum."""
    return np.array(sorted(set(dropped["gene"])), dtype=str)
