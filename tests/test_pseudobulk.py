"""pseudobulk against pandas and scanpy; what is dropped and what is refused."""

from __future__ import annotations

import json
import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

import marrowsig as ms

FORMATS = [np.asarray, sparse.csr_matrix, sparse.csc_matrix]


def cells(n: int = 60, form=np.asarray, seed: int = 0, dtype=np.float32) -> ad.AnnData:
    rng = np.random.default_rng(seed)
    obs = pd.DataFrame(
        {
            "donor": rng.choice(["d1", "d2", "d3"], n),
            "arm": pd.Categorical(rng.choice(["mono", "co"], n), categories=["mono", "co"]),
            "n_genes": rng.integers(0, 999, n),
        },
        index=[f"cell{i}" for i in range(n)],
    )
    obs["sex"] = obs["donor"].map({"d1": "f", "d2": "m", "d3": "f"})
    obs["age"] = obs["donor"].map({"d1": 40.0, "d2": np.nan, "d3": 71.0})
    values = rng.poisson(1.0, (n, 12)).astype(dtype)
    return ad.AnnData(form(values), obs=obs, var=pd.DataFrame(index=[f"g{i}" for i in range(12)]))


def dense(values) -> np.ndarray:
    return values.toarray() if sparse.issparse(values) else np.asarray(values)


@pytest.mark.parametrize("form", FORMATS)
def test_agrees_with_pandas_and_scanpy(form) -> None:
    import scanpy as sc

    adata = cells(form=form)
    bulk = ms.pp.pseudobulk(adata, unit="donor", by="arm", min_cells=1)
    frame = pd.DataFrame(dense(adata.X), columns=adata.var_names)
    by_hand = frame.groupby([adata.obs["donor"].to_numpy(), adata.obs["arm"].to_numpy()]).sum()
    by_hand.index = [f"{d}|{a}" for d, a in by_hand.index]
    np.testing.assert_array_equal(dense(bulk.X), by_hand.loc[bulk.obs_names])
    theirs = sc.get.aggregate(adata, by=["donor", "arm"], func="sum")
    theirs.obs_names = [f"{d}|{a}" for d, a in zip(theirs.obs["donor"], theirs.obs["arm"], strict=True)]
    np.testing.assert_array_equal(dense(bulk.X), dense(theirs[bulk.obs_names].layers["sum"]))
    assert sparse.issparse(bulk.X) == sparse.issparse(adata.X)


