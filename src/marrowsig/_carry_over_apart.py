"""What asks about carry-over in place of a formula, in the columns and levels that its contrasts name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from marrowsig._errors import DesignError
from marrowsig._formula_plan import read
from marrowsig._lines_of_formula import lines_of, pairs_of
from marrowsig._not_of_formula import cocultures, of_culture
from marrowsig._repeats import TIME, asked_factors, is_formula
from marrowsig._replicates_words import answers
from marrowsig._shared_culture import grown_alone
from marrowsig._stimulus import is_stimulus
from marrowsig._unasked import OF_FORMULA, sentences
from marrowsig._unlike import VEHICLE
from marrowsig.design import Design

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._formula import FormulaDesign


ANY = "..."
_DRUG = re.compile(r"drug|treat|inhib|compound|agent|vehicle", re.IGNORECASE)
_TREATED = re.compile(rf"{_DRUG.pattern}|dose|batch|run|lane", re.IGNORECASE)


def ask_apart(design: Design | FormulaDesign | None, obs: pd.DataFrame, res: pd.DataFrame) -> str:
    """Say that a formula did not ask whether carry-over made what it found, and which design asks it.

    Empty where no contrast is about co-culture by its words.
    """
    asked = [contrast for (contrast, _), text in sentences(res).items() if text == OF_FORMULA]
    if design is None or not is_formula(design) or not asked:
        return ""
    told, more = by_fields(design, obs)
    told += "".join(f", then again with co={co!r}" for co in more)
    return (
        "Carry-over of stroma was not asked: a formula does not say which samples grew alone. To have it "
        f"asked, put this in the place of the formula, in a run of its own: {told}, with "
        "stroma=... (expression of the stroma) if you have it."
    )


def by_fields(design: Design | FormulaDesign, obs: pd.DataFrame) -> tuple[str, list[str]]:
    """Write the design, and give the co-cultures that are left for runs of their own."""
    formula = cast("FormulaDesign", design)
    try:
        data = read(formula, obs).data
    except DesignError:
        return "ms.Design(culture=..., mono=..., co=...)", []
    pair = pairs_of(formula, data)
    factors = {str(n): [str(v) for v in data[n].cat.categories] for n in data if str(n) in formula.levels}
    fields, more = dict.fromkeys(("culture", "mono", "co"), ANY), list[str]()
    for column, levels in factors.items():
        if column != pair and of_culture(column, levels):
            mono, co, *more = _levels(levels) or ["", ""]
            fields = {"culture": column, "mono": mono or ANY, "co": co or ANY}
            break
    culture = fields["culture"]
    asked = [name for name in asked_factors(formula) if name in factors and name not in (pair, culture)]
    times = [name for name in asked if TIME.search(name)]
    others = [name for name in asked if name not in times and _may_be_line(name, factors[name])]
    for line in (lines_of(data, pair) or others)[:1]:
        low, *rest = factors[line]
        fields |= {"line": line, "parental": low, "resistant": rest[0]} if len(rest) == 1 else {}
    fields |= {"pair": pair} if pair is not None else {}
    fields |= {"time": times[0]} if times else {}
    if fields["mono"] != ANY:
        fields |= _what_tells_apart(fields, obs, [str(name) for name in data], factors)
    written = (f"{name}={value if value == ANY else repr(value)}" for name, value in fields.items())
    return f"ms.Design({', '.join(written)})", more


def _what_tells_apart(
    fields: dict[str, str], obs: pd.DataFrame, columns: list[str], factors: dict[str, list[str]]
) -> dict[str, str]:
    """Give the fields that a design lacks: a drug of the formula, and a time if it has no answer without."""
    free = [column for column in columns if column not in fields.values()]
    drugs = [c for c in free if len(factors.get(c, [])) > 1 and _of_drugs(c, factors[c])]
    drug = [{"inhibitor": c, "vehicle": _vehicle(factors[c])} for c in drugs]
    time = [{"time": c} for c in free if TIME.search(c)] if "time" not in fields else []
    tries = [one | other for one in [*drug, {}] for other in [{}, *time]]
    return next((more for more in tries if answers(Design(**(fields | more)), obs)), {})


def _of_drugs(column: str, levels: list[str]) -> bool:
    return bool(_DRUG.search(column)) or any(map(is_stimulus, levels))


def _vehicle(levels: list[str]) -> str:
    return next((level for level in levels if VEHICLE.match(level)), levels[0])


def _may_be_line(column: str, levels: list[str]) -> bool:
    """Whether a factor that contrasts name may be one of cells, such as a genotype, and is no treatment."""
    return len(levels) == 2 and not _TREATED.search(column) and not any(map(is_stimulus, levels))


def _levels(levels: list[str]) -> list[str]:
    """Give the level that grew alone, then those that grew with others; none where words leave it open."""
    co = cocultures(levels)
    rest = [level for level in levels if level not in co]
    if len(levels) == 2:
        return [*rest, *co] if len(rest) == len(co) == 1 else levels
    alone = [level for level in rest if grown_alone(level)] or rest
    return [*alone, *co] if len(alone) == 1 and co else []
