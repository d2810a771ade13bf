"""Several studies in one go: what is written, resumed, redone, refused and pooled."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import fields, replace
from inspect import signature
from types import SimpleNamespace
from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import marrowsig as ms
from marrowsig._batch import one
from marrowsig._batch.file import STUDY, BatchFile, read_batch
from marrowsig._batch.further import KEYS
from marrowsig._batch.key import key_of
from marrowsig._cli.batch import tell
from marrowsig._cli.run import run
from marrowsig.cli import main

if TYPE_CHECKING:
    from pathlib import Path

GENES = list(ms.ds.toy().var_names[:40])
DESIGN = "{ culture = 'culture', pair = 'pair' }"


def write_study(folder: Path, name: str, seed: int, lift: float = 1.5) -> None:
    """Counts and sheet of three pairs, in which the first ten genes rise in co-culture."""
    rng = np.random.default_rng(seed)
    obs = pd.DataFrame({
        "sample": [f"{name}{i}" for i in range(6)], "culture": ["mono", "co"] * 3,
        "pair": ["a", "a", "b", "b", "c", "c"],
    })  # fmt: skip
    log2 = rng.normal(6, 1, 40) + rng.normal(0, 0.3, (6, 40))
    log2[1::2, :10] += lift
    counts = pd.DataFrame(rng.poisson(2**log2).T, index=GENES, columns=obs["sample"])
    counts.to_csv(folder / f"{name}.csv", index_label="gene")
    obs.to_csv(folder / f"{name}_samples.csv", index=False)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A batch file of three good studies and one without a matrix."""
    text = 'title = "Tiny"\nsignatures = ["own.gmt"]\n'
    for i, name in enumerate(("a", "b", "c", "bad")):
        text += f"[[study]]\nname = '{name}'\ninput = '{name}.csv'\nsamples = '{name}_samples.csv'\n"
        text += f"design = {DESIGN}\n"
        if name != "bad":
            write_study(tmp_path, name, i)
    (tmp_path / "own.gmt").write_text("il6.own\tours\t" + "\t".join(GENES[:10]) + "\n")
    (tmp_path / "studies.toml").write_text(text)
    return tmp_path


def call(place: Path, *words: str, code: int = 3) -> str:
    result = CliRunner().invoke(
        main, ["batch", str(place / "studies.toml"), "-o", str(place / "out"), *words]
    )
    assert result.exit_code == code, result.output
    return result.output


def edit(place: Path, old: str, new: str) -> None:
    text = (place / "studies.toml").read_text()
    assert old in text
    (place / "studies.toml").write_text(text.replace(old, new))


def statuses(place: Path) -> list[str]:
    return pd.read_csv(place / "out" / "studies.csv")["status"].tolist()


