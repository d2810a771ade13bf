"""What changed between signatures, and the citations of what was used."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import marrowsig as ms
from marrowsig.sig import Signature, SignatureSet, diff
from marrowsig.sig._cite import _keywords, entries

tables = st.dictionaries(
    st.sampled_from([f"G{i}" for i in range(9)]), st.sampled_from([-1.0, 0.5, 1.0]), min_size=1
)


def make(genes, **kwargs):
    return Signature("il6.mine", axis="il6", genes=genes, title="Mine", **kwargs)


def changes(frame):
    return dict(zip(frame["gene"], frame["change"], strict=True))


@given(tables, tables)
def test_the_difference_leads_from_one_to_the_other_and_is_empty_only_for_the_same_hash(a, b):
    found = diff(make(a), make(b))
    made = dict(a)
    for _, _, gene, was, _, weight in found.itertuples(index=False):
        made.pop(was or gene, None)
        if weight == weight:
            made[gene] = weight
    assert made == b
    assert found.empty == (make(a).sha256 == make(b).sha256)


def test_every_kind_of_change():
    old = make(
        {"VIM": 1, "FN1": 1, "CDH1": -1, "DDX58": 1, "GPR56": 0.5, "X1": 1}, ids={"X1": "ENSG00000000001"}
    )
    new = make(
        {"FN1": -1, "CDH1": -0.5, "RIGI": 1, "ADGRG1": 0.2, "X2": -1, "BCL3": 1},
        ids={"X2": "ENSG00000000001"},
    )
    assert changes(diff(old, new)) == {
        "VIM": "removed", "BCL3": "added", "FN1": "sign", "CDH1": "weight", "RIGI": "renamed",
        "ADGRG1": "renamed, weight", "X2": "renamed, sign",
    }  # fmt: skip
    by_source = diff(make({"OLD": 1}), make({"NEW": 1}, listed_as={"NEW": "OLD|OTHER"}))
    assert by_source[["change", "gene", "was"]].to_numpy().tolist() == [["renamed", "NEW", "OLD"]]


def test_sets_files_and_names(tmp_path):
    one = SignatureSet([make({"VIM": 1}), Signature("emt.b", axis="emt", genes=["FN1"], title="B")])
    two = SignatureSet([make({"VIM": -1}), Signature("emt.c", axis="emt", genes=["FN1"], title="C")])
    found = diff(one, two)
    assert found[["signature", "change"]].to_numpy().tolist() == [
        ["il6.mine", "sign"], ["emt.b", "signature removed"], ["emt.c", "signature added"],
    ]  # fmt: skip
    one.write(tmp_path / "v1")
    assert diff(tmp_path / "v1", one).empty
    assert len(diff(str(tmp_path / "v1"), two)) == len(found)
    (tmp_path / "x.gmt").write_text("X\tna\tVIM\tFN1\n")
    assert changes(diff(make({"VIM": 1}), tmp_path / "x.gmt", axis="il6")) == {"FN1": "added"}
    assert len(diff("emt.blast", "emt.blast_mature_free")) == len(
        set(ms.sig.load("emt.blast").genes) - set(ms.sig.load("emt.blast_mature_free").genes)
    )


def keys(text):
    return re.findall(r"^@\w+\{([^,]+),", text, flags=re.MULTILINE)


def test_every_citation_key_of_the_catalogue_resolves():
    ids = list(ms.sig.table()["id"])
    text = ms.sig.cite(ids)
    assert {str(sig.source["cite"]) for sig in ms.sig.load(*ids)} <= set(keys(text))
    assert "%" not in text
    assert len(keys(text)) == len(set(keys(text)))
    assert text.count("{") == text.count("}")


def test_every_method_has_the_entry_of_its_reference():
    """Entries name their methods; the DOI is the one that the method itself states."""
    of_method = {name: text for text in entries().values() for name in _keywords(text)}
    table = ms.methods.table().set_index("method")["ref"]
    assert set(table.index) == set(of_method)
    for name, ref in table.items():
        assert ref == "" or f"doi = {{{ref.removeprefix('doi:')}}}" in of_method[name], name


def test_what_was_scored_is_cited_and_what_is_not_known_is_said(tmp_path):
    adata = ms.ds.toy()
    mine = make(list(adata.var_names[:12]))
    changed = Signature("emt.hallmark", axis="emt", genes=list(adata.var_names[:12]))
    with pytest.warns(ms.InputWarning, match="emt.hallmark is the id of a signature of this package"):
        ms.tl.score(adata, SignatureSet([mine, changed]), method=["singscore", "ucell"], min_coverage=0)
    adata.write_h5ad(tmp_path / "a.h5ad")
    import anndata as ad

    text = ms.sig.cite(ad.read_h5ad(tmp_path / "a.h5ad"), tmp_path / "refs.bib")
    assert keys(text) == ["Andreatta2021", "Foroutan2018", "Liberzon2015", "marrowsig"]
    assert (tmp_path / "refs.bib").read_text() == text
    assert "% il6.mine: not a signature of the catalogue" in text
    assert "% emt.hallmark: its genes differ" in text
    assert f"version = {{{ms.__version__}}}" in text
    assert "keywords" not in text


def test_tests_and_the_question_are_cited_when_asked_for():
    from marrowsig.sig._cite import TESTS

    text = ms.sig.cite(make(["VIM"]), tests=TESTS, question=True)
    assert set(keys(text)) == {*TESTS.values(), "Lu2023", "marrowsig"}
    assert keys(ms.sig.cite(make(["VIM"]), tests="voom")) == ["Law2014", "marrowsig"]
    with pytest.raises(ms.InputError, match=r"tests has 'vom'.*Did you mean 'voom'"):
        ms.sig.cite("emt.hallmark", tests="vom")


def test_a_reference_is_a_line_without_tex():
    from marrowsig.sig._reference import reference

    assert reference("Haenzelmann2013").startswith(
        "Hänzelmann, S., Castelo, R. and Guinney, J. (2013). GSVA: "
    )
    assert reference("Langsrud2005").startswith("Langsrud, Ø. (2005). ")
    for key in entries():
        line = reference(key)
        assert not set(line) & set("{}\\")
        assert key == "marrowsig" or line.rstrip(".")[-1].isalnum()
    assert reference("marrowsig").endswith(f"Version {ms.__version__}.")


def test_derived_signatures_bring_the_papers_of_their_sources():
    found = set(keys(ms.sig.cite("emt.blast")))
    assert {"Uhlen2019", "Monaco2019", "Liberzon2015", "Tan2014", "Naba2012", "Tirosh2016"} <= found
    assert "Foroutan2017" not in found


def test_a_signature_without_a_key_is_a_comment_and_no_scores_are_an_error():
    assert "% il6.mine: Table S1" in ms.sig.cite(make(["VIM"], source="Table S1"))
    with pytest.raises(ms.SignatureError, match="no scores"):
        ms.sig.cite(ms.ds.toy())
    with pytest.raises(ms.SignatureError, match="no entry for Nobody1900"):
        ms.sig.cite(make(["VIM"], source={"cite": "Nobody1900"}))
