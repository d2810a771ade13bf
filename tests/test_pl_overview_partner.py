"""The figure of a study whose stroma has a line, a word for its co-culture and no drug of its own."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pytest
from matplotlib.collections import PathCollection

import marrowsig as ms

if TYPE_CHECKING:
    import matplotlib.pyplot as plt

DESIGN = ms.Design(
    culture="culture", line="line", inhibitor="drug", vehicle="none", pair="pair", compartment="cells"
)


def sorted_cells(own_word: str) -> ad.AnnData:
    """AML with a drug, and MSC of their own line: alone, and in co-culture by their own word."""
    cells, treated, other = ms.ds.toy(), ms.ds.toy(), ms.ds.toy()
    cells.obs["drug"], treated.obs["drug"], other.obs["drug"] = "none", "ruxolitinib", "none"
    cells.obs["cells"], treated.obs["cells"], other.obs["cells"] = "AML", "AML", "MSC"
    own = other[other.obs["line"] == "parental"].copy()
    own.obs["line"] = "MSC"
    own.obs["culture"] = own.obs["culture"].astype(str).replace("co", own_word)
    own.X = own.X * 2 + 7
    adata = ad.concat([cells, treated, own], index_unique="_")
    ms.pp.lognorm(adata)
    ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"], min_coverage=0)
    return adata


def heights(figure: plt.Figure) -> list[float]:
    dots = [c for ax in figure.axes for c in ax.collections if isinstance(c, PathCollection)]
    return sorted(float(y) for c in dots for _, y in c.get_offsets())


@pytest.mark.slow
@pytest.mark.parametrize("own_word", ["with AML", "co"])
def test_a_partner_without_the_lines_and_drugs_of_the_study_is_drawn(own_word: str) -> None:
    adata = sorted_cells(own_word)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that stroma is outside of the lines
        res = ms.tl.compare(adata, DESIGN)
        figure = ms.pl.overview(adata, "emt.hallmark", design=DESIGN, res=res).figure
    of_none = np.zeros(adata.n_obs, dtype=bool)
    drawn = adata.obsm["score_singscore"]["emt.hallmark"][~of_none]
    np.testing.assert_allclose(heights(figure), sorted(drawn), rtol=1e-12)
