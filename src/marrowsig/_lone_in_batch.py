"""Samples alone in their batch: a model with the batch fits them exactly, whatever they say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from marrowsig import _blocks
from marrowsig._errors import count, first, warn_once

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from marrowsig._blocks import Blocked
    from marrowsig._contrasts import Contrast
    from marrowsig._plan import Model, Plan
    from marrowsig.design import Design

NEAR = 1e-9


def without_lone(
    design: Design,
    contrast: Contrast,
    chosen: Blocked,
    model: Model,
    model_of: Callable[[Design, Blocked], Model],
) -> tuple[Blocked, Model, tuple[str, ...]]:
    """Leave out rows that are fitted exactly and have no part in the estimate; name those it would count.

    Estimate and degrees of freedom stay as they are; samples and pairs are counted as they count.
    """
    of_it = _blocks.counted(chosen.frame, contrast)
    gone: list[str] = []
    while design.batches:
        hat = np.linalg.pinv(model.X)
        part = np.abs(model.c(contrast) @ hat)
        exact = (np.einsum("ij,ji->i", model.X, hat) > 1 - NEAR) & (part < NEAR * part.max())
        if not exact.any():
            break
        frame = chosen.frame[~exact]
        if chosen.field:  # a partner that is left by itself says no more
            frame = frame[frame["block"].duplicated(keep=False)]
        gone += [name for name in chosen.frame["name"] if name not in set(frame["name"])]
        chosen = replace(chosen, frame=frame)
        if frame.empty:
            break
        model = model_of(design, chosen)
    return chosen, model, tuple(str(name) for name in gone if name in of_it)


def warn_of_lone(design: Design, plans: Sequence[Plan]) -> None:
    """Name them, and the contrasts that rest on the others."""
    named: dict[tuple[str, ...], list[str]] = {}
    for plan in plans:
        if plan.lone:
            where = f" [{plan.stratum}]" if plan.stratum else ""
            named.setdefault(plan.lone, []).append(f"{plan.contrast.name}{where} ({_left(plan)})")
    for names, contrasts in named.items():
        batches = first(map(repr, design.batches))
        msg = (
            f"With the batch {batches} in the model, {count(len(names), 'sample says', 'samples say')} "
            f"nothing of {first(contrasts)}: alone in a batch, or in a pair with one that is, so that the "
            f"model fits them exactly ({first(names)}). They are not counted there."
        )
        warn_once(msg, of=names, stacklevel=5)


def _left(plan: Plan) -> str:
    """Say how many samples or pairs a contrast is left with; of an interaction, in each of its lines."""
    if plan.model is None:
        return "too few are left"
    if not plan.model.block:
        return f"{sum(plan.counts.values())} samples"
    return f"{' and '.join(map(str, _blocks.holding(plan.model.frame, plan.contrast)))} pairs"
