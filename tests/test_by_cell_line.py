"""Supported claims in each of a few cell lines, against numpy and scipy on the scores."""

from __future__ import annotations

import shlex
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import stats

import marrowsig as ms
from marrowsig._by_cell_line import HOW, per_line
from marrowsig._cli.by_cell_line import of_cell_lines
from marrowsig._cli.in_pairs import constant_in_pairs
from marrowsig._report.claims import section
from marrowsig._report.elements import Verdicts
from marrowsig._report.gathered import gathered

if TYPE_CHECKING:
    import pytest

RISES = {"KG1a": [0.2, 0.25, 0.3], "MV411": [0.01, 0.02, 0.06]}
FALLS = {"KG1a": [0.15, 0.1, 0.2], "MV411": [0.01, -0.02, 0.02], "HL60": [0.05, 0.1]}
KEY = {"signature": "emt.hallmark", "method": "mean", "stratum": ""}


def study(rises: dict[str, list[float]], verdict: str = "supported", **design: str) -> SimpleNamespace:
    rows = [
        (name, f"{name}_{i}", culture, i / 10 + (rise if culture == "co" else 0))
        for name, own in rises.items()
        for i, rise in enumerate(own)
        for culture in ("co", "mono")
    ]
    obs = pd.DataFrame(rows, columns=["cell_line", "pair", "culture", "score"]).sample(frac=1, random_state=1)
    return _done(obs, ms.Design(culture="culture", **{"pair": "pair", **design}), verdict)


def rescue(falls: dict[str, list[float]]) -> SimpleNamespace:
    """Cultures alone at 0, co-cultures at 1 and more; the inhibitor takes its fall from these."""
    rows = [
        (name, f"{name}_{i}", culture, drug, score)
        for name, own in falls.items()
        for i, fall in enumerate(own)
        for culture, drug, score in (
            ("mono", "none", i / 10), ("co", "none", 1 + i / 7), ("co", "JAKi", 1 + i / 7 - fall),
        )
    ]  # fmt: skip
    obs = pd.DataFrame(rows, columns=["cell_line", "pair", "culture", "drug", "score"])
    return _done(obs, ms.Design(culture="culture", inhibitor="drug", pair="pair"), "supported")


def _done(obs: pd.DataFrame, design: ms.Design, verdict: str) -> SimpleNamespace:
    asked = design.contrasts(obs)
    words = {"statement": "EMT rises in co-culture", "verdict": verdict, "line": "", "inhibitor": ""}
    claims = pd.DataFrame([{**KEY, "contrast": name, **words} for name in asked["contrast"]])
    fall = claims["contrast"].str.startswith("reversal_")
    claims.loc[fall, ["statement", "inhibitor"]] = "the inhibitor reverses EMT", "JAKi"
    scores = obs[["score"]].set_axis(["emt.hallmark"], axis=1)
    return SimpleNamespace(
        adata=SimpleNamespace(obs=obs.drop(columns="score"), obsm={"score_mean": scores}),
        design=design,
        tables={"claims": claims},
        res=asked.rename(columns={"test": "test_arm", "base": "base_arm"}).assign(**KEY),
    )


def found_in(done: SimpleNamespace) -> tuple[str, list]:
    return per_line(done.adata, done.res, done.tables["claims"], done.design)


def test_the_line_to_look_at_is_one_word_to_a_shell() -> None:
    done = study({"MOLM-13, d'wt": RISES["KG1a"], "OCI": RISES["MV411"]})
    words = shlex.split(of_cell_lines(done).rpartition("Look at each by itself: ")[2].removesuffix("."))
    assert words == ["--keep", "cell_line=MOLM-13, d'wt"]
    obs = pd.DataFrame(
        {"test": ["paired; not adjusted for 'run day', which the pairs hold constant already"]}
    )
    assert constant_in_pairs(ms.Design(culture="c", batch="run day"), obs).startswith("--batch 'run day': ")


def test_sizes_per_cell_line_and_their_test_are_those_of_scipy() -> None:
    column, (found,) = found_in(study(RISES))
    assert column == "cell_line"
    for name, own in RISES.items():
        assert abs(found.means[name] - sum(own) / 3) < 1e-12  # sums of a few numbers
    assert abs(found.p / stats.ttest_ind(*RISES.values()).pvalue - 1) < 1e-9  # F of two groups is t squared
    told = of_cell_lines(study(RISES))
    assert told.startswith(
        "Not alike in all levels of 'cell_line': EMT rises in co-culture: 0.25 in KG1a, 0.03 "
    )
    assert told.endswith("Look at each by itself: --keep 'cell_line=KG1a'.")
    _, (three,) = found_in(study({**RISES, "HL60": [0.1, 0.4]}))
    assert abs(three.p / stats.f_oneway(*RISES.values(), [0.1, 0.4]).pvalue - 1) < 1e-9


