"""Sample sheets: found, joined, refused."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._cli.found import USUAL
from marrowsig.io._names import mangle
from marrowsig.io._sheet import read_sheet
from marrowsig.io._title_row import titles_above

GENES = ["IL6", "SOCS3", "BCL3", "VIM", "CDH1", "ZEB1", "FN1", "STAT3"]
SAMPLES = ["1-mono", "2-mono", "1-co", "2-co"]
COUNTS = pd.DataFrame(np.random.default_rng(3).poisson(400, (8, 4)), index=GENES, columns=SAMPLES)
SHEET = pd.DataFrame(
    {"nr": [1, 2, 3, 4], "donor": ["01", "02", "01", "02"], "id": SAMPLES, "arm": list("mmcc")}
)


@pytest.fixture
def matrix(tmp_path):
    path = tmp_path / "counts.csv"
    COUNTS.to_csv(path)
    return path


def saved(table, folder, name="samples.csv", separator=","):
    table.to_csv(folder / name, index=False, sep=separator)
    return folder / name


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_ids_are_found_in_any_column_and_any_order(matrix, tmp_path, separator):
    sheet = saved(SHEET.iloc[::-1], tmp_path, separator=separator)
    adata = ms.io.read(matrix, samples=sheet)
    assert list(adata.obs_names) == SAMPLES
    assert list(adata.obs["arm"]) == list("mmcc")
    assert list(adata.obs["donor"]) == ["01", "02", "01", "02"]
    assert "'id'" in adata.uns["marrowsig"]["input"]["decisions"]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_commas_of_a_sheet_are_numbers_and_told(matrix, tmp_path, separator):
    own = {"CD45": ["99,0", "97", "", "95,9"], "RIN": ["9,5", "9,4", "8,8", "9,1"], "day": ["1.2.26"] * 4}
    left = {"lot": ["1,250", "2,500", "1,000", "4"], "twice": ["9,5", "9,50", "1", "2"], "site": ["01,5"] * 4}
    mixed = {"mixed": ["1,5", "1.5", "2", "3"]}
    sheet = saved(SHEET.assign(**own, **left, **mixed), tmp_path, separator=separator)
    adata = ms.io.read(matrix, samples=sheet)
    np.testing.assert_array_equal(adata.obs["CD45"], [99.0, 97.0, np.nan, 95.9])
    np.testing.assert_array_equal(adata.obs["RIN"], [9.5, 9.4, 8.8, 9.1])
    told = adata.uns["marrowsig"]["input"]["decisions"].split("; ")
    assert "decimal commas of the sheet read as such: 'CD45', 'RIN'" in told
    for column, cells in (left | mixed).items():
        assert adata.obs[column].tolist() == cells


def test_commas_between_commas_are_left_as_they_are(matrix, tmp_path):
    adata = ms.io.read(matrix, samples=saved(SHEET.assign(lanes=["1,2", "3,4"] * 2), tmp_path))
    assert adata.obs["lanes"].tolist() == ["1,2", "3,4"] * 2
    assert "decimal" not in adata.uns["marrowsig"]["input"]["decisions"]


def test_a_level_with_a_blank_at_its_end_is_joined_and_told(matrix, tmp_path):
    sheet = SHEET.assign(drug=["none", "none ", "rux", "rux"], note=[" a", "b ", "", "c"])
    adata = ms.io.read(matrix, samples=saved(sheet, tmp_path))
    assert adata.obs["drug"].tolist() == ["none", "none", "rux", "rux"]
    told = adata.uns["marrowsig"]["input"]["decisions"].split("; ")
    assert "blanks at the ends of levels taken off: 'none ' in 'drug' (1 row)" in told


def test_a_frame_and_its_index_serve_as_sheet(matrix):
    adata = ms.io.read(matrix, samples=SHEET.set_index("id"))
    assert list(adata.obs["nr"]) == [1, 2, 3, 4]


def test_a_sheet_tells_the_orientation(tmp_path):
    table = pd.DataFrame(np.arange(16).reshape(4, 4), index=list("abcd"), columns=list("wxyz"))
    table.to_csv(tmp_path / "m.csv")
    for ids in ("abcd", "wxyz"):
        adata = ms.io.read(tmp_path / "m.csv", samples=pd.DataFrame({"s": list(ids)}))
        assert list(adata.obs_names) == list(ids)


def test_names_that_r_changed_are_recognised(tmp_path):
    COUNTS.rename(columns=mangle).to_csv(tmp_path / "m.csv")
    with pytest.warns(ms.InputWarning, match=r"matched after undoing R's .*'X1\.mono' is '1-mono'"):
        adata = ms.io.read(tmp_path / "m.csv", samples=SHEET)
    assert list(adata.obs_names) == SAMPLES
    told = adata.uns["marrowsig"]["input"]["decisions"].split("; ")
    (matched,) = (text for text in told if "R's change of names" in text)
    assert USUAL.match(matched)  # the warning above says it
    assert not USUAL.match("sheet column 'id' matched to sample names ignoring blanks around")


def test_other_signs_are_matched_and_an_arm_named_like_a_gene_is_no_sample(tmp_path):
    genes = pd.Index(["IL13", *(f"gene{i}" for i in range(199))])
    table = pd.DataFrame(np.arange(800).reshape(200, 4), index=genes, columns=["S.1", "S.2", "S.11", "S.12"])
    table.to_csv(tmp_path / "m.csv")
    sheet = pd.DataFrame({"id": ["S_1", "S_2", "S_11", "S_12"], "arm": ["IL13", "IL13", "none", "none"]})
    with pytest.warns(ms.InputWarning, match=r"taking blanks, -, _ and \. for one sign: 'S\.1' is 'S_1'"):
        adata = ms.io.read(tmp_path / "m.csv", samples=sheet)
    assert list(adata.obs["arm"]) == list(sheet["arm"])
    sheet["id"] = ["s1", "S2", "S11", "S12"]
    with pytest.warns(ms.InputWarning, match=r"by letters and digits, .*: 'S\.1' is 's1', 'S\.2' is 'S2'"):
        adata = ms.io.read(tmp_path / "m.csv", samples=sheet)
    assert list(adata.obs_names) == list(sheet["id"])


def test_names_of_alignment_files_are_recognised(tmp_path):
    COUNTS.rename(columns=lambda s: f"/data/bam/{s}.sorted.bam").to_csv(tmp_path / "m.csv")
    with pytest.warns(ms.InputWarning, match=r"without folder .*'/data/bam/1-mono\.sorted\.bam' is '1-mono'"):
        adata = ms.io.read(tmp_path / "m.csv", samples=SHEET)
    assert list(adata.obs_names) == SAMPLES


@pytest.mark.parametrize("ending", [".Aligned.sortedByCoord.out.bam", "_sorted.bam"])
@pytest.mark.parametrize("first", ["FileName", "Sample"])
@pytest.mark.parametrize("folder", ["", "/data/bam/"])
def test_samples_are_called_as_in_the_column_of_samples_not_of_files(tmp_path, ending, first, folder):
    """As limma's targets have both; also where files are found as written."""
    COUNTS.rename(columns=lambda s: f"{folder}{s}{ending}").to_csv(tmp_path / "m.csv")
    named = pd.DataFrame({"FileName": [f"{s}{ending}" for s in SAMPLES], "Sample": SAMPLES})
    sheet = named[[first, *named.columns.drop(first)]].assign(arm=list("mmcc"))
    with pytest.warns(ms.InputWarning, match="is '1-mono'"):
        adata = ms.io.read(tmp_path / "m.csv", samples=sheet.iloc[::-1])
    assert list(adata.obs_names) == SAMPLES
    assert list(adata.obs["FileName"]) == list(named["FileName"])
    assert "'Sample' matched" in adata.uns["marrowsig"]["input"]["decisions"]


