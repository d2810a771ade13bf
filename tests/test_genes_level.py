"""`ms.tl.genes` against limma's tables, its kernels called by hand, and simulated studies."""

from __future__ import annotations

import itertools
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig import _gene_scale as gene_scale
from marrowsig._cli.answered import of_claims
from marrowsig._stats.expressed import expressed
from marrowsig._stats.fdr import bh
from marrowsig._stats.linear_fit import fit
from marrowsig._stats.logcpm import log_cpm
from marrowsig._stats.moderated import moderated, shrink
from marrowsig._stats.tmm import tmm
from marrowsig._stats.voom import voom
from marrowsig.tl.genes import COLUMNS

BULK = Path("reference", "golden", "bulk")
FULL = ms.Design(culture="culture", line="line")
PAIRED = ms.Design(culture="culture", line="line", pair="pair")
EXACT = 1e-8  # the tables carry 17 digits; R and we round differently on the way
ROBUST = 1e-5  # R stops looking for the prior df at 1e-8 of df / (1 + df)
LIMMA = {
    "co_in_parental": "co_in_parental",
    "co_in_resistant": "co_in_resistant",
    "interaction": "difference",
}
NUMBERS = ["estimate", "se", "df", "stat", "p", "p_adj", "ave_expr"]


def study(n: int = 3, *, genes: int = 300, seed: int = 0, depth: float = 1.0) -> ad.AnnData:
    """Counts without any effect; the last sample has `depth` times the reads of the others."""
    rng = np.random.default_rng(seed)
    rows = [
        {"line": line, "culture": culture, "pair": f"{line[0]}{i}"}
        for line, culture, i in itertools.product(["parental", "resistant"], ["mono", "co"], range(n))
    ]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    size = np.r_[np.ones(len(obs) - 1), depth][:, None]
    mean = 2 ** rng.normal(7, 2, genes) * rng.lognormal(0, 0.1, (len(obs), 1)) * size
    counts = rng.poisson(mean * rng.gamma(20, 1 / 20, mean.shape)).astype(float)
    return ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=[f"G{g}" for g in range(genes)]))


def of(result: pd.DataFrame, contrast: str) -> pd.DataFrame:
    return result[result["contrast"] == contrast].set_index("gene")


def by_hand(Y, X, c, *, weights=None) -> pd.DataFrame:
    found = moderated(shrink(fit(Y, X, weights=weights), trend=weights is None), c)
    values = (found.estimate, found.se, found.df, found.t, found.p, bh(found.p), found.ave_expr)
    return pd.DataFrame(dict(zip(NUMBERS, values, strict=True)))


def treatment(obs: pd.DataFrame, *, pair: bool) -> np.ndarray:
    """Intercept, line, culture, interaction and pairs inside lines, all in treatment coding."""
    line, culture = obs["line"] == "resistant", obs["culture"] == "co"
    columns = [np.ones(len(obs)), line, culture, line & culture]
    if pair:
        columns += [obs["pair"] == name for name in sorted(set(obs["pair"])) if not name.endswith("0")]
    return np.column_stack(columns).astype(float)


def test_every_gene_contrast_and_stratum_has_a_row() -> None:
    adata = study()
    before = adata.X.copy()
    result = ms.tl.genes(adata, FULL)
    assert tuple(result.columns) == COLUMNS
    assert len(result) == 5 * 300
    assert not result.duplicated(["gene", "contrast", "stratum"]).any()
    assert (result[["n_test", "n_base"]] == 3).all(axis=None)
    np.testing.assert_array_equal(adata.X, before)
    told = result.attrs["models"]
    assert [m["contrast"] for m in told] == list(result["contrast"].unique())
    for m in told:
        assert m["genes_kept"] == of(result, m["contrast"])["p"].notna().sum()
        assert m["prior_df"] > 0
        assert m["test"] == "trend"
    out = result[result["p"].isna()]
    assert 0 < len(out) < len(result)
    assert set(out["test"]) == {"not tested: too few counts"}
    assert out[NUMBERS].isna().all(axis=None)


