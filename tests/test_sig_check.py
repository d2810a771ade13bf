"""`check` finds each planted defect, and nothing in what is shipped."""

from __future__ import annotations

import copy
import re
import textwrap

import pytest

import marrowsig as ms
from marrowsig.sig import Signature, _facts, _shape, _toml

SOUND = """
schema = 1
id = "emt.demo"
title = "A demonstration"
axis = "emt"
species = "human"
status = "draft"

[source]
doi = "10.1111/cas.15855"
where = "Table S1"
licence = "CC-BY-4.0"
redistribute = true
cite = "Demo2026"

[use]
kind = "response"
expect = { coculture = "up" }

[genes]
VIM = { w = 1.0, id = "ENSG00000026025" }
FN1 = { w = 1.0, id = "ENSG00000115414", why = "row 3" }
SNAI1 = { w = 1.0 }
ZEB1 = { w = 0.5 }
KDF1 = { w = -1.0, source = "C1orf172" }
LOC100130476 = { w = 1.0, source = "LOC100130476", status = "unmapped" }
"""


def planted(tmp_path, text, name="emt/demo.toml"):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    (tmp_path / "references.bib").write_text("@article{Demo2026,\n  year = {2026},\n}\n")
    return path


def test_shipped_signatures_have_no_problem():
    assert ms.sig.check() == []
    assert ms.sig.check(ms.sig.load(extra=True)) == []


def test_a_slip_in_a_list_is_named_when_it_is_read_and_checked(tmp_path):
    table = tmp_path / "muller2026.csv"
    table.write_text("gene,direction\nCTGF,up\nVIM,up\nFN1,up\nSERPINE7X,up\n")
    with pytest.warns(ms.GeneWarning, match=r"muller2026\.csv: 1 gene is no known symbol .*: SERPINE7X"):
        read = ms.sig.read(table, axis="emt")
    read.write(tmp_path / "own")
    found = [one for one in ms.sig.check(tmp_path / "own") if ": genes." in one]
    assert len(found) == 1
    assert found[0].startswith("emt/muller2026.toml: genes.SERPINE7X.status: is 'unmapped': no known symbol")
    ms.sig.read(tmp_path / "own")  # says so in the file, and is not warned of again
    ms.sig.read({"set": ["XQ1x", "XQ2x", "VIM"]})  # names of another kind, which coverage tells


def test_a_sound_file_has_no_problem(tmp_path):
    assert ms.sig.check(planted(tmp_path, SOUND)) == []
    assert ms.sig.check(str(tmp_path)) == []


