"""Damaged files of every shape: an error of ours that says why, or the numbers as they were written."""

from __future__ import annotations

import gzip
import io
import tarfile
import warnings
from contextlib import contextmanager

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import marrowsig as ms
from marrowsig import _unpack
from marrowsig._unpack import gunzip, unpack_tar

OURS = (ms.InputError,)
few = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
GENES, SAMPLES = ["IL6", "SOCS3", "GAPDH", "VIM"], ["s1", "s2", "s3"]
VALUES = np.array([[1.5, 2.5, 3.25], [0, 7, 8], [9.75, 10, 11], [12, 13, 14.5]])


def table(mark="\t"):
    rows = [mark.join(["gene", *SAMPLES])]
    rows += [mark.join([g, *map(str, v)]) for g, v in zip(GENES, VALUES.tolist(), strict=True)]
    return "\n".join(rows) + "\n"


def gct():
    rows = ["#1.2", "4\t3", "\t".join(["NAME", "Description", *SAMPLES])]
    rows += ["\t".join([g, "x", *map(str, v)]) for g, v in zip(GENES, VALUES.tolist(), strict=True)]
    return "\n".join(rows) + "\n"


def series_matrix():
    rows = ['!Series_title\t"x"', '!Sample_title\t"a"\t"b"\t"c"', '!Sample_geo_accession\t"s1"\t"s2"\t"s3"']
    rows += ['!Sample_characteristics_ch1\t"k: v"\t""\t"k: w"', "!series_matrix_table_begin"]
    rows += ['"ID_REF"\t"s1"\t"s2"\t"s3"']
    rows += [f'"{g}"\t' + "\t".join(map(str, v)) for g, v in zip(GENES, VALUES.tolist(), strict=True)]
    return "\n".join([*rows, "!series_matrix_table_end"]) + "\n"


TEXTS = {
    "table.tsv": table(),
    "table.csv": table(","),
    "x.gct": gct(),
    "x_series_matrix.txt": series_matrix(),
}


@contextmanager
def silence():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.InputWarning)
        warnings.simplefilter("ignore", ms.GeneWarning)
        yield


def reason(error):
    assert len(str(error)) > 10


def outcome(path):
    """Values by sample and gene as read, or the reason why they were not."""
    with silence():
        try:
            adata = ms.io.read(path)
        except OURS as error:
            return reason(error)
    x = adata.X.toarray() if hasattr(adata.X, "toarray") else np.asarray(adata.X)
    assert np.isfinite(x).all()
    assert min(x.shape) > 0
    return adata


def check(adata):
    """Whatever is read of a damaged file has to be what was written for this gene and sample."""
    if adata is None:
        return
    x = adata.X.toarray() if hasattr(adata.X, "toarray") else np.asarray(adata.X)
    for i, sample in enumerate(adata.obs_names):
        for j, gene in enumerate(adata.var_names):
            if sample in SAMPLES and gene in GENES:
                assert x[i, j] == VALUES[GENES.index(gene), SAMPLES.index(sample)]


@pytest.mark.parametrize("name", TEXTS)
def test_files_cut_at_any_byte(tmp_path, name):
    """A cut gzip is always refused; a cut plain file only where a row or a mark of the end is missing."""
    whole = TEXTS[name].encode()
    packed = gzip.compress(whole)
    for end in range(1, len(packed), 13):
        path = tmp_path / f"{name}.gz"
        path.write_bytes(packed[:end])
        assert outcome(path) is None, end
    path = tmp_path / name
    for end in range(1, len(whole) - 1, 9):
        path.write_bytes(whole[:end])
        adata = outcome(path)
        if "gct" in name or "series" in name:
            # The last mark of a GCT is the number of rows; its last cell may lose digits unseen.
            assert adata is None or (name == "x.gct" and end > len(whole) - 12), end


