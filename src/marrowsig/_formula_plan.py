"""From a formula and its contrasts to rows, model and answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from marrowsig import _confounded
from marrowsig._arm_names import shown, unclear
from marrowsig._arms import Arms, as_text, in_order, order
from marrowsig._coded_numbers import coded_numbers
from marrowsig._covariates import numbers
from marrowsig._errors import DesignError, first, warn_once
from marrowsig._filled_in import filled_in, in_words, of_units
from marrowsig._formula_columns import check_columns, is_factor, levels_of, require_present
from marrowsig._formula_contrasts import FormulaContrast, resolve
from marrowsig._formula_donors import in_both_sides, in_four_arms
from marrowsig._formula_matrix import matrix, variables
from marrowsig._lines_of_formula import lines_of
from marrowsig._log import logger
from marrowsig._one_spelling import require_one_spelling
from marrowsig._plan import Model, Plan, too_few
from marrowsig._repeats import pooled_times, taken_up, tells_samples
from marrowsig._replicates import require_replicates
from marrowsig._stats.ols import residual_df
from marrowsig._unit_weights import averages, enough, groups, redundant, unit_weights, with_gaps
from marrowsig._unlike import DONOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._contrasts import Contrast
    from marrowsig._formula import FormulaDesign
    from marrowsig._formula_matrix import Matrix
    from marrowsig.design import Design

    Array = NDArray[np.float64]

IDLE = "constant within, and redundant with,"


@dataclass(frozen=True)
class FormulaModel(Model):
    """The model of a formula, with the vector of one contrast."""

    vector: Array
    within: bool
    """Whether the unit is in the model, so that the residual SD is one within units."""
    factors_only: bool
    """Whether no column is a number, so that rows of one combination of levels share a mean."""
    laid: Matrix
    donor: str = ""
    """The factor of the formula that holds donors; empty where there is none."""
    whole: Plan | None = None
    """The same contrast on the units that lack no row of the others, where some do."""

    @property
    def columns(self) -> list[str]:
        """Coefficients of the formula."""
        return self.laid.names

    @property
    def scale(self) -> Array:
        """Norm of each column of the formula, by which those of `X` are divided."""
        return self.laid.scale

    def c(self, contrast: Contrast) -> Array:
        """Return the contrast's weights on the columns of `X`."""
        return self.vector

    def cells(self, contrast: Contrast) -> tuple[NDArray[np.int64], Array] | None:
        """Take each combination of levels with its part in the estimate; None with numeric columns.

        The estimate weighs rows that are alike in X alike, and so is a sum of weighted means of these.
        """
        if not self.factors_only:
            return None
        _, cell = np.unique(self.X, axis=0, return_inverse=True)
        weights = np.bincount(cell.ravel(), weights=self.vector @ np.linalg.pinv(self.X))
        return cell.ravel(), np.where(np.abs(weights) > 1e-9 * np.abs(weights).max(), weights, 0.0)

    def pairs(self, contrast: Contrast) -> int:
        """Count the donors that hold both sides, in the arm that has fewest of them."""
        return in_both_sides(self.laid.data[self.donor], self.frame, contrast) if self.donor else 0

    def both(self, contrast: Contrast) -> int:
        """Count the donors that hold all arms of a contrast of four."""
        return in_four_arms(self.laid.data[self.donor], self.frame, contrast) if self.donor else 0

    def widened(self, X: Array) -> FormulaModel:
        """Return the model with columns added on the right, and the vector with as many zeros."""
        return replace(self, X=X, vector=np.pad(self.vector, (0, X.shape[1] - len(self.vector))))

    def inflation(self, contrast: Contrast) -> float:
        """Return NaN: a formula does not say which of its terms are a nuisance."""
        return float("nan")

    def effect_name(self, contrast: Contrast) -> str:
        """Name the residual SD that an effect is divided by: one within units, if they are modelled."""
        return "g_residual" if self.within else "hedges_g"

    def exchangeable(self) -> NDArray[np.str_] | None:
        """Return None: what may be permuted is not known."""
        return None


