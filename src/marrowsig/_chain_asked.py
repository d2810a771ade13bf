"""The chain of a run: which signatures stand for its steps, and whether carry-over was asked of these."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from marrowsig._errors import CoverageWarning, DesignError, GeneWarning, InputError, InputWarning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from marrowsig._further import Asked
    from marrowsig.design import Design
    from marrowsig.sig import Signature

CHAIN = {"il6": "il6.hallmark", "stat3": "stat3.specific", "emt": "emt.blast"}
"""Signatures of the steps; of an axis whose own was not scored, the main one."""


def step_of(asked: Asked, axis: str, versions: Sequence[Signature]) -> Any:
    """Return the signature that stands for a step, of those of the axes; None without."""
    known = {s.id: s for s in versions if s.axis == axis}
    main = next((id for id in asked.named if id in known), None)
    return known.get(CHAIN[axis], None if main is None else known[main])


def chain_of(asked: Asked, versions: Sequence[Signature]) -> Iterator[tuple[str, Any]]:
    """Give the chain, with the verdicts on carry-over of its own signatures."""
    steps = {axis: step_of(asked, axis, versions) for axis in CHAIN}
    design = cast("Design", asked.design)  # a formula is refused with the reason
    apart = _carry_over(asked, list(steps.values()))
    how = {"method": asked.method, **({} if apart is None else {"stroma": apart})}
    yield "chain", asked.calls.call("chain", "tl.chain", asked.adata, design, **steps, **how)


def _carry_over(asked: Asked, sigs: list[Signature]) -> Any:
    """Ask the check of these signatures by themselves, unless that of the claims was asked of them.

    In a copy, whose record it takes. Where carry-over is said to be impossible, the shares alone count.
    """
    found = asked.found.get("stroma")
    if found is None:
        return None
    if not asked.carry_over:
        return asked.calls.name(found.shares, "stroma.shares")
    if {s.id for s in sigs} <= set(found.verdicts["signature"]):
        return None
    how: dict[str, Any] = {
        "stroma": asked.stroma,
        "signatures": sigs,
        "method": asked.method,
        "markers": asked.markers,
        "min_coverage": asked.min_coverage,
        "rng": asked.seed,
    }
    copied = asked.calls.name(asked.adata.copy(), "adata.copy()")
    with warnings.catch_warnings(), suppress(InputError, DesignError):
        for told in (CoverageWarning, GeneWarning, InputWarning):  # with the check of the claims
            warnings.simplefilter("ignore", told)
        return asked.calls.call("of_chain", "qc.stroma", copied, asked.design, **how)
    return None
