"""Claims that rest on lists which nobody named: scored, listed and cited, so that R can check them."""

from __future__ import annotations

import html
import re

import numpy as np
import pytest

import marrowsig as ms
from marrowsig._run import run

pytestmark = pytest.mark.slow
LISTS = ["emt.hallmark", "il6.hallmark", "stat3.specific"]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory):
    genes = sorted(ms.sig.load("emt.hallmark")["emt.hallmark"].genes)[::2]
    mine = ms.sig.Signature("other.mine", axis="other", genes=genes)
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    parts = ["sensitivity", "null", "rescue", "chain", "genes", "multiverse"]
    out = tmp_path_factory.mktemp("claimed")
    return run(ms.ds.demo(), design, out=out, signatures=ms.sig.SignatureSet([mine]), skip=parts)


def test_scores_of_the_lists_of_claims_give_their_sizes(done) -> None:
    scores, obs = done.tables["scores_singscore"].set_index("sample"), done.adata.obs
    assert list(scores) == ["other.mine", *LISTS]
    assert set(done.tables["coverage"]["signature"]) == {"other.mine", *LISTS}
    rows = done.tables["claims"].query("contrast == 'co_in_parental' and signature != 'IL6'")
    assert set(rows["signature"]) == set(LISTS)
    own = obs[obs["line"].eq("parental") & obs["inhibitor"].eq("none")]
    co, mono = (dict(zip(a["pair"], a.index, strict=True)) for _, a in own.groupby("culture", observed=True))
    for row in rows.to_dict("records"):
        one = scores[row["signature"]]
        change = [one[co[pair]] - one[mono[pair]] for pair in co]
        assert np.mean(change) == pytest.approx(row["estimate"], rel=1e-6)  # as R has it of the same table


def test_contrasts_and_their_families_stay_those_that_were_asked_for(done) -> None:
    assert set(done.res["signature"]) == {"other.mine"}
    own = done.res[done.res["adjustment"].ne("BH")]
    assert set(own["family_size"]) == {len(own)}


def test_the_page_names_lists_and_sources_of_the_claims(done) -> None:
    page = (done.paths["report"]).read_text()
    assert "not of yours: see signatures= of ms.tl.claims" in page
    assert "MSigDB Hallmark HALLMARK_EPITHELIAL_MESENCHYMAL_TRANSITION" in page
    methods = html.unescape(re.sub("<[^>]+>", "", page.split('id="methods"')[1]))
    [n] = re.findall(r"EMT \(emt.hallmark \[(\d+)\]\), the IL-6 response \(il6.hallmark \[", methods)
    assert f"[{n}] Liberzon, A." in methods
    assert "Claims, asked of emt.hallmark, il6.hallmark and stat3.specific, followed rules" in methods
