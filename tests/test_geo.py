"""A series by its accession, from a server on this computer that has the layout of GEO."""

from __future__ import annotations

import gzip
import io
import tarfile
import warnings

import anndata
import numpy as np
import openpyxl
import pandas as pd
import pytest

import marrowsig as ms

GSM = ["GSM1", "GSM2", "GSM3", "GSM4"]
TITLES = ["HL60 alone rep1", "HL60 alone rep2", "HL60 with HS-5 rep1", "HL60 with HS-5 rep2"]
CHARACTERISTICS = [
    ["cell line: HL-60"] * 4,
    ["treatment: none", "treatment: none", "treatment: co-culture, 48h", "dose: 2: 1"],
    ["cell line: HL-60", "", "passage: 3", "passage: 4"],
]
PROBES = {"p1": [5.5, 6.5, 7.5, 8.25], "p2": [1.5, 1.25, 1.5, 1.75], "p3": [3.5, 3.25, 9.5, 9.75],
          "p4": [2.5, 2.25, 2.0, 2.5], "p5": [4.5, 4.25, 4.0, 4.5]}  # fmt: skip
ANNOTATION = """^Annotation
!Annotation_date = Nov 23 2007
#ID = identifier
!platform_table_begin
ID\tGene title\tGene symbol\tGene ID
p1\tinterleukin 6\tIL6\t3569
p2\tinterleukin 6\tIL6\t3569
p3\ttwo genes\tDDR1///MIR4640\t780///1
p4\tcontrol\t\t
p5\tsocs3, "quoted\tSOCS3\t9021
!platform_table_end
"""


def matrix(rows=PROBES, *, gsm=GSM, titles=TITLES, platform="GPL9000", more=CHARACTERISTICS, count=None):
    def line(key, cells):
        return key + "\t" + "\t".join(f'"{c}"' for c in cells)

    lines = [
        '!Series_title\t"a study"',
        "",
        line("!Sample_title", titles),
        line("!Sample_geo_accession", gsm),
    ]
    lines += [line("!Sample_source_name_ch1", ["HL-60 cells"] * len(gsm))]
    lines += [line("!Sample_characteristics_ch1", cells[: len(gsm)]) for cells in more]
    lines += [line("!Sample_platform_id", [platform] * len(gsm))]
    lines += [line("!Sample_data_row_count", [str(len(rows) if count is None else count)] * len(gsm))]
    lines += ["!series_matrix_table_begin", line('"ID_REF"', gsm)]
    lines += [f'"{name}"\t' + "\t".join(map(str, values)) for name, values in rows.items()]
    return gzip.compress(("\n".join([*lines, "!series_matrix_table_end"]) + "\n").encode(), 1)


def table(columns, *, shift=0):
    genes = ["IL6", "SOCS3", "GAPDH", "VIM", "STAT3", "CDH1"]
    rows = ["\t".join(["gene", *columns])]
    rows += [
        "\t".join([g, *(str(10 * i + j + shift) for j in range(len(columns)))])
        for i, g in enumerate(genes, 1)
    ]
    return gzip.compress(("\n".join(rows) + "\n").encode(), 1)


