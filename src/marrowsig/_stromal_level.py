"""Levels of a column that are called as stroma is, and what to do where they are summed with other cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

STROMAL = re.compile(
    r"(bm-?|h)?mscs?|strom(a|al)( cells?)?|cd(90|73|105)\+?|mesenchymal.*|fibroblasts?", re.IGNORECASE
)


def stroma_in(stratum: str) -> str:
    """Return "stroma" where the compartment of a stratum is called so, else nothing.

    >>> stroma_in("compartment=CD90+; time=24"), stroma_in("compartment=AML"), stroma_in("")
    ('stroma', '', '')
    """
    fields = dict(part.partition("=")[::2] for part in stratum.split("; "))
    return "stroma" if STROMAL.fullmatch(fields.get("compartment", "").strip()) else ""


def in_cells(line: str, stratum: str) -> str:
    """Say in which cells of a row something was found: of a line, or stroma that was grown with them.

    >>> in_cells("KG1a", ""), in_cells("KG1a", "compartment=CD90+"), in_cells("", "compartment=CD90+")
    (' in KG1a cells', ' in stroma with KG1a cells', ' in stroma')
    """
    cells, stroma = f"{line} cells" if line else "", stroma_in(stratum)
    told = " with ".join(part for part in (stroma, cells) if part)
    return f" in {told}" if told else ""


def stroma_in_sums(obs: pd.DataFrame, code: NDArray, columns: list[str]) -> str:
    """Sentence on cells that are stroma by their label and stand in one sum with others; empty for none.

    `code` is the sum of each row of `obs`, -1 for none; `columns` made the sums.

    >>> import numpy as np, pandas as pd
    >>> obs = pd.DataFrame({"type": ["AML", "MSC", "AML"]})
    >>> stroma_in_sums(obs, np.array([0, 0, 1]), ["patient"])[:47]
    "'MSC' in 'type' looks like stroma (1 of 3 cells"
    >>> stroma_in_sums(obs, np.array([0, 1, 2]), ["patient"])
    ''
    """
    inside = code >= 0
    for column in (c for c in obs if c not in columns and not _is_number(obs[c])):
        values = obs.loc[inside, column].astype(str)
        of = values.groupby(code[inside])
        for level in values.unique():
            if not STROMAL.fullmatch(level.strip()):
                continue
            share = of.agg(lambda part, level=level: (part == level).mean())
            mixed = int(((share > 0) & (share < 1)).sum())
            if mixed:
                return _told(str(column), level, int((values == level).sum()), len(values), mixed, len(share))
    return ""


def _told(column: str, level: str, n: int, cells: int, mixed: int, sums: int) -> str:
    return (
        f"{level!r} in {column!r} looks like stroma ({n} of {cells} cells, in {mixed} of {sums} sums): added "
        f"to other cells it raises EMT scores by itself. Leave it out, adata[adata.obs[{column!r}] != "
        f"{level!r}], or keep it apart with by={column!r}."
    )


def _is_number(column: pd.Series) -> bool:
    return column.dtype.kind in "fiub"
