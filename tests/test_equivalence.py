"""Whether a difference is shown to lie within a margin: against statsmodels, and in words."""

from __future__ import annotations

import itertools

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttost_ind, ttost_paired

import marrowsig as ms
from marrowsig.tl.compare import compare
from marrowsig.tl.explain import explain
from marrowsig.tl.rescue import rescue

ARMS = {"mono": ("mono", "none"), "co": ("co", "none"), "co+X": ("co", "X")}
TWO = ms.Design(culture="culture")
PAIRED = ms.Design(culture="culture", pair="pair")
RESCUE = ms.Design(culture="culture", inhibitor="drug", pair="pair")


def study(n: int, means: tuple[float, ...], *, runs: int = 5, seed: int = 0, sd: float = 1.0) -> ad.AnnData:
    arms = list(ARMS.values())[: len(means)]
    rows = [{"culture": c, "drug": d, "pair": f"p{i}"} for (c, d), i in itertools.product(arms, range(n))]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    rng = np.random.default_rng(seed)
    y = rng.normal(0, sd, size=(len(obs), runs)) + np.repeat(means, n)[:, None]
    y += np.tile(rng.normal(size=(n, runs)), (len(arms), 1))
    adata = ad.AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    names = [f"emt.s{i}" for i in range(runs)]
    adata.obsm["score_singscore"] = pd.DataFrame(y, index=obs.index, columns=names)
    return adata


@pytest.mark.parametrize("n", [3, 4, 6])
def test_p_equals_that_of_statsmodels(n: int) -> None:
    """1e-10 is far above the rounding of either."""
    adata = study(n, (0.0, 0.3), seed=n)
    y = adata.obsm["score_singscore"].to_numpy()
    for design, tost in ((TWO, lambda a, b: ttost_ind(a, b, -1.5, 1.5, usevar="pooled")),
                         (PAIRED, lambda a, b: ttost_paired(a, b, -1.5, 1.5))):  # fmt: skip
        got = compare(adata, design, margin=1.5, permutations=0)["p_equivalence"]
        p = [tost(co, mono)[0] for mono, co in zip(y[:n].T, y[n:].T, strict=True)]
        np.testing.assert_allclose(got, p, rtol=1e-10)


def test_columns_are_empty_without_a_margin_and_change_nothing_else() -> None:
    adata = study(4, (0.0, 1.0))
    plain, asked = compare(adata, PAIRED), compare(adata, PAIRED, margin={"singscore": 0.5})
    new = ["margin", "p_equivalence", "equivalence_low", "equivalence_high", "equivalent"]
    assert [name for name in plain.columns if name in new] == new
    assert plain[new[:4]].isna().all(axis=None)
    assert (plain["equivalent"] == "").all()
    pd.testing.assert_frame_equal(plain.drop(columns=new), asked.drop(columns=new))


def test_answers_follow_the_two_intervals() -> None:
    """ "Yes" within the 90 % interval, "no" outside the 95 % one, whatever the difference itself is."""
    for difference in (0.0, 0.4, 1.0, 3.0):
        found = compare(study(4, (0.0, difference), runs=10, sd=0.3), PAIRED, margin=1.0, permutations=0)
        inside = (found["equivalence_low"] > -1) & (found["equivalence_high"] < 1)
        outside = (found["ci_low"] > 1) | (found["ci_high"] < -1)
        said = np.select([inside, outside], ["yes", "no"], "not shown")
        np.testing.assert_array_equal(found["equivalent"], said)
        np.testing.assert_array_equal(found["p_equivalence"] < 0.05, inside)
        assert (
            set(said)
            >= {0.0: {"yes"}, 0.4: {"yes", "not shown"}, 1.0: {"not shown"}, 3.0: {"no"}}[difference]
        )


def test_residuals_are_judged_as_by_rescue() -> None:
    adata = study(4, (0.0, 3.0, 0.1), sd=0.3)
    ours = compare(adata, RESCUE, margin=0.8).query("contrast == 'residual_X'")
    theirs = rescue(adata, RESCUE, margin=0.8)
    for one, other in [
        ("p_equivalence", "equivalence_p"),
        ("equivalence_low",) * 2,
        ("equivalence_high",) * 2,
    ]:
        np.testing.assert_allclose(ours[one], theirs[other], rtol=1e-12)


def test_moderated_rows_use_their_own_error() -> None:
    adata = study(3, (0.0, 0.5), runs=50)
    found = compare(adata, PAIRED, margin=1.0, moderate=True)
    half = (found["equivalence_high"] - found["equivalence_low"]) / 2
    np.testing.assert_allclose(half, stats.t.isf(0.05, found["df"]) * found["se"], rtol=1e-10)


def test_words() -> None:
    cases = {
        ("not established", "yes"): ("Equivalent within a margin of 1 (90 % interval ", 0.0, 0.2),
        ("up", "yes"): ("Different, yet equivalent within a margin of 1 (90 % interval ", 0.6, 0.15),
        ("not established", "not shown"): ("Neither moved nor shown to be unmoved within a ", 0.2, 1.5),
        ("up", "not shown"): ("That it is less than a margin of 1, or more, is not shown (90 % ", 1.0, 0.3),
        ("up", "no"): ("The 95 % interval lies beyond a margin of 1.", 4.0, 0.3),
    }  # fmt: skip
    for (verdict, answer), (words, difference, sd) in cases.items():
        found = compare(study(6, (0.0, difference), runs=6, sd=sd), PAIRED, margin=1.0, permutations=0)
        row = found[(found["verdict"] == verdict) & (found["equivalent"] == answer)].iloc[:1]
        assert words in explain(row).iloc[0]
        if answer != "no":
            p = ms.tl.explain(row).iloc[0].partition("two one-sided t tests, ")[2].partition(", not adj")[0]
            assert p in (f"p = {row['p_equivalence'].iloc[0]:.2g}", "p < 0.0001")
    assert "margin" not in explain(compare(study(4, (0.0, 1.0)), PAIRED)).iloc[0]


def test_rows_without_an_answer_and_refusals() -> None:
    adata = study(4, (0.0, 1.0))
    adata.obsm["score_singscore"]["emt.s1"] = np.nan
    adata.obsm["score_singscore"]["emt.s2"] = 0.5
    found = compare(adata, PAIRED, margin=1.0, permutations=0).set_index("signature")
    assert found.loc[["emt.s1", "emt.s2"], "p_equivalence"].isna().all()
    assert (found.loc[["emt.s1", "emt.s2"], "equivalent"] == "").all()
    for margin in (0, -1.0, np.nan, np.inf, True):
        with pytest.raises(ms.InputError, match="positive number"):
            compare(adata, PAIRED, margin=margin)
    with pytest.raises(ms.InputError, match=r"between 0 and 0\.5"):
        compare(adata, PAIRED, margin=1.0, alpha=0.5)
    adata.obsm["score_mean"] = adata.obsm["score_singscore"] * 10
    with pytest.raises(ms.InputError, match=r"different ones.*margin=\{'singscore': 0\.1\}"):
        compare(adata, PAIRED, margin=0.1)
    one = compare(adata, PAIRED, margin={"mean": 0.1})
    assert set(one.loc[one["margin"].notna(), "method"]) == {"mean"}
