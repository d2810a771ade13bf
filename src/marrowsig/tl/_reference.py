"""Scores of a cohort, kept with all that is needed to score a sample in the same way."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig._kinds import COUNTS, LENGTHS
from marrowsig._provenance import recall
from marrowsig._readable import as_html
from marrowsig._version import __version__
from marrowsig._view import matrix
from marrowsig.io._atomic import atomic
from marrowsig.io._kind import guess_kind, kind_of

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from anndata import AnnData

    from marrowsig.sig import SignatureSet

FORMAT = "marrowsig reference 1"
PER_READ, PER_LENGTH = frozenset(COUNTS), frozenset(LENGTHS)


@dataclass(frozen=True, repr=False)
class Reference:
    """Distribution of scores over the patients of a cohort.

    Attributes
    ----------
    name, method, params, kind
        What it is called, how it was scored, and what the values were.
    genes
        Genes over which the ranks went: a sample has to be scored over the same.
    scores
        Patients x signatures.
    members
        Signature id to its genes among `genes`.
    hashes
        Signature id to the hash of its genes and weights.
    source
        What the cohort says of itself: title, files, terms, DOI.
    """

    name: str
    method: str
    params: dict[str, Any]
    kind: str
    genes: tuple[str, ...]
    scores: pd.DataFrame
    members: dict[str, list[str]]
    hashes: dict[str, str]
    source: dict[str, str]
    version: str = __version__

    def __repr__(self) -> str:
        n, m = self.scores.shape
        how = f"{self.method} over {len(self.genes)} genes"
        return f"<Reference {self.name}: {n} patients, {m} signatures, {how}>"

    def _repr_html_(self) -> str:
        table = pd.DataFrame({
            "signature": self.scores.columns,
            "n_genes": [len(self.members[name]) for name in self.scores],
            "median": self.scores.median().to_numpy(),
            "median_low": self.scores.quantile(0.05).to_numpy(),
            "median_high": self.scores.quantile(0.95).to_numpy(),
        })  # fmt: skip
        told = [f"{key}: {value}" for key, value in self.source.items() if value]
        said = "Median score of the patients [5 % to 95 % of them]:"
        return as_html([repr(self), *told, said], table)

    @property
    def universe(self) -> str:
        """Hash of the set of genes."""
        return hashlib.sha256("\n".join(sorted(self.genes)).encode()).hexdigest()

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write it to a gzipped JSON file, whole or not at all; the same reference gives the same bytes."""
        body = {
            "format": FORMAT, "name": self.name, "method": self.method, "params": self.params,
            "kind": self.kind, "universe": self.universe, "genes": list(self.genes), "members": self.members,
            "hashes": self.hashes, "source": self.source, "version": self.version,
            "patients": [str(i) for i in self.scores.index],
            "scores": {c: [None if np.isnan(v) else float(v) for v in self.scores[c]] for c in self.scores},
        }  # fmt: skip
        text = json.dumps(body, indent=0, default=str)
        with atomic(path) as part:
            part.write_bytes(gzip.compress(text.encode(), mtime=0))


def read_reference(path: str | os.PathLike[str]) -> Reference:
    """Read what `Reference.write` wrote.

    Raises
    ------
    InputError
        If it is not that, or was changed.
    """
    place = Path(path)
    try:
        body = json.loads(gzip.decompress(place.read_bytes()))
        scores = pd.DataFrame(body["scores"], index=body["patients"], dtype=float)
        same = ("name", "method", "params", "kind", "members", "hashes", "source", "version")
        found = Reference(genes=tuple(body["genes"]), scores=scores, **{key: body[key] for key in same})
        whole = body["format"] == FORMAT and body["universe"] == found.universe
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        msg = f"{place.name} is no reference that ms.tl.reference(...).write made ({type(error).__name__})."
        raise InputError(msg) from error
    if not whole:
        msg = f"{place.name} is of another format, or was changed. Make it again: ms.tl.reference."
        raise InputError(msg)
    return found


def scored(
    adata: AnnData,
    genes: tuple[str, ...],
    sigs: SignatureSet,
    *,
    method: str,
    params: Mapping[str, Any] | None,
    layer: str | None,
) -> pd.DataFrame:
    """Scores (rows x signatures) over these genes and no others; `adata` stays as it is."""
    import anndata as ad

    from marrowsig.tl.score import score

    columns = adata.var_names.get_indexer(list(genes))
    part = ad.AnnData(
        matrix(adata, layer)[:, columns],
        obs=pd.DataFrame(index=adata.obs_names),
        var=pd.DataFrame(index=list(genes)),
    )
    score(part, sigs, method=method, params={method: dict(params)} if params else None)
    return pd.DataFrame(part.obsm[f"score_{method}"])


def unit_of(adata: AnnData, layer: str | None) -> str:
    """Kind of the values; of what `ms.pp.lognorm` made, the kind before, which has the same order."""
    kind = kind_of(adata) if layer is None else guess_kind(matrix(adata, layer))[0]
    if kind == "log" and layer is None:
        return str(recall(adata, "lognorm", {}).get("from", kind))
    return str(kind)


def comparable(sample: str, cohort: str) -> tuple[bool, str]:
    """Whether order within a sample means the same in both, and what is to be said of it."""
    told = [next((u for u in (PER_READ, PER_LENGTH) if k in u), None) for k in (sample, cohort)]
    if None not in told:
        same = told[0] == told[1]
        return (
            same,
            "" if same else f"sample {sample}, cohort {cohort}: one counts reads, one divides by length",
        )
    if sample == cohort and sample not in ("log", "linear"):
        return True, ""
    return (
        True,
        f"sample {sample}, cohort {cohort}: whether both rank genes alike cannot be told from the values",
    )


def one_row_a_patient(adata: AnnData, donor: str | None) -> pd.Index:
    """Name of the patient of each row.

    Raises
    ------
    InputError
        If one has several.
    """
    if donor is None:
        return pd.Index(adata.obs_names.astype(str))
    if donor not in adata.obs:
        msg = f"obs has no column {donor!r}. Say donor=, or donor=None if every row is another patient."
        raise InputError(msg)
    names = pd.Index(adata.obs[donor].astype(str))
    if (names == "").any() or adata.obs[donor].isna().any():
        msg = f"Some rows have no {donor}: healthy controls? Use cohort[cohort.obs[{donor!r}] != '']."
        raise InputError(msg)
    if names.has_duplicates:
        twice = names[names.duplicated()].unique()
        msg = (
            f"{len(twice)} patients have several rows: {first(twice)}. A patient counts once: choose a row, "
            "or sum cells with ms.pp.pseudobulk."
        )
        raise InputError(msg)
    return names
