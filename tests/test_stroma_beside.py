"""Stroma of the co-cultures that stands in the same matrix as the blasts, named on the command line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import marrowsig as ms
from marrowsig._cli.beside import beside

FIELDS = {"culture": "culture", "mono": "Mono", "co": "Co", "unit": "patient"}


@pytest.fixture
def cells():
    rows = [
        (patient, culture, kind)
        for patient in ("p1", "p2", "p3")
        for culture, kinds in (("Mono", ["AML"] * 20), ("Co", ["AML"] * 20 + ["MSC"] * 8))
        for kind in kinds
    ]
    obs = pd.DataFrame(rows, columns=["patient", "culture", "type"]).set_index(pd.Index(map(str, range(144))))
    counts = np.random.default_rng(0).poisson(2.0, (144, 30)).astype(np.float32)
    return AnnData(counts, obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(30)]))


@pytest.mark.parametrize(
    ("given", "compartment"), [("type=MSC", None), ("type=MSC", "type"), ("MSC", "type")]
)
def test_stroma_of_the_co_cultures_is_taken_out_and_summed(cells, given, compartment) -> None:
    found = beside(cells, ms.Design(**FIELDS, compartment=compartment), given)
    own = (cells.obs["type"] == "MSC").to_numpy()
    assert found.adata.obs_names.tolist() == cells.obs_names[~own].tolist()
    assert found.stroma.obs["culture"].tolist() == ["Co"] * 3
    assert found.stroma.X.sum() == cells.X[own].sum()
    read = found.adata.uns["marrowsig"]["input"]["decisions"]
    assert read.endswith("taken out as stroma: 24 of 144 rows, where type is MSC")
    names = {"adata": cells, "ms": ms}
    exec(f"{found.rest}\nsums = {found.sums}", names)
    assert names["adata"].obs_names.tolist() == found.adata.obs_names.tolist()
    assert np.array_equal(names["sums"].X, found.stroma.X)


def test_stroma_that_was_grown_alone_stays_in_the_study(cells) -> None:
    design = ms.Design(**FIELDS, compartment="type")
    cells.obs.loc[cells.obs_names[-1], "culture"] = "Mono"
    assert beside(cells, design, "MSC") is None
    assert beside(cells, design, None) is None
    assert beside(cells, design, "type=HS5") is None
    assert beside(cells, ms.Design(**FIELDS), "MSC") is None


def test_stroma_of_another_column_is_told_by_its_column(cells) -> None:
    from marrowsig._cli.run import as_options
    from marrowsig._usable import require_level

    with pytest.raises(ms.DesignError) as told:
        require_level("MSC", cells, ms.Design(**FIELDS))
    assert "It is a level of 'type': give --stroma type=MSC." in as_options(str(told.value))
