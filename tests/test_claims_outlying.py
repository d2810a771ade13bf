"""One far sample of another arm: found by prediction without it, and told beside a claim that it widens."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig._cli.brief import _checks, _smallest
from marrowsig._report.why import _besides
from marrowsig.tl._claims_outlying import outlying
from marrowsig.tl._claims_words import other_tests

DESIGN = ms.Design(culture="culture", line="line", inhibitor="drug", vehicle="none", pair="pair")
ARMS = [(line, culture, drug) for line in ("parental", "resistant")
        for culture in ("mono", "co") for drug in ("none", "rux")]  # fmt: skip


@pytest.fixture
def study() -> tuple[object, np.ndarray]:
    """Plan of the interaction in four experiments, and a score whose interaction is 1 with noise of 0.2."""
    rows = [(*arm, f"e{i}") for i in range(4) for arm in ARMS]
    obs = pd.DataFrame(rows, columns=["line", "culture", "drug", "pair"])
    obs = obs.set_axis([f"s{i}" for i in range(len(obs))])
    (plan,) = [p for p in DESIGN.plans(obs) if p.contrast.name == "interaction"]
    frame = plan.model.frame
    grown = obs["culture"].eq("co") & obs["line"].eq("resistant") & obs["drug"].eq("none")
    y = grown.astype(float).to_numpy() + np.random.default_rng(5).normal(0, 0.2, len(obs))
    return plan, y[frame["row"].to_numpy()]


def test_the_distance_is_that_from_what_the_other_samples_predict(study) -> None:
    plan, y = study
    model = plan.model
    assert outlying(plan, y)[0] == ""
    at = int(np.flatnonzero((model.frame["arm"] == "resistant:co+rux") & (model.frame["pair"] == "e2"))[0])
    y[at] -= 4
    name, far, p = outlying(plan, y)
    assert name == f"{model.frame['name'].iloc[at]} (resistant:co+rux)"
    rest = np.arange(len(y)) != at
    X, x = model.X[rest], model.X[at]
    b, df = np.linalg.pinv(X) @ y[rest], len(X) - np.linalg.matrix_rank(X)
    s2 = ((y[rest] - X @ b) ** 2).sum() / df
    inverse = np.linalg.pinv(X.T @ X)
    assert far == pytest.approx(abs(y[at] - x @ b) / np.sqrt(s2 * (1 + x @ inverse @ x)), rel=1e-9)
    c = model.c(plan.contrast)
    assert p == pytest.approx(2 * stats.t.sf(abs(c @ b) / np.sqrt(s2 * (c @ inverse @ c)), df), rel=1e-9)


def test_a_far_sample_of_an_arm_that_is_compared_is_left_in(study) -> None:
    plan, y = study
    y[int(np.flatnonzero(plan.model.frame["arm"] == "resistant:co")[0])] += 4
    assert outlying(plan, y)[0] == ""


def test_it_is_told_beside_a_claim_that_is_not_supported_only() -> None:
    row = {
        "estimate": 0.02, "p": 0.03, "p_adj": 0.07, "p_welch": 0.0006, "p_compared": np.nan, "n_both": 4,
        "contrast": "interaction",
        "signature": "emt.hallmark", "n_pairs": 4, "verdict": "not supported", "inhibitor": "",
        "sentence": "EMT rises more: not supported", "outlying": ("S26 (ADR:co+rux)", 6.03, 0.0005),
        "compartment": "", "stratum": "", "claim": "emt_more_in_resistant", "by_method": "",
        "established_by": [],
        "genes_p": np.nan, "p_null": np.nan, "beside": "",
    }  # fmt: skip
    said = other_tests(row, alpha=0.05)
    assert (
        "Without S26 (ADR:co+rux), an arm not compared here, 6.0 SD from what the model expects: p = 0.0005"
        in said
    )
    told = _checks(row | {"other_tests": said})
    assert told == (
        "EMT rises more: p 0.0006 by one difference per pair of both lines, 0.0005 without S26, an outlier "
        "of another arm (one SD is shared by all arms) (checks, which do not decide)"
    )
    held = row | {"p_adj": 0.01, "verdict": "supported"}
    told = _checks(row | {"other_tests": said})
    assert told == (
        "EMT rises more: p 0.0006 by one difference per pair of both lines, 0.0005 without S26, an outlier "
        "of another arm (one SD is shared by all arms) (checks, which do not decide)"
    )
    held = row | {"p_adj": 0.01, "verdict": "supported"}
    assert "Without S26" not in other_tests(held, alpha=0.05)
    assert _checks(held | {"other_tests": said}) == ""


def test_of_an_interaction_that_is_not_supported_the_smallest_difference_is_told() -> None:
    row = {"verdict": "not supported", "contrast": "interaction", "detectable": 0.1213, "inhibitor": "",
           "sentence": "EMT rises more: not supported"}  # fmt: skip
    assert _smallest(row) == "0.12 (EMT rises more)"
    assert _smallest(row | {"verdict": "supported"}) == ""
    assert _smallest(row | {"contrast": "co_in_parental"}) == ""
    assert _smallest(row | {"detectable": np.nan}) == ""


def test_the_genes_go_the_other_way_by_the_change_that_their_p_is_of() -> None:
    # Few genes of small SD rise, most fall: the plain mean is not what is tested.
    row = {
        "estimate": -0.0047, "p": 0.095, "p_adj": 0.095, "p_welch": np.nan, "p_compared": np.nan, "n_both": 0,
        "contrast": "co_vs_mono", "signature": "emt.hallmark", "n_pairs": 0, "verdict": "not supported",
        "inhibitor": "", "outlying": (), "compartment": "", "stratum": "", "claim": "emt_up", "by_method": "",
        "established_by": [], "p_null": np.nan, "beside": "", "rule": "not established",
        "genes_estimate": 0.548, "genes_p": 0.0057,
        "genes_unit": "SD of genes of such expression, not log2", "genes_log2_change": -0.017,
    }  # fmt: skip
    moved = "mean change 0.55 SD of genes of such expression, not log2, p = 0.0057, not adjusted."
    assert other_tests(row, alpha=0.05) == f"By the test of its genes established, the other way: {moved}"
    same = other_tests(row | {"genes_estimate": -0.548, "genes_log2_change": 0.017}, alpha=0.05)
    assert same == f"By the test of its genes established: {moved.replace('0.55', '-0.55')}"
    few = other_tests(row | {"genes_estimate": 0.017, "genes_unit": "log2"}, alpha=0.05)
    assert few.endswith("the other way: mean log2 change 0.017, p = 0.0057, not adjusted.")
    assert list(_besides(row, 0.05)) == ["established by the test of its genes, the other way"]
