"""GSVA and PLAGE against the numbers of GSVA 2.1.4 for R (bioc/GSVA at c5e276e) on fixed inputs."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from marrowsig._kernels.gsva import gsva
from marrowsig._kernels.gsva_cdf import cdf, varying
from marrowsig._kernels.order import LOW, order_falling
from marrowsig._kernels.plage import plage
from marrowsig._kernels.sets import Sets

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared
NAME = re.compile(
    r"gsva_(gaussian|none|poisson)(?:_(counts|lognorm))?(_maxdiff_false)?(_absranking)?(?:_tau([\d.]+))?\.tsv"
)
NOT_OFFERED = {
    "_sparse": "from a dgCMatrix R computes another statistic: the distribution of a gene over its non-zero "
    "values, and one common weight for all zeros; our sparse input gives the scores of the dense matrix"
}
EXACT = 1e-9  # the same additions in the same order: what is left is rounding in the walk
# On sparse counts ppois of R and pdtr of scipy round differently, which orders genes that are tied on paper.
SPARSE_COUNTS = 1e-3
OF_R_ONLY = {"gsva_ranks_gaussian_first3samples.tsv.gz"}  # tested by itself


@cache
def matrix(path: Path) -> pd.DataFrame:
    """Samples x genes."""
    return pd.read_csv(path, sep="\t", index_col=0).T


def sets_of(folder: Path, genes: pd.Index) -> Sets:
    """The `genes` of every set, without direction, as R received them."""
    entries = json.loads((folder / "genesets.json").read_text())
    members = [genes.get_indexer(list(dict.fromkeys(e["genes"]))) for e in entries.values()]
    found = [m[m >= 0] for m in members]
    return Sets(
        names=tuple(entries),
        ptr=np.cumsum([0, *map(len, found)]),
        idx=np.concatenate(found),
        weight=np.ones(sum(map(len, found))),
        listed=np.array(list(map(len, members))),
        n_genes=len(genes),
        listed_down=np.zeros(len(members), np.int64),
    )


def logged(folder: Path) -> Path:
    return next(p for n in ("expr", "lognorm") if (p := folder / f"{n}.tsv.gz").exists())


def cases(golden: Path) -> list[tuple[Path, Path]]:
    folders = [p.parent for p in sorted(golden.glob("*/genesets.json")) if p.parent.name != "edge"]
    files = [(f, p) for f in folders for p in sorted((f / "out").glob("*.tsv*"))]
    return [(f, p) for f, p in files if p.name.startswith(("gsva", "plage")) and p.name not in OF_R_ONLY]


def read(path: Path, sets: Sets, samples: pd.Index) -> np.ndarray:
    return pd.read_csv(path, sep="\t", index_col=0).loc[list(sets.names), samples].to_numpy(float).T


def call(folder: Path, path: Path) -> tuple[dict[str, object], Path]:
    """Options and input of one file of scores."""
    found = NAME.fullmatch(path.name.removesuffix(".gz"))
    assert found, path.name
    kcdf, unit, one_side, absolute, tau = found.groups()
    options = {
        "kcdf": kcdf,
        "max_diff": not one_side,
        "abs_ranking": bool(absolute),
        "tau": float(tau or 1),
    }
    return options, folder / "counts.tsv.gz" if unit == "counts" else logged(folder)


def turned(got: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """The sign of a singular vector is free in R."""
    return expected * np.where((got * expected).sum(axis=0) < 0, -1.0, 1.0)


def test_scores_equal_those_of_r(shared):
    compared = dict.fromkeys(["gsva_gaussian", "gsva_none", "gsva_poisson", "plage"], 0)
    for folder, path in cases(shared / "reference" / "golden"):
        if any(word in path.name for word in NOT_OFFERED):
            continue
        if path.name.startswith("plage"):
            x = matrix(logged(folder))
            sets = sets_of(folder, x.columns)
            got = plage(x.to_numpy(float), sets)
            expected, atol, kind = turned(got, read(path, sets, x.index)), EXACT, "plage"
        else:
            options, source = call(folder, path)
            x = matrix(source)
            sets = sets_of(folder, x.columns)
            got = gsva(x.to_numpy(float), sets, parity=True, **options)
            expected, kind = read(path, sets, x.index), f"gsva_{options['kcdf']}"
            sparse_counts = options["kcdf"] == "poisson" and (x.to_numpy() == 0).mean() > 0.5
            atol = SPARSE_COUNTS if sparse_counts else EXACT
        assert_allclose(got, expected, rtol=0, atol=atol, err_msg=path.name)
        compared[kind] += int(np.isfinite(expected).sum())
    assert all(compared.values()), compared


def test_ranks_equal_those_of_r(shared):
    bulk = shared / "reference" / "golden" / "bulk"
    x = matrix(bulk / "expr.tsv.gz")
    expected = pd.read_csv(bulk / "out" / "gsva_ranks_gaussian_first3samples.tsv.gz", sep="\t", index_col=0)
    kept = varying(x.to_numpy(float))
    assert set(x.columns[kept]) == set(expected.index)
    f = cdf(x.to_numpy(float), kept, kcdf="gaussian", parity=True)
    for sample in expected.columns:
        row = f[x.index.get_loc(sample)]
        work = np.empty(row.size, np.uint64), np.empty(row.size, np.uint64), np.empty(3 * 2048, np.int32)
        order = (order_falling(row, *work) & LOW).astype(int)
        rank = np.empty(row.size, int)
        rank[order] = np.arange(row.size, 0, -1)
        assert_array_equal(rank, expected.loc[x.columns[kept], sample])


@pytest.mark.parametrize("method", ["gsva_gaussian", "plage"])
def test_corner_cases_equal_those_of_r(shared, method):
    golden = shared / "reference" / "golden"
    x = matrix(golden / "bulk" / "expr.tsv.gz")
    status = pd.read_csv(golden / "edge" / "out" / "edge_status.tsv", sep="\t")
    status = status[status["method"] == method].drop_duplicates("set").set_index("set")["status"]
    values = pd.read_csv(golden / "edge" / "out" / "edge_values.tsv.gz", sep="\t")
    values = values[values["method"] == method].drop_duplicates(["set", "sample"]).set_index("set")
    sets = sets_of(golden / "edge", x.columns)
    data = x.to_numpy(float)
    kept = varying(data)
    got = plage(data, sets) if method == "plage" else gsva(data, sets, parity=True)
    for s, name in enumerate(sets.names):
        mine = got[:, s : s + 1]
        if name not in status.index:
            continue
        if status[name] == "value":
            expected = values.loc[name].set_index("sample").loc[x.index, ["value"]].to_numpy()
            assert_allclose(
                mine, turned(mine, expected) if method == "plage" else expected, rtol=0, atol=EXACT
            )
        else:
            # R stops: no gene is left, which is NaN here, or PLAGE has one gene, which is its z / |z|.
            left = kept[sets.idx[sets.ptr[s] : sets.ptr[s + 1]]].sum()
            assert left == 0 or (method == "plage" and left == 1)
            assert np.isnan(mine).all() == (left == 0)
    assert (status == "value").sum() >= 5


def test_default_scores_stay_close_to_r_where_genes_are_not_tied(shared):
    bulk = shared / "reference" / "golden" / "bulk"
    x = matrix(bulk / "expr.tsv.gz")
    sets = sets_of(bulk, x.columns)
    expected = read(bulk / "out" / "gsva_gaussian.tsv", sets, x.index)
    # The table of R is off by up to 4e-4 in every normal cdf; 15 % of the values are zeros, with tied genes.
    assert_allclose(gsva(x.to_numpy(float), sets), expected, rtol=0, atol=5e-3)
