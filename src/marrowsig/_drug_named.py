"""One wording for a claim on an inhibitor: by the name of the drug, where it has one."""

from __future__ import annotations

import re

REVERSES = "The inhibitor "
"""How a statement on an inhibitor begins, which has a name."""


def by_drug(text: str, drug: str) -> str:
    """Write what is said of `drug` by its name, without cells, as lines of a terminal are.

    >>> by_drug("The inhibitor reverses EMT (parental cells, JAKi)", "JAKi")
    'JAKi reverses EMT (parental)'
    >>> by_drug("EMT rises in co-culture (parental cells)", "")
    'EMT rises in co-culture (parental)'
    """
    short = re.sub(r" cells(?=, |\)$)", "", text)
    if drug and short.startswith(REVERSES) and (found := re.fullmatch(r"(.*?) \((.*)\)", short)):
        where = ", ".join(part for part in found[2].split(", ") if part != drug)
        short = f"{drug} {found[1].removeprefix(REVERSES)}{f' ({where})' if where else ''}"
    return short
