"""A formula's missing `line:pair`, its checks that say otherwise, and carry-over that it cannot ask."""

from __future__ import annotations

import itertools
import re
from types import SimpleNamespace

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig._carry_over_apart import ask_apart
from marrowsig._cli.run import as_options
from marrowsig._cli.run_log import of_formula
from marrowsig._pairs_in_lines import missing_term
from marrowsig._report import lead
from marrowsig._report.answer import answers

LEVELS = {"stage": ["Dx", "Rel"], "arm": ["alone", "MSC"], "donor": "P0"}
GAIN = {"gain": "Rel:MSC - Rel:alone - Dx:MSC + Dx:alone"}
FORMULA = "~ stage * arm + donor"


def study(*, apart: bool = False, n: int = 4, seed: int = 0) -> ad.AnnData:
    """Donors in both stages, or in one each; of each both arms."""
    cells = itertools.product(LEVELS["stage"], LEVELS["arm"], range(n))
    rows = [(stage, arm, f"P{i + n * (apart and stage == 'Rel')}") for stage, arm, i in cells]
    obs = pd.DataFrame(rows, columns=list(LEVELS), index=[f"s{i}" for i in range(len(rows))])
    adata = ad.AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    values = np.random.default_rng(seed).normal(size=(len(obs), 1))
    adata.obsm["score_singscore"] = pd.DataFrame(values, index=obs.index, columns=["emt.hallmark"])
    return adata


def asked(formula: str = FORMULA, contrasts: dict | None = None, **levels: object) -> ms.Design:
    return ms.Design.from_formula(formula, levels=LEVELS | levels, contrasts=contrasts or GAIN)


def squares(obs: pd.DataFrame, y: np.ndarray) -> float:
    """P of the interaction by least squares, a level for each donor in each stage."""
    late, msc = obs["stage"].eq("Rel"), obs["arm"].eq("MSC")
    blocks = pd.get_dummies(obs["stage"] + obs["donor"]).to_numpy(float)
    X = np.column_stack([late & msc, msc, blocks]).astype(float)
    b, rss, rank, _ = np.linalg.lstsq(X, y, rcond=None)
    df = len(y) - rank
    se = np.sqrt(rss[0] / df * np.linalg.inv(X.T @ X)[0, 0])
    return float(2 * stats.t.sf(abs(b[0] / se), df))


def test_what_is_to_be_typed_gives_least_squares_and_the_numbers_of_the_fields() -> None:
    adata = study()
    said = missing_term(asked(), adata.obs)
    assert said.startswith("Every level of 'donor' has samples in both levels of 'stage': '+ donor' alone")
    typed = re.search(r"from_formula\('(.*?)'\)", said)
    assert typed is not None
    assert typed[1] == "~ stage * arm + donor + stage:donor"
    assert "--formula '~ stage * arm + donor + stage:donor'." in as_options(said)
    assert said in asked().describe(adata.obs)
    fields = ms.Design(
        culture="arm", mono="alone", co="MSC", line="stage", parental="Dx", resistant="Rel", pair="donor"
    )
    by_fields = ms.tl.compare(adata, fields).set_index("contrast").loc["interaction", "p"]
    as_typed, as_was = (ms.tl.compare(adata, asked(f))["p"].iloc[0] for f in (typed[1], FORMULA))
    want = squares(adata.obs, adata.obsm["score_singscore"].to_numpy()[:, 0])
    np.testing.assert_allclose([as_typed, by_fields], want, rtol=1e-9)
    assert abs(as_was - want) > 0.01


@pytest.mark.parametrize(
    "formula",
    [
        "~ stage * arm + donor + stage:donor",
        "~ stage * arm + donor + donor:stage",
        "~ stage * arm + stage/donor",
        "~ stage * donor + stage * arm",
    ],
)
def test_the_term_is_not_asked_for_where_it_is_there(formula: str) -> None:
    assert missing_term(asked(formula), study().obs) == ""


