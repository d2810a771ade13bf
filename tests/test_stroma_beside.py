"""Stroma of the co-cultures that stands in the same matrix as the blasts, named on the command line."""

from __future__ import annotations

import anndata as ad
import click
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData, concat
from click.testing import CliRunner

import marrowsig as ms
from marrowsig._calls import Calls
from marrowsig._cli.beside import beside
from marrowsig._cli.found import lines_of
from marrowsig._repeated import without_repeats
from marrowsig._stroma_same import require_other
from marrowsig._summed import summed
from marrowsig.cli import main

FIELDS = {"culture": "culture", "mono": "Mono", "co": "Co", "unit": "patient"}


@pytest.fixture
def cells():
    rows = [
        (patient, culture, kind)
        for patient in ("p1", "p2", "p3")
        for culture, kinds in (("Mono", ["AML"] * 20), ("Co", ["AML"] * 20 + ["MSC"] * 8))
        for kind in kinds
    ]
    obs = pd.DataFrame(rows, columns=["patient", "culture", "type"]).set_index(pd.Index(map(str, range(144))))
    counts = np.random.default_rng(0).poisson(2.0, (144, 30)).astype(np.float32)
    return AnnData(counts, obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(30)]))


@pytest.mark.parametrize(
    ("given", "compartment"), [("type=MSC", None), ("type=MSC", "type"), ("MSC", "type")]
)
def test_stroma_of_the_co_cultures_is_taken_out_and_summed(cells, given, compartment) -> None:
    found = beside(cells, ms.Design(**FIELDS, compartment=compartment), given)
    own = (cells.obs["type"] == "MSC").to_numpy()
    assert found.adata.obs_names.tolist() == cells.obs_names[~own].tolist()
    assert found.stroma.obs["culture"].tolist() == ["Co"] * 3
    assert found.stroma.X.sum() == cells.X[own].sum()
    read = found.adata.uns["marrowsig"]["input"]["decisions"]
    assert (
        found.said
        == read.split("; ")
        == [
            "taken out as stroma: 24 of 144 rows, where type is MSC",
            "stroma: 24 cells of 3 patients, added up",
        ]
    )
    with click.Context(main.commands["run"]):  # rows as read, also after stroma was taken out
        assert {lines_of(one, "", everything=True)[0] for one in (cells, found.adata)} == {
            "Read: 144 rows x 30 genes"
        }
    names = {"adata": cells, "ms": ms}
    exec(f"{found.rest}\nsums = {found.sums}", names)
    assert names["adata"].obs_names.tolist() == found.adata.obs_names.tolist()
    assert np.array_equal(names["sums"].X, found.stroma.X)


def test_a_sum_without_a_partner_that_was_left_out_is_told_of_once() -> None:
    short = (
        "2 sums without a partner, of fewer counts than the others of the kind were thinned to, are left "
        "out: d4|a|Prog (112 counts, the others 616), d5|b|Prog (90 counts, the others 616)."
    )
    row = "1 row has no partner of the same 'donor' in another arm, left out of the comparisons"
    again = f"{row} [compartment=Prog]: d4 (d4|a|Prog, a)."
    other = f"{row}: d4 (d4|a|Mono, a)."
    many = f"{row} in 2 strata: [compartment=Prog] d4; [compartment=Mono] d4."
    assert without_repeats([short, again, other, many]) == [short, other, many]
    assert without_repeats([again, other]) == [again, other]


