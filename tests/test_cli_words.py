"""What the command line says: its own words for arguments, and that it is at work."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from runpy import run_module

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import marrowsig as ms
from marrowsig import _named_inputs, _run
from marrowsig._cli import read
from marrowsig._cli.answered import of_claims, of_questions, told_answers
from marrowsig._cli.brief import brief_claims
from marrowsig._cli.by_name import lines as by_name_lines
from marrowsig._cli.claimed import (
    claimed,
    most_of_stroma,
    of_emt_as_scored,
    of_maturation,
    of_same_shares,
    share_of_leukaemia,
    share_of_stroma,
)
from marrowsig._cli.run import run
from marrowsig._cli.short import with_arms
from marrowsig._cli.spoken import WEIGHTS, spoken
from marrowsig._cli.together import Cells, aligned
from marrowsig._cli.told import _hang
from marrowsig._cli.which_p import also_claims, claims_beside, head
from marrowsig._contrast_levels import cause_in_levels, in_levels
from marrowsig._drug_named import drugs_apart
from marrowsig._report.answer import Block, answers
from marrowsig._report.claims import _count
from marrowsig._report.elements import Claim
from marrowsig.cli import main

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Counts of few genes, and a sheet with an inhibitor that no sample was given."""
    folder, toy = tmp_path_factory.mktemp("input"), ms.ds.toy()
    counts = pd.DataFrame(toy.X.T.astype(int), index=toy.var_names, columns=toy.obs_names)
    counts.to_csv(folder / "counts.csv", index_label="gene")
    toy.obs.assign(drug="none").to_csv(folder / "samples.csv", index_label="sample")
    return [str(folder / "counts.csv"), str(folder / "samples.csv")]


