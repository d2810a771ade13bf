"""Arms guessed from words: those that are there, and none where there are none."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms


def study(n=None, **columns):
    n = n or max(len(c) for c in columns.values())
    obs = pd.DataFrame(
        {k: (list(v) * n)[:n] for k, v in columns.items()}, index=[f"GSM{i}" for i in range(n)]
    )
    return ad.AnnData(obs=obs)


def run(adata):
    """What a user does: copy the code, and run it."""
    before = adata.obs.copy()
    proposal = ms.ds.suggest_design(adata)
    pd.testing.assert_frame_equal(adata.obs, before)  # nothing is assigned by itself
    space = {"ms": ms, "adata": adata}
    exec(proposal.code, space)
    return proposal, space["design"]


def test_two_by_two_with_inhibitor_and_donors():
    adata = study(
        n=18,
        treatment=[
            "mono-culture, DMSO",
            "co-culture with MSC, DMSO",
            "co-culture with MSC, ruxolitinib 1 uM",
        ],
        cell_line=["K562 parental"] * 9 + ["K562 imatinib-resistant"] * 9,
        patient_id=[f"P{i // 3 % 3}" for i in range(18)],
    )
    proposal, design = run(adata)
    assert design == ms.Design(
        culture="culture", line="cell_line", parental="K562 parental", resistant="K562 imatinib-resistant",
        inhibitor="inhibitor", pair="patient_id",
    )  # fmt: skip
    assert adata.obs["culture"].tolist() == ["mono", "co", "co"] * 6
    assert adata.obs["inhibitor"].tolist() == ["none", "none", "ruxolitinib"] * 6
    table = design.contrasts(adata.obs)
    assert set(table["contrast"]) >= {"co_vs_mono", "interaction"} or table["estimable"].any()
    told = proposal.evidence.query("role == 'culture' and chosen").set_index("level")
    assert told["words"].tolist() == ["mono-culture", "co-culture | with MSC", "co-culture | with MSC"]
    assert told["n"].tolist() == [6, 6, 6]
    assert set(told["confidence"]) == {"high"}
    assert "design = ms.Design(culture='culture'" in repr(proposal)


def test_titles_alone():
    titles = [
        f"HL60{a} {b} donor {d}" for a in ("", "/ADR") for b in ("alone", "with HS-5 cells") for d in (1, 2)
    ]
    proposal, design = run(adata := study(title=titles))
    assert adata.obs["culture"].tolist() == ["mono", "mono", "co", "co"] * 2
    assert adata.obs["donor"].tolist() == ["donor 1", "donor 2"] * 4
    assert adata.obs["line"].tolist() == ["parental"] * 4 + ["resistant"] * 4
    assert design == ms.Design(culture="culture", line="line", pair="donor")
    assert set(proposal.evidence.query("chosen")["confidence"]) == {"medium"}


def test_a_resistant_line_called_after_its_parent():
    _, design = run(study(cell_line=["K562", "K562", "K562-IR1", "K562-IR1"], title=["a", "b", "c", "d"]))
    assert design == ms.Design(line="cell_line", parental="K562", resistant="K562-IR1")


def test_what_lacks_the_mark_of_the_other_arm():
    titles = ["MOLM13_mono_1", "MOLM13_co_1", "MOLM13-R_mono_1", "MOLM13-R_co_1"]
    _, design = run(adata := study(title=titles))
    assert adata.obs["culture"].tolist() == ["mono", "co"] * 2
    assert adata.obs["line"].tolist() == ["parental"] * 2 + ["resistant"] * 2
    assert design == ms.Design(culture="culture", line="line")
    _, design = run(study(source_name=["K562", "K562 + HS-5"] * 2, title=list("abcd")))
    assert design == ms.Design(culture="source_name", mono="K562", co="K562 + HS-5")
    assert not ms.ds.suggest_design(study(source_name=["THP1", "K562 + HS-5"] * 2, title=list("abcd")))


def test_levels_that_serve_as_they_are_need_no_recoding():
    proposal, design = run(study(condition=["alone", "on stroma"] * 3, donor=["a", "a", "b", "b", "c", "c"]))
    assert (
        proposal.code == "design = ms.Design(culture='condition', mono='alone', co='on stroma', pair='donor')"
    )
    assert design.co == "on stroma"
    _, design = run(study(condition=["alone", "on stroma"] * 2, donor=["a", "b", "a", "b"]))
    assert design.unit == "donor"  # each donor in one arm only: no pair


def test_samples_that_no_word_tells_stay_outside():
    adata = study(n=8, culture=["mono", "co-culture with MSC", "MSC only", "mono"])
    proposal, design = run(adata)
    assert design == ms.Design(culture="culture", co="co-culture with MSC")
    assert "not told: 2 samples" in repr(proposal)


def test_stroma_measured_too_is_a_compartment():
    cells = ["AML blasts", "AML blasts co-cultured with MSC", "MSC", "MSC co-cultured with AML blasts"]
    adata = study(n=8, source_name=cells, culture=["alone", "co-culture", "alone", "co-culture"])
    _, design = run(adata)
    assert design.compartment == "compartment"
    assert adata.obs["compartment"].tolist()[:3] == ["leukaemia", "leukaemia", "stroma"]


NOTHING = {
    "an unrelated study": {"title": ["liver 1", "liver 2", "kidney 1", "kidney 2"], "age": list("1234")},
    "insulin": {"disease": ["insulin resistant", "insulin sensitive"] * 2},
    "castration": {"tumour": ["castration-resistant", "hormone sensitive"] * 2, "title": list("abcd")},
    "resistant all over": {"cell_line": ["K562 resistant"] * 4, "title": list("abcd")},
    "co-culture all over": {"title": [f"co-culture {i}" for i in range(4)]},
    "radiotherapy alone": {"therapy": ["radiotherapy alone", "radiotherapy + cisplatin"] * 2},
    "tumour stroma": {"tissue": ["tumour stroma", "tumour epithelium"] * 2},
    "genotypes": {"genotype": ["wild type", "STAT3 KO"] * 2, "marker": ["CD45R", "CD45"] * 2},
    "a drug without culture": {"treatment": ["DMSO", "ruxolitinib"] * 2},
    "donors alone": {"donor": ["1", "1", "2", "2"], "title": list("abcd")},
    "antibiotics": {"strain": ["antibiotic-resistant", "wild type"] * 2},
    "monocytes": {"cell_type": ["mono", "T"] * 2, "title": ["CO exposure", "air"] * 2},
    "numbers": {"age": [3, 4, 5, 6], "rin": [7.5, 8.5, 9.5, 9.1]},
}


@pytest.mark.parametrize("name", NOTHING)
def test_where_there_is_nothing_nothing_is_proposed(name):
    proposal = ms.ds.suggest_design(study(**NOTHING[name]))
    assert not proposal
    assert proposal.code == ""
    assert not proposal.evidence["chosen"].any()
    assert repr(proposal).startswith("No column says")


def test_words_that_disagree_tell_nothing():
    titles = ["AML alone", "AML co-cultured, MSC alone for control", "AML with MSC", "AML alone 2"]
    proposal, _ = run(study(title=titles))
    told = proposal.evidence.query("role == 'culture'").set_index("level")["arm"]
    assert told[titles[1]] == ""


def test_each_inhibitor_and_dose_is_a_level_of_its_own():
    kept = study(culture=["mono", "co", "co", "co"], inhibitor=["none", "none", "JAKi_A", "JAKi_B"])
    _, design = run(kept)
    assert design == ms.Design(culture="culture", inhibitor="inhibitor")
    levels = ["alone, DMSO", "with MSC, DMSO", "with MSC, ruxolitinib 1 uM", "with MSC + ruxolitinib 5 uM"]
    doses = study(treatment=levels)
    run(doses)
    assert doses.obs["inhibitor"].tolist() == ["none", "none", "ruxolitinib 1 uM", "ruxolitinib 5 uM"]
    one = study(treatment=["alone + JAKi", "with MSC, JAKi", "alone", "with MSC, vehicle", "alone, DMSO"])
    run(one)
    assert one.obs["inhibitor"].dropna().unique().tolist() == ["jaki", "none"]
    titles = study(title=[f"{c} {d}" for c in ("alone", "with MSC") for d in ("DMSO", "JAKi A", "JAKi B")])
    run(titles)
    assert set(titles.obs["inhibitor"]) == {"none", "jaki a", "jaki b"}


def test_patients_in_two_states_are_named_by_their_own_levels_and_cells_are_to_be_summed():
    n = 120
    states = ["diagnosis", "on_or_after_chemotherapy"] * (n // 2)
    cells = study(n=n, condition=states, donor=[f"p{i // 20}" for i in range(n)])
    said = repr(ms.ds.suggest_design(cells))
    design = "parental='diagnosis', resistant='on_or_after_chemotherapy', pair='donor')"
    assert f"ms.Design(line='condition', {design}" in said
    assert "ms.pp.pseudobulk(adata, unit='donor', by=['condition'])" in said
    assert "relapse" not in said
    none = repr(ms.ds.suggest_design(study(tissue=["marrow", "blood"])))
    assert "ms.Design(line=<column>, parental=<level before>, resistant=<level after>)" in none
    assert "pseudobulk" not in none


def test_without_columns():
    with pytest.raises(ms.InputError, match="0 columns"):
        ms.ds.suggest_design(ad.AnnData(obs=pd.DataFrame(index=["a", "b"])))


@pytest.mark.shared
def test_real_samples(shared):
    from marrowsig.io._content import content
    from marrowsig.io._series_matrix import read_samples

    path = shared / "formats/geo_series_matrix/GSE48558_first1500probes_series_matrix.txt.gz"
    assert not ms.ds.suggest_design(ad.AnnData(obs=read_samples(content(path), path.name)))
    for sheet in sorted((shared / "datasets").glob("*/samples.tsv")):
        obs = pd.read_csv(sheet, sep="\t", dtype=str, index_col=0)
        assert not ms.ds.suggest_design(ad.AnnData(obs=obs)), sheet.parent.name


def test_stroma_named_beside_mono_is_the_co_culture_and_refractory_the_resistant_cells():
    """As an h5ad of single cells has them: no level says `co`."""
    adata = study(n=12, condition=["mono", "MSC"], response=["sensitive"] * 6 + ["refractory"] * 6)
    _, design = run(adata)
    asked = ms.Design(
        culture="condition", co="MSC", line="response", parental="sensitive", resistant="refractory"
    )
    assert design == asked
    cells = study(n=12, celltype=["MSC", "Mono", "HSC", "T"])
    assert "culture=" not in ms.ds.suggest_design(cells).code  # monocytes are no mono-culture


def cells_of_eight(treated):
    """24 cells of each of eight donors, four of them resistant."""
    donor = [f"D{i // 24}" for i in range(192)]
    return study(
        n=192,
        donor=donor,
        resistance=["R" if d < "D4" else "S" for d in donor],
        treatment=["mono", "coculture", treated],
    )


def recoded(cells, design) -> None:
    lines = {"line": "resistance", "parental": "S", "resistant": "R"}
    assert design == ms.Design(culture="culture", **lines, inhibitor="inhibitor", pair="donor")
    assert cells.obs["culture"].tolist()[:3] == ["mono", "co", "co"]
    assert cells.obs["inhibitor"].tolist()[:3] == ["none", "none", "rux"]


def test_a_drug_named_beside_co_culture_is_an_arm_of_its_own_and_letters_tell_lines():
    cells = cells_of_eight("coculture_rux")
    proposal, design = run(cells)
    recoded(cells, design)
    said = repr(proposal)
    assert "co: 128 cells of 8 donors" in said
    assert "by=['resistance', 'culture', 'inhibitor'])" in said
    assert " samples" not in said


def test_stroma_named_alone_is_co_culture_with_a_drug_beside_it_too_and_its_cells_are_summed_apart() -> None:
    cells = cells_of_eight("coculture_rux")
    cells.obs["treatment"] = (
        cells.obs["treatment"]
        .astype(str)
        .map({"mono": "alone", "coculture": "MSC", "coculture_rux": "MSC+rux"})
    )
    cells.obs["cell_type"] = np.tile(["HSC", "MSC", "Mono", "GMP", "HSC", "Prog"], 32)
    proposal, design = run(cells)
    recoded(cells, design)
    said = repr(proposal)
    assert "32 of them stroma: is_stroma = adata.obs['cell_type'].isin(['MSC'])." in said
    assert (
        "ms.pp.pseudobulk(adata[~is_stroma], unit='donor', by=['resistance', 'culture', 'inhibitor'])" in said
    )
    cells.obs["cell_type"] = cells.obs["cell_type"].replace("Prog", "T cells")
    said = repr(ms.ds.suggest_design(cells))
    assert (
        "; 32 of them no myeloid leukaemia by name: is_lymphoid = adata.obs['cell_type'].isin(['T cells'])."
        in said
    )
    assert "Sum stroma apart" in said
    assert "ms.pp.pseudobulk(adata[~is_stroma & ~is_lymphoid], unit='donor'" in said
    said = repr(ms.ds.suggest_design(cells[cells.obs["cell_type"] != "MSC"].copy()))
    assert "is_stroma" not in said
    assert "Sum the others with ms.pp.pseudobulk(adata[~is_lymphoid], unit='donor'" in said
    plain = study(n=6, treatment=["untreated", "venetoclax", "venetoclax + ruxolitinib"])
    assert not ms.ds.suggest_design(plain)


@pytest.mark.parametrize("drug", ["venetoclax", "ven", "IL6"])
def test_a_level_with_another_drug_is_never_pooled_with_those_without(drug):
    cells = cells_of_eight(f"coculture_{drug}")
    _, design = run(cells)
    assert design.co == "coculture"
    assert design.inhibitor is None
    assert f"{drug}; 'coculture_{drug}'" in repr(ms.ds.suggest_design(cells))


def test_a_word_that_nobody_knows_beside_co_culture_is_named():
    said = repr(ms.ds.suggest_design(cells_of_eight("coculture_xyz")))
    assert "medium ('coculture_xyz' is taken for co, and what 'xyz' means no word tells)" in said
    numbered = study(n=6, treatment=["mono", "coculture", "coculture_2"])
    assert "no word tells" not in repr(ms.ds.suggest_design(numbered))


def test_a_stimulus_is_named_as_one_and_no_co_culture():
    said = repr(ms.ds.suggest_design(study(n=8, condition=["control", "IFNb"], donor=list("aabb"))))
    assert "'condition' says who was given IFNb, which is no co-culture" in said
    assert "ms.Design(culture='condition', mono='control', co='IFNb', pair='donor')" in said
    assert "before and after" not in said


def test_an_inhibitor_without_words_of_culture_asks_for_the_culture():
    said = repr(ms.ds.suggest_design(study(n=8, grown=["x", "y"], drug=["DMSO", "DMSO", "rux", "rux"])))
    assert "co=<level with stroma>, inhibitor='drug', vehicle='DMSO')" in said
    assert "culture='drug'" not in said


def test_a_line_called_after_its_drug_and_cells_in_suspension():
    _, design = run(
        study(n=8, Culture=["suspension", "HS-5 transwell"], Cells=["WT", "WT", "AraC-R", "AraC-R"])
    )
    culture = {"culture": "Culture", "mono": "suspension", "co": "HS-5 transwell"}
    assert design == ms.Design(**culture, line="Cells", parental="WT", resistant="AraC-R")


@pytest.mark.parametrize("drug", ["fedratinib 500 nM", "venetoclax 10 nM"])
def test_a_dose_beside_the_drug_parts_the_arm_just_as_well(drug):
    adata = study(n=6, Condition=["suspension", "HS-5 transwell", f"HS-5 transwell + {drug}"])
    _, design = run(adata)
    if "venetoclax" in drug:
        assert design == ms.Design(culture="Condition", mono="suspension", co="HS-5 transwell")
    else:
        assert design == ms.Design(culture="culture", inhibitor="inhibitor")
        assert adata.obs["inhibitor"].tolist()[:3] == ["none", "none", "fedratinib"]


def test_drugs_in_titles_part_too_and_those_that_cells_resist_do_not():
    titles = study(title=[f"{arm}_{i}" for i in (1, 2) for arm in ("mono", "co", "co_venetoclax")])
    _, _ = run(titles)
    assert titles.obs["culture"].astype(object).where(titles.obs["culture"].notna(), None).tolist() == [
        "mono", "co", None, "mono", "co", None,
    ]  # fmt: skip
    lines = ["K562 imatinib-resistant", "K562 parental"]
    resist = study(n=4, sample_title=[f"{line}, {arm}" for arm in ("alone", "with MSC") for line in lines])
    run(resist)
    assert resist.obs["culture"].tolist() == ["mono", "mono", "co", "co"]


def test_a_layer_of_counts_is_named_in_the_sum_that_is_proposed() -> None:
    rows = np.repeat(np.arange(6), 40)
    obs = pd.DataFrame({"donor": [f"d{i % 3}" for i in rows], "culture": np.where(rows < 3, "mono", "co")})
    counts = np.random.default_rng(0).poisson(0.5, (len(rows), 50)).astype(float)
    adata = ad.AnnData(np.log1p(counts), obs=obs.set_axis([f"c{i}" for i in range(len(rows))]))
    assert "by=['culture'])" in str(ms.ds.suggest_design(adata))
    adata.layers["raw_counts"] = counts
    assert "by=['culture'], layer='raw_counts')" in str(ms.ds.suggest_design(adata))


@pytest.mark.parametrize("alone", ["msc_alone", "MSC only", "stroma alone", "HS-5 monoculture"])
def test_stroma_grown_alone_is_no_arm_and_is_summed_apart(alone: str) -> None:
    n = 240
    obs = pd.DataFrame(
        {"culture": ["mono", "co", alone] * (n // 3), "donor": np.repeat(["d1", "d2", "d3"], n // 3)},
        index=[f"c{i}" for i in range(n)],
    )
    found = ms.ds.suggest_design(ad.AnnData(obs=obs))
    assert found.code == "design = ms.Design(culture='culture', pair='donor')"
    assert f"{alone!r} is stroma grown alone: no arm" in str(found)
    assert f"is_stroma = adata.obs['culture'].isin([{alone!r}])" in str(found)
    obs["culture"] = obs["culture"].replace({"mono": "AML alone", "co": "without MSC"})
    assert not ms.ds.suggest_design(ad.AnnData(obs=obs))  # nobody was grown with stroma


def test_stroma_grown_alone_is_an_arm_where_stroma_is_what_was_measured() -> None:
    obs = pd.DataFrame({"culture": ["MSC alone", "co-culture with AML"] * 3}, index=list("abcdef"))
    assert "mono='MSC alone'" in ms.ds.suggest_design(ad.AnnData(obs=obs)).code


@pytest.mark.parametrize("column", ["timepoint", "condition", "disease_status"])
@pytest.mark.parametrize(("early", "late"), [("Dx", "Rel"), ("diagnosis", "relapse"), ("Dx", "R1")])
def test_diagnosis_and_relapse_take_the_place_of_the_lines(column: str, early: str, late: str) -> None:
    obs = pd.DataFrame(
        {"culture": ["mono", "co"] * 6, column: [early, early, late, late] * 3,
         "patient_id": np.repeat(["p1", "p2", "p3"], 4)},
        index=list("abcdefghijkl"),
    )  # fmt: skip
    found = ms.ds.suggest_design(ad.AnnData(obs=obs))
    line = f"line={column!r}, parental={early!r}, resistant={late!r}"
    assert found.code == f"design = ms.Design(culture='culture', {line}, pair='patient_id')"
    assert f"time={column!r} asks of each alone" in str(found)
    assert "time" not in set(found.evidence["role"])  # it is used, as the line
    for other in ("day 7", "no relapse", "non-relapsed", "pre-relapse"):
        states = obs.assign(**{column: obs[column].replace(late, other)})
        assert "line=" not in ms.ds.suggest_design(ad.AnnData(obs=states)).code


def test_libraries_of_one_donor_each_are_no_inhibitors():
    arms = ["alone", "MSC", "MSC+toci"]
    grid = [(donor, arm) for donor in ("P1", "P2", "P3") for arm in arms]
    adata = study(
        library=[f"{donor}|{arm}" for donor, arm in grid],
        patient=[donor for donor, _ in grid],
        culture=[arm for _, arm in grid],
    )
    proposal, design = run(adata)
    assert "library" not in proposal.evidence.query("role == 'inhibitor'")["column"].tolist()
    assert adata.obs["inhibitor"].tolist() == ["none", "none", "toci"] * 3
    assert adata.obs[design.culture].tolist() == ["mono", "co", "co"] * 3
    assert design.contrasts(adata.obs).set_index("contrast").loc["reversal_toci", "estimable"]