@dataclass(frozen=True)
class Read:
    """Columns of the formula in the rows of the design, and where these stand in `obs`."""

    data: pd.DataFrame
    rows: NDArray[np.intp]
    names: NDArray[np.object_]
    left_out: dict[str, list[str]]
    """Levels of obs that the design does not name, by column."""


def read(design: FormulaDesign, obs: pd.DataFrame) -> Read:
    """Check the columns of `obs` against the formula; categorical columns get their levels in order."""
    named = variables(design.formula)
    check_columns(design, obs, named)
    text = {name: as_text(obs[name]) for name in design.levels}
    levels = {name: levels_of(name, given, in_order(obs[name])) for name, given in design.levels.items()}
    inside, left_out = np.ones(len(obs), dtype=bool), {}
    for name, column in text.items():
        outside = (column.notna() & ~column.isin(levels[name])).to_numpy()
        if outside.any():
            logger.info("%d rows lie outside the design: %r has other levels", outside.sum(), name)
        left_out[name] = order(column[outside].unique())
        inside &= ~outside
    data = pd.DataFrame(index=obs.index[inside])
    for name in named:
        if name in levels:
            values = text[name].to_numpy()[inside]
            require_present(name, values, data.index, {n: column[inside] for n, column in text.items()})
            data[name] = pd.Categorical(values, categories=levels[name])
        else:
            data[name] = numbers(obs[name][inside])
    names = np.asarray(data.index.astype(str), dtype=object)
    return Read(data, np.flatnonzero(inside), names, left_out)


def arms(design: FormulaDesign, obs: pd.DataFrame) -> pd.Series:
    """Levels of the factors of each row, joined by ':', without the unit; NaN outside the design."""
    found = read(design, obs)
    out = pd.Series(np.nan, index=obs.index, name="arm", dtype=object)
    out.iloc[found.rows] = _cells(found.data, arm_factors(design, found)).to_numpy()
    return out


def arms_in_order(design: FormulaDesign, obs: pd.DataFrame) -> list[str]:
    """Give the arms that have rows, in the order of the levels of one factor after the other."""
    found = read(design, obs)
    factors = arm_factors(design, found)
    data = found.data[factors].drop_duplicates()
    return list(_cells(data.sort_values(factors) if factors else data, factors))


def arm_factors(design: FormulaDesign, found: Read) -> list[str]:
    """Factors that the contrasts name, those of lines or of whole donors first; if none, all but the unit."""
    unit = design.unit or _donor(found.data)
    factors = [name for name in design.levels if name != unit]
    asked = {part for weights in design.wanted.values() for key in weights for part in _parts(key)}
    told = [
        f for f in factors if any(f"{f}={v}" in asked or v in asked for v in found.data[f].cat.categories)
    ]
    outer = [*lines_of(found.data, unit), *_of_whole_units(found.data, unit, told or factors)]
    return sorted(told or factors, key=lambda name: name not in outer)


def _of_whole_units(data: pd.DataFrame, unit: str | None, factors: list[str]) -> list[str]:
    """Name the factors of which each unit has one level, as the response of a patient."""
    if unit is None or unit not in data:
        return []
    return [f for f in factors if data.groupby(unit, observed=True)[f].nunique().max() == 1]


def _parts(key: Any) -> tuple[str, ...]:
    return tuple(map(str, key)) if isinstance(key, tuple) else (str(key),)


def plans(design: FormulaDesign, obs: pd.DataFrame) -> list[Plan]:
    """Every contrast, answered or with the reason why not."""
    found = read(design, obs)
    unit = design.unit or _donor(found.data)
    _check_units(design, obs, found, unit)
    laid = matrix(design.formula, found.data, at=design.at)
    contrasts = [resolve(name, dict(w), laid, found.left_out) for name, w in design.wanted.items()]
    answers = [_answer(design, contrast, found, laid, unit) for contrast in contrasts]
    return [_of_whole(design, _seen_only(design, plan, found), found) for plan in answers]


