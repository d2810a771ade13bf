"""Every way a matrix can lie in an AnnData gives the same scores, bit for bit, for every method."""

from __future__ import annotations

import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import sparse

import marrowsig as ms
from marrowsig import _engine, _source
from marrowsig._kernels import threads
from marrowsig.methods import METHODS
from marrowsig.sig import Signature, SignatureSet

N, P = 25, 60
GENES = [f"GENE{i}" for i in range(P)]
SIGS = SignatureSet(
    [
        Signature("emt.up", axis="emt", genes=GENES[2:12]),
        Signature(
            "emt.both", axis="emt", genes={**dict.fromkeys(GENES[5:9], 1), **dict.fromkeys(GENES[20:23], -1)}
        ),
        Signature("il6.weights", axis="il6", genes={GENES[3]: 0.5, GENES[4]: 2.0, GENES[17]: -1.5}),
    ]
)
PARAMS = {"module": {"n_bins": 5}}


def crossed(**ways):
    """Every pair of two lists; the quick run takes every other one, and so each entry of either list."""
    (one, other) = ways.values()
    pairs = [(a, b, (i + j) % 2) for i, a in enumerate(one) for j, b in enumerate(other)]
    rest = pytest.mark.slow
    return pytest.mark.parametrize(
        tuple(ways), [pytest.param(a, b, marks=rest if odd else ()) for a, b, odd in pairs]
    )


def values(seed: int = 5, zeros: float = 0.4, n: int = N) -> np.ndarray:
    """Quarters below 16, so that 16-bit values are the same numbers; some below zero."""
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(2, 2, (n, P)) * 4) / 4
    return np.where(rng.random((n, P)) < zeros, 0.0, x)


def adata_of(x) -> ad.AnnData:
    adata = ad.AnnData(x, obs=pd.DataFrame(index=[f"s{i}" for i in range(x.shape[0])]))
    adata.var_names = GENES
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    return adata


def scored(adata, **options) -> dict[str, np.ndarray]:
    with warnings.catch_warnings():
        # A drawn matrix can have genes that do not vary and rows without an order; their scores are NaN.
        warnings.simplefilter("ignore", ms.InputWarning)
        warnings.simplefilter("ignore", ms.CoverageWarning)
        ms.tl.score(adata, SIGS, method=tuple(METHODS), params=PARAMS, extras=True, **options)
    return {key: frame.to_numpy() for key, frame in adata.obsm.items()}


def assert_same(got, expected) -> None:
    assert set(got) == set(expected) > {f"score_{m}" for m in METHODS}
    for name in expected:
        assert_array_equal(got[name], expected[name], err_msg=name)


@pytest.fixture(scope="module")
def expected():
    return scored(adata_of(values()))


def unsorted(x):
    """Every row backwards."""
    m = sparse.csr_matrix(x)
    order = np.concatenate([np.arange(a, b)[::-1] for a, b in zip(m.indptr, m.indptr[1:], strict=False)])
    return sparse.csr_matrix((m.data[order], m.indices[order], m.indptr), shape=m.shape)


def unsorted_columns(x):
    return sparse.csc_matrix(unsorted(x.T).T)


def with_explicit_zeros(x):
    m = sparse.csr_matrix(np.where(x == 0, 999.0, x))
    m.data[m.data == 999] = np.where(np.arange((x == 0).sum()) % 2, 0.0, -0.0)
    return m


def with_halves(x):
    """Every value stored as two that add up to it."""
    m = sparse.csr_matrix(x)
    return sparse.csr_matrix((np.repeat(m.data / 2, 2), np.repeat(m.indices, 2), 2 * m.indptr), shape=m.shape)


def with_long_indices(x):
    m = sparse.csr_matrix(x)
    m.indices, m.indptr = m.indices.astype(np.int64), m.indptr.astype(np.int64)
    return m