@pytest.mark.slow
def test_a_bad_study_is_listed_and_the_others_are_pooled_resumed_and_redone(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    did: list[str] = []
    work = one.do

    def stopped(study: ms.Study, folder: Path, **options: object) -> dict[str, object]:
        did.append(study.name)
        found = work(study, folder, **options)
        if study.name == stop:
            raise KeyboardInterrupt  # after its files are written
        return found

    monkeypatch.setattr(one, "do", stopped)
    stop = "b"
    said = call(place, code=1)
    assert "the same command goes on" in said
    studies = place / "out" / "studies"
    assert sorted(p.name for p in studies.iterdir()) == ["a"]  # nothing of b, not even hidden
    assert not (place / "out" / "report.html").exists()

    stop = ""
    did.clear()
    said = call(place)
    assert did == ["b", "c"]  # the bad one has no file to begin with
    assert statuses(place) == ["kept", "done", "done", "failed"]
    assert "bad: failed, There is no file" in said
    assert {p.name for p in (place / "out").iterdir()} == {
        "studies.csv", "contrasts.csv", "meta.csv", "meta_effect.csv", "meta_studies.csv", "meta_without.csv",
        "figures", "report.html", "studies", "manifest.json",
    }  # fmt: skip
    res = pd.read_csv(place / "out" / "contrasts.csv")
    assert res["study"].tolist() == ["a", "b", "c"]
    assert res["n_samples"].tolist() == [6, 6, 6]
    row = pd.read_csv(place / "out" / "meta.csv").iloc[0]
    assert (row["n_studies"], row["n_samples"], row["verdict"]) == (3, 18, "up")
    again = ms.tl.meta(res.fillna({"stratum": ""}), primary="il6.own").table.iloc[0]
    assert row["estimate"] == pytest.approx(again["estimate"])
    page = (place / "out" / "report.html").read_text()
    assert "1 study of 4 could not be done" in page
    assert '<a href="studies/a/contrasts.csv">table</a>' in page
    assert len(re.findall("<img ", page)) == 1
    assert (
        "The 3 studies a (3 pairs), b (3 pairs) and c (3 pairs) were scored and compared one by one" in page
    )
    assert "co less mono (co_vs_mono) were pooled by inverse-variance random effects" in page
    assert "@article{PauleMandel1982," in page

    did.clear()
    write_study(place, "c", 7)  # other numbers in one study
    edit(place, "input = 'a.csv'", "input = 'a.csv'\ncontrasts = { co_vs_mono = 'induction' }")
    call(place)
    assert did == ["a", "c"]
    meta = pd.read_csv(place / "out" / "meta.csv").set_index("contrast")
    assert meta["n_studies"].to_dict() == {"induction": 1, "co_vs_mono": 2}
    assert meta["estimate"].isna().all()
    assert "<img " not in (place / "out" / "report.html").read_text()

    write_study(place, "bad", 9)
    assert "bad: done" in call(place, "--figures", "pdf", code=0)
    drawn = {p.suffix for p in (place / "out" / "figures").iterdir()}
    assert drawn == {".pdf"}
    note = json.loads((studies / "bad" / "study.json").read_text())
    assert note["n_samples"] == 6


def test_rows_of_two_studies_are_not_pooled_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    lost = {"stratum": "", "method": "mean", "adjustment": "Holm"}
    few = "2 of 3 studies that are needed"
    names = [(f"co_in_{line}", f"il6.{i}") for line in ("parental", "resistant") for i in range(4)]
    table = pd.DataFrame([lost | {"contrast": c, "signature": s, "reason": few} for c, s in names])
    other = "effects per different kinds of SD are not comparable"
    table.loc[len(table)] = lost | {"contrast": "interaction", "signature": "il6.0", "reason": other}
    studies = pd.DataFrame({"study": ["a"], "status": ["done"], "n_samples": [6], "reason": [""]})
    done = SimpleNamespace(studies=studies, meta=SimpleNamespace(table=table), paths={"report": "r.html"})
    tell(done)
    assert capsys.readouterr().out.splitlines() == [
        "a: done, 6 samples",
        f"Not pooled: 8 rows, {few}",
        f"Not pooled: interaction, il6.0, {other}",
        "Report: r.html",
    ]
    table["notes"] = "arms are not the same: TGFb vs Mock (a), IL22 vs Mock (b)"
    tell(done)
    told = " ".join(capsys.readouterr().out.split())
    assert "Warning: Studies of unlike arms are pooled: TGFb vs Mock (a), IL22 vs Mock (b). " in told


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title", "titel", "unknown key 'titel'"),
        ("samples = 'a_samples.csv'", "sheet = 'x'", "study 'a' has unknown keys sheet"),
        (f"design = {DESIGN}", "", "study 'a' lacks design"),
        (DESIGN, "{ cluture = 'culture' }", "a design has no field cluture"),
        (DESIGN, "{ pair = 'pair' }", "A design needs culture= or line="),
        ("name = 'b'", "name = 'a'", "names of their own: a, a"),
        ('title = "Tiny"', 'title = "Tiny', "is not a batch file"),
        ("title", "min_coverage = 'half'\ntitle", "min_coverage is of the wrong kind"),
        ("title", "figures = ['gif']\ntitle", "'png', 'pdf', 'svg'"),
    ],
)  # fmt: skip
def test_a_batch_file_with_a_fault_is_refused_with_its_name(
    place: Path, old: str, new: str, said: str
) -> None:
    edit(place, old, new)
    assert said in call(place, code=1)
    assert not (place / "out" / "studies").exists()


