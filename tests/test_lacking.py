"""Methods name who lacks an arm that others have, by fields and by a formula."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._left_out import without
from marrowsig._report.lacking import lacking

ARMS = [("mono", "none"), ("co", "none"), ("co", "drug")]
DESIGN = ms.Design(culture="culture", inhibitor="drug", pair="donor")
KINDS = ["co_vs_mono", "reversal_drug", "residual_drug"]


def samples(donors: Any, *strata: str) -> pd.DataFrame:
    rows = [(d, c, i, s) for d, (c, i), s in product(donors, ARMS, strata or ("one",))]
    obs = pd.DataFrame(rows, columns=["donor", "culture", "drug", "type"])
    return obs.set_axis([f"{d}_{c}_{i}_{s}" for d, c, i, s in rows])


def told(obs: pd.DataFrame, design: Any = DESIGN) -> str:
    given: Any = SimpleNamespace(adata=SimpleNamespace(obs=obs), design=design)
    return lacking(given, KINDS)


@pytest.mark.parametrize(
    ("donors", "gone", "said"),
    [
        ("abcd", [], ""),
        ("abcd", ["a_co_drug"], "a lacks co+drug"),
        ("abcd", ["a_co_drug", "c_co_drug"], "a and c lack co+drug"),
        ("abcd", ["a_co_drug", "b_mono_none"], "a lacks co+drug; b lacks mono"),
        ("abcd", ["a_co_drug", "a_co_none"], ""),  # what is alone has no partner, and is told so elsewhere
        ("1234", ["2_co_drug"], "donor 2 lacks co+drug"),
        ("abcdefghij", [f"{d}_co_drug" for d in "abcdefg"], "a, b, c, d, e and 2 more lack co+drug"),
    ],
)
@pytest.mark.filterwarnings("ignore:1 row has no partner")
def test_pairs_are_named_with_the_arms_that_they_lack(donors: str, gone: list[str], said: str) -> None:
    obs = samples(donors).drop([f"{name}_one" for name in gone])
    assert told(obs) == said


def test_in_strata_the_one_is_named_in_which_an_arm_lacks() -> None:
    obs = samples("abcd", "LSPC", "GMP")
    design = ms.Design(culture="culture", inhibitor="drug", pair="donor", compartment="type")
    assert told(obs.drop(["a_co_drug_LSPC", "a_co_drug_GMP"]), design) == "a lacks co+drug"
    assert told(obs.drop("a_co_drug_GMP"), design) == "a lacks co+drug in GMP"


def test_donors_of_one_line_do_not_lack_the_other() -> None:
    obs = samples("abcdefgh")
    obs = obs[obs["drug"].eq("none")].assign(line=lambda o: o["donor"].isin(list("abcd")))
    obs["line"] = obs["line"].map({True: "parental", False: "resistant"})
    asked = ["co_in_parental", "co_in_resistant", "interaction"]
    given: Any = SimpleNamespace(adata=SimpleNamespace(obs=obs), design=None)
    given.design = ms.Design(culture="culture", line="line", pair="donor")
    assert lacking(given, asked) == ""
    levels = {"line": ["parental", "resistant"], "culture": ["mono", "co"], "donor": "a"}
    more = {"more": "resistant:co - resistant:mono - parental:co + parental:mono"}
    formula = ms.Design.from_formula("~ line * culture + donor", levels=levels, contrasts=more, unit="donor")
    assert told(obs, formula) == ""
    assert told(obs.drop("b_co_none_one"), formula) == "b lacks parental:co"


def test_a_formula_without_donors_names_nobody() -> None:
    obs = samples("abcd").drop("a_co_none_one")
    how = {"levels": {"culture": ["mono", "co"]}, "contrasts": ["co - mono"]}
    assert told(obs, ms.Design.from_formula("~ culture", **how)) == ""
    paired = {"levels": how["levels"] | {"donor": "a"}, "contrasts": how["contrasts"], "unit": "donor"}
    obs = samples("abcd").drop(["a_co_none_one", "a_co_drug_one"])
    assert told(obs, ms.Design.from_formula("~ culture + donor", **paired)) == "a lacks co"


def test_the_paragraph_has_it_with_the_sample_that_was_left_out() -> None:
    adata = ms.ds.demo()
    adata = adata[adata.obs["line"] == "parental", :600].copy()
    drug = next(d for d in adata.obs["inhibitor"].unique() if d != "none")
    adata = adata[adata.obs["inhibitor"].isin(["none", drug])].copy()
    lost = adata.obs_names[(adata.obs["inhibitor"] == drug) & (adata.obs["culture"] == "co")][0]
    pair = adata.obs.loc[lost, "pair"]
    less = without(adata, [lost], "counts.csv")
    ms.pp.lognorm(less)
    ms.tl.score(less, ms.sig.read({"mine": list(less.var_names[:40])}), method="mean")
    design = ms.Design(culture="culture", inhibitor="inhibitor", pair="pair")
    said = str(ms.methods_text(less, ms.tl.compare(less, design), design=design))
    assert f"1 sample ({lost}) was excluded before the analysis." in said
    assert f"; {pair} lacks co+{drug}." in said
