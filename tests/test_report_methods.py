"""The methods of a report: a paragraph with what it cites, the user's own words, and the bound of the run."""

from __future__ import annotations

import re
from contextlib import nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._carry_over import RULED_OUT
from marrowsig._contrasts import in_own_words
from marrowsig._named_inputs import only
from marrowsig._provenance import record
from marrowsig._report import (
    facts,
    frames,
    glossary,
    lead,
    methods,
    methods_further,
    methods_short,
    numbers,
    single_genes,
)
from marrowsig._report.analysed import excluded
from marrowsig._report.cited import Cited
from marrowsig._report.elements import Column, Fold, Paste, Section, Table, every
from marrowsig._report.gathered import gathered
from marrowsig._report.levels import in_levels
from marrowsig._report.methods_short import short
from marrowsig._report.scored_by import details
from marrowsig.sig._cite import of_signature
from marrowsig.sig._load import everything

if TYPE_CHECKING:
    from anndata import AnnData

SIGNATURES = ["emt.hallmark", "il6.hallmark", "control.ng2016_lsc17"]
PAIRED = ms.Design(culture="culture", line="line", pair="pair")
DESIGN = ms.Design(
    culture="culture", line="line", pair="pair", mono="alone", co="MSC", parental="diagnosis",
    resistant="relapse",
)  # fmt: skip


@pytest.fixture(scope="module")
def study() -> tuple[AnnData, pd.DataFrame]:
    """Patients at diagnosis and relapse, tested at 0.01."""
    adata = ms.ds.toy()
    ms.pp.map_genes(adata)
    adata.obs["line"] = adata.obs["line"].map({"parental": "diagnosis", "resistant": "relapse"})
    adata.obs["culture"] = adata.obs["culture"].map({"mono": "alone", "co": "MSC"})
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIGNATURES)
    return adata, ms.tl.compare(adata, DESIGN, primary=SIGNATURES[:2], alpha=0.01, permutations=0)


def pastes(study: tuple[AnnData, pd.DataFrame], **extras: object) -> dict[str, Paste]:
    section = methods.section(gathered(*study, DESIGN, extras=extras))
    return {part.id: part for part in every(section.parts) if isinstance(part, Paste)}


def numbers_of(text: str) -> list[int]:
    """Papers that a text cites, in the order in which it first does so."""
    found: dict[int, None] = {}
    for inner in re.findall(r"\[([\d, \u2013]+)\]", text):
        for run in inner.split(", "):
            low, _, high = run.partition("\N{EN DASH}")
            found |= dict.fromkeys(range(int(low), int(high or low) + 1))
    return list(found)


def test_a_margin_is_told_with_its_paper(study: tuple[AnnData, pd.DataFrame]) -> None:
    adata, res = study
    assert "one-sided" not in ms.methods_text(adata, res, design=DESIGN).text
    said = ms.methods_text(adata, res.assign(margin=0.02), design=DESIGN)
    found = re.search(r"is less than 0\.02 in either direction .* t tests \[(\d+)\], not adjusted", said.text)
    assert "Schuirmann" in said.references[int(found[1]) - 1]


def test_the_paragraph_is_short_and_cites_what_it_lists(study: tuple[AnnData, pd.DataFrame]) -> None:
    said = ms.methods_text(*study, design=DESIGN)
    assert "direction = " not in said.text
    assert 100 <= len(said.text.split()) <= 205
    assert numbers_of(said.text) == [int(line[1 : line.index("]")]) for line in said.references]
    assert all(said.text.count(word) == 1 for word in ("singscore", "Holm", "Hedges", "Benjamini"))
    for told in (
        "16 samples", "log2(CPM + 1)", "HGNC", "(center = True, ties = min; directions as listed)",
        "within a contrast (2 signatures, 1 control, main apart)", "emt.hallmark",
        "paired by 'pair' within each line",
        "levels of 'pair' (4 in each arm, 4 diagnosis and 4 relapse pairs)", "below 0.01",
        "99 % confidence intervals",
        f"marrowsig {ms.__version__}", "1 further signature",
        "'MSC' with 'alone' in diagnosis and relapse cells",
    ):  # fmt: skip
        assert told in said.text, told
    assert not re.search("resistant|parental|co-culture", said.text)
    assert repr(said).startswith(said.text)
    assert "<p>" in said._repr_html_()


