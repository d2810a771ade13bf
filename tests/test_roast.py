"""Roast against limma's Monte-Carlo p, closed forms and simulation."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import marrowsig._stats.roast as module
from marrowsig._stats import ols
from marrowsig._stats.roast import roast

GOLDEN = Path("reference", "golden", "bulk")
NROT, THEIR_NROT = 1999, 9999
TWO, DIFFERENCE = np.repeat(np.eye(2), 3, axis=0), np.array([-1.0, 1])
STATISTICS = ["mean", "floormean", "mean50", "msq"]


class Study:
    """Expression (samples x genes) without constant genes, its sets and limma's tests."""

    def __init__(self, shared: Path) -> None:
        folder = shared / GOLDEN
        tables = folder / "out_limma"
        genes = pd.Index((tables / "nonconstant_genes.txt").read_text().split())
        self.Y = pd.read_csv(folder / "expr.tsv.gz", sep="\t", index_col=0).loc[genes].to_numpy().T
        self.X = pd.read_csv(tables / "design_cellmeans.tsv", sep="\t", index_col=0).to_numpy(float)
        self.contrasts = pd.read_csv(tables / "contrasts.tsv", sep="\t", index_col=0)
        self.sets, self.weights = [], []
        self.listed = json.loads((folder / "genesets.json").read_text())
        for entry in self.listed.values():
            w = entry["weights"] or {**dict.fromkeys(entry["up"], 1.0), **dict.fromkeys(entry["down"], -1.0)}
            found = [g for g in entry["genes"] if g in genes]
            self.sets.append(genes.get_indexer(found))
            self.weights.append(np.array([w[g] for g in found], float))
        tests = pd.read_csv(tables / "geneset_tests_long.tsv.gz", sep="\t")
        self.tests = tests.set_index(["method", "contrast", "field"]).sort_index()

    def theirs(self, method: str, contrast: str, field: str) -> np.ndarray:
        rows = self.tests.loc[(method, contrast, field)].set_index("set")["value"]
        return rows.reindex(list(self.listed)).to_numpy()


@pytest.fixture(scope="module")
def study(shared: Path) -> Study:
    return Study(shared)


@pytest.mark.shared
@pytest.mark.parametrize("contrast", ["co_in_parental", "co_in_resistant", "difference"])
@pytest.mark.parametrize("statistic", [*STATISTICS, "signed_weights_mean"])
def test_roast_is_that_of_limma(study: Study, statistic: str, contrast: str) -> None:
    """Both p are Monte-Carlo: within four standard errors of their difference."""
    signed = statistic == "signed_weights_mean"
    ours = roast(
        study.Y, study.X, study.contrasts[contrast].to_numpy(float), study.sets, nrot=NROT, seed=7,
        statistic="mean" if signed else statistic, gene_weights=study.weights if signed else None,
    )  # fmt: skip
    method = f"mroast_{statistic}_nrot9999_seed42"
    for field, p in [("PValue", ours.p), ("PValue.Mixed", ours.mixed)]:
        theirs = study.theirs(method, contrast, field).astype(float)
        middle = (p + theirs) / 2
        assert (
            np.abs(p - theirs) <= 4 * np.sqrt(middle * (1 - middle) * (1 / NROT + 1 / THEIR_NROT))
        ).all(), (p, theirs)
    for field, share in [("PropUp", ours.active_up), ("PropDown", ours.active_down)]:
        np.testing.assert_allclose(share, study.theirs(method, contrast, field).astype(float), rtol=1e-12)
    up = study.theirs(method, contrast, "Direction") == "Up"
    np.testing.assert_array_equal(ours.direction, np.where(up, 1, -1))
    np.testing.assert_array_equal(ours.size, study.theirs(method, contrast, "NGenes").astype(int))


def random_study(seed: int, genes: int = 80) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(9), np.arange(9) % 3 == 0, rng.normal(size=9)])
    return rng.normal(5, rng.uniform(0.5, 2, genes), (9, genes)), X, np.array([0.0, 1, 0])


@pytest.mark.parametrize("statistic", STATISTICS)
def test_one_gene_gives_the_t_test_whatever_the_prior(statistic: str) -> None:
    """The rotated moderated t is a monotone function of the rotated t, so that their p are the same."""
    Y, X, c = random_study(1)
    exact = ols.fit(Y[:, :12], X, c)
    ours = roast(Y, X, c, [np.array([g]) for g in range(12)], statistic=statistic, nrot=NROT, seed=3)
    error = 4 * np.sqrt(exact.p * (1 - exact.p) / NROT) + 1 / NROT
    assert (np.abs(ours.p - exact.p) < error).all()
    assert (np.abs(np.where(exact.stat > 0, ours.up, ours.down) - exact.p / 2) < error).all()
    np.testing.assert_array_equal(ours.direction, np.sign(exact.stat))
    if statistic != "floormean":  # small z are all lifted to one value there
        np.testing.assert_array_equal(ours.mixed, ours.p)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_the_opposite_contrast_has_the_opposite_tails(statistic: str) -> None:
    Y, X, c = random_study(2)
    w = [np.random.default_rng(0).normal(size=15)]
    one = roast(Y, X, c, [np.arange(15)], gene_weights=w, statistic=statistic, nrot=499)
    other = roast(Y, X, -c, [np.arange(15)], gene_weights=w, statistic=statistic, nrot=NROT)
    assert abs(one.up[0] - other.down[0]) < 4 * np.sqrt(0.25 / 499)
    turned = roast(Y, X, c, [np.arange(15)], gene_weights=[-w[0]], statistic=statistic, nrot=499)
    np.testing.assert_array_equal(turned.up, one.down)
    np.testing.assert_array_equal(turned.p, one.p)
    np.testing.assert_array_equal(turned.mixed, one.mixed)


