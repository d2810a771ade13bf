"""Words by which people tell in titles and characteristics what a sample is."""

from __future__ import annotations

import re

from marrowsig._cell_lines import LINES

_A, _Z = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"


def _any(text: str) -> str:
    return f"(?:{'|'.join(text.split())})"


_STROMAL = _any(r"""
    h?(?:bm[-\s]?)?m[se]?scs? mesenchymal\s+(?:stem|stromal)\s+cells?
    (?:bone\s+marrow\s+)?strom(?:a|al)(?:\s+cells?)?
    hs-?5 hs-?27a? op9 ms-?5 m2-?10b4 fibroblasts?
    feeders?(?:\s+cells?)? osteoblasts? huvecs?
""")
_LINES = f"(?:{LINES})"
_JAK_STAT = _any(r"""
    ruxolitinib fedratinib tofacitinib baricitinib momelotinib pacritinib upadacitinib filgotinib ilginatinib
    gandotinib itacitinib peficitinib azd-?1480 incb-?0?18424 cp-?690,?550 tg-?101348 ag-?490 wp-?1066
    pyridone[-\s]?6 ruxo? fedra tofa toci
    stattic s3i-?201 c188-?9 napabucasin bbi-?608 bp-?1-?102 sd-?36 tti-?101 danvatirsen
    azd-?9150 cryptotanshinone
    tocilizumab siltuximab sarilumab bazedoxifene
    (?:jak[12]?|stat3|il-?6r?)[-\s]?(?:i(?![A-Za-z])|inhibitors?)(?:[-_\s](?-i:[A-Z])(?![A-Za-z0-9])|[-_]\d{1,2}(?![A-Za-z0-9]))?
""")

CO = (
    r"co[-\s]?cultur[a-z]*",
    r"transwells?",
    rf"(?:with|on|in\s+the\s+presence\s+of)\s+(?:[\w-]+\s+){{0,3}}?{_STROMAL}{_Z}",
    rf"(?:\+|plus|and|&)\s*(?:[\w-]+\s+)?{_STROMAL}{_Z}",
)
CO_TOKEN = (rf"{_A}co{_Z}",)
MONO = (
    r"(?:without|no|non|not)[-\s]co[-\s]?cultur[a-z]*",
    r"mono[-\s]?cultur[a-z]*",
    rf"{_A}mono(?![A-Za-z0-9]|[-\s]cultur)",
    rf"{_A}(?:cultured\s+)?alone{_Z}",
    rf"(?:without|w/o|no|in\s+the\s+absence\s+of)\s+(?:[\w-]+\s+){{0,2}}?{_STROMAL}{_Z}",
    r"(?:suspension|single|liquid)[-\s]cultur\w*",
)
_MARK = (
    r"(?:[-_ ]?(?-i:IR|CR|VR|GR|AR|R)\d*(?![A-Za-z0-9])"
    r"|/(?:adr|adm|dox|vcr|dnr|ara-?c|a02|r)(?:\d|(?![A-Za-z])))"
)
RESISTANT = (
    r"resistan(?:t|ce)",
    rf"{_A}{_LINES}{_MARK}",
    r"(?<=[A-Za-z0-9])/(?:adr|adm|dox|vcr|dnr|ara-?c|a02)(?:\d|(?![A-Za-z]))",
    rf"{_A}(?-i:R)-{_LINES}{_Z}",
    rf"{_A}(?:ara-?c|dnr|dox|ven|[a-z]{{3,}}(?:tinib|clax|rubicin|arabine))[-_/ ](?-i:R|res){_Z}",
    rf"{_A}(?:drug[-\s])?(?:tolerant|persisters?|refractory){_Z}",
)
BY_LETTER = {"r": {"s", "p"}, "res": {"sens", "par"}}
"""A whole column of resistant and parental cells in short; relapse and primary are R and P too."""
BY_LETTER_KEY = re.compile(r"resist|sensitiv|^lines?$", re.IGNORECASE)
PARENTAL = (rf"{_A}parental{_Z}", rf"{_A}(?:drug|chemo)?[-\s]?sensitive{_Z}")
INHIBITOR = (rf"{_A}{_JAK_STAT}{_Z}",)
OTHER_DRUG = (
    rf"{_A}[a-z]{{3,}}(?:tinib|clax|rubicin|arabine|lisib|metinib|platin){_Z}",
    rf"{_A}(?:ara-?c|ven|aza|dauno|dox|mido|gilt){_Z}",
)
DOSE = re.compile(rf"{_A}\d+(?:[.,]\d+)?\s*(?:[npumµμ]M|[numµμ]?g/ml){_Z}", re.IGNORECASE)
VEHICLE = (
    rf"{_A}(?:dmso|vehicle|un-?treated|not\s+treated|mock){_Z}",
    rf"{_A}(?:no|without)\s+(?:drug|treatment|inhibitor){_Z}",
)
LEUKAEMIA = (rf"{_A}(?:aml|cml|all|leuka?emi\w*|blasts?|{_LINES}|oci-?\w*|tf-?1\w*)(?:[-/]\w+)?{_Z}",)
STROMA = (rf"{_A}{_STROMAL}{_Z}",)
# The whole level; it tells an arm only where all other levels tell the other arm.
CO_BESIDE = re.compile(rf"(?:[+]|on|with)?\s*{_STROMAL}", re.IGNORECASE)
STROMA_NAME = re.compile(_STROMAL, re.IGNORECASE)
ONLY = rf"{_A}only{_Z}"
# These tell an arm only where other levels of the column tell the other arm.
MONO_BESIDE = (rf"{_A}(?:suspension|control|ctrl|none|medium(?:\s+only)?){_Z}",)
PARENTAL_BESIDE = (rf"{_A}(?:wild[-\s]?type|wt|control|ctrl|na[iï]ve|original){_Z}",)
VEHICLE_BESIDE = (rf"{_A}(?:control|ctrl|none|pbs){_Z}",)
# The line whose name is part of that of a resistant one.
PARENT_OF = re.compile(rf"{_A}({_LINES}){_MARK}", re.IGNORECASE)
# A word before "resistant" that makes it no matter of drugs.
NO_DRUG = re.compile(
    r"(?:insulin|castrat\w*|salt|cold|heat|drought|leptin|antibiotic\w*|virus|artemisinin)[-\s]*$",
    re.IGNORECASE,
)

