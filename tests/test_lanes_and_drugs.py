"""Columns and levels that are not what they are taken for: lanes that are the arms, drugs given as lines."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy import sparse

import marrowsig as ms
from marrowsig._cli.counts_back import as_script
from marrowsig.cli import main

DOCS = Path(__file__).resolve().parents[1] / "docs"


def sums(**columns) -> pd.DataFrame:
    """Four donors, alone and with stroma."""
    obs = pd.DataFrame({"culture": ["mono", "co"] * 4, "donor": [d for d in "abcd" for _ in range(2)]})
    return obs.assign(n_cells=50, **columns).rename(index=str)


def told(design: ms.Design, obs: pd.DataFrame) -> str:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        design.contrasts(obs)
    return " ".join(str(w.message) for w in caught)


DESIGN = ms.Design(culture="culture", pair="donor")


@pytest.mark.parametrize(
    "column", ["lane", "pool", "sample", "library_id", "plate", "run", "batch", "10x_lane"]
)
def test_lanes_that_are_the_arms_are_told_once(column: str) -> None:
    said = told(DESIGN, sums(**{column: ["L1", "L2"] * 4}))
    assert f"Each arm is one level of {column!r} by itself (mono is L1, co is L2)" in said
    assert said.count("Each arm is one level") == 1


def test_a_lane_that_is_the_arm_is_told_where_a_compartment_has_few_rows() -> None:
    blasts = sums(lane=["L1", "L2"] * 4, compartment="blasts")
    both = pd.concat([blasts, blasts.iloc[:2].assign(compartment="stroma")], ignore_index=True)
    design = ms.Design(culture="culture", pair="donor", compartment="compartment")
    assert "Each arm is one level of 'lane'" in told(design, both.rename(index=str))


def test_a_batch_that_is_the_arm_is_named_beside_one_replicate() -> None:
    obs = sums(batch=["mono", "co"] * 4).iloc[:2]
    table = ms.Design(culture="culture", pair="donor", batch="batch").contrasts(obs)
    assert "each arm is a level of 'batch' of its own" in table["reason"].iloc[0]


def test_lanes_that_cross_the_arms_or_number_samples_are_passed_over() -> None:
    quiet = {
        "all in one": {"lane": ["L1"] * 8},
        "one each": {"sample": [f"s{i}" for i in range(8)]},
        "crossed": {"batch": ["b1"] * 4 + ["b2"] * 4},
        "of another name": {"medium": ["m1", "m2"] * 4},
    }
    assert all("Each arm" not in told(DESIGN, sums(**columns)) for columns in quiet.values())
    bulk = sums(sample=["mono group", "co group"] * 4).drop(columns="n_cells")
    assert "Each arm" not in told(DESIGN, bulk)  # may name the arm


def two_lines(**columns) -> pd.DataFrame:
    """Three donors in each line, alone and with stroma."""
    obs = pd.DataFrame({"culture": ["mono", "co"] * 6, "donor": [d for d in "abcdef" for _ in range(2)]})
    return obs.assign(line=["parental"] * 6 + ["resistant"] * 6, n_cells=50, **columns).rename(index=str)


LINES = ms.Design(culture="culture", line="line", pair="donor")


def test_a_pool_that_is_the_line_is_told_and_so_is_one_that_is_the_culture() -> None:
    said = told(LINES, two_lines(pool=["pool1"] * 6 + ["pool2"] * 6))
    assert (
        "Each level of 'line' is one level of 'pool' by itself (parental is pool1, resistant is pool2)"
        in said
    )
    assert "cannot be told from what 'line' does. Contrasts within one of its levels are not touched." in said
    said = told(LINES, two_lines(plate=["P1", "P2"] * 6))
    assert "Each level of 'culture' is one level of 'plate' by itself (mono is P1, co is P2)" in said


def test_lanes_nested_in_lines_or_crossing_them_are_passed_over() -> None:
    quiet = {
        "one a donor": {"lane": [f"L{i}" for i in range(6) for _ in range(2)]},
        "two a line": {"pool": ["p1"] * 4 + ["p2"] * 2 + ["p3"] * 4 + ["p4"] * 2},
        "half in both": {"pool": ["p1"] * 8 + ["p2"] * 4},
        "a name of the line": {"sample": ["MOLM13"] * 6 + ["MOLM13-R"] * 6},
    }
    assert not [name for name, columns in quiet.items() if "Each" in told(LINES, two_lines(**columns))]
    used = ms.Design(culture="culture", line="line", pair="donor", batch="pool")
    assert "Each" not in told(used, two_lines(pool=["p1"] * 6 + ["p2"] * 6))


def test_a_drug_given_as_resistant_cells_is_told_and_a_resistant_line_is_not() -> None:
    obs = sums(arm=["none"] * 4 + ["rux"] * 4)
    said = told(ms.Design(culture="culture", line="arm", parental="none", resistant="rux", unit="donor"), obs)
    assert "'rux', given as resistant, reads as a drug" in said
    assert "inhibitor='arm', vehicle='none'" in said
    obs["arm"] = obs["arm"].map({"none": "parental", "rux": "imatinib"})
    line = ms.Design(culture="culture", line="arm", parental="parental", resistant="imatinib", unit="donor")
    assert "reads as a drug" not in told(line, obs)
    stimuli = sums(arm=["none"] * 4 + ["rux"] * 4).replace({"co": "IL22"})
    crossed = {"co": "IL22", "line": "arm", "parental": "none", "resistant": "rux"}
    assert "reads as a drug" not in told(ms.Design(culture="culture", **crossed, unit="donor"), stimuli)


@pytest.mark.parametrize("in_raw", [False, True])
def test_counts_within_logs_are_had_back_by_the_code_of_the_message(in_raw: bool) -> None:
    counts = np.random.default_rng(0).poisson(0.8, (120, 300)).astype(np.float32)
    counts[[7, 119]] = 0  # cells without counts, the last among them
    adata = ad.AnnData(
        sparse.csr_matrix(np.log1p(counts / counts.sum(axis=1, keepdims=True).clip(min=1) * 1e4)),
        obs=pd.DataFrame({"donor": np.repeat(["a", "b", "c"], 40)}, index=[f"c{i}" for i in range(120)]),
        var=pd.DataFrame(index=[f"G{i}" for i in range(300)]),
    )
    if in_raw:
        adata.raw = adata
        scaled = adata.X.toarray()
        adata.X = (scaled - scaled.mean(axis=0)) / scaled.std(axis=0, ddof=1)
    with pytest.raises(ms.InputError, match="log1p of counts divided by each cell's total") as refused:
        ms.pp.pseudobulk(adata, unit="donor")
    code = str(refused.value).split("counts back: ")[1].split(". It assumes")[0]
    import scipy

    space = {"adata": adata, "np": np, "scipy": scipy}
    exec(code, space)
    cells = space.get("full", adata)
    assert np.array_equal(cells.layers["counts"].toarray(), counts)
    assert ms.pp.pseudobulk(cells, unit="donor").X.sum() == counts.sum()
    page = (DOCS / "howto" / "single_cells.md").read_text(encoding="utf-8")
    own = re.search(r"```python\n(x = scipy.*?)```", page, re.DOTALL)
    assert own is not None
    del cells.layers["counts"]
    exec(own[1], {"adata": cells, "np": np, "scipy": scipy})
    assert np.array_equal(cells.layers["counts"].toarray(), counts)


@pytest.mark.parametrize("in_raw", [False, True])
def test_a_command_gives_a_script_that_writes_the_counts_back(
    in_raw: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = np.random.default_rng(0).poisson(0.8, (120, 300)).astype(np.float32)
    columns = {"donor": np.repeat(list("abc"), 40), "culture": ["mono", "co"] * 60}
    obs = pd.DataFrame(columns, index=[f"c{i}" for i in range(120)])
    logs = sparse.csr_matrix(np.log1p(counts / counts.sum(axis=1, keepdims=True) * 1e4))
    adata = ad.AnnData(logs, obs=obs, var=pd.DataFrame(index=ms.ds.toy().var_names[:300]))
    if in_raw:
        adata.raw = adata
        dense = logs.toarray()
        adata.X = (dense - dense.mean(axis=0)) / dense.std(axis=0, ddof=1)
    adata.write_h5ad(tmp_path / "my cells.h5ad")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "50")  # no line of the script is broken
    given = ["run", "my cells.h5ad", "--culture", "culture", "--unit", "donor", "--quiet", "-o", "out"]
    said = CliRunner().invoke(main, given)
    assert said.exit_code == 1
    lines = said.stderr.splitlines()
    end = 1 + next(i for i, line in enumerate(lines) if ".write_h5ad(" in line)
    told = "Then give 'my cells_counts.h5ad' in place of 'my cells.h5ad'."
    assert " ".join(" ".join(lines[end:]).split()) == told
    start = next(i for i, line in enumerate(lines) if line.startswith("import "))
    assert " ".join(" ".join(lines[:start]).split()).endswith(
        "if the smallest value of each cell is one count. In Python:"
    )
    exec("\n".join(lines[start:end]), {})
    found = ms.io.read("my cells_counts.h5ad")
    assert np.array_equal(found.layers["counts"].toarray(), counts)
    assert ms.pp.pseudobulk(found, unit="donor").X.sum() == counts.sum()


def test_the_script_overwrites_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = "X is log1p of y, which gives the counts back: x = adata.X. It assumes that z."
    free = as_script(said, "a.h5ad")
    assert free.endswith("Then give a_counts.h5ad in place of a.h5ad.")
    for name in ("a_counts.h5ad", "a_counts_2.h5ad"):
        (tmp_path / name).touch()
    script = as_script(said, "a.h5ad").replace("\0", " ").splitlines()
    assert script[-2] == "adata.write_h5ad('a_counts_3.h5ad')"
    assert script[-1] == (
        "Then give a_counts_3.h5ad in place of a.h5ad. a_counts.h5ad is there already and stays as it is."
    )


def test_logs_of_other_numbers_promise_no_counts() -> None:
    rng = np.random.default_rng(0)
    adata = ad.AnnData(
        np.log1p(rng.gamma(2, 5, (60, 100))),
        obs=pd.DataFrame({"donor": ["a", "b"] * 30}, index=[f"c{i}" for i in range(60)]),
    )
    with pytest.raises(ms.InputError, match="Pass raw counts"):
        ms.pp.pseudobulk(adata, unit="donor")
