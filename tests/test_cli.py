"""The command line: what it writes, what it says, and what it leaves behind when it is stopped."""

from __future__ import annotations

import html
import itertools
import json
import re
import shlex
import subprocess
import sys
import warnings
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import marrowsig as ms
from marrowsig import _figure_formats, _named_inputs, _out_folder, _run
from marrowsig._calls import Calls
from marrowsig._cli import run_log, told
from marrowsig._cli.few_in_line import of_few_in_line
from marrowsig._cli.lines import WIDEST
from marrowsig._cli.run_log import own_family, own_lists
from marrowsig._cli.silent import of_silent
from marrowsig._further import ROTATIONS
from marrowsig._manifest import note, superseded
from marrowsig._report import figures, sections
from marrowsig.cli import main
from marrowsig.io import _together
from marrowsig.io._together import together

SIGNATURES = ["emt.hallmark", "il6.hallmark", "control.ng2016_lsc17"]
FEW = [word for name in SIGNATURES for word in ("-s", name)]
DESIGN = ["--culture", "culture", "--line", "line", "--pair", "pair"]
QUICK = {
    "claims.csv", "questions.csv", "scores.csv", "table.csv", "contrasts.csv", "coverage.csv", "genes.csv",
    "scores_singscore.csv", "design.csv", "design_weights.csv", "scored.h5ad", "report.html", "figures",
}  # fmt: skip
TABLES = QUICK | {
    "gene_tests.csv.gz", "claim_genes.csv", "gene_sets.csv", "null.csv", "sensitivity.csv", "multiverse.csv",
    "maturation.csv", "maturation_correlations.csv",
    "multiverse_summary.csv", "manifest.json", "figure.pdf", "figure.png", "figure.txt",
    "log.txt",
}  # fmt: skip
PRIMARY = ["emt.hallmark", "il6.hallmark"]


def slow(*values: object) -> Any:
    return pytest.param(*values, marks=pytest.mark.slow)


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


def ok(*words: object) -> Result:
    result = call(*words)
    assert result.exit_code == 0, result.output
    return result


def failed(*words: object, code: int = 1) -> str:
    result = call(*words)
    assert result.exit_code == code, result.output
    assert "Error: " in result.output
    assert "Traceback" not in result.output
    return flat(result.output)


def flat(text: str) -> str:
    """Lines of the terminal as one, as they were before they were wrapped."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Counts and sample sheet of the toy, as people have them."""
    folder = tmp_path_factory.mktemp("input")
    toy = ms.ds.toy()
    counts = pd.DataFrame(toy.X.T.astype(int), index=toy.var_names, columns=toy.obs_names)
    counts.to_csv(folder / "counts.csv", index_label="gene")
    toy.obs.to_csv(folder / "samples.csv", index_label="sample")
    return folder / "counts.csv", folder / "samples.csv"


@pytest.fixture(scope="module")
def done(files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("done") / "deep" / "results"
    return out, ok("run", *files, *DESIGN, *FEW, "--out", out, "--title", "My study")


@pytest.mark.parametrize("command", ["run", "score", "compare"])
def test_help_has_every_option_in_a_group_and_examples_at_the_end(command: str) -> None:
    text = ok(command, "--help").output
    heads, other = text.split("\nOther:\n")
    assert heads.index("Start with these:") < heads.index("What ")
    assert other.split("Examples:\n")[0].split() == [
        "-h,",
        "--help",
        "Show",
        "this",
        "message",
        "and",
        "exit.",
    ]
    examples = other.split("Examples:\n")[1].replace("\\\n", "").strip().splitlines()
    for line in examples:
        words = shlex.split(line)
        assert words[:2] == ["marrowsig", command]
        known = {name for p in main.commands[command].params for name in p.opts}
        assert {w for w in words[2:] if w.startswith("-")} <= known


def test_a_mistyped_option_is_told_those_that_are_nearly_called_so() -> None:
    for typed, meant in (
        ("--cultur", "Did you mean '--culture'?"),
        ("--covariate", "Did you mean '--covariates'?"),
        ("--covari", "Did you mean '--covariates'?"),
        ("--strma", "Did you mean '--stroma'?"),
    ):
        assert meant in failed("run", "x.csv", typed, "y", code=2)
    assert failed("run", "x.csv", "--mutation", "y", code=2).endswith("No such option '--mutation'.")


HELP = """
import sys
from marrowsig.cli import main
before = set(sys.modules)
main(["--help"], standalone_mode=False)
print(*sorted(set(sys.modules) - before), *sys.modules, file=sys.stderr)
"""


def test_help_loads_no_heavy_library_and_names_every_command() -> None:
    seen = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in seen.stderr.split()}
    assert {"click", "marrowsig"} <= loaded
    assert not loaded & {"anndata", "matplotlib", "numba", "numpy", "pandas", "scipy"}
    text = seen.stdout
    for command in ("demo", "run", "score", "compare", "signatures"):
        assert command in text
        assert ok(command, "--help").output.startswith("Usage: ")


def test_version() -> None:
    assert ms.__version__ in ok("--version").output


def test_run_writes_tables_figures_and_report(done: tuple[Path, Result]) -> None:
    out, result = done
    assert {p.name for p in out.iterdir()} == TABLES
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.index('id="claims"') < page.index('id="answer"')
    assert "The claims, and what these samples say to each" in page[page.index("<table>") :][:200]
    assert len(list((out / "figures").glob("*.png"))) >= 5
    assert str(out / "report.html") in result.output
    assert "<title>My study</title>" in (out / "report.html").read_text(encoding="utf-8")
    res = pd.read_csv(out / "contrasts.csv")
    assert set(res["signature"]) == set(SIGNATURES)
    assert "interaction" in set(res["contrast"])


