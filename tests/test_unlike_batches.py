"""An effect that differs between batches is told of, by the F of effect x batch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import marrowsig as ms
from marrowsig.tl._cautions import by_batch
from marrowsig.tl._unlike_batches import effect_by_batch

DESIGN = ms.Design(culture="culture", mono="mono", co="co", batch="lab")


def scored(effects: list[float], n: int = 3, *, sd: float = 0.01) -> AnnData:
    draw = np.random.default_rng(3)
    rows = [(c, f"L{b}") for b in range(len(effects)) for c in ("mono", "co") for _ in range(n)]
    obs = pd.DataFrame(rows, columns=["culture", "lab"], index=[f"s{i}" for i in range(len(rows))])
    mean = [effects[int(lab[1:])] * (c == "co") for c, lab in rows]
    adata = AnnData(np.zeros((len(rows), 2)), obs=obs)
    y = np.array(mean) + draw.normal(0, sd, len(rows))
    adata.obsm["score_singscore"] = pd.DataFrame(
        {"emt.x": y, "emt.even": draw.normal(0, sd, len(rows))}, obs.index
    )
    return adata


def test_f_is_that_of_two_nested_models() -> None:
    adata = scored([0.01, 0.03, 0.05])
    plan = DESIGN.plans(adata.obs)[0]
    y = adata.obsm["score_singscore"].to_numpy()
    test = effect_by_batch(plan, "batch", y)
    assert test is not None
    co, lab = adata.obs["culture"].eq("co").to_numpy(float), pd.get_dummies(adata.obs["lab"]).to_numpy(float)
    small, large = np.column_stack([lab, co]), np.column_stack([lab, lab * co[:, None]])
    rss = [np.linalg.lstsq(X, y, rcond=None)[1] for X in (small, large)]
    assert (test.df1, test.df2) == (2, 12)
    assert test.f == pytest.approx((rss[0] - rss[1]) / 2 / (rss[1] / 12))


def test_the_sentence_names_what_pools_studies() -> None:
    res = ms.tl.compare(scored([0.06, 0.0, -0.03]), DESIGN, permutations=0)
    told = dict(zip(res["signature"], ms.tl.explain(res), strict=True))
    assert "The effect differs between levels of 'lab' (F(2, 12) = " in told["emt.x"]
    assert "ms.tl.meta" in told["emt.x"]
    assert "differs between levels" not in told["emt.even"]
    alike = ms.tl.compare(scored([0.03, 0.03, 0.03]), DESIGN, permutations=0)
    assert not any("differs between levels" in sentence for sentence in ms.tl.explain(alike))


def test_too_few_samples_say_nothing() -> None:
    adata = scored([0.06, 0.0], n=1)
    plan = ms.Design(culture="culture", mono="mono", co="co", batch="lab").plans(adata.obs)[0]
    assert plan.model is None or effect_by_batch(plan, "batch", np.zeros((4, 1))) is None


def test_the_page_says_it_in_one_line() -> None:
    res = ms.tl.compare(scored([0.06, 0.0, -0.03]), DESIGN, permutations=0)
    told = by_batch(res, ["emt.x", "emt.even"], "co_vs_mono", "")
    assert len(told) == 1
    assert "p < 0.01): emt.x. One effect" in told[0]
    assert by_batch(res, ["emt.even"], "co_vs_mono", "") == []
