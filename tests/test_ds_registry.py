"""The registry of public studies: in order, honest, and read with its design."""

from __future__ import annotations

import gzip
import tomllib
import warnings
from pathlib import Path

import pytest

import marrowsig as ms
from marrowsig.ds._registry import design_rows, problems, registry

DATA = Path(__file__).resolve().parents[1] / "data"
PLATFORM = "/ftp.ncbi.nlm.nih.gov/geo/platforms/GPL10nnn/GPL10558/annot"
GSM = [f"GSM{3421746 + i}" for i in range(12)]


def entries():
    return tomllib.loads((DATA / "registry.toml").read_text(encoding="utf-8"))


def matrix(gsm, titles=None):
    def line(key, cells):
        return key + "\t" + "\t".join(f'"{c}"' for c in cells)

    text = [
        line("!Sample_title", titles or [f"sample {i}" for i in range(len(gsm))]),
        line("!Sample_geo_accession", gsm),
        line("!Sample_characteristics_ch1", ["line: K562"] * len(gsm)),
        line("!Sample_platform_id", ["GPL10558"] * len(gsm)),
        "!series_matrix_table_begin",
        line('"ID_REF"', gsm),
        *(
            f'"{g}"\t' + "\t".join(f"{i + j / 7:.3f}" for j in range(len(gsm)))
            for i, g in enumerate(["a", "b"], 5)
        ),
        "!series_matrix_table_end",
    ]
    return gzip.compress(("\n".join(text) + "\n").encode(), 1)


def annotation():
    return gzip.compress(
        b"#ID = identifier\n!platform_table_begin\nID\tGene symbol\tGene ID\na\tIL6\t3569\nb\tSOCS3\t9021\n"
        b"!platform_table_end\n", 1,
    )  # fmt: skip


def test_the_registry_is_in_order():
    assert problems(entries(), DATA / "designs") == []
    assert len(registry()) == len(entries()) > 50


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"what": ""}, "what: missing"),
        ({"axes": ["emt", "love"]}, "axes: 'love' is none of"),
        ({"verified": "sure"}, "verified: 'sure' is none of"),
        ({"verified": "unverified", "unknown": []}, "unknown: an unverified entry says what is not known"),
        ({"doi": "doi:10.1/x"}, "doi: 'doi:10.1/x' is none"),
        ({"pmid": "PMC1"}, "pmid: 'PMC1' is none"),
        ({"n": "12"}, "n: '12' is no int"),
        ({"colour": "red"}, "colour: no such field"),
        ({"n": 169}, "170 rows, but the entry has n = 169"),
        ({"verified": "unverified"}, "its entry is unverified"),
    ],
)
def test_the_check_finds_what_is_wrong(change, found):
    rows = entries()
    rows["GSE48558"] = rows["GSE48558"] | change
    assert any(found in text for text in problems(rows, DATA / "designs"))


def test_the_check_finds_wrong_designs(tmp_path):
    (tmp_path / "GSE1.csv").write_text("sample,line\nGSM1,a\nGSM1,b\n")
    (tmp_path / "GSE48558.csv").write_text("sample,line\nHL60,a,3\n")
    found = problems(entries(), tmp_path)
    for text in (
        "GSE1.csv: no such entry",
        "one occurs twice",
        "'HL60' is no GSM",
        "rows of different length",
    ):
        assert any(text in f for f in found), text


