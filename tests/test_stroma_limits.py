"""Limits of the share of stroma: their closed form, and how often they are wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import stats
from scipy.optimize import brentq

import marrowsig as ms
from marrowsig._stats.share import marker_shares
from marrowsig._stats.share_beside import share_beside
from marrowsig.qc._stroma_shares import marker_columns, measured
from marrowsig.qc._stroma_study import study

N_GENES = 3000
NAMES = [f"G{i}" for i in range(N_GENES)]
TESTED = ms.sig.SignatureSet([ms.sig.Signature("emt.mine", axis="emt", genes=NAMES[-60:])])
DESIGN = ms.Design(culture="culture", pair="pair")


def test_the_ends_are_where_the_sum_reaches_its_bound():
    rng = np.random.default_rng(0)
    stroma = rng.gamma(2.0, 200.0, 60)
    more = 0.02 * stroma + rng.normal(0.0, 3.0, 60)

    def beyond(f):
        left = more - f * stroma
        return abs(left.sum()) - 1.959963985 * np.sqrt((left**2).sum())

    middle = more.sum() / stroma.sum()
    ends = share_beside(more, stroma)
    assert ends == pytest.approx((brentq(beyond, 0.0, middle), brentq(beyond, middle, 1.0)), rel=1e-7)
    assert share_beside(-more, stroma) == (0.0, 0.0)
    assert share_beside(more[:3], stroma[:3]) is None  # three markers give no limit at 95 %


@pytest.mark.parametrize("bursts", [False, True])
def test_samples_that_can_be_exchanged_seldom_have_a_limit_above_zero(bursts):
    rng = np.random.default_rng(1)
    stroma = rng.gamma(1.0, 300.0, 60) + 50.0
    size = (2, 4000, 60)
    counts = rng.poisson(0.3, size) * (rng.geometric(0.3, size) if bursts else 1)
    low = [share_beside(one - other, stroma)[0] for one, other in zip(*counts.astype(float), strict=True)]
    # 2.5 % are meant; three standard errors of 4,000 pairs are 0.7 %.
    assert (np.array(low) > 0).mean() < 0.033


def shallow(share, rng, *, pairs=4, counts=30_000, burst=4):
    """Sums of few counts; what blasts express of a gene comes from few cells, with four reads each."""
    blast = rng.gamma(0.3, 1.0, N_GENES)
    stroma = np.where(rng.random(N_GENES) < 0.1, rng.gamma(1.0, 300.0, N_GENES), 1.0)
    blast, stroma = blast / blast.sum(), stroma / stroma.sum()
    rows = []
    for _ in range(pairs):
        alone, co = burst * rng.poisson(counts * blast / burst, (2, N_GENES))
        rows += [alone, rng.binomial(co, 1 - share) + rng.poisson(counts * share * stroma)]
    obs = pd.DataFrame(
        {"culture": ["mono", "co"] * pairs, "pair": np.repeat([f"p{i}" for i in range(pairs)], 2)},
        index=[f"s{i}" for i in range(2 * pairs)],
    )
    adata = AnnData(np.array(rows, dtype=np.float32), obs, pd.DataFrame(index=NAMES))
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    return adata, pd.Series(1e6 * stroma, NAMES)


def limits(share, runs):
    rng, told = np.random.default_rng([3, int(1000 * share)]), []
    for _ in range(runs):
        adata, stroma = shallow(share, rng)
        read = study(adata, DESIGN, stroma=stroma, layer=None, scale=None)

        def choose(part):
            return marker_columns(part, TESTED, None)

        found = measured(read, choose(read), rng=np.random.default_rng(0), draws=100, choose=choose)
        told.append(found.table[found.table["arm"] == "co"])
    return pd.concat(told)


def test_limits_hold_the_choice_of_the_markers_and_bursts_of_single_cells():
    none, some = limits(0.0, 12), limits(0.03, 12)
    # 2.5 % are meant; three standard errors of 48 samples are 6.8 %. Of the row by itself it is about 70 %.
    assert (none["share_low"] > 0).mean() <= 0.093
    assert (some["share_low"] > 0).mean() > 0.8
    inside = (some["share_low"] <= 0.03) & (some["share_high"] >= 0.03)
    assert inside.mean() >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / len(some))


def test_no_stroma_is_shown_beside_one_sample_alone_that_chose_the_markers():
    adata, stroma = shallow(0.05, np.random.default_rng(4))
    adata = adata[[0, 1, 3, 5, 7]].copy()  # one sample alone, and an inhibitor in two co-cultures of four
    adata.obs["drug"] = ["no", "no", "no", "JAKi", "JAKi"]
    how = {"stroma": stroma, "signatures": TESTED, "tipping": False, "draws": 100}
    design = ms.Design(culture="culture", inhibitor="drug", vehicle="no")
    with pytest.warns(ms.InputWarning, match=r"cannot be shown in 4 of 5 samples \(s1, s3, s5, s7\)"):
        found = ms.qc.stroma(adata, design, genes=NAMES[-2:], **how)
    co = found.shares[found.shares["sample"] != "s0"]
    assert (co["share_low"] == 0).all()
    assert (co["share"] > 0.02).all()
    assert set(co["reading"]) == {"cannot tell: one sample alone"}
    assert (found.verdicts["share_low"] == 0).all()
    assert (found.genes["share_low"] == 0).all()
    # Markers that this sample did not choose do tell.
    named = [NAMES[j] for j in np.argsort(-stroma.to_numpy())[:100] if NAMES[j] not in NAMES[-60:]]
    co = ms.qc.stroma(adata, design, markers=named, **how).shares.query("sample != 's0'")
    assert (co["share_low"] > 0.02).all()
    assert (co["share_high"] > 0.05).all()


def test_of_many_counts_one_sample_alone_will_do():
    adata, stroma = shallow(0.05, np.random.default_rng(4), counts=3_000_000)
    adata = adata[[0, 1, 3, 5, 7]].copy()
    adata.obs["drug"] = ["no", "no", "no", "JAKi", "JAKi"]
    design = ms.Design(culture="culture", inhibitor="drug", vehicle="no")
    found = ms.qc.stroma(adata, design, stroma=stroma, signatures=TESTED, tipping=False, draws=100)
    co = found.shares[found.shares["sample"] != "s0"]
    assert (co["share_low"] > 0.03).all()


@pytest.mark.slow
def test_limits_in_sums_of_real_cells(shared, monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent / "bench")
    import stroma_limits as b

    profiles, rng = b.sums.donors(shared), np.random.default_rng(5)
    told = pd.concat([b.one(profiles, 100, 0.0, 4, 0.5, rng) for _ in range(40)])
    # 2.5 % are meant; three standard errors of 160 samples, four to a study, are 3.7 %.
    assert (told["low_both"] > 0).mean() <= 0.062
    assert (told["low_row"] > 0).mean() > 0.1


@pytest.mark.slow
def test_upper_limits_in_sums_of_many_cells(shared, monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent / "bench")
    import stroma_limits as b

    profiles, rng = b.sums.donors(shared), np.random.default_rng(6)
    told = pd.concat([b.one(profiles, 3000, 0.01, 4, 0.0, rng) for _ in range(30)])
    # 2.5 % are meant; three standard errors of 120 samples are 4.3 %.
    assert (told["high_both"] < told["given"]).mean() <= 0.068
    assert (told["low_both"] > told["given"]).mean() <= 0.068
    assert (told["high_row"] < told["given"]).mean() > 0.15


def test_a_share_lies_within_its_limits_beside_a_reference_that_is_off():
    """Of levels that are off the median lay on the limit; of equal weights, it is scipy's trimmed mean."""
    rng = np.random.default_rng(1)
    background, stroma, off = np.zeros(100), np.full(100, 200.0), np.exp(0.5 * rng.normal(size=100))
    values = (0.03 * stroma * off)[None] + rng.normal(0, 0.1, (5, 100))
    found = marker_shares(values, np.tile(background, (5, 1)), stroma, rng=rng, draws=199)
    want = stats.trim_mean(values / stroma, 0.1, axis=1)
    np.testing.assert_allclose(found.share, want, rtol=1e-12)
    assert (found.low < found.share).all()
    assert (found.share < found.high).all()
    noise = marker_shares(rng.normal(0, 1, (5, 100)), np.tile(background, (5, 1)), stroma, rng=rng, draws=199)
    assert (noise.low == 0).all()