def test_the_terminal_says_the_answers_in_a_screen_and_the_log_all(done: tuple[Path, Result]) -> None:
    out, result = done
    claims, further = (pd.read_csv(out / f"{name}.csv") for name in ("claims", "questions"))
    lines = result.stdout.splitlines()
    assert max(map(len, lines[:-1])) <= WIDEST  # the last one is a path
    asked = further[further["verdict"] != "not asked"]
    start = next(i for i, line in enumerate(lines) if line.startswith("Asked for by name (no claims"))
    by_name = 1 + sum(1 for _ in itertools.takewhile(lambda line: line.startswith("  "), lines[start + 1 :]))
    assert 1 < by_name < 6  # signatures that -s names and no claim asks
    held = asked.loc[asked["verdict"].isin(["supported", "contradicted"]), "statement"]
    assert len(lines) - by_name < len(claims) + held.nunique() + 20
    for sentence in claims.loc[claims["verdict"] != "not asked", "sentence"]:
        assert re.sub(r" cells(?=, |\)$)", "", sentence.split(": ")[0]) in flat(result.stdout)
    assert lines[-1] == f"Report: {out / 'report.html'} (open this first)"
    log = (out / "log.txt").read_text(encoding="utf-8")
    for said in (
        "marrowsig run ",
        "counts.csv: 16 rows x 300 genes",
        "delimiter is comma",
        "Claims (adj. p ",
    ):
        assert said in log
    again = shlex.split(log.splitlines()[1])  # one line, however long, to be given again
    assert {"run", "My study", str(out), *SIGNATURES, *DESIGN} <= set(again)
    assert "delimiter" not in result.stderr
    res = pd.read_csv(out / "contrasts.csv")
    for name in res.loc[~res["contrast"].str.contains("resistance|residual"), "contrast"].unique():
        assert f"({name}: " in flat(log)
    assert "log.txt" in json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]