@pytest.mark.parametrize(
    ("options", "said", "python"),
    [
        ("--culture culture --mono alone", "--mono a level that is seen", "mono="),
        ("--culture culture --inhibitor drug", "Leave --inhibitor out", "inhibitor="),
        ("--culture culture --kind log", "--kind log cannot be true", "kind="),
        ("--culture culture --primary emt.nothing", "--primary names emt.nothing", "primary="),
        ("--culture culture --primary-contrast nothing", "--primary-contrast names nothing", "contrasts="),
        ("--culture culture --mono co", "--mono and --co are both 'co'", "co="),
    ],
)
def test_an_error_names_options_where_python_names_arguments(
    files: list[str], tmp_path: Path, options: str, said: str, python: str
) -> None:
    words = ["run", *files, *options.split(), "-s", "emt.hallmark", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1, result.output
    assert said in result.output
    assert python not in result.output


@pytest.mark.parametrize("column", ["", "donor_id"])
def test_cells_are_told_the_option_of_their_unit(tmp_path: Path, column: str) -> None:
    from anndata import AnnData

    rng = np.random.default_rng(0)
    obs = pd.DataFrame({"culture": ["mono", "co"] * 80}, index=[f"cell{i}" for i in range(160)])
    obs = obs.assign(**{column: ["a", "b"] * 80}) if column else obs
    cells = AnnData(rng.poisson(0.05, (160, 60)).astype(float), obs=obs)
    cells.var_names = list(ms.ds.toy().var_names[:60])
    cells.write_h5ad(tmp_path / "cells.h5ad")
    words = ["run", str(tmp_path / "cells.h5ad"), "--culture", "culture", "-s", "emt.hallmark"]
    result = CliRunner().invoke(main, [*words, "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert f"the culture: --unit {column or 'donor'}." in result.output
    assert "kind" not in result.output  # nothing of what was read, which would look like a cause


@pytest.mark.parametrize(
    ("python", "shell"),
    [
        ("Use ms.Design(culture=..., line=...).", "Use --culture COLUMN --line COLUMN."),
        ("ms.Design(..., inhibitor=..., vehicle='no drug')", "--inhibitor COLUMN --vehicle 'no drug'"),
        ("carry_over=False, min_coverage=0.5", "--no-carry-over, --min-coverage 0.5"),
        ("use params={'ssgsea': {'ties': 'first'}}.", "use --param ssgsea.ties=first."),
        ("levels={'culture': ['mono', 'co']}", "--levels culture=mono,co"),
        ("or a dict such as margin={'singscore': 0.02}", "or a dict such as --margin 0.02"),
        ("contrasts={'gain': 'a - b'}", "--contrast 'gain: a - b'"),
        ("at={'dose': 0}", "--at dose=0"),
        ("partner= (or stroma=)", "--stroma"),
        (
            "ms.Design.from_formula('~ arm * time', levels={'arm': ['a', 'b']}, contrasts={'c': 'x - y'})",
            "--formula '~ arm * time' --levels arm=a,b --contrast 'c: x - y'",
        ),
        (
            f"or '0.5*a:co'; {WEIGHTS}.",
            "or '0.5*a:co'; levels with blanks need other names in the sample sheet.",
        ),
        ("Name others with markers=.", "Name others with --markers."),
        (
            "Stay apart: give by=, or a subset of the cells.",
            "Stay apart: name it in the design (such as --line or --time), or leave cells out (--keep).",
        ),
        ("method=['singscore', 'ucell']", "--method singscore --method ucell"),
        ("Say which: ms.io.read(path, genome='GRCh38').", "Say which: --genome GRCh38."),
        ("add pair='my exp'.", "add --pair 'my exp'."),
        ("with ms.Design(..., inhibitor='D', vehicle='no drug').", "with --inhibitor D --vehicle 'no drug'."),
        ("swap mono= and co=? Give mono='a', co='b'.", "swap --mono and --co? Give --mono a, --co b."),
        ("stroma=..., and compartment=... too", "--stroma LEVEL|FILE, and --compartment COLUMN too"),
        ("Leave it out: leave_out=['s 1', 's2'].", "Leave it out: --leave-out 's 1' --leave-out s2."),
        (
            "keep='A B!=Rux'. In Python: adata.obs['A B'] = adata.obs['A B'].replace({'Rux': 'rux'}).",
            "--keep 'A B!=Rux'.",
        ),
        (
            "levels={'d': ['REFERENCE', 'LEVEL']}, or levels={'d': 'REFERENCE'} for all.",
            "--levels d=REFERENCE,LEVEL, or --levels d=REFERENCE for all.",
        ),
        ("All are in adata.uns['marrowsig']['genes']['changes'].", "All are in genes.csv."),
        # These stay: levels of strata, what has no option, what an option cannot hold.
        ("no rows in co (compartment=leukaemia; time=24)", None),
        ("Use layer of adata.layers, by=['a'], x_unit='b', a.unit='b'", None),
        ("unit=['donor', 'well']", None),
        ("run ms.pp.pseudobulk(adata, unit='pair', by=['culture']), score the result", None),
    ],
)
def test_arguments_are_written_as_options(python: str, shell: str | None) -> None:
    assert spoken(python, run) == (python if shell is None else shell)
    assert spoken(python, None) == python


def test_a_run_is_told_what_its_options_say(files: list[str], tmp_path: Path) -> None:
    base = ["run", *files, "--culture", "culture", "-s", "emt.hallmark", "--out", str(tmp_path / "out")]
    said = CliRunner().invoke(main, [*base, "--markers", "EBF2,OGN", "--quiet"]).stderr
    assert said == "Error: --markers tells the share of stroma by its genes, so it needs --stroma too.\n"
    (tmp_path / "genes.txt").write_text("NOGENE\n\nNONE, NOGENE\n")
    given = ["--markers", str(tmp_path / "genes.txt"), "--stroma", files[0]]
    said = CliRunner().invoke(main, [*base, *given]).stderr
    assert "None of the genes of --markers was measured: NOGENE, NONE." in said


def test_all_that_is_wrong_is_told_at_once_and_last(files: list[str], tmp_path: Path) -> None:
    counts = pd.read_csv(files[0]).assign(Length=1000)
    gene = counts.iloc[0, 0]
    counts.iloc[0, 0] = f"{gene} "
    counts.to_csv(tmp_path / "counts.csv", index=False)
    sheet = pd.read_csv(files[1]).assign(**{"ng/µl": 2.5})
    sheet.to_csv(tmp_path / "sheet.csv", index=False, encoding="cp1252")
    base = ["run", str(tmp_path / "counts.csv"), str(tmp_path / "sheet.csv"), "--out", str(tmp_path / "out")]
    said = CliRunner().invoke(main, [*base, "--culture", "Culture", "--pair", "pai"]).stderr
    last = " ".join(said.split("Error: ")[-1].split())
    assert "no column 'Culture', 'pai'. Did you mean 'culture'? Did you mean 'pair'?" in last
    assert "16 of 17 columns" not in said  # what was read is dropped
    assert "counts.csv: 16 rows" not in said
    absent = CliRunner().invoke(main, ["run", f"{base[1]}x", *base[2:]])
    assert absent.exit_code == 2
    assert absent.stderr.startswith("Error: There is no file or folder")
    assert "Did you mean 'counts.csv'?" in absent.stderr
    levels = ["--culture", "culture", "--co", "CO", "--line", "line", "--parental", "par"]
    said = CliRunner().invoke(main, [*base, *levels, "--quiet"]).stderr
    assert said.startswith("Error: Column 'culture' has no 'CO' in these 16 rows. Did you mean 'co'?")
    assert "\nColumn 'line' has no 'par' in these 16 rows. Did you mean 'parental'?" in said
    assert "subset" not in said


def test_a_run_into_a_file_says_each_step_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    began = read.clock()
    assert began is not None
    began("score")
    for part in ("prepare", "draw the report: figures", "write"):
        began(part)
    assert capsys.readouterr().err == "0:00 score ...\n"


def test_a_level_with_blanks_is_told_what_can_be_done(files: list[str], tmp_path: Path) -> None:
    design = ["--formula", "~ culture", "--levels", "culture=mono,co", "--contrast", "gain: a co - mono"]
    words = ["run", *files, *design, "-s", "emt.hallmark", "--out", str(tmp_path / "out")]
    said = CliRunner().invoke(main, words).stderr
    assert " ".join(said.split()).endswith("; levels with blanks need other names in the sample sheet.")


def test_every_command_of_the_documentation_has_the_options_that_it_is_shown_with() -> None:
    seen = 0
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        for name, line in re.findall(rf"marrowsig ({'|'.join(main.commands)})\b([^\n`]*)", text):
            command = main.commands[name]
            each = [command, *getattr(command, "commands", {}).values()]  # signatures show, list, ...
            known = {option for one in each for p in one.params for option in p.opts}
            said = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*(?=[ =]|$)", line))
            assert said <= known, f"{page.name}: {line}"
            seen += len(said)
    assert seen > 30
    table = (ROOT / "docs" / "howto" / "command_line.md").read_text(encoding="utf-8")
    for options, names in re.findall(r"^\| (`--.*?) \| ([a-z, ]+) \|", table, re.MULTILINE):
        for name in names.split(", "):
            known = {option for p in main.commands[name].params for option in p.opts}
            assert set(re.findall(r"`(--[a-z-]+)`", options)) <= known, name


def test_a_run_says_that_it_reads_before_it_does(
    files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        msg = "stopped"
        raise ms.InputError(msg)

    monkeypatch.setattr(_named_inputs, "matrix", stop)
    words = ["run", *files, "--culture", "culture", "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(main, words).stderr == "Error: stopped\n"  # a small file takes no time
    monkeypatch.setattr(read, "LARGE", 1)
    assert CliRunner().invoke(main, words).stderr == "Reading counts.csv ...\nError: stopped\n"
    assert CliRunner().invoke(main, ["score", *words[1:3], "-o", "x.csv"]).stderr.startswith("Reading counts")
    monkeypatch.setattr(read, "bars_are_shown", lambda: False)
    assert CliRunner().invoke(main, words).stderr == "Error: stopped\n"


def test_a_claim_is_told_with_its_numbers_and_how_much_stroma_there_is() -> None:
    row = {
        "sentence": "EMT rises in co-culture: supported; established; not explained by carry-over. More.",
        "rule": "all hold", "verdict": "supported", "signature": "emt.hallmark", "estimate": 0.05,
        "ci_low": 0.04, "ci_high": 0.06, "p_adj": 0.012, "n_specifications": 15, "agreement": 0.8,
        "stroma": "not explained by carry-over",
        "maturation": "not explained by maturation",
    }  # fmt: skip
    said = claimed(row)
    assert said.startswith("EMT rises in co-culture: supported; established; not explained by carry-over (")
    assert said.endswith("(emt.hallmark 0.050 [0.040, 0.060], adj. p 0.012).")
    assert claimed(row | {"verdict": "not asked"}) == row["sentence"]
    assert "nan" not in claimed(row | {"estimate": float("nan")})
    claims = pd.DataFrame([
        row | {"cite": "estimate", "reason": "ok", "borderline": "", "other_tests": "By each method, x.",
               "sentence": "EMT rises in co-culture (a cells): supported; established."},
        row | {"verdict": "cannot tell", "reason": "so (borderline: x)", "other_tests": "",
               "borderline": "borderline: x", "rule": "carry-over", "cite": "filtered_estimate",
               "sentence": "EMT rises in co-culture (b cells): cannot tell; so."},
        row | {"verdict": "not asked", "sentence": "IL6 rises in both partners (a cells): not asked. So."},
    ])  # fmt: skip
    assert list(brief_claims(claims)) == [
        "  ! supported   0.012 0.050 [0.040, 0.060] EMT rises in co-culture (a)",
        " ~  cannot tell 0.012 0.050 [0.040, 0.060] EMT rises in co-culture (b)",
        "not asked of these samples: IL6 rises in both partners",
        "~ borderline; ! another test differs, or nearly (log.txt)",
        "cannot tell: so",
    ]
    two = pd.DataFrame([claims.iloc[0].to_dict() | {"n_pairs": n} for n in (2, 3)])
    assert [line.endswith("(2 pairs)") for line in list(brief_claims(two))[:2]] == [True, False]
    many = pd.DataFrame([claims.iloc[1].to_dict() | {"reason": why} for why in ("a", "b", "c", "d", "e")])
    assert list(brief_claims(many))[-1] == "2 more reasons in log.txt"
    open_ = claims.iloc[1].to_dict() | {"rule": "versions disagree", "stroma": "explained by carry-over"}
    assert list(brief_claims(pd.DataFrame([open_])))[-1] == "cannot tell: so; carry-over explains it as well"
    own = open_ | {"rule": "carry-over"}  # whose reason says it
    assert list(brief_claims(pd.DataFrame([own])))[-1] == "cannot tell: so"
    kept = {"cite": "filtered_estimate", "filtered_estimate": 0.02, "filtered_ci_low": 0.01,
            "filtered_ci_high": 0.03, "filtered_p_adj": 0.004, "reason": "so", "borderline": "",
            "other_tests": ""}  # fmt: skip
    own = row | kept | {"sentence": "EMT rises in co-culture (a cells): supported; established."}
    more = row | kept | {"sentence": "EMT rises more in b cells: not supported; so.", "p_adj": 0.25,
                         "rule": "not established", "verdict": "not supported"}  # fmt: skip
    key = "* on the genes that stroma could not move (a scale of its own); (*size) there, of a row as scored"
    late = "(*0.020: not counted, the p as scored decides)"
    lines = list(brief_claims(pd.DataFrame([own, more])))
    assert lines == [
        "*   supported     0.004 0.020 [0.010, 0.030] EMT rises in co-culture (a)",
        f"    not supported 0.25  0.050 [0.040, 0.060] EMT rises more in b cells {late}",
        key,
    ]
    for carried, said in (
        (-0.01, "(*0.020: not counted, the p as scored decides; stroma makes the size as scored smaller)"),
        (0.01, "(*0.020: not counted, the p as scored decides)"),
        (-0.001, "(*0.020: not counted, the p as scored decides)"),
    ):
        rows = pd.DataFrame([own, more | {"carried": carried}, own | {"carried": carried}])
        told = list(brief_claims(rows))
        assert told[1].endswith(f" {said}")
        assert "smaller" not in told[0] + told[2]  # said of what is supported by its reason
    falls = {"carried": 0.01, "cite": "estimate", "estimate": -0.001}  # without stroma it is no rise either
    (plain,) = brief_claims(pd.DataFrame([more | falls]))
    assert plain.endswith("EMT rises more in b cells")
    (plain,) = brief_claims(pd.DataFrame([more | {"carried": -0.01, "cite": "estimate"}]))
    assert plain.endswith("EMT rises more in b cells (stroma makes the size as scored smaller)")
    for p, said in ((0.3, "(*0.020)"), (0.004, "(*0.020: not counted, the p as scored decides)")):
        (alone, explained) = brief_claims(pd.DataFrame([more | {"filtered_p_adj": p}]))
        assert (alone.endswith(f" {said}"), explained) == (True, key)
    where = {"method": "singscore", "signature": "emt.hallmark", "line": "a", "stratum": ""}
    rise = own | where | {"contrast": "co_in_parental", "filtered_estimate": 0.031}
    fall = more | where | {"contrast": "reversal_JAKi_in_parental", "line": "a"}
    first, second, explained = brief_claims(pd.DataFrame([rise, fall]))  # one scale for both
    assert " 0.031 [" in first
    assert second.endswith(" (*0.020 of *0.031: not counted, the p as scored decides)")
    assert explained == f"{key}; (*size of *size) and of its rise"
    for odd in ({"line": "b"}, {"signature": "emt.blast"}, {"stratum": "time=24"}):
        assert " of *" not in "".join(brief_claims(pd.DataFrame([rise, fall | odd])))
    unlisted = rise | {"rule": "versions disagree", "verdict": "cannot tell"}  # the rise is as scored, too
    assert " of *" not in "".join(brief_claims(pd.DataFrame([unlisted, fall])))
    fall |= {"claim": "emt_reversed", "statement": "the inhibitor reverses EMT"}
    told = list(brief_claims(pd.DataFrame([fall]), explained=pd.DataFrame([rise])))
    assert told[0].endswith(" (*0.020 of *0.031: not counted, the p as scored decides)")
    above = pd.DataFrame([own, more]).assign(claim="emt_up", statement="EMT rises")
    assert not any("a scale of its own" in one for one in brief_claims(above, explained=above))
    assert not any("(*" in one for one in brief_claims(pd.DataFrame([more | {"cite": "estimate"}])))
    told = [
        "not explained by maturation",
        "not explained by maturation, by adjusting alone",
        "may be maturation",
        "cannot tell",
        "not asked: so",
        None,
    ]
    names = [f"C{i}: cannot tell; so." for i in range(6)]
    asked = pd.DataFrame({"maturation": told, "verdict": "cannot tell", "sentence": names})
    assert (
        of_maturation(asked)
        == "Maturation, asked of 4 of 6 claims, explains none of 2; may explain: C2; cannot be told for: C3."
    )
    assert of_maturation(asked[2:3]) == "Maturation may explain: C2."
    assert of_maturation(asked[4:]) == ""
    assert of_maturation(asked.drop([2, 3])) == "Maturation, asked of 2 of 4 claims, explains none."
    kept = pd.DataFrame([{**rise, "maturation": told[0], "sentence": "C: supported; so."}])
    assert of_maturation(kept) == "Maturation explains none of 1 claims."
    found = ["not explained by shares of cell types", "may be shares of cell types", "cannot tell", "", None]
    asked = pd.DataFrame({"cell_types": found, "verdict": "cannot tell", "sentence": names[:5]})
    lead = "With the same shares of cell types in all sums:"
    rest = "other shares may explain: C1; cannot be told for: C2"
    other = "claims that cannot be told for another reason"  # what is not established cannot stand
    assert of_same_shares(asked) == f"{lead} {rest}; an effect is left in {other}: C0."
    unasked = pd.concat([asked[:1]] * 3)
    assert of_same_shares(unasked) == f"{lead} an effect is left in 3 {other} (claims.csv)."
    firm = asked.assign(
        verdict=["supported", "cannot tell", "contradicted", "", ""],
        sentence=["C0: supported; so.", names[1], "C2: contradicted; so.", "", ""],
    )
    assert of_same_shares(firm) == f"{lead} 1 of 2 established claims stand; {rest}."
    assert of_same_shares(asked[3:]) == of_same_shares(asked.drop(columns="cell_types")) == ""
    shares = pd.DataFrame({"arm": ["a:co", "a:co", "b:co"], "share": [0.01, 0.02, 0.0]})
    shares = shares.assign(share_low=[0.0, 0.01, 0.0], share_high=[0.03, 0.04, 0.001])
    assert share_of_stroma(shares).startswith(
        "Stroma's RNA, mean of the arm (largest sample): a:co 1.5 % (2 %); in other arms"
    )
    assert share_of_stroma(shares[:2]).endswith(": a:co 1.5 % (2 %) (stroma_shares.csv).")
    said = "Stroma's RNA: estimated at most 2 % of a sample, in a:co; samples may hold up to 4 %"
    said += " (stroma_shares.csv)."
    claims = asked.assign(claim="emt_up")
    assert most_of_stroma(shares, claims) == said
    alone = pd.DataFrame({"arm": ["a:solo"], "share": [0.05], "share_low": [0.0], "share_high": [0.07]})
    assert most_of_stroma(pd.concat([shares, alone], ignore_index=True), claims, "solo") == said
    assert " 5 % of a sample, in a:solo; " in most_of_stroma(
        pd.concat([shares, alone.assign(share_low=0.03)], ignore_index=True), claims, "solo"
    )
    states = shares.assign(stratum=[f"compartment={n}" for n in range(len(shares))])
    assert f" 2 % of a sample of {shares['share'].idxmax()} (arm a:co); " in most_of_stroma(states, claims)
    assert most_of_stroma(states.assign(stratum="time=1"), claims) == said
    none = "Stroma's RNA: none shown in any arm; samples may hold up to 4 % (stroma_shares.csv)."
    assert most_of_stroma(shares.assign(share=0.0), claims) == none
    assert share_of_stroma(shares.assign(share=0.0)).endswith("none shown in any arm (stroma_shares.csv).")
    assert share_of_stroma(shares.assign(share=float("nan"))) == share_of_stroma(None) == ""
    said = share_of_leukaemia(shares)
    assert said.startswith("Leukaemia RNA in stroma, mean of the arm (largest sample): a:co 1.5 % (2 %); ")
    assert said.endswith("(leukaemia_shares.csv).")


def test_the_part_of_emt_that_is_stroma_stands_on_the_terminal() -> None:
    row = {"claim": "emt_up", "verdict": "supported", "rule": "all hold", "estimate": 0.09, "carried": 0.061}
    row |= {"cite": "filtered_estimate", "filtered_estimate": 0.03}
    rows = [row | {"sentence": f"EMT rises in co-culture ({own} cells): supported; so."} for own in "ab"]
    rows[1] |= {"estimate": 0.12, "carried": 0.066}
    told = "Of EMT's rise as scored, 68 % (a) and 55 % (b) is stroma's RNA: cite the sizes marked *."
    assert of_emt_as_scored(pd.DataFrame(rows)) == told
    states = [
        rows[0] | {"sentence": "EMT in GMP-like rises in co-culture (a cells): supported; so."},
        rows[1] | {"sentence": "EMT in HSC-like rises in co-culture: supported; so.", "carried": 0.006},
        rows[1]
        | {"sentence": "EMT in HSC-like rises in co-culture (a cells): supported; so.", "carried": -0.006},
    ]  # a tenth or less is said beside more, as its size is marked, too
    listed = "Of EMT's rise as scored, 68 % (GMP-like, a) and 5 % (HSC-like) is stroma's RNA: "
    assert of_emt_as_scored(pd.DataFrame(states)).startswith(listed)
    assert of_emt_as_scored(pd.DataFrame(states[1:])) == ""
    one = row | {"sentence": "EMT rises in co-culture: supported; so."}
    told = "Of EMT's rise as scored, 68 % is stroma's RNA: cite the sizes marked *."
    assert of_emt_as_scored(pd.DataFrame([one])) == told
    assert most_of_stroma(None, pd.DataFrame([one])) == told
    shares = pd.DataFrame({"arm": ["a"], "share": [0.01], "share_low": [0.0], "share_high": [0.02]})
    assert most_of_stroma(shares, pd.DataFrame([one])).endswith(f" 2 % (stroma_shares.csv). {told}")
    for less in (
        {"verdict": "cannot tell", "rule": "carry-over"}, {"carried": 0.008}, {"carried": -0.03},
        {"cite": "estimate"}, {"claim": "emt_reversed"}, {"carried": float("nan")},
    ):  # fmt: skip
        assert of_emt_as_scored(pd.DataFrame([one | less])) == ""


def test_no_claim_is_taken_for_a_test_of_two_drugs() -> None:
    claims = pd.DataFrame({"inhibitor": [None, "A", "B"], "verdict": "supported"})
    assert drugs_apart(claims).startswith("No claim compares A, B with each other")
    assert _count(claims.assign(contrast="co")).endswith(f"3 supported. {drugs_apart(claims)}")
    assert drugs_apart(claims[:2]) == ""
    assert drugs_apart(claims.assign(verdict=["supported", "supported", "not asked"])) == ""


def test_a_contrast_that_is_a_claim_too_names_its_p_where_it_is_the_same_test(tmp_path: Path) -> None:
    shared = {"method": "singscore", "stratum": "", "signature": "emt.hallmark"}
    rows = pd.DataFrame([shared | {"contrast": "interaction", "estimate": 0.024}])
    scores = tmp_path / "scores.csv"
    assert claims_beside(scores, rows) == {}
    rows.assign(p_adj=0.0488).to_csv(tmp_path / "claims.csv", index=False)
    known = claims_beside(scores, rows)
    assert known == {("interaction", "emt.hallmark"): 0.0488}
    assert claims_beside(scores, rows.assign(estimate=0.025)) == {}
    lines = [Claim(name, "up", "up") for name in ("emt.hallmark", "il6.hallmark")]
    blocks = [Block("interaction", "?", "a against b", lines), Block("co_in_parental", "?", "c", lines)]
    design = ms.Design(culture="culture", line="line", pair="pair")
    said = also_claims(blocks, design, ms.ds.toy().obs, known)
    told = [[one.note for one in block.claims] for block in said]
    assert told == [["also a claim, there adj. p 0.049", ""], ["also a claim", "also a claim"]]


def test_stroma_among_the_cells_is_left_out_with_an_option() -> None:
    from marrowsig._cli.run import run
    from marrowsig._stromal_level import stroma_in_sums

    obs = pd.DataFrame({"cell type": ["AML", "MSC", "AML"]})
    said = spoken(stroma_in_sums(obs, np.array([0, 0, 1]), ["patient"]), run)
    assert said.endswith(
        "Leave it out, --keep 'cell type!=MSC', or keep it apart with --compartment 'cell type'."
    )


def test_the_heads_say_over_which_tests_p_are_adjusted() -> None:
    rows = pd.DataFrame({"adjustment": ["Holm", "BH"], "family_size": [21, 22]})
    own = "Contrasts (adj. p by Holm over the 21 tests of the main signatures"
    assert head(rows.iloc[:1]) == f"{own}):"
    assert head(rows) == f"{own}, in contrasts beside these by Benjamini-Hochberg within each):"
    assert " by Holm over the one test of the main signature," in head(rows.assign(family_size=1))
    by_state = rows.assign(stratum=["celltype=A", "celltype=B"], adjustment="Holm", family_size=6)
    assert head(by_state) == (
        "Contrasts (adj. p by Holm over the 6 tests of the main signatures in each celltype):"
    )
    assert "'as a claim' by Holm over the 13 claims" in head(rows, pd.DataFrame({"family_size": [13]}))
    claims = pd.DataFrame({"family_size": [13], "signature": ["emt.blast"], "estimate": [0.1]})
    claims["verdict"] = "supported"
    assert "--primary leaves out" in of_claims(claims, ["emt.blast"], ["emt.hallmark"])
    partly = pd.concat([claims, claims.assign(signature="il6.hallmark")])
    said = of_claims(partly, ["emt.blast"], ["emt.blast"])
    assert "asked of il6.hallmark, which --signatures does not name" in said
    assert "--primary" not in of_claims(claims, ["emt.blast"], ["emt.blast"])


def test_what_is_wrong_with_the_samples_is_said_before_anything_is_scored(
    files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = pd.read_csv(files[1])
    own = sheet["culture"].eq("co") & sheet["pair"].isin(sorted(sheet["pair"].unique())[:2])
    sheet["culture"] = sheet["culture"].mask(own, "co + ruxolitinib")
    sheet.to_csv(tmp_path / "samples.csv", index=False)
    counts = pd.read_csv(files[0], index_col=0)
    failed = sheet["sample"][~own].iloc[0]
    counts[failed] //= 100
    counts.to_csv(tmp_path / "counts.csv")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_run, "score_all", stop)
    words = ["run", tmp_path / "counts.csv", tmp_path / "samples.csv", "--culture", "culture"]
    result = CliRunner().invoke(main, [*map(str, words), "--quiet", "--out", str(tmp_path / "out")])
    said = " ".join(result.stderr.split())
    assert f"Leave it out: --leave-out {failed}." in said
    assert "holds culture and drug in one. Make two columns of it, culture and drug" in said
    assert "--inhibitor drug" in said
    assert "The design does not name these levels, and they are left out." in said
    assert said.count("Warning: ") == len(set(result.stderr.split("Warning: ")[1:]))


def test_a_sample_of_one_file_alone_is_told_with_the_arm_that_it_leaves_short(
    files: list[str], tmp_path: Path
) -> None:
    counts, sheet = (pd.read_csv(path) for path in files)
    gone = sheet["sample"][sheet["culture"] == "co"].iloc[0]
    arms = sheet.groupby(["line", "culture"]).size()
    line = sheet.set_index("sample").loc[gone, "line"]
    counts.drop(columns=gone).to_csv(tmp_path / "counts.csv", index=False)
    sheet[sheet["sample"] != gone].to_csv(tmp_path / "sheet.csv", index=False)
    options = ["--culture", "culture", "--line", "line", "-s", "emt.hallmark", "--out", str(tmp_path / "out")]
    lacking = CliRunner().invoke(main, ["run", str(tmp_path / "counts.csv"), files[1], *options])
    n = arms[line, "co"]
    said = " ".join(lacking.stderr.split())
    assert said.endswith(
        f"Correct the names, or leave it out: --leave-out {gone}. Left without it: {line}:co {n - 1} of {n}."
    )
    wrong = ["run", str(tmp_path / "counts.csv"), files[1], *options[:3], "nothing", *options[4:]]
    assert "Left without" not in CliRunner().invoke(main, wrong).stderr
    obs = sheet[sheet["sample"] != gone].set_index("sample")
    note = f"1 sample without a row in the sample sheet is dropped: {gone}."
    design = ms.Design(culture="culture", line="line")
    (said, other) = with_arms([note, "Another."], design, obs)
    left = dict(re.findall(r"(\S+:\S+) (\d+)", said.split("Left: ")[1]))
    assert left == {f"{a}:{b}": str(k - ((a, b) == (line, "co"))) for (a, b), k in arms.items()}
    assert other == "Another."
    assert with_arms([note, "Another."], design, obs, used=[gone]) == ["Another."]
    assert with_arms([note], design, obs, used=["MSC1"]) == [said]


def test_the_page_of_a_run_names_files_and_options_and_leaves_code_alone() -> None:
    from marrowsig._cli.run import as_options
    from marrowsig._report.elements import Paste, Section, Sentences
    from marrowsig._report.page import html_of
    from marrowsig._unasked import UNASKED
    from marrowsig.qc._stroma_words import ADVICE
    from marrowsig.tl._chain_words import OF_INHIBITORS

    code = "table = ms.get.coverage(adata)  # (see ms.get.coverage)"
    prose = [UNASKED, *ADVICE, *OF_INHIBITORS, "not scored: too few of its genes (see ms.get.coverage)"]
    parts = [Sentences(prose), Paste("code", "Python", [code], code=True)]
    said = html_of([Section("a", "A", parts)], title="t", say=as_options)
    listed, _, pasted = said.partition('id="code"')
    assert "ms." not in re.sub(r"<(style|script).*?</\1>", "", listed, flags=re.DOTALL)
    assert 'not asked here: <span class="option">--stroma</span> asks it' in listed
    assert "(see coverage.csv)" in listed
    assert code in pasted


def test_an_inhibitor_that_reverses_is_named_in_the_place_of_the_word() -> None:
    row = {
        "rule": "all hold", "verdict": "supported", "signature": "emt.hallmark", "borderline": "",
        "estimate": 0.05,
        "ci_low": 0.04, "ci_high": 0.06, "p_adj": 0.012, "other_tests": "", "reason": "so",
    }  # fmt: skip
    texts = ["(resistant cells, JAKi B)", "(JAKi B)"]
    rows = [
        row | {"inhibitor": "JAKi B", "sentence": f"The inhibitor reverses EMT {text}: supported; so."}
        for text in texts
    ]
    told = [line.rpartition("] ")[2] for line in brief_claims(pd.DataFrame(rows))]
    assert told == ["JAKi B reverses EMT (resistant)", "JAKi B reverses EMT"]


def messages(*names: str) -> list[tuple[str, str]]:
    """Strings of modules that name Python, with what is filled in as a word, without docstrings."""
    found = []
    for path in (p for name in names for p in sorted(Path(ms.__file__).parent.glob(name))):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        aside = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        parts = [n for n in ast.walk(tree) if isinstance(n, ast.JoinedStr)]
        aside |= {id(value) for n in parts for value in ast.iter_child_nodes(n)}
        whole = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        texts = [n.value for n in whole if id(n) not in aside]
        texts += [
            "".join(v.value if isinstance(v, ast.Constant) else "'x'" for v in ast.iter_child_nodes(n))
            for n in parts
        ]
        found += [(path.name, text) for text in texts if re.search(r"\bms\.[a-z]+\.", text)]
    return found


def test_messages_of_a_run_name_no_verb_of_python() -> None:
    forwarded = messages(
        "_further.py", "_unused_batch.py", "_unask*.py", "_replicates*.py", "_sets.py", "_unlike*.py",
        "tl/_claims*.py", "tl/_chain_words.py", "tl/_chain_steps.py", "tl/_explain*.py", "tl/_detected.py",
        "tl/_estimates.py", "tl/_rescue_*.py", "tl/_depth.py", "tl/_old_names.py", "tl/multiverse.py",
        "qc/_confounder_verdict.py", "qc/_stroma_study.py", "qc/_stroma_words.py", "qc/_stroma_clause.py",
    )  # fmt: skip
    assert len(forwarded) > 20
    # What other arguments of Python are wrong, no command can give.
    given = re.compile(
        r"(null|maturation|genes|stroma|claims)= (is no|has no|takes)|ms\.tl\.explain |scores\.h5ad"
    )
    said = {(name, spoken(text, run)) for name, text in forwarded if not given.search(text)}
    left = {(name, text) for name, text in said if re.search(r"\bms\.(?!Design)\w+\.\w+(?![\w(])", text)}
    assert not left


@pytest.mark.parametrize(
    ("python", "here"),
    [
        (
            "ms.tl.claims holds statements about co-culture against the samples. x",
            "Claims are of co-culture. x",
        ),
        ("without one, no chain; ms.tl.chain gives their correlations within arms", "without one, no chain"),
        ("`ms.qc.stroma` says other than that", "The check of carry-over says other than that"),
        ("Run ms.tl.score(adata, 'emt') first.", "Run ms.tl.score(adata, 'emt') first."),
    ],
)
def test_verbs_have_words_on_the_command_line(python: str, here: str) -> None:
    assert spoken(python, run) == here


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("other", "Write one into a file, a gene a line, and give its name: mylist.txt."),
        ("emt.halmark", "Did you mean emt.hallmark, il6.hallmark, emt.mak2016?"),
        ("SOCS3", "its axis (emt, il6, stat3, stat1, control, other): emt=mylist.txt."),
    ],
)
def test_a_signature_that_is_not_known_is_told_in_words_of_the_command(name: str, told: str) -> None:
    result = CliRunner().invoke(main, ["signatures", "show", name])
    said = " ".join(result.stderr.split())
    assert result.exit_code == 1
    assert told in said
    assert "ms." not in said


@pytest.mark.slow
def test_signatures_that_were_named_are_answered_on_the_terminal(tmp_path: Path) -> None:
    toy = ms.ds.toy()
    toy.to_df().astype(int).T.to_csv(tmp_path / "counts.csv")
    toy.obs.to_csv(tmp_path / "samples.csv")
    given = [str(tmp_path / name) for name in ("counts.csv", "samples.csv")]
    given += ["--culture", "culture", "--line", "line", "--pair", "pair", "--quick", "--quiet"]
    named = ["-s", "emt", "-s", "control", "-s", "emt.blast", "-o", str(tmp_path / "out")]
    result = CliRunner().invoke(main, ["run", *given, *named])
    assert result.exit_code == 0
    head = "Asked for by name (no claims, carry-over not checked; adj. p by Benjamini-Hochberg"
    for text in (result.stdout, (tmp_path / "out" / "log.txt").read_text()):
        said = " ".join(text.split())
        told = said.split(head)[1]
        assert told.startswith(" per contrast): emt.blast: co_in_parental not")
        assert "emt.hallmark: co_in" not in told  # the claims answer it, and the axis with it
    assert "control.mcpcounter_fibroblasts: co_in_parental" in told
    assert "not estimated, too few genes (coverage.csv): control.anastassiou2011, " in told
    said = " ".join(result.stdout.split()).split("Controls: ")[1]
    controls, end, _ = said.partition("; each in log.txt")
    assert end
    found = pd.read_csv(tmp_path / "out" / "contrasts.csv")
    shown = found["contrast"].isin(["co_in_parental", "co_in_resistant", "interaction"])
    found = found[found["signature"].str.startswith("control.") & shown & found["method"].eq("singscore")]
    held = set(found.loc[found["p_adj"] < 0.05, "signature"])
    every, lost = found["signature"].nunique(), found.groupby("signature")["p_adj"].count().eq(0).sum()
    assert controls.startswith(
        f"a change is established in {len(held)} of {every} ({lost} not estimated: too few genes, "
        "coverage.csv): "
    )
    assert held
    assert held == set(re.findall(r"control\.\w+(?= \()", controls))
    assert "control.mcpcounter_fibroblasts: co_in_parental" not in result.stdout
    table = pd.read_csv(tmp_path / "out" / "table.csv")
    row = table[table["signature"].eq("emt.blast") & table["contrast"].eq("co_in_parental")].iloc[0]
    assert f"{row['estimate'].split()[1]} " in " ".join(result.stdout.split())
    assert f"{row['estimate'].split(' ', 1)[1]}, adj. p {row['p_adj']};" in " ".join(result.stdout.split())
    unasked = "Carry-over was not asked of the claims, as --no-carry-over says: "
    assert unasked not in result.stdout
    plain = CliRunner().invoke(main, ["run", *given, "--no-carry-over", "-o", str(tmp_path / "all")])
    assert "Asked for by name" not in plain.stdout
    assert unasked in " ".join(plain.stdout.split())


def test_controls_named_by_their_axis_share_a_line_and_those_named_by_id_keep_theirs() -> None:
    up = Claim("control.a", "up by 0.10 [0.04, 0.16], adj. p 0.011, 4 pairs", "up")
    higher = Claim(
        "control.a", "response higher in resistant than in parental cells, by 0.2, adj. p 0.01", "up"
    )
    open_ = Claim("control.b", "not established: 0.1 [-0.1, 0.3], adj. p 0.95, 4 pairs", "open")
    lost = Claim("control.c", "not estimated (8 of 50 genes)", "open")
    blocks = [
        Block("co_in_parental", "", "", [up, open_, lost]), Block("interaction", "", "", [higher, lost]),
    ]  # fmt: skip
    ids = ["control.a", "control.b", "control.c"]
    main = pd.DataFrame({"signature": ids, "adjustment": "BH"})
    head, *told = by_name_lines(ids, blocks, main, full=["control"])
    assert head.startswith("Asked for by name")
    line = (
        "  Controls: a change is established in 1 of 3 (1 not estimated: too few genes, coverage.csv): "
        "control.a (co_in_parental up; interaction response higher in resistant than in parental cells); "
        "each in log.txt"
    )
    assert told == [line]
    _, *told = by_name_lines(ids, blocks, main, full=["control", "control.b"])
    assert told[0] == "  control.b: co_in_parental not established: 0.1 [-0.1, 0.3], adj. p 0.95"
    assert told[1].startswith("  Controls: a change is established in 1 of 2 (1 not ")
    _, *told = by_name_lines(["control.b"], blocks, main, full=["control"])
    assert told == ["  Controls: a change is established in 0 of 1; each in log.txt"]
    assert len(list(by_name_lines(ids, blocks, main))) == 4


def test_the_heads_of_no_claims_and_of_one_question_can_be_read() -> None:
    none = pd.DataFrame({"family_size": [0, 0], "estimate": np.nan, "method": "", "signature": ""})
    for short in (True, False):
        assert of_claims(none, ["emt.blast"], ["emt.blast"], short=short) == "Claims: none could be tested:"
    rows = pd.DataFrame({"verdict": ["supported", "cannot tell"]})
    one, two = (of_questions(rows.assign(family_size=n), short=True) for n in (1, 2))
    assert "adj. p is p, of one question" in one
    assert "adj. p by Holm over these 2, < 0.0001 where none is given" in two
    assert of_questions(rows.assign(family_size=0)).endswith("of stroma; none could be tested):")


def test_heads_say_that_rows_below_them_could_not_be_tested() -> None:
    """A claim without samples of its own has a row and no p: it is none of those that Holm is over."""
    verdicts = ["supported"] * 4 + ["cannot tell", "not asked"]
    rows = pd.DataFrame({"verdict": verdicts, "family_size": 4, "estimate": 0.1, "signature": "emt.blast"})
    rows = rows.assign(method="singscore", test="", claim="emt_up")
    heads = [of_claims(part, ["emt.blast"], ["emt.blast"], short=True) for part in (rows, rows[:4])]
    assert [head.split("singscore")[0] for head in heads] == [
        "Claims: verdict, adj. p (Holm, 4 tested), ", "Claims: verdict, adj. p (Holm, 4), ",
    ]  # fmt: skip
    assert "over the 4 claims that could be tested:" in of_claims(rows, ["emt.blast"], ["emt.blast"])
    asked = of_questions(rows[2:5].assign(family_size=2), short=True)
    assert "by Holm over the 2 that could be tested" in asked
    assert (
        "question"
        not in head(rows.assign(adjustment="Holm"), rows, rows.assign(family_size=0)).partition("'as a con")[
            0
        ]
    )


def test_contrasts_are_read_by_the_levels_of_the_samples() -> None:
    design = ms.Design(
        culture="culture",
        mono="Mono",
        co="MSC",
        line="stage",
        parental="Dx",
        resistant="Rel",
        inhibitor="drug",
    )  # fmt: skip
    said = {
        "co_in_parental": "MSC vs Mono in Dx", "interaction": "more in Rel than in Dx",
        "reversal_rux_in_resistant": "fall under rux in Rel",
    }  # fmt: skip
    assert {name: in_levels(name, design) for name in said} == said
    usual = ms.Design(culture="culture", line="line", inhibitor="drug")
    assert all(in_levels(name, usual) == name for name in said)
    rows = [{"cite_for": "23 % of co_in_parental"}, {"cite_for": ""}, {}]
    cause_in_levels(rows, design)
    assert rows == [{"cite_for": "23 % of MSC vs Mono in Dx"}, {"cite_for": ""}, {}]
    block = Block("co_in_parental", "Higher?", "Dx:MSC against Dx:Mono", told=said["co_in_parental"])
    told = list(told_answers([block], head="", methods=["x"]))
    assert told[1] == "Higher? (MSC vs Mono in Dx; co_in_parental in the tables: Dx:MSC against Dx:Mono)"
    alone = "Rel vs Dx in Mono"
    changes = [Claim("emt.hallmark", "up by 0.02", "up"), Claim("il6.hallmark", "not established", "open")]
    further = Block("resistance_in_mono", "", "", changes, told=alone)
    told = list(told_answers([block, further], head="", methods=["x"], further=True))
    one = "1 further contrast is in the report and the tables (resistance)."
    assert told[-2:] == [f"{one} Established of these:", f"  {alone}, emt.hallmark: up by 0.02"]
    assert list(told_answers([block, further], head="", methods=["x"]))[-1] == one


def test_samples_between_commas_are_named_each_by_itself() -> None:
    from marrowsig._cli.run import run
    from marrowsig._cli.spoken import spoken
    from marrowsig._left_out import kept

    with pytest.raises(ms.InputError, match=r"Name each by itself: leave_out=\['S10', 'S20'\]\.") as told:
        kept(["S10", "S20", "S30"], ["S10,S20"], "counts.csv")
    assert "by itself: --leave-out S10 --leave-out S20" in spoken(str(told.value), run)
    assert kept(["S10,S20", "S30"], ["S10,S20"], "counts.csv") == [False, True]
    with pytest.raises(ms.InputError) as other:
        kept(["S10", "S20"], ["S10,S9"], "counts.csv")
    assert "by itself" not in str(other.value)


def test_a_claim_goes_on_below_its_own_column_with_a_size_and_without() -> None:
    rows = [
        Cells("   ", "supported", "0.01", "0.2 [0.1, 0.3]", "EMT rises"),
        Cells("   ", "cannot tell", "-", "not estimated", "IL6 rises"),
    ]
    for line, row in zip(aligned(rows), rows, strict=True):
        assert _hang(line) + len(line) - len(line.lstrip()) == line.index(row.what)


def test_the_package_runs_as_a_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["anything", "--version"])
    with pytest.raises(SystemExit, match="0"):
        run_module("marrowsig", run_name="__main__")
    assert capsys.readouterr().out.startswith("marrowsig, version")


def test_a_contrast_within_cells_is_told_by_the_name_of_the_cells() -> None:
    design = ms.Design(culture="culture", mono="alone", co="MSC", compartment="cell_type", time="day")
    asked = {"contrast": "co_vs_mono", "question": "Higher?", "test": "MSC", "base": "alone"}
    strata = ["compartment=GMP-like", "compartment=GMP-like; time=3", ""]
    rows = pd.DataFrame([{**asked, "stratum": s, "estimable": False, "reason": "none"} for s in strata])
    res = pd.DataFrame(columns=["signature", "axis", "contrast", "stratum", "method"])
    told = [block.told for block in answers(res, rows, pd.DataFrame(), design=design)]
    assert told[0] == "MSC vs alone in GMP-like"
    assert told[1].startswith("MSC vs alone, GMP-like")
    assert told[2] == "MSC vs alone"
