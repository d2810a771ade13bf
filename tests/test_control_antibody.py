"""Inhibitors that are compared with a control of their own, such as an isotype."""

from __future__ import annotations

from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._vehicle_words import nothing_given, own_control
from marrowsig.pl._arm_words import arms_told
from marrowsig.qc._stroma_reference import outside

MSC = ("blasts+MSC", "IgG"), ("blasts+MSC", "tocilizumab")
DESIGN = ms.Design(
    culture="culture",
    mono="blasts only",
    co="blasts+MSC",
    inhibitor="antibody",
    vehicle="IgG",
    pair="patient",
)


@pytest.mark.parametrize("level", ["-", "none", "untreated", "no", "0", "IgG"])
def test_stroma_alone_without_a_drug_is_called_so(level):
    n = 1200
    obs = pd.DataFrame({"culture": ["HS-5"] * 2, "antibody": level}, index=["h1", "h2"])
    var = pd.DataFrame(index=[f"G{i}" for i in range(n)])
    stroma = ad.AnnData(np.random.default_rng(0).poisson(50, (2, n)).astype(float), obs, var)
    linear = ms.qc._linear.linear(stroma)
    found = outside(linear, stroma, DESIGN)
    assert found is not None
    assert found.words.startswith("2 samples of stroma alone, from")
    treated = stroma.copy()
    treated.obs["antibody"] = "tocilizumab"
    words = outside(linear, treated, DESIGN).words
    assert "all with an inhibitor" in words


@pytest.mark.parametrize("level", ["DMSO control", "vehicle control", "medium only", "mock-treated"])
def test_a_solvent_is_one_with_words_beside_it(level):
    assert not own_control(level)
    assert not nothing_given(level)


@pytest.mark.parametrize("level", ["0 nM", "0 \u00b5M", "non-treated", "no drug"])
def test_none_of_a_drug_is_nothing_given(level):
    assert nothing_given(level)
    assert not nothing_given(f"1{level}")


def test_figure_names_a_control_antibody_where_the_drug_was_given():
    arms = [["blasts only", "IgG"], *map(list, MSC)]
    told = arms_told(arms, [5, 4, 5], [0, 0, 0], DESIGN, {}, 180)
    assert [text.replace("\n", " ") for text in told.texts] == [
        "blasts only n = 5",
        "blasts+MSC IgG n = 4",
        "blasts+MSC + tocilizumab n = 5",
    ]
    plain = [arms_told(arms, [5, 4, 5], [0, 0, 0], DESIGN, {}, width) for width in range(45, 75)]
    assert any(
        "tocilizumab" in own.texts[2].split("\n") for own in plain if hasattr(own, "texts")
    )  # no room for +
    grid = arms_told(arms, [5, 4, 5], [0, 0, 0], DESIGN, {"IgG": "isotype"}, 45)
    if hasattr(grid, "rows"):
        rows = {name: "".join(cells) for name, cells in grid.rows}
        assert (rows["isotype"], rows["tocilizumab"]) == ("\u2212+\u2212", "\u2212\u2212+")


def test_figure_names_every_kind_of_cells_where_signs_tell_them():
    design = ms.Design(culture="culture", mono="alone", co="MSC", compartment="type")
    kinds = ("GMP-like", "Mono-like", "Prog-like")
    arms = [[kind, culture] for kind in kinds for culture in ("alone", "MSC")]
    grid = arms_told(arms, [6] * 6, [0] * 6, design, {}, 42)
    rows = {name: "".join(cells) for name, cells in grid.rows}
    assert rows["GMP-like"] == "++" + 4 * "\N{MINUS SIGN}"
    assert rows["MSC"] == 3 * "\N{MINUS SIGN}+"
    assert list(rows) == ["GMP-like", "Mono-like", "Prog-like", "MSC", "n"]


def test_figure_leaves_a_solvent_unsaid():
    design = ms.Design(culture="culture", inhibitor="drug", vehicle="DMSO")
    arms = [["mono", "DMSO"], ["co", "DMSO"], ["co", "JAKi"]]
    told = arms_told(arms, [4] * 3, [0] * 3, design, {}, 180)
    assert not any("DMSO" in text for text in told.texts)
    named = arms_told(arms, [4] * 3, [0] * 3, design, {"DMSO": "solvent"}, 180)
    assert ["solvent" in text for text in named.texts] == [False, True, False]