@pytest.mark.parametrize(("weighted", "trend"), [(False, False), (True, False), (False, True)])
def test_order_and_coding_do_not_matter(*, weighted: bool, trend: bool) -> None:
    Y, X, c = random_study(4)
    rng = np.random.default_rng(5)
    weights = rng.uniform(0.3, 3, Y.shape) if weighted else None
    sets = [np.arange(8), np.arange(20, 45)]
    samples, genes = rng.permutation(9), rng.permutation(80)
    code = np.array([[1.0, 2, 0], [0, 1, 3], [1, 0, -1]])  # other columns, same model
    grid = np.ix_(samples, genes)
    moved = [np.argsort(genes)[m] for m in sets]
    for statistic in STATISTICS:
        ours = roast(Y, X, c, sets, statistic=statistic, nrot=999, trend=trend, weights=weights)
        again = roast(
            Y[grid], X[samples] @ code, code.T @ c, moved, statistic=statistic, nrot=999, trend=trend,
            weights=None if weights is None else weights[grid],
        )  # fmt: skip
        np.testing.assert_array_equal(again.p, ours.p)
        np.testing.assert_array_equal(again.mixed, ours.mixed)


def test_the_split_into_blocks_and_other_sets_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    Y, X, c = random_study(6)
    sets = [np.arange(8), np.arange(20, 45)]
    whole = roast(Y, X, c, sets, nrot=999, seed=1)
    np.testing.assert_array_equal(roast(Y, X, c, sets[1:], nrot=999, seed=1).p, whole.p[1:])
    monkeypatch.setattr(module, "_CELLS", 300)
    np.testing.assert_array_equal(roast(Y, X, c, sets, nrot=999, seed=1).p, whole.p)
    assert (roast(Y, X, c, sets, nrot=999, seed=2).p != whole.p).any()


def null_studies(rho: float, runs: int, seed: int) -> np.ndarray:
    """Two arms of three, 200 genes of which the first 30 share a factor: runs x samples x genes."""
    rng = np.random.default_rng(seed)
    Y = rng.standard_normal((runs, 6, 200))
    Y[:, :, :30] = np.sqrt(1 - rho) * Y[:, :, :30] + np.sqrt(rho) * rng.standard_normal((runs, 6, 1))
    return Y


@pytest.mark.parametrize("rho", [0.0, 0.2])
def test_level(rho: float) -> None:
    """199 rotations make 0.05 an exact level."""
    got = [
        roast(Y, TWO, DIFFERENCE, [np.arange(30)], nrot=199, seed=i)
        for i, Y in enumerate(null_studies(rho, 400, 1))
    ]
    error = 3 * np.sqrt(0.05 * 0.95 / 400)
    for p in (np.array([r.p[0] for r in got]), np.array([r.mixed[0] for r in got])):
        assert abs(np.mean(p <= 0.05) - 0.05) < error


def test_signs_turn_an_up_and_down_signature_into_one_direction() -> None:
    Y = null_studies(0.0, 1, 2)[0]
    Y[3:, :15] += 1
    Y[3:, 15:30] -= 1
    signs = np.repeat([1.0, -1], 15)
    plain = roast(Y, TWO, DIFFERENCE, [np.arange(30)], nrot=999)
    signed = roast(Y, TWO, DIFFERENCE, [np.arange(30)], gene_weights=[signs], nrot=999)
    assert signed.up[0] < 0.01 < 0.1 < plain.p[0]
    assert signed.down[0] > 0.9
    assert signed.active_up[0] > 0.3 > signed.active_down[0]
    assert signed.mixed[0] == plain.mixed[0] < 0.01


def test_p_is_never_zero_and_empty_sets_have_none() -> None:
    Y = null_studies(0.0, 1, 3)[0]
    Y[3:, :30] += 50
    got = roast(Y, TWO, DIFFERENCE, [np.arange(30), np.array([], int)], statistic="msq", nrot=99)
    assert got.up[0] == 1 / 199
    assert got.p[0] == got.mixed[0] == 1 / 100
    assert got.size[1] == 0
    assert np.isnan([got.p[1], got.up[1], got.down[1], got.mixed[1], got.active_up[1]]).all()
    assert roast(Y, TWO, DIFFERENCE, [], nrot=9).p.shape == (0,)


def test_a_constant_gene_is_no_change() -> None:
    """Its contrast is rounding, which rotations of other rounding must not judge."""
    Y, X, c = random_study(5)
    Y[:, 3] = 0.1 + 0.2
    found = roast(Y, X, c, [np.array([3]), np.array([3, 4, 5])], nrot=99)
    assert found.p[0] == found.mixed[0] == 1
    assert found.p[1] < 1


def test_bad_input_gives_no_number() -> None:
    Y, X, c = random_study(7)
    sets = [np.arange(5)]
    with pytest.raises(ValueError, match="statistic 'median' is not one of mean, floormean"):
        roast(Y, X, c, sets, statistic="median")
    with pytest.raises(ValueError, match="a variance for every gene"):
        roast(np.ones((9, 1)), X, c, [np.array([0])])
    with pytest.raises(ValueError, match="`nrot` is 0"):
        roast(Y, X, c, sets, nrot=0)
    with pytest.raises(ValueError, match="set 0 names a gene twice"):
        roast(Y, X, c, [np.array([1, 1])])
    with pytest.raises(ValueError, match="column 80"):
        roast(Y, X, c, [np.array([80])])
    with pytest.raises(ValueError, match="set 0 has 5 genes and weights of shape"):
        roast(Y, X, c, sets, gene_weights=[np.ones(4)])
