"""Fixtures that several test files use."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
from collections import Counter
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import settings

mpl.use("Agg")
# Asked by anndata for every array of a zarr store, and read from a file each time.
importlib.metadata.version = cache(importlib.metadata.version)
# No deadline: a busy machine is no failure of a property. CI runs the thorough one too.
settings.register_profile("quick", deadline=None, max_examples=10)
settings.register_profile("thorough", deadline=None, max_examples=100)
settings.load_profile("quick")
ROOT = Path(__file__).resolve().parents[1]
COMPILES = "test_containers.py"  # calls every kernel
SCORING = re.compile(r"\bms\.(tl|qc|report|batch)\b|_kernels|METHODS|cli import main")
SCORE_LAST = {
    "test_compare.py",
    "test_families.py",
    "test_rescue.py",
    "test_covariates.py",
    "test_formula.py",
}
LONG = {"test_cli.py", "test_report.py", "test_browser.py", "test_batch.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process compile the kernels while the others run what needs none, then read its cache.

    Files that take long come first, then those of many tests, so that no process is left with one at the end.
    """
    size = Counter(item.path for item in items)

    @cache
    def needs_kernels(path: Path) -> bool:
        return not path.name.startswith("test_") or bool(SCORING.search(path.read_text(encoding="utf-8")))

    def turn(item: pytest.Item) -> tuple[int, int]:
        name = item.path.name
        if name == COMPILES:
            return 0, 0
        when = 1 if not needs_kernels(item.path) else 2 if name in SCORE_LAST else 3 if name in LONG else 4
        return when, -size[item.path]

    items.sort(key=turn)


@pytest.fixture
def unfigured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without the section of figures, whose drawing takes most of their time."""
    from marrowsig._report import figures, sections

    monkeypatch.setattr(sections, "SECTIONS", [s for s in sections.SECTIONS if s is not figures.section])


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data, or a skip that says where it was looked for."""
    folder = Path(os.environ.get("MARROWSIG_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder.name!r}; set MARROWSIG_SHARED to its folder")
    return folder


class Golden:
    """Inputs of the original R packages, and what they made of them; see MANIFEST.md beside the files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.table = cache(self._table)

    def _table(self, path: str):
        import pandas as pd

        found = next(self.folder.glob(f"{path}.tsv*"))
        return pd.read_csv(found, sep="\t", index_col=0)

    def matrix(self, path: str):
        """Samples x genes."""
        return self.table(path).T.astype(float)

    def logged(self, data: str):
        return self.matrix(f"{data}/expr" if data == "bulk" else f"{data}/lognorm")

    def ranked(self, data: str):
        """What rank methods for cells were given."""
        return self.matrix("sc/counts") if data == "sc" else self.logged(data)

    def members(self, data: str, *, signed: bool, twice: bool = False):
        """Weight of every gene ; a gene in both directions rises, or with `twice` comes twice."""
        entries = json.loads((self.folder / data / "genesets.json").read_text())
        if not signed:
            return {name: dict.fromkeys(entry["genes"], 1.0) for name, entry in entries.items()}
        return {
            name: _Pairs(_pairs(entry)) if twice else dict(_pairs(entry)) for name, entry in entries.items()
        }

    def score(self, method: str, x, members, *, extra: str = "", **params):
        """Scores (sets x samples) straight from the kernel."""
        import pandas as pd

        import marrowsig as ms
        from marrowsig._engine import Job, first_pass
        from marrowsig.tl._score_run import finished

        m = ms.methods.get(method)
        job = Job((m,), self.as_sets(members, x.columns), {method: params}, extras=bool(extra))
        data = np.ascontiguousarray(x.to_numpy(dtype=float))
        genes = first_pass(data, job, lambda n: None) if m.needs == "genes" else None
        out = finished(job.score(job.rows(data, 0, len(data), first=0), genes), job)
        return pd.DataFrame(out[_key(method, extra)].T, index=list(members), columns=x.index)

    def score_by_verb(self, method: str, x, members, *, extra: str = "", **params):
        """Scores (sets x samples) from `ms.tl.score`."""
        import warnings

        import pandas as pd
        from anndata import AnnData

        import marrowsig as ms

        adata = AnnData(x.to_numpy(dtype=float), obs=pd.DataFrame(index=x.index))
        adata.var_names = x.columns
        adata.uns["marrowsig"] = {"input": {"kind": "log"}}
        ids = {name: f"emt.s{i}" for i, name in enumerate(members)}
        sigs = ms.sig.SignatureSet(
            [ms.sig.Signature(ids[name], axis="emt", genes=dict(genes)) for name, genes in members.items()]
        )
        if "controls" in params:
            params["controls"] = {ids[name]: genes for name, genes in params["controls"].items()}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ms.CoverageWarning)
            warnings.simplefilter("ignore", ms.InputWarning)
            ms.tl.score(
                adata, sigs, method=method, params={method: params}, min_coverage=0, extras=bool(extra)
            )
        return adata.obsm[f"score_{_key(method, extra)}"].T.set_axis(list(members), axis=0)

    @staticmethod
    def as_sets(members, genes):
        from marrowsig._kernels.sets import Sets

        column = {g: i for i, g in enumerate(genes)}
        present = [[(column[g], w) for g, w in m.items() if g in column] for m in members.values()]
        flat = [pair for m in present for pair in m]
        return Sets(
            names=tuple(members),
            ptr=np.cumsum([0, *map(len, present)]),
            idx=np.array([i for i, _ in flat], dtype=np.int64),
            weight=np.array([w for _, w in flat]),
            listed=np.array([len(m) for m in members.values()]),
            n_genes=len(genes),
            listed_down=np.array([sum(w < 0 for w in m.values()) for m in members.values()]),
        )


def _key(method: str, extra: str) -> str:
    return f"{method}_{extra}" if extra else method


def _pairs(entry) -> list[tuple[str, float]]:
    if entry["weights"]:
        return list(entry["weights"].items())
    return [(g, -1.0) for g in dict.fromkeys(entry["down"])] + [(g, 1.0) for g in dict.fromkeys(entry["up"])]


class _Pairs(list):
    """Genes with weights, where a gene may come twice, which no `Signature` may hold."""

    def items(self):
        return self

    def values(self):
        return [w for _, w in self]


@pytest.fixture(scope="session")
def golden(shared) -> Golden:
    return Golden(shared / "reference" / "golden")


@pytest.fixture
def archive(monkeypatch, tmp_path):
    """Stand-in for the archives, with an empty cache; nothing else can be reached."""
    from runpy import run_path

    server = run_path(str(Path(__file__).with_name("archive.py")))["Archive"]()
    monkeypatch.setenv("MARROWSIG_MIRROR", server.url)
    monkeypatch.setenv("MARROWSIG_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MARROWSIG_OFFLINE", raising=False)
    server.cache = tmp_path / "cache"
    yield server
    server.close()
