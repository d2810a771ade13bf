"""Whether levels are types of cells, told by the words in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORDS = (
    "adipo", "adipocyte", "astrocyte", "b", "baso", "basophil", "blast", "cd14", "cd16", "cd4", "cd8",
    "cdc", "cdc1", "cdc2", "clp", "cmp", "ctl", "dc", "earlyery", "endothelial", "eos", "eosinophil",
    "epithelial", "ery", "erythroblast", "erythrocyte", "erythroid", "fibro", "fibroblast", "gmp",
    "granulocyte", "hsc", "hspc", "keratinocyte", "lateery", "lmpp", "lsc", "lymphocyte", "macrophage",
    "mast", "megakaryocyte", "mep", "mk", "mono", "monocyte", "mpp", "msc", "myelocyte", "myeloid",
    "neutrophil", "nk", "nkt", "osteo", "osteoblast", "pdc", "pericyte", "plasma", "plasmablast",
    "platelet", "preb", "prob", "prog", "progenitor", "promono", "promyelocyte", "smc", "stroma",
    "stromal", "t", "treg",
)  # fmt: skip
TYPES = frozenset(_WORDS)
"""Words for types of cells of marrow and blood, without a plural."""
LEAST, SHARE = 3, 0.6
"""How many words for types levels have to hold, and in what share of the levels one stands."""


def typed_levels(levels: Iterable[str]) -> list[str]:
    """Sort the levels that name types of cells; none where too few do to say that all are types.

    >>> typed_levels(["HSC-like", "Mono", "NK cells", "other"])
    ['HSC-like', 'Mono', 'NK cells']
    >>> typed_levels(["AML", "Mono", "B"])
    []
    """
    every = list(levels)
    typed = [level for level in every if _words(level)]
    several = {word for level in typed for word in _words(level) if len(word) > 1}
    return sorted(typed) if len(several) >= LEAST and len(typed) >= SHARE * len(every) else []


def _words(level: str) -> list[str]:
    plain = re.sub(r"[\s._-]like$", "", level.lower())
    parts = [re.sub(r"^(?!.*ss$)(.{2,})s$", r"\1", part) for part in re.split(r"[^a-z0-9]+", plain)]
    found = [part for part in parts if part in TYPES]
    return [f"{part} cell" if len(part) == 1 and "cell" in parts else part for part in found]
