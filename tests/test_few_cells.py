"""Where sums were dropped for their few cells, it is said which `min_cells` would answer what."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

SIZES = {  # cells of both arms, by type and donor
    "Mono": {"a": (25, 22), "b": (30, 12), "c": (28, 14), "d": (21, 4)},
    "Prog": {"a": (25, 9), "b": (30, 6), "c": (22, 5)},
    "T": {"a": (0, 40), "b": (0, 50)},
}
ROWS = [
    (kind, donor, state)
    for kind, donors in SIZES.items()
    for donor, sizes in donors.items()
    for state, n in zip(("malignant", "normal"), sizes, strict=True)
    for _ in range(n)
]
DESIGN = ms.Design(line="state", parental="normal", resistant="malignant", pair="donor", compartment="ct")


@pytest.fixture(scope="module")
def cells() -> ad.AnnData:
    obs = pd.DataFrame(ROWS, columns=["ct", "donor", "state"], index=[f"c{i}" for i in range(len(ROWS))])
    genes = sorted(ms.sig.load("il6.hallmark")["il6.hallmark"].genes)
    x = np.random.default_rng(0).poisson(2.0, (len(obs), len(genes) + 60)).astype(np.float32)
    names = [*genes, *(f"X{i}" for i in range(60))]
    return ad.AnnData(x, obs=obs, var=pd.DataFrame(index=names))


def scored(cells: ad.AnnData, min_cells: int) -> ad.AnnData:
    with pytest.warns(ms.InputWarning, match="sums (is|are) dropped"):
        bulk = ms.pp.pseudobulk(cells, unit="donor", by=["state", "ct"], min_cells=min_cells)
    ms.pp.lognorm(bulk)
    ms.tl.score(bulk, "il6.hallmark")
    return bulk


@pytest.mark.filterwarnings("ignore:.* rows have no partner", "ignore:.* of unlike sequencing depth")
def test_the_highest_min_cells_that_helps_is_named_with_the_cells_of_pairs(cells: ad.AnnData) -> None:
    with pytest.raises(ms.DesignError) as caught:
        ms.tl.compare(scored(cells, 20), DESIGN)
    said = str(caught.value)
    assert (
        "'donor' has one pair (a), the other 3 levels stand in one arm; two are needed [compartment=Mono]"
        in said
    )
    assert "6 sums were dropped (min_cells=20); what would help: min_cells=14 for compartment=Mono" in said
    assert "(cells of malignant v normal: a 25 v 22, b 30 v 12, c 28 v 14, d 21 v 4)" in said
    assert "min_cells=6 for compartment=Prog" in said
    assert "no min_cells helps the other 1. Scores of sums of fewer than 10 cells scatter." in said
    with pytest.warns(ms.InputWarning, match="2 of 3 contrasts cannot be estimated"):
        assert ms.tl.compare(scored(cells, 14), DESIGN)["verdict"].ne("not tested").sum() == 1


@pytest.mark.filterwarnings("ignore:.* sums (is|are) dropped", "ignore:Sums hold few")
def test_compare_cells_says_the_same(cells: ad.AnnData) -> None:
    with pytest.raises(ms.DesignError, match="what would help: min_cells=14 for compartment=Mono"):
        ms.tl.compare_cells(cells, DESIGN, signatures="il6.hallmark")


@pytest.mark.filterwarnings("ignore:.* sum.* dropped", "ignore:.* rows have no partner")
def test_where_nothing_helps_all_cells_together_may(cells: ad.AnnData) -> None:
    rows = {("Prog", "malignant"), ("Mono", "malignant"), ("T", "normal")}
    apart = [i for i, (kind, _, state) in enumerate(ROWS) if (kind, state) in rows]
    with pytest.raises(ms.DesignError, match=r"no lower min_cells would help\. All cells together would do"):
        ms.tl.compare(scored(cells[apart].copy(), 24), DESIGN)
    with_stroma = cells[apart].copy()
    with_stroma.obs[DESIGN.compartment] = with_stroma.obs[DESIGN.compartment].astype(str).replace("T", "MSC")
    with pytest.raises(ms.DesignError, match="no lower min_cells would help") as caught:
        ms.tl.compare(scored(with_stroma, 24), DESIGN)
    assert "together" not in str(caught.value)


def test_rows_without_a_partner_are_told_once_for_all_types(cells: ad.AnnData) -> None:
    bulk = scored(cells, 6)
    with pytest.warns(ms.InputWarning) as caught:
        ms.tl.compare(bulk, DESIGN)
    alone = [str(w.message) for w in caught if "no partner" in str(w.message)]
    left = "left out of resistant_vs_parental in 2 strata: [compartment=Mono] d; [compartment=Prog] c."
    assert alone == [f"2 rows have no partner of the same 'donor' in the other 'state', {left}"]


@pytest.mark.filterwarnings("ignore:.* sums (is|are) dropped")
def test_malignant_cells_called_like_a_type_are_to_be_named_as_it(cells: ad.AnnData) -> None:
    named = cells.copy()
    named.obs["ct"] = [f"{kind}-like" if state == "malignant" else kind for kind, _, state in ROWS]
    with pytest.raises(ms.DesignError, match=r"Mono-like stand apart from Mono: .*removesuffix\('-like'\)"):
        ms.tl.compare(scored(named, 20), DESIGN)