@pytest.mark.parametrize("form", FORMATS)
@given(seed=st.integers(0, 99), n=st.integers(20, 90), layer=st.sampled_from([None, "raw"]))
@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_file_gives_the_sums_of_memory(form, tmp_path, monkeypatch, seed, n, layer) -> None:
    monkeypatch.setattr("marrowsig._source.BYTES", 2_000)  # several rounds of rows
    adata = cells(n, form=form, seed=seed)
    adata.layers["raw"] = adata.X.copy()
    adata.write_h5ad(tmp_path / "cells.h5ad")
    given_ = {"unit": "donor", "by": "arm", "layer": layer, "min_cells": 1}
    there = ms.pp.pseudobulk(adata, **given_)
    file = ad.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    for source in (file, file[: n // 2 * 2]):
        found = ms.pp.pseudobulk(source, **given_)
        same = there if source is file else ms.pp.pseudobulk(adata[: n // 2 * 2].copy(), **given_)
        np.testing.assert_array_equal(dense(found.X), dense(same.X))
        pd.testing.assert_frame_equal(found.obs, same.obs)
        assert sparse.issparse(found.X) == sparse.issparse(same.X)
        assert found.uns["marrowsig"] == same.uns["marrowsig"]
    file.file.close()


def test_a_file_of_logs_leads_to_its_counts_and_verbs_that_rewrite_say_so(tmp_path) -> None:
    adata = cells(40)
    adata.layers["counts"] = adata.X.copy()
    adata.X = np.log1p(adata.X) + 0.01
    adata.write_h5ad(tmp_path / "cells.h5ad")
    file = ad.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    bulk = ms.pp.pseudobulk(file, unit="donor", by="arm", min_cells=1)
    assert bulk.X.sum() == adata.layers["counts"].sum()
    for verb in (ms.pp.lognorm, ms.pp.thin):
        with pytest.raises(ms.InputError, match=r"ms\.pp\.pseudobulk reads a file.*to_memory\(\)"):
            verb(file)
    file.file.close()


def test_obs_keeps_what_is_constant() -> None:
    adata = cells()
    bulk = ms.pp.pseudobulk(adata, unit="donor", by=["arm"], min_cells=1)
    assert list(bulk.obs) == ["donor", "arm", "sex", "age", "n_cells", "n_counts"]
    assert list(bulk.obs_names) == ["d1|mono", "d1|co", "d2|mono", "d2|co", "d3|mono", "d3|co"]
    sizes = adata.obs.groupby(["donor", "arm"], observed=True).size()
    assert bulk.obs["n_cells"].tolist() == sizes.tolist()
    np.testing.assert_array_equal(bulk.obs["n_counts"], dense(bulk.X).sum(axis=1))
    assert bulk.obs["sex"].tolist() == ["f", "f", "m", "m", "f", "f"]
    assert bulk.obs["age"].isna().tolist() == [False, False, True, True, False, False]


def test_unit_alone() -> None:
    adata = cells()
    bulk = ms.pp.pseudobulk(adata, unit="donor", min_cells=10)
    assert list(bulk.obs_names) == ["d1", "d2", "d3"]
    assert "arm" not in bulk.obs
    made = bulk.uns["marrowsig"]["pseudobulk"]
    assert (made["unit"], json.loads(made["by"]), made["n_cells"]) == ("donor", [], 60)
    assert bulk.uns["marrowsig"]["input"]["kind"] == "counts"


def test_thin_sums_are_dropped_by_name() -> None:
    adata = cells()
    adata.obs["donor"] = ["d9"] * 3 + ["d1"] * 57
    with pytest.warns(ms.InputWarning, match=r"1 of 2 sums is dropped \(min_cells=20\): d9 \(3 cells\)"):
        bulk = ms.pp.pseudobulk(adata, unit="donor")
    assert list(bulk.obs_names) == ["d1"]
    np.testing.assert_array_equal(bulk.X[0], adata.X[3:].sum(axis=0))
    with pytest.raises(ms.InputError, match="No sum has min_cells=100 cells"):
        ms.pp.pseudobulk(adata, unit="donor", min_cells=100)


def test_rows_without_a_value_are_left_out_with_counts() -> None:
    adata = cells()
    donor = adata.obs["donor"].astype(object)
    donor.iloc[:4], donor.iloc[4:7] = np.nan, " "
    adata.obs["donor"] = donor
    adata.obs["arm"] = adata.obs["arm"].cat.add_categories("")
    adata.obs.loc["cell10", "arm"] = ""
    with pytest.warns(
        ms.InputWarning, match=r"8 of 60 rows have no value and are left out \(donor: 7, arm: 1\)"
    ):
        bulk = ms.pp.pseudobulk(adata, unit="donor", by="arm", min_cells=1)
    assert bulk.obs["n_cells"].sum() == 52
    used = np.r_[7:10, 11:60]
    assert dense(bulk.X).sum() == dense(adata.X)[used].sum()


def test_a_layer_of_counts_beside_log_values(caplog: pytest.LogCaptureFixture) -> None:
    adata = cells()
    raw = adata.X.copy()
    with_layer = adata.copy()
    ms.pp.lognorm(with_layer, kind="counts")
    with caplog.at_level("INFO", logger="marrowsig"):
        found = ms.pp.pseudobulk(with_layer, unit="donor", min_cells=1)
    assert "60 cells -> 3 sums over donor, of layers['counts'], not X" in caplog.text
    bulk = ms.pp.pseudobulk(with_layer, unit="donor", layer="counts", min_cells=1)
    assert dense(bulk.X).sum() == raw.sum()
    np.testing.assert_array_equal(dense(found.X), dense(bulk.X))
    assert found.uns["marrowsig"]["pseudobulk"]["layer"] == "counts"
    with_layer.uns["marrowsig"]["input"]["decisions"] = "h5ad: X as it is; kind log: fractions to 8.1"
    said = ms.pp.pseudobulk(with_layer, unit="donor", min_cells=1).uns["marrowsig"]["input"]["decisions"]
    assert said == "kind counts: layers['counts'], summed in place of X"
    with_layer.layers["counts"] = with_layer.X
    with pytest.raises(ms.InputError, match=r"X is log\. Pass raw counts"):
        ms.pp.pseudobulk(with_layer, unit="donor")
    assert bulk.uns["marrowsig"]["input"]["kind"] == "counts"
    ms.pp.lognorm(bulk)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"unit": "patient"}, r"no column patient\. Did you mean 'donor'\? It has: donor"),
        ({"unit": "donor", "by": "donor"}, "named twice"),
        ({"unit": "donor", "layer": "raw"}, "no 'raw'"),
    ],
)
def test_what_it_refuses(options: dict, match: str) -> None:
    with pytest.raises(ms.InputError, match=match):
        ms.pp.pseudobulk(cells(), **options)


