"""For each question and stratum: which rows, which model, and whether it can be answered."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig import _arms, _confounded
from marrowsig._contrasts import Contrast, contrasts
from marrowsig._errors import DesignError, InputWarning, first
from marrowsig._matrix import design_matrix, weights
from marrowsig._replicates import require_replicates
from marrowsig._stats.ols import estimable, residual_df

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig.design import Design

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """A linear model: `X` has the cell means of `arms` first, then dummies of the nuisance columns."""

    frame: pd.DataFrame
    X: Array
    arms: list[str]
    block: str
    nuisance: tuple[str, ...]
    words: str

    def c(self, contrast: Contrast) -> Array:
        """Lay the contrast's weights on the columns of `X`."""
        return weights(contrast, self.arms, self.X.shape[1])

    def answers(self, contrast: Contrast) -> bool:
        """Whether the contrast can be told apart from the nuisance columns."""
        return estimable(self.X, self.c(contrast))


@dataclass(frozen=True)
class Plan:
    """How one contrast is estimated in one stratum; `model` is None and `reason` is set when it cannot be."""

    contrast: Contrast
    stratum: str
    counts: dict[str, int]
    unit: str
    model: Model | None = None
    reason: str = ""

    def n(self, *, test: bool) -> int:
        """Rows of the side's smallest arm."""
        return min(self.counts[arm] for arm in self.contrast.half(test=test))


def plans(design: Design, obs: pd.DataFrame) -> list[Plan]:
    """Every question in every stratum, answered or with the reason why not."""
    arms = _arms.read(design, obs)
    require_replicates(design, obs, arms)
    asked = contrasts(design, arms.inhibitors)
    found = []
    for stratum in _arms.order(arms.frame["stratum"].unique()):
        frame = arms.frame[arms.frame["stratum"] == stratum]
        block = _block(design, frame)
        frame = _complete(frame, block, getattr(design, block, None) or "")
        found += [_plan(design, contrast, stratum, frame, block) for contrast in asked]
    return found


def require_one(found: list[Plan]) -> None:
    """Raise if no question at all can be answered."""
    if any(plan.model is not None for plan in found):
        return
    reasons = dict.fromkeys(plan.reason for plan in found)
    msg = "These samples answer none of the design's questions: " + "; ".join(reasons) + "."
    raise DesignError(msg)


def as_frame(found: list[Plan]) -> pd.DataFrame:
    """Write the table that `Design.contrasts` returns."""
    rows = [
        {
            "contrast": plan.contrast.name,
            "question": plan.contrast.question,
            "test": plan.contrast.test,
            "base": plan.contrast.base,
            "estimable": plan.model is not None,
            "reason": plan.reason,
            "n": ", ".join(f"{arm}: {n}" for arm, n in plan.counts.items()),
            "weights": dict(plan.contrast.weights),
            "stratum": plan.stratum,
            "model": plan.model.words if plan.model else "",
        }
        for plan in found
    ]
    return pd.DataFrame(rows)


def _block(design: Design, frame: pd.DataFrame) -> str:
    """`pair`, else `unit` when its levels recur in several arms, else nothing."""
    if design.pair is not None:
        return "pair"
    if not _recurs(design, frame):
        return ""
    recurring = frame["unit"].duplicated(keep=False)
    if recurring.mean() < 0.5:
        few = first(frame.loc[recurring, "unit"].unique())
        msg = (
            f"Few levels of {design.unit!r} have rows in several arms, most have one: {few}. "
            f"Give pair={design.unit!r} to keep only what is paired, or leave these rows out."
        )
        raise DesignError(msg)
    return "unit"


def _recurs(design: Design, frame: pd.DataFrame) -> bool:
    return design.unit is not None and bool(frame["unit"].duplicated().any())


def _complete(frame: pd.DataFrame, block: str, column: str) -> pd.DataFrame:
    """Leave out blocks with a single row: they say nothing about a difference."""
    if not block:
        return frame
    single = ~frame[block].duplicated(keep=False)
    if single.all():
        msg = f"No level of {column!r} has samples in two arms, so it pairs nothing. Leave {block}= out."
        raise DesignError(msg)
    if single.any():
        gone = [f"{r[block]} ({r['name']}, {r['arm']})" for r in frame[single].to_dict("records")]
        where = f" in {frame['stratum'].iloc[0]}" if frame["stratum"].iloc[0] else ""
        msg = f"{len(gone)} levels of {column!r} have no partner{where} and are left out: {first(gone)}."
        warnings.warn(msg, InputWarning, stacklevel=5)
    return frame[~single]


def _plan(design: Design, contrast: Contrast, stratum: str, frame: pd.DataFrame, block: str) -> Plan:
    counts = {arm: int((frame["arm"] == arm).sum()) for arm in contrast.weights}
    plan = Plan(contrast, stratum, counts, design.unit or design.pair or "row")
    reason = _too_few(counts, frame)
    if reason:
        return replace(plan, reason=reason)
    model = _model(design, frame, block)
    if not model.answers(contrast):
        narrow = _without_pairs(design, contrast, frame, block)
        if narrow is None:
            return replace(plan, reason=_confounded.reason(design, contrast, frame, model.nuisance))
        model = narrow
    if residual_df(model.X) < 1:
        rank = np.linalg.matrix_rank(model.X)
        spent = f"{len(model.X)} rows for {rank} parameters leave no degrees of freedom to judge noise by"
        return replace(plan, reason=spent)
    return replace(plan, model=model)


def _too_few(counts: dict[str, int], frame: pd.DataFrame) -> str:
    empty = [arm for arm, n in counts.items() if n == 0]
    if empty:
        seen = frame["arm"].value_counts(sort=False)
        return f"no rows in {', '.join(empty)} (seen: {first(f'{arm} {n}' for arm, n in seen.items())})"
    alone = [arm for arm, n in counts.items() if n == 1]
    if alone:
        rows = first(frame.loc[frame["arm"].isin(alone), "name"])
        return f"one replicate in {', '.join(alone)} ({rows}); at least two are needed"
    return ""


def _without_pairs(design: Design, contrast: Contrast, frame: pd.DataFrame, block: str) -> Model | None:
    """Fit the contrast's own arms without the block, if no block has two rows there."""
    own = frame[frame["arm"].isin(list(contrast.weights))]
    if not block or own[block].duplicated().any():
        return None
    inner = "unit" if block == "pair" and _recurs(design, own) else ""
    model = _model(design, own, inner, nested=getattr(design, block))
    return model if model.answers(contrast) else None


def _model(design: Design, frame: pd.DataFrame, block: str, *, nested: str = "") -> Model:
    batches = tuple(field for field in design.columns if field.startswith("batch"))
    nuisance = (*([block] if block else []), *batches)
    X, arms = design_matrix(frame, nuisance)
    words = f"linear model on {len(arms)} arms"
    if nested:
        words = f"linear model on {' and '.join(arms)} only (no level of {nested!r} spans them)"
        words += "" if block else ", unpaired"
    if block:
        words += f", paired by {getattr(design, block)!r}"
    if batches:
        words += ", adjusted for " + " and ".join(repr(design.columns[b]) for b in batches)
    return Model(frame, X, arms, block, nuisance, words)
