"""For each question and stratum: which rows, which model, and whether it can be answered."""

from __future__ import annotations

import dataclasses
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig import _arms, _blocks, _confounded, _covariates
from marrowsig._contrasts import Contrast, contrasts
from marrowsig._errors import DesignError, InputWarning, count, first, warn_once
from marrowsig._lone_in_batch import warn_of_lone, without_lone
from marrowsig._matrix import design_matrix, nuisance_names, weights
from marrowsig._overlooked import warn_of_overlooked
from marrowsig._people import whose_each
from marrowsig._replicates import require_replicates
from marrowsig._replicates_words import answers
from marrowsig._stats.ols import estimable, residual_df
from marrowsig._stromal_level import stroma_in
from marrowsig._third_culture import left_out
from marrowsig._two_lines import warn_of_two_lines
from marrowsig._unit_columns import donors_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from marrowsig._blocks import Blocked
    from marrowsig.design import Design

    Array = NDArray[np.float64]


ONE, TWO = "one replicate", "at least two are needed"
NONE = "These samples answer none of the design's questions"


@dataclass(frozen=True)
class Model:
    """A linear model: `X` has the cell means of `arms` first, then the nuisance columns.

    Of these, dummies of blocks and batches come first and covariates last.
    """

    frame: pd.DataFrame
    X: Array
    arms: list[str]
    block: str
    nuisance: tuple[str, ...]
    words: str
    called: Mapping[str, str] = dataclasses.field(default_factory=dict, kw_only=True)
    """Column of the samples that a field of `nuisance` is."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns of `X`: an arm, a level of what is held constant, or a covariate."""
        return [*self.arms, *nuisance_names(self.frame, self.nuisance, self.called)]

    @property
    def scale(self) -> Array:
        """By what the columns of `X` were divided."""
        return np.ones(self.X.shape[1])

    def c(self, contrast: Contrast) -> Array:
        """Lay the contrast's weights on the columns of `X`."""
        return weights(contrast, self.arms, self.X.shape[1])

    def cells(self, contrast: Contrast) -> tuple[NDArray[np.int64], Array] | None:
        """Give the arm of every row, and the weight of each arm's mean; None where more is in the model."""
        return None if self.nuisance else (self.X.argmax(axis=1), self.c(contrast))

    def widened(self, X: Array) -> Model:
        """Return the model with columns added on the right, which no contrast weighs."""
        return replace(self, X=X)

    def answers(self, contrast: Contrast) -> bool:
        """Whether the contrast can be told apart from the nuisance columns."""
        return estimable(self.X, self.c(contrast))

    def inflation(self, contrast: Contrast) -> float:
        """How many times the covariates widen the contrast's standard error, the noise being equal."""
        n = len(self.covariates)
        c, rest = self.c(contrast), self.X.shape[1] - n
        alone = c[:rest] @ np.linalg.pinv(self.X[:, :rest])
        return float(np.linalg.norm(c @ np.linalg.pinv(self.X)) / np.linalg.norm(alone)) if n else 1.0

    def effect_name(self, contrast: Contrast) -> str:
        """Name the standardised effect: `g_z` for two arms in pairs, else `hedges_g`."""
        return "g_z" if self.block and len(contrast.weights) == 2 else "hedges_g"

    def pairs(self, contrast: Contrast) -> int:
        """Count the blocks that hold both sides of the contrast, in its worse line; 0 without blocks."""
        return _blocks.complete(self.frame, contrast) if self.block else 0

    def both(self, contrast: Contrast) -> int:
        """Count the pairs in both lines of an interaction, of which `p_welch` takes one number each."""
        return len(_blocks.in_both(self.frame, contrast)) if self.block else 0

    @property
    def covariates(self) -> tuple[str, ...]:
        """Fields of the design that hold numbers."""
        return tuple(field for field in self.nuisance if _covariates.is_covariate(field))

    def exchangeable(self) -> NDArray[np.str_] | None:
        """Rows that may be permuted among each other carry one label; None where that is not known."""
        labels = pd.Series("", index=self.frame.index)
        for field in self.nuisance:
            labels = labels if field in self.covariates else labels + " | " + self.frame[field].astype(str)
        return np.asarray(labels, dtype=str)


@dataclass(frozen=True)
class Plan:
    """How one contrast is estimated in one stratum; `model` is None and `reason` is set when it cannot be."""

    contrast: Contrast
    stratum: str
    counts: dict[str, int]
    unit: str
    model: Model | None = None
    reason: str = ""
    lone: tuple[str, ...] = ()

    def n(self, *, test: bool) -> int:
        """Rows of the side's smallest arm."""
        return min(self.counts[arm] for arm in self.contrast.half(test=test))

    @property
    def n_pairs(self) -> int:
        """Blocks that hold both sides of the contrast, in its worse line; 0 without blocks."""
        return 0 if self.model is None else self.model.pairs(self.contrast)

    @property
    def n_both(self) -> int:
        """Pairs that stand in both lines of an interaction, or donors in its four arms; 0 if unknown."""
        return 0 if self.model is None else self.model.both(self.contrast)