def _seen_only(design: FormulaDesign, plan: Plan, found: Read) -> Plan:
    """Leave out units that lack rows of what is averaged over them; of other columns say what lacks."""
    if plan.model is None:
        return plan
    model, contrast = cast("FormulaModel", plan.model), cast("FormulaContrast", plan.contrast)
    filled = filled_in(contrast, model.laid, model.frame)
    if plan.unit in filled:
        gaps, n = filled[plan.unit], found.data[plan.unit].nunique()
        if not enough(gaps, n):
            return Plan(contrast, "", plan.counts, plan.unit, reason=of_units(plan.unit, gaps))
        plan = _told_gaps(_on_others(design, plan, found, gaps), gaps, n)
        if plan.model is None:
            return plan
        model = cast("FormulaModel", plan.model)
        filled = filled_in(cast("FormulaContrast", plan.contrast), model.laid, model.frame)
        filled.pop(plan.unit, None)
    return replace(plan, model=replace(model, words=f"{model.words}{in_words(filled)}"))


def _on_others(design: FormulaDesign, plan: Plan, found: Read, gaps: list[str]) -> Plan:
    """Answer a contrast without the units `gaps`."""
    kept = ~found.data[plan.unit].astype(str).isin(gaps).to_numpy()
    data = found.data[kept].copy()
    for name in design.levels:
        data[name] = data[name].cat.remove_unused_categories()
    part = Read(data, found.rows[kept], found.names[kept], found.left_out)
    laid = matrix(design.formula, data, at=design.at)
    contrast = resolve(plan.contrast.name, dict(design.wanted[plan.contrast.name]), laid, found.left_out)
    return _answer(design, contrast, part, laid, plan.unit)


def _told_gaps(whole: Plan, gaps: list[str], n: int) -> Plan:
    """Name in the words of a model the units that it was fitted without."""
    if whole.model is None:
        return whole
    lack = f"{first(gaps)} {'lacks' if len(gaps) == 1 else 'lack'} a sample"
    words = f"{whole.model.words} on {n - len(gaps)} of {n} levels of {whole.unit!r} ({lack})"
    return replace(whole, model=replace(whole.model, words=words))


def _of_whole(design: FormulaDesign, plan: Plan, found: Read) -> Plan:
    """Answer an average on the units without a gap, and note that answer for other contrasts."""
    model = cast("FormulaModel", plan.model)
    if plan.model is not None and model.frame["row"].nunique() < len(found.rows):
        return plan  # units with gaps were left out before
    weighed = None if plan.model is None else unit_weights(model, plan.unit)
    gaps, n = with_gaps(model.laid, plan.unit) if weighed else ([], 0)
    if weighed is None or not enough(gaps, n):
        return plan
    whole = _on_others(design, plan, found, gaps)
    own = None if whole.model is None else unit_weights(cast("FormulaModel", whole.model), plan.unit)
    if own is None or whole.model is None:
        return plan
    if not averages(weighed[1]) or groups(own[1]) is None:
        return replace(plan, model=replace(model, whole=whole))
    return _told_gaps(whole, gaps, n)


def _donor(data: pd.DataFrame) -> str | None:
    """Find the factor whose name says that it holds donors."""
    return next((str(name) for name in data if DONOR.search(str(name))), None)


def _answer(
    design: FormulaDesign, contrast: FormulaContrast, found: Read, laid: Matrix, unit: str | None
) -> Plan:
    arm = _cells(found.data, list(contrast.factors))
    frame = pd.DataFrame({"row": found.rows, "name": found.names, "arm": arm.to_numpy()})
    counts = {name: int((frame["arm"] == name).sum()) for name in contrast.weights} or {"rows": len(frame)}
    plan = Plan(contrast, "", counts, unit or "row")
    reason = too_few(counts, frame) if contrast.weights else ""
    reason = reason or _untold(design, contrast, found, laid, frame, unit)
    if not reason and residual_df(laid.X) < 1:
        reason = (
            f"{len(laid.X)} rows for {np.linalg.matrix_rank(laid.X)} parameters leave no degrees of freedom "
            "to judge noise by; leave terms out of the formula, or add samples"
        )
    if reason:
        return Plan(contrast, "", counts, unit or "row", reason=reason)
    idle = redundant(laid, unit)
    told = f"linear model {design.formula}{_slopes(design, contrast, laid, idle, unit)}"
    factors_only = all(str(name) in {*design.levels, *idle} for name in found.data)
    model = FormulaModel(
        frame, laid.X, [], "", ("formula",), told,
        vector=contrast.vector, within=unit in found.data.columns, factors_only=factors_only, laid=laid,
        donor=str(unit) if unit in design.levels and unit not in contrast.factors else "",
    )  # fmt: skip
    return Plan(plan.contrast, "", counts, plan.unit, model)


