"""`marrowsig figure` and `ms.get.run`: the figure of a run drawn anew, with the numbers of the run."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import re
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib import pyplot as plt
from matplotlib.image import imread

import marrowsig as ms
from marrowsig._further import SLOW
from marrowsig._kept_design import design_from, kept
from marrowsig._manifest import changed_since
from marrowsig._report import words
from marrowsig._run import run
from marrowsig._run_tables import read_table
from marrowsig.cli import main
from marrowsig.pl._overview_key import CITED

pytestmark = pytest.mark.slow  # of a run with its page, drawn again and again

DESIGN = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
IDS = ["emt.hallmark", "il6.hallmark", "stat3.specific"]
LEAD = ["figure.pdf", "figure.png", "figure.txt"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "results"
    signatures = ms.sig.load(*IDS)
    run(ms.ds.demo(), DESIGN, out=out, stroma=ms.ds.demo_stroma(), signatures=signatures, skip=set(SLOW))
    return out


@pytest.fixture
def results(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "results"))


def call(*words: object) -> str:
    done = CliRunner().invoke(main, ["figure", *map(str, words)])
    assert done.exit_code == 0, done.output
    return done.output


def refused(*words: object) -> str:
    done = CliRunner().invoke(main, ["figure", *map(str, words)])
    assert done.exit_code == 1, done.output
    assert "Traceback" not in done.output
    return " ".join(done.output.split())


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def require_same(folder: Path, before: dict[str, bytes]) -> None:
    """All files byte for byte; of a PDF, what is drawn: a place may differ in its last digit of six."""
    now, odd = content(folder), ("figure.pdf", "manifest.json")
    assert set(now) == set(before)
    assert [name for name in now if name not in odd and now[name] != before[name]] == []
    (old, told), (new, again) = (drawn_in(files["figure.pdf"]) for files in (before, now))
    assert told == again
    np.testing.assert_allclose(new, old, atol=2e-5)
    moved = changed_since(folder, [name for name in now if name != "manifest.json"])
    assert moved == []


def drawn_in(pdf: bytes) -> tuple[list[float], list[str]]:
    """Numbers and other words of what a page holds, in points."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    page = max(
        (zlib.decompressobj().decompress(s) for s in streams),
        key=lambda s: s.count(b" re\n") + s.count(b"BT"),
    )
    words = page.decode("latin-1").split()
    number = re.compile(r"-?\d*\.?\d+")
    numbers = [float(word) for word in words if number.fullmatch(word)]
    assert len(numbers) > 1000
    return numbers, [word for word in words if not number.fullmatch(word)]


def test_without_options_every_file_is_as_the_run_wrote_it(results: Path) -> None:
    before = content(results)
    said = call(results)
    assert "report.html" not in said
    require_same(results, before)


def test_p_of_the_figure_are_those_to_cite_in_the_table(made: Path) -> None:
    """`table.csv` is written without the figure; of what has no size to cite, p is as scored."""
    table = pd.read_csv(made / "table.csv", dtype=str, keep_default_na=False)
    done = ms.get.run(made)
    figure: Any = ms.pl.overview(
        done.adata, IDS, design=done.design, res=done.res, claims=done.claims, stroma=done.stroma
    ).figure
    panels = [ax for ax in figure.axes if ax.get_xlabel().startswith("difference")]
    fewer = []
    for sig, ax in zip(IDS, panels, strict=True):
        shown = [text.get_text() for text in ax.texts if text.get_text() not in ("", "adj. p")]
        own = table[table["signature"].eq(sig) & ~table["contrast"].str.startswith("resi")]
        wanted = own["p_adj_to_cite"].where(own["p_adj_to_cite"].ne(""), own["p_adj"])
        assert [text.split("\n")[0].rstrip(f"†‡ {CITED}") for text in shown] == wanted.tolist()
        marked = [CITED in text for text in shown]
        assert marked == own["genes_to_cite"].str.match(r"\d").tolist()
        fewer += own.loc[marked, "p_adj_to_cite"].ne(own.loc[marked, "p_adj"]).tolist()
    assert any(fewer)  # else this says nothing
    assert f"on genes that stroma could not move, and p with {CITED}" in [t.get_text() for t in figure.texts]
    text = (made / "figure.txt").read_text(encoding="utf-8")
    assert f"p is the one to cite, with {CITED} on these genes" in text
    plt.close("all")


