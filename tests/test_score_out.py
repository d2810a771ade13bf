"""Scores into a store, from files that are never held in memory, and runs that are interrupted."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

import marrowsig as ms
from marrowsig import _source
from marrowsig._kernels import threads
from marrowsig.methods import METHODS, Method
from marrowsig.sig import Signature, SignatureSet
from marrowsig.tl import _score_columns, _score_file, _score_progress

zarr = pytest.importorskip("zarr")

N, P = 53, 60
GENES = [f"GENE{i}" for i in range(P)]
SIGS = SignatureSet(
    [
        Signature("emt.up", axis="emt", genes=GENES[2:12]),
        Signature("emt.absent", axis="emt", genes=["ELSE1", "ELSE2"]),
        Signature(
            "il6.both", axis="il6", genes={**dict.fromkeys(GENES[5:9], 1), **dict.fromkeys(GENES[20:23], -1)}
        ),
    ]
)
BY_ROW = [m for m in METHODS if METHODS[m].needs != "cohort"]
FEW = ["singscore", "zscore"]  # one that needs a first pass, and one that does not
PARAMS = {"module": {"n_bins": 5}}


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """Rounds of 4 rows and chunks of 16, so that 53 rows are many."""
    monkeypatch.setattr(_source, "STEP", 4)
    monkeypatch.setattr(_source, "BYTES", 1)
    monkeypatch.setattr(_score_columns, "BUFFER", 1)
    monkeypatch.setattr(_score_columns, "SHORTEST", 16)


def values(seed: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(2, 2, (N, P)) * 4) / 4
    return np.where(rng.random((N, P)) < 0.4, 0.0, x)


def adata_of(x) -> ad.AnnData:
    obs = pd.DataFrame(
        {"culture": pd.Categorical(np.where(np.arange(N) % 2, "co", "mono")), "age": np.arange(N)},
        index=pd.Index([f"s{i}" for i in range(N)], name="cell"),
    )
    adata = ad.AnnData(x, obs=obs)
    adata.var_names = GENES
    adata.layers["log"] = x
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    return adata


def score(adata, method=None, sigs=SIGS, **options):
    given = {k: v for k, v in PARAMS.items() if k in (method or FEW)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.CoverageWarning)
        warnings.simplefilter("ignore", ms.InputWarning)
        ms.tl.score(adata, sigs, **{"method": method or FEW, "params": given, **options})


@pytest.fixture(scope="module")
def expected():
    adata = adata_of(values())
    score(adata)
    return adata


def assert_same(got, expected):
    assert set(got.obsm) == set(expected.obsm)
    for key, frame in expected.obsm.items():
        pd.testing.assert_frame_equal(got.obsm[key], frame, check_exact=True, check_index_type=False)
    pd.testing.assert_frame_equal(got.obs, expected.obs, check_index_type=False, check_categorical=False)
    assert json.loads(str(got.uns["marrowsig"]["schema"])) == 1
    for name, entry in expected.uns["marrowsig"]["scores"].items():
        kept = got.uns["marrowsig"]["scores"][name]
        assert {k: str(kept[k]) for k in ("params", "key", "more")} == {
            k: entry[k] for k in ("params", "key", "more")
        }
        pd.testing.assert_frame_equal(kept["signatures"], entry["signatures"], check_index_type=False)


def file_of(adata, folder, form):
    path = folder / f"cells.{form}"
    adata.write_h5ad(path) if form == "h5ad" else adata.write_zarr(path)
    return path


FORMS = {"csr": sparse.csr_matrix, "csc": sparse.csc_matrix, "dense": np.asarray}


def slow(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("kind", "form", "layer"),
    [
        ("h5ad", "csr", "log"),
        ("h5ad", "csc", None),
        ("zarr", "dense", None),
        slow("zarr", "csr", None),
        slow("h5ad", "csr", None),
        slow("h5ad", "dense", None),
        slow("zarr", "csc", None),
    ],
)
def test_a_path_gives_the_scores_of_memory(kind, form, layer, tmp_path, expected):
    path = file_of(adata_of(FORMS[form](values())), tmp_path, kind)
    score(str(path), extras=bool(layer), layer=layer, out=tmp_path / "scores.zarr")
    got = ad.read_zarr(tmp_path / "scores.zarr")
    if layer:
        expected = adata_of(values())
        score(expected, extras=True, layer=layer)
    assert_same(got, expected)
    assert got.n_vars == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == [path.name, "scores.zarr"]


def test_every_method_that_reads_row_by_row(tmp_path, monkeypatch):
    monkeypatch.setattr(_score_columns, "SHORTEST", 32)
    adata = adata_of(sparse.csr_matrix(values()))
    score(adata, BY_ROW, SIGS["emt.up"], extras=True, out=tmp_path / "scores.zarr")
    score(adata, BY_ROW, SIGS["emt.up"], extras=True)
    assert_same(ad.read_zarr(tmp_path / "scores.zarr"), adata)


def dask_of(x):
    return pytest.importorskip("dask.array").from_array(x, chunks=(10, P))


@pytest.mark.parametrize("make", [slow(sparse.csr_matrix), slow(sparse.csc_matrix), np.asarray, dask_of])
def test_an_anndata_stays_as_it_is(make, tmp_path, expected):
    adata = adata_of(make(values()))
    score(adata, out=tmp_path / "scores.zarr")
    assert not adata.obsm
    assert list(adata.uns["marrowsig"]) == ["input"]
    assert_same(ad.read_zarr(tmp_path / "scores.zarr"), expected)


def test_a_backed_anndata(tmp_path, expected):
    adata = ad.read_h5ad(file_of(adata_of(sparse.csr_matrix(values())), tmp_path, "h5ad"), backed="r")
    score(adata, out=tmp_path / "scores.zarr")
    assert_same(ad.read_zarr(tmp_path / "scores.zarr"), expected)


def test_gene_names_of_a_path_are_mapped_where_that_is_asked(tmp_path):
    genes = ["IL6", "SOCS3", "CCN2", "VIM"]
    mine = Signature("other.mine", genes=genes)
    adata = adata_of(sparse.csr_matrix(values()))[:, :20].copy()
    adata.var_names = ["ENSG00000136244.1", "SOCS3", "CTGF", "ENSG00000026025", *GENES[4:20]]
    path = file_of(adata, tmp_path, "h5ad")
    with pytest.warns(ms.GeneWarning, match=r"CTGF is CCN2. Give map_genes=True\."):
        ms.tl.score(path, mine, min_coverage=0, out=tmp_path / "raw.zarr")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Gene names that stay")
        ms.tl.score(path, mine, out=tmp_path / "scores.zarr", map_genes=True)
        ms.pp.map_genes(adata)
    got = ad.read_zarr(tmp_path / "scores.zarr")
    assert ms.get.coverage(got)["found"].tolist() == [4]
    assert len(got.uns["marrowsig"]["genes"]["changes"])
    ms.tl.score(adata, mine)
    assert_array_equal(got.obsm["score_singscore"], adata.obsm["score_singscore"])
    with pytest.raises(ms.InputError, match="for a path"):
        ms.tl.score(adata, mine, map_genes=True)


def test_intervals(tmp_path):
    adata = adata_of(values())
    score(adata, ["singscore", "zscore"], uncertainty="genes", out=tmp_path / "scores.zarr")
    score(adata, ["singscore", "zscore"], uncertainty="genes")
    assert_same(ad.read_zarr(tmp_path / "scores.zarr"), adata)


def test_what_reads_scores_reads_the_store(tmp_path, expected):
    score(adata_of(values()), out=tmp_path / "scores.zarr")
    got = ad.read_zarr(tmp_path / "scores.zarr")
    pd.testing.assert_frame_equal(
        ms.get.scores(got, "zscore"), ms.get.scores(expected, "zscore"), check_categorical=False
    )
    pd.testing.assert_frame_equal(ms.get.coverage(got), ms.get.coverage(expected))
    design = ms.Design(culture="culture")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.InputWarning)
        tables = [ms.tl.compare(a, design, method="zscore", signatures="emt.up") for a in (got, expected)]
    pd.testing.assert_frame_equal(*tables)


def test_warnings_are_those_of_memory(tmp_path):
    x = values()
    x[[3, 40]] = 1.0
    told = []
    for out in (None, tmp_path / "scores.zarr"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            ms.tl.score(adata_of(x), SIGS, method=["singscore", "ucell"], out=out)
        told.append(
            [(w.category, str(w.message), w.filename) for w in caught if "marrowsig" in str(w.category)]
        )
    assert told[0] == told[1]
    assert any("2 of 53 rows have the same value in every gene" in text for _, text, _ in told[1])


def test_no_signature_has_genes(tmp_path):
    score(adata_of(values()), ["ucell"], SIGS["emt.absent"], out=tmp_path / "scores.zarr")
    assert ad.read_zarr(tmp_path / "scores.zarr").obsm["score_ucell"].isna().all(axis=None)


class Stop(Exception):
    """What a test raises in mid-run."""


def stopped_after(monkeypatch, n_chunks):
    """Let the next run end after some chunks; the one after that runs through."""
    advance = _score_progress.Progress.advance
    seen = []

    def counted(self, flat, valued):
        advance(self, flat, valued)
        seen.append(flat.size)
        if len(seen) > n_chunks:  # the first call notes that no row is there
            monkeypatch.setattr(_score_progress.Progress, "advance", advance)
            raise Stop

    monkeypatch.setattr(_score_progress.Progress, "advance", counted)


@pytest.mark.parametrize(
    ("make", "n_chunks"),
    [slow(sparse.csr_matrix, 0), (sparse.csr_matrix, 2), slow(np.asarray, 4), (dask_of, 1)],
)
def test_an_interrupted_run_goes_on(n_chunks, make, tmp_path, monkeypatch, expected):
    adata, out = adata_of(make(values())), tmp_path / "scores.zarr"
    stopped_after(monkeypatch, n_chunks)
    with pytest.raises(Stop):
        score(adata, out=out)
    assert not out.exists()
    partial = tmp_path / "scores.zarr.partial"
    with pytest.raises(Exception, match=r"."):
        ad.read_zarr(partial)
    begun = json.loads((partial / "done.json").read_text())["rows"]
    assert begun == min(16 * n_chunks, N)
    read = []
    if not _source.is_lazy(adata.X):
        rounds = _source.rounds
        monkeypatch.setattr(
            "marrowsig._engine.rounds", lambda x, first=0: (read.append(first), rounds(x, first))[1]
        )
    score(adata, out=out)
    if read and n_chunks:
        assert read == [begun]  # neither the rows nor the moments once more
    assert_same(ad.read_zarr(out), expected)
    assert not partial.exists()


CHANGES = {
    "method": {"method": "singscore"},
    "method options": {"params": {"ucell": {"max_rank": 40}}},
    "layer": {"layer": "log"},
    "min_coverage": {"min_coverage": 0.2},
    "uncertainty": {"uncertainty": "genes"},
}


def test_other_arguments_do_not_go_on(tmp_path, monkeypatch):
    out = tmp_path / "scores.zarr"
    stopped_after(monkeypatch, 1)
    with pytest.raises(Stop):
        score(adata_of(values()), ["ucell"], out=out)
    for change, given in CHANGES.items():
        said = f"differs in .*{change.split()[0]} .*delete that folder or name another"
        with pytest.raises(ms.InputError, match=said):
            score(adata_of(values()), **{"method": ["ucell"], **given}, out=out)
    assert not out.exists()
    assert (tmp_path / "scores.zarr.partial").exists()


def test_other_data_do_not_go_on(tmp_path, monkeypatch):
    out, adata = tmp_path / "scores.zarr", adata_of(values())
    stopped_after(monkeypatch, 2)
    with pytest.raises(Stop):
        score(adata, ["ucell"], out=out)
    renamed = adata.copy()
    renamed.obs_names = [f"t{i}" for i in range(N)]
    turned = adata[:, ::-1].copy()
    for other, what in (
        (adata[:-1], "rows"),
        (renamed, "obs_names"),
        (turned, "var_names"),
        (adata_of(values(6)), "values"),
    ):
        with pytest.raises(ms.InputError, match=f"differs in .*{what}"):
            score(other, ["ucell"], out=out)
    with pytest.raises(ms.InputError, match="differs in signatures"):
        score(adata, ["ucell"], SIGS["emt.up"], out=out)
    score(adata, ["ucell"], out=out)


def test_a_run_killed_before_its_first_row_begins_anew(tmp_path, expected):
    (tmp_path / "scores.zarr.partial" / "store").mkdir(parents=True)
    score(adata_of(values()), out=tmp_path / "scores.zarr")
    assert_same(ad.read_zarr(tmp_path / "scores.zarr"), expected)


def test_nothing_of_others_is_touched(tmp_path):
    out = tmp_path / "scores.zarr"
    (tmp_path / "scores.zarr.partial").mkdir()
    (tmp_path / "scores.zarr.partial" / "thesis.docx").touch()
    with pytest.raises(ms.InputError, match=r"holds thesis\.docx"):
        score(adata_of(values()), ["ucell"], out=out)
    out.mkdir()
    with pytest.raises(ms.InputError, match="exists already"):
        score(adata_of(values()), ["ucell"], out=out)
    assert (tmp_path / "scores.zarr.partial" / "thesis.docx").exists()


KILLED = """
import time
import marrowsig as ms
from marrowsig import _source
from marrowsig.tl import _score_columns, _score_progress
_source.STEP, _source.BYTES, _score_columns.BUFFER, _score_columns.SHORTEST = 4, 1, 1, 8
advance = _score_progress.Progress.advance
def slowly(self, flat, valued):
    advance(self, flat, valued)
    print(self.done, flush=True)
    time.sleep(0.3)
