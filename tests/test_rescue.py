"""`ms.tl.rescue` against `compare`, scipy, statsmodels, and what its words promise."""

from __future__ import annotations

import itertools

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig._paths import resource
from marrowsig._report.rescue_tables import folds
from marrowsig.tl.compare import compare
from marrowsig.tl.rescue import COLUMNS, rescue

ID = "il6.one"
ARMS = [("mono", "none"), ("co", "none"), ("co", "A"), ("co", "B")]
ONE = ms.Design(culture="culture", inhibitor="drug")
PAIRED = ms.Design(culture="culture", line="line", inhibitor="drug", pair="pair")


def study(
    means: dict[str, list[float]] | None = None, *, n: int = 4, sd: float = 0.1, seed: int = 0, runs: int = 3
) -> ad.AnnData:
    """Two lines, four arms each; `means` gives the arms' means per line."""
    means = means or {"parental": [0.0, 1.0, 0.4, 0.9], "resistant": [0.1, 2.0, 0.6, 1.9]}
    rows = [
        {"line": line, "culture": culture, "drug": drug, "pair": f"{line[0]}{i}", "y": mean}
        for line in means
        for (culture, drug), mean in zip(ARMS, means[line], strict=False)
        for i in range(n)
    ]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    rng = np.random.default_rng(seed)
    own = {pair: rng.normal(0, 0.5, runs) for pair in obs["pair"].unique()}
    values = rng.normal(0, sd, (len(rows), runs)) + obs[["y"]].to_numpy() + [own[p] for p in obs["pair"]]
    names = [ID, "emt.two", "stat3.three"] if runs == 3 else [f"null.n{i}" for i in range(runs)]
    return with_scores(obs.drop(columns="y"), pd.DataFrame(values, index=obs.index, columns=names[:runs]))


def with_scores(obs: pd.DataFrame, scores: pd.DataFrame) -> ad.AnnData:
    adata = ad.AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    adata.obsm["score_singscore"] = scores
    return adata


def exact(*means: float, spread: float = 0.1, n: int = 4) -> ad.AnnData:
    """One line whose arms have these means, and the same deviations in every arm."""
    shape = np.linspace(-1, 1, n) * spread
    rows = [
        {"culture": c, "drug": d, "y": m + e}
        for ((c, d), m), e in itertools.product(zip(ARMS, means, strict=False), shape)
    ]
    obs = pd.DataFrame(rows).rename(index=lambda i: f"s{i}")
    return with_scores(obs[["culture", "drug"]], obs[["y"]].rename(columns={"y": ID}))


def only(result: pd.DataFrame, kind: str = "line", **levels: str) -> pd.Series:
    keep = (result["kind"] == kind) & (result["signature"] == levels.pop("signature", ID))
    for name, value in levels.items():
        keep &= result[name] == value
    return result[keep].squeeze()


def test_rows_and_columns() -> None:
    result = rescue(study(), PAIRED)
    assert tuple(result.columns) == COLUMNS
    # Per signature: 2 lines x 2 inhibitors, 2 differences, and the inhibitors together in 2 lines.
    assert result["kind"].value_counts().to_dict() == {
        "line": 12,
        "between lines": 6,
        "inhibitors together": 6,
    }
    assert (result[["n_mono", "n_co", "n_treated", "n_pairs"]] == 4).all(axis=None)
    assert (result["family_size"] == 3).all()
    assert set(result["fully_reversed"]) == {"no margin declared", ""}
    assert (result["sentence"].str.len() > 0).all()


