"""Where genes are expressed: the shipped table, its loader, and the tables it was made from."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

import marrowsig as ms
from marrowsig._genes import table as gene_table
from marrowsig.sig import _evidence

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "data" / "evidence" / "marrow.tsv"


def test_classes_follow_from_the_numbers_by_the_stated_rules():
    """The definitions of data/evidence/README.md, applied again to the shipped numbers."""
    frame = ms.sig.evidence()
    known = frame[frame["myeloid_ptpm"].notna()]
    assert len(known) > 1600
    stroma = known[["hay_stroma", "core_matrisome", "estimate_stromal"]].any(axis=1)
    silent, k562 = known["myeloid_ptpm"] < 1, known["k562"].notna()
    biased = (known["myeloid_ptpm"] >= 10) & (known["myeloid_ptpm"] >= 5 * known["progenitor_ptpm"])
    rules = {
        "K562_only": silent & k562,
        "myeloid_low": ~silent & (known["myeloid_ptpm"] < 10),
        "myeloid_expressed": (known["myeloid_ptpm"] >= 10) & ~biased,
        "myeloid_expressed_maturation_biased": biased,
        "contamination_prone_strict": silent & ~k562 & (known["blood_ptpm"] < 1),
        "contamination_prone": silent & ~k562 & (known["blood_ptpm"] >= 1),
        "not_myeloid_other": silent & ~k562,
    }
    for name, rule in rules.items():
        members = known["class"] == name
        assert rule[members].all(), name
        if name.startswith("contamination"):
            assert stroma[members].mean() > 0.95  # the others are in the fibroblast list, which has no column
        elif name == "not_myeloid_other":
            assert not stroma[members].any()
        else:
            assert members[rule].all(), name


def test_genes_that_were_not_measured_get_no_number():
    frame = ms.sig.evidence(["NOTAGENE", "VIM"])
    assert frame.index.to_list() == ["NOTAGENE", "VIM"]
    assert frame.loc["NOTAGENE", "class"] == "no_data"
    assert frame.loc["NOTAGENE"].isna().sum() == 8
    assert not frame.loc["NOTAGENE", list(_evidence.FLAGS)].any()
    everything = ms.sig.evidence()
    silent = everything["class"] == "no_data"
    assert everything.loc[silent, ["myeloid_ptpm", "blood_ptpm"]].isna().all(axis=None)


def test_flags_are_the_lists_of_the_catalogue():
    frame, sigs = ms.sig.evidence(), ms.sig.load()
    for flag, id in {
        "hay_stroma": "control.hay2018_stroma",
        "core_matrisome": "control.naba2012_core_matrisome",
        "estimate_stromal": "control.estimate_stromal",
    }.items():
        assert set(frame.index[frame[flag]]) == set(sigs[id].genes)
    absent = frame[frame["blood_absent_stroma"]]
    assert len(absent) == 286
    assert absent["hay_stroma"].all()
    assert (absent["blood_ptpm"] < 1).all()
    assert set(absent["class"]) == {"contamination_prone_strict", "K562_only"}


def test_known_genes_of_the_field():
    frame = ms.sig.evidence(["COL1A1", "COL1A2", "LUM", "ZEB2", "SOCS3", "FN1"])
    assert frame["class"].to_list() == [
        "contamination_prone_strict", "K562_only", "contamination_prone", "myeloid_expressed",
        "myeloid_expressed_maturation_biased", "myeloid_low",
    ]  # fmt: skip
    assert frame.loc["SOCS3", ["progenitor_ptpm", "myeloid_ptpm", "myeloid_cell"]].to_list() == [
        17.6, 265.5, "neutrophil",
    ]  # fmt: skip


def test_coverage_of_the_catalogue_is_what_the_readme_says():
    """Nearly all of the EMT axis; parts of the others, and not silently."""
    classes = {axis: ms.sig.evidence(ms.sig.load(axis).genes)["class"] for axis in ("emt", "il6", "stat3")}
    share = {axis: float((column != "no_data").mean()) for axis, column in classes.items()}
    assert share["emt"] > 0.98
    assert 0.25 < share["il6"] < 0.75
    assert 0.25 < share["stat3"] < 0.75


def test_the_table_cannot_be_changed_through_the_loader_and_holds_current_symbols():
    mine = ms.sig.evidence()
    mine.loc["VIM", "class"] = "x"
    assert ms.sig.evidence(["VIM"])["class"].item() == "myeloid_expressed"
    frame = ms.sig.evidence()
    assert frame.index.is_unique
    assert set(frame.index[frame["class"] != "no_data"]) <= gene_table().approved


@pytest.mark.parametrize(("genes", "message"), [("VIM", "one string"), (["VIM", "FN1", "VIM"], "once: VIM")])
def test_refusals(genes, message):
    with pytest.raises(ms.SignatureError, match=message):
        ms.sig.evidence(genes)


@pytest.fixture(scope="module")
def sources(shared):
    folder = shared / "reference" / "genesets" / "_evidence"
    if not folder.is_dir():
        pytest.skip("no reference/genesets/_evidence in the shared folder")
    return folder


@pytest.mark.shared
def test_the_file_is_what_the_script_writes(sources, tmp_path):
    call = [sys.executable, str(ROOT / "scripts" / "make_evidence.py"), str(sources)]
    subprocess.run([*call, "--out", str(tmp_path / "made.tsv")], check=True, capture_output=True)
    assert (tmp_path / "made.tsv").read_bytes() == KEPT.read_bytes()


@pytest.mark.shared
def test_every_gene_of_the_sources_arrives_with_its_class_and_numbers(sources):
    def read(name):
        with (sources / name).open(encoding="utf-8") as f:
            return {row["symbol"]: row for row in csv.DictReader(f, delimiter="\t")}

    measured, frame = read("DERIVED_emt_haematopoietic_evidence.tsv"), ms.sig.evidence()
    for gene, row in measured.items():
        ours = frame.loc[gene]
        assert ours["class"] == ("no_data" if row["class"] == "no_HPA_data" else row["class"])
        for column, theirs in (("blood_ptpm", "hpa_max_pTPM_29_purified"), ("k562", "k562_mean_GSE270332")):
            assert row[theirs] == "" if ours[column] != ours[column] else ours[column] == float(row[theirs])
    absent = read("DERIVED_bm_stroma_blood_absent.tsv")
    assert set(absent) == set(frame.index[frame["blood_absent_stroma"]])
