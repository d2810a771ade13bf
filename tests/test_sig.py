"""Signatures, sets of them, and the ones that are shipped."""

from __future__ import annotations

import copy
import csv
import dataclasses
import hashlib
import importlib.util
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import marrowsig as ms
from marrowsig.sig import Signature, SignatureSet, as_set
from marrowsig.sig._words import KINDS

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "make_signatures.py"
symbols = st.from_regex(r"[A-Z][A-Z0-9]{1,7}(-[A-Z0-9]{1,3})?", fullmatch=True)
weights = st.floats(-50, 50, allow_nan=False).filter(lambda w: w != 0)
gene_tables = st.dictionaries(symbols, weights, min_size=1, max_size=12)
REQUIRED = {
    "emt": "hallmark foroutan2017_tgfb",
    "il6": "hallmark",
    "stat3": "dauer2005 azare2007",
    "control": "hay2018_stroma mcpcounter_fibroblasts hay2018_monocyte hallmark_ifn_alpha hallmark_ifn_gamma "
    "hallmark_tnfa_nfkb hallmark_tgf_beta hallmark_inflammatory progeny_jak_stat tirosh2016_s tirosh2016_g2m "
    "ng2016_lsc17",
}
COLUMNS = (
    "id", "axis", "kind", "tier", "title", "n", "n_up", "n_down", "weighted", "status", "licence", "doi",
    "source", "sha256",
)  # fmt: skip


def make(name="emt.x", genes=("VIM", "FN1"), **kwargs):
    return Signature(name, axis=name.split(".")[0], genes=genes, **kwargs)


def test_list_of_symbols_gets_weight_one_and_a_sentence_becomes_where():
    sig = make(source="Table S1")
    assert sig.genes == {"VIM": 1.0, "FN1": 1.0}
    assert sig.source == {"where": "Table S1"}
    assert not sig.is_signed
    assert not sig.is_weighted


@given(gene_tables)
def test_arms_partition_the_genes_and_order_does_not_change_the_hash(genes):
    sig = make(genes=genes)
    assert sorted(sig.up + sig.down) == sorted(genes)
    assert all(genes[g] < 0 for g in sig.down)
    assert make(genes=dict(reversed(genes.items()))).sha256 == sig.sha256
    assert sig.is_signed == bool(sig.down)


def test_hash_follows_the_documented_recipe():
    text = "FN1\t-1.0\nVIM\t0.5\n"
    assert make(genes={"VIM": 0.5, "FN1": -1}).sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("id", "axis", "genes", "message"),
    [
        ("mine", "emt", ["VIM"], r"Use e\.g\. 'emt\.mine'"),
        ("My list", None, ["VIM"], r"Use e\.g\. 'other\.my_list'"),
        ("il6.x", "emt", ["VIM"], "not 'emt.<name>'"),
        ("emt.Mine", "emt", ["VIM"], "lower-case"),
        ("emt.x", "EMT", ["VIM"], "axis is 'EMT'"),
        ("emt.x", "emt", [], "no genes"),
        ("emt.x", "emt", "VIM", "one string"),
        ("emt.x", "emt", ["VIM", "VIM"], "more than once: VIM"),
        ("emt.x", "emt", [" VIM"], "padded"),
        ("emt.x", "emt", ["VIM", 3], "not text"),
        ("emt.x", "emt", {"VIM": 0}, "1 are not: VIM = 0"),
        ("emt.x", "emt", {"VIM": float("nan")}, "VIM = nan"),
        ("emt.x", "emt", {"VIM": float("inf")}, "VIM = inf"),
        ("emt.x", "emt", {"VIM": True}, "VIM = True"),
        ("emt.x", "emt", {"VIM": "1"}, "VIM = '1'"),
    ],
)
def test_constructor_refuses(id, axis, genes, message):
    with pytest.raises(ms.SignatureError, match=message):
        Signature(id, axis=axis, genes=genes)


def test_signature_is_frozen_copies_its_input_and_survives_pickle():
    genes = {"VIM": 1.0}
    sig = make(genes=genes)
    genes["FN1"] = 1.0
    assert len(sig) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        sig.title = "x"
    assert pickle.loads(pickle.dumps(sig)) == sig == copy.deepcopy(sig)
    assert dataclasses.replace(sig, title="new").title == "new"


