"""A difference between two compartments is not asked by a design, and the calls that ask it run."""

from __future__ import annotations

import re
import shlex
from itertools import product
from typing import TYPE_CHECKING, Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy import stats

import marrowsig as ms
from marrowsig import _run
from marrowsig._between_compartments import as_lines
from marrowsig._cli.run import as_options
from marrowsig.cli import main

if TYPE_CHECKING:
    from pathlib import Path

ID = "il6.hallmark"
CULTURE = {"culture": "culture", "mono": "alone", "co": "MSC", "compartment": "cell type"}
DONORS, TYPES = "abcde", ["LSPC", "MSC", "Mono-like", "T cell"]


def scored(rows: Any, columns: list[str]) -> ad.AnnData:
    """Samples with random scores, and no genes."""
    obs = pd.DataFrame(list(rows), columns=columns)
    obs.index = [f"s{i}" for i in range(len(obs))]
    adata = ad.AnnData(np.ones((len(obs), 1)), obs=obs, var=pd.DataFrame(index=["IL6"]))
    values = np.random.default_rng(3).normal(size=(len(obs), 1))
    adata.obsm["score_singscore"] = pd.DataFrame(values, index=obs.index, columns=[ID])
    return adata


def answer(design: ms.Design, adata: ad.AnnData) -> pd.Series:
    """Run the lines that `describe` prints."""
    said = design.describe(adata.obs)
    lines = said[said.index("two = ") :].splitlines()
    end = next(i for i, line in enumerate(lines) if line.startswith("ms.tl.compare("))
    space: dict[str, Any] = {"ms": ms, "adata": adata}
    exec("\n".join([*lines[:end], f"res = {lines[end]}"]), space)
    assert len(space["res"]) == 1
    return space["res"].iloc[0]


def test_the_printed_call_is_the_paired_t_of_differences_of_differences() -> None:
    arms = [("alone", "none"), ("MSC", "none"), ("MSC", "drug")]
    rows = [(d, c, i, t, h) for d, (c, i), t, h in product(DONORS, arms, TYPES, [6, 24])]
    adata = scored(rows, ["donor", "culture", "drug", "cell type", "hours"])
    design = ms.Design(**CULTURE, inhibitor="drug", time="hours", pair="donor")
    row = answer(design, adata)
    wide = adata.obs.assign(score=adata.obsm["score_singscore"][ID])
    wide = wide[wide["drug"].eq("none") & wide["hours"].eq(6)]
    wide = wide.pivot_table(index="donor", columns=["cell type", "culture"], values="score")
    rise = {t: wide[t, "MSC"] - wide[t, "alone"] for t in ("LSPC", "Mono-like")}  # MSC are stroma
    by_hand = stats.ttest_1samp(rise["Mono-like"] - rise["LSPC"], 0)
    low, high = by_hand.confidence_interval()
    assert row["contrast"] == "more_in_Mono-like"
    assert row["df"] == len(DONORS) - 1
    assert row["estimate"] == pytest.approx((rise["Mono-like"] - rise["LSPC"]).mean())
    assert row["p"] == pytest.approx(by_hand.pvalue)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high))


def test_of_donors_of_one_arm_each_it_is_the_t_test_of_their_differences() -> None:
    rows = [
        (d, c, t) for d, c in zip("abcdef", ["alone", "MSC"] * 3, strict=True) for t in ("B cell", "LSPC")
    ]
    adata = scored(rows, ["donor", "culture", "cell type"])
    row = answer(ms.Design(**CULTURE, unit="donor"), adata)
    wide = adata.obs.assign(score=adata.obsm["score_singscore"][ID])
    wide = wide.pivot_table(index=["culture", "donor"], columns="cell type", values="score")
    more = wide["LSPC"] - wide["B cell"]
    by_hand = stats.ttest_ind(more["MSC"], more["alone"])
    assert row["p"] == pytest.approx(by_hand.pvalue)
    assert row["estimate"] == pytest.approx(more["MSC"].mean() - more["alone"].mean())


@pytest.mark.parametrize(
    ("types", "donors"), [(["AML", "MSC"], DONORS), (["AML"], DONORS), (["AML", "T cell"], "a")]
)
def test_nothing_is_printed_that_could_not_be_answered(types: list[str], donors: str) -> None:
    rows = product(donors, ["alone", "MSC"], types)
    obs = scored(rows, ["donor", "culture", "cell type"]).obs
    design = ms.Design(**CULTURE, pair="donor")
    assert "two = " not in design.describe(obs)
    assert as_lines(design, obs) == ""


def test_the_line_of_a_run_names_options_that_ask_it(tmp_path: Path, monkeypatch: Any) -> None:
    rows = list(product(DONORS, ["alone", "MSC"], ["HS-5", "LSPC", "T cell"], range(20)))
    obs = scored(rows, ["donor", "culture", "cell type", "cell"]).obs
    claims = pd.DataFrame(
        {"claim": ["emt_up", "emt_up", "il6_up"], "compartment": ["T cell", "LSPC", "stroma"]}
    )
    sums = obs.drop_duplicates(["donor", "culture", "cell type"])
    said = as_options(as_lines(ms.Design(**CULTURE, pair="donor"), sums, claims))
    assert "HS-5" not in said  # stroma, which no claim about cells is of
    options = re.search(r"ask it with (--.*?), or two others, in place of (--.*)\.", said)
    assert options is not None
    assert options[2] == "--compartment 'cell type'"
    words = shlex.split(options[1])
    assert words == ["--line", "cell type", "--parental", "LSPC", "--resistant", "T cell"]
    counts = np.random.default_rng(0).poisson(1, (len(obs), 4)).astype(np.float32)
    cells = ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=["IL6", "SOCS3", "VIM", "FN1"]))
    cells.write_h5ad(tmp_path / "cells.h5ad")
    asked: list[ms.Design] = []
    monkeypatch.setattr(_run, "run", lambda _, design, **__: asked.append(design))
    given = shlex.split("--culture culture --mono alone --co MSC --pair donor --unit donor --quiet")
    CliRunner().invoke(main, ["run", str(tmp_path / "cells.h5ad"), *given, *words, "-o", str(tmp_path / "o")])
    found = asked[0].contrasts(sums)
    assert found.set_index("contrast").loc["interaction", "estimable"]


def test_beside_lines_the_options_of_lines_are_taken() -> None:
    rows = product(DONORS, ["alone", "MSC"], ["A", "B"], ["parental", "resistant"])
    obs = scored(rows, ["donor", "culture", "cell type", "line"]).obs
    design = ms.Design(**CULTURE, line="line", pair="donor")
    assert as_lines(design, obs) == ""
    assert "adata[adata.obs['line'] == 'parental'], two)" in design.describe(obs)
