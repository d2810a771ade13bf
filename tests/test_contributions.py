"""`ms.tl.contributions`: parts that sum to the score, and scores as if a gene had not been listed."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

import marrowsig as ms
from marrowsig.methods import METHODS
from marrowsig.pp._draws import draws
from marrowsig.sig import Signature, SignatureSet
from marrowsig.tl import contributions as verb

pytestmark = pytest.mark.filterwarnings("ignore:.*count as much as:marrowsig.CoverageWarning")

P = 80
GENES = [f"GENE{i}" for i in range(P)]
DESIGN = ms.Design(culture="culture", line="line", pair="pair")
DESIGN_ONE = ms.Design(culture="culture")
PLAIN = Signature("emt.plain", axis="emt", genes=GENES[3:12])
BOTH = Signature(
    "il6.both",
    axis="il6",
    genes={**dict.fromkeys(GENES[10:16], 1), **dict.fromkeys(GENES[30:33], -1), "GONE": 1},
)
SIGS = SignatureSet([PLAIN, BOTH])
ALONE = [m.name for m in METHODS.values() if m.alone]
# What adds up more than the genes of the signature, in an order that depends on how many sets there are.
ROUNDING = {"rtol": 1e-9, "atol": 1e-10}


def make(kind: str = "log") -> ad.AnnData:
    """Two lines x two cultures x three pairs."""
    rng = np.random.default_rng(7)
    obs = pd.DataFrame(
        [(c, line, f"r{i}") for line in ("parental", "resistant") for c in ("mono", "co") for i in range(3)],
        columns=["culture", "line", "pair"],
    ).rename(index="s{}".format)
    counts = rng.poisson(1 + rng.gamma(1.0, 5.0, size=P), size=(len(obs), P)).astype(float)
    adata = ad.AnnData(np.log2(counts + 1) if kind == "log" else counts, obs=obs)
    adata.var_names = GENES
    adata.uns["marrowsig"] = {"input": {"kind": kind}}
    return adata


def scored(adata: ad.AnnData, sigs, method: str, **params) -> pd.DataFrame:
    ms.tl.score(adata, sigs, method=method, params={method: params}, min_coverage=0)
    return adata.obsm[f"score_{method}"]


def less(signature: Signature, gene: str) -> Signature:
    genes = {g: w for g, w in signature.genes.items() if g != gene}
    return Signature(signature.id, axis=signature.axis, genes=genes)


def by_gene(parts: pd.DataFrame, signature: Signature, column: str) -> pd.DataFrame:
    """Samples x genes."""
    own = parts[parts["signature"] == signature.id]
    table = own.pivot_table(index="sample", columns="gene", values=column, sort=False, dropna=False)
    return table.loc[list(dict.fromkeys(parts["sample"]))]


@pytest.mark.parametrize("signature", SIGS, ids=lambda s: s.id)
def test_parts_of_a_mean_sum_to_it_and_are_what_each_gene_adds(signature: Signature) -> None:
    adata = make()
    parts = verb(adata, signature, method="mean")
    adds = by_gene(parts, signature, "adds")
    score = scored(make(), signature, "mean")[signature.id]
    assert_allclose(adds.sum(axis=1), score, rtol=1e-12, atol=1e-12)
    weight = np.array([signature.genes[g] for g in adds.columns])
    # k full - (k - 1) without loses a digit or two of sixteen.
    assert_allclose(adds, adata[:, list(adds.columns)].X * weight / len(weight), rtol=1e-12, atol=1e-13)


def test_signatures_with_too_few_of_their_genes_are_left_out() -> None:
    poor = Signature("stat3.poor", axis="stat3", genes=[*GENES[:4], "A", "B", "C", "D", "E"])
    with pytest.warns(ms.CoverageWarning, match=r"stat3\.poor: 4 of 9 .* < min_coverage=0\.5 -> left out"):
        parts = verb(make(), [PLAIN, poor])
    pd.testing.assert_frame_equal(parts, verb(make(), PLAIN))
    assert set(verb(make(), [PLAIN, poor], min_coverage=0.4)["signature"]) == {PLAIN.id, poor.id}
    with pytest.raises(ms.InputError, match=r"stat3\.poor: 4 of 9"):
        verb(make(), poor)


@pytest.mark.parametrize("method", ALONE)
def test_without_a_gene_is_the_score_of_a_signature_that_does_not_list_it(method: str) -> None:
    adata = make()
    params = {"n_bins": 5} if method == "module" else {"max_rank": 60} if method == "ucell" else {}
    params = {"top": 0.4} if method == "aucell" else params
    parts = verb(adata, SIGS, method=method, params=params)
    scores = scored(make(), SIGS, method, **params)
    for signature in SIGS:
        full, without = (by_gene(parts, signature, c) for c in ("full", "without"))
        for gene in full:
            assert_allclose(full[gene], scores[signature.id], **ROUNDING, err_msg=gene)
        assert full.notna().all(axis=None)
        for gene in full.columns[[0, -1]]:
            again = scored(make(), less(signature, gene), method, **params)[signature.id]
            assert_allclose(without[gene], again, **ROUNDING, err_msg=gene)


@pytest.mark.parametrize("method", ["singscore", "ssgsea", "zscore", "gsva", "plage", "module"])
def test_the_range_and_the_parts_follow_from_the_scores_without(method: str) -> None:
    params = {"n_bins": 5} if method == "module" else {}
    parts = verb(make(), SIGS, method=method, params=params)
    k = parts.groupby(["signature", "sample"])["gene"].transform("size")
    assert_allclose(parts["adds"], parts["full"] - (k - 1) / k * parts["without"], rtol=1e-9, atol=1e-12)
    within = parts.groupby(["signature", "sample"])["without"]
    assert_array_equal(parts["without_low"], within.transform("min"))
    assert_array_equal(parts["without_high"], within.transform("max"))
    assert (parts["without_low"] < parts["without_high"]).all()


def test_parts_of_a_rank_score_sum_to_it_up_to_one_gene() -> None:
    parts = verb(make(), PLAIN)
    total = by_gene(parts, PLAIN, "adds").sum(axis=1)
    full = by_gene(parts, PLAIN, "full").iloc[:, 0]
    # singscore's limits move with the number of genes, by (1 / genes) at most.
    assert_allclose(total, full, atol=1 / len(PLAIN))


@pytest.mark.parametrize("method", ["singscore", "mean", "zscore", "gsva"])
def test_contrasts_are_those_of_compare(method: str) -> None:
    adata = make()
    parts = verb(adata, SIGS, design=DESIGN, method=method)
    scored(adata, SIGS, method)
    table = ms.tl.compare(adata, DESIGN, method=method, permutations=0).set_index(["signature", "contrast"])[
        "estimate"
    ]
    assert set(parts["contrast"]) == set(table.index.get_level_values("contrast"))
    for (signature, contrast), group in parts.groupby(["signature", "contrast"]):
        assert_allclose(group["full"], table[signature, contrast], **ROUNDING)
        assert len(group) == len([g for g in SIGS[signature].genes if g in GENES])
        assert_array_equal(group["adds"].abs(), group["adds"].abs().sort_values(ascending=False))


def test_a_contrast_without_a_gene_is_that_of_the_shorter_signature() -> None:
    parts = verb(make(), BOTH, design=DESIGN, method="zscore").query("contrast == 'interaction'")
    for gene in ("GENE10", "GENE32"):
        adata = make()
        scored(adata, less(BOTH, gene), "zscore")
        table = ms.tl.compare(adata, DESIGN, method="zscore", permutations=0).set_index("contrast")[
            "estimate"
        ]
        assert_allclose(parts.set_index("gene").loc[gene, "without"], table["interaction"], **ROUNDING)


def test_parts_of_a_contrast_of_a_mean_sum_to_it() -> None:
    parts = verb(make(), SIGS, design=DESIGN, method="mean").groupby(["signature", "contrast"])
    assert_allclose(parts["adds"].sum(), parts["full"].first(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("method", ["singscore", "mean"])
@pytest.mark.parametrize(
    ("signature", "sign"), [(PLAIN, 1), (BOTH, 1), (BOTH, -1)], ids=["plain", "up", "down"]
)
def test_a_gene_that_carries_the_contrast_comes_first(method: str, signature: Signature, sign: int) -> None:
    gene = next(g for g, w in reversed(signature.genes.items()) if w == sign and g in GENES)
    adata = make()
    level = pd.Series(3.0, index=GENES) + np.arange(P) / P
    noise = np.random.default_rng(3).normal(0, 0.05, adata.shape)
    x = pd.DataFrame(level.to_numpy() + noise, index=adata.obs_names, columns=GENES)
    moved = (adata.obs["culture"] == "co") & (adata.obs["line"] == "resistant")
    x.loc[moved, gene] += 2.0 * sign
    adata.X = x.to_numpy()
    parts = verb(adata, signature, design=DESIGN, method=method).query("contrast == 'interaction'")
    top = parts.iloc[0]
    assert (top["gene"], top["weight"]) == (gene, sign)
    assert top["adds"] > 2 * parts["adds"].iloc[1:].abs().max()
    assert top["without"] == top["without_low"] < top["full"]


def test_signs_and_weights_count() -> None:
    weights = {GENES[3]: 0.5, GENES[4]: 2.0, GENES[17]: -1.5, GENES[18]: -1.0}
    signature = Signature("stat3.weights", axis="stat3", genes=weights)
    parts = verb(make(), signature, method="wsum")
    assert_array_equal(parts["weight"].iloc[:4], list(weights.values()))
    x = make()[:, list(weights)].X * np.array(list(weights.values()))
    assert_allclose(parts["full"] - parts["without"], x.ravel(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("method", "power"), [("mean", 0.0), ("zscore", 0.5), ("wsum", 1.0)])
def test_parts_of_a_score_that_grows_with_the_genes_sum_to_more(method: str, power: float) -> None:
    parts = verb(make(), PLAIN, method=method)
    k = len(PLAIN)
    # Of k^power times a mean: k - (k - 1) ((k - 1) / k)^power times the score.
    excess = k - (k - 1) * ((k - 1) / k) ** power
    expected = excess * by_gene(parts, PLAIN, "full").iloc[:, 0]
    assert_allclose(by_gene(parts, PLAIN, "adds").sum(axis=1), expected, rtol=1e-9, atol=1e-12)


def test_order_of_rows_and_columns() -> None:
    adata = make()
    parts = verb(adata, SIGS, method="mean")
    columns = [
        "signature",
        "gene",
        "weight",
        "sample",
        "full",
        "adds",
        "without",
        "without_low",
        "without_high",
        "expression",
    ]
    assert list(parts.columns) == columns
    assert list(dict.fromkeys(parts["sample"])) == list(adata.obs_names)
    assert len(parts) == adata.n_obs * (9 + 9)
    assert "GONE" not in set(parts["gene"])
    columns[3:4] = ["contrast", "stratum"]
    assert list(verb(adata, SIGS, method="mean", design=DESIGN).columns) == columns
    assert not adata.obsm


def test_sparse_and_dense_and_a_layer_give_the_same() -> None:
    dense = verb(make(), SIGS, method="singscore")
    adata = make()
    adata.layers["log"] = sparse.csr_matrix(adata.X)
    adata.X = np.zeros_like(adata.X)
    pd.testing.assert_frame_equal(verb(adata, SIGS, layer="log"), dense)


def test_strata_and_contrasts_that_cannot_be_answered() -> None:
    adata = make()
    design = ms.Design(culture="culture", line="line")
    few = adata[~((adata.obs["line"] == "resistant") & (adata.obs["culture"] == "co"))].copy()
    asked = set(verb(few, PLAIN, design=design)["contrast"])
    assert asked == {"co_in_parental", "resistance_in_mono"}
    nothing = adata[adata.obs["culture"] == "mono"].copy()
    with pytest.raises(ms.DesignError):
        verb(nothing, PLAIN, design=ms.Design(culture="culture"))


def test_a_row_without_an_order_has_no_parts() -> None:
    adata = make()
    adata.X = np.where(np.arange(adata.n_obs)[:, None] == 2, 0.0, adata.X)
    parts = verb(adata, PLAIN)
    empty = parts["sample"] == "s2"
    assert parts.loc[empty, ["full", "adds", "without", "without_low", "without_high"]].isna().all(axis=None)
    assert parts.loc[~empty].notna().all(axis=None)


def test_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    adata = make()
    with pytest.raises(ms.InputError, match="mlm scores all signatures at once"):
        verb(adata, SIGS, method="mlm")
    short = Signature("emt.short", axis="emt", genes=[*GENES[:2], "GONE", "AWAY"])
    with pytest.raises(ms.InputError, match=r"three genes.*emt\.short \(2\)"):
        verb(adata, SignatureSet([PLAIN, short]))
    with pytest.raises(ms.InputError, match="no option ties_"):
        verb(adata, PLAIN, params={"ties_": "min"})
    with pytest.raises(ms.InputError, match="needs log expression"):
        verb(make("counts"), PLAIN, method="mean")
    with pytest.raises(ms.InputError, match="one method"):
        verb(adata, PLAIN, method=["mean", "singscore"])  # type: ignore[arg-type]
    with pytest.raises(ms.InputError, match="other signatures"):
        verb(adata, PLAIN, method="ssgsea", params={"normalize": "range"})
    # The function hides its module from dotted names.
    monkeypatch.setattr(sys.modules[verb.__module__], "MOST", 100)
    with pytest.raises(ms.InputError, match="9 genes x 12 rows are too many"):
        verb(adata, PLAIN)
    assert len(verb(adata[:11], PLAIN)) == 99
    assert len(verb(adata, PLAIN, design=DESIGN)) == 5 * 9


def test_each_stratum_is_without_the_genes_that_stroma_could_move_there() -> None:
    adata = make()
    adata.obs["compartment"] = ["A", "B"] * (adata.n_obs // 2)
    design = ms.Design(culture="culture", compartment="compartment")
    dropped = pd.DataFrame({"stratum": ["compartment=A", "compartment=B"], "gene": GENES[4:6]})
    found = SimpleNamespace(dropped=dropped, verdicts=dropped)
    both = verb(adata, PLAIN, design=design, without=found)
    for level, own in zip("AB", GENES[4:6], strict=True):
        part = both[both["stratum"] == f"compartment={level}"]
        assert set(part["gene"]) == set(PLAIN.genes) - {own}
        alone = verb(adata[adata.obs["compartment"] == level].copy(), PLAIN, design=DESIGN_ONE, without=own)
        assert_allclose(part["full"].iloc[0], alone["full"].iloc[0], rtol=1e-9)


def test_without_some_genes_scores_of_thinned_rows_are_means_over_draws() -> None:
    adata = make("counts")
    ms.pp.thin(adata, draws=4)
    ms.pp.lognorm(adata)
    found = verb(adata, PLAIN, design=DESIGN, without=GENES[3])
    kept, means = adata.var_names != GENES[3], []
    for one in draws(adata):
        left = ad.AnnData(np.asarray(one)[:, kept], obs=adata.obs, var=adata.var[kept])
        left.uns["marrowsig"] = {"input": {"kind": "log"}}
        means.append(verb(left, PLAIN, design=DESIGN))
    assert_allclose(found["full"], np.mean([one["full"] for one in means], axis=0), rtol=1e-9)
    assert np.ptp([one["full"].iloc[0] for one in means]) > 0
