"""The gene tables, and what single identifiers resolve to."""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marrowsig import _genes
from marrowsig._gene_dates import iso_reading, named, read_date, symbols_of
from marrowsig._gene_ids import LEVELS, resolve, shares, strip_ensembl
from marrowsig._genes import table

ROOT = Path(__file__).resolve().parents[1]


def one(name: str, id_type: str = "symbol") -> tuple[str, str]:
    call = resolve([name], id_type, table())[0]
    return call.name, call.status


@pytest.mark.parametrize(
    ("name", "id_type", "symbol", "status"),
    [
        ("IL6", "symbol", "IL6", "approved"),
        ("MARCH1", "symbol", "MARCHF1", "previous"),
        ("DDX58", "symbol", "RIGI", "previous"),
        ("IFNB2", "symbol", "IL6", "previous"),
        ("BSF2", "symbol", "IL6", "alias"),
        ("c1orf112", "symbol", "FIRRM", "case"),
        ("C1ORF116", "symbol", "C1orf116", "case"),
        ("il6", "symbol", "IL6", "case"),
        ("ENSG00000136244", "ensembl", "IL6", "ensembl"),
        ("ENSG00000136244.12", "ensembl", "IL6", "ensembl"),
        ("ENSG00000002586.20_PAR_Y", "ensembl", "CD99", "ensembl"),
        ("ENSGR0000002586.12", "ensembl", "CD99", "ensembl"),
        ("ENSG00000136244.12", "symbol", "IL6", "ensembl"),
        ("3569", "entrez", "IL6", "entrez"),
        ("Il6", "mouse_symbol", "IL6", "ortholog"),
        ("Trp53", "mouse_symbol", "TP53", "ortholog"),
        ("Aars", "mouse_symbol", "AARS1", "previous"),
        ("ENSMUSG00000031960.14", "mouse_ensembl", "AARS1", "ortholog"),
        ("ENSMUSG00000099999", "mouse_ensembl", "ENSMUSG00000099999", "no_ortholog"),
        ("3-Mar", "symbol", "MARCHF3", "date"),
        ("Mar-03", "symbol", "MARCHF3", "date"),
        ("2-Sep", "symbol", "SEPTIN2", "date"),
        ("Sep-02", "symbol", "SEPTIN2", "date"),
        ("02. Sep", "symbol", "SEPTIN2", "date"),
        ("Sep 09", "symbol", "SEPTIN9", "date"),
        ("Mrz 03", "symbol", "MARCHF3", "date"),
        ("1. Dez", "symbol", "DELEC1", "date"),
        ("01. Mrz", "symbol", "01. Mrz", "date_unrecoverable"),
        ("2021-09-06", "symbol", "SEPTIN6", "date"),
        ("1-Dec", "symbol", "DELEC1", "date"),
        ("1-Mar", "symbol", "1-Mar", "date_unrecoverable"),
        ("Mar-02", "symbol", "Mar-02", "date_unrecoverable"),
        ("2006-09-01", "symbol", "2006-09-01", "date_unrecoverable"),
        ("44621", "symbol", "44621", "date_unrecoverable"),
        ("9/2/2006", "symbol", "9/2/2006", "date_unrecoverable"),
        ("4-Oct", "symbol", "4-Oct", "date_unrecoverable"),
        ("QARS", "symbol", "QARS", "ambiguous"),
        ("CTD-3014M21.1", "symbol", "CTD-3014M21.1", "unknown"),
        ("Gm1234", "mouse_symbol", "Gm1234", "no_ortholog"),
        ("99999999", "entrez", "99999999", "unknown"),
    ],
)
def test_one_identifier(name: str, id_type: str, symbol: str, status: str) -> None:
    assert one(name, id_type) == (symbol, status)


def test_a_previous_symbol_goes_before_an_alias() -> None:
    genes = table()
    assert genes.previous["DEC1"] == ("DELEC1",)
    assert genes.alias["DEC1"] == ("BHLHE40",)
    assert one("DEC1") == ("DELEC1", "previous")


