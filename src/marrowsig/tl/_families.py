"""Which tests are adjusted together: a primary family named beforehand, and the rest per contrast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError, first, near
from marrowsig._stats.fdr import bh
from marrowsig._stats.holm import holm
from marrowsig._stats.maxt import maxt
from marrowsig.tl._own_contrasts import by_units

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from marrowsig._plan import Plan

DEFAULT = ("induction", "interaction", "reversal", "named")
"""Kinds of contrasts that a primary family takes unless told otherwise; "named" are those of a formula."""


CONTROL = "control"
"""Axis of signatures that are no hypotheses: they show what else moved, and are a family of their own."""

MAIN = ", main signatures"
"""Ends the name of their family in a contrast that is not in the primary one."""

NAMES = {"holm": "Holm", "maxt": "maxT"}
"""How a primary family may be adjusted."""


@dataclass(frozen=True)
class Primary:
    """The signatures and contrasts that were named before the data were seen."""

    signatures: frozenset[str]
    contrasts: frozenset[str]

    def beside(self, table: pd.DataFrame) -> np.ndarray:
        """Whether each row is one of these signatures in another contrast."""
        own = table["signature"].isin(self.signatures).to_numpy(dtype=bool)
        return np.asarray(own & ~self.rows(table))

    def rows(self, table: pd.DataFrame) -> np.ndarray:
        """Whether each row of a result belongs to the primary family."""
        own = table["signature"].isin(self.signatures) & table["contrast"].isin(self.contrasts)
        return own.to_numpy(dtype=bool)


def primary_family(
    primary: str | list[str] | None,
    contrasts: str | list[str] | None,
    *,
    plans: list[Plan],
    scored: Iterable[object],
) -> Primary:
    """Resolve ids, axes, and names or kinds of contrasts; an empty family without `primary`."""
    if primary is None:
        if contrasts is not None:
            msg = "primary_contrasts= needs primary=: the signatures that the primary family is about."
            raise InputError(msg)
        return Primary(frozenset(), frozenset())
    ids = list(dict.fromkeys(map(str, scored)))
    named = {name: {id for id in ids if name in (id, id.split(".")[0])} for name in _listed(primary)}
    absent = [name for name, hits in named.items() if not hits]
    if absent or not named:
        axes = dict.fromkeys(id.split(".")[0] for id in ids)
        msg = (
            f"primary= names {first(absent) or 'nothing'}, which is not compared."
            f"{_near(absent, [*axes, *ids])} Compared: {first(ids, 10)}."
        )
        raise InputError(msg)
    return Primary(frozenset().union(*named.values()), _contrasts(contrasts, plans))


def _contrasts(asked: str | list[str] | None, plans: list[Plan]) -> frozenset[str]:
    kinds = {plan.contrast.name: plan.contrast.kind for plan in plans}
    if asked is None:
        usual = frozenset(name for name, kind in kinds.items() if kind in DEFAULT)
        return usual or frozenset(kinds)
    named = {one: {name for name, kind in kinds.items() if one in (name, kind)} for one in _listed(asked)}
    absent = [one for one, hits in named.items() if not hits]
    if absent or not named:
        known = [*kinds, *kinds.values()]
        msg = (
            f"primary_contrasts= names {first(absent) or 'nothing'}, which is not asked here."
            f"{_near(absent, known)} Contrasts: {first(kinds, 20)}; or kinds: "
            f"{first(dict.fromkeys(kinds.values()))}."
        )
        raise InputError(msg)
    return frozenset().union(*named.values())


def _near(absent: list[str], known: Iterable[object]) -> str:
    return near(absent[0], known) if absent else ""


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def is_control(signatures: Iterable[object]) -> np.ndarray:
    """Whether each of these ids is that of a control."""
    return np.array([str(name).split(".")[0] == CONTROL for name in signatures], dtype=bool)


def require_known(how: str) -> None:
    """Raise if no such adjustment of the primary family exists."""
    if how not in NAMES:
        msg = f"adjust is {how!r}; it has to be one of {first(map(repr, NAMES))}."
        raise InputError(msg)


def adjusted(
    table: pd.DataFrame, primary: Primary, how: str, plans: list[Plan], scores: pd.DataFrame
) -> pd.DataFrame:
    """Fill `p_adj`, `family`, `family_size` and `adjustment` of the rows of one method and stratum."""
    own = primary.rows(table)
    method, stratum = table["method"].iloc[0], table["stratum"].iloc[0]
    tail = f" [{stratum}]" if stratum else ""
    table["adjustment"] = np.where(own, NAMES[how], "BH")
    aside = np.where(is_control(table["signature"]), ", controls", "")
    aside = np.where(primary.beside(table), MAIN, aside)  # whatever else was scored
    rest = f"{method}: " + table["contrast"] + aside + tail
    table["family"] = np.where(own, f"{method}: primary{tail}", rest)
    p = table["p"].to_numpy(dtype=np.float64)
    p_adj = np.full(len(p), np.nan)
    for rows in table[~own].groupby("family", sort=False).groups.values():
        p_adj[rows] = bh(p[rows])
    tested = table[own & ~np.isnan(p)]
    p_adj[own] = holm(p[own])
    if how == "maxt" and len(tested):
        p_adj[tested.index] = _by_rotation(tested, plans, scores)
    table["p_adj"] = p_adj
    table["family_size"] = table.groupby("family")["p"].transform("count").astype(int)
    return table


def _by_rotation(tested: pd.DataFrame, plans: list[Plan], scores: pd.DataFrame) -> np.ndarray:
    asked = list(dict.fromkeys(tested["contrast"]))
    named = list(dict.fromkeys(tested["signature"]))
    by_name = {plan.contrast.name: plan for plan in plans}
    models = [(by_name[name], by_name[name].model) for name in asked]
    found = [(model, model.c(plan.contrast)) for plan, model in models if model is not None]
    if units := [name for name in asked if by_units(by_name[name])]:
        msg = (
            f"adjust='maxt' rotates rows, and {first(units)} is tested on one number per unit, whose "
            "rows it averages. Use adjust='holm', or leave it out of primary_contrasts=."
        )
        raise InputError(msg)
    model = found[0][0]
    if any(not np.array_equal(other.X, model.X) for other, _ in found):
        msg = (
            f"adjust='maxt' rotates the samples of one model, and {first(asked)} have several. "
            "Name others with primary_contrasts=, or use adjust='holm'."
        )
        raise InputError(msg)
    Y = scores[named].to_numpy(dtype=np.float64)[model.frame["row"].to_numpy()]
    joint = maxt(Y, model.X, np.array([c for _, c in found]))
    cells = zip(tested["contrast"], tested["signature"], strict=True)
    p = np.array([joint[asked.index(contrast), named.index(signature)] for contrast, signature in cells])
    # Rotations are drawn, so a p near one could come out below the unadjusted.
    return np.maximum(p, tested["p"].to_numpy(dtype=np.float64))