def test_sums_of_few_stromal_cells_are_kept(cells) -> None:
    few = cells[cells.obs["type"] == "MSC"][:5].copy()
    few.obs["patient"] = "p4"
    both = ad.concat([cells, few], index_unique="-")
    found = beside(both, ms.Design(**FIELDS), "type=MSC")
    assert dict(found.stroma.obs["n_cells"]) == {"p1|Co": 8, "p2|Co": 8, "p3|Co": 8, "p4|Co": 5}
    assert found.sums == "ms.pp.pseudobulk(alone, unit='patient', by=['culture'], min_cells=1)"


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("No sum has min_cells=20 cells: d1 (4 cells). Lower min_cells.",
         "No sum has 20 cells: d1 (4 cells). Lower --min-cells."),
        ("what would help: min_cells=19 for x; no min_cells helps the other 1.",
         "what would help: --min-cells 19 for x; no --min-cells helps the other 1."),
        ("dropped (min_cells=20), and no lower min_cells would help.",
         "dropped (--min-cells 20), and no lower --min-cells would help."),
    ],
)  # fmt: skip
def test_the_cells_of_a_sum_are_an_option(said, there) -> None:
    from marrowsig._cli.run import as_options

    assert as_options(said) == there


@pytest.mark.parametrize(("least", "few"), [(20, ""), (25, ", min_cells=25")])
def test_sums_of_a_run_hold_as_many_cells_as_was_asked(cells, least, few) -> None:
    blasts = cells[(cells.obs["type"] == "AML") | (cells.obs["patient"] != "p1")].copy()
    del blasts.obs["type"]
    calls, design = Calls(), ms.Design(**FIELDS)
    if few:
        with pytest.warns(ms.InputWarning, match=r"4 of 6 sums are dropped \(min_cells=25\)"):
            rows = summed(blasts, design, calls, least)
        assert rows.adata.obs["n_cells"].tolist() == [28, 28]
    else:
        rows = summed(blasts, design, calls, least)
        assert rows.adata.n_obs == 6
    assert f"by=['culture']{few}, )" in " ".join(calls.text().split())
    if not few:
        told = ("min_cells=5 is not used: the rows are samples, not cells.",)
        assert summed(rows.adata, design, Calls(), 5).said == told
        assert summed(rows.adata, design, Calls()).said == ()


def test_of_a_layer_only_what_was_decided_of_it_is_told(cells, tmp_path) -> None:
    from marrowsig import _named_inputs

    cells.layers["raw"] = cells.X.copy()
    cells.X = np.log1p(cells.X)
    cells.write_h5ad(tmp_path / "cells.h5ad")
    read = _named_inputs.matrix(
        tmp_path / "cells.h5ad", None, kind=None, layer="raw", genome=None, sheet_key=None
    )
    told = read.uns["marrowsig"]["input"]["decisions"]
    assert told.startswith("values of layer 'raw', counts: whole numbers from 0 to")


def test_of_logged_cells_the_layer_that_is_summed_is_told_and_nothing_of_x(cells, tmp_path) -> None:
    from marrowsig import _named_inputs
    from marrowsig._summed import note_layer

    cells.layers["counts"] = cells.X.copy()
    cells.X = np.log1p(cells.X)
    cells.write_h5ad(tmp_path / "cells.h5ad")
    how = {"kind": None, "layer": None, "genome": None}
    read = _named_inputs.matrix(tmp_path / "cells.h5ad", None, **how)
    note_layer(read, ms.Design(**FIELDS))
    said = "kind counts: layers['counts'], summed in place of X"
    assert read.uns["marrowsig"]["input"]["decisions"] == said
    del read.obs["type"]
    rows = summed(read, ms.Design(**FIELDS), Calls()).adata
    assert rows.uns["marrowsig"]["pseudobulk"]["layer"] == "counts"
    assert rows.uns["marrowsig"]["input"]["decisions"] == said
    samples = _named_inputs.matrix(tmp_path / "cells.h5ad", None, **how)[
        ::12
    ].copy()  # too few rows for cells
    note_layer(samples, ms.Design(**FIELDS))
    assert "X as it is" in samples.uns["marrowsig"]["input"]["decisions"]


def test_stroma_that_was_grown_alone_stays_in_the_study(cells) -> None:
    design = ms.Design(**FIELDS, compartment="type")
    cells.obs.loc[cells.obs_names[-1], "culture"] = "Mono"
    assert beside(cells, design, "MSC") is None
    assert beside(cells, design, None) is None
    assert beside(cells, design, "type=HS5") is None
    assert beside(cells, ms.Design(**FIELDS), "MSC") is None


