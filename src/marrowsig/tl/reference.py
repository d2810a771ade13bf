"""Score a cohort once, to place samples among its patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError, first
from marrowsig._provenance import recall
from marrowsig._view import gene_names
from marrowsig.methods import METHODS, get
from marrowsig.sig import as_set
from marrowsig.tl._reference import Reference, one_row_a_patient, scored, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anndata import AnnData

    from marrowsig.sig import Signature, SignatureSet

LEAST = 5


def reference(
    cohort: AnnData,
    signatures: SignatureSet | Signature | str | Iterable[str | Signature],
    *,
    name: str,
    method: str = "singscore",
    params: Mapping[str, Any] | None = None,
    genes: Iterable[str] | None = None,
    donor: str | None = "donor",
    layer: str | None = None,
) -> Reference:
    """Keep the scores of a cohort of patients, for `ms.tl.percentile`.

    Parameters
    ----------
    cohort
        Patients x genes, `var_names` symbols, as of `ms.ds.read_cohort` and `ms.pp.map_genes`; one row each.
    signatures
        As for `ms.tl.score`.
    name
        What it is to be called in results.
    method
        A method whose score depends on the order of genes within one row alone.
    params
        Options of the method.
    genes
        Score over those of these genes that the cohort has, as `adata.var_names` of the samples to come: for
        samples with other genes than the cohort. All genes of the cohort by default.
    donor
        Column that names the patient; None if every row is another one.
    layer
        Layer to score; X by default.

    Returns
    -------
    Reference
        `scores`, `genes`, `hashes`, `source`; `write(path)` keeps it in a small file (gzipped JSON), in which
        are no expression values.

    Raises
    ------
    InputError
        If the method looks at other rows or at values, a patient has several rows, there are fewer than five,
        or no signature can be scored.

    Examples
    --------
    >>> import marrowsig as ms
    >>> cohort = ms.ds.toy()
    >>> mine = ms.sig.Signature("il6.mine", axis="il6", genes=["SOCS3", "PIM1", "STAT3", "JUNB", "IL6ST"])
    >>> ms.tl.reference(cohort, mine, name="toy", donor=None)
    <Reference toy: 16 patients, 1 signatures, singscore over 300 genes>
    """
    chosen = get(method)
    if chosen.needs != "rank" or not chosen.per_obs:
        able = [m.name for m in METHODS.values() if m.needs == "rank" and m.per_obs]
        on = "the scale of values" if chosen.per_obs else "other rows"
        msg = (
            f"method={method!r} depends on {on}, so a "
            f"sample from elsewhere cannot be placed by it. Use one of {', '.join(able)}."
        )
        raise InputError(msg)
    names = one_row_a_patient(cohort, donor)
    if len(names) < LEAST:
        msg = f"{len(names)} patients are no cohort; at least {LEAST} are needed, better many more."
        raise InputError(msg)
    own = gene_names(cohort)
    wanted = own if genes is None else [g for g in own if g in set(map(str, genes))]
    if not wanted:
        msg = f"The cohort has none of the genes: {first(own)}. Run ms.pp.map_genes on both first."
        raise InputError(msg)
    sigs = as_set(signatures)
    scores = scored(cohort, tuple(wanted), sigs, method=method, params=params, layer=layer)
    if scores.isna().all(axis=None):
        msg = (
            f"No signature could be scored: too few of their genes are in the cohort ({first(wanted)}). Run "
            "ms.pp.map_genes(cohort) first."
        )
        raise InputError(msg)
    scores.index = names
    have = set(wanted)
    source = recall(cohort, "cohort", {}) or {"file": str(recall(cohort, "input", {}).get("file", ""))}
    return Reference(
        name=name,
        method=method,
        params=dict(params or {}),
        kind=unit_of(cohort, layer),
        genes=tuple(wanted),
        scores=scores,
        members={sig.id: [g for g in sig.genes if g in have] for sig in sigs},
        hashes={sig.id: sig.sha256 for sig in sigs},
        source={str(k): str(v) for k, v in source.items()},
    )
