"""Levels that name cell lines of leukaemia, parental or resistant, and no culture of cells."""

from __future__ import annotations

import re

LINES = (
    r"hl-?60|k-?562|molm-?1[34]|oci-?aml-?\d|thp-?1|kg-?1a?|mv-?4-?11|u-?937|kasumi-?\d|nb-?4|hel|set-?2|ku-?812"
    r"|lama-?84|kcl-?22|kbm-?7|jurkat|ccrf-?cem|molt-?4|reh|nalm-?6"
)
_MORE = (
    r"tf-?1a?|nomo-?1|skm-?1|eol-?1|mono-?mac-?[16]|molm-?16|oci-?m[12]|skno-?1|uke-?1|mutz-?\d|ba/?f3|32d"
)
_NAME = re.compile(rf"(?:R-)?(?:{LINES}|{_MORE})(?![a-z0-9])", re.IGNORECASE)
_JOINED = re.compile(rf"({LINES}|{_MORE})(?=(?-i:[A-Z]*R\d*)(?![A-Za-z0-9]))", re.IGNORECASE)
"""A name with the mark of resistance behind it and nothing between, as in `HL60R`."""
_RESISTANT = re.compile(r"(?i:resist\w*|res|refractory|adr|adm|dox|vcr|dnr)|[A-Za-z]*R\d*")
_PARENTAL = re.compile(r"parental|par|sensitive|sens|wt|wild|type|na[iï]ve", re.IGNORECASE)
_BESIDE = re.compile(
    r"cells?|(?:sub)?(?:lines?|clones?)|ara-?c|ara|c|ven\w*|drug|[a-z]+(?:tinib|clax|rubicin|arabine|citidine|platin)|\d+",
    re.IGNORECASE,
)
"""A word that says more of a line, and nothing by itself."""


def are_lines(low: str, high: str) -> bool:
    """Whether both levels name cell lines, or parental and resistant cells of one, and nothing else.

    >>> are_lines("THP-1", "THP-1 VenR"), are_lines("parental", "AraC-R"), are_lines("MOLM13", "K562 cells")
    (True, True, True)
    >>> [are_lines("THP-1", co) for co in ("THP-1 + MSC", "THP-1 on HS-5", "co", "THP-1 IL6", "HS-5")]
    [False, False, False, False, False]
    >>> are_lines("parental", "co"), are_lines("wt", "parental"), are_lines("alone", "R")
    (False, False, False)
    """
    named = [_words(level) for level in (low, high)]
    if None in named:
        return False
    (one, rest), (other, more) = (own for own in named if own is not None)
    resists = any(map(_RESISTANT.fullmatch, more))
    return (one or any(map(_PARENTAL.fullmatch, rest))) and (other or resists)


def _words(level: str) -> tuple[bool, list[str]] | None:
    """Whether a level names a line, and its other words; None where one of these says something else."""
    text = _JOINED.sub(r"\1 ", level.strip())
    named = _NAME.search(text)
    rest = [word for word in re.split(r"[\s_/,;()|-]+", _NAME.sub(" ", text)) if word]
    known = all(any(own.fullmatch(w) for own in (_RESISTANT, _PARENTAL, _BESIDE)) for w in rest)
    return (named is not None, rest) if known else None