def test_long_names_are_told_by_one_pair(tmp_path):
    COUNTS.rename(columns=lambda s: f"/a/{'long' * 20}/{s}.bam").to_csv(tmp_path / "m.csv")
    with pytest.warns(ms.InputWarning, match=r"is '1-mono', \.\.\. \(3 more\)\. If") as told:
        ms.io.read(tmp_path / "m.csv", samples=SHEET)
    assert "2-mono" not in str(told[0].message)


def test_other_case_is_told_and_blanks_are_not(tmp_path):
    COUNTS.rename(columns=str.upper).to_csv(tmp_path / "m.csv")
    with pytest.warns(ms.InputWarning, match=r"ignoring upper and lower case: '1-MONO' is '1-mono'"):
        ms.io.read(tmp_path / "m.csv", samples=SHEET)
    COUNTS.rename(columns=lambda s: f"{s} ").to_csv(tmp_path / "m.csv")
    assert list(ms.io.read(tmp_path / "m.csv", samples=SHEET).obs_names) == SAMPLES


def test_samples_without_a_row_are_dropped_aloud(matrix):
    with pytest.warns(ms.InputWarning, match=r"1 sample without a row .* is dropped: 2-co"):
        adata = ms.io.read(matrix, samples=SHEET.iloc[:3])
    assert list(adata.obs_names) == SAMPLES[:3]
    np.testing.assert_array_equal(adata.X, COUNTS.to_numpy().T[:3])