@pytest.mark.parametrize("test", ["trend", "voom"])
@pytest.mark.parametrize("pair", [False, True])
def test_equal_to_the_kernels_in_another_coding(test: str, pair: bool) -> None:
    """The verb's design repeats columns, ours does not: numbers do not depend on that."""
    adata = study()
    result = ms.tl.genes(adata, PAIRED if pair else FULL, test=test)
    X = treatment(adata.obs, pair=pair)
    keep = expressed(adata.X, design=X)
    counts = adata.X[:, keep]
    size = counts.sum(axis=1) * tmm(counts)
    Y, weights = log_cpm(counts, lib_size=size), None
    if test == "voom":
        prepared = voom(counts, X, lib_size=size)
        Y, weights = prepared.E, prepared.weights
    for contrast, c in (
        ("co_in_parental", (0, 0, 1, 0)),
        ("co_in_resistant", (0, 0, 1, 1)),
        ("interaction", (0, 0, 0, 1)),
    ):
        ours = of(result, contrast)
        assert (ours["p"].notna().to_numpy() == keep).all()
        theirs = by_hand(Y, X, np.r_[c, np.zeros(X.shape[1] - 4)], weights=weights)
        np.testing.assert_allclose(ours.loc[keep, NUMBERS], theirs, rtol=1e-8, atol=1e-11)
        half = stats.t.isf(0.025, theirs["df"]) * theirs["se"]
        np.testing.assert_allclose(
            ours.loc[keep, "ci_high"], theirs["estimate"] + half, rtol=1e-8, atol=1e-11
        )
        np.testing.assert_allclose(ours.loc[keep, "ci_low"], theirs["estimate"] - half, rtol=1e-8, atol=1e-11)


def test_log_expression_is_taken_as_it_is() -> None:
    adata = study()
    adata.X = np.log2(adata.X + 1.5)
    adata.X[:, 7] = 3.25
    adata.X[:, 8] = np.where(adata.obs["culture"] == "co", 5.5, 2.5)
    result = ms.tl.genes(adata, FULL)
    varies = ~np.isin(np.arange(300), [7, 8])
    theirs = by_hand(adata.X[:, varies], treatment(adata.obs, pair=False), np.array([0.0, 0, 0, 1]))
    ours = of(result, "interaction")
    np.testing.assert_allclose(ours.loc[varies, NUMBERS], theirs, rtol=1e-8, atol=1e-11)
    assert (ours.loc[~varies, "test"] == "not tested: does not vary within the arms").all()
    assert ours.loc[~varies, NUMBERS].isna().all(axis=None)
    assert np.isnan(result.attrs["models"][0]["library_fold"])


def test_lines_are_compared_on_their_own_arms() -> None:
    adata = study()
    ours = of(ms.tl.genes(adata, PAIRED), "resistance_in_co")
    only = adata[adata.obs["culture"] == "co"].copy()
    theirs = of(ms.tl.genes(only, ms.Design(line="line")), "resistant_vs_parental")
    pd.testing.assert_frame_equal(ours[NUMBERS], theirs[NUMBERS])


def test_counts_that_lognorm_kept_are_found() -> None:
    adata = study()
    raw = ms.tl.genes(adata, FULL)
    ms.pp.lognorm(adata)
    pd.testing.assert_frame_equal(ms.tl.genes(adata, FULL), raw)
    pd.testing.assert_frame_equal(ms.tl.genes(adata, FULL, layer="counts"), raw)
    adata.layers["logged"] = adata.X.copy()
    logged = ms.tl.genes(adata, FULL, layer="logged")
    assert logged.attrs["models"][0]["genes_kept"] > raw.attrs["models"][0]["genes_kept"]
    assert "variance trend on the log values given;" in logged["test"].iloc[0]