def test_what_is_read_is_what_the_run_computed(made: Path) -> None:
    done = ms.get.run(made)
    assert done.design == DESIGN
    adata = ms.ds.demo()
    ms.pp.map_genes(adata)
    ms.pp.lognorm(adata)
    ms.tl.score(adata, ms.sig.load(*IDS))
    again = ms.tl.compare(adata, DESIGN, primary=IDS)
    assert list(done.res) == list(again)
    for name in again:
        if again[name].dtype.kind in "fiu":
            np.testing.assert_array_equal(done.res[name].to_numpy(float), again[name].to_numpy(float))
        else:
            assert done.res[name].fillna("").tolist() == again[name].fillna("").tolist(), name
    assert done.claims is not None
    assert set(done.claims["family"]) >= {"claims", "further questions"}
    assert done.stroma is not None


def test_the_words_of_the_picture_on_the_page_have_the_size_and_p_to_cite(made: Path) -> None:
    table = pd.read_csv(made / "table.csv", dtype=str, keep_default_na=False)
    found = re.search(
        r'<figure id="figure-figure">.*? alt="([^"]*)"', (made / "report.html").read_text(), re.DOTALL
    )
    assert found is not None
    told = html.unescape(found[1])
    named = {
        "co_in_parental": "co vs mono in parental",
        "co_in_resistant": "co vs mono in resistant",
        "interaction": "more in resistant than in parental",
    }
    own = table[table["signature"].eq(IDS[0]) & table["contrast"].isin(list(named))]
    assert own["size_to_cite"].ne(own["estimate"]).all()
    for row in own.to_dict("records"):
        sentence = next(one for one in told.split("; ") if f"{IDS[0]}, {named[row['contrast']]}:" in one)
        assert sentence.endswith(", on genes that stroma could not move")
        assert f"adj. p {row['p_adj_to_cite']} as a claim" in sentence
        shown = re.search(r" by ([\d.]+) \[([\d.]+), ([\d.]+)\]", sentence)
        assert shown is not None
        wanted = re.findall(r"[\d.]+", row["size_to_cite"])
        # the words have three places, the table three digits: 0.0005 + 0.00005
        np.testing.assert_allclose(np.array(shown.groups(), float), np.array(wanted, float), atol=5.6e-4)
    assert "adj. p 0.069 as a claim, 4 pairs, not supported" in told  # stat3.specific, as scored


def test_rescue_csv_has_the_verdicts_of_the_claims_on_reversals(made: Path) -> None:
    rescue, *asked = (read_table(made / f"{name}.csv") for name in ("rescue", "claims", "questions"))
    claims = pd.concat(asked)
    claims = claims[claims["contrast"].str.startswith("reversal_") & claims["p_adj"].notna()]
    keys = ["signature", "line", "inhibitor"]
    known = claims.set_index(keys)["verdict"]
    told = rescue[rescue["claim"].ne("")]
    assert told["kind"].eq("line").all()
    assert told.set_index(keys)["claim"].sort_index().to_dict() == known.sort_index().to_dict()
    assert len(told) == 12  # three signatures, two lines, two inhibitors
    held = told["claim"].isin(["supported", "contradicted"])
    assert not told.loc[~held, "sentence"].str.contains("cite the fraction").any()
    other = held.ne(told["reversal_p_adj"].lt(0.05))
    assert told["sentence"].str.contains(" as a claim; | as a further question; ").eq(other).all()


