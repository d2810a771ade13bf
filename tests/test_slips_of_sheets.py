"""Slips of sample sheets and tables that once gave numbers, or blamed what was right."""

from __future__ import annotations

import io
import re
import warnings

import click
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._cli.read import warn
from marrowsig._cli.refused import refused as of_error
from marrowsig._cli.refused import warned_before
from marrowsig._cli.run import run
from marrowsig._cli.spoken import spoken
from marrowsig._cli.told import AGAIN
from marrowsig._collected import collected
from marrowsig._unlike_names import summed_unlike
from marrowsig.cli import main
from marrowsig.io._declared import settle_kind
from marrowsig.io._found import Found, assemble, frame
from marrowsig.io._sheet import join
from marrowsig.io._table import read_table

ARMS = (("Mono", "none"), ("MSC", "none"), ("MSC", "rux"))
FIELDS = {
    "culture": "culture", "mono": "Mono", "co": "MSC", "line": "response", "parental": "sensitive",
    "resistant": "refractory", "pair": "patient",
}  # fmt: skip
DRUG = {"inhibitor": "drug", "vehicle": "none"}


def sheet(n: int = 4) -> pd.DataFrame:
    rows = [
        (f"P{i}", "sensitive" if i < n else "refractory", c, d, f"P{i}_{c}{'_Rux' if d == 'rux' else ''}")
        for i in range(2 * n)
        for c, d in ARMS
    ]
    return pd.DataFrame(rows, columns=["patient", "response", "culture", "drug", "sample"]).set_index(
        "sample"
    )


def refused(obs: pd.DataFrame, **fields: str) -> str:
    with pytest.raises(ms.DesignError) as caught:
        ms.Design(**FIELDS, **fields).contrasts(obs)
    return str(caught.value)


def test_an_inhibitor_arm_called_untreated_is_never_led_to_a_sum_without_a_word() -> None:
    untold = sheet().assign(drug="none")
    said = refused(untold, **DRUG)
    assert said.startswith("Column 'drug' has 'none' in every row (24)")
    assert said.index("must carry its name there") < said.index("Leave inhibitor= out")
    said = refused(untold)
    assert "P0 (P0_MSC, P0_MSC_Rux), P1 (P1_MSC, P1_MSC_Rux)" in said
    assert said.index("never sum them") < said.index("nothing else? Sum them first")
    assert "never sum them" in spoken(said, run)
    assert "nothing else? Add --unit patient" in spoken(said, run)


def test_of_a_copied_sample_its_own_donor_is_named() -> None:
    obs = sheet()
    twice = pd.concat([obs, obs.loc[["P6_MSC"]].rename(index={"P6_MSC": "P6_MSC_b"})])
    assert "some in the same arm: P6 (P6_MSC, P6_MSC_b). " in refused(twice, **DRUG)


def test_sums_of_unlike_names_are_told_and_lanes_are_not() -> None:
    assert "P0_MSC + P0_MSC_Rux. If a drug" in summed_unlike([["P0_MSC", "P0_MSC_Rux"], ["a_L1", "a_L2"]])
    assert not summed_unlike([["a_S1_L001", "a_S9_L002"], ["GSM11", "GSM12"], ["b_rep1", "b_rep2"]])


def test_a_donor_in_both_lines_by_a_slip_is_told_and_a_crossed_design_is_not() -> None:
    obs = sheet()
    obs.loc["P2_MSC", "response"] = "refractory"
    with pytest.warns(ms.InputWarning) as caught:
        ms.Design(**FIELDS, **DRUG).contrasts(obs)
    (said,) = [str(w.message) for w in caught if "is a slip" in str(w.message)]
    assert "P2 is 'sensitive' in 2 rows (P2_Mono, P2_MSC_Rux) and 'refractory' in 1 row (P2_MSC)" in said
    assert "the other 7 levels of 'patient'" in said
    crossed = pd.concat(
        [sheet().assign(response=r).add_prefix(r, axis=0) for r in ("sensitive", "refractory")]
    )
    for one in (crossed, crossed.iloc[1:]):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            ms.Design(**FIELDS, **DRUG).contrasts(one)
        assert not [w for w in told if "is a slip" in str(w.message)]


def test_rows_without_a_level_are_left_out_by_the_line_that_is_told() -> None:
    obs = sheet()
    obs.loc[obs["patient"] == "P5", "response"] = None
    said = refused(obs, **DRUG)
    assert "leave these rows out: adata = adata[~adata.obs_names.isin(['P5_Mono', 'P5_MSC'," in said
    assert spoken(said, run).endswith("--leave-out P5_Mono --leave-out P5_MSC --leave-out P5_MSC_Rux.")


def test_an_error_takes_the_warnings_before_it_along() -> None:
    def work() -> None:
        with collected(["first"]):
            warnings.warn("second", ms.InputWarning, stacklevel=1)
            raise ms.InputError

    with pytest.raises(ms.InputError) as caught:
        work()
    assert caught.value.warned == ["first", "second"]


def table(mend: dict[str, tuple[str, str]]) -> bytes:
    values = np.random.default_rng(0).integers(1, 9_000, (60, 4)) / 8
    told = pd.DataFrame(values, index=[f"G{i}" for i in range(60)], columns=list("abcd")).map(
        lambda v: f"{v:.3f}".replace(".", ",")
    )
    for column, (one, other) in mend.items():
        told[column] = told[column].str.replace(one, other, regex=True)
    text = io.StringIO()
    told.to_csv(text, sep=";")
    return text.getvalue().encode()