@pytest.mark.parametrize(
    ("given", "scale"), [("counts", "log2 CPM"), ("tpm", "log2(TPM + 1)"), ("log", "the log values given")]
)
def test_a_change_of_a_gene_is_called_what_it_is_a_difference_of(given: str, scale: str) -> None:
    adata = study()
    tpm = adata.X / adata.X.sum(axis=1, keepdims=True) * 1e6
    if given != "counts":
        adata.X = tpm if given == "tpm" else np.log2(tpm + 0.25)
    if given != "log":
        ms.pp.lognorm(adata)
    design = ms.Design(culture="culture")
    found = ms.tl.genes(adata, design)
    row = found.iloc[0]
    assert gene_scale.change(found["test"].unique()) == f"difference of {scale}"
    told = "log2 fold change" if given == "counts" else f"difference of {scale}"
    assert f"the {told} is " in ms.tl.explain(found.iloc[:1]).iloc[0]
    unit = ms.get.expression(adata, row["gene"]).attrs["unit"]
    assert unit == ("log expression" if given == "log" else scale)
    if given != "counts":  # a difference of two means on that scale
        logs = np.log2(tpm[:, 0] + (1 if given == "tpm" else 0.25))
        co = adata.obs["culture"].eq("co").to_numpy()
        assert row["estimate"] == pytest.approx(logs[co].mean() - logs[~co].mean(), rel=1e-9)
    il6 = {"method": "log2", "estimate": 1.0, "scale": scale, "signature": "IL6", "family_size": 2}
    il6 |= {"verdict": "supported"}
    head = of_claims(pd.DataFrame([il6 | {"method": "singscore", "scale": ""}, il6]), [], [], short=True)
    assert head.startswith(
        f"Claims: verdict, adj. p (Holm, 2), singscore size (of IL6: difference of {scale}) ["
    )


def test_voom_is_a_scale_of_its_own() -> None:
    """A gene of 0 and 10 reads: two are added in a library of mean size, by voom half a read in each."""
    adata = study()
    co = adata.obs["culture"].eq("co").to_numpy()
    adata.X[:, 0] = np.where(co, 10, 0)
    found = {test: ms.tl.genes(adata, FULL, test=test) for test in ("trend", "voom")}
    rows = {test: table[table["contrast"].eq("co_in_parental")].iloc[0] for test, table in found.items()}
    told = {test: gene_scale.change([row["test"]]) for test, row in rows.items()}
    assert told == {"trend": "difference of log2 CPM", "voom": "difference of log2 CPM of voom"}
    assert all("the log2 fold change is" in ms.tl.explain(t.iloc[:1]).iloc[0] for t in found.values())
    gap = rows["voom"]["estimate"] - rows["trend"]["estimate"]
    assert gap == pytest.approx(
        np.log2(10.5 / 0.5) - np.log2(12 / 2), abs=0.2
    )  # libraries are not quite alike


def test_libraries_of_unlike_size_get_voom() -> None:
    for depth, test in ((1.0, "trend"), (4.0, "voom")):
        adata = study(depth=depth)
        result = ms.tl.genes(adata, FULL)
        told = result.attrs["models"][0]
        assert told["test"] == test
        assert (told["library_fold"] >= 3) == (test == "voom")
        pd.testing.assert_frame_equal(result, ms.tl.genes(adata, FULL, test=test))


def test_order_does_not_matter() -> None:
    adata = study()
    rng = np.random.default_rng(3)
    mixed = adata[rng.permutation(adata.n_obs), rng.permutation(adata.n_vars)].copy()
    for contrast in ("interaction", "resistance_in_mono"):
        ours = of(ms.tl.genes(adata, PAIRED), contrast)[NUMBERS]
        theirs = of(ms.tl.genes(mixed, PAIRED), contrast)[NUMBERS].loc[ours.index]
        np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-10)


