"""Cohorts in the layouts that their owners publish: small files made by hand, and real cells written so."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

PAPER = "laml.rnaseq.179_v1.0_gaf2.0_{}_matrix.txt.tcgaID.txt"
READS = """\tTCGA-AB-2803\tTCGA-AB-2807\tTCGA-AB-2963
?|100132510_calculated\t11\t3.5\t20
IL6|3569_calculated\t4\t0\t2.25
SLC35E2|728661_calculated\t7\t1\t9
SLC35E2|9906_calculated\t70\t10\t90
SOCS3|9021_calculated\t310\t12\t5
tAKR|389932_calculated\t0\t0\t1
"""
PATIENTS = """#Patient\tAge\n#Patient\tAge\n#STRING\tNUMBER\n#1\t1
PATIENT_ID\tAGE\tOS_MONTHS\nTCGA-AB-2807\t68\t5.5\nTCGA-AB-2803\t61\tNA\n
"""


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def said(adata, section="input"):
    return adata.uns["marrowsig"][section]


def test_tcga_as_its_paper_has_it(folder):
    (folder / PAPER.format("read_count")).write_text(READS)
    (folder / PAPER.format("rpkm")).write_text(READS)
    (folder / "data_clinical_patient.txt").write_text(PATIENTS)
    adata = ms.ds.read_cohort("tcga_laml", folder)
    assert said(adata)["kind"] == "expected_counts"
    assert adata.obs["donor"].tolist() == ["TCGA-AB-2803", "TCGA-AB-2807", "TCGA-AB-2963"]
    assert adata.obs["age"].tolist() == ["61", "68", ""]
    assert adata.var_names.tolist() == ["100132510", "3569", "728661", "9906", "9021", "389932"]
    assert adata.var["symbol"].tolist()[:3] == ["", "IL6", "SLC35E2"]
    assert adata.X[:, 1].tolist() == [4, 0, 2.25]
    ms.pp.map_genes(adata)
    # The one symbol of the file is of two genes, which stay two.
    assert {"IL6", "SLC35E2A", "SLC35E2B", "SOCS3"} <= set(adata.var_names)
    assert adata[:, "SLC35E2A"].X.ravel().tolist() == [70, 10, 90]
    rpkm = ms.ds.read_cohort("tcga_laml", folder, file=PAPER.format("rpkm"))
    assert said(rpkm)["kind"] == "fpkm"
    assert said(rpkm, "cohort")["doi"] == "10.1056/NEJMoa1301689"


def test_r_spelling_of_barcodes_is_known(folder):
    text = READS.replace("TCGA-AB-", "TCGA.AB.")
    (folder / f"{PAPER.format('read_count')}.gz").write_bytes(gzip.compress(text.encode()))
    assert ms.ds.read_cohort("tcga_laml", folder).obs["donor"].tolist()[0] == "TCGA-AB-2803"


@pytest.mark.parametrize("name", ["TCGA-LAML.htseq_counts.tsv.gz", "TCGA-LAML.star_counts.tsv"])
def test_tcga_as_xena_has_it(folder, name):
    counts = np.array([[0, 1, 123_456], [7, 0, 3_000_001]])
    genes = ["ENSG00000136244.12", "ENSG00000184557.4", "ENSG00000075624.15"]
    frame = pd.DataFrame(np.log2(counts.T + 1), index=genes, columns=["TCGA-AB-2803-03A", "TCGA-AB-2807-03B"])
    frame.loc["__no_feature"] = 20.123
    frame.to_csv(folder / name, sep="\t", index_label="Ensembl_ID")
    adata = ms.ds.read_cohort("tcga_laml", folder)
    np.testing.assert_array_equal(adata.X, counts)
    assert (said(adata)["kind"], adata.obs["sample_type"].tolist()) == ("counts", ["03", "03"])
    frame.iloc[0, 0] = 2.345
    frame.to_csv(folder / name, sep="\t", index_label="Ensembl_ID")
    with pytest.raises(ms.InputError, match=r"1 values are not log2\(count \+ 1\)"):
        ms.ds.read_cohort("tcga_laml", folder)


def test_tcga_as_cbioportal_has_it(folder):
    (folder / "data_mrna_seq_v2_rsem.txt").write_text(
        "Hugo_Symbol\tEntrez_Gene_Id\tTCGA-AB-2803-03\tTCGA-AB-2807-03\n"
        "IL6\t3569\t4.5\t0\n\t100130426\t1\t1\nSOCS3\t9021\t310.2\tNA\n".replace("NA", "")
    )
    adata = ms.ds.read_cohort("tcga_laml", folder)
    assert said(adata)["kind"] == "linear"
    assert adata.var_names.tolist() == ["3569", "100130426"]
    assert "1 genes with missing values left out: 9021" in said(adata)["decisions"]


def beataml(folder, *, suffix=".xlsx"):
    (folder / "beataml_waves1to4_counts_dbgap.txt").write_text(
        "stable_id\tdisplay_label\tdescription\tbiotype\tBA2392R\tBA2611R\tBA3440R\n"
        'ENSG00000136244\tIL6\tinterleukin 6, "B\tprotein_coding\t4\t0\t2\n'
        "ENSG00000184557\tSOCS3\tsuppressor\tprotein_coding\t310\t12\t5\n"
    )
    clinical = pd.DataFrame(
        {
            "dbgap_subject_id": ["2392", "2392", "9"], "dbgap_dnaseq_sample": ["BA2392D", "", "BA9D"],
            "dbgap_rnaseq_sample": ["BA2392R", "BA2611R", ""], "%.Blasts.in.BM": ["80", "5/6", ""],
            "diseaseStageAtSpecimenCollection": ["Initial Diagnosis", "Relapse", "Remission"],
        }
    )  # fmt: skip
    mapping = pd.DataFrame(
        {
            "dbgap_rnaseq_sample": ["BA2392R", "BA2611R", "BA3440R", ""],
            "rna_control": ["", "", "Healthy pooled CD34+", ""], "patientId": ["1", "1", "0", "3"],
        }
    )  # fmt: skip
    for name, frame in (("beataml_wv1to4_clinical", clinical), ("beataml_waves1to4_sample_mapping", mapping)):
        if suffix == ".xlsx":
            with pd.ExcelWriter(folder / f"{name}.xlsx") as book:
                pd.DataFrame({"note": ["read me"]}).to_excel(book, sheet_name="read me", index=False)
                frame.to_excel(book, sheet_name="summary", index=False)
        else:
            frame.to_csv(folder / f"{name}{suffix}", sep="," if suffix == ".csv" else "\t", index=False)


@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".txt"])
def test_beat_aml(folder, suffix):
    beataml(folder, suffix=suffix)
    adata = ms.ds.read_cohort("beataml2", folder)
    assert adata.obs_names.tolist() == ["BA2392R", "BA2611R", "BA3440R"]
    assert adata.obs["donor"].tolist() == ["2392", "2392", ""]
    assert adata.obs["rna_control"].tolist() == ["", "", "Healthy pooled CD34+"]
    assert adata.obs["diseaseStageAtSpecimenCollection"].tolist() == ["Initial Diagnosis", "Relapse", ""]
    assert adata.X.tolist() == [[4, 310], [0, 12], [2, 5]]
    assert adata.var["symbol"].tolist() == ["IL6", "SOCS3"]
    assert "describes 2 of 3 samples" in said(adata)["decisions"]


def test_beat_aml_without_what_lies_beside(folder):
    beataml(folder)
    (folder / "beataml_wv1to4_clinical.xlsx").unlink()
    (folder / "beataml_waves1to4_sample_mapping.xlsx").write_bytes(b"no workbook")
    with pytest.raises(ms.InputError, match=r"sample_mapping\.xlsx is no Excel workbook"):
        ms.ds.read_cohort("beataml2", folder)
    (folder / "beataml_waves1to4_sample_mapping.xlsx").unlink()
    adata = ms.ds.read_cohort("beataml2", folder)
    assert "dbgap_subject_id unknown" in said(adata)["decisions"]
    assert "donor" not in adata.obs


def van_galen(folder, adata, prediction="malignant_prediction"):
    """Write cells as the authors did: genes x cells, and a table of cells, a file each for every sample."""
    for i, (sample, cells) in enumerate(adata.obs.groupby("sample", observed=True)):
        part = adata[cells.index]
        frame = pd.DataFrame(
            np.asarray(part.X.todense()).T.astype(int), index=part.var_names, columns=part.obs_names
        )
        frame.to_csv(folder / f"GSM35879{i:02}_{sample}.dem.txt.gz", sep="\t", index_label="Gene")
        anno = pd.DataFrame({"Cell": part.obs_names, "CellType": part.obs["cell_type"].astype(str)})
        anno["PredictionRefined"] = part.obs[prediction].astype(str).to_numpy()
        anno["CyclingScore"] = 0.25
        anno.iloc[::-1].to_csv(folder / f"GSM35879{i + 50}_{sample}.anno.txt.gz", sep="\t", index=False)


@pytest.mark.shared
def test_real_cells_in_the_layout_of_van_galen(folder, shared):
    import anndata as ad

    whole = ad.read_h5ad(shared / "datasets/vangalen_aml_sc_a/data.h5ad")
    samples = ["AML328-D0", "AML328-D29", "BM1"]
    some = np.concatenate([np.flatnonzero(whole.obs["sample"] == s)[:25] for s in samples])
    cells = whole[some].copy()[:, ::10].copy()
    van_galen(folder, cells)
    adata = ms.ds.read_cohort("vangalen2019", folder)[cells.obs_names]
    assert adata.var_names.tolist() == cells.var_names.tolist()
    assert (adata.X != cells.X).nnz == 0
    for column in ("sample", "donor", "cell_type", "malignant_prediction"):
        assert adata.obs[column].tolist() == cells.obs[column].astype(str).tolist(), column
    assert adata.obs["day"].unique().tolist() == ["0", "29", ""]
    assert said(adata)["kind"] == "counts"


def test_damaged_tables_of_cells_are_refused(folder):
    good = "Gene\tAML1-D0_A\tAML1-D0_C\nIL6\t1\t0\nVIM\t3\t4\n"
    (folder / "GSM1_AML1-D0.dem.txt").write_text(good)
    (folder / "GSM2_AML2-D0.dem.txt").write_text(good.replace("AML1", "AML2").replace("VIM", "SPI1"))
    with pytest.raises(ms.InputError, match="AML2-D0 and AML1-D0 differ in 2 genes: SPI1, VIM"):
        ms.ds.read_cohort("vangalen2019", folder)
    (folder / "GSM2_AML2-D0.dem.txt").write_text("Gene\tAML2-D0_A\nVIM\t3\nIL6\t1\n")
    adata = ms.ds.read_cohort("vangalen2019", folder)
    assert adata["AML2-D0_A"].X.toarray().tolist() == [[1, 3]]  # in the order of the first table
    assert "cell types unknown" in said(adata)["decisions"]
    (folder / "GSM2_AML2-D0.dem.txt").write_text(good)
    with pytest.raises(ms.InputError, match="Two cells have the same name"):
        ms.ds.read_cohort("vangalen2019", folder)
    (folder / "GSM2_AML2-D0.dem.txt").write_text("Gene\tAML2-D0_A\nVIM\t3\nIL6\tx\n")
    with pytest.raises(ms.InputError, match="no complete table of counts"):
        ms.ds.read_cohort("vangalen2019", folder)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tcga_laml", "gdc.cancer.gov/about-data/publications/laml_2012.*Terms: open-access"),
        ("beataml2", "biodev.github.io/BeatAML2"),
        ("vangalen2019", "acc=GSE116256"),
    ],
)
def test_what_is_missing_is_named_with_its_owner(folder, name, words):
    (folder / "notes.txt").write_text("x")
    with pytest.raises(ms.InputError, match=f"it holds notes.txt.*{words}"):
        ms.ds.read_cohort(name, folder)


def test_other_layouts_are_refused(folder):
    with pytest.raises(ms.InputError, match=r"not a known cohort\. Use one of 'tcga_laml'"):
        ms.ds.read_cohort("target", folder)
    (folder / PAPER.format("read_count")).write_text(READS.replace("IL6|3569_calculated", "IL6"))
    with pytest.raises(ms.InputError, match=r"1 rows are not named .*: IL6"):
        ms.ds.read_cohort("tcga_laml", folder)
    (folder / PAPER.format("read_count")).write_text(READS.replace("TCGA-AB-2963", "patient 3"))
    with pytest.raises(ms.InputError, match="1 columns are not TCGA barcodes: patient 3"):
        ms.ds.read_cohort("tcga_laml", folder)
    (folder / "TCGA-LAML.star_counts.tsv").write_text("gene\tTCGA-AB-2803-03A\nx\t1\n")
    with pytest.raises(ms.InputError, match="no column 'Ensembl_ID', so it is another file"):
        ms.ds.read_cohort("tcga_laml", folder, file="TCGA-LAML.star_counts.tsv")