def plans(design: Design, obs: pd.DataFrame) -> list[Plan]:
    """Every question in every stratum, answered or with the reason why not."""
    arms = _arms.read(design, obs)
    require_replicates(design, obs, arms)
    warn_of_overlooked(design, obs, arms)
    asked, alone = [], []
    for stratum in arms.strata:
        frame = arms.frame[arms.frame["stratum"] == stratum]
        within = _blocks.within_lines(design, frame)
        alone.append(within.alone)
        for contrast in contrasts(design, arms.inhibitors, of=stroma_in(stratum), seen=set(frame["arm"])):
            chosen = _chosen(design, contrast, frame, within)
            alone.append(chosen.alone)
            asked.append((contrast, stratum, frame, chosen))
    _covariates.require_known(design, arms.frame, [one[-1] for one in asked if not one[-1].reason])
    found = [_plan(design, *one) for one in asked]
    _blocks.tell_alone(alone)
    warn_of_lone(design, found)
    warn_of_two_lines(design, arms.frame)
    return instead_of_pair(design, obs, _of_people(found, design, obs))


def _of_people(found: list[Plan], design: Design, obs: pd.DataFrame) -> list[Plan]:
    """Ask of patients where lines are groups of them."""
    asked = whose_each([p.contrast.question for p in found], [p.stratum for p in found], design, obs)
    told = zip(found, asked, strict=True)
    return [replace(plan, contrast=replace(plan.contrast, question=text)) for plan, text in told]


def instead_of_pair(design: Design, obs: pd.DataFrame, found: list[Plan]) -> list[Plan]:
    """Where nothing is paired by the column named, name the one of donors that would pair."""
    advice = "leave pair= out"
    if design.pair is None or not any(plan.reason.endswith(advice) for plan in found):
        return found
    for column in donors_of(obs.columns):
        if column not in design.columns.values() and answers(replace(design, pair=column), obs):
            better = f"give pair={column!r}"
            return [replace(p, reason=p.reason.replace(advice, better)) for p in found]
    return found


def _chosen(design: Design, contrast: Contrast, frame: pd.DataFrame, within: Blocked) -> Blocked:
    apart = contrast.kind == "resistance" and not within.reason
    return _blocks.between_lines(design, contrast, frame) if apart else within


def require_one(found: list[Plan], *, more: str = "", of: str = NONE) -> None:
    """Raise if no question `of` these can be answered; `more` says what would help."""
    if any(plan.model is not None for plan in found):
        return
    strata: dict[str, dict[str, None]] = {}
    for plan in (plan for plan in found if not _said_by_another(plan, found)):
        strata.setdefault(plan.reason, {})[plan.stratum] = None
    told = [f"{reason} [{first(where)}]" if any(where) else reason for reason, where in strata.items()]
    msg = f"{of}: {'; '.join(told)}.{more}"
    raise DesignError(msg)


def _said_by_another(plan: Plan, found: list[Plan]) -> bool:
    """Whether all arms of one replicate that a reason names are among those that another names."""
    alone = {id(p): {arm for arm, n in p.counts.items() if n == 1} for p in found if p.reason.startswith(ONE)}
    own = alone.get(id(plan))
    others = (p for p in found if p.stratum == plan.stratum and id(p) in alone)
    return own is not None and plan.reason.endswith(TWO) and any(own < alone[id(p)] for p in others)


def warn_unanswered(found: list[Plan], *, more: str = "", stacklevel: int = 3) -> None:
    """Name the questions that cannot be answered, and what would help, for the caller of the verb."""
    if told := unanswered(found):
        warnings.warn(f"{told}{more}", InputWarning, stacklevel=stacklevel)


def unanswered(found: list[Plan]) -> str:
    """Name the questions that cannot be answered, with reasons; empty where there are none."""
    silent = [plan for plan in found if plan.model is None]
    named: dict[str, list[str]] = {}
    for p in silent:
        named.setdefault(p.reason, []).append(p.contrast.name + (f" [{p.stratum}]" if p.stratum else ""))
    told = first(_confounded.told_once(named))
    return f"{len(silent)} of {len(found)} contrasts cannot be estimated. {told}." if silent else ""


def warn_outside(arms: _arms.Arms, *, more: str = "", stacklevel: int = 3) -> None:
    """Tell of rows whose level the design does not name, once for these rows, and what is `more` to say."""
    if arms.notes:
        msg = f"{first(arms.notes)}. The design does not name these levels, and they are left out."
        msg += more or left_out(arms.notes)
        warn_once(msg, of=tuple(arms.frame["name"]), stacklevel=stacklevel)