def test_line_past_a_missing_arm_is_dashed_and_not_where_arms_are_reordered():
    from marrowsig.pl._pair_lines import segments

    rows = [("p", "s1", 0), ("r", "s1", 1), ("p", "s1", 2), ("r", "s1", 3), ("p", "s2", 0), ("p", "s2", 2)]
    frame = pd.DataFrame(rows, columns=["line", "series", "x"]).assign(stratum="", unpaired=False, score=1.0)
    assert not any(own.dashed for own in segments(frame, ["stratum", "line", "series"]))
    lacking = pd.DataFrame([("p", "s1", k) for k in range(3)] + [("p", "s2", 0), ("p", "s2", 2)])
    lacking = lacking.set_axis(["line", "series", "x"], axis=1)
    lacking = lacking.assign(stratum="", unpaired=False, score=1.0)
    found = segments(lacking, ["stratum", "line", "series"])
    assert [own.x for own in found if own.dashed] == [(0.0, 2.0)]


def arms(*, alone="-", untreated=True):
    rows = [
        (f"P{k}", culture, drug)
        for k in range(4)
        for culture, drug in (("blasts only", alone), ("blasts+MSC", "-"), *MSC)
        if untreated or drug != "-" or culture == "blasts only"
    ]
    obs = pd.DataFrame(rows, columns=["patient", "culture", "antibody"])
    return obs.set_axis([f"s{i}" for i in range(len(obs))])


def test_cells_without_the_control_antibody_are_no_inhibitor_arm():
    told = (
        r"no sample of 'blasts only' had it: 4 have '-' in 'antibody'.*write 'IgG' there.*keep='antibody!=-'"
    )
    with pytest.raises(ms.DesignError, match=told):
        DESIGN.contrasts(arms())
    with pytest.raises(ms.DesignError, match="write 'IgG' there") as caught:
        DESIGN.contrasts(arms(untreated=False))
    assert "keep=" not in str(caught.value)
    with pytest.raises(ms.DesignError, match=r"4 samples of 'blasts\+MSC' with '-' .*leave these out: keep="):
        DESIGN.contrasts(arms(alone="IgG"))
    both = pd.concat([arms(untreated=False), arms(alone="IgG", untreated=False).add_prefix("b", axis=0)])
    with pytest.raises(ms.DesignError, match=r"4 samples of 'blasts only' with '-' .*leave these out: keep="):
        DESIGN.contrasts(both)
    words = arms().assign(antibody=lambda t: t["antibody"].mask(t["culture"].eq("blasts only"), "none"))
    with pytest.raises(ms.DesignError, match=r"write 'none' for all of these in the sheet and give vehicle"):
        DESIGN.contrasts(words)
    found = DESIGN.contrasts(arms(alone="IgG", untreated=False))
    assert found["estimable"].all()
    assert not found["contrast"].str.contains("_-").any()


def test_control_antibody_is_asked_like_a_drug_against_untreated_cells():
    found = replace(DESIGN, vehicle="-").contrasts(arms())
    assert {"reversal_IgG", "reversal_tocilizumab"} <= set(found["contrast"])
    assert found["estimable"].all()


def test_forgotten_antibody_is_named_as_an_inhibitor():
    with pytest.raises(ms.DesignError, match=r"give ms\.Design\(\.\.\., inhibitor='antibody', vehicle='-'\)"):
        replace(DESIGN, inhibitor=None).contrasts(arms())


def genes_by_samples(values):
    names = [f"s{i}" for i in range(values.shape[1])]
    return pd.DataFrame(
        values, index=pd.Index([f"G{i}" for i in range(len(values))], name="gene"), columns=names
    )


def test_sheet_of_counts_beside_normalised_values_is_named(tmp_path):
    pytest.importorskip("openpyxl")
    counts = np.random.default_rng(1).negative_binomial(2, 0.02, (1200, 4))
    place = tmp_path / "book.xlsx"
    with pd.ExcelWriter(place) as book:
        genes_by_samples((counts / counts.sum(axis=0) * 3e5).round(1)).to_excel(book, sheet_name="normalized")
        genes_by_samples(counts).to_excel(book, sheet_name="raw")
    with pytest.warns(ms.InputWarning, match=r"sheet 'raw' .* 'book\.xlsx#raw' may be the counts"):
        ms.io.read(f"{place}#normalized")
    ms.io.read(f"{place}#raw")  # warnings are errors here


