"""Samples placed among patients: the interval holds, and what is not comparable is refused."""

from __future__ import annotations

import dataclasses
import runpy
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._stats.binomial import exact_interval

ROOT = Path(__file__).resolve().parents[1]
IL6 = ms.sig.Signature("il6.mine", axis="il6", genes=["SOCS3", "PIM1", "STAT3", "JUNB", "IL6ST", "CD14"])
EMT = ms.sig.Signature("emt.mine", axis="emt", genes={"VIM": 1, "FN1": 1, "SPARC": 1, "TAGLN": 1, "CDH1": -1})


@pytest.fixture(scope="module")
def cohort():
    return ms.ds.toy()


@pytest.fixture(scope="module")
def known(cohort):
    return ms.tl.reference(cohort, [IL6, EMT], name="toy", donor=None)


def test_it_shows_where_the_patients_lie(known):
    assert len(repr(known)) < 100
    shown = dataclasses.replace(known, source={"title": "<b>Toy</b>"})._repr_html_()
    assert "<b>" not in shown
    assert "title: &lt;b&gt;Toy" in shown
    for name, scores in known.scores.items():
        low, mid, high = np.quantile(scores, [0.05, 0.5, 0.95])
        assert f"<td>{name}</td>" in shown
        assert f"<td>{mid:.3g} [{low:.3g}, {high:.3g}]</td>" in shown


def test_a_patient_of_the_cohort_finds_its_own_place(cohort, known):
    frame = ms.tl.percentile(cohort, known, signatures=[IL6, EMT])
    assert len(frame) == 2 * cohort.n_obs
    for id, part in frame.groupby("signature"):
        own = known.scores[id]
        np.testing.assert_allclose(part["score"], own)
        ranks = own.rank(method="average").to_numpy()  # mid-ranks: ties count half
        np.testing.assert_allclose(part["percentile"], 100 * (ranks - 0.5) / len(own))
        assert (part["low"] <= part["percentile"]).all()
        assert (part["percentile"] <= part["high"]).all()
    assert "score_singscore" not in cohort.obsm


def test_a_sample_is_placed_alike_in_any_company(cohort, known):
    whole = ms.tl.percentile(cohort, known, signatures=IL6)
    alone = ms.tl.percentile(cohort[3:4].copy(), known, signatures=IL6)
    pd.testing.assert_frame_equal(alone, whole.iloc[3:4].reset_index(drop=True))
    rng = np.random.default_rng(0)
    shuffled = cohort[:, rng.permutation(cohort.n_vars)].copy()
    pd.testing.assert_frame_equal(ms.tl.percentile(shuffled, known, signatures=IL6), whole)
    logged = cohort.copy()
    ms.pp.lognorm(logged)  # another scale, the same order
    pd.testing.assert_frame_equal(ms.tl.percentile(logged, known, signatures=IL6), whole)


@pytest.mark.parametrize("true", [0.02, 0.3, 0.9])
def test_the_interval_holds_the_share_of_the_population(true):
    """Of cohorts of 40 drawn at random, at least 95 % have an interval that holds the true share."""
    rng = np.random.default_rng(1)
    below = (rng.random((20_000, 40)) < true).sum(axis=1)
    low, high = exact_interval(below, below, 40)
    held = ((low <= true) & (true <= high)).mean()
    assert held > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 20_000)
    assert (low > true).mean() < 0.025 + 0.004
    assert (high < true).mean() < 0.025 + 0.004


def test_ends_of_the_cohort_are_open():
    low, high = exact_interval(np.array([0, 40]), np.array([0, 40]), 40)
    assert low.tolist() == [0, pytest.approx(0.025 ** (1 / 40))]
    assert high.tolist() == [pytest.approx(1 - 0.025 ** (1 / 40)), 1]


def test_a_file_keeps_it_all(known, cohort, tmp_path):
    known.write(tmp_path / "toy.json.gz")
    known.write(tmp_path / "again.json.gz")
    assert (tmp_path / "toy.json.gz").read_bytes() == (tmp_path / "again.json.gz").read_bytes()
    one = ms.tl.percentile(cohort, tmp_path / "toy.json.gz", signatures=[IL6, EMT])
    pd.testing.assert_frame_equal(one, ms.tl.percentile(cohort, known, signatures=[IL6, EMT]))
    (tmp_path / "cut.json.gz").write_bytes((tmp_path / "toy.json.gz").read_bytes()[:500])
    with pytest.raises(ms.InputError, match=r"no reference that ms.tl.reference"):
        ms.tl.percentile(cohort, tmp_path / "cut.json.gz")


@pytest.mark.parametrize("method", ["zscore", "mean", "ulm", "gsva"])
def test_other_methods_are_refused(cohort, method):
    with pytest.raises(ms.InputError, match=r"cannot be placed by it. Use one of singscore, ucell"):
        ms.tl.reference(cohort, IL6, name="toy", method=method, donor=None)


@pytest.mark.parametrize("method", ["ucell", "aucell", "ssgsea"])
def test_every_rank_method_serves(cohort, method):
    known = ms.tl.reference(cohort, IL6, name="toy", method=method, donor=None)
    frame = ms.tl.percentile(cohort, known, signatures=IL6)
    assert frame["percentile"].mean() == pytest.approx(50)


