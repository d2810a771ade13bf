"""What numbers are taken for, and what is refused."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from marrowsig import InputError, InputWarning, io, pp, tl
from marrowsig._provenance import record
from marrowsig.io._declared import settle_kind
from marrowsig.io._kind import KINDS, guess_kind, kind_of
from marrowsig.io._unlike_sums import told_unlike
from marrowsig.qc._linear import linear

rng = np.random.default_rng(7)
MEANS = rng.gamma(0.5, 400, 1500)
COUNTS = rng.poisson(MEANS, (6, 1500))
CPM = COUNTS / COUNTS.sum(axis=1, keepdims=True) * 1e6
LOG = np.log2(CPM + 1)
RSEM = COUNTS + np.where(rng.random(1500) < 0.3, 0.37, 0.0) * (COUNTS > 0)
MATRICES = {
    "counts": COUNTS,
    "tpm": CPM,
    "log": LOG,
    "linear": CPM * rng.uniform(0.2, 0.8, (6, 1)),
    "linear_negative": CPM - 40.5,
    "expected_counts": RSEM,
}


def test_sixteen_bits_are_summed_in_sixty_four():
    """A row sums to more than 65504, where float16 ends."""
    x = np.full((4, 200), 600.5, dtype=np.float16)
    assert guess_kind(x)[0] == guess_kind(sparse.csr_matrix(x.astype(np.float32)))[0] == "linear"
    assert guess_kind((LOG * 0.5).astype(np.float16))[0] == "log"


@pytest.mark.parametrize("kind", MATRICES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_kind_is_told_from_its_values(kind, dtype):
    assert guess_kind(MATRICES[kind].astype(dtype))[0] == kind


@pytest.mark.parametrize("kind", MATRICES)
@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array, sparse.coo_matrix])
def test_sparse_is_dense(kind, form):
    assert guess_kind(form(MATRICES[kind])) == guess_kind(MATRICES[kind])


def test_estimated_counts_are_told_where_no_gene_is_whole_in_every_sample():
    """Of many samples each gene has some in which reads were shared with another."""
    draw = np.random.default_rng(3)
    deep = draw.poisson(MEANS * 80, (26, 1500))
    shared = deep + np.where(draw.random(deep.shape) < 0.35, 0.37, 0.0) * (deep > 0)
    assert guess_kind(shared)[0] == "expected_counts"
    digits = deep * 1.0137
    rounded = np.where(digits >= 100, np.rint(digits), digits)  # of values kept to three digits
    assert guess_kind(rounded)[0] == "linear"
    signal = np.where(draw.random(deep.shape) < 0.1, deep * 1.1, deep).clip(max=65_000)
    assert guess_kind(signal)[0] == "linear"


def test_centred_log_is_log():
    kind, why = guess_kind(LOG - LOG.mean(axis=0))
    assert kind == "log"
    assert why.endswith("logged and centred, or log ratios")


def test_logs_of_few_reads_below_zero_are_not_called_centred():
    """voom()$E and cpm(log=TRUE) of edgeR."""
    counts = rng.poisson(MEANS * 20, (6, 1500))
    voom = np.log2((counts + 0.5) / (counts.sum(axis=1, keepdims=True) + 1) * 1e6)
    assert voom.min() < 0
    kind, why = guess_kind(voom)
    assert kind == "log"
    assert why.endswith(": logged")
    with pytest.raises(InputError, match=r"on a log scale already.*Score it as it is"):
        pp.lognorm(ad.AnnData(voom))
    with pytest.raises(InputError, match="centred, or log ratios"):
        pp.lognorm(ad.AnnData(voom - voom.mean(axis=0)))


def fpkm(samples: int, depth: float) -> np.ndarray:
    """FPKM of three arms whose genes vary by 15 % beyond the reads, and reads of a tenth of a gene's FPKM."""
    own = np.random.default_rng(3)
    lengths = np.exp(own.normal(7.6, 0.8, 1500)) / 1000
    means = MEANS * np.exp(own.normal(0, 0.15, (samples, 1500)))
    return own.poisson(means * depth) / depth / lengths


