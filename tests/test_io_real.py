"""Real files: each is read, or refused with a reason."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

import marrowsig as ms

pytestmark = pytest.mark.shared


def attempt(path, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.InputWarning)
        warnings.simplefilter("ignore", ms.GeneWarning)
        return ms.io.read(path, **options)


def real_inputs(folder):
    for path in sorted(Path(folder, "formats").rglob("*")):
        if (path.is_dir() and any(f.name.startswith("matrix.mtx") for f in path.iterdir())) or (
            path.is_file() and path.suffix != ".md" and not list(path.parent.glob("matrix.mtx*"))
        ):
            yield path


def test_every_real_file_is_read_or_refused_with_a_reason(shared):
    read, refused = {}, {}
    for path in real_inputs(shared):
        try:
            adata = attempt(path)
        except ms.InputError as error:
            refused[path.name] = str(error)
        else:
            read[path.name] = adata
    assert len(read) >= 0.6 * (len(read) + len(refused))
    for name, adata in read.items():
        assert min(adata.shape) >= 1, name
        assert adata.obs_names.is_unique, name
        assert not any(word in name for word in ("truncated", "multiple_genomes")), name
    for name, reason in refused.items():
        assert name in reason or "values are missing" in reason
        if "truncated" in name:
            assert "cut off" in reason
        if "multiple_genomes" in name:
            assert "genomes" in reason


@pytest.mark.slow
def test_every_real_dataset_has_the_right_kind_and_samples(shared):
    folders = sorted(f.parent for f in (shared / "datasets").glob("*/dataset.json"))
    assert folders
    for folder in folders:
        about = json.loads((folder / "dataset.json").read_text())
        adata = attempt(folder / about["matrix"], samples=folder / "samples.tsv")
        assert adata.shape == (about.get("n_samples") or about["n_cells"], about["n_genes"]), folder.name
        assert adata.uns["marrowsig"]["input"]["kind"] == expected(about["kind"]), folder.name
        for contrast in about["contrasts"]:
            assert {contrast["case"], contrast["control"]} <= set(adata.obs[contrast["column"]]), folder.name


def expected(words):
    words = words.lower()
    known = {"count": "counts", "fpkm": "fpkm", "tpm": "tpm", "log": "log", "negative": "linear_negative"}
    return next((kind for word, kind in known.items() if word in words), "linear")


def test_a_cut_copy_of_a_real_file_is_refused(shared, tmp_path):
    whole = [p for p in real_inputs(shared) if p.name.endswith(".gz") and "truncated" not in p.name]
    assert whole
    for path in whole:
        copy = tmp_path / path.name
        copy.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(ms.InputError, match="cut off"):
            ms.io.read(copy)
        copy.unlink()
