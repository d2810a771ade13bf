"""Samples that were left out by name: of which kind they are, by what they share and the others do not."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._left_out import without
from marrowsig._report.analysed import excluded
from marrowsig.tl._claims_stroma import ALONE_ONLY, in_short
from marrowsig.tl._claims_whose import stroma_by_sheet


def test_the_kind_of_samples_left_out_is_said() -> None:
    rows = [(f"s{i}", kind, culture, "vehicle", 7.0 + i / 10) for i, (kind, culture) in enumerate(
        [("AML", "alone"), ("AML", "on MSC")] * 4 + [("MSC", "alone"), ("MSC", "with blasts")] * 2
    )]  # fmt: skip
    obs = pd.DataFrame(rows, columns=["name", "Type", "Culture", "Drug", "RIN"]).set_index("name")
    adata = ad.AnnData(np.ones((len(obs), 2)), obs=obs)
    left = without(adata, ["s9", "s11"], "counts.csv")
    said = "2 samples (s9, s11: Culture with blasts, Type MSC) were excluded before the analysis."
    assert excluded(left) == said
    mixed = without(adata, ["s0", "s9"], "counts.csv")
    assert excluded(mixed) == "2 samples (s0, s9) were excluded before the analysis."
    assert excluded(without(adata, ["s9"], "counts.csv")) == "1 sample (s9) was excluded before the analysis."


@pytest.mark.slow
def test_stroma_given_apart_was_grown_alone_only() -> None:
    adata, msc = ms.ds.demo(), ms.ds.demo_stroma()
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    claims = ms.tl.claims(adata, design, stroma=msc, methods="mean")
    further = ms.tl.questions(adata, design, claims=claims)
    own = further[further["claim"].str.startswith("stroma_")]
    assert set(own["reason"]) == {ALONE_ONLY}
    assert in_short(further)[0] == "Nothing was asked of stroma itself: it was grown alone only."


def test_stroma_by_a_column_called_type_is_stroma() -> None:
    obs = pd.DataFrame({"Type": ["MSC", "MSC"], "Culture": ["alone", "with HL60"]})
    assert stroma_by_sheet(obs, None) == ("Type", "MSC")
    assert stroma_by_sheet(obs.assign(Type=["MSC", "AML"]), None) is None