def test_other_genes_are_refused_and_common_ones_serve(cohort, known):
    filtered = cohort[:, (cohort.X.mean(axis=0) > 40) | cohort.var_names.isin(EMT.genes)].copy()
    with pytest.raises(ms.InputError, match=r"lack \d+ of the 300 genes of toy.*genes=adata.var_names"):
        ms.tl.percentile(filtered, known, signatures=IL6)
    without = cohort[:, cohort.var_names != "SOCS3"].copy()
    with pytest.raises(ms.InputError, match="1 of them in signatures: SOCS3"):
        ms.tl.percentile(without, known, signatures=IL6)
    common = ms.tl.reference(cohort, EMT, name="common", genes=filtered.var_names, donor=None)
    assert set(common.genes) == set(filtered.var_names)
    frame = ms.tl.percentile(filtered, common, signatures=EMT)
    assert frame["lacking"].eq(0).all()
    assert common.universe != known.universe
    more = cohort[:, cohort.var_names != "APEH"].copy()  # one of 300, in no signature
    assert ms.tl.percentile(more, known, signatures=IL6)["lacking"].iloc[0] == pytest.approx(1 / 300)


def test_units_are_compared(cohort, known):
    tpm = cohort.copy()
    tpm.uns["marrowsig"] = {**tpm.uns["marrowsig"], "input": {"kind": "tpm"}}
    tpm.X = tpm.X / tpm.X.sum(axis=1, keepdims=True) * 1e6
    with pytest.raises(
        ms.InputError, match="sample tpm, cohort counts: one counts reads, one divides by length"
    ):
        ms.tl.percentile(tpm, known, signatures=IL6)
    with pytest.warns(ms.InputWarning, match="one divides by length"):
        frame = ms.tl.percentile(tpm, known, signatures=IL6, across_units=True)
    assert frame["note"].str.contains("length").all()
    logged = cohort.copy()
    del logged.uns["marrowsig"]
    logged.X = np.log2(logged.X + 0.5)
    with pytest.warns(ms.InputWarning, match="cannot be told from the values"):
        ms.tl.percentile(logged, known, signatures=IL6)


def test_signatures_are_those_that_were_scored(cohort, known):
    with pytest.raises(ms.InputError, match=r"il6.mine, emt.mine: not the genes that were scored in toy"):
        ms.tl.percentile(cohort, known)
    other = ms.sig.Signature("il6.mine", axis="il6", genes=["SOCS3", "PIM1", "STAT3", "JUNB", "IL6ST"])
    with pytest.raises(ms.InputError, match=r"il6.mine: not the genes"):
        ms.tl.percentile(cohort, known, signatures=other)
    with pytest.raises(ms.InputError, match="has no scores of stat3"):
        ms.tl.percentile(cohort, known, signatures=ms.sig.Signature("stat3.x", axis="stat3", genes=IL6.genes))


def test_a_patient_counts_once(cohort):
    with pytest.raises(ms.InputError, match="4 patients have several rows: r1, r2"):
        ms.tl.reference(cohort, IL6, name="toy", donor="pair")
    with pytest.raises(ms.InputError, match="obs has no column 'donor'"):
        ms.tl.reference(cohort, IL6, name="toy")
    with pytest.raises(ms.InputError, match="4 patients are no cohort"):
        ms.tl.reference(cohort[:4], IL6, name="toy", donor="pair")
    with pytest.raises(ms.InputError, match="The cohort has none of the genes"):
        ms.tl.reference(cohort, IL6, name="toy", donor=None, genes=["nothing"])


def test_the_script_makes_a_reference_of_downloaded_files(tmp_path, monkeypatch, capsys):
    rng = np.random.default_rng(3)
    names = list(ms.ds.toy().var_names)
    from marrowsig._genes import table

    ids = [table().ensembl_of[n] for n in names if n in table().ensembl_of]
    samples = [f"BA{i}R" for i in range(14)]
    counts = pd.DataFrame(
        rng.poisson(rng.gamma(1, 200, (len(ids), 1)) * np.ones(14)), index=ids, columns=samples
    )
    counts.insert(0, "biotype", "protein_coding")
    counts.insert(0, "description", "x")
    counts.insert(0, "display_label", "x")
    counts.to_csv(tmp_path / "beataml_waves1to4_counts_dbgap.txt", sep="\t", index_label="stable_id")
    stage = ["Relapse", "Initial Diagnosis"] + ["Initial Diagnosis"] * 11 + [""]
    donor = ["1", "1", *map(str, range(2, 13)), ""]
    pd.DataFrame(
        {"dbgap_rnaseq_sample": samples[:13], "dbgap_subject_id": donor[:13],
         "diseaseStageAtSpecimenCollection": stage[:13]}
    ).to_csv(tmp_path / "beataml_wv1to4_clinical.csv", index=False)  # fmt: skip
    control = [""] * 12 + ["Healthy pooled CD34+", "Healthy Individual BM MNC"]
    pd.DataFrame({"dbgap_rnaseq_sample": samples, "rna_control": control}).to_csv(
        tmp_path / "beataml_waves1to4_sample_mapping.csv", index=False
    )
    out = tmp_path / "ref.json.gz"
    script = ROOT / "scripts/make_reference.py"
    call = [script, "beataml2", tmp_path, out, "--signatures", "il6.hallmark"]
    monkeypatch.setattr(sys, "argv", [str(c) for c in call])
    runpy.run_path(str(script), run_name="__main__")
    printed = capsys.readouterr().out
    assert "11 patients" in printed
    assert "BeatAML2" in printed
    from marrowsig.tl._reference import read_reference

    known = read_reference(out)
    assert "1" in known.scores.index
    assert known.source["doi"] == "10.1016/j.ccell.2022.07.002"
    cohort = ms.ds.read_cohort("beataml2", tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.GeneWarning)
        ms.pp.map_genes(cohort)
    frame = ms.tl.percentile(cohort[["BA1R", "BA0R"]].copy(), out)
    own = known.scores.loc["1", "il6.hallmark"]
    assert frame["score"].iloc[0] == pytest.approx(own)  # the specimen at diagnosis was taken
    assert frame["score"].iloc[1] != pytest.approx(own)
