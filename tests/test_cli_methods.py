"""Scoring methods and their options on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from click.testing import CliRunner

import marrowsig as ms
from marrowsig._cli.options import METHODS
from marrowsig.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    toy, path = ms.ds.toy(), tmp_path_factory.mktemp("counts") / "counts.csv"
    pd.DataFrame(toy.X.T.astype(int), index=toy.var_names, columns=toy.obs_names).to_csv(
        path, index_label="gene"
    )
    return path


def test_every_method_of_ours_is_offered() -> None:
    assert set(METHODS.choices) == set(ms.methods.METHODS)


def test_options_of_methods_reach_the_scores(counts: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    words = ["score", str(counts), "-s", "emt.hallmark", "-m", "gsva", "-m", "ssgsea", "-o", str(out)]
    options = ["--param", "gsva.parity=true", "--param", "ssgsea.ties=first"]
    result = CliRunner().invoke(main, [*words, *options])
    assert result.exit_code == 0, result.output
    seen = pd.read_csv(out).set_index(["method", "sample"])["score"]
    adata = ms.ds.toy()
    ms.pp.lognorm(adata)
    how = {"gsva": {"parity": True}, "ssgsea": {"ties": "first"}}
    ms.tl.score(adata, "emt.hallmark", method=["gsva", "ssgsea"], params=how)
    for method in how:
        expected = adata.obsm[f"score_{method}"]["emt.hallmark"].to_numpy()
        assert seen[method].to_numpy() == pytest.approx(expected, rel=1e-9, abs=1e-12)
    for wrong, said in (("gsva=1", "is not METHOD.OPTION=VALUE"), ("ucell.max_rank=9", "not asked for")):
        refused = CliRunner().invoke(main, [*words, "--param", wrong])
        assert refused.exit_code == 1
        assert said in refused.output
