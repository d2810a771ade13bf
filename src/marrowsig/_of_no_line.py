"""Stroma that was grown alone for both lines, and so belongs to none: its cell of the line may be empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from marrowsig.design import Design

FIELDS = ("culture", "line", "compartment")


def of_no_line(design: Design, text: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows grown alone of a compartment of which no row grown alone names a line of the design.

    `text` has the levels of each row by field. There are none where no other compartment grown alone names a
    line: then the column lacks what the study is about.

    >>> import pandas as pd
    >>> from marrowsig import Design
    >>> design = Design(culture="culture", line="line", compartment="cells")
    >>> text = pd.DataFrame({"culture": ["mono", "co", "mono"], "line": ["parental", "parental", None]})
    >>> of_no_line(design, text.assign(compartment=["AML", "MSC", "MSC"])).tolist()
    [False, False, True]
    """
    none = np.zeros(len(text), dtype=bool)
    if not set(FIELDS) <= set(text):
        return none
    alone = text["culture"].eq(design.mono) & text["compartment"].notna()
    named = alone & text["line"].isin([design.parental, design.resistant])
    if not named.any():
        return none
    with_lines = set(text.loc[named, "compartment"])
    return np.asarray(alone & ~text["compartment"].isin(with_lines), dtype=bool)


def told(text: pd.DataFrame, rows: NDArray[np.bool_]) -> str:
    """Say of `rows` with an empty cell whose they are: "empty (8: MSC grown alone, of no line)"."""
    whose = " and ".join(dict.fromkeys(text.loc[rows, "compartment"]))
    return f"empty ({int(rows.sum())}: {whose} grown alone, which belongs to no line)"


def hint(design: Design, text: pd.DataFrame, field: str) -> str:
    """Say of empty cells of the line, all grown alone, that stroma may have them; else nothing."""
    empty = text["line"].isna() if field == "line" else None
    if empty is None or "culture" not in text or "compartment" in text:
        return ""
    if not text.loc[empty, "culture"].eq(design.mono).all():
        return ""
    return (
        " Stroma grown alone belongs to no line, and its cells may stay empty: name the column that tells it "
        "from leukaemia cells with compartment=, and its level there with stroma=."
    )
