"""What genes without a read in the cells grown alone are expected to have, where those hold few counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._stats.mixing import MARKER_LEVEL
from marrowsig.qc._stroma_drawn import few_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig.qc._stroma_study import Study

    Array = NDArray[np.float64]


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
    high = np.nan_to_num(study.reference.profile) >= MARKER_LEVEL
    for b, level in enumerate(out):
        rows = study.frame.loc[study.frame["alone"] & (study.frame["base"] == b), "row"].to_numpy()
        if not few_counts(study, rows).any():
            continue
        depth = study.linear.depth[rows]
        seen = np.rint((study.linear.matrix[rows] * depth[:, None] / 1e6).sum(axis=0))
        none = max(int((high & (seen == 0)).sum()), 1)
        level[seen == 0] = (high & (seen == 1)).sum() / none / depth.sum() * 1e6
    return out
