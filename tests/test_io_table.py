"""Tables: every layout people bring, and every refusal."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import marrowsig as ms
from marrowsig.io._delimiter import layout
from marrowsig.io._table import read_table

GENES = ["IL6", "SOCS3", "BCL3", "VIM", "CDH1", "ZEB1", "FN1", "STAT3", "JAK2", "TGFB1", "NA", "GAPDH"]
SAMPLES = ["mono-1", "mono-2", "co-1", "co-2"]
VALUES = np.random.default_rng(1).poisson(300, (len(GENES), len(SAMPLES)))
TABLE = pd.DataFrame(VALUES, index=pd.Index(GENES, name="gene"), columns=SAMPLES)


def write(folder, text, name="m.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    separator=st.sampled_from([",", "\t", ";"]),
    across=st.booleans(),
    packed=st.booleans(),
    bom=st.booleans(),
    crlf=st.booleans(),
    quoted=st.booleans(),
    n_samples=st.integers(2, 5),
    seed=st.integers(0, 1000),
)
def test_what_is_written_is_read(tmp_path, separator, across, packed, bom, crlf, quoted, n_samples, seed):
    values = np.random.default_rng(seed).lognormal(4, 2, (len(GENES), n_samples)).round(3)
    table = pd.DataFrame(values, index=GENES, columns=[f"s{i}" for i in range(n_samples)])
    table.loc["IL6"] = 1e6 + 0.5
    text = (table.T if across else table).to_csv(
        sep=separator, quoting=1 if quoted else 0, lineterminator="\r\n" if crlf else "\n"
    )
    data = text.encode("utf-8-sig" if bom else "utf-8")
    path = write(tmp_path, gzip.compress(data) if packed else data, "m.txt.gz" if packed else "m.txt")
    adata = ms.io.read(path)
    assert list(adata.obs_names) == list(table.columns)
    assert list(adata.var_names) == GENES
    np.testing.assert_array_equal(adata.X, table.to_numpy().T)


def test_input_is_recorded_and_survives_h5ad(tmp_path):
    adata = ms.io.read(write(tmp_path, TABLE.to_csv()))
    note = adata.uns["marrowsig"]["input"]
    assert note["kind"] == "counts"
    assert note["file"] == "m.csv"
    assert (note["n_obs"], note["n_var"]) == (4, 12)
    assert note["orientation"] == "genes_by_samples"
    assert "comma" in note["decisions"]
    adata.write_h5ad(tmp_path / "a.h5ad")
    again = ms.io.read(tmp_path / "a.h5ad")
    np.testing.assert_array_equal(again.X, adata.X)


def test_feature_counts_columns_describe_genes(tmp_path):
    head = '# Program:featureCounts v2.0.1; Command:"featureCounts" "-o" "x"\n'
    table = TABLE.copy()
    for place, (name, value) in enumerate(
        {"Chr": "chr1;chr1", "Start": "1;5", "End": "4;9", "Strand": "+;+", "Length": 812}.items()
    ):
        table.insert(place, name, value)
    adata = ms.io.read(write(tmp_path, head + table.to_csv(sep="\t", index_label="Geneid"), "counts.txt"))
    assert list(adata.obs_names) == SAMPLES
    assert list(adata.var) == ["Chr", "Start", "End", "Strand", "Length"]
    assert (adata.var["Length"] == 812).all()


def test_annotation_after_the_samples_describes_genes(tmp_path):
    table = TABLE.assign(gene_name=GENES, gene_length=900, description="a, b")
    adata = ms.io.read(write(tmp_path, table.to_csv()))
    assert list(adata.obs_names) == SAMPLES
    assert list(adata.var) == ["gene_name", "gene_length", "description"]


NUMBERS_ABOUT_GENES = {
    "gene_length_kb": 2.5, "exonic.gene.sizes": 2310, "GC": 41.5, "gc_content": 0.41, "logFC": -1.2,
    "log2FoldChange": 0.4, "baseMean": 300.5, "pvalue": 0.04, "padj": 0.2, "mean": 312.25, "adj.P.Val": 0.1,
}  # fmt: skip


def test_numbers_about_genes_are_no_samples(tmp_path):
    adata = ms.io.read(write(tmp_path, TABLE.assign(**NUMBERS_ABOUT_GENES).to_csv()))
    assert list(adata.obs_names) == SAMPLES
    assert list(adata.var) == list(NUMBERS_ABOUT_GENES)
    assert adata.uns["marrowsig"]["input"]["kind"] == "counts"
    assert "4 of 15 columns hold values, the others" in adata.uns["marrowsig"]["input"]["decisions"]


def test_a_sample_may_have_the_name_of_a_number_about_genes(tmp_path):
    path = write(tmp_path, TABLE.set_axis(["mean", "GC", "co1", "co2"], axis=1).to_csv())
    assert list(ms.io.read(path).obs_names) == ["GC", "co1", "co2"]  # counts above 100 are no GC content
    sheet = pd.DataFrame({"id": ["mean", "GC", "co1", "co2"]})
    assert list(ms.io.read(path, samples=sheet).obs_names) == list(sheet["id"])


def test_a_table_of_test_results_is_no_matrix(tmp_path):
    table = pd.DataFrame({"baseMean": 4.5, "log2FoldChange": 1.5, "padj": 0.5}, index=GENES)
    with pytest.raises(ms.InputError, match="its columns describe genes"):
        ms.io.read(write(tmp_path, table.to_csv()))


def test_row_numbers_are_not_gene_names(tmp_path):
    adata = ms.io.read(write(tmp_path, TABLE.reset_index().to_csv()))
    assert list(adata.var_names) == GENES
    assert list(adata.obs_names) == SAMPLES


def test_gene_column_can_be_chosen(tmp_path):
    table = TABLE.assign(symbol=[g.lower() for g in GENES])
    adata = ms.io.read(write(tmp_path, table.to_csv()), gene_column="symbol")
    assert list(adata.var_names) == [g.lower() for g in GENES]
    assert list(adata.var["gene"]) == GENES
    with pytest.raises(ms.InputError, match="no column 'nope'"):
        ms.io.read(tmp_path / "m.csv", gene_column="nope")


def test_r_header_without_a_corner_name(tmp_path):
    text = "s1 s2\n" + "\n".join(f'"{g}" {i} {500 - i}' for i, g in enumerate(GENES))
    adata = ms.io.read(write(tmp_path, text, "m.txt"))
    assert list(adata.obs_names) == ["s1", "s2"]
    np.testing.assert_array_equal(adata.X[0], np.arange(12))


def test_htseq_without_header_loses_its_summary(tmp_path):
    text = "ENSG00000136244\t12\nENSG00000184557\t900\n__no_feature\t77\n__ambiguous\t3\n"
    adata = ms.io.read(write(tmp_path, text, "a.txt"), orientation="genes_by_samples")
    assert list(adata.var_names) == ["ENSG00000136244", "ENSG00000184557"]
    assert adata.X.tolist() == [[12.0, 900.0]]


@pytest.mark.parametrize("first", ["IL6\t12\t7", "1007_s_at\t5.5\t6.25", "3569\t12\t7"])
def test_a_first_line_of_values_is_no_header(tmp_path, first):
    text = f"{first}\nSOCS3\t900\t800\nVIM\t4\t5\nFN1\t7\t7\n"
    adata = ms.io.read(write(tmp_path, text, "a.txt"), orientation="genes_by_samples")
    assert adata.shape == (2, 4)
    assert list(adata.obs_names) == ["sample_1", "sample_2"]


def test_samples_may_be_called_by_numbers(tmp_path):
    adata = ms.io.read(write(tmp_path, TABLE.set_axis(["101", "102", "103", "104"], axis=1).to_csv()))
    assert list(adata.obs_names) == ["101", "102", "103", "104"]
    assert adata.n_vars == len(GENES)


def test_decimal_comma(tmp_path):
    table = TABLE + 0.25
    adata = ms.io.read(write(tmp_path, table.to_csv(sep=";", decimal=",")))
    np.testing.assert_array_equal(adata.X, table.to_numpy().T)


@pytest.mark.parametrize("separator", [";", ","])
def test_digits_that_no_thousands_mark_follows_tell_a_decimal_comma(tmp_path, separator):
    rows = [["gene", "s1", "s2"], ["IL6", "10,336", "18212,743"], ["VIM", "3,100", "4,700"]]
    text = "\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows)
    adata = ms.io.read(write(tmp_path, text))
    np.testing.assert_array_equal(adata.X, [[10.336, 3.1], [18212.743, 4.7]])


def test_a_comma_between_commas_is_named(tmp_path):
    text = 'gene,s1,s2\nIL6,"1,5",2.5\nVIM,1.25,2\nFN1,3,4.5\n'
    with pytest.raises(ms.InputError, match="The comma in them marks decimals or thousands"):
        ms.io.read(write(tmp_path, text))


def test_comma_that_may_be_thousands_is_refused(tmp_path):
    text = "gene;s1;s2\nIL6;1,250;2,300\nVIM;3,100;4,700\n"
    with pytest.raises(ms.InputError, match="decimals or thousands"):
        ms.io.read(write(tmp_path, text))


@pytest.mark.parametrize("separator", [";", "\t"])
def test_points_that_mark_thousands_are_refused(tmp_path, separator):
    values = np.random.default_rng(2).integers(0, 4000, (len(GENES), 4))
    table = pd.DataFrame(values, index=GENES, columns=SAMPLES)
    marked = table.map(lambda v: f"{v:,}".replace(",", "."))
    path = write(tmp_path, marked.to_csv(sep=separator))
    with pytest.raises(ms.InputError, match=r"looks like a thousands separator.*kind='expected_counts'"):
        ms.io.read(path)
    assert ms.io.read(path, kind="expected_counts").shape == (4, 12)


@pytest.mark.parametrize("low", [0.0, 1.0])
@pytest.mark.parametrize("high", [14.0, 900.0])
def test_values_with_three_digits_are_no_thousands(tmp_path, low, high):
    values = np.random.default_rng(5).uniform(low, high, (400, 4)).round(3)
    values[:40] = np.rint(values[:40] / 50)  # unexpressed: 0 and small whole numbers
    values[0] = 12
    table = pd.DataFrame(values, index=[f"gene{i}" for i in range(400)], columns=SAMPLES)
    assert ms.io.read(write(tmp_path, table.to_csv(sep=";", index_label="gene"))).n_vars == 400


@pytest.mark.parametrize(("name", "kind"), [("a_FPKM.csv", "fpkm"), ("tpm_table.csv", "tpm")])
def test_small_values_under_the_name_of_a_linear_kind_are_said(tmp_path, name, kind):
    text = (TABLE / 1000).round(4).to_csv()
    with pytest.warns(ms.InputWarning, match=f"already logged. If they are not logged, say kind='{kind}'"):
        assert ms.io.read(write(tmp_path, text, name)).uns["marrowsig"]["input"]["kind"] == "log"
    assert ms.io.read(tmp_path / name, kind=kind).uns["marrowsig"]["input"]["kind"] == kind
    ms.io.read(write(tmp_path, text, f"log2_{name}"))


def test_samples_by_genes_keeps_text_as_sample_annotation(tmp_path):
    table = TABLE.T.copy()
    table.insert(0, "arm", ["mono", "mono", "co", "co"])
    adata = ms.io.read(write(tmp_path, table.to_csv(index_label="sample")))
    assert list(adata.var_names) == GENES
    assert list(adata.obs["arm"]) == ["mono", "mono", "co", "co"]


def test_repeated_genes_are_kept(tmp_path):
    table = pd.concat([TABLE, TABLE.iloc[:2]])
    with pytest.warns(ms.GeneWarning, match="2 genes stand in two rows with the same .* remove the copy"):
        adata = ms.io.read(write(tmp_path, table.to_csv()))
    assert adata.n_vars == 14
    told = adata.uns["marrowsig"]["input"]["decisions"]
    assert f"2 gene names are repeats and were kept, until ms.pp.map_genes combines them: {GENES[0]}" in told
    table.iloc[-2:] += 1
    ms.io.read(write(tmp_path, table.to_csv()))


def test_a_spreadsheets_number_of_a_date_is_counted_with_the_dates(tmp_path):
    names = [f"G{i}" for i in range(200)]
    table = pd.DataFrame(np.arange(800).reshape(200, 4) + 1, index=names, columns=TABLE.columns[:4])
    table = table.rename(index={"G3": "Sep-04", "G4": "45546"})
    with pytest.warns(ms.GeneWarning, match="2 gene names were turned into dates .*: Sep-04, 45546"):
        ms.io.read(write(tmp_path, table.to_csv()))
    entrez = table.set_axis([str(45000 + i) for i in range(200)])
    ms.io.read(write(tmp_path, entrez.to_csv()))


def test_dates_in_the_gene_column_are_said(tmp_path):
    table = TABLE.rename(index={"VIM": "1-Mar", "CDH1": "Sep-02"})
    with pytest.warns(ms.GeneWarning, match=r"2 gene names .* 1-Mar, Sep-02.*map_genes"):
        ms.io.read(write(tmp_path, table.to_csv()))


def test_unclear_orientation_is_refused(tmp_path):
    table = pd.DataFrame(
        np.arange(9).reshape(3, 3), index=["r_a", "r_b", "r_c"], columns=["k_x", "k_y", "k_z"]
    )
    path = write(tmp_path, table.to_csv())
    with pytest.raises(ms.InputError, match="orientation="):
        ms.io.read(path)
    assert list(ms.io.read(path, orientation="samples_by_genes").obs_names) == ["r_a", "r_b", "r_c"]
    with pytest.raises(ms.InputError, match="unknown"):
        ms.io.read(path, orientation="sideways")


@pytest.mark.parametrize(("corner", "n_vars"), [("entrez", 3), ("sample", 2)])
def test_the_corner_tells_when_names_do_not(tmp_path, corner, n_vars):
    adata = ms.io.read(write(tmp_path, f"{corner},k1,k2\n3569,12,70\n7431,2,4\n2335,9,9\n"))
    assert adata.n_vars == n_vars


def test_missing_values_are_refused_or_dropped(tmp_path):
    table = TABLE.astype(float)
    table.loc["VIM", "co-1"] = np.nan
    path = write(tmp_path, table.to_csv())
    with pytest.raises(ms.InputError, match=r"1 of 48 values.*VIM.*co-1.*missing='drop'"):
        ms.io.read(path)
    adata = ms.io.read(path, missing="drop")
    assert "VIM" not in adata.var_names
    assert adata.n_vars == 11
    assert "VIM" in adata.uns["marrowsig"]["input"]["decisions"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n\n  \n", "is empty"),
        ("<!DOCTYPE html>\n<html><body>Not found</body></html>", "web page"),
        ("gene,s1,s2\nIL6,high,low\nVIM,low,high\n", "not a matrix"),
        ("just some words\n", "not a matrix|not a table"),
        ("hello\nworld\n", "not a table"),
        ("gene,s1,s1\nIL6,1,2\nVIM,3,4\nFN1,3,4\n", r"1 sample name occurs more than once: s1"),
        ("gene,s1,s2\nIL6,1,2\nVIM,3,x4\nFN1,3,4\n", r"1 cells are not numbers.*row VIM, column s2: 'x4'"),
        ("gene,s1,s2\nIL6,1,2,9\nVIM,3,4\nFN1,3,4\nJAK2,1,2\n,3,4\n", "same number of cells|no gene name"),
        ("gene,s1,s2\nIL6,1,2\n,3,4\nFN1,3,4\nJAK2,5,6\n", "no gene name"),
        ("gene,s1,,s3\nIL6,1,2,3\nVIM,3,4,4\nFN1,3,4,7\n", "no name"),
        ("gene,s1,s2\nIL6,0,0\nVIM,0,0\nFN1,0,0\nJAK2,0,0\n", "every value is 0"),
        ("N_unmapped\t5\t5\t5\nENSG00000136244\t1\t0\t1\n", "STAR"),
        ("gene,s1,s2\n" + "IL6,1,2\n" * 50 + "VIM,3,4,5\n", "same number of cells"),
        (b"PK\x03\x04rest", "Excel workbook.*save each sheet as its own csv"),
        (b"\x01\x00\x02\x00\x00\x00", "binary"),
        (gzip.compress(TABLE.to_csv().encode(), mtime=0)[:-12], "cut off"),
        (gzip.compress(b"", mtime=0), "empty once unpacked"),
    ],
)
def test_what_is_no_matrix_is_refused(tmp_path, text, words):
    with pytest.raises(ms.InputError, match=words):
        ms.io.read(write(tmp_path, text))


def test_absent_file_is_refused(tmp_path):
    with pytest.raises(ms.InputError, match="no file or folder"):
        ms.io.read(tmp_path / "nope.csv")


def test_declared_counts_must_be_counts(tmp_path):
    path = write(tmp_path, np.log2(TABLE + 1).to_csv())
    with pytest.raises(ms.InputError, match="values look already logged"):
        ms.io.read(path, kind="counts")


def test_latin1_and_utf16_are_read(tmp_path):
    text = TABLE.assign(description="Gène").to_csv(sep="\t")
    for encoding in ("latin-1", "utf-16"):
        adata = ms.io.read(write(tmp_path, text.encode(encoding), "m.txt"))
        assert (adata.var["description"] == "Gène").all()


def test_a_thousand_samples_are_read(tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.poisson(90, (1500, 1000)), index=[f"ENSG{i:011d}" for i in range(1500)])
    table.columns = [f"s{i}" for i in range(1000)]
    for across in (False, True):
        path = write(tmp_path, (table.T if across else table).to_csv())
        adata = ms.io.read(path)
        assert adata.shape == (1000, 1500)


def test_a_comment_that_a_spreadsheet_quoted_and_filled_up_is_no_header():
    comment = '"# Program:featureCounts; Command:""featureCounts"" ""-a"""'
    for mark in ";,\t":
        rows = [[comment, "", ""], ["Geneid", "s1", "s2"], ["IL6", "1", "2"], ["VIM", "3", "4"]]
        data = "\n".join(mark.join(row) for row in rows).encode()
        assert layout(data, "t.csv").header == ("Geneid", "s1", "s2")


def test_powers_of_ten_of_a_spreadsheet_are_refused_with_what_to_do():
    data = b"Geneid;s1;s2\nIL6;1;2\nVIM;3;4\nACTB;1,16E+05;99\n"
    with pytest.raises(ms.InputError, match=r"1,16E\+05.*powers of ten.*as numbers.*export the table again"):
        read_table(data, "t.csv")


def test_a_header_that_r_wrote_may_begin_with_a_sample_called_sample(tmp_path):
    """write.table(x, sep = "\\t") names the columns alone."""
    (tmp_path / "r.tsv").write_text('"Sample_11"\t"Sample_15"\n"IL6"\t1\t20\n"VIM"\t3\t40\n"FN1"\t3\t5\n')
    adata = ms.io.read(tmp_path / "r.tsv")
    assert list(adata.obs_names) == ["Sample_11", "Sample_15"]
    assert list(adata.var_names) == ["IL6", "VIM", "FN1"]
    assert (
        "header has no name for the first column (as R writes it)"
        in adata.uns["marrowsig"]["input"]["decisions"]
    )
