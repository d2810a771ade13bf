"""The arm that a reversal lacks: the drug on cells without co-culture."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from marrowsig._arms import as_text
from marrowsig._repeats import is_formula

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design


def without_drug_alone(design: Design | FormulaDesign, obs: pd.DataFrame) -> str:
    """Say that no sample without co-culture had an inhibitor; empty where one had, or none is asked about."""
    if is_formula(design):
        return ""
    own = cast("Design", design)
    if own.culture is None or own.inhibitor is None or own.mono is None:
        return ""
    culture, drug = as_text(obs[own.culture]), as_text(obs[own.inhibitor])
    treated = drug.notna() & (drug != own.vehicle)
    if not treated.any() or (treated & (culture == own.mono)).any():
        return ""
    return (
        f"No sample of {own.mono!r} had an inhibitor, so a reversal cannot be told from what the drug does "
        "to the cells without co-culture."
    )
