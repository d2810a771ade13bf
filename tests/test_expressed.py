"""Genes that a study does not express: left out by one rule, counted, and told of."""

from __future__ import annotations

import itertools
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from click.testing import CliRunner

import marrowsig as ms
from marrowsig._calls import Calls
from marrowsig._cli.run import run
from marrowsig._cli.spoken import spoken
from marrowsig._run_calls import only_expressed
from marrowsig.cli import main
from marrowsig.tl._score_misread import in_raw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DESIGN = ms.Design(culture="culture", mono="mono", co="co")
GENES = 1200


@contextmanager
def silently() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def study(seed: int = 0) -> AnnData:
    """Two arms of four and three samples, a third of the genes at the border of expression."""
    draw = np.random.default_rng(seed)
    mean = np.concatenate([draw.gamma(2, 200, 800), draw.uniform(0, 20, 300), np.zeros(100)])
    counts = draw.poisson(mean * draw.uniform(0.6, 1.6, (7, 1)))
    obs = pd.DataFrame({"culture": ["mono"] * 4 + ["co"] * 3}, index=[f"s{i}" for i in range(7)])
    return AnnData(counts.astype(float), obs=obs, var=pd.DataFrame(index=[f"G{j}" for j in range(GENES)]))


def by_hand(counts: np.ndarray) -> np.ndarray:
    """The published rule, one gene at a time."""
    size = counts.sum(axis=1)
    bound = 10 / np.median(size)
    return np.array(
        [sum(c / s >= bound for c, s in zip(g, size, strict=True)) >= 3 and g.sum() >= 15 for g in counts.T]
    )


def test_genes_are_those_of_the_rule() -> None:
    adata = study()
    want = by_hand(adata.X)
    assert 0 < want.sum() < 1100
    kept = ms.pp.expressed(adata, DESIGN, copy=True)
    assert kept is not None
    assert kept.var_names.tolist() == adata.var_names[want].tolist()
    made = kept.uns["marrowsig"]["expressed"]
    assert (made["genes"], made["kept"], made["samples"], made["rows"]) == (GENES, want.sum(), 3.0, 7)
    assert made["by"] == "arms"
    logged = adata.copy()
    ms.pp.lognorm(logged)
    ms.pp.expressed(logged, DESIGN)
    assert logged.var_names.tolist() == kept.var_names.tolist()
    assert logged.layers["counts"].shape == logged.shape
    turned = ms.pp.expressed(adata[::-1, ::-1], DESIGN, copy=True)
    assert sorted(turned.var_names) == sorted(kept.var_names)
    formula = ms.Design.from_formula(
        "~ culture", levels={"culture": ["mono", "co"]}, contrasts={"co": "co - mono"}
    )
    same = ms.pp.expressed(adata, formula, copy=True)
    assert same.var_names.tolist() == kept.var_names.tolist()
    assert same.uns["marrowsig"]["expressed"]["by"] == "model matrix"


def test_which_rule_says_in_how_many_samples_is_told() -> None:
    """Of six patients in four arms 6 by arms, and 24 / 9 by the model, whose columns share the leverage."""
    cells = itertools.product(range(6), ("mono", "co"), ("veh", "drug"))
    obs = pd.DataFrame(cells, columns=["patient", "culture", "given"]).astype(str)
    obs.index = obs.agg("_".join, axis=1)
    names = [f"G{j}" for j in range(60)]
    counts = np.random.default_rng(0).poisson(40, (24, 60)).astype(float)
    counts[:, :20] = 0
    adata = AnnData(counts, obs=obs, var=pd.DataFrame(index=names))
    fields = ms.Design(culture="culture", inhibitor="given", vehicle="veh", pair="patient")
    formula = ms.Design.from_formula(
        "~ patient + culture * given", contrasts={"co": "co:veh - mono:veh"}, unit="patient",
        levels={"patient": "0", "culture": ["mono", "co"], "given": ["veh", "drug"]},
    )  # fmt: skip
    model = "by the formula's model matrix; a design with fields goes by its smallest arm"
    for design, said in (
        (fields, "6 samples, as many as the smallest arm has"),
        (formula, f"2.67 samples, {model}"),
    ):
        left = ms.pp.expressed(adata, design, copy=True)
        assert in_raw(left, None) == (
            "ms.pp.expressed left 20 of 60 genes out, which count as missing: "
            f"10 reads or more are asked in {said}."
        )


