"""Numbers of R on the demo study: `r/check.R` wrote them, from what `r/export.py` gave it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._out_folder import tables_of

if TYPE_CHECKING:
    from anndata import AnnData

sys.path.insert(0, str(Path(__file__).with_name("r")))
from export import DESIGN, SHOWN, study

TABLE = pd.read_csv(Path(__file__).parent / "r" / "check.csv")


@pytest.fixture(scope="module")
def scored() -> AnnData:
    return study()


@pytest.fixture(scope="module")
def compared(scored: AnnData) -> pd.DataFrame:
    return ms.tl.compare(scored, DESIGN, method="singscore", margin=0.02)


def given(call: str) -> pd.DataFrame:
    """Rows of one call, with contrast and column apart."""
    rows = TABLE[TABLE["call"] == call].reset_index(drop=True)
    assert len(rows)
    parts = rows["column"].str.rsplit(" ", n=1, expand=True)
    return rows.assign(contrast=parts[0], what=parts[parts.shape[1] - 1])


def same(call: str, result: pd.DataFrame, *, key: str = "signature", rtol: float = 1e-9) -> None:
    rows = given(call)
    found = result.set_index([key, "contrast"])
    asked = rows[["name", "contrast", "what"]].itertuples(index=False)
    ours = [float(found.loc[(name, contrast), what]) for name, contrast, what in asked]
    np.testing.assert_allclose(ours, rows["value"], rtol=rtol)


@pytest.mark.parametrize("call", ["lmFit", "effect", "two one-sided t", "t.test"])
def test_scores_between_arms(compared: pd.DataFrame, call: str) -> None:
    same(call, compared)


def test_variances_moderated_over_signatures(scored: AnnData) -> None:
    same("eBayes", ms.tl.compare(scored, DESIGN, method="singscore", moderate=True))


def test_a_primary_family_by_holm(scored: AnnData) -> None:
    kinds = ["induction", "interaction"]
    res = ms.tl.compare(scored, DESIGN, method="singscore", primary=SHOWN, primary_contrasts=kinds)
    rows = TABLE[TABLE["call"] == "p.adjust holm"]
    found = res.set_index(["signature", "contrast"])
    ours = [found.loc[(n, c), "p_adj"] for n, c in rows[["name", "column"]].itertuples(index=False)]
    np.testing.assert_allclose(ours, rows["value"], rtol=1e-9)


def test_pairs_at_random_are_pairs_as_they_are_while_their_variance_is_above_zero(
    compared: pd.DataFrame,
) -> None:
    """Where a mixed model finds no variance of pairs, it takes their degrees of freedom too: 12 for 6."""
    rows = given("lmerTest").pivot_table(index="name", columns="what", values="value")
    ours = compared[compared["contrast"] == "co_in_resistant"].set_index("signature").loc[rows.index]
    np.testing.assert_allclose(ours["estimate"], rows["estimate"], rtol=1e-9)
    mixed = rows["df"] < 11
    assert mixed.sum() == 1
    for what in ("se", "df", "stat", "p"):
        np.testing.assert_allclose(ours[what][mixed], rows[what][mixed], rtol=1e-5)  # of the optimiser
    np.testing.assert_allclose(rows["df"][~mixed], 12, rtol=1e-6)


def test_one_line_by_itself(scored: AnnData) -> None:
    one = scored[(scored.obs["line"] == "resistant").to_numpy()].copy()
    res = ms.tl.compare(one, ms.Design(culture="culture", pair="pair"), method="singscore")
    same("emmeans", res.assign(contrast="co_in_resistant alone"))


@pytest.mark.slow
@pytest.mark.parametrize("test", ["trend", "voom"])
def test_genes_of_a_paired_design(scored: AnnData, test: str) -> None:
    """Limma's `contrasts.fit` takes weighted genes for one design: exact is the contrast as a coefficient."""
    found = ms.tl.genes(scored, DESIGN, test=test)
    same(f"limma {test}", found, key="gene", rtol=1e-8)
    if test == "voom":
        rows = given("limma voom by contrasts.fit")
        near = found.set_index(["gene", "contrast"])["stat"]
        ours = np.array([near[(g, c)] for g, c in rows[["name", "contrast"]].itertuples(index=False)])
        share = ours / rows["value"].to_numpy()
        assert 0.5 < share.min() < 0.99 < 1.01 < share.max() < 1.5


