"""Signatures of one's own, brought to current symbols."""

from __future__ import annotations

from dataclasses import replace

import pytest

import marrowsig as ms
from marrowsig._current_symbols import current


def mine(genes, **more) -> ms.sig.Signature:
    return ms.sig.Signature("emt.mine", axis="emt", genes=genes, **more)


def test_old_names_dates_ids_and_case_lead_to_the_symbol_of_today():
    old = {"CTGF": 1, "4-Sep": -2, "cdh1": -1, "ENSG00000136244.12": 1, "VIM": 1}
    new = ms.sig.map_genes(mine(old, why={"CTGF": "Table 2"}))
    assert new.genes == {"CCN2": 1.0, "SEPTIN4": -2.0, "CDH1": -1.0, "IL6": 1.0, "VIM": 1.0}
    assert new.listed_as == {"CCN2": "CTGF", "SEPTIN4": "4-Sep", "CDH1": "cdh1", "IL6": "ENSG00000136244.12"}
    assert new.why == {"CCN2": "Table 2"}
    assert new.ids["IL6"] == "ENSG00000136244"
    assert not new.unmapped


def test_what_cannot_be_told_stays_and_is_named():
    with pytest.warns(ms.GeneWarning, match=r"2 names stay .*1-Mar \(.*MARCHF1 or MTARC1\), NOSUCH"):
        new = ms.sig.map_genes(mine({"1-Mar": 1, "NOSUCH": -1, "VIM": 1}))
    assert set(new.genes) == {"1-Mar", "NOSUCH", "VIM"}
    assert new.unmapped == {"1-Mar", "NOSUCH"}


def test_one_gene_under_two_names_counts_once_and_not_with_two_weights():
    assert ms.sig.map_genes(mine({"CTGF": 1, "CCN2": 1, "VIM": 1})).genes == {"CCN2": 1.0, "VIM": 1.0}
    with pytest.warns(ms.GeneWarning, match="1 genes come with two weights and are left out: CCN2"):
        assert ms.sig.map_genes(mine({"CTGF": 1, "CCN2": -1, "VIM": 1})).genes == {"VIM": 1.0}
    with pytest.raises(ms.SignatureError, match="no gene is left"):
        ms.sig.map_genes(mine({"CTGF": 1, "CCN2": -1}))


def test_curated_signatures_stay_as_they_are():
    for sig in ms.sig.load("il6", "stat3"):
        new = ms.sig.map_genes(sig)
        assert (new.genes, new.listed_as, new.unmapped) == (sig.genes, sig.listed_as, sig.unmapped)
        assert new.source == sig.source
        assert new.use == sig.use


def test_mouse_is_refused_and_several_become_a_set():
    with pytest.raises(ms.SignatureError, match="only human"):
        ms.sig.map_genes(mine(["Vim"], species="mouse"))
    found = ms.sig.map_genes([mine(["CTGF"]), ms.sig.Signature("il6.x", axis="il6", genes=["IL6"])])
    assert found.ids == ("emt.mine", "il6.x")
    assert found["emt.mine"].up == ("CCN2",)


def test_a_copy_with_fewer_genes_says_nothing_of_the_others():
    with pytest.warns(ms.GeneWarning):
        new = ms.sig.map_genes(mine({"CTGF": 1, "1-Mar": 1, "VIM": 1}, why={"CTGF": "x", "VIM": "y"}))
    less = replace(new, genes=["VIM"])
    assert (less.ids, less.why, less.listed_as) == ({"VIM": "ENSG00000026025"}, {"VIM": "y"}, {})
    assert not less.unmapped


def test_the_check_says_what_dates_and_spellings_stand_for():
    found = "\n".join(
        ms.sig.check(mine({"4-Sep": 1, "1-Mar": 1, "il2ra": 1, "VIM": 1, "NOSUCH": 1}, source="x"))
    )
    assert "genes.4-Sep: not an approved HGNC symbol; now SEPTIN4" in found
    assert "genes.il2ra: not an approved HGNC symbol; now IL2RA" in found
    assert "genes.1-Mar: not a symbol but a date made by a spreadsheet: MARCHF1 or MTARC1" in found
    assert "genes.NOSUCH: not an approved HGNC symbol; if the source" in found


def test_lists_by_name_are_read() -> None:
    assert ms.sig.map_genes({"mine": ["Il6ra", "Socs3"]})["other.mine"].genes == {"IL6R": 1.0, "SOCS3": 1.0}


def test_lists_of_ones_own_tell_of_genes_left_out_alone():
    """Of names that nothing is known of the coverage tells; a gene with two weights is lost."""
    torn = mine({"CTGF": 1, "CCN2": -1, "PPP2R4": 1, "NOSUCH": 1})
    with pytest.warns(ms.GeneWarning, match="left out: CCN2") as told:
        new = current(ms.sig.as_set(torn))
    assert [one.message.left_out for one in told] == [["CCN2"]]
    assert set(new["emt.mine"].genes) == {"PTPA", "NOSUCH"}
    plain = current(ms.sig.as_set(mine({"PPP2R4": 1, "NOSUCH": 1})))  # a warning would fail
    assert set(plain["emt.mine"].genes) == {"PTPA", "NOSUCH"}
