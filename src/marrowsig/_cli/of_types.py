"""What a run says of sums whose cell types come in other shares in co-culture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_HELD = re.compile(r"\(column '(?P<column>.*?)', (?P<shares>.*)\), and the score")


def of_types(res: pd.DataFrame) -> str:
    """Say which types are more or fewer in co-culture, by contrast, and how to ask within types."""
    from marrowsig.tl._cautions import SHARES_DIFFER, kept_with

    found: dict[str, str] = {}
    column = ""
    for contrast, _, text, *of in kept_with(res):
        held = _HELD.search(text) if not of and text.startswith(SHARES_DIFFER) else None
        if held is not None and contrast.startswith("co_"):
            column = held["column"]
            found[held["shares"]] = contrast
    if not found:
        return ""
    return (
        f"Cell types have other shares in co-culture: {'; '.join(found)}. A score of the sums may move "
        f"by that alone: ask within types, too (--compartment {column})."
    )