@pytest.mark.slow
def test_sets_of_genes(scored: AnnData) -> None:
    rows = given("mroast")
    found = ms.tl.gene_sets(scored, DESIGN, signatures=rows["name"].tolist(), n_rotations=9999)
    same("camera", found)
    ours = found[found["contrast"] == "interaction"].set_index("signature")["roast_p"]
    p = rows.set_index("name")["value"]
    error = np.sqrt(p * (1 - p) * (1 / 9999 + 1 / 99999))
    assert (np.abs(ours[p.index] - p) < 4 * error + 1e-4).all()


@pytest.mark.parametrize("method", ["gsva", "ssgsea", "zscore"])
def test_scores_of_gsva_for_r(scored: AnnData, method: str) -> None:
    rows = TABLE[TABLE["call"] == f"GSVA {method}"]
    ours = scored.obsm[f"score_{method}"]
    values = [ours.loc[sample, name] for name, sample in rows[["name", "column"]].itertuples(index=False)]
    np.testing.assert_allclose(values, rows["value"], rtol=1e-9)


def test_limma_on_the_files_of_a_run_gives_its_contrasts() -> None:
    """`r/run.R` read the folder of `marrowsig demo`: models within and between lines, and every inhibitor."""
    rows = pd.read_csv(Path(__file__).parent / "r" / "run.csv")
    assert len(rows) == 13 * len(SHOWN)
    adata = ms.ds.demo()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SHOWN)
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    found = ms.tl.compare(adata, design).set_index(["signature", "contrast"])
    ours = found.loc[list(zip(rows["signature"], rows["contrast"], strict=True))]
    for name in ("estimate", "stat", "p"):
        np.testing.assert_allclose(ours[name], rows[name], rtol=1e-9)


@pytest.mark.parametrize("asked", ["fields", "strata", "formula", "units"])
def test_models_that_a_run_writes_give_its_contrasts_by_least_squares(asked: str, tmp_path: Path) -> None:
    adata = ms.ds.toy()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"], method=["singscore", "mean"], min_coverage=0.0)
    adata.obs["model"] = np.linspace(6, 9, adata.n_obs) ** 2
    if asked == "units":
        adata.obs["donor"] = adata.obs["pair"].astype(str).str[-1]
    levels = {"line": ["parental", "resistant"], "culture": ["mono", "co"]}
    both = "0.5 * (parental:co + resistant:co) - 0.5 * (parental:mono + resistant:mono)"
    design = {
        "fields": ms.Design(culture="culture", line="line", pair="pair", covariates="model"),
        "strata": ms.Design(culture="culture", time="line", pair="pair"),
        "formula": ms.Design.from_formula(
            "~ line * culture + model", levels=levels, contrasts={"gain": "resistant:co - resistant:mono"}
        ),
        "units": ms.Design.from_formula(
            "~ line * culture + donor", levels=levels | {"donor": "1"}, contrasts={"all": both}, unit="donor"
        ),
    }[asked]
    res = ms.tl.compare(adata, design)
    tables = tables_of(adata, res, {}, design=design)
    for name in ("design", "design_weights", "scores_singscore", "scores_mean"):
        tables[name].to_csv(tmp_path / f"{name}.csv", index=False)
    models = pd.read_csv(tmp_path / "design.csv").set_index(["model", "sample"])
    weights = pd.read_csv(tmp_path / "design_weights.csv", keep_default_na=False, na_values=[""])
    weights["stratum"] = weights["stratum"].fillna("")
    assert set(zip(weights["contrast"], weights["stratum"], strict=True)) == set(
        zip(res["contrast"], res["stratum"], strict=True)
    )
    weights = weights.set_index(["contrast", "stratum"])
    for row in res.to_dict("records"):
        own = weights.loc[(row["contrast"], row["stratum"])]
        X = models.loc[own["model"]].dropna(axis=1)
        c = own[X.columns].to_numpy(dtype=float)
        scores = pd.read_csv(tmp_path / f"scores_{row['method']}.csv", index_col="sample")
        beta, rss, rank, _ = np.linalg.lstsq(X, scores.loc[X.index, row["signature"]])
        assert rank == X.shape[1]
        np.testing.assert_allclose(c @ beta, row["estimate"], rtol=1e-9)
        se = np.sqrt(rss[0] / (len(X) - rank) * (c @ np.linalg.inv(X.T @ X) @ c))
        assert np.isclose(se, row["se"], rtol=1e-9) == (own["fit"] == "least squares")
    assert (
        weights["fit"].unique() == ["t of one number per 'donor'" if asked == "units" else "least squares"]
    ).all()
