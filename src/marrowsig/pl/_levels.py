"""Colours and order of levels that the user chose, and which levels an arm has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError, first, near
from marrowsig._vehicle_words import own_control

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def levels_of(arm: Mapping[str, Any]) -> list[str]:
    """Levels of an arm: of its strata, line, culture and inhibitor; of a formula, those of its cell.

    A level may hold any of the signs that join levels to the name of an arm, so that is not taken apart;
    only the cells of a formula, which have no such columns, are.
    """
    own = [str(arm[name]) for name in ("line", "culture", "inhibitor") if arm[name]]
    own = own or re.split(r"[:+]", str(arm["arm"]).rpartition(" | ")[2])
    return [part for part in [*str(arm["stratum"]).split(", "), *own] if part]


def asked(order: Sequence[str] | None, design: object) -> Sequence[str] | None:
    """Put the vehicle before the drugs that are named, unless it is named too."""
    vehicle = getattr(design, "vehicle", None) if getattr(design, "inhibitor", None) else None
    if order is None or isinstance(order, str) or vehicle is None or vehicle in order:
        return order
    return [str(vehicle), *order]


def unsaid(arms: Sequence[Sequence[str]], design: object, labels: Mapping[str, str]) -> list[str]:
    """Give the level of each arm that goes without saying, the vehicle; empty where it is told.

    A vehicle that is a control of its own, such as an isotype, or that `labels` call otherwise, is told
    where the same cells had an inhibitor, too.

    >>> from marrowsig.design import Design
    >>> arms = [["mono", "IgG"], ["co", "IgG"], ["co", "tocilizumab"]]
    >>> unsaid(arms, Design(culture="arm", inhibitor="drug", vehicle="IgG"), {})
    ['IgG', '', 'IgG']
    """
    if not getattr(design, "inhibitor", None):
        return [""] * len(arms)
    vehicle = str(getattr(design, "vehicle", ""))
    if vehicle not in labels and not own_control(vehicle):
        return [vehicle] * len(arms)
    drugged = {tuple(arm[:-1]) for arm in arms if arm[-1] != vehicle}
    return ["" if arm[-1] == vehicle and tuple(arm[:-1]) in drugged else vehicle for arm in arms]


def ordered(levels: Iterable[str], order: Sequence[str] | None) -> list[str]:
    """Put those that are named first, in that order, and leave the others as they are.

    >>> ordered(["parental", "resistant"], ["resistant"])
    ['resistant', 'parental']
    """
    known = list(dict.fromkeys(levels))
    named = _known([] if order is None else order, known, what="order")
    return list(dict.fromkeys([*named, *known]))


def chosen_colours(palette: Mapping[str, str] | None, levels: Iterable[str]) -> dict[str, str]:
    """Check the colours that were given for some of these levels.

    >>> chosen_colours({"resistant": "crimson"}, ["parental", "resistant"])
    {'resistant': 'crimson'}
    """
    from matplotlib.colors import is_color_like

    own = {} if palette is None else palette
    if not hasattr(own, "items"):
        msg = "palette has to name a colour for each level, e.g. palette={'resistant': '#D55E00'}."
        raise InputError(msg)
    _known(list(own), list(dict.fromkeys(levels)), what="palette")
    for level, colour in own.items():
        if not is_color_like(colour):
            msg = f"palette has {colour!r} for {level!r}, which is no colour. Use e.g. '#D55E00'."
            raise InputError(msg)
    return dict(own)


def _known(asked: Sequence[str], known: list[str], *, what: str) -> list[str]:
    if isinstance(asked, str):
        msg = f"{what} has to be a list of levels, not one text."
        raise InputError(msg)
    lacking = [level for level in asked if level not in known]
    if lacking:
        msg = f"{what} names {first(map(repr, lacking))}, which is no level here."
        msg += f"{near(str(lacking[0]), known)} Levels: {first(known, 20)}."
        raise InputError(msg)
    return list(asked)
