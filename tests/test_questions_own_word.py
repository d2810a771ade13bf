"""Stroma of its own line, without a drug, whose co-culture has another word: asked as a paired t test is."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms

DESIGN = ms.Design(
    culture="culture", line="line", inhibitor="inhibitor", pair="pair", compartment="compartment"
)
UNMATURED = pd.DataFrame(columns=["signature", "method", "contrast", "stratum", "verdict"])
HOW = {"stroma": "MSC", "methods": "singscore", "carry_over": False, "maturation": UNMATURED}
pytestmark = [
    pytest.mark.filterwarnings("ignore:carry_over=False says"),
    pytest.mark.filterwarnings("ignore:.*found in 'MSC' only"),
    pytest.mark.filterwarnings("ignore:.*rows? lie"),
]


@pytest.fixture(scope="module")
def both() -> ad.AnnData:
    """Leukaemia cells, and four donors of MSC alone and with blasts, where IL-6 genes and IL6 rise."""
    cells = ms.ds.demo()
    cells.obs["compartment"] = "AML"
    alone = ms.ds.demo_stroma()[:4, cells.var_names].copy()
    grown = alone.copy()
    raised = grown.var_names.isin([*ms.sig.load("il6.hallmark").genes[::2], "IL6"])
    times = np.array([[3], [4], [6], [5]])
    grown.X = np.where(raised, times * grown.X, grown.X)
    for one, culture in ((alone, "mono"), (grown, "with blasts")):
        obs = {"culture": culture, "line": "BM-MSC", "inhibitor": "none", "compartment": "MSC"}
        names = [f"{name}_{culture}" for name in one.obs_names]
        one.obs = pd.DataFrame(obs | {"pair": [f"d{i}" for i in range(4)]}, names)
    whole = ad.concat([cells, alone, grown])
    whole.uns["marrowsig"] = {"input": {"kind": "counts"}}
    return whole


@pytest.mark.parametrize("word", ["with blasts", pytest.param("co", marks=pytest.mark.slow)])
def test_the_rise_in_stroma_is_that_of_a_paired_t_test(both: ad.AnnData, word: str) -> None:
    adata = both.copy()
    adata.obs["culture"] = adata.obs["culture"].astype(str).replace("with blasts", word)
    claims = ms.tl.claims(adata, DESIGN, **HOW)
    assert adata.obs["culture"].eq(word).any()  # the sheet stays as it is
    found = ms.tl.questions(adata, DESIGN, claims=claims, **HOW).set_index("claim")
    row = found.loc["stroma_il6_response_up"]
    msc = adata[adata.obs["compartment"].eq("MSC")].copy()
    ms.pp.lognorm(msc)
    ms.tl.score(msc, "il6.hallmark", method="singscore")
    score = msc.obsm["score_singscore"]["il6.hallmark"].to_numpy()
    expected = stats.ttest_rel(score[4:], score[:4])
    assert row["p"] == pytest.approx(expected.pvalue, rel=1e-8)
    assert row["estimate"] == pytest.approx((score[4:] - score[:4]).mean(), rel=1e-8)
    il6 = claims[claims["claim"].eq("il6_up") & claims["compartment"].eq("stroma")]
    assert il6["p"].notna().tolist() == [True]
    joint = claims[claims["claim"].eq("il6_up_in_both")]
    assert set(joint["verdict"]).isdisjoint({"not asked"})


def test_a_word_that_may_be_no_coculture_is_not_taken_for_one(both: ad.AnnData) -> None:
    adata = both.copy()
    adata.obs["culture"] = adata.obs["culture"].astype(str).replace("with blasts", "IL-22")
    claims = ms.tl.claims(adata, DESIGN, **HOW)
    assert not claims["compartment"].eq("stroma").any()