IN_MEMORY = {
    "csr": sparse.csr_matrix,
    "csc": sparse.csc_matrix,
    "csr_array": sparse.csr_array,
    "csc_array": sparse.csc_array,
    "float16": lambda x: x.astype(np.float16),
    "float32": lambda x: x.astype(np.float32),
    "long double": lambda x: x.astype(np.longdouble),
    "big-endian": lambda x: x.astype(">f8"),
    "csr float32": lambda x: sparse.csr_matrix(x.astype(np.float32)),
    "csc float32": lambda x: sparse.csc_matrix(x.astype(np.float32)),
    "fortran": np.asfortranarray,
    "strides": lambda x: np.repeat(np.repeat(x, 2, axis=0), 3, axis=1)[::2, ::3],
    "backward strides": lambda x: np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1],
    "read-only": lambda x: (x.setflags(write=False), x)[1],
    "unsorted csr": unsorted,
    "unsorted csc": unsorted_columns,
    "explicit zeros": with_explicit_zeros,
    "negative zeros": lambda x: np.where(x == 0, -0.0, x),
    "stored twice": with_halves,
    "long indices": with_long_indices,
}


@pytest.mark.parametrize("form", IN_MEMORY)
def test_every_form_in_memory(form, expected):
    assert_same(scored(adata_of(IN_MEMORY[form](values()))), expected)


@given(
    seed=st.integers(0, 2**32 - 1),
    zeros=st.sampled_from([0.0, 0.3, 0.95]),
    form=st.sampled_from([*IN_MEMORY]),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_every_form_of_any_matrix(seed, zeros, form):
    x = values(seed, zeros, n=4)
    assert_same(scored(adata_of(IN_MEMORY[form](x.copy()))), scored(adata_of(x)))


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.uint16, bool])
def test_integers(dtype):
    x = np.abs(np.rint(values()))
    x = x.astype(bool).astype(float) if dtype is bool else x
    for form in (np.asarray, sparse.csr_matrix, sparse.csc_matrix):
        assert_same(scored(adata_of(form(x.astype(dtype)))), scored(adata_of(x)))


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
def test_views(form):
    rows, genes = np.r_[20:3:-2, 21], [*range(5, P), *range(5)]
    whole = adata_of(form(values()))
    assert_same(scored(whole[rows, genes]), scored(adata_of(values()[rows])[:, genes].copy()))
    assert not whole.obsm


def test_layers(expected):
    for form in (*IN_MEMORY.values(), lambda x: np.ma.masked_array(x, mask=False), np.ma.masked_array):
        adata = adata_of(np.zeros((N, P)))
        adata.layers["log"] = form(values())
        assert_same(scored(adata, layer="log"), expected)


def backed_h5ad(x, folder):
    adata_of(x).write_h5ad(folder / "a.h5ad")
    return ad.read_h5ad(folder / "a.h5ad", backed="r")


def backed_zarr(x, folder):
    """The arrays of a zarr store, which are read when rows are asked for."""
    zarr = pytest.importorskip("zarr")
    adata_of(x).write_zarr(folder / "a.zarr")
    x = zarr.open(str(folder / "a.zarr"), mode="r")["X"]
    out = ad.read_zarr(folder / "a.zarr")
    out.X = ad.io.sparse_dataset(x) if hasattr(x, "keys") else x
    return out


def lazy_zarr(x, folder):
    """Dask arrays over a zarr store."""
    zarr = pytest.importorskip("zarr")
    pytest.importorskip("dask")
    adata_of(x).write_zarr(folder / "a.zarr")
    return adata_of(ad.experimental.read_elem_lazy(zarr.open(str(folder / "a.zarr"), mode="r")["X"]))


@pytest.mark.filterwarnings("ignore:Writing zarr v2")
@crossed(form=[np.asarray, sparse.csr_matrix, sparse.csc_matrix], read=[backed_h5ad, backed_zarr, lazy_zarr])
def test_files(read, form, tmp_path, expected, monkeypatch):
    adata = read(form(values()), tmp_path)
    assert not isinstance(adata.X, np.ndarray)
    monkeypatch.setattr(_source, "STEP", 4)
    monkeypatch.setattr(_source, "BYTES", 1)  # rounds of four rows
    assert_same(scored(adata), expected)