def test_every_method_is_told_with_its_options_and_what_it_dropped() -> None:
    adata, design = ms.ds.toy(), ms.Design(culture="culture", line="line", pair="pair")
    ms.pp.lognorm(adata)
    adata.X[:, 250:260] = 1.0
    names = list(adata.var_names)
    both = dict.fromkeys(names[:12], 1) | dict.fromkeys(names[20:25], -1)
    mine = ms.sig.Signature("il6.mine", axis="il6", genes=both)
    names = list(ms.methods.METHODS)
    ms.tl.score(adata, mine, method=names, params={"gsva": {"tau": 0.5}})
    found = adata.uns["marrowsig"]["scores"]
    told = {name: details(name, found[name]) for name in names}
    assert told["gsva"] == (
        "abs_ranking = False, kcdf = gaussian, max_diff = True, parity = False, tau = 0.5; tied genes as one "
        f"block; rising less falling genes; on the {varying(adata)} genes that vary; relative to all 16 rows "
        "of the matrix"
    )
    assert told["ssgsea"].startswith("alpha = 0.25, normalize = genes, ties = average; the mean over all")
    for name in ("ssgsea", "aucell"):  # what their options say, no other sentence does
        assert "expected over ties" not in ms.methods.get(name).summary
    assert {name for name in names if "16 rows" in told[name]} == {"gsva", "plage", "zscore", "module"}
    assert {name for name in names if "rising less" in told[name]} == {"gsva", "ssgsea", "aucell"}
    for name in names:
        for option, value in ms.methods.get(name).params.items():
            assert value is None or f"{option} = " in told[name], (name, option)
    res = ms.tl.compare(adata, design, method="gsva", permutations=0)
    assert f"by gsva [1] ({told['gsva']}), beside it by" in ms.methods_text(adata, res, design=design).text
    assert (
        f"doi:10.1186/1471-2105-14-7; {told['gsva']})" in methods.paragraphs(gathered(adata, res, design))[1]
    )
    assert "genes that vary" not in details("gsva", found["gsva"], drawn=True)


def test_the_long_version_has_no_model_of_what_was_not_scored(study: tuple[AnnData, pd.DataFrame]) -> None:
    adata, res = study
    lost = res["signature"].eq("control.ng2016_lsc17")
    res = res.assign(test=res["test"].mask(lost, "not scored: too few"), estimate=res["estimate"].mask(lost))
    text = methods._model(gathered(adata, res, DESIGN))
    assert "linear model (on 4 arms, paired by 'pair' within each line" in text
    assert "not scored" not in text


@pytest.mark.parametrize(("n", "said"), [(2, " With 2 samples per arm, changes below twofold"), (6, "")])
def test_few_samples_are_told_beside_single_genes_where_there_are_few(n: int, said: str) -> None:
    given: Any = SimpleNamespace(main=pd.DataFrame({"n_test": [n, 2], "n_base": n}))
    assert single_genes._few(given).startswith(said)
    assert bool(single_genes._few(given)) == bool(said)


def varying(adata: AnnData) -> int:
    return sum(len(set(column)) > 1 for column in np.asarray(adata.X).T.tolist())


def test_contrasts_of_lists_that_were_replaced_since_are_refused() -> None:
    adata, design = ms.ds.toy(), ms.Design(culture="culture", line="line", pair="pair")
    ms.pp.lognorm(adata)
    genes = list(adata.var_names)
    ms.tl.score(adata, ms.sig.Signature("il6.mine", axis="il6", genes=genes[:9]))
    res = ms.tl.compare(adata, design)
    with pytest.warns(ms.InputWarning, match=r"il6\.mine"):
        ms.tl.score(adata, ms.sig.Signature("il6.mine", axis="il6", genes=genes[:8]))
    with pytest.raises(ms.InputError, match=r"1 signature has other genes .*: il6\.mine\. Run ms\.tl\.c"):
        ms.methods_text(adata, res, design=design)
    assert "il6.mine" in ms.methods_text(adata, ms.tl.compare(adata, design), design=design).text


