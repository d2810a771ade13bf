"""Results do not depend on the order of samples, genes and columns, nor on how levels are coded: to 1e-12."""

from __future__ import annotations

import itertools
from functools import cache

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

GENES = [f"G{i}" for i in range(600)]
UP_AND_DOWN = {g: -1.0 if i % 3 == 0 else 1.0 for i, g in enumerate(GENES[:30])}
SIGS = ms.sig.SignatureSet(
    [
        ms.sig.Signature("emt.mine", axis="emt", genes=UP_AND_DOWN),
        ms.sig.Signature("il6.mine", axis="il6", genes=GENES[40:60]),
    ]
)
DESIGNS = {
    "unpaired": {},
    "paired": {"pair": "pair"},
    "batch and covariate": {"batch": "run", "covariates": "cycle"},
}


@cache
def study() -> ad.AnnData:
    """Counts of four cultures per arm of a 2x2 with an inhibitor, scored."""
    rng = np.random.default_rng(3)
    arms = itertools.product(
        ["parental", "resistant"], [("mono", "none"), ("co", "none"), ("co", "rux")], range(4)
    )
    rows = [
        {"line": line, "culture": culture, "drug": drug, "pair": f"{line[0]}{i}", "run": f"r{i % 2}"}
        for line, (culture, drug), i in arms
    ]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    obs["cycle"] = rng.normal(size=len(obs))
    # A fraction of no induction has no digits to compare, so both signatures move.
    moved = np.isin(np.arange(600) % 3, [1, 2]) & (np.arange(600) < 60)
    mean = rng.lognormal(4, 1, 600) * 2.0 ** ((obs["culture"] == "co").to_numpy()[:, None] * moved)
    x = rng.poisson(mean * rng.gamma(20, 1 / 20, mean.shape)).astype(float)
    adata = ad.AnnData(x, obs=obs, var=pd.DataFrame(index=GENES))
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIGS, method="singscore")
    return adata


def rearranged(seed: int) -> ad.AnnData:
    """The same study: rows, genes, columns of obs and scores shuffled, and levels coded in another order."""
    adata, rng = study(), np.random.default_rng(seed)
    moved = adata[rng.permutation(adata.n_obs), rng.permutation(adata.n_vars)].copy()
    moved.obs = moved.obs[list(rng.permutation(moved.obs.columns))]
    for column in ("line", "culture", "drug", "pair", "run"):
        levels = list(rng.permutation(moved.obs[column].unique()))
        moved.obs[column] = pd.Categorical(moved.obs[column], categories=levels)
    moved.obsm["score_singscore"] = moved.obsm["score_singscore"].iloc[:, ::-1]
    return moved


def same(verb, keys: list[str], **options) -> None:
    before, after = (verb(adata, **options).set_index(keys) for adata in (study(), rearranged(1)))
    assert before.index.is_unique
    assert set(after.index) == set(before.index)
    after = after.loc[before.index]
    for column in before:
        a, b = before[column], after[column]
        if pd.api.types.is_float_dtype(a):
            np.testing.assert_allclose(b, a, rtol=1e-12, atol=1e-12, err_msg=column)
        else:
            assert a.astype(str).tolist() == b.astype(str).tolist(), column


@pytest.mark.parametrize("name", DESIGNS)
def test_comparisons(name: str) -> None:
    design = ms.Design(culture="culture", line="line", inhibitor="drug", **DESIGNS[name])
    same(
        ms.tl.compare, ["method", "contrast", "signature"], design=design, primary="emt", permutations=199,
        adjust="holm",
    )  # fmt: skip
    same(ms.tl.rescue, ["method", "line", "inhibitor", "signature", "kind"], design=design)


def test_families_by_rotation() -> None:
    design = ms.Design(culture="culture", line="line", inhibitor="drug")
    keys = ["method", "contrast", "signature"]
    same(ms.tl.compare, keys, design=design, primary="emt", adjust="maxt", permutations=0)


@pytest.mark.parametrize(("test", "pair"), [("trend", "pair"), ("voom", None)])
def test_genes_and_sets(test: str, pair: str | None) -> None:
    design = ms.Design(culture="culture", line="line", inhibitor="drug", pair=pair)
    same(ms.tl.genes, ["contrast", "gene"], design=design, test=test)
    keys = ["contrast", "signature"]
    same(ms.tl.gene_sets, keys, design=design, test=test, signatures=SIGS, n_rotations=99)


def test_contrasts_beside_random_sets() -> None:
    design = ms.Design(culture="culture", line="line", pair="pair", inhibitor="drug")

    def table(adata: ad.AnnData) -> pd.DataFrame:
        return ms.qc.null(adata, SIGS, design=design, method="mean")[
            ["contrast", "signature", "estimate", "p"]
        ]

    same(table, ["contrast", "signature"])