@pytest.mark.parametrize("samples", [3, 6, 12])
def test_rounded_fpkm_are_not_counts(samples):
    rounded = np.rint(fpkm(samples, depth=50))
    assert guess_kind(rounded)[0] == "linear"
    with pytest.warns(InputWarning, match=r"as FPKM that were rounded .*kind='counts'"):
        assert settle_kind(rounded, None, name="genes.csv")[0] == "linear"
    assert settle_kind(rounded, "counts")[0] == "counts"


@given(st.integers(0, 2**31), st.integers(3, 12))
def test_replicates_without_biology_are_counts(seed, samples):
    """The least that counts can scatter is Poisson's."""
    assert guess_kind(np.random.default_rng(seed).poisson(MEANS, (samples, 1500)))[0] == "counts"


def test_estimated_counts_that_look_linear_are_told():
    """Of salmon, scaled: no whole numbers, sums of libraries, one arm sequenced four times as deep."""
    own = np.random.default_rng(1)
    depth = np.array([[1], [1.2], [0.9], [4], [4.4], [3.8]])
    x = own.poisson(MEANS * 20, (6, 1500)) * depth * 1.003
    obs = pd.DataFrame({"arm": list("mmmccc"), "plate": list("ababab")}, index=list("uvwxyz"))
    told = told_unlike(x, obs)
    assert "4.9 times as much, in 'c' of 'arm' 4 times those in 'm'" in told
    assert "kind='expected_counts'" in told
    with pytest.warns(InputWarning, match="divides by no library size"):
        pp.lognorm(ad.AnnData(x, obs=obs))
    pp.lognorm(ad.AnnData(x, obs=obs), kind="linear")  # said, so nothing is told
    assert told_unlike(sparse.csr_matrix(x), obs) == told


@pytest.mark.parametrize(("name", "scale", "refused"), [
    ("Salmon.csv", 1.003, True), ("gene_counts.csv", 1.003, True),
    ("genes.csv", 1.003, False),
])  # fmt: skip
def test_estimated_counts_by_their_name_are_not_taken_for_arrays(tmp_path, name, scale, refused):
    own = np.random.default_rng(1)
    depth = np.array([[1], [1.2], [0.9], [4], [4.4], [3.8]])
    x = own.poisson(MEANS * 200, (6, 1500)) * depth * scale
    genes = [f"GENE{i}" for i in range(1500)]
    pd.DataFrame(x.T, index=genes, columns=list("uvwxyz")).to_csv(tmp_path / name)
    if refused:
        with pytest.raises(InputError, match=f"estimated counts: '{name}' says .*kind='expected_counts'"):
            io.read(tmp_path / name)
    else:  # told as before
        with pytest.warns(InputWarning, match="say kind='expected_counts'"):
            io.read(tmp_path / name)
    read = io.read(tmp_path / name, kind="expected_counts")
    why = read.uns["marrowsig"]["input"]["decisions"]
    assert "as declared (from the values alone, fractions up to" in why
    assert "it would be called linear)" in why


def test_linear_values_that_are_no_estimated_counts_are_not_told_of():
    obs = pd.DataFrame(index=range(6))
    array = 2 ** rng.uniform(5, 15, (6, 1500)) * rng.uniform(0.5, 2, (6, 1))
    for x in (fpkm(6, depth=50), CPM[:, :1200], array, RSEM[:, :900] * 10.01):
        assert told_unlike(x, obs) == ""


def test_few_shallow_cells_are_counts():
    assert guess_kind(sparse.csr_matrix(rng.poisson(0.1, (5, 60))))[0] == "counts"
    assert guess_kind(np.array([[0, 1], [2, 0]]))[0] == "counts"


def test_shallow_bulk_counts_are_counts():
    assert guess_kind(rng.poisson(6, (4, 300)))[0] == "counts"