@pytest.mark.parametrize("n", [11, 12])
def test_estimated_counts_of_equal_sums_are_warned_of_from_a_dozen_on(tmp_path, n):
    counts = np.random.default_rng(2).negative_binomial(2, 0.02, (1200, n))
    genes_by_samples((counts / counts.sum(axis=0) * 3e5).round(1)).to_csv(tmp_path / "norm.csv")
    genes_by_samples(counts * np.linspace(1, 1.5, n) + 0.3).to_csv(tmp_path / "rsem.csv")
    if n < 12:
        ms.io.read(tmp_path / "norm.csv", kind="expected_counts")
    else:
        with pytest.warns(ms.InputWarning, match="all 12 samples sum to the same within 1 %"):
            ms.io.read(tmp_path / "norm.csv", kind="expected_counts")
    ms.io.read(tmp_path / "rsem.csv", kind="expected_counts")


def test_palette_takes_the_words_that_labels_gave():
    from marrowsig._cli.looks import look_of

    obs = arms(alone="IgG", untreated=False)
    found = look_of(
        obs, DESIGN, [], labels=["blasts only=alone"], palette=["alone=#0072B2,co=grey"], order=["alone"]
    )
    assert found is not None
    assert found.palette == {"blasts only": "#0072B2", "blasts+MSC": "grey"}
    assert found.order == ("blasts only",)


def scored():
    """A study of two lines with an isotype control, scored by one list, with its contrasts."""
    rows = [
        (f"{line[0]}{k}", line, culture, drug)
        for line in ("parental", "resistant")
        for k in range(3)
        for culture, drug in (("blasts only", "IgG"), *MSC)
    ]
    obs = pd.DataFrame(rows, columns=["patient", "line", "culture", "antibody"])
    obs = obs.set_axis([f"s{i}" for i in range(len(obs))])
    var = pd.DataFrame(index=[f"G{i}" for i in range(300)])
    adata = ad.AnnData(np.random.default_rng(3).uniform(3, 9, (len(obs), 300)), obs=obs, var=var)
    ms.tl.score(adata, [ms.sig.Signature("emt.mine", axis="emt", genes=list(var.index[:40]))])
    design = replace(DESIGN, line="line")
    return adata, design, ms.tl.compare(adata, design)


def test_falls_are_named_against_the_control_antibody():
    from marrowsig._contrasts import spelled
    from marrowsig.pl._contrast_title import named
    from marrowsig.pl._overview_labels import with_lines

    adata, design, res = scored()
    fall = "reversal_tocilizumab_in_resistant"
    assert spelled(fall, design) == "fall under tocilizumab against IgG in resistant"
    assert named(fall, design, {"IgG": "control"}) == "fall under tocilizumab against control in resistant"
    assert with_lines(fall, design) == "fall under tocilizumab against IgG with resistant"
    assert spelled(fall, replace(design, vehicle="DMSO")) == "fall under tocilizumab in resistant"
    for given in (design, None):  # by the design, and by what the table keeps of it
        for width in (85, 180):
            ax = ms.pl.forest(res, contrast=fall, design=given, width=width)
            told = ax.get_title(loc="left").replace("\n", " ")
            assert told == "fall under tocilizumab against IgG in resistant", (given, width)
            left, right = (box for box in ax.figure.bbox.intervalx)
            ends = ax._left_title.get_window_extent().intervalx
            assert left <= ends[0] < ends[1] <= right
    ax = ms.pl.overview(adata, design=design, res=res, width=85)
    shown = [label.get_text() for panel in ax.figure.axes for label in panel.get_yticklabels()]
    assert "fall under tocilizumab against IgG in resistant" in [one.replace("\n", " ") for one in shown]


