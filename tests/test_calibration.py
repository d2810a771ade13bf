"""The studies of docs/calibration.md with few runs, and their short cuts against the public verbs."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms

BENCH = str(Path(__file__).parent / "bench")
NAMES = (
    "compare_levels", "signature_levels", "random_sets", "cell_levels", "cell_types", "ratio_coverage",
    "effect_coverage", "power_table", "family_errors", "permutations", "covariate_models", "count_tests",
    "moderated_scores", "equivalence_levels", "not_offered", "shared_donors", "nested_donors",
    "secondary_families",
)  # fmt: skip


def study(name: str):
    sys.path.insert(0, BENCH)
    try:
        return import_module(f"calibration.{name}")
    finally:
        sys.path.remove(BENCH)


SHORT = [(name, case) for name in NAMES for case in study(name).cases() if case.short]


@pytest.mark.parametrize(("name", "case"), SHORT, ids=[f"{n}-{c.scenario}" for n, c in SHORT])
def test_aims_are_met(name: str, case) -> None:
    """Within three Monte-Carlo errors; negative controls lie above their bound."""
    found = case.draw(case.short)
    missed = {
        n: float(found[n].mean()) for n, aim in case.aims.items() if n in found and not aim.met(found[n])
    }
    assert not missed
    assert set(case.aims) & set(found)


def test_every_study_has_scenarios_that_are_run_here() -> None:
    assert {name for name, _ in SHORT} == set(NAMES)
    keys = [case.key for name in NAMES for case in study(name).cases()]
    assert len(keys) == len(set(keys))


def test_the_page_counts_the_aims_of_donors_in_both_lines() -> None:
    page = (Path(__file__).parents[1] / "docs" / "calibration.md").read_text(encoding="utf-8")
    part = page.split("## Donors in both lines", maxsplit=1)[1].split("## ", maxsplit=1)[0]
    head, _, *rows = [[cell.strip() for cell in ln.split("|")] for ln in part.splitlines() if ln[:1] == "|"]
    at = [i for i, name in enumerate(head) if name in study("shared_donors").cases()[0].aims]
    assert f"One of {sum(row[i] != '' for row in rows for i in at)} aims" in " ".join(part.split())


def test_all_three_kinds_of_fractions_are_reached() -> None:
    found = study("ratio_coverage").coverage(3, 2.0, False, 500)
    assert all(found[name].sum() > 0 for name in ("bounded", "gap", "every number"))
    assert found["unlike D"].sum() == 0


def with_scores(obs: pd.DataFrame, y: np.ndarray) -> ad.AnnData:
    adata = ad.AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    names = [f"emt.n{i}" for i in range(y.shape[1])]
    adata.obsm["score_singscore"] = pd.DataFrame(y, index=obs.index, columns=names)
    return adata


def test_families_beside_the_primary_one_are_those_of_compare() -> None:
    of = study("secondary_families")
    n, runs = 4, 20  # as the short run above, which keeps its scores
    p, _, ids = of.tested(n, runs, ("il6", "stat3"))
    arms = [("mono", "none"), ("co", "none"), ("mono", "A"), ("co", "A")] * n
    obs = pd.DataFrame(arms, columns=["culture", "drug"], index=[f"s{i}" for i in range(4 * n)])
    obs["pair"] = np.repeat(list("abcd"), 4)
    adata = ad.AnnData(np.zeros((4 * n, 1), dtype=np.float32), obs=obs)
    y = of.moved_scores(n, runs, ("il6", "stat3"))[:, :, 0]
    adata.obsm["score_singscore"] = pd.DataFrame(y, index=obs.index, columns=ids)
    design = ms.Design(culture="culture", inhibitor="drug", pair="pair")
    res = ms.tl.compare(adata, design, primary=list(of.MAIN), permutations=0)
    rows = res[res["contrast"].eq("drug_alone_A")].set_index("signature").loc[ids]
    np.testing.assert_allclose(rows["p"], p[:, 0], rtol=1e-9)
    for name in ("main", "rest", "controls"):
        own = of.families(ids)[name]
        assert len(set(rows["family"][own])) == 1
        np.testing.assert_allclose(rows["p_adj"][own], stats.false_discovery_control(p[own, 0]), rtol=1e-9)


@pytest.mark.parametrize("covariates", [None, "x"])
@pytest.mark.parametrize("layout", ["two groups", "pairs", "interaction", "interaction of pairs"])
def test_fitted_is_what_compare_says(layout: str, covariates: str | None) -> None:
    layouts = study("layouts")
    obs = layouts.samples(layout, 4)
    rng = np.random.default_rng(1)
    obs["x"] = rng.normal(size=len(obs))
    y = rng.normal(size=(len(obs), 5))
    fields, asked = layouts.LAYOUTS[layout]
    design = ms.Design(culture="culture", covariates=covariates, **{f: f for f in fields})
    result = ms.tl.compare(with_scores(obs, y), design, permutations=0)
    result = result[result["contrast"] == asked]
    ours = layouts.fitted(layouts.plan_of(layout, obs, covariates=covariates), y)
    np.testing.assert_allclose(ours.p, result["p"], rtol=1e-12)
    np.testing.assert_allclose(ours.estimate, result["estimate"], rtol=1e-12)


def test_models_of_counts_are_what_the_verbs_say() -> None:
    counting = study("count_tests")
    layouts = study("layouts")
    obs = layouts.samples("two groups", 3)
    rng = np.random.default_rng(2)
    co = (obs["culture"] == "co").to_numpy().astype(float)
    x, effect = counting.counts(rng, co, counting.sizes(3.0, 3, "across"))
    adata = ad.AnnData(x, obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(x.shape[1])]))
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    design = ms.Design(culture="culture")
    sigs = [
        ms.sig.Signature(f"emt.s{k}", axis="emt", genes=[f"G{i}" for i in genes])
        for k, genes in enumerate((counting.NULL, counting.MOVED))
    ]
    for test in ("trend", "voom"):
        plan = layouts.plan_of("two groups", obs)
        ours = counting._one(plan, x, effect, test, 0)
        genes = ms.tl.genes(adata, design, test=test).set_index("gene")
        still = genes.loc[[f"G{i}" for i in np.flatnonzero(effect == 0)], "p"].dropna()
        assert ours[f"genes {test}"] == (still <= 0.05).mean()
        sets = ms.tl.gene_sets(adata, design, signatures=ms.sig.SignatureSet(sigs), test=test, n_rotations=99)
        if test == "trend":
            assert [ours["signature"], ours["signature power"]] == (sets["p"] <= 0.05).astype(float).tolist()
