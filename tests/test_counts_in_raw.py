"""Counts that an h5ad keeps in `raw`, beside an X of logs: a run sums them, and `--layer raw` names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy import sparse

import marrowsig as ms
from marrowsig import _named_inputs, _run
from marrowsig._batch import one
from marrowsig._cli.run import run
from marrowsig._cli.spoken import spoken
from marrowsig._counts_in_raw import summed_of_raw
from marrowsig._elsewhere import elsewhere
from marrowsig.cli import main

if TYPE_CHECKING:
    from pathlib import Path

GENES = ms.ds.toy().var_names[:300]
COUNTS = np.random.default_rng(0).poisson(0.8, (240, 300)).astype(np.float32)
DESIGN = ms.Design(culture="culture", unit="donor")


def cells() -> ad.AnnData:
    """Cells of four donors in two arms: X holds logs of 200 genes, raw the counts of 300."""
    obs = pd.DataFrame(
        {"donor": np.repeat(list("abcd"), 60), "culture": ["mono", "co"] * 120, "kind": ["T", "B", "B"] * 80},
        index=[f"c{i}" for i in range(240)],
    )
    full = ad.AnnData(sparse.csr_matrix(COUNTS), obs=obs, var=pd.DataFrame(index=GENES))
    logs = full[:, :200].copy()
    logs.X = sparse.csr_matrix(np.log1p(COUNTS[:, :200] * 1e4 / COUNTS.sum(axis=1, keepdims=True)))
    logs.raw = full
    return logs


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cells") / "my.h5ad"
    cells().write_h5ad(path)
    return path


class Reached(Exception):
    """A run has its matrix."""


@pytest.mark.parametrize("options", [[], ["--layer", "raw"], ["--keep", "kind=B"]])
def test_a_run_sums_the_counts_of_raw(
    options: list[str], file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def work(adata: ad.AnnData, _: Any, **how: Any) -> None:
        given.update(how, adata=adata)
        raise Reached

    monkeypatch.setattr(_run, "run", work)
    words = ["run", str(file), "--culture", "culture", "--unit", "donor", "-o", str(tmp_path / "o"), *options]
    done = CliRunner().invoke(main, words)
    assert isinstance(done.exception, Reached), done.output
    rows = np.tile([False, True, True], 80) if "--keep" in options else np.full(240, True)
    adata = given["adata"]
    assert sparse.issparse(adata.X)
    assert list(adata.var_names) == list(GENES)
    assert np.array_equal(adata.X.toarray(), COUNTS[rows])
    note = adata.uns["marrowsig"]["input"]
    assert (note["kind"], note["n_var"]) == ("counts", 300)
    said = "values of raw (300 genes), counts: " if "--layer" in options else (
        "kind counts: raw (300 genes), summed in place of X, which is log"
    )  # fmt: skip
    assert note["decisions"].startswith(said)
    assert "X as it is" not in note["decisions"]
    again = eval(given["made"]["adata"], {"ms": ms})  # the Python of the page
    assert np.array_equal(again.X.toarray(), COUNTS[rows])
    sums = ms.pp.pseudobulk(adata, unit="donor", by="culture", min_cells=1)
    keys = (adata.obs["donor"].astype(str) + adata.obs["culture"].astype(str)).to_numpy()
    by_hand = [COUNTS[rows][keys == key].sum(axis=0) for key in np.unique(keys)]
    assert sorted(map(tuple, sums.X.toarray())) == sorted(map(tuple, np.array(by_hand)))


def test_a_study_of_a_batch_does_so_too(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(adata: ad.AnnData, *_: Any, **__: Any) -> None:
        raise Reached(adata.X.sum())

    monkeypatch.setattr(one, "run", work)
    how = {"signatures": ms.sig.load("il6.hallmark"), "methods": ["mean"], "min_coverage": 0.5}
    with pytest.raises(Reached, match=str(COUNTS.sum())):
        one.do(ms.Study(name="x", input=file, design=DESIGN), tmp_path, reports=False, how={}, **how)


@pytest.mark.parametrize("what", ["counts in X", "counts in a layer", "logs in raw", "samples", "not read"])
def test_nothing_else_is_taken_from_raw(what: str) -> None:
    adata = cells()
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    assert summed_of_raw(adata, DESIGN) is not None
    if what == "counts in X":
        adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    elif what == "counts in a layer":
        adata.layers["umi"] = sparse.csr_matrix(COUNTS[:, :200])
    elif what == "logs in raw":
        adata.raw = adata
    elif what == "samples":
        adata = adata[::30].copy()
    else:
        del adata.uns["marrowsig"]
    assert summed_of_raw(adata, DESIGN) is None


def test_the_matrix_of_raw_is_neither_copied_nor_made_dense() -> None:
    adata = cells()
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    found = summed_of_raw(adata, DESIGN)
    assert found is not None
    assert np.shares_memory(found.X.data, adata.raw.X.data)


def test_what_is_not_finite_in_raw_is_refused(tmp_path: Path) -> None:
    adata = cells()
    adata.raw.X.data[5] = np.nan
    adata.write_h5ad(tmp_path / "gap.h5ad")
    with pytest.raises(ms.InputError, match="missing"):
        _named_inputs.matrix(tmp_path / "gap.h5ad", None, kind=None, layer="raw", genome=None)
    with pytest.raises(ms.InputError, match=r"has no layer 'umi'\. It has: raw\."):
        _named_inputs.matrix(tmp_path / "gap.h5ad", None, kind=None, layer="umi", genome=None)


def test_a_command_that_takes_layers_names_raw_as_one() -> None:
    said = elsewhere(cells(), {"counts"})
    assert said.endswith("use full = adata.raw.to_adata(), and full in place of adata.")  # in Python
    assert spoken(said, run) == "raw holds counts: give --layer raw."
