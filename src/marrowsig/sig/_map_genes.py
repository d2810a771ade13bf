"""The genes of a signature under their current symbols."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, overload

from marrowsig._errors import GeneWarning, SignatureError, first
from marrowsig._gene_ids import LEVELS, resolve_each
from marrowsig.sig._set import SignatureSet
from marrowsig.sig._set_from import as_set
from marrowsig.sig._signature import Signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from marrowsig._gene_ids import Call

KEPT = ("title", "species", "status", "source", "context", "use")


@overload
def map_genes(signatures: Signature) -> Signature: ...
@overload
def map_genes(
    signatures: SignatureSet | Iterable[Signature] | Mapping[str, Iterable[str]] | pd.DataFrame,
) -> SignatureSet: ...
def map_genes(
    signatures: Signature | SignatureSet | Iterable[Signature] | Mapping[str, Iterable[str]] | pd.DataFrame,
) -> Signature | SignatureSet:
    """Rename the genes of signatures of your own to approved human symbols, and fill in their Ensembl ids.

    Reads symbols, old and alias symbols, another case, Ensembl ids (with or without version) and dates that a
    spreadsheet made of symbols, as `ms.pp.map_genes` does for a matrix.

    Parameters
    ----------
    signatures
        A signature of human genes, or several; lists of genes by name, or a table, as for `ms.sig.read`.

    Returns
    -------
    Signature or SignatureSet
        A signature for one, a set for several, the rest of them as it was. The name that the source has
        stays in `listed_as`. A gene that comes twice, under an old and a new symbol, is one gene; with two
        weights it is left out. What no gene table knows, or what could be several genes, keeps its name and
        is in `unmapped`.

    Raises
    ------
    SignatureError
        If a signature is of another species, or no gene is left.

    Warns
    -----
    GeneWarning
        If names are unknown, could be several genes, or were left out; it names them.

    Examples
    --------
    >>> import marrowsig as ms
    >>> old = ms.sig.Signature("emt.mine", axis="emt", genes={"CTGF": 1, "4-Sep": 1, "CDH1": -1})
    >>> new = ms.sig.map_genes(old)
    >>> new.genes
    {'CCN2': 1.0, 'SEPTIN4': 1.0, 'CDH1': -1.0}
    >>> new.listed_as
    {'CCN2': 'CTGF', 'SEPTIN4': '4-Sep'}

    References
    ----------
    Seal RL et al. Nucleic Acids Res 2023, doi:10.1093/nar/gkac888 (HGNC).
    """
    if isinstance(signatures, Signature):
        return _mapped(signatures)
    mapped = []
    for sig in as_set(signatures):
        mapped.append(_mapped(sig))  # noqa: PERF401 - so that a warning points at the caller
    return SignatureSet(mapped)


def _mapped(sig: Signature) -> Signature:
    from marrowsig._genes import table

    if sig.species != "human":
        msg = f"{sig.id} is of {sig.species}; only human genes can be mapped."
        raise SignatureError(msg)
    known = table()
    calls = dict(zip(sig.genes, resolve_each(sig.genes, "symbol", known), strict=True))
    names = {gene: call.name if call.status in LEVELS else gene for gene, call in calls.items()}
    torn = _torn(sig, names)
    kept = {gene: name for gene, name in names.items() if name not in torn}
    if not kept:
        msg = f"{sig.id}: no gene is left: {first(torn)} are listed as rising and as falling."
        raise SignatureError(msg)
    _tell(sig, {g: c for g, c in calls.items() if c.status not in LEVELS and g not in sig.unmapped}, torn)
    was = {name: sig.listed_as.get(gene, gene) for gene, name in kept.items()}
    return Signature(
        sig.id,
        axis=sig.axis,
        genes={name: sig.genes[gene] for gene, name in kept.items()},
        **{key: getattr(sig, key) for key in KEPT},
        ids={n: i for g, n in kept.items() if (i := known.ensembl_of.get(n) or sig.ids.get(g))},
        why={name: sig.why[gene] for gene, name in kept.items() if gene in sig.why},
        listed_as={name: old for name, old in was.items() if old != name},
        unmapped=[name for gene, name in kept.items() if calls[gene].status not in LEVELS],
    )


def _torn(sig: Signature, names: dict[str, str]) -> set[str]:
    """Genes that come under two names with two weights."""
    weights: dict[str, set[float]] = {}
    for gene, name in names.items():
        weights.setdefault(name, set()).add(sig.genes[gene])
    return {name for name, given in weights.items() if len(given) > 1}


def _tell(sig: Signature, unknown: dict[str, Call], torn: set[str]) -> None:
    said = []
    if unknown:
        told = first(f"{gene} ({call.note})" for gene, call in unknown.items())
        said.append(f"{len(unknown)} names stay as they are: {told}")
    if torn:
        said.append(f"{len(torn)} genes come with two weights and are left out: {first(sorted(torn))}")
    if said:
        given = GeneWarning(f"{sig.id}: {'; '.join(said)}.")
        given.left_out = sorted(torn)
        warnings.warn(given, stacklevel=4)