def test_values_that_are_not_counts_are_refused() -> None:
    adata = cells()
    adata.X = np.log2(adata.X + 1.5)
    with pytest.raises(ms.InputError, match="pseudobulk sums counts, but X is log"):
        ms.pp.pseudobulk(adata, unit="donor")


@pytest.mark.parametrize("form", FORMATS)
def test_recorded_counts_that_were_logged_since_are_refused(form) -> None:
    adata = cells(form=form)
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    adata.layers["counts"] = adata.X.copy()
    total = dense(adata.X).sum(axis=1, keepdims=True)
    adata.X = form(1e4 * dense(adata.X) / total)
    said = r"recorded as counts, but \d+ of \d+ values are fractions.*layer='counts'"
    with pytest.raises(ms.InputError, match=said):
        ms.pp.pseudobulk(adata, unit="donor", min_cells=1)
    adata.X = adata.X.log1p() if sparse.issparse(adata.X) else np.log1p(adata.X)
    with pytest.raises(ms.InputError, match=said):
        ms.pp.pseudobulk(adata, unit="donor", min_cells=1)
    bulk = ms.pp.pseudobulk(adata, unit="donor", min_cells=1, layer="counts")
    assert dense(bulk.X).sum() == dense(adata.layers["counts"]).sum()


def test_what_varies_within_sums_is_told(caplog: pytest.LogCaptureFixture) -> None:
    adata = cells()
    adata.obs["day"] = np.arange(60) % 3
    adata.obs["leiden"] = pd.Categorical([str(i % 5) for i in range(60)])
    adata.obs["barcode"] = adata.obs_names
    with (
        caplog.at_level("INFO", logger="marrowsig"),
        pytest.warns(
            ms.InputWarning, match=r"^Sums add up several levels of 'day' \(up to 3\)\. If"
        ) as caught,
    ):
        ms.pp.pseudobulk(adata, unit="donor", min_cells=1)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert "columns that vary within sums: 'arm' (up to 2), 'leiden' (up to 5)" in caplog.text
    ms.pp.pseudobulk(adata, unit="donor", by="day", min_cells=1)


def test_names_that_would_coincide_are_refused() -> None:
    adata = cells()
    adata.obs["donor"] = ["a|b", "a"] * 30
    adata.obs["arm"] = ["c", "b|c"] * 30
    with pytest.raises(ms.InputError, match="Different combinations get one name"):
        ms.pp.pseudobulk(adata, unit="donor", by="arm", min_cells=1)


def test_the_result_survives_h5ad(tmp_path) -> None:
    bulk = ms.pp.pseudobulk(cells(form=sparse.csr_matrix), unit="donor", by="arm", min_cells=1)
    bulk.write_h5ad(tmp_path / "b.h5ad")
    back = ad.read_h5ad(tmp_path / "b.h5ad")
    assert back.uns["marrowsig"]["pseudobulk"] == bulk.uns["marrowsig"]["pseudobulk"]


def test_small_integers_do_not_wrap() -> None:
    adata = cells(dtype=np.uint8)
    adata.X = np.full(adata.shape, 250, dtype=np.uint8)
    bulk = ms.pp.pseudobulk(adata, unit="donor", min_cells=1)
    assert bulk.X.sum() == 250 * 60 * 12