_score_progress.Progress.advance = slowly
sigs = ms.sig.read({sigs!r})
ms.tl.score({path!r}, sigs, method="ucell", out={out!r})
"""


@pytest.mark.slow
def test_a_killed_process(tmp_path):
    path = file_of(adata_of(sparse.csr_matrix(values())), tmp_path, "h5ad")
    out = tmp_path / "scores.zarr"
    SIGS.write(tmp_path / "sigs.json")
    code = KILLED.format(sigs=str(tmp_path / "sigs.json"), path=str(path), out=str(out))
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    while int(process.stdout.readline()) < 16:
        pass
    process.send_signal(signal.SIGKILL)
    assert process.wait(20) == -signal.SIGKILL
    process.stdout.close()
    done = json.loads((tmp_path / "scores.zarr.partial" / "done.json").read_text())["rows"]
    assert 16 <= done < N
    assert not out.exists()
    score(path, ["ucell"], out=out)
    adata = adata_of(values())
    score(adata, ["ucell"])
    assert_same(ad.read_zarr(out), adata)


@pytest.mark.parametrize("method", [m for m in METHODS if METHODS[m].needs == "cohort"])
def test_methods_that_need_all_rows_are_refused(method, tmp_path):
    with pytest.raises(
        ms.InputError, match=rf"{method} needs all rows in memory.*singscore, ucell, .*zscore"
    ):
        score(adata_of(values()), [method], out=tmp_path / "scores.zarr")
    assert not list(tmp_path.iterdir())


def test_what_is_finished_at_the_end_is_refused(tmp_path):
    with pytest.raises(ms.InputError, match=r"once those of all rows are there.*'normalize': 'genes'"):
        score(
            adata_of(values()), "ssgsea", params={"ssgsea": {"normalize": "range"}}, out=tmp_path / "s.zarr"
        )
    assert not list(tmp_path.iterdir())


def test_a_method_of_ones_own(tmp_path, monkeypatch):
    def total(x, sets):
        return np.column_stack(
            [x[:, sets.idx[a:b]].sum(axis=1) for a, b in zip(sets.ptr, sets.ptr[1:], strict=False)]
        )

    mine = Method("total", total, needs="value", per_obs=True, signed=False, weights=False)
    monkeypatch.setitem(METHODS, "total", mine)
    score(adata_of(sparse.csr_matrix(values())), ["total"], out=tmp_path / "s.zarr")
    got = ad.read_zarr(tmp_path / "s.zarr").obsm["score_total"]["emt.up"]
    assert_array_equal(got, values()[:, 2:12].sum(axis=1))  # quarters: sums are exact


def test_a_method_of_ones_own_that_changed_does_not_go_on(tmp_path, monkeypatch):
    def registered(factor):
        def total(x, sets):
            cut = [x[:, sets.idx[a:b]] for a, b in zip(sets.ptr, sets.ptr[1:], strict=False)]
            return np.column_stack([c.sum(axis=1) * factor for c in cut])

        def doubled(x, sets):
            return 2 * total(x, sets)

        kernel = total if factor == 1 else doubled
        mine = Method("total", kernel, needs="value", per_obs=True, signed=False, weights=False)
        monkeypatch.setitem(METHODS, "total", mine)

    registered(1)
    stopped_after(monkeypatch, 1)
    with pytest.raises(Stop):
        score(adata_of(values()), ["total"], out=tmp_path / "s.zarr")
    registered(2)
    with pytest.raises(ms.InputError, match="differs in kernels"):
        score(adata_of(values()), ["total"], out=tmp_path / "s.zarr")
    registered(1)
    score(adata_of(values()), ["total"], out=tmp_path / "s.zarr")
    got = ad.read_zarr(tmp_path / "s.zarr").obsm["score_total"]["emt.up"]
    assert_array_equal(got, values()[:, 2:12].sum(axis=1))


def test_columns_that_are_too_large_are_refused(tmp_path, monkeypatch):
    path = file_of(adata_of(sparse.csc_matrix(values())), tmp_path, "h5ad")
    with pytest.warns(ms.InputWarning, match=r"X of cells\.h5ad is stored by columns .*was loaded"):
        ms.tl.score(path, SIGS["emt.up"], out=tmp_path / "a.zarr")
    monkeypatch.setattr(_score_file, "COLUMNS_BYTES", 10)
    with pytest.raises(ms.InputError, match=r"stored by columns \(CSC\).*adata\.X\.tocsr\(\)"):
        ms.tl.score(path, SIGS, out=tmp_path / "b.zarr")


def test_paths_that_cannot_be_scored(tmp_path):
    path = file_of(adata_of(sparse.csr_matrix(values())), tmp_path, "h5ad")
    (tmp_path / "a.csv").write_text("gene,s1\nIL6,3\n")
    (tmp_path / "cut.h5ad").write_bytes(path.read_bytes()[:3000])
    bare = adata_of(values())
    bare.X = None
    bare.write_h5ad(tmp_path / "bare.h5ad")
    out = tmp_path / "s.zarr"
    for name, options, text in (
        ("cells.h5ad", {"out": None}, r"Say where: out='scores\.zarr'"),
        ("cells.h5ad", {"layer": "none"}, r"has no layer 'none'\. Its layers: log"),
        ("cells.h5ad", {"out": tmp_path / "s.h5ad"}, r"zarr store\. Use out='s\.zarr'"),
        ("bare.h5ad", {}, r"bare\.h5ad has no X\. Its layers: log"),
        ("lost.h5ad", {}, "There is no file or folder"),
        ("a.csv", {}, r"neither an h5ad file nor a zarr store.*ms\.io\.read"),
        ("cut.h5ad", {}, "cannot be read|cut off"),
    ):
        with pytest.raises(ms.InputError, match=text):
            ms.tl.score(tmp_path / name, SIGS, **{"out": out, **options})
    assert not out.exists()


def test_counts_are_refused_for_methods_on_logs(tmp_path):
    adata = ad.AnnData(sparse.csr_matrix(np.random.default_rng(1).poisson(2, (N, P)).astype(float)))
    adata.var_names = GENES
    path = file_of(adata, tmp_path, "h5ad")
    with pytest.raises(ms.InputError, match="needs log expression"):
        ms.tl.score(path, SIGS, method="mean", out=tmp_path / "s.zarr")


def test_values_that_are_not_finite_are_refused(tmp_path):
    x = values()
    x[47, 3] = np.nan
    path = file_of(adata_of(sparse.csr_matrix(x)), tmp_path, "zarr")
    with pytest.raises(ms.InputError, match=r"1 of the values in rows .* are NaN or infinite"):
        score(path, ["ucell"], out=tmp_path / "s.zarr")
    assert not (tmp_path / "s.zarr").exists()


def test_without_zarr_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(ms.InputError, match="pip install zarr"):
        score(adata_of(values()), ["ucell"], out=tmp_path / "s.zarr")


def test_the_next_round_is_read_ahead():
    """While a round is being used, the next one is read, without being asked for."""
    begun, seen = threading.Semaphore(0), []

    class File:
        shape, dtype = (40, P), np.dtype(float)

        def __getitem__(self, rows):
            begun.release()
            return np.full((rows.stop - rows.start, P), rows.start)

    for a, b, block, offset in _source.rounds(File()):
        assert (offset, len(block)) == (0, b - a)
        assert begun.acquire(timeout=30) if a == 0 else True
        assert begun.acquire(timeout=30) if b < 40 else True
        seen += [a] if block[0, 0] == a else []
    assert seen == list(range(0, 40, 4))


def test_a_reader_that_fails_is_heard():
    class Broken:
        shape, dtype = (40, P), np.dtype(float)

        def __getitem__(self, rows):
            raise OSError(rows.start)

    with pytest.raises(OSError, match="0"):
        list(_source.rounds(Broken()))


def test_rounds_agree_with_the_chunks_of_a_file(monkeypatch):
    class Stored:
        shape, dtype, chunks = (10_000, 1000), np.dtype("f8"), (300, 10)

    monkeypatch.setattr(_source, "STEP", 512)
    with threads.limited(1):
        for room, rows in ((8_000_000, 900), (2_400_000, 300), (1_000_000, 100), (1, 15)):
            monkeypatch.setattr(_source, "BYTES", room)
            assert _source.n_rows(Stored()) == rows


def test_a_store_keeps_embeddings_and_says_that_it_takes_no_more(tmp_path) -> None:
    rng = np.random.default_rng(0)
    adata = ad.AnnData(rng.poisson(2.0, (N, P)).astype(np.float32), var=pd.DataFrame(index=GENES))
    adata.obsm = {"X_umap": rng.normal(size=(N, 2)), "X_pca": rng.normal(size=(N, 30))}
    adata.write_h5ad(tmp_path / "cells.h5ad")
    for source, name in ((adata, "one"), (tmp_path / "cells.h5ad", "two")):
        with pytest.warns(ms.CoverageWarning, match="emt.absent"):
            ms.tl.score(source, SIGS, method="ucell", out=tmp_path / f"{name}.zarr")
        got = ad.read_zarr(tmp_path / f"{name}.zarr")
        assert set(got.obsm) == {"X_umap", "score_ucell"}
        assert_array_equal(got.obsm["X_umap"], adata.obsm["X_umap"])
    with pytest.raises(ms.InputError, match=r"takes no more signatures or methods: .*one_more\.zarr.*join"):
        ms.tl.score(adata, SIGS, method="ucell", out=tmp_path / "one.zarr")


def test_genes_that_only_raw_of_a_file_has_are_told(tmp_path) -> None:
    x = np.random.default_rng(0).poisson(2.0, (N, P)).astype(np.float32)
    full = ad.AnnData(x, var=pd.DataFrame(index=GENES))
    adata = full[:, 30:].copy()
    adata.raw = full
    adata.write_h5ad(tmp_path / "cells.h5ad")
    with pytest.warns(
        ms.CoverageWarning, match=r"The raw of the file has 13 of the 15 missing.*\.raw\.to_adata"
    ):
        ms.tl.score(tmp_path / "cells.h5ad", SIGS, method="ucell", out=tmp_path / "s.zarr")