def test_samples_that_the_matrix_lacks_are_refused(matrix):
    more = pd.concat([SHEET, SHEET.assign(id=[f"new{i}" for i in range(4)])])
    with pytest.raises(ms.InputError, match=r"4 of 8 .*new0, new1.*leave them out: leave_out=\['new0', "):
        ms.io.read(matrix, samples=more)
    many = pd.concat([SHEET, *(SHEET.assign(id=[f"{i}new{k}" for i in range(4)]) for k in range(3))])
    with pytest.raises(ms.InputError, match=r"12 of 16 .*Correct the names, or remove these rows from the"):
        ms.io.read(matrix, samples=many)


def test_samples_are_left_out_that_are_in_the_sheet_the_matrix_or_both(matrix):
    more = pd.concat([SHEET, SHEET.iloc[:1].assign(id="lost")])
    adata = ms.io.read(matrix, samples=more, leave_out=["lost", SAMPLES[0]])
    assert list(adata.obs_names) == SAMPLES[1:]
    note = adata.uns["marrowsig"]["input"]
    assert note["left_out"] == ["lost", SAMPLES[0]]
    assert note["decisions"].endswith(f"left out, as was asked: lost, {SAMPLES[0]}")
    alone = ms.io.read(matrix, samples=SHEET.iloc[1:], leave_out=SAMPLES[0])
    assert list(alone.obs_names) == SAMPLES[1:]
    with pytest.raises(ms.InputError, match=r"not in the matrix: lost"):
        ms.io.read(matrix, samples=more, leave_out=[SAMPLES[0]])
    with pytest.raises(ms.InputError, match=r"no such sample\. It is a level of 'arm'"):
        ms.io.read(matrix, samples=more, leave_out=["lost", "m"])
    study = ms.Study(name="s", input=matrix, design=None, leave_out=["lost"])
    with pytest.raises(ms.InputError, match="has no such sample"):  # no sheet has it
        study.read()


def test_repeated_and_blank_ids_are_refused(matrix):
    with pytest.raises(ms.InputError, match=r"1 sample twice in 'id': 1-mono"):
        ms.io.read(matrix, samples=pd.concat([SHEET, SHEET.iloc[:1]]))
    with pytest.raises(ms.InputError, match="no sample name"):
        ms.io.read(matrix, samples=SHEET.assign(id=[*SAMPLES[:3], None]))


def test_a_foreign_sheet_is_refused(matrix):
    with pytest.raises(ms.InputError, match="No column of the sample sheet"):
        ms.io.read(matrix, samples=SHEET.assign(id=list("wxyz"), donor="d", arm="a", nr="n"))
    with pytest.raises(ms.InputError, match="no column 'nope'"):
        ms.io.read(matrix, samples=SHEET, sheet_key="nope")
    with pytest.raises(ms.InputError, match="lists no samples"):
        ms.io.read(matrix, samples=SHEET.iloc[:0])