def _plan(design: Design, contrast: Contrast, stratum: str, frame: pd.DataFrame, chosen: Blocked) -> Plan:
    unit = design.unit or design.pair or "row"
    if not chosen.field and len(contrast.weights) == 2:
        own = chosen.frame["arm"].isin(list(contrast.weights))
        chosen = replace(chosen, frame=chosen.frame[own] if chosen.own_arms else chosen.frame)
    held = chosen.frame["arm"].tolist()
    counts = {arm: held.count(arm) for arm in contrast.weights}
    plan = Plan(contrast, stratum, counts, unit)
    few = too_few(counts, chosen.frame if len(chosen.frame) else frame)
    if reason := few if 0 in counts.values() else chosen.reason or few:
        more = _arm_is_batch(design, contrast, chosen.frame) if reason == few else ""
        return replace(plan, reason=reason + more)
    model = model_of(design, chosen)
    if fault := _covariates.fault(design, model.frame, model.nuisance):
        return replace(plan, reason=fault)
    if not model.answers(contrast):
        return replace(plan, reason=_confounded.reason(design, contrast, chosen.frame, model.nuisance))
    if residual_df(model.X) < 1:
        rank = np.linalg.matrix_rank(model.X)
        spent = f"{len(model.X)} rows for {rank} parameters leave no degrees of freedom to judge noise by"
        spent += "; leave out what the model can do without (batch=, covariates= or pair=), or add samples"
        return replace(plan, reason=spent)
    chosen, model, lone = without_lone(design, contrast, chosen, model, model_of)
    if len(chosen.frame) < len(held):
        held = chosen.frame["arm"].tolist()
        plan = replace(plan, counts={arm: held.count(arm) for arm in contrast.weights}, lone=lone)
        if few := too_few(plan.counts, chosen.frame):
            return replace(plan, reason=f"{few}, besides those that are alone in their batch")
    plan = replace(plan, model=model)
    if model.block and plan.n_pairs < 2:
        column = getattr(design, chosen.field)
        told = f"{count(plan.n_pairs, 'level')} of {column!r} with both sides; two are needed"
        if alone := _blocks.lacking(model.frame, contrast):
            told += f" (with one side: {first(alone)})"
        return replace(plan, model=None, reason=told)
    return plan


def _arm_is_batch(design: Design, contrast: Contrast, frame: pd.DataFrame) -> str:
    """Say that more rows would not help where a batch is one level of its own in each arm; else nothing."""
    own = frame[frame["arm"].isin(list(contrast.weights))]
    for field, column in zip((f for f in own if f.startswith("batch")), design.batches, strict=False):
        levels = own.groupby("arm")[field].agg(set)
        if len(levels) > 1 and levels.map(len).max() == 1 and own[field].nunique() == len(levels):
            return f"; each arm is a level of {column!r} of its own, from which no model can part it"
    return ""


def too_few(counts: dict[str, int], frame: pd.DataFrame) -> str:
    """Name the arms that have no row, or one only; empty if all have two."""
    empty = [arm for arm, n in counts.items() if n == 0]
    if empty:
        seen = frame["arm"].value_counts(sort=False)
        return f"no rows in {', '.join(empty)} (seen: {first(f'{arm} {n}' for arm, n in seen.items())})"
    alone = [arm for arm, n in counts.items() if n == 1]
    if alone:
        rows = first(frame.loc[frame["arm"].isin(alone), "name"])
        return f"{ONE} in {', '.join(alone)} ({rows}); {TWO}"
    return ""


def model_of(design: Design, chosen: Blocked) -> Model:
    """Put all arms, blocks, batches and covariates of these rows into one model."""
    batches = tuple(field for field in design.columns if field.startswith("batch"))
    block = "block" if chosen.field else ""
    covariates, taken_up = _covariates.of_model(design, chosen.frame, block)
    nuisance = (*([block] if block else []), *batches, *covariates)
    X, arms = design_matrix(chosen.frame, nuisance)
    words = f"linear model on {len(arms)} arms"
    if chosen.own_arms:
        words = f"linear model on the arms {' and '.join(arms)}"
    if chosen.note:
        words += f", {chosen.note}"
    idle = [b for b in batches if block and chosen.frame.groupby(block)[b].nunique().max() == 1]
    if own := [b for b in batches if b not in idle]:
        words += ", adjusted for " + " and ".join(repr(design.columns[b]) for b in own)
    if idle:
        named = " and ".join(repr(design.columns[b]) for b in idle)
        words += f", not adjusted for {named}, which the pairs hold constant already"
    if covariates:
        noun = "covariate" if len(covariates) == 1 else "covariates"
        words += f", with the {noun} " + " and ".join(repr(design.columns[c]) for c in covariates)
    if taken_up:
        words += f"; {first(repr(design.columns[c]) for c in taken_up)} does not change within a pair"
    return Model(chosen.frame, X, arms, block, nuisance, words, called=design.columns)
