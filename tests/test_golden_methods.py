"""Modes of singscore, random ties of AUCell, random controls and genes against the original packages."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from marrowsig._engine import Job
from marrowsig._kernels.ranked import rank

pytestmark = pytest.mark.shared
RTOL = 1e-9
# singscore 1.29.1: options here, and whether the falling genes were given.
MODES = {
    "up_centered": ({}, False),
    "up_uncentered": ({"center": False}, False),
    "up_centered_ties_average": ({"ties": "average"}, False),
    "unknown_direction": ({"direction": "unknown"}, False),
    "stable_up_centered": ({"stable": ...}, False),
    "updown_centered": ({}, True),
    "updown_uncentered": ({"center": False}, True),
    "updown_unknown_direction": ({"direction": "unknown_as_published"}, True),
    "stable_updown_centered": ({"stable": ...}, True),
}
DATA = ("bulk", "sc", "pbmc")
CELLS = ("sc", "pbmc")
TOPS = {"top5pct": 0.05, "top20pct": 0.20}


def singscore_long(golden, data):
    return pd.read_csv(golden.folder / data / "out/singscore_long.tsv.gz", sep="\t")


def options(golden, data, mode):
    params = MODES[mode][0]
    if "stable" not in params:
        return params
    return {"stable": (golden.folder / data / "out/singscore_stable_genes.txt").read_text().split()}


def with_order(x: pd.DataFrame) -> pd.Index:
    """Rows that have ranks; R gives numbers for the others too, NaN is our answer."""
    return x.index[np.ptp(x.to_numpy(), axis=1) > 0]


@pytest.mark.parametrize("data", DATA)
def test_modes_of_singscore(golden, data):
    long, x = singscore_long(golden, data), golden.ranked(data)
    assert set(long["mode"]) <= set(MODES)
    for mode, part in long.groupby("mode"):
        params, signed = options(golden, data, mode), MODES[mode][1]
        expected = part.pivot_table(index="set", columns="sample", values="TotalScore")
        members = {s: g for s, g in golden.members(data, signed=signed).items() if s in expected.index}
        if "stable" not in params:
            got = golden.score("singscore", x, members, **params)[with_order(x)]
            assert_allclose(got, expected.loc[got.index, got.columns], rtol=RTOL, err_msg=mode)
        got = golden.score_by_verb("singscore", x, members, **params)[with_order(x)]
        assert_allclose(got, expected.loc[got.index, got.columns], rtol=RTOL, atol=1e-15, err_msg=mode)


@pytest.mark.parametrize("data", DATA)
def test_dispersion_of_singscore(golden, data):
    long, x = singscore_long(golden, data), golden.ranked(data)
    modes = [m for m in long["mode"].unique() if long.loc[long["mode"] == m, "TotalDispersion"].notna().any()]
    assert {"up_centered", "updown_centered"} <= set(modes)
    for mode in modes:
        expected = long[long["mode"] == mode].pivot_table(
            index="set", columns="sample", values="TotalDispersion"
        )
        members = {
            s: g for s, g in golden.members(data, signed=MODES[mode][1]).items() if s in expected.index
        }
        given = options(golden, data, mode)
        got = golden.score_by_verb("singscore", x, members, extra="dispersion", **given)[with_order(x)]
        assert_allclose(got, expected.loc[got.index, got.columns], rtol=RTOL, err_msg=mode)


def test_ranks_of_singscore(golden):
    x, expected = golden.logged("bulk"), golden.table("bulk/out/singscore_ranks_min").T
    sets = golden.as_sets({"all": dict.fromkeys(x.columns, 1.0)}, x.columns)
    rows = Job((), sets).rows(x.loc[expected.index].to_numpy(), 0, len(expected), first=0)
    ranked = rank(rows)
    assert_array_equal(ranked.spread(ranked.low), expected[x.columns])


@pytest.mark.parametrize("top", TOPS)
@pytest.mark.parametrize("data", CELLS)
def test_aucell_of_a_given_ranking(golden, data, top):
    ranking = golden.table(f"{data}/out/aucell_random_seed123_rankings_first25cells").T
    expected = golden.table(f"{data}/out/aucell_random_seed123_{top}")[ranking.index]
    members = golden.members(data, signed=False)
    for ties in ("average", "first"):
        got = golden.score("aucell", -ranking.astype(float), members, top=TOPS[top], ties=ties)
        assert_allclose(got, expected.loc[got.index], rtol=RTOL, atol=1e-15)


@pytest.mark.parametrize("top", TOPS)
@pytest.mark.parametrize("data", CELLS)
def test_aucell_is_the_mean_over_random_ties(golden, data, top):
    x = golden.ranked(data).loc[with_order(golden.ranked(data))]
    got = golden.score("aucell", x, golden.members(data, signed=False), top=TOPS[top])
    mean, sd = (golden.table(f"{data}/out/aucell_random_{what}200_{top}") for what in ("mean", "sd"))
    error = sd.loc[got.index, got.columns].to_numpy() / np.sqrt(200)
    off = (got - mean.loc[got.index, got.columns]).to_numpy()
    # An event that 200 draws show once or never (a gene that hardly ever passes the cut) leaves no error to
    # go by: at most 2 in 1000 scores, all of them near.
    far = abs(off) > 5 * error + 1e-12
    assert far.mean() < 0.002
    assert abs(off[far]).max(initial=0) < 1e-3
    z = off[error > 1e-6] / error[error > 1e-6]
    assert z.size > 1000
    assert abs(z.mean()) < 0.1
    assert 0.9 < z.std() < 1.1


def controls_of(golden, path):
    return json.loads((golden.folder / path).read_text())


@pytest.mark.parametrize("data", CELLS)
def test_module_with_the_controls_of_seurat_and_scanpy(golden, data):
    x, members = golden.logged(data), golden.members(data, signed=False)
    n = {"sc": 50, "pbmc": 20}[data]
    scanpy = f"scanpy_score_genes_ctrl{n}_bins25_seed0_ctrlasref"
    pairs = {
        f"seurat_addmodulescore_nbin24_ctrl{n}_seed1": "seurat_control_genes",  # Seurat 4.3.0
        f"{scanpy}True": f"{scanpy}True_controls",  # scanpy 1.11.5
        f"{scanpy}False": f"{scanpy}False_controls",
    }
    for name, genes in pairs.items():
        controls = controls_of(golden, f"{data}/out/{genes}.json")
        expected = golden.table(f"{data}/out/{name}")
        got = golden.score_by_verb("module", x, members, controls=controls)
        # Differences of means: what is left near zero is rounding of numbers of size 1.
        assert_allclose(got, expected.loc[got.index, got.columns], rtol=RTOL, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("data", CELLS)
def test_module_without_random_controls_is_as_near_to_them_as_they_are_to_each_other(golden, data):
    n = {"sc": 50, "pbmc": 20}[data]
    got = golden.score("module", golden.logged(data), golden.members(data, signed=False))
    others = [
        golden.table(f"{data}/out/{name}").loc[got.index, got.columns]
        for name in (
            f"seurat_addmodulescore_nbin24_ctrl{n}_seed1",
            f"scanpy_score_genes_ctrl{n}_bins25_seed0_ctrlasrefTrue",
            f"scanpy_score_genes_ctrl{n}_bins25_seed0_ctrlasrefFalse",
        )
    ]
    near = [got.corrwith(other, axis=1) for other in others]
    between = others[0].corrwith(others[1], axis=1)
    assert min(r.min() for r in near) > 0.93  # the lowest is that of 30 genes with 20 controls each
    assert np.mean(near) > max(0.97, between.mean())


@pytest.mark.parametrize("statistic", ["wsum", "wmean"])
def test_wmean_z_is_the_limit_of_random_permutations(golden, statistic):
    expected = golden.table(f"bulk/out/decoupler_norm_{statistic}")  # decoupleR 2.9.7, 1000 permutations
    got = golden.score("wmean_z", golden.logged("bulk"), golden.members("bulk", signed=True))
    off = (got - expected.loc[got.index, got.columns]).to_numpy()
    # Error of a mean and of a standard deviation over 1000 draws.
    error = np.sqrt((1 + got.to_numpy() ** 2 / 2) / 1000)
    assert abs(off).max() < 0.2
    assert (abs(off) < 4 * error).all()
