"""Every file format: made here where small, real ones where the shared data lie."""

from __future__ import annotations

import gzip
import warnings

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.io import mmwrite

import marrowsig as ms
from marrowsig.io._atomic import atomic

GENES = ["IL6", "SOCS3", "BCL3", "VIM", "CDH1"]
IDS = [f"ENSG{i:011d}" for i in range(1, 6)]
CELLS = ["AAAC-1", "AAAG-1", "AAAT-1"]
COUNTS = np.array([[0, 3, 0, 40, 1], [2, 0, 0, 7, 0], [0, 0, 9, 1, 1]])


def note(adata):
    return adata.uns["marrowsig"]["input"]


# --- AnnData ---------------------------------------------------------------------------------------------


def make_adata(**layers):
    adata = ad.AnnData(sparse.csr_matrix(COUNTS.astype(np.float32)))
    adata.obs_names, adata.var_names = CELLS, GENES
    for name, layer in layers.items():
        adata.layers[name] = layer
    return adata


@pytest.mark.parametrize("what", ["h5ad", "zarr"])
def test_anndata_files_come_back_as_they_are(tmp_path, what):
    adata = make_adata()
    path = tmp_path / f"a.{what}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # anndata announces a new zarr default
        getattr(adata, f"write_{what}")(path)
    again = ms.io.read(path)
    assert (again.X != adata.X).nnz == 0
    assert (note(again)["kind"], note(again)["format"]) == ("counts", what)


def test_counts_elsewhere_are_said(tmp_path):
    adata = make_adata(counts=sparse.csr_matrix(COUNTS))
    adata.X = adata.X.log1p()
    adata.write_h5ad(tmp_path / "a.h5ad")
    again = ms.io.read(tmp_path / "a.h5ad")
    assert note(again)["kind"] == "log"
    assert "layers['counts']" in note(again)["decisions"]


def test_damaged_and_foreign_hdf5_is_refused(tmp_path):
    make_adata().write_h5ad(tmp_path / "a.h5ad")
    whole = (tmp_path / "a.h5ad").read_bytes()
    (tmp_path / "cut.h5ad").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ms.InputError, match="cut off"):
        ms.io.read(tmp_path / "cut.h5ad")
    (tmp_path / "text.h5ad").write_text("no")
    with pytest.raises(ms.InputError, match="not an HDF5 file"):
        ms.io.read(tmp_path / "text.h5ad")
    with h5py.File(tmp_path / "other.h5", "w") as handle:
        handle["x"] = np.arange(3)
    with pytest.raises(ms.InputError, match="cannot be read as h5ad"):
        ms.io.read(tmp_path / "other.h5")
    ad.AnnData(obs=pd.DataFrame(index=CELLS), var=pd.DataFrame(index=GENES)).write_h5ad(tmp_path / "nox.h5ad")
    with pytest.raises(ms.InputError, match="has no X"):
        ms.io.read(tmp_path / "nox.h5ad")


def test_repeated_cells_are_refused(tmp_path):
    adata = make_adata()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        adata.obs_names = ["A", "A", "B"]
        adata.write_h5ad(tmp_path / "a.h5ad")
    with pytest.raises(ms.InputError, match="1 sample name occurs more than once: A"):
        ms.io.read(tmp_path / "a.h5ad")


# --- 10x -------------------------------------------------------------------------------------------------


def tenx_folder(folder, *, modern, packed=None, prefix="", rows=None):
    folder.mkdir(parents=True, exist_ok=True)
    packed = modern if packed is None else packed
    genes = [f"{i}\t{g}" + ("\tGene Expression" if modern else "") for i, g in zip(IDS, GENES, strict=True)]
    texts = {
        "features.tsv" if modern else "genes.tsv": "\n".join(rows or genes) + "\n",
        "barcodes.tsv": "\n".join(CELLS) + "\n",
    }
    mmwrite(folder / "m.mtx", sparse.coo_matrix(COUNTS.T))
    texts["matrix.mtx"] = (folder / "m.mtx").read_text()
    (folder / "m.mtx").unlink()
    for name, text in texts.items():
        path = folder / f"{prefix}{name}{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return folder


@pytest.mark.parametrize("modern", [True, False])
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("prefix", ["", "GSM1_"])
def test_matrix_folders_of_both_generations(tmp_path, modern, packed, prefix):
    adata = ms.io.read(tenx_folder(tmp_path / "x", modern=modern, packed=packed, prefix=prefix))
    np.testing.assert_array_equal(adata.X.toarray(), COUNTS)
    assert list(adata.var_names) == GENES
    assert list(adata.var["gene_ids"]) == IDS
    assert list(adata.obs_names) == CELLS
    assert note(adata)["kind"] == "counts"


