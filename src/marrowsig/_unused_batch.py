"""A column called as batches or studies are, which spans what is compared and which the design leaves out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._arms import as_text, read
from marrowsig._errors import first
from marrowsig._of_one_person import contradictions
from marrowsig._overlooked import possible_pairs

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

BATCH = re.compile(r"(?:.*[-_ .])?(?:batch|plate|study|data ?set|series)(?:[-_ .]?id)?", re.IGNORECASE)


def unused_batch(design: Design, obs: pd.DataFrame) -> list[str]:
    """Name a column of batches of which two or more hold several arms, where the design has no batch.

    Silent where pairs or units hold it constant, since these take it out.

    >>> import pandas as pd
    >>> from marrowsig.design import Design
    >>> obs = pd.DataFrame({"culture": ["mono", "co"] * 4, "batch": list("aaaabbbb")})
    >>> unused_batch(Design(culture="culture"), obs)[0][:63]
    "Column 'batch' (a, b) is not in the design, and its levels hold"
    >>> unused_batch(Design(culture="culture", batch="batch"), obs)
    []
    """
    if design.batch is not None:
        return []
    frame = read(design, obs).frame
    inside = obs.iloc[frame["row"].to_numpy()]
    used = set(design.columns.values())
    block = next((column for column in (design.pair, design.unit) if column is not None), None)
    for column in (c for c in obs if c not in used and BATCH.fullmatch(str(c))):
        level = as_text(inside[column]).reset_index(drop=True)
        if level.isna().any() or not 2 <= level.nunique() <= len(level) / 2:
            continue
        if block is not None and level.groupby(as_text(inside[block]).to_numpy()).nunique().eq(1).all():
            continue
        arm = frame["arm"].reset_index(drop=True)
        spread = level.groupby(arm).nunique().ge(2).any()  # not a name of the arms
        if spread and int(arm.groupby(level).nunique().ge(2).sum()) > 1:
            told = (
                f"Column {str(column)!r} ({first(sorted(set(level)))}) is not in the design, and its levels "
                f"hold several arms each. If it shifts the scores, add batch={str(column)!r}; if these are "
                "studies, pool them: marrowsig batch, ms.tl.meta."
            )
            return [told]
    return []


def doubtful(design: Design | FormulaDesign, obs: pd.DataFrame) -> list[str]:
    """Name columns that may hold pairs or batches and are not used, and used ones that contradict themselves.

    Of a formula nothing is said.
    """
    from marrowsig.design import Design

    if not isinstance(design, Design):
        return []
    looks = (possible_pairs, unused_batch, contradictions)
    return [told for look in looks for told in look(design, obs)]