def test_a_formula_can_be_the_design_of_a_study() -> None:
    from marrowsig._batch.file import design_of

    text = {
        "formula": "~ culture + pair",
        "levels": {"culture": ["mono", "co"], "pair": "P1"},
        "contrasts": {"gain": "co - mono"},
    }
    assert "culture + pair" in repr(design_of(text))
    alone = design_of({**text, "contrasts": ["co - mono"]})
    assert (alone.levels["pair"], list(alone.wanted)) == ("P1", ["co - mono"])


def test_adata_is_known_by_its_values_and_samples() -> None:
    toy = ms.ds.toy()
    design = ms.Design(culture="culture", pair="pair")

    def key(adata: object, **settings: object) -> str:
        return key_of(ms.Study(name="x", input=adata, design=design), settings)

    other, moved = toy.copy(), toy.copy()
    other.X[0, 0] += 1
    moved.obs["culture"] = moved.obs["culture"].to_numpy()[::-1]
    assert key(toy) == key(toy.copy())
    assert len({key(toy), key(other), key(moved), key(toy, methods=["ucell"])}) == 4


def test_a_study_can_leave_samples_out(place: Path) -> None:
    edit(place, "name = 'a'\n", "name = 'a'\nleave_out = ['a0', 'a1']\n")
    study = read_batch(place / "studies.toml").studies[0]
    assert list(study.read().obs_names) == ["a2", "a3", "a4", "a5"]
    settings = {"signatures": []}
    assert key_of(study, settings) != key_of(replace(study, leave_out=()), settings)
    with pytest.raises(ms.InputError, match=r"^leave_out=\['b7'\]: a\.csv has no such sample"):
        replace(study, leave_out=["b7"]).read()
    one, two = (
        "It is a level of 'pair': keep='pair!=b' leaves it",
        "They are levels of 'pair': keep='pair!=b,c'",
    )
    for names, words in ((["b"], one), (["b", "c"], f"{two} leaves them")):
        with pytest.raises(ms.InputError, match=rf"has no such sample\. {words} out\.$"):
            replace(study, leave_out=names).read()
    with pytest.raises(ms.InputError, match=r"no such sample\.( Did you mean .*)?$"):
        replace(study, leave_out=["b", "b7"]).read()
    edit(place, "leave_out = ['a0', 'a1']", "leave_out = 'a0'")
    assert "leave_out has to be a list of samples" in call(place, code=1)


def test_a_study_can_keep_rows_by_a_column(place: Path) -> None:
    edit(place, "name = 'a'\n", "name = 'a'\nkeep = ['culture=mono,co', 'pair=a, b']\n")
    study = read_batch(place / "studies.toml").studies[0]
    settings = {"signatures": []}
    assert key_of(study, settings) != key_of(replace(study, keep=()), settings)
    adata = study.read()
    assert set(adata.obs["pair"]) == {"a", "b"}
    assert "rows, where culture is 'mono' or 'co' and pair is 'a' or 'b'" in str(
        adata.uns["marrowsig"]["input"]["decisions"]
    )
    assert replace(study, keep="pair=a").read().n_obs < adata.n_obs
    given = ms.Study(name="x", input=replace(study, keep=()).read(), design=study.design, keep=["pair=a"])
    assert set(given.read().obs["pair"]) == {"a"}
    with pytest.raises(ms.InputError, match=r"^keep='pair=q': 'pair' has no level 'q'"):
        replace(study, keep=["pair=q"]).read()
    edit(place, "keep = ['culture=mono,co', 'pair=a, b']", "keep = ['pair=q']")
    assert "keep='pair=q': 'pair' has no level 'q'" in call(place, code=3)
    edit(place, "keep = ['pair=q']", "keep = 'pair=a'")
    assert "study 'a': keep has to be a list, such as [\"cell_type=blast,HSC\"]" in call(place, code=1)