def test_sparse_views_and_files_give_the_same(tmp_path: Path) -> None:
    from scipy import sparse

    adata = study()
    known = ms.tl.genes(adata, FULL)
    adata.X = sparse.csr_matrix(adata.X)
    pd.testing.assert_frame_equal(ms.tl.genes(adata, FULL), known)
    pd.testing.assert_frame_equal(ms.tl.genes(adata[:, :], FULL), known)
    adata.write_h5ad(tmp_path / "a.h5ad")
    backed = ad.read_h5ad(tmp_path / "a.h5ad", backed="r")
    pd.testing.assert_frame_equal(ms.tl.genes(backed, FULL), known, check_categorical=False)
    backed.file.close()


def test_strata_are_analysed_separately() -> None:
    early, late = study(seed=1), study(seed=2)
    both = ad.concat({"6h": early, "24h": late}, label="time", index_unique="_")
    result = ms.tl.genes(both, ms.Design(culture="culture", line="line", time="time"))
    assert len(result) == 2 * 5 * 300
    for stratum, own in result.groupby("stratum"):
        alone = ms.tl.genes(early if "6h" in stratum else late, FULL)
        pd.testing.assert_frame_equal(
            own[["gene", "contrast", *NUMBERS]].reset_index(drop=True), alone[["gene", "contrast", *NUMBERS]]
        )


@pytest.mark.parametrize("test", ["trend", "voom"])
def test_level_of_the_interaction(test: str) -> None:
    """Twelve samples of null counts, three per arm: 4 studies of 1,000 genes, within 4 Monte Carlo SE."""
    p = [
        of(ms.tl.genes(study(genes=1000, seed=seed), FULL, test=test), "interaction")["p"].dropna()
        for seed in range(4)
    ]
    p = np.concatenate(p)
    assert len(p) > 3000
    assert abs((p < 0.05).mean() - 0.05) < 4 * np.sqrt(0.05 * 0.95 / len(p))
    assert bh(p).min() > 0.05


def test_genes_of_the_demo_that_respond_are_found() -> None:
    """Put in by scripts/simulate_demo.py: EMT +0.3 in parental, +1.2 in resistant cells, IL-6 +0.8, +1.3."""
    adata = ms.ds.demo()
    design = ms.Design(culture="culture", line="line", pair="pair", inhibitor="inhibitor")
    result = ms.tl.genes(adata, design)
    part = _programmes().reindex(adata.var_names).to_numpy()
    expected = {
        "co_in_parental": {"emt": 0.3, "il6_stat3": 0.8, "cell_cycle": -0.3},
        "co_in_resistant": {"emt": 1.2, "il6_stat3": 1.3, "cell_cycle": -0.3},
        "interaction": {"emt": 0.9, "il6_stat3": 0.5, "cell_cycle": 0.0},
        "reversal_JAKi_A_in_resistant": {"emt": 0.96, "il6_stat3": 1.04, "cell_cycle": 0.0},
    }
    for contrast, effects in expected.items():
        rows = of(result, contrast)
        for programme, effect in effects.items():
            # Stroma and low counts blur single genes: a median over 70 genes or more is within 0.2.
            assert rows.loc[part == programme, "estimate"].median() == pytest.approx(effect, abs=0.2)
        called = (rows["p_adj"] < 0.05).to_numpy()
        assert called[part == "none"].mean() < 0.03
    resistant = of(result, "co_in_resistant")
    assert (resistant.loc[part == "il6_stat3", "p_adj"] < 0.05).mean() > 0.7
    assert (resistant.loc[part == "il6_stat3", "estimate"] > 0).mean() > 0.95


def _programmes() -> pd.Series:
    """Programme of every gene of the demo; "none" for genes that stroma does not bring along either."""
    file = Path(__file__).resolve().parents[1] / "data" / "demo" / "genes.csv"
    table = pd.read_csv(file, index_col=0, keep_default_na=False)
    plain = (table["programme"] == "") & (table["level"] == "")
    return table["programme"].mask(plain, "none").mask((table["programme"] == "") & ~plain, "stroma")