def test_columns_and_levels_of_any_name_are_drawn_again(tmp_path: Path) -> None:
    """An h5ad holds no slash in a name, and no column _index."""
    adata = ms.ds.demo()
    obs = adata.obs.astype(str).rename(columns={"culture": "IL-6 ng/ml", "line": "_index", "pair": "Tür %"})
    words = {"mono": "0", "co": "10 ng/ml", "parental": "für 1", "resistant": "2024-01-31", "none": "0.0"}
    obs = obs.replace({**words, "JAKi_A": "1 uM", "JAKi_B": "+ <x> & 50%"})
    adata.obs = obs.assign(**{"IL-6 ng/ml": obs["IL-6 ng/ml"].replace({"0": "-"}), "IL-6 ng_ml": "x"})
    design = ms.Design(
        culture="IL-6 ng/ml", mono="-", co="10 ng/ml", line="_index", parental="für 1",
        resistant="2024-01-31", inhibitor="inhibitor", vehicle="0.0", pair="Tür %",
    )  # fmt: skip
    out = tmp_path / "results"
    run(adata, design, out=out, signatures=ms.sig.load("il6.hallmark"), skip={*SLOW, "claims"})
    before = content(out)
    done = ms.get.run(out)
    assert list(done.adata.obs) == list(adata.obs)
    call(out)
    require_same(out, before)


def test_a_run_says_in_a_line_what_it_holds(made: Path) -> None:
    said = repr(ms.get.run(made))
    assert said.startswith(f"<RunFolder {str(made)!r}: 32 samples, 3 signatures, ")
    assert said.endswith("Has adata, design, res, claims, stroma, look, tables; draw with ms.pl.overview>")


def test_words_colours_and_order_change_without_a_run(results: Path, tmp_path: Path) -> None:
    before = content(results)
    look = ["--labels", "co=with MSC,mono=alone", "--palette", "resistant=#112233", "--order", "resistant"]
    said = call(results, *look, "--figures", "svg", "--out", tmp_path / "talk", "--width", 174)
    assert "report.html" not in said
    drawn = (tmp_path / "talk" / "figure.svg").read_text()
    assert "with MSC vs alone" in drawn
    assert "#112233" in drawn
    assert drawn.index(">resistant") < drawn.index(">parental")
    assert "Names in the figure: with MSC for co" in (tmp_path / "talk" / "figure.txt").read_text()
    assert content(results) == before
    said = call(results, *look)
    assert "report.html has this figure now" in said
    after = content(results)
    assert {name for name in before if after[name] != before[name]} == {*LEAD, "manifest.json", "report.html"}
    assert changed_since(results, [name for name in after if name != "manifest.json"]) == []
    call(results)
    require_same(results, before)


def test_scores_on_all_genes_are_drawn_where_that_is_asked_for(made: Path, tmp_path: Path) -> None:
    told = "as scored, RNA of other cells included"
    for option, there in (((), False), (("--as-scored",), True)):
        call(made, "--out", tmp_path, *option)
        assert (told in (tmp_path / "figure.txt").read_text(encoding="utf-8")) is there
    assert "on the genes of the triangles in (b)" in (made / "figure.txt").read_text(encoding="utf-8")
    assert "this run has no compartment" in refused(made, "--out", tmp_path, "--compartment", "AML")


def test_the_page_has_the_figure_of_the_folder_and_is_else_as_it_was(results: Path) -> None:
    page = results / "report.html"

    def parts() -> tuple[str, list[bytes], list[str], str]:
        before, inside, after = re.split(r"<!-- (?:end of the )?figure for a paper -->", page.read_text())
        data = [base64.b64decode(found) for found in re.findall(r"base64,([^\"]*)\"", inside)]
        return before, data, re.findall(r"<figcaption>(.*?)</figcaption>", inside), after

    before, (png,), (caption,), after = parts()
    assert html.unescape(caption) == words.signed((results / "figure.txt").read_text().strip())
    call(results, "--labels", "co=with <MSC>")
    rest, (other,), (told,), end = parts()
    assert (rest, end) == (before, after)
    assert other != png
    assert "with &lt;MSC&gt; for co" in told
    shapes = [imread(one).shape for one in (io.BytesIO(other), results / "figure.png")]
    np.testing.assert_allclose(*(high / wide for high, wide, *_ in shapes), rtol=2e-3)  # whole pixels
    call(results, "--width", 85)
    rest, data, captions, end = parts()
    assert (rest, end) == (before, after)
    assert len(data) == len(captions) == len(IDS)