DONOR_KEY = re.compile(
    r"(?:^|_)(?:donor|patient|subject|individual|participant|case)(?:s?_?(?:id|no|number|code|name))?$"
)
PAIR_KEY = re.compile(r"(?:^|_)(?:pair|pairing|matched|match)(?:_?(?:id|no|number))?$")
LINE_KEY = re.compile(r"(?:^|_)cell_?lines?(?:_?name)?$")
TIME_KEY = re.compile(r"^(?:time(?:_?point)?|hours?|duration)(?:_(?:h|hours?|days?|post_\w+))?$")
CELL_KEY = re.compile(r"(?:^|_)(?:cells?|cell_?type|source_name|compartment|population|fraction|cell_line)$")
DONOR_IN_TITLE = re.compile(
    r"(?<![A-Za-z])(donor|patient|pt|subject|individual)[ _#.-]*((?:\d|[A-Z]{1,3}\d)\w*|[A-Z](?![A-Za-z]))",
    re.IGNORECASE,
)


def seen(words: tuple[str, ...], text: str) -> list[str]:
    """Pieces of `text` that say one of `words`, each once."""
    hits = [match[0].strip() for word in words for match in re.finditer(word, text, re.IGNORECASE)]
    return list(dict.fromkeys(hits))


AS_BEFORE = re.compile(
    rf"{_A}(?:diagnos\w*|primary|baseline|before|pre|un-?treated|na[iï]ve)(?![a-z])", re.IGNORECASE
)
_TREATED = _any(
    r"relaps\w* refractory after post progress\w* persist\w* resist\w* on[-_\s](?:or|treatment|therapy)"
)
AS_AFTER = re.compile(rf"{_A}{_TREATED}(?![a-z])", re.IGNORECASE)
_BESIDE_DRUG = (*CO, *CO_TOKEN, *MONO, *RESISTANT, *PARENTAL, *VEHICLE, r"rep(?:licate)?[-_\s]?\d+")


def treatment_alone(level: str) -> str:
    """Keep what a level says of the treatment, without the culture, the line and the donor."""
    rest = DONOR_IN_TITLE.sub(" ", level)
    for hit in seen(_BESIDE_DRUG, rest):
        rest = rest.replace(hit, " ")
    return re.sub(r"\s+", " ", re.sub(r"^[\s,;:+/&_-]+|[\s,;:+/&_-]+$", "", rest))