@pytest.mark.parametrize("width", [120, 160, 180])
def test_titles_side_by_side_stand_above_the_words_beside_panels(width):
    _, design, res = scored()
    falls = [f"reversal_tocilizumab_in_{line}" for line in ("parental", "resistant")]
    ax = ms.pl.forest(res, contrast=falls, design=design, width=width)
    ax.figure.canvas.draw()
    for panel in ax.figure.axes:
        title = panel._left_title.get_window_extent()
        heading = next(text for text in panel.texts if text.get_text() == "adj. p").get_window_extent()
        assert not title.overlaps(heading)


def test_methods_name_the_treatment_of_both_arms():
    adata, design, res = scored()
    said = ms.methods_text(adata, res, design=design).text
    assert "'blasts+MSC' with 'blasts only' in parental and resistant" in said
    assert "(induction, by the sheet with IgG in both arms)" in said
    assert "'blasts+MSC' with tocilizumab against IgG (reversal)" in said
    assert "'blasts+MSC' plus tocilizumab with 'blasts only' plus IgG (residual)" in said
    assert "'blasts+MSC' plus IgG with" not in said


@pytest.mark.parametrize(
    ("keep", "told"),
    [
        ("antibody!=-", "8 samples whose antibody is '-' were left out."),
        (
            ["antibody!=-", "patient!=P0"],
            "11 samples whose antibody is '-' or whose patient is 'P0' were left out.",
        ),
        (
            "antibody=IgG,tocilizumab",
            "Of 20 samples those were kept whose antibody is 'IgG' or 'tocilizumab'.",
        ),
    ],
)
def test_methods_say_which_samples_were_left_out(keep, told):
    from marrowsig._named_inputs import only
    from marrowsig._report.analysed import excluded

    obs = pd.concat([arms(alone="IgG"), arms().query("culture == 'blasts only'")])
    obs = obs.set_axis([f"s{i}" for i in range(len(obs))])
    assert obs["antibody"].eq("-").sum() == 8
    adata = ad.AnnData(np.ones((len(obs), 2)), obs=obs)
    assert excluded(only(adata, [keep] if isinstance(keep, str) else keep)) == told


@pytest.mark.parametrize("vehicle", ["DMSO", "IgG", "none"])
@pytest.mark.parametrize("nothing", ["-", "untreated", "no treatment", "untreated control"])
@pytest.mark.parametrize("culture", ["mono", "co"])
def test_untreated_samples_beside_a_vehicle_are_never_an_inhibitors(vehicle, nothing, culture):
    obs = pd.DataFrame(
        [(p, c, drug) for p in "abc" for c, drug in (("mono", vehicle), ("co", vehicle), ("co", "JAKi"))],
        columns=["pair", "culture", "drug"],
    )
    design = ms.Design(culture="culture", inhibitor="drug", vehicle=vehicle, pair="pair")
    assert "reversal_JAKi" in set(design.contrasts(obs)["contrast"])
    more = pd.DataFrame({"pair": list("abc"), "culture": culture, "drug": nothing})
    with pytest.raises(ms.DesignError, match=r"3 samples .*would count as an inhibitor's") as refused:
        design.contrasts(pd.concat([obs, more], ignore_index=True))
    if vehicle == "none":
        assert f"'none' and {nothing!r} in 'drug' both say that nothing was given" in str(refused.value)
        assert "Write 'none' for all of these in the sheet" in str(refused.value)
    else:
        assert f"leave these out: keep='drug!={nothing}'" in str(refused.value)
        assert f"give vehicle={nothing!r}" in str(refused.value)


@pytest.mark.parametrize(("vehicle", "refused"), [("DMSO", True), ("IgG", False), ("none", False)])
def test_a_bare_control_beside_a_solvent_is_no_inhibitor(vehicle, refused):
    arms = ("mono", vehicle), ("co", vehicle), ("co", "Control")
    rows = [(p, c, drug) for p in "abc" for c, drug in arms]
    obs = pd.DataFrame(rows, columns=["pair", "culture", "drug"])
    design = ms.Design(culture="culture", inhibitor="drug", vehicle=vehicle, pair="pair")
    if not refused:  # a solvent beside untreated cells, or beside an antibody's control
        assert "reversal_Control" in set(design.contrasts(obs)["contrast"])
        return
    with pytest.raises(ms.DesignError, match=r"3 samples of 'co' with 'Control' .*keep='drug!=Control'"):
        design.contrasts(obs)
