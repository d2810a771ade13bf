"""Whether the samples that claims are asked of are stroma by their sheet, and not leukaemia cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._stromal_level import STROMAL

if TYPE_CHECKING:
    import pandas as pd

WHOSE = re.compile(
    r"cells?|cell.?(type|population)|compartment|population|fraction|sorted|sort|(sample.?)?type|source", re.I
)
"""Names of columns that say what was sequenced, where the design names none."""
TOLD = (
    "All samples are {level!r} in {column!r}: that looks like stroma, and the claims are statements about "
    "leukaemia cells: of stroma by itself none can be supported. For the answers of stroma (does a programme "
    "rise in it, more with resistant cells, does the inhibitor reverse it?) give both partners in one table "
    "with stroma=..., and compartment=... in the design, and read ms.tl.questions. Of "
    "this table alone, read the contrasts."
)


def stroma_by_sheet(obs: pd.DataFrame, compartment: str | None) -> tuple[str, str] | None:
    """Column and level by which all samples are stroma; nothing where none says so.

    >>> import pandas as pd
    >>> stroma_by_sheet(pd.DataFrame({"cells": ["CD90+", "CD90+"]}), None)
    ('cells', 'CD90+')
    >>> stroma_by_sheet(pd.DataFrame({"cells": ["CD90+", "CD45+"]}), None)
    """
    named = [compartment] if compartment else [c for c in obs if WHOSE.fullmatch(str(c))]
    for column in named:
        levels = obs[column].astype(str).unique()
        if len(levels) == 1 and STROMAL.fullmatch(levels[0].strip()):
            return str(column), str(levels[0])
    return None