def test_a_matrix_and_a_sheet_in_each_others_place_are_told(matrix, tmp_path):
    with pytest.raises(ms.InputError, match=r"matrix first: counts\.csv, then samples\.csv"):
        ms.io.read(saved(SHEET, tmp_path), samples=matrix)
    named = saved(SHEET[["id", "donor", "arm"]], tmp_path, "only_text.csv")
    with pytest.raises(ms.InputError, match="The two files look swapped"):
        ms.io.read(named, samples=matrix)
    paths = COUNTS.rename(columns=lambda name: f"/data/{name}.bam").reset_index(names="Geneid")
    with pytest.raises(
        ms.InputError, match=r"only_text\.csv has 4 rows and lists the samples that paths\.csv"
    ):
        ms.io.read(named, samples=saved(paths, tmp_path, "paths.csv"), sheet_key="id")
    many = pd.concat([paths] * 5).set_axis(["Geneid", *"pqrs"], axis=1)
    seen = (
        r"only_text\.csv has 4 rows, most of it words, and paths\.csv 40, of numbers\. Give the matrix first"
    )
    with pytest.raises(ms.InputError, match=seen):
        ms.io.read(named, samples=saved(many, tmp_path, "paths.csv"))
    foreign = saved(SHEET.assign(id=list("pqrs")), tmp_path, "foreign.csv")
    with pytest.raises(ms.InputError) as caught:
        ms.io.read(matrix, samples=foreign)
    assert "swapped" not in str(caught.value)


def test_of_large_files_it_is_told_before_names_are_matched(tmp_path, monkeypatch):
    """Of a sheet that is mostly numbers, too; matching took most of a minute with 20,000 genes."""
    monkeypatch.delattr("marrowsig.io._read.join")
    sheet = SHEET[["id"]].assign(hours=[4, 4, 72, 72], RIN=[9.1, 8.8, 9.0, 8.7], age=61)
    many = pd.DataFrame(7, index=[f"G{i}" for i in range(1000)], columns=SHEET["id"]).reset_index(
        names="gene"
    )
    with pytest.raises(ms.InputError, match=r"lists the samples that genes\.csv, of 1,000, has as columns"):
        ms.io.read(saved(sheet, tmp_path), samples=saved(many, tmp_path, "genes.csv"))


def test_an_absent_sheet_is_refused(matrix, tmp_path):
    with pytest.raises(ms.InputError, match="no file"):
        ms.io.read(matrix, samples=tmp_path / "nope.csv")


def test_a_gap_in_the_sheet_stays_a_gap(matrix, tmp_path):
    adata = ms.io.read(matrix, samples=saved(SHEET.assign(arm=["m", None, "c", "c"]), tmp_path))
    assert adata.obs["arm"].isna().tolist() == [False, True, False, False]
    adata.write_h5ad(tmp_path / "a.h5ad")


def test_cells_take_the_rows_of_their_sample(tmp_path):
    cells = ad.AnnData(
        np.random.default_rng(0).poisson(3, (30, 8)).astype(np.float32),
        obs=pd.DataFrame({"sample": ["A", "B", "C"] * 10, "batch": "x"}, index=[f"c{i}" for i in range(30)]),
        var=pd.DataFrame(index=GENES),
    )
    cells.write_h5ad(tmp_path / "c.h5ad")
    sheet = pd.DataFrame({"id": ["A", "B"], "arm": ["mono", "co"], "batch": ["see obs", "see obs"]})
    with pytest.warns(ms.InputWarning, match="cells of 1 sample without .* are dropped: C"):
        adata = ms.io.read(tmp_path / "c.h5ad", samples=sheet)
    assert adata.shape == (20, 8)
    assert (adata.obs.loc[adata.obs["sample"] == "B", "arm"] == "co").all()
    assert (adata.obs["batch"] == "x").all()
    assert (adata.obs["batch_sheet"] == "see obs").all()