OPTIONS = """\
min_cells = 5
expressed = true
min_count = 2
min_total = 5
stroma = "stroma.csv"
stroma_kind = "counts"
stroma_source = "of fat"
markers = ["COL1A1", "COL1A2"]
no_carry_over = true
claims_on = { il6 = "il6.own" }
labels = { co = "with MSC" }
palette = { co = "#882255" }
order = ["co"]
"""


def test_every_option_of_a_run_is_one_of_a_study_or_of_the_batch() -> None:
    """What a batch lacks is named here with its reason, so that a new option is not forgotten."""
    of_design = {f.name for f in fields(ms.Design)} | {"formula", "levels", "contrasts", "at"}
    apart = {
        "matrix",  # `input`
        "out", "figures", "quiet",  # of the batch as a whole
        "title",  # the name of a study
        "quick", "skip", "prerank",  # `reports` says how much is done
        "primary_contrasts", "adjust",  # of pooled tests it is Holm, over contrasts that are called alike
    }  # fmt: skip
    asked = {str(p.name) for p in run.params} - of_design - apart
    of_study, of_file = {f.name for f in fields(ms.Study)}, {f.name for f in fields(BatchFile)}
    assert asked <= of_study | of_file
    assert of_file - {"studies"} <= set(signature(ms.batch).parameters)
    assert of_study == set(STUDY)


def test_a_study_takes_the_options_of_a_run(place: Path) -> None:
    edit(place, "name = 'a'\n", f"name = 'a'\n{OPTIONS}")
    (place / "stroma.csv").write_text("gene,m1\nCOL1A1,5\n")
    study, other = read_batch(place / "studies.toml").studies[:2]
    assert study.stroma == str(place / "stroma.csv")
    assert (study.min_cells, study.min_count, study.min_total) == (5, 2, 5)
    assert study.claims_on == {"il6": "il6.own"}
    settings = {"signatures": []}
    keys = {key_of(study, settings)}
    for name in KEYS:
        keys.add(key_of(replace(study, **{name: getattr(other, name)}), settings))
    (place / "stroma.csv").write_text("gene,m1\nCOL1A1,6\n")  # another file under the same name
    keys.add(key_of(study, settings))
    assert len(keys) == len(KEYS) + 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("min_cells = 0", "study 'a': min_cells = 0 is too small"),
        ("min_cells = true", "study 'a': min_cells has to be a whole number, such as 10"),
        ("expressed = 10", "study 'a': expressed has to be true or false"),
        ("claims_on = 'emt.blast'", "study 'a': claims_on has to be a table"),
        ("order = 'co'", "study 'a': order has to be a list of levels"),
    ],
)
def test_an_option_of_the_wrong_kind_is_refused(place: Path, text: str, said: str) -> None:
    edit(place, "name = 'a'\n", f"name = 'a'\n{text}\n")
    assert said in " ".join(call(place, code=1).split())


