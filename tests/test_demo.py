"""The simulated study: made by its script, labelled as simulated, and holding what was put in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "data" / "demo"
ARM = ["line", "culture", "inhibitor"]


@pytest.fixture(scope="module")
def counts() -> pd.DataFrame:
    return pd.read_csv(DEMO / "counts.csv.gz", index_col=0)


@pytest.fixture(scope="module")
def samples() -> pd.DataFrame:
    return pd.read_csv(DEMO / "samples.csv", index_col=0, keep_default_na=False)


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return pd.read_csv(DEMO / "truth.csv", keep_default_na=False)


@pytest.fixture(scope="module")
def genes() -> pd.DataFrame:
    return pd.read_csv(DEMO / "genes.csv", index_col=0, keep_default_na=False)


@pytest.fixture(scope="module")
def log_cpm(counts: pd.DataFrame) -> pd.DataFrame:
    return np.log2(counts / counts.sum() * 1e6 + 1)


def test_script_makes_the_files(counts: pd.DataFrame, tmp_path: Path) -> None:
    script = ROOT / "scripts" / "simulate_demo.py"
    subprocess.run([sys.executable, str(script), "--seed", "20261123", "--out", str(tmp_path)], check=True)
    for name in ("samples.csv", "truth.csv"):
        assert (tmp_path / name).read_text() == (DEMO / name).read_text()
    again = pd.read_csv(tmp_path / "counts.csv.gz", index_col=0)
    assert list(again.index) == list(counts.index)
    assert list(again.columns) == list(counts.columns)
    # Another processor may round an exponential otherwise, and so move a draw here and there.
    assert (again.to_numpy() != counts.to_numpy()).mean() < 1e-3
    stroma = pd.read_csv(tmp_path / "stroma.csv.gz", index_col=0)
    assert (stroma.to_numpy().T != ms.ds.demo_stroma().X).mean() < 1e-3


def test_archive_carries_no_time() -> None:
    assert (DEMO / "counts.csv.gz").read_bytes()[4:8] == bytes(4)


def test_study_is_small_and_whole(counts: pd.DataFrame, samples: pd.DataFrame) -> None:
    assert sum(path.stat().st_size for path in DEMO.iterdir()) < 1.5e6
    assert counts.shape == (8000, 32)
    assert counts.index.is_unique
    assert (counts.dtypes == np.int64).all()
    assert counts.to_numpy().min() == 0
    assert samples.groupby([*ARM, "pair"]).size().tolist() == [1] * 32
    assert samples.groupby("pair")["line"].nunique().tolist() == [1] * 8


def test_libraries_are_those_of_the_readme(counts: pd.DataFrame) -> None:
    reads = counts.sum() / 0.2
    assert reads.min() > 7.9e6
    assert reads.max() < 25.2e6


def test_everything_says_simulated() -> None:
    assert "SIMULATED" in (DEMO / "README.md").read_text().splitlines()[0]
    entry = ms.ds.demo().uns["marrowsig"]["input"]
    assert entry["simulated"] is True
    assert "imulated" in entry["decisions"]
    assert entry["kind"] == "counts"


def test_demo_reads_the_files_as_they_are(counts: pd.DataFrame, samples: pd.DataFrame) -> None:
    adata = ms.ds.demo()
    np.testing.assert_array_equal(adata.X, counts.to_numpy().T)
    assert list(adata.var_names) == list(counts.index)
    for column in samples:
        assert adata.obs[column].astype(str).tolist() == samples[column].tolist()


@pytest.mark.parametrize("programme", ["emt", "il6_stat3", "cell_cycle", "control"])
def test_effects_are_recovered(
    programme: str, log_cpm: pd.DataFrame, samples: pd.DataFrame, truth: pd.DataFrame, genes: pd.DataFrame
) -> None:
    # Without genes that were moved otherwise (carried over), and against what the untouched genes did.
    mine = (genes["programme"] == programme) & (genes["level"] == "")
    rest = (genes["programme"] == "") & (genes["level"] == "") & (log_cpm.mean(axis=1) > 4).to_numpy()
    score = log_cpm[mine.to_numpy()].mean() - log_cpm[rest.to_numpy()].mean()
    means = score.groupby([samples[column] for column in ARM]).mean()
    given = truth[(truth["what"] == "log2_effect") & (truth["programme"] == programme)].set_index(ARM)[
        "value"
    ]
    for arm in given.index:
        observed = means[arm] - means[arm[0], "mono", "none"]
        # Some 80 genes of pair SD 0.2 and effect scatter 30 %: three standard errors are below 0.12.
        assert observed == pytest.approx(float(given[arm]), abs=0.12), arm


def test_stroma_is_carried_into_co_cultures_only(
    counts: pd.DataFrame, samples: pd.DataFrame, truth: pd.DataFrame, genes: pd.DataFrame
) -> None:
    carried = truth[truth["what"] == "stroma_fraction"].set_index("sample")["value"].astype(float)
    assert list(carried.index) == list(samples.index)
    in_co = samples["culture"] == "co"
    assert (carried[~in_co] == 0).all()
    assert carried[in_co].between(0.001, 0.005).all()
    matrix = counts[(genes["level"] == "ecm").to_numpy()].sum() / counts.sum()
    assert matrix[in_co].min() > 5 * matrix[~in_co].max()
    assert np.corrcoef(matrix[in_co], carried[in_co])[0, 1] > 0.95


def test_dispersion_is_that_of_replicate_cultures(counts: pd.DataFrame, samples: pd.DataFrame) -> None:
    scaled = counts / counts.sum() * counts.sum().mean()
    found = []
    for names in samples.groupby(ARM).groups.values():
        arm = scaled[list(names)]
        mean, variance = arm.mean(axis=1), arm.var(axis=1)
        high = mean > 200
        found.append(float(((variance - mean) / mean**2)[high].median()))
    # 0.03 between cultures and (0.2 ln 2)^2 = 0.02 between pairs; the median of four lies below the mean.
    assert 0.02 < np.mean(found) < 0.08


def test_levels_span_a_wide_range(log_cpm: pd.DataFrame) -> None:
    low, high = np.percentile(log_cpm.mean(axis=1), [5, 99])
    assert low < 1
    assert high > 9