def _tubes(folder):
    table = COUNTS.iloc[:, :4].set_axis(["1", "2", "3", "4"], axis=1)
    table.to_csv(folder / "m.csv")
    sheet = pd.DataFrame({"tube": [4, 3, 2, 1], "sample": [1, 2, 3, 4], "arm": list("mmcc")})
    return folder / "m.csv", sheet


def test_two_columns_that_name_the_samples_differently_are_refused(tmp_path):
    matrix, sheet = _tubes(tmp_path)
    for columns in (["tube", "sample", "arm"], ["sample", "tube", "arm"]):
        with pytest.raises(ms.InputError, match=r"both name the samples, differently.*sheet_key='sample'"):
            ms.io.read(matrix, samples=sheet[columns])
    assert list(ms.io.read(matrix, samples=sheet, sheet_key="sample").obs["arm"]) == list("mmcc")
    assert list(ms.io.read(matrix, samples=sheet, sheet_key="tube").obs["arm"]) == list("ccmm")


def test_two_columns_that_agree_serve_both(tmp_path):
    matrix, sheet = _tubes(tmp_path)
    adata = ms.io.read(matrix, samples=sheet.assign(tube=sheet["sample"]))
    assert list(adata.obs["arm"]) == list("mmcc")


def _clusters(folder):
    obs = pd.DataFrame(
        {"sample": ["1", "2"] * 10, "leiden": ["2"] * 10 + ["1"] * 10}, index=[f"c{i}" for i in range(20)]
    )
    values = np.random.default_rng(0).poisson(3, (20, 8)).astype(np.float32)
    ad.AnnData(values, obs=obs, var=pd.DataFrame(index=GENES)).write_h5ad(folder / "c.h5ad")
    return folder / "c.h5ad"


def test_a_column_of_one_name_in_obs_and_sheet_wins_over_chance(tmp_path):
    sheet = pd.DataFrame({"nr": [2, 1], "sample": [1, 2], "arm": ["mono", "co"]})
    adata = ms.io.read(_clusters(tmp_path), samples=sheet)
    assert (adata.obs.loc[adata.obs["sample"] == "1", "arm"] == "mono").all()


def test_a_sheet_column_that_fits_two_columns_of_the_cells_is_refused(tmp_path):
    sheet = pd.DataFrame({"library": [1, 2], "arm": ["mono", "co"]})
    with pytest.raises(ms.InputError, match=r"fits the obs columns 'sample' and 'leiden', differently"):
        ms.io.read(_clusters(tmp_path), samples=sheet)


NAMED = "sample,line,culture,drug\n"
BODY = "".join(f"s{i},{'a' if i < 3 else 'b'},{'co' if i % 2 else 'mono'},none\n" for i in range(6))


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Experiment 2025,,,\n", "1 row above the names of the columns was skipped: 'Experiment 2025'"),
        ("Experiment 2025\n", "1 row above the names of the columns was skipped: 'Experiment 2025'"),
        (
            "List; June,,,\n\n,,,\nby JK,,,\n",
            "2 rows above the names of the columns were skipped: 'List, June', 'by JK'",
        ),
    ],
)
def test_titles_above_the_header_are_skipped_and_told(tmp_path, title, told):
    plain, with_title = tmp_path / "plain.csv", tmp_path / "s.csv"
    plain.write_text(NAMED + BODY)
    with_title.write_text(title + NAMED + BODY)
    sheet = read_sheet(with_title)
    pd.testing.assert_frame_equal(sheet, read_sheet(plain))
    rows = "".join(f"{g},1,2,3,4,5,{i}\n" for i, g in enumerate(GENES))
    (tmp_path / "m.csv").write_text(f"Counts,,,,,,\n,s0,s1,s2,s3,s4,s5\n{rows}")
    adata = ms.io.read(tmp_path / "m.csv", samples=with_title)
    assert adata.shape == (6, len(GENES))
    decided = adata.uns["marrowsig"]["input"]["decisions"].split("; ")
    assert f"s.csv: {told}" in decided
    assert "1 row above the names of the columns was skipped: 'Counts'" in decided