def test_options_do_in_a_study_what_they_do_in_a_run(tmp_path: Path) -> None:
    write_study(tmp_path, "a", 3)
    counts = pd.read_csv(tmp_path / "a.csv", index_col=0)
    assert not {"HBB", "HBA1"} & set(GENES)
    silent = pd.DataFrame(1, index=["HBB", "HBA1"], columns=counts.columns)
    pd.concat([counts, silent]).rename_axis("gene").to_csv(tmp_path / "a.csv")
    (tmp_path / "own.gmt").write_text("il6.own\tours\t" + "\t".join([*GENES[:10], *silent.index]) + "\n")
    design = ms.Design(culture="culture", pair="pair")
    given = {"input": tmp_path / "a.csv", "samples": tmp_path / "a_samples.csv", "design": design}
    formula = ms.Design.from_formula(
        "~ culture", levels={"culture": ["mono", "co"]}, contrasts={"gain": "co - mono"}
    )
    made = ms.batch(
        [
            ms.Study(name="all", **given),
            ms.Study(name="less", **given, expressed=True),
            ms.Study(name="none", **given, min_count=2),
            ms.Study(name="wrong", **given, claims_on={"emt": "emt.nowhere"}),
            ms.Study(name="formula", **(given | {"design": formula}), no_carry_over=True),
            ms.Study(name="idle", **given, leave_out=["a0", "a1"], min_cells=9, no_carry_over=True),
        ],
        out=tmp_path / "out",
        signatures=ms.sig.read(tmp_path / "own.gmt"),
        margin=5.0,
        seed=3,
    )
    assert made.res["coverage"].tolist() == [1.0, pytest.approx(10 / 12), 1.0]
    assert made.res["equivalent"].iloc[:2].tolist() == ["yes"] * 2
    assert made.failed["none"].endswith("but none are left out: add expressed=True.")
    assert made.failed["wrong"].startswith("claims_on 'emt=emt.nowhere': no signature is called emt.nowhere")
    assert made.failed["formula"].startswith("no_carry_over= belongs to the claims of co-culture")
    assert "with a design with" not in made.failed["formula"]
    told = made.studies.set_index("study").loc["idle", "warnings"]
    assert "min_cells=9 is not used: the rows are samples, not cells." in told
    assert "no_carry_over: claims are asked in a study's own report, which reports=True writes." in told
    for wrong in ({"margin": 0.0}, {"width": 5.0}):
        with pytest.raises(ms.InputError, match=f"^{next(iter(wrong))}="):
            ms.batch([ms.Study(name="all", **given)], out=tmp_path / "other", reports=True, **wrong)


def test_many_reads_what_can_be_read(place: Path) -> None:
    design = ms.Design(culture="culture")
    sheet = ms.Study(name="with sheet", input=place / "b.csv", samples=place / "b_samples.csv", design=design)
    found = ms.ds.many([place / "a.csv", sheet, "nowhere.csv"])
    assert list(found.studies) == ["a.csv", "with sheet"]
    assert found.studies["with sheet"].obs["culture"].tolist() == ["mono", "co"] * 3
    assert "There is no file 'nowhere.csv'" in found.failed["nowhere.csv"]
    page = found._repr_html_()
    assert "2 studies read, 1 failed" in page
    assert page.count("<tr") == 3
    assert "<p>nowhere.csv: There is no file &#x27;nowhere.csv&#x27;" in page
    with pytest.raises(ms.InputError, match=r"called a\.csv"):
        ms.ds.many([place / "a.csv", place / "a.csv"])


REAL = {
    "GSE1001": ("tgfb_emt_foroutan20", "logexpr", "mono = 'Ctrl', co = 'TGFb', batch = 'batch'"),
    "GSE1002": ("t84_il22_ifnl", "counts", "mono = 'Mock', co = 'IL22', batch = 'time_h'"),
    "GSE1003": ("pbmc_il13_gse79027", "counts", "mono = 'control', co = 'IL13', batch = 'batch'"),
    "GSE1004": ("ucmsc_primed_gse224190", "fpkm", "mono = 'control', co = 'IFNg_TNFa_IL1b'"),
}


