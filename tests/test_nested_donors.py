"""Donors of two groups with several rows in an arm: the difference between the groups in their answers."""

from __future__ import annotations

import itertools

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig._stats.linear_fit import fit
from marrowsig._stats.moderated import moderated, shrink
from marrowsig._unasked import OF_FORMULA

LEVELS = {"culture": ["mono", "co"], "time": ["24", "72"], "donor": "no0"}
MORE = "(yes:co - yes:mono) - (no:co - no:mono)"
EXACT = 1e-9


def study(groups: dict[str, int], *, genes: int = 0, seed: int = 0) -> ad.AnnData:
    """Donors of each group, alone and in co-culture at two times; answers vary between donors by one SD."""
    rng = np.random.default_rng(seed)
    donors = [(group, f"{group}{i}") for group, n in groups.items() for i in range(n)]
    cells = itertools.product(donors, ["mono", "co"], ["24", "72"])
    rows = [{"response": r, "donor": d, "culture": c, "time": t} for (r, d), c, t in cells]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    width = genes or 60
    answer = np.repeat(rng.normal(size=(len(donors), width)), 4, axis=0)
    values = rng.normal(size=answer.shape) + answer * (obs["culture"] == "co").to_numpy()[:, None]
    if genes:
        names = pd.DataFrame(index=[f"G{g}" for g in range(genes)])
        return ad.AnnData(values + rng.uniform(3, 9, genes), obs=obs, var=names)
    adata = ad.AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    ids = [f"emt.n{i}" for i in range(width)]
    adata.obsm["score_singscore"] = pd.DataFrame(values, index=obs.index, columns=ids)
    return adata


def design(*groups: str, more: str = MORE, terms: str = "") -> ms.FormulaDesign:
    return ms.Design.from_formula(
        f"~ response * culture + time + donor{terms}",
        levels=LEVELS | {"response": list(groups or ("no", "yes"))},
        contrasts={"more": more},
    )


def answers(adata: ad.AnnData) -> dict[str, np.ndarray]:
    """Co-culture less alone of every donor, the mean of both times, by group."""
    values = adata.obsm["score_singscore"].to_numpy() if adata.obsm else adata.X
    own = values.reshape(-1, 2, 2, values.shape[1]).mean(axis=2)
    group = adata.obs["response"].to_numpy()[::4]
    return {name: (own[:, 1] - own[:, 0])[group == name] for name in dict.fromkeys(group)}


def test_p_is_that_of_two_samples_of_donors() -> None:
    """By scipy, of groups of unlike size; Welch's beside it. The residuals of all rows have 16 df."""
    adata = study({"no": 4, "yes": 3})
    found = ms.tl.compare(adata, design())
    own = answers(adata)
    theirs = stats.ttest_ind(own["yes"], own["no"])
    np.testing.assert_allclose(found["estimate"], own["yes"].mean(0) - own["no"].mean(0), rtol=EXACT)
    np.testing.assert_allclose(found["p"], theirs.pvalue, rtol=EXACT)
    limits = np.transpose(theirs.confidence_interval())
    np.testing.assert_allclose(found[["ci_low", "ci_high"]], limits, rtol=EXACT)
    welch = stats.ttest_ind(own["yes"], own["no"], equal_var=False)
    np.testing.assert_allclose(found["p_welch"], welch.pvalue, rtol=EXACT)
    assert set(found["df"]) == {5}
    assert set(found["effect_name"]) == {"g_z"}
    assert found["test"].str.endswith(", 7 numbers, one per 'donor'").all()
    told = ms.tl.explain(found)[0]
    assert "takes them for independent" not in told
    samples = "6 and 8 samples in the smallest arm of either side"
    assert f"; n = 7, one number per 'donor' (of {samples}); linear model ~ response" in told
    assert "numbers, one per" not in told
    assert "without equal variances (Welch, t(" in told


def test_a_donor_who_lost_a_library_stays_out() -> None:
    """By scipy on the donors left; where a group keeps a single one, rows of all and the reason."""
    adata = study({"no": 4, "yes": 3})
    found = ms.tl.compare(adata[1:].copy(), design())
    own = answers(adata)
    theirs = stats.ttest_ind(own["yes"], own["no"][1:])
    np.testing.assert_allclose(found["p"], theirs.pvalue, rtol=EXACT)
    told = "on 6 of 7 levels of 'donor' (no0 lacks a sample), 6 numbers, one per 'donor'"
    assert found["test"].iloc[0].endswith(told)
    # The same library of two donors: they weigh their rows alike, and are no group of their own.
    same = ms.tl.compare(adata[~adata.obs_names.isin(["s0", "s4"])].copy(), design())
    theirs = stats.ttest_ind(own["yes"], own["no"][2:])
    np.testing.assert_allclose(same["p"], theirs.pvalue, rtol=EXACT)
    few = ms.tl.compare(adata[~adata.obs_names.isin(["s16", "s21"])].copy(), design())
    assert not few["test"].str.contains("numbers, one per").any()
    assert "p takes them for independent" in ms.tl.explain(few)[0]