def test_nothing_unverified_is_offered_as_verified():
    offered = ms.ds.table(verified=True)
    assert set(offered["verified"]) == {"held", "page", "repo"}
    rest = ms.ds.table(verified=False)
    assert set(rest["name"]) == {"GSE17708", "GSE78102", "GSE96583", "GSE97393"}
    assert (rest["unknown"] != "").all()
    assert len(offered) + len(rest) == len(ms.ds.table())
    assert ms.ds.table(axis="coculture", verified=True)["axes"].str.contains("coculture").all()
    assert ms.ds.table().set_index("name")["n"].isna()["GSE114633"]
    with pytest.raises(ms.InputError, match="axis='stress' is unknown"):
        ms.ds.table(axis="stress")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("GSE97393", "is unverified: from memory.*Not known: title.*unverified=True"),
        ("gse116256", "read_cohort..vangalen2019., folder"),
        ("TCGA-LAML", "Terms: GDC"),
        ("E-MTAB-12607", "not at GEO .ArrayExpress."),
        ("GSE1", "not in the registry.*ms.ds.geo..GSE1.."),
        ("GSE48559", "Near it: GSE48558"),
    ],
)
def test_what_cannot_be_loaded_says_why(name, message):
    with pytest.raises(ms.InputError, match=message):
        ms.ds.load(name)


def test_a_design_is_put_beside_the_samples(archive):
    archive.series("GSE120932", "matrix", "GSE120932_series_matrix.txt.gz", matrix(GSM))
    archive.put(f"{PLATFORM}/GPL10558.annot.gz", annotation())
    with pytest.warns(ms.InputWarning, match="arms of 6 of 12 samples are not known: GSM3421749"):
        adata = ms.ds.load("GSE120932")
    assert adata.obs["line"].value_counts().to_dict() == {"parental": 3, "resistant": 3}
    assert adata.obs.loc["GSM3421752", ["line", "drug"]].tolist() == ["resistant", "none"]
    assert adata.obs["line"].isna().sum() == 6
    assert set(adata.obs["line_geo"]) == {"K562"}
    note = adata.uns["marrowsig"]["registry"]
    assert (note["verified"], note["designed"], note["n"]) == ("repo", 6, 12)
    assert "n" not in {k for k, v in note.items() if v is None}


def test_other_samples_than_those_of_the_design_are_refused(archive):
    archive.series("GSE120932", "matrix", "GSE120932_series_matrix.txt.gz", matrix(GSM[1:]))
    archive.put(f"{PLATFORM}/GPL10558.annot.gz", annotation())
    with pytest.raises(ms.InputError, match="1 of the 6 samples of its design did not come: GSM3421746"):
        ms.ds.load("GSE120932")


def test_titles_are_compared(archive):
    rows = design_rows("GSE48558")
    titles = [r["title"] for r in rows]
    gsm = [r["sample"] for r in rows]
    archive.series(
        "GSE48558", "matrix", "GSE48558_series_matrix.txt.gz", matrix(gsm, titles[1:] + titles[:1])
    )
    archive.put(f"{PLATFORM}/GPL10558.annot.gz", annotation())
    with pytest.raises(ms.InputError, match="170 samples have other titles"):
        ms.ds.load("GSE48558")


def test_without_a_design_a_warning_says_so(archive):
    archive.series("GSE17708", "matrix", "GSE17708_series_matrix.txt.gz", matrix(GSM[:4]))
    archive.put(f"{PLATFORM}/GPL10558.annot.gz", annotation())
    with pytest.warns(ms.InputWarning, match="no curated design. Unknown: title"):
        adata = ms.ds.load("GSE17708", unverified=True)
    assert adata.n_obs == 4


@pytest.mark.shared
def test_the_design_of_the_header_that_was_read(shared):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.InputWarning)
        adata = ms.io.read(shared / "formats/geo_series_matrix/GSE48558_first1500probes_series_matrix.txt.gz")
    rows = {r["sample"]: r for r in design_rows("GSE48558")}
    assert list(rows) == list(adata.obs_names)
    assert [r["title"] for r in rows.values()] == adata.obs["title"].tolist()
    assert [r["population"] for r in rows.values()] == adata.obs["source_name"].tolist()
    assert all(bool(r["donor"]) == r["population"].endswith("Patient") for r in rows.values())
    assert all(r["donor"].split()[-1] in r["title"] for r in rows.values() if r["donor"])