@few
@given(
    name=st.sampled_from(sorted(TEXTS)),
    line=st.integers(0, 12),
    damage=st.sampled_from(
        [
            "drop",
            "twice",
            "crlf",
            "latin",
            "no cell",
            "more cell",
            "nan",
            "word",
            "negative",
            "huge",
            "inf",
            "nul",
            "blank",
        ]
    ),
)
def test_damaged_lines(tmp_path, name, line, damage):
    lines = TEXTS[name].encode().split(b"\n")
    line %= len(lines) - 1
    mark = b"," if name.endswith("csv") else b"\t"
    cells = lines[line].split(mark)
    changed = True
    if damage == "drop":
        del lines[line]
    elif damage == "twice":
        lines.insert(line, lines[line])
    elif damage == "crlf":
        lines = [one + b"\r" for one in lines[:-1]] + [b""]
    elif damage == "blank":
        lines.insert(line, b"")
    elif damage == "no cell":
        lines[line] = mark.join(cells[:-1])
    elif damage == "more cell":
        lines[line] += mark + b"5"
    else:
        put = {"latin": b"\xe9\xff", "nan": b"NaN", "word": b"n.d.", "negative": b"-3.5", "huge": b"1e308",
               "inf": b"inf", "nul": b"\x00"}[damage]  # fmt: skip
        lines[line] = mark.join([*cells[:-1], put])
        changed = False
    path = tmp_path / name
    path.write_bytes(b"\n".join(lines))
    adata = outcome(path)
    if changed:
        check(adata)
    elif adata is not None and damage in ("negative", "huge") and cells[0].strip(b'"').decode() in GENES:
        assert adata.to_df().loc["s3", cells[0].strip(b'"').decode()] == float(put)
    if damage in ("nan", "inf", "word") and cells[0].strip(b'"').decode() in GENES:
        assert adata is None


@few
@given(
    data=st.binary(max_size=300), name=st.sampled_from(["x.tsv", "x.gz", "x.gct", "x.h5", "x.h5ad", "m.txt"])
)
@example(data=b"#1.2\n-1\t-1\n", name="x.gct")
@example(data=b"#1.2\n99999999999999\t3\nNAME\tDescription\ts1\n", name="x.gct")
@example(data=b"#1.3\n1\t1\t-5\t2\nid\ta\nx\t1\n", name="x.gct")
@example(data=b"#1.2", name="x.gct")
@example(data=b"!Series_title\n!series_matrix_table_end\n!series_matrix_table_begin\n", name="m.txt")
@example(data=b"!Series_title\n!series_matrix_table_begin\n!series_matrix_table_end\n", name="m.txt")
@example(data=b"\x1f\x8b", name="x.gz")
@example(data=b"\x89HDF\r\n\x1a\n", name="x.h5")
@example(data=b"a\tb\n", name="x.tsv")
@example(data=b"\xff\xfe\x00", name="x.tsv")
@example(data=b'a\t"b\n1\t2\n', name="x.tsv")
def test_noise(tmp_path, data, name):
    path = tmp_path / name
    path.write_bytes(data)
    outcome(path)


MTX = "%%MatrixMarket matrix coordinate integer general\n4 3 3\n"


def triplet(folder, matrix, genes=GENES, barcodes=SAMPLES):
    folder.mkdir(exist_ok=True)
    (folder / "matrix.mtx").write_text(matrix)
    (folder / "genes.tsv").write_text("".join(f"ENSG{i:011d}\t{g}\n" for i, g in enumerate(genes)))
    (folder / "barcodes.tsv").write_text("".join(f"{b}\n" for b in barcodes))
    return folder


@pytest.mark.parametrize(
    "body",
    [
        "1 1 5\n2 2 6\n", "1 1 5\n2 2 6\n3 3 7\n4 3 8\n", "1 1 5\n2 2 6\n5 3 7\n", "0 1 5\n2 2 6\n3 3 7\n",
        "1 1 x\n2 2 6\n3 3 7\n", "1 1\n2 2\n3 3\n", "-1 1 5\n2 2 6\n3 3 7\n", "1 4 5\n2 2 6\n3 3 7\n",
        "1 1 nan\n2 2 6\n3 3 7\n", "1 1 -5\n2 2 6\n3 3 7\n", "", "\x00\n",
        "1 1 99999999999999999999999\n2 2 6\n3 3 7\n",
    ],
)  # fmt: skip
def test_damaged_triplets_are_refused(tmp_path, body):
    assert outcome(triplet(tmp_path / "t", MTX + body)) is None


