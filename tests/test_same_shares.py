"""Sums of cells with the same shares of types, and claims that are asked on them."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import anndata as ad
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from scipy import sparse

import marrowsig as ms
from marrowsig._carry_over import NO_REFERENCE
from marrowsig._cell_types import SAME, same_layer
from marrowsig._cli.run_log import of_formula
from marrowsig._counts_layer import layer_to_sum
from marrowsig._elsewhere import elsewhere
from marrowsig._kinds import COUNTS as COUNTED
from marrowsig._provenance import record
from marrowsig._report import facts
from marrowsig._report.why import why
from marrowsig._types_unasked import IN_METHODS, types_unasked
from marrowsig.pp._draws import each_draw
from marrowsig.pp._same_shares import CELLS, DRAWS, Parts, are_whole, kept_part
from marrowsig.pp.thin import thin_to
from marrowsig.tl._claims_same_shares import Same, _sums

GENES = [f"G{i}" for i in range(400)]
EMT = ms.sig.Signature("emt.mine", axis="emt", genes=GENES[:20])
IL6 = ms.sig.Signature("il6.mine", axis="il6", genes=GENES[20:40])
STAT3 = ms.sig.Signature("stat3.mine", axis="stat3", genes=GENES[40:60])
DESIGN = ms.Design(culture="culture", pair="donor")
MINUS = "\N{MINUS SIGN}"
COUNTS = {"mono": (60, 20), "co": (20, 60)}


def cells(
    n: dict[str, tuple[int, int]], *, within: float = 1.0, donors: int = 5, types=("HSC-like", "Mono-like")
) -> ad.AnnData:
    """Cells of two types by arm; the second has four times as much of EMT, co-culture `within` times IL-6."""
    rng = np.random.default_rng(1)
    base = rng.gamma(2.0, 1.0, len(GENES))
    rows, blocks = [], []
    for d in range(donors):
        own = base * np.exp(rng.normal(0, 0.1, len(GENES)))
        for arm, of in n.items():
            for kind, k in zip(types, of, strict=True):
                mean = own.copy()
                mean[:20] *= 4.0 if kind == types[1] else 1.0
                mean[20:40] *= within if arm == "co" else 1.0
                blocks.append(rng.poisson(mean, (k, len(GENES))))
                rows += [(arm, f"d{d}", kind)] * k
    obs = pd.DataFrame(rows, columns=["culture", "donor", "cell_type"])
    obs.index = [f"c{i}" for i in range(len(obs))]
    x = sparse.csr_matrix(np.vstack(blocks).astype(np.int64))
    return ad.AnnData(x, obs=obs, var=pd.DataFrame(index=GENES))


def summed(adata: ad.AnnData) -> ad.AnnData:
    return ms.pp.pseudobulk(adata, unit="donor", by="culture")


def claimed(adata: ad.AnnData, *, carry_over: bool = False) -> pd.DataFrame:
    how = {"emt": EMT, "il6": IL6, "stat3": STAT3}
    return ms.tl.claims(adata, DESIGN, signatures=how, carry_over=carry_over).set_index("claim")


@given(arrays(np.int64, (5, 3), elements=st.integers(CELLS, 400)))
def test_what_is_left_of_every_sum_has_one_composition(n: np.ndarray) -> None:
    left = kept_part(Parts(None, np.repeat(range(5), 3), np.tile(range(3), 5), n.ravel()), 5).reshape(5, 3)
    assert left.max() <= 1.0
    kept = n * left
    there = kept.sum(axis=1) > 0
    shares = kept[there] / kept[there].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, np.tile(shares[:1], (len(shares), 1)), atol=1e-12)
    if there.any():
        assert np.allclose(left[there].max(axis=1), 1.0)  # no more is thrown away than has to be


def test_layer_has_the_mean_shares_and_x_is_the_sum() -> None:
    adata = cells(COUNTS)
    bulk = summed(adata)
    by_hand = pd.DataFrame(adata.X.toarray(), columns=GENES).groupby(
        (adata.obs["donor"] + "|" + adata.obs["culture"]).to_numpy()
    )
    np.testing.assert_array_equal(bulk.X.toarray(), by_hand.sum().loc[bulk.obs_names])
    same = bulk.layers[SAME].toarray()
    assert (same <= bulk.X.toarray()).all()
    # A third of the larger type is left beside all of the smaller: 20 + 60 / 3 of 80 cells.
    # Within 5 %: cells of the second type have more counts (EMT), 20 genes of 400 at four times the level.
    np.testing.assert_allclose(same.sum(axis=1) / bulk.obs["n_counts"], 0.5, rtol=0.05)
    emt = same[:, :20].sum(axis=1) / same.sum(axis=1)
    co = (bulk.obs["culture"] == "co").to_numpy()
    assert abs(np.log2(emt[co].mean() / emt[~co].mean())) < 0.05
    whole = bulk.X.toarray()
    whole = whole[:, :20].sum(axis=1) / whole.sum(axis=1)
    assert np.log2(whole[co].mean() / whole[~co].mean()) > 0.5


def test_scores_are_means_over_all_draws_which_a_file_keeps(tmp_path) -> None:
    bulk = summed(cells(COUNTS, donors=3))
    names = [same_layer(k) for k in range(DRAWS)]
    assert set(names) <= set(bulk.layers)
    total = [bulk.layers[name].sum(axis=1) for name in names]
    assert all((one == total[0]).all() for one in total)
    assert len({bulk.layers[name].toarray().tobytes() for name in names}) == DRAWS
    bulk.write_h5ad(tmp_path / "sums.h5ad")
    assert (
        "counts are also in" not in ms.io.read(tmp_path / "sums.h5ad").uns["marrowsig"]["input"]["decisions"]
    )
    scaled = ad.AnnData(bulk.X / 3, obs=bulk.obs, var=bulk.var, layers=dict(bulk.layers))
    assert layer_to_sum(scaled) == elsewhere(scaled, COUNTED) == ""  # draws are no counts of sums
    same = ad.read_h5ad(tmp_path / "sums.h5ad")[2:].copy()
    own = np.asarray(same.layers[SAME].sum(axis=1)).ravel().astype(np.int64)
    thin_to(same, same.layers[SAME], own, {"layer": SAME, "seed": 0, "draws": DRAWS})
    ms.pp.lognorm(same)
    ms.tl.score(same, EMT, method="mean")
    cpm = [1e6 * bulk.layers[name].toarray()[2:] / own[:, None] for name in names]
    by_hand = [np.log2(one[:, :20] + 1).mean(axis=1) for one in cpm]
    np.testing.assert_allclose(same.obsm["score_mean"]["emt.mine"], np.mean(by_hand, axis=0), rtol=1e-6)
    every = [one.layers["counts"].toarray() for one in each_draw(same)]
    np.testing.assert_array_equal(every, [bulk.layers[name].toarray()[2:] for name in names])
    for name in names[1:]:
        del same.layers[name]
    del same.obsm["score_mean"]
    ms.pp.thin(same, layer=SAME, draws=2)
    assert len(each_draw(same)) == 2  # of the one draw of an older file


def test_a_size_at_the_same_shares_hardly_hangs_on_the_seed() -> None:
    """SD over seeds of the size of ten draws is below half of that of one, near 1/sqrt(10)."""
    adata = cells({"mono": (24, 8), "co": (8, 24)}, donors=3)
    sizes: dict[str, list[float]] = {"one": [], "ten": []}
    for seed in range(6):
        bulk = ms.pp.pseudobulk(adata, unit="donor", by="culture", seed=seed)
        for what in ("ten", "one"):
            same = _sums(bulk, DESIGN)
            ms.tl.score(same, IL6, method="singscore", min_coverage=0.0)
            values = same.obsm["score_singscore"]["il6.mine"].to_numpy()
            co = (same.obs["culture"] == "co").to_numpy()
            sizes[what].append(values[co].mean() - values[~co].mean())
            for k in range(1, DRAWS):
                bulk.layers.pop(same_layer(k), None)
    assert np.std(sizes["ten"]) < 0.5 * np.std(sizes["one"])


def test_whole_counts_are_drawn_however_they_are_stored_and_the_page_scores_them() -> None:
    whole, stored = cells(COUNTS), cells(COUNTS)
    stored.X = stored.X.astype(np.float32)
    bulk = summed(stored)
    np.testing.assert_array_equal(bulk.layers[SAME].toarray(), summed(whole).layers[SAME].toarray())
    page = (Path(__file__).parents[1] / "docs" / "howto" / "single_cells.md").read_text(encoding="utf-8")
    code = re.search(
        r"```python\n(same = ms.pp.pseudobulk.*?)ms.tl.compare\(same, design\)\n```", page, re.DOTALL
    )
    assert code is not None
    space = {"ms": ms, "np": np, "cells": stored, "design": DESIGN, "mine": EMT}
    exec(code[1].replace('["control.hay2018_monocyte"]', "mine"), space)
    same = space["same"]
    assert same.layers["counts"].sum() == bulk.layers[SAME].sum()
    # Genes of the second type, a fourth of the cells alone and three beside: nothing is left of their rise.
    res = ms.tl.compare(same, DESIGN)  # which warns of unlike cells in sums as they are
    assert (res["ci_low"] < 0).all() & (res["ci_high"] > 0).all()
    text = ms.methods_text(same, res, design=DESIGN).text
    assert "were drawn so that every sum has the same shares of cell types and thinned to" in text
    told = dict(facts.data(same, DESIGN))["thinned"]
    assert told.endswith("tests of genes use the first draw at the same shares of cell types")
    formula = ms.Design.from_formula(
        "~ culture + donor", levels={"culture": ["mono", "co"]}, contrasts={"x": "co - mono"}, unit="donor"
    )
    assert types_unasked(same, formula) == ""
    stored.X.data *= 0.6
    record(stored, "input", {"kind": "expected_counts"})
    assert not are_whole(summed(stored).layers[SAME])


def test_layer_does_not_depend_on_the_order_of_genes_and_survives_a_file(tmp_path) -> None:
    adata = cells(COUNTS, donors=2)
    bulk, turned = summed(adata), summed(adata[::-1, ::-1].copy())
    np.testing.assert_array_equal(
        turned[bulk.obs_names, GENES].layers[SAME].toarray(), bulk.layers[SAME].toarray()
    )
    bulk.write_h5ad(tmp_path / "sums.h5ad")
    np.testing.assert_array_equal(
        ad.read_h5ad(tmp_path / "sums.h5ad").layers[SAME].toarray(), bulk.layers[SAME].toarray()
    )


def test_no_layer_without_types_or_where_shares_are_alike() -> None:
    adata = cells(COUNTS, donors=2)
    assert SAME not in summed(adata[:, :].copy()[adata.obs["cell_type"] == "HSC-like"].copy()).layers
    assert SAME not in summed(cells({"mono": (40, 40), "co": (41, 39)}, donors=2)).layers
    adata.obs = adata.obs.drop(columns="cell_type")
    assert SAME not in summed(adata).layers


def test_a_sum_that_lacks_a_type_holds_no_counts_and_a_type_that_most_lack_is_left_out() -> None:
    n = np.array([[60, 20, 0], [20, 60, 0], [30, 50, 0], [50, 30, 0], [40, 0, 40]])
    left = kept_part(Parts(None, np.repeat(range(5), 3), np.tile(range(3), 5), n.ravel()), 5).reshape(5, 3)
    assert (left[4] == 0).all()
    assert (left[:, 2] == 0).all()
    assert (left[:4, :2] > 0).all()


def test_a_programme_that_only_moves_with_the_shares_is_not_supported() -> None:
    bulk = summed(cells(COUNTS, within=1.5))
    found = claimed(bulk)
    emt, il6 = found.loc["emt_up"], found.loc["il6_response_up"]
    assert (emt["verdict"], emt["rule"]) == ("cannot tell", "cell types")
    assert emt["p_adj"] < 1e-4
    assert emt["types_moved"] == f"HSC {MINUS}50, Mono +50"
    assert emt["same_shares_ci_low"] < 0 < emt["same_shares_ci_high"]
    told = f"cell types have other shares (HSC {MINUS}50, Mono +50 points); with the same shares"
    assert emt["reason"].startswith(f"{told} (mean of {DRAWS} draws) ")
    assert emt["same_shares_draws"] == DRAWS
    assert (il6["verdict"], il6["cell_types"]) == ("supported", "not explained by shares of cell types")
    # Within a quarter: in the sums as they are EMT genes rise in rank, too, and the score moves a little.
    assert il6["same_shares_estimate"] == pytest.approx(il6["estimate"], rel=0.25)
    for k in range(1, DRAWS):
        del bulk.layers[same_layer(k)]  # as in older files
    assert f"{told} (one random draw: other seeds give other sizes) " in claimed(bulk).loc["emt_up", "reason"]
    del bulk.layers[SAME]
    blind = claimed(bulk)
    assert blind.loc["emt_up", "cell_types"] == "cannot tell"
    assert "could not be held the same" in blind.loc["emt_up", "sentence"]


def test_shares_are_asked_without_a_reference_of_stroma() -> None:
    bulk = summed(cells(COUNTS, within=1.5))
    one, two = claimed(bulk), claimed(bulk, carry_over=True)
    assert set(two["stroma"]) == {"", NO_REFERENCE}
    columns = ["cell_types", "same_shares_estimate"]
    pd.testing.assert_frame_equal(
        two.loc[["emt_up", "il6_response_up"], columns], one.loc[["emt_up", "il6_response_up"], columns]
    )


@pytest.mark.parametrize(
    ("size", "low", "high", "p", "told"),
    [
        (0.02, 0.01, 0.03, 0.001, "not explained by shares of cell types"),
        (0.02, -0.01, 0.05, 0.2, "may be shares of cell types"),
        (-0.02, -0.03, -0.01, 0.001, "may be shares of cell types"),  # zero is excluded, on the other side
        (0.09, -0.01, 0.19, 0.07, "cannot tell"),
    ],
)
def test_a_claim_stands_where_zero_is_excluded_on_the_side_of_its_size(size, low, high, p, told) -> None:
    found = Same(size, low, high, p, "", "", 0.05).numbers({"cite": "estimate", "estimate": 0.1})
    assert found["cell_types"] == told


def test_nothing_is_asked_where_shares_are_alike() -> None:
    found = claimed(summed(cells({"mono": (40, 40), "co": (39, 41)}, within=1.5)))
    assert (found["cell_types"] == "").all()
    assert found.loc["il6_response_up", "verdict"] == "supported"


def test_the_page_says_in_a_word_what_shares_of_types_do() -> None:
    found = claimed(summed(cells(COUNTS, within=1.5))).reset_index()
    row = found[found["claim"] == "il6_response_up"].iloc[0]
    assert "not shares of cell types" in why(row.to_dict(), 0.05)


def test_a_formula_says_that_shares_of_cell_types_were_not_asked() -> None:
    bulk = summed(cells(COUNTS))
    asked = {"gain": "co - mono"}
    design = ms.Design.from_formula(
        "~ culture + donor", levels={"culture": ["mono", "co"], "donor": "d0"}, contrasts=asked, unit="donor"
    )
    told = types_unasked(bulk, design)
    assert told.startswith("Not asked: shares of cell types of 'cell_type', which differ between these sums")
    fields = "ms.Design(culture='culture', mono='mono', co='co', pair='donor')"
    assert f"ask by fields in the place of the formula, {fields}; or of one type alone." in told
    ms.pp.lognorm(bulk)
    ms.tl.score(bulk, EMT, method="mean")
    with pytest.warns(ms.InputWarning, match="unlike cells"):
        res = ms.tl.compare(bulk, design)
    assert told in of_formula(SimpleNamespace(design=design, adata=bulk, res=res))
    assert IN_METHODS in ms.methods_text(bulk, res, design=design).text
    assert types_unasked(bulk, DESIGN) == ""  # claims ask it
    del bulk.layers[SAME]
    assert types_unasked(bulk, design) == ""