@given(seed=st.integers(0, 999), form=st.sampled_from(FORMATS))
def test_totals_are_kept_and_the_order_of_the_cells_does_not_matter(seed: int, form) -> None:
    adata = cells(n=30, form=form, seed=seed)
    bulk = ms.pp.pseudobulk(adata, unit="donor", by="arm", min_cells=1)
    np.testing.assert_array_equal(dense(bulk.X).sum(axis=0), dense(adata.X).sum(axis=0))
    order = np.random.default_rng(seed).permutation(30)
    again = ms.pp.pseudobulk(adata[order].copy(), unit="donor", by="arm", min_cells=1)
    assert list(again.obs_names) == list(bulk.obs_names)
    np.testing.assert_array_equal(dense(again.X), dense(bulk.X))


def test_an_arm_of_two_columns_that_is_blank_throughout_is_named() -> None:
    adata = cells(80)
    adata.obs["line"] = np.repeat(["parental", "resistant"], 40)
    blank = (adata.obs["arm"] == "co") & (adata.obs["line"] == "resistant")
    adata.obs["kind"] = np.where(blank, "", "blast")
    with pytest.warns(ms.InputWarning, match=r"No row is left of 'arm' 'co' with 'line' 'resistant'\."):
        ms.pp.pseudobulk(adata, unit="donor", by=["arm", "line", "kind"], min_cells=1)


def test_words_that_name_no_donor_are_no_donor() -> None:
    for word, told in (
        ("nan", ""),
        ("unknown", r" Taken for no value in 'donor': 'unknown' \(4\); .* otherwise\.$"),
    ):
        obs = pd.DataFrame(
            {"donor": ["d1"] * 4 + [word] * 4 + ["d2"] * 4}, index=[f"c{i}" for i in range(12)]
        )
        cells = ad.AnnData(np.ones((12, 3), np.float32), obs=obs)
        with pytest.warns(ms.InputWarning, match=rf"4 of 12 rows have no value .*\(donor: 4\)\.{told}"):
            assert list(ms.pp.pseudobulk(cells, unit="donor", min_cells=1).obs_names) == ["d1", "d2"]


def test_columns_that_say_the_same_are_told_of_once() -> None:
    obs = pd.DataFrame(
        {"donor": ["d1"] * 4, "sample": list("aabb"), "batch": list("xxyy"), "day": list("0101")}
    )
    obs.index = [f"c{i}" for i in range(4)]
    with pytest.warns(ms.InputWarning, match=r"levels of 'sample' \(up to 2\), 'day' \(up to 2\)\. "):
        ms.pp.pseudobulk(ad.AnnData(np.ones((4, 3), np.float32), obs=obs), unit="donor", min_cells=1)


def test_stroma_among_the_cells_of_a_sum_is_named_with_what_to_type() -> None:
    adata = ms.ds.demo()
    adata.obs["patient"] = "p" + adata.obs["culture"].astype(str)
    adata.obs["celltype"] = ["MSC" if i % 5 == 0 else "AML" for i in range(adata.n_obs)]
    with pytest.warns(ms.InputWarning, match=r"'MSC' in 'celltype' looks like stroma .*!= 'MSC'\]"):
        ms.pp.pseudobulk(adata, unit="patient", min_cells=1)
    blasts = adata[adata.obs["celltype"] != "MSC"].copy()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        ms.pp.pseudobulk(blasts, unit="patient", min_cells=1)
    assert not any("looks like stroma" in str(w.message) for w in told)


@pytest.mark.parametrize(
    ("column", "levels", "said"),
    [
        ("condition", ("diagnosis", "relapse"), True),
        ("status", ("Dx", "Rel"), True),
        ("x", ("chemosensitive", "chemoresistant"), True),
        ("timing", ("baseline", "remission"), True),
        ("stage", ("I", "II"), True),
        ("phase", ("G1", "S"), False),
        ("doublet_class", ("singlet", "doublet"), False),
        ("qc_status", ("pass", "fail"), False),
        ("cell_type", ("naive", "relapse-like"), False),
        ("status", ("resting", "activated"), False),
    ],
)
def test_states_of_patients_within_a_sum_are_named_and_states_of_cells_are_not(
    column: str, levels: tuple[str, str], said: bool
) -> None:
    cells = ms.ds.toy()
    cells = ad.concat([cells, cells], index_unique="-")
    cells.obs[column] = np.repeat(levels, cells.n_obs // 2)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ms.pp.pseudobulk(cells, unit="pair", by=["culture", "line"], min_cells=1)
    found = [str(w.message) for w in caught if f"several levels of {column!r} (up to 2)" in str(w.message)]
    assert len(found) == said