def _untold(
    design: FormulaDesign, contrast: FormulaContrast, found: Read, laid: Matrix, frame: pd.DataFrame,
    unit: str | None,
) -> str:  # fmt: skip
    """Say why these rows cannot tell the contrast; empty if they can."""
    told = _confounded.of_formula(contrast, laid, frame)
    if told and unit in found.data and unit not in contrast.factors:
        alone = replace(design, wanted={contrast.name: design.wanted[contrast.name]})
        return taken_up(alone, found.data, str(unit), found.data[unit])[0] or told
    return told


def _slopes(
    design: FormulaDesign, contrast: FormulaContrast, laid: Matrix, idle: list[str], unit: str | None
) -> str:
    """Say which columns add nothing, which are numbers, and at which value cells stand."""
    taken = dict(contrast.taken_at)
    told = [f"{name}: {IDLE} {unit!r}" for name in idle]
    for name in (str(n) for n in laid.data if n not in design.levels and n not in idle):
        at = f", compared at {taken[name]:.4g}" if name in taken else ""
        mean = ", its mean" if at and name not in design.at else ""
        told.append(f"{name}: a number{at}{mean}")
    return f" ({'; '.join(told)})" if told else ""


def _cells(data: pd.DataFrame, factors: list[str]) -> pd.Series:
    if not factors:
        return pd.Series("all", index=data.index, dtype=object)
    names = unclear({str(name): data[name].cat.categories for name in data if is_factor(data[name])})
    parts = [[shown(name, level, names) for level in data[name].astype(str)] for name in factors]
    return pd.Series(list(map(":".join, zip(*parts, strict=True))), index=data.index, dtype=object)


def _check_units(design: FormulaDesign, obs: pd.DataFrame, found: Read, unit: str | None) -> None:
    """Refuse repeats of one unit in one cell, and units that recur without a term of their own."""
    factors = [name for name in design.levels if name != unit]
    asked = " ".join(str(key) for weights in design.wanted.values() for key in weights)
    slopes = [str(name) for name in found.data if name not in design.levels]
    numeric = [name for name in slopes if name in asked or tells_samples(name, named=name in design.at)]
    frame = pd.DataFrame({"row": found.rows, "name": found.names, "stratum": ""})
    frame["arm"] = _cells(found.data, [*factors, *numeric]).to_numpy()
    if unit is not None:
        frame["unit"] = as_text(obs[unit]).to_numpy()[found.rows]
        levels = {str(n): found.data[n].astype(str) for n in design.levels}
        require_present(unit, frame["unit"].to_numpy(), found.data.index, levels)
        require_one_spelling(unit, frame["unit"])
    for name in design.levels:
        own = list(map(str, found.data[name].cat.categories))
        require_one_spelling(name, as_text(obs[name]), named=own, named_only=True)
    rows = Arms(frame, (), ())
    require_replicates(cast("Design", replace(design, unit=unit)), obs, rows)
    values = {name: found.data[name].to_numpy() for name in slopes}
    coded = coded_numbers(values, "name it in levels=, as {column!r}: {levels}.")
    for told in (*coded, *pooled_times(design, obs, rows)):
        warn_once(told, of=tuple(found.names), stacklevel=5)
    if unit is not None and unit not in found.data and frame["unit"].duplicated().any():
        told, every = taken_up(design, found.data, unit, frame["unit"])
        again = frame.loc[frame["unit"].duplicated(), "unit"].unique()
        msg = (
            f"{len(again)} levels of {unit!r} recur over the rows ({first(again)}), and the formula "
            "has no term for them."
        )
        msg += "" if every else f" Add '+ {unit}', with its reference in levels=."
        msg += f" {told[0].upper()}{told[1:]}." if told else ""
        raise DesignError(msg)
