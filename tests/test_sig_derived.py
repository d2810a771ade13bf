"""marrowsig's own signatures: made by the script, by the stated rules, and judged on real data."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path

import pytest

import marrowsig as ms

ROOT = Path(__file__).resolve().parents[1]
OWN = (
    "emt.blast", "emt.blast_mature_free", "stat3.specific", "stat1.specific", "control.stroma_blood_absent",
)  # fmt: skip


@pytest.fixture(scope="module")
def own():
    return ms.sig.load(*OWN)


def script(name):
    """Run a file of scripts/ as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def maker():
    return script("make_derived")


@pytest.fixture(scope="module")
def docs(maker):
    return maker.documents()


def test_the_files_are_what_the_script_writes(maker, docs):
    assert tuple(docs) == OWN
    odd = maker.stale(docs, ROOT / "signatures")
    assert not odd, f"the catalogue or a file changed; if that is meant, run scripts/make_derived.py: {odd}"


def test_no_signature_drifts():
    lock = script("lock_signatures")
    assert lock.PATH.read_text() == lock.listing(), "if meant, run scripts/lock_signatures.py and say why"


def test_the_locked_hashes_are_those_that_scores_record():
    lines = (ROOT / "signatures" / "hashes.tsv").read_text().splitlines()[1:]
    locked = dict(line.split("\t") for line in lines)
    adata = ms.ds.toy()
    ms.tl.score(adata, "emt.hallmark", min_coverage=0)
    seen = adata.uns["marrowsig"]["scores"]["singscore"]["signatures"].set_index("id")["sha256"]
    assert (
        seen["emt.hallmark"] == locked["emt.hallmark"] == ms.sig.load("emt.hallmark")["emt.hallmark"].sha256
    )


def test_an_edit_by_hand_is_caught(maker, docs, tmp_path):
    for id in OWN:
        path = maker.path_of(id, tmp_path)
        path.parent.mkdir(exist_ok=True)
        path.write_text(maker.path_of(id, ROOT / "signatures").read_text())
    path = maker.path_of("emt.blast", tmp_path)
    path.write_text(path.read_text().replace("VIM = { w = 1.0", "VIM = { w = -1.0"))
    maker.path_of("stat1.specific", tmp_path).unlink()
    assert maker.stale(docs, tmp_path) == ["emt.blast", "stat1.specific"]


def test_sets_are_large_enough_and_say_where_they_come_from(own):
    for sig in own:
        assert len(sig) >= 15, sig.id
        assert not sig.is_signed
        assert set(sig.why) == set(sig.genes)
        assert sig.source["steps"][-1].startswith(f"{len(sig)}: ")
        counts = [int(step.partition(":")[0]) for step in sig.source["steps"]]
        assert counts == sorted(counts, reverse=True)
    for sig in own:
        atlas = "Human Protein Atlas" in sig.source["attribution"]
        assert (
            atlas
            == (sig.source["licence"] == "CC-BY-SA-4.0")
            == ("Uhlen2019" in sig.source.get("also_cite", []))
        )
    assert {sig.id for sig in own if sig.source["licence"] == "CC-BY-4.0"} == {"stat1.specific"}


def test_emt_blast_holds_what_its_rule_says(own):
    """The rule once more, straight from the evidence and the lists."""
    frame = ms.sig.evidence(own["emt.blast"].genes)
    assert (
        frame["class"].isin(["myeloid_low", "myeloid_expressed", "myeloid_expressed_maturation_biased"]).all()
    )
    assert not frame[["hay_stroma", "core_matrisome", "estimate_stromal", "blood_absent_stroma"]].any(
        axis=None
    )
    assert (frame[["progenitor_ptpm", "monocyte_ptpm"]].max(axis=1) >= 10).all()
    biased = frame.index[frame["class"] == "myeloid_expressed_maturation_biased"]
    assert set(own["emt.blast"].genes) - set(biased) == set(own["emt.blast_mature_free"].genes)
    cycle = ms.sig.load("control.tirosh2016_s", "control.tirosh2016_g2m", "control.hallmark_ifn_alpha").genes
    assert not set(own["emt.blast"].genes) & {*cycle, "IL6"}
    assert {"VIM", "TPM1", "ITGB1"} <= set(own["emt.blast"].genes)
    assert not {"COL1A1", "FN1", "POSTN", "CDH11", "TWIST1"} & set(own["emt.blast"].genes)


