"""Contrasts as text: brackets and factors as arithmetic has them, and what is said of what cannot be read."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import marrowsig as ms
from marrowsig._contrast_text import weights_of
from marrowsig.tl.compare import compare

NAMES = ["IL22:24", "Mock:24", "IL22:3", "Mock:3"]
LEVELS = {"condition": ["Mock", "IL22"], "time_h": "3"}
FORMULA = ms.Design.from_formula

terms = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["2", "0.5", "1/3"]), st.sampled_from(["*", " * "]), inner).map("".join),
        st.tuples(inner, st.sampled_from([" / 2", " * 0.25"])).map("".join),
    ),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(terms, min_size=1, max_size=3), st.sampled_from([" + ", " - "]))
def test_weights_are_those_of_arithmetic(parts: list[str], sign: str) -> None:
    """Python's own reading of the same text, at values of the cells that no other sum of few terms has."""
    text = sign.join(parts)
    values = dict(zip(NAMES, np.sqrt([2.0, 3.0, 5.0, 7.0]), strict=True))
    python = re.sub("|".join(NAMES), lambda found: repr(float(values[found[0]])), text)
    weights = weights_of(text)
    ours = sum(w * values[":".join(key) if isinstance(key, tuple) else key] for key, w in weights.items())
    assert ours == pytest.approx(eval(python), abs=1e-9)


@pytest.mark.parametrize(
    "text", ["", "()", "a -", "- ", "a b", "a - - b", "(a - b", "a - b)", "a / 0 - b", "1/0*a - b", "a -b"]
)
def test_what_is_no_contrast_is_refused(text: str) -> None:
    with pytest.raises(ms.DesignError, match="cannot be read"):
        weights_of(text)


def test_names_keep_the_signs_that_are_theirs() -> None:
    assert weights_of("MSC+ - MSC-") == {"MSC+": 1.0, "MSC-": -1.0}
    assert weights_of("(TNF-a:24 - no(ctrl):24) / 2") == {("TNF-a", "24"): 0.5, ("no(ctrl)", "24"): -0.5}
    assert weights_of("np.log2(dose)") == {"np.log2(dose)": 1.0}
    assert weights_of("24 - 3") == {"24": 1.0, "3": -1.0}


def course() -> pd.DataFrame:
    rows = [(c, t) for c in ("Mock", "IL22", "IFNL") for t in (3, 24) for _ in range(3)]
    return pd.DataFrame(rows, columns=["condition", "time_h"], index=[f"s{i}" for i in range(len(rows))])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("IL22:24-Mock:24", "signs need blanks around them. Write 'IL22:24 - Mock:24'."),
        (
            "IL22.24-Mock.24",
            "levels are joined by ':', signs need blanks around them. Write 'IL22:24 - Mock:24'.",
        ),
        ("IFNL:24 - Mock:24", "levels= leaves out 'IFNL' of 'condition'"),
        ("condition=IFNL - condition=Mock", "leaves out 'condition=IFNL' of 'condition'"),
        ("IL-22 - Mock", "Did you mean 'IL22'?"),
    ],
)
def test_what_is_meant_is_said(asked: str, said: str) -> None:
    design = FORMULA("~ condition * time_h", levels=LEVELS, contrasts=[asked])
    with pytest.raises(ms.DesignError, match=re.escape(said)):
        design.check(course())


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("~ condition + (1|plate)", "random effect, which is not offered. What recurs is a term, '+ plate'"),
        ("~ condition * factor(time_h)", "A column is a factor by itself where levels= names it"),
        ("~ condition * sqrt(time_h)", "sqrt() is written np.sqrt()"),
    ],
)
def test_the_words_of_r_are_told_apart(formula: str, said: str) -> None:
    design = FORMULA(formula, levels={"condition": "Mock"}, contrasts=["IL22 - Mock"])
    with pytest.raises(ms.DesignError, match=re.escape(said)):
        design.check(course())