@pytest.mark.parametrize(
    ("below", "told"),
    [
        ("# featureCounts, raw\n", "1 row below the names of the columns was skipped: '# featureCounts raw'"),
        (
            "# from exp. 1 to 4,,,,,,\n\n#by JK,,,,,,\n",
            "2 rows below the names of the columns were skipped: '# from exp. 1 to 4', '#by JK'",
        ),
    ],
)
def test_remarks_below_the_header_are_skipped_and_told(tmp_path, below, told):
    """Values stay whole numbers, and the sheet is read as without them."""
    rows = "".join(f"{g},1,2,3,4,5,{i}\n" for i, g in enumerate(GENES))
    (tmp_path / "m.csv").write_text(f"gene,s0,s1,s2,s3,s4,s5\n{below}{rows}")
    (tmp_path / "s.csv").write_text(f"{NAMED}# typed from the lab book,,,\n{BODY}")
    adata = ms.io.read(tmp_path / "m.csv", samples=tmp_path / "s.csv")
    assert list(adata.var_names) == GENES
    np.testing.assert_array_equal(adata.X[-1], np.arange(8))
    decided = adata.uns["marrowsig"]["input"]["decisions"].split("; ")
    assert told in decided
    assert "s.csv: 1 row below the names of the columns was skipped: '# typed from the lab book'" in decided


@pytest.mark.parametrize(
    "body",
    [
        "#1,a,mono,none\n#2,a,co,none\n",
        "#1,,,\n#2,,,\n",
        "#1,a,mono,none\n2,a,co,none\n",
        "#1,,,\n#2,,,\n3,,,\n#4,,,\n",
    ],
)
def test_samples_with_a_number_sign_are_no_remarks(tmp_path, body):
    (tmp_path / "s.csv").write_text(NAMED + body)
    assert len(read_sheet(tmp_path / "s.csv")) == body.count("\n")


def test_a_sheet_of_samples_is_refused_without_reading_the_matrix_again(matrix, monkeypatch, tmp_path):
    read = []
    monkeypatch.setattr("marrowsig.io._swapped.read_sheet", lambda path: read.append(path) or SHEET)
    with pytest.raises(ms.InputError, match="not in the matrix"):
        ms.io.read(matrix, samples=saved(SHEET.assign(id=[*SAMPLES[:3], "lost"]), tmp_path))
    assert not read


@pytest.mark.parametrize(
    "above",
    [
        "Experiment,,MSC,\n",  # a header of groups?
        "Experiment,MSC,,\n",
        '"Experiment\nof 2025",,,\n',
    ],
)
def test_a_doubtful_row_above_the_header_is_named_and_refused(tmp_path, above):
    (tmp_path / "s.csv").write_text(above + NAMED + BODY)
    with pytest.raises(ms.InputError):
        read_sheet(tmp_path / "s.csv")


@pytest.mark.parametrize(
    ("top", "below", "n"),
    [
        (["sample", "", ""], [["s1", "alone", "x"], ["s2", "on MSC", "y"], ["s3", "on EC", "z"]], 0),
        (["Our list", "", ""], [["s1", "mono", "x"], ["s2", "mono", "y"], ["s3", "co", "z"]], 0),
        (["Our list", "", ""], [["7", "8", "9"], ["a", "1", "2"], ["b", "1", "2"]], 0),
        (["Our list"], [["s1", "s2"], ["IL6", "1", "2"], ["EZH2", "1", "2"]], 1),  # as R writes
    ],
)
def test_rows_that_may_be_samples_are_not_skipped(top, below, n):
    assert titles_above([top, *below]) == n


def test_a_header_of_two_rows_is_named(tmp_path):
    (tmp_path / "s.csv").write_text("sample,,culture,\n" + ",line,culture,drug\n" + BODY)
    with pytest.raises(ms.InputError, match=r"the header has two rows; the second is line, culture, drug"):
        read_sheet(tmp_path / "s.csv")


def test_columns_without_names_are_no_title(tmp_path):
    (tmp_path / "s.csv").write_text("sample,,,\n" + BODY)
    assert len(read_sheet(tmp_path / "s.csv")) == 6