def test_samples_that_were_not_compared_are_not_counted() -> None:
    adata = ms.ds.demo()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "il6.hallmark")
    adata.obs["drug"] = adata.obs["culture"].astype(str).where(adata.obs["inhibitor"] == "none", "other")
    by_arms = ms.Design(culture="drug", line="line", pair="pair")
    by_formula = ms.Design.from_formula(
        "~ drug + pair", levels={"drug": ["mono", "co"], "pair": "P1"}, contrasts={"x": "co - mono"}
    )
    for design in (by_arms, by_formula):
        with pytest.warns(ms.InputWarning, match="left out") if design is by_arms else nullcontext():
            res = ms.tl.compare(adata, design, permutations=0)
        said = ms.methods_text(adata, res, design=design).text
        assert "genes in 16 samples were" in said
        assert "16 further samples outside" in said
        assert "the design ('drug' is 'other' (16)) were left out of the contrasts." in said
        long = methods.paragraphs(gathered(adata, res, design))[0]
        assert "32 samples" in long
        assert "16 samples of these were compared. 16 further samples" in long


def test_page_and_function_write_the_same_and_bibtex_has_every_paper(
    study: tuple[AnnData, pd.DataFrame],
) -> None:
    said = ms.methods_text(*study, design=DESIGN)
    extras = {"multiverse": SimpleNamespace(table=pd.DataFrame(
        columns=["signature", "method", "normalisation", "test"]
    ))}  # fmt: skip
    found = pastes(study, **extras)
    assert list(found["methods-short"].paragraphs) == [said.text, *said.references]
    bib = found["methods-bibtex"].paragraphs[0]
    cited = " ".join(p for name in ("methods-short", "methods-text") for p in found[name].paragraphs)
    dois = set(re.findall(r"doi:(10\.[^\s;),]+[^\s;),.])", cited))
    assert len(dois) >= 8
    assert {"10.1177/1745691616658637", "10.1038/s41562-020-0912-z", "10.1111/cas.15855"} <= dois
    assert dois <= set(re.findall(r"doi = \{([^}]+)\}", bib))
    assert {"@article{Holm1979,", "@software{marrowsig,", "@article{Ng2016,"} <= set(bib.splitlines())
    assert "@article{Steegen2016," not in said.bibtex  # nothing that the paragraph did not use
    folded = [part for part in methods.section(gathered(*study, DESIGN)).parts if isinstance(part, Fold)]
    assert [part.parts[0].id for part in folded if isinstance(part.parts[0], Paste)] == [
        "methods-text", "methods-signatures", "methods-bibtex",
    ]  # fmt: skip


def test_further_sentences_come_only_with_their_result(study: tuple[AnnData, pd.DataFrame]) -> None:
    adata, res = study
    plain = ms.methods_text(adata, res, design=DESIGN)
    assert not re.search("stroma|thinned|Fieller|summed", plain.text)
    claims = pd.DataFrame({"verdict": ["supported"], "family_size": [4]})
    rescue = pd.DataFrame({"margin": [0.02]})
    genes = pd.DataFrame({"test": ["moderated t: voom on counts (filterByExpr, TMM)"]})
    params = {"source": "samples of stroma", "filter_share": {"": 0.0112}, "fold": 1.1, "draws": 1000}
    stroma: Any = SimpleNamespace(params=params)
    said = ms.methods_text(
        adata, res, design=DESIGN, stroma=stroma, claims=claims, rescue=rescue, genes=genes, gene_sets=genes
    )
    assert "stromal RNA was estimated per sample from samples of stroma (1000 bootstrap samples)" in said.text
    assert "genes that stromal RNA could move more than 1.1-fold at a share of 1.12 %." in said.text
    assert "over 4 claims apart from the primary family." in said.text
    more = {"Fieller1954", "Schuirmann1987", "Smyth2004", "Law2014", "RobinsonOshlack2010", "Wu2010"}
    assert more | {"WuSmyth2012"} == set(said.keys) - set(plain.keys)
    at = {key: f"[{n}]" for n, key in enumerate(said.keys, 1)}
    limma, voom, tmm = (at[key].strip("[]") for key in ("Smyth2004", "Law2014", "RobinsonOshlack2010"))
    how = f"voom weights [{limma}, {voom}], libraries scaled by TMM [{tmm}], with p adjusted alike"
    assert f"Single genes were tested by moderated t with {how}; " in said.text
    trend = pd.DataFrame({"test": ["moderated t: variance trend on the log values given"]})
    logs = ms.methods_text(adata, res, design=DESIGN, genes=trend)
    assert "TMM" not in logs.text
    assert "RobinsonOshlack2010" not in logs.keys
    assert "; genes of signatures by t of their mean change, each gene scaled by the SD" in said.text
    assert "by camera with estimated correlation" in said.text
    assert "the score changed, perhaps no more than other genes." in plain.text
    null = pd.DataFrame({"n_sets": [999]})
    beside = ms.methods_text(adata, res, design=DESIGN, null=null).text
    assert "Whether it changed more than they do was asked apart: each main signature was compared" in beside
    assert "with 999 random sets of as many genes of like expression. Differences" in beside
    bare = ms.methods_text(adata, res, design=DESIGN, rescue=rescue.assign(margin=float("nan")))
    for one in (said, bare):
        assert numbers_of(one.text) == list(range(1, len(one.references) + 1))
    sums = adata.copy()
    record(sums, "pseudobulk", {"unit": "donor", "n_cells": 4000, "n_sums": 16})
    record(sums, "thin", {"least": 900, "most": 1000, "draws": 5, "seed": 0})
    text = ms.methods_text(sums, res, design=DESIGN).text
    assert "4,000 cells, summed per donor and arm to 16 samples, were thinned to 900 to 1,000 counts" in text
    assert "1,000 counts each (5 draws, seed 0) and" in text
    by = {"unit": "donor", "by": '["culture", "line", "cell_type"]', "n_cells": 4000, "n_sums": 18}
    record(sums, "pseudobulk", {**by, "min_cells": 20, "dropped": "d9|co (9 cells)"})
    sums.obs["n_cells"] = 100
    few = "(a sum of fewer than 20 cells was left out: d9|co (9 cells); 2 of 18 sums are not among these)"
    said = ms.methods_text(sums, res, design=DESIGN)
    assert f"1,600 cells, summed per donor, arm and cell type to 16 samples {few}, were" in said.text
    assert dict(facts.data(sums))["cells"] == (
        "1,600 cells summed per donor, culture, line and cell type: 16 sums; 2 of 18 sums are not among these"
    )
    record(sums, "input", {"kind": "counts", "decisions": "9 genes with missing values left out: A, B"})
    assert "300 genes (9 with missing values left out) in" in ms.methods_text(sums, res, design=DESIGN).text