def test_rounded_log_values_are_not_counts():
    kind, why = guess_kind(np.rint(rng.uniform(3, 14, 400) + rng.normal(0, 0.3, (6, 400))))
    assert kind == "log"
    assert "kind='counts'" in why


@given(st.integers(0, 2**31), st.integers(1, 40), st.integers(1, 30), st.floats(30, 1e4))
def test_deep_poisson_counts_are_always_counts(seed, n_obs, n_vars, depth):
    counts = np.random.default_rng(seed).poisson(depth, (n_obs, n_vars))
    assert guess_kind(counts)[0] == "counts"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
def test_missing_values_are_refused_with_their_place(bad, form):
    values = COUNTS[:, :50].astype(float)
    values[2, 3] = values[4, 3] = bad
    with pytest.raises(InputError, match=r"2 of 300 values.*Genes \(1\): g3\. Samples \(2\): s2, s4"):
        guess_kind(
            form(values), obs_names=[f"s{i}" for i in range(6)], var_names=[f"g{i}" for i in range(50)]
        )


def test_no_matrix_is_refused():
    with pytest.raises(InputError, match="empty"):
        guess_kind(np.zeros((0, 3)))
    with pytest.raises(InputError, match="matrix of numbers"):
        guess_kind(np.array([["a", "b"]]))


def recorded(values, kind: str) -> ad.AnnData:
    adata = ad.AnnData(values.copy())
    record(adata, "input", {"kind": kind})
    return adata


def test_a_recorded_kind_wins():
    assert kind_of(ad.AnnData(LOG.copy())) == "log"
    assert kind_of(recorded(MATRICES["linear"], "fpkm")) == "fpkm"


@pytest.mark.parametrize("kind", ["tpm", "fpkm", "linear", "expected_counts", "counts"])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
def test_a_record_that_logged_values_outlived_is_refused(kind, form):
    with pytest.raises(InputError, match=rf"record says {kind}, but .*looks? logged.*\['kind'\]"):
        kind_of(recorded(form(LOG), kind))


@pytest.mark.parametrize("kind", ["tpm", "counts", "expected_counts", "linear"])
def test_a_record_of_log_beside_linear_values_is_refused(kind):
    with pytest.raises(InputError, match="record says log, but the largest value"):
        kind_of(recorded(MATRICES[kind], "log"))