def test_a_closed_pipe_ends_a_command_without_a_word() -> None:
    words = "import sys; from marrowsig.cli import main; main(['signatures', 'list'])"
    process = subprocess.Popen([sys.executable, "-c", words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


def test_the_page_holds_the_command_and_python_that_make_it_again(
    done: tuple[Path, Result], files: tuple[Path, Path]
) -> None:
    out, _ = done
    page = html.unescape((out / "report.html").read_text(encoding="utf-8"))
    command = page.split('id="command-text"')[1].split("<code>")[1].split("</code>")[0]
    few = ["--signatures" if word == "-s" else word for word in FEW]
    given = ["marrowsig", "run", *files, *DESIGN, *few, "--out", out, "--title", "My study"]
    assert " \\\n  --" in command  # it goes on in the next line, as bash reads it
    assert sorted(shlex.split(command.replace("\\\n", ""))) == sorted(map(str, given))
    code = page.split('id="python-text"')[1].split("<code>")[1].split("</code>")[0]
    for verb in (
        "tl.claims",
        "tl.genes",
        "tl.gene_sets",
        "qc.null",
        "tl.sensitivity",
        "tl.multiverse",
        "report",
    ):
        assert f"ms.{verb}(" in code
    compile(code, "page", "exec")
    made: dict[str, object] = {}
    exec(code.split("\nsensitivity = ")[0], made)
    expected = pd.read_csv(out / "contrasts.csv", keep_default_na=False, na_values=[""])
    for column in ("estimate", "p", "p_adj"):
        assert np.allclose(made["res"][column], expected[column])
    assert made["res"]["signature"].tolist() == expected["signature"].tolist()


def test_arguments_of_calls_are_written_as_python_that_gives_them_back() -> None:
    calls = Calls()
    mine = ms.sig.Signature("emt.mine", axis="emt", genes=["A1BG", "A2M"])
    known = ms.sig.load("emt.hallmark", "il6.hallmark")
    assert calls._shown(known) == "['emt.hallmark', 'il6.hallmark']"
    assert calls._shown(known["emt.hallmark"]) == "'emt.hallmark'"
    assert calls._shown(mine) == "signatures['emt.mine']"
    assert calls._shown([mine, "il6.hallmark"]) == "[signatures['emt.mine'], 'il6.hallmark']"
    frame = calls.name(pd.DataFrame(), "res")
    assert calls._shown(frame) == "res"


def earlier(folder: Path, names: list[str]) -> list[str]:
    """Leave files as a run does, and give what it says of the run before it."""
    with together(folder) as part:
        for name in names:
            (part.new / name).parent.mkdir(exist_ok=True)
            (part.new / name).write_bytes(b"of a run")
        told = superseded(part)
        note(part)
    return told


def test_what_an_earlier_run_wrote_goes_unless_it_was_changed(
    done: tuple[Path, Result], tmp_path: Path
) -> None:
    out, _ = done
    noted = json.loads((out / "manifest.json").read_text())["files"]
    here = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert set(noted) == here - {"manifest.json"}
    old, changed, mine = (tmp_path / "figures" / f"{name}.png" for name in ("old", "changed", "mine"))
    old.parent.mkdir()
    mine.write_bytes(b"mine")
    assert earlier(tmp_path, ["figures/old.png", "figures/changed.png"]) == []
    changed.write_bytes(b"by hand")
    told, gone = earlier(tmp_path, ["figures/new.png"])
    assert told.startswith("figures/changed.png is of an earlier run")
    assert gone == (
        "1 file of the earlier run is gone from this folder, as this run does not make them: figures/old.png."
    )
    assert {p.name for p in old.parent.iterdir()} == {"changed.png", "new.png", "mine.png"}


@pytest.mark.slow
def test_figures_come_in_the_formats_that_are_asked_for(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [s for s in sections.SECTIONS if s is not figures.section]  # that of the claims is enough
    monkeypatch.setattr(sections, "SECTIONS", few)
    base = ["run", *files, *DESIGN, "-s", "emt.hallmark", "--quick"]
    drawn = tmp_path / "figures"
    drawn.mkdir()
    (drawn / "mine.png").write_bytes(b"mine")
    earlier(tmp_path, ["figures/claims.png"])
    ok(*base, "--figures", "svg", "--figures", "pdf", "--out", tmp_path)
    assert {p.name for p in drawn.iterdir()} == {"claims.pdf", "claims.svg", "mine.png"}
    noted = json.loads((tmp_path / "manifest.json").read_text())["files"]
    assert {n for n in noted if n.startswith("figures/")} == {"figures/claims.pdf", "figures/claims.svg"}
    assert "EMT rises" in (drawn / "claims.svg").read_text(encoding="utf-8")  # letters, not outlines
    assert b"/FontFile2" in (drawn / "claims.pdf").read_bytes()  # TrueType
    assert "data:image/png" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Invalid value for '--figures'" in failed(*base, "--figures", "gif", "--out", "x", code=2)
    assert "--figures [png|pdf|svg]" in ok("run", "--help").output
    with pytest.raises(ms.InputError, match="'png', 'pdf', 'svg'"):
        _figure_formats.endings(["gif"])


def test_run_says_what_the_verbs_compute(done: tuple[Path, Result]) -> None:
    out, _ = done
    adata = ms.ds.toy()
    ms.pp.map_genes(adata)
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIGNATURES)
    design = ms.Design(culture="culture", line="line", pair="pair")
    expected = ms.tl.compare(adata, design, primary=PRIMARY)
    seen = pd.read_csv(out / "contrasts.csv")
    pd.testing.assert_frame_equal(
        seen[["signature", "contrast", "n_test"]],
        expected[["signature", "contrast", "n_test"]],
        check_dtype=False,
    )
    for column in ("estimate", "ci_low", "ci_high", "p", "p_adj", "effect"):
        np.testing.assert_allclose(seen[column], expected[column].astype(float), rtol=1e-9)
    drawn = pd.read_csv(out / "null.csv")
    assert seen["sentence"].tolist() == ms.tl.explain(expected, null=drawn).tolist()
    sigs = ms.sig.load(*PRIMARY)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.InputWarning)  # the toy has few genes to draw random sets from
        null = ms.qc.null(adata, sigs, design=design)
    np.testing.assert_allclose(pd.read_csv(out / "null.csv")["p_null"], null["p_null"], rtol=1e-9)
    sets = ms.tl.gene_sets(adata, design, signatures=sigs, n_rotations=ROTATIONS, scores=expected)
    found = pd.read_csv(out / "gene_sets.csv")
    for column in ("p", "roast_p", "camera_p"):
        np.testing.assert_allclose(found[column], sets[column], rtol=1e-9)
    assert found["agree"].fillna("").tolist() == sets["agree"].tolist()
    assert len(pd.read_csv(out / "gene_tests.csv.gz")) == adata.n_vars * expected["contrast"].nunique()


def test_what_was_put_into_the_toy_comes_out(done: tuple[Path, Result]) -> None:
    res = pd.read_csv(done[0] / "contrasts.csv").set_index(["signature", "contrast"])
    for line in ("parental", "resistant"):
        assert (
            res.loc[("emt.hallmark", f"co_in_{line}"), "verdict"]
            == res.loc[("il6.hallmark", f"co_in_{line}"), "verdict"]
        )
        assert res.loc[("emt.hallmark", f"co_in_{line}"), "ci_low"] > 0
    assert res.loc[("emt.hallmark", "interaction"), "ci_low"] > 0


def test_the_scored_file_can_be_read_again(done: tuple[Path, Result]) -> None:
    import anndata as ad

    adata = ad.read_h5ad(done[0] / "scored.h5ad")
    assert list(adata.obsm["score_singscore"].columns) == SIGNATURES
    table = pd.read_csv(done[0] / "scores.csv")
    np.testing.assert_allclose(ms.get.scores(adata)["score"], table["score"], rtol=1e-12)


def test_one_question_has_one_p_in_the_supplement(done: tuple[Path, Result]) -> None:
    keys = ["method", "contrast", "signature"]
    contrasts, table, *judged = (
        pd.read_csv(done[0] / f"{name}.csv") for name in ("contrasts", "table", "claims", "questions")
    )
    own = pd.concat(judged).dropna(subset=["p_adj"]).set_index(keys)
    asked = contrasts[contrasts["claim"].notna()]
    rows = own.loc[list(asked[keys].itertuples(index=False, name=None))]
    assert len(asked) >= 5
    assert asked["claim"].tolist() == rows["verdict"].tolist()
    np.testing.assert_allclose(asked["claim_p_adj"], rows["p_adj"])
    pd.testing.assert_series_equal(table["claim"], contrasts["claim"])
    assert asked["asked_as"].tolist() == rows["family"].str.removesuffix("s").tolist()
    assert table.loc[asked.index, "p_adj_as"].tolist() == asked["asked_as"].tolist()
    assert set(table.drop(index=asked.index)["p_adj_as"]) == {"contrast"}
    words = {name: set(own["question"]) for name, own in table.groupby("contrast")}
    assert words["co_in_resistant"] == {"co vs mono in resistant"}
    assert words["interaction"] == {"more in resistant than in parental"}
    assert words["resistance_in_mono"] == {"resistant vs parental in mono"}
    shown = table.loc[asked.index, "p_adj"].astype(str).str.removeprefix("< ").astype(float)
    # The table shows two digits, and "< 0.0001" below that.
    np.testing.assert_allclose(shown.clip(lower=1e-4), rows["p_adj"].clip(lower=1e-4), rtol=0.05)


def test_genes_that_no_arm_expresses_are_counted_where_they_were_kept() -> None:
    adata, design = (
        ms.ds.demo(),
        ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair"),
    )
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "emt.hallmark", method="mean")
    assert of_silent(SimpleNamespace(adata=adata, design=design, beside=None)) == ""  # no ranks
    ms.tl.score(adata, "emt.hallmark")
    n = adata.n_vars - ms.pp.expressed(ms.ds.demo(), design, copy=True).n_vars
    said = of_silent(SimpleNamespace(adata=adata, design=design, beside=None))
    assert said.startswith(f"{n:,} of 8,000 genes are expressed in no arm and were kept")
    assert adata.n_vars == 8000
    with pytest.warns(ms.InputWarning, match="made from all genes"):
        ms.pp.expressed(adata, design)
    assert of_silent(SimpleNamespace(adata=adata, design=design, beside=None)) == ""


