"""Columns of a design that cannot change a number: that none does is then no check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._covariates import is_covariate

if TYPE_CHECKING:
    from marrowsig._arms import Arms
    from marrowsig.design import Design


def changes_nothing(design: Design, arms: Arms) -> list[str]:
    """Name covariates of one value, and batches that are the pairs under another name."""
    frame = arms.frame
    found: list[str] = []
    if "pair" not in frame:  # without pairs, no contrast is estimated with such a covariate, which is told
        return found
    for field, column in design.columns.items():
        if is_covariate(field) and frame[field].nunique(dropna=False) == 1:
            value = f"{frame[field].iloc[0]:g}"
            found.append(
                f"The covariate {column!r} has one value ({value}) in all samples: it adjusts for nothing, "
                "and that numbers stay the same with it checks nothing. Leave it out."
            )
        if field.startswith("batch") and _same(arms, field):
            found.append(
                f"The batch {column!r} has one level for each level of {design.pair!r}: pairs take it out "
                "already, so that it changes nothing within them, and checks nothing."
            )
    return found


def _same(arms: Arms, field: str) -> bool:
    """Whether two columns divide the samples alike, into fewer parts than there are samples."""
    own = arms.frame[["pair", field]].drop_duplicates()
    alike = len(own) == own["pair"].nunique() == own[field].nunique()
    return alike and 1 < len(own) < len(arms.frame)