def test_it_is_said_of_contrasts_within_lines_alone_and_never_of_pairs_in_one_line() -> None:
    obs, within = study().obs, {"early": "Dx:MSC - Dx:alone"}
    between = {"stage": "Rel - Dx", "late": "Rel:MSC - Dx:MSC", "mean": "MSC - alone"}
    assert missing_term(asked(contrasts=between), obs) == ""
    assert "in the noise of early. " in missing_term(asked(contrasts=between | within), obs)
    assert missing_term(asked(), study(apart=True).obs) == ""
    assert missing_term(ms.Design(culture="arm", mono="alone", co="MSC", pair="donor"), obs) == ""
    hours = obs.assign(stage=obs["stage"].map({"Dx": "6h", "Rel": "24h"})).rename(columns={"stage": "time"})
    levels = {"time": ["6h", "24h"], "arm": LEVELS["arm"], "donor": "P0"}
    gain = {"gain": "24h:MSC - 24h:alone - 6h:MSC + 6h:alone"}
    later = ms.Design.from_formula("~ time * arm + donor", levels=levels, contrasts=gain)
    assert missing_term(later, hours) == ""


def test_names_with_blanks_stand_between_backticks() -> None:
    obs = study().obs.rename(columns={"stage": "cell line", "donor": "pair"})
    levels = {"cell line": ["Dx", "Rel"], "arm": LEVELS["arm"], "pair": "P0"}
    design = ms.Design.from_formula("~ `cell line` * arm + pair", levels=levels, contrasts=GAIN)
    assert "~ `cell line` * arm + pair + `cell line`:pair" in missing_term(design, obs)


@pytest.mark.parametrize(
    ("shift", "said"),
    [
        ([2.0, 2.1, 1.9, 2.0], ""),
        ([3.0, 0.6, 0.8, 2.6], "not established by one contrast per 'donor' alone"),
        ([0.40, 0.45, 0.50, 0.42], "a check, which does not decide"),
    ],
)
def test_a_check_that_says_otherwise_stands_beside_the_answer(shift: list[float], said: str) -> None:
    """By scipy: the t of one difference of differences per donor."""
    adata, design = study(), asked()
    y = np.zeros((2, 2, 4))
    y[0, 1] = [1.0, -1.0, 1.0, -1.0] if "does not decide" in said else [0.1, -0.1, 0.1, 0.0]
    y[1, 1] = y[0, 1] + shift
    adata.obsm["score_singscore"].iloc[:, 0] = y.ravel()
    res = ms.tl.compare(adata, design)
    lone = stats.ttest_1samp(y[1, 1] - y[0, 1], 0).pvalue
    np.testing.assert_allclose(res["p_welch"], lone, rtol=1e-9)
    cover = pd.DataFrame({"signature": ["emt.hallmark"], "found": [9], "listed": [9]})
    (block,) = answers(res, design.contrasts(adata.obs), cover, design=design)
    note = block.claims[0].note.removesuffix("; carry-over not asked").removesuffix("carry-over not asked")
    assert (said in note) if said else note == ""
    assert (f"p = {lone:.2g}" in note) == bool(said)
    assert ((res["p"].iloc[0] < 0.05) != (lone < 0.05)) == bool(said)


def test_what_asks_about_carry_over_is_told_in_the_words_of_the_sheet() -> None:
    adata = study()
    res = ms.tl.compare(adata, asked())
    said = ask_apart(asked(), adata.obs, res)
    assert said.startswith("Carry-over of stroma was not asked: a formula does not say")
    line = "--culture arm --mono alone --co MSC --line stage --parental Dx --resistant Rel --pair donor"
    assert line in as_options(said)
    given = re.search(r"ms\.Design\((.*?)\)", said)
    assert given is not None
    typed = dict(re.findall(r"(\w+)='([^']*)'", given[1]))
    assert "interaction" in set(ms.Design(**typed).contrasts(adata.obs)["contrast"])
    done = SimpleNamespace(
        design=asked(), adata=adata, res=res, main=res, named=[res["signature"].iloc[0]], alpha=0.05
    )
    assert of_formula(done) == lead.of_formula(done) == [said, missing_term(asked(), adata.obs)]  # type: ignore[arg-type]
    of_stage = asked(contrasts={"stage": "Rel:alone - Dx:alone"})
    assert ask_apart(of_stage, adata.obs, ms.tl.compare(adata, of_stage)) == ""
