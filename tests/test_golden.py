"""Numbers of the original R packages on fixed inputs: kernels and `ms.tl.score` must give the same."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import marrowsig as ms
from marrowsig._kernels.rank import rank_rows
from marrowsig._kernels.sets import Sets
from marrowsig._kernels.singscore import dispersion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.shared
RTOL = 1e-9
UCELL = re.compile(r"ucell_(plain|signed)(_skip)?(?:_wneg([\d.]+))?_max(\d+)\.tsv\.gz")
SSGSEA = {"ties": "first", "normalize": "none"}
EDGE = {
    "ssgsea_raw": ("ssgsea", SSGSEA, False),
    "zscore": ("zscore", {}, False),
    "singscore_up": ("singscore", {}, False),
    "singscore_updown": ("singscore", {}, True),
    "ucell_impute_maxrank1500": ("ucell", {}, True),
    "ucell_skip_maxrank1500": ("ucell", {"missing": "skip"}, True),
}
Members = list[tuple[str, float]]


@dataclass
class Case:
    """One table of expected scores (sets x samples) and the call that gives it."""

    name: str
    x: pd.DataFrame  # samples x genes
    sets: dict[str, Members]
    method: str
    params: dict[str, object]
    expected: pd.DataFrame


@cache
def matrix(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", index_col=0).T


def members(entry: dict, *, signed: bool) -> Members:
    if not signed:
        return [(g, 1.0) for g in dict.fromkeys(entry["genes"])]
    if entry["weights"]:
        return list(entry["weights"].items())
    return [(g, 1.0) for g in dict.fromkeys(entry["up"])] + [(g, -1.0) for g in dict.fromkeys(entry["down"])]


def sets_of(folder: Path, *, signed: bool) -> dict[str, Members]:
    entries = json.loads((folder / "genesets.json").read_text())
    return {name: members(entry, signed=signed) for name, entry in entries.items()}


def calls(name: str) -> tuple[str, dict[str, object], bool] | None:
    """(method, params, signed) of one file of expected scores, None for methods that are not offered."""
    if found := UCELL.fullmatch(name):
        kind, skip, w_neg, most = found.groups()
        params = {"max_rank": int(most), "w_neg": float(w_neg or 1), "missing": "skip" if skip else "impute"}
        return "ucell", params, kind == "signed"
    if found := re.fullmatch(r"ssgsea_raw(?:_lognorm)?(?:_alpha([\d.]+))?\.tsv(?:\.gz)?", name):
        return "ssgsea", {**SSGSEA, "alpha": float(found[1] or 0.25)}, False
    if re.fullmatch(r"zscore(_lognorm)?\.tsv(\.gz)?", name):
        return "zscore", {}, False
    if name == "mean.tsv":
        return "mean", {}, False
    if name in ("weighted_mean_abs.tsv", "decoupler_wmean.tsv"):
        return "mean", {}, True
    return None


def file_cases(folder: Path) -> Iterator[Case]:
    logged = next(p for n in ("expr", "lognorm") if (p := folder / f"{n}.tsv.gz").exists())
    ranked = folder / "counts.tsv.gz" if logged.name == "lognorm.tsv.gz" else logged
    ranked = ranked if ranked.exists() else logged
    for path in sorted((folder / "out").glob("*.tsv*")):
        call = calls(path.name)
        if call:
            method, params, signed = call
            x = matrix(ranked if method == "ucell" else logged)
            expected = pd.read_csv(path, sep="\t", index_col=0)
            name = f"{folder.name}/{path.name}"
            yield Case(name, x, sets_of(folder, signed=signed), method, params, expected)
    long = pd.read_csv(folder / "out" / "singscore_long.tsv.gz", sep="\t")
    for mode, part in long.groupby("mode"):
        if found := re.fullmatch(r"(up|updown)_(un)?centered(?:_ties_(min|average))?", mode):
            params = {"center": not found[2], "ties": found[3] or "min"}
            expected = part.pivot_table(index="set", columns="sample", values="TotalScore")
            sets = {
                s: m for s, m in sets_of(folder, signed=found[1] == "updown").items() if s in expected.index
            }
            yield Case(f"{folder.name}/singscore {mode}", matrix(ranked), sets, "singscore", params, expected)


def edge_cases(golden: Path) -> Iterator[Case]:
    x = matrix(golden / "bulk" / "expr.tsv.gz")
    values = pd.read_csv(golden / "edge" / "out" / "edge_values.tsv.gz", sep="\t", na_values=["Inf", "-Inf"])
    for name, (method, params, signed) in EDGE.items():
        part = values[values["method"] == name]
        expected = part.pivot_table(index="set", columns="sample", values="value")
        sets = sets_of(golden / "edge", signed=signed)
        if name == "singscore_updown":
            sets = {s: sets[s] for s in expected.index}
        # A call that ends in an error in R has no value.
        yield Case(
            f"edge/{name}", x, sets, method, params, expected.reindex(index=list(sets), columns=x.index)
        )


def all_cases(shared: Path) -> list[Case]:
    golden = shared / "reference" / "golden"
    folders = [p.parent for p in sorted(golden.glob("*/genesets.json")) if p.parent.name != "edge"]
    return [case for folder in folders for case in file_cases(folder)] + list(edge_cases(golden))


def as_sets(sets: dict[str, Members], genes: pd.Index) -> Sets:
    column = {g: i for i, g in enumerate(genes)}
    present = [[(column[g], w) for g, w in m if g in column] for m in sets.values()]
    flat = [pair for m in present for pair in m]
    return Sets(
        names=tuple(sets),
        ptr=np.cumsum([0, *map(len, present)]),
        idx=np.array([i for i, _ in flat], dtype=np.int64),
        weight=np.array([w for _, w in flat]),
        listed=np.array([len(m) for m in sets.values()]),
        n_genes=len(genes),
        listed_down=np.array([sum(w < 0 for _, w in m) for m in sets.values()]),
    )


def by_kernel(case: Case) -> pd.DataFrame:
    method = ms.methods.get(case.method)
    x = np.ascontiguousarray(case.x.to_numpy(dtype=float))
    sets = as_sets(case.sets, case.x.columns)
    out = method.kernel(rank_rows(x) if method.needs == "rank" else x, sets, **case.params)
    return pd.DataFrame(out.T, index=sets.names, columns=case.x.index)


def by_verb(case: Case) -> pd.DataFrame:
    adata = AnnData(case.x.to_numpy(dtype=float), obs=pd.DataFrame(index=case.x.index))
    adata.var_names = case.x.columns
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    single = {n: m for n, m in case.sets.items() if len(dict(m)) == len(m)}  # no gene in both directions
    sigs = [ms.sig.Signature(f"emt.s{i}", axis="emt", genes=dict(m)) for i, m in enumerate(single.values())]
    if not sigs:
        return pd.DataFrame(columns=case.x.index)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.CoverageWarning)
        warnings.simplefilter("ignore", ms.InputWarning)
        params = {case.method: case.params}
        ms.tl.score(adata, ms.sig.SignatureSet(sigs), method=case.method, params=params, min_coverage=0)
    out = adata.obsm[f"score_{case.method}"].T
    return out.set_axis(list(single), axis=0)


def without_value(case: Case) -> pd.DataFrame:
    """Where a number of R means nothing, and NaN is our answer; see the docstrings of the kernels."""
    genes = set(case.x.columns)
    none = [
        s
        for s, m in case.sets.items()
        if not any(g in genes for g, w in m if case.method != "ucell" or w > 0)
    ]
    flat = (np.ptp(case.x.to_numpy(), axis=1) == 0) & (ms.methods.get(case.method).needs == "rank")
    out = pd.DataFrame(False, index=list(case.sets), columns=case.x.index)
    out.loc[none] = True
    out.loc[:, flat] = True
    return out


def check(case: Case, got: pd.DataFrame) -> int:
    if got.empty:
        return 0
    expected = case.expected.reindex(index=got.index, columns=got.columns)
    expected = expected.mask(without_value(case).loc[got.index])
    span = np.nanmax(expected.to_numpy()) - np.nanmin(expected.to_numpy())
    atol = RTOL * span if case.method == "ssgsea" else 1e-12
    np.testing.assert_allclose(got, expected, rtol=RTOL, atol=atol, err_msg=case.name)
    return int(np.isfinite(expected.to_numpy()).sum())


@pytest.mark.parametrize("route", [by_kernel, by_verb])
def test_scores_equal_those_of_the_original_packages(shared, route):
    cases = all_cases(shared)
    compared = dict.fromkeys(ms.methods.METHODS, 0)
    for case in cases:
        compared[case.method] += check(case, route(case))
    assert all(compared.values()), compared


def test_dispersion_equals_that_of_singscore(shared):
    golden = shared / "reference" / "golden"
    compared = 0
    for path in sorted(golden.glob("*/out/singscore_long.tsv.gz")):
        folder = path.parents[1]
        x = next(p for n in ("expr", "counts", "lognorm") if (p := folder / f"{n}.tsv.gz").exists())
        ranks = rank_rows(matrix(x).to_numpy(dtype=float))
        long = pd.read_csv(path, sep="\t")
        for mode, signed in (("up_centered", False), ("updown_centered", True)):
            expected = long[long["mode"] == mode].pivot_table(
                index="sample", columns="set", values="TotalDispersion"
            )
            sets = as_sets(sets_of(folder, signed=signed), matrix(x).columns)
            got = pd.DataFrame(dispersion(ranks, sets), index=matrix(x).index, columns=sets.names)
            got = got.loc[expected.index, expected.columns]
            np.testing.assert_allclose(got[~ranks.flat], expected[~ranks.flat], rtol=RTOL)
            compared += got.size
    assert compared
