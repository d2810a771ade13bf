"""How many genes of each signature the data have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._sets import index_sets
from marrowsig._view import gene_names
from marrowsig.tl._own_lists import named

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from anndata import AnnData

    from marrowsig.sig import Signature, SignatureSet


def coverage(
    adata: AnnData, signatures: SignatureSet | Signature | str | Iterable[str | Signature]
) -> pd.DataFrame:
    """Count the genes of every signature that are in `var_names`, without scoring.

    Parameters
    ----------
    adata
        Samples or cells x genes, `var_names` the gene symbols.
    signatures
        A `SignatureSet`, a `Signature`, an id, an axis, or several of these.

    Returns
    -------
    DataFrame
        One row per signature: signature, axis, listed (genes), found (genes), coverage (found / listed),
        missing (symbols joined by ", "). Nothing is written.

    Raises
    ------
    InputError
        If `var_names` are not unique.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> mine = ms.sig.Signature("il6.mine", axis="il6", genes=[*adata.var_names[:3], "NOSUCHGENE"])
    >>> ms.qc.coverage(adata, mine)[["found", "listed", "missing"]].values.tolist()
    [[3, 4, 'NOSUCHGENE']]
    """
    return index_sets(named(adata, signatures), gene_names(adata))[1]