def test_triplets_with_other_sizes_and_heads_are_refused(tmp_path):
    good = "1 1 5\n2 2 6\n3 3 7\n"
    assert outcome(triplet(tmp_path / "t", MTX + good)).X.toarray()[0].tolist() == [5, 0, 0, 0]
    for matrix in (
        "%%MatrixMarket matrix coordinate integer general\n", "4 3 3\n" + good, "", MTX[:30],
        "%%MatrixMarket matrix coordinate integer general\n99999999999 99999999999 3\n" + good,
        "%%MatrixMarket matrix array integer general\n4000000000 3000000000\n1\n",
        "%%MatrixMarket matrix coordinate complex general\n4 3 3\n1 1 1 2\n2 2 1 1\n3 3 1 1\n",
        "%%MatrixMarket matrix coordinate pattern general\n4 3 3\n1 1\n2 2\n3 3\n",
    ):  # fmt: skip
        assert outcome(triplet(tmp_path / "t", matrix)) is None, matrix
    assert outcome(triplet(tmp_path / "t", MTX + good, genes=GENES[:3])) is None
    assert outcome(triplet(tmp_path / "t", MTX + good, barcodes=[*SAMPLES, "s4"])) is None
    assert outcome(triplet(tmp_path / "t", MTX + good, barcodes=["a", "a", "b"])) is None


def tenx(path, **changes):
    parts = {"data": np.array([5, 6, 7]), "indices": np.array([0, 1, 2]), "indptr": np.array([0, 1, 2, 3]),
             "shape": np.array([4, 3]), "barcodes": np.array(SAMPLES, dtype="S")} | changes  # fmt: skip
    with h5py.File(path, "w") as handle:
        group = handle.create_group("matrix")
        for name, values in parts.items():
            if values is not None:
                group[name] = values
        features = group.create_group("features")
        features["id"] = np.array([f"ENSG{i:011d}" for i in range(4)], dtype="S")
        features["name"] = np.array(GENES, dtype="S")
        features["feature_type"] = np.array(["Gene Expression"] * 4, dtype="S")
        features["genome"] = np.array(["GRCh38"] * 4, dtype="S")
    return path


BAD_TENX = {
    "index too large": {"indices": np.array([0, 1, 9])}, "negative index": {"indices": np.array([0, -1, 2])},
    "pointer falls": {"indptr": np.array([0, 2, 1, 3])}, "pointer too short": {"indptr": np.array([0, 1, 3])},
    "pointer ends too late": {"indptr": np.array([0, 1, 2, 30])},
    "pointer begins late": {"indptr": np.array([1, 1, 2, 3])},
    "pointer ends too early": {"indptr": np.array([0, 1, 2, 2])},
    "less data": {"data": np.array([5, 6])}, "no data": {"data": None}, "no barcodes": {"barcodes": None},
    "other shape": {"shape": np.array([5, 3])}, "huge shape": {"shape": np.array([2**40, 3])},
    "nan": {"data": np.array([5, np.nan, 7])}, "negative": {"data": np.array([5, -6, 7])},
    "text": {"data": np.array(["a", "b", "c"], dtype="S")},
    "twice": {"barcodes": np.array(["a", "a", "b"], dtype="S")},
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_TENX)
def test_damaged_tenx_h5_is_refused(tmp_path, name):
    assert outcome(tenx(tmp_path / "x.h5", **BAD_TENX[name])) is None


