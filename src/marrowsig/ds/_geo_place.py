"""Where GEO keeps what: folders of series and platforms, and the hosts that serve them."""

from __future__ import annotations

import math
import re
from urllib.parse import quote

from marrowsig._download import Remote
from marrowsig._errors import InputError

FILES, WEB = "https://ftp.ncbi.nlm.nih.gov", "https://www.ncbi.nlm.nih.gov"
HOSTS = ("ftp.ncbi.nlm.nih.gov", "www.ncbi.nlm.nih.gov", "ncbi.nlm.nih.gov")
DAY = 86_400.0
_SAFE = re.compile(r"[A-Za-z0-9_][^/\\:*?\"<>|\x00-\x1f\x7f]{0,200}")
_OTHERS = {"GSM": "a sample", "GPL": "a platform", "GDS": "a curated data set", "PRJ": "a BioProject",
           "SRP": "an SRA study", "E-M": "an ArrayExpress study", "PHS": "a dbGaP study"}  # fmt: skip


def series(accession: str) -> str:
    """Return the accession of a series as GEO writes it.

    Raises
    ------
    InputError
        If it is none.
    """
    text = str(accession).strip().upper()
    if re.fullmatch(r"GSE[1-9]\d{0,8}", text):
        return text
    what = next((f" It is {words}." for start, words in _OTHERS.items() if text.startswith(start)), "")
    msg = f"{accession!r} is no GEO series.{what} Give the accession of a series, as in 'GSE48558'."
    raise InputError(msg)


def stub(accession: str) -> str:
    """`GSE48558` -> `GSE48nnn/GSE48558`; `GPL96` -> `GPLnnn/GPL96`."""
    return f"{accession[:3]}{accession[3:-3]}nnn/{accession}"


def is_plain_name(name: str) -> bool:
    """Whether a listed name is a file name and nothing else; it becomes one in the cache."""
    return _SAFE.fullmatch(name) is not None and name == name.strip() and not name.endswith(".")


def series_file(accession: str, folder: str, name: str) -> Remote:
    """Return a file in the folder "matrix", "suppl" or "soft" of a series."""
    url = f"{FILES}/geo/series/{stub(accession)}/{folder}/{quote(name)}"
    return Remote(url, f"geo/{accession}/{folder}/{name}", _by_hand(accession), hosts=HOSTS, limit=LIMIT)


def series_folder(accession: str, folder: str) -> Remote:
    """Return the page that lists such a folder."""
    url = f"{FILES}/geo/series/{stub(accession)}/{folder}/"
    name = f"geo/{accession}/{folder}.html"
    return Remote(url, name, _by_hand(accession), hosts=HOSTS, page=True, max_age=DAY, limit=20_000_000)


def web(path: str, name: str, accession: str, *, page: bool = False) -> Remote:
    """Return what a script of the GEO site answers; `path` begins with /geo/."""
    age = DAY if page else math.inf
    return Remote(f"{WEB}{path}", name, _by_hand(accession), hosts=HOSTS, page=page, limit=LIMIT, max_age=age)


def platform_annotation(platform: str, accession: str) -> Remote:
    """Return the annotation of a platform that GEO itself keeps up."""
    name = f"{platform}.annot.gz"
    url = f"{FILES}/geo/platforms/{stub(platform)}/annot/{name}"
    return Remote(url, f"geo/platforms/{name}", _by_hand(accession), hosts=HOSTS, limit=LIMIT)


LIMIT = 20_000_000_000


def _by_hand(accession: str) -> str:
    return (
        f"See {WEB}/geo/query/acc.cgi?acc={accession} in a browser, try again later, or download the file "
        "there and read it with ms.io.read."
    )
