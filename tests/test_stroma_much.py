"""Samples with so much RNA of stroma that stromal cells are in them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import marrowsig as ms
from marrowsig._cell_types import KEY
from marrowsig._cli.run import as_options
from marrowsig._provenance import as_json, record
from marrowsig.qc._stroma_much import much_told
from marrowsig.qc._stroma_shares import Found

DESIGN = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
HOW = {"signatures": "emt.hallmark", "method": "mean", "tipping": False, "draws": 199}


def with_stroma(share: float, n: int):
    """Give the demonstration study with `share` of stroma's RNA added to the first `n` of its co-cultures."""
    adata, msc = ms.ds.demo(), ms.ds.demo_stroma()
    level = np.asarray(msc[:, adata.var_names].X, dtype=float)
    level = (level / level.sum(axis=1, keepdims=True)).mean(axis=0)
    x = np.asarray(adata.X, dtype=float).copy()
    rows = np.flatnonzero(adata.obs["culture"] == "co")[:n]
    total = x[rows].sum(axis=1, keepdims=True)
    x[rows] = np.random.default_rng(0).poisson((1 - share) * x[rows] + share * total * level)
    adata.X = x.astype(adata.X.dtype)
    return adata, adata.obs_names[rows].tolist()


def test_samples_with_stromal_cells_are_named() -> None:
    adata, names = with_stroma(0.3, 6)
    with pytest.warns(ms.InputWarning, match="so much is no carry-over") as told:
        found = ms.qc.stroma(adata, DESIGN, stroma=ms.ds.demo_stroma(), **HOW)
    assert len(told) == 1
    said = str(told[0].message)
    assert f"({', '.join(names[:5])}, ... (1 more))" in said
    assert "The sort let stromal cells through" in said
    shares = found.shares.set_index("sample").loc[names, "share"]
    np.testing.assert_allclose(shares, 0.3, atol=0.03)  # the demonstration has 0.02 of its own
    assert said.startswith("6 samples hold 30 % of stroma's RNA")


@pytest.mark.slow
def test_of_sums_of_cells_the_cells_are_to_be_left_out() -> None:
    adata, names = with_stroma(0.3, 1)
    record(adata, "pseudobulk", {"unit": "pair"})
    with pytest.warns(ms.InputWarning, match=f"1 sample holds .*{names[0]}.*keep='COLUMN!=LEVEL'"):
        ms.qc.stroma(adata, DESIGN, stroma=ms.ds.demo_stroma(), **HOW)
    for types, said in (
        (["Blast", "MSC"], r"with keep='cell type!=MSC'\.$"),
        (["Blast", "CAF", "MSC"], r"with keep='cell type!=(CAF,)?MSC'\.$"),
        (
            ["Blast", "c7"],
            r"with keep='cell type!=LEVEL': the level that they were called there \(Blast, c7\)",
        ),
    ):
        record(adata, "pseudobulk", {"unit": "pair", "types_of": "cell type", "types": as_json(types)})
        adata.obsm[KEY] = np.full((adata.n_obs, len(types)), 1 / len(types))
        with pytest.warns(ms.InputWarning, match=said) as told:
            ms.qc.stroma(adata, DESIGN, stroma=ms.ds.demo_stroma(), **HOW)
        there = as_options(str(told[0].message))
        assert "--keep 'cell type!=" in there
        assert "keep=" not in there


def test_a_share_below_a_tenth_is_carry_over() -> None:
    adata, _ = with_stroma(0.05, 6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = ms.qc.stroma(adata, DESIGN, stroma=ms.ds.demo_stroma(), **HOW)
    assert found.shares["share"].max() > 0.05


def test_shares_that_may_be_chance_or_were_given_are_not_told() -> None:
    adata, _ = with_stroma(0.3, 1)
    with pytest.warns(ms.InputWarning, match="no carry-over"):
        table = ms.qc.stroma(adata, DESIGN, stroma=ms.ds.demo_stroma(), **HOW).shares
    known = {"upper": {}, "factor": {}, "spread": {}, "source": ""}
    assert much_told(Found(table, ["COL1A1"], **known), adata)
    assert not much_told(Found(table, [], **known), adata)
    assert not much_told(Found(table.assign(share_low=0.1), ["COL1A1"], **known), adata)
    scattered = table.assign(reading="scattered: induction, or another stroma")
    assert not much_told(Found(scattered, ["COL1A1"], **known), adata)
    assert not much_told(None, adata)
