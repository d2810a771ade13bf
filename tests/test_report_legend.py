"""The legend of the figure for a paper: n, model and marks as in the results, and the file that holds it."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from marrowsig._report.legend import _model, _n, pairs
from marrowsig._report.picture import picture

MODELS = {"compartment=CD45+": ("linear model on 6 arms", 12.0), "compartment=CD90+": ("", 6.0)}


def rows() -> pd.DataFrame:
    frame = pd.DataFrame({"stratum": list(MODELS), "estimate": 0.1, "n_test": [4, 3], "n_base": [4, 5]})
    return frame.assign(test=[told for told, _ in MODELS.values()], df=[df for _, df in MODELS.values()])


def test_it_counts_units_from_the_fewest_to_the_most() -> None:
    assert _n(rows()) == " (n = 3 to 5 in each)"
    assert _n(rows().iloc[:1]) == " (n = 4 in each)"
    assert _n(rows()[["stratum"]]) == ""


def test_pairs_are_counted_where_tests_were_paired() -> None:
    """By hand, from what the contrasts hold; a contrast without an estimate has no test."""
    own = pd.DataFrame({"estimate": [1.0, 2.0, math.nan], "n_pairs": [4, 3, 6]})
    assert pairs(own) == ", 3 to 4 in each contrast"
    assert pairs(own.iloc[:1]) == ", 4 in each contrast"
    assert pairs(own.assign(n_pairs=[4, 0, 6])) == ", 4 in each paired contrast"
    assert pairs(own.assign(n_pairs=0)) == ""


def test_each_compartment_has_its_own_model() -> None:
    both = (
        "CD45+: linear model on 6 arms, 12 residual degrees of freedom; CD90+: 6 residual degrees of freedom"
    )
    assert _model(rows()) == f" ({both})"
    one = rows().iloc[:1].assign(stratum="")
    assert _model(one) == " (linear model on 6 arms, 12 residual degrees of freedom)"
    mixed = pd.concat([one, one.assign(df=7.5)])
    assert _model(mixed) == " (linear model on 6 arms)"  # no one number of degrees of freedom
    assert _model(one.assign(estimate=np.nan)) == ""


def test_only_the_figure_for_a_paper_has_its_legend_as_a_file() -> None:
    files = picture("figure", plt.subplots()[1], "alt", "Filled: supported (†).").files([])
    assert list(files) == ["figure.pdf", "figure.png", "figure.txt"]
    assert files["figure.txt"].decode("utf-8") == "Filled: supported (†).\n"
    assert list(picture("claims", plt.subplots()[1], "alt", "words").files([".png"])) == [
        "figures/claims.png"
    ]
