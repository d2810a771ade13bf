"""Verdicts without a covariate or batch, beside those with it: those of a design without, and in a run."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import stats

import marrowsig as ms
from marrowsig._further import PARTS, claims_of
from marrowsig._other_columns import Without, columns_left, without_columns
from marrowsig._p_values import p_value
from marrowsig._report.claims import section as of_claims
from marrowsig._report.covaried import NOTABLE, line, of_numbers
from marrowsig._report.elements import Verdicts
from marrowsig._report.gathered import gathered
from marrowsig._report.other_columns import SETTLE, without
from marrowsig._report.sensitivity import section
from marrowsig._report.words import numbers
from marrowsig._run import run
from marrowsig._stats.expressed import expressed
from marrowsig._stats.logcpm import log_cpm
from marrowsig._stats.tmm import tmm
from marrowsig.tl._design_variants import without_each

if TYPE_CHECKING:
    from pathlib import Path

N = 6
PLAIN = ms.Design(culture="culture")
DESIGN = ms.Design(culture="culture", covariates="RIN")
CLAIMS = {"skip": [name for name in PARTS if name != "claims"], "draw": False, "carry_over": False}
MINE = ms.sig.Signature("emt.mine", axis="emt", genes=ms.ds.demo().var_names[:40].tolist())
CONTRASTS = {"signatures": ms.sig.SignatureSet([MINE]), "skip": list(PARTS), "draw": False}


def study(*, by_rin: bool, seed: int) -> AnnData:
    """Means of the demo alone, with Poisson counts: six rows alone, six in co-culture.

    Genes of `emt.hallmark` rise two-fold: as RIN falls by two, which is lower by 1.5 in co-culture; or in
    co-culture, and RIN says nothing.
    """
    demo, draw = ms.ds.demo(), np.random.default_rng(seed)
    alone = demo[(demo.obs["culture"] == "mono") & (demo.obs["inhibitor"] == "none")]
    base = np.asarray(alone.X.mean(axis=0)).ravel() + 0.5
    co = np.repeat([0.0, 1.0], N)
    rin = draw.uniform(6.5, 9, 2 * N) - 1.5 * co * by_rin
    genes = np.isin(demo.var_names, list(ms.sig.load()["emt.hallmark"].genes))
    mean = base * 2 ** np.outer((9 - rin) / 2 if by_rin else co, genes)
    mean *= np.exp(0.25 * draw.standard_normal(mean.shape))
    obs = pd.DataFrame(
        {"culture": np.where(co, "co", "mono"), "RIN": rin}, index=[f"s{i}" for i in range(2 * N)]
    )
    return AnnData(draw.poisson(mean).astype(float), obs=obs, var=pd.DataFrame(index=demo.var_names))


@pytest.mark.parametrize(
    ("by_rin", "seed", "n"), [(True, 3, 1), pytest.param(False, 2, 0, marks=pytest.mark.slow)]
)
def test_verdicts_without_a_covariate_are_those_of_a_design_without_it(
    tmp_path: Path, *, by_rin: bool, seed: int, n: int
) -> None:
    adata = study(by_rin=by_rin, seed=seed)
    began: list[str] = []
    done = run(adata, DESIGN, out=tmp_path, began=began.append, **CLAIMS)
    found = done.without[0]
    assert "results again: without covariate 'RIN'" in began
    assert (len(done.without), found.role, found.column, found.claims) == (1, "covariate", "RIN", True)
    ms.pp.lognorm(adata)
    for design, end in ((DESIGN, ""), (PLAIN, "_other")):
        claims = ms.tl.claims(adata, design, carry_over=False)
        claims = claims[claims["verdict"] != "not asked"]
        assert found.table[f"verdict{end}"].tolist() == claims["verdict"].tolist()
        np.testing.assert_allclose(found.table[f"p{end}"], claims["p_adj"], rtol=1e-9)  # the same sums twice
        np.testing.assert_allclose(found.table[f"estimate{end}"], claims["estimate"], rtol=1e-9)
    emt = found.table.set_index("claim").loc["emt_up"]
    known = "supported" if not by_rin else "not supported"  # what was put in
    assert (emt["verdict"], emt["verdict_other"]) == (known, "supported")
    assert int((found.table["verdict"] != found.table["verdict_other"]).sum()) == n
    said = without(done.without)
    turned = "1 of 4 verdicts on claims would change (EMT rises in co-culture: not supported -> supported"
    how = turned if n else "none of 4 verdicts on claims would change; of estimates with p < 0.05"
    assert said.startswith(f"Without covariate 'RIN' {how}")
    assert said.endswith(SETTLE) == bool(n)
    given = gathered(done.adata, done.res, DESIGN, extras={"without": done.without})
    assert section(given).parts[0].text == without(done.without, every=True)  # on the page
    assert section(gathered(done.adata, done.res, DESIGN)) is None
    shown = {name: table for name, table in done.tables.items() if name != "genes"}  # that of gene names
    given = gathered(done.adata, done.res, DESIGN, extras={"without": done.without, **shown})
    rows = next(part for part in of_claims(given).parts if isinstance(part, Verdicts)).rows
    rise = rows[0]
    assert rise.claim == "EMT rises in co-culture"
    changed = "Without covariate 'RIN': not supported -> supported" in rise.why
    assert changed == bool(n)
    other = claims.set_index("claim").loc["emt_up"]  # of the design without it
    told = dict(rise.more)["without covariate 'RIN'"]
    assert told == f"{numbers(other['estimate'])[0]} as scored, adj. p {p_value(other['p_adj'])}"


@pytest.mark.slow
def test_il6_is_tested_among_the_same_genes_without_a_covariate(tmp_path: Path) -> None:
    """A gene in five of twelve samples has too few counts by the arms (six each), not beside a covariate."""
    adata = study(by_rin=False, seed=2)
    il6 = adata.var_names.get_loc("IL6")
    adata.X[:, il6] = [0.0] * 7 + [60, 45, 80, 70, 52]
    adata.obs["RIN"] = [9.0, 9, 9, 9, 9, 9, 3, 9, 9, 9, 9, 9.1]
    table = run(adata, DESIGN, out=tmp_path, **CLAIMS).without[0].table.set_index("claim")
    ms.pp.lognorm(adata)
    alone = ms.tl.genes(adata, PLAIN).set_index("gene").loc["IL6"]
    assert alone["test"] == "not tested: too few counts"
    both = expressed(np.asarray(adata.layers["counts"]), design=DESIGN.plans(adata.obs)[0].model.X)
    among = adata[:, both].layers["counts"]
    plan = PLAIN.plans(adata.obs)[0]
    assert both[il6]
    kept = int(both[:il6].sum())
    log = log_cpm(among, lib_size=among.sum(axis=1) * tmm(among))[:, kept]
    estimate = plan.model.c(plan.contrast) @ np.linalg.lstsq(plan.model.X, log, rcond=None)[0]
    assert table.loc["il6_up", "estimate_other"] == pytest.approx(estimate, rel=1e-9)  # the same sums
    assert np.isfinite(table.loc["il6_up", "p_other"])


def test_a_standard_error_that_a_covariate_widens_is_told_above_the_claims() -> None:
    adata = study(by_rin=True, seed=3)
    ms.pp.lognorm(adata)
    ms.tl.score(adata, MINE)
    given = gathered(adata, ms.tl.compare(adata, DESIGN), DESIGN)
    r = np.corrcoef(adata.obs["culture"].eq("co"), adata.obs["RIN"])[0, 1]
    wider = 1 / np.sqrt(1 - r**2)  # of two groups and one covariate, at equal noise
    assert wider > NOTABLE
    told = f"Adjusted for RIN. RIN widens the standard error {wider:.2g} times (co vs mono) at equal noise."
    assert line(given) == told
    assert line(gathered(adata, ms.tl.compare(adata, PLAIN), PLAIN)) == ""


def test_without_claims_contrasts_are_told_by_their_p(tmp_path: Path) -> None:
    adata = study(by_rin=True, seed=3)
    sigs = ms.sig.SignatureSet([ms.sig.load()["emt.hallmark"]])
    done = run(adata, DESIGN, out=tmp_path, **CONTRASTS | {"signatures": sigs})
    ms.pp.lognorm(adata)
    ms.tl.score(adata, sigs)
    p = [float(ms.tl.compare(adata, design)["p"].iloc[0]) for design in (DESIGN, PLAIN)]
    assert p[1] < 0.05 < p[0]
    np.testing.assert_allclose(done.without[0].table[["p", "p_other"]].iloc[0].astype(float), p, rtol=1e-9)
    assert "1 of 1 contrasts (sides of 0.05 by unadjusted p) would change" in without(done.without)


def test_each_column_is_left_out_by_itself_and_one_that_changes_no_model_is_not_asked(tmp_path: Path) -> None:
    adata = study(by_rin=False, seed=2)
    adata.obs["pair"] = [f"d{i}" for i in [*range(N)] * 2]
    adata.obs["plate"] = ["x", "y"] * N  # constant within pairs
    adata.obs["lane"] = ["x"] * 4 + ["y"] * 4 + ["x"] * 4
    adata.obs["age"] = [40.0, 61, 38, 77, 52, 49] * 2  # of the donor
    design = ms.Design(culture="culture", pair="pair", batch=["plate", "lane"], covariates=["RIN", "age"])
    done = run(adata, design, out=tmp_path, **CONTRASTS)
    assert [w.name for w in done.without] == [
        "batch 'lane'", "covariate 'RIN'", "batch 'lane' and covariate 'RIN'",
    ]  # fmt: skip
    ms.pp.lognorm(adata)
    ms.tl.score(adata, MINE)
    other = ms.Design(culture="culture", pair="pair", batch=["plate", "lane"], covariates=["age"])
    p = float(ms.tl.compare(adata, other)["p"].iloc[0])
    assert float(done.without[1].table["p_other"].iloc[0]) == pytest.approx(p, rel=1e-9)
    plain = pd.Series(adata.obsm["score_singscore"]["emt.mine"].to_numpy(), index=adata.obs["pair"])
    differ = plain.iloc[N:] - plain.iloc[:N]  # pairs alone: a t test of their differences
    other = done.without[2].table.iloc[0]
    assert other["estimate_other"] == pytest.approx(differ.mean(), rel=1e-9)
    assert other["p_other"] == pytest.approx(stats.ttest_1samp(differ, 0).pvalue, rel=1e-8)
    assert "Without batch 'lane' none of 1 contrasts" in without(done.without)  # of a batch, too
    assert "Without batch 'lane' and covariate 'RIN' none of 1 contrasts" in without(done.without)


def test_a_column_without_which_the_models_are_refused_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adata = study(by_rin=False, seed=2)
    plans = ms.Design.plans

    def refused(design: ms.Design, obs: pd.DataFrame) -> object:
        if design.covariates is None:
            msg = "no rows are left."
            raise ms.DesignError(msg)
        return plans(design, obs)

    monkeypatch.setattr(ms.Design, "plans", refused)
    done = run(adata, DESIGN, out=tmp_path, say=str.upper, **CONTRASTS)
    assert done.without == []
    assert done.missing["verdicts without 'RIN'"] == "NO ROWS ARE LEFT."


def test_strata_are_told_apart(tmp_path: Path) -> None:
    parts = [study(by_rin=by_rin, seed=3) for by_rin in (True, False)]
    for part, name in zip(parts, ("blast", "MSC"), strict=True):
        part.obs["cells"] = name
        part.obs_names = [f"{name}_{row}" for row in part.obs_names]
    both = AnnData(np.vstack([p.X for p in parts]), obs=pd.concat([p.obs for p in parts]), var=parts[0].var)
    design = ms.Design(culture="culture", compartment="cells", covariates="RIN")
    sigs = ms.sig.SignatureSet([ms.sig.load()["emt.hallmark"]])
    done = run(both, design, out=tmp_path, **CONTRASTS | {"signatures": sigs})
    said = without(done.without)
    assert "1 of 2 contrasts" in said
    assert "(emt.hallmark, co_vs_mono [compartment=blast]: p 0.48 -> " in said


def by_least_squares(y: np.ndarray, *columns: np.ndarray) -> tuple[float, float]:
    """Slope of the first column beside the others and an intercept, and its p."""
    X = np.column_stack([*columns, np.ones(len(y))]).astype(float)
    beta, rss, rank, _ = np.linalg.lstsq(X, y, rcond=None)
    se = np.sqrt(rss[0] / (len(y) - rank) * np.linalg.inv(X.T @ X)[0, 0])
    return beta[0], 2 * stats.t.sf(abs(beta[0]) / se, len(y) - rank)


FORMULA = ms.Design.from_formula(
    "~ culture + RIN + dose + lib_batch + who",
    levels={"culture": ["mono", "co"], "lib_batch": "L1", "who": ["w0", "w1"]},
    contrasts={"gain": "co - mono", "slope": "dose"},
)


def of_formula() -> AnnData:
    """Few genes of `study`, with further columns."""
    whole = study(by_rin=True, seed=3)
    own = whole.var_names.isin(ms.sig.load()["emt.hallmark"].genes)
    adata = whole[:, own | (np.arange(whole.n_vars) % 20 == 0)].copy()
    adata.obs["dose"] = [1.0, 2, 3] * 4
    adata.obs["se"] = [2.0, 1, 3, 5] * 3  # a part of the name of 'dose'
    adata.obs["lib_batch"] = ["L1", "L1", "L2", "L2"] * 3
    adata.obs["who"] = [f"w{i}" for i in (0, 1, 1, 1, 1, 0)] * 2
    return adata


def test_contrasts_of_a_formula_are_asked_without_each_column_that_none_is_about() -> None:
    adata, missing = of_formula(), dict[str, str]()
    sigs = ms.sig.SignatureSet([ms.sig.load()["emt.hallmark"]])
    ms.pp.lognorm(adata)
    ms.tl.score(adata, sigs)
    asked = SimpleNamespace(adata=adata, design=FORMULA, sigs=sigs, named=sigs.ids, method="singscore")
    columns = without_columns(asked, {}, claims_of, missing=missing)
    found = {(w.column, *(c for _, c in w.also)): w.table.set_index("contrast") for w in columns}
    assert [w.role for w in columns] == ["batch", "factor", "covariate", "batch"]
    assert list(found) == [("lib_batch",), ("who",), ("RIN",), ("lib_batch", "who", "RIN")]
    y, obs = adata.obsm["score_singscore"]["emt.hallmark"].to_numpy(), adata.obs
    known = {"culture": obs["culture"].eq("co"), "dose": obs["dose"], "RIN": obs["RIN"],
             "lib_batch": obs["lib_batch"].eq("L2"), "who": obs["who"].eq("w1")}  # fmt: skip
    for left, table in found.items():
        for contrast, column in (("gain", "culture"), ("slope", "dose")):
            others = [x for name, x in known.items() if name not in (column, *left)]
            expected = by_least_squares(y, known[column], *others)
            own = table.loc[contrast, ["estimate_other", "p_other"]].astype(float)
            np.testing.assert_allclose(own, expected, rtol=1e-8)  # the same sums, solved in another order
    said = without(columns)
    assert "Without covariate 'RIN' 1 of 2 contrasts (sides of 0.05 by unadjusted p) would change" in said
    assert missing == {}


def test_what_a_formula_pairs_or_averages_over_is_not_left_out() -> None:
    adata = of_formula()
    obs = adata.obs.assign(day=[f"d{i}" for i in range(N)] * 2, third=["w0", "w1", "w2"] * 4)
    how = {"contrasts": ["co - mono"]}

    def left(formula: str, **levels: object) -> list[tuple[str, str]]:
        design = ms.Design.from_formula(formula, levels={"culture": ["mono", "co"], **levels}, **how)
        return [(role, column) for role, column, _ in without_each(design, obs)]

    assert left("~ culture + day + RIN", day="d0") == [("covariate", "RIN")]  # one of each arm a day
    assert left("~ culture * who", who="w0") == []
    assert left("~ culture * lib_batch", lib_batch="L1") == [("batch", "lib_batch")]
    assert left("~ culture + third", third=["w0", "w1"]) == []  # w2 would come in
    design = ms.Design.from_formula("~ 0 + who + culture:RIN + np.log(dose) + culture", at={"RIN": 8}, **how,
                                    levels={"culture": ["mono", "co"], "who": "w0"})  # fmt: skip
    formulas = {column: other.formula for _, column, other in without_each(design, obs)}
    assert formulas == {
        "who": "~ 0 + np.log(dose) + culture + culture:RIN",
        "RIN": "~ 0 + who + np.log(dose) + culture",
        "dose": "~ 0 + who + culture + culture:RIN",
    }
    asked = replace(FORMULA, levels={**FORMULA.levels, "who": ["w1", "w2"]})
    gone = columns_left(SimpleNamespace(design=asked, adata=AnnData(obs=obs.assign(who=obs["third"]))))
    assert gone == {
        "verdicts without 'who'": "its levels leave rows out, which a formula without it would take in"
    }


def test_numbers_of_a_formula_that_change_within_pairs_are_named() -> None:
    obs = of_formula().obs
    design = replace(FORMULA, formula=f"{FORMULA.formula} + se")
    obs = obs.assign(pair=[f"p{i // 2}" for i in range(len(obs))])
    paired = replace(design, formula=f"{design.formula} + pair", levels={**design.levels, "pair": "p0"})
    assert "Within pairs RIN, se change: measured after culture" in of_numbers(paired, obs)
    assert of_numbers(design, obs) == of_numbers(paired, obs.assign(RIN=7.0, se=1.0)) == ""


def test_what_can_be_tested_only_without_the_column_is_told() -> None:
    rows = pd.DataFrame(
        {
            "name": ["A", "B", "C"], "estimate": [np.nan, 1.0, np.nan], "estimate_other": [0.5, 1.0, np.nan],
            "p": [np.nan, 0.2, np.nan], "p_other": [0.01, 0.3, np.nan], "rule": "not estimated",
            "verdict": ["cannot tell", "not supported", "cannot tell"],
            "verdict_other": ["supported", "not supported", "cannot tell"],
        }
    )  # fmt: skip
    said = without([Without("covariate", "RIN", rows, claims=True)])
    assert said == (
        "Without covariate 'RIN' 1 of 2 verdicts on claims would change (A: cannot tell -> supported, adj. p "
        f"not tested -> 0.01). {SETTLE}"
    )
    same = rows.assign(verdict_other=rows["verdict"])
    assert "Without batch 'plate' none of 2 verdicts" in without(
        [Without("batch", "plate", same, claims=True)]
    )
    hangs = rows.assign(rule="carry-over")
    assert "clears it of carry-over in this way alone" in without(
        [Without("batch", "plate", hangs, claims=True)]
    )
