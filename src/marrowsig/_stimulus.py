"""Columns and levels given as a co-culture whose words name a cytokine or a drug, and no cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._cell_lines import are_lines
from marrowsig._diagnosis import diagnoses

if TYPE_CHECKING:
    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design


def _any(text: str) -> str:
    return "|".join(text.split())


_HUMAN = r"(?:rh|rm|hr|mr|h|m|hyper)?-?"
_CYTOKINE = _any(r"""
    il-?\d{1,2}[a-fr]?2? ifn-?(?:alpha|beta|gamma|lambda|[abgl]|\u03b1|\u03b2|\u03b3|\u03bb)?\d?[ab]?
    tnf-?(?:alpha|a|\u03b1)? tgf-?(?:beta|b|\u03b2)?-?\d? interleukins?(?:-?\d{1,2}[a-fr]?)?
    interferons?(?:-?(?:alpha|beta|gamma|lambda))?
    ct-?1 cardiotrophin-?1? clcf-?1 osm oncostatin(?:-?m)? lif cntf
    g-?csf gm-?csf m-?csf scf tpo epo flt-?3-?l egf hgf vegf-?a? pdgf-?(?:aa|bb|ab)? b?fgf-?\d* igf-?[12]?
    bmp-?\d+ wnt-?\d+[ab]? s?il-?6r sdf-?1[ab]? cxcl-?\d+ ccl-?\d+ mcp-?1 lps polyic pma tpa
""")
_DRUG = _any(r"""
    [a-z]{2,}(?:tinib|clax|rubicin|arabine|citidine|lisib|platin|zomib|parib|ciclib|limus|stat) [a-z]{3,}mab
    ruxo? ara-?c atra tretinoin dex dexamethasone hydrocortisone stattic jak[12]?-?i jqs?1 etoposide
    methotrexate vincristine h2o2 tunicamycin thapsigargin drugs? inhibitors? cytokines?
