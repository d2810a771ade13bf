"""Stroma that is given as sums of its cells: one profile, however the sums were split."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import marrowsig as ms
from marrowsig._cli.beside import beside
from marrowsig.cli import main
from marrowsig.qc._linear import Linear
from marrowsig.qc._stroma_pooled import pooled
from marrowsig.qc._stroma_shares import claimed

GENES, MARKERS = 600, 40
EMT = "emt.hallmark"
DESIGN = ms.Design(culture="culture", line="stage", pair="donor", parental="Dx", resistant="Rel")
MSC = [(22, 3), (3, 24), (25, 25)]
"""Cells of stroma at Dx and Rel, by donor: sums of 3 are left out by the default of `ms.pp.pseudobulk`."""


@pytest.fixture(scope="module")
def cells():
    others = [g for g in ms.ds.demo_stroma().var_names if g not in claimed() and not g.startswith("MT-")]
    emt = list(ms.sig.load(EMT)[EMT].genes)
    names = [*others[: GENES - len(emt)], *emt]
    rng = np.random.default_rng(4)
    blast, stroma = rng.gamma(1.0, 3.0, (2, GENES))
    blast[:MARKERS], stroma[:MARKERS] = 0.0, 4.0
    rows, obs = [], []
    for donor, of_stroma in zip("abc", MSC, strict=True):
        own = stroma * 2.0 ** rng.normal(0, 0.5, GENES)
        for stage, n in zip(("Dx", "Rel"), of_stroma, strict=True):
            for culture, share in (("mono", 0.0), ("co", 0.03)):
                rows.append(rng.poisson((1 - share) * blast + share * own, (25, GENES)))
                obs += [(donor, stage, culture, "AML")] * 25
            rows.append(rng.poisson(own, (n, GENES)))
            obs += [(donor, stage, "co", "MSC")] * n
    obs = pd.DataFrame(obs, columns=["donor", "stage", "culture", "type"])
    obs.index = [f"cell{i}" for i in range(len(obs))]
    var = pd.DataFrame(index=names)
    return anndata.AnnData(np.vstack(rows).astype(np.float32), obs=obs, var=var)


def sums(cells, by, least=1):
    return ms.pp.pseudobulk(cells, unit="donor", by=by, min_cells=least)


def asked(cells, stroma):
    blasts = sums(cells[cells.obs["type"] == "AML"], ["stage", "culture"])
    ms.pp.lognorm(blasts)
    return ms.qc.stroma(blasts, DESIGN, stroma=stroma, signatures=EMT, tipping=False, draws=100)


def same(one, other):
    for table in ("shares", "verdicts", "dropped"):
        pd.testing.assert_frame_equal(getattr(one, table), getattr(other, table), rtol=1e-9, atol=1e-12)
    assert one.params["reference"] == other.params["reference"]


def test_sums_by_stage_and_those_of_the_command_line_are_one_reference(cells):
    apart = beside(cells, DESIGN, "type=MSC")
    assert apart.stroma.n_obs == 3
    assert apart.said[-1] == "stroma: 102 cells of 3 donors, added up"
    msc = cells[cells.obs["type"] == "MSC"]
    found = asked(cells, sums(msc, ["stage", "culture"]))
    same(found, asked(cells, apart.stroma))
    words = "3 samples of stroma in co-culture (none was grown alone), sums of cells, from counts per million"
    assert found.params["reference"] == words
    with pytest.warns(ms.InputWarning, match="2 of 6 sums are dropped"):
        less = sums(msc, ["stage", "culture"], least=20)
    with pytest.warns(ms.InputWarning, match="2 sums of stroma had few cells and were dropped before"):
        asked(cells, less)


def test_a_profile_of_sums_is_that_of_all_counts_and_deep_donors_count_alike():
    rng = np.random.default_rng(0)
    counts = rng.poisson(3.0, (4, 50)).astype(float)
    donors, every = np.array(["a", "a", "b", "c"], dtype=object), np.ones(4, dtype=bool)

    def of(counts):
        depth = counts.sum(axis=1)
        return pooled(Linear([], counts / depth[:, None] * 1e6, depth, ""), donors, every)

    np.testing.assert_allclose(of(counts), counts.sum(axis=0) / counts.sum() * 1e6, rtol=1e-12)
    deep = counts * 1000 * np.array([1, 1, 3, 9])[:, None]
    each = [deep[[0, 1]].sum(axis=0), deep[2], deep[3]]
    want = np.mean([one / one.sum() for one in each], axis=0) * 1e6
    np.testing.assert_allclose(of(deep), want, rtol=1e-12)


@pytest.mark.slow
def test_a_run_and_python_give_the_same_shares_and_sizes(cells, tmp_path):
    cells.write_h5ad(tmp_path / "cells.h5ad")
    how = "--culture culture --mono mono --co co --line stage --parental Dx --resistant Rel --pair donor"
    how += " --unit donor --stroma type=MSC --quick"
    args = ["run", str(tmp_path / "cells.h5ad"), *how.split(), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, [*args, "-s", EMT])
    assert done.exit_code == 0, done.output
    msc = cells[cells.obs["type"] == "MSC"]
    blasts = sums(cells[cells.obs["type"] == "AML"], ["culture", "stage"])
    ms.pp.lognorm(blasts)
    found = ms.qc.stroma(blasts, DESIGN, stroma=sums(msc, ["stage", "culture"]), signatures=EMT)
    shares = pd.read_csv(tmp_path / "out" / "stroma_shares.csv")
    np.testing.assert_array_equal(shares["sample"], found.shares["sample"])
    np.testing.assert_allclose(shares["share"], found.shares["share"], rtol=1e-9)
    run = pd.read_csv(tmp_path / "out" / "stroma.csv").query("signature == @EMT and method == 'singscore'")
    run = run.set_index("contrast")
    ours = found.verdicts.set_index("contrast").loc[run.index]
    assert (run["n_kept"] == ours["n_kept"]).all()
    np.testing.assert_allclose(run["filtered_estimate"], ours["filtered_estimate"], rtol=1e-9)
