"""Supported claims in each of a few cell lines, against scipy on the scores."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
from scipy import stats

import marrowsig as ms
from marrowsig._cli.by_cell_line import _sizes, of_cell_lines

RISES = {"KG1a": [0.2, 0.25, 0.3], "MV411": [0.01, 0.02, 0.06]}


def study(rises: dict[str, list[float]], verdict: str = "supported", **design: str) -> SimpleNamespace:
    rows = [
        (name, f"{name}_{i}", culture, i / 10 + (rise if culture == "co" else 0))
        for name, own in rises.items()
        for i, rise in enumerate(own)
        for culture in ("co", "mono")
    ]
    obs = pd.DataFrame(rows, columns=["cell_line", "pair", "culture", "score"]).sample(frac=1, random_state=1)
    key = {"signature": "emt.hallmark", "contrast": "co_vs_mono", "stratum": ""}
    claim = {**key, "statement": "EMT rises in co-culture", "verdict": verdict, "line": "", "inhibitor": ""}
    return SimpleNamespace(
        adata=SimpleNamespace(
            obs=obs.drop(columns="score"),
            obsm={"score_mean": obs[["score"]].set_axis(["emt.hallmark"], axis=1)},
        ),
        design=ms.Design(culture="culture", **{"pair": "pair", **design}),
        tables={"claims": pd.DataFrame([claim])},
        res=pd.DataFrame([{**key, "method": "mean", "test_arm": "co", "base_arm": "mono"}]),
    )


def test_sizes_per_cell_line_and_their_test_are_those_of_scipy() -> None:
    column, (found,) = _sizes(study(RISES))
    assert column == "cell_line"
    for name, own in RISES.items():
        assert abs(found.means[name] - sum(own) / 3) < 1e-12  # sums of a few numbers
    assert abs(found.p / stats.ttest_ind(*RISES.values()).pvalue - 1) < 1e-9  # F of two groups is t squared
    told = of_cell_lines(study(RISES))
    assert told.startswith(
        "Not alike in all levels of 'cell_line': EMT rises in co-culture: 0.25 in KG1a, 0.03 "
    )
    assert told.endswith("Look at each by itself: --keep 'cell_line=KG1a'.")
    _, (three,) = _sizes(study({**RISES, "HL60": [0.1, 0.4]}))
    assert abs(three.p / stats.f_oneway(*RISES.values(), [0.1, 0.4]).pvalue - 1) < 1e-9


def test_lines_that_are_alike_stand_in_the_log_only() -> None:
    alike = study({"KG1a": [0.2, 0.25, 0.3], "MV411": [0.21, 0.22, 0.3]})
    assert of_cell_lines(alike) == ""
    assert "0.25 in KG1a, 0.24 in MV411 (p = " in of_cell_lines(alike, every=True)
    assert of_cell_lines(study(RISES, "not supported"), every=True) == ""
    unpaired = study(RISES)
    unpaired.design = ms.Design(culture="culture")
    assert of_cell_lines(unpaired, every=True) == ""
    assert of_cell_lines(study({"KG1a": [0.2, 0.3, 0.4], "MV411": [0.1]}), every=True) == ""