def test_what_has_no_counts_is_refused() -> None:
    adata = study()
    ms.pp.lognorm(adata)
    del adata.layers["counts"]
    with pytest.raises(ms.InputError, match="asked of counts, but X holds log"):
        ms.pp.expressed(adata, DESIGN)
    with pytest.raises(ms.InputError, match="No gene reaches"):
        ms.pp.expressed(study(), DESIGN, min_count=1e9)


def test_thinning_comes_after() -> None:
    adata = study()
    ms.pp.expressed(adata, DESIGN)
    ms.pp.thin(adata, draws=2)
    with pytest.raises(ms.InputError, match=r"before ms\.pp\.thin"):
        ms.pp.expressed(adata, DESIGN)


def test_scores_of_all_genes_are_told_of() -> None:
    adata = study()
    ms.tl.score(adata, ms.sig.Signature("emt.mine", axis="emt", genes=[f"G{j}" for j in range(20)]))
    with pytest.warns(ms.InputWarning, match="were made from all genes"):
        ms.pp.expressed(adata, DESIGN)


def test_silent_genes_are_found_and_not_detected() -> None:
    adata = study()
    sig = ms.sig.Signature("emt.mine", axis="emt", genes=[f"G{j}" for j in [*range(5), *range(1100, 1106)]])
    with pytest.warns(ms.InputWarning, match=r"zero in every row, of those measured: emt.mine 6 of 11"):
        ms.tl.score(adata, sig)
    sums = study()
    sums.uns["marrowsig"] = {**sums.uns.get("marrowsig", {}), "pseudobulk": {"unit": "donor"}}
    with pytest.warns(ms.InputWarning, match=r"zero in every row.* says little of its list\.$"):
        ms.tl.score(sums, sig)  # a run refuses --expressed for sums, so it is not advised
    row = ms.get.coverage(adata).iloc[0]
    assert (row["found"], row["coverage"], row["detected"]) == (11, 1.0, 5)
    half = ms.sig.Signature("emt.most", axis="emt", genes=[f"G{j}" for j in [*range(5), *range(1100, 1104)]])
    with silently():
        ms.tl.score(adata, half)
    parts = ms.tl.contributions(adata, half, design=DESIGN).set_index("gene")["expression"]
    assert parts["G1103"] == 0
    assert parts["G2"] == pytest.approx(adata.X[:, 2].mean())
    each = ms.tl.contributions(adata, half).set_index(["sample", "gene"])["expression"]
    assert each["s4", "G3"] == adata.X[4, 3]


def test_one_sample_under_two_names() -> None:
    adata = study()
    adata.X[5] = adata.X[1]
    sig = ms.sig.Signature("emt.mine", axis="emt", genes=[f"G{j}" for j in range(20)])
    with pytest.warns(ms.InputWarning, match=r"the same in every gene under two names: s1 = s5"):
        ms.tl.score(adata, sig)


def test_reading_tells_of_one_sample_under_two_names(tmp_path) -> None:
    adata = study()
    adata.var_names = [f"SLC{j}A1" for j in range(GENES)]
    adata.X[5] = adata.X[1]
    adata.to_df().T.astype(int).to_csv(tmp_path / "counts.csv")
    with pytest.warns(ms.InputWarning, match=r"two names: s1 = s5"):
        ms.io.read(tmp_path / "counts.csv")


