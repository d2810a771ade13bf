"""A paper as a line of a list of references."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from marrowsig._version import __version__
from marrowsig.sig._cite import OURS, entries

FIELD = re.compile(r"^ *(\w+) = \{(.*)\},$", flags=re.MULTILINE)
MARKS = {'"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303"}
LETTERS = {r"\O": "\u00d8", r"\o": "\u00f8", r"\ss": "\u00df"}
MANY = 3  # authors that a line names


@cache
def reference(key: str) -> str:
    """Write an entry of references.bib in a line: authors, year, title, journal, pages, DOI.

    >>> reference("Holm1979")[:50]
    'Holm, S. (1979). A simple sequentially rejective m'
    """
    found = {name: _plain(text) for name, text in FIELD.findall(entries()[key])}
    if key == OURS:
        return f"{found['author']}. {found['title']}. Version {__version__}."
    names = found["author"].split(" and ")
    few = names[:1] if len(names) > MANY or "others" in names else names
    authors = " and ".join(filter(None, [", ".join(few[:-1]), few[-1]]))
    authors += "" if few == names else " et al."
    place = f"{found['journal']} {found.get('volume', '')}".strip()
    pages = f":{found['pages']}" if "pages" in found else ""
    doi = f" doi:{found['doi']}" if "doi" in found else ""
    return f"{authors} ({found['year']}). {found['title']}. {place}{pages}.{doi}"


def _plain(text: str) -> str:
    """Text without TeX: letters with their marks, dashes, no braces."""
    for tex, letter in LETTERS.items():
        text = re.sub(re.escape(tex) + r"(?![A-Za-z])", letter, text)
    text = re.sub(r"""\\(["'`^~])\{?(\w)\}?""", lambda m: m[2] + MARKS[m[1]], text)
    return unicodedata.normalize("NFC", re.sub(r"[{}]", "", text).replace("--", "\u2013"))
