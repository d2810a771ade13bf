"""X is not one of the layers, whatever anndata lists."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pytest

import marrowsig as ms
from marrowsig._layers import layers_of

GENES = ["ENSG00000136244.1", "ENSG00000136244.2", "ENSG00000184557"]
VALUES = np.array([[1.25, 2.5, 4.5], [0.5, 8.75, 3.25]])


def study(kind: str) -> ad.AnnData:
    adata = ad.AnnData(VALUES.copy())
    adata.var_names = GENES
    adata.uns["marrowsig"] = {"input": {"kind": kind}}
    return adata


def test_only_named_layers_are_listed() -> None:
    adata = study("tpm")
    assert layers_of(adata) == {}
    adata.layers["other"] = VALUES
    assert list(layers_of(adata)) == ["other"]


@pytest.mark.parametrize(
    ("kind", "expected"), [("tpm", VALUES[:, :2].sum(axis=1)), ("log", VALUES[:, 1])], ids=["sum", "max"]
)
def test_x_is_combined_by_its_own_kind(kind: str, expected: np.ndarray) -> None:
    adata = study(kind)
    ms.pp.map_genes(adata)
    assert list(adata.var_names) == ["IL6", "SOCS3"]
    np.testing.assert_allclose(adata.X[:, 0], expected)


def test_a_missing_layer_is_refused_with_the_names_of_the_others() -> None:
    with pytest.raises(ms.InputError, match="This AnnData has: none"):
        ms.tl.score(study("tpm"), "il6.hallmark", layer="nope")
