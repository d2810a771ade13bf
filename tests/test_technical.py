"""Lanes that are counted as samples, libraries that failed, and samples that are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from click.testing import CliRunner

import marrowsig as ms
from marrowsig._calls import Calls
from marrowsig._failed import failed_libraries
from marrowsig._not_counts import not_counts
from marrowsig._repeated import without_repeats
from marrowsig._stats.counting_noise import beyond_counting
from marrowsig._summed import summed
from marrowsig._technical import technical_groups, technical_replicates
from marrowsig.cli import main
from marrowsig.io._declared import settle_kind

if TYPE_CHECKING:
    from pathlib import Path

DESIGN = ms.Design(culture="culture")


def cultures(n: int = 6, genes: int = 600, cv: float = 0.1, seed: int = 0) -> AnnData:
    """Counts of cultures that differ by `cv` beyond counting."""
    rng = np.random.default_rng(seed)
    mean = rng.lognormal(8.5, 0.5, genes)
    counts = rng.poisson(mean * rng.gamma(1 / cv**2, cv**2, (n, genes))).astype(float)
    obs = pd.DataFrame({"culture": ["mono", "co"] * (n // 2)}, index=[f"s{i}" for i in range(n)])
    var = pd.DataFrame(index=[f"g{i}" for i in range(genes)])
    adata = AnnData(counts, obs=obs, var=var)
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    return adata


def lanes(adata: AnnData) -> AnnData:
    """Every library on two lanes, named by the culture in the column `library`."""
    rng = np.random.default_rng(1)
    one = rng.binomial(adata.X.astype(int), 0.4).astype(float)
    obs = [adata.obs.assign(library=adata.obs_names).rename(index=lambda n, k=k: f"{n}_{k}") for k in "12"]
    both = AnnData(np.vstack([one, adata.X - one]), obs=pd.concat(obs), var=adata.var)
    both.uns["marrowsig"] = {"input": {"kind": "counts"}}
    return both


def test_lanes_differ_by_counting_and_cultures_by_more() -> None:
    adata = cultures()
    one, two = lanes(adata).X[0], lanes(adata).X[6]
    assert beyond_counting(one, two, least=100) == pytest.approx(1, abs=0.25)  # se 0.1 with 600 genes
    apart = beyond_counting(adata.X[0], adata.X[2], least=100)
    mean = adata.X[[0, 2]].mean(axis=0)
    assert apart == pytest.approx(1 + 0.1**2 * np.median(mean), rel=0.25)
    assert np.isnan(beyond_counting(one, two, least=1e7))


@pytest.mark.parametrize("cv", [0.03, 0.1])
def test_lanes_are_found_and_cultures_are_not(cv: float) -> None:
    adata = cultures(cv=cv)
    assert technical_groups(adata.X, adata.obs["culture"].tolist()) == []
    both = lanes(adata)
    groups = technical_groups(both.X, both.obs["culture"].tolist())
    assert groups == [[i, i + 6] for i in range(6)]


def test_lanes_are_refused_with_the_column_that_sums_them() -> None:
    both = lanes(cultures())
    assert technical_replicates(cultures(), DESIGN) == []
    with pytest.raises(ms.DesignError, match=r"12 of 12 samples .*s0_1 = s0_2.* Give unit='library': "):
        technical_replicates(both, DESIGN)
    del both.obs["library"]
    with pytest.raises(ms.DesignError, match=r"Add a column to the sample sheet.* give it as unit=: "):
        technical_replicates(both, DESIGN)
    one = AnnData(both.X[[*range(6), 6]], obs=both.obs.iloc[[*range(6), 6]], var=both.var, uns=both.uns)
    (told,) = technical_replicates(one, DESIGN)
    assert "1 library was read more than once, and its readings differ by the noise of counting" in told
    assert told.startswith("2 of 7 samples look like technical replicates")
    named = ms.Design(culture="culture", unit="name")
    both.obs["name"] = both.obs_names
    assert len(technical_replicates(both, named)) == 1


def test_lanes_of_shallow_libraries_are_asked_about_by_their_names() -> None:
    adata = lanes(cultures(n=4, genes=300))
    adata.X = np.random.default_rng(3).binomial(adata.X.astype(int), 0.005).astype(float)
    assert technical_replicates(adata, DESIGN) == []
    adata.obs_names = [f"s{i % 4}_L00{i // 4 + 1}" for i in range(8)]
    (told,) = technical_replicates(adata, DESIGN)
    assert told.startswith("Are these lanes of one library (s0_L001 = s0_L002, s1_L001 = s1_L002, ")
    adata.X = np.random.default_rng(4).lognormal(3, 1, adata.shape)
    adata.uns["marrowsig"]["input"]["kind"] = "tpm"
    assert technical_replicates(adata, DESIGN) == [told]
    apart = cultures(n=4)
    apart.obs_names = ["a_L1", "b_L1", "a_L2", "b_L2"]  # cultures that the counts tell apart
    assert technical_replicates(apart, DESIGN) == []


def test_a_unit_sums_the_libraries_of_an_arm() -> None:
    adata = cultures()
    both = lanes(adata)
    rows = summed(both, ms.Design(culture="culture", unit="library"), Calls())
    assert rows.cells is None
    assert rows.said == ("The counts of 12 libraries were summed to 6 samples: one per 'library' and arm.",)
    order = [f"s{i}" for i in range(6)]
    np.testing.assert_array_equal(
        rows.adata[[rows.adata.obs["library"].tolist().index(s) for s in order]].X, adata.X
    )
    assert set(rows.adata.obs["n_libraries"]) == {2}
    assert summed(both, DESIGN, Calls()).adata is both


def test_a_failed_library_is_named() -> None:
    adata = cultures()
    assert failed_libraries(adata) == []
    adata.X[1] = np.random.default_rng(2).binomial(adata.X[1].astype(int), 0.002)
    (told,) = failed_libraries(adata)
    assert told.startswith(f"s1 ({int(adata.X[1].sum()):,} counts, ")
    assert "Its scores are noise" in told
    assert told.endswith("Leave it out: leave_out=['s1'].")
    adata.X[1] = 0
    (told,) = failed_libraries(adata)
    assert told.startswith("s1 (0 counts, 0 genes detected): a failed library?")
    assert told.endswith("nothing is estimated by a method that ranks genes. Leave it out: leave_out=['s1'].")


def test_a_warning_that_another_holds_is_said_once() -> None:
    first, second = "emt.a: 3 of 9 genes found\nemt.b: 1 of 8 genes found", "emt.b: 1 of 8 genes found"
    other = "emt.b: 1 of 8 genes found\nemt.c: 0 of 5 genes found"
    assert without_repeats([first, second, other, "x"]) == [first, other, "x"]
    four = "4 signatures with too few of their genes found, min_coverage=0.5 -> NaN: emt.a (3 of 9), "
    four += "emt.b (1 of 8), emt.c (0 of 5), emt.d (2 of 7)"
    three = four.replace("4 sig", "3 sig").removesuffix(", emt.d (2 of 7)")
    new = "emt.e: 1 of 8 genes found"
    assert without_repeats([four, three, first, other, new]) == [four, new]
    assert without_repeats([three, four]) == [three, four]


def test_percent_and_rounded_tpm_are_no_logs_and_no_counts() -> None:
    share = np.random.default_rng(0).dirichlet(np.full(2000, 0.3), size=4)
    for whole in (1, 100):
        adata = AnnData(share * whole)
        assert settle_kind(adata.X, None)[0] == "tpm"
        ms.pp.lognorm(adata)
        np.testing.assert_allclose((2**adata.X - 1).sum(axis=1), 1e6)
    rounded = np.rint(share * 1e6)
    with pytest.warns(ms.InputWarning, match="rounded"):
        assert settle_kind(rounded, None)[0] == "tpm"
    assert settle_kind(rounded, "counts")[0] == "counts"
    thinned = np.random.default_rng(1).multinomial(1_000_000, share[0], size=4).astype(float)
    assert settle_kind(thinned, None)[0] == "counts"


def test_rounded_tpm_are_said_where_they_are_scored() -> None:
    share = np.random.default_rng(0).dirichlet(np.full(500, 0.3), size=4)
    adata = AnnData(np.rint(share * 1e6), var=pd.DataFrame(index=[f"G{i}" for i in range(500)]))
    mine = ms.sig.Signature("emt.mine", axis="emt", genes=[f"G{i}" for i in range(20)])
    with pytest.warns(ms.InputWarning, match=r"rounded to whole numbers: .* singscore gives other scores"):
        ms.tl.score(adata, mine)
    ms.pp.lognorm(adata)
    with pytest.warns(ms.InputWarning, match="rounded to whole numbers"):
        ms.tl.score(adata, mine)
    assert not_counts(AnnData(share)) == []
    adata.uns["marrowsig"] = {"input": {"kind": "tpm"}}
    (told,) = not_counts(adata)
    assert told.startswith("The values are TPM, CPM or the like, not counts; ")


@pytest.mark.usefixtures("unfigured")
def test_samples_are_left_out_at_the_command_line(tmp_path: Path) -> None:
    toy = ms.ds.toy()
    counts = pd.DataFrame(toy.X.T.astype(int), index=toy.var_names, columns=toy.obs_names)
    counts.to_csv(tmp_path / "counts.csv", index_label="gene")
    name = toy.obs_names[0]
    few = ["score", str(tmp_path / "counts.csv"), "-s", "emt.hallmark", "-o", str(tmp_path / "scores.csv")]
    result = CliRunner().invoke(main, [*few, "--leave-out", name])
    assert result.exit_code == 0, result.output
    assert "left out, as was asked: " + name in result.output
    assert name not in set(pd.read_csv(tmp_path / "scores.csv")["sample"])
    said = CliRunner().invoke(main, [*few, "--leave-out", name[:-1]]).output
    assert f"Did you mean '{name}'" in said
