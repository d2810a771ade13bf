"""The help of the command line: every command ends in examples, and they run as they are printed."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from click import NoSuchOption
from click.testing import CliRunner, Result
from scipy.sparse import csr_matrix

import marrowsig as ms
from marrowsig._cli.run import run
from marrowsig._cli.spoken import spoken
from marrowsig.cli import main

if TYPE_CHECKING:
    from pathlib import Path

FEW = ["-s", "emt.hallmark", "-s", "il6.hallmark"]
LONG = ("figure", "excel", "run", "power", "batch")
OF_A_RUN = ("figure", "excel", "power")
ELSEWHERE = ("demo", "fetch")  # tests/test_demo.py and tests/test_batch.py run them


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words], env={"COLUMNS": "80"})


def ok(*words: object) -> Result:
    result = call(*words)
    assert result.exit_code == 0, result.output
    return result


HEADED = [
    (*path, name)
    for path, group in (((), main), (("signatures",), main.commands["signatures"]))
    for name in group.commands
    if name != "signatures"
]


def examples_of(*command: str) -> list[list[str]]:
    """Words of the examples that stand at the end of the help of a command."""
    shown = call(*command, "--help").output.split("\nExamples:\n")[1]
    lines = shown.replace("\\\n", "").strip().splitlines()
    return [shlex.split(line)[1:] for line in lines]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of the examples, under the names that the help calls them by."""
    folder = tmp_path_factory.mktemp("desk")
    genes = ms.ds.demo().var_names[:5000]
    for name, adata in (("counts", ms.ds.demo()), ("stroma", ms.ds.demo_stroma())):
        table = adata[:, genes].to_df().T.astype(int).rename_axis("gene")
        table.to_csv(folder / f"{name}.csv")
    counts = pd.read_csv(folder / "counts.csv", index_col=0)
    sheet = ms.ds.demo().obs.rename_axis("sample")
    sheet.to_csv(folder / "samples.csv")
    words = {"mono": "alone", "co": "MSC", "parental": "wt", "resistant": "AraC-R", "none": "DMSO"}
    named = sheet.astype(str).replace(words).rename(columns={"inhibitor": "drug"})
    named.to_csv(folder / "named.csv")
    part = sheet[(sheet["line"] == "parental") & (sheet["inhibitor"] == "none")]
    counts[part.index].to_csv(folder / "counts.tsv.gz", sep="\t")
    told = {"arm": part["culture"].astype(str).replace({"mono": "Mock", "co": "IL22"}), "time": part["pair"]}
    pd.DataFrame(told).to_csv(folder / "samples.tsv", sep="\t")
    n, draw = 25, np.random.default_rng(0)
    mean = counts[part.index].to_numpy().T.repeat(n, axis=0)
    obs = part.iloc[np.arange(len(part)).repeat(n)].astype(str)
    obs = obs.assign(donor=obs["pair"], cell_type=["blast", "HSC", "blast", "MSC", "blast"] * (len(obs) // 5))
    obs.index = pd.Index([f"c{i}" for i in range(len(obs))])
    cells = AnnData(
        csr_matrix(draw.poisson(mean / mean.sum(axis=1, keepdims=True) * 9000).astype(np.float32)),
        obs=obs[["donor", "culture", "cell_type"]].astype("category"),
        var=pd.DataFrame(index=counts.index),
    )
    cells.write_h5ad(folder / "cells.h5ad")
    rising = "\n".join(["gene", *genes[:20]])
    (folder / "mylist.csv").write_text(rising)
    pd.DataFrame({"gene": genes[:20]}).to_excel(folder / "mylist.xlsx", index=False)
    toml = call("batch", "--help").output.split("relative to it:\n")[1].split("\n\n")[0]
    changed = toml.replace('mono = "alone", co = "MS-5", pair = "donor"', 'batch = "pair"')
    assert changed != toml
    (folder / "studies.toml").write_text(changed)
    return folder


@pytest.mark.parametrize("command", HEADED, ids=" ".join)
def test_examples_of_the_help_can_be_read(
    command: tuple[str, ...], desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every option is known, and takes what stands behind it; nothing is computed."""
    for file in desk.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "results").mkdir()
    (tmp_path / "scores.csv").touch()
    monkeypatch.chdir(tmp_path)
    for words in examples_of(*command):
        found = main.commands[words[0]]
        rest = words[1:]
        if words[0] == "signatures":
            found, rest = found.commands[words[1]], words[2:]
        with found.make_context(words[0], rest) as context:
            assert not context.args
        with pytest.raises(NoSuchOption):
            found.make_context(words[0], [*rest, "--no-such-option"])


@pytest.mark.parametrize(
    "command",
    [pytest.param(c, marks=[pytest.mark.slow] if c[0] in LONG else []) for c in HEADED],
    ids=" ".join,
)
def test_examples_of_the_help_run(
    command: tuple[str, ...], desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As printed, but for fewer signatures and parts, which are left out to be quick."""
    monkeypatch.chdir(desk)
    less = {"run": ["--quick", *FEW, "--min-cells", "5"], "power": ["--runs", "100"]}
    if command[0] in OF_A_RUN:
        ok("run", "counts.csv", "samples.csv", "--stroma", "stroma.csv", "--quick", *FEW, "--out", "results")
    for words in examples_of(*command):
        if words[0] in ELSEWHERE:
            known = {name for p in main.commands[words[0]].params for name in p.opts}
            assert {w for w in words if w.startswith("-")} <= known
            continue
        more = less.get(words[0], []) if "cells.h5ad" in words or words[0] != "run" else less["run"][:-2]
        if words[:2] == ["compare", "scores.csv"]:
            ok("score", "counts.csv", *FEW, "-o", "scores.csv")
        if "--vehicle" in words:  # the sheet in the words of the example
            words[words.index("samples.csv")] = "named.csv"
        ok(*words, *more)


def test_help_fits_a_terminal_and_speaks_no_python() -> None:
    for command in ((), ("signatures",), *HEADED):
        text = ok(*command, "--help").output
        options = text.split("\nExamples:")[0].split("relative to it:")[0]
        assert max(map(len, options.splitlines())) <= 80
        assert not [word for word in ("ms.", "FLOAT", "INTEGER", "DIRECTORY", "None") if word in options]


def test_exit_codes_are_those_of_the_help(desk: Path, tmp_path: Path) -> None:
    said = " ".join(ok("--help").output.split())
    assert "Exit codes: 0 done; 1 a table, design or signature cannot be used" in said
    assert "2 an option is wrong, or a file is missing; 3 some studies of a batch failed" in said
    assert call("run", desk / "samples.csv", desk / "counts.csv", "-o", tmp_path / "x").exit_code == 1
    assert call("run", desk / "gone.csv", "-o", tmp_path / "x").exit_code == 2
    assert call("run", desk / "counts.csv", "--cultur", "x", "-o", tmp_path / "x").exit_code == 2


def test_what_is_wrong_is_told_before_anything_is_computed(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    matrix, sheet, culture = desk / "counts.csv", desk / "samples.csv", ["--culture", "culture"]

    def told(*words: object) -> str:
        result = call("run", *words, "--line", "line", "--pair", "pair")
        assert result.exit_code == 1, result.output
        assert " score ..." not in result.output
        return " ".join(result.output.split())

    said = told(matrix, sheet, *culture, "-o", tmp_path / "file" / "results")
    assert f"Nothing can be written in {tmp_path / 'file'} (Not a directory)" in said
    assert "Name another folder for the results: --out results is one in the folder" in said
    table = pd.read_csv(sheet)
    table.assign(culture="co").to_csv(tmp_path / "one.csv", index=False)
    said = told(matrix, tmp_path / "one.csv", *culture, "-o", tmp_path / "x")
    assert said.endswith("with nothing to compare it with: add the rows of the other.")
    assert "name the sample sheet as the second file" in told(matrix, *culture, "-o", tmp_path / "x")
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        pd.read_csv(matrix).head(50).to_excel(book, sheet_name="Counts", index=False)
        table.to_excel(book, sheet_name="Samples", index=False)
    said = told(f"{tmp_path / 'book.xlsx'}#Count", *culture, "-o", tmp_path / "x")
    assert "Did you mean 'Counts'?" in said
    assert "book.xlsx#Counts' " in said
    assert "ms.io" not in said


@pytest.mark.slow
def test_so_few_genes_that_nothing_is_scored_are_told_of(desk: Path, tmp_path: Path) -> None:
    pd.read_csv(desk / "counts.csv").head(200).to_csv(tmp_path / "few.csv", index=False)
    words = ["run", tmp_path / "few.csv", desk / "samples.csv", "--culture", "culture", "--quick", *FEW]
    said = " ".join(ok(*words, "--line", "line", "-o", tmp_path / "out").output.split())
    assert "not estimated" in said
    assert pd.read_csv(tmp_path / "out" / "contrasts.csv")["p"].isna().all()


def test_sizes_as_scored_go_with_those_on_kept_genes(tmp_path: Path) -> None:
    plan = ["power", "-e", "induction=0.02", "-o", tmp_path]
    said = " ".join(call(*plan, "--as-scored", "induction=0.05").output.split())
    assert said.startswith("Error: --as-scored goes with --kept-genes")
    said = " ".join(call(*plan, "--kept-genes", "--as-scored", "interaction=0.05").output.split())
    assert said == "Error: --as-scored has to name the effects of --effect: induction."


def test_scaled_values_are_told_without_python() -> None:
    scaled = AnnData(np.random.default_rng(0).normal(0, 1, (12, 3000)))
    scaled.X = (scaled.X - scaled.X.mean(axis=0)) / scaled.X.std(axis=0, ddof=1)
    scaled.var_names = ms.ds.demo().var_names[:3000]
    with pytest.warns(ms.InputWarning, match="scaled gene by gene") as told:
        ms.tl.score(scaled, "emt.hallmark", min_coverage=0.0)
    text = next(str(one.message) for one in told if "scaled gene" in str(one.message))
    said = spoken(text, run)
    assert said.startswith("The matrix is scaled gene by gene")
    assert said.endswith("Score the values from before.")
