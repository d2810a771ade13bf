"""On which scale changes of single genes are: of log2 CPM, of a log that was made here, or of logs given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._provenance import recall

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from anndata import AnnData

CPM, VOOM, GIVEN = "log2 CPM", "log2 CPM of voom", "the log values given"
"""The first has two reads added in a library of mean size, the second half a read in each."""
AMONG = re.compile(r"moderated t: variance trend on (.+?)(?: \(filterByExpr|;)")


def scale_of(adata: AnnData, layer: str | None, *, counts: bool) -> str:
    """Name the scale of the values of a study, as `ms.pp.lognorm` left them or as they were given."""
    if counts:
        return CPM
    made = recall(adata, "lognorm", {})
    formula, kind = str(made.get("formula", "")), str(made.get("from", ""))
    if not formula or layer is not None:
        return GIVEN
    return formula.replace("x", kind.upper()) if kind in ("tpm", "fpkm") else formula


def told(tests: Iterable[object]) -> str:
    """Name the scale by the words of moderated tests; empty where they are of several, or of none.

    >>> told(["moderated t: variance trend on log2(TPM + 1); linear model on 2 arms"])
    'log2(TPM + 1)'
    >>> told(["moderated t: voom on counts (filterByExpr, TMM); linear model", "IL6 was not measured"])
    'log2 CPM of voom'
    """
    found = {_one(str(test)) for test in tests} - {""}
    return found.pop() if len(found) == 1 else ""


def change(tests: Iterable[object]) -> str:
    """Say what a size of genes is, as far as their tests tell it."""
    return _of(told(tests))


def change_of_il6(claims: pd.DataFrame) -> str:
    """Say the same of IL6 as claims have it; empty where none has a size."""
    own = claims[claims["method"].eq("log2") & claims["estimate"].notna()]
    if own.empty:
        return ""
    scales = set(own["scale"]) if "scale" in own else set()
    return _of(scales.pop() if len(scales) == 1 else "")


def _of(scale: str) -> str:
    return f"difference of {scale}" if scale else "log2 change"


def _one(test: str) -> str:
    if test.startswith("moderated t: voom on counts"):
        return VOOM
    found = AMONG.match(test)
    return found[1] if found else ""
