"""PLAGE against closed forms and an eigenvector of the gene correlations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.linalg import eigh
from scipy.stats import zscore

from marrowsig._kernels.plage import plage
from marrowsig._kernels.sets import Sets

TIGHT = {"rtol": 0, "atol": 1e-12}


def make_sets(members, n_genes):
    """Sets from lists of (column, weight)."""
    flat = [pair for m in members for pair in m]
    return Sets(
        names=tuple(f"s{i}" for i in range(len(members))),
        ptr=np.cumsum([0, *map(len, members)]),
        idx=np.array([i for i, _ in flat], dtype=np.int64),
        weight=np.array([w for _, w in flat], dtype=float),
        listed=np.array([len(m) for m in members]),
        n_genes=n_genes,
        listed_down=np.array([sum(w < 0 for _, w in m) for m in members]),
    )


def up(*columns):
    return [(c, 1.0) for c in columns]


def down(*columns):
    return [(c, -1.0) for c in columns]


def cohort(n=25, p=30, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p)) + np.outer(rng.normal(size=n), rng.uniform(-1, 2, p))
    return np.where(rng.random((n, p)) < 0.2, 0.0, x)


def test_score_is_the_first_eigenvector_of_the_samples():
    x = cohort()
    z = zscore(x[:, :12], ddof=1)
    vector = eigh(z @ z.T)[1][:, -1]
    vector *= np.sign(vector @ z.mean(axis=1))
    # Two LAPACK routines; the eigenvalues of this seed are well apart.
    assert_allclose(plage(x, make_sets([up(*range(12))], 30))[:, 0], vector, rtol=0, atol=1e-10)


def test_score_has_mean_0_and_length_1_and_rises_with_the_set():
    x = cohort(seed=3)
    sets = make_sets([up(*range(k)) for k in (1, 2, 7, 30)], 30)
    got = plage(x, sets)
    assert_allclose(got.mean(axis=0), 0, **TIGHT)
    assert_allclose((got**2).sum(axis=0), 1, **TIGHT)
    z = zscore(x, ddof=1)
    assert all(np.corrcoef(got[:, i], z[:, :k].mean(axis=1))[0, 1] > 0 for i, k in enumerate((1, 2, 7, 30)))


def test_one_gene_is_its_z_scaled_to_length_1():
    x = cohort()
    z = zscore(x[:, 4], ddof=1)
    got = plage(x, make_sets([up(4), down(4)], 30))
    assert_allclose(got, np.column_stack([z, -z]) / np.linalg.norm(z), **TIGHT)


def test_two_correlated_genes_give_their_sum_and_opposed_ones_their_difference():
    rng = np.random.default_rng(1)
    a = rng.normal(size=20)
    x = np.column_stack([a, a + rng.normal(size=20), -a + rng.normal(size=20)])
    z = zscore(x, ddof=1)
    got = plage(x, make_sets([up(0, 1), up(0, 2), up(2, 0), up(0) + down(2)], 3))
    total, difference = z[:, 0] + z[:, 1], z[:, 0] - z[:, 2]
    assert np.corrcoef(x[:, 0], x[:, 2])[0, 1] < 0
    total, difference = total / np.linalg.norm(total), difference / np.linalg.norm(difference)
    # Opposed genes: the mean z is at right angles to the vector, so the first gene of the signature rises.
    assert_allclose(got, np.column_stack([total, difference, -difference, difference]), **TIGHT)


def test_equal_singular_values_give_the_direction_of_the_mean():
    x = np.array([[1.0, 1.0], [1, -1], [-1, 1], [-1, -1]])
    got = plage(x, make_sets([up(0, 1), up(0) + down(1)], 2))
    root = np.sqrt(0.5)
    assert_allclose(got, [[root, 0], [0, root], [0, -root], [-root, 0]], **TIGHT)


def test_no_score_where_neither_value_nor_mean_decides():
    square = np.array([[1.0, 1.0], [1, -1], [-1, 1], [-1, -1]])
    x = np.hstack([square, -square])
    assert np.isnan(plage(x, make_sets([up(0, 1, 2, 3)], 4))).all()


def test_weights_count_by_their_sign_which_turns_the_vector_only():
    x = cohort()
    mixed = [(0, 2.0), (1, -0.5), (2, -3.0), (3, 0.0)]
    got = plage(x, make_sets([up(0) + down(1, 2), mixed, down(0) + up(1, 2), up(0, 1, 2)], 30))
    assert_array_equal(got[:, 0], got[:, 1])
    assert_allclose(got[:, 2], -got[:, 0], **TIGHT)
    assert_allclose(np.abs(got[:, 3]), np.abs(got[:, 0]), **TIGHT)
    z = zscore(x[:, :3], ddof=1) * [1, -1, -1]
    assert got[:, 0] @ z.mean(axis=1) > 0


def test_constant_genes_are_left_out():
    x = np.hstack([cohort(), np.full((25, 1), 0.1), np.zeros((25, 1))])
    got = plage(x, make_sets([up(1, 30, 2, 31, 3), up(1, 2, 3), up(30, 31), []], 32))
    assert_array_equal(got[:, 0], got[:, 1])
    assert np.isnan(got[:, 2:]).all()


@given(seed=st.integers(0, 10_000))
def test_order_of_columns_rows_and_units_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    x = cohort(seed=seed)
    members = [up(*rng.choice(30, k, replace=False)) for k in (1, 2, 6)]
    expected = plage(x, make_sets(members, 30))
    columns, rows = rng.permutation(30), rng.permutation(25)
    moved = [[(np.argsort(columns)[c], w) for c, w in m] for m in members]
    # Rounding of a singular vector: 1e-15 over the relative gap of the singular values.
    near = {"rtol": 0, "atol": 1e-9}
    assert_allclose(plage(x[:, columns], make_sets(moved, 30)), expected, **near)
    assert_allclose(plage(x[rows], make_sets(members, 30)), expected[rows], **near)
    assert_allclose(plage(x * rng.uniform(0.1, 9, 30) + 5, make_sets(members, 30)), expected, **near)


def test_layouts_and_sparse_matrices_give_the_same():
    x = cohort()
    sets = make_sets([up(1, 2, 3), up(4, 9) + down(20)], 30)
    expected = plage(x, sets)
    for same in (np.asfortranarray(x), sparse.csr_matrix(x), sparse.csc_array(x)):
        assert_allclose(plage(same, sets), expected, **TIGHT)


def test_bad_input_is_refused():
    sets = make_sets([up(0)], 2)
    with pytest.raises(ValueError, match="at least 2, there is 1"):
        plage(np.ones((1, 2)), sets)
    with pytest.raises(ValueError, match="1 genes have values that are not finite"):
        plage(np.array([[1.0, 2.0], [np.inf, 3.0]]), sets)
