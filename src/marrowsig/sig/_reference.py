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
    """Write an entry of references.bib in a line: authors, year, title, journal, pages, DOI or address.

    >>> reference("Holm1979")[:50]
    'Holm, S. (1979). A simple sequentially rejective m'
    """
    found = _fields(key)
    if key == OURS:
        return f"{found['author']}. {found['title']}. Version {__version__}."
    authors = _authors(found["author"].split(" and "))
    place = f"{found['journal']} {found.get('volume', '')}".strip()
    pages = f":{found['pages']}" if "pages" in found else ""
    doi = f" doi:{found['doi']}" if "doi" in found else f" {found['url']}" if "url" in found else ""
    return f"{authors} ({found['year']}). {found['title']}. {place}{pages}.{doi}"


def named(key: str) -> str:
    """Name a paper in a text, by authors and year; a key that is none stays.

    >>> named("Liberzon2015"), named("Holm1979")
    ('Liberzon et al. 2015', 'Holm 1979')
    """
    if key not in entries() or key == OURS:
        return key
    found = _fields(key)
    names = [name.split(", ")[0] for name in found["author"].split(" and ")]
    return f"{_authors(names, 2)} {found['year']}"


def _fields(key: str) -> dict[str, str]:
    return {name: _plain(text) for name, text in FIELD.findall(entries()[key])}


def _authors(names: list[str], most: int = MANY) -> str:
    """Name up to `most` authors, or the first alone."""
    few = names[:1] if len(names) > most or "others" in names else names
    said = " and ".join(filter(None, [", ".join(few[:-1]), few[-1]]))
    return said if few == names else f"{said} et al."


def _plain(text: str) -> str:
    """Text without TeX: letters with their marks, dashes, no braces."""
    for tex, letter in LETTERS.items():
        text = re.sub(re.escape(tex) + r"(?![A-Za-z])", letter, text)
    text = re.sub(r"""\\(["'`^~])\{?(\w)\}?""", lambda m: m[2] + MARKS[m[1]], text)
    return unicodedata.normalize("NFC", re.sub(r"[{}]", "", text).replace("--", "\u2013"))
