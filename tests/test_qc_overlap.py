"""`ms.qc.overlap` against Python sets."""

from __future__ import annotations

from itertools import combinations

import pytest

import marrowsig as ms


def test_overlap_equals_python_sets():
    sigs = ms.sig.load("il6", "stat3")
    table = ms.qc.overlap(sigs)
    assert len(table) == len(list(combinations(sigs, 2)))
    assert table["jaccard"].is_monotonic_decreasing
    assert table["shared"].max() > 0
    for row in table.itertuples():
        a, b = sigs[row.a].genes, sigs[row.b].genes
        shared = set(a) & set(b)
        assert (row.n_a, row.n_b, row.shared) == (len(a), len(b), len(shared))
        assert row.jaccard == len(shared) / len(set(a) | set(b))
        assert row.share_of_smaller == len(shared) / min(len(a), len(b))
        assert row.same_direction == sum((a[g] > 0) == (b[g] > 0) for g in shared)
        assert row.opposite == row.shared - row.same_direction


def test_genes_are_listed_in_the_order_of_the_first():
    one = ms.sig.Signature("il6.one", axis="il6", genes={"C": 1, "A": -2, "B": 1})
    two = ms.sig.Signature("il6.two", axis="il6", genes={"A": 1, "C": 3})
    row = ms.qc.overlap([one, two]).iloc[0]
    assert row["genes"] == "C, A"
    assert (row["same_direction"], row["opposite"]) == (1, 1)


def test_one_signature_is_refused():
    with pytest.raises(ms.InputError, match="two or more"):
        ms.qc.overlap("il6.hallmark")
