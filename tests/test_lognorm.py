"""lognorm against closed forms and scanpy; what it refuses."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

import marrowsig as ms

FORMATS = [np.asarray, sparse.csr_matrix, sparse.csc_matrix]
COUNTS = np.array([[0, 1, 3, 6], [5, 5, 0, 0], [100, 0, 0, 900]], dtype=float)


def matrix(values, kind: str | None = None, form=np.asarray) -> ad.AnnData:
    adata = ad.AnnData(form(np.asarray(values)))
    if kind:
        adata.uns["marrowsig"] = {"input": {"kind": kind, "format": "csv"}}
    return adata


def dense(values) -> np.ndarray:
    return values.toarray() if sparse.issparse(values) else np.asarray(values)


@pytest.mark.parametrize("form", FORMATS)
def test_counts_become_log2_cpm(form) -> None:
    adata = matrix(COUNTS, "counts", form)
    ms.pp.lognorm(adata)
    cpm = COUNTS / COUNTS.sum(axis=1, keepdims=True) * 1e6
    np.testing.assert_allclose(dense(adata.X), np.log2(cpm + 1))
    np.testing.assert_array_equal(dense(adata.layers["counts"]), COUNTS)
    assert type(adata.X) is type(form(COUNTS))
    assert adata.uns["marrowsig"]["input"] == {"kind": "log", "format": "csv"}
    assert adata.uns["marrowsig"]["lognorm"]["formula"] == "log2(CPM + 1)"


def test_agrees_with_scanpy() -> None:
    import scanpy as sc

    rng = np.random.default_rng(0)
    adata = matrix(rng.negative_binomial(2, 0.01, (6, 40)).astype(float), "counts")
    other = adata.copy()
    sc.pp.normalize_total(other, target_sum=1e6)
    sc.pp.log1p(other, base=2)
    ms.pp.lognorm(adata)
    np.testing.assert_allclose(adata.X, other.X)


def test_integer_counts_give_fractions() -> None:
    adata = matrix(COUNTS.astype(np.uint16), "counts")
    ms.pp.lognorm(adata)
    assert adata.X.dtype == np.float64
    assert adata.layers["counts"].dtype == np.uint16
    assert adata.X[0, 1] == pytest.approx(np.log2(1e5 + 1))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", ["tpm", "fpkm", "linear"])
def test_linear_values_become_log2_plus_one(kind: str, form) -> None:
    adata = matrix(COUNTS / 8, kind, form)
    ms.pp.lognorm(adata)
    np.testing.assert_allclose(dense(adata.X), np.log2(COUNTS / 8 + 1))
    np.testing.assert_array_equal(dense(adata.layers["linear"]), COUNTS / 8)


def test_negative_array_signal_is_floored() -> None:
    adata = matrix([[-20.0, 0.5, 8, 64]], "linear_negative")
    other = adata.copy()
    with pytest.warns(
        ms.InputWarning, match=r"50% of the values are not above 1 .*lognorm\(adata, floor=20\)"
    ):
        ms.pp.lognorm(adata)
    other.uns["marrowsig"]["input"]["floor"] = 4.0  # as of marrowsig run --floor
    ms.pp.lognorm(other)
    assert adata.X.tolist() == [[0, 0, 3, 6]]
    assert other.X.tolist() == [[2, 2, 3, 6]]
    assert other.uns["marrowsig"]["lognorm"]["at_floor"] == 0.5
    few = matrix([[-20.0, *range(2, 40)]], "linear_negative")
    ms.pp.lognorm(few)
    assert few.uns["marrowsig"]["lognorm"]["at_floor"] == pytest.approx(1 / 39)


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_row_stays_zero_with_a_warning(form) -> None:
    adata = matrix(np.vstack([COUNTS, np.zeros(4)]), "counts", form)
    with pytest.warns(ms.InputWarning, match="1 rows have no counts and stay 0: 3"):
        ms.pp.lognorm(adata)
    assert dense(adata.X)[3].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("values", "kind", "match"),
    [
        ([[1.5, 2.5]], "log", "log scale already"),
        ([[1.0, -2.0]], "counts", "1 values are negative, in rows 0"),
        ([[1.0, -2.0]], "linear", "1 values are negative, in rows 0"),
        ([[1.5, 2.5]], "counts", "holds fractions"),
        ([[1.0, np.nan]], "counts", "1 of 2 values are missing or infinite"),
        ([[1.0, np.inf]], "tpm", "1 of 2 values are missing or infinite"),
        ([[1.0, 2.0]], "raw", "kind='raw' is not one of counts"),
    ],
)
def test_what_it_refuses(values, kind: str, match: str) -> None:
    adata = matrix(values, kind)
    with pytest.raises(ms.InputError, match=match):
        ms.pp.lognorm(adata)
    np.testing.assert_array_equal(adata.X, values)
    assert [name for name in adata.layers if name is not None] == []  # None is X itself in new anndata


def test_half_floats_do_not_overflow() -> None:
    adata = matrix(np.full((2, 4), 30_000, dtype=np.float16), "counts")
    ms.pp.lognorm(adata)
    np.testing.assert_allclose(adata.X, np.log2(250_001))
    assert adata.X.dtype == np.float64


def test_never_twice() -> None:
    adata = matrix(COUNTS, "counts")
    ms.pp.lognorm(adata)
    for kind in (None, "linear"):
        with pytest.raises(ms.InputError, match="take the log twice"):
            ms.pp.lognorm(adata, kind=kind)


@pytest.mark.parametrize("floor", [0, -1, np.nan])
def test_a_floor_needs_a_log(floor: float) -> None:
    with pytest.raises(ms.InputError, match="must be a number above 0"):
        ms.pp.lognorm(matrix([[-1.0, 2]], "linear_negative"), floor=floor)


def test_a_floor_without_negative_values_is_refused() -> None:
    with pytest.raises(ms.InputError, match="Leave floor out"):
        ms.pp.lognorm(matrix(COUNTS, "counts"), floor=1)


def test_copy_leaves_the_input() -> None:
    adata = matrix(COUNTS, "counts")
    new = ms.pp.lognorm(adata, copy=True)
    assert new is not None
    assert new.uns["marrowsig"]["input"]["kind"] == "log"
    assert adata.uns["marrowsig"]["input"]["kind"] == "counts"
    np.testing.assert_array_equal(adata.X, COUNTS)


def test_a_view_leaves_the_whole() -> None:
    adata = matrix(COUNTS, "counts")
    view = adata[:2]
    ms.pp.lognorm(view)
    assert view.X[1, 0] == pytest.approx(np.log2(5e5 + 1))
    np.testing.assert_array_equal(adata.X, COUNTS)


def test_a_matrix_on_disk_is_refused(tmp_path) -> None:
    matrix(COUNTS).write_h5ad(tmp_path / "a.h5ad")
    adata = ad.read_h5ad(tmp_path / "a.h5ad", backed="r")
    with pytest.raises(ms.InputError, match="to_memory"):
        ms.pp.lognorm(adata)
    adata.file.close()


@given(arrays(np.int64, (4, 5), elements=st.integers(1, 10_000)), st.sampled_from(FORMATS))
def test_rows_do_not_see_each_other(values, form) -> None:
    whole, part = (
        matrix(values.astype(float), "counts", form),
        matrix(values[:2].astype(float), "counts", form),
    )
    ms.pp.lognorm(whole)
    ms.pp.lognorm(part)
    np.testing.assert_array_equal(dense(whole.X)[:2], dense(part.X))
