"""Designs whose two cultures are both co-cultures: statements, grid of arms and methods name the two."""

from __future__ import annotations

import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._report.judged import _stroma
from marrowsig._two_cultures import alone, between
from marrowsig.pl._arm_words import arms_told


def _relabelled(mono: str, co: str) -> tuple[pd.DataFrame, list[str]]:
    adata = ms.ds.demo()
    adata = adata[adata.obs["inhibitor"].eq("none")].copy()
    adata.obs["culture"] = adata.obs["culture"].astype(str).replace({"mono": mono, "co": co})
    design = ms.Design(culture="culture", mono=mono, co=co, line="line", pair="pair")
    table = ms.tl.claims(adata, design, stroma=ms.ds.demo_stroma(), methods="mean")
    further = ms.tl.questions(adata, design, claims=table)
    asked = further[further["verdict"] != "not asked"]
    return table, asked["sentence"].tolist()


@pytest.mark.slow
def test_a_claim_against_a_transwell_names_both_levels_and_keeps_its_numbers():
    table, further = _relabelled("transwell", "contact")
    asked = table[table["verdict"] != "not asked"].set_index("claim")
    first = asked.loc["emt_up"].iloc[0]
    assert first["sentence"].startswith("EMT is higher in contact than in transwell (parental cells): ")
    more = asked.loc["emt_more_in_resistant", "statement"]
    assert more == "EMT rises more in resistant cells, from transwell to contact"
    assert not asked["sentence"].str.contains("rises in co-culture").any()
    assert all("from transwell to contact: " in said for said in further)
    plain, _ = _relabelled("solo", "contact")
    assert plain.loc[0, "sentence"].startswith("EMT rises in co-culture (parental cells): ")
    numbers = ["estimate", "ci_low", "ci_high", "p_adj", "verdict"]
    pd.testing.assert_frame_equal(table[numbers], plain[numbers])


@pytest.mark.parametrize(
    ("mono", "rows"), [("transwell", ["transwell", "contact", "n"]), ("solo", ["contact", "n"])]
)
def test_minus_stands_for_cells_alone_only(mono, rows):
    design = ms.Design(culture="culture", mono=mono, co="contact", line="line")
    parts = [[line, level] for line in ("parental", "resistant") for level in (mono, "contact")]
    grid = arms_told(parts, [4] * 4, [0] * 4, design, {}, 55.0)
    assert [name for name, _ in grid.rows] == rows


@pytest.mark.parametrize(
    ("mono", "co", "found"),
    [
        ("with monocytes", "with MSC", False),
        ("alone with MSC", "contact", False),
        ("normal MSC", "AML MSC", False),
        ("HS5 expressing GFP", "HS5 expressing IL6", False),
        ("MSC-free", "MSC", True),
        ("MSC-", "MSC+", True),
        ("MSC alone", "MSC with AML", True),
        ("AML, no MSC", "AML + MSC", True),
        ("monoculture", "coculture", True),
        ("pretreatment", "MSC", True),
    ],
)
def test_words_for_cells_alone_do_not_match_within_others(mono, co, *, found):
    assert alone(mono, co) is found


def test_a_level_with_a_backslash_is_written_as_it_is():
    assert between("EMT rises in co-culture", r"a\Mono", r"a\1") == r"EMT is higher in a\1 than in a\Mono"


def test_methods_say_in_which_cells_markers_are_absent():
    for mono, said in (("transwell", "cells of 'transwell'"), ("mono", "cells alone")):
        design = ms.Design(culture="culture", mono=mono, co="contact")
        assert f"absent in {said}" in _stroma("69 markers", {}, design)
