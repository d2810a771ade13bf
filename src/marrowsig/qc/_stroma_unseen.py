"""What genes without a read in the cells grown alone are expected to have, where those hold few counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._stats.mixing import MARKER_LEVEL
from marrowsig.qc._stroma_drawn import DEEP, few_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig.qc._stroma_study import Study

    Array = NDArray[np.float64]

TOGETHER = ", found on all strata together, since each has too few counts to tell which genes its cells lack"


def background(study: Study) -> Array:
    """Levels (n_bases, n_genes) of the cells alone, in which genes of shallow rows are not silent for sure.

    Genes high in stroma of which no read was seen are given the mean that Robbins' formula gives them: genes
    seen once over genes not seen, per read. As zeros, those that blasts do express would pass for markers,
    and their reads in the co-cultures for stroma.

    Source: Robbins, Proceedings of the Third Berkeley Symposium 1956, 1:157-163
    """
    out = study.bases.copy()
    if study.reference is None:
        return out
    for b, level in enumerate(out):
        rows = study.frame.loc[study.frame["alone"] & (study.frame["base"] == b), "row"].to_numpy()
        if few_counts(study, rows).any():
            _put_in(level, study, rows)
    return out


def across_strata(study: Study) -> Array | None:
    """Levels (n_lines, n_genes) of the cells alone, all strata of a line together; None where rows are deep.

    A stratum of few counts cannot show of most genes that it lacks them; all strata together may.
    """
    alone = study.frame[study.frame["alone"]]
    if study.reference is None or alone["stratum"].nunique() < 2:
        return None
    if not few_counts(study, alone["row"].to_numpy()).any():
        return None
    out = []
    for _, own in alone.groupby("line", sort=True):
        rows = own["row"].to_numpy()
        depth = study.linear.depth[rows]
        level = np.average(study.linear.matrix[rows], axis=0, weights=depth)
        if depth.sum() < DEEP * level.size:
            _put_in(level, study, rows)
        out.append(level)
    return np.array(out)


def in_strata(study: Study, together: Array) -> Array:
    """Levels (n_bases, n_genes) of each stratum; of genes that no stratum has, what `across_strata` gives."""
    out = study.bases.copy()
    alone = study.frame[study.frame["alone"]]
    for level, (_, own) in zip(together, alone.groupby("line", sort=True), strict=True):
        of = sorted(own["base"].unique())
        silent = ~(study.bases[of] > 0).any(axis=0)
        out[np.ix_(of, silent)] = level[silent]
    return out


def _put_in(level: Array, study: Study, rows: NDArray[np.int64]) -> None:
    """Give genes of which these rows have no read the level that Robbins' formula gives them."""
    high = np.nan_to_num(study.reference.profile if study.reference else level) >= MARKER_LEVEL
    depth = study.linear.depth[rows]
    seen = np.rint((study.linear.matrix[rows] * depth[:, None] / 1e6).sum(axis=0))
    none = max(int((high & (seen == 0)).sum()), 1)
    level[seen == 0] = (high & (seen == 1)).sum() / none / depth.sum() * 1e6
