"""Whether the share of stroma's RNA differs between co-cultures."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig._arms import read
from marrowsig._cli.claimed import shares_between
from marrowsig.qc._stroma_between import share_contrasts

FIELDS = {"culture": "culture", "line": "line", "inhibitor": "drug", "vehicle": "DMSO"}


@pytest.fixture
def shared():
    """Four days, two lines with and without a drug, alone and in co-culture, and the share of each."""
    rows = [
        (d, li, c, i)
        for d in "1234"
        for li in ("parental", "resistant")
        for c in ("mono", "co")
        for i in ("DMSO", "rux")
    ]
    obs = pd.DataFrame(rows, columns=["day", "line", "culture", "drug"])
    obs.index = ["|".join(row) for row in rows]
    rng = np.random.default_rng(0)
    share = np.where(obs["culture"] == "co", 0.03 + 0.01 * rng.normal(size=len(obs)), 0.0)
    return obs, pd.Series(share, obs.index)


def asked(obs, share, design):
    frame = read(design, obs).frame
    frame["co"] = (frame["culture"] == "co").to_numpy()
    grown = {str(arm): 0 for arm in frame.loc[frame["co"], "arm"]}
    study = SimpleNamespace(frame=frame, plans=design.plans(obs), arm_bases=lambda stratum: grown)
    shares = pd.DataFrame({"share": share.loc[frame["name"]].to_numpy()})
    return share_contrasts(study, shares, 0.05).set_index("contrast")


def test_shares_of_two_co_cultures_are_compared_within_pairs(shared):
    obs, share = shared
    table = asked(obs, share, ms.Design(**FIELDS, pair="day"))
    assert list(table.index) == [
        "resistance_in_co", "reversal_rux_in_parental", "reversal_rux_in_resistant",
    ]  # fmt: skip

    def of(line, drug):
        own = obs[(obs["line"] == line) & (obs["culture"] == "co") & (obs["drug"] == drug)]
        return 100 * share[own.index].to_numpy()

    sides = [
        ("resistance_in_co", ("resistant", "DMSO"), ("parental", "DMSO")),
        ("reversal_rux_in_parental", ("parental", "DMSO"), ("parental", "rux")),
        ("reversal_rux_in_resistant", ("resistant", "DMSO"), ("resistant", "rux")),
    ]
    for name, more, less in sides:
        row, want = table.loc[name], stats.ttest_rel(of(*more), of(*less))
        ends = want.confidence_interval(0.95)
        got = row[["estimate", "ci_low", "ci_high", "p"]].astype(float)
        np.testing.assert_allclose(got, [np.mean(of(*more) - of(*less)), *ends, want.pvalue], rtol=1e-9)
        assert row["n"] == 4
    assert table.loc["resistance_in_co", "arm"] == "resistant:co"
    np.testing.assert_allclose(sorted(table["p_adj"])[0], 3 * table["p"].min(), rtol=1e-12)
    (line,) = shares_between(table.reset_index())
    assert line.startswith(
        "Between these arms, points of per cent (stroma_share_contrasts.csv): resistant:co "
    )


def test_without_pairs_it_is_the_t_test_of_two_samples_and_unknown_shares_are_left_out(shared):
    obs, share = shared
    table = asked(obs, share, ms.Design(**FIELDS))
    own = [obs.index[(obs["line"] == line) & (obs["culture"] == "co") & (obs["drug"] == "DMSO")]
           for line in ("resistant", "parental")]  # fmt: skip
    want = stats.ttest_ind(*(share[of] for of in own))
    np.testing.assert_allclose(table.loc["resistance_in_co", "p"], want.pvalue, rtol=1e-9)
    assert not len(asked(obs, share * np.nan, ms.Design(**FIELDS)))
    assert shares_between(None) == shares_between(table.iloc[:0]) == []
