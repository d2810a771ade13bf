"""What `ms.tl.score` has to say about scores that are missing or partial: one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import first
from marrowsig._view import some_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    import pandas as pd
    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets
    from marrowsig.sig import SignatureSet

FEW, MANY, TIMES = 4, 6, 3
"""Genes of one direction that decide a score, against `MANY` and `TIMES` as many of the other."""
APART, NAMED = 2, 12
"""Signatures with one fault that have a line each, and those that one line of more names."""
TOO_FEW = "signatures with too few of their genes found"
_UP_MINUS_DOWN = ("singscore", "ssgsea", "gsva", "aucell", "ucell")
_COVERS_ALL = "because its genes are all the genes of the matrix"
_WHY = {
    "singscore": _COVERS_ALL,
    "aucell": "because its part of top genes holds no place",
    "gsva": "because none of its genes varies, or they are all that vary",
    "plage": "because none of its genes varies between the samples",
    "ulm": "because all genes have the same weight, or the rows are constant",
    "module": "because its bins hold no other genes",
    "ssgsea": _COVERS_ALL,
    "ucell": "because it has no rising gene here, or lists more genes than max_rank",
    "zscore": "because none of its genes varies between the samples",
}


def low_coverage(
    coverage: pd.DataFrame,
    enough: NDArray[np.bool_],
    min_coverage: float,
    *,
    so: str = "NaN",
    unmet: Mapping[str, str] | None = None,
) -> list[str]:
    """Signatures that were not scored, with what is missing, and what they got instead."""
    notes: list[str] = []
    if enough.all():
        return notes
    poor = coverage[~enough].to_dict("records")
    if len(short := [row for row in poor if not unmet or row["signature"] not in unmet]) > APART:
        named = first((f"{row['signature']} ({row['found']} of {row['listed']})" for row in short), NAMED)
        notes.append(f"{len(short)} {TOO_FEW}, min_coverage={min_coverage:g} -> {so}: {named}")
        poor = [row for row in poor if row not in short]
    for row in poor:
        if unmet and row["signature"] in unmet:
            notes.append(f"{row['signature']}: {so} in every method: {unmet[row['signature']]}")
            continue
        share = f"{row['found']} of {row['listed']} genes found ({100 * row['coverage']:.0f} %)"
        why = f"< min_coverage={min_coverage:g} -> {so}" if row["found"] else f"-> {so}"
        notes.append(f"{row['signature']}: {share} {why}, missing: {first(row['missing'].split(', '))}")
    return notes


def one_sided(sets: Sets, enough: NDArray[np.bool_]) -> list[str]:
    """Signatures with two directions, one of which was not measured at all."""
    notes = []
    for sign, word, rest in ((1, "rising", "falling"), (-1, "falling", "rising")):
        part = sets.part(sign)
        silent = np.flatnonzero(enough & (part.listed > 0) & (part.found == 0))
        if len(silent) > APART:
            named = first((f"{sets.names[s]} ({part.listed[s]})" for s in silent), NAMED)
            notes.append(
                f"{len(silent)} signatures with none of their {word} genes found, so only the {rest} ones "
                f"count: {named}"
            )
            continue
        for s in silent:
            none = f"none of its {part.listed[s]} {word} genes found"
            notes.append(f"{sets.names[s]}: {none}, so only the {rest} ones count")
    return notes


def lopsided(sets: Sets, enough: NDArray[np.bool_], methods: Iterable[str]) -> list[str]:
    """Signatures of which one to four genes weigh as much as many, where a method takes up minus down."""
    apart = [name for name in methods if name in _UP_MINUS_DOWN]
    up, down = sets.part(1), sets.part(-1)
    notes = []
    for s in np.flatnonzero(enough & (up.found > 0) & (down.found > 0)) if apart else ():
        few, many = sorted((up.found[s], down.found[s]))
        if few <= FEW and many >= max(MANY, TIMES * few):
            word, rest = ("falling", "rising") if down.found[s] == few else ("rising", "falling")
            notes.append(
                f"{sets.names[s]}: {few} {word} gene{'s' if few > 1 else ''} count as much as {many} {rest} "
                f"ones in {first(apart)}, which take up minus down; leave the {word} out, or use ulm"
            )
    return notes


def no_value(sets: Sets, values: Mapping[str, NDArray[np.float64]], flat: NDArray[np.bool_]) -> list[str]:
    """Signatures with enough genes that a method still cannot score in any row; `flat` rows aside."""
    notes: list[str] = []
    if flat.all():
        return notes
    for name, scores in values.items():
        if _complete(scores):
            continue
        why = _WHY.get(name, "its kernel gave no value in any row")
        lost = np.isnan(scores[~flat]).all(axis=0)
        notes += [f"{sets.names[s]}: {name} is NaN, {why}" for s in np.flatnonzero(lost)]
    return notes


def _complete(scores: NDArray[Any]) -> bool:
    """Whether no score is NaN, found out in one sum; False also where it cannot be told so quickly."""
    with np.errstate(all="ignore"):
        return bool(np.isfinite(scores.sum()))


def without_order(obs_names: Iterable[str], flat: NDArray[np.bool_]) -> list[str]:
    """Rows that have no ranks."""
    if not flat.any():
        return []
    names = [name for name, f in zip(obs_names, flat, strict=True) if f]
    n = f"{len(names)} of {flat.size} rows"
    return [f"{n} have the same value in every gene, so no ranks; rank methods give NaN: {first(names)}."]


def without_interval(sets: Sets, values: Mapping[str, NDArray[np.float64]]) -> list[str]:
    """Signatures whose scores have no interval in any row; `values` holds `<method>` and `<method>_low`."""
    notes = []
    for name in [n for n in values if f"{n}_low" in values]:
        lost = np.isfinite(values[name]).any(axis=0) & np.isnan(values[f"{name}_low"]).all(axis=0)
        notes += [
            f"{sets.names[s]}: {name} has no interval, because that takes three genes, and a score when any "
            "of them is left out"
            for s in np.flatnonzero(lost)
        ]
    return notes


def without_value(
    obs_names: Iterable[str], values: Mapping[str, NDArray[np.float64]], flat: NDArray[np.bool_]
) -> list[str]:
    """Rows without a score in any signature, where others have one; `flat` rows are told of already."""
    names, notes = None, []
    for method, scores in values.items():
        if _complete(scores):
            continue
        lost = np.isnan(scores).all(axis=1) & ~flat
        if scores.shape[1] and lost.any() and not lost.all():
            names = names or list(obs_names)
            which = first([names[i] for i in np.flatnonzero(lost)])
            notes.append(
                f"{lost.sum()} of {lost.size} rows have no {method} score, because all their genes have the "
                f"same value or the signatures explain them wholly: {which}."
            )
    return notes


def many_zeros(x: Any, options: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Methods whose definition says little on a matrix with as many zeros as this one."""
    p = x.shape[1]
    if p >= 2 * options.get("ucell", {}).get("max_rank", 0) and "gsva" not in options:
        return []
    rows = some_rows(x)
    stored = float(np.median(np.asarray((rows != 0).sum(axis=1))))
    notes = []
    given = options.get("ucell", {})
    if given.get("zeros") == "rank" and stored < p / 2 and (stored + 1 + p) / 2 < given["max_rank"] < p:
        notes.append(
            f"ucell: with {p} genes, {p - stored:.0f} of them zero in a typical row, zeros share place "
            f"{(stored + 1 + p) / 2:.0f}, among the first {given['max_rank']:g} that max_rank keeps, and so "
            "count as expressed. "
            'Use params={"ucell": {"zeros": "max_rank"}} or a lower max_rank.'
        )
    if "gsva" in options and stored < p / 2:
        notes.append(
            f"gsva: {p - stored:.0f} of {p} genes are zero in a typical row, and tied genes decide much of "
            "its walk. Score pseudobulk, or use a rank method such as 'ucell'."
        )
    return notes


def not_of_blasts(sigs: SignatureSet) -> list[str]:
    """Signatures whose score is no response of leukaemia cells."""
    words = {
        "components": "parts of a pathway, no response: a score says what cells have, not do",
        "stroma_response": "measured in stromal cells: where samples are mixed, the stroma may answer",
    }
    found = {kind: [s.id for s in sigs if s.kind == kind and s.axis != "control"] for kind in words}
    return [f"{first(ids)}: {words[kind]}." for kind, ids in found.items() if ids]


def retired(sigs: SignatureSet) -> list[str]:
    """Signatures that should not be used in new work."""
    old = [sig.id for sig in sigs if sig.status == "retired"]
    return [f"Retired signatures, kept to repeat older analyses: {first(old)}."] if old else []
