"""Whether a level of the column of inhibitors is nothing given, a solvent, or a control of its own."""

from __future__ import annotations

import re

_NOTHING = re.compile(
    r"\W*|0(?:\.0+)?|no|none|nil|null|n/?a|nan|un-?treated|not[\s_-]treated|without|nothing|empty|untr?\.?|"
    r"no[\s_-](?:drug|inhibitor|antibody|treatment)",
    re.IGNORECASE,
)
_SOLVENT = re.compile(
    r"(?:[\d.,]+\s*%\s*)?(?:dmso|vehicle|veh|control|ctrl|ctl|mock|pbs|etoh|ethanol|water|h2o|saline|medium|false|n)"
    r"(?:\s*\(?[\d.,]+\s*%\)?)?",
    re.IGNORECASE,
)


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