def test_a_confounded_column_is_named_with_its_rows() -> None:
    obs = course()[lambda o: o["time_h"].eq(3) & o["condition"].ne("IFNL")].assign(run=["a"] * 3 + ["b"] * 3)
    levels = {"condition": ["Mock", "IL22"], "run": "a"}
    design = FORMULA("~ condition + run", levels=levels, contrasts=["IL22 - Mock"])
    with pytest.raises(ms.DesignError) as error:
        design.check(obs)
    told = str(error.value)
    assert (
        "cannot be told apart from 'run' ('run': a is Mock only, 3 rows: s0, s1, s2, b is IL22 only" in told
    )
    assert "with 'run' left out, the answer is of both together" in told
    with pytest.raises(ms.DesignError, match="the answer is of both together"):
        ms.Design(culture="condition", mono="Mock", co="IL22", batch="run").check(obs)


def test_an_average_over_cells_without_rows_is_told() -> None:
    obs = course()[lambda o: ~(o["time_h"].eq(24) & o["condition"].eq("IL22"))]
    contrasts = {"all": "IL22 - Mock", "early": "IL22:3 - Mock:3"}
    table = FORMULA("~ condition * time_h", levels=LEVELS, contrasts=contrasts).contrasts(obs)
    assert table["reason"].tolist()[0].startswith("no rows in IL22:24, over which it is averaged")
    assert table["estimable"].tolist() == [False, True]


def scored(obs: pd.DataFrame, seed: int = 0) -> object:
    from anndata import AnnData

    adata = AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    values = np.random.default_rng(seed).normal(size=(len(obs), 1))
    adata.obsm["score_mean"] = pd.DataFrame(values, index=obs.index, columns=["x.y"])
    return adata


def test_cells_are_compared_where_a_number_stands() -> None:
    """Where the slopes differ, by the normal equations at the value; 1e-9 is far above rounding."""
    obs = course()[lambda o: o["condition"].ne("IFNL")].assign(dose=np.linspace(0, 5, 12))
    adata = scored(obs)
    y, treated = adata.obsm["score_mean"]["x.y"].to_numpy(), obs["condition"].eq("IL22").to_numpy(float)
    X = np.column_stack([np.ones(12), treated, obs["dose"], treated * obs["dose"]])
    inverse = np.linalg.inv(X.T @ X)
    beta = inverse @ X.T @ y
    variance = ((y - X @ beta) ** 2).sum() / 8 * inverse
    for at, value, told in (({}, 2.5, "compared at 2.5, its mean"), ({"dose": 1}, 1.0, "compared at 1)")):
        design = FORMULA("~ condition * dose", levels={"condition": "Mock"}, contrasts=["IL22 - Mock"], at=at)
        line = compare(adata, design).iloc[0]
        c = np.array([0, 1, 0, value])
        assert line["estimate"] == pytest.approx(c @ beta, abs=1e-9)
        assert line["se"] == pytest.approx(np.sqrt(c @ variance @ c), abs=1e-9)
        assert told in line["test"]
        assert told in design.describe(obs)
        assert design.to_dict().get("at", {}) == at
    plain = FORMULA("~ condition + dose", levels={"condition": "Mock"}, contrasts=["IL22 - Mock"])
    assert "compared" not in plain.describe(obs)
    for wrong in ({"time_h": 1}, {"dose": "x"}):
        with pytest.raises(ms.DesignError, match="at= "):
            FORMULA("~ condition + dose", levels={"condition": "Mock"}, contrasts=["dose"], at=wrong).check(
                obs
            )