def test_sets_join_in_order_and_refuse_two_meanings_of_one_id():
    a, b = make("emt.a"), make("il6.b")
    both = a | b
    assert both.ids == ("emt.a", "il6.b")
    assert list(both) == [a, b]
    assert (both | a) == both
    assert "emt.a" in both
    assert a in both
    with pytest.raises(ms.SignatureError, match="differ"):
        both | make("emt.a", genes=["CDH1"])
    with pytest.raises(ms.SignatureError, match=r"Close: emt\.a"):
        both["emt.aa"]
    with pytest.raises(AttributeError, match="does not change"):
        both.x = 1
    assert pickle.loads(pickle.dumps(both)) == both


def test_as_set_takes_what_verbs_take():
    one = ms.sig.load("il6.hallmark")["il6.hallmark"]
    assert as_set(one).ids == as_set("il6.hallmark").ids == as_set([one]).ids == ("il6.hallmark",)
    assert as_set(["il6.hallmark", "stat3"]).ids == ("il6.hallmark", *ms.sig.load("stat3").ids)
    for nothing in (SignatureSet(), []):
        with pytest.raises(ms.SignatureError, match="No signatures"):
            as_set(nothing)
    lists = as_set({"emt.x": ["VIM"], "Hypoxia (own)": ("CA9", "VEGFA"), "T_UP": ["FOS"], "T_DN": ["JUN"]})
    assert lists.ids == ("emt.x", "other.hypoxia_own", "other.t")
    assert lists["other.t"].genes == {"FOS": 1.0, "JUN": -1.0}
    for wrong in ({"emt.x": "VIM"}, {"a": {"VIM": 1}}, {"a": 1}):
        with pytest.raises(ms.SignatureError, match="no lists of genes by name"):
            as_set(wrong)
    for wrong in (3, None):
        with pytest.raises(ms.SignatureError, match="Give ids or axes"):
            as_set(wrong)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("HALLMARK_EPITHELIAL_MESENCHYMAL_TRANSITION", "is called 'emt.hallmark' here"),
        ("dauer_stat3_targets_up", "is called 'stat3.dauer2005' here"),
        ("HALLMARK_HYPOXIA", "Unknown signature"),
        ("emt.gmt", r"Read it first: ms\.sig\.read\('emt\.gmt'\)"),
        ("other", "which is for lists of your own"),
    ],
)
def test_names_of_msigdb_and_the_axis_of_ones_own(name, said):
    with pytest.raises(ms.SignatureError, match=said):
        ms.sig.load(name)


@pytest.mark.parametrize(
    ("id", "own"),
    [
        ("hypoxia", ("other.hypoxia", "other")),
        ("il6.mine", ("il6.mine", "il6")),
        ("emt", ("other.emt", "other")),
    ],
)
def test_the_axis_is_told_from_the_id(id, own):
    sig = Signature(id, genes=["VIM"])
    assert (sig.id, sig.axis) == own


def test_a_set_has_keys_values_and_items_as_a_dict():
    sigs = ms.sig.load("il6.hallmark", "emt.hallmark")
    assert list(sigs.keys()) == list(sigs.ids) == ["il6.hallmark", "emt.hallmark"]
    assert list(sigs.values()) == list(sigs)
    assert [(id, sig.id) for id, sig in sigs.items()] == [(id, id) for id in sigs.ids]
    assert ms.sig.SignatureSet(dict(sigs).values()) == sigs


def test_load_by_axis_id_and_everything():
    everything = ms.sig.load()
    assert len(everything) >= 40
    assert {f"{axis}.{name}" for axis, names in REQUIRED.items() for name in names.split()} <= set(
        everything.ids
    )
    for axis in ("emt", "il6", "stat3", "control"):
        assert ms.sig.load(axis).ids == tuple(i for i in everything.ids if i.startswith(axis))
    assert ms.sig.load("il6.hallmark", "emt.hallmark").ids == ("il6.hallmark", "emt.hallmark")


@pytest.mark.parametrize(
    ("name", "near"), [("emt.halmark", "emt.hallmark"), ("stat33", "stat3"), ("lsc17", "ng2016_lsc17")]
)
def test_unknown_name_offers_close_ones(name, near):
    with pytest.raises(ms.SignatureError, match=f"Did you mean .*{near}"):
        ms.sig.load(name)


def test_loaded_signatures_do_not_share_state():
    one = ms.sig.load("emt.hallmark")["emt.hallmark"]
    one.genes.clear()
    one.use["expect"].clear()
    another = ms.sig.load("emt.hallmark")["emt.hallmark"]
    assert len(another) == 200
    assert another.expect["coculture"] == "up"