@pytest.mark.parametrize("kind", MATRICES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
def test_a_true_record_is_never_refused(kind, dtype, form):
    adata = recorded(form(MATRICES[kind].astype(dtype)), kind)
    assert kind_of(adata) == kind
    if kind != "log":
        pp.lognorm(adata, floor=20 if kind == "linear_negative" else None)
        assert kind_of(adata) == "log"


@given(st.integers(0, 2**31), st.integers(1, 12), st.integers(2, 60), st.floats(0.05, 1e4))
def test_what_lognorm_made_is_log(seed, n_obs, n_vars, depth):
    counts = np.random.default_rng(seed).poisson(depth, (n_obs, n_vars)) + np.eye(n_obs, n_vars, dtype=int)
    counts[:, 0] += 1
    adata = recorded(counts.astype(np.float32), "counts")
    pp.lognorm(adata)
    assert kind_of(adata) == "log"


def test_shallow_counts_that_were_put_back_are_refused_as_log():
    adata = recorded(sparse.csr_matrix(rng.poisson(0.5, (50, 300)) + 1), "counts")
    pp.lognorm(adata)
    adata.X = adata.layers["counts"].copy()
    with pytest.raises(InputError, match="record says log, but all values are whole numbers"):
        kind_of(adata)
    with pytest.raises(InputError, match="they look like counts"):
        tl.score(adata, "emt", method="mean")
    pp.lognorm(adata, kind="counts")
    assert kind_of(adata) == "log"


def test_logging_by_hand_is_not_logged_again():
    adata = recorded(MATRICES["tpm"], "tpm")
    adata.X = np.log2(adata.X + 1)
    with pytest.raises(InputError, match="record says tpm, but the values look logged"):
        pp.lognorm(adata)


@pytest.mark.parametrize(
    ("declared", "seen", "words"),
    [
        ("counts", "log", "values look already logged"),
        ("counts", "tpm", "fractions"),
        ("counts", "linear_negative", "negative"),
        ("log", "counts", "largest value"),
        ("tpm", "log", "already logged"),
        ("fpkm", "linear_negative", "negative"),
        ("nonsense", "log", "unknown"),
    ],
)
def test_a_false_declaration_is_refused(declared, seen, words):
    with pytest.raises(InputError, match=words):
        settle_kind(MATRICES[seen], declared)


def test_tpm_that_sums_to_too_much_is_refused():
    with pytest.raises(InputError, match="6 samples sum to more than a million"):
        settle_kind(CPM * 3, "tpm")


@pytest.mark.parametrize("kind", MATRICES)
def test_a_true_declaration_is_kept(kind):
    assert settle_kind(MATRICES[kind], kind) == (kind, "as declared")
    assert kind in KINDS


def test_a_file_name_only_refines_linear_values():
    assert settle_kind(MATRICES["linear"], None, name="GSE1_FPKM.txt.gz")[0] == "fpkm"
    assert settle_kind(COUNTS, None, name="GSE1_FPKM.txt.gz")[0] == "counts"


def test_rounded_tpm_cut_to_some_genes_are_told_by_raw() -> None:
    rng = np.random.default_rng(0)
    counts = rng.negative_binomial(1, 0.02, (12, 900)).astype(np.float32)
    tpm = np.rint(1e6 * counts / counts.sum(axis=1, keepdims=True))
    obs = pd.DataFrame({"donor": list("aabb") * 3}, index=[f"c{i}" for i in range(12)])
    full = ad.AnnData(tpm, obs=obs)
    cut = full[:, :300].copy()
    assert kind_of(cut) == "counts"  # nothing tells
    cut.raw = full
    assert kind_of(cut) == "tpm"
    with pytest.raises(InputError, match="pseudobulk sums counts, but X is tpm"):
        pp.pseudobulk(cut, unit="donor", min_cells=1)
    other = ad.AnnData(counts, obs=obs)[:, :300].copy()
    other.raw = full  # whatever it is, X is no part of it
    assert kind_of(other) == "counts"


def test_how_a_log_was_made_is_said_or_seen(tmp_path):
    """Counts per million with a prior count, as edgeR has them, add up again; centred logs do not."""
    reads = COUNTS * 20
    edger = np.log2(
        (reads + 2) / (reads.sum(axis=1, keepdims=True) * np.linspace(0.8, 1.2, 6)[:, None]) * 1e6
    )
    adata = ad.AnnData(edger)
    np.testing.assert_allclose(linear(adata).matrix, 2**edger / (2**edger).sum(axis=1, keepdims=True) * 1e6)
    centred = edger - edger.mean(axis=0)
    with pytest.raises(InputError, match="it cannot be seen what was logged"):
        linear(ad.AnnData(centred))
    frame = pd.DataFrame(
        np.log10(CPM * np.linspace(0.5, 1.5, 6)[:, None] + 1).T, [f"G{i}" for i in range(1500)]
    )
    frame.add_prefix("s").to_csv(tmp_path / "log.csv")
    with pytest.raises(InputError, match="it cannot be seen what was logged"):
        linear(io.read(tmp_path / "log.csv"))
    said = io.read(tmp_path / "log.csv", kind="log10(x+1)")
    assert kind_of(said) == "log"
    assert said.uns["marrowsig"]["input"]["decisions"].endswith("kind log: log10(x+1), as declared")
    np.testing.assert_allclose(linear(said).matrix, CPM, rtol=1e-9, atol=1e-6)
    with pytest.raises(InputError, match=r"kind='log2\(x\+1\)' cannot be true: .* Give kind='log2\(x\)'"):
        settle_kind(edger, "log2(x+1)")
    assert settle_kind(edger, "log2(x)") == ("log", "log2(x), as declared")