@crossed(
    chunks=[(25, 60), (1, 60), ((3, 20, 2), 60), (7, 11)],
    form=[np.asarray, np.asfortranarray, sparse.csr_matrix, sparse.csr_array],
)
def test_dask(form, chunks, expected):
    da = pytest.importorskip("dask.array")
    x = da.from_array(values(), chunks=chunks).map_blocks(form)
    assert_same(scored(adata_of(x)), expected)


def test_dask_with_chunks_that_are_empty_or_stored_by_column(expected):
    da = pytest.importorskip("dask.array")
    assert_same(scored(adata_of(da.from_array(values(), chunks=((3, 0, 20, 2), 60)))), expected)
    by_column = da.from_array(values(), chunks=(6, 60)).map_blocks(sparse.csc_matrix)
    assert_same(scored(adata_of(by_column)), expected)


@crossed(step=[1, 3, 16, 10_000], form=[np.asarray, sparse.csr_matrix, sparse.csc_matrix, unsorted_columns])
def test_rounds_and_slices_of_any_size(form, step, expected, monkeypatch):
    monkeypatch.setattr(_source, "STEP", step)
    monkeypatch.setattr(_source, "BYTES", 1)
    monkeypatch.setattr(_engine, "STEP", step)
    assert_same(scored(adata_of(form(values()))), expected)


def test_many_rounds_in_memory(monkeypatch):
    x = values(n=100)
    expected = scored(adata_of(x))
    monkeypatch.setattr(_source, "STEP", 1)  # rounds of 32 rows, one at a time
    assert_same(scored(adata_of(x)), expected)


@pytest.mark.parametrize("n", [1, 2, 7])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
def test_threads(form, n, expected, monkeypatch):
    monkeypatch.setattr(_source, "STEP", 2)
    with threads.limited(n):
        assert_same(scored(adata_of(form(values()))), expected)


def in_dask(x):
    return pytest.importorskip("dask.array").from_array(x, chunks=(10, P))


REFUSED = (np.asarray, sparse.csr_matrix, sparse.csc_matrix, in_dask)


@pytest.mark.parametrize("method", METHODS)
def test_values_that_are_not_finite_are_refused(method):
    for bad, form in zip([np.nan, np.inf, -np.inf, np.nan], REFUSED, strict=True):
        x = values()
        x[13, 59] = bad
        adata = adata_of(form(x))
        with pytest.raises(ms.InputError, match=r"1 of the values in .* are NaN or infinite"):
            ms.tl.score(adata, SIGS, method=method)
        assert not adata.obsm


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_every_value_that_is_not_finite_is_refused_in_every_form(bad):
    x = values()
    x[13, 59] = bad
    for form in REFUSED:
        for method in ("singscore", "zscore", "gsva"):  # that need ranks, genes, and the cohort
            with pytest.raises(ms.InputError, match=r"1 of the values in .* are NaN or infinite"):
                ms.tl.score(adata_of(form(x)), SIGS, method=method)


@pytest.mark.parametrize("method", METHODS)
def test_masked_values_are_refused(method):
    adata = adata_of(values())
    mask = np.zeros((N, P), bool)
    mask[24, 40] = True
    adata.layers["gaps"] = np.ma.masked_array(values(), mask=mask)
    with pytest.raises(ms.InputError, match=r"1 of .* (NaN|missing) or infinite"):
        ms.tl.score(adata, SIGS, method=method, layer="gaps")
    assert not adata.obsm


@pytest.mark.parametrize("method", METHODS)
def test_what_is_no_number_is_refused(method):
    for dtype in (complex, object, "U8", "S8"):
        adata = adata_of(values())
        adata.X = values().astype(dtype)
        other = adata_of(values())
        other.layers["other"] = values().astype(dtype)
        for one, layer in ((adata, None), (other, "other")):
            with pytest.raises(ms.InputError, match=r"matrix of numbers|not a type of number|, not numbers"):
                ms.tl.score(one, SIGS, method=method, layer=layer)
            assert not one.obsm