@pytest.mark.usefixtures("unfigured")
@pytest.mark.slow
def test_columns_with_the_usual_names_are_found(
    files: tuple[Path, Path], tmp_path: Path, done: tuple[Path, Result]
) -> None:
    result = ok("run", *files, *FEW, "--quick", "--skip", "claims", "--out", tmp_path)
    assert "--culture culture --line line --pair pair" in flat(result.output)
    seen, expected = (pd.read_csv(p / "contrasts.csv") for p in (tmp_path, done[0]))
    told = ["sentence"]  # tells of random sets, which a quick run does not ask
    beside = ["claim_p_adj", "claim", "asked_as"]
    pd.testing.assert_frame_equal(seen.drop(columns=told), expected.drop(columns=told + beside))


@pytest.mark.slow
@pytest.mark.usefixtures("unfigured")
def test_any_factor_of_two_levels_can_be_compared(files: tuple[Path, Path], tmp_path: Path) -> None:
    counts, samples = files
    sheet = pd.read_csv(samples).rename(columns={"culture": "arm", "line": "clone", "pair": "day"})
    sheet["arm"] = sheet["arm"].map({"mono": "Mock", "co": "IL6"})
    sheet["comment"] = ["low yield", *[None] * (len(sheet) - 1)]  # nothing is left of it without this sample
    sheet.to_csv(tmp_path / "sheet.tsv", sep="\t", index=False)
    base = ["run", counts, tmp_path / "sheet.tsv", *FEW, "--out", tmp_path / "out"]
    said = failed(*base)
    for word in ("--culture", "arm: IL6, Mock", "clone: parental, resistant"):
        assert word in said
    options = ["--quick", "--skip", "claims", "--culture", "arm", "--mono", "Mock", "--co", "IL6"]
    options += ["--batch", "day", "--batch", "clone", "--leave-out", sheet["sample"].iloc[0]]
    ok(*base, *options)
    assert ad.read_h5ad(tmp_path / "out" / "scored.h5ad").obs["comment"].isna().all()
    res = pd.read_csv(tmp_path / "out" / "contrasts.csv")
    assert set(res["contrast"]) == {"co_vs_mono"}
    assert set(pd.read_csv(tmp_path / "out" / "table.csv")["question"]) == {"IL6 vs Mock"}
    assert "column day and clone" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--culture", "nowhere"], "no column 'nowhere'"),
        (["--pair", "pair"], "give --culture or --line"),
        (["--culture", "culture", "--mono", "none"], "none"),
        (["--culture", "culture", "-s", "emt.halmark"], "emt.hallmark"),
        (["--culture", "culture", "--layer", "raw"], "no layer 'raw'"),
    ],
)
def test_what_cannot_be_used_is_one_clear_error(
    files: tuple[Path, Path], tmp_path: Path, options: list[str], said: str
) -> None:
    out = tmp_path / "out"
    assert said in failed("run", *files, *FEW, *options, "--out", out)
    assert not out.exists()