def test_good_and_cut_tenx_h5(tmp_path):
    path = tenx(tmp_path / "x.h5")
    assert outcome(path).X.toarray().tolist() == [[5, 0, 0, 0], [0, 6, 0, 0], [0, 0, 7, 0]]
    whole = path.read_bytes()
    for end in range(8, len(whole) - 1, len(whole) // 25):
        path.write_bytes(whole[:end])
        assert outcome(path) is None, end


def test_wide_and_empty_tables(tmp_path):
    path = tmp_path / "wide.tsv"
    names = [f"c{i}" for i in range(40_000)]
    path.write_text("gene\t" + "\t".join(names) + "\n" + "IL6\t" + "\t".join(["1"] * 40_000) + "\n")
    adata = outcome(path)
    assert adata.shape == (40_000, 1)  # the side that holds a gene
    for text in ("gene\ts1\ts2\n", "gene\n", "\n\n\n", "gene\ts1\ts1\nIL6\t1\t2\nVIM\t3\t4\n"):
        path.write_text(text)
        assert outcome(path) is None


def test_bombs_are_refused_before_they_fill_memory(monkeypatch):
    zeros = gzip.compress(bytes(20_000_000), 9)
    assert len(gunzip(zeros, "x.gz")) == 20_000_000  # harmless for its size
    monkeypatch.setattr(_unpack, "INNOCENT", 1_000_000)
    with pytest.raises(ms.InputError, match="swells"):
        gunzip(zeros, "x.gz")
    monkeypatch.setattr(_unpack, "MOST_BYTES", 5_000_000)
    with pytest.raises(ms.InputError, match="swells"):
        gunzip(gzip.compress(np.random.default_rng(0).bytes(6_000_000), 1), "x.gz")


@few
@given(
    parts=st.lists(st.binary(max_size=200_000), min_size=1, max_size=3),
    padding=st.integers(0, 1000),
    level=st.integers(0, 9),
)
def test_gzip_of_several_members(parts, padding, level):
    raw = b"".join(gzip.compress(part, level) for part in parts) + bytes(padding)
    assert gunzip(raw, "x") == b"".join(parts)
    with pytest.raises(ms.InputError, match="cut off"):
        gunzip(gzip.compress(parts[0], level)[:-1], "x")
    with pytest.raises(ms.InputError, match="cut off"):
        gunzip(gzip.compress(parts[0], level) + b"rest", "x")


def archive(path, *members, mode="w"):
    with tarfile.open(path, mode) as out:
        for name, kind, body in members:
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(body) if kind == tarfile.REGTYPE else 0
            info.linkname = "/etc/passwd"
            out.addfile(info, io.BytesIO(body) if kind == tarfile.REGTYPE else None)
    return path


FILE = tarfile.REGTYPE
TRICKS = [
    ("../out.txt", FILE), ("/out.txt", FILE), ("a/../../out.txt", FILE),
    ("..\\out.txt", FILE), ("C:out.txt", FILE),
    ("link.txt", tarfile.SYMTYPE), ("hard.txt", tarfile.LNKTYPE), ("pipe.txt", tarfile.FIFOTYPE),
    ("device.txt", tarfile.CHRTYPE), ("block.txt", tarfile.BLKTYPE),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), TRICKS)
def test_archives_write_nowhere_else(tmp_path, name, kind):
    into = tmp_path / "deep" / "into"
    into.mkdir(parents=True)
    path = archive(tmp_path / "x.tar", ("good.txt", FILE, b"1"), (name, kind, b"2"))
    with pytest.raises(ms.InputError, match=r"leads outside|a link or device"):
        unpack_tar(path, into, wanted=lambda _: True)
    written = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert written <= {"x.tar", "deep/into/good.txt"}


def test_archives_that_explode_or_are_cut(tmp_path, monkeypatch):
    path = archive(tmp_path / "x.tar", *[(f"f{i}.txt", FILE, bytes(2000)) for i in range(20)])
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(ms.InputError, match="more than 10,000 bytes"):
        unpack_tar(path, into, wanted=lambda _: True, most_bytes=10_000)
    monkeypatch.setattr(_unpack, "MOST_MEMBERS", 10)
    with pytest.raises(ms.InputError, match="more than 10 files"):
        unpack_tar(path, into, wanted=lambda _: False)
    monkeypatch.undo()
    for end in (0, 100, 700, 3000):
        cut = tmp_path / "cut.tar"
        cut.write_bytes(path.read_bytes()[:end])
        (tmp_path / str(end)).mkdir()
        with pytest.raises(ms.InputError, match="cut off"):
            unpack_tar(cut, tmp_path / str(end), wanted=lambda _: True)
    twice = archive(tmp_path / "twice.tar", ("a/x.txt", FILE, b"1"), ("b/x.txt", FILE, b"2"))
    (tmp_path / "twice").mkdir()
    with pytest.raises(ms.InputError, match="more than once"):
        unpack_tar(twice, tmp_path / "twice", wanted=lambda _: True)
