"""Shares of stroma in sums of cells by state, each of too few counts to show which genes its cells lack."""

from __future__ import annotations

import re

import anndata
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

STATES, PAIRS, GENES, MARKERS, SHARE = 6, 5, 3000, 80, 0.01
NAMES = [f"G{i}" for i in range(GENES)]
LISTS = ms.sig.SignatureSet(
    [ms.sig.Signature("emt.a_list", genes=[f"G{i}" for i in range(2000, 2060)], axis="emt")]
)
DESIGN = {"culture": "culture", "pair": "pair"}
BY_STATE = ms.Design(**DESIGN, compartment="state")


def cells(share, *, seed):
    """Draw sums by state, the same over all states, and stroma, with 80 genes of its own."""
    rng = np.random.default_rng(seed)
    blast = rng.gamma(1.0, 300.0, GENES)
    blast[:MARKERS] = 0.0
    blast[MARKERS:480] = rng.uniform(9.0, 25.0, 400)  # a read or two of each in a state: no markers
    stroma = rng.gamma(1.0, 100.0, GENES)
    stroma[:480] = 100.0
    blast, stroma = blast / blast.sum(), stroma / stroma.sum()
    obs = pd.DataFrame(
        [(c, f"p{p}", f"s{s}") for c in ("mono", "co") for p in range(PAIRS) for s in range(STATES)],
        columns=["culture", "pair", "state"],
    )
    part = np.where(obs["culture"] == "co", share, 0.0)[:, None]
    depth = rng.uniform(10_000, 40_000, len(obs))[:, None]
    counts = rng.poisson(depth * ((1 - part) * blast + part * stroma)).astype(np.float32)
    names = ["|".join(row) for row in obs.to_numpy()]
    var = pd.DataFrame(index=NAMES)
    fine = anndata.AnnData(counts, obs=obs.set_axis(names), var=var)
    of = obs["culture"] + "|" + obs["pair"]
    whole = obs.drop(columns="state").groupby(of, sort=False).first()
    added = pd.DataFrame(counts).groupby(of.to_numpy(), sort=False).sum().to_numpy()
    pooled = anndata.AnnData(added, obs=whole.set_axis(whole.index.astype(str)), var=var)
    alone = anndata.AnnData(rng.poisson(stroma * 5e6, (2, GENES)).astype(np.float32), var=var)
    for one in (fine, pooled, alone):
        ms.pp.lognorm(one)
    return fine, pooled, alone


def asked(adata, design, alone, markers=None):
    how = {"signatures": LISTS, "tipping": False, "draws": 300}
    return ms.qc.stroma(adata, design, stroma=alone, markers=markers, **how)


def misses(found, share):
    """Co-cultures whose interval lies below the share mixed in, and above it."""
    own = found.shares[found.shares["arm"] == "co"]
    return (own["share_high"] < share).sum(), (own["share_low"] > share).sum(), len(own)


slow = pytest.mark.slow


# States were drawn with unlike numbers of cells: the check says so, and the shares hold all the same.
@pytest.mark.filterwarnings("ignore:.* of unlike sequencing depth")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("share", "named"),
    [
        (SHARE, True),
        (0.002, False),
        pytest.param(0.0, True, marks=slow),
        pytest.param(0.0, False, marks=slow),
        pytest.param(0.002, True, marks=slow),
        pytest.param(SHARE, False, marks=slow),
    ],
)
def test_intervals_of_shares_by_state_hold_the_share_that_was_mixed_in(share, named) -> None:
    below = above = n = 0
    for seed in range(4):
        fine, pooled, alone = cells(share, seed=seed)
        markers = asked(pooled, ms.Design(**DESIGN), alone).params["markers"] if named else None
        told = misses(asked(fine, BY_STATE, alone, markers), share)
        below, above, n = below + told[0], above + told[1], n + told[2]
    # 2.5 % on each side are meant; with 120 intervals, three Monte-Carlo errors more are 6.8 %.
    assert n == 120
    assert below <= 0.068 * n
    assert above <= 0.068 * n


def test_markers_are_found_on_all_states_together_where_each_is_too_shallow() -> None:
    fine, pooled, alone = cells(SHARE, seed=1)
    found = asked(fine, BY_STATE, alone)
    assert len(found.params["markers"]) >= 70
    assert len(set(found.params["markers"]) & set(NAMES[:MARKERS])) >= 70
    assert "found on all strata together" in found.params["source"]
    co = found.shares["arm"] == "co"
    # 30 sums of some 25,000 counts with 6 reads of markers each: a standard error of 0.0007, three of them.
    assert found.shares.loc[co, "share"].mean() == pytest.approx(SHARE, abs=0.0022)
    assert "together" not in asked(pooled, ms.Design(**DESIGN), alone).params["source"]


def test_too_few_counts_are_named_as_the_reason_where_no_share_can_be_given() -> None:
    fine, _, alone = cells(SHARE, seed=1)
    shallow = fine[(fine.obs["state"] == "s0") & fine.obs["pair"].isin(["p0", "p1"])].copy()
    few = (
        r"the samples of 'transwell' have [\d,]+ to [\d,]+ counts each, too few to show which genes they lack"
    )
    shallow.obs["culture"] = shallow.obs["culture"].replace("mono", "transwell")
    with pytest.warns(ms.InputWarning, match=few):
        found = asked(shallow, ms.Design(**DESIGN, mono="transwell"), alone)
    assert re.search(few, found.params["unknown_share"])
    assert "compartment" not in found.params["unknown_share"]  # none was given
    with pytest.warns(ms.InputWarning, match=r"too few to show[^.]*\(leave compartment= out, or sum more"):
        asked(shallow, ms.Design(**DESIGN, mono="transwell", compartment="state"), alone)


def test_the_row_that_all_were_thinned_to_is_named_with_what_leaves_it_out() -> None:
    _, pooled, alone = cells(SHARE, seed=1)
    sums = anndata.AnnData(pooled.layers["counts"].copy(), obs=pooled.obs.assign(n_cells=300), var=pooled.var)
    sums.obs.loc["co|p1", "n_cells"] = 9
    row = sums.obs_names.get_loc("co|p1")
    sums.X[row] = np.random.default_rng(0).binomial(sums.X[row].astype(int), 0.005)
    least = int(sums.X[row].sum())
    with pytest.warns(ms.InputWarning, match="the shallowest row, co"):
        ms.pp.thin(sums)
    ms.pp.lognorm(sums)
    told = rf"have {least:,} counts each, thinned to those of co\|p1 from [\d,]+ to [\d,]+, too few"
    with pytest.warns(
        ms.InputWarning, match=rf"{told}.*\(leave co\|p1 out before thinning: min_cells=10 does"
    ):
        found = asked(sums, ms.Design(**DESIGN), alone)
    assert re.search(told, found.params["unknown_share"])
