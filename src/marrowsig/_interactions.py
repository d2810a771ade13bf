"""Interactions that the samples could be asked about and a design does not ask, with the call that does."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from marrowsig._arms import in_order
from marrowsig._errors import DesignError
from marrowsig._formula_matrix import terms
from marrowsig._unlike import DONOR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

    Levels = dict[str, list[str]]

_TIME = re.compile(r"^(time|hours?|days?|weeks?|months?|visits?|duration|passage)", re.IGNORECASE)
_NUISANCE = re.compile(
    r"(^|[^a-z])(batch|block|pair|plate|run|lane|lab|site|cent(er|re)|study|cohort|experiment|rep(licate)?)",
    re.IGNORECASE,
)


def unasked(design: Design | FormulaDesign, obs: pd.DataFrame) -> str:
    """Say for these samples what `of_design` or `of_formula` does."""
    from marrowsig._formula import FormulaDesign
    from marrowsig._formula_plan import read

    if isinstance(design, FormulaDesign):
        return of_formula(design, read(design, obs).data)
    return of_design(design, obs)


def of_design(design: Design, obs: pd.DataFrame | None = None) -> str:
    """Say how to ask whether an effect changes over time; empty where the design names no time."""
    over = next((c for c in (design.time, *design.batches) if c is not None and _is_time(design, c)), None)
    if over is None:
        return ""
    lines = [design.parental, design.resistant]
    column, base, test = design.line, *lines
    if design.culture is not None:
        column, base, test = design.culture, design.mono, design.co
    crossed = {str(column): [base, test], over: _seen(obs, over)}
    crossed |= {design.line: lines} if design.line is not None else {}
    block = block_of(design, obs)
    levels = crossed | ({block: _seen(obs, block)} if block is not None else {})
    formula = "~ " + " * ".join(map(term, crossed))
    formula += f" + {term(block)}" if block is not None else ""
    named = {name: own[0] if name in (over, block) else own for name, own in levels.items()}
    change = change_of((str(column), base, test), over, levels)
    changes = {"change": change}
    if design.culture is not None and design.line is not None:
        changes["change_of_interaction"] = _written(
            {str(column): (base, test), str(design.line): (lines[0], lines[1])}, over, levels
        )
    unit = f", unit={block!r}" if block is not None else ""
    now = "is answered by itself" if over == design.time else "is taken to show the same effect"
    call = f"{formula!r}, levels={named!r}, contrasts={changes!r}{unit}"
    kept = [f"{design.vehicle!r} in {design.inhibitor!r}"] if design.inhibitor else []
    kept += [f"one level of {design.compartment!r}"] if design.compartment else []
    rows = f", for the rows with {' and '.join(kept)}" if kept else ""
    which = (
        f" There 'change' is that of the effect of {column!r}, its mean over {design.line!r}, and "
        f"'change_of_interaction' that of how much the effect differs between the levels of {design.line!r}."
    )
    return (
        f"Each level of {over!r} {now}. Whether the effect differs between them is an interaction: "
        f"ms.Design.from_formula({call}){rows}.{which if len(changes) > 1 else ''}"
    )


def block_of(design: Design, obs: pd.DataFrame | None) -> str | None:
    """Return the pair, or a unit that recurs over the samples."""
    if design.pair is not None or design.unit is None or obs is None:
        return design.pair
    return design.unit if obs[design.unit].dropna().duplicated().any() else None


def of_formula(design: FormulaDesign, data: pd.DataFrame | None = None) -> str:
    """Say how to ask whether a contrast differs between the levels of a second factor; empty if all is asked.

    `data` holds the samples, its factors with their levels; else those that the design lists are known.
    """
    levels = {name: [own] if isinstance(own, str) else list(own) for name, own in design.levels.items()}
    if data is not None:
        levels = {name: [str(level) for level in data[name].cat.categories] for name in levels}
    for asked, over in _unasked(design, levels):
        ends = (levels[over][0], levels[over][-1])
        if data is not None and _empty(data, {asked[0]: asked[1:], over: ends}):
            continue
        try:
            joint = any({asked[0], over} <= own for own in terms(design.formula))
        except DesignError:  # said where samples are read
            return ""
        how = "add" if joint else f"write {term(asked[0])} * {term(over)} in the formula, and add"
        return (
            f"No contrast asks whether {asked[2]} - {asked[1]} differs between the levels of {over!r}, which "
            f"is an interaction: {how} the contrast {change_of(asked, over, levels)!r}."
        )
    return ""


def _unasked(design: FormulaDesign, levels: Levels) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Yield factor, base and test of each simple contrast, with every factor that is not asked with it."""
    named = [{_cell(key, levels): w for key, w in weights.items()} for weights in design.wanted.values()]
    together = [{factor for factor, _ in cell} for weights in named for cell in weights]
    for weights in named:
        if sorted(weights.values()) != [-1, 1] or any(len(cell) != 1 for cell in weights):
            continue
        (asked, base), (_, test) = (cell[0] for cell in sorted(weights, key=weights.__getitem__))
        for over in levels:
            aside = over in (asked, design.unit) or DONOR.search(over) or _NUISANCE.search(over)
            if not aside and not any({asked, over} <= factors for factors in together):
                yield (asked, base, test), over


def _cell(key: object, levels: Levels) -> tuple[tuple[str, str], ...]:
    """Factor and level of each part of a cell; empty for coefficients, and for levels of no one factor."""
    found = []
    for part in map(str, key if isinstance(key, tuple) else (key,)):
        column, _, level = part.partition("=")
        hits = [(name, part) for name, own in levels.items() if part in own]
        found += [(column, level)] if column in levels else hits if len(hits) == 1 else []
    return tuple(found)


def _empty(data: pd.DataFrame, levels: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a cell of these levels has no sample."""
    seen = set(zip(*(data[name].astype(str) for name in levels), strict=True))
    return not set(product(*levels.values())) <= seen


def change_of(asked: tuple[str, str, str], over: str, levels: Levels) -> object:
    """Write the contrast: as text, or as weights where names hold blanks or colons."""
    factor, base, test = asked
    return _written({factor: (base, test)}, over, levels)


def _written(factors: Mapping[str, tuple[str, str]], over: str, levels: Levels) -> object:
    """Write the difference between the ends of `over` of a difference, or of one of two differences."""
    low, high = levels[over][0], levels[over][-1] if len(levels[over]) > 1 else "LAST"

    def part(column: str, level: str) -> str:
        return f"{column}={level}" if sum(level in own for own in levels.values()) > 1 else level

    ends = {over: (low, high), **dict(reversed(list(factors.items())))}
    cells: dict[tuple[str, ...], int] = {}
    for at in product((1, 0), repeat=len(ends)):
        own = {name: part(name, ends[name][i]) for name, i in zip(ends, at, strict=True)}
        cells[tuple(own[name] for name in (*factors, over))] = (-1) ** (len(ends) - sum(at))
    if all(re.fullmatch(r"[^\s:\[]+", word) for cell in cells for word in cell):
        signs = ("+" if weight > 0 else "-" for weight in cells.values())
        text = " ".join(f"{sign} {':'.join(cell)}" for sign, cell in zip(signs, cells, strict=True))
        return text.removeprefix("+ ")
    return cells


def _is_time(design: Design, column: str) -> bool:
    return column == design.time or bool(_TIME.match(column))


def _seen(obs: pd.DataFrame | None, column: str) -> list[str]:
    """Levels in order; without samples, words that stand for the first and the last."""
    return ["FIRST", "LAST"] if obs is None else in_order(obs[column])


def term(column: str) -> str:
    return column if column.isidentifier() else f"`{column}`"
