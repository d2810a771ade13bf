"""A further call keeps earlier scores that still belong together, and says which it drops."""

from __future__ import annotations

import re
import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy import sparse

import marrowsig as ms

GENES = [f"G{i}" for i in range(60)]
A, B, C = (
    ms.sig.Signature(f"other.{name}", genes=GENES[at : at + 8])
    for name, at in (("a", 0), ("b", 10), ("c", 20))
)
BOTH = ms.sig.SignatureSet([A, B])


def matrix(*, as_sparse: bool = False) -> ad.AnnData:
    x = np.random.default_rng(0).gamma(2.0, size=(12, 60))
    return ad.AnnData(sparse.csr_matrix(x) if as_sparse else x, var=pd.DataFrame(index=GENES))


def told(adata: ad.AnnData, sigs, **given) -> str:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ms.InputWarning)
        ms.tl.score(adata, sigs, **given)
    return "\n".join(str(w.message) for w in caught)


@pytest.mark.parametrize("as_sparse", [False, True])
def test_one_more_signature_gives_what_all_in_one_call_give(as_sparse, tmp_path) -> None:
    given = {"method": ["singscore", "mean"], "extras": True, "uncertainty": "genes"}
    adata, full = matrix(as_sparse=as_sparse), matrix(as_sparse=as_sparse)
    ms.tl.score(full, BOTH | C, **given)
    ms.tl.score(adata, BOTH, **given)
    adata.write_h5ad(tmp_path / "scored.h5ad")
    adata = ad.read_h5ad(tmp_path / "scored.h5ad")
    assert told(adata, C, **given) == ""
    assert set(adata.obsm) == set(full.obsm) >= {"score_singscore_dispersion", "score_mean_low"}
    for key in full.obsm:
        assert_frame_equal(adata.obsm[key], full.obsm[key])
    for name in given["method"]:
        one, all_ = (x.uns["marrowsig"]["scores"][name] for x in (adata, full))
        assert one.keys() == all_.keys()
        for key, value in all_.items():
            same = value.equals(one[key]) if isinstance(value, pd.DataFrame) else value == one[key]
            assert same, key
    assert told(adata, A, **given) == ""  # one that is there keeps its place
    assert list(adata.obsm["score_mean"]) == [*BOTH.ids, "other.c"]


def changed(adata: ad.AnnData) -> None:
    adata.X[3, 5] += 1


def renamed(adata: ad.AnnData) -> None:
    adata.var_names = [*GENES[:-1], "H"]


def unknown(adata: ad.AnnData) -> None:
    del adata.uns["marrowsig"]


def older(adata: ad.AnnData) -> None:
    adata.uns["marrowsig"]["scores"]["singscore"]["version"] = "0.0"


def nothing(_adata: ad.AnnData) -> None:
    pass


@pytest.mark.parametrize(
    ("change", "given", "why"),
    [
        (nothing, {"min_coverage": 0.9}, r"scored with min_coverage=0\.5"),
        (nothing, {"layer": "other"}, "scored with layer=None"),
        (nothing, {"params": {"singscore": {"direction": "unknown"}}}, "scored with direction='known'"),
        (nothing, {"extras": True}, "scored with extras=False"),
        (changed, {}, "rows, genes or values of the matrix have changed since"),
        (renamed, {}, "rows, genes or values"),
        (unknown, {}, "does not say how it was scored"),
        (older, {}, "another version"),
    ],
)
def test_scores_that_no_longer_belong_together_go_with_a_word(change, given, why) -> None:
    adata = matrix()
    adata.layers["other"] = adata.X.copy()
    ms.tl.score(adata, BOTH)
    change(adata)
    said = told(adata, C, **given)
    assert re.search(
        rf"2 earlier singscore scores \(other\.a, other\.b\) go: .*{why}.*earlier \| these", said
    ), said
    assert list(adata.obsm["score_singscore"]) == ["other.c"]
    assert list(ms.get.coverage(adata)["signature"]) == ["other.c"]
    assert told(adata, C, method="mean") == ""  # another method has nothing to do with it


def test_scoring_the_same_again_says_nothing() -> None:
    adata = matrix()
    ms.tl.score(adata, BOTH)
    changed(adata)
    assert told(adata, BOTH | C, min_coverage=0.2) == ""


def test_scores_that_depend_on_each_other_are_never_mixed() -> None:
    adata = matrix()
    ms.tl.score(adata, BOTH, method="mlm")
    assert "depend on the other signatures of the call" in told(adata, C, method="mlm")
    assert list(adata.obsm["score_mlm"]) == ["other.c"]


def test_the_family_of_a_comparison_holds_what_stayed() -> None:
    adata = matrix()
    adata.obs["arm"] = ["mono", "co"] * 6
    design = ms.Design(culture="arm")
    ms.tl.score(adata, BOTH | C)
    full = ms.tl.compare(adata, design)
    adata = matrix()
    adata.obs["arm"] = ["mono", "co"] * 6
    for one in (BOTH, C):
        ms.tl.score(adata, one)
    assert_frame_equal(ms.tl.compare(adata, design), full)


def test_scores_of_a_file_and_of_a_part_of_the_rows_stay(tmp_path) -> None:
    full = matrix(as_sparse=True)
    ms.tl.score(full, BOTH | C, method="ucell")
    adata = matrix(as_sparse=True)
    ms.tl.score(adata, BOTH, method="ucell")
    adata.write_h5ad(tmp_path / "scored.h5ad")
    backed = ad.read_h5ad(tmp_path / "scored.h5ad", backed="r")
    assert told(backed, C, method="ucell") == ""
    assert_frame_equal(backed.obsm["score_ucell"], full.obsm["score_ucell"])
    part = adata[[1, 4, 7]].copy()
    assert told(part, C, method="ucell") == ""
    assert_frame_equal(part.obsm["score_ucell"], full.obsm["score_ucell"].iloc[[1, 4, 7]])


def test_scores_of_a_part_of_the_rows_go_where_its_values_are_others() -> None:
    scored = matrix()
    ms.tl.score(scored, BOTH, method=["ucell", "zscore"])
    part = scored[[1, 4, 7]].copy()
    assert "zscore scores (other.a, other.b) go: rows, genes or values" in told(part, C, method="zscore")
    changed(part := scored[[1, 4, 7, 8]].copy())
    assert "go: values of the matrix have changed since" in told(part, C, method="ucell")
    renamed(part := scored[[1, 4, 7]].copy())
    assert "go: genes of the matrix have changed since" in told(part, C, method="ucell")
    part = scored[[1, 4]].copy()
    part.obs_names = ["u", "v"]
    assert "go: none is left of 12 rows" in told(part, C, method="ucell")