def test_what_was_decided_on_reading_stroma_is_said(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = pd.read_csv(files[0], index_col=0).iloc[:, :2]
    alone.to_csv(tmp_path / "msc.csv", index_label="gene")

    def stop(*args: object, **kwargs: Any) -> None:
        kwargs["warned"](["something"])  # samples and design fit: what was held is shown
        raise ms.InputError("far enough")

    monkeypatch.setattr(_run, "run", stop)
    said = failed("run", *files, *DESIGN, "--stroma", tmp_path / "msc.csv", "--out", tmp_path / "out")
    assert "msc.csv (--stroma): 2 rows x " in said
    assert "genes kind counts: " in said.partition("msc.csv (--stroma)")[2]
    words = ["run", *files, *DESIGN, "--quiet", "--stroma", tmp_path / "msc.csv", "--out", tmp_path / "out"]
    assert "msc.csv" not in failed(*words)


def test_stroma_that_is_none_stops_before_anything_is_computed(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(_run, "score_all", never)
    _with_rin(files[1], tmp_path / "sheet.csv")
    said = failed("run", *files, *DESIGN, "--stroma", "MSC", "--out", tmp_path / "out")
    assert "--stroma MSC is neither a file nor a level of the compartment column (none is named)" in said
    assert "msc_counts.csv" in said
    said = failed("run", *files, *DESIGN, "--stroma", tmp_path / "sheet.csv", "--out", tmp_path / "out")
    assert "shares 0 of 300 genes with the data. It has 1 row: RIN. Is this a sample sheet?" in said
    own = pd.read_csv(files[1]).assign(compartment=["AML", "stroma"] * 8)
    own.to_csv(tmp_path / "own.csv", index=False)
    options = [*DESIGN, "--compartment", "compartment", "--stroma", "stromal"]
    said = failed("run", files[0], tmp_path / "own.csv", *options, "--out", tmp_path / "out")
    assert "('compartment': AML, stroma). Did you mean 'stroma'?" in said


def test_the_sample_sheet_is_no_matrix(files: tuple[Path, Path], tmp_path: Path) -> None:
    sheet = _with_rin(files[1], tmp_path / "sheet.csv")
    said = failed("run", sheet, sheet, *DESIGN, *FEW, "--out", tmp_path / "out")
    assert (
        "No gene of the 3 signatures is in the matrix. It has 1 row: RIN. Is this the sample sheet?" in said
    )
    assert not (tmp_path / "out").exists()


def _with_rin(samples: Path, path: Path) -> Path:
    sheet = pd.read_csv(samples)
    sheet.assign(RIN=np.linspace(7, 9.8, len(sheet))).to_csv(path, index=False)
    return path


def test_wrong_usage_exits_with_two(files: tuple[Path, Path]) -> None:
    assert "--out" in failed("run", *files, code=2)
    assert "nowhere.csv" in failed("run", "nowhere.csv", "--out", "x", code=2)


def test_a_damaged_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text("gene,s1,s2\nIL6,1,two\nVIM,3,4\n")
    failed("run", tmp_path / "counts.csv", "--culture", "culture", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("unfigured")
def test_cells_without_a_unit_are_refused_and_with_one_are_summed(tmp_path: Path) -> None:
    import anndata as ad

    toy = ms.ds.toy()
    rows = np.repeat(np.arange(toy.n_obs), 20)  # 20 cells for each sample, with a thousandth of its counts
    counts = np.random.default_rng(0).poisson(np.asarray(toy.X)[rows] / 1000).astype(float)
    obs = toy.obs.iloc[rows].reset_index(drop=True).astype(str)
    obs.index = [f"cell{i}" for i in range(len(obs))]
    ad.AnnData(counts, obs=obs, var=toy.var).write_h5ad(tmp_path / "cells.h5ad")
    options = ["--culture", "culture", "--line", "line"]
    said = failed("run", tmp_path / "cells.h5ad", *options, *FEW, "--out", tmp_path / "out")
    assert "cells are not replicates" in said
    assert not (tmp_path / "out").exists()
    ok(
        "run",
        tmp_path / "cells.h5ad",
        *options,
        "--unit",
        "pair",
        "--pair",
        "pair",
        *FEW,
        *[w for name in ("claims", "null", "genes", "multiverse", "sensitivity") for w in ("--skip", name)],
        "--out",
        tmp_path / "out",
    )
    res = pd.read_csv(tmp_path / "out" / "contrasts.csv")
    assert set(res["n_test"]) == {4}
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "320 cells summed per pair and arm: 16 sums" in text
    assert "320 cells in 16 sums of a unit and arm; 16 are used" in text
    cells = pd.read_csv(tmp_path / "out" / "cells.csv")
    claim = cells[(cells["route"] == "pseudobulk") & cells["signature"].isin(PRIMARY)]
    joined = claim.merge(res, on=["signature", "contrast"], suffixes=("", "_run"))
    assert len(joined) == len(claim) > 0
    np.testing.assert_allclose(joined["estimate"], joined["estimate_run"], rtol=1e-9)
    # The same by Python, call by call: sums, thinned by the same seed, scored and compared.
    sums = ms.pp.pseudobulk(ms.io.read(tmp_path / "cells.h5ad"), unit="pair", by=["culture", "line"])
    ms.pp.thin(sums, seed=0)
    ms.tl.score(sums, PRIMARY, min_coverage=0.0)
    by_hand = ms.tl.compare(sums, ms.Design(culture="culture", line="line", pair="pair", unit="pair"))
    both = by_hand.merge(res, on=["signature", "contrast"], suffixes=("", "_run"))
    assert len(both) == len(by_hand) == 10
    np.testing.assert_allclose(both[["estimate", "p"]], both[["estimate_run", "p_run"]], rtol=1e-9)


def test_score_then_compare_equals_run(
    files: tuple[Path, Path], tmp_path: Path, done: tuple[Path, Result]
) -> None:
    counts, samples = files
    ok("score", counts, *FEW, "-o", tmp_path / "new" / "scores.csv")
    ok("compare", tmp_path / "new" / "scores.csv", samples, *DESIGN, "-o", tmp_path / "contrasts.csv")
    seen, expected = pd.read_csv(tmp_path / "contrasts.csv"), pd.read_csv(done[0] / "contrasts.csv")
    for column in ("signature", "contrast", "verdict"):
        assert seen[column].tolist() == expected[column].tolist()
    np.testing.assert_allclose(seen["p_adj"], expected["p_adj"], rtol=1e-9)
    again = tmp_path / "again.csv"
    ok("compare", done[0] / "scores.csv", *DESIGN, "--margin", "0.05", "-o", again)
    np.testing.assert_allclose(pd.read_csv(again)["estimate"], expected["estimate"], rtol=1e-9)
    assert set(pd.read_csv(again)["margin"]) == {0.05}
    assert expected["margin"].isna().all()


def test_compare_refuses_what_is_no_table_of_scores(
    files: tuple[Path, Path], tmp_path: Path, done: tuple[Path, Result]
) -> None:
    assert "lacks the columns" in failed("compare", files[0], files[1], "-o", tmp_path / "x.csv")
    other = tmp_path / "other.csv"
    pd.read_csv(files[1]).assign(sample=lambda f: "other" + f["sample"]).to_csv(other, index=False)
    said = failed("compare", done[0] / "scores.csv", other, *DESIGN, "-o", tmp_path / "x.csv")
    assert "names the 16 samples" in said
    assert "look alike" not in said
    pd.read_csv(files[1]).assign(sample=lambda f: f["sample"].str.replace("_", " ")).to_csv(
        other, index=False
    )
    said = failed("compare", done[0] / "scores.csv", other, *DESIGN, "-o", tmp_path / "x.csv")
    assert "Names look alike: if they are the same samples, write in column 'sample'" in said
    assert not (tmp_path / "x.csv").exists()


def test_a_sheet_with_two_keys_asks_for_one(
    files: tuple[Path, Path], tmp_path: Path, done: tuple[Path, Result]
) -> None:
    sheet = pd.read_csv(files[1])
    sheet.insert(0, "tube", sheet["sample"].to_numpy()[::-1])
    sheet.to_csv(tmp_path / "s.csv", index=False)
    scores, both = done[0] / "scores.csv", tmp_path / "s.csv"
    for words in (("compare", scores), ("run", files[0]), ("score", files[0])):
        design = [] if words[0] == "score" else DESIGN
        said = failed(*words, both, *design, "-o", tmp_path / "x")
        assert "both name the samples, differently" in said
    sheet.rename(columns={"tube": "tube 2", "sample": "name"}).to_csv(tmp_path / "t.csv", index=False)
    said = failed("compare", scores, tmp_path / "t.csv", *DESIGN, "-o", tmp_path / "x")
    assert "--sheet-key 'tube 2'." in said
    ok("compare", scores, both, *DESIGN, "--sheet-key", "sample", "-o", tmp_path / "c.csv")
    seen, expected = pd.read_csv(tmp_path / "c.csv"), pd.read_csv(done[0] / "contrasts.csv")
    np.testing.assert_allclose(seen["estimate"], expected["estimate"], rtol=1e-9)
    ok("score", files[0], both, *FEW, "--sheet-key", "sample", "-o", tmp_path / "y.csv")
    assert "no column 'nope'" in failed("compare", scores, both, "--sheet-key", "nope", "-o", tmp_path / "z")


@pytest.mark.slow
@pytest.mark.usefixtures("unfigured")
def test_the_primary_family_is_that_which_is_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    base = ["run", *files, *DESIGN, *FEW, "--quick", "--skip", "claims"]
    margin = ["--margin", "0.05"]
    ok(*base, "--primary", "il6", "--primary-contrast", "interaction", *margin, "--out", tmp_path / "a")
    ok(*base, "--primary", "none", "--out", tmp_path / "b")
    named, none = (pd.read_csv(tmp_path / p / "contrasts.csv") for p in "ab")
    own = named[named["adjustment"] == "Holm"]
    assert own[["signature", "contrast"]].to_numpy().tolist() == [["il6.hallmark", "interaction"]]
    assert set(none["adjustment"]) == {"BH"}
    assert "not compared" in failed(*base, "--primary", "emt.nothing", "--out", tmp_path / "c")
    text = (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    assert "are adjusted by Holm over 1 test" in text
    assert (named["margin"] == 0.05).all()
    assert set(named["equivalent"]) <= {"yes", "no", "not shown"}
    assert none["margin"].isna().all()
    assert "lies within a margin of 0.05, declared beforehand, was judged by two one-sided t tests" in text
    assert "Schuirmann, D. J. (1987)" in text
    assert "within the margin" in text
    assert "left out, as was asked" in text


@pytest.mark.usefixtures("unfigured")
def test_a_part_that_the_data_do_not_allow_says_why(files: tuple[Path, Path], tmp_path: Path) -> None:
    skip = [word for name in ("claims", "null", "genes") for word in ("--skip", name)]
    result = ok("run", *files, *DESIGN, "-s", "control.ng2016_lsc17", *skip, "--out", tmp_path)
    for said in (
        "rescue: the design names no inhibitor",
        "chain: no signature of il6 and stat3 and emt was scored",
        "cells: the rows are samples",
        "multiverse: no signat",
    ):
        assert (said in result.output) == ("cells" not in said)  # of samples that needs no word
        assert said in (tmp_path / "log.txt").read_text(encoding="utf-8")
        assert said.split(": ")[1] in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("unfigured")
def test_a_formula_can_be_run(
    files: tuple[Path, Path], tmp_path: Path, done: tuple[Path, Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    from marrowsig._cli import run_log, ways

    def all_ways(*asked: Any, every: bool) -> list[str]:
        """Let the terminal name ways that agree, too: here no list differs."""
        return ways.ways_disagree(*asked, every=True)

    monkeypatch.setattr(run_log, "ways_disagree", all_ways)
    formula = ["--formula", "~ line * culture", "--levels", "line=parental,resistant"]
    formula += ["--levels", "culture=mono,co"]
    gain = "more: resistant:co - resistant:mono - parental:co + parental:mono"
    skip = ["--skip", "null", "--skip", "sensitivity"]
    result = ok("run", *files, *FEW, *formula, "--contrast", gain, *skip, "--out", tmp_path)
    res = pd.read_csv(tmp_path / "contrasts.csv").set_index("signature")
    for place in (result.output, (tmp_path / "log.txt").read_text(encoding="utf-8")):
        assert "Ways of scoring agree, as a claim would need: " in flat(place)
    assert "log.txt with all warnings;" in flat(result.output)
    paired = pd.read_csv(done[0] / "contrasts.csv").query("contrast == 'interaction'").set_index("signature")
    np.testing.assert_allclose(
        res["estimate"], paired["estimate"], rtol=1e-9
    )  # balanced: only the SE differs
    assert set(pd.read_csv(tmp_path / "gene_sets.csv")["contrast"]) == {"more"}
    assert "question" not in pd.read_csv(tmp_path / "table.csv")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "~ line * culture" in text
    assert "RNA carried over from stroma" in text
    assert "co-culture; ask with --culture COLUMN in its place" in " ".join(
        (tmp_path / "log.txt").read_text(encoding="utf-8").split()
    )
    assert "resistant against parental" in text
    for options, said in (
        ([*formula, "--pair", "pair", "--contrast", gain], "takes the place of --pair"),
        ([*formula, "--mono", "mono", "--contrast", gain], "takes the place of --mono. Give the one or"),
        ([*formula, "--contrast", gain, "--stroma", "msc.csv"], "--stroma belongs to the claims of"),
        ([*formula, "--contrast", gain, "--markers", "A,B"], "--markers belongs to the claims of"),
        ([*formula, "--contrast", gain, "--no-carry-over"], "its own: --culture COLUMN --mono LEVEL"),
        ([*formula, "--contrast", gain, "--claims-on", "emt=emt.blast"], "--primary names the signatures"),
        (formula, "needs its contrasts"),
        ([*formula, "--contrast", "more: resistant:co -"], "cannot be read"),
        ([*formula[:2], "--levels", "line", "--contrast", gain], "is not COLUMN=REFERENCE"),
        ([*formula, "--contrast", gain, "--at", "dose"], "is not COLUMN=NUMBER"),
        ([*formula, "--contrast", gain, "--at", "dose=0"], "--at names dose"),
    ):
        assert said in failed("run", *files, *FEW, *options, "--out", tmp_path / "x")


@pytest.mark.usefixtures("unfigured")
@pytest.mark.slow
def test_a_run_says_for_what_it_adjusts(files: tuple[Path, Path], tmp_path: Path) -> None:
    """A number per pair is in contrasts between lines alone; one per sample changes within pairs."""
    sheet = pd.read_csv(files[1], index_col=0)
    sheet["pair"] = sheet["line"] + sheet["pair"]
    sheet["age"] = sheet["pair"].astype("category").cat.codes ** 2 + 40
    sheet["blasts"] = np.random.default_rng(0).uniform(40, 90, len(sheet)).round()
    sheet["flowcell"] = sheet["pair"].str[-1].isin(["1", "2"]).map({True: "F1", False: "F2"})
    sheet.to_csv(tmp_path / "samples.csv")
    asked = [
        "--covariates",
        "age",
        "--covariates",
        "blasts",
        "--batch",
        "flowcell",
        "--quick",
        "--out",
        tmp_path / "out",
    ]
    result = ok("run", files[0], tmp_path / "samples.csv", *FEW, *DESIGN, *asked)
    said = (
        "Adjusted, as --covariates asks, for age (2 of 5 contrasts), blasts (all of 5 contrasts). "
        "Within pairs blasts changes: measured after culture this may be what the culture did"
    )
    log = flat((tmp_path / "out" / "log.txt").read_text(encoding="utf-8"))
    assert said in flat(result.output)
    assert said in log
    # Pairs are within a line here: the two contrasts between lines are of rows that nothing holds together.
    held = "--batch flowcell: the pairs hold it constant in 3 of 5 contrasts, so that no adjusting is needed."
    assert held in flat(result.output)
    assert held in log
    written = pd.read_csv(tmp_path / "out" / "design.csv").set_index(["model", "sample"])
    assert {"covariate: age", "covariate: blasts"} <= set(written)
    for _, model in written.groupby("model"):
        own = sheet.loc[model.index.get_level_values("sample"), "blasts"]
        z = (own - own.mean()) / own.std(ddof=0)
        np.testing.assert_allclose(model["covariate: blasts"], z, rtol=1e-9)


@pytest.mark.slow
def test_a_formula_is_drawn_and_reported(files: tuple[Path, Path], tmp_path: Path) -> None:
    """The call of the page on formulas, with its figures; pairs of the toy have other names."""
    page = (Path(__file__).parents[1] / "docs" / "howto" / "formula.md").read_text(encoding="utf-8")
    options = page.split("marrowsig run counts.csv samples.csv ")[1].split(" --out")[0]
    asked = shlex.split(options.replace("\\\n", " ").replace("pair=P1", "pair=r1"))
    sheet = tmp_path / "samples.csv"
    pd.read_csv(files[1], index_col=0).assign(inhibitor="none").to_csv(sheet)
    ok("run", files[0], sheet, *FEW, *asked, "--quick", "--out", tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "~ line * culture + pair" in text
    assert "gain" in text
    drawn = {path.stem for path in (tmp_path / "figures").iterdir()}
    assert {"heatmap", "forest_gain"} <= drawn
    assert (tmp_path / "figure.pdf").is_file()
    res = pd.read_csv(tmp_path / "contrasts.csv")
    assert set(res["contrast"]) == {"gain"}
    y = pd.read_csv(tmp_path / "scores_singscore.csv", index_col=0)
    obs = pd.read_csv(files[1], index_col=0).loc[y.index]
    arm = y.groupby([obs["line"], obs["culture"]]).mean()
    rise = {line: arm.loc[line, "co"] - arm.loc[line, "mono"] for line in ("resistant", "parental")}
    found = res.set_index("signature")["estimate"]
    np.testing.assert_allclose(found, (rise["resistant"] - rise["parental"])[found.index], rtol=1e-9)


@pytest.mark.slow
@pytest.mark.usefixtures("unfigured")
def test_several_methods_in_one_run(files: tuple[Path, Path], tmp_path: Path) -> None:
    methods = ["-m", "zscore", "-m", "singscore"]
    ok(
        "run",
        *files,
        *DESIGN,
        "-s",
        "emt.hallmark",
        *methods,
        "--quick",
        "--skip",
        "claims",
        "--out",
        tmp_path,
    )
    res = pd.read_csv(tmp_path / "contrasts.csv")
    assert list(res["method"].unique()) == ["zscore", "singscore"]
    assert "scored by zscore" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("unfigured")
def test_own_signatures_from_a_file(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[_run.Run] = []
    monkeypatch.setattr(told, "_places", lambda done: runs.append(done) or iter(()))
    (tmp_path / "lab.csv").write_text("gene\nVIM\nFN1\nSPARC\nTIMP1\nCALD1\n")
    mine = ms.sig.Signature("emt.mine2026", axis="emt", genes=["VIM", "FN1", "SPARC", "TIMP1", "CALD1"])
    mine.write(tmp_path / "mine2026.json")
    result = ok(
        "run",
        *files,
        *DESIGN,
        "-s",
        tmp_path / "mine2026.json",
        "-s",
        tmp_path / "lab.csv",
        "--quick",
        "--skip",
        "claims",
        "-s",
        "il6.hallmark",
        "--out",
        tmp_path / "out",
    )
    assert set(pd.read_csv(tmp_path / "out" / "contrasts.csv")["signature"]) == {
        "emt.mine2026",
        "il6.hallmark",
        "other.lab",
    }
    page = html.unescape((tmp_path / "out" / "report.html").read_text())
    assert "and your own lists (other.lab) stand here" in page
    for text in (result.output, (tmp_path / "out" / "log.txt").read_text(), page):
        assert "other.lab" in text
        assert "not a main list: p by Benjamini-Hochberg within this contrast" in flat(text)
    told_of = "other.lab is a list that does not come with marrowsig, 5 genes (5 rise, 0 fall)"
    assert told_of in (tmp_path / "out" / "log.txt").read_text()
    # Beside claims, which are asked of others, the terminal has a line of each list and contrast.
    lines = own_lists(runs[0])
    assert [line.split(":")[0] for line in lines if line.startswith("other.lab")] == [
        "other.lab, co_in_parental", "other.lab, co_in_resistant", "other.lab, interaction",
    ]  # fmt: skip
    assert "within this contrast" not in " ".join(lines)
    assert own_family(runs[0]) == "by Benjamini-Hochberg within each contrast"  # the other has an answer


@pytest.mark.usefixtures("unfigured")
@pytest.mark.parametrize(
    ("step", "error"),
    [
        *(slow(step, KeyboardInterrupt) for step in ("score_all", "compare_all", "further", "write")),
        ("tables", KeyboardInterrupt),
        ("write_h5ad", TypeError),
        slow("log", ValueError),
        slow("note", OSError),
        ("exchange", PermissionError),
    ],
)
def test_a_run_that_fails_leaves_the_folder_as_it_was(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: type
) -> None:
    quick = ["-s", "emt.hallmark", "--quick", "--skip", "claims"]

    def stop(*args: object, **kwargs: object) -> None:
        raise error

    def half(path: Path, to: Path) -> None:
        if path.name == "report.html" and "new" in path.parts:  # open in another program
            raise error
        move(path, to)

    move, where = _together._move, {"tables": (pd.DataFrame, "to_csv"), "log": (run_log, "_answers")}
    there = _out_folder if step in ("write_h5ad", "note") else _run
    broken = (_together, "_move", half) if step == "exchange" else (*where.get(step, (there, step)), stop)
    out = tmp_path / "out"
    for fresh in (True, False) if step in ("further", "exchange") else (False,):
        if not fresh:
            earlier(out, ["report.html", "scores.csv", "log.txt", "figures/gone.png"])
            (out / "mine.txt").write_text("mine")
        before = content(out)
        with monkeypatch.context() as patch:
            patch.setattr(*broken)
            assert call("run", *files, *DESIGN, *quick, "--out", out).exit_code == 1
        assert content(out) == before
        assert out.exists() != fresh


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_signatures_can_be_listed_shown_and_checked(tmp_path: Path) -> None:
    listed = ok("signatures", "list").output
    for name in ms.sig.load().ids:
        assert name in listed
    assert "control." not in ok("signatures", "list", "emt").output
    shown = ok("signatures", "show", "il6.hallmark").output
    sig = ms.sig.load("il6.hallmark")["il6.hallmark"]
    assert sig.sha256 in shown
    assert all(gene in shown for gene in sig.genes)
    assert "No problems" in ok("signatures", "check").output
    bad = tmp_path / "emt" / "bad.toml"
    bad.parent.mkdir()
    bad.write_text('schema = 1\nid = "emt.bad"\n')
    assert "problems" in failed("signatures", "check", bad)
    assert "Did you mean" in failed("signatures", "show", "il6.hallmrk")


def test_a_list_of_ones_own_is_shown_as_a_run_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pd.DataFrame(
        {"Gene": ["VIM", "CTGF", "CDH1", "FOO7"], "logFC": [1.9, 2, -1.8, 1], "Source": "S3"}
    )
    monkeypatch.chdir(tmp_path)
    table.to_excel("paper.xlsx", index=False)
    assert "which genes rise and which" in failed("signatures", "show", "emt=paper.xlsx")
    table.rename(columns={"logFC": "weight"}).to_excel("paper.xlsx", index=False)
    shown = ok("signatures", "show", "emt=paper.xlsx", "--out", "emt/paper.toml").output
    assert "emt.paper: paper\n  axis: emt\n  4 genes: 3 rise, 1 falls; weights differ\n" in shown
    names = (
        "names: 2 of 4 genes by their symbol of today (HGNC); 1 by another, which a run reads as today's: "
        "CTGF = CCN2; 1 not known: FOO7"
    )
    assert names in " ".join(shown.split())
    assert "up (3): VIM, CCN2, FOO7" in shown
    assert "down (1): CDH1" in shown
    assert ms.sig.read("emt/paper.toml")["emt.paper"].genes["CDH1"] == -1.8
    assert "axis: other, of which no claim is made" in ok("signatures", "show", "paper.xlsx").output
    assert "no .toml file. check reads those alone" in failed("signatures", "check", "paper.xlsx")
    assert "No file 'absent.xlsx'" in failed("signatures", "show", "absent.xlsx")
    Path("twice.gmt").write_text("MINE\tna\tVIM\tPRKCBP1\tVIM\n")
    told = ok("signatures", "show", "twice.gmt").output
    assert told.startswith(
        "Warning: twice.gmt: 1 gene stands more than once in a list, and counts once: VIM of"
    )
    assert "2 genes: 2 rise" in told
    # The folder `emt` that lies here now is not what the axis is.
    assert "emt.hallmark" in ok("signatures", "list", "emt").output
    assert "emt.hallmark" in ok("signatures", "show", "emt").output
    assert _named_inputs.signatures(["emt"]).ids == ms.sig.load("emt").ids
    assert _named_inputs.signatures(["./emt"]).ids == ("emt.paper",)


@pytest.mark.slow
def test_demo_says_where_its_report_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # All signatures take ten seconds; .ci/run runs them.
    monkeypatch.setattr(_run, "run", partial(_run.run, signatures=SIGNATURES))
    result = ok("demo")
    assert "Report: marrowsig-demo/report.html" in result.output.replace("\\", "/")
    text = (tmp_path / "marrowsig-demo" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in text
    assert "reversal_" in text
    claims = pd.read_csv(tmp_path / "marrowsig-demo" / "claims.csv")
    assert not claims["reason"].str.contains("no reference of stroma").any()
    assert untold(tmp_path / "marrowsig-demo") == []


def test_the_page_on_a_run_tells_of_every_file(done: tuple[Path, Result]) -> None:
    assert {"design.csv", "scores_singscore.csv"} <= {path.name for path in done[0].iterdir()}
    assert untold(done[0]) == []


def untold(folder: Path) -> list[str]:
    """Files of a run that docs/howto/report.md does not name."""
    page = (Path(__file__).parents[1] / "docs" / "howto" / "report.md").read_text(encoding="utf-8")
    return [path.name for path in folder.iterdir() if f"`{path.name}" not in page]


def test_two_pairs_in_a_line_say_what_answers_over_all_donors() -> None:
    obs = pd.DataFrame({"response": ["S"] * 4 + ["R"] * 8, "donor": [f"d{i // 2}" for i in range(12)]})
    claims = pd.DataFrame({
        "contrast": ["co_in_parental", "co_in_resistant", "interaction"], "n_pairs": [2, 4, 2],
        "line": ["S", "R", ""],
    })  # fmt: skip
    design = ms.Design(culture="culture", line="response", pair="donor")

    def said(obs: pd.DataFrame, claims: pd.DataFrame, design: ms.Design = design) -> str:
        adata = SimpleNamespace(obs=obs)
        return of_few_in_line(SimpleNamespace(adata=adata, design=design, tables={"claims": claims}))

    told = said(obs, claims)
    assert told.startswith("Two pairs in S, where little")
    assert "over all levels of 'donor' the same run without --line answers" in told
    assert said(obs, claims.assign(n_pairs=[3, 4, 3])) == ""
    assert said(obs.assign(donor=[f"d{i % 4}" for i in range(12)]), claims) == ""  # donors in both lines
    assert said(obs, claims, ms.Design(culture="culture", pair="donor")) == ""
