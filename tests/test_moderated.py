"""Moderated linear models against limma's tables, statsmodels and closed forms."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from marrowsig._stats.blocks import block_matrix
from marrowsig._stats.f_test import f_test
from marrowsig._stats.fdr import bh
from marrowsig._stats.linear_fit import fit
from marrowsig._stats.logcpm import log_cpm
from marrowsig._stats.moderated import moderated, shrink
from marrowsig._stats.tmm import tmm
from marrowsig._stats.treat import treat
from marrowsig._stats.voom import voom

BULK = Path("reference", "golden", "bulk")
EXACT = 1e-8  # the tables carry 17 digits; R and we round differently on the way
ROBUST = 1e-5  # R stops looking for the prior df at 1e-8 of df / (1 + df)
NEW = 3e-4  # R's optimiser stops early
CONTRASTS = ("co_in_parental", "co_in_resistant", "difference")


class Study:
    """Golden inputs and tables."""

    def __init__(self, shared: Path) -> None:
        self.folder = shared / BULK
        self.out = self.folder / "out_limma"
        self.expr = pd.read_csv(self.folder / "expr.tsv.gz", sep="\t", index_col=0)
        self.samples = pd.read_csv(self.folder / "samples.tsv", sep="\t", index_col=0)
        self.X = self.table("design_cellmeans").to_numpy(float)
        self.C = self.table("contrasts").to_numpy(float).T
        self.hyper = self.table("limma_hyperparameters")
        self.varying = self.expr.loc[(self.out / "nonconstant_genes.txt").read_text().split()]

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(next(self.out.glob(f"{name}.tsv*")), sep="\t", index_col=0)

    def gaps(self) -> pd.DataFrame:
        i, j = np.indices(self.varying.shape) + 1
        return self.varying.mask((7 * i + 13 * j) % 97 == 0)

    def scores(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / "out" / f"{name}.tsv", sep="\t", index_col=0)

    def donors(self) -> np.ndarray:
        return pd.get_dummies(self.samples["donor"], drop_first=True).to_numpy(float)


@cache
def load(shared: Path) -> Study:
    return Study(shared)


@pytest.fixture(scope="module")
def study(shared: Path) -> Study:
    return load(shared)


def close(ours, theirs, rtol: float, what: str, *, atol: float = 0.0) -> None:
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol, err_msg=what)


def agree(study, name, data, model, C, names=CONTRASTS, *, rtol=EXACT, shared=False):
    """Compare every column of a table; sums that cancel are judged on the scale of the column."""
    table = study.table(name)
    at = pd.Index(data.index).get_indexer(table.index)
    assert (at >= 0).all()
    assert len(at) > 5
    test = f_test(model, C, shared=shared)
    prior = np.broadcast_to(model.prior.s2, len(data)), np.broadcast_to(model.prior.df, len(data))
    ours = {
        "AveExpr": model.fit.ave_expr, "sigma": model.fit.sigma, "df.residual": model.fit.df,
        "s2.post": model.s2_post, "df.total": model.df_total, "s2.prior": prior[0],
        "df.prior": prior[1], "F": test.f, "F.p": test.p,
    }  # fmt: skip
    hyper = study.hyper.loc[name] if name in study.hyper.index else None
    for k, (contrast, c) in enumerate(zip(names, C, strict=True), 1):
        result = moderated(model, c, shared=shared)
        parts = {
            "logFC": result.estimate, "t": result.t, "P": result.p, "adjP": bh(result.p), "B": result.lods,
            "stdev.unscaled": result.stdev_unscaled,
        }  # fmt: skip
        ours |= {f"{part}.{contrast}": values for part, values in parts.items()}
        if hyper is not None and k <= 3:
            close(result.var_prior, hyper[f"var.prior.{k}"], rtol, f"var.prior {contrast}")
    for column in table.columns:
        theirs = table[column].to_numpy(float)
        scale = np.nanmax(np.abs(theirs[np.isfinite(theirs)]), initial=0)
        tiny = 1e-12 if rtol == EXACT else rtol * 0.1
        rounding = (
            1e-15 * np.nanmax(np.abs(data.to_numpy())) * column.startswith(("AveExpr", "logFC", "sigma"))
        )
        close(ours[column][at], theirs, rtol, f"{name} {column}", atol=tiny * scale + rounding)
    if hyper is not None and not np.isnan(hyper["df.prior"]):
        close(np.unique(model.prior.df), hyper["df.prior"], rtol, "df.prior")
    if hyper is not None and not np.isnan(hyper["s2.prior"]):
        close(np.unique(model.prior.s2), hyper["s2.prior"], rtol, "s2.prior")


CALLS = {
    "limma_basic": ("expr", {}, EXACT),
    "limma_trend": ("expr", {"trend": True}, EXACT),
    "limma_robust": ("expr", {"robust": True}, ROBUST),
    "limma_trend_robust": ("expr", {"trend": True, "robust": True}, ROBUST),
    "limma_basic_nonconstant": ("varying", {}, EXACT),
    "limma_trend_robust_nonconstant": ("varying", {"trend": True, "robust": True}, ROBUST),
    "limma_missing_values": ("gaps", {"legacy": True}, EXACT),
    "limma_missing_values__limma3.63.2": ("gaps", {}, NEW),
}


@pytest.mark.shared
@pytest.mark.parametrize("name", CALLS)
def test_limma(study, name):
    source, options, rtol = CALLS[name]
    data = study.gaps() if source == "gaps" else getattr(study, source)
    model = shrink(fit(data.to_numpy().T, study.X), **options)
    agree(study, name, data, model, study.C, rtol=rtol, shared=source == "gaps")


@pytest.mark.shared
def test_limma_factorial(study):
    line, culture = study.samples["line"] == "resistant", study.samples["culture"] == "co"
    X = np.column_stack([np.ones(len(line)), line, culture, line & culture]).astype(float)
    model = shrink(fit(study.varying.to_numpy().T, X))
    names = ("Intercept", "lineresistant", "cultureco", "interaction")
    agree(study, "limma_factorial_treatment", study.varying, model, np.eye(4), names)


@pytest.mark.shared
def test_limma_donor_as_fixed_effect(study):
    X = np.column_stack([study.X, study.donors()])
    C = np.column_stack([study.C, np.zeros((3, X.shape[1] - 4))])
    agree(study, "limma_fixed_donor", study.varying, shrink(fit(study.varying.to_numpy().T, X)), C)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "block"),
    [("limma_block_pair_cor0.3", "pair"), ("limma_dupcor_pair", "pair"), ("limma_dupcor_donor", "donor")],
)
def test_limma_block(study, name, block):
    rho = study.hyper.loc[name, "correlation"]
    linear = fit(study.varying.to_numpy().T, study.X, block=study.samples[block], correlation=rho)
    agree(study, name, study.varying, shrink(linear), study.C)


@pytest.mark.shared
@pytest.mark.parametrize("method", ["gsva_gaussian", "ssgsea_normalized", "zscore", "mean"])
@pytest.mark.parametrize("block", [False, True])
def test_limma_on_a_few_scores(study, method, block):
    name = f"scores_{method}_{'dupcor_pair' if block else 'basic'}"
    data = study.scores(method)
    how = (
        {"block": study.samples["pair"], "correlation": study.hyper.loc[name, "correlation"]} if block else {}
    )
    agree(study, name, data, shrink(fit(data.to_numpy().T, study.X, **how)), study.C)


@pytest.mark.shared
def test_limma_treat(study):
    model = shrink(fit(study.varying.to_numpy().T, study.X))
    table = study.table("limma_treat_lfc0.5")
    at = study.varying.index.get_indexer(table.index)
    for name, c in zip(CONTRASTS, study.C, strict=True):
        result = treat(model, c, lfc=0.5)
        close(result.t[at], table[name], EXACT, name, atol=1e-12)
        close(result.p[at], table[f"P.{name}"], EXACT, name)


@pytest.mark.shared
def test_limma_array_weights(study):
    """One weight per sample, cell means: t and P are exact; F needs limma's common correlation."""
    weights = study.table("array_weights")["weight"].reindex(study.varying.columns).to_numpy()
    model = shrink(fit(study.varying.to_numpy().T, study.X, weights=weights))
    agree(study, "limma_array_weights", study.varying, model, study.C, shared=True)


