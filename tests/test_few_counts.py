"""A library of few counts, and a batch of measured numbers, are named."""

from __future__ import annotations

import re
import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._cli.of_counts import of_counts


def study(few: float = 1.0) -> ad.AnnData:
    obs = pd.DataFrame({"culture": ["mono", "co"] * 4}, index=[f"s{i}" for i in range(8)])
    x = np.full((8, 50), 1000)
    x[3] = (x[3] * few).astype(int)
    adata = ad.AnnData(x.astype(float), obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(50)]))
    adata.layers["counts"] = adata.X.copy()
    return adata


def test_a_library_of_less_than_a_quarter_of_the_median_is_named() -> None:
    assert of_counts(study(0.2)).startswith("Few counts: s3 (10,000); the median is 50,000.")
    assert of_counts(study(0.3)) == ""
    assert of_counts(study(0.05)) == ""  # a failed library, of which a warning tells
    adata = study(0.2)
    assert of_counts(ad.AnnData(adata.X, obs=adata.obs.assign(n_cells=50))) == ""


def test_a_batch_of_measured_numbers_is_no_batch() -> None:
    adata = study()
    adata.obs["RIN"] = [8.1, 8.2, 7.9, 9.0, 8.4, 8.5, 7.2, 8.2]
    told = "The batch 'RIN' holds numbers (7.2, 7.9, 8.1, 8.2, 8.4, ... (2 more)), 7 in 8 samples"
    with pytest.warns(ms.InputWarning, match=re.escape(told)):
        ms.Design(culture="culture", batch="RIN").contrasts(adata.obs)
    adata.obs["run"] = ["1.1", "1.2"] * 4
    with warnings.catch_warnings():
        warnings.simplefilter("error", ms.InputWarning)
        ms.Design(culture="culture", batch="run").arms(adata.obs)