def test_retired_signatures_stay_loadable_by_id_only(monkeypatch):
    from marrowsig.sig import _load

    doc = _load._document("emt.hallmark") | {"status": "retired", "use": {"note": "replaced"}}
    real = _load._document
    monkeypatch.setattr(_load, "_document", lambda id: doc if id == "emt.hallmark" else real(id))
    monkeypatch.setattr(_load, "_kept", _load._kept.__wrapped__)
    assert "emt.hallmark" not in ms.sig.load("emt")
    with pytest.warns(ms.InputWarning, match="retired: replaced") as seen:
        assert ms.sig.load("emt.hallmark").ids == ("emt.hallmark",)
    assert seen[0].filename == __file__


def test_table_is_tidy_and_agrees_with_the_signatures():
    frame = ms.sig.table()
    sigs = ms.sig.load(extra=True)
    assert tuple(sigs.table().columns) == COLUMNS == tuple(frame.columns)[: len(COLUMNS)]
    assert frame["id"].to_list() == list(sigs.ids)
    assert (frame["n"] == frame["n_up"] + frame["n_down"]).all()
    assert frame["sha256"].to_list() == [s.sha256 for s in sigs]
    assert frame.set_index("id").loc["control.ng2016_lsc17", "weighted"]


def test_published_counts_and_the_gene_that_an_old_release_lost():
    sigs = ms.sig.load()
    sizes = {
        "emt.hallmark": 200,
        "il6.hallmark": 87,
        "control.hallmark_ifn_alpha": 97,
        "control.ng2016_lsc17": 17,
    }
    assert {i: len(sigs[i]) for i in sizes} == sizes
    assert "LTBR" in sigs["il6.hallmark"].genes
    assert {"OAS1"} <= set(sigs["control.hallmark_ifn_alpha"].genes)
    tan = sigs["emt.tan2014_cellline"]
    assert (len(tan.up), len(tan.down)) == (48, 170)
    assert sigs["control.tirosh2016_s"].listed_as["CENPU"] == "MLF1IP"
    assert len(sigs["control.tirosh2016_s"]) == 43
    assert len(sigs["control.tirosh2016_g2m"]) == 54


def test_published_directions():
    sigs = ms.sig.load()
    assert sigs["emt.tan2014_cellline"].genes["CDH1"] < 0 < sigs["emt.tan2014_cellline"].genes["VIM"]
    assert sigs["emt.mak2016"].genes["CDH1"] < 0 < sigs["emt.mak2016"].genes["VIM"]
    assert sigs["control.ng2016_lsc17"].genes["ADGRG1"] == 0.0501
    dauer, progeny = sigs["stat3.dauer2005"].genes, sigs["control.progeny_jak_stat"].genes
    shared = dauer.keys() & progeny.keys()
    opposite = sum(dauer[g] * progeny[g] < 0 for g in shared)
    assert (opposite, len(shared)) == (30, 31)


def test_every_shipped_signature_says_what_it_is_and_an_axis_gives_the_main_ones():
    table = ms.sig.table()
    assert table["kind"].isin(KINDS).all()
    assert table["tier"].isin(["main", "extra"]).all()
    main = ms.sig.load()
    assert {s.tier for s in main} == {"main"}
    assert set(table.query("tier == 'main'")["id"]) == set(main.ids)
    # What an axis gives of itself can be read as an answer of leukaemia cells.
    asked = [s for s in main if s.axis != "control"]
    assert not {s.kind for s in asked} & {"components", "stroma_response", "reference", "formula"}
    assert all(s.expect for s in asked if s.axis != "stat1")


def test_expectations_are_stated_for_responses_only():
    for sig in ms.sig.load(extra=True):
        if sig.axis == "control" or sig.kind in {"components", "stroma_response"}:
            assert sig.expect == {}, sig.id
        else:
            assert sig.expect in ({}, {"coculture": "up"}), sig.id


def test_reprs_name_the_facts_and_escape_html():
    sig = make(genes={"VIM": 2, "CDH1": -1}, title="<b>bold</b>", source={"doi": "10.1/x"})
    assert repr(sig) == "<Signature emt.x: 2 genes (1 up, 1 down), weighted>"
    html = sig._repr_html_()
    assert "&lt;b&gt;bold" in html
    assert "https://doi.org/10.1/x" in html
    assert "<td>1</td><td>1</td>" in (sig | make("il6.y"))._repr_html_()
    assert repr(SignatureSet()) == "<SignatureSet of 0>"


def test_everything_is_loaded_without_pandas_or_scipy():
    code = "import sys, marrowsig as ms; assert len(ms.sig.load()) > 40; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"anndata", "numba", "pandas", "scipy"} & set(run.stdout.split())


