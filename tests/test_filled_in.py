"""Formulas with a term per donor and arm, of which one donor lacks an arm: no value is made up for it."""

from __future__ import annotations

import itertools

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig.tl.compare import compare

LEVELS = {"stage": ["Dx", "Rel"], "culture": ["Mono", "MSC"], "donor": "0"}
ASKED = {
    "Dx": "Dx:MSC - Dx:Mono",
    "Rel": "Rel:MSC - Rel:Mono",
    "Change": "Rel:MSC - Rel:Mono - Dx:MSC + Dx:Mono",
}
FULL = "~ donor * culture + donor * stage + stage:culture"


def study(n: int, lost: tuple[int, ...] = ()) -> ad.AnnData:
    """Two stages, two cultures, `n` donors; the `lost` have no relapse."""
    rows = itertools.product(["Dx", "Rel"], ["Mono", "MSC"], range(n))
    kept = [{"stage": s, "culture": c, "donor": str(d)} for s, c, d in rows if s == "Dx" or d not in lost]
    obs = pd.DataFrame(kept, index=[f"s{i}" for i in range(len(kept))])
    adata = ad.AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    values = (
        np.random.default_rng(5).normal(size=(len(obs), 1))
        + (obs["donor"].astype(int) * 3).to_numpy()[:, None]
    )
    adata.obsm["score_singscore"] = pd.DataFrame(values, index=obs.index, columns=["emt.one"])
    return adata


def gains(adata: ad.AnnData) -> pd.DataFrame:
    """MSC - Mono of each donor (rows) and stage (columns), by subtraction."""
    y = adata.obs.assign(y=adata.obsm["score_singscore"]["emt.one"])
    wide = y.pivot_table(index="donor", columns=["stage", "culture"], values="y", observed=True)
    return pd.DataFrame({stage: wide[stage]["MSC"] - wide[stage]["Mono"] for stage in ("Dx", "Rel")})


def asked(formula: str, unit: str | None = "donor") -> ms.Design:
    return ms.Design.from_formula(formula, levels=LEVELS, contrasts=ASKED, unit=unit)


@pytest.mark.parametrize("formula", [FULL, "~ stage * culture + donor * culture"])
@pytest.mark.parametrize("unit", ["donor", None])
def test_a_donor_without_the_stage_is_not_averaged_over(formula: str, unit: str | None) -> None:
    """The mean of the donors that have it, by subtraction; 1e-9 is far above rounding."""
    adata = study(6, lost=(5,))
    found = compare(adata, asked(formula, unit)).set_index("contrast")
    own = gains(adata)
    np.testing.assert_allclose(found.loc["Rel", "estimate"], own["Rel"].mean(), rtol=1e-9)
    np.testing.assert_allclose(found.loc["Dx", "estimate"], own["Dx"].mean(), rtol=1e-9)
    change = (own["Rel"] - own["Dx"]).mean()
    np.testing.assert_allclose(found.loc["Change", "estimate"], change, rtol=1e-9)
    assert "on 5 of 6 levels of 'donor' (5 lacks a sample)" in found.loc["Rel", "test"]
    assert (found.loc["Rel", ["n_test", "n_base"]] == 5).all()
    assert "lacks" not in found.loc["Dx", "test"] + found.loc["Change", "test"]


def test_with_a_term_for_donors_alone_nothing_is_filled_in() -> None:
    """Each donor only shifts: the contrast has one size at all of them, and no row is left out."""
    adata = study(6, lost=(5,))
    found = compare(adata, asked("~ stage * culture + donor")).set_index("contrast")
    np.testing.assert_allclose(found.loc["Rel", "estimate"], gains(adata)["Rel"].mean(), rtol=1e-9)
    assert not found["test"].str.contains("lack|filled").any()


def test_without_gaps_nothing_is_said() -> None:
    found = compare(study(5), asked(FULL))
    assert not found["test"].str.contains("lack|filled").any()


def test_where_too_few_donors_are_left_it_is_refused() -> None:
    adata = study(4, lost=(2, 3))
    with pytest.warns(ms.InputWarning, match="Rel"):
        found = compare(adata, asked(FULL))
    assert "Rel" not in set(found.dropna(subset="estimate")["contrast"])
    told = asked(FULL).contrasts(adata.obs).set_index("contrast").loc["Rel"]
    assert not told["estimable"]
    assert told["reason"].startswith("2, 3 of 'donor' have no row in an arm, and too few levels are left")


def test_what_another_column_lacks_is_told() -> None:
    """A flow cell without relapse: its difference there is the model's, and `test` says so."""
    adata = study(6)
    adata.obs["run"] = ["a" if int(d) < 3 else "b" for d in adata.obs["donor"]]
    adata = adata[(adata.obs["stage"] == "Dx") | (adata.obs["run"] == "a")].copy()
    levels = LEVELS | {"run": "a"}
    formula = "~ stage * culture + culture:run + donor"
    design = ms.Design.from_formula(formula, levels=levels, contrasts=ASKED, unit="donor")
    test = compare(adata, design).set_index("contrast")["test"]
    assert test["Rel"].endswith("(filled in by the model, without rows in each arm: b of 'run')")
    assert "filled" not in test["Dx"] + test["Change"]