def test_a_contrast_without_answer_has_its_reason() -> None:
    adata = study()
    few = adata[[*range(9), 9]].copy()  # one sample of resistant cells in co-culture
    with pytest.warns(ms.InputWarning, match="cannot be estimated"):
        result = ms.tl.genes(few, FULL)
    lost = of(result, "interaction")
    assert len(lost) == 300
    assert lost[NUMBERS].isna().all(axis=None)
    assert lost["test"].str.startswith("not estimable: one replicate in resistant:co").all()
    assert of(result, "co_in_parental")["p"].notna().any()


def test_a_contrast_whose_genes_are_all_too_low_has_none() -> None:
    adata = study()
    adata.X = np.ones_like(adata.X)
    result = ms.tl.genes(adata, FULL)
    assert (result["test"] == "not tested: too few counts").all()
    assert result.attrs["models"][0]["genes_kept"] == 0


def test_logs_that_are_logs_no_more_are_told() -> None:
    adata = study()
    log = np.log2(adata.X + 1.5)
    centred = log - log.mean(axis=0)
    for x, said in (
        (np.rint(log), r"rounded to whole numbers, 0 to \d+"),
        (centred, "lie around 0 gene by gene"),
        (centred / np.maximum(centred.std(axis=0, ddof=1), 1e-9), "scaled gene by gene"),
    ):
        adata.X = x
        with pytest.warns(ms.InputWarning, match=said):
            ms.tl.genes(adata, FULL)
    adata.X = log
    ms.tl.genes(adata, FULL)


def test_bad_input_gives_no_number() -> None:
    adata = study()
    with pytest.raises(ms.InputError, match="test='limma' is not one of auto, trend, voom"):
        ms.tl.genes(adata, FULL, test="limma")
    with pytest.raises(ms.InputError, match="alpha is 5"):
        ms.tl.genes(adata, FULL, alpha=5)
    with pytest.raises(ms.InputError, match="There is no layer 'raw'"):
        ms.tl.genes(adata, FULL, layer="raw")
    logged = adata.copy()
    logged.X = np.log2(adata.X + 1.5)
    with pytest.raises(ms.InputError, match=r"voom needs counts, but adata\.X holds log expression"):
        ms.tl.genes(logged, FULL, test="voom")
    million = adata.copy()
    million.X = adata.X / adata.X.sum(axis=1, keepdims=True) * 1e6
    with pytest.raises(ms.InputError, match=r"holds tpm. Run ms.pp.lognorm\(adata\) first"):
        ms.tl.genes(million, FULL)
    empty = adata.copy()
    empty.X[2] = 0
    with pytest.raises(ms.InputError, match=r"1 rows of adata\.X have no counts: s2"):
        ms.tl.genes(empty, FULL)
    missing = logged.copy()
    missing.X[0, 0] = np.nan
    with pytest.raises(ms.InputError, match="NaN or infinite"):
        ms.tl.genes(missing, FULL)
    twice = adata.copy()
    twice.var_names = ["G1", *twice.var_names[1:]]
    with pytest.raises(ms.InputError, match="occur more than once"):
        ms.tl.genes(twice, FULL)


class Golden:
    """Inputs and tables of limma."""

    def __init__(self, shared: Path) -> None:
        self.folder = shared / BULK
        self.samples = self.table("samples")

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(next(self.folder.glob(f"{name}.tsv*")), sep="\t", index_col=0)

    def adata(self, name: str, *columns: str) -> ad.AnnData:
        frame = self.table(name)
        obs = self.samples.loc[frame.columns, ["culture", "line", *columns]]
        adata = ad.AnnData(frame.to_numpy(float).T, obs=obs, var=pd.DataFrame(index=frame.index))
        adata.uns["marrowsig"] = {"input": {"kind": "log" if name == "expr" else "counts"}}
        return adata


@pytest.fixture(scope="module")
def limma(shared: Path) -> Golden:
    return Golden(shared)