def tar(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


def rna_seq(archive, **options):
    archive.series("GSE1234", "matrix", "GSE1234_series_matrix.txt.gz", matrix({}, **options))


def note(adata):
    return adata.uns["marrowsig"]["source"]


def test_array_with_genes_by_its_platform(archive, tmp_path):
    archive.series("GSE1234", "matrix", "GSE1234_series_matrix.txt.gz", matrix())
    archive.put(
        "/ftp.ncbi.nlm.nih.gov/geo/platforms/GPL9nnn/GPL9000/annot/GPL9000.annot.gz",
        gzip.compress(ANNOTATION.encode()),
    )
    adata = ms.ds.geo("gse1234")
    assert list(adata.obs_names) == GSM
    assert list(adata.var_names) == ["IL6", "SOCS3"]
    assert adata.var["probe"].tolist() == ["p1", "p5"]
    assert adata.var["n_probes"].tolist() == [2, 1]
    np.testing.assert_array_equal(adata[:, "IL6"].X.ravel(), PROBES["p1"])
    assert adata.obs["title"].tolist() == TITLES
    assert adata.obs["cell_line"].tolist() == ["HL-60"] * 4  # given twice, kept once
    assert adata.obs["treatment"].tolist() == ["none", "none", "co-culture, 48h", ""]
    assert adata.obs["dose"].tolist() == ["", "", "", "2: 1"]
    assert adata.obs["passage"].tolist() == ["", "", "3", "4"]
    said = note(adata)
    assert (said["accession"], said["route"]) == ("GSE1234", "matrix")
    assert "1 probes of no gene and 1 of several dropped" in said["decisions"]
    files = said["files"]
    assert files["url"].str.startswith("https://ftp.ncbi.nlm.nih.gov/geo/").all()
    assert files["bytes"].tolist() == [len(archive.files[p]) for p in archive.files]
    assert (files["sha256"].str.len() == 64).all()
    adata.write_h5ad(tmp_path / "x.h5ad")
    back = anndata.read_h5ad(tmp_path / "x.h5ad").uns["marrowsig"]["source"]
    assert back["files"]["sha256"].tolist() == files["sha256"].tolist()


def test_probes_by_mean_and_kept(archive):
    archive.series("GSE1234", "matrix", "GSE1234_series_matrix.txt.gz", matrix())
    archive.put(
        "/ftp.ncbi.nlm.nih.gov/geo/platforms/GPL9nnn/GPL9000/annot/GPL9000.annot.gz",
        gzip.compress(ANNOTATION.encode()),
    )
    mean = ms.ds.geo("GSE1234", probes="mean")
    np.testing.assert_allclose(mean[:, "IL6"].X.ravel(), np.mean([PROBES["p1"], PROBES["p2"]], axis=0))
    assert list(ms.ds.geo("GSE1234", probes="keep").var_names) == list(PROBES)


def test_platform_without_annotation_by_the_table_of_its_submitter(archive):
    archive.series("GSE1234", "matrix", "GSE1234_series_matrix.txt.gz", matrix())
    assigned = "NM_1 // IL6 // interleukin 6; long // 7p // 3569 /// ENST1 // IL6 // x // 7p // 3569"
    soft = (
        "^PLATFORM = GPL9000\n!Platform_title = a\n#ID = \n!platform_table_begin\nID\tgene_assignment\n"
        f"p1\t{assigned}\np5\t---\np3\tNM_2 // DDR1 // d // 6p /// NR_3 // MIR4640 // m // 6p\n"
        "!platform_table_end\n"
    )
    archive.put("/www.ncbi.nlm.nih.gov/geo/query/acc.cgi?targ=self&acc=GPL9000&form=text&view=full", soft)
    adata = ms.ds.geo("GSE1234")
    assert list(adata.var_names) == ["IL6"]
    assert "gene_assignment" in note(adata)["decisions"]
    del archive.files["/www.ncbi.nlm.nih.gov/geo/query/acc.cgi?targ=self&acc=GPL9000&form=text&view=full"]
    for file in archive.cache.rglob("GPL9000*"):
        file.unlink()
    with pytest.raises(ms.InputError, match="probes='keep'"):
        ms.ds.geo("GSE1234")
    other = "^DATABASE = Geo\n^PLATFORM = GPL1\n!platform_table_begin\nID\tSymbol\np1\tTP53\n"
    family = f"{other}!platform_table_end\n{soft}"
    archive.series("GSE1234", "soft", "GSE1234_family.soft.gz", gzip.compress(family.encode()))
    assert list(ms.ds.geo("GSE1234").var_names) == ["IL6"]


def test_several_platforms_must_be_chosen(archive):
    for platform, gsm in (("GPL9000", GSM[:2]), ("GPL9001", GSM[2:])):
        body = matrix({k: v[:2] for k, v in PROBES.items()}, gsm=gsm, titles=TITLES[:2], platform=platform)
        archive.series("GSE1234", "matrix", f"GSE1234-{platform}_series_matrix.txt.gz", body)
    with pytest.raises(
        ms.InputError, match=r"2 platforms: GPL9000 \(2 samples\), GPL9001 \(2 samples\).*platform="
    ):
        ms.ds.geo("GSE1234")
    with pytest.raises(ms.InputError, match=r"no platform 'GPL1'\. It has: GPL9000, GPL9001"):
        ms.ds.geo("GSE1234", platform="GPL1")
    assert list(ms.ds.geo("GSE1234", platform="gpl9001", probes="keep").obs_names) == GSM[2:]


def test_counts_that_ncbi_computed(archive):
    rna_seq(archive)
    asked = "type=rnaseq_counts&acc=GSE1234&format=file&file=GSE1234_raw_counts_GRCh38.p13_NCBI.tsv.gz"
    genes = "format=file&type=rnaseq_counts&file=Human.GRCh38.p13.annot.tsv.gz"
    html = asked.replace("&", "&amp;")
    links = (f"/geo/download/?{html}", f"/geo/download/?{genes}", f"https://elsewhere.org/geo/download/?{asked}",
             f"/geo/download/?{asked.replace('raw_counts', 'norm_counts_TPM')}")  # fmt: skip
    page = "".join(f'<a href="{link}">x</a>' for link in links)
    archive.put("/www.ncbi.nlm.nih.gov/geo/download/?acc=GSE1234", f"<html>{page}</html>")
    counts = b"GeneID\tGSM3\tGSM1\tGSM2\n3569\t500\t1\t2\n9021\t7\t3\t4\n999999999\t0\t5\t6\n"
    archive.put(f"/www.ncbi.nlm.nih.gov/geo/download/?{asked}", gzip.compress(counts))
    names = b"GeneID\tSymbol\tEnsemblGeneID\n9021\tSOCS3\tENSG00000184557\n3569\tIL6\t\n"
    archive.put(f"/www.ncbi.nlm.nih.gov/geo/download/?{genes}", gzip.compress(names))
    archive.series("GSE1234", "suppl", "GSE1234_counts.txt.gz", table(TITLES))
    with pytest.warns(ms.InputWarning, match="no counts for 1 of 4 samples: GSM4"):
        adata = ms.ds.geo("GSE1234")
    assert note(adata)["route"] == "ncbi"
    assert list(adata.obs_names) == ["GSM3", "GSM1", "GSM2"]
    assert adata.obs.loc["GSM3", "title"] == TITLES[2]
    assert list(adata.var_names) == ["IL6", "SOCS3", "999999999"]
    assert adata[["GSM3"], ["IL6"]].X[0, 0] == 500
    assert adata.uns["marrowsig"]["input"]["kind"] == "counts"
    assert ms.ds.geo_files("GSE1234")["route"].tolist() == ["matrix", "ncbi", "files"]


def workbook(*sheets):
    book, packed = openpyxl.Workbook(), io.BytesIO()
    book.active.title = sheets[0]
    for name in sheets:
        sheet = book[name] if name in book else book.create_sheet(name)
        for line in gzip.decompress(table(TITLES)).decode().splitlines():
            sheet.append([int(c) if c.isdigit() else c for c in line.split("\t")])
    book.save(packed)
    return packed.getvalue()


def test_a_workbook_is_read_where_a_series_has_nothing_else(archive):
    rna_seq(archive)
    archive.series("GSE1234", "suppl", "GSE1234_raw_counts.xlsx", workbook("Counts"))
    archive.series("GSE1234", "suppl", "GSE1234_DEG.xlsx", b"PK\x03\x04")
    adata = ms.ds.geo("GSE1234")
    assert adata.obs["title"].tolist() == TITLES
    assert adata.uns["marrowsig"]["input"]["kind"] == "counts"


def test_a_workbook_of_several_sheets_is_asked_for_one(archive):
    rna_seq(archive)
    archive.series("GSE1234", "suppl", "GSE1234_raw_counts.xlsx", workbook("Raw", "Other"))
    with pytest.raises(ms.InputError, match=r"'Raw' .*file='GSE1234_raw_counts\.xlsx#SHEET'\)"):
        ms.ds.geo("GSE1234")
    assert ms.ds.geo("GSE1234", file="GSE1234_raw_counts.xlsx#raw").obs["title"].tolist() == TITLES


def test_supplementary_table_joined_to_samples_by_title(archive):
    rna_seq(archive)
    order = [2, 0, 3, 1]
    archive.series(
        "GSE1234", "suppl", "GSE1234_raw_counts.txt.gz", table([TITLES[i].replace(" ", ".") for i in order])
    )
    archive.series("GSE1234", "suppl", "GSE1234_norm_counts.txt.gz", table(TITLES, shift=3))
    archive.series("GSE1234", "suppl", "GSE1234_DEG.xlsx", b"PK\x03\x04")
    adata = ms.ds.geo("GSE1234")
    assert note(adata)["route"] == "files"
    assert list(adata.obs_names) == [GSM[i] for i in order]
    assert adata.obs["title"].tolist() == [TITLES[i] for i in order]
    assert adata[["GSM3"], ["IL6"]].X[0, 0] == 10
    files = ms.ds.geo_files("GSE1234").set_index("name")
    assert files["holds"].tolist() == ["series matrix", "other", "normalised", "counts"]
    named = ms.ds.geo("GSE1234", file="GSE1234_norm_counts.txt.gz")
    assert named[["GSM1"], ["IL6"]].X[0, 0] == 13


def test_columns_that_fit_no_sample_are_said_and_can_be_named(archive):
    rna_seq(archive)
    archive.series("GSE1234", "suppl", "GSE1234_counts.txt.gz", table(["A1", "A2", "B1", "B2"]))
    with pytest.warns(ms.InputWarning, match=r"4 of 4 columns are matched to no sample: A1.*samples="):
        adata = ms.ds.geo("GSE1234")
    assert list(adata.obs_names) == ["A1", "A2", "B1", "B2"]
    assert set(adata.obs["title"]) == {""}
    named = ms.ds.geo(
        "GSE1234", samples=dict(zip(["A1", "A2", "B1", "B2"], [GSM[3], *TITLES[:3]], strict=True))
    )
    assert list(named.obs_names) == ["GSM4", "GSM1", "GSM2", "GSM3"]
    with pytest.raises(ms.InputError, match="no column C9"):
        ms.ds.geo("GSE1234", samples={"C9": GSM[0]})
    with pytest.raises(ms.InputError, match="two columns"):
        ms.ds.geo("GSE1234", samples={"A1": GSM[0], "A2": GSM[0]})


def test_two_tables_of_one_rank_are_refused_by_name(archive):
    rna_seq(archive)
    for name in ("GSE1234_counts_A.txt.gz", "GSE1234_counts_B.txt.gz"):
        archive.series("GSE1234", "suppl", name, table(TITLES))
    with pytest.raises(ms.InputError, match=r"2 tables.*counts_A.*counts_B.*file='GSE1234_counts_A"):
        ms.ds.geo("GSE1234")
    with pytest.raises(ms.InputError, match="has no file 'x'"):
        ms.ds.geo("GSE1234", file="x")


def put_raw(archive, members, listed=None):
    rna_seq(archive)
    body = tar(members)
    archive.series("GSE1234", "suppl", "GSE1234_RAW.tar", body)
    rows = [f"Archive\tGSE1234_RAW.tar\t01/15/2019 12:55:11\t{len(body)}\tTAR"]
    rows += [f"File\t{name}\t01/15/2019 12:55:11\t{len(b)}\tTXT" for name, b in (listed or members).items()]
    archive.series(
        "GSE1234", "suppl", "filelist.txt", "#Archive/File\tName\tTime\tSize\tType\n" + "\n".join(rows) + "\n"
    )


def test_tables_of_single_samples_are_joined(archive):
    def htseq(step, names=("IL6", "SOCS3", "GAPDH")):
        lines = [f"{g}\t{step * (i + 1)}" for i, g in enumerate(names)]
        return gzip.compress("\n".join([*lines, "__no_feature\t5\n"]).encode())

    other_order = htseq(2, ("GAPDH", "IL6", "SOCS3"))
    put_raw(archive, {"GSM1_a_counts.txt.gz": htseq(1), "GSM2_b_counts.txt.gz": other_order,
                      "GSM1_a_qc.bw": b"x", "GSM2_b.fpkm.txt.gz": htseq(9)})  # fmt: skip
    adata = ms.ds.geo("GSE1234")
    assert list(adata.obs_names) == ["GSM1", "GSM2"]
    assert adata.to_df().loc["GSM2"].to_dict() == {"GAPDH": 2, "IL6": 4, "SOCS3": 6}
    assert adata.obs["title"].tolist() == TITLES[:2]
    listed = ms.ds.geo_files("GSE1234")
    assert (listed["inside"] == "GSE1234_RAW.tar").sum() == 4
    assert not list(archive.cache.glob("unpacked-*"))


def test_tenx_triplets_of_single_samples_are_joined(archive):
    def triplet(gsm, values):
        head = "%%MatrixMarket matrix coordinate integer general\n3 2 2\n"
        genes = "".join(f"ENSG0000000000{i}\t{s}\tGene Expression\n" for i, s in enumerate("ABB"))
        parts = {
            "matrix.mtx": head + "".join(values),
            "barcodes.tsv": "AAA-1\nCCC-1\n",
            "features.tsv": genes,
        }
        return {f"{gsm}_s_{name}.gz": gzip.compress(text.encode()) for name, text in parts.items()}

    put_raw(archive, triplet("GSM1", ["1 1 5\n", "3 2 7\n"]) | triplet("GSM3", ["2 1 4\n", "3 1 1\n"]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.GeneWarning)
        adata = ms.ds.geo("GSE1234")
    assert list(adata.obs_names) == ["GSM1_AAA-1", "GSM1_CCC-1", "GSM3_AAA-1", "GSM3_CCC-1"]
    assert adata.X.toarray().tolist() == [[5, 0, 0], [0, 0, 7], [0, 4, 1], [0, 0, 0]]
    assert adata.obs["title"].tolist() == [TITLES[0]] * 2 + [TITLES[2]] * 2
    assert adata.obs["sample"].tolist() == ["GSM1", "GSM1", "GSM3", "GSM3"]


def test_what_a_series_does_not_have_is_refused(archive):
    with pytest.raises(ms.DownloadError, match=r"404.*acc=GSE1234"):
        ms.ds.geo("GSE1234")
    rna_seq(archive)
    with pytest.raises(
        ms.InputError, match=r"no supplementary file that reads as an expression matrix\. It has none"
    ):
        ms.ds.geo("GSE1234")
    with pytest.raises(ms.InputError, match="offers no computed counts"):
        ms.ds.geo("GSE1234", route="ncbi")
    with pytest.raises(ms.InputError, match="holds no values"):
        ms.ds.geo("GSE1234", route="matrix")


OTHERS = {"GSM12": "a sample", "PRJNA1": "a BioProject", "GSE": "no GEO", "GSE1/../x": "no GEO", 5: "no GEO"}


@pytest.mark.parametrize(("accession", "words"), OTHERS.items())
def test_other_accessions_are_refused(accession, words):
    with pytest.raises(ms.InputError, match=words):
        ms.ds.geo(accession)


def test_offline_uses_the_cache_and_nothing_else(archive, monkeypatch):
    archive.series("GSE1234", "matrix", "GSE1234_series_matrix.txt.gz", matrix())
    one = ms.ds.geo("GSE1234", probes="keep")
    asked = len(archive.asked)
    monkeypatch.setenv("MARROWSIG_OFFLINE", "1")
    two = ms.ds.geo("GSE1234", probes="keep")
    assert len(archive.asked) == asked
    pd.testing.assert_frame_equal(one.to_df(), two.to_df())
    with pytest.raises(ms.DownloadError, match="MARROWSIG_OFFLINE is set"):
        ms.ds.geo("GSE99999")


@pytest.mark.shared
def test_real_series_matrix_and_its_cut_copy(archive, shared):
    folder = shared / "formats" / "geo_series_matrix"
    whole = (folder / "GSE48558_first1500probes_series_matrix.txt.gz").read_bytes()
    path = archive.series("GSE48558", "matrix", "GSE48558_series_matrix.txt.gz", whole)
    with pytest.warns(ms.InputWarning, match="32321"):
        adata = ms.ds.geo("GSE48558", probes="keep")
    assert adata.shape == (170, 1500)
    assert adata.obs["source_name"].nunique() == 11
    assert set(adata.obs["phenotype"]) == {"Leukemia", "Normal"}
    archive.files[path] = (folder / "GSE48558_truncated_download_series_matrix.txt.gz").read_bytes()
    for file in archive.cache.rglob("*series_matrix*"):
        file.unlink()
    with pytest.raises(ms.DownloadError, match="cut off"):
        ms.ds.geo("GSE48558", probes="keep")
    assert not list(archive.cache.rglob("*series_matrix.txt.gz"))


@pytest.mark.slow
@pytest.mark.shared
def test_every_real_file_through_this_door(archive, shared):
    """Each as a supplementary file: read as by its path, or refused as by its path."""
    rna_seq(archive)
    files = {p for p in (shared / "formats").rglob("*") if p.is_file() and p.suffix not in (".md", ".cls")}
    tenx = {p for p in files if p.parent.name.startswith("tenx_mtx")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.InputWarning)
        warnings.simplefilter("ignore", ms.GeneWarning)
        refused = set()
        for path in sorted(files - tenx):
            archive.series("GSE1234", "suppl", path.name, path.read_bytes())
            want, why = attempt(lambda p=path: ms.io.read(p))
            got, said = attempt(lambda p=path: read_fresh(archive, p.name))
            if why:
                refused.add(path.name.split("_")[-1])
                assert path.name in said or "values are missing" in said
                continue
            np.testing.assert_array_equal(dense(got), dense(want))
            assert list(got.var_names) == list(want.var_names)
            assert got.obs["column"].tolist() == list(want.obs_names)
        assert "genomes.h5" in refused
        for folder in sorted({p.parent for p in tenx}):
            members = {f"GSM2_{p.name}": p.read_bytes() for p in tenx if p.parent == folder}
            put_raw(archive, members)
            want, got = ms.io.read(folder), read_fresh(archive, "GSE1234_RAW.tar")
            np.testing.assert_array_equal(dense(got), dense(want))
            assert set(got.obs["sample"]) == {"GSM2"}
        two = ms.ds.geo("GSE1234", file="v1.2.0_multiple_genomes.h5", genome="hg19_chr21")
    assert two.n_obs > 0


def attempt(read):
    try:
        return read(), ""
    except (ms.InputError, ms.DownloadError) as error:
        return None, str(error)


def read_fresh(archive, name):
    for file in archive.cache.rglob("*"):
        if file.is_file():
            file.unlink()
    return ms.ds.geo("GSE1234", file=name)


def dense(adata):
    return adata.X.toarray() if hasattr(adata.X, "toarray") else adata.X


def test_listed_names_that_lead_elsewhere_are_not_followed():
    from marrowsig.ds._geo_listing import listed

    links = ["../../etc/passwd", "%2e%2e%2fx.txt", "/root.txt", "..", ".hidden", "a/b.txt", "a%2Fb.txt",
             "a%5Cb.txt", "https://elsewhere.org/x.txt", "?C=N;O=D", "x.txt%00", "C:x.txt", "good%20name.txt",
             "good.txt"]  # fmt: skip
    page = "".join(f'<a href="{link}">{link}</a>   2024-01-01 00:00  6.2K\n' for link in links)
    assert listed(page) == [("good name.txt", 6348), ("good.txt", 6348)]


def test_archive_with_a_trick_writes_nowhere(archive):
    put_raw(archive, {"GSM1_counts.txt": b"IL6\t1\nVIM\t2\n", "../GSM2_counts.txt": b"IL6\t1\nVIM\t2\n"})
    before = {p for p in archive.cache.parent.rglob("*") if p.is_file()}
    with pytest.raises(ms.InputError, match="leads outside"):
        ms.ds.geo("GSE1234")
    new = {p for p in archive.cache.parent.rglob("*") if p.is_file()} - before
    assert all(archive.cache in p.parents for p in new)
    assert not list(archive.cache.glob("unpacked-*"))


def test_from_an_accession_to_questions(archive):
    """Read, run the proposal, map the genes: the questions are those of the study as it was."""
    toy = ms.ds.toy()
    said = {"mono": "alone", "co": "with HS-5 stroma", "parental": "parental", "resistant": "AraC-resistant"}
    about = [(said[r.line], said[r.culture], r.pair) for r in toy.obs.itertuples()]
    titles = [f"{line} HL-60 cells, {culture}, {pair}" for line, culture, pair in about]
    lines = [f"HL-60 {line}" for line, _, _ in about]
    gsm = [f"GSM{i}" for i in range(len(toy))]
    more = [[f"cell line: {line}" for line in lines], [f"donor: {p}" for p in toy.obs["pair"]]]
    rna_seq(archive, gsm=gsm, titles=titles, more=more)
    counts = toy.to_df().set_axis(titles, axis=0).T.astype(int)
    archive.series("GSE1234", "suppl", "GSE1234_counts.csv.gz", gzip.compress(counts.to_csv().encode()))
    adata = ms.ds.geo("GSE1234")
    space = {"ms": ms, "adata": adata}
    exec(ms.ds.suggest_design(adata).code, space)
    ms.pp.map_genes(adata)
    pd.testing.assert_frame_equal(adata.to_df(), toy.to_df().set_axis(gsm, axis=0), check_dtype=False)
    want = ms.Design(culture="culture", line="line", pair="pair").contrasts(toy.obs)
    found = space["design"].contrasts(adata.obs)
    columns = ["contrast", "test", "base", "estimable", "n"]
    said = found[columns].replace({"HL-60 ": "", "AraC-": ""}, regex=True)
    pd.testing.assert_frame_equal(said, want[columns])
