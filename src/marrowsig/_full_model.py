"""The model of all samples of a stratum: every arm, block, batch and covariate, whatever the question."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from marrowsig import _arms, _blocks, _covariates
from marrowsig._errors import DesignError, InputWarning
from marrowsig._plan import model_of

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._blocks import Blocked
    from marrowsig._plan import Model
    from marrowsig.design import Design


@dataclass(frozen=True)
class Full:
    """Model of one stratum, or the reason why there is none; `unit` names what makes the rows independent."""

    stratum: str
    n: int
    unit: str
    model: Model | None
    reason: str = ""


def full_models(design: Design, obs: pd.DataFrame) -> list[Full]:
    """Return one model per stratum. What it warns of, the plans of the design warn of too."""
    frame = _arms.read(design, obs).frame
    unit = design.unit or design.pair or "row"
    found = []
    for stratum in _arms.order(frame["stratum"].unique()):
        rows = frame[frame["stratum"] == stratum]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)  # rows left out were told by compare
            chosen = _blocked(design, rows)
        if chosen.frame.empty:
            reason = "no row has a partner in another arm"
            found.append(Full(stratum, 0, unit, None, reason))
            continue
        try:
            model = model_of(design, chosen)
        except DesignError as lacking:  # of a covariate, which matters to no contrast that can be estimated
            found.append(Full(stratum, len(chosen.frame), unit, None, str(lacking).rstrip(".")))
            continue
        reason = _covariates.fault(design, model.frame, model.nuisance)
        found.append(Full(stratum, len(model.frame), unit, None if reason else model, reason))
    return found


def _blocked(design: Design, frame: pd.DataFrame) -> Blocked:
    """Block within lines; where labels span lines only, by the label, so that no donor is counted twice."""
    chosen = _blocks.within_lines(design, frame)
    if not chosen.own_arms:
        return chosen
    field = "pair" if design.pair is not None else "unit"
    kept = frame[frame[field].duplicated(keep=False)]
    column = getattr(design, field)
    return replace(
        chosen,
        frame=kept.assign(block=kept[field]),
        field=field,
        own_arms=False,
        note=f"paired by {column!r}",
    )
