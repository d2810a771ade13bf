"""Numbers of the original packages on fixed inputs: kernels and `ms.tl.score` must give the same.

Random controls, random ties and the modes of singscore are in `test_golden_methods.py`, GSVA and PLAGE in
`test_gsva_golden.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

pytestmark = pytest.mark.shared
RTOL = 1e-9  # what MANIFEST.md asks for; nearly all of it is met to 1e-13
DATA = ("bulk", "sc", "pbmc")
R_MAX = {"sc": 500, "pbmc": 250}  # written maxM below
SSGSEA = {"ties": "first", "normalize": "none"}
GSVA, UCELL, AUCELL, DECOUPLER, BASE = (
    "GSVA 2.1.4",
    "UCell 2.17.0",
    "AUCell 1.29.0",
    "decoupleR 2.9.7",
    "R 4.2.2",
)


@dataclass(frozen=True)
class Call:
    """How the numbers of one file come about here, and what wrote the file."""

    method: str
    package: str
    signed: bool = False
    params: dict[str, object] = field(default_factory=dict)
    extra: str = ""
    centred: bool = False


def ucell(kind: str, **params) -> Call:
    return Call("ucell", UCELL, kind == "signed", params)


OFFERED = {
    "mean": Call("mean", BASE),
    "weighted_sum": Call("wsum", BASE, signed=True),
    "weighted_mean_abs": Call("mean", BASE, signed=True),
    "decoupler_wsum": Call("wsum", DECOUPLER, signed=True),
    "decoupler_wmean": Call("mean", DECOUPLER, signed=True),
    "ulm_t": Call("ulm", DECOUPLER, signed=True),
    "ulm_t_lognorm": Call("ulm", DECOUPLER, signed=True),
    "ulm_t_rowcentered": Call("ulm", DECOUPLER, signed=True, centred=True),
    "ulm_p": Call("ulm", DECOUPLER, signed=True, extra="p"),
    "mlm_t": Call("mlm", DECOUPLER, signed=True),
    "mlm_p": Call("mlm", DECOUPLER, signed=True, extra="p"),
    "zscore": Call("zscore", GSVA),
    "zscore_lognorm": Call("zscore", GSVA),
    "ssgsea_raw": Call("ssgsea", GSVA, params=SSGSEA),
    "ssgsea_raw_alpha0": Call("ssgsea", GSVA, params={**SSGSEA, "alpha": 0.0}),
    "ssgsea_raw_alpha1": Call("ssgsea", GSVA, params={**SSGSEA, "alpha": 1.0}),
    "ssgsea_raw_lognorm": Call("ssgsea", GSVA, params=SSGSEA),
    "ssgsea_raw_lognorm_dgc": Call("ssgsea", GSVA, params=SSGSEA),
    "ssgsea_normalized": Call("ssgsea", GSVA, params={**SSGSEA, "normalize": "range"}),
    "ssgsea_normalized_lognorm": Call("ssgsea", GSVA, params={**SSGSEA, "normalize": "range"}),
    "ucell_plain_max1500": ucell("plain"),
    "ucell_signed_max1500": ucell("signed"),
    "ucell_signed_maxM": ucell("signed", max_rank="M"),
    "ucell_signed_skip_maxM": ucell("signed", max_rank="M", missing="skip"),
    "ucell_plain_skip_maxM": ucell("plain", max_rank="M", missing="skip"),
    "ucell_signed_wneg0.5_maxM": ucell("signed", max_rank="M", w_neg=0.5),
    "ucell_plain_tiesmin_maxM": ucell("plain", max_rank="M", ties="min"),
    "ucell_signed_precalc_maxM": ucell("signed", max_rank="largest stored"),
    "aucell_tiesfirst_top5pct": Call("aucell", AUCELL, params={"ties": "first", "top": 0.05}),
    "aucell_tiesfirst_top20pct": Call("aucell", AUCELL, params={"ties": "first", "top": 0.20}),
}
ELSEWHERE = {
    r"(gsva|plage)_?.*(?<!_sparse)": "test_gsva_golden.py",
    r"singscore_(long|ranks_min|stable_genes)": "test_golden_methods.py",
    r"decoupler_norm_(wsum|wmean)": "test_golden_methods.py",
    r"aucell_random_(mean200|sd200|seed123)_.*": "test_golden_methods.py",
    r"(seurat|scanpy)_.*": "test_golden_methods.py",
}
NOT_OFFERED = {
    r"median": "no published score is a median of genes; `mean` is offered",
    r"decoupler_corr_(wsum|wmean)": "norm times -log10 of a p of 1000 permutations, so it stops at p = 0.001",
    r"decoupler_(wsum|wmean)_p": "p of random genes; genes of a set are correlated, so it means little",
    r"ora_(score|p)": "a test of overlap with the top genes, ties at the cut broken at random; no score",
    r"viper_decoupler_python": "needs regulons with a likelihood; not from R, whose licence is not free",
    r"sigqc_metrics": "quality of a signature, not a score",
    r"(gsva_\w+|zscore)_lognorm_sparse": "R computes another statistic from a sparse matrix, without zeros; "
    "here sparse and dense agree",
}
EDGE = {
    "ssgsea_raw": Call("ssgsea", GSVA, params=SSGSEA),
    "ssgsea_normalized": Call("ssgsea", GSVA, params={**SSGSEA, "normalize": "range"}),
    "zscore": Call("zscore", GSVA),
    "singscore_up": Call("singscore", "singscore 1.29.1"),
    "singscore_updown": Call("singscore", "singscore 1.29.1", signed=True),
    "ucell_impute_maxrank1500": ucell("signed"),
    "ucell_skip_maxrank1500": ucell("signed", missing="skip"),
    "aucell_first_5pct": Call("aucell", AUCELL, params={"ties": "first", "top": 0.05}),
    "ulm": Call("ulm", DECOUPLER, signed=True),
}
EDGE_ELSEWHERE = {"gsva_gaussian": "test_gsva_golden.py", "plage": "test_gsva_golden.py"}
# R stops with an error here, where there is an answer.
ANSWERED = {("aucell_first_5pct", "mostly_missing"): "1 of 10 genes is there, below the 20 % AUCell asks for"}


def stem(data: str, name: str) -> str:
    plain = name.split(".tsv", maxsplit=1)[0].removesuffix(".json").removesuffix(".txt")
    return re.sub(rf"max{R_MAX.get(data)}$", "maxM", plain)


def files(golden, data: str) -> dict[str, str]:
    return {
        p.name.split(".tsv")[0]: stem(data, p.name) for p in sorted((golden.folder / data / "out").iterdir())
    }


def largest_stored_rank(x: pd.DataFrame, limit: int) -> float:
    """What UCell takes for maxRank where ranks up to `limit` were computed before."""
    places = x.rank(axis=1, ascending=False).to_numpy()
    return places[places <= limit].max() + 1


def params_of(call: Call, data: str, x: pd.DataFrame) -> dict[str, object]:
    params = dict(call.params)
    if params.get("max_rank") == "M":
        params["max_rank"] = R_MAX[data]
    if params.get("max_rank") == "largest stored":
        params["max_rank"] = largest_stored_rank(x, R_MAX[data])
    return params


def without_value(method: str, x: pd.DataFrame, members) -> pd.DataFrame:
    """Where a number of R means nothing, and NaN is our answer; see the docstrings of the kernels."""
    out = pd.DataFrame(False, index=list(members), columns=x.index)
    for name, weights in members.items():
        counting = [g for g, w in weights.items() if w > 0 or method != "ucell"]
        out.loc[name] = not x.columns.isin(counting).any()
    if ms.methods.get(method).needs == "rank":
        out.loc[:, np.ptp(x.to_numpy(), axis=1) == 0] = True
    return out


def compare(got: pd.DataFrame, expected: pd.DataFrame, mask: pd.DataFrame, what: str) -> int:
    expected = expected.loc[got.index, got.columns].mask(mask)
    finite = expected.to_numpy()[np.isfinite(expected.to_numpy())]
    atol = RTOL * np.ptp(finite) if "ssgsea" in what and finite.size else 1e-12
    np.testing.assert_allclose(got, expected, rtol=RTOL, atol=atol, err_msg=what)
    return finite.size


@pytest.mark.parametrize("route", ["score", "score_by_verb"])
@pytest.mark.parametrize("data", DATA)
def test_scores_equal_those_of_the_original_packages(golden, data, route):
    for name, short in files(golden, data).items():
        if short not in OFFERED:
            continue
        call = OFFERED[short]
        x = golden.ranked(data) if call.method in ("ucell", "aucell") else golden.logged(data)
        x = x - x.mean() if call.centred else x
        members = golden.members(data, signed=call.signed)
        got = getattr(golden, route)(call.method, x, members, extra=call.extra, **params_of(call, data, x))
        what = f"{data}/{name} ({call.package})"
        assert compare(
            got, golden.table(f"{data}/out/{name}"), without_value(call.method, x, members), what
        ), what


def test_every_file_is_compared_or_excused(golden):
    seen = {short for data in DATA for short in files(golden, data).values()}
    other = {**ELSEWHERE, **NOT_OFFERED}
    for short in seen - set(OFFERED):
        assert sum(bool(re.fullmatch(pattern, short)) for pattern in other) == 1, short
    assert set(OFFERED) <= seen
    assert all(any(re.fullmatch(pattern, short) for short in seen) for pattern in other)
    status = pd.read_csv(golden.folder / "edge/out/edge_status.tsv", sep="\t")
    assert set(status["method"]) == {*EDGE, *EDGE_ELSEWHERE}
    assert {p.name for p in (golden.folder / "edge/out").iterdir()} == {
        "edge_status.tsv",
        "edge_values.tsv.gz",
    }


@pytest.mark.parametrize("name", EDGE)
def test_edge_cases_equal_those_of_the_original_packages(golden, name):
    call, x = EDGE[name], golden.logged("bulk")
    values = pd.read_csv(golden.folder / "edge/out/edge_values.tsv.gz", sep="\t", na_values=["Inf", "-Inf"])
    status = pd.read_csv(golden.folder / "edge/out/edge_status.tsv", sep="\t").set_index(["method", "set"])[
        "status"
    ]
    expected = values[values["method"] == name].pivot_table(
        index="set", columns="sample", values="value", dropna=False
    )
    compared = 0
    # A gene in both directions: decoupleR makes it rise, the others count it in both.
    sets = golden.members("edge", signed=call.signed, twice=call.method != "ulm")
    for name_of_set, weights in sets.items():
        if (name, name_of_set) not in status.index:
            continue
        members = {name_of_set: weights}
        got = golden.score(call.method, x, members, **call.params)
        if status[name, name_of_set] == "value":
            mask = without_value(call.method, x, members)
            compared += compare(got, expected, mask, f"edge/{name} {name_of_set}")
        else:
            assert got.notna().all(axis=None) == ((name, name_of_set) in ANSWERED), (name, name_of_set)
    assert compared