def test_features_that_are_no_genes_are_left_out(tmp_path):
    rows = [f"{i}\t{g}\tGene Expression" for i, g in zip(IDS, GENES, strict=True)]
    rows[2] = "CD3\tCD3\tAntibody Capture"
    adata = ms.io.read(tenx_folder(tmp_path / "x", modern=True, rows=rows))
    assert list(adata.var_names) == ["IL6", "SOCS3", "VIM", "CDH1"]
    np.testing.assert_array_equal(adata.X.toarray(), COUNTS[:, [0, 1, 3, 4]])


def test_damaged_folders_are_refused(tmp_path):
    short = tenx_folder(tmp_path / "a", modern=False, rows=["x\tx"])
    with pytest.raises(ms.InputError, match=r"5 x 3.*1 genes"):
        ms.io.read(short)
    lacking = tenx_folder(tmp_path / "b", modern=True)
    (lacking / "barcodes.tsv.gz").unlink()
    with pytest.raises(ms.InputError, match="barcodes"):
        ms.io.read(lacking)
    cut = tenx_folder(tmp_path / "c", modern=False)
    text = (cut / "matrix.mtx").read_text()
    (cut / "matrix.mtx").write_text(text[: len(text) - 12])
    with pytest.raises(ms.InputError, match="Matrix Market"):
        ms.io.read(cut)
    with pytest.raises(ms.InputError, match="Give the folder"):
        ms.io.read(lacking / "matrix.mtx.gz")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ms.InputError, match="folder without"):
        ms.io.read(tmp_path / "empty")


def test_two_genomes_must_be_chosen(tmp_path):
    for genome in ("hg38", "mm10"):
        tenx_folder(tmp_path / "x" / genome, modern=False)
    with pytest.raises(ms.InputError, match=r"2 genomes: hg38, mm10.*genome='hg38'"):
        ms.io.read(tmp_path / "x")
    assert ms.io.read(tmp_path / "x", genome="mm10").shape == (3, 5)
    with pytest.raises(ms.InputError, match="no genome 'rn7'"):
        ms.io.read(tmp_path / "x", genome="rn7")


def tenx_h5(path, genomes):
    """A Cell Ranger 3 file whose genes belong to `genomes`."""
    matrix = sparse.csr_matrix(COUNTS)
    with h5py.File(path, "w") as handle:
        group = handle.create_group("matrix")
        for key in ("data", "indices", "indptr"):
            group[key] = getattr(matrix, key)
        group["shape"] = np.array(matrix.shape[::-1])
        group["barcodes"] = np.array(CELLS, dtype="S")
        features = group.create_group("features")
        features["id"], features["name"] = np.array(IDS, dtype="S"), np.array(GENES, dtype="S")
        features["feature_type"] = np.array(["Gene Expression"] * 5, dtype="S")
        features["genome"] = np.array(genomes, dtype="S")
    return path


def test_h5_of_one_and_of_two_genomes(tmp_path):
    adata = ms.io.read(tenx_h5(tmp_path / "a.h5", ["hg38"] * 5))
    np.testing.assert_array_equal(adata.X.toarray(), COUNTS)
    two = tenx_h5(tmp_path / "b.h5", ["hg38"] * 3 + ["mm10"] * 2)
    with pytest.raises(ms.InputError, match="2 genomes: hg38, mm10"):
        ms.io.read(two)
    assert list(ms.io.read(two, genome="mm10").var_names) == GENES[3:]


# --- GCT, series matrix, RSEM ----------------------------------------------------------------------------

GCT12 = "#1.2\n3\t2\nNAME\tDescription\ts1\ts2\nIL6\tna\t1.5\t-200\nVIM\tx\t400\t7\nFN1\ty\t0\t80\n"
GCT13 = (
    "#1.3\n2\t2\t1\t2\nid\tpr_symbol\ts1\ts2\narm\tna\tmono\tco\nday\tna\t1\t14\n"
    "p1\tIL6\t5.25\t6.5\np2\tVIM\t7.5\t8.25\n"
)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_gct(tmp_path, end):
    path = tmp_path / "a.gct"
    path.write_bytes(GCT12.replace("\n", end).encode())
    adata = ms.io.read(path)
    assert adata.X.tolist() == [[1.5, 400, 0], [-200, 7, 80]]
    assert note(adata)["kind"] == "linear_negative"
    assert list(adata.var["Description"]) == ["na", "x", "y"]
    path.write_bytes(gzip.compress(GCT13.replace("\n", end).encode()))
    adata = ms.io.read(path)
    assert adata.X.tolist() == [[5.25, 7.5], [6.5, 8.25]]
    assert list(adata.obs["arm"]) == ["mono", "co"]
    assert list(adata.obs["day"]) == [1, 14]
    assert list(adata.var["pr_symbol"]) == ["IL6", "VIM"]


