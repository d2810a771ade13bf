"""Blocks of matrices as compressed rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import sparse

from marrowsig._kernels.columns import count_rows, fill_rows
from marrowsig._kernels.compress import NotFiniteError, compress
from marrowsig._kernels.rows import slots
from marrowsig._source import rounds

N, P = 9, 14
COLUMNS = np.array([0, 3, 4, 13])
SLOT = slots(COLUMNS, P)


def matrix(seed, zeros):
    rng = np.random.default_rng(seed)
    return np.where(rng.random((N, P)) < zeros, 0.0, rng.normal(size=(N, P)).round(1))


def shuffled(x, seed=0):
    """CSR with entries in any order, stored zeros and values in two parts."""
    rng = np.random.default_rng(seed)
    data, indices, indptr = [], [], [0]
    for row in x:
        entries = [(c, v / 2) for c, v in enumerate(row) for _ in range(2) if v or rng.random() < 0.3]
        entries = [entries[i] for i in rng.permutation(len(entries))]
        indices += [c for c, _ in entries]
        data += [v for _, v in entries]
        indptr.append(len(data))
    return sparse.csr_array((np.array(data), np.array(indices, np.int32), np.array(indptr)), shape=x.shape)


def columns_shuffled(x):
    return sparse.csc_matrix(shuffled(x.T).T)


FORMS = {
    "dense": np.asarray,
    "fortran": np.asfortranarray,
    "csr": sparse.csr_matrix,
    "csr float32": lambda x: sparse.csr_array(x.astype(np.float32)),
    "shuffled": shuffled,
    "integers": lambda x: (10 * x).round().astype(np.int16),
    "masked": lambda x: np.ma.masked_array(x, mask=np.zeros(x.shape, bool)),
}


@given(
    seed=st.integers(0, 2**32 - 1),
    zeros=st.sampled_from([0.0, 0.4, 0.9, 1.0]),
    form=st.sampled_from([*FORMS]),
    part=st.tuples(st.integers(0, N), st.integers(0, N)),
)
def test_rows_hold_the_values_in_order_and_no_zero(seed, zeros, form, part):
    start, stop = sorted(part)
    given_x = FORMS[form](matrix(seed, zeros))
    x = np.asarray(given_x.todense() if sparse.issparse(given_x) else given_x)
    before = given_x.copy()
    rows = compress(given_x, start, stop, COLUMNS, SLOT)
    assert rows.shape == (stop - start, P)
    assert_array_equal(rows.toarray(), x[start:stop])
    assert rows.data.all()
    assert rows.indices.dtype == np.int32
    for a, b in zip(rows.indptr[:-1], rows.indptr[1:], strict=True):
        assert (np.diff(rows.indices[a:b]) > 0).all()
    if sparse.issparse(given_x):
        assert_array_equal(given_x.data, before.data)
        assert_array_equal(given_x.indices, before.indices)


@given(seed=st.integers(0, 2**32 - 1), zeros=st.sampled_from([0.0, 0.4, 0.9]))
def test_members_are_the_columns_that_sets_use(seed, zeros):
    x = matrix(seed, zeros)
    members = compress(x, 0, N, COLUMNS, SLOT).members
    out = np.zeros((N, COLUMNS.size))
    out[np.repeat(np.arange(N), np.diff(members.ptr)), members.slot[: members.ptr[-1]]] = members.value[
        : members.ptr[-1]
    ]
    assert_array_equal(out, x[:, COLUMNS])


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [
        (np.float64, np.float64),
        (np.float32, np.float32),
        (np.float16, np.float32),
        (np.longdouble, np.float64),
        (">f4", np.float32),
        (">f8", np.float64),
        (np.int64, np.float64),
        (np.uint8, np.float64),
        (bool, np.float64),
    ],
)
def test_types_of_numbers(dtype, kept):
    x = np.array([[0, 1, 1], [1, 0, 0]]).astype(dtype)
    for form in (x, sparse.csr_matrix(x.astype(kept)) if np.dtype(dtype).byteorder == ">" else x):
        rows = compress(form, 0, 2, np.arange(3), slots(np.arange(3), 3))
        assert rows.data.dtype == kept
        assert_array_equal(rows.toarray(), x.astype(float))


@pytest.mark.parametrize("form", [np.asarray, np.asfortranarray, sparse.csr_matrix, shuffled])
def test_values_that_are_not_finite_are_counted(form):
    x = matrix(0, 0.3)
    x[2, [1, 5]], x[7, 13] = [np.nan, np.inf], -np.inf
    n = 2 if form is shuffled else 1  # stored in two parts
    for (start, stop), bad in {(0, N): 3 * n, (2, 3): 2 * n, (3, N): n}.items():
        with pytest.raises(NotFiniteError) as caught:
            compress(form(x), start, stop, COLUMNS, SLOT)
        assert caught.value.args == (bad,)
    assert compress(form(x), 3, 7, COLUMNS, SLOT).shape == (4, P)


def test_masked_values_are_not_finite():
    mask = np.zeros((N, P), bool)
    mask[3, 2], mask[4, 0] = True, True
    with pytest.raises(NotFiniteError) as caught:
        compress(np.ma.masked_array(matrix(0, 0.3), mask=mask), 0, N, COLUMNS, SLOT)
    assert caught.value.args == (2,)


@pytest.mark.parametrize("dtype", [complex, object, "U3", "S3"])
def test_what_is_no_number_is_refused(dtype):
    with pytest.raises(TypeError, match="not a type of number"):
        compress(np.ones((2, P)).astype(dtype), 0, 2, COLUMNS, SLOT)
    if dtype is complex:
        with pytest.raises(TypeError, match="complex128"):
            compress(sparse.csr_matrix(np.ones((2, P), complex)), 0, 2, COLUMNS, SLOT)


def of_largest(form):
    x = np.zeros((2, P))
    x[0, :2] = np.finfo(float).max, -np.finfo(float).max
    assert_array_equal(compress(form(x), 0, 2, COLUMNS, SLOT).toarray(), x)


def test_the_largest_numbers_are_finite():
    of_largest(np.asarray)


def test_the_largest_numbers_are_finite_in_a_sparse_matrix():
    of_largest(sparse.csr_matrix)


@given(seed=st.integers(0, 2**32 - 1), step=st.integers(1, N))
def test_rows_out_of_columns(seed, step):
    x = matrix(seed, 0.5)
    m = sparse.csc_array(x)
    at = m.indptr[:-1].astype(np.int64)
    for start in range(0, N, step):
        stop = min(start + step, N)
        ptr = np.empty(stop - start + 1, np.int64)
        count_rows(m.indices, m.indptr, at, start, ptr)
        data, columns = np.empty(ptr[-1]), np.empty(ptr[-1], np.int32)
        fill_rows(m.data, m.indices, m.indptr, at, start, ptr, data, columns)
        part = sparse.csr_array((data, columns, ptr), shape=(stop - start, P))
        assert_array_equal(part.toarray(), x[start:stop])
    assert_array_equal(at, m.indptr[1:])


@pytest.mark.parametrize("first", [0, 1, 4, 8])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, sparse.csc_matrix, columns_shuffled])
def test_rounds_can_start_at_any_row(form, first, monkeypatch):
    monkeypatch.setattr("marrowsig._source.STEP", 2)
    monkeypatch.setattr("marrowsig._source.BYTES", 1)
    x = matrix(0, 0.5)
    seen = []
    for start, stop, block, offset in rounds(form(x), first):
        plain = block.toarray() if sparse.issparse(block) else block
        assert_array_equal(plain[offset : offset + stop - start], x[start:stop])
        seen += range(start, stop)
    assert seen == list(range(first, N))