def serve(archive, shared: Path, accession: str) -> None:
    """Put a real study where GEO would keep it: samples in the series matrix, values in a supplement."""
    name, values, _ = REAL[accession]
    folder = shared / "datasets" / name
    sheet = pd.read_csv(folder / "samples.tsv", sep="\t", dtype=str).fillna("")
    gsm = [f"GSM{accession[3:]}{i:03d}" for i in range(len(sheet))]
    rows = [("!Sample_title", sheet["sample"]), ("!Sample_geo_accession", gsm)]
    rows += [
        ("!Sample_characteristics_ch1", c + ": " + sheet[c])
        for c in ("condition", "batch", "time_h")
        if c in sheet
    ]
    rows += [("!Sample_platform_id", ["GPL9000"] * len(gsm)), ("!Sample_data_row_count", ["0"] * len(gsm))]
    lines = ["\t".join([key, *(f'"{cell}"' for cell in cells)]) for key, cells in rows]
    lines += ["!series_matrix_table_begin", "\t".join(['"ID_REF"', *(f'"{g}"' for g in gsm)])]
    text = "\n".join(['!Series_title\t"a study"', "", *lines, "!series_matrix_table_end", ""])
    archive.series(accession, "matrix", f"{accession}_series_matrix.txt.gz", gzip.compress(text.encode(), 1))
    archive.series(
        accession, "suppl", f"{accession}_{values}.tsv.gz", (folder / f"{values}.tsv.gz").read_bytes()
    )


@pytest.mark.slow
@pytest.mark.shared
def test_real_studies_served_as_geo_serves_them_end_in_one_report(
    archive, shared: Path, tmp_path: Path
) -> None:
    text = 'signatures = ["emt.hallmark", "il6.hallmark"]\n'
    for accession, (_, _, levels) in REAL.items():
        serve(archive, shared, accession)
        text += f"[[study]]\nname = '{accession}'\ninput = '{accession}'\n"
        text += f"design = {{ culture = 'condition', {levels} }}\n"
    text += "[[study]]\nname = 'bad'\ninput = 'GSE1009'\ndesign = { culture = 'condition' }\n"
    (tmp_path / "studies.toml").write_text(text)
    said = call(tmp_path)
    assert statuses(tmp_path) == ["done"] * 4 + ["failed"], said
    assert "bad: failed, " in " ".join(said.split())  # lines are broken at the width of a terminal
    res = pd.read_csv(tmp_path / "out" / "contrasts.csv").set_index(["study", "signature"])
    # What the stimuli are known to do, each in its own study.
    assert res.loc[("GSE1001", "emt.hallmark"), "verdict"] == "up"
    assert res.loc[("GSE1002", "il6.hallmark"), "verdict"] == "up"
    assert res.loc[("GSE1004", "il6.hallmark"), "verdict"] == "up"
    meta = pd.read_csv(tmp_path / "out" / "meta.csv").set_index("signature")
    assert meta["n_studies"].tolist() == [4, 4]
    assert (meta["i2"] > 0.9).all()  # four different stimuli
    assert meta["notes"].str.contains("arms are not the same").all()
    assert (meta["pi_low"] < meta["ci_low"]).all()
    page = (tmp_path / "out" / "report.html").read_text()
    assert "could go either way" in page


@pytest.mark.shared
def test_fetch_says_what_was_found_and_assigns_nothing(archive, shared: Path, tmp_path: Path) -> None:
    serve(archive, shared, "GSE1004")
    out = tmp_path / "study.h5ad"
    result = CliRunner().invoke(main, ["fetch", "GSE1004", "-o", str(out)])
    assert result.exit_code == 0, result.output
    assert "GSE1004_fpkm.tsv.gz: fpkm (route 'files'" in result.output
    assert "Read GSE1004: 6 samples x " in result.output
    assert "condition: IFNg_TNFa_IL1b, control" in result.output
    assert "Nothing is proposed" in result.output  # primed is not co-cultured
    assert "culture" not in ad.read_h5ad(out).obs
    gone = CliRunner().invoke(main, ["fetch", "GSE1009"])
    assert gone.exit_code == 1
    assert gone.output.startswith("Error: ")
