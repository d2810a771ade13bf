"""map_genes on matrices: names, duplicates, layers, what is recorded."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

import marrowsig as ms
from marrowsig._genes import table

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = [np.asarray, sparse.csr_matrix, sparse.csc_matrix]


def matrix(genes: list[str], *, kind: str = "counts", form=np.asarray, seed: int = 0) -> ad.AnnData:
    rng = np.random.default_rng(seed)
    values = rng.poisson(50, (4, len(genes))).astype(float)
    if kind == "log":
        values = np.log2(values + 1.5)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Variable names are not unique")
        adata = ad.AnnData(form(values), obs=pd.DataFrame(index=[f"s{i}" for i in range(4)]))
        adata.var_names = genes
    adata.uns["marrowsig"] = {"input": {"kind": kind}}
    return adata


def dense(values) -> np.ndarray:
    return values.toarray() if sparse.issparse(values) else np.asarray(values)


def quietly(adata: ad.AnnData, **options) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.GeneWarning)
        ms.pp.map_genes(adata, **options)


def genes_record(adata: ad.AnnData) -> dict:
    return adata.uns["marrowsig"]["genes"]


@pytest.mark.parametrize("form", FORMATS)
def test_versions_of_one_gene_are_summed_in_counts(form) -> None:
    adata = matrix(["ENSG00000002586.20", "ENSG00000136244.12", "ENSG00000002586.20_PAR_Y"], form=form)
    adata.layers["raw"] = adata.X.copy()
    before = dense(adata.X)
    ms.pp.map_genes(adata)
    assert list(adata.var_names) == ["CD99", "IL6"]
    np.testing.assert_array_equal(dense(adata.X), np.c_[before[:, 0] + before[:, 2], before[:, 1]])
    np.testing.assert_array_equal(dense(adata.layers["raw"]), dense(adata.X))
    assert type(adata.X) is type(form(before))
    assert list(adata.var["ensembl_id"]) == ["ENSG00000002586", "ENSG00000136244"]
    assert list(adata.var["original_id"]) == ["ENSG00000002586.20", "ENSG00000136244.12"]
    assert list(genes_record(adata)["changes"]["status"]) == ["ensembl", "ensembl", "combined"]


@pytest.mark.parametrize("form", FORMATS)
def test_the_strongest_row_is_kept_in_log_values(form) -> None:
    adata = matrix(["TP53", "IL6", "TP53"], kind="log", form=form)
    x = dense(adata.X).copy()
    best = max((0, 2), key=lambda column: x[:, column].mean())
    ms.pp.map_genes(adata)
    assert list(adata.var_names) == ["TP53", "IL6"]
    np.testing.assert_array_equal(dense(adata.X), x[:, [best, 1]])
    assert genes_record(adata)["summary"]["duplicates"] == "max"


@pytest.mark.parametrize("form", FORMATS)
def test_mean_and_error(form) -> None:
    adata = matrix(["TP53", "IL6", "TP53"], form=form)
    with pytest.raises(ms.InputError, match="1 identifiers occur more than once: TP53"):
        ms.pp.map_genes(adata, duplicates="error")
    x = dense(adata.X).copy()
    ms.pp.map_genes(adata, duplicates="mean")
    np.testing.assert_allclose(dense(adata.X)[:, 0], x[:, [0, 2]].mean(axis=1))


def test_sums_of_small_integers_do_not_wrap() -> None:
    adata = matrix(["TP53", "TP53", "IL6"])
    adata.X = np.full((4, 3), 200, dtype=np.uint8)
    ms.pp.map_genes(adata)
    assert adata.X[0].tolist() == [400, 200]


def test_a_log_layer_beside_counts_is_not_summed() -> None:
    adata = matrix(["TP53", "IL6", "TP53"])
    adata.layers["log"] = np.log2(adata.X + 1)
    x = adata.X.copy()
    ms.pp.map_genes(adata)
    best = max((0, 2), key=lambda column: x[:, column].mean())
    np.testing.assert_array_equal(adata.X[:, 0], x[:, 0] + x[:, 2])
    np.testing.assert_array_equal(adata.layers["log"][:, 0], np.log2(x[:, best] + 1))


def test_an_old_symbol_whose_gene_is_there_is_kept_and_reported() -> None:
    adata = matrix(["MARCH1", "MARCHF1", "IL6"])
    x = adata.X.copy()
    with pytest.warns(ms.GeneWarning, match="MARCH1 .means MARCHF1, which has its own row"):
        ms.pp.map_genes(adata)
    assert list(adata.var_names) == ["MARCH1", "MARCHF1", "IL6"]
    np.testing.assert_array_equal(adata.X, x)
    changes = genes_record(adata)["changes"]
    assert changes[["original", "symbol", "status"]].to_numpy().tolist() == [
        ["MARCH1", "MARCH1", "collision"]
    ]


def test_equal_dates_are_two_genes_with_unique_names() -> None:
    adata = matrix(["1-Mar", "IL6", "1-Mar", "2-Sep"])
    with pytest.warns(ms.GeneWarning, match=r"2 dates made by a spreadsheet.* format the column"):
        ms.pp.map_genes(adata)
    assert list(adata.var_names) == ["1-Mar", "IL6", "1-Mar-1", "SEPTIN2"]
    assert adata.n_vars == 4


def test_rows_without_a_name_stay_apart() -> None:
    adata = matrix(["IL6", "TP53", "x1", "x2"])
    adata.var["gene"] = ["IL6", "TP53", "", None]
    ms.pp.map_genes(adata, column="gene")
    assert list(adata.var_names) == ["IL6", "TP53", "x1", "x2"]


def test_a_column_of_symbols_collapses_probes() -> None:
    adata = matrix(["1_at", "2_at", "3_at"], kind="log")
    adata.var["gene"] = pd.Categorical(["IL6", "TP53", "IL6"])
    with pytest.raises(ms.InputError, match="column='gene'"):
        ms.pp.map_genes(adata)
    ms.pp.map_genes(adata, column="gene")
    assert list(adata.var_names) == ["IL6", "TP53"]
    assert set(adata.var["original_id"]) <= {"1_at", "2_at", "3_at"}


def test_mouse_symbols_become_human_ones() -> None:
    adata = matrix(["Il6", "Trp53", "Stat3", "Gm1234", "2-Sep"])
    ms.pp.map_genes(adata)
    assert list(adata.var_names) == ["IL6", "TP53", "STAT3", "Gm1234", "SEPTIN2"]
    summary = genes_record(adata)["summary"]
    assert (summary["species"], summary["n_no_ortholog"]) == ("mouse", 1)


def test_mouse_ensembl_ids_become_human_symbols() -> None:
    adata = matrix(["ENSMUSG00000025746.3", "ENSMUSG00000059552", "ENSMUSG00000099999"])
    with pytest.raises(ms.InputError, match="Mouse Ensembl ids, but species='human'"):
        ms.pp.map_genes(adata, species="human")
    ms.pp.map_genes(adata)
    assert list(adata.var_names) == ["IL6", "TP53", "ENSMUSG00000099999"]
    summary = genes_record(adata)["summary"]
    assert (summary["species"], summary["id_type"], summary["n_no_ortholog"]) == ("mouse", "mouse_ensembl", 1)


def test_an_old_and_a_new_mouse_name_of_one_gene_collide() -> None:
    adata = matrix(["Aars", "Aars1", "Il6", "Trp53"])
    with pytest.warns(ms.GeneWarning, match="Aars .means AARS1, which is also claimed by Aars1"):
        ms.pp.map_genes(adata)
    assert list(adata.var_names) == ["Aars", "AARS1", "IL6", "TP53"]


@pytest.mark.parametrize(
    "names", [["GRCh38_IL6", "GRCh38_VIM", "mm10___Il6"], ["ENSG00000136244", "ENSMUSG00000025746"]]
)
def test_genes_of_two_species_are_sent_on(names: list[str]) -> None:
    with pytest.raises(ms.InputError, match=r"two species.*ms.pp.split_species"):
        ms.pp.map_genes(matrix(names))


@pytest.mark.parametrize("names", [["7892501", "7892502"], ["gene_1", "gene_2"], ["1007_s_at", "1053_at"]])
def test_names_that_are_no_genes_are_refused(names: list[str]) -> None:
    with pytest.raises(ms.InputError, match="not gene identifiers of a known kind"):
        ms.pp.map_genes(matrix(names))


def test_a_matrix_without_genes_is_refused() -> None:
    with pytest.raises(ms.InputError, match="no genes"):
        ms.pp.map_genes(matrix(["IL6"])[:, :0].copy())


def test_transcripts_are_refused() -> None:
    with pytest.raises(ms.InputError, match="Sum transcripts to genes first"):
        ms.pp.map_genes(matrix(["ENST00000258743.10", "ENST00000269305.9"]))


@pytest.mark.parametrize("option", [{"species": "rat"}, {"duplicates": "first"}, {"column": "absent"}])
def test_wrong_options_are_refused(option: dict) -> None:
    with pytest.raises(ms.InputError, match=str(next(iter(option.values())))):
        ms.pp.map_genes(matrix(["IL6"]), **option)


def test_names_of_a_matrix_on_disk_are_mapped_in_memory(tmp_path: Path) -> None:
    names = ["ENSG00000136244.2", "CTGF", "TP53"]
    matrix(names).write_h5ad(tmp_path / "a.h5ad")
    before = (tmp_path / "a.h5ad").read_bytes()
    adata = ad.read_h5ad(tmp_path / "a.h5ad", backed="r")
    for refused in (lambda: ms.pp.map_genes(adata[:2]), lambda: ms.pp.map_genes(adata, copy=True)):
        with pytest.raises(ms.InputError, match=r"on disk .* cannot be copied"):
            refused()
    ms.pp.map_genes(adata)
    assert adata.isbacked
    assert list(adata.var_names) == ["IL6", "CCN2", "TP53"]
    assert list(adata.var["original_id"]) == names
    adata.file.close()
    assert (tmp_path / "a.h5ad").read_bytes() == before


def test_columns_of_one_gene_on_disk_are_not_merged(tmp_path: Path) -> None:
    matrix(["ENSG00000136244.2", "ENSG00000136244.3"]).write_h5ad(tmp_path / "a.h5ad")
    adata = ad.read_h5ad(tmp_path / "a.h5ad", backed="r")
    with pytest.raises(
        ms.InputError, match=r"1 genes have more than one column: ENSG00000136244\.2\..*to_memory"
    ):
        ms.pp.map_genes(adata)
    assert list(adata.var_names) == ["ENSG00000136244.2", "ENSG00000136244.3"]
    adata.file.close()


def test_a_transposed_table_is_told() -> None:
    adata = ms.ds.toy().T
    for verb in (ms.pp.map_genes, ms.pp.lognorm):
        with pytest.raises(ms.InputError, match=r"transposed. Use adata = adata\.T"):
            verb(adata)


@pytest.mark.parametrize(
    ("names", "mapped"),
    [
        (["SOCS3|9021", "MARCH1|55016", "?|100130426"], ["SOCS3", "MARCHF1", "?|100130426"]),
        # A symbol of two rows stays with the row whose id stands for it.
        (["IL6|3569", "TP53|7157", "TP53|999999999"], ["IL6", "TP53", "TP53|999999999"]),
        (["IL6|3569", "TP53|7157", "VIM|999999999"], ["IL6", "TP53", "VIM"]),
        (["IL6|123", "TP53|123", "VIM|7431"], ["IL6", "TP53", "VIM"]),
        (["ENSG00000184557.4_SOCS3", "ENSG00000136244|IL6"], ["SOCS3", "IL6"]),
        (["CTGF_ENSG00000118523", "IL6_ENSG00000136244.1"], ["CCN2", "IL6"]),
        (["ENSG00000136244_PAR_Y", "ENSG00000184557"], ["IL6", "SOCS3"]),
    ],
)
def test_symbols_joined_with_an_id_are_parted(names: list[str], mapped: list[str]) -> None:
    adata = matrix(names)
    ms.pp.map_genes(adata)
    assert list(adata.var_names) == mapped
    assert list(adata.var["original_id"]) == names


def test_copy_leaves_the_input() -> None:
    adata = matrix(["DDX58", "TP53", "TP53"])
    new = ms.pp.map_genes(adata, copy=True)
    assert new is not None
    assert list(new.var_names) == ["RIGI", "TP53"]
    assert list(adata.var_names) == ["DDX58", "TP53", "TP53"]
    assert "genes" not in adata.uns["marrowsig"]


def test_a_view_can_be_mapped() -> None:
    whole = matrix(["DDX58", "TP53", "IL6"])
    view = whole[:2, ["DDX58", "IL6"]]
    ms.pp.map_genes(view)
    assert list(view.var_names) == ["RIGI", "IL6"]
    assert list(whole.var_names) == ["DDX58", "TP53", "IL6"]


def test_the_record_survives_h5ad(tmp_path: Path) -> None:
    adata = matrix(["DDX58", "TP53", "TP53", "IL6"])
    ms.pp.map_genes(adata)
    adata.write_h5ad(tmp_path / "a.h5ad")
    back = ad.read_h5ad(tmp_path / "a.h5ad")
    pd.testing.assert_frame_equal(
        genes_record(back)["changes"], genes_record(adata)["changes"], check_dtype=False
    )
    assert genes_record(back)["summary"] == genes_record(adata)["summary"]
    assert back.var["mapped_symbol"].tolist() == list(back.var_names)


def test_mapping_a_mapped_part_changes_nothing() -> None:
    adata = matrix(["Il6", "Trp53", "Ccl2", "Gm1234"])
    ms.pp.map_genes(adata)
    part = adata[:, 1:].copy()
    before = part.copy()
    ms.pp.map_genes(part)
    assert list(part.var_names) == list(before.var_names)
    pd.testing.assert_frame_equal(part.var, before.var)


NAMES = st.sampled_from(
    [
        "IL6",
        "TP53",
        "TP53",
        "STAT3",
        "DDX58",
        "RIGI",
        "MARCH1",
        "MARCHF1",
        "1-Mar",
        "3-Mar",
        "QARS",
        "p53",
        "lnc-1",
        "c1orf112",
        "ENSG00000136244.1",
        "ENSG00000136244.2",
    ]
)
LISTS = st.lists(NAMES, min_size=2, max_size=10).map(lambda names: ["SOCS3", *names])


@given(genes=LISTS, form=st.sampled_from(FORMATS))
def test_totals_are_kept_and_mapping_is_idempotent(genes: list[str], form) -> None:
    adata = matrix(genes, form=form)
    totals = dense(adata.X).sum(axis=1)
    quietly(adata)
    np.testing.assert_allclose(dense(adata.X).sum(axis=1), totals)
    assert adata.var_names.is_unique
    again, fresh = adata.copy(), adata.copy()
    quietly(again)
    del fresh.uns["marrowsig"]["genes"]
    quietly(fresh)
    for other in (again, fresh):
        assert list(other.var_names) == list(adata.var_names)
        np.testing.assert_array_equal(dense(other.X), dense(adata.X))


@given(genes=LISTS, seed=st.integers(0, 99))
def test_the_order_of_the_genes_does_not_matter(genes: list[str], seed: int) -> None:
    # Equal damaged names are numbered by position, so only one of each here.
    genes = [g for i, g in enumerate(genes) if not g.endswith("-Mar") or g not in genes[:i]]
    order = np.random.default_rng(seed).permutation(len(genes))
    straight = matrix(genes)
    shuffled = matrix([genes[i] for i in order])
    shuffled.X = straight.X[:, order]
    quietly(straight)
    quietly(shuffled)
    assert set(straight.var_names) == set(shuffled.var_names)
    np.testing.assert_allclose(shuffled[:, straight.var_names].X, straight.X)


def read(path: Path) -> ad.AnnData:
    frame = pd.read_csv(path, index_col=0, sep=None, engine="python").select_dtypes("number").T
    adata = matrix(list(frame.columns.astype(str)))
    adata.X = np.resize(frame.to_numpy(dtype=float), adata.shape)
    return adata


def files(folder: Path) -> list[Path]:
    found = sorted(p for p in folder.iterdir() if p.is_file())
    if not found:
        pytest.skip(f"no files in {folder.name}")
    return found


DATED = re.compile(r"(?:(\d+)-(Mar|Sep|Dec)|(Mar|Sep|Dec)-(\d+))")
NEW = {"Mar": "MARCHF", "Sep": "SEPTIN", "Dec": "DELEC"}


@pytest.mark.shared
def test_symbols_that_a_spreadsheet_made_dates(shared: Path) -> None:
    for path in files(shared / "formats/excel_mangled"):
        adata = read(path)
        dates = {n: m for n in adata.var_names if (m := DATED.fullmatch(n))}
        assert dates, path.name
        quietly(adata)
        assert adata.var_names.is_unique
        assert not {"MARCHF1", "MARCHF2", "MTARC1", "MTARC2"} & set(adata.var_names)
        rows = adata.var.reset_index(names="name").groupby("original_id")["name"].agg(list)
        changes = genes_record(adata)["changes"].groupby("original").first()
        for date, parts in dates.items():
            number = parts[1] or parts[4]
            symbol = f"{NEW[parts[2] or parts[3]]}{int(number)}"
            if changes.loc[date, "status"] == "date":
                assert rows[date] == [symbol]
            else:  # several genes, or another row is an older name of the same gene
                assert symbol in changes.loc[date, "note"]
                assert all(name.startswith(date) for name in rows[date])
                assert symbol not in adata.var_names


@pytest.mark.shared
def test_ensembl_ids_with_versions(shared: Path) -> None:
    for path in files(shared / "formats/ensembl_version_ids"):
        adata = read(path)
        originals = list(adata.var_names)
        totals = adata.X.sum(axis=1)
        quietly(adata)
        np.testing.assert_allclose(adata.X.sum(axis=1), totals)
        assert genes_record(adata)["summary"]["id_type"] == "ensembl"
        assert set(adata.var["ensembl_id"]) == {name.split(".")[0] for name in originals}
        expected = [table().ensembl.get(i, i) for i in adata.var["ensembl_id"]]
        assert list(adata.var_names) == expected


@pytest.mark.filterwarnings("ignore:Writing zarr v2")
def test_a_record_without_changes_survives_too(tmp_path: Path) -> None:
    adata = matrix(["IL6", "TP53"])
    ms.pp.map_genes(adata)
    assert len(genes_record(adata)["changes"]) == 0
    adata.write_h5ad(tmp_path / "a.h5ad")
    adata.write_zarr(tmp_path / "a.zarr")
    for back in (ad.read_h5ad(tmp_path / "a.h5ad"), ad.read_zarr(tmp_path / "a.zarr")):
        assert list(genes_record(back)["changes"]) == ["original", "symbol", "status", "note"]


def test_hardly_any_known_name_is_a_warning() -> None:
    with pytest.warns(ms.GeneWarning, match="3 of 4 not in the gene table. lnc-1"):
        ms.pp.map_genes(matrix(["IL6", "lnc-1", "lnc-2", "lnc-3"]))


def test_raw_that_keeps_ensembl_ids_is_told_and_left() -> None:
    ids = ["ENSG00000136244", "ENSG00000184557", "ENSG00000026025"]
    adata = ad.AnnData(np.ones((2, 3)), var=pd.DataFrame(index=ids))
    adata.raw = adata.copy()
    with pytest.warns(ms.GeneWarning, match="adata.raw keeps its names.*use_raw=False"):
        ms.pp.map_genes(adata)
    assert list(adata.var_names) == ["IL6", "SOCS3", "VIM"]
    assert list(adata.raw.var_names) == ids
    symbols = ad.AnnData(np.ones((2, 2)), var=pd.DataFrame(index=["IL6", "IL8"]))
    symbols.raw = symbols.copy()
    ms.pp.map_genes(symbols)  # most names stay: nothing is told
    assert list(symbols.var_names) == ["IL6", "CXCL8"]
