"""What `ms.tl.score` refuses, and what stays as it was when it does."""

from __future__ import annotations

import json

import anndata as ad
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

import marrowsig as ms
from marrowsig.methods import METHODS, Method
from marrowsig.sig import Signature, SignatureSet

N, P = 30, 60
GENES = [f"G{i}" for i in range(P)]
SIGS = SignatureSet(
    [
        Signature(
            "il6.a", axis="il6", genes={**dict.fromkeys(GENES[:6], 1), **dict.fromkeys(GENES[6:9], -1)}
        ),
        Signature("il6.b", axis="il6", genes=GENES[10:20]),
    ]
)
CONTROLS = {"il6.a": GENES[30:40], "il6.b": GENES[40:45]}


@pytest.fixture
def adata():
    a = ad.AnnData(np.random.default_rng(2).gamma(2, 2, (N, P)).round(3))
    a.var_names = GENES
    return a


@pytest.mark.parametrize("make", [np.asarray, lambda x: x.tolist()])
def test_what_is_no_anndata_is_named(adata, make):
    with pytest.raises(ms.InputError, match=r"takes an AnnData, and got a (ndarray|list)\..*ms\.io\.read"):
        ms.tl.score(make(adata.X), SIGS)


@pytest.mark.parametrize(
    ("method", "options", "match"),
    [
        ("ssgsea", {"alpha": np.nan}, "alpha=nan is not a number"),
        ("ssgsea", {"alpha": "a"}, "alpha='a' is not a number"),
        ("ucell", {"max_rank": "1500"}, "max_rank='1500' is not a number"),
        ("ucell", {"w_neg": np.nan}, "w_neg=nan"),
        ("singscore", {"center": "no"}, "center='no' is not True or False"),
        ("singscore", {"stable": "G40"}, "is not a list of genes"),
        ("singscore", {"stable": ["NOPE"]}, "None of the stable genes"),
        ("singscore", {"stable": ["G40"], "direction": "unknown"}, "stable genes need direction='known'"),
        ("gsva", {"max_diff": "False"}, "is not True or False"),
        ("module", {"controls": dict.fromkeys(CONTROLS, "G40")}, "is not a list of genes for every"),
        ("module", {"controls": {**CONTROLS, "emt.other": ["G1"]}}, "emt.other, which are not scored"),
        ("module", {"controls": {"il6.a": ["G1"]}}, "no genes for il6.b"),
        ("singscore", None, "Give its options by name"),
    ],
)
def test_values_of_the_wrong_type(adata, method, options, match):
    with pytest.raises(ms.InputError, match=match):
        ms.tl.score(adata, SIGS, method=method, params={method: options})
    assert not adata.obsm
    assert "marrowsig" not in adata.uns


def test_method_and_share_of_the_wrong_type(adata):
    with pytest.raises(ms.InputError, match="is not a name"):
        ms.tl.score(adata, SIGS, method=3)
    with pytest.raises(ms.InputError, match="is not a share"):
        ms.tl.score(adata, SIGS, min_coverage="a")


def test_an_interval_holds_its_score_on_other_scales(adata):
    params = {"ssgsea": {"normalize": "none"}, "singscore": {"center": False}}
    ms.tl.score(adata, SIGS, method=["ssgsea", "singscore"], params=params, uncertainty="genes")
    for name in params:
        low, score, high = (adata.obsm[f"score_{name}{end}"] for end in ("_low", "", "_high"))
        assert (low <= score).all(axis=None)
        assert (score <= high).all(axis=None)


def test_controls_go_with_their_signature_when_genes_are_left_out(adata):
    params = {"module": {"controls": CONTROLS}}
    ms.tl.score(adata, SIGS, method="module", params=params, uncertainty="genes")
    both = adata.obsm.pop("score_module_low")
    del adata.obsm["score_module"]
    one = {"module": {"controls": {"il6.b": CONTROLS["il6.b"]}}}
    ms.tl.score(adata, SIGS["il6.b"], method="module", params=one, uncertainty="genes")
    assert_allclose(adata.obsm["score_module_low"]["il6.b"], both["il6.b"], rtol=1e-12)