def test_year_month_day_is_read_as_the_other_dates_of_the_matrix_say() -> None:
    by_day = resolve(["2006-09-01", "2006-09-06"], "symbol", table())
    by_year = resolve(["2006-09-01", "2001-09-01"], "symbol", table())
    assert [c.name for c in by_day] == ["SEPTIN1", "SEPTIN6"]
    assert [c.name for c in by_year] == ["SEPTIN6", "SEPTIN1"]
    assert iso_reading(["IL6"]) == ""


def test_german_dates_are_read() -> None:
    assert symbols_of(read_date("05.09.2024"), table()) == ("SEPTIN5",)
    assert symbols_of(read_date("01.09.2009", iso="year"), table()) == ("SEPTIN9",)
    assert read_date("05.13.2024") is None


def test_a_serial_number_is_reported_with_its_date() -> None:
    seen = read_date("44621")
    assert seen is not None
    assert "2022-03-01" in named(seen, table(), "")


@pytest.mark.parametrize(
    ("number", "first", "later"),
    [
        ("45546", "2024-09-11 (SEPTIN11)", "2028-09-12 (SEPTIN12)"),
        ("44621", "2022-03-01 (MARCHF1 or MTARC1)", "2026-03-02 (MARCHF2 or MTARC2)"),
        ("44593", "2022-02-01 (no gene)", "2026-02-02 (no gene)"),
    ],
)
def test_a_serial_number_names_the_genes_that_it_can_be(number: str, first: str, later: str) -> None:
    call = resolve([number], "symbol", table())[0]
    assert call.status == "date_unrecoverable"
    assert f"number of {first}, or, in a workbook that counts from 1904, of {later}" in call.note


@pytest.mark.parametrize(
    "name", ["IL6", "CD3-4", "AC004.1", "SEPTIN2", "HLA-A", "1007_s_at", "Mar", "32-bit"]
)
def test_symbols_are_not_dates(name: str) -> None:
    assert read_date(name) is None


def test_no_approved_symbol_is_read_as_a_date() -> None:
    assert [s for s in table().approved if read_date(s)] == []


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (["MARCH1", "MARCHF1"], ["MARCH1", "MARCHF1"]),  # the gene has its own row
        (["10-Mar", "10-Mar"], ["10-Mar", "10-Mar"]),  # two genes, one damaged name
        (["2-Sep", "SEPTIN2"], ["2-Sep", "SEPTIN2"]),
        (["p53", "TP53", "TP53"], ["p53", "TP53", "TP53"]),
        (["DGCR9", "DGCR10"], ["DGCR9", "DGCR10"]),  # two old loci of one gene: neither is the gene
        (["BSF2", "il6"], ["IL6", "il6"]),  # an alias goes before another case
    ],
)
def test_different_identifiers_never_get_one_symbol(ids: list[str], names: list[str]) -> None:
    assert [c.name for c in resolve(ids, "symbol", table())] == names


NAMES = st.sampled_from(
    [
        "IL6",
        "BSF2",
        "il6",
        "MARCH1",
        "MARCHF1",
        "MARCH3",
        "3-Mar",
        "Mar-03",
        "1-Mar",
        "2006-09-01",
        "QARS",
        "QARS1",
        "TP53",
        "p53",
        "xyz",
        "DGCR9",
        "DGCR10",
        "DGCR5",
        "ENSG00000136244.1",
        "ENSG00000136244.2",
    ]
)


@given(st.lists(NAMES, max_size=12))
def test_one_symbol_has_one_source(ids: list[str]) -> None:
    calls = resolve(ids, "symbol", table())
    sources: dict[str, set[str]] = {}
    for call in calls:
        if call.status in LEVELS:
            sources.setdefault(call.name, set()).add(call.key)
    assert all(len(keys) == 1 for keys in sources.values())


