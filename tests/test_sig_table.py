"""The catalogue as a table: shares in marrow, and the nearest neighbour."""

from __future__ import annotations

import csv

import pytest

import marrowsig as ms

# design table of the evidence: rising genes of each list by class
CLASSES = {
    "emt.hallmark": {"prone": 33 + 12 + 9, "mature": 25, "unexpressed": 33 + 12 + 9 + 13, "measured": 200},
    "emt.mak2016": {"prone": 11 + 3 + 2, "mature": 3, "unexpressed": 11 + 3 + 2 + 6, "measured": 52},
    "emt.foroutan2017_tgfb": {
        "prone": 13 + 7 + 4,
        "mature": 29,
        "unexpressed": 13 + 7 + 4 + 21,
        "measured": 192,
    },
}


@pytest.fixture(scope="module")
def frame():
    return ms.sig.table().set_index("id")


@pytest.mark.parametrize("id", CLASSES)
def test_shares_are_those_of_the_evidence_paper(frame, id):
    expected = dict(CLASSES[id])
    n = expected.pop("measured")
    assert frame.loc[id, "measured"] == pytest.approx(n / frame.loc[id, "n_up"])
    for column, count in expected.items():
        assert frame.loc[id, column] == pytest.approx(count / n), column


def test_directions_and_expectations(frame):
    assert frame.loc["emt.hallmark", ["direction", "expect"]].to_list() == ["up", "coculture up"]
    assert frame.loc["stat3.dauer2005", "direction"] == "up and down"
    assert frame.loc["control.hallmark_ifn_alpha", "expect"] == ""


def test_own_signatures_are_set_beside_the_shipped_ones():
    genes = list(ms.sig.load("il6.hallmark").genes)
    row = ms.sig.table(ms.sig.Signature("il6.mine", axis="il6", genes=genes[:80])).iloc[0]
    assert (row["nearest"], row["jaccard"]) == ("il6.hallmark", 80 / 87)
    lonely = ms.sig.table(ms.sig.Signature("il6.none", axis="il6", genes=["NOTAGENE"])).iloc[0]
    assert (lonely["nearest"], lonely["jaccard"], lonely["measured"]) == ("", 0.0, 0.0)
    assert lonely[["prone", "mature", "unexpressed"]].isna().all()
    falling = ms.sig.table(ms.sig.Signature("il6.down", axis="il6", genes={"VIM": -1})).iloc[0]
    assert falling["direction"] == "down"
    assert falling["measured"] != falling["measured"]


@pytest.mark.shared
def test_neighbours_agree_with_the_published_overlaps(frame, shared):
    path = shared / "reference" / "genesets" / "_evidence" / "OVERLAP.tsv"
    if not path.is_file():
        pytest.skip("no OVERLAP.tsv in the shared folder")
    with path.open(encoding="utf-8") as f:
        pairs = {
            frozenset((r["set_a"], r["set_b"])): float(r["jaccard"])
            for r in csv.DictReader(f, delimiter="\t")
        }
    asked = {
        "emt.foroutan2017_tgfb": ("foroutan2017_integrated_tgfb_emt", "foroutan2017_tgfb_emt"),
        "il6.reactome_family": ("reactome_il6_family_signaling", "reactome_il6_signaling"),
    }
    for id, (a, b) in asked.items():
        assert frame.loc[id, "jaccard"] == pytest.approx(pairs[frozenset((a, b))], abs=5e-5)