DEFECTS = {
    "schema": ("schema = 1", "schema = 2", "schema: is 2"),
    "no title": ('title = "A demonstration"', "", "title: text is missing"),
    "axis": ('axis = "emt"', 'axis = "emtt"', "axis: is 'emtt'"),
    "id form": ('id = "emt.demo"', 'id = "emt.Demo"', "id: 'emt.Demo' is not"),
    "id is not the path": ('id = "emt.demo"', 'id = "emt.other"', "id: is 'emt.other', but folder and file"),
    "id of another axis": (
        'axis = "emt"',
        'axis = "il6"',
        "id: 'emt.demo' does not begin with the axis 'il6'",
    ),
    "status": ('status = "draft"', 'status = "done"', "status: is 'done'"),
    "unknown key": ("schema = 1", "schema = 1\nautor = 'x'", "autor: unknown key"),
    "doi": ('"10.1111/cas.15855"', '"https://doi.org/10.1111/cas.15855"', "source.doi: "),
    "licence": ('"CC-BY-4.0"', '"GPL-3.0"', "source.licence: 'GPL-3.0' does not let"),
    "no licence": ('licence = "CC-BY-4.0"', "", "source.licence: is missing"),
    "facts without a note": ('"CC-BY-4.0"', '"LicenseRef-published-facts"', "source.note: "),
    "no cite": ('cite = "Demo2026"', "", "source.cite: no citation key"),
    "cite unknown": ('cite = "Demo2026"', 'cite = "Nobody1999"', "source.cite: 'Nobody1999' is not a key"),
    "genes of a closed list": ("redistribute = true", "redistribute = false", "genes: must be left out"),
    "redistribute": ("redistribute = true", "redistribute = 'no'", "source.redistribute: is neither"),
    "factor": ("coculture", "co_culture", "use.expect.co_culture: unknown factor"),
    "direction": ('coculture = "up"', 'coculture = "more"', "use.expect.coculture: is 'more'"),
    "no kind": ('kind = "response"', "", "use.kind: is missing; use one of response"),
    "kind": ('"response"', '"answer"', "use.kind: is 'answer'; use one of response"),
    "tier": ('kind = "response"', 'kind = "response"\ntier = "first"', "use.tier: is 'first'"),
    "direction of components": (
        '"response"',
        '"components"',
        "use.expect: a list of kind",
    ),
    "caution": ('kind = "response"', 'kind = "response"\ncaution = 3', "use.caution: is not a sentence"),
    "requirement": ('kind = "response"', 'kind = "response"\nrequires = "CDH1"', "use.requires: is not {"),
    "rule": ('kind = "response"', 'kind = "response"\nweights = { rule = "x" }', "use.weights: is not {"),
    "rule without its gene": (
        'kind = "response"',
        'kind = "response"\nweights = { rule = "correlation", gene = "CDH1", sign = 1 }',
        "use.requires: must say that CDH1 varies",
    ),
    "old symbol": (
        "SNAI1 = { w = 1.0 }",
        "SEPT9 = { w = 1.0 }",
        "genes.SEPT9: not an approved HGNC symbol; now SEPTIN9",
    ),
    "no symbol": ("SNAI1 = { w = 1.0 }", "NOTAGENE1 = { w = 1.0 }", 'add status = "unmapped"'),
    "unmapped yet known": (
        "SNAI1 = { w = 1.0 }",
        'SNAI1 = { w = 1.0, status = "unmapped" }',
        "genes.SNAI1.status: is",
    ),
    "wrong ensembl": ("ENSG00000026025", "ENSG00000115414", "genes.VIM.id: ENSG00000115414 is FN1, not VIM"),
    "unknown ensembl": ("ENSG00000026025", "ENSG00000999999", "HGNC has ENSG00000026025"),
    "ensembl form": ("ENSG00000026025", "ENSMUSG00000026025", "is not a human Ensembl gene id"),
    "weight zero": ("ZEB1 = { w = 0.5 }", "ZEB1 = { w = 0 }", "genes.ZEB1.w: is 0"),
    "weight nan": ("ZEB1 = { w = 0.5 }", "ZEB1 = { w = nan }", "genes.ZEB1.w: is nan"),
    "weight inf": ("ZEB1 = { w = 0.5 }", "ZEB1 = { w = -inf }", "genes.ZEB1.w: is -inf"),
    "weight text": ("ZEB1 = { w = 0.5 }", "ZEB1 = { w = '1' }", "genes.ZEB1.w: is '1'"),
    "weight true": ("ZEB1 = { w = 0.5 }", "ZEB1 = { w = true }", "genes.ZEB1.w: is True"),
    "no weight": ("ZEB1 = { w = 0.5 }", "ZEB1 = { }", "genes.ZEB1: no weight 'w'"),
    "bare number": ("ZEB1 = { w = 0.5 }", "ZEB1 = 1", "genes.ZEB1: is not a table"),
    "row key": ("ZEB1 = { w = 0.5 }", "ZEB1 = { w = 0.5, wieght = 1 }", "genes.ZEB1.wieght: unknown key"),
    "dotted symbol": (
        "ZEB1 = {",
        "AC004.1 = {",
        """genes.AC004: no weight 'w'; quote a symbol with a dot: "AC004.1\"""",
    ),
    "gene twice": ("ZEB1 = {", "VIM = {", "toml: "),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_planted_defect_is_the_only_finding(tmp_path, defect):
    old, new, message = DEFECTS[defect]
    assert old in SOUND
    found = ms.sig.check(planted(tmp_path, SOUND.replace(old, new, 1)))
    assert any(message in line for line in found), found
    assert all(line.startswith("emt/demo.toml: ") for line in found)
    assert len(found) <= 2, found


def test_all_problems_are_reported_at_once(tmp_path):
    text = SOUND.replace("CC-BY-4.0", "GPL-3.0").replace("w = 0.5", "w = 0").replace("SNAI1", "SNAI1X")
    assert len(ms.sig.check(planted(tmp_path, text))) == 3


def test_few_genes_need_a_word(tmp_path):
    head, _, genes = SOUND.partition("[genes]\n")
    few = f"{head}[genes]\n" + "".join(genes.splitlines(keepends=True)[:3])
    assert ms.sig.check(planted(tmp_path, few)) == [
        "emt/demo.toml: genes: only 3 genes; if that is meant, write small = true under [use]"
    ]
    assert ms.sig.check(planted(tmp_path, few.replace("[use]", "[use]\nsmall = true"))) == []


def test_closed_list_without_genes_and_permission_are_sound(tmp_path):
    closed = SOUND.partition("[genes]")[0].replace("redistribute = true", "redistribute = false")
    assert ms.sig.check(planted(tmp_path, closed.replace("CC-BY-4.0", "GPL-3.0"))) == []
    assert ms.sig.check(planted(tmp_path, SOUND.replace("CC-BY-4.0", "permission: J Doe, 2026-11-01"))) == []


def test_near_duplicates_name_each_other(tmp_path):
    twin = SOUND.replace("emt.demo", "emt.twin")
    planted(tmp_path, SOUND)
    planted(tmp_path, twin, "emt/twin.toml")
    found = ms.sig.check(tmp_path)
    assert len(found) == 2
    assert "emt/demo.toml: use.overlaps: near-duplicate of emt.twin (Jaccard 1.00)" in found[0]
    planted(tmp_path, SOUND.replace("[use]", '[use]\noverlaps = ["emt.twin"]'))
    planted(tmp_path, twin.replace("[use]", '[use]\noverlaps = ["emt.demo"]'), "emt/twin.toml")
    assert ms.sig.check(tmp_path) == []


def test_a_copy_of_a_shipped_signature_is_a_near_duplicate():
    sig = ms.sig.load("emt.hallmark")["emt.hallmark"]
    mine = Signature("emt.copy", axis="emt", genes=sig.genes, source="copied")
    assert any("near-duplicate of emt.hallmark" in line for line in ms.sig.check(mine))


def test_a_signature_of_ones_own_needs_no_licence():
    mine = Signature(
        "il6.mine", axis="il6", genes=["SOCS3", "BCL3", "CCR2", "MCL1", "PIM1"], source="our RNA-seq"
    )
    assert ms.sig.check(mine) == []
    nowhere = Signature("il6.mine", axis="il6", genes=mine.genes)
    assert ms.sig.check(nowhere) == [
        "il6.mine: source.where: nothing says where the list is from; give where or doi"
    ]


def test_other_species_are_not_looked_up():
    genes = ["Socs3", "Bcl3", "Ccr2", "Mcl1", "Pim1"]
    mouse = Signature("il6.mouse", axis="il6", genes=genes, species="mouse", source="mice")
    assert ms.sig.check(mouse) == []
    assert len(ms.sig.check(Signature("il6.mouse", axis="il6", genes=genes, source="mice"))) == 5


def test_check_refuses_what_it_cannot_check(tmp_path):
    with pytest.raises(ms.SignatureError, match="No signature file"):
        ms.sig.check(tmp_path / "absent.toml")
    with pytest.raises(ms.SignatureError, match="not int"):
        ms.sig.check(3)


def test_check_leaves_the_document_alone():
    doc = _toml.loads(SOUND, "x")
    before = copy.deepcopy(doc)
    _facts.source_problems(doc, set(), published=True)
    assert doc == before


def test_shipped_files_cite_what_the_bibliography_holds_and_nothing_else():
    from marrowsig._paths import resource
    from marrowsig.sig._cite import OURS, QUESTION, TESTS, _keywords, entries
    from marrowsig.sig._load import everything

    keys = _facts.bib_keys((resource("signatures") / "references.bib").read_text(encoding="utf-8"))
    used = {key for sig in everything() for key in (sig.source["cite"], *sig.source.get("also_cite", ()))}
    of_methods = {key for key, text in entries().items() if _keywords(text)}
    assert keys == used | of_methods | {OURS, QUESTION} | set(TESTS.values())


def test_the_example_of_the_guide_has_the_right_shape():
    from marrowsig._paths import resource

    guide = (resource("signatures") / "README.md").read_text(encoding="utf-8")
    example = textwrap.dedent(re.search(r"```toml\n(.*?)```", guide, re.DOTALL)[1])
    assert _shape.problems(_toml.loads(example, "README.md")) == []
