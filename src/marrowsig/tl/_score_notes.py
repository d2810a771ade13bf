"""What `ms.tl.score` has to say about scores that are missing or partial: one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import first

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets
    from marrowsig.sig import SignatureSet

_COVERS_ALL = "because its genes are all the genes of the matrix"
_WHY = {
    "singscore": _COVERS_ALL,
    "ssgsea": _COVERS_ALL,
    "ucell": "because it has no rising gene here, or lists more genes than max_rank",
    "zscore": "because none of its genes varies between the samples",
}


def low_coverage(coverage: pd.DataFrame, enough: NDArray[np.bool_], min_coverage: float) -> list[str]:
    """Signatures that were not scored, with what is missing."""
    notes = []
    for row in coverage[~enough].to_dict("records"):
        share = f"{row['found']} of {row['listed']} genes found ({100 * row['coverage']:.0f} %)"
        why = f"< min_coverage {min_coverage:g} -> NaN" if row["found"] else "-> NaN"
        notes.append(f"{row['signature']}: {share} {why}, missing: {first(row['missing'].split(', '))}")
    return notes


def one_sided(sets: Sets, enough: NDArray[np.bool_]) -> list[str]:
    """Signatures with two directions, one of which was not measured at all."""
    notes = []
    for sign, word, rest in ((1, "rising", "falling"), (-1, "falling", "rising")):
        part = sets.part(sign)
        for s in np.flatnonzero(enough & (part.listed > 0) & (part.found == 0)):
            none = f"none of its {part.listed[s]} {word} genes found"
            notes.append(f"{sets.names[s]}: {none}, so only the {rest} ones count")
    return notes


def no_value(sets: Sets, values: Mapping[str, NDArray[np.float64]], flat: NDArray[np.bool_]) -> list[str]:
    """Signatures with enough genes that a method still cannot score in any row; `flat` rows aside."""
    notes: list[str] = []
    if flat.all():
        return notes
    for name, scores in values.items():
        why = _WHY.get(name, "its kernel gave no value in any row")
        lost = np.isnan(scores[~flat]).all(axis=0)
        notes += [f"{sets.names[s]}: {name} is NaN, {why}" for s in np.flatnonzero(lost)]
    return notes


def without_order(obs_names: Iterable[str], flat: NDArray[np.bool_]) -> list[str]:
    """Rows that have no ranks."""
    if not flat.any():
        return []
    names = [name for name, f in zip(obs_names, flat, strict=True) if f]
    n = f"{len(names)} of {flat.size} rows"
    return [f"{n} have the same value in every gene, so no ranks; rank methods give NaN: {first(names)}."]


def retired(sigs: SignatureSet) -> list[str]:
    """Signatures that should not be used in new work."""
    old = [sig.id for sig in sigs if sig.status == "retired"]
    return [f"Retired signatures, kept to repeat older analyses: {first(old)}."] if old else []
