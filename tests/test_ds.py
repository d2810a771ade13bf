"""The toy and the way into the simulated study."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._genes import table


def test_toy_is_the_same_every_time_and_nobody_shares_it() -> None:
    one, other = ms.ds.toy(), ms.ds.toy()
    np.testing.assert_array_equal(one.X, other.X)
    one.X[:] = 0
    assert other.X.sum() > 0
    pd.testing.assert_frame_equal(one.obs, other.obs)


def test_toy_is_a_balanced_paired_two_by_two() -> None:
    adata = ms.ds.toy()
    cells = adata.obs.groupby(["culture", "line", "pair"], observed=True).size()
    assert adata.shape == (16, 300)
    assert cells.tolist() == [1] * 16
    assert adata.obs_names.is_unique
    assert adata.var_names.is_unique


def test_toy_holds_counts_and_says_so() -> None:
    adata = ms.ds.toy()
    assert (adata.X >= 0).all()
    assert np.array_equal(np.round(adata.X), adata.X)
    assert adata.uns["marrowsig"]["input"]["kind"] == "counts"
    assert adata.uns["marrowsig"]["input"]["simulated"] is True


def test_toy_genes_are_approved_and_cover_the_hallmark_sets() -> None:
    genes = set(ms.ds.toy().var_names)
    assert genes <= table().approved
    for signature in ms.sig.load("emt.hallmark", "il6.hallmark"):
        assert len(genes & set(signature.genes)) / len(signature) >= 0.5


@pytest.mark.parametrize(("name", "effects"), [("emt.hallmark", (0.4, 1.4)), ("il6.hallmark", (0.8, 1.2))])
def test_toy_effects_are_those_of_the_docstring(name: str, effects: tuple[float, float]) -> None:
    adata = ms.ds.toy()
    hallmark = ms.sig.load("emt.hallmark", "il6.hallmark")
    other = {"emt.hallmark": "il6.hallmark", "il6.hallmark": "emt.hallmark"}[name]
    mine = adata.var_names.isin(set(hallmark[name].genes) - set(hallmark[other].genes))
    listed = {gene for signature in hallmark for gene in signature.genes}
    steady = ~adata.var_names.isin(listed)
    log2 = np.log2(adata.X + 1)
    # Against the genes that were left alone, because the totals rise with the programmes.
    score = pd.Series(log2[:, mine].mean(1) - log2[:, steady].mean(1), adata.obs_names)
    means = score.groupby([adata.obs["line"], adata.obs["culture"]], observed=True).mean()
    for line, effect in zip(("parental", "resistant"), effects, strict=True):
        assert means[line, "co"] - means[line, "mono"] == pytest.approx(effect, abs=0.15)


@pytest.mark.parametrize("make", [ms.ds.toy, ms.ds.demo])
def test_both_survive_h5ad(make: object, tmp_path: object) -> None:
    import anndata

    adata = make()
    adata.write_h5ad(tmp_path / "x.h5ad")
    back = anndata.read_h5ad(tmp_path / "x.h5ad")
    assert dict(back.uns["marrowsig"]["input"]) == adata.uns["marrowsig"]["input"]
    pd.testing.assert_frame_equal(back.obs, adata.obs)
