"""Levels given as a co-culture whose words name a cytokine or a drug, and no cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design


def _any(text: str) -> str:
    return "|".join(text.split())


_HUMAN = r"(?:rh|rm|hr|mr|h|m)?-?"
_CYTOKINE = _any(r"""
    il-?\d{1,2}[a-fr]?2? ifn-?(?:alpha|beta|gamma|lambda|[abgl]|\u03b1|\u03b2|\u03b3|\u03bb)?\d?[ab]?
    tnf-?(?:alpha|a|\u03b1)? tgf-?(?:beta|b|\u03b2)?-?\d? osm oncostatin(?:-?m)? lif cntf
    g-?csf gm-?csf m-?csf scf tpo epo flt-?3-?l egf hgf vegf-?a? pdgf-?(?:aa|bb|ab)? b?fgf-?\d* igf-?[12]?
    bmp-?\d+ wnt-?\d+[ab]? s?il-?6r sdf-?1[ab]? cxcl-?\d+ ccl-?\d+ mcp-?1 lps poly-?i:?c pma tpa
""")
_DRUG = _any(r"""
    [a-z]{2,}(?:tinib|clax|rubicin|arabine|citidine|lisib|platin|zomib|parib|ciclib|limus|stat) [a-z]{3,}mab
    ara-?c atra tretinoin dex dexamethasone hydrocortisone stattic jak[12]?-?i jqs?1 etoposide methotrexate
    vincristine h2o2 tunicamycin thapsigargin drugs? inhibitors? cytokines?
""")
_NAME = re.compile(rf"{_HUMAN}(?:{_CYTOKINE})|{_DRUG}", re.IGNORECASE)
_BESIDE = re.compile(
    r"\d+(?:[.,]\d+)?|(?:\d+(?:[.,]\d+)?)?(?:[npmu\u00b5\u03bc]?[gm]|[ik]?u|h|hr|hrs|min|d|days?|hours?)"
    r"|ml|l|and|plus|with|high|low|alone|only|recombinant|human|murine|alpha|beta|gamma|lambda|in",
    re.IGNORECASE,
)
"""A dose, a time or a word that joins names, which says nothing by itself."""


def is_stimulus(level: str) -> bool:
    """Whether all words of a level name cytokines, drugs and doses; cells and unknown words are none.

    >>> [is_stimulus(level) for level in ("IL22", "TNF-a + IFNg", "rhIL-6 10 ng/ml", "ruxolitinib")]
    [True, True, True, True]
    >>> [is_stimulus(level) for level in ("co", "MSC+", "plus", "1", "yes", "24h", "MSC + IL6", "treated")]
    [False, False, False, False, False, False, False, False]
    """
    joined = re.sub(r"(?i)(?<![a-z])il[\s_](?=\d)", "il", level)
    words = [word for word in re.split(r"[\s_+/,;&()|]+", joined) if word]
    named = [_NAME.fullmatch(word) is not None for word in words]
    return any(named) and all(n or _BESIDE.fullmatch(word) for n, word in zip(named, words, strict=True))


def no_coculture(design: Design | FormulaDesign) -> str:
    """Say that the level given as co is none by its words, and what to do; empty if it may be one."""
    co = str(getattr(design, "co", ""))  # a formula has none
    if design.culture is None or not is_stimulus(co):
        return ""
    return (
        f"{co!r}, given as co, names a cytokine or a drug, so nothing is expected of it that "
        "signatures say of co-culture. If it is a co-culture with stroma, let the level say so, such as "
        f"'MSC + {co}'."
    )
