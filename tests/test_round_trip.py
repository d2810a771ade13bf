"""Everything that is written into an AnnData comes back from h5ad and from zarr as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

if TYPE_CHECKING:
    from pathlib import Path


def bulk() -> ad.AnnData:
    """A study after every verb that writes, with a gene that is renamed and one that is only a date."""
    adata = ms.ds.toy()
    adata.var_names = ["MARCH5" if g == "MARCHF6" else "1-Mar" if g == "SNX9" else g for g in adata.var_names]
    with pytest.warns(ms.GeneWarning):
        ms.pp.map_genes(adata)
    ms.pp.lognorm(adata)
    with pytest.warns(ms.CoverageWarning):
        ms.tl.score(adata, ["emt", "il6.hallmark"], method=["ucell", "mean"])
    return adata


def cells() -> ad.AnnData:
    """Pseudobulk of a file that was read with a sample sheet."""
    adata = ms.ds.toy()
    pb = ms.pp.pseudobulk(adata, unit="pair", by=["culture"], min_cells=1)
    ms.pp.map_genes(pb)
    ms.pp.lognorm(pb)
    ms.tl.score(pb, "emt.hallmark")
    return pb


def from_file(folder: Path) -> ad.AnnData:
    toy = ms.ds.toy()
    frame = pd.DataFrame(np.asarray(toy.X), index=toy.obs_names, columns=toy.var_names).T
    frame.to_csv(folder / "counts.csv", index_label="gene")
    toy.obs.to_csv(folder / "samples.csv", index_label="sample")
    return ms.io.read(folder / "counts.csv", samples=folder / "samples.csv")


def same(a: Any, b: Any, at: str) -> None:
    if isinstance(a, dict):
        assert sorted(a) == sorted(b), at
        for key in a:
            same(a[key], b[key], f"{at}/{key}")
    elif isinstance(a, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b, check_dtype=False, check_categorical=False, obj=at)
    elif isinstance(a, np.ndarray):
        np.testing.assert_array_equal(a, b, err_msg=at)
    else:
        assert a == b, at


def slow(*values: str) -> Any:
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("store", "kind"),
    [
        ("zarr", "bulk"), ("h5ad", "cells"), ("h5ad", "from_file"),
        slow("h5ad", "bulk"), slow("zarr", "cells"), slow("zarr", "from_file"),
    ],
)  # fmt: skip
def test_round_trip(tmp_path: Path, store: str, kind: str) -> None:
    adata = {"bulk": bulk, "cells": cells, "from_file": lambda: from_file(tmp_path)}[kind]()
    path = tmp_path / f"a.{store}"
    if store == "h5ad":
        adata.write_h5ad(path)
        back = ad.read_h5ad(path)
    else:
        adata.write_zarr(path)
        back = ad.read_zarr(path)
    same(adata.uns["marrowsig"], dict(back.uns["marrowsig"]), "uns")
    same(adata.obs.astype(str), back.obs.astype(str), "obs")
    same(adata.var.astype(str), back.var.astype(str), "var")
    assert set(back.obsm) == set(adata.obsm)
    for key in adata.obsm:
        same(adata.obsm[key], back.obsm[key], key)


def test_a_comparison_is_the_same_after_the_round_trip(tmp_path: Path) -> None:
    adata = bulk()
    design = ms.Design(culture="culture", line="line", pair="pair")
    adata.write_h5ad(tmp_path / "a.h5ad")
    before, after = (
        ms.tl.compare(a, design, signatures="il6.hallmark") for a in (adata, ms.io.read(tmp_path / "a.h5ad"))
    )
    pd.testing.assert_frame_equal(before, after)


def test_provenance_names_version_parameters_hashes_and_coverage() -> None:
    slot = bulk().uns["marrowsig"]
    assert slot["version"] == ms.__version__
    entry = slot["scores"]["ucell"]
    assert '"max_rank": 1500' in entry["params"]
    hashes = entry["signatures"].set_index("id")["sha256"]
    assert hashes["emt.hallmark"] == ms.sig.load("emt.hallmark")["emt.hallmark"].sha256
    assert {"listed", "found", "coverage", "missing"} <= set(entry["coverage"].columns)