def test_stroma_of_another_column_is_told_by_its_column(cells) -> None:
    from marrowsig._cli.run import as_options
    from marrowsig._usable import require_level

    with pytest.raises(ms.DesignError) as told:
        require_level("MSC", cells, ms.Design(**FIELDS))
    assert "It is a level of 'type': give --stroma type=MSC." in as_options(str(told.value))


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        (["blast"] * 16 + ["MSC"] * 4, ("Name its rows of stroma by their column of the sample sheet: "
         "--stroma cells=MSC.")),
        (["a"] * 16 + ["b"] * 4, ("Say in a column of the sample sheet which rows are stroma, and give "
         "--stroma COLUMN=LEVEL; if it has no stroma, leave --stroma out.")),
        (["a"] * 16, ("If what the sheet does not list (MSC0, MSC1, MSC2, ... (1 more)) is stroma grown "
         "alone, add rows for it to the sheet, with 'MSC alone' in 'culture', and give --stroma "
         "'culture=MSC alone'; or save it as a table of its own and give that as --stroma.")),
    ],
)  # fmt: skip
def test_the_table_that_is_scored_is_no_stroma(tmp_path, sheet, told) -> None:
    toy = ms.ds.toy()
    counts = toy.to_df().astype(int).T
    grown = counts.iloc[::-1, :4].set_axis([f"MSC{i}" for i in range(4)], axis=1).set_axis(counts.index)
    samples = pd.concat([toy.obs.astype(str), pd.DataFrame({"culture": "alone"}, index=grown.columns)])
    samples = samples.iloc[: len(sheet)].assign(cells=sheet)
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        counts.join(grown).to_excel(book, sheet_name="Counts")
        samples.to_excel(book, sheet_name="Samples")
    grown.to_csv(tmp_path / "msc.csv")
    place = str(tmp_path / "book.xlsx")
    given = ["run", f"{place}#Counts", f"{place}#Samples", "--culture", "culture", "--line", "line"]
    given += ["--pair", "pair", "-s", "il6.hallmark", "--quick", "-o", str(tmp_path / "out")]
    result = CliRunner().invoke(main, [*given, "--stroma", f"{place}#Counts"])
    said = " ".join(result.stderr.split())
    assert result.exit_code == 1
    assert "book.xlsx#Counts, given as --stroma, is the table that is scored: it holds" in said
    assert told in said
    # Stroma in a table of its own may stand in the study, too; and the same names may be other samples.
    require_other(ms.io.read(tmp_path / "msc.csv"), ms.io.read(f"{place}#Counts"))
    require_other(toy[:, ::-1].copy(), AnnData(toy.X[::-1].copy(), toy.obs, toy.var))
    with pytest.raises(ms.InputError, match="holds 16 of the 16 samples"):
        require_other(toy[:, ::-1].copy(), toy)


@pytest.mark.parametrize("column", ["culture", "arm"])
def test_cells_on_stroma_are_not_named_as_stroma_grown_alone(column) -> None:
    toy = ms.ds.toy()
    words = toy.obs["culture"].astype(str).map({"mono": "Monokultur", "co": "Kokultur MSC"})
    toy.obs[column] = words
    toy.obs["feeder"] = "HS-5"
    grown = AnnData(toy.X[:3], pd.DataFrame(index=[f"MSC{i}_alone" for i in range(3)]), toy.var)
    design = ms.Design(culture="culture", mono=words.iloc[0], co="Kokultur MSC", pair="pair")
    if column == "arm":
        design = ms.Design(culture="culture", line="line", pair="pair")
    with pytest.raises(ms.InputError) as told:
        require_other(concat([toy, grown]), toy, design)
    said = str(told.value)
    assert "=Kokultur MSC" not in said
    assert "HS-5" not in said
    assert "(MSC0_alone, MSC1_alone, MSC2_alone) is stroma grown alone, add rows for it to the sheet" in said
    assert "stroma='culture=MSC alone'; or save it as a table of its own" in said