@pytest.mark.parametrize("design", [PAIRED, ms.Design(culture="culture", line="line", inhibitor="drug")])
def test_contrasts_are_those_of_compare(design: ms.Design) -> None:
    adata = study()
    result, compared = rescue(adata, design), compare(adata, design).set_index(["signature", "contrast"])
    for line, inhibitor in itertools.product(["parental", "resistant"], ["A", "B"]):
        ours = only(result, line=line, inhibitor=inhibitor)
        names = {
            "induction": f"co_in_{line}",
            "reversal": f"reversal_{inhibitor}_in_{line}",
            "residual": f"residual_{inhibitor}_in_{line}",
        }
        for part, contrast in names.items():
            theirs = compared.loc[(ID, contrast)]
            np.testing.assert_allclose(
                ours[[part, f"{part}_low", f"{part}_high", "df"]].astype(float),
                theirs[["estimate", "ci_low", "ci_high", "df"]].astype(float),
                rtol=1e-12,
                atol=1e-14,
            )
            if part != "residual":
                np.testing.assert_allclose(ours[f"{part}_p_adj"], theirs["p_adj"], rtol=1e-10)
    interaction = compared.loc[(ID, "interaction")]
    np.testing.assert_allclose(
        only(result, "between lines", inhibitor="A")[["induction", "induction_p"]].astype(float),
        interaction[["estimate", "p"]].astype(float),
        rtol=1e-10,
    )


def test_difference_between_lines_equals_statsmodels() -> None:
    import statsmodels.api as sm

    adata = study()
    arm = pd.get_dummies(adata.obs["line"].str[0] + adata.obs["culture"] + adata.obs["drug"], dtype=float)
    # One pair of each line is the sum of the line's arms less the other pairs.
    pair = pd.get_dummies(adata.obs["pair"], dtype=float).drop(columns=["p0", "r0"])
    fitted = sm.OLS(adata.obsm["score_singscore"][ID], arm.join(pair)).fit()
    theirs = fitted.t_test("rconone - rcoA - pconone + pcoA = 0")
    row = only(rescue(adata, PAIRED, alpha=0.1), "between lines", inhibitor="A")
    ours = row[["reversal", "reversal_p", "reversal_low", "reversal_high"]].astype(float)
    p = float(np.squeeze(theirs.pvalue))
    np.testing.assert_allclose(ours, [theirs.effect[0], p, *theirs.conf_int(0.1)[0]], rtol=1e-9)
    assert row["line"] == "resistant - parental"
    assert row["verdict"] == "more downward in resistant"


def test_pairs_with_one_inhibitor_equal_differences_of_pairs() -> None:
    """With two arms a pair, the reversal is scipy's paired t; Fieller's ends solve it at every ratio."""
    adata = study({"parental": [0.0, 1.0, 0.4]}, n=5)
    design = ms.Design(culture="culture", inhibitor="drug", pair="pair")
    row = only(rescue(adata, design))
    y = adata.obsm["score_singscore"][ID].to_numpy().reshape(3, 5)
    X = np.hstack([np.repeat(np.eye(3), 5, axis=0), np.tile(np.eye(5), (3, 1))])
    pseudo, residual = np.linalg.pinv(X), y.ravel() - X @ np.linalg.pinv(X) @ y.ravel()
    sigma = np.sqrt(residual @ residual / 8)
    for end in (row["fraction_low"], row["fraction_high"]):
        c = np.r_[end, 1 - end, -1, np.zeros(5)]  # reversal - end x induction
        t = (c @ pseudo @ y.ravel()) / (sigma * np.linalg.norm(c @ pseudo))
        np.testing.assert_allclose(abs(t), stats.t.ppf(0.975, 8), rtol=1e-8)
    assert row["n_pairs"] == 5
    assert row["fraction_low"] < row["fraction"] < row["fraction_high"]
    adata = adata[~((adata.obs["culture"] == "mono") & adata.obs["pair"].isin(["p0", "p1", "p2"]))].copy()
    assert only(rescue(adata, design))["n_mono"] == 2


def test_unpaired_fraction_by_hand() -> None:
    row = only(rescue(exact(0.0, 1.0, 0.3), ONE))
    np.testing.assert_allclose(row[["induction", "reversal", "residual"]].astype(float), [1.0, 0.7, 0.3])
    np.testing.assert_allclose(row["fraction"], 0.7)
    assert row["fraction_kind"] == "interval"
    assert row["df"] == 9