def agree(result: pd.DataFrame, table: pd.DataFrame, rtol: float, *, adjusted: bool = True) -> None:
    pairs = {"logFC": "estimate", "t": "stat", "P": "p", **({"adjP": "p_adj"} if adjusted else {})}
    for contrast, theirs in LIMMA.items():
        ours = of(result, contrast).loc[table.index]
        for column, name in pairs.items():
            # Differences of means that cancel are judged on the scale of the column.
            scale = np.abs(table[f"{column}.{theirs}"]).max()
            np.testing.assert_allclose(
                ours[name], table[f"{column}.{theirs}"], rtol=rtol, atol=1e-12 * scale, err_msg=name
            )
        np.testing.assert_allclose(ours["df"], table["df.total"], rtol=rtol)
        np.testing.assert_allclose(ours["ave_expr"], table["AveExpr"], rtol=rtol)


@pytest.mark.shared
@pytest.mark.parametrize(("test", "name"), [("trend", "limma_trend_logcpm"), ("voom", "voom_basic")])
def test_counts_equal_edger_and_limma(limma: Golden, test: str, name: str) -> None:
    """From counts on: filterByExpr, TMM, log2 CPM or voom, eBayes."""
    result = ms.tl.genes(limma.adata("counts"), FULL, test=test)
    agree(result, limma.table(f"out_limma/{name}"), EXACT)
    kept = limma.table("out_limma/filterByExpr")["by_group"] == 1
    pd.testing.assert_series_equal(of(result, "interaction")["p"].notna(), kept, check_names=False)
    hyper = limma.table("out_limma/limma_hyperparameters").loc[name]
    told = result.attrs["models"][0]
    assert told["prior_df"] == pytest.approx(hyper["df.prior"], rel=EXACT)
    assert told["genes_kept"] == hyper["n_rows"]


@pytest.mark.shared
def test_log_expression_equals_limma(limma: Golden) -> None:
    adata = limma.adata("expr")
    robust = ms.tl.genes(adata, FULL, robust=True)
    agree(robust, limma.table("out_limma/limma_trend_robust_nonconstant"), ROBUST)
    # In this table constant genes take part in the prior; of the verb they do not.
    table = limma.table("out_limma/limma_trend")
    plain = ms.tl.genes(adata, FULL)
    for contrast, theirs in LIMMA.items():
        ours = of(plain, contrast)
        both = table.index[ours.loc[table.index, "p"].notna()]
        assert set(table.index[table["sigma"] == 0]) == set(table.index) - set(both)
        # Rounding of values of this size is 1e-15.
        np.testing.assert_allclose(
            ours.loc[both, "estimate"], table.loc[both, f"logFC.{theirs}"], rtol=EXACT, atol=1e-13
        )
        np.testing.assert_allclose(ours.loc[both, "ave_expr"], table.loc[both, "AveExpr"], rtol=EXACT)


@pytest.mark.shared
def test_donors_as_batch_equal_limma(limma: Golden) -> None:
    table = limma.table("out_limma/limma_fixed_donor")
    design = ms.Design(culture="culture", line="line", batch="donor")
    result = ms.tl.genes(limma.adata("expr", "donor"), design)
    for contrast, theirs in LIMMA.items():
        ours = of(result, contrast).loc[table.index]
        np.testing.assert_allclose(ours["estimate"], table[f"logFC.{theirs}"], rtol=EXACT, atol=1e-13)