def voomed(study: Study, name: str) -> tuple[pd.DataFrame, np.ndarray, dict[str, object]]:
    """Log counts of the genes that filterByExpr kept, their voom weights, and the block of `name`."""
    genes = study.table("filterByExpr")["by_group"]
    counts = pd.read_csv(study.folder / "counts.tsv.gz", sep="\t", index_col=0).loc[genes.index[genes == 1]].T
    size = counts.to_numpy().sum(axis=1) * tmm(counts.to_numpy())
    if "dupcor" not in name:
        result = voom(counts.to_numpy(), study.X, lib_size=size)
        return pd.DataFrame(result.E, columns=counts.columns).T, result.weights, {}
    first, rho = study.table("voom_dupcor")["consensus.correlation"]
    pair = study.samples["pair"]
    result = voom(counts.to_numpy(), study.X, lib_size=size, covariance=block_matrix(pair, first, len(pair)))
    return (
        pd.DataFrame(result.E, columns=counts.columns).T,
        result.weights,
        {"block": pair, "correlation": rho},
    )


@pytest.mark.shared
@pytest.mark.parametrize("name", ["voom_basic", "voom_robust", "voom_dupcor_pair"])
def test_limma_voom(study, name):
    E, weights, how = voomed(study, name)
    model = shrink(fit(E.to_numpy().T, study.X, weights=weights, **how), robust="robust" in name)
    agree(study, name, E, model, study.C, shared=True, rtol=ROBUST if "robust" in name else EXACT)


@pytest.mark.shared
def test_limma_trend_on_log_counts(study):
    genes = study.table("filterByExpr")["by_group"]
    counts = pd.read_csv(study.folder / "counts.tsv.gz", sep="\t", index_col=0).loc[genes.index[genes == 1]]
    size = counts.to_numpy().sum(axis=0) * tmm(counts.to_numpy().T)
    data = pd.DataFrame(log_cpm(counts.to_numpy().T, lib_size=size, prior=2.0).T, index=counts.index)
    model = shrink(fit(data.to_numpy().T, study.X), trend=True)
    agree(study, "limma_trend_logcpm", data, model, study.C)


@pytest.mark.shared
def test_exact_and_shared_standard_errors_agree_on_cell_means(study):
    """With gaps and weights too: each contrast joins coefficients that are not correlated."""
    E, weights, _ = voomed(study, "voom_basic")
    for data, W in ((study.gaps(), None), (E, weights)):
        model = shrink(fit(data.to_numpy().T, study.X, weights=W))
        for c in study.C:
            close(moderated(model, c).t, moderated(model, c, shared=True).t, 1e-11, "t")
        assert np.abs(f_test(model, study.C).f / f_test(model, study.C, shared=True).f - 1).max() > 1e-4