def load_script():
    spec = importlib.util.spec_from_file_location("make_signatures", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def published(shared):
    """Published lists by the hash of their file."""
    folder = shared / "reference" / "genesets"
    if not (folder / "INDEX.tsv").is_file():
        pytest.skip("no reference/genesets/INDEX.tsv in the shared folder")
    files = [f for f in sorted(folder.glob("*.tsv")) if f.name != "INDEX.tsv"]
    return {hashlib.sha256(f.read_bytes()).hexdigest(): f for f in files}


def read_published(path):
    with path.open(encoding="utf-8", newline="") as f:
        return {row["symbol"]: float(row["weight"] or 1) for row in csv.DictReader(f, delimiter="\t")}


@pytest.mark.shared
def test_shipped_lists_equal_the_published_tables(published):
    """Every gene and weight, through the source symbol that each row keeps."""
    taken = [sig for sig in ms.sig.load(extra=True) if "obtained" in sig.source]
    assert len(taken) >= 90
    for sig in taken:
        path = published[sig.source["sha256"]]
        ours = {s: w for g, w in sig.genes.items() for s in sig.listed_as.get(g, g).split("|")}
        assert ours == read_published(path), sig.id


@pytest.mark.shared
def test_the_files_are_what_the_script_writes(shared, published, tmp_path):
    hgnc = shared / "reference" / "genes" / "hgnc.tsv.gz"
    if not hgnc.is_file():
        pytest.skip("no reference/genes/hgnc.tsv.gz in the shared folder")
    folder = next(iter(published.values())).parent
    call = [sys.executable, str(SCRIPT), str(folder), str(hgnc), "--out", str(tmp_path)]
    subprocess.run(call, check=True, capture_output=True)
    made = {f.relative_to(tmp_path): f.read_bytes() for f in tmp_path.rglob("*.toml")}
    kept = {f.relative_to(ROOT / "signatures"): f.read_bytes() for f in (ROOT / "signatures").rglob("*.toml")}
    assert len(made) >= 90
    assert made.items() <= kept.items()


@pytest.mark.shared
def test_the_script_loses_no_gene_of_any_published_list(shared, published):
    hgnc = shared / "reference" / "genes" / "hgnc.tsv.gz"
    if not hgnc.is_file():
        pytest.skip("no reference/genes/hgnc.tsv.gz in the shared folder")
    script = load_script()
    genes = script.read_hgnc(hgnc)
    for path in published.values():
        rows = script.gene_rows(path, {}, genes)
        names = sorted(n for g, row in rows.items() for n in row.get("source", g).split("|"))
        assert names == sorted(read_published(path)), path.name
        assert all(g in genes.ensembl_of or row["status"] == "unmapped" for g, row in rows.items()), path.name


@pytest.mark.shared
def test_the_page_says_of_every_list_what_became_of_it(published, tmp_path):
    folder = next(iter(published.values())).parent
    page = tmp_path / "catalogue.md"
    call = [sys.executable, str(SCRIPT.with_name("make_catalogue.py")), str(folder), "--out", str(page)]
    subprocess.run(call, check=True)
    assert page.read_text(encoding="utf-8") == (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
    with (folder / "INDEX.tsv").open(encoding="utf-8", newline="") as f:
        names = [row["name"] for row in csv.DictReader(f, delimiter="\t")]
    assert all(f"| {name} | " in page.read_text(encoding="utf-8") for name in names)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["SOCS3", "BCL3"], r"SOCS3, BCL3 are genes.*'other\.mine', genes=\['SOCS3', 'BCL3'\]\)"),
        (iter(["STAT3", "Socs3"]), r"STAT3, Socs3 are genes.*genes=\['STAT3', 'Socs3'\]\)"),
        ("ENSG00000184557", "ENSG00000184557 is a gene, no signature"),
        (["emt", "emt.q"], "Unknown signature 'emt.q'"),
        ("STAT3", "Did you mean stat3"),
    ],
)
def test_genes_in_place_of_signatures_are_recognised(given, said):
    with pytest.raises(ms.SignatureError, match=said):
        ms.sig.as_set(given)


def test_a_list_of_ids_loads_as_ids_do() -> None:
    ids = ["emt.hallmark", "il6.hallmark"]
    assert ms.sig.load(ids).ids == ms.sig.load(*ids).ids == ms.sig.load(ids[0], ids[1:]).ids
    with pytest.raises(ms.SignatureError, match=r"Unknown signature 'emt\.halmark'"):
        ms.sig.load(["emt.halmark"])
