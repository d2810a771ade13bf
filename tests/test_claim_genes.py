"""The genes behind a claim: what they add, which lead it, and what else they are."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._claim_genes import claim_genes, leading
from marrowsig._out_folder import _with_low_genes
from marrowsig._report.led_by import briefly, hanging, key, led_by, named, of_claims, untested

GENES = ["MCM7", "AREG", "COLGALT1", "ECM2", "SCG2"]
ROW = {
    "claim": "emt_up", "statement": "EMT rises in co-culture", "compartment": "", "line": "", "inhibitor": "",
    "stratum": "", "verdict": "supported", "signature": "emt.mine", "contrast": "co_vs_mono",
    "rule": "all hold", "cite": "estimate", "estimate": 1.0, "filtered_estimate": np.nan,
}  # fmt: skip


@pytest.fixture(scope="module")
def study() -> tuple[ms.Design, object, pd.DataFrame, dict[str, ms.sig.Signature]]:
    import anndata as ad

    rng = np.random.default_rng(1)
    names = [*GENES, *(f"G{i}" for i in range(40))]
    values = rng.normal(8, 0.1, (8, len(names)))
    culture = np.array(["mono", "co"] * 4)
    values[culture == "co", :4] += [2.0, 1.0, 1.5, -1.0]
    values[:, 4] = np.where(culture == "co", 0.5, 0.01) + rng.normal(0, 0.001, 8)
    obs = pd.DataFrame({"culture": culture}, index=[f"s{i}" for i in range(8)])
    adata = ad.AnnData(values, obs=obs, var=pd.DataFrame(index=names))
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    design = ms.Design(culture="culture")
    mine = {"emt.mine": ms.sig.Signature("emt.mine", axis="emt", genes=GENES)}
    genes = ms.tl.genes(adata, design)
    return design, adata, genes, mine


def test_what_genes_add_to_a_mean_is_their_own_change_over_their_number(study) -> None:
    design, adata, genes, mine = study
    table = claim_genes(adata, design, pd.DataFrame([ROW]), genes=genes, signatures=mine, method="mean")
    assert set(table["gene"]) == set(GENES)
    own = table.set_index("gene")
    rows = adata.obs["culture"].eq("co").to_numpy()
    change = pd.Series(adata.X[rows].mean(axis=0) - adata.X[~rows].mean(axis=0), index=adata.var_names)
    np.testing.assert_allclose(own["adds"], change[own.index] / 5)
    np.testing.assert_allclose(own["share"].sum(), 1.0)
    np.testing.assert_allclose(own["log2_change"], change[own.index])
    assert set(table["counted"]) == {"as scored"}
    assert set(table["carry_over"]) == {"not asked"}
    assert own.loc["SCG2", "leads"] == 4, "hardly there, however much it moves in logs"
    assert own["leads"].isna()["ECM2"], "it falls, and the claim rises"
    led = of_claims(table)[key(ROW)]
    assert named(led[:3]) == ("MCM7, COLGALT1, AREG (MCM7 of the cell cycle; AREG of maturing myeloid cells)")
    assert leading(table.assign(verdict="cannot tell")).empty
    both = pd.concat(
        [table.assign(line="P"), table[table["gene"].ne("MCM7")].assign(line="R", leads=[1, 2, 3, 4])]
    )
    assert briefly(table) == "Genes that lead the rises (claim_genes.csv): EMT " + named(led[:3]) + "."
    assert "; AREG of maturing myeloid cells) [P], " in briefly(both)
    assert "; AREG of maturing myeloid cells) [P, time=4], " in briefly(both.assign(stratum="time=4"))


def test_genes_that_stroma_could_move_add_nothing_to_a_size_without_them(study) -> None:
    design, adata, genes, mine = study
    kept = {**ROW, "cite": "filtered_estimate", "filtered_estimate": 0.5, "n_kept": 4, "n_genes": 5}
    kept |= {"filtered_ci_low": 0.1, "filtered_ci_high": 0.9}
    gone = pd.DataFrame({"gene": ["MCM7", "G1"], "stratum": "", "why": "could be moved"})
    gone = gone.assign(alone=1.0, stroma=50.0)
    levels = pd.DataFrame({"gene": GENES * 2, "stratum": "", "line": ["A"] * 5 + ["B"] * 5})
    levels = levels.assign(alone=range(10), stroma=50.0)
    table = claim_genes(
        adata, design, pd.DataFrame([kept]), genes=genes, dropped=gone, levels=levels, signatures=mine,
        method="mean",
    ).set_index("gene")  # fmt: skip
    assert table["level_in_cells_alone"][GENES].tolist() == [0, 1, 2, 3, 4], "of two lines the lower one"
    own = [{**kept, "line": "B"}, {**kept, "line": "B", "claim": "stroma_emt_up"}]
    of_line = claim_genes(
        adata, design, pd.DataFrame(own), genes=genes[genes["gene"].ne("SCG2")], dropped=gone, levels=levels,
        signatures=mine, method="mean",
    ).set_index(["claim", "gene"])  # fmt: skip
    assert of_line.loc["emt_up", "level_in_cells_alone"][GENES].tolist() == [5, 6, 7, 8, 9]
    assert set(of_line.loc["stroma_emt_up", "level_in_cells_alone"]) == {50.0}, "there the reference"
    low = of_line.loc["emt_up"].reset_index().assign(claim="emt_up")
    assert low["gene"][~low["tested"]].tolist() == ["SCG2"]
    part = low["share"][~low["tested"]].sum()
    said = {
        key({**kept, "line": "B"}): f"{100 * part:.0f} % of the size is of genes too low to be tested (SCG2)"
    }
    assert untested(low) == said
    assert part > 0.25
    assert hanging(low) == (
        "Much of a size rests on genes with too few reads to be tested by themselves. "
        f"EMT rises in co-culture, B: {100 * part:.0f} % of it (SCG2)."
    )
    five = pd.concat([low[~low["tested"]].assign(gene=f"L{i}", share=0.06) for i in range(5)])
    assert hanging(five.assign(stratum="compartment=GMP; time=24")).endswith(
        "EMT rises in co-culture, B, time=24: 30 % of it (L0, L1, L2 and 2 more)."
    )
    res = pd.DataFrame(
        {"signature": ["emt.x", "emt.y"], "method": "mean", "contrast": "co", "stratum": ["", None]}
    )
    asked = pd.DataFrame([{**kept, "line": "B", "signature": "emt.x", "method": "mean", "contrast": "co"}])
    told = _with_low_genes(pd.DataFrame({"estimate": ["1", "2"]}), res, asked.assign(stratum=""), low)
    assert told["of_genes_too_low"].tolist() == [f"{100 * part:.0f} %", ""]
    assert list(_with_low_genes(pd.DataFrame({"estimate": ["1"]}), res, asked, None)) == ["estimate"]
    assert hanging(low.assign(share=0.2)) == hanging(low, ["il6.x"]) == ""  # and of a figure without it
    assert hanging(low, [low["signature"].iloc[0]]) == hanging(low)
    extras = {"claim_genes": low.assign(share=-0.3), "genes": pd.DataFrame({"test": ["moderated t"]})}
    given = SimpleNamespace(extras=extras)
    assert (
        "cells). 30 % of the size is taken off it by genes too low" in led_by(given)({**kept, "line": "B"})[0]
    )
    assert untested(low.assign(share=0.01)) == untested(table.reset_index()) == {}
    assert set(table.index) == set(GENES)
    assert np.isnan(table.loc["MCM7", "adds"])
    assert pd.isna(table.loc["MCM7", "leads"])
    assert table.loc["MCM7", ["carry_over", "level_in_stroma"]].tolist() == ["could be moved", 50.0]
    assert table["carry_over"].drop("MCM7").eq("kept").all()
    np.testing.assert_allclose(table["share"].sum(), 1.0)
    assert set(table["counted"]) == {"on genes kept"}
