"""What the claims are judged on: leukaemia cells with scores, stroma beside them, and the contrasts."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._carry_over import NO_REFERENCE, NOT_EXAMINED
from marrowsig._counts_layer import naming_counts
from marrowsig._errors import InputError, InputWarning, first
from marrowsig._kinds import COUNTS, LENGTHS
from marrowsig._own_co import as_co
from marrowsig.qc._stroma_reference import stroma_rows
from marrowsig.sig import Signature
from marrowsig.tl._claims_asked import BLASTS
from marrowsig.tl._claims_whose import TOLD, stroma_by_sheet
from marrowsig.tl._own_lists import named
from marrowsig.tl._score_options import methods_of
from marrowsig.tl._scored import frames

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from anndata import AnnData

    from marrowsig._plan import Plan
    from marrowsig.design import Design
    from marrowsig.qc._stroma_result import Stroma
    from marrowsig.sig import SignatureSet

SIGNATURES = {
    "emt": (
        "emt.hallmark",
        "emt.blast",
        "emt.mak2016",
        "emt.tan2014_cellline",
        "emt.gavish2023_mp13",
    ),
    "il6": ("il6.hallmark",),
    "stat3": ("stat3.specific", "stat3.dauer2005"),
}
"""Named before any data: the signature that answers for an axis, then its versions; see docs/claims.md."""

METHODS = ("singscore", "mean", "ucell")
RAW = (*COUNTS, *LENGTHS, "linear")


@dataclass
class Data:
    """Samples on a log scale: all of them, the leukaemia cells with their scores, the stroma.

    ids     axis to ids, the one that answers first
    scores  method to samples x signatures; `method` answers
    checks  of stroma for leukaemia RNA, each with the line that it asks, as they are made
    """

    whole: AnnData
    blasts: AnnData
    partner: AnnData | None
    plans: list[Plan]
    signatures: SignatureSet
    ids: dict[str, list[str]]
    scores: dict[str, pd.DataFrame]
    method: str
    stroma: Stroma | None = None
    whose: str = BLASTS
    checks: list[tuple[str, Stroma]] = field(default_factory=list)

    @property
    def none(self) -> str:
        """What the check of carry-over says without a reference: of stroma there is none to give."""
        return NO_REFERENCE if self.whose == BLASTS else NOT_EXAMINED

    def main(self) -> SignatureSet:
        """Signatures that answer."""
        from marrowsig.sig import SignatureSet

        named = {own[0] for own in self.ids.values()}
        return SignatureSet([sig for sig in self.signatures if sig.id in named])

    def compartment(self, stratum: str) -> str:
        """Level of the compartment of a stratum, or that these are the leukaemia cells."""
        named = [p.partition("=")[2] for p in stratum.split("; ") if p.startswith("compartment=")]
        return named[0] if named else self.whose

    def state(self, stratum: str) -> str:
        """Level of the compartment, where leukaemia cells of several are asked; else nothing."""
        several = len({self.compartment(plan.stratum) for plan in self.plans}) > 1
        return self.compartment(stratum) if several else ""


def data_of(
    adata: AnnData,
    design: Design,
    signatures: Mapping[str, str | Signature | Iterable[str | Signature]] | None,
    methods: str | Iterable[str] | None,
    stroma: Any,
    partner: str | None,
    *,
    min_coverage: float,
) -> Data:
    """Copy, take logs of counts, set stroma aside, and score."""
    from marrowsig.tl.score import score

    given = _ids(signatures)
    sigs = named(adata, [one for own in given.values() for one in own])
    ids = {axis: [str(getattr(one, "id", one)) for one in own] for axis, own in given.items()}
    chosen = [m.name for m in methods_of(_methods(adata) if methods is None else methods)]
    whole = _logged(adata)
    level = partner if partner is not None else stroma if isinstance(stroma, str) else None
    here = np.zeros(adata.n_obs, dtype=bool) if level is None else stroma_rows(adata, design, level)
    blasts = whole[~here].copy()
    with naming_counts(blasts):
        plans = design.plans(blasts.obs)
    for key in [k for k in blasts.obsm if k.startswith("score_")] if here.any() else []:
        del blasts.obsm[key]  # of these rows beside others
    score(blasts, sigs, method=chosen, min_coverage=min_coverage)
    scores = {name: blasts.obsm[f"score_{name}"] for name in chosen}
    beside = whole[here].copy() if here.any() else None
    if beside is not None:
        beside.obs = as_co(beside.obs, design, whole.obs)
    found = stroma_by_sheet(blasts.obs, design.compartment)
    if found:
        warnings.warn(TOLD.format(column=found[0], level=found[1]), InputWarning, stacklevel=3)
    whose = found[1] if found else BLASTS
    return Data(whole, blasts, beside, plans, sigs, ids, scores, chosen[0], whose=whose)


def _ids(given: Mapping[str, str | Signature | Iterable[str | Signature]] | None) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {axis: list(own) for axis, own in SIGNATURES.items()}
    for axis, own in (given or {}).items():
        if axis not in found:
            msg = f"signatures= names the axis {axis!r}; it has to be one of {first(map(repr, found))}."
            raise InputError(msg)
        found[axis] = [own] if isinstance(own, str | Signature) else _once(own)
        if not found[axis]:
            msg = f"signatures= names none for {axis!r}. Give an id such as {SIGNATURES[axis][0]!r}."
            raise InputError(msg)
    return found


def _once(own: Iterable[Any]) -> list[Any]:
    """Each once, in their order, by id."""
    return list({str(getattr(one, "id", one)): one for one in own}.values())


def _methods(adata: AnnData) -> list[str]:
    """Methods that were used already, singscore first; the default where there are fewer than two."""
    try:
        used = list(frames(adata, method=None, signatures=None))
    except InputError:
        used = []
    used = [name for name in used if _known(name)]
    return sorted(used, key=lambda name: name != METHODS[0]) if len(used) > 1 else list(METHODS)


def _known(name: str) -> bool:
    try:
        return bool(methods_of(name))
    except InputError:
        return False


def _logged(adata: AnnData) -> AnnData:
    from marrowsig.io._kind import kind_of
    from marrowsig.pp import lognorm

    work = adata.copy()
    if kind_of(work) in RAW:
        lognorm(work)
    return work