def test_three_groups_weigh_as_the_contrast_says() -> None:
    """One against the mean of two: pooled variance of the donors of all three, in closed form."""
    adata = study({"no": 3, "some": 4, "yes": 3})
    more = "yes:co - yes:mono - (no:co + some:co) / 2 + (no:mono + some:mono) / 2"
    found = ms.tl.compare(adata, design("no", "some", "yes", more=more))
    own, c = answers(adata), {"yes": 1.0, "no": -0.5, "some": -0.5}
    estimate = sum(c[k] * own[k].mean(0) for k in c)
    pooled = sum(((own[k] - own[k].mean(0)) ** 2).sum(0) for k in c) / 7
    t = estimate / np.sqrt(pooled * sum(c[k] ** 2 / len(own[k]) for k in c))
    np.testing.assert_allclose(found["estimate"], estimate, rtol=EXACT)
    np.testing.assert_allclose(found["p"], 2 * stats.t.sf(np.abs(t), 7), rtol=EXACT)


def test_variances_are_moderated_on_one_number_per_donor() -> None:
    """As limma on the donors' own numbers, one row each and a mean for each group."""
    adata = study({"no": 3, "yes": 3})
    found = ms.tl.compare(adata, design(), moderate=True)
    own = answers(adata)
    Y, X = np.vstack([own["yes"], own["no"]]), np.repeat(np.eye(2), 3, axis=0)
    theirs = moderated(shrink(fit(Y, X), trend=False, robust=False), np.array([1.0, -1.0]))
    np.testing.assert_allclose(found["p"], theirs.p, rtol=1e-6)
    assert (found["df"] > 4).all()


def test_genes_take_one_number_per_donor() -> None:
    """As limma on the averages of each donor's rows of a culture, donors as blocks."""
    adata = study({"no": 3, "yes": 4}, genes=300)
    found = ms.tl.genes(adata, design())
    mean = adata.X.reshape(7, 2, 2, -1).mean(axis=2).reshape(14, -1)
    co, yes = np.tile([0.0, 1.0], 7), np.repeat([0, 0, 0, 1, 1, 1, 1], 2)
    X = np.column_stack([np.repeat(np.eye(7), 2, axis=0), co, co * yes])
    theirs = moderated(shrink(fit(mean, X), trend=True), np.eye(9)[-1])
    np.testing.assert_allclose(found["estimate"], theirs.estimate, rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(found["p"], theirs.p, rtol=1e-7)
    assert found["test"].str.endswith(", 7 numbers, one per 'donor'").all()
    told = ms.tl.explain(found)[0]
    assert "; n = 7, one number per 'donor' (of " in told
    assert "numbers, one per" not in told
    # Without a prior to borrow from, the t of the signature is that of the donors' numbers, by scipy.
    few = adata[:, :40].copy()
    one = ms.sig.Signature("emt.mine", axis="emt", genes=list(few.var_names[:12]))
    of_set = ms.tl.gene_sets(few, design(), signatures=one, n_rotations=99).iloc[0]
    own = {k: v[:, :12].mean(axis=1) for k, v in answers(few).items()}
    told = stats.ttest_ind(own["yes"], own["no"])
    np.testing.assert_allclose([of_set["stat"], of_set["p"]], [told.statistic, told.pvalue], rtol=1e-9)


@pytest.mark.parametrize("n", [3, 4])
def test_genes_hold_their_level(n: int) -> None:
    """5,000 genes: 0.05 within four errors of 0.003; by the residuals of all rows it is about 0.11."""
    p = ms.tl.genes(study({"no": n, "yes": n}, genes=5000, seed=n), design())["p"]
    assert abs((p < 0.05).mean() - 0.05) < 0.0125


def test_a_covariate_that_varies_within_donors_is_told() -> None:
    """No number per donor can be taken there: p is by all rows, and the reason says what hinders it."""
    adata = study({"no": 4, "yes": 4})
    adata.obs["viability"] = np.random.default_rng(1).uniform(70, 95, adata.n_obs)
    found = ms.tl.compare(adata, design(terms=" + viability"))
    assert set(found["df"]) == {20}
    (caution,) = (c for c in found.attrs["cautions"] if c[2] != OF_FORMULA)
    assert "p takes them for independent" in caution[2]
    assert caution[2].endswith("p is of one number per 'donor' where the formula has no column of numbers")