VERDICTS = {
    "reversed in part": ((0.0, 1.0, 0.4), "still above mono"),
    "reversed": ((0.0, 1.0, 0.02), "full reversal not shown"),
    "reversed beyond the start": ((0.0, 1.0, -0.5), "now below mono"),
    "no evidence of reversal": ((0.0, 1.0, 1.01), "interval includes 0"),
    "raised further by inhibitor": ((0.0, 1.0, 1.5), "further by inhibitor, by 0.5 (95 %"),
    "induction not established": ((0.0, 0.02, 0.0), "fraction not determined"),
    "lowered by inhibitor, induction not established": ((0.0, 0.02, -1.0), "lowered by 1.02 (95 %"),
    "raised by inhibitor, induction not established": ((0.0, 0.02, 1.02), "raised by 1 (95 %"),
}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_verdicts_of_known_means(verdict: str) -> None:
    means, words = VERDICTS[verdict]
    row = only(rescue(exact(*means), ONE))
    assert row["verdict"] == verdict
    assert words in row["sentence"]
    assert row["sentence"].startswith("A: ")


@pytest.mark.parametrize(
    ("means", "verdict", "words"),
    [
        ((0.0, -1.0, -0.4), "reversed in part", "60 % (95 % interval 48 to 72 %) of the fall; still below"),
        ((0.0, -1.0, 0.5), "reversed beyond the start", "now above mono"),
        ((0.0, -1.0, -1.5), "lowered further by inhibitor", "by 0.5 (95 % interval 0.362 to 0.638)"),
        ((0.0, -1.0, -0.98), "no evidence of reversal", "of the fall"),
    ],
)
def test_a_fall_in_coculture_is_reversed_by_a_rise(means: tuple, verdict: str, words: str) -> None:
    row = only(rescue(exact(*means), ONE))
    assert row["verdict"] == verdict
    assert words in row["sentence"]


@pytest.mark.parametrize(
    ("means", "margin", "answer"),
    [
        ((0.0, 1.0, 0.02), None, "no margin declared"),
        ((0.0, 1.0, 0.02), 0.2, "yes"),
        ((0.0, 1.0, 0.02), 0.05, "not shown"),
        ((0.0, 1.0, 0.15), 0.2, "not shown"),
        ((0.0, 1.0, 0.4), 0.2, "no"),
        ((0.0, 1.0, -0.4), 0.2, "no"),
        ((0.0, 0.02, 0.02), 0.2, "induction not established"),
        ((0.0, 1.0, 0.02), 1.1, "margin not below the induction"),
        # Nothing was reversed, however near to cells alone.
        ((0.0, 0.5, 0.35), 0.49, "not shown"),
    ],
)
def test_fully_reversed_needs_the_interval_inside_the_margin(
    means: tuple, margin: float | None, answer: str
) -> None:
    row = only(rescue(exact(*means, spread=0.12), ONE, margin=margin))
    assert row["fully_reversed"] == answer
    if margin is not None:
        inside = -margin < row["equivalence_low"] and row["equivalence_high"] < margin
        assert (row["equivalence_p"] < 0.05) == inside
        assert inside or answer != "yes"
    assert (row["verdict"] == "reversed to within the margin") == (answer == "yes")
    half = stats.t.ppf(0.95, 9) / stats.t.ppf(0.975, 9)
    np.testing.assert_allclose(
        row["equivalence_high"] - row["residual"], half * (row["residual_high"] - row["residual"])
    )


def test_noise_that_hides_a_residual_is_no_full_reversal() -> None:
    """p of the residual is large in each, and in none of them may that be read as a full reversal."""
    result = rescue(study(sd=2.0, n=3, seed=5, runs=400), PAIRED, margin=0.5)
    lines = result[result["kind"] == "line"]
    assert (lines["residual_low"] < 0).mean() > 0.5
    assert (lines["fully_reversed"] != "yes").all()


