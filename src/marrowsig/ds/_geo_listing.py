"""What files a series has: the listings of its folders, and the list of what is inside its archive."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from marrowsig._download import AbsentError, fetched
from marrowsig.ds._geo_place import HOSTS, WEB, is_plain_name, series_file, series_folder, web

if TYPE_CHECKING:
    from marrowsig._download import Remote

_LINK = re.compile(
    r"<a\s[^>]*?href\s*=\s*[\"']([^\"']+)[\"'][^>]*>(.*?)</a>([^<\n]*)", re.IGNORECASE | re.DOTALL
)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGT]?)\s*$")
_UNIT = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@dataclass(frozen=True)
class Entry:
    """One file that a series has; `size` in bytes, -1 where GEO does not say; `inside` names its archive."""

    name: str
    size: int
    remote: Remote
    inside: str = ""


def matrices(accession: str) -> list[Entry]:
    """Series matrices, one a platform."""
    return [e for e in _folder(accession, "matrix") if e.name.endswith("_series_matrix.txt.gz")]


def supplements(accession: str) -> list[Entry]:
    """Supplementary files, and after an archive what it holds."""
    entries = _folder(accession, "suppl")
    if not any(e.name == "filelist.txt" for e in entries):
        return entries
    sizes = _file_list(accession)
    found = []
    for entry in entries:
        if entry.name == "filelist.txt":
            continue
        found.append(Entry(entry.name, sizes.pop(entry.name, entry.size), entry.remote))
    archives = [e for e in found if e.name.endswith("_RAW.tar")]
    if len(archives) == 1:
        archive = archives[0]
        found += [Entry(name, size, archive.remote, archive.name) for name, size in sizes.items()]
    return found


def computed_counts(accession: str) -> tuple[list[Entry], list[Entry]]:
    """Return the raw counts that NCBI computed, and its gene annotations; empty where it computed none."""
    page = web(f"/geo/download/?acc={accession}", f"geo/{accession}/download.html", accession, page=True)
    try:
        text = fetched(page).read_text(encoding="utf-8", errors="replace")
    except AbsentError:
        return [], []
    counts: dict[str, Entry] = {}
    genes: dict[str, Entry] = {}
    for link, _, _ in _LINK.findall(text):
        parts = urlsplit(urljoin(f"{WEB}/geo/download/", unescape(link)))
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        name = asked.get("file", "")
        if parts.hostname not in HOSTS or asked.get("type") != "rnaseq_counts" or not is_plain_name(name):
            continue
        path = f"{parts.path}?{parts.query}"
        if re.fullmatch(rf"{accession}_raw_counts_.+\.tsv\.gz", name):
            counts[name] = Entry(name, -1, web(path, f"geo/{accession}/ncbi/{name}", accession))
        elif name.endswith(".annot.tsv.gz"):
            genes[name] = Entry(name, -1, web(path, f"geo/annotation/{name}", accession))
    return list(counts.values()), list(genes.values())


def _folder(accession: str, folder: str) -> list[Entry]:
    try:
        page = fetched(series_folder(accession, folder))
    except AbsentError:
        return []
    return [
        Entry(name, size, series_file(accession, folder, name))
        for name, size in listed(page.read_text(encoding="utf-8", errors="replace"))
    ]


def listed(page: str) -> list[tuple[str, int]]:
    """Names and approximate sizes of the files in the listing of a folder; no links that lead elsewhere."""
    found: dict[str, int] = {}
    for link, _, after in _LINK.findall(page):
        name = unquote(unescape(link))
        if is_plain_name(name):
            size = _SIZE.search(after.strip())
            found[name] = int(float(size[1]) * _UNIT[size[2]]) if size else -1
    return list(found.items())


def _file_list(accession: str) -> dict[str, int]:
    try:
        path = fetched(series_file(accession, "suppl", "filelist.txt"))
    except AbsentError:
        return {}
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    return {
        row[1]: int(row[3])
        for row in rows
        if len(row) > 3 and row[0] in ("File", "Archive") and is_plain_name(row[1]) and row[3].isdigit()
    }