def test_gct_of_another_size_than_stated_is_refused(tmp_path):
    path = tmp_path / "a.gct"
    path.write_text(GCT12.replace("3\t2", "30\t2"))
    with pytest.raises(ms.InputError, match=r"states 30 rows x 2 samples, the table has 3 x 2"):
        ms.io.read(path)
    path.write_text(GCT12.replace("3\t2", "three"))
    with pytest.raises(ms.InputError, match="line 2"):
        ms.io.read(path)
    path.write_text(GCT12.replace("400", "4oo"))
    with pytest.raises(ms.InputError, match=r"row VIM, column s1: '4oo'"):
        ms.io.read(path)


SERIES = (
    '!Series_title\t"A"\n\n!Sample_title\t"ctrl 1"\t"il6 1"\n!Sample_geo_accession\t"GSM1"\t"GSM2"\n'
    '!Sample_characteristics_ch1\t"cell line: MOLM-13"\t"treatment: IL6"\n'
    '!Sample_characteristics_ch1\t"treatment: none"\t"cell line: HL60"\n'
    '!Sample_data_row_count\t"3"\t"3"\n!series_matrix_table_begin\n"ID_REF"\t"GSM1"\t"GSM2"\n'
    '"p1"\t5.5\t6.25\n"p2"\t7.5\t8.5\n"p3"\t3.25\t9.5\n!series_matrix_table_end\n'
)


@pytest.mark.parametrize("packed", [True, False])
def test_series_matrix_with_tidy_samples(tmp_path, packed):
    path = tmp_path / "GSE1_series_matrix.txt"
    path.write_bytes(gzip.compress(SERIES.encode()) if packed else SERIES.encode())
    adata = ms.io.read(path)
    assert adata.X.tolist() == [[5.5, 7.5, 3.25], [6.25, 8.5, 9.5]]
    assert list(adata.obs["title"]) == ["ctrl 1", "il6 1"]
    assert list(adata.obs["cell_line"]) == ["MOLM-13", "HL60"]
    assert list(adata.obs["treatment"]) == ["none", "IL6"]
    sheet = pd.DataFrame({"gsm": ["GSM2", "GSM1"], "arm": ["co", "mono"], "title": ["b", "a"]})
    joined = ms.io.read(path, samples=sheet)
    assert list(joined.obs["arm"]) == ["mono", "co"]
    assert list(joined.obs["title"]) == ["a", "b"]
    assert list(joined.obs["title_file"]) == ["ctrl 1", "il6 1"]


def test_a_row_called_na_keeps_its_name(tmp_path):
    path = tmp_path / "GSE1_series_matrix.txt"
    path.write_text(SERIES.replace('"p2"', '"NA"'))
    assert list(ms.io.read(path).var_names) == ["p1", "NA", "p3"]


def test_incomplete_series_matrix(tmp_path):
    path = tmp_path / "GSE1_series_matrix.txt"
    path.write_text(SERIES.replace('"p2"\t7.5\t8.5\n', ""))
    with pytest.warns(ms.InputWarning, match="states 3 rows, the table has 2"):
        ms.io.read(path)
    path.write_text(SERIES[:-30])
    with pytest.raises(ms.InputError, match="table_end"):
        ms.io.read(path)
    rows = SERIES.index('"p1"'), SERIES.index("!series_matrix_table_end")
    path.write_text(SERIES[: rows[0]] + SERIES[rows[1] :])
    with pytest.raises(ms.InputError, match="supplementary"):
        ms.io.read(path)


RSEM = (
    "gene_id\ttranscript_id(s)\tlength\teffective_length\texpected_count\tTPM\tFPKM\n"
    "ENSG00000136244.1\tT1\t900\t800\t12.00\t400000.0\t3.5\nENSG00000184557.2\tT2,T3\t700\t600\t8.50\t600000.0\t4.5\n"
)


@pytest.mark.parametrize(
    ("kind", "values"),
    [(None, [12, 8.5]), ("tpm", [4e5, 6e5]), ("fpkm", [3.5, 4.5]), ("expected_counts", [12, 8.5])],
)
def test_rsem(tmp_path, kind, values):
    path = tmp_path / "s1.genes.results"
    path.write_text(RSEM)
    adata = ms.io.read(path, kind=kind)
    assert adata.X.tolist() == [values]
    assert adata.X.flags.writeable
    assert list(adata.obs_names) == ["s1"]
    assert note(adata)["kind"] == (kind or "expected_counts")
    with pytest.raises(ms.InputError, match="none of these"):
        ms.io.read(path, kind="log")
    path.write_text(RSEM.replace("gene_id\t", "transcript_id\t"))
    with pytest.raises(ms.InputError, match="not genes"):
        ms.io.read(path)


# --- writing whole or not at all -------------------------------------------------------------------------


def test_atomic_replaces_only_on_success(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), atomic(path) as part:  # noqa: PT012
        part.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    with atomic(path) as part:
        assert part.suffix == ".txt"
        part.write_text("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]