def test_a_list_of_your_own_and_a_formula_are_told_as_they_are() -> None:
    adata = ms.ds.toy()
    mine = ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[100:120]))
    ms.tl.score(adata, mine)
    design = ms.Design.from_formula(
        "~ line * culture", levels={"line": ["parental", "resistant"], "culture": ["mono", "co"]},
        contrasts={"gain": "resistant:co - resistant:mono"},
    )  # fmt: skip
    text = short(gathered(adata, ms.tl.compare(adata, design), design)).text
    assert "il6.mine, a list of our own of 20 genes" in text
    assert "We compared resistant:co with resistant:mono (gain)." in text
    assert "replicates were samples (4 in each arm)" in text


def test_patients_are_told_by_their_column_and_who_had_no_partner() -> None:
    adata = ms.ds.toy()
    mine = ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[100:120]))
    ms.tl.score(adata, [mine, ms.sig.Signature("emt.mine", axis="emt", genes=list(adata.var_names[:20]))])
    adata = adata[adata.obs["line"].eq("resistant").to_numpy()][:-1].copy()
    adata.obs["when"] = adata.obs["culture"].map({"mono": "diagnosis", "co": "relapse"}).astype(str)
    design = ms.Design(line="when", parental="diagnosis", resistant="relapse", pair="pair")
    with pytest.warns(ms.InputWarning, match="no partner of the same 'pair' in the other 'when'") as seen:
        asked = design.contrasts(adata.obs)["question"].tolist()
    assert asked == ["Is the score higher in 'relapse' than in 'diagnosis' (when)?"]
    alone = str(seen[0].message).split(": ")[1].split(" (")[0]
    with pytest.warns(ms.InputWarning, match="no partner"):
        res = ms.tl.compare(adata, design, primary="il6.mine", primary_contrasts=["resistant_vs_parental"])
    with pytest.warns(ms.InputWarning, match="no partner"):
        said = ms.methods_text(adata, res, design=design).text
    assert "We compared 'relapse' with 'diagnosis' (when)." in said
    assert f"(3 in each arm, 3 pairs); 1 level of 'pair' had no partner and was left out ({alone})." in said
    assert "(1 test of 'relapse' against 'diagnosis')" in said
    assert not re.search("resistan|cells", said)
    assert dict(facts.asked(design, adata))["groups"] == "column when: relapse compared with diagnosis"
    # What p_adj is stands beside it where rows differ in it, and only there.
    assert ms.get.table(res).frame["adjustment"].tolist() == ["Holm", "BH"]
    assert "adjustment" not in ms.get.table(res.iloc[:1]).frame


