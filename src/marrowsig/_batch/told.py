"""Messages about one study of several, which has a design and a folder of its own, and no `adata`."""

from __future__ import annotations

import re

DESIGN = re.compile(r"ms\.Design\((?:\.\.\., )?((?:[^()]|\([^()]*\))*)\)")
OPTION = re.compile(r"--(?=claims-on|labels|palette|order)(\w+)(?:-(on))?")
IN_FOLDER = {
    "ms.pp.expressed(adata, design) leaves": "expressed=True leaves",
    "ms.pp.expressed is for": "expressed=True is for",
    " Score the sums as they are.": " Leave expressed= out.",
    "adata.uns['marrowsig']['genes']['changes']": "genes.csv of the study",
    "adata.uns['marrowsig']['input']['kind']": "kind of the study",
    "ms.pp.map_genes repairs what can be repaired": "What can be repaired is repaired",
}


def of_study(text: str) -> str:
    """Write a message so that it is true of a study in Python and in a batch file.

    >>> of_study("Name its column: ms.Design(..., inhibitor=..., vehicle=...).")
    'Name its column: a design with inhibitor=..., vehicle=....'
    >>> of_study("All are in adata.uns['marrowsig']['genes']['changes'].")
    'All are in genes.csv of the study.'
    """
    for python, there in IN_FOLDER.items():
        text = text.replace(python, there)
    text = OPTION.sub(lambda found: "_".join(filter(None, found.groups())), text)
    return DESIGN.sub(lambda found: f"a design with {found[1]}", text)
