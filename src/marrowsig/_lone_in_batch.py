"""Samples alone in their batch: a model with the batch fits them exactly, whatever they say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

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
    """Leave out rows that are fitted exactly and have no part in the estimate, and name them.

    Estimate and degrees of freedom stay as they are; samples and pairs are counted as they count.
    """
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
        gone += [str(name) for name in chosen.frame["name"] if name not in set(frame["name"])]
        chosen = replace(chosen, frame=frame)
        if frame.empty:
            break
        model = model_of(design, chosen)
    return chosen, model, tuple(gone)


def warn_of_lone(design: Design, plans: Sequence[Plan]) -> None:
    """Name them, and the contrasts that rest on the others."""
    named: dict[tuple[str, ...], list[str]] = {}
    for plan in plans:
        if plan.lone:
            where = f" [{plan.stratum}]" if plan.stratum else ""
            n = f"{plan.n_pairs} pairs" if plan.n_pairs else f"{sum(plan.counts.values())} samples"
            named.setdefault(plan.lone, []).append(f"{plan.contrast.name}{where} ({n})")
    for names, contrasts in named.items():
        batches = first(map(repr, design.batches))
        msg = (
            f"With the batch {batches} in the model, {count(len(names), 'sample says', 'samples say')} "
            f"nothing of {first(contrasts)}: alone in a batch, or in a pair with one that is, so that the "
            f"model fits them exactly ({first(names)}). They are not counted there."
        )
        warn_once(msg, of=names, stacklevel=5)
