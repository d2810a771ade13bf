"""Names of samples that a sheet and a matrix spell apart: matched, told, or refused."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig.io._names import alike, less_ending, mangle, respell, same_letters, told_alike

GENES = ["IL6", "SOCS3", "BCL3", "VIM", "CDH1", "ZEB1", "FN1", "STAT3"]
SAMPLES = ["1-mono", "2-mono", "1-co", "2-co"]
COUNTS = pd.DataFrame(np.random.default_rng(3).poisson(400, (8, 4)), index=GENES, columns=SAMPLES)
SHEET = pd.DataFrame({"donor": ["01", "02", "01", "02"], "id": SAMPLES, "arm": list("mmcc")})


@pytest.fixture
def matrix(tmp_path):
    path = tmp_path / "counts.csv"
    COUNTS.to_csv(path)
    return path


def test_names_that_a_sheet_spells_in_several_ways_are_matched_one_by_one(matrix):
    """Most have another sign; one has another case too, one none. The decision and one warning tell them."""
    mixed = SHEET.assign(id=["1_mono", "2_mono", "1 Co", "2co"])
    told = (
        r"matched taking blanks, .* for one sign: '1-mono' is '1_mono', '2-mono' "
        r"is '2_mono', and 2 more by letters and digits, .*: '1-co' is '1 Co', '2-co' is '2co'\. If that"
    )
    with pytest.warns(ms.InputWarning, match=told) as seen:
        adata = ms.io.read(matrix, samples=mixed)
    assert len(seen) == 1
    assert list(adata.obs_names) == list(mixed["id"])
    np.testing.assert_array_equal(adata.X, COUNTS.to_numpy().T)
    note = adata.uns["marrowsig"]["input"]["decisions"]
    assert "for one sign, 2 by letters and digits, whatever the case and signs" in note


def test_letters_and_digits_match_names_only_where_no_other_looks_like_them():
    assert same_letters(["MV4-11 P E1", "MV411 P E2"], ["MV411-P_E1", "MV411-P_E2"])[1] == {
        "MV411-P_E1": "MV4-11 P E1",  # 411 stands in half of the names, and tells none apart
        "MV411-P_E2": "MV411 P E2",
    }
    for wanted, names in (
        (["P1-10", "P2"], ["P110", "P3", "P4"]),  # day 10 of patient 1, or patient 110
        (["1-10"], ["11-0"]),
        (["S-01"], ["S01", "S1"]),
        (["S 1", "S_1"], ["S-1"]),
        (["A1 CD34-"], ["A1_CD34+"]),
        (["A1 CD34-"], ["A1_CD34"]),
    ):
        assert same_letters(wanted, names)[1] == {}
    assert same_letters(["a 1"], ["a-1"], {"a-1": "other"})[1] == {}


def test_names_that_look_alike_are_told_and_not_matched(matrix):
    apart = SHEET.assign(id=["01 mono", "02mono", "1_CO", "lost"])
    with pytest.raises(
        ms.InputError,
        match=r"out: leave_out=\['lost'\].*'id' '1-mono' in place of '01 mono', '2-mono' in place",
    ):
        ms.io.read(matrix, samples=apart)
    some = SHEET.assign(id=["1-mono", "2-mono", "1-co", "02_co"])
    with pytest.raises(
        ms.InputError, match=r"1 of 4 .* not in the matrix: 02_co\..*'2-co' in place of '02_co'"
    ):
        ms.io.read(matrix, samples=some)
    ids = [f"0{i} a" for i in range(8)]
    every = {f"0{i} a": f"{i}-a" for i in range(8)}
    assert alike(ids, every.values()) == every
    assert all(f"{name!r} in place of {own!r}" in told_alike(every, "id") for own, name in every.items())
    with pytest.raises(ms.InputError, match=r"Correct the names, or leave it out: leave_out=\['new'\]\.$"):
        ms.io.read(matrix, samples=SHEET.assign(id=["1-mono", "2-mono", "1-co", "new"]))


def test_what_looks_like_two_names_is_paired_with_none():
    assert alike(["S-01", "x2"], ["S01", "S1", "2"]) == {"x2": "2"}
    assert alike(["1-10"], ["11-0"]) == {}
    assert alike(["P1-10"], ["P110"]) == {"P1-10": "P110"}  # told, and not matched
    assert alike(["S-01", "S-02"], ["s1", "s2", "s3"]) == {"S-01": "s1", "S-02": "s2"}


def test_mangle_is_make_names():
    seen = {"1-a b": "X1.a.b", "a-b": "a.b", "_x": "X_x", ".2a": "X.2a", "ok_1": "ok_1", ".a": ".a"}
    assert {k: mangle(k) for k in seen} == seen


def test_a_spelling_that_joins_two_names_is_not_used():
    words, pairs = respell(["a-1", "a.1"], ["a-1", "a.1"])
    assert (words, pairs) == ("as written", {"a-1": "a-1", "a.1": "a.1"})
    assert respell(["a-1", "a 1"], ["a.1"])[1] == {}


def test_names_of_files_with_an_ending_of_their_own_are_matched_and_told(tmp_path):
    """As of featureCounts: /data/run/X_sorted.bam is X; one more library of the file is dropped."""
    more = COUNTS.assign(MSC1=COUNTS.iloc[:, 0]).rename(columns=lambda name: f"/data/run/{name}_sorted.bam")
    more.to_csv(tmp_path / "counts.csv")
    told = r"without folder and the ending '_sorted' that all have: '/data/run/.*_sorted.bam' is "
    with pytest.warns(ms.InputWarning) as seen:
        adata = ms.io.read(tmp_path / "counts.csv", samples=SHEET)
    assert [bool(re.search(told, str(one.message))) for one in seen].count(True) == 1
    assert list(adata.obs_names) == SAMPLES
    np.testing.assert_array_equal(adata.X, COUNTS.to_numpy().T)
    assert less_ending(["A", "B", "C", "D", "E"], ["A_s", "B_s", "Q_s"])[1] == {}  # two of five are chance
    assert less_ending(["A-1", "A.1"], ["A-1_s", "A.1_s"])[1] == {}  # not one to one