def test_no_list_of_the_judging_data_has_a_vote(own):
    for sig in own:
        assert not [id for id in sig.source["derived_from"] if "foroutan" in id]


def test_stat3_and_stat1_are_apart(own):
    stat3, stat1 = own["stat3.specific"].genes, own["stat1.specific"].genes
    assert not stat3.keys() & stat1.keys()
    assert {"SOCS3", "PIM1", "BCL3", "MCL1", "ZFP36"} <= stat3.keys()
    assert {"IFIT1", "MX2", "OAS2", "RSAD2"} <= stat1.keys()
    assert not {"IL6", "IRF1", "IRF9", "STAT1"} & stat3.keys()


def test_stroma_control_shares_no_gene_with_what_is_tested(own):
    genes = set(own["control.stroma_blood_absent"].genes)
    frame = ms.sig.evidence(sorted(genes))
    assert (frame["blood_ptpm"] < 1).all()
    assert frame["k562"].isna().all()
    tested = [sig for sig in ms.sig.load(*ms.sig.table()["id"]) if sig.axis != "control"]
    for sig in tested:
        assert not genes & sig.genes.keys(), sig.id


# ---------------------------------------------------------------- judged on real data, as in docs/derived.md


@pytest.fixture(scope="module")
def judge(shared):
    if not (shared / "datasets" / "t84_il22_ifnl").is_dir():
        pytest.skip("no datasets in the shared folder")
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        return script("judge_derived")
    finally:
        sys.path.remove(str(ROOT / "scripts"))


@pytest.fixture(scope="module")
def stroma(judge, shared):
    ids = ("emt.hallmark", "emt.blast", "emt.blast_mature_free")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.InputWarning)
        return judge.stroma_table(shared / "datasets", signatures=ids, methods=("mean", "ucell"))


@pytest.fixture(scope="module")
def stimuli(judge, shared):
    ids = ("il6.hallmark", "stat3.specific", "stat1.specific")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.InputWarning)
        return judge.stimuli(shared / "datasets", methods=("mean",), signatures=ids)


@pytest.mark.slow
@pytest.mark.shared
def test_emt_blast_sees_emt_and_less_stroma_than_hallmark_in_the_mean(stroma):
    mean = stroma.xs("mean")
    assert (mean["g"] > 4).all()
    assert mean.loc["emt.blast", "ratio"] < 0.5 * mean.loc["emt.hallmark", "ratio"]
    assert mean.loc["emt.blast_mature_free", "ratio"] < 0.6 * mean.loc["emt.hallmark", "ratio"]
    assert mean.loc["emt.blast_mature_free", "matured"] < 0.5 * mean.loc["emt.blast", "matured"]


@pytest.mark.shared
@pytest.mark.slow
def test_what_the_page_says_against_emt_blast_is_still_so(stroma):
    """In UCell it sees more stroma per EMT than Hallmark, and it rises with maturation: limits."""
    assert stroma.loc[("ucell", "emt.blast"), "ratio"] > stroma.loc[("ucell", "emt.hallmark"), "ratio"]
    assert stroma.loc[("mean", "emt.blast"), "matured"] > 1


@pytest.mark.slow
@pytest.mark.shared
def test_stat3_specific_follows_il22_and_stat1_specific_follows_interferon(stimuli):
    mean = {n: stimuli.loc[n].xs("mean") for n in ("IL-22", "IFN-lambda", "IL-13", "IFN-beta, cells")}
    rise = {n: frame["estimate"] for n, frame in mean.items()}
    assert rise["IL-22"]["stat3.specific"] > 3 * rise["IFN-lambda"]["stat3.specific"]
    assert rise["IFN-lambda"]["stat1.specific"] > 5 * rise["IL-22"]["stat1.specific"]
    assert (
        abs(rise["IL-22"]["il6.hallmark"] - rise["IFN-lambda"]["il6.hallmark"]) < 0.05
    )  # tells nothing apart
    assert mean["IL-22"].loc["stat3.specific", "ci_low"] > 0
    assert mean["IL-13"].loc["stat3.specific", "ci_low"] < 0 < mean["IL-13"].loc["stat3.specific", "ci_high"]
    cells = mean["IFN-beta, cells"]["effect"]
    assert abs(cells["stat3.specific"]) < 0.1
    assert cells["stat1.specific"] > 2