def test_genes_that_do_not_vary_are_counted_aloud(monkeypatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("marrowsig._log.logger.info", lambda text, *args: said.append(text % args))
    adata = ms.ds.toy()
    ms.pp.lognorm(adata)
    del adata.layers["counts"]
    adata.X[:, :7] = 1.0
    found = ms.tl.genes(adata, ms.Design(culture="culture", line="line", pair="pair"), test="trend")
    assert "do not vary within the arms" in said[-1]
    assert "7 in co_in_parental" in said[-1]
    assert found.loc[found["contrast"] == "interaction", "p"].isna().sum() == 7


def donors_in_both_lines(n: int, *, genes: int, seed: int) -> ad.AnnData:
    """Log expression; each donor answers to co-culture in its own way, alike in both lines. Nothing moves."""
    rng = np.random.default_rng(seed)
    cells = itertools.product(["parental", "resistant"], ["mono", "co"], range(n))
    obs = pd.DataFrame(cells, columns=["line", "culture", "donor"]).assign(
        donor=lambda x: "d" + x.donor.astype(str)
    )
    answer = (
        rng.normal(size=(n, genes))[np.tile(np.arange(n), 4)] * (obs["culture"] == "co").to_numpy()[:, None]
    )
    logs = rng.uniform(3, 9, genes) + answer + rng.normal(size=answer.shape)
    return ad.AnnData(
        logs, obs=obs.rename(index=str), var=pd.DataFrame(index=[f"G{g}" for g in range(genes)])
    )


def over_lines() -> ms.FormulaDesign:
    levels = {"line": ["parental", "resistant"], "culture": ["mono", "co"], "donor": "d0"}
    return ms.Design.from_formula("~ line * culture + donor", levels=levels, contrasts={"mean": "co - mono"})


def test_an_average_over_lines_is_of_one_number_per_donor() -> None:
    """As limma on the averages of each donor's rows: mono and co of both lines, in pairs."""
    n, adata = 4, donors_in_both_lines(4, genes=600, seed=5)
    result = ms.tl.genes(adata, over_lines())
    mean = adata.X.reshape(2, 2, n, -1).mean(axis=0).reshape(2 * n, -1)
    X = np.column_stack([np.tile(np.eye(n), (2, 1)), np.repeat([0.0, 1.0], n)])
    theirs = by_hand(mean, X, np.eye(n + 1)[-1])
    for name in NUMBERS:
        np.testing.assert_allclose(result[name], theirs[name], rtol=EXACT, atol=1e-12)
    own = mean[n:] - mean[:n]
    np.testing.assert_allclose(result["estimate"], own.mean(axis=0), atol=1e-12)
    assert result["test"].str.endswith(", 4 numbers, one per 'donor'").all()
    # Without a prior to borrow from, the t of the signature is that of the donors' numbers, by scipy.
    few = adata[:, :40].copy()
    one = ms.sig.Signature("emt.mine", axis="emt", genes=list(few.var_names[:12]))
    found = ms.tl.gene_sets(few, over_lines(), signatures=one, n_rotations=99).iloc[0]
    told = stats.ttest_1samp(own[:, :12].mean(axis=1), 0)
    np.testing.assert_allclose([found["stat"], found["p"]], [told.statistic, told.pvalue], rtol=1e-9)
    assert found["df"] == n - 1


@pytest.mark.parametrize("n", [3, 4])
def test_an_average_over_lines_holds_its_level(n: int) -> None:
    """5,000 genes: 0.05 within four errors of 0.003; by the residuals of all rows it is 0.08 to 0.11."""
    p = ms.tl.genes(donors_in_both_lines(n, genes=5000, seed=n), over_lines())["p"]
    assert abs((p < 0.05).mean() - 0.05) < 0.0125


def test_averages_of_weighted_counts_keep_their_precision() -> None:
    """One over the variance of a mean of independent values, in closed form."""
    from marrowsig.tl._own_sides import own_sides

    adata = donors_in_both_lines(3, genes=5, seed=0)
    sides = own_sides(over_lines().plans(adata.obs)[0])
    weights = np.random.default_rng(0).uniform(0.5, 4, adata.shape)
    w = weights.reshape(2, 2, 3, 5)[:, ::-1]  # co first
    np.testing.assert_allclose(sides.precision(weights), (4 / (1 / w).sum(axis=0)).reshape(6, 5), rtol=1e-12)