def test_welch_of_a_formula_is_that_of_its_cells() -> None:
    """Of two arms as scipy has it, and of an interaction as the same arms of a Design."""
    from scipy import stats

    obs = course()[lambda o: o["condition"].ne("IFNL")]
    adata = scored(obs)
    contrasts = ["IL22:24 - Mock:24", "IL22:24 - Mock:24 - IL22:3 + Mock:3"]
    ours = compare(adata, FORMULA("~ condition * time_h", levels=LEVELS, contrasts=contrasts))
    cell = obs["condition"] + obs["time_h"].astype(str)
    values = adata.obsm["score_mean"]["x.y"]
    theirs = stats.ttest_ind(values[cell == "IL2224"], values[cell == "Mock24"], equal_var=False)
    assert ours["p_welch"][0] == pytest.approx(theirs.pvalue, rel=1e-9)
    fields = {"mono": "Mock", "co": "IL22", "line": "time_h", "parental": 3, "resistant": 24}
    same = compare(adata, ms.Design(culture="condition", **fields)).set_index("contrast").loc["interaction"]
    assert ours["p_welch"][1] == pytest.approx(same["p_welch"], rel=1e-9)
    assert ours["df_welch"][1] == pytest.approx(same["df_welch"], rel=1e-9)
    per_row = obs.assign(who=[f"d{i % 3}" for i in range(len(obs))])
    levels = LEVELS | {"who": "d0"}
    paired = FORMULA("~ condition * time_h + who", levels=levels, contrasts=contrasts, unit="who")
    found = compare(scored(per_row), paired)
    at = {cell: rows["y"].to_numpy() for cell, rows in obs.assign(y=values).groupby(["condition", "time_h"])}
    gain = [at["IL22", hours] - at["Mock", hours] for hours in (24, 3)]
    own = [stats.ttest_1samp(differences, 0).pvalue for differences in (gain[0], gain[0] - gain[1])]
    np.testing.assert_allclose(found["p_welch"], own, rtol=1e-9)
    assert (
        compare(adata, FORMULA("~ condition", levels={"condition": "Mock"}, contrasts=["IL22 - Mock"]))[
            "p_welch"
        ]
        .notna()
        .all()
    )


def test_welch_of_donors_in_one_line_each_is_that_of_a_design() -> None:
    rows = [
        (line, c, f"{line[0]}{i}")
        for line in ("parental", "resistant")
        for c in ("mono", "co")
        for i in range(3)
    ]
    obs = pd.DataFrame(rows, columns=["line", "culture", "donor"], index=[f"s{i}" for i in range(12)])
    adata = scored(obs)
    levels = {"line": ["parental", "resistant"], "culture": ["mono", "co"], "donor": "p0"}
    gain = {"gain": "resistant:co - resistant:mono - parental:co + parental:mono"}
    ours = compare(adata, FORMULA("~ line * culture + donor", levels=levels, contrasts=gain)).iloc[0]
    design = ms.Design(culture="culture", line="line", pair="donor")
    theirs = compare(adata, design).set_index("contrast").loc["interaction"]
    names = ["estimate", "p", "p_welch", "df_welch"]
    np.testing.assert_allclose(ours[names].astype(float), theirs[names].astype(float), rtol=1e-9)
    part = adata[1:].copy()  # r0's and p0's partners: one lost row leaves its donor without a contrast
    assert (
        compare(part, FORMULA("~ line * culture + donor", levels=levels | {"donor": "p1"}, contrasts=gain))[
            "p"
        ]
        .notna()
        .all()
    )


def test_codes_of_batches_as_numbers_are_told() -> None:
    obs = (
        course()[lambda o: o["condition"].ne("IFNL")]
        .assign(run=[1, 2, 3] * 4, dose=[1, 2, 3] * 4)
        .drop(columns="time_h")
    )
    levels = {"condition": ["Mock", "IL22"]}
    with pytest.warns(
        ms.InputWarning, match=r"'run' holds numbers \(1, 2, 3\) and gets one slope.*'run': \['1'"
    ):
        FORMULA("~ condition + run", levels=levels, contrasts=["IL22 - Mock"]).check(obs)
    with pytest.warns(ms.InputWarning, match=r"'run' holds .* batch='run', not covariates="):
        ms.Design(culture="condition", mono="Mock", co="IL22", covariates="run").check(obs)
    FORMULA("~ condition + dose", levels=levels, contrasts=["IL22 - Mock"]).check(obs)
    FORMULA("~ condition + run", levels=levels | {"run": ["1", "2", "3"]}, contrasts=["IL22 - Mock"]).check(
        obs
    )
