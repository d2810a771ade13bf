"""Over which tests the terminal says that p of own lists are adjusted: those of the rows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import marrowsig as ms
from marrowsig._cli.which_p import over_own

if TYPE_CHECKING:
    import anndata as ad


@pytest.fixture(scope="module")
def scored() -> ad.AnnData:
    adata = ms.ds.toy()
    lists = {name: list(adata.var_names[k : k + 20]) for name, k in (("emt.mine", 0), ("other.lab", 40))}
    sigs = [ms.sig.Signature(name, axis=name.split(".")[0], genes=genes) for name, genes in lists.items()]
    ms.tl.score(adata, ms.sig.SignatureSet(sigs))
    return adata


@pytest.mark.parametrize(
    ("primary", "told"),
    [
        (["other.lab", "emt.mine"], "by Holm over {n} tests"),
        (["emt.mine"], "by Holm over {n} tests, of other.lab by Benjamini-Hochberg within each contrast"),
    ],
)
def test_own_lists_are_adjusted_as_their_rows_say(scored: ad.AnnData, primary: list[str], told: str) -> None:
    design = ms.Design(culture="culture", line="line", pair="pair")
    rows = ms.tl.compare(scored, design, primary=primary)
    own = rows[rows["adjustment"].ne("BH") & rows["p"].notna()]
    n = len(own)  # Holm's first step is the smallest p times the size of the family
    assert own["p_adj"].min() == pytest.approx(min(1.0, own["p"].min() * n), rel=1e-9)
    assert over_own(rows) == told.format(n=n)
    beside = rows[~rows["signature"].isin(own["signature"])]
    if len(beside):
        assert over_own(beside) == "by Benjamini-Hochberg within each contrast"
