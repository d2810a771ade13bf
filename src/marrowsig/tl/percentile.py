"""Where samples lie among the patients of a cohort."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, InputWarning, SignatureError, first
from marrowsig._stats.binomial import exact_interval
from marrowsig._view import gene_names
from marrowsig.sig import SignatureSet, as_set, load
from marrowsig.tl._reference import Reference, comparable, read_reference, scored, unit_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from anndata import AnnData

    from marrowsig.sig import Signature

LACKING = 0.01


def percentile(
    adata: AnnData,
    reference: Reference | str | os.PathLike[str],
    *,
    signatures: SignatureSet | Signature | str | Iterable[str | Signature] | None = None,
    layer: str | None = None,
    across_units: bool = False,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Place each sample among the patients of a cohort, by a score that knows no other sample.

    Samples are scored over the genes of the reference, as it was. Rank scores still carry the platform: how
    deep, which library, whether values count reads or divide by length. Bulk belongs to bulk, and a
    percentile compares with this cohort, not with "patients".

    Up to 1 % of the genes of the reference may lack. Of 11 real pseudobulks and 21 signatures, leaving out so
    many at random moved no score by more than 0.02 SD between patients; the most expressed ones (as if
    ribosomal and mitochondrial genes had been removed) by up to 0.3 SD. `lacking` says how many there are.

    Parameters
    ----------
    adata
        Samples x genes, `var_names` symbols; bulk or pseudobulk.
    reference
        Of `ms.tl.reference`, or the file that its `write` made.
    signatures
        Those of the reference that are not in the catalogue, or only those that are asked for.
    layer
        Layer to score; X by default.
    across_units
        Place counts among TPM or FPKM, or the other way, all the same: the order of genes within a sample
        then differs for reasons of gene length alone.
    alpha
        One minus the level of the interval.

    Returns
    -------
    DataFrame
        One row a sample and signature: sample, signature, score, n (patients), below, ties, percentile (0 to
        100; ties count half), low, high (of the share of all such patients with a lower score, for a cohort
        of n drawn from them: exact, Clopper-Pearson; not for the error of the sample's own score),
        reference, lacking (share of the reference's genes that the sample has not), note (on units). NaN
        where there is no score.

    Raises
    ------
    InputError
        If more than 1 % of the genes of the reference, or a member of a signature, are not there; a signature
        is not the one that was scored; or units differ.

    Warns
    -----
    InputWarning
        If it cannot be told whether units agree.

    Examples
    --------
    >>> import marrowsig as ms
    >>> cohort = ms.ds.toy()
    >>> mine = ms.sig.Signature("il6.mine", axis="il6", genes=["SOCS3", "PIM1", "STAT3", "JUNB", "IL6ST"])
    >>> known = ms.tl.reference(cohort, mine, name="toy", donor=None)
    >>> place = ms.tl.percentile(cohort[:2], known, signatures=mine)
    >>> place[["sample", "n", "ties"]].values.tolist()
    [['r1_parental_mono', 16, 1], ['r2_parental_mono', 16, 1]]

    References
    ----------
    Clopper CJ, Pearson ES. Biometrika 1934;26:404-413, doi:10.1093/biomet/26.4.404.
    """
    known = reference if isinstance(reference, Reference) else read_reference(reference)
    if not 0 < alpha < 1:
        msg = f"alpha={alpha!r} is not between 0 and 1."
        raise InputError(msg)
    sigs = _signatures(known, signatures)
    lacking = _lacking(adata, known, sigs)
    unit = unit_of(adata, layer)
    alike, note = comparable(unit, known.kind)
    if not alike and not across_units:
        msg = (
            f"{note}, so genes rank differently for their length alone. Bring both to one unit, or pass "
            "across_units=True."
        )
        raise InputError(msg)
    if note:
        warnings.warn(f"{known.name}: {note}.", InputWarning, stacklevel=2)
    there = set(gene_names(adata))
    genes = tuple(g for g in known.genes if g in there)
    scores = scored(adata, genes, sigs, method=known.method, params=known.params, layer=layer)
    rows = [_placed(scores[id], known.scores[id], alpha) for id in scores]
    frame = pd.concat(rows, ignore_index=True)
    return frame.assign(reference=known.name, lacking=lacking, note=note)


def _signatures(known: Reference, given: object) -> SignatureSet:
    """Find the signatures of the reference, with the genes that they had."""
    own = {s.id: s for s in as_set(given)} if given is not None else {}  # type: ignore[arg-type]
    other = [id for id in own if id not in known.hashes]
    if other:
        msg = f"{known.name} has no scores of {first(other)}. It has {first(known.hashes)}."
        raise InputError(msg)
    found, changed = [], []
    for id in own or known.hashes:
        try:
            sig = own.get(id) or load(id)[id]
        except SignatureError:
            changed.append(id)
            continue
        if sig.sha256 == known.hashes[id]:
            found.append(sig)
        else:
            changed.append(id)
    if changed:
        msg = (
            f"{first(changed)}: not the genes that were scored in {known.name}, or not in the catalogue. "
            "Pass the same as signatures=, or make the reference again."
        )
        raise InputError(msg)
    return as_set(found)


def _lacking(adata: AnnData, known: Reference, sigs: SignatureSet) -> float:
    there = set(gene_names(adata))
    lost = [g for g in known.genes if g not in there]
    members = {g for sig in sigs for g in known.members[sig.id]}
    needed = [g for g in lost if g in members]
    share = len(lost) / len(known.genes)
    if needed or share > LACKING:
        what = f"{len(needed)} of them in signatures: {first(needed)}" if needed else first(lost)
        msg = (
            f"These lack {len(lost)} of the {len(known.genes)} genes of {known.name} ({what}), so ranks "
            "are not over the same genes. Use all genes, unfiltered (ms.pp.map_genes first), or make the "
            "reference over common genes: ms.tl.reference(cohort, ..., genes=adata.var_names)."
        )
        raise InputError(msg)
    return share


def _placed(scores: pd.Series, cohort: pd.Series, alpha: float) -> pd.DataFrame:
    """Rank of each score in the cohort, with its interval."""
    sorted_ = np.sort(cohort.dropna().to_numpy())
    n = sorted_.size
    values = scores.to_numpy()
    below = np.searchsorted(sorted_, values, side="left")
    up_to = np.searchsorted(sorted_, values, side="right")
    low, high = exact_interval(below, up_to, n, alpha=alpha)
    missing = np.isnan(values) | (n == 0)
    share = (below + (up_to - below) / 2) / max(n, 1)
    out = {
        "sample": [str(s) for s in scores.index], "signature": scores.name, "score": values, "n": n,
        "below": below, "ties": up_to - below,
    }  # fmt: skip
    for key, column in (("percentile", share), ("low", low), ("high", high)):
        out[key] = np.where(missing, np.nan, 100 * column)
    return pd.DataFrame(out)
