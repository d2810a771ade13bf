"""`stroma="COLUMN=LEVEL"` of a column that has no such level: its levels are listed, with the nearest."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._usable import require_level


@pytest.mark.parametrize(
    ("level", "meant"),
    [("Stroma", " Did you mean 'MSC'?"), ("NKT", " Did you mean 'NK'?"), ("xyz", "")],
)
def test_a_level_of_stroma_that_is_not_there_is_told_with_those_that_are(level: str, meant: str) -> None:
    obs = pd.DataFrame({"culture": ["mono", "co"] * 2, "annot": ["MSC", "LSPC", "NK", "LSPC"]})
    adata = ad.AnnData(np.zeros((4, 1)), obs=obs.set_axis([f"s{i}" for i in range(4)]))
    design = ms.Design(culture="culture", mono="mono", co="co")
    with pytest.raises(ms.DesignError) as told:
        require_level(f"annot={level}", adata, design)
    said = f"stroma='annot={level}': 'annot' has no level {level!r}.{meant} Levels: 'LSPC', 'MSC', 'NK'. "
    assert str(told.value).startswith(said)
    assert "neither a file" not in str(told.value)