@pytest.mark.parametrize("known", [frozenset("abcd"), frozenset()])
def test_the_column_that_is_written_otherwise_is_named(known: frozenset[str]) -> None:
    with pytest.raises(ms.InputError, match=r"3 columns write .* comma, and 1 column with a point: b \(G"):
        read_table(table({"b": (",", "."), "c": ("$", "1")}), "t.csv", known=known)
    with pytest.raises(ms.InputError, match=r"1 column begins its numbers with an apostrophe: c \(G0: '"):
        read_table(table({"c": ("^", "'"), "a": ("$", "1")}), "t.csv", known=known)


def test_counts_that_were_divided_are_told_by_their_factor_and_rounded_fpkm_are_not() -> None:
    rng = np.random.default_rng(1)
    counts = rng.negative_binomial(1, 0.004, (6, 2_000)).astype(float)
    shared = rng.random(counts.shape) < 0.4
    counts[shared] += rng.random(shared.sum()).round(3)
    for factor in (1_000, 1_000_000):
        with pytest.raises(ms.InputError, match=f"divided by {factor:,}. .* say kind='expected_counts'"):
            settle_kind(counts / factor, "expected_counts")
        with pytest.warns(ms.InputWarning, match=f"divided by {factor:,}"):
            settle_kind(counts / factor, None)
    assert settle_kind(counts, "expected_counts")[0] == "expected_counts"
    settle_kind((counts / 1_000).round(3), None)  # all whole per thousand: FPKM of three decimals are, too


def test_samples_that_the_sheet_does_not_list_may_be_stroma() -> None:
    cells = pd.DataFrame(
        np.arange(60.0).reshape(20, 3), [f"G{i}" for i in range(20)], ["MSC_1", "MSC_2", "MSC_3"]
    )
    path = pd.DataFrame({"sample": ["AML7_Mono", "AML7_MSC"], "culture": ["Mono", "MSC"]})
    found = Found(assemble(cells.to_numpy().T, frame(list(cells)), frame(list(cells.index))), "table")
    with pytest.raises(ms.InputError, match=r"stroma grown alone, .* add rows for it .* as stroma=\.$"):
        join(found, path, sheet_key=None)


def test_warnings_before_an_error_are_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    with click.Context(main), click.Context(run):
        warn(["Give pair='patient'."])
        left = warned_before(["Give pair='patient'.", "Two samples are alike."], run)
    assert capsys.readouterr().err == "Warning: Give --pair patient.\n"
    assert left == ["Warning: Two samples are alike."]


def test_an_error_stands_last_below_short_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    notes = [f"Sample {i} is odd. Leave it out with leave_out=['s{i}']." for i in range(5)]
    error = ms.InputError("No column 'dose'. Give culture='arm'.")
    error.warned = notes
    with click.Context(main), click.Context(run):
        of_error(error, run).show()
    said = capsys.readouterr().err.splitlines()
    assert said == [
        *(f"Warning: Sample {i} is odd." for i in range(3)),
        "(2 further warnings)",
        "Error: No column 'dose'. Give --culture arm.",
    ]


def test_many_signatures_without_genes_are_one_line_above_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    adata = ms.ds.toy()
    adata = adata[:, ::3].copy()
    ms.pp.lognorm(adata)
    with pytest.warns(ms.CoverageWarning) as seen:
        ms.tl.score(adata, "emt")
    lines = str(seen[0].message).splitlines()
    some = (
        r"\d+ signatures with too few of their genes found, min_coverage=0\.5 -> NaN: emt\.blast \(6 of 38\)"
    )
    assert re.match(rf"{some}, (\S+ \(\d+ of \d+\), ){{11}}\.\.\. \(\d+ more\)$", lines[0])
    assert not any("genes found (" in line for line in lines)
    error = ms.InputError("--primary names foo.")
    error.warned = [str(seen[0].message)]
    with click.Context(main), click.Context(run):
        of_error(error, run).show()
    said = capsys.readouterr().err.splitlines()
    assert re.fullmatch(
        r"Warning: \d+ signatures with too few of their genes found, --min-coverage 0\.5 -> NaN\.", said[0]
    )
    assert said[1:] == [f"({len(lines) - 1} further warning{'s' * (len(lines) > 2)})", f"Error: {error}"]


def test_what_puts_all_answers_in_doubt_is_told_again_above_them() -> None:
    unpaired = {field: column for field, column in FIELDS.items() if field != "pair"}
    slip = sheet()
    slip.loc["P2_MSC", "response"] = "refractory"
    with pytest.warns(ms.InputWarning, match="does not pair them") as loose:
        ms.Design(**unpaired, **DRUG).contrasts(sheet())
    with pytest.warns(ms.InputWarning) as slipped:
        ms.Design(**FIELDS, **DRUG).contrasts(slip)
    told = [str(w.message) for w in (*loose, *slipped)]
    assert sum(map(bool, map(AGAIN.search, told))) == 2
    assert not any(AGAIN.search(text) for text in told if "no partner of" in text)
    assert AGAIN.search(summed_unlike([["P0_MSC", "P0_MSC_Rux"]]))