@given(st.lists(NAMES, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_the_genes_does_not_matter(ids: list[str], random) -> None:
    order = list(range(len(ids)))
    random.shuffle(order)
    straight = resolve(ids, "symbol", table())
    shuffled = resolve([ids[i] for i in order], "symbol", table())
    assert [(c.name, c.status) for c in shuffled] == [(straight[i].name, straight[i].status) for i in order]


@given(st.lists(NAMES, max_size=12))
def test_resolving_twice_is_resolving_once(ids: list[str]) -> None:
    once = [c.name for c in resolve(ids, "symbol", table())]
    assert [c.name for c in resolve(once, "symbol", table())] == once


def test_shares_tell_the_types_apart() -> None:
    assert shares(["IL6", "TP53"], table())["symbol"] == 1
    assert shares(["Il6", "Trp53"], table())["mouse_symbol"] == 1
    assert shares(["ENSMUSG00000025746.3"], table())["mouse_ensembl"] == 1
    assert shares(["ENST00000258743.10"], table())["other_ensembl"] == 1
    numbers = shares(["3569", "7892501"], table())
    assert (numbers["numeric"], numbers["entrez"]) == (1, 0.5)


def test_strip_ensembl() -> None:
    assert strip_ensembl("ENSG00000136244.12") == "ENSG00000136244"
    assert strip_ensembl("ENSGR0000002586.12") == "ENSG00000002586"
    assert strip_ensembl("ENST00000258743") == ""


def test_table_is_whole() -> None:
    genes = _genes.table.__wrapped__()
    assert len(genes.approved) > 40_000
    assert len(genes.mouse) > 15_000
    assert set(genes.ensembl.values()) <= genes.approved
    assert all(genes.ensembl[genes.ensembl_of[s]] == s for s in genes.ensembl_of)
    assert set(genes.mouse.values()) <= genes.approved
    assert len(set(genes.mouse_ensembl.values())) == len(genes.mouse_ensembl) > 0.99 * len(genes.mouse)
    assert genes.mouse_ensembl["ENSMUSG00000004040"] == "STAT3"
    assert set(genes.mouse_old.values()) <= set(genes.mouse)
    assert not set(genes.mouse_old) & set(genes.mouse)
    assert len(set(genes.mouse.values())) == len(genes.mouse)


@pytest.mark.shared
def test_previous_symbols_of_published_sets(shared: Path) -> None:
    with (shared / "reference/genesets/_evidence/SYMBOL_UPDATES.tsv").open(newline="") as handle:
        rows = [r for r in csv.DictReader(handle, delimiter="\t") if r["how"] == "previous_symbol"]
    assert rows
    wrong = {r["source_symbol"]: one(r["source_symbol"]) for r in rows}
    assert {r["source_symbol"] for r in rows if wrong[r["source_symbol"]][0] != r["current_symbol"]} == set()


def content(path: Path) -> bytes:
    """Unpacked: the packed bytes are the compressor's choice."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@pytest.mark.shared
def test_shipped_tables_are_what_the_script_makes(shared: Path, tmp_path: Path) -> None:
    folder = shared / "reference/genes"
    with gzip.open(folder / "hgnc.tsv.gz", "rt", encoding="utf-8", newline="") as handle:
        symbols = {row["symbol"] for row in csv.DictReader(handle, delimiter="\t")}
    if symbols != table().approved:
        pytest.skip("the HGNC file in the shared folder is another release than the shipped one")
    call = [sys.executable, ROOT / "scripts/make_gene_table.py", folder / "hgnc.tsv.gz"]
    call += [folder / "orthologs_mouse.tsv.gz", "--date", table().date, "--out", tmp_path]
    subprocess.run([str(part) for part in call], check=True)
    made = sorted(p.name for p in tmp_path.iterdir())
    assert {*made} == {p.name for p in (ROOT / "data/genes").iterdir()} - {"mouse_ensembl-100.tsv.gz"}
    for name in made:
        assert content(tmp_path / name) == content(ROOT / "data/genes" / name), name
