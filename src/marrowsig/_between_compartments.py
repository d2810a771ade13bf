"""How to ask whether an effect differs between two compartments, of which each is answered by itself."""

from __future__ import annotations

import warnings
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from marrowsig._arms import as_text, in_order
from marrowsig._errors import DesignError, InputWarning
from marrowsig._interactions import block_of, change_of, term
from marrowsig._stromal_level import STROMAL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

MOST = 12
"""Levels of a compartment of which two are looked for that can be compared."""


class Between(NamedTuple):
    """Two compartments, the Python of the rows that are compared, and that of the formula that asks it."""

    low: str
    high: str
    rows: str
    code: str


def two_of(design: Design, obs: pd.DataFrame, *, among: Collection[str] | None = None) -> Between | None:
    """Find the first two compartments, none of stroma, whose difference these samples can be asked about.

    Rows are those without an inhibitor, of the first line beside a culture, and of the first time.
    """
    over = design.compartment
    if over is None:
        return None
    column, base, test = str(design.line), design.parental, design.resistant
    inside = obs
    masks: list[str] = []
    if design.inhibitor is not None:
        inside = _only(inside, design.inhibitor, design.vehicle, masks)
    if design.culture is not None:
        column, base, test = design.culture, design.mono, design.co
        inside = inside if design.line is None else _only(inside, design.line, design.parental, masks)
    inside = inside[as_text(inside[column]).isin([base, test]).to_numpy()]
    if design.time is not None and (times := in_order(inside[design.time])):
        inside = _only(inside, design.time, times[0], masks)
    levels = [one for one in in_order(inside[over]) if not STROMAL.fullmatch(one.strip())]
    levels = [one for one in levels if among is None or one in among]
    block = block_of(design, inside)
    for low, high in combinations(levels[:MOST], 2):
        for formula in _formulas(column, over, block):
            code = _asked(formula, (column, base, test), (over, low, high), block, inside)
            if code:
                return Between(low, high, _rows(masks), code)
    return None


def _rows(masks: list[str]) -> str:
    """Write the rows that all masks are true of.

    >>> _rows([]), _rows(["adata.obs['day'] == 3"])
    ('adata', "adata[adata.obs['day'] == 3]")
    """
    if len(masks) > 1:
        return f"adata[{' & '.join(f'({mask})' for mask in masks)}]"
    return f"adata[{masks[0]}]" if masks else "adata"


def _only(obs: pd.DataFrame, column: str, level: str, masks: list[str]) -> pd.DataFrame:
    """Return the rows of one level, and add to `masks` the Python that finds them."""
    part = obs[(as_text(obs[column]) == level).to_numpy()]
    own = part[column].iloc[0] if len(part) else level
    masks.append(f"adata.obs[{column!r}] == {own.item() if hasattr(own, 'item') else own!r}")
    return part


def call(design: Design, obs: pd.DataFrame) -> str:
    """Say that no difference is asked between compartments, with the lines that ask it; empty without two."""
    found = two_of(design, obs)
    if found is None:
        return ""
    block = block_of(design, obs)
    within = f", within {block!r}" if block else ""
    return (
        f"Each level of {design.compartment!r} is answered by itself: established in one and not in another "
        f"is no difference between them. This asks it of {found.low!r} and {found.high!r}{within}; others "
        f"take their places:\ntwo = {found.code}\nms.tl.compare({found.rows}, two)"
    )


def as_lines(
    design: Design | FormulaDesign | None, obs: pd.DataFrame, claims: pd.DataFrame | None = None
) -> str:
    """Name the fields by which claims ask it, with two compartments as lines; empty where lines have these.

    Of `claims` the compartments are those of cells, not of stroma.
    """
    from marrowsig.design import Design

    if not isinstance(design, Design) or design.culture is None or design.line is not None:
        return ""
    among = None if claims is None else set(claims.loc[claims["claim"].eq("emt_up"), "compartment"])
    found, over = two_of(design, obs, among=among), design.compartment
    if found is None:
        return ""
    return (
        f"Whether a rise differs between two levels of {over!r} is a question of its own: ask it with "
        f"ms.Design(..., line={over!r}, parental={found.low!r}, resistant={found.high!r}), or two others, in "
        f"place of compartment={over!r}."
    )


def _formulas(column: str, over: str, block: str | None) -> Iterator[str]:
    """Give models with less and less of what a block has of its own; of two levels, all of it is paired t."""
    both = f"~ {term(column)} * {term(over)}"
    if block is not None:
        own = term(block)
        yield f"{both} + {own} * {term(column)} + {own}:{term(over)}"
        yield f"{both} + {own}"
    else:
        yield both


def _asked(
    formula: str,
    effect: tuple[str, str, str],
    between: tuple[str, str, str],
    block: str | None,
    obs: pd.DataFrame,
) -> str:
    """Write the formula of two levels as Python; empty where these samples cannot answer it."""
    from marrowsig._calls import folded
    from marrowsig.design import Design

    (column, base, test), (over, low, high) = effect, between
    levels: dict[str, list[str]] = {column: [base, test], over: [low, high]}
    part = obs[as_text(obs[over]).isin([low, high]).to_numpy()]
    seen = levels | ({} if block is None else {block: in_order(part[block])})
    if not all(seen.values()):
        return ""
    named: dict[str, str | list[str]] = {**levels, **({} if block is None else {block: seen[block][0]})}
    contrasts: Any = {f"more_in_{high}": change_of(effect, over, seen)}
    asked = Design.from_formula(formula, levels=named, contrasts=contrasts, unit=block)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # given where rows are compared
        try:
            if not asked.contrasts(part)["estimable"].all():
                return ""
        except DesignError:
            return ""
    unit = [f"unit={block!r}"] if block is not None else []
    given = [repr(formula), f"levels={named!r}", f"contrasts={contrasts!r}", *unit]
    return folded("ms.Design.from_formula(", given)