def test_between_two_cell_lines_there_is_a_difference_and_no_induction() -> None:
    """Lines given as culture: nothing was induced, in no sentence, head of a table or figure."""
    adata = exact(0.0, 1.0, 0.4, 0.9)
    adata.obs["cells"] = adata.obs["culture"].map({"mono": "THP-1", "co": "THP-1 VenR"}).astype(str)
    lines = ms.Design(culture="cells", mono="THP-1", co="THP-1 VenR", inhibitor="drug")
    found, as_culture = rescue(adata, lines), rescue(adata, ONE)
    told = only(found, inhibitor="A")["sentence"]
    assert "of the difference; still above THP-1." in told
    assert (
        told.replace("difference", "induction").replace("THP-1.", "mono.")
        == only(as_culture, inhibitor="A")["sentence"]
    )
    adata.obsm["score_singscore"] = exact(0.0, 0.01, 0.0, 0.0).obsm["score_singscore"]
    assert "difference not established" in set(rescue(adata, lines)["verdict"])
    ax = ms.pl.rescue(found, ID)
    drawn = [text.get_text() for text in ax.get_legend().get_texts()]
    assert drawn[0] == "difference: 'THP-1 VenR' less 'THP-1'"
    page = folds(found.assign(claim=""), "difference")[0].parts[0]
    heads = [column.name for column in page.columns]
    assert {"difference [95 % CI]", "adj. p of the difference"} < set(heads)
    everything = " ".join([*ms.tl.explain(found), *found["verdict"], *found["sentence"], *drawn, *heads])
    assert "nduction" not in everything
    assert "Induction" in ms.tl.explain(as_culture).iloc[0]


def test_unestablished_induction_leaves_the_fraction_open() -> None:
    result = rescue(study({"parental": [0, 0.05, 0, 0]}, runs=300), ONE)
    lines = result[result["kind"] == "line"]
    bounded = lines["fraction_kind"] == "interval"
    np.testing.assert_array_equal(bounded, lines["induction_p"] < 0.05)
    assert np.isinf(lines.loc[~bounded, ["fraction_low", "fraction_high"]]).all(axis=None)
    assert lines.loc[~bounded, "sentence"].str.contains("fraction not determined").all()


def test_words_follow_the_adjusted_p() -> None:
    """Among many null signatures a raw p below 0.05 makes neither an induction nor a reversal."""
    design = ms.Design(culture="culture", inhibitor="drug", pair="pair")
    result = rescue(study({"parental": [0, 0, 0]}, runs=300), design)
    raw = result["induction_p"] < 0.05
    assert raw.any()
    held = result["induction_p_adj"] < 0.05
    assert result.loc[raw & ~held, "sentence"].str.contains("after adjustment for 300 signatures").all()
    moved = result["verdict"].str.contains("reversed|further")
    assert (~moved | held).all()


def test_inhibitors_together() -> None:
    from statsmodels.stats.multitest import multipletests

    result = rescue(study(), PAIRED)
    for line in ("parental", "resistant"):
        p = [only(result, line=line, inhibitor=drug)["reversal_p"] for drug in "AB"]
        adjusted = multipletests(p, method="holm")[1]
        ours = [only(result, line=line, inhibitor=drug)["reversal_p_holm"] for drug in "AB"]
        np.testing.assert_allclose(ours, adjusted, rtol=1e-12)
        row = only(result, "inhibitors together", line=line)
        assert row["inhibitor"] == "A and B"
        np.testing.assert_allclose(row["reversal_p"], max(p))
        np.testing.assert_allclose(row["reversal_p_holm"], min(adjusted))
    assert np.isnan(row[["reversal", "residual", "fraction", "margin"]].astype(float)).all()