def test_a_page_that_was_changed_or_is_older_keeps_its_figure(results: Path) -> None:
    page, look = results / "report.html", ["--labels", "co=with MSC"]
    own = page.read_text().replace("<title>", "<title>Mine: ")
    page.write_text(own)
    assert "report.html was changed since the run: it keeps its figure." in call(results, *look)
    assert page.read_text() == own
    page.write_text(own.replace("<!-- figure for a paper -->", ""))
    noted = json.loads((results / "manifest.json").read_text())
    noted["files"]["report.html"] = hashlib.sha256(page.read_bytes()).hexdigest()
    (results / "manifest.json").write_text(json.dumps(noted))
    assert "is of an older version: it keeps its figure" in call(results, *look)


def test_a_figure_for_each_signature_takes_the_place_of_the_one(results: Path) -> None:
    before = content(results)
    call(results, "--width", 85)
    names = {f"figure_{sig.replace('.', '_')}{end}" for sig in IDS for end in (".pdf", ".png", ".txt")}
    assert set(content(results)) == set(before) - set(LEAD) | names
    call(results)
    require_same(results, before)
    call(results, "-s", "il6.hallmark", "--width", 85)
    text = (results / "figure.txt").read_text()
    assert text.startswith("IL-6 response")
    assert "riangle" not in text
    assert "pen marks" not in text  # all of its claims are supported here


def test_a_figure_that_was_changed_by_hand_is_kept_beside(results: Path) -> None:
    own = (results / "figure.pdf").read_bytes() + b"% mine"
    (results / "figure.pdf").write_bytes(own)
    assert "yours is figure.yours.pdf" in " ".join(call(results).split())
    assert (results / "figure.yours.pdf").read_bytes() == own


def test_what_cannot_be_drawn_is_refused_and_nothing_is_written(results: Path, tmp_path: Path) -> None:
    before = content(results)
    assert "--labels names 'coo', which is no level here" in refused(results, "--labels", "coo=x")
    assert "--palette names 'cO'" in refused(results, "--palette", "cO=red")
    both = refused(results, "--palette", "co=red,resistant=blue")
    assert "--palette names levels of two: leave out co." in " ".join(both.split())
    assert "did not score emt.hallmrk. Did you mean" in refused(results, "-s", "emt.hallmrk")
    four = [word for sig in [*IDS, IDS[0]] for word in ("-s", sig)]
    call(results, *four, "--out", tmp_path / "out")  # named twice
    assert "is not there. Name the folder that marrowsig run wrote" in refused(tmp_path / "nothing")
    assert "is not the folder of a run" in refused(tmp_path)
    assert "is a file" in refused(results / "table.csv")
    assert content(results) == before


def test_a_folder_that_was_changed_or_is_older_is_refused(results: Path) -> None:
    place = results / "claims.csv"
    text = place.read_text()
    place.write_text(text.replace("supported", "Supported"))
    assert "claims.csv. Run again" in refused(results)
    place.unlink()
    assert "claims.csv. Run again" in refused(results)
    place.write_text(text)
    noted = json.loads((results / "manifest.json").read_text())
    del noted["design"]
    (results / "manifest.json").write_text(json.dumps(noted | {"command": "marrowsig run a.csv"}))
    with pytest.raises(ms.InputError, match=r"older version.* Run once more:\nmarrowsig run a\.csv"):
        ms.get.run(results)


def test_a_formula_comes_back_from_the_manifest() -> None:
    design = ms.Design.from_formula(
        "~ line * culture + dose",
        levels={"line": ["parental", "resistant"], "culture": ["mono", "co"]},
        contrasts={"gain": {("resistant", "co"): 1, ("resistant", "mono"): -1}, "dose": "dose"},
        at={"dose": np.float64(0.1)},
    )
    assert design_from(json.loads(json.dumps(kept(design)))).to_dict() == design.to_dict()


def test_numbers_come_back_to_the_last_digit(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"p": 10.0 ** rng.uniform(-300, 0, 500), "stratum": "", "cite": ""})
    frame.loc[3, "p"] = np.nan
    frame["as_claim"] = rng.random(500) < 0.5
    frame["line"], frame["n_genes"] = "1", range(500)
    frame.to_csv(tmp_path / "t.csv", index=False)
    again = read_table(tmp_path / "t.csv")
    pd.testing.assert_frame_equal(again, frame.astype(dict.fromkeys(("stratum", "cite", "line"), object)))
