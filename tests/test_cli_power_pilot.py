"""`marrowsig power --pilot`: one refusal names all that is missing, and a line that runs."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import marrowsig as ms
from marrowsig._cli.lines import wrapped
from marrowsig._cli.of_pilot import lines_of, sizes_of_pilot, with_rise
from marrowsig._cli.plan_rows import fitting
from marrowsig.cli import main


@pytest.fixture
def pilot(tmp_path):
    """Contrasts of a run as its folder has them, of two signatures."""
    sizes = {"co_in_parental": 0.06, "co_in_resistant": 0.08, "interaction": 0.02,
             "reversal_ruxolitinib 1 µM_in_resistant": 0.03}  # fmt: skip
    rows = [
        {"contrast": name, "signature": sig, "method": "singscore", "estimate": scale * size, "stratum": "",
         "se": 0.005 * scale, "sd": 0.008 * scale, "df": 17, "sd_within": 0.008 * scale, "sd_between": 0.0,
         "ci_low": 0.0, "ci_high": 0.1}
        for sig, scale in (("emt.hallmark", 1.0), ("il6.hallmark", 2.0))
        for name, size in sizes.items()
    ]  # fmt: skip
    folder = tmp_path / "results"
    folder.mkdir()
    pd.DataFrame(rows).to_csv(folder / "contrasts.csv", index=False)
    return folder


def typed(*words: str) -> str:
    found = CliRunner().invoke(main, ["power", *words])
    assert found.exit_code == 1
    return found.output


def test_one_refusal_names_all_that_is_missing(pilot, tmp_path) -> None:
    said = typed("--pilot", str(pilot), "--out", str(tmp_path / "plan"))
    assert "Give the sizes to find (--effect) and which of 2 signatures (--signature), as in:" in said
    words = shlex.split(said.partition("as in:")[2].partition("The sizes are")[0].replace("\\\n", ""))
    assert words[:2] == ["marrowsig", "power"]
    assert words[words.index("--signature") + 1] == "emt.hallmark"
    assert {"co_in_parental=0.06", "interaction=0.02", "ruxolitinib 1 µM"} <= set(words)
    assert not (tmp_path / "plan").exists()
    one = typed("--pilot", str(pilot), "-e", "interaction=0.03", "--out", str(tmp_path / "plan"))
    assert "Give which of 2 signatures (--signature), as in:" in one
    assert "interaction=0.03" in one
    assert "own estimates" not in one
    assert "No effect: give what is expected with --effect" in typed("--out", str(tmp_path / "plan"))


def test_the_signature_proposed_is_that_of_the_claims_of_the_pilot(pilot, tmp_path) -> None:
    pd.DataFrame({"signature": [np.nan, "il6.hallmark", "emt.hallmark"]}).to_csv(pilot / "claims.csv")
    said = typed("--pilot", str(pilot), "-e", "interaction=0.03", "--out", str(tmp_path / "plan"))
    assert "--signature il6.hallmark" in " ".join(said.replace("\\\n", "").split())


def test_the_line_to_type_keeps_what_was_typed_and_its_sizes_are_of_the_same_genes(pilot, tmp_path) -> None:
    rows = pd.read_csv(pilot / "contrasts.csv")
    claims = rows.assign(filtered_estimate=rows["estimate"] / 2)
    claims[claims["contrast"].ne("co_in_resistant")].to_csv(pilot / "claims.csv", index=False)
    out = str(tmp_path / "my plan")
    said = typed("--pilot", str(pilot), "--kept-genes", "--no-pairs", "--lost", "0.1", "--out", out)
    words = shlex.split(said.partition("as in:")[2].partition("The sizes are")[0].replace("\\\n", ""))
    assert {"--kept-genes", "--no-pairs", "--lost", out} < set(words)
    given = [(option, size) for option, size in pairwise(words) if option in ("--effect", "--as-scored")]
    assert given == [
        ("--effect", "co_in_parental=0.03"), ("--effect", "interaction=0.01"),
        ("--as-scored", "co_in_parental=0.06"), ("--as-scored", "interaction=0.02"),
    ]  # fmt: skip
    example = typed("--pilot", str(pilot), "--effects-in", "sd", "--signature", "il6.hallmark", "--out", out)
    assert "--effect induction=1.5" in example.replace("\\\n  ", "")
    assert "The size is an example, and none of the pilot." in example
    assert "own estimates" not in example


def test_a_signature_or_method_that_the_pilot_lacks_is_named_before_sizes(pilot, tmp_path) -> None:
    asked = ("--pilot", str(pilot), "--out", str(tmp_path / "plan"))
    said = " ".join(typed(*asked, "-s", "emt.hallmrk").split())
    assert "'emt.hallmrk' by singscore is not in the pilot. Did you mean 'emt.hallmark'" in said
    assert "has no scores by ucell, but by singscore: --method." in typed(*asked, "-m", "ucell")


def test_an_interaction_alone_has_the_rise_of_the_pilot(pilot) -> None:
    table = pd.read_csv(pilot / "contrasts.csv")
    how = {"signature": "il6.hallmark", "method": "singscore"}
    assert with_rise(table, {"interaction": 0.04}, **how) == {"interaction": 0.04, "co_in_parental": 0.12}
    for own in ({"interaction": 0.04, "induction": 0.1}, {"reversal": 0.1}):
        assert with_rise(table, own, **how) == own
    assert with_rise(None, {"interaction": 0.04}, **how) == {"interaction": 0.04}
    j = 1 - 3 / (4 * 17 - 1)  # Hedges' factor: the SD is that of pairs' differences, by root 2 of a sample's
    one = table.assign(effect=j * table["estimate"] / (np.sqrt(2) * 0.03), effect_name="g_z", test="paired")
    in_sd = with_rise(one, {"interaction": 2.0}, **how, in_sd=True)
    assert in_sd == {"interaction": 2.0, "co_in_parental": pytest.approx(0.12 / 0.03, abs=0.05)}
    assert sizes_of_pilot(table.assign(estimate=np.nan), **how) == {}


def test_the_table_is_no_wider_than_the_terminal_and_holds_what_is_needed() -> None:
    wide = pd.DataFrame([[50.0] * 51], columns=pd.RangeIndex(10, 61, name="n"))
    wide.index = pd.MultiIndex.from_tuples([("reversal_tocilizumab", 0.011)], names=["contrast", "effect"])
    text, less = fitting(wide, [33.0], width=100)
    assert less
    assert max(map(len, text.splitlines())) <= 100
    shown = text.split()[2:-2]
    assert {"10", "32", "33", "34", "60"} <= set(text.splitlines()[0].split())
    assert len(shown) > 10
    full, less = fitting(wide[range(10, 14)], [], width=100)
    assert not less
    assert full.splitlines()[0].split() == ["contrast", "effect", "10", "11", "12", "13"]


@pytest.mark.slow
def test_sizes_on_fewer_genes_are_named_by_a_plan_as_scored(pilot, tmp_path) -> None:
    rows = pd.read_csv(pilot / "contrasts.csv")
    rows = rows[rows["contrast"].eq("co_in_parental")].assign(contrast="co_vs_mono", df=5)
    told = {"effect": rows["estimate"] / 0.02, "effect_name": "g_z", "test": "paired by 'donor'"}
    rows = rows.assign(**told)
    rows.to_csv(pilot / "contrasts.csv", index=False)
    for cite, times, there in (("filtered_estimate", 0.5, True), ("filtered_estimate", 1.1, False),
                               ("estimate", 0.5, False)):  # fmt: skip
        claims = rows.assign(filtered_estimate=times * rows["estimate"], cite=cite)
        claims.to_csv(pilot / "claims.csv", index=False)
        asked = ["--pilot", str(pilot), "-s", "emt.hallmark", "-e", "induction=0.05", "--runs", "100"]
        done = CliRunner().invoke(main, ["power", *asked, "--n", "3-4", "--out", str(tmp_path / "plan")])
        assert done.exit_code == 0, done.output
        said = " ".join(done.output.split())
        assert ("the pilot's are smaller (co vs mono 0.03, as scored 0.06): plan both" in said) == there
        assert ("The SD is of the score as scored, so sizes" in said) != there


def test_an_effect_that_needs_an_inhibitor_says_which_to_add(pilot, tmp_path) -> None:
    asked = [
        "-s",
        "emt.hallmark",
        "-e",
        "induction=0.05",
        "-e",
        "reversal=0.02",
        "--out",
        str(tmp_path / "p"),
    ]
    said = " ".join(typed("--pilot", str(pilot), *asked).split())
    assert "'reversal', which needs an inhibitor: add --inhibitor 'ruxolitinib 1 µM'." in said
    assert "needs an inhibitor: add --inhibitor NAME." in typed("-e", "fraction=0.5", "--out", str(tmp_path))


def test_a_name_in_quotation_marks_is_not_broken() -> None:
    line = "marrowsig power --inhibitor 'ruxolitinib 1 µM' --out plan"
    for width in range(20, 60):
        assert "'ruxolitinib 1 µM'" in wrapped(line, width=width)
        assert "--keep 'line=d'\"'\"'wt of 2'" in wrapped(
            "Add --keep 'line=d'\"'\"'wt of 2' now.", width=width
        )
        assert " ".join(wrapped(line, width=width).replace("\\\n", "").split()) == line


def test_a_pilot_of_one_line_is_planned_with_one(pilot, tmp_path) -> None:
    table = pd.read_csv(pilot / "contrasts.csv")
    one = table.assign(contrast=table["contrast"].replace({"co_in_parental": "co_vs_mono"}))
    one = one[one["contrast"].eq("co_vs_mono")]
    assert lines_of(one, {"induction": 0.1}, None)[0] == 1
    for tables, effects, given in (
        (one, {"induction": 0.1}, 2),  # as was asked
        (one, {"interaction": 0.1}, None),  # needs two
        (one, {"co_in_parental": 0.1}, None),
        (one.assign(contrast="co - mono"), {"induction": 0.1}, None),  # of a formula: no line is known
        (table, {"induction": 0.1}, None),
        (None, {"induction": 0.1}, None),
    ):
        assert lines_of(tables, effects, given) == (2, "")
    effect = {"effect": one["estimate"] / 0.02, "effect_name": "g_z", "test": "paired by 'donor'"}
    one.assign(**effect).to_csv(pilot / "contrasts.csv", index=False)
    asked = [
        "--pilot",
        str(pilot),
        "-s",
        "il6.hallmark",
        "-e",
        "induction=0.05",
        "--runs",
        "100",
        "--n",
        "4-8",
    ]
    done = CliRunner().invoke(main, ["power", *asked, "--out", str(tmp_path / "plan")])
    assert done.exit_code == 0, done.output
    assert re.match(r"Plan \d pairs[:,]", done.output)
    assert "- One line is planned, as the pilot had; for parental and resistant cells add --lines 2." in (
        " ".join(done.output.split())
    )
    done = CliRunner().invoke(main, ["power", *asked, "--lines", "2", "--out", str(tmp_path / "plan")])
    assert re.match(r"Plan \d pairs per line", done.output)
    assert "One line is planned" not in done.output


def test_the_data_of_source_are_named_before_anything_else_is_asked_for() -> None:
    done = CliRunner().invoke(main, ["power", "--source", "list"])
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(ms.ds.spreads()["name"].unique())


def test_an_sd_of_several_strata_is_told_with_the_option_that_parts_them(tmp_path) -> None:
    row = {"contrast": "co_vs_mono", "signature": "emt.hallmark", "method": "singscore", "effect": 1.0,
           "effect_name": "g_z", "df": 4, "test": "paired", "ci_low": 0.0, "ci_high": 0.2}  # fmt: skip
    strata = [row | {"stratum": f"time={time}", "estimate": size} for time, size in ((2, 0.1), (24, 0.2))]
    pd.DataFrame(strata).to_csv(tmp_path / "contrasts.csv", index=False)
    words = f"power -e induction=0.1 --lines 1 --n 3-4 --runs 100 --pilot {tmp_path} --out {tmp_path}/plan"
    said = " ".join(CliRunner().invoke(main, words.split()).output.split())
    assert "pooled over 2 strata by their degrees of freedom: time=2 0.0" in said
    assert "give --pilot a contrasts.csv of its rows alone." in said