@pytest.mark.parametrize(
    ("means", "verdict"),
    [
        ((0.0, 1.0, 0.4, 0.5), "reversed by each"),
        ((0.0, 1.0, 1.5, 1.6), "raised further by each"),
        ((0.0, 1.0, 0.4, 1.6), "opposite directions"),
        ((0.0, 1.0, 0.4, 1.0), "established for A only"),
        ((0.0, 1.0, 1.0, 0.4), "established for B only"),
        ((0.0, 1.0, 1.02, 1.0), "not established for any"),
        ((0.0, 0.01, -1, -1.2), "lowered by each, induction not established"),
    ],
)
def test_agreement_of_two_inhibitors(means: tuple, verdict: str) -> None:
    row = only(rescue(exact(*means), ONE), "inhibitors together")
    assert row["verdict"] == verdict
    assert verdict in row["sentence"]
    if verdict == "opposite directions":
        assert row["reversal_p"] == 1
        assert "lowered by A, raised by B" in row["sentence"]


def test_level_of_both_inhibitors_when_one_acts() -> None:
    """The claim that each acts is false, and made at most at alpha, though both share one co-culture."""
    runs = 600
    adata = study({"parental": [0, 1, -9, 1]}, runs=runs, n=3)
    result = rescue(adata, ms.Design(culture="culture", inhibitor="drug", pair="pair"))
    p = result.loc[result["kind"] == "inhibitors together", "reversal_p"]
    assert (p < 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


NUMBERS = [
    *(f"{part}{tail}" for part in ("induction", "reversal", "residual") for tail in ("", "_low", "_high")),
    "induction_p_adj",
    "reversal_p_adj",
    "reversal_p_holm",
    "fraction",
    "fraction_low",
    "fraction_high",
    "equivalence_p",
]


def test_order_of_samples_does_not_matter() -> None:
    adata = study()
    shuffled = adata[np.random.default_rng(1).permutation(adata.n_obs)].copy()
    shuffled.obs["drug"] = pd.Categorical(shuffled.obs["drug"], categories=["none", "B", "A"])
    one, other = rescue(adata, PAIRED, margin=0.2), rescue(shuffled, PAIRED, margin=0.2)
    np.testing.assert_allclose(one[NUMBERS], other[NUMBERS], rtol=1e-9, atol=1e-12)
    assert (one[["verdict", "sentence"]] == other[["verdict", "sentence"]]).all(axis=None)


def test_strata_are_judged_apart() -> None:
    a, b = study(seed=1), study(seed=2)
    names = [f"t{i}" for i in range(64)]
    obs = pd.concat([a.obs.assign(hours=24), b.obs.assign(hours=6)]).set_axis(names)
    scores = pd.concat([a.obsm["score_singscore"], b.obsm["score_singscore"]]).set_axis(names)
    design = ms.Design(culture="culture", line="line", inhibitor="drug", pair="pair", time="hours")
    result = rescue(with_scores(obs, scores), design)
    later = result[result["stratum"] == "time=24"]
    np.testing.assert_array_equal(later[NUMBERS], rescue(a, PAIRED)[NUMBERS])
    assert later["sentence"].str.contains("[time=24]", regex=False).all()


def test_a_sentence_on_stroma_names_the_cells_that_it_was_grown_with() -> None:
    a, b = study(seed=1), study(seed=2)
    names = [f"t{i}" for i in range(64)]
    obs = pd.concat([a.obs.assign(site="CD45+"), b.obs.assign(site="CD90+")]).set_axis(names)
    scores = pd.concat([a.obsm["score_singscore"], b.obsm["score_singscore"]]).set_axis(names)
    design = ms.Design(culture="culture", line="line", inhibitor="drug", pair="pair", compartment="site")
    told = rescue(with_scores(obs, scores), design).set_index(["stratum", "kind"])["sentence"]
    starts = {
        key: {text.partition(" [")[0] for text in own} for key, own in told.groupby(level=[0, 1], sort=False)
    }
    lines = ("parental", "resistant")
    assert starts["compartment=CD90+", "line"] == {
        f"{drug} in stroma with {line} cells" for drug in "AB" for line in lines
    }
    assert starts["compartment=CD45+", "line"] == {
        f"{drug} in {line} cells" for drug in "AB" for line in lines
    }
    assert starts["compartment=CD90+", "between lines"] == {"A in stroma", "B in stroma"}


def test_an_arm_that_is_missing_is_named() -> None:
    adata = study()
    keep = ~((adata.obs["line"] == "parental") & (adata.obs["drug"] == "A"))
    with pytest.warns(ms.InputWarning, match=r"2 of 10 contrasts cannot be .*no rows in parental:co\+A"):
        result = rescue(adata[keep].copy(), PAIRED)
    row = only(result, line="parental", inhibitor="A")
    assert row["verdict"] == "not tested"
    assert "no rows in parental:co+A" in row["sentence"]
    assert np.isnan(row["reversal"])
    assert row["induction_p"] < 0.05
    assert only(result, "between lines", inhibitor="A")["verdict"] == "not tested"
    assert only(result, "inhibitors together", line="parental")["verdict"] == "not tested"
    assert only(result, line="parental", inhibitor="B")["reversal_p"] >= 0
    assert only(result, "between lines", inhibitor="B")["reversal_p"] >= 0


def test_what_is_missing_is_said_of_the_reversal_alone() -> None:
    """The drug was given to cells alone only: their contrasts are answered, the reversals are not."""
    adata = study()
    alone = adata[(adata.obs["culture"] == "mono") | (adata.obs["drug"] == "none")].copy()
    alone.obs.loc[alone.obs["pair"].str.endswith("3") & (alone.obs["culture"] == "mono"), "drug"] = "A"
    design = ms.Design(culture="culture", line="line", inhibitor="drug")
    with pytest.raises(ms.DesignError, match=r"^No reversal can be estimated: no rows in parental:co\+A "):
        rescue(alone, design)
    assert design.contrasts(alone.obs)["estimable"].any()


def test_a_line_without_cells_alone_has_a_reversal_but_no_fraction() -> None:
    adata = study()
    keep = ~((adata.obs["line"] == "parental") & (adata.obs["culture"] == "mono"))
    with pytest.warns(ms.InputWarning, match="no rows in parental:mono"):
        result = rescue(adata[keep].copy(), PAIRED, margin=0.1)
    row = only(result, line="parental", inhibitor="A")
    assert row["verdict"] == "lowered by inhibitor, induction not tested"
    assert np.isnan(row[["induction", "fraction", "fraction_low"]].astype(float)).all()
    assert row["fraction_kind"] == ""
    assert row["fully_reversed"] == "not tested"


def test_pairs_that_span_only_lines_leave_one_model_for_three_arms() -> None:
    """Each level of pair stands once in a line: nothing is paired within lines, the arms are still joint."""
    adata = study(n=3)
    adata.obs["pair"] = [f"{c}{d}{p[1]}" for c, d, p in adata.obs[["culture", "drug", "pair"]].to_numpy()]
    row = only(rescue(adata, PAIRED), line="parental", inhibitor="A")
    y = adata.obsm["score_singscore"][ID][adata.obs["line"] == "parental"].to_numpy().reshape(4, 3)[:3]
    se = np.sqrt(y.var(axis=1, ddof=1).mean() * 2 / 3)
    assert row["df"] == 6
    np.testing.assert_allclose(
        row["reversal_p"], 2 * stats.t.sf(abs(y[1].mean() - y[2].mean()) / se, 6), rtol=1e-10
    )
    assert "parental:co and parental:co+A and parental:mono" in row["test"]


def test_scores_without_an_answer_get_no_number() -> None:
    adata = study()
    scores = adata.obsm["score_singscore"]
    scores[ID] = np.nan
    scores.loc["s3", "emt.two"] = np.nan
    scores["stat3.three"] = 0.25
    result = rescue(adata, PAIRED, margin=0.1)
    assert result[["reversal_p", "reversal_p_adj", "fraction", "equivalence_p"]].isna().all(axis=None)
    assert set(result["verdict"]) == {"not tested"}
    lines = result[result["kind"] == "line"].set_index("signature")["sentence"]
    assert lines[ID].str.contains("too few of its genes").all()
    assert lines["emt.two"].str.contains(r"1 of 32 samples have no score \(s3\)").all()
    assert lines["stat3.three"].str.contains("do not vary").all()


def test_refusals() -> None:
    adata = study()
    with pytest.raises(ms.DesignError, match="no inhibitor"):
        rescue(adata, ms.Design(culture="culture"))
    with pytest.raises(ms.InputError, match="alpha"):
        rescue(adata, PAIRED, alpha=0.5)
    for margin in (0, -1.0, np.nan, np.inf, True):
        with pytest.raises(ms.InputError, match="positive number"):
            rescue(adata, PAIRED, margin=margin)
    adata.obsm["score_mean"] = adata.obsm["score_singscore"] * 10
    with pytest.raises(ms.InputError, match="different ones"):
        rescue(adata, PAIRED, margin=0.1)
    with pytest.raises(ms.InputError, match="names ucell"):
        rescue(adata, PAIRED, margin={"ucell": 0.1})
    result = rescue(adata, PAIRED, margin={"mean": 0.1})
    lines = result[result["kind"] == "line"]
    assert set(lines.loc[lines["method"] == "mean", "margin"]) == {0.1}
    assert lines.loc[lines["method"] == "singscore", "margin"].isna().all()
    adata = study()
    adata.obs["batch"] = adata.obs["drug"] + adata.obs["culture"]
    with pytest.raises(ms.DesignError, match="cannot be told apart from 'batch'"):
        rescue(adata, ms.Design(culture="culture", inhibitor="drug", batch="batch"))


def test_coverage_of_the_whole_verb() -> None:
    runs = 800
    result = rescue(study(sd=1.0, n=3, seed=9, runs=runs), PAIRED)
    row = result[(result["kind"] == "line") & (result["line"] == "resistant") & (result["inhibitor"] == "A")]
    bounded = row[row["fraction_kind"] == "interval"]
    truth = 1.4 / 1.9
    assert len(bounded) > 0.5 * runs
    error = np.sqrt(0.95 * 0.05 / runs)
    for part, true in (("reversal", 1.4), ("induction", 1.9), ("residual", 0.5)):
        held = (row[f"{part}_low"] <= true) & (true <= row[f"{part}_high"])
        assert abs(held.mean() - 0.95) < 3 * error, part
    # Sets without end may only miss through their gap, which the table does not tell: at least 0.95.
    held = (row["fraction_low"] <= truth) & (truth <= row["fraction_high"])
    assert held.mean() > 0.95 - 3 * error


@pytest.fixture(scope="module")
def demo() -> pd.DataFrame:
    adata = ms.ds.demo()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"], method="mean")
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    return rescue(adata, design, margin=0.1)


def test_the_simulated_study_gives_back_what_was_put_in(demo: pd.DataFrame) -> None:
    """Truth of the IL-6 genes: the share of the induction that each inhibitor takes away, 0.8 and 0.5."""
    with resource("data").joinpath("demo", "truth.csv").open("rb") as handle:
        truth = pd.read_csv(handle, keep_default_na=False)
    truth = truth[(truth["what"] == "log2_effect") & (truth["programme"] == "il6_stat3")]
    put_in = truth[truth["culture"] == "co"].set_index(["line", "inhibitor"])["value"].astype(float)
    for line, inhibitor in itertools.product(["parental", "resistant"], ["JAKi_A", "JAKi_B"]):
        row = only(demo, signature="il6.hallmark", line=line, inhibitor=inhibitor)
        assert row["fraction_kind"] == "interval"
        assert row["n_pairs"] == 4
        assert row["fraction_low"] < 1 - put_in[line, inhibitor] / put_in[line, "none"] < row["fraction_high"]
        assert row["verdict"] == "reversed in part"
        assert row["fully_reversed"] in {"no", "not shown"}
        assert f"still above {line}:mono" in row["sentence"]
    both = demo[(demo["kind"] == "inhibitors together") & (demo["signature"] == "il6.hallmark")]
    assert (both["verdict"] == "reversed by each").all()
