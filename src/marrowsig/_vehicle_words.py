"""Whether a level of the column of inhibitors is nothing given, a solvent, or a control of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING = re.compile(
    r"\W*|0(?:\.0+)?(?:\s*(?:[pnu\u00b5\u03bcm]?M|[pnu\u00b5\u03bcm]?g/ml))?|no|none|nil|null|n/?a|nan"
    r"|(?:un-?|non?[\s_-]?|not[\s_-])treated(?:[\s_-]*controls?)?|without|w/o|nothing|empty|untr?\.?|"
    r"(?:no|without)[\s_-](?:drug|inhibitor|antibody|treatment|compound|agent)",
    re.IGNORECASE,
)
_SOLVENT = re.compile(
    r"(?:[\d.,]+\s*%\s*)?(?:dmso|vehicle|veh|control|ctrl|ctl|mock|pbs|etoh|ethanol|water|h2o|saline|solvent"
    r"|medium|media|false|n)(?:[\s_-]*(?:control|ctrl|only|alone|treated|vehicle))?(?:\s*\(?[\d.,]+\s*%\)?)?",
    re.IGNORECASE,
)

_CONTROL = re.compile(r"controls?|ctrls?|ctl", re.IGNORECASE)


def nothing_given(level: str) -> bool:
    """Whether a level of the column of inhibitors says that nothing was given.

    >>> [nothing_given(level) for level in ("-", "none", "untreated", "0", "no", "", "no drug")]
    [True, True, True, True, True, True, True]
    >>> [nothing_given(level) for level in ("DMSO", "IgG", "tocilizumab", "+")]
    [False, False, False, False]
    """
    return level.strip() != "+" and _NOTHING.fullmatch(level.strip()) is not None


def own_control(level: str) -> bool:
    """Whether a vehicle is a control that a paper has to name, such as an isotype: no solvent, not nothing.

    >>> [own_control(level) for level in ("IgG", "isotype", "DMSO", "0.1% DMSO", "-", "none", "vehicle")]
    [True, True, False, False, False, False, False]
    """
    return not nothing_given(level) and _SOLVENT.fullmatch(level.strip()) is None


def control_beside(level: str, vehicle: str) -> bool:
    """Whether a level says no more than that it is a control, and the vehicle is a solvent by name.

    >>> [control_beside(level, "DMSO") for level in ("control", "Ctrl", "IgG control", "JAKi")]
    [True, True, False, False]
    >>> [control_beside("control", vehicle) for vehicle in ("none", "IgG", "ctrl")]
    [False, False, False]
    """
    if nothing_given(vehicle) or own_control(vehicle) or _CONTROL.fullmatch(vehicle.strip()):
        return False
    return _CONTROL.fullmatch(level.strip()) is not None


def control_of(design: object, labels: Mapping[str, str] | None = None) -> str:
    """Name what inhibitors are compared with, where it is a control of its own; else empty.

    >>> from marrowsig.design import Design
    >>> isotype = Design(culture="arm", inhibitor="antibody", vehicle="IgG")
    >>> control_of(isotype), control_of(isotype, {"IgG": "isotype"})
    ('IgG', 'isotype')
    >>> control_of(Design(culture="arm", inhibitor="drug", vehicle="DMSO"))
    ''
    """
    vehicle = str(getattr(design, "vehicle", "")) if getattr(design, "inhibitor", None) else ""
    return (labels or {}).get(vehicle, vehicle) if own_control(vehicle) else ""


def fall_under(drug: str, control: str = "") -> str:
    """Write what a reversal is of.

    >>> fall_under("JAKi"), fall_under("tocilizumab", "IgG")
    ('fall under JAKi', 'fall under tocilizumab against IgG')
    """
    return f"fall under {drug} against {control}" if control else f"fall under {drug}"
