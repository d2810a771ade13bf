"""Which genes signatures share."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig.sig import as_set

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marrowsig.sig import Signature, SignatureSet

COLUMNS = [
    "a", "b", "n_a", "n_b", "shared", "jaccard", "share_of_smaller", "same_direction", "opposite", "genes",
]  # fmt: skip


def overlap(signatures: SignatureSet | Signature | str | Iterable[str | Signature]) -> pd.DataFrame:
    """Count the genes that each pair of signatures shares.

    Parameters
    ----------
    signatures
        A `SignatureSet`, ids, axes, or several of these; two signatures or more.

    Returns
    -------
    DataFrame
        One row per pair, the highest Jaccard index first: a, b, n_a, n_b (genes), shared, jaccard (shared /
        genes of either), share_of_smaller, same_direction and opposite (shared genes whose weights agree in
        sign, or do not), genes (the first shared ones, joined by ", ").

    Raises
    ------
    InputError
        If there is only one signature.

    Examples
    --------
    >>> import marrowsig as ms
    >>> one = ms.sig.Signature("il6.one", axis="il6", genes={"SOCS3": 1, "BCL3": 1, "CCR2": -1})
    >>> two = ms.sig.Signature("il6.two", axis="il6", genes={"SOCS3": 1, "CCR2": 1})
    >>> ms.qc.overlap([one, two])[["shared", "same_direction", "opposite"]].values.tolist()
    [[2, 1, 1]]
    """
    sigs = list(as_set(signatures))
    if len(sigs) < 2:
        msg = f"There is one signature, {sigs[0].id}. Give two or more, e.g. ms.sig.load('emt', 'il6')."
        raise InputError(msg)
    table = pd.DataFrame([_row(a, b) for a, b in combinations(sigs, 2)], columns=COLUMNS)
    return table.sort_values("jaccard", ascending=False, kind="stable", ignore_index=True)


def _row(a: Signature, b: Signature) -> tuple[object, ...]:
    shared = [g for g in a.genes if g in b.genes]
    n, same = len(shared), sum(a.genes[g] * b.genes[g] > 0 for g in shared)
    either = len(a) + len(b) - n
    return (
        a.id, b.id, len(a), len(b), n, n / either, n / min(len(a), len(b)), same, n - same, first(shared),
    )  # fmt: skip
