"""`ms.get`: what was written comes back, as tables."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

import marrowsig as ms
from marrowsig.pl._signature_names import names_in_table
from marrowsig.sig import Signature, SignatureSet

GENES = [f"GENE{i}" for i in range(30)]
SIGS = SignatureSet(
    [
        Signature("emt.a", axis="emt", genes=GENES[:5]),
        Signature("il6.b", axis="il6", genes=[*GENES[5:9], "NONE"]),
    ]
)


@pytest.fixture
def adata():
    x = np.random.default_rng(2).random((6, 30))
    obs = pd.DataFrame({"culture": list("mmmccc"), "sample": range(6)}, index=[f"s{i}" for i in range(6)])
    out = ad.AnnData(x, obs=obs)
    out.var_names = GENES
    ms.tl.score(out, SIGS, method=["singscore", "ucell"])
    return out


def test_scores_are_one_row_per_sample_signature_and_method(adata):
    frame = ms.get.scores(adata)
    assert list(frame.columns) == ["culture", "obs_sample", "sample", "signature", "method", "score"]
    assert len(frame) == 6 * 2 * 2
    for _, row in frame.iterrows():
        assert row["score"] == adata.obsm[f"score_{row['method']}"].loc[row["sample"], row["signature"]]
        assert row["culture"] == adata.obs.loc[row["sample"], "culture"]


def test_scores_of_one_method(adata):
    frame = ms.get.scores(adata, "ucell")
    assert set(frame["method"]) == {"ucell"}
    with pytest.raises(ms.InputError, match=r"'mean'\. Scored with: singscore, ucell"):
        ms.get.scores(adata, "mean")


def test_scores_follow_a_subset(adata):
    assert set(ms.get.scores(adata[adata.obs["culture"] == "c"])["sample"]) == {"s3", "s4", "s5"}


def test_coverage_is_per_method(adata):
    frame = ms.get.coverage(adata)
    assert list(frame["method"]) == ["singscore", "singscore", "ucell", "ucell"]
    assert list(frame["coverage"]) == [1.0, 0.8] * 2
    assert list(frame["missing"]) == ["", "NONE"] * 2


@pytest.mark.parametrize("key", ["ucell", "score_ucell"])
def test_as_adata_has_signatures_as_variables(adata, key):
    adata.obsm["X_umap"] = np.zeros((6, 2))
    out = ms.get.as_adata(adata, key)
    assert list(out.var_names) == list(SIGS.ids)
    assert_array_equal(out.X, adata.obsm["score_ucell"])
    assert list(out.obsm) == ["X_umap"]
    pd.testing.assert_frame_equal(out.obs, adata.obs)


def test_results_are_read_from_a_file(adata, tmp_path):
    adata.write_h5ad(tmp_path / "a.h5ad")
    back = ad.read_h5ad(tmp_path / "a.h5ad")
    pd.testing.assert_frame_equal(
        ms.get.scores(back), ms.get.scores(adata), check_dtype=False, check_categorical=False
    )
    pd.testing.assert_frame_equal(ms.get.coverage(back), ms.get.coverage(adata), check_dtype=False)


@pytest.mark.parametrize("read", [ms.get.scores, ms.get.coverage, lambda a: ms.get.as_adata(a, "ucell")])
def test_without_scores_the_next_step_is_named(read):
    with pytest.raises(ms.InputError, match=r"Run ms\.tl\.score"):
        read(ad.AnnData(np.ones((2, 2))))


def test_scores_whose_record_concat_dropped(adata):
    parts = [adata[:3], adata[3:]]
    with pytest.raises(ms.InputError, match=r"obsm has score_singscore, score_ucell.*uns_merge='first'"):
        ms.get.scores(ad.concat(parts))
    pd.testing.assert_frame_equal(ms.get.scores(ad.concat(parts, uns_merge="first")), ms.get.scores(adata))


def test_scores_that_hang_on_other_rows_are_not_compared_with_those_of_another_call(adata):
    """Arms scored apart have a mean of zero each by such a method, whatever lies between them."""
    design = ms.Design(culture="culture", mono="m", co="c")
    parts = [adata[:3].copy(), adata[3:].copy()]
    for part in parts:
        ms.tl.score(part, SIGS, method="zscore")
    with pytest.raises(ms.InputError, match="3 rows were scored at once, and there are 6 now"):
        ms.tl.compare(ad.concat(parts, uns_merge="first"), design)
    assert len(ms.tl.compare(ad.concat(parts, uns_merge="first"), design, method="ucell")) == 2
    with pytest.warns(ms.InputWarning, match="no record of obsm\\['score_zscore'\\]"):
        ms.tl.compare(ad.concat(parts), design)
    ms.tl.score(adata, SIGS, method="zscore")
    assert len(ms.tl.compare(adata[[0, 1, 3, 4]].copy(), design, method="zscore")) == 2


def test_lost_scores_are_an_error(adata):
    del adata.obsm["score_ucell"]
    with pytest.raises(ms.InputError, match=r"Run ms\.tl\.score again"):
        ms.get.scores(adata, "ucell")


def test_scores_that_were_joined_to_obs_do_not_hinder_plots(adata):
    frame = adata.obsm["score_ucell"]
    adata.obs = adata.obs.join(frame)
    assert set(frame.columns) <= set(adata.obs)
    out = ms.get.as_adata(adata, "ucell")
    assert not set(out.obs) & set(frame.columns)
    assert_array_equal(out.obs_vector(frame.columns[0]), frame.iloc[:, 0])


def test_scores_as_adata_are_a_copy_that_can_be_changed(adata):
    before = adata.obsm["score_ucell"].copy()
    own = ms.get.as_adata(adata, "ucell")
    own.X += 1
    pd.testing.assert_frame_equal(adata.obsm["score_ucell"], before)


def test_a_design_matrix_gives_the_estimates():
    adata = ms.ds.toy()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "emt.hallmark")
    adata.obs["rin"] = np.linspace(6, 9, adata.n_obs) ** 2
    levels = {"line": ["parental", "resistant"], "culture": ["mono", "co"]}
    for design in (
        ms.Design(culture="culture", line="line", pair="pair", covariates="rin"),
        ms.Design.from_formula(
            "~ line * culture + rin", levels=levels, contrasts=["resistant:co - resistant:mono"]
        ),
    ):
        for row in ms.tl.compare(adata, design).to_dict("records"):
            X, c = ms.get.design_matrix(adata, design, contrast=row["contrast"])
            assert np.linalg.matrix_rank(X) == X.shape[1]
            assert (c.index == X.columns).all()
            assert np.abs(X.to_numpy()).max() >= 1  # as typed, not scaled
            fitted, rss, *_ = np.linalg.lstsq(X, adata.obsm["score_singscore"].loc[X.index, "emt.hallmark"])
            assert c @ fitted == pytest.approx(row["estimate"], rel=1e-9)
            se = np.sqrt(rss[0] / row["df"] * (c @ np.linalg.inv(X.T @ X) @ c))
            assert se == pytest.approx(row["se"], rel=1e-9)
    design = ms.Design(culture="culture", line="line", pair="pair")
    with pytest.raises(ms.InputError, match="Did you mean 'interaction'"):
        ms.get.design_matrix(adata, design, contrast="interactions")
    with pytest.raises(ms.InputError, match=r"Give contrast= one of the 5 .*: co_in_parental"):
        ms.get.design_matrix(adata, design)
    _, c = ms.get.design_matrix(adata[adata.obs["line"] == "parental"], ms.Design(culture="culture"))
    assert c.to_dict() == {"co": 1.0, "mono": -1.0}
    with pytest.raises(ms.InputError, match="There is no stratum '24'"):
        ms.get.design_matrix(adata, design, contrast="interaction", stratum="24")


def test_scores_that_others_wrote_under_the_key_are_not_taken_for_ours(adata):
    """As decoupler does, whose keys are the same and whose columns stand by alphabet."""
    ms.tl.score(adata, SIGS, method="ulm")
    adata.obsm["score_ulm"] = adata.obsm["score_ulm"][["il6.b", "emt.a"]]
    with pytest.raises(ms.InputError, match=r"not what ms\.tl\.score wrote: .* il6\.b, emt\.a"):
        ms.get.as_adata(adata, "ulm")
    with pytest.raises(ms.InputError, match=r"not what ms\.tl\.score wrote: .* il6\.b, emt\.a"):
        ms.tl.compare(adata, ms.Design(culture="culture", mono="m", co="c"))
    adata.obsm["score_singscore"] = adata.obsm["score_singscore"][["il6.b"]]  # fewer of ours are ours
    assert ms.get.as_adata(adata, "singscore").shape == (6, 1)
    adata.obsm["score_ucell"] = adata.obsm["score_ucell"][["il6.b", "emt.a"]]  # nobody else writes there
    assert list(ms.get.as_adata(adata, "ucell").var_names) == ["il6.b", "emt.a"]
    adata.obsm["score_ucell"].columns = ["emt.a", "other"]
    with pytest.raises(ms.InputError, match=r"not what ms\.tl\.score wrote: .* emt\.a, other"):
        ms.get.as_adata(adata, "ucell")


def test_the_head_of_a_table_to_read_is_one(adata):
    shown = ms.get.table(ms.tl.compare(adata, ms.Design(culture="culture", mono="m", co="c")))
    assert len(shown) == 4
    assert len(shown.head(1)) == 1
    assert shown.head(1).said == shown.said


def test_a_table_names_signatures_as_figures_do():
    toy = ms.ds.toy()
    ms.pp.lognorm(toy)
    ms.tl.score(toy, ["emt.hallmark", "il6.hallmark"], min_coverage=0.0)
    res = ms.tl.compare(toy, ms.Design(culture="culture", line="line", pair="pair"))
    frame = ms.get.table(res).frame
    assert dict(zip(frame["signature"], frame["title"], strict=True)) == names_in_table(res)
    res.attrs.pop("titles")
    assert "title" not in ms.get.table(res).frame


def test_a_printed_table_cuts_long_texts_at_a_word_and_says_where_they_stand_in_full() -> None:
    why = "counts of marrow stromal cells that were grown alone on plastic, and long after that"
    shown = ms.get.table(pd.DataFrame({"name": ["a", "b"], "what": [why, "short"]}))
    for text in (str(shown), shown.to_string()):
        row, last = text.splitlines()[1], text.splitlines()[-1]
        assert row == "a     counts of marrow stromal cells that were grown alone on ..."
        assert last == "Texts that end in ... stand in full in .frame."
    assert last in shown._repr_html_()
    assert shown.frame["what"].tolist() == [why, "short"]
    assert why in shown.to_markdown()
    assert "in full" not in str(ms.get.table(pd.DataFrame({"name": ["a"], "what": ["short"]})))
