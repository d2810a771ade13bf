"""The registry of public studies: read, and checked."""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError, first
from marrowsig._paths import resource

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

AXES = ("cohort", "coculture", "emt", "jak_stat", "resistance", "stroma")
VERIFIED = ("held", "page", "repo", "unverified")
_NAME = re.compile(r"GSE[1-9]\d*|E-MTAB-\d+|PRJEB\d+|syn\d+|TCGA-LAML|BeatAML2")
_DOI = re.compile(r"10\.\d{4,9}/\S+[^\s.,;]")
_SAMPLE = re.compile(r"GSM[1-9]\d*")
_SERIES = re.compile(r"GSE\d+")
_NEEDED = ("what", "axes", "terms", "verified", "by")


@dataclass(frozen=True)
class Entry:
    """One study. A field that is empty was stated by no source that was read."""

    name: str
    what: str
    axes: tuple[str, ...]
    terms: str
    verified: str
    by: str
    assay: str = ""
    organism: str = "human"
    cells: str = ""
    n: int | None = None
    design: str = ""
    files: str = ""
    file: str = ""
    unknown: tuple[str, ...] = ()
    doi: str = ""
    pmid: str = ""
    cohort: str = ""

    @property
    def is_series(self) -> bool:
        """Whether GEO has it."""
        return _SERIES.fullmatch(self.name) is not None


@cache
def registry() -> dict[str, Entry]:
    """All entries by name, in the order of the file."""
    text = resource("data").joinpath("registry.toml").read_text(encoding="utf-8")
    found = {}
    for name, row in tomllib.loads(text).items():
        facts: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
        found[name] = Entry(name, **facts)
    return found


def entry(name: str) -> Entry:
    """Find an entry, in any case of its name.

    Raises
    ------
    InputError
        If there is none.
    """
    from difflib import get_close_matches

    known = {key.casefold(): value for key, value in registry().items()}
    wanted = str(name).strip().casefold()
    if wanted in known:
        return known[wanted]
    near = [known[k].name for k in get_close_matches(wanted, known, n=3)]
    series = wanted.upper() if _SERIES.fullmatch(wanted.upper()) else ""
    other = f" Any series can be read, uncurated, with ms.ds.geo({series!r})." if series else ""
    hint = f" Near it: {first(near)}." if near else ""
    msg = f"{name!r} is not in the registry of {len(known)} studies.{hint}{other} See ms.ds.table()."
    raise InputError(msg)


def design_rows(name: str) -> list[dict[str, str]]:
    """Rows of `designs/<name>.csv`; none where no sample could be verified."""
    place = resource("data") / "designs" / f"{name}.csv"
    return _rows(place) if place.is_file() else []


def problems(entries: Mapping[str, Mapping[str, Any]], designs: Traversable) -> list[str]:
    """All that is wrong with a registry and its folder of designs, as `entry: field: what`."""
    found = []
    if len({name.casefold() for name in entries}) < len(entries):
        found.append("two names differ only in case")
    for name, row in entries.items():
        found += [f"{name}: {text}" for text in _of_entry(name, row)]
    for place in sorted(designs.iterdir(), key=lambda f: f.name):
        name = place.name.removesuffix(".csv")
        if name not in entries:
            found.append(f"designs/{place.name}: no such entry")
        elif entries[name].get("verified") == "unverified":
            found.append(f"designs/{place.name}: its entry is unverified")
        found += [f"designs/{place.name}: {text}" for text in _of_design(place, entries.get(name, {}))]
    return found


def _of_entry(name: str, row: Mapping[str, Any]) -> list[str]:
    found = [] if _NAME.fullmatch(name) else ["name: no accession of a known form"]
    known = {f.name for f in fields(Entry)} - {"name"}
    found += [f"{key}: no such field" for key in row if key not in known]
    found += [f"{key}: missing" for key in _NEEDED if not row.get(key)]
    for key, value in row.items():
        right: type = int if key == "n" else list if key in ("axes", "unknown") else str
        if type(value) is not right or not value or (key == "n" and row["n"] < 1):
            found.append(
                f"{key}: {value!r} is no {right.__name__}, or says nothing; leave out what is unknown"
            )
    found += [
        f"axes: {axis!r} is none of {', '.join(AXES)}" for axis in row.get("axes", []) if axis not in AXES
    ]
    if row.get("verified") not in VERIFIED:
        found.append(f"verified: {row.get('verified')!r} is none of {', '.join(VERIFIED)}")
    if row.get("verified") == "unverified" and not row.get("unknown"):
        found.append("unknown: an unverified entry says what is not known")
    if "n" not in row and not any(
        w in " ".join(row.get("unknown", [])) for w in ("number", "title", "accession")
    ):
        found.append("n: neither stated nor listed as unknown")
    if "doi" in row and not _DOI.fullmatch(str(row["doi"])):
        found.append(f"doi: {row['doi']!r} is none")
    if "pmid" in row and not str(row["pmid"]).isdigit():
        found.append(f"pmid: {row['pmid']!r} is none")
    return found


def _of_design(place: Traversable, row: Mapping[str, Any]) -> list[str]:
    rows = _rows(place)
    samples = [r.get("sample") or "" for r in rows]
    found = [f"sample: {s!r} is no GSM" for s in samples if not _SAMPLE.fullmatch(s)]
    if len(set(samples)) < len(samples):
        found.append("sample: one occurs twice")
    if not rows or len(rows[0]) < 2:
        found.append("no rows, or no column besides sample")
    if any(None in r or None in r.values() for r in rows):
        found.append("rows of different length")
    if isinstance(row.get("n"), int) and len(rows) > row["n"]:
        found.append(f"{len(rows)} rows, but the entry has n = {row['n']}")
    return found


def _rows(place: Traversable) -> list[dict[str, str]]:
    return list(csv.DictReader(place.read_text(encoding="utf-8").splitlines()))
