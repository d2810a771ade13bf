"""Maturation, asked of the size on genes that stroma could not move."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig import _confounders
from marrowsig._carry_over import AS_SCORED, FILTERED
from marrowsig._cell_types import SAME
from marrowsig._check_words import NOTHING
from marrowsig.tl._claims_matured import settle
from marrowsig.tl._claims_same_shares import Same
from marrowsig.tl._claims_words import checks

DESIGN = ms.Design(culture="culture", pair="pair")
EMT = ms.sig.load("emt.hallmark")["emt.hallmark"]
MATURE = sorted(_confounders.genes("maturation") - set(EMT.genes))[:150]
CLEAR, MAYBE = "not explained by maturation", "may be maturation"
YOUNG = sorted(_confounders.parts("maturation")["immature"] - {*EMT.genes, *MATURE})[:150]


def study(*, matured: float, real: float, share: float = 0.02, n: int = 6) -> tuple[ad.AnnData, pd.Series]:
    """Blasts in pairs, of which stroma gives `share`; half of EMT is silent in them and high in stroma.

    The other half of EMT follows maturation, which co-culture raises by `matured` SD, or rises by `real`.
    """
    rng = np.random.default_rng(3)
    names = [*EMT.genes, *MATURE, *YOUNG, *(f"OTHER{i}" for i in range(1500))]
    place = {name: i for i, name in enumerate(names)}
    base = rng.lognormal(3.0, 1.0, len(names))
    emt = np.array([place[g] for g in EMT.genes])
    silent, own = emt[: len(emt) // 2], emt[len(emt) // 2 :]
    base[silent], base[own] = 0.01, 60.0
    stroma = base * rng.lognormal(0.0, 0.3, len(names))
    stroma[silent] = 3000.0
    lift = [place[f"OTHER{i}"] for i in range(120)]
    base[lift], stroma[lift] = 0.01, 3000.0
    slope = np.zeros(len(names))
    slope[own], slope[[place[g] for g in MATURE]], slope[[place[g] for g in YOUNG]] = 0.35, 0.4, -0.4
    rows, obs = [], []
    for pair in range(n):
        for arm in ("mono", "co"):
            co = arm == "co"
            ripe = rng.normal(matured * co, 0.6)
            logs = slope * ripe + rng.normal(0.0, 0.1, len(names))
            logs[own] += real * co
            cells = base * 2.0**logs
            mixed = (1 - share * co) * cells / cells.sum() + share * co * stroma / stroma.sum()
            rows.append(rng.poisson(3e6 * mixed))
            obs.append((arm, f"p{pair}"))
    frame = pd.DataFrame(obs, columns=["culture", "pair"], index=[f"s{i}" for i in range(len(obs))])
    adata = ad.AnnData(np.array(rows, dtype=np.int64), obs=frame, var=pd.DataFrame(index=names))
    return adata, pd.Series(1e6 * stroma / stroma.sum(), index=names)


def emt_up(**given: float) -> pd.Series:
    adata, stroma = study(**given)
    ms.pp.lognorm(adata)
    how = {"signatures": {"emt": EMT}, "methods": ["singscore", "mean"]}
    claims = ms.tl.claims(adata, DESIGN, stroma=stroma, **how)
    return claims.set_index("claim").loc["emt_up"]


def test_a_size_on_kept_genes_that_maturation_makes_is_not_supported() -> None:
    row = emt_up(matured=1.5, real=0.0)
    assert row["filtered_p_adj"] < 0.05
    assert (row["verdict"], row["rule"]) == ("cannot tell", "maturation")
    assert row["maturation_of"] == FILTERED
    assert row["reason"].startswith("may be maturation (of the size on the genes left)")


def test_a_rise_of_the_cells_own_stands_beside_as_much_stroma() -> None:
    row = emt_up(matured=0.0, real=0.5)
    assert (row["verdict"], row["maturation_of"]) == ("supported", FILTERED)
    assert row["maturation"].startswith("not explained by maturation")


def test_at_the_same_shares_maturation_is_asked_of_an_effect_that_is_established() -> None:
    for same, expected in ((CLEAR, (CLEAR, SAME)), (NOTHING, (MAYBE, FILTERED))):
        row = {"cite": FILTERED, "estimate": 0.2, "filtered_estimate": 0.1, "maturation": "cannot tell"}
        found = Same(0.1, 0.05, 0.15, 0.01, same, "Mono +20", 0.05)
        row |= {"filtered_maturation": MAYBE, "same": {FILTERED: found}}
        settle([row])
        assert (row["maturation"], row["maturation_of"]) == expected
        assert row["cell_types"] == "not explained by shares of cell types"


@pytest.mark.parametrize(
    ("cite", "scored", "kept", "expected"),
    [
        (AS_SCORED, CLEAR, MAYBE, (CLEAR, AS_SCORED)),
        (FILTERED, CLEAR, MAYBE, (MAYBE, FILTERED)),
        (FILTERED, MAYBE, CLEAR, (MAYBE, AS_SCORED)),
        (FILTERED, "cannot tell", CLEAR, (CLEAR, FILTERED)),
        (FILTERED, "cannot tell", "", ("cannot tell", AS_SCORED)),
        (AS_SCORED, "", "", ("", "")),
    ],
)  # fmt: skip
def test_the_size_that_is_cited_answers(cite, scored, kept, expected) -> None:
    row = {"cite": cite, "maturation": scored, "filtered_maturation": kept}
    settle([row])
    assert (row["maturation"], row["maturation_of"]) == expected


def test_a_claim_says_of_which_size_no_effect_is_established() -> None:
    row = {"n_specifications": 0, "stroma": "", "maturation": NOTHING, "maturation_of": FILTERED}
    assert checks(row, 0.05) == f"Maturation: {NOTHING} (of the size on the genes left)."
