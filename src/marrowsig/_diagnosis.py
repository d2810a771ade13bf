"""Levels that name a diagnosis, a tissue or a state of patients, and no culture of cells."""

from __future__ import annotations

import re

_DISEASE = re.compile(
    r"(?:[tb]-?)?all(?:-?[tb])?|aml(?:-?m\d)?|apl|cml|cll|cmml|mds|mpn|dlbcl|leuk(?:a?emi[ac]s?)|lymphomas?|"
    r"myelomas?|tumou?rs?|cancers?|(?:adeno)?carcinomas?|gliomas?|melanomas?|sarcomas?|diseased?|"
    r"patients?|cases?|healthy|normals?|nbm|benign|malignant|adjacent|inflamed|tissue|blood|marrow|spleen|"
    r"liver|kidney|colon|lung",
    re.IGNORECASE,
)
_STATE = re.compile(
    r"relapsed?|diagnosis|remission|refractory|progression|metasta(?:sis|ses|tic)|(?:pre|post)-?treatment",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"control|ctrl|donors?|de|novo|at|primary|secondary|acute|chronic|myeloid|lympho(?:id|blastic|cytic)|"
    r"bone|peripheral|cells?|samples?|adult|pa?ediatric|\d+",
    re.IGNORECASE,
)
"""A word that says more of a diagnosis, and nothing by itself."""
_COLUMN = re.compile(r"diagnos|disease|tissue|patholog|histolog|cancer|tumou?r|clinical", re.IGNORECASE)


def is_diagnosis(level: str, *, states: bool = True) -> bool:
    """Whether all words of a level name a disease, a tissue or, if asked, a state of patients.

    >>> [is_diagnosis(level) for level in ("AML", "healthy donor", "ALL-T", "relapse", "Tumour")]
    [True, True, True, True, True]
    >>> [is_diagnosis(level) for level in ("co", "MSC + AML", "control", "with AML", "alone", "HS-5", "plus")]
    [False, False, False, False, False, False, False]
    """
    kinds = (_DISEASE, _STATE) if states else (_DISEASE,)
    words = [word for word in re.split(r"[\s_/,;()|]+", level) if word]
    named = [any(kind.fullmatch(word) for kind in kinds) for word in words]
    return any(named) and all(n or _BESIDE.fullmatch(word) for n, word in zip(named, words, strict=True))


def diagnoses(column: str | None, low: str, high: str, *, states: bool = True) -> bool:
    """Whether two levels are groups of patients or tissues; one of them may do in a column that says so.

    >>> diagnoses("condition", "ALL", "AML"), diagnoses("disease", "control", "AML")
    (True, True)
    >>> diagnoses("condition", "control", "AML"), diagnoses("culture", "alone", "AML")
    (False, False)
    """
    both = [is_diagnosis(level, states=states) for level in (low, high)]
    return all(both) or (both[1] and column is not None and _COLUMN.search(column) is not None)
