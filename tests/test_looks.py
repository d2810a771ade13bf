"""--labels, --palette and --order: what they read and refuse, and the figures of a run with them."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

import marrowsig as ms
from marrowsig._cli.looks import look_of
from marrowsig._cli.run import as_options, run
from marrowsig._cli.spoken import spoken
from marrowsig._further import PARTS
from marrowsig._report.look import Look, levels_in, too_long
from marrowsig._run import run as work
from marrowsig.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from anndata import AnnData

DESIGN = ms.Design(culture="culture", line="line", pair="pair")
IDS = ["emt.hallmark"]


def looks(obs: pd.DataFrame, design: ms.Design = DESIGN, **given: list[str]) -> Look | None:
    return look_of(obs, design, IDS, **({"labels": [], "palette": [], "order": []} | given))


def test_pairs_are_read_between_commas_that_a_level_follows() -> None:
    obs = ms.ds.toy().obs
    assert looks(obs) is None
    found = looks(
        obs,
        labels=["co=with MSC, 3 d,mono=alone", "emt.hallmark=EMT", "interaction=gain", "line=clone"],
        palette=["resistant=#882255, parental=grey"],
        order=["resistant", "parental, co"],
    )
    assert found is not None
    assert found.labels == {
        "co": "with MSC, 3 d", "mono": "alone", "emt.hallmark": "EMT", "interaction": "gain", "line": "clone",
    }  # fmt: skip
    assert found.palette == {"resistant": "#882255", "parental": "grey"}
    assert found.order == ("resistant", "parental", "co")
    odd = obs.assign(culture=obs["culture"].astype(str).replace("co", "MSC, TNF=10"))
    design = ms.Design(culture="culture", co="MSC, TNF=10", line="line", pair="pair")
    found = looks(odd, design, labels=["MSC, TNF=10=stroma", "mono=alone"], order=["MSC, TNF=10"])
    assert found is not None
    assert found.labels == {"MSC, TNF=10": "stroma", "mono": "alone"}
    assert found.order == ("MSC, TNF=10",)


def test_cells_of_one_unit_and_arm_are_asked_once() -> None:
    """They are summed before they are compared, so that a unit which recurs is no error here."""
    obs = ms.ds.toy().obs
    cells = pd.concat([obs] * 20).set_axis([f"cell {i}" for i in range(20 * len(obs))])
    by_pair = ms.Design(culture="culture", line="line", pair="pair", unit="pair")
    both = {"labels": ["co=on MSC,mono=alone", "interaction=gain"]}
    assert looks(cells, by_pair, **both) == looks(obs, **both)
    unlabelled = cells.astype(object)
    unlabelled.iloc[0, list(cells).index("culture")] = None
    assert looks(unlabelled, by_pair, **both) == looks(obs, **both)


def test_roles_stand_for_the_levels_that_have_them() -> None:
    obs = ms.ds.toy().obs
    obs = obs.assign(culture=obs["culture"].astype(str).replace({"co": "MSC", "mono": "Mono"}))
    design = ms.Design(culture="culture", mono="Mono", co="MSC", line="line", pair="pair")
    asked = {
        "labels": ["co=on MSC,mono=alone"], "palette": ["co=red"], "order": ["co,mono", "resistant"],
    }  # fmt: skip
    found = looks(obs, design, **asked)
    assert found is not None
    assert found.labels == {"MSC": "on MSC", "Mono": "alone"}
    assert found.palette == {"MSC": "red"}
    assert found.order == ("MSC", "Mono", "resistant")
    # A level that is called like a role is the level: 'co' is what the design calls mono here.
    turned = obs.assign(culture=obs["culture"].replace({"Mono": "co"}))
    found = looks(turned, ms.Design(culture="culture", mono="co", co="MSC", line="line"), labels=["co=alone"])
    assert found is not None
    assert found.labels == {"co": "alone"}


def test_a_list_is_not_suggested_for_a_level() -> None:
    obs = ms.ds.toy().obs
    with pytest.raises(ms.InputError, match="names 'con', which") as told:
        look_of(obs, DESIGN, ["control.anastassiou2011"], labels=["con=x"], palette=[], order=[])
    assert "anastassiou" not in str(told.value)
    with pytest.raises(ms.InputError, match=r"Did you mean 'control\.anastassiou2011'"):
        look_of(obs, DESIGN, ["control.anastassiou2011"], labels=["control.anas=x"], palette=[], order=[])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"labels": ["cc=x"]}, "^--labels names 'cc', which is no level here.* Levels: .*mono.*resistant"),
        ({"labels": ["Co=x"]}, "Did you mean 'co'"),
        ({"labels": ["co"]}, "^--labels 'co' is not LEVEL=..., such as 'co=with MSC,mono=alone'"),
        ({"labels": ["co="]}, "^--labels 'co=' is not LEVEL"),
        ({"labels": ["co=x,mono=x"]}, "^--labels calls .* alike: 'x'"),
        ({"labels": ["co=mono"]}, "^--labels calls 'mono', 'co' alike: 'mono'"),
        ({"palette": ["resistent=red"]}, "^--palette names 'resistent', .* Did you mean 'resistant'"),
        ({"palette": ["resistant=rood"]}, "^--palette has 'rood' for 'resistant', which is no colour"),
        ({"palette": ["red"]}, "^--palette 'red' is not LEVEL=..., such as 'resistant=#882255"),
        ({"order": ["resistant,parentl"]}, "^--order names 'parentl', .* Did you mean 'parental'"),
    ],
)
def test_what_is_no_level_or_colour_is_refused(given: dict[str, list[str]], said: str) -> None:
    with pytest.raises(ms.InputError, match=said):
        looks(ms.ds.toy().obs, **given)


def test_messages_write_mappings_as_the_options_take_them() -> None:
    assert spoken("Use labels={'co': 'with MSC'}.", run) == "Use --labels 'co=with MSC'."
    assert spoken("Use palette={'co': 'red'}.", run) == "Use --palette co=red."


@pytest.mark.slow
def test_figures_and_the_command_of_a_run_have_them(tmp_path: Path) -> None:
    toy = ms.ds.toy()
    counts = pd.DataFrame(toy.X.T.astype(int), index=toy.var_names, columns=toy.obs_names)
    counts.to_csv(tmp_path / "counts.csv", index_label="gene")
    toy.obs.to_csv(tmp_path / "samples.csv", index_label="sample")
    asked = ["run", str(tmp_path / "counts.csv"), str(tmp_path / "samples.csv")]
    asked += ["--culture", "culture", "--line", "line", "--pair", "pair", "--quick"]
    asked += ["-s", "emt.hallmark", "-s", "il6.hallmark"]
    asked += ["--labels", "co=with MSC,mono=alone", "--palette", "resistant=#112233", "--figures", "svg"]
    asked += ["--order", "resistant,parental", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    drawn = {path.stem: path.read_text() for path in (tmp_path / "out" / "figures").glob("*.svg")}
    drawn["figure"] = (tmp_path / "out" / "figure.svg").read_text()
    arms = ("figure", "scores_emt_hallmark", "interaction_emt_hallmark", "heatmap")
    for name in (*arms, "forest_co_in_parental"):
        assert "with MSC" in drawn[name], name
        assert ">co<" not in drawn[name], name
    for name in arms:
        assert "#112233" in drawn[name], name
        assert drawn[name].index(">resistant") < drawn[name].index(">parental"), name
    command = json.loads((tmp_path / "out" / "manifest.json").read_text())["command"]
    page = (tmp_path / "out" / "report.html").read_text()
    for words in ("--labels 'co=with MSC,mono=alone'", "--palette 'resistant=#112233'", "--order"):
        assert words in command
        assert words.replace("'", "&#39;") in page
    assert "Names in the figure: with MSC for co; alone for mono." in page
    assert "order=[&#39;resistant&#39;, &#39;parental&#39;]" in page


@pytest.fixture
def timed() -> AnnData:
    """A time with both cultures, and two in which nothing can be compared."""
    adata = ms.ds.toy()
    adata = adata[(adata.obs["line"] == "parental").to_numpy()].copy()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "emt.hallmark")
    adata.obs["hours"] = [6, 6, 6, 6, 24, 24, 24, 48]
    adata.obs["culture"] = ["mono", "co", "mono", "co", "mono", "co", "co", "mono"]
    adata.obs["pair"] = list("aabbccdd")
    return adata


def test_a_time_that_is_not_drawn_can_be_named(timed: AnnData) -> None:
    design = ms.Design(culture="culture", time="hours")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of single samples, and times that answer nothing
        res = ms.tl.compare(timed, design)
        how = {"order": ["48", "24"], "palette": {"48": "red", "co": "#112233"}}
        ax = ms.pl.overview(timed, design=design, res=res, **how)
        with pytest.raises(ms.InputError, match="order names '72'"):
            ms.pl.overview(timed, design=design, res=res, order=["72"])
    shown = " ".join(label.get_text() for label in ax.get_xticklabels())
    assert "mono" in shown
    assert "48" not in shown
    assert "#112233" in {to_hex(c) for dots in ax.collections for c in dots.get_facecolors()}
    plt.close("all")


def test_a_figure_is_given_the_levels_that_it_has() -> None:
    look = Look({"co": "with MSC"}, {"24": "red", "co": "blue"}, ("24", "co", "mono"))
    assert look.of(["co", "mono"]) == {
        "labels": {"co": "with MSC"}, "palette": {"co": "blue"}, "order": ["co", "mono"],
    }  # fmt: skip
    assert look.of(["a"]) == {"labels": {"co": "with MSC"}, "palette": None, "order": None}
    rows = pd.DataFrame({"line": ["a", "co", "24", "b"]})
    assert look.sorted(rows, ["line"])["line"].tolist() == ["24", "co", "a", "b"]
    levels = {"line": ["parental", "resistant"], "culture": ["mono", "co"]}
    cells = ms.Design.from_formula(
        "~ line * culture", levels=levels, contrasts=["resistant:co - parental:co"]
    )
    assert set(levels_in(ms.ds.toy().obs, cells)) == {"parental", "resistant", "mono", "co"}


def test_rescue_is_told_in_other_words() -> None:
    adata = ms.ds.demo()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "emt.hallmark")
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    found = ms.tl.rescue(adata, design)
    own = {"JAKi_A": "ruxolitinib", "parental": "P", "emt.hallmark": "EMT"}
    ax = ms.pl.rescue(found, "emt.hallmark", labels=own)
    names = [label.get_text().split("\n")[0] for label in ax.get_yticklabels()]
    assert names == ["ruxolitinib, P", "ruxolitinib, resistant", "JAKi_B, P", "JAKi_B, resistant"]
    assert ax.get_title(loc="left") == "EMT"
    plt.close("all")


@pytest.mark.slow
def test_results_of_the_chain_and_of_stroma_are_told_in_other_words() -> None:
    """Every word of a level is another one, and without labels= the figure has those of the sheet."""
    adata = ms.ds.demo()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, ["emt.hallmark", "il6.hallmark", "emt.sarrio2008", "emt.blast", "stat3.specific"])
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    own = {"JAKi_A": "ruxolitinib", "parental": "P", "resistant": "AraC-R", "co": "with MSC", "mono": "alone"}
    own |= {"emt.hallmark": "EMT", "as_given": "as it is", "mean": "mean of genes", "main": "as planned"}
    own |= {"emt.sarrio2008": "Sarrio", "emt.blast": "EMT of blasts"}

    chain = ms.tl.chain(adata, design)
    told = [text.get_text().replace("\n", " ") for text in ms.pl.chain(chain, labels=own).texts]
    assert {"ruxolitinib, P", "JAKi_B, AraC-R", "EMT of blasts"} <= set(told)
    plain = [text.get_text() for text in ms.pl.chain(chain).texts]
    assert "JAKi_A, parental" in plain

    table = ms.tl.claims(adata, design, carry_over=False)
    names = [t.get_text().replace("\n", " ") for t in ms.pl.claims(table, labels=own).get_yticklabels()]
    assert names[0] == "EMT rises in co-culture (P)"
    assert "Ruxolitinib reverses EMT (AraC-R)" in names
    assert not [name for name in names if "(parental)" in name or "JAKi_A" in name]

    found = ms.qc.stroma(adata, design, stroma=ms.ds.demo_stroma(), signatures=["emt.hallmark"])
    ax = ms.pl.stroma(found, contrast="co_in_resistant", labels=own)
    assert ax.get_title(loc="left") == "with MSC vs alone in AraC-R"
    assert [text.get_text() for text in ax.get_yticklabels()] == ["EMT"]
    by_design = ms.pl.stroma(found, contrast="co_in_resistant", labels=own, design=design)
    assert by_design.get_title(loc="left") == "with MSC vs alone in AraC-R"

    runs = ms.tl.sensitivity(adata, design, signatures=["emt.sarrio2008"])
    first = str(runs["specification"].iloc[0])
    ax = ms.pl.sensitivity(runs, contrast="co_in_resistant", labels=own | {first: "as planned"})
    assert ax.get_title(loc="left").replace("\n", " ") == "Sarrio: with MSC vs alone in AraC-R"
    assert ax.get_yticklabels()[0].get_text() == "as planned"

    many = ms.tl.multiverse(adata, design, signatures="emt", methods=["singscore", "mean"])
    ax = ms.pl.multiverse(many, contrast="co_in_resistant", labels=own | {"emt": "EMT lists"})
    grid = ax.figure.axes[1]
    assert ax.get_title(loc="left").replace("\n", " ") == "EMT lists: with MSC vs alone in AraC-R"
    shown = {label.get_text() for label in grid.get_yticklabels()}
    assert {"mean of genes", "EMT", "Sarrio"} <= shown
    assert not {"mean", "hallmark", "sarrio2008"} & shown
    plt.close("all")


def test_levels_without_room_are_named_with_what_to_type() -> None:
    long, design = "c" * 61, ms.Design(culture="culture", co="c" * 61)
    obs = pd.DataFrame({"culture": ["mono", long]})
    said = as_options(too_long(obs, design, None))
    assert f"here {long!r}." in said
    assert f"--labels {long}='shorter words'" in said or f"--labels '{long}=shorter words'" in said
    assert too_long(obs, design, Look({long: "MSC"})) == ""
    assert "here 'mono'." in too_long(obs, design, Look({"mono": "m" * 61, long: "MSC"}))
    fits = pd.DataFrame({"culture": ["mono", long[:60]]})
    assert too_long(fits, replace(design, co=long[:60]), None) == ""


@pytest.mark.slow
def test_a_run_says_once_that_levels_have_no_room(tmp_path: Path) -> None:
    adata, more = ms.ds.demo(), " of MOLM-13 cells kept for eight months in growing doses of a drug"
    adata = adata[adata.obs["inhibitor"].isin(["none", "JAKi_A"])].copy()
    names = ["culture", "line", "inhibitor"]
    adata.obs = adata.obs.assign(**{c: adata.obs[c].astype(str) + more for c in names})
    told = {"mono": "mono", "co": "co", "parental": "parental", "resistant": "resistant", "vehicle": "none"}
    fields = {field: level + more for field, level in told.items()} | {c: c for c in names}
    parts = [name for name in PARTS if name not in ("claims", "rescue")]
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        done = work(adata, ms.Design(**fields, pair="pair"), out=tmp_path, skip=parts)
    assert len([note for note in done.notes if note.startswith("Figures may have no room")]) == 1
