"""Methods and legends name what they speak of: levels, kinds of cells, missing sums, lines of pairs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anndata as ad
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._provenance import record
from marrowsig._report import chain, judged, methods_further
from marrowsig._report.cells_summed import not_there
from marrowsig._report.gathered import gathered
from marrowsig._report.kinds import kinds
from marrowsig._report.legend import _axes
from marrowsig._report.legend_arms import of_arms, where_joined
from marrowsig._report.methods import paragraphs
from marrowsig._report.methods_further import references
from marrowsig._report.points import point
from marrowsig.pp._draws import DEPTH

if TYPE_CHECKING:
    from anndata import AnnData

MINE = "emt.mine"


@pytest.fixture(scope="module")
def toy() -> AnnData:
    adata = ms.ds.toy()
    ms.tl.score(adata, ms.sig.Signature(MINE, axis="emt", genes=list(adata.var_names[:20])))
    return adata


def told(adata: AnnData, design: Any, **more: Any) -> str:
    res = ms.tl.compare(adata, design, primary=[MINE])
    return ms.methods_text(adata, res, design=design, **more).text


def test_two_cell_lines_given_as_culture_are_named_by_their_levels(toy: AnnData) -> None:
    lines = toy[toy.obs["line"].eq("parental").to_numpy()].copy()
    lines.obs["Cells"] = lines.obs["culture"].map({"mono": "THP-1", "co": "THP-1 VenR"}).astype(str)
    design = ms.Design(culture="Cells", mono="THP-1", co="THP-1 VenR", pair="pair")
    said = told(lines, design)
    assert "We compared Cells 'THP-1 VenR' with 'THP-1'. Contrasts" in said
    assert "(1 test of 'THP-1 VenR' against 'THP-1')" in said
    assert "induction" not in said
    drugged = ["reversal_Rux", "residual_Rux", "drug_alone_Rux"]
    assert kinds(drugged, design) == [
        "Rux in 'THP-1 VenR'", "'THP-1 VenR' with Rux against 'THP-1'", "Rux in 'THP-1'",
    ]  # fmt: skip
    rescue = pd.DataFrame({"method": ["m"], "margin": [float("nan")]})
    given = SimpleNamespace(design=design, adata=lines)
    assert "difference between 'THP-1 VenR' and 'THP-1' that it" in methods_further._rescue(rescue, given)
    found: Any = SimpleNamespace(inhibitors=[])
    assert chain._reading(found, design, ordered=True).startswith(
        "Scores that differ between 'THP-1 VenR' and 'THP-1' correlate"
    )
    given = ms.Design(culture="arm", mono="Mock", co="IL22")
    assert chain._reading(found, given, ordered=True).startswith(
        "Scores that differ between 'IL22' and 'Mock'"
    )
    arms = ms.Design(culture="culture", pair="pair")
    assert chain._reading(found, arms, ordered=True).startswith("Scores that rise in co-culture correlate")
    assert "(induction)" in told(lines, arms)
    assert "(1 test of induction)" in told(lines, arms)


def test_contrasts_of_a_formula_keep_their_names(toy: AnnData) -> None:
    design = ms.Design.from_formula(
        "~ line * culture", levels={"line": ["parental", "resistant"], "culture": ["mono", "co"]},
        contrasts={"co_veh": "resistant:co - resistant:mono"},
    )  # fmt: skip
    said = told(toy, design)
    assert "(1 test of co_veh)" in said
    given = gathered(toy, ms.tl.compare(toy, design), design)
    assert "Effect sizes are Hedges' g, with noncentral" in "".join(paragraphs(given))


def test_each_number_stands_with_its_kind_of_cells(toy: AnnData) -> None:
    both = ad.concat([toy, toy], keys=["a", "b"], index_unique="-", uns_merge="same")
    both.obs["cells"] = ["GMP"] * toy.n_obs + ["T"] * toy.n_obs
    design = ms.Design(culture="culture", line="line", pair="pair", compartment="cells")
    record(both, "thin", {"least": 90, "most": 700, "draws": 5, "seed": 0})
    both.obs[DEPTH] = both.obs["cells"].map({"GMP": 500, "T": 700}).astype(float)
    params = {"source": "64 markers", "reference": "2 samples of stroma alone, from TPM", "fold": 1.1}
    shares = {"compartment=GMP": 0.0527, "compartment=T": 0.0483}
    stroma: Any = SimpleNamespace(params={**params, "filter_share": shares, "draws": 99})
    said = told(both, design, stroma=stroma)
    assert "thinned to 500 counts each in GMP and 700 in T (5 draws" in said
    assert "apart for GMP and T." in said
    assert "in each kind of cells) were adjusted" in said
    assert "1.1-fold at a share of 5.27 % in GMP and 4.83 % in T." in said
    assert "The reference of stroma was the mean profile of 2 samples of stroma alone, from TPM." in said
    assert "share of 5.27 % in GMP or 4.83 % in T could" in methods_further._stroma(
        stroma, SimpleNamespace(design=design)
    )
    of = "2 samples of stroma alone; where higher, their level in 3 co-cultures counts for the filter"
    told_of, _, _ = judged._stroma("64 markers", {**params, "reference": of}, design).partition(" Contrasts")
    assert told_of.endswith(
        "genes that are higher in 3 co-cultures count at that level where genes are left out."
    )
    alike = {**stroma.params, "filter_share": dict.fromkeys(shares, 0.05)}
    assert judged._stroma("64 markers", alike, design).endswith("at a share of 5.00 %")


def test_a_sum_that_is_missing_is_named() -> None:
    cells = ms.ds.toy()
    sums = ms.pp.pseudobulk(cells, unit="pair", by=["culture"], min_cells=1)
    assert not_there(sums) == ""
    gone, kept = sums.obs_names[0], sums[1:].copy()
    assert not_there(kept) == f"1 of {sums.n_obs} sums is not among these: {gone}"
    kept.obs_names = [f"s{i}" for i in range(kept.n_obs)]  # which is missing is not known any more
    assert not_there(kept) == f"1 of {sums.n_obs} sums is not among these"


def test_lines_are_told_of_the_panels_that_have_them(toy: AnnData) -> None:
    """Stroma grown alone for both lines is in pairs with none of them: its panel has no lines."""
    other = toy[toy.obs["culture"].eq("co").to_numpy() | toy.obs["line"].eq("parental").to_numpy()].copy()
    alone = other.obs["culture"].eq("mono").to_numpy()
    other.obs["line"] = other.obs["line"].astype(str).mask(alone)
    both = ad.concat([toy, other], keys=["a", "b"], index_unique="-", uns_merge="same")
    both.obs["cells"] = ["AML"] * toy.n_obs + ["MSC"] * other.n_obs
    design = ms.Design(culture="culture", line="line", pair="pair", compartment="cells")
    given: Any = SimpleNamespace(adata=both, design=design, method="singscore", extras={})
    said = of_arms(given, [MINE], [], ", 4 in each contrast")
    assert "grey lines join pairs in AML, 4 in each contrast" in said
    assert "grey lines join pairs, 4 in each" in of_arms(given, [MINE], ["compartment=MSC"], ", 4 in each")
    assert where_joined(given, MINE) == " in AML"
    assert _axes([MINE], [MINE]).endswith(
        "not the same values: heights compare within a panel, not between panels"
    )


def test_a_point_is_called_what_it_is(toy: AnnData) -> None:
    own = ms.Design(culture="culture", line="line", pair="pair", unit="pair")
    res = ms.tl.compare(toy, own)
    assert point(gathered(toy, res, own)) == "level of 'pair'"
    sums = toy.copy()
    record(sums, "pseudobulk", {"unit": "donor", "by": '["culture", "line", "cell_type"]', "n_sums": 16})
    assert point(gathered(sums, res, own)) == "sum of cells (per donor, arm and cell type)"


def test_claims_and_cells_are_told_as_they_were_asked(toy: AnnData) -> None:
    given = SimpleNamespace(alpha=0.05, design=None)
    row = {
        "verdict": "supported",
        "versions": "",
        "signature": MINE,
        "family_size": 2,
        "filtered_estimate": 0.01,
    }
    both = ", as scored and on the genes that stroma could not move, methods"
    assert both in methods_further._claims(pd.DataFrame([row]), given)
    assert "below 0.05, methods" in methods_further._claims(
        pd.DataFrame([{**row, "filtered_estimate": None}]), given
    )
    cells = SimpleNamespace(table=pd.DataFrame({"route": ["pseudobulk", "cell_mean", "cell_share"]}))
    said = methods_further._cells(cells, given)
    assert said.startswith(
        "Cells. The result is of sums of cells; to check it: mean of cell scores and share"
    )
    assert " (arcsine). The unit" in said


def test_papers_of_the_long_version_are_of_what_was_done() -> None:
    trend = pd.DataFrame({"test": ["moderated t: variance trend on log2 CPM (filterByExpr, TMM)"]})
    extras = {"genes": trend, "rescue": pd.DataFrame({"margin": [float("nan")]})}
    assert references(SimpleNamespace(extras=extras)) == ["fieller", "holm", "limma", "tmm"]
    voom = trend.assign(test="moderated t: voom on counts")
    extras = {"genes": voom, "rescue": pd.DataFrame({"margin": [0.02]})}
    assert references(SimpleNamespace(extras=extras)) == ["fieller", "tost", "holm", "limma", "voom"]
