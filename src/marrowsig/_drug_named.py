"""Words for claims on inhibitors by the names of the drugs, and that none compares two of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._errors import first
from marrowsig._in_brackets import parted
from marrowsig._people import OF_LINE

if TYPE_CHECKING:
    import pandas as pd

REVERSES = "The inhibitor "
"""How a statement on an inhibitor begins, which has a name."""


def by_drug(text: str, drug: str) -> str:
    """Write what is said of `drug` by its name, without cells, as lines of a terminal are.

    >>> by_drug("The inhibitor reverses EMT (parental cells, JAKi)", "JAKi")
    'JAKi reverses EMT (parental)'
    >>> by_drug("The inhibitor reverses EMT (1 cells, 1, 24 h)", "1, 24 h")
    '1, 24 h reverses EMT (1)'
    >>> by_drug("EMT rises in co-culture (parental cells)", "")
    'EMT rises in co-culture (parental)'
    """
    what, where = parted(text)
    if drug and what.startswith(REVERSES):
        others = re.sub(rf"(^|, ){re.escape(drug)}(?=, |$)", "", where, count=1).removeprefix(", ")
        text = f"{drug} {what.removeprefix(REVERSES)}{f' ({others})' if others else ''}"
    return OF_LINE.sub("", text)


def drugs_apart(claims: pd.DataFrame) -> str:
    """Say that no claim compares two drugs, where claims were asked of more than one."""
    own = claims[claims["verdict"].ne("not asked")]
    drugs = [d for d in own["inhibitor"].fillna("").astype(str).unique() if d and " + " not in d]
    if len(drugs) < 2:
        return ""
    return (
        f"No claim compares {first(drugs)} with each other: one supported and one not is no such test "
        "(docs/howto/rescue.md, 'Which drug is better?')."
    )