""")
_NAME = re.compile(rf"{_HUMAN}(?:{_CYTOKINE})|{_DRUG}", re.IGNORECASE)
_BESIDE = re.compile(
    r"\d+(?:[.,]\d+)?|(?:\d+(?:[.,]\d+)?)?(?:[npmu\u00b5\u03bc]?[gm]|[ik]?u|h|hr|hrs|min|d|days?|hours?)"
    r"|ml|l|and|plus|with|high|low|alone|only|recombinant|human|murine|alpha|beta|gamma|lambda|in",
    re.IGNORECASE,
)
"""A dose, a time or a word that joins names, which says nothing by itself."""
_HOW = re.compile(
    r"hyper|cocktails?|mix(?:ture)?|(?:pre)?(?:treat(?:ed|ment)|stim(?:ulat(?:ed|ion))?|primed)", re.I
)
"""What is said beside a cytokine or a drug of how it was given."""
_GIVEN_ALONE = re.compile(r"stim|stimulat(?:ed|ion)|stimulus|primed", re.IGNORECASE)
"""Words for something that cells were given, and hardly ever for stroma beside them."""
_OF_STROMA = re.compile(
    r"co[-_\s]?cultur|strom|(?<![a-z])mscs?(?![a-z])|feeder|niche|fibroblast|mesenchym|(?<![a-z])(?:hs|op|ms)-?\d",
    re.IGNORECASE,
)
_WHICH = re.compile(r"[a-d]", re.IGNORECASE)
"""Which of several: inhibitor A, JAKi_B."""


_PLAIN = re.compile(
    r"y|yes|n|no|t|true|f|false|\d+(?:\.0)?|[+-]|pos(?:itive)?|neg(?:ative)?|with(?:out)?|on|off|none|(?:un)?treated"
    r"|(?:un)?stim(?:ulated)?|added|control|ctrl|mock|vehicle|present|absent",
    re.IGNORECASE,
)
"""Words that say whether something was given, and leave it to the column to say what."""
_OF_A_COLUMN = re.compile(
    r"treat(?:ed|ment)?|stim(?:ulat(?:ed|ion)|ulus)?|add(?:ed|ition)|given|dose|status|level|conc(?:entration)?"
    r"|exposure|exposed|group|condition|arm|with|of|is|has|was",
    re.IGNORECASE,
)


def is_stimulus(level: str) -> bool:
    """Whether all words of a level name cytokines, drugs and doses; cells and unknown words are none.

    >>> [is_stimulus(level) for level in ("IL22", "TNF-a + IFNg", "rhIL-6 10 ng/ml", "ruxolitinib", "JAKi_A")]
    [True, True, True, True, True]
    >>> [is_stimulus(level) for level in ("Hyper IL-6 20 ng/mL", "CT-1", "poly(I:C)", "cytokine cocktail")]
    [True, True, True, True]
    >>> [is_stimulus(level) for level in ("co", "MSC+", "plus", "1", "A", "24h", "MSC + IL6", "treated")]
    [False, False, False, False, False, False, False, False]
    """
    return _names(level, _BESIDE, _WHICH, _HOW)


def is_cytokine(level: str) -> bool:
    """Whether all words of a level name cytokines and doses, and none a drug.

    >>> is_cytokine("IFNL"), is_cytokine("IL-6 10 ng/ml"), is_cytokine("ruxolitinib"), is_cytokine("MSC")
    (True, True, False, False)
    """
    return is_stimulus(level) and not any(re.fullmatch(_DRUG, word, re.IGNORECASE) for word in _words(level))


def is_plain(level: str) -> bool:
    """Whether a level says only that, or how much of, what its column names was given.

    >>> [is_plain(level) for level in ("yes", "0", "+", "untreated", "10 ng/ml", "high")]
    [True, True, True, True, True, True]
    >>> [is_plain(level) for level in ("co", "mono", "alone", "resistant", "MSC", "alone with MSC", "wt")]
    [False, False, False, False, False, False, False]
    """
    if level.strip().lower() == "alone":
        return False
    return all(_PLAIN.fullmatch(word) or _BESIDE.fullmatch(word) for word in _words(level) or [level])


def stimulated(column: str | None, level: str) -> bool:
    """Whether a level, or the column of a level that says yes or how much, names a cytokine or a drug.

    So does a level that says no more than that cells were stimulated, unless its column names stroma.

    >>> stimulated("arm", "IL22"), stimulated("il22", "yes"), stimulated("IL6_treatment", "1")
    (True, True, True)
    >>> stimulated("msc", "yes"), stimulated("il22", "co"), stimulated("stroma", "IL6 + MSC")
    (False, False, False)
    >>> stimulated("arm", "stimulated"), stimulated("stroma", "stimulated"), stimulated("arm", "MSC primed")
    (True, False, False)
    """
    named = column is not None and is_plain(level) and _named_by(column)
    return is_stimulus(level) or named or _only_given(column, level)


def _only_given(column: str | None, level: str) -> bool:
    words = _words(level)
    given = [_GIVEN_ALONE.fullmatch(word) is not None for word in words]
    beside = (own or _BESIDE.fullmatch(word) for own, word in zip(given, words, strict=True))
    return any(given) and all(beside) and _OF_STROMA.search(column or "") is None


def _named_by(column: str) -> bool:
    return _names(re.sub(r"(?<=[a-z\d])(?=[A-Z][a-z])", " ", column), _BESIDE, _OF_A_COLUMN)


def _words(text: str) -> list[str]:
    joined = re.sub(r"(?i)(?<![a-z])il[\s_](?=\d)", "il", text)
    joined = re.sub(r"(?i)(?<![a-z])poly[-\s(]*i:?c(?![a-z])", "polyic", joined)
    joined = re.sub(r"(?i)(?<=\w)-(?=(?:treated|stim|stimulated|primed)\b)", " ", joined)
    return [word for word in re.split(r"[\s_/,;&()|]+|\+(?=.)|(?<=.)\+", joined) if word]


def _names(text: str, *beside: re.Pattern[str]) -> bool:
    """Whether some word names a cytokine or a drug, and the others are those that stand beside one."""
    words = _words(text)
    named = [_NAME.fullmatch(word) is not None for word in words]
    others = [word for word, is_one in zip(words, named, strict=True) if not is_one]
    return any(named) and all(any(known.fullmatch(word) for known in beside) for word in others)


_CULTURE = re.compile(r"(?:co|mono)[-_\s]?cultur[a-z]*|co|mono|mscs?|stroma", re.IGNORECASE)


_VAGUE = re.compile(
    r"(?:treat|expos|activat|induc|challeng)(?:ed|ment|ure|ion)?|cases?|experiment(?:al)?", re.I
)
_TREATMENT = re.compile(
    r"(?:un)?(?:treat(?:ed|ment)?|stim(?:ulat(?:ed|ion)|ulus)?|expos(?:ed|ure))s?", re.IGNORECASE
)
_BY_ITSELF = re.compile(r"alone|solo|mono(?!cyt)", re.IGNORECASE)


def taken_for_coculture(design: Design) -> list[str]:
    """Say that a level such as `treated` is taken for a co-culture, where no word says what was given."""
    if design.culture is None or no_coculture(design):
        return []
    words = _words(design.co)
    named = [_VAGUE.fullmatch(word) is not None for word in words]
    vague = any(named) and all(own or _BESIDE.fullmatch(word) for own, word in zip(named, words, strict=True))
    given = is_plain(design.co) and all(map(_TREATMENT.fullmatch, _words(design.culture)))
    said = any(map(_OF_STROMA.search, (design.culture, design.mono))) or _BY_ITSELF.search(design.mono)
    if said or not (vague or given):
        return []
    msg = (
        f"{design.co!r} of {design.culture!r}, given as co, is taken for a co-culture with stroma. If it is "
        "a stimulus or a drug, write which in its place, such as 'IL6': nothing is then expected of it that "
        "signatures say of co-culture, and ms.tl.claims refuses it."
    )
    return [msg]


def drug_as_line(design: Design) -> list[str]:
    """Say that the level given as resistant cells reads as a drug, beside a level without one.

    `imatinib` beside `parental` may be short for cells that resist it; beside `DMSO` or `mono` it is a drug.
    Two cytokines may be the two factors of a study without a culture.
    """
    if design.line is None or (design.culture is not None and stimulated(design.culture, design.co)):
        return []
    parental, resistant = (re.sub(_CULTURE, " ", level) for level in (design.parental, design.resistant))
    drug = any(re.fullmatch(_DRUG, word, re.IGNORECASE) for word in _words(resistant))
    if not (drug and is_stimulus(resistant)) or not (
        is_plain(parental) or not parental.strip() or parental == "DMSO"
    ):
        return []
    msg = (
        f"{design.resistant!r}, given as resistant, reads as a drug that was given, and no line "
        f"that resists it: such an arm is inhibitor={design.line!r}, vehicle={design.parental!r}."
    )
    return [msg]


_CONTROL = re.compile(
    r"controls?|ctrls?|ctl|mock|veh(?:icle)?|untreated|unstim(?:ulated)?|dmso|pbs|sham|placebo", re.IGNORECASE
)
_GIVEN = re.compile(r"treated|stim(?:ulated)?", re.IGNORECASE)


def control_as_co(mono: str, co: str) -> bool:
    """Whether `mono` names what was given and `co` a control, as if they had changed places.

    >>> [control_as_co(*own) for own in (("TGFb", "Ctrl"), ("Ara-C 1 uM", "0.1% DMSO"), ("treated", "mock"))]
    [True, True, True]
    >>> [control_as_co(*own) for own in (("Ctrl", "TGFb"), ("MSC", "control"), ("IL6", "MSC + IL6"))]
    [False, False, False]
    """
    given = is_stimulus(mono) or _GIVEN.fullmatch(mono.strip()) is not None
    words = [word for word in re.split(r"[\s_/,;()]+", co) if not re.fullmatch(r"[\d.]*%?", word)]
    named = [_CONTROL.fullmatch(word) is not None for word in words]
    beside = (own or _BESIDE.fullmatch(word) for own, word in zip(named, words, strict=True))
    return given and any(named) and all(beside)


def no_coculture(design: Design | FormulaDesign) -> str:
    """Say that what is given as co is none by its words, and what to do; empty if it may be one."""
    co = str(getattr(design, "co", ""))  # a formula has none
    if design.culture is None:
        return ""
    mono = str(getattr(design, "mono", ""))
    if diagnoses(design.culture, mono, co):
        return (
            f"{mono!r} and {co!r}, given as mono and co, name diagnoses or tissues, so nothing is expected "
            "of their difference that signatures say of co-culture. If it is a co-culture, let the level say "
            f"so, such as 'MSC + {co}'. A formula gives its contrasts names of their own."
        )
    if are_lines(mono, co):
        return (
            f"{mono!r} and {co!r}, given as mono and co, name cell lines, so nothing is expected of their "
            "difference that signatures say of co-culture. What tells lines apart is no culture: give "
            f"line={design.culture!r}, parental={mono!r}, resistant={co!r} in its place."
        )
    if control_as_co(mono, co):
        return (
            f"{mono!r}, given as mono, names what was given, and {co!r}, given as co, a control, so nothing "
            f"is expected of their difference that signatures say of co-culture. To turn it: mono={co!r}, "
            f"co={mono!r}."
        )
    if not stimulated(design.culture, co):
        return ""
    if not is_stimulus(co) and _only_given(design.culture, co):
        return (
            f"{co!r}, given as co, says that cells were given something, and not that stroma was there, so "
            "nothing is expected of it that signatures say of co-culture. If it is a co-culture with stroma, "
            "let the level say so, such as 'MSC'."
        )
    named = (
        f"{co!r}, given as co, names"
        if is_stimulus(co)
        else f"Column {design.culture!r}, given as culture, names"
    )
    own = co if is_stimulus(co) else design.culture
    return (
        f"{named} a cytokine or a drug, so nothing is expected of it that "
        "signatures say of co-culture. If it is a co-culture with stroma, let the level say so, such as "
        f"'MSC + {own}'."
    )
