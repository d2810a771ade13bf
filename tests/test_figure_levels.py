"""Levels of a compartment for the figure, between commas or one by one."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from marrowsig._cli.figure import _levels


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        (("GMP-like, Mono-like",), ("GMP-like", "Mono-like")),
        (("GMP-like", "HSC, early"), ("GMP-like", "HSC, early")),
        (("GMP-like,nothing",), ("GMP-like", "nothing")),
        ((), ()),
    ],
)
def test_levels_are_parted_but_for_one_that_holds_a_comma(given, parts) -> None:
    obs = pd.DataFrame({"cells": ["GMP-like", "Mono-like", "HSC, early"]})
    done = SimpleNamespace(adata=SimpleNamespace(obs=obs), design=SimpleNamespace(compartment="cells"))
    assert _levels(done, given) == parts
    assert _levels(SimpleNamespace(adata=done.adata, design=object()), given[:1]) is not None
