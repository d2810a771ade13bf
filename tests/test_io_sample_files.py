"""Folders with one file a sample: the same matrix as the joined table, whatever program wrote them."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

if TYPE_CHECKING:
    from pathlib import Path

GENES = ["IL6", "NA", "SOCS3", "GAPDH", "MARCHF1", "B2M"]
SAMPLES = ["mono_1", "mono_2", "co_1", "co_2"]
rng = np.random.default_rng(3)
COUNTS = pd.DataFrame(rng.poisson(200, (4, 6)), index=SAMPLES, columns=GENES)


def _star(folder: Path, *, forward: float | list[float] = 0.02) -> None:
    shares = forward if isinstance(forward, list) else [forward] * 4
    for share, (sample, row) in zip(shares, COUNTS.iterrows(), strict=True):
        lines = [f"{n}\t5\t6\t7" for n in ("N_unmapped", "N_multimapping", "N_noFeature", "N_ambiguous")]
        for gene, total in row.items():
            one = round(total * share)
            lines.append(f"{gene}\t{total}\t{one}\t{total - one}")
        (folder / f"{sample}_ReadsPerGene.out.tab").write_text("\n".join(lines) + "\n")
        (folder / f"{sample}_Log.final.out").write_text("Uniquely mapped reads % | 90\n")


def _htseq(folder: Path) -> None:
    for sample, row in COUNTS.iterrows():
        text = "".join(f"{g}\t{v}\n" for g, v in row.items()) + "__no_feature\t10\n__ambiguous\t3\n"
        (folder / f"{sample}.htseq.counts.txt.gz").write_bytes(gzip.compress(text.encode()))


def _featurecounts(folder: Path) -> None:
    for sample, row in COUNTS.iterrows():
        text = "# Program:featureCounts v2.0.3\nGeneid\tChr\tStart\tEnd\tStrand\tLength\t/data/aln.bam\n"
        text += "".join(f"{g}\tchr1\t1\t900\t+\t900\t{v}\n" for g, v in row.items())
        (folder / f"{sample}_counts.txt").write_text(text)
        (folder / f"{sample}_counts.txt.summary").write_text("Status\t/data/aln.bam\nAssigned\t9\n")


def _rsem(folder: Path) -> None:
    for sample, row in COUNTS.iterrows():
        (folder / sample).mkdir()
        text = "gene_id\ttranscript_id(s)\tlength\teffective_length\texpected_count\tTPM\tFPKM\n"
        text += "".join(f"{g}\tT\t900\t800\t{v}.00\t1.0\t1.0\n" for g, v in row.items())
        (folder / sample / "rsem.genes.results").write_text(text)


@pytest.mark.parametrize("write", [_star, _htseq, _featurecounts])
def test_a_folder_is_the_joined_table(write, tmp_path):
    write(tmp_path)
    adata = ms.io.read(tmp_path)
    assert set(adata.obs_names) == set(SAMPLES)
    assert list(adata.var_names) == GENES
    # STAR's files here are reverse-stranded: 98 % of the reads are in the third column.
    expected = COUNTS - (COUNTS * 0.02).round() if write is _star else COUNTS
    np.testing.assert_array_equal(adata[SAMPLES].X, expected.to_numpy())
    assert adata.uns["marrowsig"]["input"]["kind"] == "counts"


def test_folders_of_rsem_name_the_samples(tmp_path):
    _rsem(tmp_path)
    adata = ms.io.read(tmp_path)
    np.testing.assert_array_equal(adata[SAMPLES].X, COUNTS.to_numpy())
    assert adata.uns["marrowsig"]["input"]["kind"] == "expected_counts"
    assert set(ms.io.read(tmp_path, kind="tpm").X.ravel()) == {1.0}


def test_two_files_of_a_sample_are_refused(tmp_path):
    _htseq(tmp_path)
    (tmp_path / "again").mkdir()
    file = tmp_path / "co_1.htseq.counts.txt.gz"
    (tmp_path / "again" / file.name).write_bytes(file.read_bytes())
    with pytest.raises(ms.InputError, match="1 sample has several files: co_1"):
        ms.io.read(tmp_path)


def test_the_sheet_joins_the_files(tmp_path):
    _star(tmp_path)
    sheet = pd.DataFrame({"sample": SAMPLES, "culture": ["mono", "mono", "co", "co"]})
    adata = ms.io.read(tmp_path, samples=sheet)
    assert adata.obs.loc["co_2", "culture"] == "co"


@pytest.mark.parametrize(("forward", "word"), [(0.97, "forward"), (0.02, "reverse"), (0.5, "unstranded")])
def test_the_strand_is_that_of_the_reads(forward, word, tmp_path):
    _star(tmp_path, forward=forward)
    assert f"column of {word} counts" in ms.io.read(tmp_path).uns["marrowsig"]["input"]["decisions"]


@pytest.mark.parametrize("forward", [[0.02, 0.02, 0.02, 0.5], [0.3, 0.3, 0.3, 0.3]])
def test_strands_that_tell_nothing_are_refused(forward, tmp_path):
    _star(tmp_path, forward=forward)
    with pytest.raises(ms.InputError, match="do not tell the strand"):
        ms.io.read(tmp_path)


def test_files_of_unlike_genes_are_refused(tmp_path):
    _htseq(tmp_path)
    file = tmp_path / "co_1.htseq.counts.txt.gz"
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()).replace(b"IL6\t", b"IL7\t")))
    with pytest.raises(ms.InputError, match="do not list the same genes"):
        ms.io.read(tmp_path)


def test_a_count_that_is_no_number_is_refused(tmp_path):
    _htseq(tmp_path)
    file = tmp_path / "co_1.htseq.counts.txt.gz"
    text = gzip.decompress(file.read_bytes()).replace(b"SOCS3\t", b"SOCS3\tx")
    file.write_bytes(gzip.compress(text))
    with pytest.raises(ms.InputError, match="not whole numbers"):
        ms.io.read(tmp_path)


def test_a_table_of_several_samples_in_a_folder_is_refused(tmp_path):
    COUNTS.T.to_csv(tmp_path / "all_counts.txt", sep="\t", index_label="gene")
    with pytest.raises(ms.InputError, match="holds 4 samples"):
        ms.io.read(tmp_path)