def test_papers_are_numbered_as_they_come() -> None:
    cited = Cited()
    assert [cited("a"), cited("b", "c", "d"), cited("a", "c")] == ["[1]", "[2\N{EN DASH}4]", "[1, 3]"]


def test_a_derived_list_cites_its_lists_and_counts_their_papers() -> None:
    """The package itself, and data that were no lists, are not among them."""
    shipped = everything()
    sig, cited = shipped["stat3.specific"], Cited()
    said = methods_short._derived(sig, of_signature(sig, shipped), shipped, cited)
    assert said == (
        ", derived with this package from 16 lists of 11 publications [1\N{EN DASH}11], and from expression "
        "by cell type [12\N{EN DASH}14]"
    )
    keys = list(cited.keys)
    assert set(keys[:11]) == {str(shipped[parent].source["cite"]) for parent in sig.source["derived_from"]}
    assert {"marrowsig", "Uhlen2015"} & set(keys[:11]) == set()
    plain = shipped["emt.hallmark"]
    assert (
        methods_short._derived(plain, {"Liberzon2015"}, shipped, cited) == f" [{cited.keys['Liberzon2015']}]"
    )


def test_every_statistic_of_the_long_version_has_a_paper() -> None:
    from marrowsig.sig._cite import TESTS

    assert {name for _, names in methods_further.PARTS.values() for name in names} <= set(TESTS)


def test_the_page_keeps_the_bound_of_the_table(study: tuple[AnnData, pd.DataFrame]) -> None:
    given = gathered(*study, DESIGN)
    assert given.alpha == 0.01
    words = dict(glossary.section(given).parts[0].parts[0].pairs)
    assert words["established"].startswith("The adjusted p is below 0.01:")
    assert "at most 1 % of" in words["adjusted p"]
    lead_of, *folds = numbers.section(given).parts
    assert "unadjusted 0.01" in lead_of.text
    assert "estimate [99 % CI]" in [c.name for c in folds[0].parts[0].columns]
    assert "99 % confidence intervals" in lead.reading(given)
    shown = {"estimate [95 % CI]": frames.span("estimate")}
    assert frames.table("t", study[1], shown).columns[0].name == "estimate [99 % CI]"
    assert frames.table("t", study[1], shown, alpha=0.1).columns[0].name == "estimate [90 % CI]"
    assert gathered(study[0], study[1].assign(), DESIGN).alpha == 0.01
    assert gathered(study[0], pd.DataFrame(dict(study[1])), DESIGN).alpha == 0.05


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("co_in_resistant", "MSC_in_relapse"), ("resistance_in_mono", "resistance_in_alone"),
        ("reversal_co_in_parental", "reversal_co_in_diagnosis"), ("co_vs_mono", "MSC_vs_alone"),
        ("resistant_vs_parental", "relapse_vs_diagnosis"), ("interaction", "interaction"),
        ("reversal_in_x", "reversal_in_x"),
    ],
)  # fmt: skip
def test_a_contrast_is_named_by_the_levels_of_the_user(name: str, own: str) -> None:
    assert in_own_words(name, DESIGN) == own
    assert in_own_words(name, ms.Design(culture="culture", line="line")) == name
    assert in_own_words(name, None) == name


