"""Stroma whose rows `keep` would leave out, and stroma whose rows are single cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from click.testing import CliRunner

import marrowsig as ms
from marrowsig._cli.command import made_by
from marrowsig._keep_rows import kept_rows
from marrowsig._stroma_cells import require_sums
from marrowsig.cli import main

DESIGN = ms.Design(culture="culture", mono="mono", co="co", line="line", unit="donor")


@pytest.fixture
def cells():
    """Blasts alone and with MSC (cluster 1), and MSC alone, of five donors; few genes of a row are seen."""
    parts = [("AML", "mono", "0", 20), ("AML", "co", "0", 20), ("AML", "co", "1", 4), ("MSC", "mono", "1", 4)]
    rows = [
        (donor, line, culture, cluster)
        for donor in ("p1", "p2", "p3", "p4", "p5")
        for line, culture, cluster, n in parts
        for _ in range(n)
    ]
    obs = pd.DataFrame(rows, columns=["donor", "line", "culture", "cluster"])
    counts = np.random.default_rng(0).poisson(0.2, (len(obs), 60)).astype(np.float32)
    var = pd.DataFrame(index=[f"G{i}" for i in range(60)])
    return AnnData(counts, obs=obs.set_axis([f"c{i}" for i in range(len(obs))]), var=var)


def test_stroma_stays_where_others_are_kept(cells) -> None:
    obs, alone = cells.obs, (cells.obs["line"] == "MSC").to_numpy()
    less = kept_rows(obs, ["cluster!=1"])[0]
    assert not (less & alone).any()
    keep, where = kept_rows(obs, ["cluster!=1"], stroma="line=MSC")
    assert (keep == (less | alone)).all()
    assert where == "cluster is not '1' (stroma, line=MSC, stays)"
    assert kept_rows(obs, ["cluster=0"], stroma="line=MSC")[0].tolist() == keep.tolist()


def test_what_is_said_of_donors_is_said_of_stroma_too(cells) -> None:
    keep, where = kept_rows(cells.obs, ["donor!=p1", "cluster!=1"], stroma="line=MSC")
    kept = cells.obs[keep]
    assert "p1" not in set(kept["donor"])
    assert (kept["line"] == "MSC").sum() == 16
    assert where == "donor is not 'p1' and cluster is not '1' (stroma, line=MSC, stays)"
    only = kept_rows(cells.obs, ["donor=p2"], stroma="line=MSC")
    assert only[1] == "donor is 'p2'"
    assert set(cells.obs.loc[only[0], "donor"]) == {"p2"}
    for no_rows in ("line=HSC", "msc.csv", "a=b", ""):
        assert (
            kept_rows(cells.obs, ["cluster!=1"], stroma=no_rows)[0] == (cells.obs["cluster"] != "1")
        ).all()


def test_a_study_and_the_python_of_a_run_keep_the_same_rows(cells, tmp_path) -> None:
    cells.write_h5ad(tmp_path / "cells.h5ad")
    want = kept_rows(cells.obs, ["cluster!=1"], stroma="line=MSC")[0]
    own = ms.Study(name="s", input=cells, design=DESIGN, keep=["cluster!=1"], stroma="line=MSC").read()
    assert own.obs_names.tolist() == cells.obs_names[want].tolist()
    given = {
        "matrix": tmp_path / "cells.h5ad",
        "keep": ("cluster!=1",),
        "stroma": "MSC",
        "compartment": "line",
    }
    made = made_by(given, stroma=None)["adata"]
    assert made.endswith("keep=['cluster!=1'], stroma='line=MSC', design=None).read()")
    assert eval(made).obs_names.tolist() == own.obs_names.tolist()


def test_cells_as_stroma_are_refused_before_anything_is_computed(cells, tmp_path) -> None:
    cells.write_h5ad(tmp_path / "cells.h5ad")
    cells[cells.obs["line"] == "MSC"].copy().write_h5ad(tmp_path / "msc.h5ad")
    said = ["run", str(tmp_path / "cells.h5ad"), "--stroma", str(tmp_path / "msc.h5ad")]
    for column in ("culture", "line"):
        said += [f"--{column}", column]
    said += ["--unit", "donor", "--parental", "AML", "--resistant", "MSC", "--out", str(tmp_path / "out")]
    found = CliRunner().invoke(main, said)
    told = " ".join(found.output.split())
    assert found.exit_code == 1, told
    assert (
        "Error: --stroma has 20 rows, and most hold less than a third of the genes: these look like" in told
    )
    assert told.endswith("Or, as they are in the matrix, too, give --stroma line=MSC, which sums them.")
    assert not (tmp_path / "out").exists()


def test_stroma_that_is_no_cells_or_not_in_the_matrix(cells) -> None:
    msc = cells[cells.obs["line"] == "MSC"].copy()
    with pytest.raises(
        ms.InputError, match=r"unit='donor', by=\['culture'\], min_cells=1\). Or, if the matrix has them"
    ):
        require_sums(msc, cells[cells.obs["line"] == "AML"].copy(), DESIGN)
    sums = ms.pp.pseudobulk(msc, unit="donor", by=["culture"], min_cells=1)
    require_sums(sums, cells, DESIGN)
    full = msc.copy()
    full.X = full.X + 1
    require_sums(full, cells, DESIGN)
    require_sums("MSC", cells, DESIGN)
    require_sums(None, cells, DESIGN)
