"""Stroma of one sample is told in the singular, and known as stroma that was grown alone."""

from __future__ import annotations

import pandas as pd
import pytest

import marrowsig as ms
from marrowsig.qc._stroma_reference import _grown
from marrowsig.tl._claims_stroma import _ALONE, _REFERENCE


@pytest.mark.parametrize(("n", "noun"), [(1, "1 sample"), (2, "2 samples")])
def test_samples_of_stroma_are_counted_in_words(n: int, noun: str) -> None:
    design = ms.Design(culture="culture", mono="alone", co="MSC")
    alone = pd.DataFrame({"culture": ["MSC only"] * n})
    assert _grown(alone, design) == f"{noun} of stroma alone"
    assert _ALONE.match(_grown(alone, design))
    assert _grown(alone.drop(columns="culture"), design) == f"{noun} of stroma alone"
    beside = pd.DataFrame({"culture": ["MSC"] * n})
    assert _grown(beside, design) == f"{noun} of stroma in co-culture (none was grown alone)"
    assert _REFERENCE.match(_grown(beside, design))
    assert not _ALONE.match(_grown(beside, design))