def test_tables_and_captions_put_the_levels_before_the_name() -> None:
    heads = [Column("signature"), Column("contrast")]
    cells = [["emt.a", "co_in_resistant in time=3"], ["emt.a", "interaction"]]
    fold = Fold("Of co_in_resistant", [Table("co_in_resistant, mean: a against b", heads, cells)])
    names = ["co_in_resistant", "interaction"]
    (section,) = in_levels([Section("x", "X", [fold])], names, DESIGN)
    (told,) = section.parts
    assert told.summary == "Of MSC vs alone in relapse (co_in_resistant)"
    assert told.parts[0].caption == "MSC vs alone in relapse (co_in_resistant), mean: a against b"
    assert [row[1] for row in told.parts[0].rows] == [
        'MSC vs alone in relapse in time=3<br><span class="soft">co_in_resistant in time=3</span>',
        'more in relapse than in diagnosis<br><span class="soft">interaction</span>',
    ]
    same = [Section("x", "X", [fold])]
    (usual,) = in_levels(same, names, ms.Design(culture="culture", line="line"))
    assert (usual.parts[0].summary, usual.parts[0].parts[0].rows[0]) == (fold.summary, cells[0])
    assert usual.parts[0].parts[0].rows[1][1].startswith("more in resistant than in parental<br>")
    assert in_levels(same, names[:1], ms.Design(culture="culture", line="line")) == same
    one_other = ms.Design(culture="culture", line="line", resistant="QuizR", inhibitor="drug")
    both = [["reversal_A_in_parental"], ["reversal_A_in_resistant"]]
    (mixed,) = in_levels(
        [Section("x", "X", [Table("T", heads[1:], both)])], [name for (name,) in both], one_other
    )
    assert [str(row[0]).partition("<br>")[0] for row in mixed.parts[0].rows] == [
        "fall under A in parental", "fall under A in QuizR"
    ]  # fmt: skip


def test_figures_and_glossary_say_the_words_of_the_user(study: tuple[AnnData, pd.DataFrame]) -> None:
    import matplotlib.pyplot as plt

    _, res = study
    ax = ms.pl.forest(res, contrast="co_in_resistant", design=DESIGN)
    assert ax.get_title(loc="left").replace("\n", " ") == "MSC vs alone in relapse"
    assert "(99\xa0%\xa0CI; filled" in ax.get_xlabel()
    plt.close(ax.figure)
    words = dict(glossary.section(gathered(*study, DESIGN)).parts[0].parts[0].pairs)
    assert words["names of contrasts"] == (
        "They hold roles: mono is alone, co is MSC, parental is diagnosis and resistant is relapse."
    )


def test_two_factors_that_say_only_yes_are_told_by_their_columns() -> None:
    adata = ms.ds.toy()
    adata.obs["il22"] = adata.obs["culture"].map({"mono": "no", "co": "yes"})
    adata.obs["ifnl"] = adata.obs["line"].map({"parental": "no", "resistant": "yes"})
    ms.pp.lognorm(adata)
    mine = ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[:12]))
    ms.tl.score(adata, [mine])
    design = ms.Design(culture="il22", mono="no", co="yes", line="ifnl", parental="no", resistant="yes")
    res = ms.tl.compare(adata, design, signatures=[mine], permutations=0)
    said = ms.methods_text(adata, res, design=design)
    assert "We compared il22 'yes' with il22 'no' at ifnl 'no' and ifnl 'yes'" in said
    assert "cells" not in said[: said.text.index("Contrasts were")]
    assert said[:20] == said.text[:20]
    assert len(said) == len(str(said))
    words = ms.get.table(res).frame.set_index("contrast")["words"]
    assert words["co_in_parental"] == "ifnl=no:il22=yes vs ifnl=no:il22=no"
    assert words["interaction"] == "ifnl=yes vs ifnl=no"
    text = ms.get.table(res).to_string()
    assert "ifnl=no:il22=yes vs ifnl=no:il22=no" in text
    assert ms.get.table(res).to_csv().splitlines()[0].startswith("contrast,words,")
    assert ms.get.table(res).to_markdown().count("\n| ") == 2 + len(res)
    labels = [text.get_text() for text in ms.pl.scores(adata, mine, design=design).get_xticklabels()]
    assert labels[0].splitlines()[:2] == ["ifnl=no", "il22=no"]
    with pytest.raises(ms.InputError, match="One signature is drawn here"):
        ms.pl.interaction(adata, ["il6.mine", "il6.other"], design=design)
    with pytest.raises(ms.InputError, match=r"Not scored with 'singscore': il6\.other"):
        ms.pl.scores(adata, ["il6.mine", "il6.other"], design=design)
    with pytest.warns(ms.InputWarning, match=r"scored before from another list \(12 genes; now 3\)"):
        ms.tl.score(adata, ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[:3])))
    with pytest.warns(ms.InputWarning, match="is the id of a signature of this package"):
        ms.tl.score(adata, ms.sig.Signature("il6.hallmark", axis="il6", genes=list(adata.var_names[:3])))