@pytest.mark.parametrize("size", [1e-6, 1e-14, 1e-100, 1e100])
@pytest.mark.parametrize("method", ["mean", "ulm", "wmean_z", "module", "zscore", "zsample"])
def test_the_unit_of_weights_does_not_matter(adata, method, size):
    weights = dict(zip(GENES[:6], range(1, 7), strict=True))
    some, other = (
        Signature("il6.w", axis="il6", genes={g: w * f for g, w in weights.items()}) for f in (1, size)
    )
    ms.tl.score(adata, some, method=method)
    expected = adata.obsm[f"score_{method}"].copy()
    with pytest.warns(ms.InputWarning, match=r"il6.w was scored before .*\(other genes or weights\)"):
        ms.tl.score(adata, other, method=method)
    assert_allclose(adata.obsm[f"score_{method}"], expected, rtol=1e-9)


def test_low_values_beside_high_ones_keep_their_digits(adata):
    adata.X[:, 10:20] *= 1e-9
    ms.tl.score(adata, SIGS["il6.b"], method="mean")
    assert_allclose(adata.obsm["score_mean"]["il6.b"], adata.X[:, 10:20].mean(axis=1), rtol=1e-14)


@pytest.mark.parametrize("alpha", [0.25, 3, 10])
def test_steep_powers_without_ties(adata, alpha):
    adata.X = np.random.default_rng(0).permuted(np.arange(N * P, dtype=float).reshape(N, P), axis=1)
    both = []
    for ties in ("average", "first"):
        options = {"alpha": alpha, "ties": ties, "normalize": "none"}
        ms.tl.score(adata, SIGS, method="ssgsea", params={"ssgsea": options})
        both.append(adata.obsm["score_ssgsea"].to_numpy())
    assert_allclose(*both, rtol=1e-11)


def test_all_rows_tell_counts_from_log_values():
    some = np.random.default_rng(2).gamma(2, 2, (300, P))
    x = np.vstack([np.zeros((300, P)), some])
    for form in (np.asarray, sparse.csr_matrix, sparse.csc_matrix):
        a = ad.AnnData(form(x))
        a.var_names = GENES
        ms.tl.score(a, SIGS, method="mean")


KERNELS = {
    "wide": (lambda x, s: np.zeros((len(x), len(s) + 1)), "gave .* in place of an array"),
    "one_row": (lambda x, s: np.zeros((1, len(s))), "gave .* in place of an array"),
    "nothing": (lambda x, s: None, "gave NoneType"),
}


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("needs", ["value", "cohort"])
def test_kernels_that_give_something_else(adata, name, needs):
    kernel, match = KERNELS[name]
    METHODS["mine"] = Method("mine", kernel, needs=needs, per_obs=True, signed=False, weights=False)
    try:
        with pytest.raises(ms.InputError, match=f"mine: the kernel {match}"):
            ms.tl.score(adata, SIGS, method="mine")
    finally:
        del METHODS["mine"]
    assert not adata.obsm


@pytest.mark.parametrize("needs", ["value", "cohort"])
def test_kernels_cannot_change_the_matrix(adata, needs):
    def kernel(x, sets):
        x *= 0
        return np.zeros((len(x), len(sets)))

    before = adata.X.copy()
    METHODS["mine"] = Method("mine", kernel, needs=needs, per_obs=True, signed=False, weights=False)
    try:
        with pytest.raises(ms.InputError, match="read-only"):
            ms.tl.score(adata, SIGS, method="mine")
    finally:
        del METHODS["mine"]
    assert_array_equal(adata.X, before)


def test_names_of_further_results_cannot_be_registered():
    taken = Method("singscore_dispersion", len, needs="value", per_obs=True, signed=False, weights=False)
    with pytest.raises(ms.InputError, match="further result"):
        ms.methods.register(taken)


def test_options_are_recorded_in_full(adata):
    stable = np.array(GENES[30:])
    ms.tl.score(adata, SIGS, params={"singscore": {"stable": stable}})
    params = json.loads(adata.uns["marrowsig"]["scores"]["singscore"]["params"])
    assert params["stable"] == GENES[30:]


def test_the_advice_on_missing_values_works(adata):
    adata.X[3, 5] = np.inf
    with pytest.raises(ms.InputError, match="isfinite") as caught:
        ms.tl.score(adata, SIGS, method="mean")
    line = str(caught.value).split("leave these genes out: adata = ")[1].rstrip(".")
    kept = eval(line, {"adata": adata, "np": np})
    assert kept.n_vars == P - 1
    ms.tl.score(kept, SIGS, method="mean")
