"""From --labels, --palette and --order to words, colours and order of the levels in figures."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from typing import TYPE_CHECKING

from marrowsig._arm_names import FIELDS
from marrowsig._errors import InputError, InputWarning, first, near

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig._report.look import Look
    from marrowsig.design import Design

NEXT = re.compile(r",(?=[^,=]+=)")
"""A comma behind which a level and its sign of equality stand; any other is part of the words."""


def look_of(
    obs: pd.DataFrame,
    design: Design | FormulaDesign,
    ids: Iterable[str],
    *,
    labels: Sequence[str],
    palette: Sequence[str],
    order: Sequence[str],
) -> Look | None:
    """Return what the options ask for, checked against the levels of the design; None without any.

    `ids` are the signatures, which `labels` may call otherwise, too. The roles of a design (co, mono,
    parental, resistant, vehicle) stand for its levels, unless a level is called so;
    for `palette` and `order` the words of `labels` do, too.

    Raises
    ------
    InputError
        If a text has another form, names no level (or, of `labels`, column, contrast or signature), a colour
        is none, or two levels are to be called alike.
    """
    from marrowsig._report.look import Look, levels_in
    from marrowsig.pl._levels import chosen_colours, ordered

    if not (labels or palette or order):
        return None
    columns = [c for c in design.columns.values() if c] if hasattr(design, "columns") else []
    obs = _one_each(obs, design, columns)
    levels = levels_in(obs, design)
    contrasts = _contrasts(obs, design) if labels else []
    here = [*levels, *map(str, columns), *contrasts]
    known = list(dict.fromkeys([*here, *ids]))
    roles = _roles(design, known)
    told = _pairs(labels, known, roles, "--labels", "'co=with MSC,mono=alone'")
    if lacking := [name for name in told if name not in known]:
        msg = f"--labels names {first(map(repr, lacking))}, which is no level here, nor a column of the "
        meant = near(lacking[0], known if "." in lacking[0] else here)
        msg += f"design, contrast or signature.{meant} Levels: {first(levels, 20)}."
        raise InputError(msg)
    words = Counter(told.get(level, level) for level in levels)
    if alike := [level for level in levels if words[told.get(level, level)] > 1]:
        msg = f"--labels calls {first(map(repr, alike))} alike: {told.get(alike[0], alike[0])!r}."
        raise InputError(msg)
    roles = {word: level for level, word in told.items() if level in levels and word not in known} | roles
    colours = _pairs(palette, levels, roles, "--palette", "'resistant=#882255,parental=grey'")
    places = [level for text in order for level in _levels(text, levels)]
    places = [roles.get(level, level) for level in places]
    try:
        ordered(levels, places)
        return Look(told, chosen_colours(colours, levels), tuple(dict.fromkeys(places)))
    except InputError as error:
        msg = f"--{error}"  # palette or order, by its first word
        raise InputError(msg) from error


def _one_each(obs: pd.DataFrame, design: Design | FormulaDesign, columns: Sequence[str]) -> pd.DataFrame:
    """One row per unit and arm: cells and libraries are summed, those without a label left out, later."""
    unit = design.unit or design.pair
    keys = list(dict.fromkeys([*columns, *([unit] if unit else [])]))
    if not unit or not set(keys) <= set(obs.columns):
        return obs
    return obs[obs[keys].notna().all(axis=1)].drop_duplicates(keys)


def _contrasts(obs: pd.DataFrame, design: Design | FormulaDesign) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # told when they are compared
        return list(design.contrasts(obs)["contrast"].astype(str))


def _roles(design: Design | FormulaDesign, known: Sequence[str]) -> dict[str, str]:
    """Roles of a design that are no name here, each with the level that has it."""
    roles = [*(role for pair in FIELDS.values() for role in pair), "vehicle"]
    found = {role: str(getattr(design, role, role)) for role in roles if role not in known}
    return {role: level for role, level in found.items() if level in known}


def _pairs(
    texts: Sequence[str], known: Sequence[str], roles: Mapping[str, str], option: str, example: str
) -> dict[str, str]:
    """Read `LEVEL=WORDS,...`; a level that holds a comma or such a sign itself has a text of its own."""
    found = {}
    for text in texts:
        whole = next((k for k in sorted(known, key=len, reverse=True) if text.startswith(f"{k}=")), "")
        odd = "," in whole or "=" in whole
        parts = (
            [(whole, "=", text[len(whole) + 1 :])] if odd else [p.partition("=") for p in NEXT.split(text)]
        )
        for level, said, words in parts:
            if not (level.strip() and said and words.strip()):
                msg = f"{option} {text!r} is not LEVEL=..., such as {example}."
                raise InputError(msg)
            found[roles.get(level.strip(), level.strip())] = words.strip()
    return found


def _levels(text: str, known: Sequence[str]) -> list[str]:
    """Levels between commas; one that holds a comma itself is taken as it is."""
    return [text] if text in known else [level.strip() for level in text.split(",") if level.strip()]