def test_a_reversal_per_cell_line_is_the_fall_and_its_test_an_f_of_sums_of_squares() -> None:
    done = rescue(FALLS)
    found = {one.claim["contrast"]: one for one in found_in(done)[1]}
    assert set(found) == {"co_vs_mono", "reversal_JAKi", "residual_JAKi"}
    own = [np.array(values) for values in FALLS.values()]
    for name, falls in zip(FALLS, own, strict=True):
        assert (
            abs(found["reversal_JAKi"].means[name] - falls.mean()) < 1e-12
        )  # positive where the score falls
    n, groups = sum(map(len, own)), len(own)
    all_ = np.concatenate(own)
    between = sum(len(v) * (v.mean() - all_.mean()) ** 2 for v in own) / (groups - 1)
    within = sum(((v - v.mean()) ** 2).sum() for v in own) / (n - groups)
    p = stats.f.sf(between / within, groups - 1, n - groups)
    assert abs(found["reversal_JAKi"].p / p - 1) < 1e-9
    told = f"0.075 in HL60, 0.15 in KG1a, 0.0033 in MV411 (p = {p:.2g})"
    assert str(found["reversal_JAKi"]) == f"the inhibitor reverses EMT (JAKi): {told}"


def test_an_interaction_has_no_size_per_cell_line() -> None:
    """It is a difference of two; the rises beside it have theirs."""
    rows = [
        (line, f"{line}_{i}", clone, culture, i / 10 + (culture == "co") * (1 + i * (line == "KG1a") / 9))
        for line in RISES
        for i in range(3)
        for clone in ("parental", "resistant")
        for culture in ("co", "mono")
    ]
    obs = pd.DataFrame(rows, columns=["cell_line", "pair", "clone", "culture", "score"])
    done = _done(obs, ms.Design(culture="culture", line="clone", pair="pair"), "supported")
    asked = [one.claim["contrast"] for one in found_in(done)[1]]
    assert "interaction" in set(done.tables["claims"]["contrast"]) - set(asked)
    assert {"co_in_parental", "co_in_resistant"} <= set(asked)


def test_lines_that_are_alike_stand_in_the_log_only() -> None:
    alike = study({"KG1a": [0.2, 0.25, 0.3], "MV411": [0.21, 0.22, 0.3]})
    assert of_cell_lines(alike) == ""
    assert "0.25 in KG1a, 0.24 in MV411 (p = " in of_cell_lines(alike, every=True)
    assert of_cell_lines(study(RISES, "not supported"), every=True) == ""
    unpaired = study(RISES)
    unpaired.design = ms.Design(culture="culture")
    assert of_cell_lines(unpaired, every=True) == ""
    assert of_cell_lines(study({"KG1a": [0.2, 0.3, 0.4], "MV411": [0.1]}), every=True) == ""


def test_the_page_has_the_sizes_beside_their_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made from Python: per claim of the table, in its words only where the lines are not alike."""
    monkeypatch.setattr("marrowsig._report.claims._picture", lambda *_: None)
    draw, genes = np.random.default_rng(0), [f"G{i}" for i in range(60)]
    rows = [(line, f"{line}_{i}", c) for line in ("KG1a", "MV411") for i in range(4) for c in ("mono", "co")]
    obs = pd.DataFrame(rows, columns=["cell_line", "pair", "culture"]).rename("s{}".format)
    co = obs["culture"].eq("co").to_numpy()
    rise = np.zeros((len(obs), 60))
    rise[:, :10] = (co * np.where(obs["cell_line"] == "KG1a", 2.0, 1.0))[:, None]
    rise[:, 10:20] = co[:, None]
    adata = AnnData(draw.normal(6 + rise, 0.3), obs=obs, var=pd.DataFrame(index=genes))
    mine = [
        ms.sig.Signature("emt.mine", axis="emt", genes=genes[:10]),
        ms.sig.Signature("il6.mine", axis="il6", genes=genes[10:20]),
    ]
    ms.tl.score(adata, mine, method="mean")
    design = ms.Design(culture="culture", pair="pair")
    on = {"emt": ["emt.mine"], "il6": ["il6.mine"]}
    claims = ms.tl.claims(adata, design, carry_over=False, methods=["mean"], signatures=on)
    given = gathered(adata, ms.tl.compare(adata, design), design, extras={"claims": claims})
    (table,) = (part for part in section(given).parts if isinstance(part, Verdicts))
    told = {row.claim: (row.why, dict(row.more)) for row in table.rows}
    scores = adata.obsm["score_mean"].assign(line=obs["cell_line"])
    moved = scores[co].groupby("line").mean() - scores[~co].groupby("line").mean()
    for claim, name, alike in (
        ("EMT rises in co-culture", "emt.mine", False),
        ("The IL-6 response rises in co-culture", "il6.mine", True),
    ):
        why, more = told[claim]
        sizes = more[f"in each level of 'cell_line': {HOW}"]
        assert sizes.startswith(", ".join(f"{size:.2g} in {line}" for line, size in moved[name].items()))
        assert (f"Not alike in all levels of 'cell_line': {sizes}." in why) != alike
