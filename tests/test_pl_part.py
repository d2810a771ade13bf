"""Scores of stroma that is drawn without the other cells of its study."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig.pl._part import stroma_alone

DESIGN = ms.Design(culture="culture", line="line", pair="pair", inhibitor="drug", compartment="cells")


@pytest.fixture
def stroma():
    rows = [(c, of, d) for c, of in (("mono", None), ("co", "parental")) for d in ("d1", "d2", "d3")]
    obs = pd.DataFrame(rows, columns=["culture", "line", "pair"]).assign(drug="none", cells="MSC")
    genes = ms.sig.load("emt.hallmark").genes  # which all rise: the mean of equal values is their value
    values = np.outer([1.0, 2, 3, 5, 7, 9], np.ones(len(genes)))
    adata = ad.AnnData(values, obs.set_index(obs.index.astype(str)), pd.DataFrame(index=[*genes]))
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    ms.tl.score(adata, ["emt.hallmark"], method="mean")
    return adata


@pytest.mark.parametrize("word", [None, "none", "MSC alone"])
def test_stroma_of_no_line_and_no_drug_is_drawn_by_itself(stroma, word) -> None:
    stroma.obs["line"] = stroma.obs["line"].fillna(word) if word else stroma.obs["line"]
    before = stroma.obs.copy()
    ax = ms.pl.scores(stroma, "emt.hallmark", design=DESIGN, method="mean")
    drawn = [own for own in ax.collections if own.get_label() in ("mono", "parental:co")]
    points = [np.asarray(own.get_offsets())[:, 1].tolist() for own in drawn]
    np.testing.assert_allclose(sorted(map(sorted, points)), [[1, 2, 3], [5, 7, 9]])
    pd.testing.assert_frame_equal(stroma.obs, before)


def test_rows_that_are_no_stroma_by_itself_are_checked_as_before(stroma) -> None:
    assert stroma_alone(stroma, DESIGN)[1]
    leukaemia = stroma.copy()
    leukaemia.obs["line"] = "parental"  # grown alone, too: a level of the line is missing
    unknown = stroma.copy()
    unknown.obs["line"] = None
    two = stroma.copy()
    two.obs["cells"] = ["MSC", "AML"] * 3
    for adata in (leukaemia, unknown, two, stroma[:3]):
        assert stroma_alone(adata, DESIGN) == (adata, False)
        with pytest.raises(ms.DesignError):
            ms.pl.scores(adata, "emt.hallmark", design=DESIGN, method="mean")
