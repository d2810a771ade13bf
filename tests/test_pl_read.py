"""Rows outside the design may lack what the design asks of the others."""

from __future__ import annotations

import numpy as np
import pytest

import marrowsig as ms
from marrowsig.pl._read import by_unit, labels


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_row_outside_the_design_may_have_no_time_and_no_pair(missing: float | None) -> None:
    adata = ms.ds.toy()
    ms.tl.score(adata, "il6.hallmark")
    adata.obs["day"] = ["1", "2"] * 8
    adata.obs = adata.obs.astype(object)
    first = adata.obs_names[0]
    adata.obs.loc[first, "culture"] = "other"
    adata.obs.loc[first, ["day", "pair"]] = missing
    design = ms.Design(culture="culture", line="line", pair="pair", time="day")
    arms = labels(adata.obs, design)["arm"]
    assert arms.index[arms.isna()].tolist() == [first]
    assert set(arms.dropna().str.partition(" | ")[0]) == {"1", "2"}
    units = by_unit(adata, "il6.hallmark", design=design, method="singscore")
    assert set(units["unit"]) == set(adata.obs["pair"].dropna())