def test_a_pilot_of_several_times_is_told_of() -> None:
    draw = np.random.default_rng(5)
    rows = [(c, t) for c in ("mono", "co") for t in ("6", "24") for _ in range(3)]
    obs = pd.DataFrame(rows, columns=["culture", "hours"], index=[f"s{i}" for i in range(12)])
    adata = AnnData(np.zeros((12, 1)), obs=obs)
    y = draw.normal(0, 0.01, 12) + 0.2 * obs["hours"].eq("24")
    adata.obsm["score_singscore"] = pd.DataFrame({"emt.x": y}, index=obs.index)
    asked = {"n": 4, "runs": 100, "data": adata, "signature": "emt.x"}
    with pytest.warns(
        ms.InputWarning, match=r"differ between levels of 'hours', which its design does not name"
    ):
        ms.tl.power(DESIGN, {"co_vs_mono": 0.1}, **asked)
    timed = ms.Design(culture="culture", mono="mono", co="co", time="hours")
    with silently():
        plan = ms.tl.power(DESIGN, {"co_vs_mono": 0.1}, data_design=timed, **asked)
    assert plan.spread.within < 0.02


def test_the_methods_text_says_which_genes_were_kept() -> None:
    adata = study()
    ms.pp.expressed(adata, DESIGN)
    ms.pp.lognorm(adata)
    ms.tl.score(adata, ms.sig.Signature("emt.mine", axis="emt", genes=[f"G{j}" for j in range(20)]))
    res = ms.tl.compare(adata, DESIGN, permutations=0)
    assert f"{adata.n_vars:,} genes (of 1,200, those with " in str(ms.methods_text(adata, res, design=DESIGN))


def test_a_run_leaves_genes_out_and_says_how() -> None:
    adata, calls = study(), Calls()
    calls.name(DESIGN, "design")
    whole = only_expressed(calls, adata, DESIGN, asked=True)
    assert adata.n_vars == by_hand(study().X).sum()
    assert whole.n_vars == GENES
    assert calls.lines == ["whole = adata.copy()", "ms.pp.expressed(adata, design)"]
    assert only_expressed(calls, adata, DESIGN, asked=False) is None


@pytest.mark.slow
def test_bounds_on_the_command_line_are_those_of_python(tmp_path: Path) -> None:
    adata = study()
    adata.var_names = ms.ds.demo().var_names[:GENES]
    mine = adata.var_names[790:830]
    pd.DataFrame(adata.X.T, index=adata.var_names, columns=adata.obs_names).to_csv(tmp_path / "counts.csv")
    adata.obs.rename_axis("sample").to_csv(tmp_path / "samples.csv")
    (tmp_path / "emt.mine.csv").write_text("\n".join(["gene", *mine]))
    words = ["run", *(str(tmp_path / name) for name in ("counts.csv", "samples.csv")), "--culture", "culture"]
    words += ["-s", f"emt={tmp_path / 'emt.mine.csv'}", "--quick", "-o", str(tmp_path / "out")]

    def call(*more: str, code: int = 1) -> str:
        result = CliRunner().invoke(main, [*words, *more])
        assert result.exit_code == code, result.output
        return " ".join(result.output.split())

    call("--expressed", "--min-count", "3", "--min-total", "20", code=0)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "ms.pp.expressed(adata, design, min_count=3.0, min_total=20.0)" in page
    kept = ms.pp.expressed(adata, DESIGN, min_count=3, min_total=20, copy=True)
    assert kept.n_vars > by_hand(adata.X).sum()
    found = pd.read_csv(tmp_path / "out" / "coverage.csv")["found"].iloc[0]
    assert found == len(set(kept.var_names) & set(mine)) < 40
    said = call("--min-count", "3")
    assert "--min-count 3 says which genes are expressed, but none are left out: add --expressed." in said
    assert "Give a lower --min-count." in call("--expressed", "--min-count", "1e9")


@pytest.mark.parametrize(("parts", "refused"), [(2, False), (300, True)])
def test_sums_of_cells_are_refused_and_those_of_libraries_are_not(*, parts: int, refused: bool) -> None:
    adata = study()
    adata.uns["marrowsig"] = {"pseudobulk": {"unit": "donor", "n_cells": parts * adata.n_obs}}
    if not refused:
        ms.pp.expressed(adata, DESIGN)
        return
    with pytest.raises(ms.InputError, match="for bulk samples, and these are sums of cells") as caught:
        only_expressed(Calls(), adata, DESIGN, asked=True)
    assert spoken(str(caught.value), run).startswith("--expressed is for bulk samples")
    assert spoken(str(caught.value), run).endswith("Leave --expressed out.")
