"""How much scores vary: as given, from a pilot, or as measured in public data."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from marrowsig import _arms, _blocks, _plan
from marrowsig._errors import InputError, InputWarning, first, near
from marrowsig._matrix import design_matrix
from marrowsig._replicates import require_replicates
from marrowsig._stats.components import components
from marrowsig._stats.ols import residual_df
from marrowsig.ds.spreads import spreads
from marrowsig.tl._power_overlooked import overlooked
from marrowsig.tl._scored import frames

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

    from marrowsig._stats.components import Components
    from marrowsig.design import Design

UPPER = 0.8
UNIT = "units of the score"


class Spread(NamedTuple):
    """Standard deviations of a score: of pairs (or donors), and of samples once pairs are taken out."""

    within: float
    between: float
    df: int | None
    """Degrees of freedom behind `within`; None where it was given."""
    source: str
    paired: bool
    """Whether the two could be told apart; if not, `within` is all of it."""
    unit: str = UNIT
    strata: tuple[tuple[str, float, int], ...] = ()
    """Where `within` is pooled over several strata: each with its own, and its degrees of freedom."""

    def residual(self, *, paired: bool) -> float:
        """SD that a design sees: without pairs, differences between donors are part of it."""
        return self.within if paired else float(np.hypot(self.within, self.between))

    @property
    def noisier(self) -> float:
        """How many times larger `within` may be: its upper 80 % limit (Browne 1995)."""
        if self.df is None:
            return np.nan
        return float(np.sqrt(self.df / (2 * special.gammaincinv(self.df / 2, 1 - UPPER))))


def given(within: float | None, between: float | None) -> Spread:
    """Read the two numbers; all is in SD where none is given."""
    for name, value in (("within", within), ("between", between)):
        if value is not None and (isinstance(value, bool) or not 0 <= float(value) < np.inf):
            msg = f"{name} is {value!r}; it is a standard deviation, zero or above."
            raise InputError(msg)
    if within is None:
        rest = 0.0 if between is None else float(between)
        return Spread(1.0, rest, None, "none given", True, "sizes are in SDs within an arm")  # noqa: FBT003
    if not within > 0:
        msg = "within is 0: scores that do not vary need no experiment to be told apart."
        raise InputError(msg)
    return Spread(float(within), float(between or 0.0), None, "as given", between is not None)


def measured(name: str, signature: str | None, method: str) -> Spread:
    """Look it up among the SDs that come with the package."""
    table = spreads()
    row = _chosen(_chosen(_chosen(table, "name", name), "signature", signature), "method", method).iloc[0]
    between = float(row["between"])
    source = f"{row['name']} ({row['replicates']}), {row['signature']} by {row['method']}"
    known = bool(np.isfinite(between))
    return Spread(float(row["within"]), between if known else 0.0, int(row["df"]), source, known)


def _chosen(table: pd.DataFrame, column: str, value: str | None) -> pd.DataFrame:
    found = table[table[column] == value]
    if found.empty:
        known = list(dict.fromkeys(table[column]))
        what = "source" if column == "name" else column
        lead = f"No SD is known for {what}={value!r}.{near(value, known)}"
        lead = f"Say which {what} is meant: {what}=." if value is None else lead
        msg = f"{lead} Known: {first(known, 20)} (ms.ds.spreads() lists them)."
        raise InputError(msg)
    return found


def pilot(adata: AnnData, design: Design, *, signature: str | None, method: str) -> Spread:
    """Estimate it from scored samples, pooled over strata; batches and pairs are taken out."""
    name, scores = _one_score(adata, signature, method)
    arms = _arms.read(design, adata.obs)
    require_replicates(design, adata.obs, arms)
    frame = arms.frame[np.isfinite(scores[arms.frame["row"]])]
    found = {str(s): _stratum(design, own, scores) for s, own in frame.groupby("stratum", sort=False)}
    by_stratum = {stratum: part for stratum, part in found.items() if part is not None}
    parts = list(by_stratum.values())
    df = sum(part.df for part in parts)
    if df < 1:
        msg = (
            f"The {len(frame)} scored samples of the pilot leave no degrees of freedom: it takes two "
            "replicates of an arm at least. Give within= (and between=), or source= (see ms.ds.spreads())."
        )
        raise InputError(msg)
    within = sum(part.df * float(part.within[0]) for part in parts) / df
    between = sum(part.df * float(part.between[0]) for part in parts) / df
    if not within > 0:
        msg = f"{name} does not vary within the arms of the pilot. Give within= instead."
        raise InputError(msg)
    if told := overlooked(adata.obs, set(design.columns.values()), frame, scores):
        warnings.warn(told, InputWarning, stacklevel=4)
    paired = bool(np.isfinite(between))
    source = f"the {len(frame)} samples given, {name} by {method}"
    strata = several((s, float(np.sqrt(part.within[0])), round(part.df)) for s, part in by_stratum.items())
    return Spread(np.sqrt(within), np.sqrt(between) if paired else 0.0, df, source, paired, strata=strata)


def several(found: Iterable[tuple[str, float, int]]) -> tuple[tuple[str, float, int], ...]:
    """Give the strata that an SD is pooled over; none where it is of one."""
    strata = tuple(one for one in found if one[2] > 0)
    return strata if len(strata) > 1 else ()


def _stratum(design: Design, frame: pd.DataFrame, scores: np.ndarray) -> Components | None:
    model = _plan.model_of(design, _blocks.within_lines(design, frame))
    Y = scores[model.frame["row"].to_numpy()][:, None]
    if residual_df(model.X) < 1:
        return None
    if not model.block:
        return components(Y, model.X)
    X, _ = design_matrix(model.frame, tuple(field for field in model.nuisance if field != "block"))
    return components(Y, X, pd.factorize(model.frame["block"])[0])


def _one_score(adata: AnnData, signature: str | None, method: str) -> tuple[str, np.ndarray]:
    table = frames(adata, method=method, signatures=signature)[method]
    if table.shape[1] != 1:
        msg = f"data has {table.shape[1]} scored signatures: {first(table.columns)}. Name one by signature=."
        raise InputError(msg)
    return str(table.columns[0]), table.iloc[:, 0].to_numpy(dtype=np.float64)