def test_the_arm_that_lost_a_library_and_the_pairs_of_each_line_are_told(
    study: tuple[AnnData, pd.DataFrame],
) -> None:
    adata, _ = study
    lost = np.flatnonzero(adata.obs["line"].eq("relapse") & adata.obs["culture"].eq("MSC"))[0]
    left = adata[np.arange(adata.n_obs) != lost].copy()
    with pytest.warns(ms.InputWarning, match="no partner"):
        res = ms.tl.compare(left, DESIGN, primary=SIGNATURES[:2], permutations=0)
    claims = pd.DataFrame({"verdict": ["supported"], "family_size": [4], "maturation": ["cannot tell"]})
    with pytest.warns(ms.InputWarning, match="no partner"):
        said = ms.methods_text(left, res, design=DESIGN, claims=claims).text
    with pytest.warns(ms.InputWarning, match="no partner"):
        free = ms.methods_text(left, res, design=DESIGN, claims=claims.assign(stroma=RULED_OUT)).text
    assert "no verdict or size rests on a check of it" in free
    assert "said to be impossible" not in said
    assert "4 diagnosis and 3 relapse pairs" in said
    assert "were checked for maturation (effects without its genes, and adjusted for its score)." in said


def test_rows_that_were_taken_out_on_reading_are_named() -> None:
    adata = ms.ds.toy()
    names = list(adata.obs_names)
    adata.obs["group"] = ["a", "b"] * (adata.n_obs // 2)
    design = ms.Design(culture="culture", line="line", pair="pair")
    study = ms.Study(name="s", input=adata, design=design, leave_out=names[:2], keep="line=parental")
    few = study.read()
    assert few.n_obs == 6
    ms.pp.lognorm(few)
    ms.tl.score(few, "emt.hallmark", min_coverage=0.0)
    alone = ms.Design(culture="culture")
    said = ms.methods_text(few, ms.tl.compare(few, alone), design=alone).text
    assert re.search(
        rf"2 samples \({names[0]}, {names[1]}(: .*)?\) were excluded before the analysis\. ", said
    )
    assert "Of 14 samples those were kept whose line is 'parental'. Signatures of EMT" in said


def without(*names: str) -> tuple[AnnData, pd.DataFrame, str]:
    """The toy study less these samples, its contrasts, and its methods paragraph."""
    adata = ms.ds.toy()
    adata = adata[~adata.obs_names.isin(names)].copy()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "il6.hallmark")
    with pytest.warns(ms.InputWarning, match="no partner"):
        res = ms.tl.compare(adata, PAIRED)
    with pytest.warns(ms.InputWarning, match="no partner"):
        return adata, res, ms.methods_text(adata, res, design=PAIRED).text


def test_who_has_no_partner_is_told_by_contrast() -> None:
    """A mono-culture without its co-culture says nothing of induction, but stands between the lines."""
    adata, res, said = without("r2_parental_co")
    within = res[~res["contrast"].str.startswith("resistance")]
    with pytest.warns(ms.InputWarning, match="no partner"):
        apart = ms.methods_text(adata, within, design=PAIRED).text
    n = res.set_index("contrast")[["n_pairs", "n_base"]]
    assert n.loc["co_in_parental", "n_pairs"] == n.loc["resistance_in_co", "n_pairs"] == 3
    assert n.loc["resistance_in_mono", "n_pairs"] == 4  # r2 is in it
    assert (
        "; 1 level of 'pair' had no partner: r2 in parental:mono was left out of induction and interaction, "
        "but counts for resistance; r2 in resistant:co was left out of resistance, but counts for induction "
        "and interaction."
    ) in said
    assert "; 1 level of 'pair' had no partner and was left out (r2 in parental:mono)." in apart


def test_one_patient_without_both_samples_of_a_line_is_counted_once() -> None:
    *_, said = without("r2_resistant_mono", "r2_resistant_co")
    assert (
        "; 1 level of 'pair' had no partner and was left out of resistance (r2 in parental:mono and "
        "parental:co), but counts for induction and interaction."
    ) in said


def test_stroma_that_was_kept_is_said_in_words_of_a_paper() -> None:
    import anndata as ad

    adata = ad.AnnData(np.ones((4, 1)), obs=pd.DataFrame({"type": ["LSPC", "T", "MSC", "MSC"]}, list("abcd")))
    adata.obs["culture"] = ["alone", "alone", "MSC only", "MSC only"]
    kept = only(adata, ["type=LSPC"], stroma="culture=MSC only")
    assert excluded(kept) == (
        "Of 4 samples those were kept whose type is 'LSPC', and those of stroma, whose culture is 'MSC only'."
    )
