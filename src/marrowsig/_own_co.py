"""The word of a partner for its co-culture, such as `with blasts` of stroma, read as that of the design."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._arms import as_text
from marrowsig._own_levels import WITH, own_levels
from marrowsig._stimulus import is_stimulus
from marrowsig._unlike import looks_like

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.design import Design

_NO_CELLS = re.compile(
    r"treat|stimul|serum|plastic|medi(?:um|a)\b|matrigel|fibronectin|collagen|gelatin|coat"
    r"|\b(?:dmso|vehicle|pbs|ctrl|control)\b",
    re.IGNORECASE,
)
"""What else stroma is grown with or on."""


def own_co(design: Design, obs: pd.DataFrame) -> dict[str, str]:
    """Compartment, with cells alone, to its one own level of culture that says that it is a co-culture.

    >>> import pandas as pd
    >>> from marrowsig import Design
    >>> design = Design(culture="culture", mono="alone", co="with MSC", compartment="cells")
    >>> obs = pd.DataFrame({"cells": ["AML", "AML", "MSC", "MSC"]})
    >>> own_co(design, obs.assign(culture=["alone", "with MSC", "alone", "with blasts"]))
    {'MSC': 'with blasts'}
    >>> own_co(design, obs.assign(culture=["alone", "with MSC", "alone", "treated with IL-22"]))
    {}
    """
    if design.compartment is None or design.culture is None:
        return {}
    seen = set(as_text(obs[design.culture]).dropna())
    return {
        name: levels[0]
        for name, levels in own_levels(design, obs).items()
        if len(levels) == 1 and levels[0] in seen and _names_partner(levels[0])
    }


def _names_partner(level: str) -> bool:
    """Whether a level says that other cells were there, not a cytokine, a drug or what cells lie on."""
    if WITH.search(level) is None or is_stimulus(level) or is_stimulus(WITH.sub(" ", level).strip()):
        return False
    return _NO_CELLS.search(level) is None or looks_like(level) == "leukaemia"


def as_co(part: pd.DataFrame, design: Design, obs: pd.DataFrame) -> pd.DataFrame:
    """Write the design's word for the co-culture into `part` of `obs` where its compartment has its own."""
    found = own_co(design, obs)
    if not found:
        return part
    culture = as_text(part[design.culture])
    own = culture == as_text(part[design.compartment]).map(found)
    return part.assign(**{str(design.culture): culture.mask(own, design.co).to_numpy()})
